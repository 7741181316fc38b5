//! CW507

use crate::finding::Severity;
use crate::finding::{Applicability, Fix};
use crate::model::File;
use crate::model::Role;
use crate::pki::Purpose;
use crate::rules::key::pairing::{certificates_of, is_clients_own, is_orphan, keys};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// The private key of a CA lies on a client.
    ///
    /// Whoever reads it can issue certificates for every host that trusts the CA. Clients need the CA's certificate and
    /// never its key. Besides, its name often makes an engine stop. A key inside a `.crt` is CW509.
    ///
    /// ## Engines
    /// As `ca.key` without `ca.cert`, Docker's login stops with `missing client certificate ca.cert for key ca.key`; its
    /// pull passes over it. With `ca.cert` beside it, both present the CA as a client certificate. Under another name no
    /// engine reads it.
    ///
    /// ## Example
    /// `ca.crt` and `ca.key`, copied together from the machine where the CA was made.
    ///
    /// ## Fix
    /// Move the key back to where the CA is kept, and remove it here. Where others could read it, make a new CA.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; distribution#1371, notary#1267.
    pub CaPrivateKey = "CW507" "ca-private-key", Error
}

impl Rule for CaPrivateKey {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, file, key) in keys(context).filter(|(_, file, _)| file.role() != Role::CaBundle) {
            let mut certificates = certificates_of(context, key).map(|(_, certificate)| certificate);
            let Some(ca) = certificates.find(|certificate| certificate.purpose() == Purpose::Ca) else { continue };
            let stops = is_orphan(context.host, file);
            let draft = report
                .file(file, format!("private key of CA {} lies here", ca.display_name()))
                .severity(match (stops, file.is_leftover()) {
                    (true, _) => Severity::Error,
                    (false, true) => Severity::Info,
                    (false, false) if is_clients_own(context, file, ca) => Severity::Info,
                    (false, false) => Severity::Warning,
                })
                .advice(format!("move {} to where the CA is kept, and remove it here", file.name.to_string_lossy()))
                .fixes(fix(context, file));
            if stops {
                draft.consequences(context.unused_at(index));
            } else if context.is_presented(ca) {
                draft.everywhere("presents the CA as a client certificate");
            }
        }
    }
}

/// The key aside; a certificate that engines pair it with is a CA, and gets the name of one.
fn fix(context: &HostContext<'_>, key: &File) -> Option<Fix> {
    let host = context.host;
    if key.is_leftover() || context.certificates(key).next().is_some() {
        return None;
    }
    let mut changes = vec![remedy::set_aside(host, &key.name)];
    let mut title = format!("set {} aside", key.name.to_string_lossy());
    if key.role() == Role::ClientKey
        && let Some((_, certificate)) = context.partner_of(key)
    {
        let target = format!("{}.crt", host.free_stem(certificate.stem().to_str()?, &[".crt"]));
        changes.extend(remedy::rename(host, certificate, &target));
        title = format!("{title}, and rename {} to {target}", certificate.name.to_string_lossy());
    }
    Some(Fix::new(title, Applicability::Unsafe, changes))
}
