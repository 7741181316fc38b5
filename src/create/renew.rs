//! A client certificate renewed: a new key and a request like the old one, under names that no engine reads; and once the
//! certificate has come, the new pair in the place of the old, which is set aside.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use thiserror::Error;

use crate::base::text::display_name;
use crate::create::certificate::Holder;
use crate::create::keys::KeyAlgorithm;
use crate::create::setup::{NewFile, Site};
use crate::finding::{Change, NewContent};
use crate::model::waiting::waiting_name;
use crate::model::{File, HostDir, Role};
use crate::pki::{Certificate, PublicKeyKind, Purpose};
use crate::rules::remedy;

/// What a certificate is renewed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// "client" of `client.cert`
    pub stem: OsString,
    /// Subject and alternative names of the old certificate, byte for byte
    pub holder: Holder,
    /// The kind of its key, or what is made in its place
    pub algorithm: KeyAlgorithm,
    /// Why that is another kind, if it is: a sentence
    pub note: Option<String>,
    /// It was signed by its own key, so that nobody is to be asked.
    pub is_self_issued: bool,
    /// It says CA:TRUE, as what `openssl req -x509` makes.
    pub is_ca: bool,
}

/// Why a certificate cannot be renewed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RenewError {
    /// There is no such file.
    #[error("there is no {} in {}", display_name(.0), display_name(.1))]
    Missing(OsString, PathBuf),
    /// It is no client certificate by its name.
    #[error("{} is no client certificate: those are called NAME.cert", display_name(.0))]
    Name(OsString),
    /// There is no certificate in it.
    #[error("there is no certificate in {} ({})", display_name(.0), .1)]
    Content(OsString, String),
    /// A CA is not renewed here.
    #[error("{} holds a CA, and no client certificate", display_name(.0))]
    Authority(OsString),
    /// A key waits already.
    #[error("{} waits for its certificate already: import that, or set the key aside", display_name(.0))]
    Waiting(OsString),
}

/// What it takes to renew a client certificate of a host directory.
///
/// # Errors
/// Where the file is no client certificate, or a key waits already.
pub fn renewal(host: &HostDir, name: &OsStr) -> Result<Renewal, RenewError> {
    let file = host.file(name).ok_or_else(|| RenewError::Missing(name.to_owned(), host.path.clone()))?;
    if file.role() != Role::ClientCertificate {
        return Err(RenewError::Name(name.to_owned()));
    }
    let leaf = file.parsed().and_then(|parsed| parsed.certificates().next());
    let leaf = leaf.ok_or_else(|| RenewError::Content(name.to_owned(), file.content_word()))?;
    let stem = file.stem().to_owned();
    // What signed itself and has its key beside it is a client's, whatever it says of itself.
    let is_ca = leaf.purpose() == Purpose::Ca;
    if is_ca && !(leaf.is_self_issued() && has_key(host, &stem, leaf)) {
        return Err(RenewError::Authority(name.to_owned()));
    }
    let waiting = waiting_name(&stem);
    if host.file(&waiting).is_some() {
        return Err(RenewError::Waiting(waiting));
    }
    let (algorithm, note) = algorithm(leaf);
    let alternative_names = leaf.alternative_names_der().map(<[u8]>::to_vec);
    let holder = Holder { subject: leaf.subject().der().to_vec(), alternative_names };
    Ok(Renewal { stem, holder, algorithm, note, is_self_issued: leaf.is_self_issued(), is_ca })
}

/// Tells whether the key of a certificate stands beside it.
fn has_key(host: &HostDir, stem: &OsStr, leaf: &Certificate) -> bool {
    let file = host.files.iter().find(|file| file.role() == Role::ClientKey && file.stem() == stem);
    let mut keys = file.and_then(File::parsed).into_iter().flat_map(|parsed| parsed.private_keys());
    keys.any(|key| key.spki_sha256().as_ref() == Some(leaf.spki_sha256()))
}

/// The kind of key that comes next.
fn algorithm(leaf: &Certificate) -> (KeyAlgorithm, Option<String>) {
    let old = leaf.public_key();
    if let Some(same) = KeyAlgorithm::like(old) {
        return (same, None);
    }
    let new = match old {
        PublicKeyKind::Rsa { bits: ..2048 } => KeyAlgorithm::Rsa2048,
        PublicKeyKind::Rsa { bits: ..3072 } => KeyAlgorithm::Rsa3072,
        PublicKeyKind::EcP224 => KeyAlgorithm::P256,
        _ => KeyAlgorithm::Rsa4096,
    };
    (new, Some(format!("the old key is {}; the new one is {}", old.describe(), new.words())))
}

/// The private half of a pair that has come.
#[derive(Clone, Debug)]
pub enum ArrivedKey {
    /// It waits under this name in the host directory.
    Waiting(OsString),
    /// It came with the certificate.
    New(NewContent),
}

/// A client's pair that has come.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// "client" of `client.cert` and `client.key`
    pub stem: OsString,
    /// The certificate, with its chain behind it, as PEM
    pub certificate: NewContent,
    /// Its key
    pub key: ArrivedKey,
}

/// Puts a pair in its place. What has its names is set aside, and so is the request that was answered.
pub fn swap(site: &Site, host: &HostDir, arrival: &Arrival) -> Vec<Change> {
    let half = |suffix: &str| {
        let mut name = arrival.stem.clone();
        name.push(suffix);
        name
    };
    let (certificate, key) = (half(".cert"), half(".key"));
    let old = [&certificate, &key].into_iter().filter(|name| host.file(name).is_some());
    let mut changes: Vec<Change> = old.map(|name| remedy::set_aside(host, name)).collect();
    match &arrival.key {
        ArrivedKey::Waiting(name) => {
            let to = host.path.join(&key);
            changes.push(Change::Rename { from: host.path.join(name), to: to.clone() });
            let is_open = |file: &File| file.stamp.is_some_and(|stamp| stamp.mode & 0o077 != 0);
            if host.file(name).is_some_and(is_open) {
                changes.push(Change::SetMode { path: to, mode: remedy::KEY_MODE });
            }
            let waiting = host.waiting().find(|waiting| waiting.file.name == *name);
            let request = waiting.and_then(|waiting| waiting.request);
            changes.extend(request.map(|(file, _)| remedy::set_aside(host, &file.name)));
        }
        ArrivedKey::New(content) => {
            let file = NewFile { name: key.clone(), content: content.clone(), mode: remedy::KEY_MODE };
            changes.extend(site.file(host.path.join(&key), &file));
        }
    }
    let file = NewFile { name: certificate.clone(), content: arrival.certificate.clone(), mode: 0o644 };
    changes.extend(site.file(host.path.join(&certificate), &file));
    changes
}
