//! Private keys without their encryption: PKCS#8 with PBES2 (RFC 8018 section 6.2), and what OpenSSL wrote before it
//! (`Proc-Type: 4,ENCRYPTED`, RFC 1421 section 4.6.1.1, with `EVP_BytesToKey`).

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use des::TdesEde3;
use md5::{Digest, Md5};
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use crate::pki::key;
use crate::pki::rewrite::RewriteError;
use crate::pki::rewrite::piece::Piece;

/// A key from which a passphrase is derived in more rounds is refused: it was made to keep somebody waiting.
const MAX_ITERATIONS: u32 = 10_000_000;

/// The same for the memory that scrypt asks for, in bytes.
const MAX_MEMORY: u64 = 256 << 20;

/// The piece without encryption, if it is an encrypted key; else the piece as it is.
pub(super) fn decrypted(piece: Piece, passphrase: Option<&str>) -> Result<Piece, RewriteError> {
    let is_traditional = !piece.headers.is_empty();
    if !piece.is_key() || !key::parse(&piece.der, is_traditional).is_some_and(|key| key.encrypted) {
        return Ok(piece);
    }
    if piece.label == "OPENSSH PRIVATE KEY" {
        return Err(RewriteError::Encryption("OpenSSH's own; ssh-keygen -p takes it away".to_owned()));
    }
    let passphrase = passphrase.ok_or(RewriteError::NoPassphrase)?;
    let (label, der) = if is_traditional {
        (piece.label.clone(), traditional(&piece, passphrase)?)
    } else {
        ("PRIVATE KEY".to_owned(), pkcs8(&piece.der, passphrase)?)
    };
    Ok(Piece { label, headers: String::new(), der })
}

fn pkcs8(der: &[u8], passphrase: &str) -> Result<Zeroizing<Vec<u8>>, RewriteError> {
    let unknown = || RewriteError::Encryption("none that is known".to_owned());
    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| unknown())?;
    match &info.encryption_algorithm {
        EncryptionScheme::Pbes2(parameters) => match &parameters.kdf {
            Kdf::Pbkdf2(pbkdf2) if pbkdf2.iteration_count > MAX_ITERATIONS => {
                let count = pbkdf2.iteration_count;
                return Err(RewriteError::Encryption(format!("PBKDF2 with {count} rounds")));
            }
            Kdf::Scrypt(scrypt) => {
                let memory = scrypt.cost_parameter.saturating_mul(u64::from(scrypt.block_size)).saturating_mul(128);
                let work = memory.saturating_mul(u64::from(scrypt.parallelization));
                if work > MAX_MEMORY {
                    return Err(RewriteError::Encryption(format!("scrypt with {} MiB", work >> 20)));
                }
            }
            _ => {}
        },
        _ => return Err(RewriteError::Encryption("PBES1, which is long broken".to_owned())),
    }
    let plain = info.decrypt(passphrase.as_bytes()).map_err(|_| RewriteError::WrongPassphrase)?;
    // A wrong passphrase can give a good padding by chance, but no key.
    PrivateKeyInfoRef::try_from(plain.as_bytes()).map_err(|_| RewriteError::WrongPassphrase)?;
    Ok(Zeroizing::new(plain.as_bytes().to_vec()))
}

fn traditional(piece: &Piece, passphrase: &str) -> Result<Zeroizing<Vec<u8>>, RewriteError> {
    let header = piece.headers.lines().find_map(|line| line.strip_prefix("DEK-Info:"));
    let (cipher, iv) = header.and_then(|header| header.trim().split_once(',')).unwrap_or_default();
    let cipher = cipher.trim();
    let unsupported = || RewriteError::Encryption(cipher.to_owned());
    let iv = unhex(iv.trim()).ok_or_else(unsupported)?;
    let length = match cipher {
        "AES-128-CBC" => 16,
        "AES-192-CBC" | "DES-EDE3-CBC" => 24,
        "AES-256-CBC" => 32,
        _ => return Err(unsupported()),
    };
    let key = bytes_to_key(passphrase.as_bytes(), iv.get(..8).ok_or_else(unsupported)?, length);
    let plain = match cipher {
        "AES-128-CBC" => cbc::<Decryptor<Aes128>>(&key, &iv, &piece.der),
        "AES-192-CBC" => cbc::<Decryptor<Aes192>>(&key, &iv, &piece.der),
        "AES-256-CBC" => cbc::<Decryptor<Aes256>>(&key, &iv, &piece.der),
        _ => cbc::<Decryptor<TdesEde3>>(&key, &iv, &piece.der),
    };
    let plain = plain.ok_or(RewriteError::WrongPassphrase)?;
    key::parse(&plain, false).filter(|key| !key.encrypted).ok_or(RewriteError::WrongPassphrase)?;
    Ok(plain)
}

fn cbc<D: KeyIvInit + BlockModeDecrypt>(key: &[u8], iv: &[u8], bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = D::new_from_slices(key, iv).ok()?;
    cipher.decrypt_padded_vec::<Pkcs7>(bytes).ok().map(Zeroizing::new)
}

/// OpenSSL's `EVP_BytesToKey` with MD5 and one round (`crypto/evp/evp_key.c`).
fn bytes_to_key(passphrase: &[u8], salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(length + 16));
    let mut last: Option<[u8; 16]> = None;
    while key.len() < length {
        let mut hash = Md5::new();
        last.iter().for_each(|last| hash.update(last));
        hash.update(passphrase);
        hash.update(salt);
        let digest: [u8; 16] = hash.finalize().into();
        key.extend(digest);
        last = Some(digest);
    }
    key.truncate(length);
    key
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit)).collect())
}
