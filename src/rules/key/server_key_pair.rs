//! CW506

use crate::finding::Severity;
use crate::finding::{Applicability, Fix};
use crate::model::File;
use crate::model::Role;
use crate::pki::Purpose;
use crate::rules::key::pairing::{certificates_of, is_orphan, is_servers, keys};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// The private key of the registry's own server certificate lies on a client.
    ///
    /// Guides tell to copy the registry's certificate *and key* into this directory, and a secret of Kubernetes comes with
    /// both. A client needs neither: it needs the CA. Whoever reads the key on any client can pose as the registry.
    ///
    /// A certificate counts as the server's own where it is made for servers alone (serverAuth without clientAuth), or for
    /// anything and names this directory's host.
    ///
    /// ## Engines
    /// As `NAME.cert` and `NAME.key`, Docker's login and pull both load it and present it as a client certificate, without a
    /// word. As `NAME.crt` and `NAME.key`, the login stops with `missing client certificate tls.cert for key tls.key`, and
    /// the pull trusts the certificate and passes over the key.
    ///
    /// ## Example
    /// `registry.example.com/registry.example.com.cert` and `registry.example.com.key`; `tls.crt` and `tls.key`.
    ///
    /// ## Fix
    /// Remove the key and the `.cert`, leave the CA as `.crt`, and have a new key made for the registry: the old one was
    /// copied about.
    ///
    /// ## Sources
    /// goharbor/website#336, harbor#17460, harbor#2452, k3s#1148; RFC 5280 section 4.2.1.12.
    pub ServerKeyPair = "CW506" "server-key-pair", Error
}

impl Rule for ServerKeyPair {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, file, key) in keys(context) {
            let certificates = || certificates_of(context, key).map(|(_, certificate)| certificate);
            if certificates().any(|certificate| certificate.purpose() == Purpose::Ca) {
                continue;
            }
            let Some(servers) = certificates().find(|certificate| is_servers(context, certificate)) else { continue };
            let stops = is_orphan(context.host, file);
            let message =
                format!("private key of the registry's server certificate {} lies here", servers.display_name());
            let draft = report
                .file(file, message)
                .severity(match (stops, file.is_leftover()) {
                    (true, _) => Severity::Error,
                    (false, true) => Severity::Info,
                    (false, false) => Severity::Warning,
                })
                .advice("remove the key and its certificate from this host, and leave the CA as .crt")
                .fixes(fix(context, file));
            if stops {
                draft.consequences(context.unused_at(index));
            } else if file.role() == Role::ClientKey && context.is_presented(servers) {
                draft.everywhere("presents it as the client's own");
            }
        }
    }
}

/// The key aside, with the certificate that engines pair it with.
fn fix(context: &HostContext<'_>, key: &File) -> Option<Fix> {
    let host = context.host;
    if key.is_leftover() || key.role() == Role::CaBundle || context.certificates(key).next().is_some() {
        return None;
    }
    let mut changes = vec![remedy::set_aside(host, &key.name)];
    let mut title = format!("set {} aside", key.name.to_string_lossy());
    if key.role() == Role::ClientKey
        && let Some((_, certificate)) = context.partner_of(key)
    {
        changes.push(remedy::set_aside(host, &certificate.name));
        title = format!("set {} and {} aside", certificate.name.to_string_lossy(), key.name.to_string_lossy());
    }
    Some(Fix::new(title, Applicability::Unsafe, changes))
}
