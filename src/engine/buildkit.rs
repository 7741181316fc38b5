//! BuildKit's loader: first all CA files, then all pairs; those that `buildkitd.toml` names before those of the directories.
//!
//! Source: buildkit 0.32 `util/resolver/resolver.go` (`loadTLSConfig`), `cmd/buildkitd/config/config.go` (`RegistryConfig`).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::base::errno::{Errno, FsError, Operation};
use crate::engine::Engine;
use crate::engine::load::{Load, LoadError, LoadErrorKind, StepOutcome};
use crate::engine::select::Endpoint;
use crate::engine::trace::{Outcome, Trace, partner};
use crate::engine::version::Judge;
use crate::model::{File, HostDir, HostState, Role};

/// What `[registry."NAME"]` of `buildkitd.toml` names. Paths are those on this disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    /// The registry host, exactly as an image reference spells it.
    pub name: String,
    /// `ca`: CA files, of any name.
    pub authorities: Vec<PathBuf>,
    /// `keypair`: each a `cert` and its `key`, of any name.
    pub pairs: Vec<(PathBuf, PathBuf)>,
    /// `tlsconfigdir`: directories, read one after the other.
    pub directories: Vec<PathBuf>,
    /// `mirrors`: hosts that are tried before it, as written, perhaps with a path. Each has the settings of its own name.
    pub mirrors: Vec<String>,
    /// `http`: whether plain HTTP is spoken, where that is said.
    pub http: Option<bool>,
    /// `insecure`: the server's certificate is not checked.
    pub insecure: bool,
}

impl Registry {
    /// Tells whether it names certificates.
    pub fn names_certificates(&self) -> bool {
        !self.directories.is_empty() || self.files().next().is_some()
    }

    /// How BuildKit reaches `host`, of which this is said.
    pub fn endpoint(&self, host: &str) -> Endpoint {
        let own = Endpoint::of(Engine::Buildkit, host);
        let secure = |url: &str| url.replacen("http://", "https://", 1);
        let (url, verify) = match self.http {
            Some(true) => (own.url.replacen("https://", "http://", 1), true),
            _ if self.insecure => (secure(&own.url), false),
            Some(false) => (secure(&own.url), true),
            None => (own.url, true),
        };
        Endpoint { url, verify, ..Endpoint::of(Engine::Buildkit, host) }
    }

    /// Files that it names one by one.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let pairs = self.pairs.iter().flat_map(|(certificate, key)| [certificate, key]);
        self.authorities.iter().chain(pairs).map(PathBuf::as_path)
    }
}

/// What BuildKit makes of a directory that its configuration names as `tlsconfigdir`.
pub fn load(judge: Judge, host: &HostDir) -> Load {
    load_registry(judge, host, &Registry::default())
}

/// What BuildKit makes of all that its configuration names for a registry: `host` is the first directory, with the files
/// that are named one by one, and those of further directories, as referenced files of their whole path.
pub fn load_registry(judge: Judge, host: &HostDir, registry: &Registry) -> Load {
    let mut trace = Trace::new(judge, host);
    if let Some(error) = trace.listing_error() {
        let is_denied = matches!(host.state, HostState::Unreadable(error) if error.errno == Errno::EACCES);
        if !is_denied {
            return trace.end(Err(error));
        }
    }
    let outcome = files(&mut trace, registry);
    trace.end(outcome)
}

fn files(trace: &mut Trace<'_>, registry: &Registry) -> Outcome {
    let host = trace.host();
    let is_elsewhere = |file: &File| Path::new(&file.name).parent().is_some_and(|parent| is_further(registry, parent));
    let referenced = host.referenced.iter().enumerate().map(|(at, file)| (host.files.len() + at, file));
    let listed: Vec<(usize, &File)> =
        host.files.iter().enumerate().chain(referenced.filter(|(_, file)| is_elsewhere(file))).collect();
    let of_role = |role| listed.iter().copied().filter(move |(_, file)| file.role() == role);
    for (index, _) in of_role(Role::Unused).chain(of_role(Role::HostsToml)) {
        trace.ignored(index, "its name ends neither in .crt nor .cert");
    }
    let named = |path: &PathBuf| host.index_of(path.as_os_str()).and_then(|index| Some((index, host.entry(index)?)));
    for (index, file) in registry.authorities.iter().filter_map(named).chain(of_role(Role::CaBundle)) {
        let path = trace.path(file);
        trace.own_pool();
        let parsed = trace.read(index, file, |text| format!("failed to read {path}: {text}"))?;
        trace.add_anchors(index, parsed);
    }
    let mut keys = Vec::new();
    for (certificate, key) in &registry.pairs {
        if let Some((index, file)) = named(certificate) {
            keys.push(pair(trace, (index, file), key.as_os_str())?);
        }
    }
    for (index, file) in of_role(Role::ClientCertificate) {
        keys.push(pair(trace, (index, file), &partner(file, ".key"))?);
    }
    for (index, _) in of_role(Role::ClientKey) {
        if !keys.contains(&index) {
            trace.ignored(index, "no .cert file of its stem");
        }
    }
    Ok(())
}

/// Tells whether a registry's further directories, those after the first, are where this path is.
fn is_further(registry: &Registry, directory: &Path) -> bool {
    registry.directories.iter().skip(1).any(|further| further == directory)
}

/// Loads a pair and tells which file is its key.
fn pair<'a>(trace: &mut Trace<'a>, (index, file): (usize, &'a File), key_name: &OsStr) -> Result<usize, LoadError> {
    let path = trace.path(file);
    let wrap = |text: String| format!("failed to load keypair for {path}: {text}");
    let certificate = trace.read(index, file, wrap)?;
    let host = trace.host();
    let Some((key_index, key_file)) = host.index_of(key_name).and_then(|at| Some((at, host.entry(at)?))) else {
        let key_path = host.path_of(key_name);
        let error = FsError { operation: Operation::Open, errno: Errno::ENOENT };
        let verbatim = wrap(error.verbatim(&key_path.to_string_lossy()));
        return Err(trace.fatal(index, LoadErrorKind::MissingKey, verbatim));
    };
    let key = trace.read(key_index, key_file, wrap)?;
    trace.add_pair((index, certificate), (key_index, key), wrap)?;
    if key_index != index {
        trace.step(key_index, StepOutcome::Loaded, format!("the key of {}", file.name.to_string_lossy()));
    }
    Ok(key_index)
}
