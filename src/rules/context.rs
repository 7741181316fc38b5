//! What a rule may look at, and how it reports.

use std::path::Path;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::engine::{Anchor, Engine, Load};
use crate::finding::{Consequence, Finding, Place, Severity};
use crate::model::{File, HostDir, Inventory};
use crate::pki::Certificate;
use crate::pki::chain::Verifier;
use crate::rules::Meta;

/// What rules are told beside the files.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The present moment.
    pub now: Timestamp,
    /// A certificate that expires within so many days is worth a warning.
    pub expires_within: i64,
}

/// One host directory with what every engine makes of it.
pub struct HostContext<'a> {
    /// The directory.
    pub host: &'a HostDir,
    /// One trace for each of [`Engine::ALL`].
    pub loads: &'a [Load],
    /// The settings.
    pub settings: Settings,
    /// Verifies signatures, each once.
    pub verifier: &'a Verifier,
}

/// Everything that a scan found.
pub struct TreeContext<'a> {
    /// All of it.
    pub inventory: &'a Inventory,
    /// The settings.
    pub settings: Settings,
    /// Verifies signatures, each once.
    pub verifier: &'a Verifier,
}

impl<'a> HostContext<'a> {
    /// The files with their indices.
    pub fn files(&self) -> impl Iterator<Item = (usize, &'a File)> + use<'a> {
        self.host.files.iter().enumerate()
    }

    /// The trace of one engine.
    pub fn load(&self, engine: Engine) -> Option<&'a Load> {
        self.loads.iter().find(|load| load.engine == engine)
    }

    /// The certificates of a file with their indices, those inside PKCS#7 too.
    pub fn certificates(&self, file: &'a File) -> impl Iterator<Item = (usize, &'a Arc<Certificate>)> + use<'a> {
        file.parsed().into_iter().flat_map(|parsed| parsed.certificates()).enumerate()
    }

    /// The engines that stop at this file, each with its own words.
    pub fn fatal_at(&self, file: usize) -> Vec<Consequence> {
        let stops = |load: &&Load| load.error().is_some_and(|error| error.file == Some(file));
        self.loads
            .iter()
            .filter(stops)
            .filter_map(|load| {
                let error = load.error()?;
                let hangs = error.verbatim.is_empty();
                let text = if hangs { "waits for ever".to_owned() } else { error.verbatim.clone() };
                Some(Consequence { engine: load.engine, text, verbatim: !hangs })
            })
            .collect()
    }

    /// Tells whether some engine trusts this certificate because of a file in this directory other than `except`.
    pub fn is_anchor_elsewhere(&self, certificate: &Certificate, except: usize) -> bool {
        let same = |anchor: &Anchor| anchor.certificate.sha256() == certificate.sha256();
        self.loads
            .iter()
            .flat_map(Load::connections)
            .any(|connection| connection.material.anchors.iter().any(|anchor| anchor.file != except && same(anchor)))
    }
}

/// Collects findings for one rule.
pub struct Report<'a> {
    meta: &'static Meta,
    directory: Arc<Path>,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Report<'a> {
    /// A report for `meta`, its places relative to `directory`.
    pub fn new(meta: &'static Meta, directory: Arc<Path>, findings: &'a mut Vec<Finding>) -> Self {
        Self { meta, directory, findings }
    }

    /// A finding about the directory itself.
    pub fn directory(&mut self, message: impl Into<String>) -> Draft<'_> {
        let place = Place { directory: Arc::clone(&self.directory), file: None, certificate: None };
        self.at(place, message)
    }

    /// A finding about a file.
    pub fn file(&mut self, file: &File, message: impl Into<String>) -> Draft<'_> {
        let place = Place { directory: Arc::clone(&self.directory), file: Some(file.name.clone()), certificate: None };
        self.at(place, message)
    }

    /// A finding about one certificate of a file, by its index there.
    pub fn certificate(&mut self, file: &File, index: usize, message: impl Into<String>) -> Draft<'_> {
        let place =
            Place { directory: Arc::clone(&self.directory), file: Some(file.name.clone()), certificate: Some(index) };
        self.at(place, message)
    }

    /// A finding at any place.
    pub fn at(&mut self, place: Place, message: impl Into<String>) -> Draft<'_> {
        let finding = Finding {
            code: self.meta.code,
            severity: self.meta.severity,
            place,
            message: message.into(),
            consequences: Vec::new(),
            advice: String::new(),
        };
        Draft { findings: self.findings, finding: Some(finding) }
    }
}

/// A finding about to be reported: it is, when the draft goes out of scope.
pub struct Draft<'a> {
    findings: &'a mut Vec<Finding>,
    finding: Option<Finding>,
}

impl Draft<'_> {
    /// Gives it another severity than the rule's own.
    pub fn severity(self, severity: Severity) -> Self {
        self.with(|finding| finding.severity = severity)
    }

    /// Says what would mend it.
    pub fn advice(self, advice: impl Into<String>) -> Self {
        let advice = advice.into();
        self.with(|finding| finding.advice = advice)
    }

    /// Adds what engines do because of it.
    pub fn consequences(self, consequences: impl IntoIterator<Item = Consequence>) -> Self {
        self.with(|finding| finding.consequences.extend(consequences))
    }

    /// Adds what one engine does because of it, in our words.
    pub fn consequence(self, engine: Engine, text: impl Into<String>) -> Self {
        let text = text.into();
        self.with(|finding| finding.consequences.push(Consequence { engine, text, verbatim: false }))
    }

    fn with(mut self, change: impl FnOnce(&mut Finding)) -> Self {
        if let Some(finding) = &mut self.finding {
            change(finding);
        }
        self
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        self.findings.extend(self.finding.take());
    }
}
