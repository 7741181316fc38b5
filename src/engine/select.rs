//! Which directory an engine takes for a registry host, and whom it then talks to.
//!
//! Source: moby 29.7 `daemon/pkg/registry/service_v2.go` (`lookupV2Endpoints`), `config.go` (`isSecureIndex`),
//! `daemon/hosts.go` (`RegistryHosts`); containerd 2.2 `core/remotes/docker/config/hosts.go` (`hostPaths`,
//! `ConfigureHosts`), `core/remotes/docker/registry.go` (`MatchLocalhost`); containers/image 5.36
//! `docker/docker_client.go` (`dockerCertDir`); distribution/reference `regexp.go`.

use std::net::IpAddr;

use crate::engine::Engine;
use crate::model::host::{is_loopback, split_port};

/// One server that an engine tries for a registry host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The names under a root that it tries, the first that exists being taken; empty where it reads none.
    pub directory_names: Vec<String>,
    /// What it connects to.
    pub url: String,
    /// Whether it checks the server's certificate.
    pub verify: bool,
    /// It tries plain HTTP where HTTPS fails.
    pub http_fallback: bool,
}

/// What of `daemon.json` changes how Docker reaches registries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DaemonConfig {
    /// `registry-mirrors`: URLs of mirrors of Docker Hub, as written.
    pub mirrors: Vec<String>,
    /// `insecure-registries`: hosts and networks, as written.
    pub insecure: Vec<String>,
}

impl Endpoint {
    /// How `engine` reaches `registry` (`host` or `host:port`, as an image reference spells it) itself.
    pub fn of(engine: Engine, registry: &str) -> Self {
        let all = Self::all(engine, registry, &DaemonConfig::default()).unwrap_or_default();
        let none = || Self { directory_names: Vec::new(), url: String::new(), verify: true, http_fallback: false };
        all.into_iter().next().unwrap_or_else(none)
    }

    /// All servers that `engine` tries for `registry`, in order.
    ///
    /// # Errors
    /// What the engine says of a host that it does not take.
    pub fn all(engine: Engine, registry: &str, daemon: &DaemonConfig) -> Result<Vec<Self>, &'static str> {
        match engine {
            Engine::DockerClassic => Ok(classic(registry, daemon)),
            Engine::DockerC8d => Ok(c8d(registry, daemon)),
            Engine::Containerd => Ok(vec![containerd(registry)]),
            Engine::Buildkit => Ok(vec![exact(registry, true)]),
            Engine::ContainersImage if registry.contains('[') => Err("invalid reference format"),
            Engine::ContainersImage => Ok(vec![exact(registry, false)]),
        }
    }

    fn secure(url: String, directory_names: Vec<String>) -> Self {
        Self { directory_names, url, verify: true, http_fallback: false }
    }
}

impl DaemonConfig {
    /// Tells whether Docker's own loader takes a host for insecure: listed, in a listed network, or loopback.
    pub fn is_insecure(&self, registry: &str) -> bool {
        is_loopback(registry) || self.lists_as_insecure(registry)
    }

    /// Tells whether a host is listed as insecure, or is an address in a listed network. A scheme in the list is taken away.
    pub fn lists_as_insecure(&self, registry: &str) -> bool {
        if self.insecure.iter().any(|listed| without_scheme(listed) == registry) {
            return true;
        }
        let host = split_port(registry).map_or(registry, |(host, _)| host);
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let Ok(address) = host.parse::<IpAddr>() else { return false };
        let mut networks = self.insecure.iter().filter_map(|listed| parse_network(without_scheme(listed)));
        networks.any(|network| contains(network, address))
    }
}

/// What stands behind the last colon of a target without a slash: a port, or the tag of an image on Docker Hub.
pub fn tag_of(target: &str) -> Option<&str> {
    split_port(target).map(|(_, tag)| tag)
}

/// Docker Hub never reads certs.d itself, and an insecure host has no directory either: it is tried without verification,
/// then in plain HTTP.
fn classic(registry: &str, daemon: &DaemonConfig) -> Vec<Endpoint> {
    if matches!(registry, "docker.io" | "index.docker.io") {
        let mirror = |url: &String| {
            let url = format!("{}/", url.trim_end_matches('/'));
            let host = url_host(&url);
            let insecure = daemon.is_insecure(&host);
            let directory_names = if insecure { Vec::new() } else { vec![host] };
            Endpoint { directory_names, url, verify: !insecure, http_fallback: false }
        };
        let hub = Endpoint::secure("https://registry-1.docker.io".to_owned(), Vec::new());
        let mirrors = if registry == "docker.io" { daemon.mirrors.as_slice() } else { &[] };
        return mirrors.iter().map(mirror).chain(std::iter::once(hub)).collect();
    }
    if !daemon.is_insecure(registry) {
        return vec![Endpoint::secure(format!("https://{registry}"), vec![registry.to_owned()])];
    }
    let open = |scheme: &str| Endpoint {
        directory_names: Vec::new(),
        url: format!("{scheme}://{registry}"),
        verify: false,
        http_fallback: false,
    };
    vec![open("https"), open("http")]
}

/// containerd's way, with Docker's mirrors, which reuse the directory of `docker.io`, and its insecure registries.
fn c8d(registry: &str, daemon: &DaemonConfig) -> Vec<Endpoint> {
    let mut own = containerd(registry);
    if !daemon.insecure.is_empty() && daemon.is_insecure(registry) {
        own.verify = false;
        own.http_fallback = has_ambiguous_port(registry);
    }
    let mirrors = if registry == "docker.io" { daemon.mirrors.as_slice() } else { &[] };
    let mirror = |url: &String| {
        let host = url_host(url);
        let path = url.trim_end_matches('/');
        let insecure = daemon.is_insecure(&host);
        Endpoint {
            directory_names: own.directory_names.clone(),
            url: format!("{path}/v2"),
            verify: !insecure,
            http_fallback: insecure && has_ambiguous_port(&host),
        }
    };
    let mirrors: Vec<Endpoint> = mirrors.iter().map(mirror).collect();
    mirrors.into_iter().chain(std::iter::once(own)).collect()
}

/// Localhost is not verified, unless its port says that it is plain HTTP anyway.
fn containerd(registry: &str) -> Endpoint {
    let server = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
    let port = split_port(registry).map(|(_, port)| port);
    // `net.SplitHostPort` and `net.ParseIP` together miss an address in brackets without a port.
    let local = is_loopback(registry) && !(registry.starts_with('[') && port.is_none());
    let plain = local && port == Some("80");
    let scheme = if plain { "http" } else { "https" };
    Endpoint {
        directory_names: containerd_names(registry),
        url: format!("{scheme}://{server}/v2"),
        verify: !local || plain,
        http_fallback: local && has_ambiguous_port(registry),
    }
}

/// The directory of exactly this name. BuildKit talks plain HTTP to localhost unless it is told otherwise; containers/image
/// takes the old name of Docker Hub for the new one.
fn exact(registry: &str, is_buildkit: bool) -> Endpoint {
    let registry = if registry == "index.docker.io" && !is_buildkit { "docker.io" } else { registry };
    let server = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
    let scheme = if is_buildkit && is_loopback(registry) { "http" } else { "https" };
    Endpoint::secure(format!("{scheme}://{server}/v2"), vec![registry.to_owned()])
}

/// A port from which the protocol cannot be told: there is one, and it is neither 443 nor 80.
fn has_ambiguous_port(registry: &str) -> bool {
    split_port(registry).is_some_and(|(_, port)| port != "443" && port != "80")
}

/// What dockerd keeps of an entry of `insecure-registries`, with a warning in its log.
fn without_scheme(listed: &str) -> &str {
    ["http://", "https://"]
        .iter()
        .find_map(|scheme| {
            let (start, rest) = listed.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some(rest)
        })
        .unwrap_or(listed)
}

/// The host with its port of a mirror's URL.
pub fn url_host(url: &str) -> String {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    behind_scheme.split('/').next().unwrap_or_default().to_owned()
}

fn parse_network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = text.split_once('/')?;
    Some((address.parse().ok()?, bits.parse().ok()?))
}

fn contains((network, bits): (IpAddr, u32), address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
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
    fn an_address_in_brackets_without_a_port_is_not_local_to_containerd() {
        assert!(Endpoint::of(Engine::Containerd, "[::1]").verify);
        assert!(!Endpoint::of(Engine::Containerd, "[::1]:5000").verify);
    }

    #[test]
    fn networks_hold_their_addresses() {
        let network = |text| parse_network(text).unwrap();
        assert!(contains(network("10.0.0.0/8"), "10.9.8.7".parse().unwrap()));
        assert!(!contains(network("10.0.0.0/8"), "11.0.0.1".parse().unwrap()));
        assert!(contains(network("0.0.0.0/0"), "1.2.3.4".parse().unwrap()));
        assert!(contains(network("2001:db8::/32"), "2001:db8::1".parse().unwrap()));
        assert!(!contains(network("2001:db8::/32"), "10.0.0.1".parse().unwrap()));
    }
}
