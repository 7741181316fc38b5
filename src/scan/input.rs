//! Files that somebody brings, wherever they lie: read whole, or refused with the reason. What is in them is left to others.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

use thiserror::Error;
use walkdir::WalkDir;
use zeroize::Zeroizing;

use crate::base::errno::Errno;
use crate::base::text::display_name;
use crate::model::file::MAX_FILE_SIZE;
use crate::model::{Content, FileKind, Unread};
use crate::pki::Interner;
use crate::scan::read::{read_again, read_named};
use crate::scan::roots::looks_like_certificate;

/// A file that was read. Its bytes may hold a private key.
pub struct InputFile {
    /// Its path.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// Why something was not read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InputError {
    /// The kernel refused.
    #[error("{}: {errno}", display_name(.path))]
    Refused {
        /// The path
        path: PathBuf,
        /// What it said
        errno: Errno,
    },
    /// It is no regular file.
    #[error("{}: it is a {}, which is not opened", display_name(.path), .kind.word())]
    NotRegular {
        /// The path
        path: PathBuf,
        /// What it is
        kind: FileKind,
    },
    /// Somebody writes to it.
    #[error("{}: it was changed while it was read", display_name(.0))]
    Changed(PathBuf),
    /// It is too large.
    #[error("{}: it has more than 4 MiB", display_name(.0))]
    TooLarge(PathBuf),
    /// Nothing in a directory is called like a certificate or a key.
    #[error("{}: nothing in this directory is called like a certificate or a key", display_name(.0))]
    Nothing(PathBuf),
}

/// Reads a file, or of a directory what is called like a certificate or a key: `tls.crt`, `tls.key` and `ca.crt` of a
/// Kubernetes secret, for one.
///
/// # Errors
/// Where something cannot be read.
pub fn read_input(path: &Path) -> Result<Vec<InputFile>, InputError> {
    if !path.is_dir() {
        return Ok(vec![read_input_file(path)?]);
    }
    let entries = WalkDir::new(path).min_depth(1).max_depth(1).sort_by_file_name();
    let is_meant = |name: &OsStr| !name.as_encoded_bytes().starts_with(b".") && looks_like_certificate(name);
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| InputError::Refused {
            path: path.to_path_buf(),
            errno: error.io_error().map_or(Errno(5), Errno::from),
        })?;
        // Links are followed: a secret is mounted as links into a directory of its version.
        if is_meant(entry.file_name()) && !entry.path().is_dir() {
            files.push(read_input_file(entry.path())?);
        }
    }
    if files.is_empty() { Err(InputError::Nothing(path.to_path_buf())) } else { Ok(files) }
}

/// Reads what comes from somewhere else, up to the size of a file.
///
/// # Errors
/// Where there is more, or it cannot be read.
pub fn read_stream(name: &str, stream: impl Read) -> Result<InputFile, InputError> {
    let path = PathBuf::from(name);
    let most = usize::try_from(MAX_FILE_SIZE).unwrap_or(usize::MAX);
    // Never grown, so that no copy of a key is left behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most + 1));
    let read = stream.take(MAX_FILE_SIZE + 1).read_to_end(&mut bytes);
    read.map_err(|error| InputError::Refused { path: path.clone(), errno: Errno::from(&error) })?;
    if bytes.len() > most { Err(InputError::TooLarge(path)) } else { Ok(InputFile { path, bytes }) }
}

/// Reads one file.
///
/// # Errors
/// Where it is none, or cannot be read.
pub fn read_input_file(path: &Path) -> Result<InputFile, InputError> {
    let file = read_named(path, &Interner::default());
    let refused = |errno| InputError::Refused { path: path.to_path_buf(), errno };
    match (file.content, file.kind) {
        (Content::Unread(Unread::TooLarge), _) => return Err(InputError::TooLarge(path.to_path_buf())),
        (Content::Unread(Unread::Failed(error)), _) => return Err(refused(error.errno)),
        (_, FileKind::Dangling) => return Err(refused(Errno::ENOENT)),
        (_, FileKind::LinkLoop) => return Err(refused(Errno::ELOOP)),
        (_, FileKind::Regular) => {}
        (_, kind) => return Err(InputError::NotRegular { path: path.to_path_buf(), kind }),
    }
    let stamp = file.stamp.ok_or_else(|| refused(Errno::ENOENT))?;
    let bytes = read_again(path, &stamp).ok_or_else(|| InputError::Changed(path.to_path_buf()))?;
    Ok(InputFile { path: path.to_path_buf(), bytes })
}
