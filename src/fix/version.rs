//! A file as it was or is to be: the digest of its bytes, and everything that is kept beside them.

use rustix::fs::{Stat, Timespec, Timestamps};
use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;
use crate::fix::attributes::{Attribute, is_access_list};
use crate::fix::place::Found;
use crate::pki::sha256;

/// Device and inode.
pub(crate) type Identity = (u64, u64);

/// The bytes of a file and everything that is kept beside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// SHA-256 of the bytes in hexadecimal digits, which is the name of the blob that holds them.
    pub blob: String,
    pub meta: Meta,
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
    pub attributes: Vec<Attribute>,
}

impl Version {
    /// The version with these bytes.
    pub fn new(bytes: &[u8], meta: Meta) -> Self {
        Self { blob: hex(&sha256(bytes)), meta }
    }
}

impl Meta {
    /// What the kernel says of a file, with its attributes.
    pub fn new(stat: &Stat, attributes: Vec<Attribute>) -> Self {
        let nanos = |nanos| i64::try_from(nanos).unwrap_or_default();
        Self {
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            accessed: (stat.st_atime, nanos(stat.st_atime_nsec)),
            modified: (stat.st_mtime, nanos(stat.st_mtime_nsec)),
            attributes,
        }
    }

    /// What is kept beside the bytes of a file that this user makes in a directory.
    pub fn of_new(mode: u32, directory: &Found, now: Timestamp) -> Self {
        let group = match directory {
            Found::Directory(stamp) if stamp.mode & 0o2000 != 0 => Some(stamp.gid),
            _ => None,
        };
        Self {
            mode,
            uid: rustix::process::geteuid().as_raw(),
            gid: group.unwrap_or_else(|| rustix::process::getegid().as_raw()),
            accessed: (now.0, 0),
            modified: (now.0, 0),
            attributes: Vec::new(),
        }
    }

    /// The same with other permission bits. An access list would say otherwise, and is left out.
    pub fn with_mode(&self, mode: u32) -> Self {
        if mode == self.mode {
            return self.clone();
        }
        let attributes = self.attributes.iter().filter(|attribute| !is_access_list(attribute)).cloned().collect();
        Self { mode, attributes, ..self.clone() }
    }

    /// The times, as they are set.
    pub fn times(&self) -> Timestamps {
        let time = |(seconds, nanos): (i64, i64)| Timespec { tv_sec: seconds, tv_nsec: nanos };
        Timestamps { last_access: time(self.accessed), last_modification: time(self.modified) }
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of hexadecimal digits.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit)).collect()
}
