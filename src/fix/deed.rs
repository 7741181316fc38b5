//! The steps that a change comes down to, as the journal keeps them.
//!
//! What is new is made aside first, what goes waits aside until the operation is done. So each step comes down to one
//! rename, or one call on the very thing that was seen, and until the end the way back is the same: nothing is written, no
//! room is needed, and files are the same files again.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::base::encoded_path;
use crate::fix::aside::Aside;
use crate::fix::disk::{Disk, DiskError, Ownership, moved};
use crate::fix::version::{Identity, Version};

/// One step. Identities are those of what is there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "kebab-case")]
pub(crate) enum Deed {
    MakeDirectory {
        #[serde(with = "encoded_path")]
        path: PathBuf,
        mode: u32,
    },
    RemoveDirectory {
        #[serde(with = "encoded_path")]
        path: PathBuf,
        mode: u32,
        identity: Identity,
    },
    Rename {
        #[serde(with = "encoded_path")]
        from: PathBuf,
        #[serde(with = "encoded_path")]
        to: PathBuf,
        identity: Identity,
    },
    CreateFile {
        #[serde(with = "encoded_path")]
        path: PathBuf,
        version: Version,
    },
    RemoveFile {
        #[serde(with = "encoded_path")]
        path: PathBuf,
        version: Version,
        identity: Identity,
    },
    ReplaceFile {
        #[serde(with = "encoded_path")]
        path: PathBuf,
        old: Version,
        new: Version,
        identity: Identity,
    },
    SetMode {
        #[serde(with = "encoded_path")]
        path: PathBuf,
        old: u32,
        new: u32,
        identity: Identity,
    },
    SetOwner {
        #[serde(with = "encoded_path")]
        path: PathBuf,
        old: (u32, u32),
        new: (u32, u32),
        identity: Identity,
    },
}

/// A step that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    pub deed: Deed,
    /// What was made aside for it; nothing took a name yet before that is known.
    pub made: Option<Identity>,
}

/// Where the bytes of blobs come from.
pub(crate) trait Blobs {
    /// The bytes of a blob.
    fn blob(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, DiskError>;
}

impl Deed {
    /// The paths that it changes.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let from = match self {
            Self::Rename { from, .. } => Some(from.as_path()),
            _ => None,
        };
        from.into_iter().chain([self.target()])
    }

    /// The path at which it can be seen afterwards.
    pub fn target(&self) -> &Path {
        match self {
            Self::MakeDirectory { path, .. }
            | Self::RemoveDirectory { path, .. }
            | Self::CreateFile { path, .. }
            | Self::RemoveFile { path, .. }
            | Self::ReplaceFile { path, .. }
            | Self::SetMode { path, .. }
            | Self::SetOwner { path, .. }
            | Self::Rename { to: path, .. } => path,
        }
    }

    /// The step that takes it back once its operation is done, where `there` is what is at its target by now. `None` if
    /// there has to be something.
    pub fn reversed(&self, there: Option<Identity>) -> Option<Self> {
        Some(match self.clone() {
            Self::MakeDirectory { path, mode } => Self::RemoveDirectory { path, mode, identity: there? },
            Self::RemoveDirectory { path, mode, .. } => Self::MakeDirectory { path, mode },
            Self::Rename { from, to, .. } => Self::Rename { from: to, to: from, identity: there? },
            Self::CreateFile { path, version } => Self::RemoveFile { path, version, identity: there? },
            Self::RemoveFile { path, version, .. } => Self::CreateFile { path, version },
            Self::ReplaceFile { path, old, new, .. } => {
                Self::ReplaceFile { path, old: new, new: old, identity: there? }
            }
            Self::SetMode { path, old, new, .. } => Self::SetMode { path, old: new, new: old, identity: there? },
            Self::SetOwner { path, old, new, .. } => Self::SetOwner { path, old: new, new: old, identity: there? },
        })
    }

    /// What waits aside once it is carried out, until the operation is done.
    pub fn waste(&self) -> Option<Identity> {
        match self {
            Self::RemoveDirectory { identity, .. }
            | Self::RemoveFile { identity, .. }
            | Self::ReplaceFile { identity, .. } => Some(*identity),
            _ => None,
        }
    }

    /// Makes aside what is new, if anything is, and tells which that is.
    pub fn prepare(
        &self,
        disk: &Disk<'_>,
        blobs: &dyn Blobs,
        aside: &Aside<'_>,
    ) -> Result<Option<Identity>, DiskError> {
        let aside = aside.beside(self.target());
        let create =
            |version: &Version, owner| disk.create(&aside, &blobs.blob(&version.blob)?, &version.meta, owner).map(Some);
        match self {
            Self::MakeDirectory { mode, .. } => disk.make_directory(&aside, *mode).map(Some),
            Self::CreateFile { version, .. } => create(version, Ownership::Wished),
            Self::ReplaceFile { new, .. } => create(new, Ownership::Kept),
            _ => Ok(None),
        }
    }

    /// Does it, once what is new was `made`.
    pub fn carry_out(&self, disk: &Disk<'_>, aside: &Aside<'_>, made: Option<Identity>) -> Result<(), DiskError> {
        let path = self.target();
        let beside = aside.beside(path);
        match (self, made) {
            (Self::MakeDirectory { .. } | Self::CreateFile { .. }, Some(made)) => disk.rename(&beside, path, made)?,
            (Self::ReplaceFile { old, identity, .. }, Some(made)) => {
                if !disk.holds(path, old)? {
                    return Err(moved(path, "was changed by someone else"));
                }
                disk.exchange((path, *identity), (&beside, made))?;
                if !disk.holds(&beside, old)? {
                    return Err(moved(path, "was changed by someone else"));
                }
            }
            (Self::MakeDirectory { .. } | Self::CreateFile { .. } | Self::ReplaceFile { .. }, None) => {
                return Err(moved(&beside, "is not there any more"));
            }
            (Self::RemoveFile { version, identity, .. }, _) => {
                if !disk.holds(path, version)? {
                    return Err(moved(path, "was changed by someone else"));
                }
                disk.rename(path, &beside, *identity)?;
            }
            (Self::RemoveDirectory { identity, .. }, _) => remove_directory(disk, path, aside, *identity)?,
            (Self::Rename { from, to, identity }, _) => {
                disk.rename(from, to, *identity)?;
                disk.sync_name(from)?;
            }
            (Self::SetMode { new, identity, .. }, _) => disk.set_mode(path, *identity, *new)?,
            (Self::SetOwner { new, identity, .. }, _) => disk.set_owner(path, *identity, *new)?,
        }
        disk.sync_name(path)
    }
}

/// Looked at twice, since somebody may be quicker than the call.
fn remove_directory(disk: &Disk<'_>, path: &Path, aside: &Aside<'_>, identity: Identity) -> Result<(), DiskError> {
    let beside = aside.beside(path);
    let is_empty = |path: &Path| disk.is_empty_but(path, &|name| aside.is_sibling(name));
    if is_empty(path)? {
        disk.rename(path, &beside, identity)?;
        if is_empty(&beside)? {
            return Ok(());
        }
        disk.rename(&beside, path, identity)?;
    }
    Err(moved(path, "is not empty any more"))
}
