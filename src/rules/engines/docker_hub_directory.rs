//! CW706

use crate::engine::Engine;
use crate::finding::Severity;
use crate::model::HostState;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A directory is named after Docker Hub, which `docker login` never looks for.
    ///
    /// For `docker.io` and `index.docker.io` Docker's own loader reads no directory at all: a company proxy that intercepts
    /// the Hub must be trusted by the system's store. Pulls with the containerd store, containerd and Podman do read
    /// `docker.io/`; none reads `index.docker.io/` for an image.
    ///
    /// ## Engines
    /// docker-classic reads nothing for the Hub; docker-c8d (28 and later) reads `docker.io/`, for mirrors of the Hub too.
    ///
    /// ## Example
    /// `/etc/docker/certs.d/docker.io/proxy.crt`.
    ///
    /// ## Fix
    /// Add the CA to the system's store (`update-ca-certificates`) and restart the daemon, which reads that store once.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/service_v2.go`, `lookupV2Endpoints`; moby#36820, colima#624.
    pub DockerHubDirectory = "CW706" "docker-hub-directory", Warning
}

impl Rule for DockerHubDirectory {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let Some(name) = context.host.host_name().filter(|_| context.host.state == HostState::Listed) else { return };
        let (severity, message) = match name.registry().as_deref() {
            Some("docker.io") => {
                (Severity::Info, "docker login does not read this directory, since Docker Hub has none there")
            }
            Some("index.docker.io") => {
                (Severity::Warning, "no image reference leads here: index.docker.io means docker.io")
            }
            _ => return,
        };
        report
            .directory(message)
            .severity(severity)
            .consequence(Engine::DockerClassic, "reads no directory for Docker Hub")
            .advice("add the CA to the system's store and restart the daemon");
    }
}
