//! The changes that fixes are made of: names that are free, files made anew, things set aside. Decides nothing; which of
//! them mends a fault, its rule says.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::finding::{Applicability, Change, Fix};
use crate::model::file::ASIDE_SUFFIX;
use crate::model::{File, FileKind, HostDir, HostState, Inventory, Role};
use crate::pki::{Defect, Format, Item, Parsed, Rewrite};
use crate::rules::HostContext;

/// The mode of a file with a private key.
pub const KEY_MODE: u32 = 0o600;

/// Gives a file another name, and makes it anew where it is not yet PEM that engines read.
pub fn rename(host: &HostDir, file: &File, to: &str) -> Vec<Change> {
    let (from, to) = (host.path.join(&file.name), host.path.join(to));
    let mut changes = vec![Change::Rename { from, to: to.clone() }];
    if !is_normal(file) && can_be_normal(file) {
        changes.push(anew(to, Rewrite::Normal));
    }
    changes
}

/// " as PEM", where [`rename`] makes the file anew.
pub fn as_pem(file: &File) -> &'static str {
    if !is_normal(file) && can_be_normal(file) { ", as PEM" } else { "" }
}

/// Gives a file a name that no engine reads.
pub fn set_aside(host: &HostDir, name: &OsStr) -> Change {
    Change::SetAside { from: host.path.join(name), to: host.path.join(aside_name(host, name)) }
}

/// Makes a file anew in its place.
pub fn anew(path: PathBuf, rewrite: Rewrite) -> Change {
    Change::Write { path: path.clone(), source: path, rewrite, mode: None }
}

/// Makes a file anew in its place as PEM that engines read; nothing where that cannot be, or would lose something.
pub fn normalise(host: &HostDir, file: &File, title: &str) -> Option<Fix> {
    let is_worth_it = !is_normal(file) && can_be_normal(file);
    let change = anew(host.path.join(&file.name), Rewrite::Normal);
    is_worth_it.then(|| Fix::new(title, Applicability::Safe, vec![change]))
}

/// Makes a file of the private keys of another.
pub fn copy_keys(source: PathBuf, path: PathBuf) -> Change {
    Change::Write { path, source, rewrite: Rewrite::Keys, mode: Some(KEY_MODE) }
}

/// Makes a file of the certificates of another.
pub fn copy_certificates(source: PathBuf, path: PathBuf) -> Change {
    Change::Write { path, source, rewrite: Rewrite::Certificates, mode: Some(0o644) }
}

/// A fix that only sets a file aside.
pub fn aside_fix(host: &HostDir, file: &File, promise: Applicability) -> Fix {
    let title = format!("set {} aside", file.name.to_string_lossy());
    Fix::new(title, promise, vec![set_aside(host, &file.name)])
}

/// A fix that sets a file aside which stands for nothing, with the other half of its pair, at which engines would stop.
pub fn aside_with_partner(context: &HostContext<'_>, file: &File) -> Fix {
    let host = context.host;
    let is_half = matches!(file.role(), Role::ClientCertificate | Role::ClientKey);
    let Some((_, partner)) = context.partner_of(file).filter(|_| is_half) else {
        return aside_fix(host, file, Applicability::Safe);
    };
    let changes = vec![set_aside(host, &file.name), set_aside(host, &partner.name)];
    let title = format!("set {} and {} aside", file.name.to_string_lossy(), partner.name.to_string_lossy());
    Fix::new(title, Applicability::Unsafe, changes)
}

/// Gives a host directory, or a link in the place of one, a name that stands for no registry.
pub fn directory_aside(host: &HostDir, inventory: Option<&Inventory>, promise: Applicability) -> Fix {
    let is_free = |name: &OsStr| inventory.is_none_or(|all| all.host_at(&host.path.with_file_name(name)).is_none());
    let numbered = |number| numbered_aside(&host.name, number);
    let to = (1..=9).map(numbered).find(|name| is_free(name)).unwrap_or_else(|| numbered(10));
    let change = Change::SetAside { from: host.path.clone(), to: host.path.with_file_name(to) };
    Fix::new(format!("set {} aside", host.name.to_string_lossy()), promise, vec![change])
}

/// Gives a host directory another name, or copies it, where both names are used. Nothing where the name is taken.
pub fn rename_directory(host: &HostDir, to: &str, promise: Applicability, inventory: Option<&Inventory>) -> Vec<Fix> {
    let path = host.path.with_file_name(to);
    let is_name = !to.is_empty() && !to.contains('/') && to != "." && to != ".." && OsStr::new(to) != host.name;
    if !is_name || inventory.is_some_and(|inventory| inventory.host_at(&path).is_some()) {
        return Vec::new();
    }
    let change = Change::Rename { from: host.path.clone(), to: path };
    let mut fixes = vec![Fix::new(format!("rename {} to {to}", host.name.to_string_lossy()), promise, vec![change])];
    fixes.extend(copy_directory(host, to));
    fixes
}

/// Makes a second host directory with the same files. Nothing where a file cannot be copied.
pub fn copy_directory(host: &HostDir, to: &str) -> Option<Fix> {
    let path = host.path.with_file_name(to);
    let is_copied = |file: &&File| !file.is_leftover();
    let can_be_copied = |file: &File| file.kind == FileKind::Regular && file.link.is_none() && file.parsed().is_some();
    let files: Vec<&File> = host.files.iter().filter(is_copied).collect();
    if host.state != HostState::Listed || files.is_empty() || !files.iter().all(|file| can_be_copied(file)) {
        return None;
    }
    let mut changes = vec![Change::CreateDirectory { path: path.clone(), mode: 0o755 }];
    changes.extend(copies(host, &files, &path));
    let title = format!("copy {} to {to}, for both names", host.name.to_string_lossy());
    Some(Fix::new(title, Applicability::Unsafe, changes))
}

/// Copies of files in another directory.
pub fn copies(host: &HostDir, files: &[&File], directory: &std::path::Path) -> Vec<Change> {
    let copy = |file: &&File| Change::Write {
        path: directory.join(&file.name),
        source: host.path.join(&file.name),
        rewrite: Rewrite::Copy,
        mode: file.parsed().is_some_and(|parsed| parsed.private_keys().next().is_some()).then_some(KEY_MODE),
    };
    files.iter().map(copy).collect()
}

/// Tells whether a file is PEM that engines read, as it stands.
pub fn is_normal(file: &File) -> bool {
    file.parsed().is_some_and(|parsed| {
        parsed.format == Format::Pem
            && parsed.blocks.iter().all(|block| block.seen_by_go && !matches!(block.item, Item::Pkcs7(_)))
            && parsed.defects.iter().all(|defect| defect.value.is_harmless())
    })
}

/// Tells whether all that is in a file can be written anew, and the file be replaced: it is no link.
pub fn can_be_normal(file: &File) -> bool {
    file.link.is_none() && file.kind == FileKind::Regular && file.parsed().is_some_and(is_whole)
}

/// Tells whether nothing in a file would be lost if it were written anew.
fn is_whole(parsed: &Parsed) -> bool {
    let is_lost = |item: &Item| match item {
        Item::Broken | Item::Pkcs12 => true,
        Item::Pkcs7(certificates) => certificates.is_empty(),
        _ => false,
    };
    let is_cut = |defect: &Defect| matches!(defect, Defect::Truncated | Defect::NotBase64);
    !parsed.blocks.is_empty()
        && !parsed.blocks.iter().any(|block| is_lost(&block.item))
        && !parsed.defects.iter().any(|defect| is_cut(&defect.value))
}

/// A name that no engine reads and that nobody has yet: `NAME.certwright-aside`, else `NAME.2.certwright-aside` …
fn aside_name(host: &HostDir, name: &OsStr) -> OsString {
    let numbered = |number| numbered_aside(name, number);
    let mut names = (1..=host.files.len() + 1).map(numbered);
    names.find(|aside| host.file(aside).is_none()).unwrap_or_else(|| numbered(1))
}

fn numbered_aside(name: &OsStr, number: usize) -> OsString {
    let mut aside = name.to_os_string();
    if number > 1 {
        aside.push(format!(".{number}"));
    }
    aside.push(ASIDE_SUFFIX);
    aside
}
