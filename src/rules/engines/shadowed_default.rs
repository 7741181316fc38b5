//! CW717

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::engine::{Engine, Load};
use crate::finding::Severity;
use crate::model::{HostDir, HostState, Placement, RootKind};
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext, counted};

rule! {
    /// A registry's directory hides `_default`, or is hidden by one, so that a CA is not read.
    ///
    /// `_default` is for registries that have no directory of their own. One that is there counts, even an empty one, and
    /// nothing is added to it from `_default`. Where containerd has several roots, the `_default` of the first comes before
    /// the registry's own directory in the second.
    ///
    /// ## Engines
    /// docker-c8d (28 and later) and containerd take the registry's own directory; docker-classic and Podman never read
    /// `_default`.
    ///
    /// ## Example
    /// `_default/company.crt` beside an empty `registry.example.com/`: `x509: certificate signed by unknown authority`.
    ///
    /// ## Fix
    /// Copy the CA into the registry's directory, or remove that where it is empty.
    ///
    /// ## Sources
    /// containerd 2.2 `core/remotes/docker/config/hosts.go`, `HostDirFromRoot`, and `config_unix.go`, `hostPaths`.
    pub ShadowedDefault = "CW717" "shadowed-default", Warning
}

impl Rule for ShadowedDefault {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        between_roots(context, report);
        let mut defaults: HashMap<&Path, usize> = HashMap::new();
        for host in &context.inventory.hosts {
            if host.name != "_default" || host.placement != Placement::UnderRoot {
                continue;
            }
            let anchors = anchors(&Engine::DockerC8d.load(host));
            if let Some(root) = host.path.parent().filter(|_| anchors > 0) {
                defaults.insert(root, anchors);
            }
        }
        if defaults.is_empty() {
            return;
        }
        let podman = [RootKind::PodmanUser, RootKind::PodmanSystem];
        defaults.retain(|path, _| {
            let mut roots = context.inventory.roots.iter().filter(|root| root.path == *path);
            !roots.any(|root| podman.contains(&root.kind))
        });
        for host in &context.inventory.hosts {
            if let Some(anchors) = host.path.parent().and_then(|root| defaults.get(root)) {
                check(host, *anchors, report);
            }
        }
    }
}

/// Looks for directories that containerd never reaches, since a root before theirs has a `_default`.
fn between_roots(context: &TreeContext<'_>, report: &mut Report<'_>) {
    let installed = context.installed;
    let roots: Vec<PathBuf> = installed.containerd_roots.iter().map(|root| installed.on_disk(root)).collect();
    for (index, root) in roots.iter().enumerate() {
        if context.inventory.host_at(&root.join("_default")).is_none_or(|default| default.state != HostState::Listed) {
            continue;
        }
        let here = |host: &HostDir| host.path.parent() == Some(root);
        let own: HashSet<String> =
            context.registries().filter(|(host, _)| here(host)).map(|(_, registry)| registry).collect();
        let later: HashSet<&Path> = roots.iter().skip(index + 1).map(PathBuf::as_path).collect();
        for (host, registry) in context.registries() {
            let is_later = host.path.parent().is_some_and(|parent| later.contains(parent));
            if is_later && !own.contains(&registry) {
                report
                    .host_directory(host, format!("containerd takes _default in {} for {registry}", root.display()))
                    .consequence(Engine::Containerd, "never reads this directory")
                    .advice(format!("copy this directory into {}", root.display()));
            }
        }
    }
}

fn check(host: &HostDir, default_anchors: usize, report: &mut Report<'_>) {
    let has_name = host.host_name().is_some_and(|name| name.registry().is_some());
    if !has_name
        || host.state != HostState::Listed
        || host.hosts_toml.as_ref().is_some_and(|file| file.accepted().is_some())
    {
        return;
    }
    let load = Engine::DockerC8d.load(host);
    if !load.is_ok() || anchors(&load) > 0 {
        return;
    }
    let has_pair = load.connections().iter().any(|connection| !connection.material.pairs.is_empty());
    // A client certificate alone may be all that a registry with a public certificate needs.
    let severity = if has_pair { Severity::Info } else { Severity::Warning };
    let cas = counted(default_anchors, "CA");
    report
        .host_directory(host, format!("has no CA and hides the {cas} of _default from containerd and Docker's pulls"))
        .severity(severity)
        .consequence(Engine::DockerC8d, "reads this directory and never _default")
        .consequence(Engine::Containerd, "reads this directory and never _default")
        .advice("copy the CA out of _default, or remove this directory if it is not needed");
}

fn anchors(load: &Load) -> usize {
    load.connections().iter().map(|connection| connection.material.anchors.len()).max().unwrap_or_default()
}
