//! A listing of files kept in order, and in line with what its `hosts.toml` names and where its links lead.

use std::path::{Component, Path, PathBuf};

use crate::base::stamp::Stamp;
use crate::fix::plan::Expectation;
use crate::model::{Content, File, FileKind, HostDir, Link, Unread};

/// Puts a file in its place in the listing.
pub(super) fn insert(host: &mut HostDir, file: File) {
    let at = host.files.partition_point(|other| other.name < file.name);
    host.files.insert(at, file);
    refer(host);
}

/// Brings [`HostDir::referenced`] in line with the listing: what `hosts.toml` names is there, or is missing.
pub(super) fn refer(host: &mut HostDir) {
    let Some(hosts_toml) = &host.hosts_toml else { return };
    let named = hosts_toml.files();
    let mut referenced = std::mem::take(&mut host.referenced);
    for name in named {
        let is_listed = host.file(&name).is_some();
        let known = referenced.iter().position(|file| file.name == name).map(|at| referenced.remove(at));
        if !is_listed {
            let missing = || File {
                name: name.clone(),
                kind: FileKind::Dangling,
                link: None,
                stamp: None,
                content: Content::Unread(Unread::NotRegular),
            };
            host.referenced.push(known.unwrap_or_else(missing));
        }
    }
}

/// Where a link leads, by its text alone.
pub(super) fn leads_to(directory: &Path, link: &Link) -> PathBuf {
    let mut path = PathBuf::new();
    for part in directory.join(&link.target).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if path.file_name().is_some() => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path
}

pub(super) fn expectation(link: Option<&Link>, kind: FileKind, stamp: Option<Stamp>) -> Expectation {
    match (link, kind, stamp) {
        (Some(link), ..) => Expectation::Link { target: link.target.clone() },
        (None, FileKind::Directory, Some(stamp)) => Expectation::Directory(stamp),
        (None, _, Some(stamp)) => Expectation::File(stamp),
        (None, _, None) => Expectation::Absent,
    }
}
