//! The steps that a change comes down to, as the journal keeps them: each with an exact inverse, and each able to tell from
//! the disk whether it was done. That is what lets a half-done operation be taken back after a crash, however often.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::base::encoded_path;
use crate::base::stamp::Stamp;
use crate::fix::disk::{Disk, DiskError, Found, Meta, Place, at, hex, moved};
use crate::fix::kernel::CallError;
use crate::pki::sha256;

/// The bytes of a file and everything that is kept beside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// SHA-256 of the bytes in hexadecimal digits, which is the name of the blob that holds them.
    pub blob: String,
    pub meta: Meta,
}

/// Device and inode.
pub(crate) type Identity = (u64, u64);

/// One step.
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
    },
    ReplaceFile {
        #[serde(with = "encoded_path")]
        path: PathBuf,
        old: Version,
        new: Version,
    },
    SetMode {
        #[serde(with = "encoded_path")]
        path: PathBuf,
        old: u32,
        new: u32,
    },
    SetOwner {
        #[serde(with = "encoded_path")]
        path: PathBuf,
        old: (u32, u32),
        new: (u32, u32),
    },
}

/// Where the bytes of blobs come from.
pub(crate) trait Blobs {
    /// The bytes of a blob.
    fn blob(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, DiskError>;
}

impl Version {
    /// The version that was read.
    pub fn new(bytes: &[u8], meta: Meta) -> Self {
        Self { blob: hex(&sha256(bytes)), meta }
    }
}

impl Deed {
    /// The paths that it changes.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let (one, other) = match self {
            Self::Rename { from, to, .. } => (from, Some(to)),
            Self::MakeDirectory { path, .. }
            | Self::RemoveDirectory { path, .. }
            | Self::CreateFile { path, .. }
            | Self::RemoveFile { path, .. }
            | Self::ReplaceFile { path, .. }
            | Self::SetMode { path, .. }
            | Self::SetOwner { path, .. } => (path, None),
        };
        std::iter::once(one.as_path()).chain(other.map(PathBuf::as_path))
    }

    /// What takes it back.
    pub fn inverse(&self) -> Self {
        match self.clone() {
            Self::MakeDirectory { path, mode } => Self::RemoveDirectory { path, mode },
            Self::RemoveDirectory { path, mode } => Self::MakeDirectory { path, mode },
            Self::Rename { from, to, identity } => Self::Rename { from: to, to: from, identity },
            Self::CreateFile { path, version } => Self::RemoveFile { path, version },
            Self::RemoveFile { path, version } => Self::CreateFile { path, version },
            Self::ReplaceFile { path, old, new } => Self::ReplaceFile { path, old: new, new: old },
            Self::SetMode { path, old, new } => Self::SetMode { path, old: new, new: old },
            Self::SetOwner { path, old, new } => Self::SetOwner { path, old: new, new: old },
        }
    }

    /// Does it. `aside` is a name for a file in the making, which no engine reads and nobody else uses.
    pub fn carry_out(&self, disk: &Disk<'_>, blobs: &dyn Blobs, aside: &str) -> Result<(), DiskError> {
        let aside = OsString::from(aside);
        match self {
            Self::MakeDirectory { path, mode } => {
                let place = disk.place(path)?;
                disk.kernel().make_directory(&place.directory, &place.name, 0o700).map_err(at(path))?;
                disk.set_mode(&place, *mode).map_err(at(path))?;
                durable(disk, &place, path)
            }
            Self::RemoveDirectory { path, .. } => {
                let place = disk.place(path)?;
                disk.kernel().remove_directory(&place.directory, &place.name).map_err(at(path))?;
                durable(disk, &place, path)
            }
            Self::Rename { from, to, identity } => rename(disk, (from, to), *identity),
            Self::CreateFile { path, version } => {
                let place = disk.place(path)?;
                disk.write_aside(&place, &aside, &blobs.blob(&version.blob)?, &version.meta).map_err(at(path))?;
                let (from, to) = ((&place.directory, aside.as_os_str()), (&place.directory, place.name.as_os_str()));
                disk.kernel().rename(from, to).map_err(at(path))?;
                durable(disk, &place, path)
            }
            Self::RemoveFile { path, version } => {
                let place = disk.place(path)?;
                let is_it = disk.read(path).is_ok_and(|contents| hex(&sha256(&contents.bytes)) == version.blob);
                if !is_it {
                    return Err(moved(path, "was changed by someone else"));
                }
                disk.kernel().unlink(&place.directory, &place.name).map_err(at(path))?;
                durable(disk, &place, path)
            }
            Self::ReplaceFile { path, old, new } => replace(disk, blobs, path, (old, new), &aside),
            Self::SetMode { path, new, .. } => {
                let place = disk.place(path)?;
                disk.set_mode(&place, *new).map_err(at(path))?;
                durable(disk, &place, path)
            }
            Self::SetOwner { path, new, .. } => {
                let place = disk.place(path)?;
                disk.kernel().set_owner(&place.directory, &place.name, new.0, new.1).map_err(at(path))?;
                durable(disk, &place, path)
            }
        }
    }

    /// Takes it back if it was done, and puts away what it left behind. Does nothing where it was not done, so that it may
    /// be called again.
    pub fn take_back(&self, disk: &Disk<'_>, blobs: &dyn Blobs, aside: &str) -> Result<(), DiskError> {
        if let Self::ReplaceFile { path, old, new } = self {
            exchange_back(disk, path, (old, new), OsStr::new(aside))?;
        }
        // The name is ours: it has the numbers of the operation and of the step.
        for path in self.paths() {
            if let Ok(place) = disk.place(path) {
                let place = Place { name: OsString::from(aside), ..place };
                if matches!(place.look(), Ok(Found::File(_))) {
                    disk.kernel().unlink(&place.directory, &place.name).map_err(at(path))?;
                }
            }
        }
        if !self.is_done(disk)? {
            return Ok(());
        }
        match self.inverse() {
            Self::Rename { from, to, identity } => {
                let identity = disk.look(&from)?.identity().unwrap_or(identity);
                rename(disk, (&from, &to), identity)
            }
            inverse => inverse.carry_out(disk, blobs, aside),
        }
    }

    /// Tells from the disk whether it was done.
    fn is_done(&self, disk: &Disk<'_>) -> Result<bool, DiskError> {
        Ok(match self {
            Self::MakeDirectory { path, .. } => matches!(disk.look(path)?, Found::Directory(_)),
            Self::RemoveDirectory { path, .. } => disk.look(path)? == Found::Nothing,
            Self::Rename { from, to, identity } => {
                let (from, to) = (disk.look(from)?.identity(), disk.look(to)?.identity());
                // A file that was written anew and taken back has another inode than it had.
                to == Some(*identity) || (from.is_none() && to.is_some())
            }
            Self::CreateFile { path, version } => holds(disk, path, version)?,
            Self::RemoveFile { path, .. } => disk.look(path)? == Found::Nothing,
            Self::ReplaceFile { path, new, .. } => holds(disk, path, new)?,
            Self::SetMode { path, new, .. } => stamp_of(disk, path)?.is_some_and(|stamp| stamp.mode == *new),
            Self::SetOwner { path, new, .. } => {
                stamp_of(disk, path)?.is_some_and(|stamp| (stamp.uid, stamp.gid) == *new)
            }
        })
    }
}

fn rename(disk: &Disk<'_>, (from, to): (&Path, &Path), identity: Identity) -> Result<(), DiskError> {
    let (old, new) = (disk.place(from)?, disk.place(to)?);
    let is_it = |place: &Place| place.look().is_ok_and(|found| found.identity() == Some(identity));
    if !is_it(&old) {
        return Err(moved(from, "is another file by now"));
    }
    let names = |one: &Place, other: &Place| {
        disk.kernel().rename((&one.directory, one.name.as_os_str()), (&other.directory, other.name.as_os_str()))
    };
    names(&old, &new).map_err(|error| match error {
        CallError::Refused { errno, .. } if errno == rustix::io::Errno::EXIST.into() => {
            moved(to, "has come to be meanwhile")
        }
        error => at(to)(error),
    })?;
    // Somebody may have exchanged the file between the look and the call.
    if !is_it(&new) {
        names(&new, &old).map_err(at(from))?;
        return Err(moved(from, "is another file by now"));
    }
    durable(disk, &new, to)?;
    durable(disk, &old, from)
}

/// The new file is made beside the old one and takes its name in one step; what had the name is looked at before it goes.
fn replace(
    disk: &Disk<'_>,
    blobs: &dyn Blobs,
    path: &Path,
    (old, new): (&Version, &Version),
    aside: &OsString,
) -> Result<(), DiskError> {
    let place = disk.place(path)?;
    if !holds(disk, path, old)? {
        return Err(moved(path, "was changed by someone else"));
    }
    disk.write_aside(&place, aside, &blobs.blob(&new.blob)?, &new.meta).map_err(at(path))?;
    disk.kernel().exchange(&place.directory, aside, &place.name).map_err(at(path))?;
    let beside = path.with_file_name(aside);
    if !holds(disk, &beside, old)? {
        disk.kernel().exchange(&place.directory, aside, &place.name).map_err(at(path))?;
        return Err(moved(path, "was changed by someone else"));
    }
    durable(disk, &place, path)?;
    disk.kernel().unlink(&place.directory, aside).map_err(at(path))?;
    durable(disk, &place, path)
}

/// Gives the old file its name again, where it still lies beside the new one.
fn exchange_back(
    disk: &Disk<'_>,
    path: &Path,
    (old, new): (&Version, &Version),
    aside: &OsStr,
) -> Result<(), DiskError> {
    if holds(disk, &path.with_file_name(aside), old)? && holds(disk, path, new)? {
        let place = disk.place(path)?;
        disk.kernel().exchange(&place.directory, aside, &place.name).map_err(at(path))?;
        durable(disk, &place, path)?;
    }
    Ok(())
}

fn durable(disk: &Disk<'_>, place: &Place, path: &Path) -> Result<(), DiskError> {
    disk.kernel().sync(&place.directory).map_err(at(path))
}

/// Tells whether a path is a file with the bytes, the mode and the owner of a version.
fn holds(disk: &Disk<'_>, path: &Path, version: &Version) -> Result<bool, DiskError> {
    match disk.look(path)? {
        Found::File(_) => {
            let contents = disk.read(path)?;
            let rights = |meta: &Meta| (meta.mode, meta.uid, meta.gid, meta.modified);
            Ok(hex(&sha256(&contents.bytes)) == version.blob && rights(&contents.meta) == rights(&version.meta))
        }
        _ => Ok(false),
    }
}

fn stamp_of(disk: &Disk<'_>, path: &Path) -> Result<Option<Stamp>, DiskError> {
    Ok(match disk.look(path)? {
        Found::File(stamp) | Found::Directory(stamp) => Some(stamp),
        _ => None,
    })
}
