//! What stands in the tree: roots and host directories with what was found in them, and how much that is.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::finding::{Finding, Severity};
use crate::model::{File, HostDir, Root};
use crate::pki::Certificate;
use crate::tui::haystack::HostText;

/// The order of host directories under their root. Files always stand in byte order, which is the engines' own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Byte order of names
    #[default]
    Name,
    /// What expires first comes first
    Expiry,
    /// The worst comes first
    Severity,
}

impl Sort {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Expiry => "expiry",
            Self::Severity => "severity",
        }
    }

    /// The one after it.
    pub fn next(self) -> Self {
        match self {
            Self::Name => Self::Expiry,
            Self::Expiry => Self::Severity,
            Self::Severity => Self::Name,
        }
    }
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// Errors
    pub errors: usize,
    /// Warnings
    pub warnings: usize,
    /// The others
    pub infos: usize,
}

impl Tally {
    /// Counts findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut tally = Self::default();
        for finding in findings {
            tally.add(finding.severity);
        }
        tally
    }

    /// How often each severity occurs, the worst first.
    pub fn all(&self) -> [(Severity, usize); 3] {
        [(Severity::Error, self.errors), (Severity::Warning, self.warnings), (Severity::Info, self.infos)]
    }

    /// The worst severity that occurs, and how often.
    pub fn worst(&self) -> Option<(Severity, usize)> {
        self.all().into_iter().find(|(_, count)| *count > 0)
    }

    /// Adds those of another tally.
    pub fn plus(self, other: Self) -> Self {
        Self {
            errors: self.errors + other.errors,
            warnings: self.warnings + other.warnings,
            infos: self.infos + other.infos,
        }
    }

    fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Info => self.infos += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Error => self.errors += 1,
        }
    }
}

/// A root as the tree shows it.
#[derive(Debug)]
pub struct RootEntry {
    /// The root.
    pub root: Root,
    /// What is wrong with it, or between host directories that cannot be told.
    pub findings: Vec<Finding>,
    /// Whether its host directories are shown.
    pub open: bool,
    /// Indices of its host directories, in byte order of their names.
    pub hosts: Vec<usize>,
}

/// A host directory as the tree shows it.
#[derive(Debug)]
pub struct HostEntry {
    /// Its path.
    pub path: PathBuf,
    /// Index of its root.
    pub root: usize,
    /// What it holds, once it is read.
    pub read: Option<ReadHost>,
    pub(super) open: bool,
    pub(super) open_files: HashSet<OsString>,
}

/// A host directory that was read.
#[derive(Debug)]
pub struct ReadHost {
    /// The directory.
    pub host: Arc<HostDir>,
    /// What is wrong in it.
    pub findings: Vec<Finding>,
    /// What is not bad enough to be shown.
    pub hidden: Vec<Finding>,
    /// How much is wrong, as far as it is shown.
    pub tally: Tally,
    /// When the first of its certificates expires.
    pub first_expiry: Option<Timestamp>,
    /// How many certificates it holds.
    pub certificates: usize,
    pub(super) text: HostText,
}

impl ReadHost {
    /// Counts what was read.
    pub fn new(host: Arc<HostDir>, findings: Vec<Finding>) -> Self {
        let certificates = || host.files.iter().flat_map(certificates_of);
        let first_expiry = certificates().map(|certificate| certificate.not_after()).min();
        let tally = Tally::of(&findings);
        let hidden = Vec::new();
        Self {
            tally,
            hidden,
            first_expiry,
            certificates: certificates().count(),
            findings,
            text: HostText::default(),
            host,
        }
    }

    /// What is wrong with a file; with one of its certificates alone, where that is named.
    pub fn findings_of(&self, file: &File, certificate: Option<usize>) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| {
            finding.place.file.as_ref() == Some(&file.name)
                && certificate.is_none_or(|certificate| finding.place.certificate.is_none_or(|it| it == certificate))
        })
    }
}

/// The certificates of a file.
pub fn certificates_of(file: &File) -> impl Iterator<Item = &Arc<Certificate>> {
    file.parsed().into_iter().flat_map(|parsed| parsed.certificates())
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Host directories that were read
    pub hosts: usize,
    /// Files
    pub files: usize,
    /// Certificates
    pub certificates: usize,
    /// Findings
    pub tally: Tally,
}

impl Totals {
    pub(super) fn add(&mut self, read: &ReadHost) {
        self.hosts += 1;
        self.files += read.host.files.len();
        self.certificates += read.certificates;
        self.tally = self.tally.plus(read.tally);
    }

    pub(super) fn subtract(&mut self, read: &ReadHost) {
        self.hosts -= 1;
        self.files -= read.host.files.len();
        self.certificates -= read.certificates;
        self.tally.errors -= read.tally.errors;
        self.tally.warnings -= read.tally.warnings;
        self.tally.infos -= read.tally.infos;
    }
}
