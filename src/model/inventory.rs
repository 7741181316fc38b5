//! All that a scan found: roots, their host directories, their files.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::base::errno::{Errno, FsError};
use crate::base::stamp::Stamp;
use crate::model::file::{ASIDE_SUFFIX, File, FileKind, Link};
use crate::model::host::HostName;
use crate::model::hosts_toml::HostsFile;

/// Index of a host directory in an [`Inventory`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(pub u32);

/// A file of an [`Inventory`]: its host directory and its index there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId {
    /// The host directory
    pub host: HostId,
    /// Index in [`HostDir::files`]
    pub file: u32,
}

/// A `certs.d` directory, or what was named on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Its path, as given.
    pub path: PathBuf,
    /// Whose it is.
    pub kind: RootKind,
    /// Why it could not be listed, if it could not.
    pub error: Option<FsError>,
}

/// Whose a root is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RootKind {
    /// Docker's `/etc/docker/certs.d`
    Docker,
    /// Rootless Docker's `~/.config/docker/certs.d`
    DockerRootless,
    /// `/var/snap/docker/current/etc/docker/certs.d`, which Docker reads where it is a snap
    DockerSnap,
    /// Podman's `~/.config/containers/certs.d`
    PodmanUser,
    /// Podman's `/etc/containers/certs.d`
    PodmanSystem,
    /// containerd's `/etc/containerd/certs.d`
    Containerd,
    /// Rootless containerd's and nerdctl's `~/.config/containerd/certs.d`
    ContainerdRootless,
    /// A `certs.d` directory named on the command line
    Given,
    /// The parent of a host directory or file named on the command line; only that is looked at
    Partial,
}

/// One directory under a root: the files for one registry host.
#[derive(Clone, Debug)]
pub struct HostDir {
    /// Its path.
    pub path: PathBuf,
    /// Its name, any bytes.
    pub name: OsString,
    /// Whether it could be listed.
    pub state: HostState,
    /// Where it stands, which decides whether its name means anything.
    pub placement: Placement,
    /// Where it leads, if it is a symbolic link.
    pub link: Option<Link>,
    /// Its identity, links followed.
    pub stamp: Option<Stamp>,
    /// Its entries in ascending byte order of their names, which is the order of every engine.
    pub files: Vec<File>,
    /// What its `hosts.toml` says, where it has one that is not empty.
    pub hosts_toml: Option<HostsFile>,
    /// Files that `hosts.toml` names and that are no entries, their names being paths relative to the directory, or
    /// absolute. Indices of [`HostDir::entry`] go on behind those of `files`.
    pub referenced: Vec<File>,
}

/// Whether a host directory could be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostState {
    /// It could.
    Listed,
    /// There is nothing of that name (or a dangling link).
    Missing,
    /// It is something else than a directory.
    NotDirectory(FileKind),
    /// The kernel refused.
    Unreadable(FsError),
}

/// Where a host directory stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Placement {
    /// Directly under a `certs.d` root: its name is a registry host.
    UnderRoot,
    /// Named by itself and not in a `certs.d`: its name means nothing (as with Podman's `--cert-dir`).
    Flat,
}

/// All that a scan found.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// The roots, in the order of the scan.
    pub roots: Vec<Root>,
    /// The host directories, in order of root, then byte order of name.
    pub hosts: Vec<Arc<HostDir>>,
}

impl HostDir {
    /// A directory that is not there, and has no path.
    pub fn nowhere() -> Self {
        Self {
            path: PathBuf::new(),
            name: OsString::new(),
            state: HostState::Missing,
            placement: Placement::UnderRoot,
            link: None,
            stamp: None,
            files: Vec::new(),
            hosts_toml: None,
            referenced: Vec::new(),
        }
    }

    /// What its name means; `None` where it means nothing.
    pub fn host_name(&self) -> Option<HostName> {
        (self.placement == Placement::UnderRoot).then(|| HostName::parse(&self.name))
    }

    /// The entry of this name.
    pub fn file(&self, name: &OsStr) -> Option<&File> {
        let index = self.files.binary_search_by(|file| file.name.as_os_str().cmp(name)).ok()?;
        self.files.get(index)
    }

    /// A stem that makes a name nobody has yet with each of the suffixes: `stem` itself, else `stem-2`, `stem-3` …
    pub fn free_stem(&self, stem: &str, suffixes: &[&str]) -> String {
        let is_free =
            |stem: &String| suffixes.iter().all(|suffix| self.file(OsStr::new(&format!("{stem}{suffix}"))).is_none());
        let numbered = (2..=self.files.len() + 2).map(|number| format!("{stem}-{number}"));
        std::iter::once(stem.to_owned()).chain(numbered).find(is_free).unwrap_or_else(|| stem.to_owned())
    }

    /// Tells whether it was set aside here, so that it is for no registry any more.
    pub fn is_set_aside(&self) -> bool {
        self.name.as_bytes().ends_with(ASIDE_SUFFIX.as_bytes())
    }

    /// Tells whether it is a symbolic link that leads in a circle.
    pub fn is_link_loop(&self) -> bool {
        matches!(self.state, HostState::Unreadable(error) if error.errno == Errno::ELOOP)
    }

    /// The entry of an index, as load traces count them: first `files`, then `referenced`.
    pub fn entry(&self, index: usize) -> Option<&File> {
        self.files.get(index).or_else(|| self.referenced.get(index.checked_sub(self.files.len())?))
    }

    /// The index of the entry or referenced file of this name.
    pub fn index_of(&self, name: &OsStr) -> Option<usize> {
        let among_files = self.files.binary_search_by(|file| file.name.as_os_str().cmp(name)).ok();
        among_files.or_else(|| {
            let index = self.referenced.iter().position(|file| file.name == name)?;
            Some(self.files.len() + index)
        })
    }

    /// The path of an entry, as engines print it: what a name climbs up is taken away from the directory's path by its text.
    pub fn path_of(&self, name: &OsStr) -> PathBuf {
        let mut components = Path::new(name).components();
        let mut directory = self.path.as_path();
        while let (Some(Component::ParentDir), Some(parent)) = (components.clone().next(), directory.parent()) {
            components.next();
            directory = parent;
        }
        if directory == self.path { self.path.join(name) } else { directory.join(components.as_path()) }
    }
}

impl Inventory {
    /// The host directory of this id.
    pub fn host(&self, id: HostId) -> Option<&Arc<HostDir>> {
        self.hosts.get(id.0 as usize)
    }

    /// The host directory at this path.
    pub fn host_at(&self, path: &Path) -> Option<&Arc<HostDir>> {
        // Names are compared first: paths that differ only in their last part take long to tell apart.
        let name = path.file_name().unwrap_or(path.as_os_str());
        self.hosts.iter().find(|host| host.name == name && host.path == path)
    }

    /// The root that a host directory stands under.
    pub fn root_of(&self, host: &HostDir) -> Option<&Root> {
        self.roots.iter().find(|root| host.path.parent() == Some(&root.path))
    }

    /// All files with their host directories.
    pub fn files(&self) -> impl Iterator<Item = (&Arc<HostDir>, &File)> {
        self.hosts.iter().flat_map(|host| host.files.iter().map(move |file| (host, file)))
    }
}
