//! Files under the roots of a plan, reached through opened directories alone: what is there, and the single steps of a
//! change. The only writer of certificate directories.
//!
//! A path is looked up below the root that holds it, and the kernel refuses to leave that root, through links as well
//! (openat2(2), `RESOLVE_BENEATH`). The last part of a path is never followed.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat, Timespec, Timestamps};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::base::clock::Timestamp;
use crate::base::errno::Errno;
use crate::base::stamp::Stamp;
use crate::base::text::display_name;
use crate::fix::kernel::{Answer, CallError, Kernel};
use crate::model::file::MAX_FILE_SIZE;

/// Why a step was not made.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DiskError {
    /// The kernel refused.
    #[error("{}: {call}: {errno}", display_name(path))]
    Refused {
        /// The path
        path: PathBuf,
        /// The system call
        call: &'static str,
        /// What the kernel answered
        errno: Errno,
    },
    /// A path is in none of the roots, or leaves its root.
    #[error("{} is outside of the directories that the plan is for", display_name(.0))]
    Outside(PathBuf),
    /// Something else is there than was seen.
    #[error("{} {was}", display_name(path))]
    Moved {
        /// The path
        path: PathBuf,
        /// What has become of it, in words
        was: String,
    },
    /// A test stopped the program.
    #[error("stopped")]
    Stopped,
}

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

/// All that is kept of a file beside its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meta {
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    /// Times of access and of change, in seconds and nanoseconds.
    pub accessed: (i64, i64),
    pub modified: (i64, i64),
    /// Extended attributes, names and values in hexadecimal digits.
    pub attributes: Vec<(String, String)>,
}

impl Meta {
    /// The same with other permission bits. Access control lists would say otherwise, and are left out.
    pub fn with_mode(&self, mode: Option<u32>) -> Self {
        let Some(mode) = mode.filter(|mode| *mode != self.mode) else { return self.clone() };
        let is_list = |name: &str| unhex(name).starts_with(b"system.posix_acl");
        let attributes = self.attributes.iter().filter(|(name, _)| !is_list(name)).cloned().collect();
        Self { mode, attributes, ..self.clone() }
    }
}

/// A file that was read: its bytes, what is kept beside them, and which it was.
pub(crate) struct Contents {
    pub bytes: Zeroizing<Vec<u8>>,
    pub meta: Meta,
    pub stamp: Stamp,
}

/// The roots of a plan, opened.
pub(crate) struct Disk<'a> {
    roots: Vec<(PathBuf, OwnedFd)>,
    kernel: &'a Kernel,
}

impl<'a> Disk<'a> {
    /// Opens the roots. Links in the path of a root are followed, since somebody named it.
    pub fn open<'p>(roots: impl IntoIterator<Item = &'p Path>, kernel: &'a Kernel) -> Result<Self, DiskError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut opened = Vec::new();
        for root in roots {
            let is_plain = root.components().all(|part| !matches!(part, Component::ParentDir));
            if !root.is_absolute() || !is_plain {
                return Err(DiskError::Outside(root.to_path_buf()));
            }
            match rustix::fs::openat(rustix::fs::CWD, root, flags, Mode::empty()) {
                Ok(directory) => opened.push((root.to_path_buf(), directory)),
                Err(rustix::io::Errno::NOENT) => {}
                Err(errno) => return Err(refused(root, "openat", errno)),
            }
        }
        Ok(Self { roots: opened, kernel })
    }

    /// The directory of a path, opened, and the name in it.
    pub fn place(&self, path: &Path) -> Result<Place, DiskError> {
        let outside = || DiskError::Outside(path.to_path_buf());
        let below = |(root, directory): &'_ (PathBuf, OwnedFd)| {
            let rest = path.strip_prefix(root).ok()?;
            let is_plain = rest.components().all(|part| matches!(part, Component::Normal(_)));
            is_plain.then(|| (rest.to_path_buf(), directory.as_raw_fd(), root.as_os_str().len()))
        };
        let best = self.roots.iter().filter_map(below).max_by_key(|(.., length)| *length).ok_or_else(outside)?;
        let name = best.0.file_name().ok_or_else(outside)?.to_os_string();
        let root = self.roots.iter().find(|(_, directory)| directory.as_raw_fd() == best.1).ok_or_else(outside)?;
        let parent = best.0.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let directory = beneath(root.1.as_fd(), parent).map_err(|errno| match errno {
            rustix::io::Errno::XDEV | rustix::io::Errno::LOOP => outside(),
            errno => refused(path, "openat2", errno),
        })?;
        Ok(Place { directory, name })
    }

    /// What is at a path.
    pub fn look(&self, path: &Path) -> Result<Found, DiskError> {
        match self.place(path) {
            Ok(place) => place.look().map_err(|errno| refused(path, "statat", errno)),
            Err(DiskError::Refused { errno: Errno::ENOENT, .. }) => Ok(Found::Nothing),
            Err(error) => Err(error),
        }
    }

    /// Reads a regular file, and makes sure that it is the same one before and after.
    pub fn read(&self, path: &Path) -> Result<Contents, DiskError> {
        let place = self.place(path)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&place.directory, &place.name, flags, Mode::empty())
            .map_err(|errno| refused(path, "openat", errno))?;
        let stat = || rustix::fs::fstat(&file).map_err(|errno| refused(path, "fstat", errno));
        let before = stat()?;
        if FileType::from_raw_mode(before.st_mode) != FileType::RegularFile {
            return Err(moved(path, "is no regular file"));
        }
        if stamp(&before).size > MAX_FILE_SIZE {
            return Err(moved(path, "has more than 4 MiB"));
        }
        let attributes = attributes(file.as_fd());
        let capacity = usize::try_from(stamp(&before).size).unwrap_or_default().saturating_add(1);
        let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
        let mut reader = std::fs::File::from(file.try_clone().map_err(|error| failed(path, "dup", &error))?);
        let read = reader.by_ref().take(capacity as u64).read_to_end(&mut bytes);
        read.map_err(|error| failed(path, "read", &error))?;
        if stamp(&stat()?) != stamp(&before) || bytes.len() as u64 != stamp(&before).size {
            return Err(moved(path, "was changed while it was read"));
        }
        Ok(Contents { bytes, meta: meta(&before, attributes), stamp: stamp(&before) })
    }

    /// Writes a new file under a name that no engine reads, with everything that is kept beside its bytes.
    pub fn write_aside(&self, place: &Place, name: &OsStr, bytes: &[u8], meta: &Meta) -> Answer<()> {
        let file = self.kernel.create(&place.directory, name)?;
        self.kernel.write(&file, bytes)?;
        let there = rustix::fs::fstat(&file);
        if !there.is_ok_and(|there| (there.st_uid, there.st_gid) == (meta.uid, meta.gid)) {
            self.kernel.set_owner(&place.directory, name, meta.uid, meta.gid)?;
        }
        self.kernel.set_mode(&file, meta.mode)?;
        let own = attributes(file.as_fd());
        for (key, value) in meta.attributes.iter().filter(|attribute| !own.contains(attribute)) {
            let key = OsString::from(String::from_utf8_lossy(&unhex(key)).into_owned());
            match self.kernel.set_attribute(&file, &key, &unhex(value)) {
                Err(CallError::Refused { errno, .. }) if errno == Errno::from(rustix::io::Errno::NOTSUP) => {}
                answer => answer?,
            }
        }
        self.kernel.set_times(&file, &times(meta))?;
        self.kernel.sync(&file)
    }

    /// Sets the permission bits of what stands somewhere, no link followed.
    pub fn set_mode(&self, place: &Place, mode: u32) -> Answer<()> {
        let open = |errno: rustix::io::Errno| CallError::Refused { call: "openat", errno: errno.into() };
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&place.directory, &place.name, flags, Mode::empty()).map_err(open)?;
        self.kernel.set_mode_of(&format!("/proc/self/fd/{}", file.as_raw_fd()), mode)
    }

    /// The way to the kernel.
    pub fn kernel(&self) -> &'a Kernel {
        self.kernel
    }
}

impl Place {
    /// What stands here, links not followed.
    pub fn look(&self) -> Result<Found, rustix::io::Errno> {
        let stat = match rustix::fs::statat(&self.directory, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(rustix::io::Errno::NOENT) => return Ok(Found::Nothing),
            Err(errno) => return Err(errno),
        };
        let stamp = stamp(&stat);
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
}

impl Found {
    /// Device and inode; `None` of nothing.
    pub fn identity(&self) -> Option<(u64, u64)> {
        match self {
            Self::Nothing => None,
            Self::File(stamp) | Self::Directory(stamp) | Self::Link { stamp, .. } | Self::Other(stamp) => {
                Some((stamp.device, stamp.inode))
            }
        }
    }
}

/// Puts the path to a refused call.
pub(crate) fn at(path: &Path) -> impl Fn(CallError) -> DiskError + use<'_> {
    move |error| match error {
        CallError::Refused { call, errno } => DiskError::Refused { path: path.to_path_buf(), call, errno },
        CallError::Stopped => DiskError::Stopped,
    }
}

pub(crate) fn moved(path: &Path, was: impl Into<String>) -> DiskError {
    DiskError::Moved { path: path.to_path_buf(), was: was.into() }
}

fn refused(path: &Path, call: &'static str, errno: rustix::io::Errno) -> DiskError {
    DiskError::Refused { path: path.to_path_buf(), call, errno: errno.into() }
}

fn failed(path: &Path, call: &'static str, error: &std::io::Error) -> DiskError {
    DiskError::Refused { path: path.to_path_buf(), call, errno: Errno::from(error) }
}

/// Opens a directory below another, never leaving that. Kernels before 5.6 have no openat2: there no link is followed.
fn beneath(root: BorrowedFd<'_>, path: &Path) -> Result<OwnedFd, rustix::io::Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    match rustix::fs::openat2(root, path, flags, Mode::empty(), resolve) {
        Err(rustix::io::Errno::NOSYS) => {
            let mut directory = rustix::fs::openat(root, ".", flags, Mode::empty())?;
            for part in path.components().filter(|part| matches!(part, Component::Normal(_))) {
                directory = rustix::fs::openat(&directory, part.as_os_str(), flags | OFlags::NOFOLLOW, Mode::empty())?;
            }
            Ok(directory)
        }
        answer => answer,
    }
}

fn stamp(stat: &Stat) -> Stamp {
    Stamp {
        device: stat.st_dev,
        inode: stat.st_ino,
        mode: stat.st_mode & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        modified: Timestamp(stat.st_mtime),
        modified_nanos: u32::try_from(stat.st_mtime_nsec).unwrap_or_default(),
    }
}

fn meta(stat: &Stat, attributes: Vec<(String, String)>) -> Meta {
    let nanos = |nanos| i64::try_from(nanos).unwrap_or_default();
    Meta {
        mode: stat.st_mode & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        accessed: (stat.st_atime, nanos(stat.st_atime_nsec)),
        modified: (stat.st_mtime, nanos(stat.st_mtime_nsec)),
        attributes,
    }
}

fn times(meta: &Meta) -> Timestamps {
    let time = |(seconds, nanos): (i64, i64)| Timespec { tv_sec: seconds, tv_nsec: nanos };
    Timestamps { last_access: time(meta.accessed), last_modification: time(meta.modified) }
}

/// The extended attributes of a file; none where the file system has none.
fn attributes(file: BorrowedFd<'_>) -> Vec<(String, String)> {
    let mut names = Vec::with_capacity(4096);
    if rustix::fs::flistxattr(file, rustix::buffer::spare_capacity(&mut names)).is_err() {
        return Vec::new();
    }
    let value = |name: &[u8]| {
        let mut value = Vec::with_capacity(65_536);
        rustix::fs::fgetxattr(file, OsStr::from_bytes(name), rustix::buffer::spare_capacity(&mut value)).ok()?;
        Some((hex(name), hex(&value)))
    };
    let mut found: Vec<_> = names.split(|byte| *byte == 0).filter(|name| !name.is_empty()).filter_map(value).collect();
    found.sort();
    found
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit)).collect()
}
