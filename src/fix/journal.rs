//! The journal: what is about to be done, before it is done, and the bytes that it would take to take it back.
//!
//! The state directory holds `journal.jsonl`, one checksummed JSON line an entry, only ever added to; `blobs`, the bytes of
//! files by their SHA-256; and `lock`, which one process holds at a time. Nobody else may look into it.

use std::ffi::OsStr;
use std::fs::DirBuilder;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{FlockOperation, Mode, OFlags};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::base::encoded_path;
use crate::base::errno::Errno;
use crate::base::text::display_name;
use crate::fix::deed::{Blobs, Deed};
use crate::fix::disk::DiskError;
use crate::fix::kernel::{CallError, Kernel};
use crate::fix::operation::{Operation, OperationId};
use crate::fix::plan::{Expected, PlannedFix, Root};
use crate::fix::record::{self, Record};
use crate::fix::recover::{self, Recovery};
use crate::fix::version::{Identity, hex};
use crate::model::file::MAX_FILE_SIZE;
use crate::pki::sha256;

/// Why the journal cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum JournalError {
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
    /// Others may look into the state directory.
    #[error("{} is open to others: its mode must be 0700", display_name(.0))]
    Open(PathBuf),
    /// The state directory is another user's.
    #[error("{} belongs to another user ({owner})", display_name(path))]
    Foreign {
        /// The state directory
        path: PathBuf,
        /// Whose it is
        owner: u32,
    },
    /// There is something else in the place of the state directory, were it a link to one.
    #[error("{} is no directory of its own", display_name(.0))]
    NoDirectory(PathBuf),
    /// Another process is at work.
    #[error("another certwright{} is changing files", process_words(*process))]
    Locked {
        /// Its number, where it is known
        process: Option<u32>,
    },
    /// A line is not what was written.
    #[error("{}: line {line} is damaged", display_name(path))]
    Damaged {
        /// The journal
        path: PathBuf,
        /// The line, from 1
        line: usize,
    },
    /// A half-done operation could not be taken back.
    #[error("operation {operation} was interrupted, and cannot be put in order: {cause}")]
    Recovery {
        /// The operation
        operation: OperationId,
        /// Why
        cause: Box<DiskError>,
    },
    /// A test stopped the program.
    #[error("stopped")]
    Stopped,
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub(crate) enum Entry {
    /// An operation begins; nothing is changed yet.
    Begin {
        operation: Operation,
        roots: Vec<RootEntry>,
        /// What its names aside have in common, and nobody else's.
        nonce: String,
    },
    /// A step is about to be made.
    Deed { operation: OperationId, number: usize, step: Deed },
    /// What is new was made aside, and is about to get its name.
    Made { operation: OperationId, number: usize, identity: Identity },
    /// Everything was done; this is what was left at the paths that were touched.
    Done { operation: OperationId, fixes: Vec<PlannedFix>, left: usize, after: Vec<Expected> },
    /// Everything was taken back.
    RolledBack { operation: OperationId, why: String },
    /// Nothing waits aside any more.
    Cleared { operation: OperationId },
}

/// A root of an operation: its path, unless there is more to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum RootEntry {
    New(Root),
    Path(#[serde(with = "encoded_path")] PathBuf),
}

impl From<Root> for RootEntry {
    fn from(root: Root) -> Self {
        if root.base.is_some() { Self::New(root) } else { Self::Path(root.path) }
    }
}

impl From<RootEntry> for Root {
    fn from(entry: RootEntry) -> Self {
        match entry {
            RootEntry::New(root) => root,
            RootEntry::Path(path) => Self::at(path),
        }
    }
}

/// The journal, opened to be added to, and locked.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    blobs: OwnedFd,
    file: OwnedFd,
    /// How many bytes of the file are whole lines.
    length: u64,
    /// Something torn stands behind them that could not be cut off.
    is_torn: bool,
    entries: Vec<Entry>,
    kernel: Arc<Kernel>,
    recovery: Option<Recovery>,
    _lock: OwnedFd,
}

impl Journal {
    /// Opens the journal in a state directory, which is made where it is not there, and puts in order what a killed process
    /// left half done.
    ///
    /// # Errors
    /// Where the directory cannot be used, another process holds the lock, or a line is damaged.
    pub fn open(directory: &Path) -> Result<Self, JournalError> {
        Self::open_with(directory, Kernel::default())
    }

    /// [`Journal::open`] with a kernel that a test has prepared.
    ///
    /// # Errors
    /// The same.
    pub fn open_with(directory: &Path, kernel: Kernel) -> Result<Self, JournalError> {
        let kernel = Arc::new(kernel);
        let state = open_private(directory)?;
        let lock = lock(&state, directory, &kernel)?;
        let path = directory.join("journal.jsonl");
        let file = kernel.open_to_append(&state, OsStr::new("journal.jsonl")).map_err(on(&path))?;
        kernel.sync(&state).map_err(on(&path))?;
        let blobs = open_private(&directory.join("blobs"))?;
        let (entries, length) = read_entries(file.as_fd(), &path)?;
        let mut journal =
            Self { path, blobs, file, length, is_torn: true, entries, kernel, recovery: None, _lock: lock };
        journal.cut()?;
        journal.recovery = recover::recover(&mut journal)?;
        Ok(journal)
    }

    /// What a killed process had left, and what became of it.
    pub fn recovery(&self) -> Option<&Recovery> {
        self.recovery.as_ref()
    }

    /// What was done, the oldest first.
    pub fn history(&self) -> Vec<Operation> {
        self.records().into_iter().map(|record| record.operation).collect()
    }

    /// How many calls changed the disk through this journal.
    pub fn calls(&self) -> usize {
        self.kernel.calls()
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        record::completed(&self.entries)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn kernel(&self) -> Arc<Kernel> {
        Arc::clone(&self.kernel)
    }

    /// The number of the next operation.
    pub(crate) fn next_id(&self) -> OperationId {
        let last = self.entries.iter().rev().find_map(|entry| match entry {
            Entry::Begin { operation, .. } => Some(operation.id.0),
            _ => None,
        });
        OperationId(last.unwrap_or_default() + 1)
    }

    /// Adds an entry and makes it durable.
    pub(crate) fn append(&mut self, entry: Entry) -> Result<(), JournalError> {
        self.cut()?;
        let text = serde_json::to_string(&entry).unwrap_or_default();
        let line = format!("{{\"sum\":\"{}\",\"entry\":{text}}}\n", checksum(&text));
        let written = self.kernel.write(&self.file, line.as_bytes()).and_then(|()| self.kernel.sync(&self.file));
        if let Err(error) = written {
            // Half a line would damage what comes behind it.
            self.is_torn = true;
            let _ = self.cut();
            return Err(on(&self.path)(error));
        }
        self.length += line.len() as u64;
        self.entries.push(entry);
        Ok(())
    }

    /// Tells whether the last entry may be there, although it could not be added.
    pub(crate) fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Keeps bytes under their SHA-256.
    pub(crate) fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), JournalError> {
        let path = self.path.with_file_name("blobs").join(name);
        if self.blob(name).is_ok_and(|kept| *kept == bytes) {
            return Ok(());
        }
        let making = format!("{name}.making");
        let (making, name) = (OsStr::new(&making), OsStr::new(name));
        for stale in [making, name] {
            if rustix::fs::statat(&self.blobs, stale, rustix::fs::AtFlags::SYMLINK_NOFOLLOW).is_ok() {
                self.kernel.unlink(&self.blobs, stale).map_err(on(&path))?;
            }
        }
        let file = self.kernel.create(&self.blobs, making).map_err(on(&path))?;
        self.kernel.write(&file, bytes).map_err(on(&path))?;
        self.kernel.sync(&file).map_err(on(&path))?;
        self.kernel.rename((&self.blobs, making), (&self.blobs, name)).map_err(on(&path))?;
        self.kernel.sync(&self.blobs).map_err(on(&path))
    }

    /// Cuts off what is torn: what a killed process had begun to write, or what could not be made durable.
    fn cut(&mut self) -> Result<(), JournalError> {
        if !self.is_torn {
            return Ok(());
        }
        let size = rustix::fs::fstat(&self.file).map(|stat| stat.st_size).unwrap_or(i64::MAX);
        if u64::try_from(size).unwrap_or_default() > self.length {
            self.kernel.truncate(&self.file, self.length).map_err(on(&self.path))?;
            self.kernel.sync(&self.file).map_err(on(&self.path))?;
        }
        self.is_torn = false;
        Ok(())
    }
}

impl Blobs for Journal {
    fn blob(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, DiskError> {
        let path = self.path.with_file_name("blobs").join(name);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let refused = |call, errno| DiskError::Refused { path: path.clone(), call, errno };
        let file = rustix::fs::openat(&self.blobs, name, flags, Mode::empty())
            .map_err(|errno| refused("openat", errno.into()))?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(MAX_FILE_SIZE).unwrap_or_default()));
        let read = std::fs::File::from(file).take(2 * MAX_FILE_SIZE).read_to_end(&mut bytes);
        read.map_err(|error| refused("read", Errno::from(&error)))?;
        if hex(&sha256(&bytes)) != name {
            return Err(DiskError::Moved { path: path.clone(), was: "is damaged".to_owned() });
        }
        Ok(bytes)
    }
}

/// What was done according to the journal in a state directory, the oldest first. Takes no lock, changes nothing; empty
/// where there is no journal.
///
/// # Errors
/// Where the journal cannot be read, or a line is damaged.
pub fn history(directory: &Path) -> Result<Vec<Operation>, JournalError> {
    let records = record::completed(&look(directory)?);
    Ok(records.into_iter().map(|record| record.operation).collect())
}

/// Tells whether the last operation in a state directory was begun and did not end: it is under way, or its process was
/// killed. Takes no lock, changes nothing.
///
/// # Errors
/// Those of [`history`].
pub fn is_interrupted(directory: &Path) -> Result<bool, JournalError> {
    Ok(record::interrupted(&look(directory)?).is_some())
}

/// The entries in a state directory; none, where there is no journal.
fn look(directory: &Path) -> Result<Vec<Entry>, JournalError> {
    let path = directory.join("journal.jsonl");
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::openat(rustix::fs::CWD, &path, flags, Mode::empty()) {
        Ok(file) => file,
        Err(rustix::io::Errno::NOENT) => return Ok(Vec::new()),
        Err(errno) => return Err(JournalError::Refused { path, call: "openat", errno: errno.into() }),
    };
    read_entries(file.as_fd(), &path).map(|(entries, _)| entries)
}

/// Opens a directory that is this user's alone; makes it where it is not there.
fn open_private(path: &Path) -> Result<OwnedFd, JournalError> {
    let refused = |call, errno| JournalError::Refused { path: path.to_path_buf(), call, errno };
    match DirBuilder::new().recursive(true).mode(0o700).create(path) {
        // It is something else, which is told below.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        made => made.map_err(|error| refused("mkdir", Errno::from(&error)))?,
    }
    let metadata = path.symlink_metadata().map_err(|error| refused("lstat", Errno::from(&error)))?;
    let path_of = || path.to_path_buf();
    if !metadata.is_dir() {
        return Err(JournalError::NoDirectory(path_of()));
    } else if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(JournalError::Foreign { path: path_of(), owner: metadata.uid() });
    } else if metadata.mode() & 0o077 != 0 {
        return Err(JournalError::Open(path_of()));
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(rustix::fs::CWD, path, flags, Mode::empty()).map_err(|errno| refused("openat", errno.into()))
}

fn lock(state: &OwnedFd, directory: &Path, kernel: &Kernel) -> Result<OwnedFd, JournalError> {
    let path = directory.join("lock");
    let lock = kernel.open_to_append(state, OsStr::new("lock")).map_err(on(&path))?;
    match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let mut text = [0_u8; 16];
            let length = rustix::io::pread(&lock, &mut text, 0).unwrap_or_default();
            let text = String::from_utf8_lossy(text.get(..length).unwrap_or_default()).into_owned();
            return Err(JournalError::Locked { process: text.trim().parse().ok() });
        }
        Err(errno) => return Err(JournalError::Refused { path, call: "flock", errno: errno.into() }),
    }
    kernel.truncate(&lock, 0).map_err(on(&path))?;
    kernel.write(&lock, format!("{}\n", std::process::id()).as_bytes()).map_err(on(&path))?;
    Ok(lock)
}

/// The entries, and how many bytes they take. The last line may have been cut off by a crash, or be there in part: then it has
/// no end, or holds zeros. Any other line that is not what was written was changed later.
fn read_entries(file: impl AsFd, path: &Path) -> Result<(Vec<Entry>, u64), JournalError> {
    let refused = |error: &std::io::Error| JournalError::Refused {
        path: path.to_path_buf(),
        call: "read",
        errno: Errno::from(error),
    };
    let copy = file.as_fd().try_clone_to_owned().map_err(|error| refused(&error))?;
    let mut bytes = Vec::new();
    std::fs::File::from(copy).read_to_end(&mut bytes).map_err(|error| refused(&error))?;
    let mut entries = Vec::new();
    let mut length = 0;
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let is_last = length + line.len() == bytes.len();
        match line.strip_suffix(b"\n").and_then(|line| std::str::from_utf8(line).ok()).and_then(read_entry) {
            Some(entry) => entries.push(entry),
            None if is_last && (!line.ends_with(b"\n") || line.contains(&0)) => break,
            None => return Err(JournalError::Damaged { path: path.to_path_buf(), line: index + 1 }),
        }
        length += line.len();
    }
    Ok((entries, length as u64))
}

fn read_entry(line: &str) -> Option<Entry> {
    let rest = line.strip_prefix("{\"sum\":\"")?;
    let (sum, rest) = rest.split_once("\",\"entry\":")?;
    let text = rest.strip_suffix('}')?;
    serde_json::from_str(text).ok().filter(|_| sum == checksum(text))
}

fn checksum(text: &str) -> String {
    hex(sha256(text.as_bytes()).get(..8).unwrap_or_default())
}

fn process_words(process: Option<u32>) -> String {
    process.map(|process| format!(" (process {process})")).unwrap_or_default()
}

/// Puts the path to a refused call.
fn on(path: &Path) -> impl Fn(CallError) -> JournalError + use<'_> {
    move |error| match error {
        CallError::Refused { call, errno } => JournalError::Refused { path: path.to_path_buf(), call, errno },
        CallError::Stopped => JournalError::Stopped,
    }
}
