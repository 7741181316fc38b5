//! What engines do for a registry, worked out on the disk: the directories that each tries, the one it takes, the load.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::errno::{Errno, FsError, Operation};
use crate::engine::buildkit::{self, Registry};
use crate::engine::explanation::{Attempt, Explanation};
use crate::engine::installed::Installed;
use crate::engine::select::Endpoint;
use crate::engine::{Engine, Judge, Load, LoadError, LoadErrorKind, Step, StepOutcome};
use crate::model::host_config::SNAP;
use crate::model::{File, HostDir, Placement};
use crate::pki::Interner;
use crate::scan::{self, Entry, Environment, roots};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The registry host, as an image reference spells it.
    pub registry: String,
    /// The full name of the image that is meant, where one is: some of an engine's configuration holds for some images alone.
    pub image: Option<String>,
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
    if let Some(attempts) = places.buildkit_attempts(judge, interner) {
        return Explanation { judge, evidence, attempts, refusal: None };
    }
    // A directory that was named itself is looked at, even if its name can be no registry.
    let (endpoints, refusal) = match places.endpoints(judge) {
        Ok(endpoints) => (endpoints, None),
        Err(_) if places.question.directory.is_some() => (vec![Endpoint::of(judge.engine, "")], None),
        Err(refusal) => (Vec::new(), Some(refusal)),
    };
    let attempts = endpoints.into_iter().map(|endpoint| attempt(judge, endpoint, places, interner)).collect();
    Explanation { judge, evidence, attempts: behind_hosts_toml(judge, attempts, places), refusal }
}

/// The attempts once the directory has been read, which all of Docker's servers share: its `hosts.toml` may lead elsewhere.
fn behind_hosts_toml(judge: Judge, attempts: Vec<Attempt>, places: &Places<'_>) -> Vec<Attempt> {
    let Some(first) = attempts.first().filter(|_| matches!(judge.engine, Engine::DockerC8d | Engine::Containerd))
    else {
        return attempts;
    };
    let urls: Vec<_> = first.load.connections().iter().map(|connection| connection.url.as_deref()).collect();
    let (registry, daemon) = (&places.question.registry, &places.installed.daemon);
    let endpoints = Endpoint::behind_hosts_toml(judge, registry, daemon, &urls);
    endpoints.into_iter().map(|endpoint| Attempt { endpoint, ..first.clone() }).collect()
}

fn attempt(judge: Judge, endpoint: Endpoint, places: &Places<'_>, interner: &Interner) -> Attempt {
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
        authorities: registry.authorities.iter().map(absolute).collect(),
        pairs: registry.pairs.iter().map(|(certificate, key)| (absolute(certificate), absolute(key))).collect(),
        directories: registry.directories.iter().map(absolute).collect(),
        ..registry.clone()
    }
}

impl Places<'_> {
    /// The servers that an engine tries.
    fn endpoints(&self, judge: Judge) -> Result<Vec<Endpoint>, String> {
        let registry = &self.question.registry;
        let all = Endpoint::all(judge, registry, &self.installed.daemon).map_err(str::to_owned)?;
        if judge.engine != Engine::ContainersImage || self.question.directory.is_some() {
            return Ok(all);
        }
        let name = self.question.image.as_deref().unwrap_or(if registry == "index.docker.io" {
            "docker.io"
        } else {
            registry
        });
        self.installed.registries.sources(name).map_err(|prefix| {
            let [file, directory] = &self.installed.registries_files;
            format!("registry {prefix} is blocked in {} or {}", file.display(), directory.display())
        })
    }

    /// What BuildKit does where `buildkitd.toml` says something of the registry, unless a directory or a root is to be taken
    /// instead: its mirrors, each with what is said of the mirror, then the registry.
    fn buildkit_attempts(&self, judge: Judge, interner: &Interner) -> Option<Vec<Attempt>> {
        let is_asked =
            judge.engine == Engine::Buildkit && self.question.directory.is_none() && self.question.root.is_none();
        let registry = self.installed.buildkit_registry(&self.question.registry).filter(|_| is_asked)?;
        let nothing = Registry::default();
        let mirrors = registry.mirrors.iter().map(|mirror| {
            let (host, path) = mirror.split_once('/').unwrap_or((mirror, ""));
            let settings = self.installed.buildkit_registry(host).unwrap_or(&nothing);
            let own = settings.endpoint(host);
            let url = format!("{}/{path}", own.url).trim_end_matches('/').to_owned();
            (Endpoint { url, is_mirror: true, ..own }, settings)
        });
        let all = mirrors.chain([(registry.endpoint(&self.question.registry), registry)]);
        Some(all.map(|(endpoint, settings)| buildkit_attempt(judge, endpoint, settings, interner)).collect())
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
                if self.installed.snap_docker {
                    return vec![self.installed.on_disk(&Path::new(SNAP).join("etc/docker/certs.d"))];
                }
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
/// not look at, up to the last (`dockerCertDir`).
fn choose(engine: Engine, candidates: &[PathBuf]) -> Result<Option<PathBuf>, String> {
    let stat = |path: &Path| path.metadata().map(|_| ()).map_err(|error| Errno::from(&error));
    let is_containers_image = engine == Engine::ContainersImage;
    for path in candidates {
        let is_last = candidates.last() == Some(path);
        match stat(path) {
            Ok(()) => return Ok(Some(path.clone())),
            Err(Errno::ENOENT) => {}
            Err(Errno::EACCES) if is_containers_image && !is_last => {}
            Err(_) if is_containers_image && is_last => return Ok(Some(path.clone())),
            Err(_) if matches!(engine, Engine::DockerClassic | Engine::Buildkit) => return Ok(Some(path.clone())),
            Err(errno) => return Err(FsError { operation: Operation::Stat, errno }.verbatim(&path.to_string_lossy())),
        }
    }
    Ok(None)
}

fn stopped(judge: Judge, verbatim: String) -> Load {
    Load {
        engine: judge.engine,
        steps: vec![Step { file: None, outcome: StepOutcome::Fatal, text: verbatim.clone() }],
        result: Err(LoadError { kind: LoadErrorKind::Directory, file: None, verbatim }),
        log: Vec::new(),
    }
}
