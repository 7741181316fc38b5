//! Which directory an engine takes for a registry host, and whom it then talks to.
//!
//! Source: moby 29.7 `daemon/pkg/registry/service_v2.go`, `config.go` (`isSecureIndex`); containerd 2.x
//! `core/remotes/docker/config/hosts.go` (`hostPaths`), `core/remotes/docker/registry.go` (`MatchLocalhost`).

use crate::engine::Engine;
use crate::model::host::{is_loopback, split_port};

/// How an engine reaches a registry host before any configuration is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The names under a root that it tries, the first that exists being taken; empty where it reads none.
    pub directory_names: Vec<String>,
    /// What it connects to.
    pub url: String,
    /// Whether it checks the server's certificate.
    pub verify: bool,
}

impl Endpoint {
    /// How `engine` reaches `registry` (`host` or `host:port`, as an image reference spells it).
    pub fn of(engine: Engine, registry: &str) -> Self {
        match engine {
            Engine::DockerClassic => classic(registry),
            Engine::DockerC8d | Engine::Containerd => containerd(registry),
            Engine::Buildkit => exact(registry, true),
            Engine::ContainersImage => exact(registry, false),
        }
    }
}

/// Docker Hub never reads certs.d, and a loopback host is insecure by default, for which certs.d is not read either.
fn classic(registry: &str) -> Endpoint {
    let is_hub = matches!(registry, "docker.io" | "index.docker.io");
    let insecure = is_loopback(registry);
    let directory_names = if is_hub || insecure { Vec::new() } else { vec![registry.to_owned()] };
    let server = if is_hub { "registry-1.docker.io" } else { registry };
    Endpoint { directory_names, url: format!("https://{server}"), verify: !insecure }
}

/// Localhost is not verified, unless its port says that it is plain HTTP anyway.
fn containerd(registry: &str) -> Endpoint {
    let server = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
    let port = split_port(registry).map(|(_, port)| port);
    let local = is_loopback(registry) && registry != "[::1]";
    let plain = local && port == Some("80");
    let scheme = if plain { "http" } else { "https" };
    Endpoint {
        directory_names: containerd_names(registry),
        url: format!("{scheme}://{server}/v2"),
        verify: !local || plain,
    }
}

/// The directory of exactly this name. BuildKit talks plain HTTP to localhost unless it is told otherwise.
fn exact(registry: &str, plain_local: bool) -> Endpoint {
    let registry = if registry == "index.docker.io" && !plain_local { "docker.io" } else { registry };
    let server = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
    let plain = plain_local && is_loopback(registry);
    let scheme = if plain { "http" } else { "https" };
    Endpoint { directory_names: vec![registry.to_owned()], url: format!("{scheme}://{server}/v2"), verify: true }
}

/// `host_port_` where there is a colon behind the first character, the name itself, `_default`.
fn containerd_names(registry: &str) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(colon) = registry.rfind(':').filter(|colon| *colon > 0)
        && let (Some(host), Some(port)) = (registry.get(..colon), registry.get(colon + 1..))
    {
        names.push(format!("{host}_{port}_"));
    }
    names.push(registry.to_owned());
    names.push("_default".to_owned());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_reads_one_name_and_pull_three() {
        assert_eq!(Endpoint::of(Engine::DockerClassic, "registry.test:5000").directory_names, ["registry.test:5000"]);
        let names = Endpoint::of(Engine::DockerC8d, "registry.test:5000").directory_names;
        assert_eq!(names, ["registry.test_5000_", "registry.test:5000", "_default"]);
        let names = Endpoint::of(Engine::DockerC8d, "[2001:db8::1]").directory_names;
        assert_eq!(names, ["[2001:db8:_1]_", "[2001:db8::1]", "_default"]);
    }

    #[test]
    fn hub_and_loopback_hosts_are_special() {
        assert!(Endpoint::of(Engine::DockerClassic, "docker.io").directory_names.is_empty());
        assert_eq!(Endpoint::of(Engine::DockerC8d, "docker.io").url, "https://registry-1.docker.io/v2");
        let local = Endpoint::of(Engine::DockerClassic, "localhost:5000");
        assert!(local.directory_names.is_empty() && !local.verify);
        let local = Endpoint::of(Engine::DockerC8d, "localhost:5000");
        assert!(!local.directory_names.is_empty() && !local.verify);
    }
}
