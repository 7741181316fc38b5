//! A copy of the files under the names that Docker and Podman read: `*.crt`, and `*.cert` with a `*.key` of its stem.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::base::text::{display_name, shell_word};
use crate::create::export::placed::{KEY_MODE, mode};
use crate::create::export::{Copy, Document, Export, LeftOut, Source, Target};
use crate::finding::Change;
use crate::model::host::is_loopback;
use crate::model::{File, Role};
use crate::pki::Rewrite;

/// Permission bits of a host directory.
const DIRECTORY_MODE: u32 = 0o755;

pub(super) fn export(source: &Source, target: Target, root: Option<&Path>) -> Export {
    let root = root.unwrap_or_else(|| Path::new(target.usual_root()));
    let directory = root.join(&source.registry);
    let (copies, left_out): (Vec<Copy>, Vec<Copy>) =
        copies(source, &directory).into_iter().partition(|copy| is_writable(source, copy));
    let left_out = left_out.iter().map(|copy| {
        let why = "a command line cannot name what is no UTF-8, or holds invisible characters".to_owned();
        LeftOut { what: display_name(copy.from.file_name().unwrap_or_default()), why }
    });
    let left_out = left_out.collect();
    let text = commands(source, root, &directory, &copies);
    Export { documents: vec![Document { name: "copy.sh", text }], copies, left_out, notes: notes(source, target) }
}

/// The changes that make the copy here: the directory, then its files. They take every name that a file can have.
pub fn changes(source: &Source, root: &Path) -> Vec<Change> {
    let directory = root.join(&source.registry);
    let files = copies(source, &directory).into_iter().map(|copy| Change::Write {
        path: copy.to,
        source: copy.from,
        rewrite: Rewrite::Copy,
        mode: Some(copy.mode),
    });
    let directory = Change::CreateDirectory { path: directory, mode: DIRECTORY_MODE };
    std::iter::once(directory).chain(files).collect()
}

/// What the engine that it is for does otherwise than people expect.
fn notes(source: &Source, target: Target) -> Vec<String> {
    let mut notes = Vec::new();
    let registry = source.registry.as_str();
    if target == Target::Docker && registry == "docker.io" {
        notes.push("docker login, and pulls with a graph driver, read no directory for Docker Hub".to_owned());
    }
    if target == Target::Docker && is_loopback(registry) {
        notes.push(format!("Docker takes {registry} for insecure, and docker login then reads no directory"));
    }
    if target == Target::Podman && registry.contains('[') {
        notes.push("Podman takes no image reference with an address in brackets".to_owned());
    }
    notes
}

/// Each file with the name that it gets, each name once.
fn copies(source: &Source, directory: &Path) -> Vec<Copy> {
    let mut taken: BTreeSet<OsString> = BTreeSet::new();
    let mut copies = Vec::new();
    for authority in &source.authorities {
        let stem = free(stem(&authority.file, Role::CaBundle), &[".crt"], &mut taken);
        let to = directory.join(named(&stem, ".crt"));
        copies.push(Copy { from: authority.file.clone(), to, mode: mode(authority.holds_key) });
    }
    for pair in &source.pairs {
        let stem = free(stem(&pair.certificate, Role::ClientCertificate), &[".cert", ".key"], &mut taken);
        let to = directory.join(named(&stem, ".cert"));
        copies.push(Copy { from: pair.certificate.clone(), to, mode: mode(pair.holds_key) });
        copies.push(Copy { from: pair.key.clone(), to: directory.join(named(&stem, ".key")), mode: KEY_MODE });
    }
    copies
}

/// The stem that a file has where its name is of the role; else its name without the last extension.
fn stem(file: &Path, role: Role) -> OsString {
    let name = file.file_name().unwrap_or_default();
    if Role::of_name(name) == role {
        return File::stem_of(name).to_os_string();
    }
    file.file_stem().unwrap_or(name).to_os_string()
}

/// A stem that nobody has yet with each of the suffixes: itself, else with a number.
fn free(stem: OsString, suffixes: &[&str], taken: &mut BTreeSet<OsString>) -> OsString {
    let numbered = (2..).map(|number| named(&stem, &format!("-{number}")));
    let is_free = |stem: &OsString| suffixes.iter().all(|suffix| !taken.contains(&named(stem, suffix)));
    let free = std::iter::once(stem.clone()).chain(numbered).find(is_free).unwrap_or_default();
    taken.extend(suffixes.iter().map(|suffix| named(&free, suffix)));
    free
}

fn named(stem: &OsString, suffix: &str) -> OsString {
    let mut name = stem.as_bytes().to_vec();
    name.extend(suffix.as_bytes());
    OsString::from_vec(name)
}

/// Tells whether a command line names both files, and a terminal shows it as it is.
fn is_writable(source: &Source, copy: &Copy) -> bool {
    let from = source.on_machine(&copy.from);
    [&from, &copy.to].iter().all(|path| path.to_str().is_some_and(|text| display_name(path) == text))
}

/// The commands, which stop where the directory is there already.
fn commands(source: &Source, root: &Path, directory: &PathBuf, copies: &[Copy]) -> String {
    let directory = shell_word(directory);
    let root = shell_word(root);
    let mut text = format!("set -eu\nmkdir -p -- {root}\n");
    // Without -p: what is there is not touched.
    text.push_str(&format!("mkdir -m {DIRECTORY_MODE:04o} -- {directory}\n"));
    for copy in copies {
        let (from, to) = (shell_word(source.on_machine(&copy.from)), shell_word(&copy.to));
        text.push_str(&format!("install -m {:04o} -- {from} {to}\n", copy.mode));
    }
    text
}
