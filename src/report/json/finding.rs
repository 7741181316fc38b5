//! Findings in JSON.

use serde::Serialize;

use crate::finding::{Change, Finding, Fix, Severity};
use crate::report::json::{Schema, path_text};
use crate::report::scene::Scene;

/// What `check` tells.
#[derive(Clone, Debug, Serialize)]
pub struct CheckJson {
    schema: Schema,
    /// How much was looked at, and how much is wrong
    pub summary: SummaryJson,
    /// What is wrong, in the order of the tree
    pub findings: Vec<FindingJson>,
}

/// How much was looked at, and how much is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct SummaryJson {
    /// Findings of severity error
    pub errors: usize,
    /// Findings of severity warning
    pub warnings: usize,
    /// Findings of severity info
    pub infos: usize,
    /// Host directories
    pub host_directories: usize,
    /// Files in them
    pub files: usize,
    /// Certificates in those
    pub certificates: usize,
    /// The moment of the look, RFC 3339
    pub now: String,
}

/// A finding.
#[derive(Clone, Debug, Serialize)]
pub struct FindingJson {
    /// "CW101"
    pub code: &'static str,
    /// "ca-named-cert"
    pub name: &'static str,
    /// "error", "warning" or "info"
    pub severity: &'static str,
    /// Path of the file, or of the directory
    pub path: String,
    /// Path of the directory
    pub directory: String,
    /// Name of the file; null where it is about the directory
    pub file: Option<String>,
    /// Index of the certificate in the file, from 0; null where it is about the whole file
    pub certificate: Option<usize>,
    /// The fact
    pub message: String,
    /// What follows, engine by engine
    pub consequences: Vec<ConsequenceJson>,
    /// What would mend it; null where nothing here can
    pub advice: Option<String>,
    /// The ways to mend it, the likeliest first; `fix` carries them out
    pub fixes: Vec<FixJson>,
}

/// One way to mend a finding.
#[derive(Clone, Debug, Serialize)]
pub struct FixJson {
    /// What it does
    pub title: String,
    /// "safe", "unsafe" or "display-only": what it promises at most; `fix` replays the engines and may promise less
    pub promise: &'static str,
    /// What is done, in order; nothing where it is to be done by hand
    pub changes: Vec<Change>,
    /// The command to run by hand; null where there is none
    pub by_hand: Option<String>,
}

/// What an engine does because of a finding.
#[derive(Clone, Debug, Serialize)]
pub struct ConsequenceJson {
    /// The engine
    pub engine: &'static str,
    /// What it says or does
    pub text: String,
    /// The text is the engine's own, byte for byte
    pub verbatim: bool,
}

impl FindingJson {
    /// A finding.
    pub fn new(finding: &Finding) -> Self {
        let consequence = |consequence: &crate::finding::Consequence| ConsequenceJson {
            engine: consequence.engine.name(),
            text: consequence.text.clone(),
            verbatim: consequence.verbatim,
        };
        Self {
            code: finding.code.number,
            name: finding.code.name,
            severity: finding.severity.word(),
            path: path_text(&finding.place.path()),
            directory: path_text(&finding.place.directory),
            file: finding.place.file.as_ref().map(|file| file.to_string_lossy().into_owned()),
            certificate: finding.place.certificate,
            message: finding.message.clone(),
            consequences: finding.consequences.iter().map(consequence).collect(),
            advice: Some(finding.advice.clone()).filter(|advice| !advice.is_empty()),
            fixes: finding.fixes.iter().map(FixJson::new).collect(),
        }
    }
}

impl FixJson {
    /// A way to mend something.
    fn new(fix: &Fix) -> Self {
        Self {
            title: fix.title.clone(),
            promise: fix.promise.word(),
            changes: fix.changes.clone(),
            by_hand: fix.by_hand.clone(),
        }
    }
}

/// What `check` tells.
pub fn check(scene: &Scene<'_>) -> CheckJson {
    CheckJson {
        schema: Schema,
        summary: summary(scene),
        findings: scene.findings.iter().map(FindingJson::new).collect(),
    }
}

pub(super) fn summary(scene: &Scene<'_>) -> SummaryJson {
    let parsed = scene.all_files().filter_map(|(_, file)| file.parsed());
    SummaryJson {
        errors: scene.count(Severity::Error),
        warnings: scene.count(Severity::Warning),
        infos: scene.count(Severity::Info),
        host_directories: scene.inventory.hosts.len(),
        files: scene.all_files().count(),
        certificates: parsed.map(|parsed| parsed.certificates().count()).sum(),
        now: scene.now.rfc3339(),
    }
}
