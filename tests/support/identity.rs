//! Which file each name stands for: what an engine does not see, and a file keeps that was only renamed or taken back.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The inode of each name below a directory.
pub fn inodes(root: &Path) -> BTreeMap<PathBuf, u64> {
    let entries = walkdir::WalkDir::new(root).into_iter().map(Result::unwrap);
    entries.map(|entry| (entry.path().to_path_buf(), entry.metadata().unwrap().ino())).collect()
}
