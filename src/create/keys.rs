//! New private keys: made by the system's generator through AWS-LC, written down as PKCS#8, which every engine reads.
//!
//! RSA takes seconds: [`Generation`] makes a key on a thread of its own, and can be given up.

use std::fmt;
use std::str::FromStr;
use std::thread;
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair};
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::base::cancel::Cancel;
use crate::create::encode;
use crate::pki::rewrite::pem_block;
use crate::pki::{self, PublicKeyKind};

/// The kind and size of a key that can be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// RSA of 2048 bits
    Rsa2048,
    /// RSA of 3072 bits
    Rsa3072,
    /// RSA of 4096 bits, as Docker's documentation has it
    #[default]
    Rsa4096,
    /// ECDSA on NIST P-256
    P256,
    /// ECDSA on NIST P-384
    P384,
    /// ECDSA on NIST P-521
    P521,
    /// Ed25519
    Ed25519,
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum KeyError {
    /// The library refused.
    #[error("the system makes no {} key", .0.words())]
    Refused(KeyAlgorithm),
    /// Somebody gave it up.
    #[error("cancelled before anything was changed")]
    Cancelled,
}

/// A text that names no kind of key.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("there is no kind of key {0:?}: rsa:4096, rsa:3072, rsa:2048, ecdsa:p256, ecdsa:p384, ecdsa:p521 or ed25519")]
pub struct UnknownAlgorithm(String);

/// A new private key.
pub struct NewKey {
    algorithm: KeyAlgorithm,
    pkcs8: Zeroizing<Vec<u8>>,
    spki: Vec<u8>,
    signer: Signer,
}

enum Signer {
    Rsa(Box<rsa::KeyPair>),
    Ecdsa(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl KeyAlgorithm {
    /// All of them, the default first.
    pub const ALL: [Self; 7] =
        [Self::Rsa4096, Self::Rsa3072, Self::Rsa2048, Self::P256, Self::P384, Self::P521, Self::Ed25519];

    /// The name that the command line knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa:2048",
            Self::Rsa3072 => "rsa:3072",
            Self::Rsa4096 => "rsa:4096",
            Self::P256 => "ecdsa:p256",
            Self::P384 => "ecdsa:p384",
            Self::P521 => "ecdsa:p521",
            Self::Ed25519 => "ed25519",
        }
    }

    /// Kind and size in words: "RSA 4096", "ECDSA P-256".
    pub fn words(self) -> String {
        self.kind().describe()
    }

    /// The kind and size of the keys.
    pub fn kind(self) -> PublicKeyKind {
        match self {
            Self::Rsa2048 => PublicKeyKind::Rsa { bits: 2048 },
            Self::Rsa3072 => PublicKeyKind::Rsa { bits: 3072 },
            Self::Rsa4096 => PublicKeyKind::Rsa { bits: 4096 },
            Self::P256 => PublicKeyKind::EcP256,
            Self::P384 => PublicKeyKind::EcP384,
            Self::P521 => PublicKeyKind::EcP521,
            Self::Ed25519 => PublicKeyKind::Ed25519,
        }
    }

    /// What comes next to a kind of key: the same where it can be made and is safe, else `None`.
    pub fn like(kind: PublicKeyKind) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.kind() == kind)
    }

    fn ecdsa(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P521 => &signature::ECDSA_P521_SHA512_ASN1_SIGNING,
            Self::P384 => &signature::ECDSA_P384_SHA384_ASN1_SIGNING,
            _ => &signature::ECDSA_P256_SHA256_ASN1_SIGNING,
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for KeyAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
        let lower = text.to_ascii_lowercase();
        let is_it = |algorithm: &Self| algorithm.name() == lower || algorithm.name().replace(':', "") == lower;
        let found = Self::ALL.into_iter().find(is_it);
        found.ok_or_else(|| UnknownAlgorithm(text.to_owned()))
    }
}

impl NewKey {
    /// Makes a key, which may take seconds.
    ///
    /// # Errors
    /// Where the library refuses.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        let refused = || KeyError::Refused(algorithm);
        let rsa = |size| rsa::KeyPair::generate(size).map(|pair| Signer::Rsa(Box::new(pair)));
        let signer = match algorithm {
            KeyAlgorithm::Rsa2048 => rsa(KeySize::Rsa2048),
            KeyAlgorithm::Rsa3072 => rsa(KeySize::Rsa3072),
            KeyAlgorithm::Rsa4096 => rsa(KeySize::Rsa4096),
            KeyAlgorithm::P256 | KeyAlgorithm::P384 | KeyAlgorithm::P521 => {
                EcdsaKeyPair::generate(algorithm.ecdsa()).map(|pair| Signer::Ecdsa(Box::new(pair)))
            }
            KeyAlgorithm::Ed25519 => Ed25519KeyPair::generate().map(|pair| Signer::Ed25519(Box::new(pair))),
        };
        let signer = signer.map_err(|_| refused())?;
        let pkcs8 = signer.pkcs8().ok_or_else(refused)?;
        let read = pki::key::parse(&pkcs8, false);
        let spki = read.as_ref().and_then(|key| key.spki()).ok_or_else(refused)?.to_vec();
        Ok(Self { algorithm, pkcs8, spki, signer })
    }

    /// Kind and size.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// It as PEM, which is to be kept secret.
    pub fn pem(&self) -> Zeroizing<Vec<u8>> {
        pem_block("PRIVATE KEY", &self.pkcs8)
    }

    /// The SubjectPublicKeyInfo of its public half in DER.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The AlgorithmIdentifier of its signatures in DER (RFC 4055, RFC 5758, RFC 8410).
    pub(super) fn signature_algorithm(&self) -> Vec<u8> {
        const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
        const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
        const ECDSA_WITH_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
        const ECDSA_WITH_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];
        const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
        match self.algorithm {
            KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => {
                encode::sequence(&[&encode::oid(SHA256_WITH_RSA), &[5, 0]])
            }
            KeyAlgorithm::P256 => encode::sequence(&[&encode::oid(ECDSA_WITH_SHA256)]),
            KeyAlgorithm::P384 => encode::sequence(&[&encode::oid(ECDSA_WITH_SHA384)]),
            KeyAlgorithm::P521 => encode::sequence(&[&encode::oid(ECDSA_WITH_SHA512)]),
            KeyAlgorithm::Ed25519 => encode::sequence(&[&encode::oid(ED25519)]),
        }
    }

    /// Signs.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        let signed = match &self.signer {
            Signer::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut signature).map(|()| signature)
            }
            Signer::Ecdsa(pair) => pair.sign(&random, message).map(|signature| signature.as_ref().to_vec()),
            Signer::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        };
        signed.map_err(|_| KeyError::Refused(self.algorithm))
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "NewKey({})", self.algorithm.name())
    }
}

impl Signer {
    /// The key as PKCS#8 of version 1: version 2 puts the public half behind it, which not everybody reads.
    fn pkcs8(&self) -> Option<Zeroizing<Vec<u8>>> {
        Some(Zeroizing::new(match self {
            Self::Rsa(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair.as_ref()).ok()?.as_ref().to_vec(),
            Self::Ecdsa(pair) => pair.to_pkcs8v1().ok()?.as_ref().to_vec(),
            Self::Ed25519(pair) => pair.to_pkcs8v1().ok()?.as_ref().to_vec(),
        }))
    }
}

/// A key in the making.
pub struct Generation {
    algorithm: KeyAlgorithm,
    made: Receiver<Result<NewKey, KeyError>>,
}

impl Generation {
    /// Begins to make a key. What nobody waits for any more is thrown away when it is done.
    pub fn start(algorithm: KeyAlgorithm) -> Self {
        let (sender, made) = bounded(1);
        thread::spawn(move || {
            let _ = sender.send(NewKey::generate(algorithm));
        });
        Self { algorithm, made }
    }

    /// Waits for it, and tells at every step how many steps that took so far.
    ///
    /// # Errors
    /// Where there is none, or it was given up.
    pub fn wait(self, step: Duration, cancel: &Cancel, mut progress: impl FnMut(u32)) -> Result<NewKey, KeyError> {
        let mut steps = 0;
        loop {
            match self.made.recv_timeout(step) {
                Ok(made) => return made,
                Err(RecvTimeoutError::Disconnected) => return Err(KeyError::Refused(self.algorithm)),
                Err(RecvTimeoutError::Timeout) if cancel.is_raised() => return Err(KeyError::Cancelled),
                Err(RecvTimeoutError::Timeout) => {
                    steps += 1;
                    progress(steps);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_name() {
        for algorithm in KeyAlgorithm::ALL {
            assert_eq!(algorithm.name().parse(), Ok(algorithm));
            assert_eq!(KeyAlgorithm::like(algorithm.kind()), Some(algorithm));
        }
        assert_eq!("RSA4096".parse(), Ok(KeyAlgorithm::Rsa4096));
        for wrong in ["", "rsa", "rsa:1024", "ecdsa", "dsa"] {
            assert!(wrong.parse::<KeyAlgorithm>().is_err(), "{wrong}");
        }
        assert_eq!(KeyAlgorithm::like(PublicKeyKind::Rsa { bits: 1024 }), None);
    }

    #[test]
    fn a_key_is_what_it_was_asked_to_be_and_tells_nothing_of_itself() {
        for algorithm in KeyAlgorithm::ALL.into_iter().filter(|algorithm| *algorithm != KeyAlgorithm::Rsa4096) {
            let key = NewKey::generate(algorithm).unwrap();
            let parsed = pki::parse(&key.pem(), &pki::Interner::default());
            let read = parsed.private_keys().next().unwrap();
            assert_eq!((read.kind, read.go), (algorithm.kind(), pki::key::GoKeyVerdict::Usable), "{algorithm:?}");
            assert_eq!(read.spki(), Some(key.spki()));
            assert_eq!(format!("{key:?}"), format!("NewKey({})", algorithm.name()));
        }
    }

    #[test]
    fn nobody_waits_for_a_key_that_was_given_up() {
        let cancel = Cancel::default();
        cancel.raise();
        let given_up = Generation::start(KeyAlgorithm::Rsa4096).wait(Duration::from_millis(1), &cancel, |_| {});
        assert!(matches!(given_up, Err(KeyError::Cancelled) | Ok(_)));
        let made = Generation::start(KeyAlgorithm::P256).wait(Duration::from_secs(60), &Cancel::default(), |_| {});
        assert_eq!(made.unwrap().algorithm(), KeyAlgorithm::P256);
    }
}
