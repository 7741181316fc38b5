//! Which directory an engine takes for a registry host, and whom it then talks to.
//!
//! Source: moby 29.7 `daemon/pkg/registry/service_v2.go`, `config.go` (`isSecureIndex`); containerd 2.x
//! `core/remotes/docker/config/hosts.go` (`hostPaths`), `core/remotes/docker/registry.go` (`MatchLocalhost`).

use crate::engine::Engine;
use crate::model::host::{is_loopback, split_port};

/// One way in which an engine reaches a registry host before any configuration is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// What it connects to.
    pub url: String,
    /// Whether it checks the server's certificate.
    pub verify: bool,
}

/// How `engine` reaches `registry` (`host` or `host:port`, as an image reference spells it), in the order of its attempts.
pub fn endpoints(engine: Engine, registry: &str) -> Vec<Endpoint> {
    match engine {
        Engine::DockerClassic => classic(registry),
        Engine::DockerC8d => vec![c8d(registry)],
    }
}

/// The names under a root that `engine` tries for `registry`, the first that exists being taken; empty where it reads none.
pub fn directory_names(engine: Engine, registry: &str) -> Vec<String> {
    match engine {
        // Docker Hub never reads certs.d, and a loopback host is insecure by default, for which it is not read either.
        Engine::DockerClassic if is_hub(registry) || is_loopback(registry) => Vec::new(),
        Engine::DockerClassic => vec![registry.to_owned()],
        Engine::DockerC8d => containerd_names(registry),
    }
}

/// What stands behind the last colon of a target without a slash: a port, or the tag of an image on Docker Hub.
pub fn tag_of(target: &str) -> Option<&str> {
    split_port(target).map(|(_, tag)| tag)
}

fn is_hub(registry: &str) -> bool {
    matches!(registry, "docker.io" | "index.docker.io")
}

/// An insecure host is tried without a check of its certificate, and then without TLS.
fn classic(registry: &str) -> Vec<Endpoint> {
    let server = if is_hub(registry) { "registry-1.docker.io" } else { registry };
    let verify = !is_loopback(registry);
    let schemes: &[&str] = if verify { &["https"] } else { &["https", "http"] };
    schemes.iter().map(|scheme| Endpoint { url: format!("{scheme}://{server}"), verify }).collect()
}

fn c8d(registry: &str) -> Endpoint {
    let server = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
    // An IPv6 address in brackets without a port is not recognised as loopback.
    let is_local = is_loopback(registry) && registry != "[::1]";
    let is_plain = is_local && split_port(registry).is_some_and(|(_, port)| port == "80");
    let scheme = if is_plain { "http" } else { "https" };
    Endpoint { url: format!("{scheme}://{server}/v2"), verify: !is_local || is_plain }
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
        assert_eq!(directory_names(Engine::DockerClassic, "registry.test:5000"), ["registry.test:5000"]);
        let names = directory_names(Engine::DockerC8d, "registry.test:5000");
        assert_eq!(names, ["registry.test_5000_", "registry.test:5000", "_default"]);
        let names = directory_names(Engine::DockerC8d, "[2001:db8::1]");
        assert_eq!(names, ["[2001:db8:_1]_", "[2001:db8::1]", "_default"]);
    }

    #[test]
    fn hub_is_special() {
        assert!(directory_names(Engine::DockerClassic, "docker.io").is_empty());
        let url = |engine, registry| endpoints(engine, registry).remove(0).url;
        assert_eq!(url(Engine::DockerClassic, "index.docker.io"), "https://registry-1.docker.io");
        assert_eq!(url(Engine::DockerC8d, "docker.io"), "https://registry-1.docker.io/v2");
        assert_eq!(url(Engine::DockerC8d, "index.docker.io"), "https://index.docker.io/v2");
    }

    #[test]
    fn loopback_hosts_are_not_verified() {
        let of = |engine, registry| {
            let endpoints = endpoints(engine, registry);
            endpoints.into_iter().map(|endpoint| (endpoint.url, endpoint.verify)).collect::<Vec<_>>()
        };
        assert!(directory_names(Engine::DockerClassic, "localhost:5000").is_empty());
        let expected = [("https://localhost:5000".to_owned(), false), ("http://localhost:5000".to_owned(), false)];
        assert_eq!(of(Engine::DockerClassic, "localhost:5000"), expected);
        assert!(!directory_names(Engine::DockerC8d, "localhost:5000").is_empty());
        assert_eq!(of(Engine::DockerC8d, "[::1]:5000"), [("https://[::1]:5000/v2".to_owned(), false)]);
        assert_eq!(of(Engine::DockerC8d, "[::1]"), [("https://[::1]/v2".to_owned(), true)]);
    }
}
