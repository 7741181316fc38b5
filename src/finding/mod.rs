//! The vocabulary of judgement: what is wrong, how bad it is, where, and what would mend it. Decides nothing.

pub mod change;
pub mod code;
pub mod content;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use change::{Applicability, Change, Fix};
pub use code::{Code, Selector};
pub use content::NewContent;

use crate::engine::Engine;

/// How bad a finding is, by what the engines do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing fails; worth knowing.
    Info,
    /// Something will fail, or fails for some engines or commands, or a secret lies open.
    Warning,
    /// An engine refuses the directory, or what was evidently meant does not happen.
    Error,
}

impl Severity {
    /// All severities, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Info];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that is wrong, or worth knowing.
///
/// All text may hold foreign text (names, subjects) that was *not* yet sanitised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// The fact with its values: lower case, no final period ("certificate expired 12 days ago, on 2026-11-11").
    pub message: String,
    /// What follows from it, engine by engine.
    pub consequences: Vec<Consequence>,
    /// What would mend it, as an imperative ("rename ca.cert to ca.crt"); empty where nothing on this host can.
    pub advice: String,
    /// What would mend it, the likeliest first.
    pub fixes: Vec<Fix>,
}

/// What an engine does because of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// The engine.
    pub engine: Engine,
    /// Its own error text where it has one, else what it does in our words.
    pub text: String,
    /// [`Consequence::text`] is the engine's own, byte for byte.
    pub verbatim: bool,
}

/// Where a finding is. Ordered as the tree is shown: by directory, then file, then certificate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Path of the host directory, or of the root.
    pub directory: Arc<Path>,
    /// Name of the file in it; `None` where the finding is about the directory.
    pub file: Option<OsString>,
    /// Index of the certificate among those of the file; `None` where the finding is about the whole file.
    pub certificate: Option<usize>,
}

impl Place {
    /// The directory itself.
    pub fn directory(path: &Path) -> Self {
        Self { directory: path.into(), file: None, certificate: None }
    }

    /// A file that stands in no host directory, such as an engine's configuration.
    pub fn file(path: &Path) -> Self {
        let directory = path.parent().unwrap_or(path).into();
        Self { directory, file: path.file_name().map(OsString::from), certificate: None }
    }

    /// The path of the file, or of the directory.
    pub fn path(&self) -> PathBuf {
        match &self.file {
            Some(file) => self.directory.join(file),
            None => self.directory.to_path_buf(),
        }
    }
}
