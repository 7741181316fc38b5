//! What a certificate in a `.crt` was evidently meant for, so that exactly one rule speaks of each that is no proper CA.

use crate::pki::extension::KeyUsage;
use crate::pki::{Certificate, Purpose};
use crate::rules::HostContext;
use crate::rules::certificate::anchors::Placed;

/// What a certificate in a `.crt` was evidently meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorKind {
    /// A CA: nothing to say.
    Authority,
    /// A CA that Go lets sign nothing, and what it lacks for that.
    Crippled(&'static str),
    /// A client certificate: CW102 speaks of it.
    Client,
    /// An end-entity whose key lies in the directory: CW102 and CW506 speak of it.
    WithKey,
    /// A server certificate, trusted for itself.
    Server,
}

impl AnchorKind {
    /// The kind of an anchor.
    pub fn of(context: &HostContext<'_>, anchor: &Placed<'_>) -> Self {
        let certificate = anchor.certificate;
        if certificate.purpose() == Purpose::Ca {
            // A self-signed server certificate with CA:TRUE has to sign nothing.
            let is_server = certificate.is_self_issued() && certificate.has_alternative_names();
            let is_able = certificate.may_sign_certificates() || is_server;
            return if is_able { Self::Authority } else { Self::Crippled("its key usage lacks keyCertSign") };
        }
        if certificate.version() < 3 && has_issued(context, certificate) {
            return Self::Authority;
        }
        if is_meant_as_authority(certificate) || has_issued(context, certificate) {
            return Self::Crippled("it lacks CA:TRUE");
        }
        if certificate.purpose() == Purpose::Client {
            Self::Client
        } else if context.key_of(certificate).is_some() {
            Self::WithKey
        } else {
            Self::Server
        }
    }
}

/// It may sign certificates by its key usage; or it is self-issued, restricted to nothing, and its name is no host's.
fn is_meant_as_authority(certificate: &Certificate) -> bool {
    let may_sign = certificate.key_usage().is_some_and(|usage| usage.contains(KeyUsage::CERT_SIGN));
    let is_plain = certificate.is_self_issued()
        && certificate.extended_key_usage().is_none()
        && !certificate.has_alternative_names();
    may_sign || (is_plain && certificate.display_name().contains(' '))
}

/// Tells whether another certificate of the directory is signed by this one.
fn has_issued(context: &HostContext<'_>, issuer: &Certificate) -> bool {
    context.files().flat_map(|(_, file)| context.certificates(file)).any(|(_, child)| {
        child.sha256() != issuer.sha256() && !child.is_self_issued() && context.verifier.issued(issuer, child)
    })
}
