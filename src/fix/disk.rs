//! Files under the roots of a plan, reached through opened directories alone: what is there, and the single steps of a
//! change. The only writer of certificate directories.
//!
//! A path is looked up below the root that holds it, and the kernel refuses to leave that root, through links as well
//! (openat2(2), `RESOLVE_BENEATH`). The last part of a path is never followed.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Dir, FileType, Mode, OFlags};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::base::errno::Errno;
use crate::base::stamp::Stamp;
use crate::base::text::display_name;
use crate::fix::aside;
use crate::fix::attributes;
use crate::fix::kernel::{CallError, Kernel};
use crate::fix::place::{Found, Place, beneath};
use crate::fix::plan::Root;
use crate::fix::version::{Identity, Meta, Version, hex};
use crate::model::file::MAX_FILE_SIZE;
use crate::pki::sha256;

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
    /// A private key would be open to others.
    #[error("{} holds a private key, which mode {mode:04o} would open to others", display_name(path))]
    OpenKey {
        /// The path
        path: PathBuf,
        /// The permission bits that it was to get
        mode: u32,
    },
    /// A test stopped the program.
    #[error("stopped")]
    Stopped,
}

/// A file that was read: its bytes, what is kept beside them, and which it was.
pub(crate) struct Contents {
    pub bytes: Zeroizing<Vec<u8>>,
    pub meta: Meta,
    pub stamp: Stamp,
}

/// Whose a file is that is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ownership {
    /// The owner's that is named, or it is not made: it takes the place of another.
    Kept,
    /// The owner's that is named, where the kernel lets one give files away: it is a new one.
    Wished,
}

/// The roots of a plan, opened.
pub(crate) struct Disk<'a> {
    /// Those that cannot be opened matter to what is in them alone.
    roots: Vec<Opened<'a>>,
    kernel: &'a Kernel,
}

/// A root, opened; where it is yet to be made, the directory above it.
struct Opened<'a> {
    root: &'a Path,
    base: &'a Path,
    directory: Result<OwnedFd, rustix::io::Errno>,
}

impl Opened<'_> {
    /// What leads from the opened directory to a path that is in the root; where the root is yet to be made, also to one
    /// that is on the way to it, or aside of that.
    fn rest<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        let rest = path.strip_prefix(self.base).ok().filter(|rest| rest.file_name().is_some())?;
        let mut way = self.root.strip_prefix(self.base).ok()?.components();
        let off_the_way = rest.components().find(|part| way.next().is_some_and(|on_it| on_it != *part));
        off_the_way.is_none_or(|part| aside::is_aside(part.as_os_str())).then_some(rest)
    }
}

impl<'a> Disk<'a> {
    /// Opens the roots. Links in the path of a root are followed, since somebody named it.
    pub fn open(roots: &'a [Root], kernel: &'a Kernel) -> Result<Self, DiskError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut opened = Vec::new();
        for Root { path: root, base } in roots {
            let base = base.as_deref().unwrap_or(root);
            let is_plain = root.components().all(|part| !matches!(part, Component::ParentDir));
            if !root.is_absolute() || !is_plain || !root.starts_with(base) {
                return Err(DiskError::Outside(root.to_path_buf()));
            }
            let directory = rustix::fs::openat(rustix::fs::CWD, base, flags, Mode::empty());
            opened.push(Opened { root, base, directory });
        }
        Ok(Self { roots: opened, kernel })
    }

    /// The directory of a path, opened, and the name in it: below the innermost root that holds it.
    pub fn place(&self, path: &Path) -> Result<Place, DiskError> {
        let outside = || DiskError::Outside(path.to_path_buf());
        let below = self.roots.iter().filter_map(|opened| Some((opened.rest(path)?, opened)));
        let innermost = below.min_by_key(|(_, opened)| Reverse(opened.root.as_os_str().len()));
        let (rest, opened) = innermost.ok_or_else(outside)?;
        if !rest.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(outside());
        }
        let name = rest.file_name().ok_or_else(outside)?.to_os_string();
        let parent = rest.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let base = opened.directory.as_ref().map_err(|errno| refused(opened.base, "openat", *errno))?;
        let directory = beneath(base.as_fd(), parent).map_err(|errno| match errno {
            rustix::io::Errno::XDEV | rustix::io::Errno::LOOP => outside(),
            errno => refused(path, "openat2", errno),
        })?;
        Ok(Place { directory, name })
    }

    /// What is at a path.
    pub fn look(&self, path: &Path) -> Result<Found, DiskError> {
        match self.place(path) {
            Ok(place) => place.look().map_err(|errno| refused(path, "statat", errno)),
            Err(DiskError::Refused { errno: Errno::ENOENT | Errno::ENOTDIR, .. }) => Ok(Found::Nothing),
            Err(error) => Err(error),
        }
    }

    /// Tells whether this very thing is at a path.
    pub fn is_at(&self, path: &Path, identity: Identity) -> Result<bool, DiskError> {
        Ok(self.look(path)?.identity() == Some(identity))
    }

    /// Tells whether a path is a file with the bytes of a version. Not every file system keeps the rest as it was set.
    pub fn holds(&self, path: &Path, version: &Version) -> Result<bool, DiskError> {
        let Found::File(_) = self.look(path)? else { return Ok(false) };
        Ok(hex(&sha256(&self.read(path)?.bytes)) == version.blob)
    }

    /// Tells whether a directory has nothing in it but names that do not count.
    pub fn is_empty_but(&self, path: &Path, does_not_count: &dyn Fn(&OsStr) -> bool) -> Result<bool, DiskError> {
        let failed = |call| move |errno| refused(path, call, errno);
        let directory = self.place(path)?.open(OFlags::RDONLY | OFlags::DIRECTORY).map_err(failed("openat"))?;
        for entry in Dir::read_from(&directory).map_err(failed("getdents64"))? {
            let entry = entry.map_err(failed("getdents64"))?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name != "." && name != ".." && !does_not_count(name) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads a regular file, and makes sure that it is the same one before and after. Where one may ask for that, reading
    /// leaves no trace.
    pub fn read(&self, path: &Path) -> Result<Contents, DiskError> {
        let place = self.place(path)?;
        let file = match place.open(OFlags::RDONLY | OFlags::NOATIME) {
            Err(rustix::io::Errno::PERM) => place.open(OFlags::RDONLY),
            opened => opened,
        };
        let file = file.map_err(|errno| refused(path, "openat", errno))?;
        let stat = || rustix::fs::fstat(&file).map_err(|errno| refused(path, "fstat", errno));
        let before = stat()?;
        if FileType::from_raw_mode(before.st_mode) != FileType::RegularFile {
            return Err(moved(path, "is no regular file"));
        }
        if Stamp::from(&before).size > MAX_FILE_SIZE {
            return Err(moved(path, "has more than 4 MiB"));
        }
        let attributes = attributes::read(file.as_fd()).map_err(|errno| refused(path, "fgetxattr", errno))?;
        let capacity = usize::try_from(Stamp::from(&before).size).unwrap_or_default().saturating_add(1);
        let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
        let mut reader = std::fs::File::from(file.try_clone().map_err(|error| failed(path, "dup", &error))?);
        let read = reader.by_ref().take(capacity as u64).read_to_end(&mut bytes);
        read.map_err(|error| failed(path, "read", &error))?;
        if Stamp::from(&stat()?) != Stamp::from(&before) || bytes.len() as u64 != Stamp::from(&before).size {
            return Err(moved(path, "was changed while it was read"));
        }
        Ok(Contents { bytes, meta: Meta::new(&before, attributes), stamp: Stamp::from(&before) })
    }

    /// Makes a file that was not there, with everything that is kept beside its bytes, closed to others until it is complete,
    /// and durable. Gives its identity.
    pub fn create(&self, path: &Path, bytes: &[u8], meta: &Meta, owner: Ownership) -> Result<Identity, DiskError> {
        let (place, failed) = (self.place(path)?, at(path));
        let file = self.kernel.create(&place.directory, &place.name).map_err(&failed)?;
        self.kernel.write(&file, bytes).map_err(&failed)?;
        let made = rustix::fs::fstat(&file).map_err(|errno| refused(path, "fstat", errno))?;
        if (made.st_uid, made.st_gid) != (meta.uid, meta.gid) {
            match self.kernel.set_owner(&file, meta.uid, meta.gid) {
                Err(CallError::Refused { errno: Errno::EPERM, .. }) if owner == Ownership::Wished => {}
                answer => answer.map_err(&failed)?,
            }
        }
        attributes::write(self.kernel, &file, &meta.attributes).map_err(&failed)?;
        self.kernel.set_mode(&file, meta.mode).map_err(&failed)?;
        self.kernel.set_times(&file, &meta.times()).map_err(&failed)?;
        self.kernel.sync(&file).map_err(&failed)?;
        Ok((made.st_dev, made.st_ino))
    }

    /// Makes a directory that was not there, closed to others until it is complete, and durable. Gives its identity.
    pub fn make_directory(&self, path: &Path, mode: u32) -> Result<Identity, DiskError> {
        let (place, failed) = (self.place(path)?, at(path));
        self.kernel.make_directory(&place.directory, &place.name, 0o700).map_err(&failed)?;
        let directory = place.open(OFlags::RDONLY | OFlags::DIRECTORY);
        let directory = directory.map_err(|errno| refused(path, "openat", errno))?;
        self.kernel.set_mode(&directory, mode).map_err(&failed)?;
        self.kernel.sync(&directory).map_err(&failed)?;
        let made = rustix::fs::fstat(&directory).map_err(|errno| refused(path, "fstat", errno))?;
        Ok((made.st_dev, made.st_ino))
    }

    /// Gives this very thing another name that nothing has.
    pub fn rename(&self, from: &Path, to: &Path, identity: Identity) -> Result<(), DiskError> {
        if !self.is_at(from, identity)? {
            return Err(moved(from, "is another file by now"));
        }
        let (old, new) = (self.place(from)?, self.place(to)?);
        let names = |one: &Place, other: &Place| {
            self.kernel.rename((&one.directory, one.name.as_os_str()), (&other.directory, other.name.as_os_str()))
        };
        names(&old, &new).map_err(|error| match error {
            CallError::Refused { errno, .. } if errno == rustix::io::Errno::EXIST.into() => {
                moved(to, "has come to be meanwhile")
            }
            error => at(to)(error),
        })?;
        // Somebody may have exchanged it between the look and the call.
        if new.look().map_err(|errno| refused(to, "statat", errno))?.identity() != Some(identity) {
            names(&new, &old).map_err(at(from))?;
            return Err(moved(from, "is another file by now"));
        }
        Ok(())
    }

    /// Has two names in one directory change places, which are these very things.
    pub fn exchange(&self, one: (&Path, Identity), other: (&Path, Identity)) -> Result<(), DiskError> {
        let (place, name) = (self.place(one.0)?, self.place(other.0)?.name);
        let exchange = || self.kernel.exchange(&place.directory, &place.name, &name).map_err(at(one.0));
        exchange()?;
        if self.is_at(one.0, other.1)? && self.is_at(other.0, one.1)? {
            return Ok(());
        }
        exchange()?;
        Err(moved(one.0, "is another file by now"))
    }

    /// Sets the permission bits of this very thing, and makes that durable.
    pub fn set_mode(&self, path: &Path, identity: Identity, mode: u32) -> Result<(), DiskError> {
        let file = self.open_exactly(path, identity)?;
        self.kernel.set_mode_of(&itself(&file), mode).map_err(at(path))?;
        self.sync_exactly(path, identity)
    }

    /// Sets owner and group of this very thing, and makes that durable. The kernel may take permission bits away with that;
    /// they are put back.
    pub fn set_owner(&self, path: &Path, identity: Identity, (uid, gid): (u32, u32)) -> Result<(), DiskError> {
        let file = self.open_exactly(path, identity)?;
        let mode = || rustix::fs::fstat(&file).map(|stat| stat.st_mode & 0o7777);
        let before = mode().map_err(|errno| refused(path, "fstat", errno))?;
        self.kernel.set_owner(&file, uid, gid).map_err(at(path))?;
        if mode() != Ok(before) {
            self.kernel.set_mode_of(&itself(&file), before).map_err(at(path))?;
        }
        self.sync_exactly(path, identity)
    }

    /// Takes away for good what is under a name of ours: a file, or a directory with nothing in it.
    pub fn discard(&self, path: &Path) -> Result<(), DiskError> {
        let is_directory = match self.look(path)? {
            Found::Nothing => return Ok(()),
            found => matches!(found, Found::Directory(_)),
        };
        let place = self.place(path)?;
        let gone = match is_directory {
            true => self.kernel.remove_directory(&place.directory, &place.name),
            false => self.kernel.unlink(&place.directory, &place.name),
        };
        gone.map_err(at(path))?;
        self.kernel.sync(&place.directory).map_err(at(path))
    }

    /// Makes durable what became of a name.
    pub fn sync_name(&self, path: &Path) -> Result<(), DiskError> {
        self.kernel.sync(&self.place(path)?.directory).map_err(at(path))
    }

    fn open_exactly(&self, path: &Path, identity: Identity) -> Result<OwnedFd, DiskError> {
        let file = self.place(path)?.open(OFlags::PATH).map_err(|errno| refused(path, "openat", errno))?;
        let stat = rustix::fs::fstat(&file).map_err(|errno| refused(path, "fstat", errno))?;
        if (stat.st_dev, stat.st_ino) == identity { Ok(file) } else { Err(moved(path, "is another file by now")) }
    }

    fn sync_exactly(&self, path: &Path, identity: Identity) -> Result<(), DiskError> {
        // What its owner may not read is made durable when the file system pleases.
        let Ok(file) = self.place(path)?.open(OFlags::RDONLY) else { return Ok(()) };
        let stat = rustix::fs::fstat(&file).map_err(|errno| refused(path, "fstat", errno))?;
        if (stat.st_dev, stat.st_ino) != identity {
            return Err(moved(path, "is another file by now"));
        }
        self.kernel.sync(&file).map_err(at(path))
    }
}

/// The path by which something opened can be named, whatever it is called.
fn itself(file: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
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
