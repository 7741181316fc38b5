//! The gate through which everything passes that changes the disk: each system call of the writer and of the journal, once.
//!
//! A test can have the nth call fail, or have the program stop dead there, as if it were killed.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::fs::{AtFlags, Gid, Mode, OFlags, RenameFlags, Timestamps, Uid, XattrFlags};
use thiserror::Error;

use crate::base::errno::Errno;

/// What a test has happen to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call fails with this error.
    Fail(Errno),
    /// The call and all after it fail with this error, as on a disk that dies.
    FailFrom(Errno),
    /// The program is gone before the call: nothing more is done, not even put in order.
    Stop,
    /// As [`Fault::Stop`], but where the call is a write, half of it is written.
    Tear,
}

/// A call that did not succeed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CallError {
    /// The kernel refused.
    #[error("{call}: {errno}")]
    Refused {
        /// The system call
        call: &'static str,
        /// What the kernel answered
        errno: Errno,
    },
    /// A test stopped the program here.
    #[error("stopped")]
    Stopped,
}

/// The way to the kernel.
#[derive(Debug, Default)]
pub struct Kernel {
    calls: AtomicUsize,
    fault: Option<(usize, Fault)>,
    stopped: AtomicBool,
}

/// What a call gives.
pub type Answer<T> = Result<T, CallError>;

impl Kernel {
    /// A kernel at whose nth call, counted from 0, something happens.
    pub fn with_fault(call: usize, fault: Fault) -> Self {
        Self { fault: Some((call, fault)), ..Self::default() }
    }

    /// How many calls there were.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Makes a directory.
    pub(crate) fn make_directory(&self, at: impl AsFd, name: &OsStr, mode: u32) -> Answer<()> {
        self.call("mkdirat", || rustix::fs::mkdirat(at, name, Mode::from_raw_mode(mode)))
    }

    /// Makes a file that was not there, readable by nobody else, and opens it to be written.
    pub(crate) fn create(&self, at: impl AsFd, name: &OsStr) -> Answer<OwnedFd> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        self.call("openat", || rustix::fs::openat(at, name, flags, Mode::RUSR | Mode::WUSR))
    }

    /// Opens a file to add to its end; makes it where it is not there.
    pub(crate) fn open_to_append(&self, at: impl AsFd, name: &OsStr) -> Answer<OwnedFd> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        self.call("openat", || rustix::fs::openat(at, name, flags, Mode::RUSR | Mode::WUSR))
    }

    /// Writes all bytes.
    pub(crate) fn write(&self, file: impl AsFd, mut bytes: &[u8]) -> Answer<()> {
        while !bytes.is_empty() {
            let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
            let torn = || {
                let _ = rustix::io::write(&file, half);
            };
            let write = || match rustix::io::write(&file, bytes)? {
                0 => Err(rustix::io::Errno::IO),
                written => Ok(written),
            };
            let written = self.call_or("write", write, torn)?;
            bytes = bytes.get(written..).unwrap_or_default();
        }
        Ok(())
    }

    /// Cuts a file.
    pub(crate) fn truncate(&self, file: impl AsFd, length: u64) -> Answer<()> {
        self.call("ftruncate", || rustix::fs::ftruncate(file, length))
    }

    /// Makes a file or a directory durable.
    pub(crate) fn sync(&self, file: impl AsFd) -> Answer<()> {
        self.call("fsync", || rustix::fs::fsync(file))
    }

    /// Renames; never onto something.
    pub(crate) fn rename(&self, from: (impl AsFd, &OsStr), to: (impl AsFd, &OsStr)) -> Answer<()> {
        self.call("renameat2", || rustix::fs::renameat_with(from.0, from.1, to.0, to.1, RenameFlags::NOREPLACE))
    }

    /// Exchanges the names of two files.
    pub(crate) fn exchange(&self, at: impl AsFd, one: &OsStr, other: &OsStr) -> Answer<()> {
        let at = at.as_fd();
        self.call("renameat2", || rustix::fs::renameat_with(at, one, at, other, RenameFlags::EXCHANGE))
    }

    /// Takes a file away that is ours, or whose bytes are kept.
    pub(crate) fn unlink(&self, at: impl AsFd, name: &OsStr) -> Answer<()> {
        self.call("unlinkat", || rustix::fs::unlinkat(at, name, AtFlags::empty()))
    }

    /// Takes an empty directory away.
    pub(crate) fn remove_directory(&self, at: impl AsFd, name: &OsStr) -> Answer<()> {
        self.call("unlinkat", || rustix::fs::unlinkat(at, name, AtFlags::REMOVEDIR))
    }

    /// Sets permission bits.
    pub(crate) fn set_mode(&self, file: impl AsFd, mode: u32) -> Answer<()> {
        self.call("fchmod", || rustix::fs::fchmod(file, Mode::from_raw_mode(mode)))
    }

    /// Sets the permission bits of what a path leads to; for what may not be opened, by way of `/proc/self/fd`.
    pub(crate) fn set_mode_of(&self, path: &str, mode: u32) -> Answer<()> {
        self.call("fchmodat", || rustix::fs::chmod(path, Mode::from_raw_mode(mode)))
    }

    /// Sets owner and group of what is opened, were it only as a path.
    pub(crate) fn set_owner(&self, file: impl AsFd, uid: u32, gid: u32) -> Answer<()> {
        let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
        self.call("fchownat", || rustix::fs::chownat(file, "", Some(uid), Some(gid), AtFlags::EMPTY_PATH))
    }

    /// Sets the times of access and of change.
    pub(crate) fn set_times(&self, file: impl AsFd, times: &Timestamps) -> Answer<()> {
        self.call("utimensat", || rustix::fs::futimens(file, times))
    }

    /// Sets an extended attribute.
    pub(crate) fn set_attribute(&self, file: impl AsFd, name: &OsStr, value: &[u8]) -> Answer<()> {
        self.call("fsetxattr", || rustix::fs::fsetxattr(file, name, value, XattrFlags::empty()))
    }

    /// Takes an extended attribute away.
    pub(crate) fn remove_attribute(&self, file: impl AsFd, name: &OsStr) -> Answer<()> {
        self.call("fremovexattr", || rustix::fs::fremovexattr(file, name))
    }

    fn call<T>(&self, call: &'static str, run: impl FnOnce() -> rustix::io::Result<T>) -> Answer<T> {
        self.call_or(call, run, || {})
    }

    /// A call, and what is done in its stead where the program dies in the midst of it.
    fn call_or<T>(
        &self,
        call: &'static str,
        run: impl FnOnce() -> rustix::io::Result<T>,
        torn: impl FnOnce(),
    ) -> Answer<T> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        if self.stopped.load(Ordering::Relaxed) {
            return Err(CallError::Stopped);
        }
        match self.fault {
            Some((at, Fault::Fail(errno))) if at == number => Err(CallError::Refused { call, errno }),
            Some((at, Fault::FailFrom(errno))) if at <= number => Err(CallError::Refused { call, errno }),
            Some((at, fault @ (Fault::Stop | Fault::Tear))) if at == number => {
                self.stopped.store(true, Ordering::Relaxed);
                if fault == Fault::Tear {
                    torn();
                }
                Err(CallError::Stopped)
            }
            _ => run().map_err(|errno| CallError::Refused { call, errno: errno.into() }),
        }
    }
}

impl From<CallError> for io::Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused { errno, .. } => Self::from_raw_os_error(errno.0),
            CallError::Stopped => Self::other("stopped"),
        }
    }
}
