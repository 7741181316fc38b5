//! Keys that wait for their certificates, under names that no engine reads: an orphaned `client.key` would stop Docker and
//! Podman, so a new key is `client.key.waiting`, and its request `client.csr`, until the certificate has come.
//!
//! What waits is known by its content: the request is the one of the same public key, whatever it is called.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::model::{File, HostDir};
use crate::pki::{Certificate, Digest, Item, PrivateKey, Request};

/// What a key that waits is called behind the name that it is to have.
pub const WAITING_SUFFIX: &str = ".waiting";

/// What a request is called behind the stem of the pair that it is for.
pub const REQUEST_SUFFIX: &str = ".csr";

/// A key that waits for its certificate.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// The file of the key
    pub file: &'a File,
    /// The key
    pub key: &'a PrivateKey,
    /// The request for its certificate, where that is in the same directory
    pub request: Option<(&'a File, &'a Request)>,
}

impl<'a> Waiting<'a> {
    /// The stem of the pair that it is to be a half of: "client" of `client.key.waiting`.
    pub fn stem(&self) -> &'a OsStr {
        let bytes = self.file.name.as_bytes();
        let bytes = bytes.strip_suffix(WAITING_SUFFIX.as_bytes()).unwrap_or(bytes);
        OsStr::from_bytes(bytes.strip_suffix(b".key").unwrap_or(bytes))
    }

    /// Tells whether a certificate is what it waits for.
    pub fn is_for(&self, certificate: &Certificate) -> bool {
        self.key.spki_sha256().is_some_and(|digest| digest == *certificate.spki_sha256())
    }
}

impl HostDir {
    /// The keys that wait for their certificates.
    pub fn waiting(&self) -> impl Iterator<Item = Waiting<'_>> {
        self.files.iter().filter(|file| file.is_waiting()).filter_map(|file| {
            let key = file.parsed()?.private_keys().next()?;
            Some(Waiting { file, key, request: key.spki_sha256().and_then(|digest| self.request_of(&digest)) })
        })
    }

    /// The request for a certificate of the key with this SHA-256 of its public half.
    pub fn request_of(&self, digest: &Digest) -> Option<(&File, &Request)> {
        self.files.iter().find_map(|file| requests(file).find(|it| it.spki_sha256 == *digest).map(|it| (file, it)))
    }
}

impl File {
    /// Tells whether it is a key that waits for its certificate.
    pub fn is_waiting(&self) -> bool {
        let is_named = self.name.as_bytes().ends_with(WAITING_SUFFIX.as_bytes());
        is_named && self.parsed().is_some_and(|parsed| parsed.private_keys().next().is_some())
    }
}

/// The name of the key of a pair while it waits.
pub fn waiting_name(stem: &OsStr) -> OsString {
    OsString::from_vec([stem.as_bytes(), b".key", WAITING_SUFFIX.as_bytes()].concat())
}

/// The name of the request of a pair.
pub fn request_name(stem: &OsStr) -> OsString {
    OsString::from_vec([stem.as_bytes(), REQUEST_SUFFIX.as_bytes()].concat())
}

fn requests(file: &File) -> impl Iterator<Item = &Request> {
    let blocks = file.parsed().into_iter().flat_map(|parsed| &parsed.blocks);
    blocks.filter_map(|block| match &block.item {
        Item::Request(request) => Some(request.as_ref()),
        _ => None,
    })
}
