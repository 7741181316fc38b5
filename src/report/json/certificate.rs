//! A certificate in JSON.

use serde::Serialize;

use crate::pki::chain::Verifier;
use crate::pki::{Certificate, details};
use crate::report::json::hex;
use crate::report::scene::Scene;
use crate::report::state::State;

/// A certificate.
#[derive(Clone, Debug, Serialize)]
pub struct CertificateJson {
    /// Subject, RFC 4514
    pub subject: String,
    /// Issuer, RFC 4514
    pub issuer: String,
    /// The subject's common name, "" where it has none
    pub common_name: String,
    /// Hexadecimal
    pub serial: String,
    /// X.509 version, from 1
    pub version: u8,
    /// "CA", "server", "client" or "end-entity"
    pub purpose: &'static str,
    /// RFC 3339
    pub not_before: String,
    /// RFC 3339
    pub not_after: String,
    /// "valid", "expiring", "expired" or "not-yet-valid"
    pub state: &'static str,
    /// Whole days until not-after, negative once it has passed
    pub days_left: i64,
    /// Subject alternative names
    pub alternative_names: Vec<AlternativeNameJson>,
    /// Basic constraints, where there are any
    pub basic_constraints: Option<BasicConstraintsJson>,
    /// Names of the bits, where there is a key usage
    pub key_usage: Option<Vec<&'static str>>,
    /// serverAuth, clientAuth …, where there is an extended key usage
    pub extended_key_usage: Option<Vec<&'static str>>,
    /// Kind and size of its key
    pub key: String,
    /// How it is signed
    pub signature_algorithm: &'static str,
    /// SHA-256 of the DER
    pub sha256: String,
    /// SHA-1 of the DER
    pub sha1: String,
    /// SHA-256 of the SubjectPublicKeyInfo
    pub spki_sha256: String,
    /// Subject and issuer are one name
    pub self_issued: bool,
    /// Self-issued, and the signature is its own key's
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_signed: Option<bool>,
    /// Why Go refuses it, if Go does
    pub refusal: Option<String>,
    /// All extensions in words
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Vec<ExtensionJson>>,
}

/// A subject alternative name.
#[derive(Clone, Debug, Serialize)]
pub struct AlternativeNameJson {
    /// "DNS", "IP" …
    pub kind: &'static str,
    /// Its value
    pub value: String,
}

/// Basic constraints.
#[derive(Clone, Debug, Serialize)]
pub struct BasicConstraintsJson {
    /// It may issue certificates
    pub ca: bool,
    /// How many intermediate certificates may follow
    pub path_length: Option<u32>,
}

/// An extension.
#[derive(Clone, Debug, Serialize)]
pub struct ExtensionJson {
    /// Its name, or its OID
    pub name: String,
    /// Whoever does not know it must refuse the certificate
    pub critical: bool,
    /// What it says
    pub values: Vec<String>,
}

impl CertificateJson {
    /// What the compact record of a certificate says.
    pub fn brief(scene: &Scene<'_>, certificate: &Certificate) -> Self {
        let names = certificate.alternative_names();
        Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            common_name: certificate.subject().common_name().unwrap_or_default().into_owned(),
            serial: hex(certificate.serial()),
            version: certificate.version(),
            purpose: certificate.purpose().word(),
            not_before: certificate.not_before().rfc3339(),
            not_after: certificate.not_after().rfc3339(),
            state: State::of(certificate, scene.now, scene.expires_within).word(),
            days_left: scene.now.days_until(certificate.not_after()),
            alternative_names: names
                .map(|name| AlternativeNameJson { kind: name.kind(), value: name.value() })
                .collect(),
            basic_constraints: certificate
                .basic_constraints()
                .map(|constraints| BasicConstraintsJson { ca: constraints.ca, path_length: constraints.path_length }),
            key_usage: certificate.key_usage().map(|usage| usage.names().collect()),
            extended_key_usage: certificate.extended_key_usage().map(purposes),
            key: certificate.public_key().describe(),
            signature_algorithm: certificate.signature_algorithm().name(),
            sha256: hex(certificate.sha256()),
            sha1: hex(&certificate.sha1()),
            spki_sha256: hex(certificate.spki_sha256()),
            self_issued: certificate.is_self_issued(),
            self_signed: None,
            refusal: certificate.refusal().map(|refusal| refusal.text.clone().into_owned()),
            extensions: None,
        }
    }

    /// All of it: the extensions in words, the signature verified.
    pub fn full(scene: &Scene<'_>, certificate: &Certificate) -> Self {
        let extensions = details::extensions(certificate).ok().map(|extensions| {
            let extension = |detail: details::ExtensionDetail| ExtensionJson {
                name: detail.name,
                critical: detail.critical,
                values: detail.lines,
            };
            extensions.into_iter().map(extension).collect()
        });
        let self_signed = Some(Verifier::default().is_self_signed(certificate));
        Self { extensions, self_signed, ..Self::brief(scene, certificate) }
    }
}

fn purposes(usage: crate::pki::extension::ExtendedKeyUsage) -> Vec<&'static str> {
    let named = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.other, "other"),
    ];
    named.into_iter().filter(|(set, _)| *set).map(|(_, name)| name).collect()
}
