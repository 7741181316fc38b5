//! `certwright explain`: what each engine does for a registry.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::base::errno::{Errno, FsError, Operation};
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::output;
use crate::engine::select::{self, Endpoint};
use crate::engine::{Engine, Load, LoadError, LoadErrorKind, Step, StepOutcome};
use crate::model::host::registry_of_reference;
use crate::model::{HostDir, HostName, HostState, Placement};
use crate::pki::Interner;
use crate::report;
use crate::report::explain::Explanation;
use crate::scan::{self, Entry, roots};

/// The command line of `explain`.
#[derive(Args, Debug)]
pub struct ExplainCommand {
    /// A registry host (registry.example.com:5000), an image reference (registry.example.com:5000/app:1) or the path of a
    /// host directory (/etc/docker/certs.d/registry.example.com:5000)
    #[arg(value_name = "TARGET")]
    target: OsString,
    /// Make CERTS_D the one root of every engine
    #[arg(long, value_name = "CERTS_D")]
    root: Option<PathBuf>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints what each engine does.
///
/// # Errors
/// Where the output cannot be written.
pub fn run(context: &Context, command: &ExplainCommand) -> Result<Exit, Failure> {
    let subject = Subject::of(&command.target);
    let interner = Interner::default();
    let root = || command.root.clone().unwrap_or_else(|| roots::docker_root(&context.environment));
    let explanations: Vec<Explanation> = Engine::ALL
        .into_iter()
        .map(|engine| {
            let endpoints = select::endpoints(engine, &subject.registry);
            let names = select::directory_names(engine, &subject.registry);
            let candidates = match &subject.directory {
                Some(directory) if !names.is_empty() => vec![directory.clone()],
                Some(_) => Vec::new(),
                None => names.iter().map(|name| root().join(name)).collect(),
            };
            explain(engine, endpoints, candidates, &interner)
        })
        .collect();
    let target = command.target.to_string_lossy();
    match command.format {
        Format::Text => {
            output::text(context.appearance, |paper| report::explain::print(&target, &explanations, paper))?;
        }
        Format::Json => output::json(&report::json::explain(&target, &explanations))?,
    }
    Ok(Exit::Clean)
}

/// What a target means.
#[derive(Debug, PartialEq, Eq)]
struct Subject {
    /// The registry host, as an image reference spells it.
    registry: String,
    /// The host directory that was named itself.
    directory: Option<PathBuf>,
}

impl Subject {
    /// Tells a path from a reference from a host: what begins as a path does, or has a slash and is there, is a path; what
    /// has a slash else is a reference; the rest is a host.
    fn of(target: &OsStr) -> Self {
        let bytes = target.as_bytes();
        let begins_as_path = [&b"/"[..], b"./", b"../"].iter().any(|start| bytes.starts_with(start));
        let path = Path::new(target);
        if begins_as_path
            || bytes == b"."
            || bytes == b".."
            || (bytes.contains(&b'/') && path.symlink_metadata().is_ok())
        {
            let name = path.file_name().map(OsStr::to_os_string);
            let name = name.or_else(|| Some(path.canonicalize().ok()?.file_name()?.to_os_string())).unwrap_or_default();
            let registry = HostName::parse(&name).registry().unwrap_or_else(|| name.to_string_lossy().into_owned());
            return Self { registry, directory: Some(path.to_path_buf()) };
        }
        let text = target.to_string_lossy();
        let schemes = ["https://", "http://", "docker://", "oci://"];
        let (text, had_scheme) = match schemes.iter().find_map(|scheme| text.strip_prefix(scheme)) {
            Some(rest) => (rest, true),
            None => (text.as_ref(), false),
        };
        let registry = match text.split_once('/') {
            Some((host, _)) if had_scheme && !host.is_empty() => host.to_owned(),
            Some(_) => registry_of_reference(text),
            None if is_hub_image(text) => "docker.io".to_owned(),
            None => text.to_owned(),
        };
        Self { registry, directory: None }
    }
}

/// Tells whether a target without a slash can only be an image on Docker Hub: `alpine@sha256:…`, `alpine:edge`.
fn is_hub_image(text: &str) -> bool {
    let tag = select::tag_of(text);
    text.contains('@') || tag.is_some_and(|tag| !tag.is_empty() && !tag.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What `engine` does, where it takes the first of `candidates` that exists.
fn explain(engine: Engine, endpoints: Vec<Endpoint>, candidates: Vec<PathBuf>, interner: &Interner) -> Explanation {
    let (host, load, directory) = match choose(engine, &candidates) {
        Choice::Directory(path) => {
            let host = scan::read_host(&Entry { path: path.clone(), placement: Placement::UnderRoot }, interner);
            let load = engine.load(&host);
            (host, load, Some(path))
        }
        Choice::None => {
            let host = nowhere();
            let load = engine.load(&host);
            (host, load, None)
        }
        Choice::Refused(error) => (nowhere(), refused(engine, error), None),
    };
    Explanation { engine, endpoints, directory, candidates, host: Arc::new(host), load }
}

/// The directory that an engine settles on.
enum Choice {
    /// This one.
    Directory(PathBuf),
    /// None is there.
    None,
    /// It cannot tell, and stops with this error.
    Refused(String),
}

/// Docker's own loader opens the one directory; containerd's looks with `stat` which of several is there first, and stops
/// where that fails otherwise than with ENOENT (containerd 2.x `core/remotes/docker/config/hosts.go`, `HostDirFromRoot`).
fn choose(engine: Engine, candidates: &[PathBuf]) -> Choice {
    for path in candidates {
        match path.metadata().map_err(|error| Errno::from(&error)) {
            Ok(_) => return Choice::Directory(path.clone()),
            Err(Errno::ENOENT) => {}
            Err(errno) => {
                let operation = match engine {
                    Engine::DockerClassic => Operation::Open,
                    Engine::DockerC8d => Operation::Stat,
                };
                return Choice::Refused(FsError { operation, errno }.verbatim(&path.to_string_lossy()));
            }
        }
    }
    Choice::None
}

fn nowhere() -> HostDir {
    HostDir {
        path: PathBuf::new(),
        name: OsString::new(),
        state: HostState::Missing,
        placement: Placement::UnderRoot,
        link: None,
        stamp: None,
        files: Vec::new(),
    }
}

fn refused(engine: Engine, verbatim: String) -> Load {
    Load {
        engine,
        steps: vec![Step { file: None, outcome: StepOutcome::Fatal, text: verbatim.clone() }],
        result: Err(LoadError { kind: LoadErrorKind::Directory, file: None, verbatim }),
        log: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(target: &str) -> String {
        Subject::of(OsStr::new(target)).registry
    }

    #[test]
    fn targets_are_hosts_references_or_paths() {
        assert_eq!(registry("registry.test:5000"), "registry.test:5000");
        assert_eq!(registry("registry.test:5000/team/app:1.2"), "registry.test:5000");
        assert_eq!(registry("library/alpine"), "docker.io");
        assert_eq!(registry("alpine:edge"), "docker.io");
        assert_eq!(registry("myregistry"), "myregistry");
        assert_eq!(registry("[::1]:5000"), "[::1]:5000");
        assert_eq!(registry("https://registry.test/v2/"), "registry.test");
        let path = Subject::of(OsStr::new("/nowhere/certs.d/registry.test_5000_"));
        assert_eq!(path.registry, "registry.test:5000");
        assert_eq!(path.directory.as_deref(), Some(Path::new("/nowhere/certs.d/registry.test_5000_")));
    }
}
