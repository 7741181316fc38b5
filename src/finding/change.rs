//! What would mend a finding: changes of files, each with an exact inverse, and the promise that a fix makes.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::encoded_path;
use crate::finding::content::NewContent;
use crate::pki::Rewrite;

/// What a fix promises. Ordered: the later, the more is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// It is shown as something to do by hand; this program does not do it.
    DisplayOnly,
    /// It may change what is trusted, or who is let in.
    Unsafe,
    /// Every engine that accepted the directory accepts it still and trusts the same, or what was evidently meant; no
    /// content is lost.
    Safe,
}

impl Applicability {
    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::DisplayOnly => "display-only",
            Self::Unsafe => "unsafe",
            Self::Safe => "safe",
        }
    }
}

/// One way to mend a finding.
///
/// Titles may hold foreign text (names) that was *not* yet sanitised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative ("rename ca.cert to ca.crt").
    pub title: String,
    /// What it promises at most. A plan takes it back where the engines, replayed, say otherwise.
    pub promise: Applicability,
    /// What is done, in order; nothing where it is to be done by hand.
    pub changes: Vec<Change>,
    /// What to run by hand, where it is [`Applicability::DisplayOnly`]: a command line, or why it cannot be done here.
    pub by_hand: Option<String>,
}

impl Fix {
    /// A fix that keeps its promise with these changes.
    pub fn new(title: impl Into<String>, promise: Applicability, changes: Vec<Change>) -> Self {
        Self { title: title.into(), promise, changes, by_hand: None }
    }

    /// Something to do by hand.
    pub fn by_hand(title: impl Into<String>, how: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            promise: Applicability::DisplayOnly,
            changes: Vec::new(),
            by_hand: Some(how.into()),
        }
    }

    /// Tells whether it gives something up: all that it does is to set things aside.
    pub fn gives_up(&self) -> bool {
        !self.changes.is_empty() && self.changes.iter().all(|change| matches!(change, Change::SetAside { .. }))
    }

    /// Its place among others, the lower the earlier: what mends comes before what sets something aside for that, then comes
    /// what gives up, and last what is to be done by hand.
    pub fn rank(&self) -> u8 {
        let sets_aside = || self.changes.iter().any(|change| matches!(change, Change::SetAside { .. }));
        match self.changes.is_empty() {
            true => 3,
            false if self.gives_up() => 2,
            false => u8::from(sets_aside()),
        }
    }

    /// The paths at which something is changed by it.
    pub fn changed(&self) -> impl Iterator<Item = &Path> {
        self.changes
            .iter()
            .flat_map(|change| change.source().filter(|_| !change.copies()).into_iter().chain([change.target()]))
    }

    /// The paths of what is copied by it, and stays as it is.
    pub fn copied(&self) -> impl Iterator<Item = &Path> {
        self.changes.iter().filter(|change| change.copies()).filter_map(Change::source)
    }
}

/// One change of the file system. Nothing is ever deleted or overwritten: what a [`Change::Write`] replaces is kept.
///
/// Paths are those of the inventory: the path of the host directory, joined with the name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum Change {
    /// Make a directory. Inverse: take it away again.
    CreateDirectory {
        /// Where; there is nothing yet.
        #[serde(with = "encoded_path")]
        path: PathBuf,
        /// Permission bits
        mode: u32,
    },
    /// Make a file out of nothing that is there; there is nothing of that name yet. Inverse: take it away again.
    Create {
        /// Where
        #[serde(with = "encoded_path")]
        path: PathBuf,
        /// The bytes
        content: NewContent,
        /// Permission bits
        mode: u32,
    },
    /// Give a file, link or directory another name; there is nothing of that name yet. Inverse: the same, back.
    Rename {
        /// The path that it has
        #[serde(with = "encoded_path")]
        from: PathBuf,
        /// The path that it gets
        #[serde(with = "encoded_path")]
        to: PathBuf,
    },
    /// Make a file out of another, or anew out of itself. Inverse: the former bytes, mode, owner and times.
    Write {
        /// The file that is made, or replaced where it is the source itself.
        #[serde(with = "encoded_path")]
        path: PathBuf,
        /// The file that it is made of; [`Change::Write::path`] itself where it is made anew.
        #[serde(with = "encoded_path")]
        source: PathBuf,
        /// What becomes of the bytes of the source
        rewrite: Rewrite,
        /// Permission bits; those of the source where `None`
        mode: Option<u32>,
    },
    /// Set the permission bits. Inverse: the former ones.
    SetMode {
        /// Of what
        #[serde(with = "encoded_path")]
        path: PathBuf,
        /// Permission bits
        mode: u32,
    },
    /// Set owner and group. Inverse: the former ones.
    SetOwner {
        /// Of what
        #[serde(with = "encoded_path")]
        path: PathBuf,
        /// Owner
        uid: u32,
        /// Group
        gid: u32,
    },
    /// Give a file a name that no engine reads; there is nothing of that name yet. Inverse: the name that it had.
    SetAside {
        /// The path that it has
        #[serde(with = "encoded_path")]
        from: PathBuf,
        /// The path that it gets
        #[serde(with = "encoded_path")]
        to: PathBuf,
    },
}

impl Change {
    /// The path that there is something new or something else at afterwards.
    pub fn target(&self) -> &Path {
        match self {
            Self::CreateDirectory { path, .. }
            | Self::Create { path, .. }
            | Self::Write { path, .. }
            | Self::SetMode { path, .. }
            | Self::SetOwner { path, .. } => path,
            Self::Rename { to, .. } | Self::SetAside { to, .. } => to,
        }
    }

    /// The path that has to be there before; `None` of what is made out of nothing.
    pub fn source(&self) -> Option<&Path> {
        match self {
            Self::CreateDirectory { .. } | Self::Create { .. } => None,
            Self::Write { source, .. } => Some(source),
            Self::SetMode { path, .. } | Self::SetOwner { path, .. } => Some(path),
            Self::Rename { from, .. } | Self::SetAside { from, .. } => Some(from),
        }
    }

    /// Tells whether its source stays as it is: something else is made of it.
    pub fn copies(&self) -> bool {
        matches!(self, Self::Write { path, source, .. } if path != source)
    }

    /// Tells whether nothing may be at the target before.
    pub fn needs_free_target(&self) -> bool {
        match self {
            Self::CreateDirectory { .. } | Self::Create { .. } | Self::Rename { .. } | Self::SetAside { .. } => true,
            Self::Write { .. } => self.copies(),
            Self::SetMode { .. } | Self::SetOwner { .. } => false,
        }
    }

    /// The same with every path changed.
    #[must_use]
    pub fn map_paths(&self, map: impl Fn(&Path) -> PathBuf) -> Self {
        let mut changed = self.clone();
        match &mut changed {
            Self::CreateDirectory { path, .. }
            | Self::Create { path, .. }
            | Self::SetMode { path, .. }
            | Self::SetOwner { path, .. } => *path = map(path),
            Self::Write { path, source, .. } => {
                *path = map(path);
                *source = map(source);
            }
            Self::Rename { from, to } | Self::SetAside { from, to } => {
                *from = map(from);
                *to = map(to);
            }
        }
        changed
    }
}
