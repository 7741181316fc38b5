//! What a report is about: an inventory, what is wrong with it, and the moment at which it is looked at.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::finding::{Finding, Severity};
use crate::model::{File, HostDir, Inventory, Root};

/// What a report is about.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// What there is.
    pub inventory: &'a Inventory,
    /// What is wrong with it, in the order of the tree.
    pub findings: &'a [Finding],
    /// Directories of which only some files are meant, each with the name of one.
    pub focus: &'a [(PathBuf, OsString)],
    /// The present moment.
    pub now: Timestamp,
    /// A certificate that expires within so many days is expiring.
    pub expires_within: i64,
}

impl<'a> Scene<'a> {
    /// The host directories of a root.
    pub fn hosts(&self, root: &'a Root) -> impl Iterator<Item = &'a Arc<HostDir>> + use<'a> {
        let is_in_root = |host: &&Arc<HostDir>| host.path.parent().unwrap_or(Path::new("")) == root.path;
        self.inventory.hosts.iter().filter(is_in_root)
    }

    /// The files of a host directory that are meant.
    pub fn files(&self, host: &'a HostDir) -> impl Iterator<Item = &'a File> + use<'a> {
        let focus = self.focus;
        host.files.iter().filter(move |file| {
            let mut named = focus.iter().filter(|(directory, _)| *directory == host.path).peekable();
            named.peek().is_none() || named.any(|(_, name)| *name == file.name)
        })
    }

    /// All files that are meant.
    pub fn all_files(&self) -> impl Iterator<Item = (&'a Arc<HostDir>, &'a File)> + use<'a> {
        let scene = *self;
        self.inventory.hosts.iter().flat_map(move |host| scene.files(host).map(move |file| (host, file)))
    }

    /// The findings about a host directory and its files.
    pub fn findings_of(&self, host: &HostDir) -> &'a [Finding] {
        let start = self.findings.partition_point(|finding| *finding.place.directory < *host.path);
        let rest = self.findings.get(start..).unwrap_or_default();
        let length = rest.partition_point(|finding| *finding.place.directory == *host.path);
        rest.get(..length).unwrap_or_default()
    }

    /// The findings about one file of a host directory.
    pub fn findings_at(&self, host: &HostDir, file: &File) -> impl Iterator<Item = &'a Finding> {
        self.findings_of(host).iter().filter(|finding| finding.place.file.as_ref() == Some(&file.name))
    }

    /// How many findings there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}
