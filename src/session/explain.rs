//! What engines do for a registry, worked out on the disk: the directories that each tries, the one it takes, the load.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::errno::{Errno, FsError, Operation};
use crate::engine::buildkit::{self, Registry};
use crate::engine::explanation::{Attempt, Explanation};
use crate::engine::installed::Installed;
use crate::engine::select::Endpoint;
use crate::engine::{Engine, Judge, Load, LoadError, LoadErrorKind, Step, StepOutcome};
use crate::model::{File, HostDir, Placement};
use crate::pki::Interner;
use crate::scan::{self, Entry, Environment, roots};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The registry host, as an image reference spells it.
    pub registry: String,
    /// A host directory that is to be taken whatever the engines' roots are.
    pub directory: Option<PathBuf>,
    /// A `certs.d` that is to be the one root of every engine.
    pub root: Option<PathBuf>,
}

/// Where an engine looks, in order.
struct Places<'a> {
    question: &'a Question,
    environment: &'a Environment,
    installed: &'a Installed,
}

/// Tells what each engine does.
pub fn explain(
    question: &Question,
    judges: &[Judge],
    environment: &Environment,
    installed: &Installed,
) -> Vec<Explanation> {
    let interner = Interner::default();
    let places = Places { question, environment, installed };
    judges.iter().map(|judge| explain_one(*judge, &places, &interner)).collect()
}

fn explain_one(judge: Judge, places: &Places<'_>, interner: &Interner) -> Explanation {
    let evidence = places.installed.evidence(judge.engine).map(str::to_owned);
    let endpoints = Endpoint::all(judge.engine, &places.question.registry, &places.installed.daemon);
    // A directory that was named itself is looked at, even if its name can be no registry.
    let (endpoints, refusal) = match endpoints {
        Ok(endpoints) => (endpoints, None),
        Err(_) if places.question.directory.is_some() => (vec![Endpoint::of(judge.engine, "")], None),
        Err(refusal) => (Vec::new(), Some(refusal)),
    };
    let mut attempts: Vec<Attempt> =
        endpoints.into_iter().map(|endpoint| attempt(judge, endpoint, places, interner)).collect();
    // Where hosts.toml names several hosts, Docker leaves its own mirrors out.
    if let Some(last) = attempts.pop_if(|last| judge.engine == Engine::DockerC8d && last.load.connections().len() > 1) {
        attempts = vec![last];
    }
    Explanation { judge, evidence, attempts, refusal }
}

fn attempt(judge: Judge, endpoint: Endpoint, places: &Places<'_>, interner: &Interner) -> Attempt {
    if let Some(registry) = places.buildkit_registry(judge.engine) {
        return buildkit_attempt(judge, endpoint, registry, interner);
    }
    let candidates = places.candidates(judge.engine, &endpoint);
    let (directory, refused) = match choose(judge.engine, &candidates) {
        Ok(directory) => (directory, None),
        Err(error) => (None, Some(error)),
    };
    let behind = candidates.iter().skip_while(|candidate| Some(*candidate) != directory.as_ref()).skip(1);
    let shadowed = behind.filter(|candidate| candidate.metadata().is_ok()).cloned().collect();
    let host = match &directory {
        Some(path) => scan::read_host(&Entry::new(path.clone(), Placement::UnderRoot), interner),
        None => HostDir::nowhere(),
    };
    let load = match refused {
        Some(verbatim) => stopped(judge, verbatim),
        None => judge.load(&host),
    };
    Attempt { endpoint, candidates, directory, shadowed, host: Arc::new(host), load }
}

/// What BuildKit does where `buildkitd.toml` names the registry: one load of several directories and single files.
fn buildkit_attempt(judge: Judge, endpoint: Endpoint, registry: &Registry, interner: &Interner) -> Attempt {
    let registry = &absolute(registry);
    let mut hosts = registry.directories.iter().map(|path| {
        let host = scan::read_host(&Entry::new(path.clone(), Placement::UnderRoot), interner);
        let refused = judge.load(&host).error().filter(|error| error.kind == LoadErrorKind::Directory).cloned();
        (host, refused)
    });
    let (mut host, mut refused) = hosts.next().unwrap_or_else(|| (HostDir::nowhere(), None));
    host.referenced.clear();
    for (further, error) in hosts {
        refused = refused.or(error);
        let (path, files) = (further.path, further.files);
        host.referenced.extend(files.into_iter().map(|file| File { name: path.join(&file.name).into(), ..file }));
    }
    for path in registry.files() {
        if host.index_of(path.as_os_str()).is_none() {
            host.referenced.push(scan::read_named(path, interner));
        }
    }
    let load = match refused {
        Some(error) => stopped(judge, error.verbatim),
        None => buildkit::load_registry(judge, &host, registry),
    };
    let directory = registry.directories.iter().find(|path| path.metadata().is_ok()).cloned();
    let candidates = registry.directories.clone();
    Attempt { endpoint, candidates, directory, shadowed: Vec::new(), host: Arc::new(host), load }
}

/// The registry with absolute paths, which stand for themselves wherever the first directory is.
fn absolute(registry: &Registry) -> Registry {
    let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    Registry {
        name: registry.name.clone(),
        authorities: registry.authorities.iter().map(absolute).collect(),
        pairs: registry.pairs.iter().map(|(certificate, key)| (absolute(certificate), absolute(key))).collect(),
        directories: registry.directories.iter().map(absolute).collect(),
    }
}

impl Places<'_> {
    /// What `buildkitd.toml` names for the registry, unless a directory or a root is to be taken instead.
    fn buildkit_registry(&self, engine: Engine) -> Option<&Registry> {
        let is_asked = engine == Engine::Buildkit && self.question.directory.is_none() && self.question.root.is_none();
        self.installed.buildkit_registry(&self.question.registry).filter(|_| is_asked)
    }

    fn candidates(&self, engine: Engine, endpoint: &Endpoint) -> Vec<PathBuf> {
        if endpoint.directory_names.is_empty() {
            return Vec::new();
        }
        if let Some(directory) = &self.question.directory {
            return vec![directory.clone()];
        }
        let under = |root: &PathBuf| endpoint.directory_names.iter().map(|name| root.join(name)).collect::<Vec<_>>();
        self.roots(engine).iter().flat_map(under).collect()
    }

    fn roots(&self, engine: Engine) -> Vec<PathBuf> {
        if let Some(root) = &self.question.root {
            return vec![root.clone()];
        }
        match engine {
            Engine::DockerClassic | Engine::DockerC8d | Engine::Buildkit => {
                let rootless = self.installed.rootless_docker.as_ref().map(|directory| directory.join("certs.d"));
                vec![rootless.unwrap_or_else(|| roots::docker_root(self.environment))]
            }
            Engine::Containerd => roots::containerd_roots(self.environment, &self.installed.containerd_roots),
            Engine::ContainersImage => roots::podman_roots(self.environment),
        }
    }
}

/// The directory that an engine settles on among those that it looks for.
///
/// Docker's own loader and BuildKit open the one directory, whatever it is. containerd takes the first that `stat` finds,
/// and stops where `stat` fails otherwise than for lack of it (`HostDirFromRoot`). containers/image passes over what it may
/// not look at, and settles on the last, there or not (`dockerCertDir`).
fn choose(engine: Engine, candidates: &[PathBuf]) -> Result<Option<PathBuf>, String> {
    let stat = |path: &Path| path.metadata().map(|_| ()).map_err(|error| Errno::from(&error));
    let is_containers_image = engine == Engine::ContainersImage;
    for path in candidates {
        match stat(path) {
            Ok(()) => return Ok(Some(path.clone())),
            Err(Errno::ENOENT) => {}
            Err(Errno::EACCES) if is_containers_image => {}
            Err(_) if matches!(engine, Engine::DockerClassic | Engine::Buildkit) => return Ok(Some(path.clone())),
            Err(errno) => return Err(FsError { operation: Operation::Stat, errno }.verbatim(&path.to_string_lossy())),
        }
    }
    Ok(candidates.last().filter(|_| is_containers_image).cloned())
}

fn stopped(judge: Judge, verbatim: String) -> Load {
    Load {
        engine: judge.engine,
        steps: vec![Step { file: None, outcome: StepOutcome::Fatal, text: verbatim.clone() }],
        result: Err(LoadError { kind: LoadErrorKind::Directory, file: None, verbatim }),
        log: Vec::new(),
    }
}
