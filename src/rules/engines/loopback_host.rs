//! CW707

use crate::engine::Engine;
use crate::finding::Severity;
use crate::model::HostState;
use crate::model::host::is_loopback;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, TreeContext};

rule! {
    /// A directory is named after a loopback host, which Docker takes for insecure.
    ///
    /// Whatever is `localhost` or resolves to 127.0.0.0/8 (and ::1 from 28.0) is an insecure registry to Docker: its own
    /// loader reads no directory for it, so that no CA is trusted, no client certificate is sent, and broken files go
    /// unnoticed; then plain HTTP is tried. Pulls with the containerd store read the directory but verify nothing.
    ///
    /// ## Engines
    /// docker-classic never reads the directory; docker-c8d and containerd read it, stop at broken files, send client
    /// certificates, and do not verify the server. Podman treats the host like any other.
    ///
    /// ## Example
    /// `localhost:5000/client.cert`: `docker login localhost:5000` does not send it.
    ///
    /// ## Fix
    /// Reach the registry by a name that does not resolve to a loopback address.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/config.go`, `isSecureIndex`; containerd 2.2 `core/remotes/docker/registry.go`,
    /// `MatchLocalhost`.
    pub LoopbackHost = "CW707" "loopback-host", Warning
}

impl Rule for LoopbackHost {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let Some(name) = context.host.host_name().filter(|_| context.host.state == HostState::Listed) else { return };
        if !name.registry().is_some_and(|registry| is_loopback(&registry)) {
            return;
        }
        let has_pair = context.loads.iter().flat_map(|load| load.connections()).any(|to| !to.material.pairs.is_empty());
        let severity = if has_pair { Severity::Warning } else { Severity::Info };
        report
            .directory(format!("docker login does not read {}, since loopback hosts are insecure to it", name.text()))
            .severity(severity)
            .consequence(Engine::DockerClassic, "reads nothing here, verifies nothing and tries plain HTTP as well")
            .consequence(Engine::DockerC8d, "reads it, but does not verify the server")
            .advice("reach the registry by a name that is not a loopback address");
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        for host in &context.inventory.hosts {
            let Some(name) = host.host_name().filter(|_| host.state == HostState::Listed) else { continue };
            let server = name.server_name().unwrap_or_default().to_ascii_lowercase();
            let is_known = name.registry().is_some_and(|registry| is_loopback(&registry));
            let mut addresses = context.installed.daemon.addresses.iter();
            if is_known || !addresses.any(|(name, address)| *name == server && address.is_loopback()) {
                continue;
            }
            let message =
                format!("docker login does not read {}, since /etc/hosts leads it to a loopback address", name.text());
            report
                .host_directory(host, message)
                .consequence(Engine::DockerClassic, "reads nothing here, verifies nothing and tries plain HTTP as well")
                .advice("give the registry an address that is not a loopback address");
        }
    }
}
