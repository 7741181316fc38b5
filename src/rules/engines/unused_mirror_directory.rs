//! CW713

use crate::engine::select::{DaemonConfig, Endpoint, url_host};
use crate::engine::{Engine, Judge, Load};
use crate::finding::Severity;
use crate::model::{HostDir, HostState};
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext};

rule! {
    /// A mirror of Docker Hub has its certificates where one of Docker's loaders does not look.
    ///
    /// For the `registry-mirrors` of `daemon.json` Docker with a graph driver reads the mirror's own directory; Docker 28 and
    /// later, for builds and for pulls with the containerd store, reads `docker.io/` and uses its certificates for the mirror.
    /// The mirror's own directory counts only where an image reference names the mirror itself.
    ///
    /// ## Engines
    /// docker-classic reads `mirror.example.com:5000/`; docker-c8d reads `docker.io/`, else `_default/`.
    ///
    /// ## Example
    /// `"registry-mirrors": ["https://mirror.example.com:5000"]` with `mirror.example.com:5000/ca.crt`, and no `docker.io/`:
    /// `docker pull alpine` passes over the mirror, without a word but in the daemon's log.
    ///
    /// ## Fix
    /// Copy the mirror's files into `docker.io/` as well.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/hosts.go`, `RegistryHosts`; `daemon/pkg/registry/service_v2.go`, `lookupV2Endpoints`;
    /// docker/for-linux#1031.
    pub UnusedMirrorDirectory = "CW713" "unused-mirror-directory", Warning
}

impl Rule for UnusedMirrorDirectory {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        let daemon = &context.installed.daemon;
        if daemon.mirrors.is_empty() {
            return;
        }
        let hosts: Vec<&HostDir> = context.hosts_of(context.installed.docker_root()).collect();
        let listed = |name: &str| {
            hosts.iter().copied().find(|host| host.name == name && matches!(host.state, HostState::Listed))
        };
        let names = Endpoint::of(Engine::DockerC8d, "docker.io").directory_names;
        let hub = names.iter().find_map(|name| listed(name));
        for mirror in daemon.mirrors.iter().filter_map(|url| verified_host(url, daemon)) {
            match (listed(&mirror), hub) {
                (Some(own), hub) => unread_by_pulls(own, hub, &mirror, context, report),
                (None, Some(hub)) if hub.name == "docker.io" => without_directory(hub, &mirror, report),
                (None, _) => {}
            }
        }
    }
}

/// The host of a mirror whose certificate Docker checks.
fn verified_host(url: &str, daemon: &DaemonConfig) -> Option<String> {
    let host = url_host(url);
    (url.starts_with("https://") && !daemon.is_insecure(Judge::newest(Engine::DockerClassic), &host)).then_some(host)
}

fn unread_by_pulls(
    own: &HostDir,
    hub: Option<&HostDir>,
    mirror: &str,
    context: &TreeContext<'_>,
    report: &mut Report<'_>,
) {
    let (own_load, hub_load) = (Engine::DockerClassic.load(own), hub.map(|hub| Engine::DockerC8d.load(hub)));
    let needed = certificates(&own_load);
    let used = hub_load.as_ref().map(certificates).unwrap_or_default();
    let has_hosts_toml = hub.and_then(|hub| hub.hosts_toml.as_ref()?.accepted()).is_some();
    if context.installed.evidence(Engine::DockerC8d).is_none()
        || has_hosts_toml
        || needed.iter().all(|one| used.contains(one))
    {
        return;
    }
    let place = hub.map_or("docker.io".into(), |hub| hub.name.to_string_lossy());
    report
        .host_directory(own, "Docker 28 and later does not read this directory for the mirror of Docker Hub")
        .consequence(Engine::DockerC8d, format!("uses the certificates of {place} for the mirror {mirror}"))
        .consequence(Engine::DockerClassic, "reads this directory for the mirror")
        .advice("copy these files into docker.io as well");
}

fn without_directory(hub: &HostDir, mirror: &str, report: &mut Report<'_>) {
    if certificates(&Engine::DockerC8d.load(hub)).is_empty() {
        return;
    }
    report
        .host_directory(hub, format!("Docker with a graph driver reads {mirror} for the mirror, which is not there"))
        .severity(Severity::Info)
        .consequence(Engine::DockerC8d, format!("uses these certificates for the mirror {mirror}"))
        .consequence(Engine::DockerClassic, format!("trusts only the system's certificates for the mirror {mirror}"))
        .advice(format!("copy the mirror's files into a directory {mirror} as well"));
}

/// Fingerprints of the CAs and client certificates that an engine takes from a directory.
fn certificates(load: &Load) -> Vec<[u8; 32]> {
    let materials = load.connections().iter().map(|connection| &connection.material);
    let all = materials.flat_map(|material| {
        let anchors = material.anchors.iter().map(|anchor| &anchor.certificate);
        anchors.chain(material.pairs.iter().filter_map(|pair| pair.leaf()))
    });
    all.map(|certificate| *certificate.sha256()).collect()
}
