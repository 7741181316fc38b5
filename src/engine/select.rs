//! Which directory an engine takes for a registry host, and whom it then talks to.
//!
//! Source: moby 29.7 `daemon/pkg/registry/service_v2.go` (`lookupV2Endpoints`), `config.go` (`isSecureIndex`),
//! `daemon/hosts.go` (`RegistryHosts`); containerd 2.2 `core/remotes/docker/config/hosts.go` (`hostPaths`,
//! `ConfigureHosts`), `core/remotes/docker/registry.go` (`MatchLocalhost`); containers/image 5.36
//! `docker/docker_client.go` (`dockerCertDir`); distribution/reference `regexp.go`.

use std::net::{IpAddr, Ipv4Addr};

use crate::engine::{Engine, Judge, Version};
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
    /// It stands for the registry, by the engine's own configuration.
    pub is_mirror: bool,
}

/// What of `daemon.json`, and of `/etc/hosts`, changes how Docker reaches registries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DaemonConfig {
    /// `registry-mirrors`: URLs of mirrors of Docker Hub, as written.
    pub mirrors: Vec<String>,
    /// `insecure-registries`: hosts and networks, as written.
    pub insecure: Vec<String>,
    /// What `/etc/hosts` says: names in small letters, with their addresses. Docker resolves a name to see whether it is in
    /// a network of insecure registries; what DNS says is not known here.
    pub addresses: Vec<(String, IpAddr)>,
}

impl Endpoint {
    /// How the newest `engine` reaches `registry` (`host` or `host:port`, as an image reference spells it) itself.
    pub fn of(engine: Engine, registry: &str) -> Self {
        let all = Self::all(Judge::newest(engine), registry, &DaemonConfig::default()).unwrap_or_default();
        all.into_iter().next().unwrap_or_else(|| Self::secure(String::new(), Vec::new()))
    }

    /// All servers that an engine tries for `registry`, in order, where nothing but Docker is configured.
    ///
    /// # Errors
    /// What the engine says of a host that it does not take.
    pub fn all(judge: Judge, registry: &str, daemon: &DaemonConfig) -> Result<Vec<Self>, &'static str> {
        match judge.engine {
            Engine::DockerClassic => Ok(classic(judge, registry, daemon)),
            Engine::DockerC8d => Ok(c8d(judge, registry, daemon, None)),
            Engine::Containerd => Ok(vec![containerd(judge, registry)]),
            Engine::Buildkit => Ok(vec![exact(registry, true)]),
            Engine::ContainersImage if registry.contains('[') => Err("invalid reference format"),
            Engine::ContainersImage => Ok(vec![exact(registry, false)]),
        }
    }

    /// [`Endpoint::all`] where the registry's `hosts.toml` has been read, and leads to these URLs (`None`: the registry
    /// itself). Where it names several, Docker leaves its own mirrors and insecure registries out.
    pub fn behind_hosts_toml(judge: Judge, registry: &str, daemon: &DaemonConfig, urls: &[Option<&str>]) -> Vec<Self> {
        match urls {
            [] | [None] => Self::all(judge, registry, daemon).unwrap_or_default(),
            [Some(url)] if judge.engine == Engine::DockerC8d => c8d(judge, registry, daemon, Some(url)),
            _ => vec![containerd(judge, registry)],
        }
    }

    /// How containers/image reaches a server that its configuration names.
    pub(super) fn of_containers_image(host: &str) -> Self {
        exact(host, false)
    }

    fn secure(url: String, directory_names: Vec<String>) -> Self {
        Self { directory_names, url, verify: true, http_fallback: false, is_mirror: false }
    }
}

impl DaemonConfig {
    /// Tells whether Docker takes a host for insecure: listed, in a listed network, or loopback (`::1` from 28.0 on).
    pub fn is_insecure(&self, judge: Judge, registry: &str) -> bool {
        let is_loopback = |address: &IpAddr| match address {
            IpAddr::V4(address) => address.is_loopback(),
            IpAddr::V6(address) => address.is_loopback() && !judge.is_before(Version(28, 0)),
        };
        self.lists_as_insecure(registry) || (registry != HUB && self.resolve(registry).iter().any(is_loopback))
    }

    /// Tells whether a host is listed as insecure, or has an address in a listed network. A scheme in the list is taken away;
    /// Docker Hub is never insecure, listed or not.
    pub fn lists_as_insecure(&self, registry: &str) -> bool {
        if registry == HUB || self.insecure.iter().any(|listed| without_scheme(listed) == registry) {
            return registry != HUB;
        }
        let addresses = self.resolve(registry);
        let mut networks = self.insecure.iter().filter_map(|listed| parse_network(without_scheme(listed)));
        networks.any(|network| addresses.iter().any(|address| contains(network, *address)))
    }

    /// The addresses of a host, as far as they are known without asking anybody. Go takes an address in brackets for one
    /// only before a port.
    fn resolve(&self, registry: &str) -> Vec<IpAddr> {
        let (host, is_split) = split_port(registry).map_or((registry, false), |(host, _)| (host, true));
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).filter(|_| is_split);
        if let Ok(address) = bare.unwrap_or(host).parse::<IpAddr>() {
            return vec![address];
        }
        let name = host.to_ascii_lowercase();
        let listed = self.addresses.iter().filter(|(known, _)| *known == name).map(|(_, address)| *address);
        let local = (name == "localhost").then_some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        listed.chain(local).collect()
    }
}

/// The name of Docker Hub in image references.
const HUB: &str = "docker.io";

/// What stands behind the last colon of a target without a slash: a port, or the tag of an image on Docker Hub.
pub fn tag_of(target: &str) -> Option<&str> {
    split_port(target).map(|(_, tag)| tag)
}

/// Docker Hub never reads certs.d itself, and an insecure host has no directory either: it is tried without verification,
/// then in plain HTTP.
fn classic(judge: Judge, registry: &str, daemon: &DaemonConfig) -> Vec<Endpoint> {
    if matches!(registry, HUB | "index.docker.io") {
        let mirror = |url: &String| {
            let url = format!("{}/", url.trim_end_matches('/'));
            let host = url_host(&url);
            let verify = !daemon.is_insecure(judge, &host);
            let directory_names = if verify { vec![host] } else { Vec::new() };
            Endpoint { verify, is_mirror: true, ..Endpoint::secure(url, directory_names) }
        };
        let hub = Endpoint::secure("https://registry-1.docker.io".to_owned(), Vec::new());
        let mirrors = if registry == HUB { daemon.mirrors.as_slice() } else { &[] };
        return mirrors.iter().map(mirror).chain(std::iter::once(hub)).collect();
    }
    if !daemon.is_insecure(judge, registry) {
        return vec![Endpoint::secure(format!("https://{registry}"), vec![registry.to_owned()])];
    }
    let open = |scheme| Endpoint { verify: false, ..Endpoint::secure(format!("{scheme}://{registry}"), Vec::new()) };
    vec![open("https"), open("http")]
}

/// containerd's way, with Docker's mirrors, which reuse the directory of `docker.io`, and its insecure registries. `server`
/// is where the registry's `hosts.toml` leads instead.
///
/// One transport serves the registry and its mirrors: one insecure host among them, and none is verified.
fn c8d(judge: Judge, registry: &str, daemon: &DaemonConfig, server: Option<&str>) -> Vec<Endpoint> {
    let mut own = containerd(judge, registry);
    if let Some(url) = server {
        own = Endpoint::secure(url.to_owned(), own.directory_names);
    }
    let mirror = |url: &String| {
        let base = url.trim_end_matches('/');
        let url = if base.ends_with("/v2") { base.to_owned() } else { format!("{base}/v2") };
        Endpoint { url, is_mirror: true, ..own.clone() }
    };
    let mirrors = if registry == HUB { daemon.mirrors.as_slice() } else { &[] };
    let mut all: Vec<Endpoint> = mirrors.iter().map(mirror).collect();
    all.push(own);
    let is_configured = !daemon.mirrors.is_empty() || !daemon.insecure.is_empty();
    if is_configured && all.iter().any(|endpoint| daemon.is_insecure(judge, &url_host(&endpoint.url))) {
        for endpoint in &mut all {
            endpoint.verify = false;
            endpoint.http_fallback = has_ambiguous_port(&url_host(&endpoint.url));
        }
    }
    all
}

/// Localhost is not verified, unless its port says that it is plain HTTP anyway. containerd 1.x talks plain HTTP to it.
fn containerd(judge: Judge, registry: &str) -> Endpoint {
    let server = if registry == HUB { "registry-1.docker.io" } else { registry };
    let port = split_port(registry).map(|(_, port)| port);
    // `net.SplitHostPort` and `net.ParseIP` together miss an address in brackets without a port.
    let local = is_loopback(registry) && !(registry.starts_with('[') && port.is_none());
    let is_first = judge.engine == Engine::Containerd && judge.is_before(Version(2, 0));
    let plain = local && (is_first || port == Some("80"));
    let scheme = if plain { "http" } else { "https" };
    Endpoint {
        verify: !local || (plain && !is_first),
        http_fallback: local && !is_first && has_ambiguous_port(registry),
        ..Endpoint::secure(format!("{scheme}://{server}/v2"), containerd_names(registry))
    }
}

/// The directory of exactly this name. BuildKit talks plain HTTP to localhost unless it is told otherwise; containers/image
/// takes the old name of Docker Hub for the new one.
fn exact(registry: &str, is_buildkit: bool) -> Endpoint {
    let registry = if registry == "index.docker.io" && !is_buildkit { "docker.io" } else { registry };
    let server = if registry == HUB { "registry-1.docker.io" } else { registry };
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

    fn daemon(mirrors: &[&str], insecure: &[&str]) -> DaemonConfig {
        let owned = |list: &[&str]| list.iter().map(|item| (*item).to_owned()).collect();
        let address = |name: &str, address: &str| (name.to_owned(), address.parse().unwrap());
        let addresses = vec![address("loop.test", "127.0.0.2"), address("net.test", "10.2.3.4")];
        DaemonConfig { mirrors: owned(mirrors), insecure: owned(insecure), addresses }
    }

    fn verified(judge: &str, registry: &str, daemon: &DaemonConfig) -> Vec<bool> {
        let judge = *Judge::parse(judge).unwrap().first().unwrap();
        let all = Endpoint::all(judge, registry, daemon).unwrap();
        all.iter().map(|endpoint| endpoint.verify).collect()
    }

    #[test]
    fn a_scheme_in_the_list_of_insecure_registries_is_taken_away() {
        let daemon = daemon(&[], &["HTTPS://r.test:5000", "http://10.0.0.0/8", "p.test/v2"]);
        let listed = |registry| daemon.lists_as_insecure(registry);
        assert!(listed("r.test:5000") && listed("10.1.2.3:5000") && listed("net.test"));
        assert!(daemon.is_insecure(Judge::newest(Engine::DockerClassic), "127.0.0.1"));
        assert!(!listed("r.test") && !listed("p.test") && !listed("127.0.0.1") && !listed("loop.test"));
    }

    #[test]
    fn names_are_resolved_before_docker_trusts_a_host() {
        let none = daemon(&[], &[]);
        assert_eq!(verified("docker", "loop.test:5000", &none), [false, false]);
        assert_eq!(verified("docker", "net.test", &none), [true]);
        assert_eq!(verified("docker-c8d", "loop.test", &none), [true]);
        // As soon as anything is configured, pulls do not verify it either.
        assert_eq!(verified("docker-c8d", "loop.test", &daemon(&["https://m.test"], &[])), [false]);
        assert_eq!(verified("docker", "net.test", &daemon(&[], &["10.0.0.0/8"])), [false, false]);
    }

    #[test]
    fn the_other_loopback_address_is_insecure_from_28_0_on() {
        let none = daemon(&[], &[]);
        assert_eq!(verified("docker", "[::1]:5000", &none), [false, false]);
        assert_eq!(verified("docker@27.5", "[::1]:5000", &none), [true]);
        assert_eq!(verified("docker@27.5", "127.0.0.1:5000", &none), [false, false]);
        // Without a port the brackets stay on, and no address is seen.
        assert_eq!(verified("docker", "[::1]", &none), [true]);
    }

    #[test]
    fn docker_hub_is_never_listed_and_one_insecure_mirror_spoils_all() {
        assert_eq!(verified("docker-c8d", "docker.io", &daemon(&[], &["docker.io"])), [true]);
        assert_eq!(verified("docker-c8d", "docker.io", &daemon(&[], &["registry-1.docker.io"])), [false]);
        let mirrors = daemon(&["https://m.test/v2/", "http://10.0.0.1:5000"], &["10.0.0.0/8"]);
        assert_eq!(verified("docker-c8d", "docker.io", &mirrors), [false, false, false]);
        assert_eq!(verified("docker-classic", "docker.io", &mirrors), [true, false, true]);
        let all = Endpoint::all(Judge::newest(Engine::DockerC8d), "docker.io", &mirrors).unwrap();
        assert_eq!(all.first().unwrap().url, "https://m.test/v2");
    }

    #[test]
    fn containerd_1_talks_plain_http_to_localhost() {
        let judge = *Judge::parse("containerd@1.7").unwrap().first().unwrap();
        let all = Endpoint::all(judge, "localhost:5000", &DaemonConfig::default()).unwrap();
        assert_eq!(all.first().unwrap().url, "http://localhost:5000/v2");
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
