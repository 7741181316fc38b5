//! Names for what is in the making and for what waits to go: beside the path that it is about, and of no use to any engine.
//!
//! They end in nothing that an engine reads (`.crt`, `.cert`, `.key`), and nobody but one operation makes them: each has a
//! random number of its own.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What all these names begin with.
const PREFIX: &str = ".certwright-tmp-";

/// The name that a step of an operation may use.
pub(crate) struct Aside<'a> {
    /// The random number of the operation
    pub nonce: &'a str,
    /// The step of the operation, from 0
    pub number: usize,
}

impl Aside<'_> {
    /// The name beside a path.
    pub fn beside(&self, path: &Path) -> PathBuf {
        path.with_file_name(self.name())
    }

    /// Tells whether a name is one of the same operation.
    pub fn is_sibling(&self, name: &OsStr) -> bool {
        name.as_bytes().starts_with(self.prefix().as_bytes())
    }

    fn name(&self) -> OsString {
        format!("{}{}", self.prefix(), self.number).into()
    }

    fn prefix(&self) -> String {
        format!("{PREFIX}{}-", self.nonce)
    }
}

/// Tells whether a name is one of these.
pub(crate) fn is_aside(name: &OsStr) -> bool {
    name.as_bytes().starts_with(PREFIX.as_bytes())
}

/// A random number for an operation, in hexadecimal digits; `None` where the system has none.
pub(crate) fn nonce() -> Option<String> {
    let mut bytes = [0; 8];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
