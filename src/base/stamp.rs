//! The identity of a file at a moment: enough to tell later whether it is still the one that was seen.

use rustix::fs::Stat;
use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;

/// What `stat` said of a file (links followed).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Device that holds the file.
    pub device: u64,
    /// Inode on that device.
    pub inode: u64,
    /// Permission bits (`07777`).
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Size in bytes.
    pub size: u64,
    /// Last change of the content, whole seconds.
    pub modified: Timestamp,
    /// The nanoseconds of [`Stamp::modified`].
    pub modified_nanos: u32,
}

impl From<&Stat> for Stamp {
    fn from(stat: &Stat) -> Self {
        Self {
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
}

impl Stamp {
    /// The permission bits as `ls` shows them, without the type: "rw-r--r--".
    pub fn permissions(&self) -> String {
        let letters = ['r', 'w', 'x'];
        (0..9)
            .map(|bit| {
                let set = self.mode & (0o400 >> bit) != 0;
                if set { letters.get(bit % 3).copied().unwrap_or('?') } else { '-' }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_read_like_ls() {
        let stamp = |mode| Stamp { mode, ..Stamp::default() };
        assert_eq!(stamp(0o640).permissions(), "rw-r-----");
        assert_eq!(stamp(0o755).permissions(), "rwxr-xr-x");
    }
}
