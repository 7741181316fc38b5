//! Where each part goes: CAs to `ca.crt`, a client certificate with its chain to `client.cert`, its key to `client.key`, or
//! to the names of the pair that they renew. Nothing is overwritten: another free name is taken, or what is there is set
//! aside.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::create::import::Brought;
use crate::create::import::sort::{KeySource, Pair, Sorted};
use crate::create::renew::{Arrival, ArrivedKey, swap};
use crate::create::setup::{NewFile, Site};
use crate::finding::{Applicability, Change, Fix, NewContent};
use crate::fix::Obstacle;
use crate::model::{File, HostDir, Inventory, Role};
use crate::pki::Certificate;
use crate::pki::rewrite::pem_block;
use crate::rules::remedy;

/// The host directory that everything goes to.
#[derive(Clone, Copy)]
pub struct Where<'a> {
    /// The root that it is in.
    pub site: &'a Site,
    /// It, and no other that is there.
    pub inventory: &'a Inventory,
    /// It, as it is, there or not.
    pub host: &'a HostDir,
    /// A new pair takes the place of one of the same subject.
    pub replace: bool,
}

/// What is to be done, and what is to be known of it.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// What is to be done: for the CAs, then for each pair. Nothing, where everything is there.
    pub fixes: Vec<Fix>,
    /// A sentence each. Foreign text.
    pub notes: Vec<String>,
}

/// Finds a place for everything.
///
/// # Errors
/// What stands in the way of the directory.
pub fn place(to: Where<'_>, brought: &Brought, sorted: &Sorted) -> Result<Placed, Obstacle> {
    let mut placed = Placed::default();
    if !sorted.authorities.certificates.is_empty() {
        placed.fixes.push(authorities(to, sorted));
    }
    let mut taken = Vec::new();
    for pair in &sorted.pairs {
        let fix = client(to, brought, pair, &mut taken, &mut placed.notes);
        placed.fixes.extend(fix);
    }
    if let Some(first) = placed.fixes.first_mut() {
        let name = to.host.name.to_string_lossy();
        let way = to.site.way().into_iter().chain(to.site.host(to.inventory, &name, &[])?);
        first.changes.splice(0..0, way);
    }
    Ok(placed)
}

/// The files of everything, for a directory of these names, as [`crate::create::setup::plan`] makes them.
pub fn new_files(brought: &Brought, sorted: &Sorted, ca: &str, client: &str) -> Vec<NewFile> {
    let mut files = Vec::new();
    if !sorted.authorities.certificates.is_empty() {
        files.push(NewFile::public(format!("{ca}.crt"), sorted.authorities.bundle()));
    }
    for (index, pair) in sorted.pairs.iter().enumerate() {
        let KeySource::Brought(key) = pair.key else { continue };
        let Some(key) = brought.keys.get(key) else { continue };
        let stem = if index == 0 { client.to_owned() } else { format!("{client}-{}", index + 1) };
        files.push(NewFile::public(format!("{stem}.cert"), pem(pair.chain.iter().map(AsRef::as_ref))));
        let content = NewContent::secret(key.part.pem.clone());
        files.push(NewFile { name: format!("{stem}.key").into(), content, mode: remedy::KEY_MODE });
    }
    files
}

fn authorities(to: Where<'_>, sorted: &Sorted) -> Fix {
    let name = format!("{}.crt", to.host.free_stem("ca", &[".crt"]));
    let names: Vec<String> = sorted.authorities.certificates.iter().map(|ca| ca.display_name()).collect();
    let file = NewFile::public(&name, sorted.authorities.bundle());
    let changes = to.site.file(to.host.path.join(&name), &file);
    Fix::new(format!("trust {} in {name}", names.join(", ")), Applicability::Safe, changes)
}

/// A pair in its place; nothing where its key is nowhere to be had any more.
fn client(
    to: Where<'_>,
    brought: &Brought,
    pair: &Pair,
    taken: &mut Vec<OsString>,
    notes: &mut Vec<String>,
) -> Option<Fix> {
    let leaf = pair.chain.first()?;
    let certificate = NewContent::public(pem(pair.chain.iter().map(AsRef::as_ref)));
    let name = leaf.display_name();
    let key = match pair.key {
        KeySource::Brought(index) => Err(brought.keys.get(index)?),
        KeySource::Here(index) => Ok(to.host.files.get(index)?),
    };
    let (stem, key, whence) = match key {
        Ok(file) if file.role() == Role::ClientKey => return Some(beside(to, file, &name, certificate)),
        Ok(file) => {
            let waiting = to.host.waiting().find(|waiting| waiting.file.name == file.name);
            let stem = waiting.map_or_else(|| free_stem(to.host, taken), |waiting| waiting.stem().to_owned());
            (stem, ArrivedKey::Waiting(file.name.clone()), format!(", the key out of {}", file.name.to_string_lossy()))
        }
        Err(key) => {
            let stem = of_same_subject(to, leaf, notes).unwrap_or_else(|| free_stem(to.host, taken));
            (stem, ArrivedKey::New(NewContent::secret(key.part.pem.clone())), String::new())
        }
    };
    taken.push(stem.clone());
    let replaced = to.host.file(&named(&stem, ".cert")).is_some() || to.host.file(&named(&stem, ".key")).is_some();
    let replaced = if replaced { "; the old pair is set aside" } else { "" };
    let shown = stem.to_string_lossy();
    let title = format!("present {name} by {shown}.cert and {shown}.key{whence}{replaced}");
    let changes = match &key {
        ArrivedKey::Waiting(file) if !is_key_alone(to.host, file) => copied(to, &stem, file, certificate),
        _ => swap(to.site, to.host, &Arrival { stem, certificate, key }),
    };
    Some(Fix::new(title, Applicability::Safe, changes))
}

/// A certificate beside its key, which has its name already. Another certificate of that name is set aside.
fn beside(to: Where<'_>, key: &File, name: &str, certificate: NewContent) -> Fix {
    let file = NewFile { name: named(key.stem(), ".cert"), content: certificate, mode: 0o644 };
    let old = to.host.file(&file.name).map(|old| remedy::set_aside(to.host, &old.name));
    let replaced = if old.is_some() { "; the old certificate is set aside" } else { "" };
    let shown = file.name.to_string_lossy();
    let title = format!("present {name} by {shown}, whose key is {}{replaced}", key.name.to_string_lossy());
    let changes = old.into_iter().chain(to.site.file(to.host.path.join(&file.name), &file));
    Fix::new(title, Applicability::Safe, changes.collect())
}

/// A pair whose key stands among other things in a file, which stays as it is.
fn copied(to: Where<'_>, stem: &OsStr, source: &OsStr, certificate: NewContent) -> Vec<Change> {
    let path = |name: &OsStr| to.host.path.join(name);
    let key = remedy::copy_keys(path(source), path(&named(stem, ".key")));
    let file = NewFile { name: named(stem, ".cert"), content: certificate, mode: 0o644 };
    std::iter::once(key).chain(to.site.file(path(&file.name), &file)).collect()
}

/// The pair of the same subject that is to make room; a note where it is to stay, and comes first.
fn of_same_subject(to: Where<'_>, leaf: &Certificate, notes: &mut Vec<String>) -> Option<OsString> {
    let is_same = |file: &&File| {
        let first = file.parsed().and_then(|parsed| parsed.certificates().next());
        file.role() == Role::ClientCertificate
            && file.link.is_none()
            && first.is_some_and(|first| first.subject().der() == leaf.subject().der())
    };
    let old = to.host.files.iter().find(is_same)?;
    if to.replace {
        return Some(old.stem().to_os_string());
    }
    let shown = old.name.to_string_lossy();
    notes.push(format!("{shown} has the same subject, and engines may present it first; --replace sets it aside"));
    None
}

fn free_stem(host: &HostDir, taken: &[OsString]) -> OsString {
    let numbered = (2..).map(|number| format!("client-{number}"));
    let is_free = |stem: &String| {
        let is_taken = taken.iter().any(|taken| taken == OsStr::new(stem));
        !is_taken && [".cert", ".key"].iter().all(|suffix| host.file(OsStr::new(&format!("{stem}{suffix}"))).is_none())
    };
    std::iter::once("client".to_owned()).chain(numbered).find(is_free).unwrap_or_default().into()
}

/// Tells whether a file can become a `.key` as it is: there is a key in it, as PEM, and nothing else.
fn is_key_alone(host: &HostDir, name: &OsStr) -> bool {
    let blocks = host.file(Path::new(name).as_os_str()).and_then(File::parsed).map(|parsed| parsed.blocks.as_slice());
    matches!(blocks, Some([only]) if only.seen_by_go && only.label.ends_with("PRIVATE KEY"))
}

fn named(stem: &OsStr, suffix: &str) -> OsString {
    let mut name = stem.to_os_string();
    name.push(suffix);
    name
}

fn pem<'a>(certificates: impl Iterator<Item = &'a Certificate>) -> Vec<u8> {
    certificates.flat_map(|certificate| pem_block("CERTIFICATE", certificate.der()).to_vec()).collect()
}
