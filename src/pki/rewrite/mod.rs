//! The bytes of a file made anew: as engines read them, in parts, in another order.

mod decrypt;
pub mod part;
mod piece;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::pki::chain::Verifier;
use crate::pki::{Certificate, Digest};
use piece::Piece;
pub(crate) use piece::pem_block;

/// What becomes of the bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rewrite {
    /// The same bytes
    Copy,
    /// Every certificate and key in it as PEM that Go reads: no DER, PKCS#7, byte-order mark, UTF-16, blanks or glued lines,
    /// no foreign labels or headers, no text around the blocks
    Normal,
    /// Only its certificates, as PEM that Go reads
    Certificates,
    /// Only its private keys, as PEM that Go reads
    Keys,
    /// Its certificates with the one of this SHA-256 first and each behind that which it issued; then what else it holds
    LeafFirst(Digest),
    /// Its private keys without encryption, for which the passphrase is asked for
    Decrypted,
}

/// Why a file cannot be made anew.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RewriteError {
    /// Nothing of what is to be kept is in it.
    #[error("there is nothing in it to keep")]
    Nothing,
    /// The certificate that is to be the first is not in it.
    #[error("the client certificate is not in it any more")]
    NoLeaf,
    /// A block cannot be read, and would be lost.
    #[error("the block at line {0} cannot be read")]
    Unreadable(u32),
    /// A passphrase is needed.
    #[error("a passphrase is needed")]
    NoPassphrase,
    /// The passphrase does not open it.
    #[error("the passphrase does not open it")]
    WrongPassphrase,
    /// The encryption is none that can be undone here.
    #[error("its encryption is not supported: {0}")]
    Encryption(String),
}

/// Makes the bytes of a file anew. The passphrase is for [`Rewrite::Decrypted`] alone.
///
/// # Errors
/// Where what is asked for is not in it, or something in it would be lost.
pub fn rewrite(bytes: &[u8], what: Rewrite, passphrase: Option<&str>) -> Result<Zeroizing<Vec<u8>>, RewriteError> {
    if what == Rewrite::Copy {
        return Ok(Zeroizing::new(bytes.to_vec()));
    }
    let pieces = piece::read(bytes)?;
    let pieces = match what {
        Rewrite::Copy | Rewrite::Normal => pieces,
        Rewrite::Certificates => pieces.into_iter().filter(Piece::is_certificate).collect(),
        Rewrite::Keys => pieces.into_iter().filter(Piece::is_key).collect(),
        Rewrite::LeafFirst(leaf) => leaf_first(pieces, &leaf)?,
        Rewrite::Decrypted => {
            let decrypted = pieces.into_iter().map(|piece| decrypt::decrypted(piece, passphrase));
            decrypted.collect::<Result<_, _>>()?
        }
    };
    if pieces.is_empty() {
        return Err(RewriteError::Nothing);
    }
    Ok(piece::write(&pieces))
}

/// The leaf, each certificate behind the one that it issued, the other certificates, then everything else.
fn leaf_first(pieces: Vec<Piece>, leaf: &Digest) -> Result<Vec<Piece>, RewriteError> {
    let (certificates, others): (Vec<_>, Vec<_>) = pieces.into_iter().partition(Piece::is_certificate);
    let mut left: Vec<(Option<Certificate>, Piece)> =
        certificates.into_iter().map(|piece| (Certificate::parse(&piece.der).ok(), piece)).collect();
    let is_leaf = |(certificate, _): &(Option<Certificate>, Piece)| {
        certificate.as_ref().is_some_and(|certificate| certificate.sha256() == leaf)
    };
    let mut next = left.iter().position(is_leaf).ok_or(RewriteError::NoLeaf).map(Some)?;
    let verifier = Verifier::default();
    let mut ordered = Vec::new();
    while let Some(at) = next {
        let (certificate, piece) = left.remove(at);
        ordered.push(piece);
        next = left.iter().position(|(issuer, _)| match (&certificate, issuer) {
            (Some(certificate), Some(issuer)) => verifier.issued(issuer, certificate),
            _ => false,
        });
    }
    ordered.extend(left.into_iter().map(|(_, piece)| piece));
    ordered.extend(others);
    Ok(ordered)
}
