//! What the kernel said when it refused a file, in Go's words, since engines are written in Go.

use std::fmt;

/// The system call that failed, named as Go's `os.PathError` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `open`
    Open,
    /// `read`
    Read,
    /// `stat`
    Stat,
    /// `readlink`
    ReadLink,
}

impl Operation {
    /// The word that Go prints before the path.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Read => "read",
            Self::Stat => "stat",
            Self::ReadLink => "readlink",
        }
    }
}

/// An error number with Go's text for it (`syscall/zerrors_linux_amd64.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Errno(pub i32);

impl Errno {
    /// Operation not permitted.
    pub const EPERM: Self = Self(1);
    /// No such file or directory.
    pub const ENOENT: Self = Self(2);
    /// No such device or address: what opening a socket gives.
    pub const ENXIO: Self = Self(6);
    /// Permission denied.
    pub const EACCES: Self = Self(13);
    /// Device or resource busy: something is mounted there.
    pub const EBUSY: Self = Self(16);
    /// Not a directory.
    pub const ENOTDIR: Self = Self(20);
    /// Is a directory.
    pub const EISDIR: Self = Self(21);
    /// No space left on device.
    pub const ENOSPC: Self = Self(28);
    /// Read-only file system.
    pub const EROFS: Self = Self(30);
    /// Disk quota exceeded.
    pub const EDQUOT: Self = Self(122);
    /// Too many levels of symbolic links.
    pub const ELOOP: Self = Self(40);
}

impl From<rustix::io::Errno> for Errno {
    fn from(errno: rustix::io::Errno) -> Self {
        Self(errno.raw_os_error())
    }
}

impl From<&std::io::Error> for Errno {
    fn from(error: &std::io::Error) -> Self {
        Self(error.raw_os_error().unwrap_or(5))
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0 {
            1 => "operation not permitted",
            2 => "no such file or directory",
            5 => "input/output error",
            6 => "no such device or address",
            12 => "cannot allocate memory",
            13 => "permission denied",
            16 => "device or resource busy",
            20 => "not a directory",
            21 => "is a directory",
            22 => "invalid argument",
            23 => "too many open files in system",
            24 => "too many open files",
            26 => "text file busy",
            17 => "file exists",
            18 => "invalid cross-device link",
            27 => "file too large",
            28 => "no space left on device",
            30 => "read-only file system",
            39 => "directory not empty",
            95 => "operation not supported",
            122 => "disk quota exceeded",
            36 => "file name too long",
            40 => "too many levels of symbolic links",
            116 => "stale file handle",
            other => return write!(out, "errno {other}"),
        };
        out.write_str(text)
    }
}

/// What went wrong with a file, in the same words where the kernel said it.
pub fn words(error: &std::io::Error) -> String {
    error.raw_os_error().map_or_else(|| error.to_string(), |number| Errno(number).to_string())
}

/// One refused system call on one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FsError {
    /// What was tried.
    pub operation: Operation,
    /// What the kernel answered.
    pub errno: Errno,
}

impl FsError {
    /// An error of `operation`.
    pub fn new(operation: Operation, errno: impl Into<Errno>) -> Self {
        Self { operation, errno: errno.into() }
    }

    /// The text that Go's `os.PathError.Error` gives for `path`.
    pub fn verbatim(self, path: &str) -> String {
        format!("{} {path}: {}", self.operation.name(), self.errno)
    }
}
