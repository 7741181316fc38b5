//! What is neither a certificate nor a private key, recognised by its content: requests, revocation lists, PKCS#7,
//! PKCS#12, public keys, web pages, other text.

use crate::pki::certificate::Certificate;
use crate::pki::der::{self, Reader};
use crate::pki::digest::{Digest, sha256};
use crate::pki::public_key::{self, PublicKeyKind};

/// A recognised structure.
#[derive(Debug)]
pub enum Container {
    /// A certificate signing request (RFC 2986)
    Request(Request),
    /// A certificate revocation list (RFC 5280 section 5)
    RevocationList,
    /// PKCS#7 / CMS signed data with the certificates that it holds (RFC 5652)
    Pkcs7(Vec<Certificate>),
    /// PKCS#12, which hides its content behind a passphrase (RFC 7292)
    Pkcs12,
    /// A public key
    PublicKey {
        /// Kind and size
        kind: PublicKeyKind,
        /// SHA-256 of its SubjectPublicKeyInfo
        spki_sha256: Digest,
    },
}

/// A certificate signing request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The subject as RFC 4514 text (foreign)
    pub subject: Box<str>,
    /// Kind and size of its key
    pub key: PublicKeyKind,
    /// SHA-256 of its SubjectPublicKeyInfo: equal to that of the key that waits for the certificate
    pub spki_sha256: Digest,
}

const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const PKCS7_ARC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];

/// Recognises DER that is neither a certificate nor a private key.
pub fn recognise(bytes: &[u8]) -> Option<Container> {
    if let Some(certificates) = pkcs7(bytes) {
        return Some(Container::Pkcs7(certificates));
    }
    if is_pkcs12(bytes) {
        return Some(Container::Pkcs12);
    }
    request(bytes)
        .map(Container::Request)
        .or_else(|| is_revocation_list(bytes).then_some(Container::RevocationList))
        .or_else(|| public_key(bytes))
}

fn pkcs7(bytes: &[u8]) -> Option<Vec<Certificate>> {
    let mut info = Reader::new(bytes).read_sequence()?;
    if info.read_oid()? != SIGNED_DATA {
        return None;
    }
    let mut data = Reader::new(info.read(der::constructed(0))?).read_sequence()?;
    data.read_i64()?;
    data.read(der::SET)?;
    data.read(der::SEQUENCE)?;
    let mut list = Reader::new(data.read_optional(der::constructed(0))?.unwrap_or_default());
    let mut certificates = Vec::new();
    while let Some(element) = list.read_any() {
        certificates.extend(Certificate::parse(element.full).ok());
    }
    Some(certificates)
}

/// PFX ::= SEQUENCE { version INTEGER (3), authSafe ContentInfo, … }
fn is_pkcs12(bytes: &[u8]) -> bool {
    let read = || {
        let mut pfx = Reader::new(bytes).read_sequence()?;
        let version = pfx.read_i64()?;
        let content_type = pfx.read_sequence()?.read_oid()?;
        Some(version == 3 && content_type.starts_with(PKCS7_ARC))
    };
    read().unwrap_or(false)
}

/// CertificationRequest ::= SEQUENCE { SEQUENCE { version, subject, spki, `[0]` attributes }, algorithm, signature }
fn request(bytes: &[u8]) -> Option<Request> {
    let mut outer = Reader::new(bytes).read_sequence()?;
    let mut info = outer.read_sequence()?;
    info.read_i64()?;
    let subject = info.read_element(der::SEQUENCE)?;
    let spki = info.read_element(der::SEQUENCE)?;
    info.read_optional(der::constructed(0))?;
    outer.read(der::SEQUENCE)?;
    outer.read_bit_string()?;
    let key = public_key::parse_spki(spki.content).unwrap_or(PublicKeyKind::Unknown);
    public_key::key_bytes(spki.full)?;
    let subject = crate::pki::name::Name::new(subject.full).to_string().into();
    Some(Request { subject, key, spki_sha256: sha256(spki.full) })
}

/// CertificateList ::= SEQUENCE { SEQUENCE { version?, algorithm, issuer, thisUpdate, … }, algorithm, signature }
fn is_revocation_list(bytes: &[u8]) -> bool {
    let read = || {
        let mut outer = Reader::new(bytes).read_sequence()?;
        let mut list = outer.read_sequence()?;
        if list.peek(der::INTEGER) {
            list.read_i64()?;
        }
        list.read_sequence()?.read_oid()?;
        list.read(der::SEQUENCE)?;
        outer.read_sequence()?.read_oid()?;
        Some(list.peek(der::UTC_TIME) || list.peek(der::GENERALIZED_TIME))
    };
    read().unwrap_or(false)
}

fn public_key(bytes: &[u8]) -> Option<Container> {
    let element = Reader::new(bytes).read_element(der::SEQUENCE)?;
    public_key::key_bytes(element.full)?;
    let kind = public_key::parse_spki(element.content).unwrap_or(PublicKeyKind::Unknown);
    Some(Container::PublicKey { kind, spki_sha256: sha256(element.full) })
}
