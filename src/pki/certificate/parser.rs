//! Reads a certificate as Go does.
//!
//! It accepts and refuses what Go's `crypto/x509` accepts and refuses, with Go's error texts, since that decides what an
//! engine loads. Where Go refuses for what a field *says* (a negative serial, an unknown curve), the record is made all the
//! same and carries the refusal, so that the certificate can be shown.
//!
//! Source: Go 1.26 `src/crypto/x509/parser.go`, `parseCertificate`; RFC 5280 section 4.1.

use super::Certificate;
use crate::base::clock::Timestamp;
use crate::pki::der::{self, Reader, span};
use crate::pki::digest::{Digest, sha256};
use crate::pki::extension::{self, Extensions};
use crate::pki::name::Name;
use crate::pki::public_key::{self, PublicKeyKind};
use crate::pki::refusal::Refusal;
use crate::pki::signature::SignatureAlgorithm;

/// Reads one certificate and nothing else from `der`, whose SHA-256 is known.
///
/// # Errors
/// Go's refusal where the structure is so broken that there is nothing to show.
pub(super) fn parse(der: &[u8], sha256: Digest) -> Result<Certificate, Refusal> {
    let mut parser = Parser { der, sha256, refusal: None };
    let parsed = parser.certificate();
    match (parsed, parser.refusal) {
        (Ok(certificate), refusal) => Ok(Certificate { refusal, ..certificate }),
        (Err(_), Some(first)) => Err(*first),
        (Err(refusal), None) => Err(refusal),
    }
}

struct Parser<'a> {
    der: &'a [u8],
    sha256: Digest,
    refusal: Option<Box<Refusal>>,
}

impl<'a> Parser<'a> {
    fn certificate(&mut self) -> Result<Certificate, Refusal> {
        let malformed = || Refusal::new("x509: malformed certificate");
        let mut input = Reader::new(self.der);
        let whole = input.read_element(der::SEQUENCE).ok_or_else(malformed)?;
        let trailing = !input.is_empty();
        let mut outer = Reader::new(whole.content);
        let tbs = need(outer.read_element(der::SEQUENCE), "x509: malformed tbs certificate")?;
        let mut body = Reader::new(tbs.content);

        let version = self.version(&mut body)?;
        let serial = need(body.read_integer(), "x509: malformed serial number")?;
        if serial.first().is_some_and(|byte| byte & 0x80 != 0) {
            self.refuse_since("x509: negative serial number", 23);
        }
        let inner_algorithm = need(body.read(der::SEQUENCE), "x509: malformed signature algorithm identifier")?;
        let outer_algorithm = need(outer.read(der::SEQUENCE), "x509: malformed algorithm identifier")?;
        if inner_algorithm != outer_algorithm {
            self.refuse("x509: inner and outer signature algorithm identifiers don't match");
        }
        let signature_algorithm = self.signature_algorithm(inner_algorithm);
        let issuer = need(body.read_element(der::SEQUENCE), "x509: malformed issuer")?;
        self.name(issuer.full);
        let (not_before, not_after) = validity(need(body.read_sequence(), "x509: malformed validity")?)?;
        let subject = need(body.read_element(der::SEQUENCE), "x509: malformed issuer")?;
        self.name(subject.full);
        let spki = need(body.read_element(der::SEQUENCE), "x509: malformed spki")?;
        let public_key = self.take(public_key::parse_spki(spki.content)).unwrap_or(PublicKeyKind::Unknown);
        let extensions = if version > 1 { self.optional_fields(&mut body, version) } else { Extensions::default() };
        let signature = need(outer.read_bit_string(), "x509: malformed signature")?;
        if trailing {
            self.refuse("x509: trailing data");
        }

        let base = self.der;
        let at = |part: &[u8]| span(base, part);
        Ok(Certificate {
            sha256: self.sha256,
            spki_sha256: sha256(spki.full),
            not_before,
            not_after,
            tbs: at(tbs.full),
            serial: at(serial),
            issuer: at(issuer.full),
            subject: at(subject.full),
            spki: at(spki.full),
            signature: at(signature.bytes),
            signature_algorithm,
            public_key,
            version,
            extensions,
            refusal: None,
            der: base.into(),
        })
    }

    fn version(&mut self, body: &mut Reader<'a>) -> Result<u8, Refusal> {
        let malformed = "x509: malformed version";
        let Some(content) = need(body.read_optional(der::constructed(0)), malformed)? else { return Ok(1) };
        let mut field = Reader::new(content);
        let version = need(field.read_i64().filter(|version| *version >= 0), malformed)?;
        if !field.is_empty() {
            return Err(Refusal::new(malformed));
        }
        if version > 2 {
            self.refuse("x509: invalid version");
        }
        Ok(u8::try_from(version.saturating_add(1)).unwrap_or(u8::MAX))
    }

    fn signature_algorithm(&mut self, identifier: &'a [u8]) -> SignatureAlgorithm {
        let mut fields = Reader::new(identifier);
        let Some(oid) = fields.read_oid() else {
            self.refuse("x509: malformed OID");
            return SignatureAlgorithm::Unknown;
        };
        let parameters = fields.rest();
        if !fields.is_empty() && fields.read_any().is_none() {
            self.refuse("x509: malformed parameters");
        }
        SignatureAlgorithm::from_identifier(oid, parameters)
    }

    fn name(&mut self, full: &'a [u8]) {
        if let Err(refusal) = Name::new(full).check() {
            self.note(refusal);
        }
    }

    /// The unique identifiers and the extensions. A defect here leaves what was read before it.
    fn optional_fields(&mut self, body: &mut Reader<'a>, version: u8) -> Extensions {
        let mut extensions = Extensions::default();
        for (number, text) in [(1, "x509: malformed issuerUniqueID"), (2, "x509: malformed subjectUniqueID")] {
            if body.read_optional(der::context(number)).is_none() {
                self.refuse(text);
                return extensions;
            }
        }
        if version != 3 {
            return extensions;
        }
        match body.read_optional(der::constructed(3)).ok_or("x509: malformed extensions") {
            Err(text) => self.refuse(text),
            Ok(None) => {}
            Ok(Some(content)) => {
                if let Err(refusal) = extension::parse_all(self.der, content, &mut extensions) {
                    self.note(refusal);
                }
            }
        }
        extensions
    }

    fn take<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        result.map_err(|refusal| self.note(refusal)).ok()
    }

    fn refuse(&mut self, text: &'static str) {
        self.refuse_since(text, 0);
    }

    fn refuse_since(&mut self, text: &'static str, since_go: u8) {
        self.note(Refusal::since(text, since_go));
    }

    /// Keeps the first refusal, which is the one that Go reports.
    fn note(&mut self, refusal: Refusal) {
        if self.refusal.is_none() {
            self.refusal = Some(Box::new(refusal));
        }
    }
}

fn need<T>(part: Option<T>, text: &'static str) -> Result<T, Refusal> {
    part.ok_or_else(|| Refusal::new(text))
}

fn validity(mut fields: Reader<'_>) -> Result<(Timestamp, Timestamp), Refusal> {
    Ok((time(&mut fields)?, time(&mut fields)?))
}

fn time(fields: &mut Reader<'_>) -> Result<Timestamp, Refusal> {
    if fields.peek(der::UTC_TIME) {
        need(fields.read(der::UTC_TIME).and_then(der::utc_time), "x509: malformed UTCTime")
    } else if fields.peek(der::GENERALIZED_TIME) {
        need(fields.read(der::GENERALIZED_TIME).and_then(der::generalized_time), "x509: malformed GeneralizedTime")
    } else {
        Err(Refusal::new("x509: unsupported time format"))
    }
}
