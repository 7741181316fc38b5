//! What is in a file, part by part, each with what it takes to write it down somewhere else.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::pki::key::{self, PrivateKey};
use crate::pki::rewrite::{RewriteError, decrypt, pem_block, piece};
use crate::pki::{Certificate, Interner, Request, container};

/// One part of a file.
pub enum Part {
    /// A certificate
    Certificate(Arc<Certificate>),
    /// A private key, without encryption
    Key(KeyPart),
    /// A certificate signing request
    Request(Box<Request>),
    /// Something else, by its PEM label. Foreign text.
    Other(String),
}

/// A private key with its secret.
pub struct KeyPart {
    /// What is known of it.
    pub key: PrivateKey,
    /// It as PEM that every engine reads.
    pub pem: Zeroizing<Vec<u8>>,
}

impl KeyPart {
    /// A key out of its DER; `None` where that is none.
    pub fn new(label: &str, der: &[u8]) -> Option<Self> {
        let key = key::parse(der, false).filter(|key| !key.encrypted)?;
        Some(Self { key, pem: pem_block(label, der) })
    }
}

/// The parts of a file, in order: PEM, DER, PKCS#7. The passphrase is for encrypted keys.
///
/// # Errors
/// Where there is nothing in it, something is damaged, or the passphrase is missing or wrong.
pub fn parts(bytes: &[u8], passphrase: Option<&str>, interner: &Interner) -> Result<Vec<Part>, RewriteError> {
    let mut parts = Vec::new();
    for piece in piece::read(bytes)? {
        let piece = decrypt::decrypted(piece, passphrase)?;
        parts.push(if piece.is_certificate() {
            match interner.certificate(&piece.der) {
                Ok(certificate) => Part::Certificate(certificate),
                Err(_) => Part::Other(piece.label),
            }
        } else if piece.is_key() {
            KeyPart::new(&piece.label, &piece.der).map_or(Part::Other(piece.label), Part::Key)
        } else {
            match container::recognise(&piece.der) {
                Some(container::Container::Request(request)) => Part::Request(Box::new(request)),
                _ => Part::Other(piece.label),
            }
        });
    }
    Ok(parts)
}
