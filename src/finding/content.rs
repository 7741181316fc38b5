//! The bytes of a file that is made anew, in memory. They may hold a private key: nothing prints them, and what is written
//! down of them anywhere is their length and digest.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::pki::{self, Digest, Interner, Item, sha256};

/// What a file is made of that was nowhere before.
///
/// What is read back out of a journal tells what was made, and has no bytes any more.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewContent {
    /// SHA-256 of the bytes
    #[serde(with = "hexadecimal")]
    sha256: Digest,
    /// How many they are
    length: u64,
    /// Tells whether nobody but the owner of the file may see them
    secret: bool,
    #[serde(skip)]
    bytes: Option<Arc<Zeroizing<Vec<u8>>>>,
}

impl NewContent {
    /// Content that everybody may see, as far as it holds no private key.
    pub fn public(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = Zeroizing::new(bytes.into());
        let secret = holds_secret(&bytes);
        Self::new(bytes, secret)
    }

    /// Content that nobody but the owner of the file may see.
    pub fn secret(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self::new(bytes, true)
    }

    fn new(bytes: Zeroizing<Vec<u8>>, secret: bool) -> Self {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Self { sha256: sha256(&bytes), length, secret, bytes: Some(Arc::new(bytes)) }
    }

    /// The bytes, where they are at hand.
    pub fn bytes(&self) -> Option<&Arc<Zeroizing<Vec<u8>>>> {
        self.bytes.as_ref()
    }

    /// SHA-256 of the bytes.
    pub fn sha256(&self) -> &Digest {
        &self.sha256
    }

    /// Tells whether nobody but the owner of the file may see them.
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// Takes in the bytes that it was told apart from, if these are they and everybody may see them.
    pub fn complete(&mut self, bytes: &[u8]) -> bool {
        let whole = Self::public(bytes);
        let is_same = whole == *self && !whole.secret;
        if is_same {
            *self = whole;
        }
        is_same
    }
}

/// Tells whether there is a private key in it, or something in which one may be.
fn holds_secret(bytes: &[u8]) -> bool {
    let parsed = pki::parse(bytes, &Interner::default());
    parsed.blocks.iter().any(|block| matches!(block.item, Item::PrivateKey(_) | Item::Pkcs12))
}

impl PartialEq for NewContent {
    fn eq(&self, other: &Self) -> bool {
        (self.sha256, self.length, self.secret) == (other.sha256, other.length, other.secret)
    }
}

impl Eq for NewContent {}

impl Hash for NewContent {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.sha256.hash(state);
    }
}

impl fmt::Debug for NewContent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "NewContent({} bytes, SHA-256 {})", self.length, hexadecimal::text(&self.sha256))
    }
}

/// A digest in JSON.
mod hexadecimal {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::pki::Digest;

    pub fn text(digest: &Digest) -> String {
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn serialize<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(digest))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digit = |letter: char| u8::try_from(letter.to_digit(16)?).ok();
        let digits: Option<Vec<u8>> = text.chars().map(digit).collect();
        let digits = digits.ok_or_else(|| D::Error::custom("no hexadecimal digest"))?;
        let bytes: Vec<u8> =
            digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit)).collect();
        bytes.try_into().map_err(|_| D::Error::custom("no SHA-256"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
                       -----END PRIVATE KEY-----\n";

    #[test]
    fn nothing_but_length_and_digest_is_told() {
        let content = NewContent::public(KEY);
        assert!(content.is_secret(), "a key is one whatever it is called");
        let told = [format!("{content:?}"), format!("{content:#?}"), serde_json::to_string(&content).unwrap()];
        for told in told {
            assert!(!told.contains("MC4C") && !told.contains("BEGIN"), "{told}");
            assert!(told.contains("119"), "{told}");
        }
        let bytes = format!("{:?}", KEY.as_bytes());
        assert!(!format!("{content:?}").contains(bytes.trim_matches(['[', ']'])));
    }

    #[test]
    fn what_is_read_back_has_no_bytes_until_they_are_given() {
        let content = NewContent::public("# CA\n");
        let mut read: NewContent = serde_json::from_str(&serde_json::to_string(&content).unwrap()).unwrap();
        assert_eq!(read, content);
        assert!(read.bytes().is_none());
        assert!(!read.complete(b"# CB\n"));
        assert!(read.complete(b"# CA\n"));
        assert_eq!(read.bytes().map(|bytes| bytes.to_vec()), Some(b"# CA\n".to_vec()));
    }

    #[test]
    fn secrets_are_not_taken_from_where_everybody_may_see_them() {
        let content = NewContent::secret(Zeroizing::new(KEY.into()));
        let mut read: NewContent = serde_json::from_str(&serde_json::to_string(&content).unwrap()).unwrap();
        assert!(!read.complete(KEY.as_bytes()));
        assert!(serde_json::from_str::<NewContent>(r#"{"sha256": "ab", "length": 1, "secret": false}"#).is_err());
    }
}
