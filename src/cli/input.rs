//! Files that are given to the program, and standard input.

use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use crate::base::text::display_name;
use crate::cli::error::Failure;
use crate::cli::mending::Passphrases;
use crate::create::import::{Brought, Input};
use crate::scan::{self, InputFile};

/// What standard input is called on the command line.
const STANDARD_INPUT: &str = "-";

/// The bytes of a file, of standard input where it is `-`. They may hold a private key.
///
/// # Errors
/// Where it is no file, cannot be read, or is larger than any file that is looked at.
pub fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let read = if path.as_os_str() == STANDARD_INPUT { standard_input()? } else { scan::read_input_file(path)? };
    Ok(read.bytes)
}

/// What files hold, and directories of them, recognised by content.
///
/// # Errors
/// Where one cannot be read, holds nothing that is of use, or does not open.
pub fn recognise<'a>(paths: impl IntoIterator<Item = &'a Path>, passphrases: &Passphrases) -> Result<Brought, Failure> {
    let mut inputs = Vec::new();
    for path in paths {
        let read = if path.as_os_str() == STANDARD_INPUT { vec![standard_input()?] } else { scan::read_input(path)? };
        let input = |file: InputFile| Input { name: file.path.to_string_lossy().into_owned(), bytes: file.bytes };
        inputs.extend(read.into_iter().map(input));
    }
    Ok(Brought::read(&inputs, &|name| passphrases.of_named(name))?)
}

/// What a PKCS#12 file holds.
///
/// # Errors
/// Where it cannot be read, is none, or does not open.
pub fn pkcs12(path: &Path, passphrases: &Passphrases) -> Result<Brought, Failure> {
    let input = Input { name: name(path), bytes: read(path)? };
    Ok(Brought::read_pkcs12(input, &|name| passphrases.of_named(name))?)
}

/// What it is called.
pub fn name(path: &Path) -> String {
    if path.as_os_str() == STANDARD_INPUT { "standard input".to_owned() } else { display_name(path) }
}

fn standard_input() -> Result<InputFile, Failure> {
    Ok(scan::read_stream("standard input", io::stdin().lock())?)
}
