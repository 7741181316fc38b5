//! Directories below a root, opened without ever leaving it, and what stands in them.

use std::ffi::{OsStr, OsString};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use crate::base::stamp::Stamp;
use crate::fix::version::Identity;

/// How often the kernel is asked again that could not tell, since something was renamed while it looked.
const ATTEMPTS: usize = 8;

/// Where something stands: an opened directory, and the name in it.
pub(crate) struct Place {
    pub directory: OwnedFd,
    pub name: OsString,
}

/// What is at a path, links not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    File(Stamp),
    Directory(Stamp),
    Link { target: PathBuf, stamp: Stamp },
    Other(Stamp),
}

impl Place {
    /// What stands here, links not followed.
    pub fn look(&self) -> Result<Found, Errno> {
        let stat = match rustix::fs::statat(&self.directory, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return Ok(Found::Nothing),
            Err(errno) => return Err(errno),
        };
        let stamp = Stamp::from(&stat);
        Ok(match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Found::File(stamp),
            FileType::Directory => Found::Directory(stamp),
            FileType::Symlink => {
                let target = rustix::fs::readlinkat(&self.directory, &self.name, Vec::new())?;
                Found::Link { target: PathBuf::from(OsStr::from_bytes(target.as_bytes())), stamp }
            }
            _ => Found::Other(stamp),
        })
    }

    /// Opens what stands here, no link followed, and nothing waited for.
    pub fn open(&self, more: OFlags) -> Result<OwnedFd, Errno> {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        rustix::fs::openat(&self.directory, &self.name, flags | more, Mode::empty())
    }
}

impl Found {
    /// Device and inode; `None` of nothing.
    pub fn identity(&self) -> Option<Identity> {
        match self {
            Self::Nothing => None,
            Self::File(stamp) | Self::Directory(stamp) | Self::Link { stamp, .. } | Self::Other(stamp) => {
                Some((stamp.device, stamp.inode))
            }
        }
    }
}

/// Opens a directory below another, never leaving that. Where the kernel has no openat2 (before 5.6), or something keeps
/// it from us (seccomp), no link is followed.
pub(crate) fn beneath(root: BorrowedFd<'_>, path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    for _ in 0..ATTEMPTS {
        match rustix::fs::openat2(root, path, flags, Mode::empty(), resolve) {
            Err(Errno::AGAIN) => {}
            Err(Errno::NOSYS | Errno::PERM) => return step_by_step(root, path, flags | OFlags::NOFOLLOW),
            answer => return answer,
        }
    }
    Err(Errno::AGAIN)
}

fn step_by_step(root: BorrowedFd<'_>, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let mut directory = rustix::fs::openat(root, ".", flags, Mode::empty())?;
    for part in path.components().filter(|part| matches!(part, Component::Normal(_))) {
        let next = Place { name: part.as_os_str().to_os_string(), directory };
        directory = match rustix::fs::openat(&next.directory, &next.name, flags, Mode::empty()) {
            // A link that is not followed, or no directory: which of them, the kernel does not say.
            Err(Errno::NOTDIR) if matches!(next.look()?, Found::Link { .. }) => return Err(Errno::LOOP),
            answer => answer?,
        };
    }
    Ok(directory)
}
