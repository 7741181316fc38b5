//! A row of the tree, and what it stands for.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::tui::tree::Tree;

/// A row, by index: of the root, of the host directory, of the file in it, of the certificate in that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// A root
    Root(usize),
    /// A host directory
    Host(usize),
    /// A file
    File {
        /// Its host directory
        host: usize,
        /// Its index there
        file: usize,
    },
    /// A certificate of a file that holds several
    Certificate {
        /// The host directory
        host: usize,
        /// The file
        file: usize,
        /// Its index among the certificates of the file
        certificate: usize,
    },
}

impl Row {
    /// The host directory that it belongs to.
    pub fn host(self) -> Option<usize> {
        match self {
            Self::Root(_) => None,
            Self::Host(host) | Self::File { host, .. } | Self::Certificate { host, .. } => Some(host),
        }
    }

    /// The file that it is or belongs to.
    pub fn file(self) -> Option<usize> {
        match self {
            Self::Root(_) | Self::Host(_) => None,
            Self::File { file, .. } | Self::Certificate { file, .. } => Some(file),
        }
    }

    /// The row that holds it.
    pub fn parent(self, tree: &Tree) -> Option<Self> {
        match self {
            Self::Root(_) => None,
            Self::Host(host) => Some(Self::Root(tree.host(host)?.root)),
            Self::File { host, .. } => Some(Self::Host(host)),
            Self::Certificate { host, file, .. } => Some(Self::File { host, file }),
        }
    }
}

/// What a row stands for, whatever its place: this is what stays when a tree is read again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The root at this path
    Root(PathBuf),
    /// Something in the host directory at this path
    Host(PathBuf, Option<(OsString, Option<usize>)>),
}
