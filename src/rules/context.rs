//! What a rule may look at, and how it reports.

use std::path::Path;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::engine::installed::Installed;
use crate::engine::{ClientPair, Engine, Load, LoadErrorKind, StepOutcome};
use crate::finding::{Consequence, Finding, Fix, Place, Severity};
use crate::model::{File, HostDir, HostName, HostState, Inventory, Role, RootKind};
use crate::pki::chain::Verifier;
use crate::pki::{Certificate, public_key};
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
    /// One trace for each of the engines that judge ([`Engine::JUDGES`], unless others are chosen).
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
    /// What is installed on the host that the tree belongs to; empty where the tree may belong to any.
    pub installed: &'a Installed,
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

    /// The engines that stop at this file, each with its own words; those that wait for ever have none.
    pub fn fatal_at(&self, file: usize) -> Vec<Consequence> {
        let words = |load: &Load| {
            let error = load.error().filter(|error| error.file == Some(file))?;
            let (text, verbatim) = match error.kind {
                LoadErrorKind::Unknown => return None,
                LoadErrorKind::Hang => ("waits for ever".to_owned(), false),
                _ => (error.verbatim.clone(), true),
            };
            Some(Consequence { engine: load.engine, text, verbatim })
        };
        self.loads.iter().filter_map(words).collect()
    }

    /// The words of the engines that stop at the directory itself.
    pub fn fatal_for_directory(&self) -> Vec<Consequence> {
        let words = |load: &Load| {
            let error = load.error().filter(|error| error.kind == LoadErrorKind::Directory)?;
            Some(Consequence { engine: load.engine, text: error.verbatim.clone(), verbatim: true })
        };
        self.loads.iter().filter_map(words).collect()
    }

    /// What becomes of a file that is not used: the words of the engines that stop at it, and ours for those that pass
    /// over it. Engines that use it, or that have stopped before, have no entry.
    pub fn unused_at(&self, file: usize) -> Vec<Consequence> {
        let mut consequences = self.fatal_at(file);
        for load in self.loads {
            let passes_over = |outcome| matches!(outcome, StepOutcome::Ignored | StepOutcome::Useless);
            if let Some(step) = load.step(file).filter(|step| passes_over(step.outcome)) {
                let text = format!("{}: {}", step.outcome.word(), step.text);
                consequences.push(Consequence { engine: load.engine, text, verbatim: false });
            }
        }
        consequences.sort_by_key(|consequence| consequence.engine);
        consequences
    }

    /// What the directory's name means, where it stands under a root and is a directory.
    pub fn host_name(&self) -> Option<HostName> {
        let is_directory = matches!(self.host.state, HostState::Listed | HostState::Unreadable(_));
        self.host.host_name().filter(|_| is_directory)
    }

    /// Tells whether a certificate names the registry host that this directory is for.
    pub fn is_of_this_host(&self, certificate: &Certificate) -> bool {
        let name = self.host.host_name();
        name.as_ref().and_then(HostName::server_name).is_some_and(|host| certificate.names_host(host))
    }

    /// The file with the private key of a certificate, whatever its name.
    pub fn key_of(&self, certificate: &Certificate) -> Option<(usize, &'a File)> {
        self.files().find(|(_, file)| {
            let mut keys = file.parsed().into_iter().flat_map(|parsed| parsed.private_keys());
            keys.any(|key| key.spki().is_some_and(|spki| public_key::same_key(certificate.spki(), spki)))
        })
    }

    /// The other half of a pair by name: `STEM.key` of a `.cert`, `STEM.cert` of a `.key`, `STEM.key` of a `.crt`.
    pub fn partner_of(&self, file: &File) -> Option<(usize, &'a File)> {
        let wanted = if file.role() == Role::ClientKey { Role::ClientCertificate } else { Role::ClientKey };
        self.files().find(|(_, other)| other.role() == wanted && other.stem() == file.stem())
    }

    /// Tells whether some engine trusts this certificate because of a file in this directory.
    pub fn is_anchor(&self, certificate: &Certificate) -> bool {
        let connections = self.loads.iter().flat_map(Load::connections);
        let mut anchors = connections.flat_map(|connection| &connection.material.anchors);
        anchors.any(|anchor| anchor.certificate.sha256() == certificate.sha256())
    }

    /// The engines that present this certificate as the client's.
    pub fn presenters(&self, certificate: &Certificate) -> Vec<Engine> {
        let presents = |load: &&Load| {
            let pairs = load.connections().iter().flat_map(|connection| &connection.material.pairs);
            pairs.filter_map(ClientPair::leaf).any(|leaf| leaf.sha256() == certificate.sha256())
        };
        self.loads.iter().filter(presents).map(|load| load.engine).collect()
    }

    /// Tells whether some engine presents this certificate as the client's.
    pub fn is_presented(&self, certificate: &Certificate) -> bool {
        !self.presenters(certificate).is_empty()
    }
}

impl<'a> TreeContext<'a> {
    /// The host directories under the roots of one kind.
    pub fn hosts_of(&self, kind: RootKind) -> impl Iterator<Item = &'a HostDir> + use<'a> {
        let roots: Vec<&Path> =
            self.inventory.roots.iter().filter(|root| root.kind == kind).map(|root| root.path.as_path()).collect();
        let hosts = self.inventory.hosts.iter().map(|host| host.as_ref());
        hosts.filter(move |host| host.path.parent().is_some_and(|parent| roots.contains(&parent)))
    }

    /// The place of a file of a host directory.
    pub fn place_of(&self, host: &HostDir, file: &File) -> Place {
        Place { directory: host.path.as_path().into(), file: Some(file.name.clone()), certificate: None }
    }

    /// The host directories that stand for a registry host, as references spell it.
    pub fn registries(&self) -> impl Iterator<Item = (&'a HostDir, String)> + use<'a> {
        let is_directory = |host: &&HostDir| {
            matches!(host.state, HostState::Listed | HostState::Unreadable(_)) && !host.is_set_aside()
        };
        let hosts = self.inventory.hosts.iter().map(|host| host.as_ref()).filter(is_directory);
        hosts.filter_map(|host| Some((host, host.host_name()?.registry()?)))
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

    /// A finding about a host directory of a tree.
    pub fn host_directory(&mut self, host: &HostDir, message: impl Into<String>) -> Draft<'_> {
        self.at(Place::directory(&host.path), message)
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
            fixes: Vec::new(),
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

    /// Adds a way to mend it; the likeliest comes first.
    pub fn fix(self, fix: Fix) -> Self {
        self.with(|finding| finding.fixes.push(fix))
    }

    /// Adds ways to mend it, the likeliest first.
    pub fn fixes(self, fixes: impl IntoIterator<Item = Fix>) -> Self {
        self.with(|finding| finding.fixes.extend(fixes))
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

    /// Adds what each engine that judges does because of it, in our words.
    pub fn everywhere(self, text: &str) -> Self {
        let consequence = |engine| Consequence { engine, text: text.to_owned(), verbatim: false };
        self.consequences(Engine::JUDGES.map(consequence))
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
