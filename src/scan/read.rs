//! One root or one host directory, from the disk into a value. Nothing here stops at an error: what cannot be read becomes
//! an entry that says why.
//!
//! FIFOs, sockets and devices are never opened: the type is looked at first, and a file is opened without blocking and
//! looked at again, in case it was exchanged meanwhile.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, major, minor, openat, readlinkat, statat};
use zeroize::Zeroizing;

use crate::base::errno::{Errno, FsError, Operation};
use crate::base::stamp::Stamp;
use crate::model::file::MAX_FILE_SIZE;
use crate::model::hosts_toml;
use crate::model::{Content, File, FileKind, HostDir, HostState, Link, Placement, Role, Unread};
use crate::pki::{self, Interner};
use crate::scan::roots;

/// An entry of a root: a host directory yet to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path.
    pub path: PathBuf,
    /// Whether its name means a registry host.
    pub placement: Placement,
    /// The files that it is about: beside them only what looks like a certificate or a key by its name is read. None of
    /// them: everything is.
    pub about: Vec<OsString>,
}

impl Entry {
    /// A directory that is read as a whole.
    pub fn new(path: PathBuf, placement: Placement) -> Self {
        Self { path, placement, about: Vec::new() }
    }

    /// Tells whether the file of this name is to be read.
    fn wants(&self, name: &OsStr) -> bool {
        self.about.is_empty() || self.about.iter().any(|about| about == name) || roots::looks_like_certificate(name)
    }
}

/// The entries of a root in ascending byte order of their names.
///
/// # Errors
/// Where the root cannot be listed.
pub fn list_root(path: &Path) -> Result<Vec<Entry>, FsError> {
    let directory = open_directory(path)?;
    let entry = |name: Name| Entry::new(path.join(name.text), Placement::UnderRoot);
    Ok(list(&directory)?.into_iter().map(entry).collect())
}

/// Reads a host directory with all its files.
pub fn read_host(entry: &Entry, interner: &Interner) -> HostDir {
    let path = &entry.path;
    let mut host = HostDir {
        name: path.file_name().map_or_else(|| path.as_os_str().to_os_string(), OsStr::to_os_string),
        path: path.clone(),
        state: HostState::Listed,
        placement: entry.placement,
        link: None,
        stamp: None,
        files: Vec::new(),
        hosts_toml: None,
        referenced: Vec::new(),
    };
    let here = rustix::fs::CWD;
    host.link = link_of(here, path.as_os_str());
    match stat_of(here, path.as_os_str(), AtFlags::empty()) {
        Err(errno) if errno == Errno::ENOENT => {
            host.state = HostState::Missing;
            return host;
        }
        Err(errno) => {
            host.state = HostState::Unreadable(FsError { operation: Operation::Stat, errno });
            return host;
        }
        Ok(stat) => {
            host.stamp = Some(Stamp::from(&stat));
            let kind = kind(&stat);
            if kind != FileKind::Directory {
                host.state = HostState::NotDirectory(kind);
                return host;
            }
        }
    }
    match open_directory(path).and_then(|directory| Ok((list(&directory)?, directory))) {
        Err(error) => host.state = HostState::Unreadable(error),
        Ok((names, directory)) => {
            let wanted = names.into_iter().filter(|name| entry.wants(&name.text));
            host.files = wanted.map(|name| read_file(directory.as_fd(), name, interner)).collect();
            read_hosts_toml(&mut host, directory.as_fd(), interner);
        }
    }
    host
}

/// Reads a file that a configuration names by its path, wherever it lies; the path becomes its name.
pub fn read_named(path: &Path, interner: &Interner) -> File {
    let name = Name { text: path.as_os_str().to_os_string(), may_be_link: true };
    read_file(rustix::fs::CWD, name, interner)
}

/// Reads the bytes of a file once more, if it is still the one that was seen: same device, inode, size and time of change.
pub fn read_again(path: &Path, seen: &Stamp) -> Option<Zeroizing<Vec<u8>>> {
    let is_same = |stat: &Stat| {
        let now = Stamp::from(stat);
        kind(stat) == FileKind::Regular
            && (now.device, now.inode, now.size) == (seen.device, seen.inode, seen.size)
            && (now.modified, now.modified_nanos) == (seen.modified, seen.modified_nanos)
    };
    let name = path.as_os_str();
    stat_of(rustix::fs::CWD, name, AtFlags::empty()).ok().filter(is_same)?;
    let bytes = read_bytes(rustix::fs::CWD, name, seen.size).ok()?;
    stat_of(rustix::fs::CWD, name, AtFlags::empty()).ok().filter(is_same)?;
    Some(bytes)
}

/// Tells whether a host directory is as it was when it was read: the same names, and each the same file, unchanged. What
/// its files hold is not looked at.
pub fn is_as_seen(entry: &Entry, host: &HostDir) -> bool {
    let here = rustix::fs::CWD;
    let path = entry.path.as_os_str();
    if link_of(here, path) != host.link {
        return false;
    }
    let now = stat_of(here, path, AtFlags::empty()).ok();
    let access = |stamp: &Stamp| (stamp.device, stamp.inode, stamp.mode, stamp.uid, stamp.gid);
    if now.as_ref().map(|stat| access(&Stamp::from(stat))) != host.stamp.as_ref().map(access) {
        return false;
    }
    if now.is_none_or(|stat| kind(&stat) != FileKind::Directory) {
        return true;
    }
    let Ok((names, directory)) = open_directory(&entry.path).and_then(|directory| Ok((list(&directory)?, directory)))
    else {
        return matches!(host.state, HostState::Unreadable(_));
    };
    let names = names.into_iter().map(|name| name.text).filter(|name| entry.wants(name));
    let is_same = |file: &File| {
        let now = stat_of(directory.as_fd(), &file.name, AtFlags::empty()).ok();
        now.as_ref().map(Stamp::from) == file.stamp && link_of(directory.as_fd(), &file.name) == file.link
    };
    names.eq(host.files.iter().map(|file| file.name.clone()))
        && host.state == HostState::Listed
        && host.files.iter().chain(&host.referenced).all(is_same)
}

/// Reads `hosts.toml` where it is a file that is not empty, and the files that it names.
fn read_hosts_toml(host: &mut HostDir, directory: BorrowedFd<'_>, interner: &Interner) {
    let name = OsStr::new("hosts.toml");
    let is_readable = |file: &File| file.kind == FileKind::Regular && file.parsed().is_some();
    let Some(size) =
        host.file(name).filter(|file| is_readable(file)).and_then(|file| file.stamp).map(|stamp| stamp.size)
    else {
        return;
    };
    let Ok(bytes) = read_bytes(directory, name, size) else { return };
    if bytes.is_empty() {
        return;
    }
    let parsed = hosts_toml::parse(&bytes);
    for name in parsed.files() {
        if host.file(&name).is_none() {
            let file = match Path::new(&name).starts_with("..") {
                // By the text of the path, as Go does it: the directory itself may be a link.
                true => File { name: name.clone(), ..read_named(&host.path_of(&name), interner) },
                false => read_file(directory, Name { text: name, may_be_link: true }, interner),
            };
            host.referenced.push(file);
        }
    }
    host.hosts_toml = Some(parsed);
}

fn open_directory(path: &Path) -> Result<OwnedFd, FsError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    openat(rustix::fs::CWD, path, flags, Mode::empty()).map_err(|errno| FsError::new(Operation::Open, errno))
}

/// A name in a directory.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    text: OsString,
    /// The directory does not say that it is something else than a link, so the entry itself must be asked.
    may_be_link: bool,
}

/// The names in a directory in ascending byte order.
fn list(directory: &OwnedFd) -> Result<Vec<Name>, FsError> {
    let read_error = |errno| FsError::new(Operation::Read, errno);
    let mut names = Vec::new();
    for entry in Dir::read_from(directory).map_err(read_error)? {
        let entry = entry.map_err(read_error)?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            let may_be_link = matches!(entry.file_type(), FileType::Symlink | FileType::Unknown);
            names.push(Name { text: OsString::from_vec(name.to_vec()), may_be_link });
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn read_file(directory: BorrowedFd<'_>, name: Name, interner: &Interner) -> File {
    let Name { text: name, may_be_link } = name;
    let link = if may_be_link { link_of(directory, &name) } else { None };
    let (kind, stat) = match stat_of(directory, &name, AtFlags::empty()) {
        Ok(stat) => (kind(&stat), Some(stat)),
        Err(errno) => {
            let kind = match errno {
                Errno::ENOENT => FileKind::Dangling,
                Errno::ELOOP => FileKind::LinkLoop,
                _ => FileKind::Unknown,
            };
            let content = Content::Unread(match kind {
                FileKind::Unknown => Unread::Failed(FsError { operation: Operation::Stat, errno }),
                _ => Unread::NotRegular,
            });
            return File { name, kind, link, stamp: None, content };
        }
    };
    let content = match (kind, &stat) {
        (FileKind::Regular, Some(stat)) if size(stat) > MAX_FILE_SIZE => Content::Unread(Unread::TooLarge),
        (FileKind::Regular, Some(stat)) => read_content(directory, &name, size(stat), interner),
        (FileKind::Device, Some(stat)) if is_null_device(stat) => Content::Parsed(pki::parse(&[], interner)),
        (FileKind::Directory, _) => Content::Unread(look_into(directory, &name, link.is_some())),
        _ => Content::Unread(Unread::NotRegular),
    };
    File { name, kind, link, stamp: stat.as_ref().map(Stamp::from), content }
}

/// Reads and parses a regular file.
fn read_content(directory: BorrowedFd<'_>, name: &OsStr, size: u64, interner: &Interner) -> Content {
    let bytes = match read_bytes(directory, name, size) {
        Ok(bytes) => bytes,
        Err(reason) => return Content::Unread(reason),
    };
    match catch_unwind(AssertUnwindSafe(|| pki::parse(&bytes, interner))) {
        Ok(parsed) => Content::Parsed(parsed),
        Err(_) => Content::Unread(Unread::Panicked),
    }
}

/// The bytes of a regular file of so many bytes. They may hold a private key: they are wiped when dropped, and the buffer
/// is never grown, so that no copy is left behind.
fn read_bytes(directory: BorrowedFd<'_>, name: &OsStr, size: u64) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let failed = |operation, errno: Errno| Unread::Failed(FsError { operation, errno });
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = openat(directory, name, flags, Mode::empty()).map_err(|errno| failed(Operation::Open, errno.into()))?;
    let stat = fstat(&file).map_err(|errno| failed(Operation::Stat, errno.into()))?;
    if kind(&stat) != FileKind::Regular {
        return Err(Unread::NotRegular);
    }
    let capacity = usize::try_from(size.min(MAX_FILE_SIZE)).unwrap_or_default().saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    let read = std::fs::File::from(file).take(capacity as u64).read_to_end(&mut bytes);
    read.map_err(|error| failed(Operation::Read, Errno::from(&error)))?;
    Ok(bytes)
}

/// What a directory in a host directory is, of which no engine reads anything. Hidden ones are other programs' own.
fn look_into(directory: BorrowedFd<'_>, name: &OsStr, is_link: bool) -> Unread {
    let directory = match open_subdirectory(directory, name) {
        Ok(directory) => directory,
        Err(error) => return Unread::Failed(error),
    };
    if is_link || name.as_bytes().starts_with(b".") {
        return Unread::NotRegular;
    }
    let is_meant = |name: &Name| !matches!(Role::of_name(&name.text), Role::Unused | Role::HostsToml);
    match list(&directory) {
        Ok(names) if names.iter().any(is_meant) => Unread::Nested,
        _ => Unread::NotRegular,
    }
}

fn open_subdirectory(directory: BorrowedFd<'_>, name: &OsStr) -> Result<OwnedFd, FsError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    openat(directory, name, flags, Mode::empty()).map_err(|errno| FsError::new(Operation::Open, errno))
}

fn link_of(directory: BorrowedFd<'_>, name: &OsStr) -> Option<Link> {
    let stat = stat_of(directory, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink {
        return None;
    }
    let target = readlinkat(directory, name, Vec::new()).map(|target| target.into_bytes()).unwrap_or_default();
    Some(Link { target: PathBuf::from(OsString::from_vec(target)) })
}

fn stat_of(directory: BorrowedFd<'_>, name: &OsStr, flags: AtFlags) -> Result<Stat, Errno> {
    statat(directory, name.as_bytes(), flags).map_err(Errno::from)
}

fn kind(stat: &Stat) -> FileKind {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => FileKind::Regular,
        FileType::Directory => FileKind::Directory,
        FileType::Fifo => FileKind::Fifo,
        FileType::Socket => FileKind::Socket,
        FileType::CharacterDevice | FileType::BlockDevice => FileKind::Device,
        _ => FileKind::Unknown,
    }
}

fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or_default()
}

/// `/dev/null`, to which files are linked to switch them off: it reads as empty.
fn is_null_device(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice
        && major(stat.st_rdev) == 1
        && minor(stat.st_rdev) == 3
}
