//! Certificates and keys that belong together, by name and by public key, and what is wrong with a pair. The rules of this
//! folder say it; so exactly one of them speaks of each fault.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use crate::finding::{Applicability, Change, Fix};
use crate::model::{File, HostDir, Role};
use crate::pki::key::{GoKeyVerdict, KeyEncoding};
use crate::pki::{Block, Certificate, Item, Parsed, PrivateKey, Purpose, Rewrite, public_key};
use crate::rules::certificate::anchors::{Placed, chain};
use crate::rules::{HostContext, remedy};

/// Words in the names that people give to CAs and their files.
const AUTHORITY_WORDS: [&str; 8] = ["ca", "cacert", "rootca", "root", "authority", "issuer", "issuing", "intermediate"];

/// A `.cert` and the `.key` of its stem, both read.
pub struct Pair<'a> {
    /// Index of the `.cert`, at which engines stop where the pair is at fault.
    pub index: usize,
    /// The `.cert`.
    pub certificate_file: &'a File,
    /// The `.key`.
    pub key_file: &'a File,
    chain: Vec<Placed<'a>>,
    certificate: &'a Parsed,
    key: &'a Parsed,
}

/// What is wrong with a pair.
pub enum Fault<'a> {
    /// The `.cert` holds the key and the `.key` the certificate.
    Swapped,
    /// The key needs a passphrase.
    Encrypted(&'a PrivateKey),
    /// Go cannot read the key, which may be damaged beyond recognition.
    Unusable(Option<&'a PrivateKey>),
    /// The key belongs to this certificate, which is not the first.
    Order(&'a Arc<Certificate>),
    /// The key belongs to none of the certificates.
    Mismatch,
}

/// Tells whether a CA certificate is evidently a client's own, which signs itself and says CA:TRUE, as `openssl req -x509` of
/// Docker's documentation makes it: engines present it, and neither it nor its file is called like a CA.
pub fn is_clients_own(context: &HostContext<'_>, file: &File, certificate: &Certificate) -> bool {
    certificate.is_self_issued()
        && context.is_presented(certificate)
        && !is_authority_name(&file.stem().to_string_lossy())
        && !is_authority_name(&certificate.display_name())
}

fn is_authority_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| AUTHORITY_WORDS.contains(&word))
}

impl<'a> Pair<'a> {
    /// The pair of a `.cert`; `None` where one of the two is not there or was not read.
    pub fn of(context: &HostContext<'a>, index: usize, file: &'a File) -> Option<Self> {
        let key_file = context.host.file(key_name(file).as_ref())?;
        let (certificate, key) = (file.parsed()?, key_file.parsed()?);
        let chain = chain(context, file);
        Some(Self { index, certificate_file: file, key_file, chain, certificate, key })
    }

    /// All pairs of a directory.
    pub fn all(context: &HostContext<'a>) -> impl Iterator<Item = Self> {
        let files = context.files().filter(|(_, file)| file.role() == Role::ClientCertificate);
        files.filter_map(|(index, file)| Self::of(context, index, file))
    }

    /// The certificate that the key should belong to.
    pub fn leaf(&self) -> Option<&'a Arc<Certificate>> {
        self.chain.first().map(|leaf| leaf.certificate)
    }

    /// What is wrong with it; faults of the encoding and of what Go refuses are left to CW2xx.
    pub fn fault(&self) -> Option<Fault<'a>> {
        if holds_key_alone(self.certificate) && holds_certificate_alone(self.key) {
            return Some(Fault::Swapped);
        }
        let key = match &key_block(self.key)?.item {
            Item::PrivateKey(key) if key.encrypted => return Some(Fault::Encrypted(key)),
            Item::PrivateKey(key) if key.go != GoKeyVerdict::Usable => return Some(Fault::Unusable(Some(key))),
            Item::PrivateKey(key) => key,
            _ => return Some(Fault::Unusable(None)),
        };
        if belongs(key, self.leaf()?) {
            return None;
        }
        let later = self.chain.iter().map(|place| place.certificate).find(|certificate| belongs(key, certificate));
        Some(later.map_or(Fault::Mismatch, Fault::Order))
    }
}

/// Tells whether a key is that of a certificate.
pub fn belongs(key: &PrivateKey, certificate: &Certificate) -> bool {
    key.spki().is_some_and(|spki| public_key::same_key(certificate.spki(), spki))
}

/// The name of the key that engines look for beside a `.cert`.
pub fn key_name(file: &File) -> std::ffi::OsString {
    OsStr::from_bytes(&[file.stem().as_bytes(), b".key"].concat()).to_owned()
}

/// Tells whether a file is a `.key` by name and no `.cert` of its stem is there, at which Docker's login stops.
pub fn is_orphan(host: &HostDir, file: &File) -> bool {
    let certificate = [file.stem().as_bytes(), b".cert"].concat();
    file.role() == Role::ClientKey && host.file(OsStr::from_bytes(&certificate)).is_none()
}

/// Every private key of a directory, in a file of whatever name.
pub fn keys<'a>(context: &HostContext<'a>) -> impl Iterator<Item = (usize, &'a File, &'a PrivateKey)> + use<'a> {
    context.files().flat_map(|(index, file)| {
        let keys = file.parsed().into_iter().flat_map(|parsed| parsed.private_keys());
        keys.map(move |key| (index, file, key))
    })
}

/// The certificates of a key in its directory, in files of whatever name.
pub fn certificates_of<'a>(
    context: &HostContext<'a>,
    key: &'a PrivateKey,
) -> impl Iterator<Item = (&'a File, &'a Arc<Certificate>)> {
    let certificates =
        context.files().flat_map(|(_, file)| context.certificates(file).map(move |(_, found)| (file, found)));
    certificates.filter(|(_, certificate)| belongs(key, certificate))
}

/// Tells whether a certificate is the registry server's own: made for servers alone, or for anything and with this
/// directory's host among its names.
pub fn is_servers(context: &HostContext<'_>, certificate: &Certificate) -> bool {
    match certificate.purpose() {
        Purpose::Server => true,
        Purpose::EndEntity => context.is_of_this_host(certificate),
        Purpose::Ca | Purpose::Client => false,
    }
}

/// The key block that Go takes.
fn key_block(parsed: &Parsed) -> Option<&Block> {
    parsed.go_blocks().find(|block| block.label.ends_with("PRIVATE KEY"))
}

fn holds_key_alone(parsed: &Parsed) -> bool {
    parsed.private_keys().next().is_some() && parsed.certificates().next().is_none()
}

fn holds_certificate_alone(parsed: &Parsed) -> bool {
    parsed.private_keys().next().is_none() && parsed.certificates().next().is_some()
}

/// What takes the passphrase off a key, where it has one that can be taken off here.
pub fn opened(host: &HostDir, file: &File) -> Option<Change> {
    let path = host.path.join(&file.name);
    let key = file.parsed()?.private_keys().next()?;
    let can_be_opened = key.encrypted && key.encoding != KeyEncoding::OpenSsh && remedy::can_be_normal(file);
    let change =
        Change::Write { path: path.clone(), source: path, rewrite: Rewrite::Decrypted, mode: Some(remedy::KEY_MODE) };
    can_be_opened.then_some(change)
}

/// Gives a key the name that engines look for: renamed where nothing needs it under its own, else copied. What is done, as
/// the end of a title. Nothing where the key is behind a link that is needed under its own name, since nothing is copied
/// through links.
pub fn bring_key(context: &HostContext<'_>, key: &File, to: &str) -> Option<(String, Vec<Change>)> {
    let (host, name) = (context.host, key.name.to_string_lossy());
    let is_needed_there = context.certificates(key).next().is_some()
        || (key.role() == Role::ClientKey && context.partner_of(key).is_some());
    if is_needed_there {
        if key.link.is_some() {
            return None;
        }
        let change = remedy::copy_keys(host.path.join(&key.name), host.path.join(to));
        return Some((format!("copy the key out of {name} into {to}"), vec![change]));
    }
    Some((format!("rename {name} to {to}{}", remedy::as_pem(key)), remedy::rename(host, key, to)))
}

/// What brings a key into use has to take the passphrase off it, too. A key that cannot be used at all is left alone.
pub fn with_open_key(context: &HostContext<'_>, key: &File, fix: Fix) -> Option<Fix> {
    let first = key.parsed()?.private_keys().next()?;
    if first.go == GoKeyVerdict::Usable {
        return Some(fix);
    }
    let change = opened(context.host, key)?;
    let title = format!("{}, and take the passphrase off {}", fix.title, key.name.to_string_lossy());
    let changes = fix.changes.into_iter().chain([change]).collect();
    Some(Fix::new(title, Applicability::Unsafe, changes))
}
