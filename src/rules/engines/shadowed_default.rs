//! CW717

use std::collections::HashMap;
use std::path::Path;

use crate::engine::{Engine, Load};
use crate::finding::Severity;
use crate::model::{HostDir, HostState, NameForm, RootKind};
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext, counted};

rule! {
    /// A directory without a CA keeps containerd, and Docker's pulls, from the CAs of `_default`.
    ///
    /// `_default` is for registries that have no directory of their own. One that is there counts, even an empty one, and
    /// nothing is added to it from `_default`.
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
        let mut defaults: HashMap<&Path, usize> = HashMap::new();
        for host in &context.inventory.hosts {
            let is_default = host.host_name().is_some_and(|name| *name.form() == NameForm::Default);
            let anchors = if is_default { anchors(&Engine::DockerC8d.load(host)) } else { 0 };
            if let Some(root) = host.path.parent().filter(|_| anchors > 0) {
                defaults.insert(root, anchors);
            }
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

fn check(host: &HostDir, default_anchors: usize, report: &mut Report<'_>) {
    let has_name = host.host_name().is_some_and(|name| name.registry().is_some());
    if !has_name || host.state != HostState::Listed || matches!(host.hosts_toml, Some(Ok(_))) {
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
