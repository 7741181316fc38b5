//! New files that are no certificates, written whole or not at all, never over another.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::cli::error::Failure;

/// Permission bits of a file that holds no secret.
const MODE: u32 = 0o644;

/// Writes files, all or none: they are complete before the first gets its name.
///
/// # Errors
/// Where one of them is there already, or cannot be written.
pub fn write(files: &[(PathBuf, &str)]) -> Result<(), Failure> {
    let failed = |path: &Path, error: io::Error| Failure::File(path.to_path_buf(), error);
    let mut ready = Vec::new();
    for (path, text) in files {
        if path.symlink_metadata().is_ok() {
            return Err(failed(path, rustix::io::Errno::EXIST.into()));
        }
        ready.push(prepare(path, text).map_err(|error| failed(path, error))?);
    }
    for (file, (path, _)) in ready.into_iter().zip(files) {
        file.persist_noclobber(path).map_err(|error| failed(path, error.error))?;
    }
    Ok(())
}

fn prepare(path: &Path, text: &str) -> io::Result<NamedTempFile<File>> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let new = |path: &Path| File::options().write(true).create_new(true).mode(MODE).open(path);
    let mut file = tempfile::Builder::new().prefix(".certwright-tmp-").make_in(directory, new)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}
