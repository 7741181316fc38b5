//! One X.509 certificate as a compact record: its DER, where the parts stand in it, and what is asked for often.
//!
//! How it is read, and refused, is in `parser`; the full view of every extension in [`crate::pki::details`].

mod parser;

use aws_lc_rs::digest;

use crate::base::clock::Timestamp;
use crate::pki::der::Span;
use crate::pki::digest::{Digest, sha256};
use crate::pki::extension::{self, BasicConstraints, ExtendedKeyUsage, Extensions, KeyUsage};
use crate::pki::name::{AltName, Name};
use crate::pki::public_key::PublicKeyKind;
use crate::pki::refusal::Refusal;
use crate::pki::signature::SignatureAlgorithm;

/// A certificate. About 150 bytes beside its DER; what else it says is read from the DER when asked.
#[derive(Debug)]
pub struct Certificate {
    der: Box<[u8]>,
    sha256: Digest,
    spki_sha256: Digest,
    not_before: Timestamp,
    not_after: Timestamp,
    tbs: Span,
    serial: Span,
    issuer: Span,
    subject: Span,
    spki: Span,
    signature: Span,
    signature_algorithm: SignatureAlgorithm,
    public_key: PublicKeyKind,
    version: u8,
    extensions: Extensions,
    refusal: Option<Box<Refusal>>,
}

/// What a certificate is made for, by its content alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// It may sign other certificates: CA:TRUE, or X.509 version 1 and self-issued.
    Ca,
    /// An end-entity for servers (serverAuth without clientAuth).
    Server,
    /// An end-entity for clients (clientAuth without serverAuth).
    Client,
    /// An end-entity for both, or with no restriction.
    EndEntity,
}

impl Purpose {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ca => "CA",
            Self::Server => "server",
            Self::Client => "client",
            Self::EndEntity => "end-entity",
        }
    }
}

/// Where a moment lies in the validity of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Validity {
    /// Before not-before.
    NotYet,
    /// Within.
    Valid,
    /// After not-after.
    Expired,
}

impl Certificate {
    /// Reads one certificate and nothing else from `der`.
    ///
    /// # Errors
    /// The refusal of Go's parser where the structure is so broken that there is nothing to show.
    pub fn parse(der: &[u8]) -> Result<Self, Refusal> {
        Self::parse_hashed(der, sha256(der))
    }

    /// [`Certificate::parse`] where the SHA-256 of `der` is known already.
    pub(crate) fn parse_hashed(der: &[u8], sha256: Digest) -> Result<Self, Refusal> {
        parser::parse(der, sha256)
    }

    /// The whole certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the DER: the fingerprint that people compare.
    pub fn sha256(&self) -> &Digest {
        &self.sha256
    }

    /// SHA-1 of the DER, which older tools print.
    pub fn sha1(&self) -> [u8; 20] {
        let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &self.der);
        digest.as_ref().try_into().unwrap_or_default()
    }

    /// SHA-256 of the SubjectPublicKeyInfo: equal for a certificate and its key (the "SPKI pin" of RFC 7469).
    pub fn spki_sha256(&self) -> &Digest {
        &self.spki_sha256
    }

    /// The SubjectPublicKeyInfo in DER.
    pub fn spki(&self) -> &[u8] {
        self.part(&self.spki)
    }

    /// The first moment at which it is valid.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// The last moment at which it is valid.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Where `now` lies in its validity (RFC 5280 section 4.1.2.5: both ends inclusive).
    pub fn validity(&self, now: Timestamp) -> Validity {
        if now < self.not_before {
            Validity::NotYet
        } else if now > self.not_after {
            Validity::Expired
        } else {
            Validity::Valid
        }
    }

    /// X.509 version as people count: 1, 2 or 3.
    pub fn version(&self) -> u8 {
        self.version
    }

    /// The serial number, content octets of its INTEGER (big-endian, two's complement).
    pub fn serial(&self) -> &[u8] {
        self.part(&self.serial)
    }

    /// Whom it was issued to.
    pub fn subject(&self) -> Name<'_> {
        Name::new(self.part(&self.subject))
    }

    /// Who issued it.
    pub fn issuer(&self) -> Name<'_> {
        Name::new(self.part(&self.issuer))
    }

    /// Subject alternative names, in order.
    pub fn alternative_names(&self) -> impl Iterator<Item = AltName<'_>> {
        extension::alternative_names(self.alternative_names_der().unwrap_or_default())
    }

    /// The GeneralNames of the extension in DER.
    pub fn alternative_names_der(&self) -> Option<&[u8]> {
        self.extensions.alternative_names.as_ref().map(|span| self.part(span))
    }

    /// Tells whether there is a subject alternative name that Go takes (DNS, e-mail, IP or URI).
    pub fn has_alternative_names(&self) -> bool {
        self.alternative_names().any(|name| !matches!(name, AltName::Other(_)))
    }

    /// Tells whether an alternative name covers a host (a DNS name or an IP address), as Go matches them: a wildcard stands
    /// for the whole first label.
    pub fn names_host(&self, host: &str) -> bool {
        let address = host.parse::<std::net::IpAddr>().ok();
        self.alternative_names().any(|name| match (&name, address) {
            (AltName::Ip(_), Some(address)) => name.value().parse() == Ok(address),
            (AltName::Dns(_), None) => {
                let pattern = name.value();
                let rest = |name: &str| name.split_once('.').map(|(_, rest)| rest.to_ascii_lowercase());
                let by_wildcard = pattern.starts_with("*.") && rest(&pattern) == rest(host);
                by_wildcard || pattern.eq_ignore_ascii_case(host)
            }
            _ => false,
        })
    }

    /// Kind and size of the public key.
    pub fn public_key(&self) -> PublicKeyKind {
        self.public_key
    }

    /// How the issuer signed it.
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.signature_algorithm
    }

    /// The bytes that the issuer signed.
    pub fn tbs(&self) -> &[u8] {
        self.part(&self.tbs)
    }

    /// The issuer's signature.
    pub fn signature(&self) -> &[u8] {
        self.part(&self.signature)
    }

    /// The basic constraints, where it has that extension.
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.extensions.basic_constraints
    }

    /// The key usage, where it has that extension.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.extensions.key_usage
    }

    /// The extended key usage, where it has that extension.
    pub fn extended_key_usage(&self) -> Option<ExtendedKeyUsage> {
        self.extensions.extended_key_usage
    }

    /// The subject key identifier.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.extensions.subject_key_id.as_ref().map(|span| self.part(span))
    }

    /// The key identifier of the authority key identifier.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.extensions.authority_key_id.as_ref().map(|span| self.part(span))
    }

    /// Tells whether it restricts the names that it may sign for.
    pub fn has_name_constraints(&self) -> bool {
        self.extensions.has_name_constraints
    }

    /// Tells whether a critical extension is unknown to Go, which then trusts no chain through it.
    pub fn has_unhandled_critical_extension(&self) -> bool {
        self.extensions.unhandled_critical
    }

    /// Why Go refuses it, if Go does.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_deref()
    }

    /// Tells whether subject and issuer are the same name (RFC 5280 section 3.2: "self-issued").
    pub fn is_self_issued(&self) -> bool {
        self.subject().der() == self.issuer().der()
    }

    /// Tells whether it may sign other certificates as Go sees it: CA:TRUE with, where there is a key usage, keyCertSign;
    /// or a version without extensions (Go 1.26 `verify.go`, `CheckSignatureFrom`).
    pub fn may_sign_certificates(&self) -> bool {
        if self.version < 3 {
            return true;
        }
        self.basic_constraints().is_some_and(|constraints| constraints.ca)
            && self.key_usage().is_none_or(|usage| usage.contains(KeyUsage::CERT_SIGN))
    }

    /// What it is made for.
    pub fn purpose(&self) -> Purpose {
        let is_ca = match self.basic_constraints() {
            Some(constraints) => constraints.ca,
            None => self.version < 3 && self.is_self_issued(),
        };
        if is_ca {
            return Purpose::Ca;
        }
        match self.extended_key_usage() {
            Some(usage) if usage.allows_client() == usage.allows_server() => Purpose::EndEntity,
            Some(usage) if usage.allows_client() => Purpose::Client,
            Some(_) => Purpose::Server,
            None => Purpose::EndEntity,
        }
    }

    /// The name that a person would call it by: the subject's common name, else an alternative name, else the subject.
    pub fn display_name(&self) -> String {
        if let Some(name) = self.subject().common_name() {
            return name.into_owned();
        }
        if let Some(name) = self.alternative_names().next() {
            return name.value();
        }
        self.subject().to_string()
    }

    fn part(&self, span: &Span) -> &[u8] {
        self.der.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}
