//! What somebody brings, recognised by its content: certificates, keys, requests, in PEM, DER, PKCS#7 or PKCS#12.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::create::import::ImportError;
use crate::model::file::content_word;
use crate::pki::key::GoKeyVerdict;
use crate::pki::pkcs12::{self, Pkcs12Error};
use crate::pki::rewrite::part::{KeyPart, Part, parts};
use crate::pki::{self, Certificate, Digest, Interner, Item, Parsed, RewriteError};

/// Bytes with the name by which people know them. The name may hold foreign text.
pub struct Input {
    /// A path, or "standard input".
    pub name: String,
    /// The bytes. They may hold a private key.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// All that is brought.
#[derive(Default)]
pub struct Brought {
    /// The certificates, each once.
    pub certificates: Vec<Arc<Certificate>>,
    /// The private keys, each once.
    pub keys: Vec<Key>,
    /// What is of no use here: the input's name, and what it is. Foreign text.
    pub others: Vec<(String, String)>,
}

/// A private key that is brought.
pub struct Key {
    /// The name of the input.
    pub input: String,
    /// The key.
    pub part: KeyPart,
    /// SHA-256 of its public half.
    pub spki: Digest,
}

/// Gives the passphrase of an input, if somebody knows it.
pub type Passphrase<'a> = &'a dyn Fn(&str) -> Option<Zeroizing<String>>;

impl Brought {
    /// Recognises everything.
    ///
    /// # Errors
    /// Where an input holds nothing that is of use, is damaged, or does not open.
    pub fn read(inputs: &[Input], passphrase: Passphrase<'_>) -> Result<Self, ImportError> {
        let mut brought = Self::default();
        let interner = Interner::default();
        for input in inputs {
            for part in parts_of(input, passphrase, &interner)? {
                brought.take(input, part)?;
            }
        }
        if brought.certificates.is_empty() && brought.keys.is_empty() {
            let (input, what) = brought.others.pop().unwrap_or_default();
            return Err(ImportError::Nothing { input, what });
        }
        Ok(brought)
    }

    /// Recognises what is in a PKCS#12 file.
    ///
    /// # Errors
    /// Where it is none, does not open, or holds nothing that is of use.
    pub fn read_pkcs12(input: Input, passphrase: Passphrase<'_>) -> Result<Self, ImportError> {
        if !is_pkcs12(&input.bytes, &Interner::default()) && !input.bytes.trim_ascii().is_empty() {
            return Err(ImportError::NoPkcs12(input.name));
        }
        Self::read(&[input], passphrase)
    }

    fn take(&mut self, input: &Input, part: Part) -> Result<(), ImportError> {
        match part {
            Part::Certificate(certificate) => {
                if let Some(refusal) = certificate.refusal() {
                    let (name, why) = (certificate.display_name(), refusal.text.clone().into_owned());
                    return Err(ImportError::Refused { input: input.name.clone(), name, why });
                }
                if !self.certificates.iter().any(|known| known.sha256() == certificate.sha256()) {
                    self.certificates.push(certificate);
                }
            }
            Part::Key(part) => {
                let unusable = || ImportError::UnusableKey { input: input.name.clone(), what: part.key.describe() };
                let spki = part.key.spki_sha256().ok_or_else(unusable)?;
                if part.key.go != GoKeyVerdict::Usable {
                    return Err(unusable());
                }
                if !self.keys.iter().any(|known| known.spki == spki) {
                    self.keys.push(Key { input: input.name.clone(), part, spki });
                }
            }
            Part::Request(request) => {
                self.others.push((input.name.clone(), format!("a request for a certificate of {}", request.subject)));
            }
            Part::Other(label) => self.others.push((input.name.clone(), label)),
        }
        Ok(())
    }
}

fn parts_of(input: &Input, passphrase: Passphrase<'_>, interner: &Interner) -> Result<Vec<Part>, ImportError> {
    let name = || input.name.clone();
    if input.bytes.trim_ascii().is_empty() {
        return Err(ImportError::Empty(name()));
    }
    let parsed = pki::parse(&input.bytes, interner);
    if is_pkcs12(&input.bytes, interner) {
        return of_pkcs12(input, passphrase, interner);
    }
    let read = match parts(&input.bytes, None, interner) {
        Err(RewriteError::NoPassphrase) => {
            let given = passphrase(&input.name).ok_or_else(|| ImportError::NoPassphrase(name()))?;
            parts(&input.bytes, Some(&given), interner)
        }
        read => read,
    };
    read.map_err(|error| match error {
        RewriteError::Nothing => ImportError::Nothing { input: name(), what: content_word(&parsed) },
        RewriteError::WrongPassphrase => ImportError::WrongPassphrase(name()),
        why => ImportError::Unreadable { input: name(), why },
    })
}

fn is_pkcs12(bytes: &[u8], interner: &Interner) -> bool {
    let holds_it = |parsed: &Parsed| parsed.blocks.iter().any(|block| matches!(block.item, Item::Pkcs12));
    holds_it(&pki::parse(bytes, interner)) || pkcs12::is_indefinite(bytes)
}

fn of_pkcs12(input: &Input, passphrase: Passphrase<'_>, interner: &Interner) -> Result<Vec<Part>, ImportError> {
    let failed = |error| match error {
        Pkcs12Error::WrongPassphrase => ImportError::WrongPassphrase(input.name.clone()),
        why => ImportError::Pkcs12 { input: input.name.clone(), why },
    };
    // Nobody is asked for the passphrase of a file that has none.
    let opened = match pkcs12::open(&input.bytes, "", interner) {
        Err(Pkcs12Error::WrongPassphrase) => {
            let given = passphrase(&input.name).ok_or_else(|| ImportError::NoPassphrase(input.name.clone()))?;
            pkcs12::open(&input.bytes, &given, interner)
        }
        opened => opened,
    };
    let opened = opened.map_err(failed)?;
    let keys = opened.keys.iter().map(|der| {
        let unusable = || ImportError::UnusableKey { input: input.name.clone(), what: "in PKCS#12".to_owned() };
        Ok(Part::Key(KeyPart::new("PRIVATE KEY", der).ok_or_else(unusable)?))
    });
    let keys = keys.collect::<Result<Vec<_>, ImportError>>()?;
    let parts: Vec<Part> = opened.certificates.into_iter().map(Part::Certificate).chain(keys).collect();
    if parts.is_empty() {
        return Err(ImportError::Nothing { input: input.name.clone(), what: "empty PKCS#12".to_owned() });
    }
    Ok(parts)
}
