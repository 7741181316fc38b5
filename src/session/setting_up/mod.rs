//! Where a host is set up: the `certs.d` of an engine, there or not, what is in it of the names that are wished, and what
//! would be wrong afterwards.

pub mod host;
pub mod import;
pub mod inspect;
pub mod proposal;
pub mod renewal;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use crate::base::text::display_name;
use crate::create::Site;
use crate::engine::Engine;
use crate::engine::installed::Installed;
use crate::finding::Finding;
use crate::fix::Planned;
use crate::model::{HostState, Inventory, Placement, Root, RootKind};
use crate::pki::Interner;
use crate::pki::chain::Verifier;
use crate::rules::Settings;
use crate::rules::registry::RuleSet;
use crate::scan::{self, Entry, Environment, TargetError, roots};

/// Whose `certs.d` is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The one of what is found here, else Docker's
    Found,
    /// Docker's, rootless Docker's where that is what this user has
    Docker,
    /// Podman's (and Buildah's, Skopeo's): of the user who runs this, the system's for root
    Podman,
    /// containerd's: where its configuration says
    Containerd,
    /// This one
    Given(PathBuf),
}

/// A place to set hosts up in, and why it is this one.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The place
    pub site: Site,
    /// Why, where that was not said: a sentence
    pub note: Option<String>,
}

/// Why there is no such place.
#[derive(Debug, Error)]
pub enum SiteError {
    /// Its path leads to something else, or may not be looked at.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The user has no home.
    #[error("there is no home directory: HOME is not set")]
    NoHome,
}

/// Finds the place.
///
/// # Errors
/// Where there can be none.
pub fn site(whose: &Whose, environment: &Environment, installed: &Installed) -> Result<Chosen, SiteError> {
    let (path, kind, note) = match whose {
        Whose::Given(path) => (path.clone(), RootKind::Given, None),
        Whose::Docker => docker(environment, installed),
        Whose::Podman => podman(environment)?,
        Whose::Containerd => containerd(environment, installed),
        Whose::Found => found(environment, installed)?,
    };
    Ok(Chosen { site: at(Root { path, kind, error: None }, environment.superuser)?, note })
}

/// The place that a `certs.d` is, or is to be.
///
/// # Errors
/// Where there can be none.
pub fn at(root: Root, superuser: bool) -> Result<Site, SiteError> {
    let place = roots::locate(&root.path)?;
    // What root makes for somebody else is to be theirs.
    let owner = place.owner.filter(|(uid, _)| superuser && *uid != 0);
    Ok(Site { root, base: place.base, owner })
}

/// The `certs.d` of each engine that is found here or has one, those that are not there yet behind those that are; where
/// nothing is found, that of each.
pub fn candidates(environment: &Environment, installed: &Installed) -> Vec<Root> {
    let mut found = scan::default_roots(environment);
    let engines: [(Whose, &[Engine]); 3] = [
        (Whose::Docker, &[Engine::DockerClassic, Engine::DockerC8d]),
        (Whose::Podman, &[Engine::ContainersImage]),
        (Whose::Containerd, &[Engine::Containerd]),
    ];
    let is_here = |engines: &[Engine]| engines.iter().any(|engine| installed.evidence(*engine).is_some());
    let any_here = !found.is_empty() || engines.iter().any(|(_, engines)| is_here(engines));
    for (whose, _) in engines.iter().filter(|(_, engines)| is_here(engines) || !any_here) {
        let Ok(chosen) = site(whose, environment, installed) else { continue };
        if !found.iter().any(|root| root.path == chosen.site.root.path) {
            found.push(chosen.site.root);
        }
    }
    found
}

/// What is there of host directories of these names.
pub fn look(site: &Site, names: &[String]) -> Inventory {
    let interner = Interner::default();
    let read = |name: &String| scan::read_host(&Entry::new(site.root.path.join(name), Placement::UnderRoot), &interner);
    let hosts = names.iter().map(read).filter(|host| host.state != HostState::Missing || host.link.is_some());
    let roots = if site.base.is_none() { vec![site.root.clone()] } else { Vec::new() };
    Inventory { roots, hosts: hosts.map(Arc::new).collect() }
}

/// What would be wrong after a plan that was not before.
pub fn new_findings(
    planned: &Planned,
    before: &Inventory,
    rules: &RuleSet,
    settings: Settings,
    installed: &Installed,
) -> Vec<Finding> {
    let verifier = Verifier::default();
    let judge = |inventory: &Inventory| {
        let hosts = inventory.hosts.iter();
        let mut findings: Vec<Finding> = hosts.flat_map(|host| rules.check_host(host, settings, &verifier)).collect();
        findings.extend(rules.check_tree(inventory, installed, settings, &verifier));
        findings.retain(|finding| inventory.host_at(&finding.place.directory).is_some());
        findings
    };
    let known = judge(before);
    let is_new = |finding: &Finding| {
        let is_same =
            |old: &Finding| old.code == finding.code && old.place == finding.place && old.message == finding.message;
        !known.iter().any(is_same)
    };
    judge(&planned.after).into_iter().filter(is_new).collect()
}

type Candidate = (PathBuf, RootKind, Option<String>);

fn docker(environment: &Environment, installed: &Installed) -> Candidate {
    match &installed.rootless_docker {
        Some(directory) => (installed.on_disk(&directory.join("certs.d")), RootKind::DockerRootless, None),
        None => (roots::docker_root(environment), RootKind::Docker, None),
    }
}

fn podman(environment: &Environment) -> Result<Candidate, SiteError> {
    let is_system = environment.superuser || environment.prefix.is_some();
    if is_system {
        let path = roots::under(environment.prefix.as_deref(), Path::new("/etc/containers/certs.d"));
        return Ok((path, RootKind::PodmanSystem, None));
    }
    let home = environment.home.as_ref().filter(|home| home.is_absolute()).ok_or(SiteError::NoHome)?;
    Ok((home.join(".config/containers/certs.d"), RootKind::PodmanUser, None))
}

fn containerd(environment: &Environment, installed: &Installed) -> Candidate {
    if let Some(directory) = &installed.rootless_containerd {
        return (installed.on_disk(&directory.join("certs.d")), RootKind::ContainerdRootless, None);
    }
    let roots = roots::containerd_roots(environment, &installed.containerd_roots);
    let path = roots.into_iter().next().unwrap_or_else(|| PathBuf::from("/etc/containerd/certs.d"));
    (path, RootKind::Containerd, None)
}

/// Docker's `certs.d` where it is there or nothing else is; else the one that is, or that of the engine that is installed.
fn found(environment: &Environment, installed: &Installed) -> Result<Candidate, SiteError> {
    let there = scan::default_roots(environment);
    let own = docker(environment, installed);
    if there.iter().any(|root| root.path == own.0) {
        return Ok(own);
    }
    let chosen =
        |path: &Path, why: &str| Some(format!("in {}, {why}; --for or --root names another", display_name(path)));
    if let [first, others @ ..] = there.as_slice() {
        let why = if others.is_empty() { "the one certs.d that is here" } else { "the first certs.d that is here" };
        return Ok((first.path.clone(), first.kind, chosen(&first.path, why)));
    }
    let is_here = |engines: &[Engine]| engines.iter().any(|engine| installed.evidence(*engine).is_some());
    let (path, kind, _) = if is_here(&[Engine::DockerClassic, Engine::DockerC8d]) {
        own
    } else if is_here(&[Engine::ContainersImage]) {
        podman(environment)?
    } else if is_here(&[Engine::Containerd]) {
        containerd(environment, installed)
    } else {
        own
    };
    let note = chosen(&path, "which is not there yet");
    Ok((path, kind, note))
}
