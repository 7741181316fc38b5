//! CW108

use crate::engine::Engine;
use crate::finding::Applicability;
use crate::model::{HostDir, NameForm, RootKind};
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext, remedy};

rule! {
    /// A host directory has the form `host_port_`, which only containerd and the newer half of Docker know.
    ///
    /// containerd allows it because Windows has no colon in file names, and looks for it *before* `host:port`. Docker
    /// takes containerd's look-up for pulls with the containerd image store and for builds (28 and later), and its own
    /// for the rest.
    ///
    /// ## Engines
    /// Docker's pull (28 and later) reads the directory. `docker login`, pulls with a graph driver and Podman do not:
    /// `x509: certificate signed by unknown authority`. (Where `host:port` is there too, CW705 speaks.)
    ///
    /// ## Example
    /// `certs.d/registry.example.com_5000_/ca.crt`.
    ///
    /// ## Fix
    /// Rename it to `registry.example.com:5000`, which every engine on Linux reads.
    ///
    /// ## Sources
    /// containerd 2.x `core/remotes/docker/config/hosts.go`, `hostPaths`, `hostDirectory`; moby 29.7
    /// `daemon/pkg/registry/service_v2.go`; docker/docs#25771, docker/docs#7359.
    pub UnderscoreHostName = "CW108" "underscore-host-name", Warning
}

impl Rule for UnderscoreHostName {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        let is_underscored =
            |host: &HostDir| host.host_name().is_some_and(|name| matches!(name.form(), NameForm::Underscored { .. }));
        for (host, registry) in context.registries().filter(|(host, _)| is_underscored(host)) {
            // The directory of containerd, which knows the form; and a directory that hides another, which is CW705.
            let containerds = [RootKind::Containerd, RootKind::ContainerdRootless];
            let is_containerds = context.inventory.root_of(host).is_some_and(|root| containerds.contains(&root.kind));
            if is_containerds || context.inventory.host_at(&host.path.with_file_name(&registry)).is_some() {
                continue;
            }
            let name = host.name.to_string_lossy();
            report
                .host_directory(host, format!("docker login and podman do not read {name}, only {registry}"))
                .consequence(Engine::DockerClassic, "does not read it")
                .advice(format!("rename it to {registry}"))
                .fixes(
                    remedy::rename_directory(host, &registry, Applicability::Safe, Some(context.inventory))
                        .into_iter()
                        .take(1),
                );
        }
    }
}
