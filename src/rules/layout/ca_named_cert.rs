//! CW101

use crate::finding::{Applicability, Fix, Severity};
use crate::model::{File, Role};
use crate::pki::Purpose;
use crate::rules::key::pairing::{Fault, Pair, is_clients_own};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A CA certificate has a name that ends in `.cert`.
    ///
    /// Engines take `*.crt` for CA certificates and `*.cert` for client certificates, and look at the name alone. A CA
    /// saved as `.cert` is no trust anchor, and it makes the engine look for its key, which is not there: everything
    /// that concerns this registry fails, pulls from a server with a public certificate too.
    ///
    /// ## Engines
    /// Docker's login stops with `missing key ca.key for client certificate ca.cert. CA certificates must use the
    /// extension .crt`; its pull (28 and later) with `failed to load X509 key pair: tls: found a certificate rather
    /// than a key in the PEM for the private key`. Where the CA's key lies beside it, the CA is *presented as a client
    /// certificate*. That is meant, and no more than worth knowing, where the certificate signs itself and its file is not
    /// called like a CA: `openssl req -x509`, with which Docker's documentation makes a client certificate, says CA:TRUE.
    ///
    /// ## Example
    /// `registry.example.com:5000/ca.cert` holds a certificate with CA:TRUE.
    ///
    /// ## Fix
    /// Rename it: `mv ca.cert ca.crt`.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containerd 2.x
    /// `core/remotes/docker/config/hosts.go`, `loadCertFiles`; shiftstack/dev-install#30, moby#19511.
    pub CaNamedCert = "CW101" "ca-named-cert", Error
}

impl Rule for CaNamedCert {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, file) in context.files().filter(|(_, file)| file.role() == Role::ClientCertificate) {
            let Some(first) = context.certificates(file).next().map(|(_, first)| first) else { continue };
            let is_front_of_chain = || matches!(pair_fault(context, index, file), Some(Fault::Order(_)));
            if first.purpose() != Purpose::Ca || is_front_of_chain() {
                continue;
            }
            let name = file.name.to_string_lossy();
            let stem = file.stem().to_string_lossy();
            let mut draft = report
                .file(file, format!("CA certificate {} is named as a client certificate", first.display_name()))
                .consequences(context.fatal_at(index));
            for engine in context.presenters(first) {
                draft = draft.consequence(engine, "does not trust it, and presents it as a client certificate");
            }
            if is_clients_own(context, file, first) {
                draft = draft.severity(Severity::Info);
            }
            draft.advice(format!("rename {name} to {stem}.crt")).fixes(fixes(context, file));
        }
    }
}

/// The new name. A key of the same stem would be left without its certificate, at which engines stop.
fn fixes(context: &HostContext<'_>, file: &File) -> Option<Fix> {
    let (host, name) = (context.host, file.name.to_string_lossy());
    let target = format!("{}.crt", host.free_stem(file.stem().to_str()?, &[".crt"]));
    let mut changes = remedy::rename(host, file, &target);
    let title = format!("rename {name} to {target}{}", remedy::as_pem(file));
    Some(match context.partner_of(file) {
        None => Fix::new(title, Applicability::Safe, changes),
        Some((_, key)) => {
            changes.push(remedy::set_aside(host, &key.name));
            let title = format!("{title}, and set its key {} aside", key.name.to_string_lossy());
            Fix::new(title, Applicability::Unsafe, changes)
        }
    })
}

/// A CA in front of the client certificate that the key belongs to is a matter of order: CW401.
fn pair_fault<'a>(context: &HostContext<'a>, index: usize, file: &'a File) -> Option<Fault<'a>> {
    Pair::of(context, index, file)?.fault()
}
