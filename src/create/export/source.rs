//! What an engine loads of a host directory, file by file, and what it passes over.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::base::text::display_name;
use crate::create::export::{ExportError, LeftOut};
use crate::engine::{Judge, Load, StepOutcome};
use crate::model::{File, HostDir, Role};
use crate::pki::Certificate;

/// What an engine loads of a host directory.
#[derive(Clone, Debug)]
pub struct Source {
    /// The registry host, as an image reference spells it.
    pub registry: String,
    /// The directory on this disk, absolute.
    pub directory: PathBuf,
    /// The engine.
    pub judge: Judge,
    /// The directory that stands for `/`, where a copy of a server is looked at.
    pub machine: Option<PathBuf>,
    /// The CA files, in the engine's order.
    pub authorities: Vec<Authority>,
    /// The client certificates, in the order in which they are considered.
    pub pairs: Vec<Pair>,
    /// What it does not load, or what is not exported.
    pub left_out: Vec<LeftOut>,
}

/// A CA file of which an engine takes something.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Where it lies on this disk.
    pub file: PathBuf,
    /// The trust anchors that it adds.
    pub certificates: Vec<Arc<Certificate>>,
    /// It holds a private key as well, so that nobody but its owner may read it.
    pub holds_key: bool,
}

/// A client certificate with its key.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Where the certificate lies on this disk.
    pub certificate: PathBuf,
    /// Where the key lies on this disk; the same file where it holds both.
    pub key: PathBuf,
    /// The file of the certificate holds a private key as well.
    pub holds_key: bool,
}

impl Source {
    /// What `load` says that the engine loads for the registry itself.
    ///
    /// # Errors
    /// Where the engine stops, or loads nothing.
    pub fn of(registry: String, host: &HostDir, judge: Judge, load: &Load) -> Result<Self, ExportError> {
        let directory = host.path.clone();
        if let Some(error) = load.error() {
            let verbatim = match error.verbatim.as_str() {
                "" => format!("it cannot get past {}", file_name(host, error.file)),
                verbatim => verbatim.to_owned(),
            };
            return Err(ExportError::Stops { directory, judge, verbatim });
        }
        let path = |index: usize| host.entry(index).map(|file| plain(&host.path.join(&file.name)));
        let holds_key = |index: usize| {
            let parsed = host.entry(index).and_then(File::parsed);
            parsed.is_some_and(|parsed| parsed.private_keys().next().is_some())
        };
        let mut authorities: Vec<Authority> = Vec::new();
        let mut pairs = Vec::new();
        let material = load.material();
        for anchor in material.map(|material| material.anchors.as_slice()).unwrap_or_default() {
            let Some(file) = path(anchor.file) else { continue };
            let certificate = Arc::clone(&anchor.certificate);
            match authorities.iter_mut().find(|authority| authority.file == file) {
                Some(known) => known.certificates.push(certificate),
                None => {
                    let holds_key = holds_key(anchor.file);
                    authorities.push(Authority { file, certificates: vec![certificate], holds_key });
                }
            }
        }
        for pair in material.map(|material| material.pairs.as_slice()).unwrap_or_default() {
            if let (Some(certificate), Some(key)) = (path(pair.certificate_file), path(pair.key_file)) {
                pairs.push(Pair { certificate, key, holds_key: holds_key(pair.certificate_file) });
            }
        }
        if authorities.is_empty() && pairs.is_empty() {
            return Err(ExportError::Nothing { directory, judge });
        }
        let mut source = Self { registry, directory, judge, machine: None, authorities, pairs, left_out: Vec::new() };
        source.left_out = source.passed_over(host, load);
        Ok(source)
    }

    /// A path as the machine itself knows it, where a copy of a server is looked at.
    pub fn on_machine(&self, path: &Path) -> PathBuf {
        let inside = self.machine.as_ref().and_then(|machine| path.strip_prefix(machine).ok());
        inside.map_or_else(|| path.to_path_buf(), |inside| Path::new("/").join(inside))
    }

    fn passed_over(&self, host: &HostDir, load: &Load) -> Vec<LeftOut> {
        let mut left_out = Vec::new();
        for step in &load.steps {
            let Some(file) = step.file.and_then(|index| host.entry(index)) else { continue };
            let is_other = file.role() == Role::Unused && file.parsed().is_some_and(|parsed| parsed.blocks.is_empty());
            if is_other {
                continue;
            }
            let path = plain(&host.path.join(&file.name));
            let why = match step.outcome {
                StepOutcome::Loaded if self.uses(&path) || file.role() == Role::HostsToml => continue,
                StepOutcome::Loaded => "another file adds the same".to_owned(),
                _ => step.text.clone(),
            };
            left_out.push(LeftOut { what: display_name(&file.name), why });
        }
        let (itself, mirrors) =
            load.connections().split_last().map_or((None, &[][..]), |(last, all)| (Some(last), all));
        for mirror in mirrors {
            let what = mirror.url.clone().unwrap_or_else(|| self.registry.clone());
            left_out.push(LeftOut { what, why: "hosts.toml tries it before the registry itself".to_owned() });
        }
        if itself.is_some_and(|itself| itself.verify == Some(false)) {
            let why = "the server's certificate would be left unchecked".to_owned();
            left_out.push(LeftOut { what: "skip_verify".to_owned(), why });
        }
        left_out
    }

    fn uses(&self, path: &Path) -> bool {
        let is_pair = |pair: &Pair| pair.certificate == path || pair.key == path;
        self.authorities.iter().any(|authority| authority.file == path) || self.pairs.iter().any(is_pair)
    }
}

fn file_name(host: &HostDir, index: Option<usize>) -> String {
    let file: Option<&File> = index.and_then(|index| host.entry(index));
    file.map_or_else(|| "it".to_owned(), |file| display_name(&file.name))
}

/// A path without `.` and `..`, by its text.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            part => plain.push(part),
        }
        plain
    })
}
