//! What somebody wants to have trusted: the certificates of a file, checked to be CAs.

use std::sync::Arc;

use thiserror::Error;

use crate::base::clock::Timestamp;
use crate::model::file::content_word;
use crate::pki::rewrite::pem_block;
use crate::pki::{self, Certificate, Interner, Item, Purpose, Validity};

/// Certificates that are to be trusted.
#[derive(Clone, Debug, Default)]
pub struct Authorities {
    /// They, in order, each once.
    pub certificates: Vec<Arc<Certificate>>,
}

/// Why a file cannot be trusted. Texts may hold foreign text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AuthorityError {
    /// There is no certificate in it.
    #[error("there is no certificate in it ({0})")]
    Nothing(String),
    /// Something in it cannot be read.
    #[error("the block at line {0} cannot be read")]
    Broken(u32),
    /// A private key is in it.
    #[error("it holds a private key, which belongs to nobody but its owner: give the certificates alone")]
    Key,
    /// Engines refuse one.
    #[error("engines refuse {0}: {1}")]
    Refused(String, String),
    /// One of them is no CA.
    #[error("{name} is no CA ({is}): it could be trusted for itself alone, until {until}")]
    NotACa {
        /// Its name
        name: String,
        /// What it is
        is: &'static str,
        /// The day on which it expires
        until: String,
    },
}

/// How strictly they are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// CAs alone
    Authorities,
    /// Whatever there is: a server's own certificate as well
    Pinned,
}

/// Reads PEM with as many certificates as there are, DER or PKCS#7.
///
/// # Errors
/// Where there is none, or one that cannot be meant.
pub fn read(bytes: &[u8], trust: Trust) -> Result<Authorities, AuthorityError> {
    let parsed = pki::parse(bytes, &Interner::default());
    let mut certificates: Vec<Arc<Certificate>> = Vec::new();
    for block in &parsed.blocks {
        let found: &[Arc<Certificate>] = match &block.item {
            Item::Certificate(certificate) => std::slice::from_ref(certificate),
            Item::Pkcs7(certificates) => certificates,
            Item::PrivateKey(_) => return Err(AuthorityError::Key),
            Item::Broken => return Err(AuthorityError::Broken(block.line)),
            _ => &[],
        };
        for certificate in found {
            if !certificates.iter().any(|known| known.sha256() == certificate.sha256()) {
                certificates.push(Arc::clone(certificate));
            }
        }
    }
    if certificates.is_empty() {
        return Err(AuthorityError::Nothing(content_word(&parsed)));
    }
    certificates.iter().try_for_each(|certificate| check(certificate, trust))?;
    Ok(Authorities { certificates })
}

impl Authorities {
    /// What becomes trusted, and until when: a sentence each, which may hold foreign text.
    pub fn notes(&self, now: Timestamp) -> Vec<String> {
        self.certificates.iter().map(|certificate| note(certificate, now)).collect()
    }

    /// All of them as the bytes of one file.
    pub fn bundle(&self) -> Vec<u8> {
        self.files().concat()
    }

    /// Each of them as the bytes of a file.
    pub fn files(&self) -> Vec<Vec<u8>> {
        self.certificates.iter().map(|certificate| pem_block("CERTIFICATE", certificate.der()).to_vec()).collect()
    }
}

fn check(certificate: &Certificate, trust: Trust) -> Result<(), AuthorityError> {
    let name = certificate.display_name();
    if let Some(refusal) = certificate.refusal() {
        return Err(AuthorityError::Refused(name, refusal.text.clone().into_owned()));
    }
    if certificate.may_sign_certificates() || trust == Trust::Pinned {
        return Ok(());
    }
    let is = match certificate.purpose() {
        Purpose::Ca => "its key usage forbids it to sign certificates",
        Purpose::Client => "a client's certificate",
        Purpose::Server => "a server's certificate",
        Purpose::EndEntity => "an end-entity's certificate",
    };
    Err(AuthorityError::NotACa { name, is, until: certificate.not_after().date() })
}

fn note(certificate: &Certificate, now: Timestamp) -> String {
    let (name, until) = (certificate.display_name(), certificate.not_after().date());
    match certificate.validity(now) {
        Validity::Expired => format!("{name} expired on {until}: nothing is trusted by it"),
        Validity::NotYet => format!("{name} is trusted from {} on", certificate.not_before().rfc3339()),
        Validity::Valid if certificate.may_sign_certificates() => format!("{name} is trusted until {until}"),
        Validity::Valid => format!("{name} is trusted for itself alone, until {until}; one that is renewed is not"),
    }
}
