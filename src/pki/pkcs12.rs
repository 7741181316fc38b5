//! PKCS#12 opened (RFC 7292): the certificates and the private keys in it, with a passphrase. What belongs together is left
//! to whoever asks.
//!
//! Everything secret leaves here in memory that is wiped; what p12-keystore itself used on the way is freed, not wiped.

use std::sync::Arc;

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::pki::{Certificate, Interner};

/// What was in a file.
pub struct Opened {
    /// The certificates, in order.
    pub certificates: Vec<Arc<Certificate>>,
    /// The private keys as PKCS#8, in order.
    pub keys: Vec<Zeroizing<Vec<u8>>>,
}

/// Why a file cannot be opened.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Pkcs12Error {
    /// The passphrase does not open it.
    #[error("the passphrase does not open it")]
    WrongPassphrase,
    /// It is not whole.
    #[error("it is a damaged PKCS#12 file")]
    Damaged,
    /// It is BER with indefinite lengths, as some browsers write it.
    #[error("it is PKCS#12 in BER with indefinite lengths, which is not read here")]
    Indefinite,
    /// Nobody can be asked to wait so long.
    #[error("its passphrase is hashed in too many rounds")]
    Rounds,
    /// A scheme that is not known.
    #[error("its encryption is not supported")]
    Encryption,
    /// A certificate in it is none that can be read.
    #[error("a certificate in it cannot be read")]
    Certificate,
    /// The passphrase cannot be written down as PKCS#12 wants it.
    #[error("PKCS#12 has no way to write this passphrase down")]
    Passphrase,
}

/// Opens a file.
///
/// # Errors
/// Where the passphrase is wrong, or the file is not what can be read.
pub fn open(bytes: &[u8], passphrase: &str, interner: &Interner) -> Result<Opened, Pkcs12Error> {
    if is_indefinite(bytes) {
        return Err(Pkcs12Error::Indefinite);
    }
    // A BMPString has no surrogates (RFC 7292 appendix B.1).
    if passphrase.chars().any(|character| character > '\u{ffff}') {
        return Err(Pkcs12Error::Passphrase);
    }
    let archive = Pkcs12Archive::from_pkcs12(bytes, passphrase).map_err(|error| why(&error))?;
    let keys = archive.keys.iter().map(|bag| Zeroizing::new(bag.key.as_der().to_vec())).collect();
    let certificates = archive.certs.iter().map(|bag| interner.certificate(bag.cert.as_der()));
    let certificates = certificates.collect::<Result<_, _>>().map_err(|_| Pkcs12Error::Certificate)?;
    Ok(Opened { certificates, keys })
}

/// Tells whether bytes begin as BER does whose length is told by its end, inside of which a `3` tells PKCS#12.
pub fn is_indefinite(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x30, 0x80, 2, 1, 3])
}

fn why(error: &Error) -> Pkcs12Error {
    match error {
        // Without a MAC a wrong passphrase shows in what comes out; with one, a key may have another passphrase.
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) | Error::InvalidPrivateKey => {
            Pkcs12Error::WrongPassphrase
        }
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => Pkcs12Error::Encryption,
        Error::InvalidParameters => Pkcs12Error::Rounds,
        Error::X509Error(_) | Error::UnsupportedCertificateType => Pkcs12Error::Certificate,
        _ => Pkcs12Error::Damaged,
    }
}
