//! Files that are given to the program, and standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::base::text::display_name;
use crate::cli::error::Failure;
use crate::model::file::MAX_FILE_SIZE;

/// The bytes of a file, of standard input where it is `-`. They may hold a private key: the buffer is never grown, so that
/// no copy of them is left behind.
///
/// # Errors
/// Where it cannot be read, or is larger than any file that is looked at.
pub fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let capacity = usize::try_from(MAX_FILE_SIZE).unwrap_or(usize::MAX).saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    let failed = |error| Failure::File(PathBuf::from(name(path)), error);
    let read = if path == Path::new("-") {
        io::stdin().lock().take(capacity as u64).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(capacity as u64).read_to_end(&mut bytes))
    };
    read.map_err(failed)?;
    if bytes.len() == capacity {
        return Err(failed(io::Error::other("it has more than 4 MiB")));
    }
    Ok(bytes)
}

/// What it is called.
pub fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { display_name(path) }
}
