//! CW502

use crate::finding::{Applicability, Fix};
use crate::model::{File, Role};
use crate::pki::{Certificate, PrivateKey, Purpose};
use crate::rules::key::pairing::{belongs, certificates_of, is_orphan, is_servers, with_open_key};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A key has no client certificate beside it.
    ///
    /// Docker's login stops at a `NAME.key` without a `NAME.cert`, whatever is in it, and everything else in the directory
    /// is for nothing. Mostly the certificate is there under the name `NAME.crt`, or the key was left behind when its
    /// certificate was renewed or removed.
    ///
    /// Where the key is a CA's, CW507 speaks of it, and where it is the registry server's own, CW506.
    ///
    /// ## Engines
    /// Docker's login stops with `missing client certificate client.cert for key client.key`. Its pull (28 and later) passes
    /// over the key, and sends no client certificate.
    ///
    /// ## Example
    /// `client.crt` and `client.key`; or `client-old.key` alone.
    ///
    /// ## Fix
    /// Rename the certificate: `mv client.crt client.cert`. A key that nothing needs is best moved out of the directory.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containers/image#291, notary#1267, distribution#1371,
    /// harbor#13870.
    pub OrphanKey = "CW502" "orphan-key", Error
}

impl Rule for OrphanKey {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, file) in context.files().filter(|(_, file)| is_orphan(context.host, file)) {
            let key = file.parsed().and_then(|parsed| parsed.private_keys().next());
            if key.is_some_and(|key| is_told_elsewhere(context, key)) {
                continue;
            }
            let name = file.name.to_string_lossy();
            let certificate = format!("{}.cert", file.stem().to_string_lossy());
            let (found, advice) = match certificate_file(context, file, key) {
                Some(found) => {
                    let found = found.name.to_string_lossy();
                    (format!("; its certificate is in {found}"), format!("rename {found} to {certificate}"))
                }
                None => (String::new(), format!("move {name} out of this directory, or put {certificate} beside it")),
            };
            report
                .file(file, format!("key {name} has no client certificate {certificate}{found}"))
                .consequences(context.unused_at(index))
                .advice(advice)
                .fixes(fix(context, file, certificate_file(context, file, key)));
        }
    }
}

/// The certificate under the name that is looked for; a key that nothing needs aside.
fn fix(context: &HostContext<'_>, key: &File, certificate: Option<&File>) -> Option<Fix> {
    let host = context.host;
    let Some(certificate) = certificate.filter(|certificate| certificate.name != key.name) else {
        return Some(remedy::aside_fix(host, key, Applicability::Safe));
    };
    let target = format!("{}.cert", key.stem().to_str()?);
    let title = format!("rename {} to {target}{}", certificate.name.to_string_lossy(), remedy::as_pem(certificate));
    with_open_key(context, key, Fix::new(title, Applicability::Safe, remedy::rename(host, certificate, &target)))
}

/// It is a CA's or the server's key, or the one that a `.cert` lacks: then another rule speaks of the same cause.
fn is_told_elsewhere(context: &HostContext<'_>, key: &PrivateKey) -> bool {
    certificates_of(context, key).any(|(file, certificate)| {
        let is_secret = certificate.purpose() == Purpose::Ca || is_servers(context, certificate);
        is_secret || (file.role() == Role::ClientCertificate && lacks_key(context, file, certificate))
    })
}

fn lacks_key(context: &HostContext<'_>, file: &File, certificate: &Certificate) -> bool {
    let key = context.partner_of(file).and_then(|(_, partner)| partner.parsed()?.private_keys().next());
    !key.is_some_and(|key| belongs(key, certificate))
}

/// The file of its certificate that could take the name which is looked for: by key or, where that is hidden, by stem.
fn certificate_file<'a>(context: &HostContext<'a>, file: &File, key: Option<&'a PrivateKey>) -> Option<&'a File> {
    match key {
        Some(key) if key.spki().is_some() => {
            let mut files = certificates_of(context, key).map(|(file, _)| file);
            files.find(|file| file.role() != Role::ClientCertificate)
        }
        _ => {
            let stem = format!("{}.crt", file.stem().to_string_lossy());
            let found = context.host.file(stem.as_ref())?;
            let is_leaf = context.certificates(found).next().is_some_and(|(_, first)| first.purpose() != Purpose::Ca);
            is_leaf.then_some(found)
        }
    }
}
