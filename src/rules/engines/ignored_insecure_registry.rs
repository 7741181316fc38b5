//! CW714

use crate::engine::Engine;
use crate::finding::{Place, Severity};
use crate::model::HostState;
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext};

rule! {
    /// A registry that `daemon.json` lists as insecure has a directory, which Docker then ignores.
    ///
    /// For a registry in `insecure-registries` Docker's own loader reads no directory: no CA is trusted, no client certificate
    /// is sent, and plain HTTP is tried. Pulls with the containerd store read the directory but verify nothing. An entry that
    /// is no host, host with port, or network stops the daemon at its start.
    ///
    /// ## Engines
    /// docker-classic reads nothing; docker-c8d (28 and later) sends client certificates, stops at broken files, and does not
    /// verify the server.
    ///
    /// ## Example
    /// `"insecure-registries": ["registry.example.com:5000"]` beside `registry.example.com:5000/client.cert`;
    /// `"insecure-registries": ["https://registry.example.com:5000/v2"]`.
    ///
    /// ## Fix
    /// Take the entry out of `insecure-registries` where the directory has the registry's CA, and restart the daemon.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/config.go`, `loadInsecureRegistries`, `validateHostPort`, `isSecureIndex`;
    /// distribution#954.
    pub IgnoredInsecureRegistry = "CW714" "ignored-insecure-registry", Error
}

impl Rule for IgnoredInsecureRegistry {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        let daemon = &context.installed.daemon;
        malformed_entries(context, report);
        if daemon.insecure.is_empty() {
            return;
        }
        for host in context.hosts_of(context.installed.docker_root()) {
            let Some(registry) = host.host_name().and_then(|name| name.registry()) else { continue };
            if host.state != HostState::Listed || host.files.is_empty() || !daemon.lists_as_insecure(&registry) {
                continue;
            }
            report
                .host_directory(host, "docker login ignores this directory, since daemon.json lists it as insecure")
                .severity(Severity::Warning)
                .consequence(Engine::DockerClassic, "reads nothing here, verifies nothing and tries plain HTTP as well")
                .consequence(Engine::DockerC8d, "reads it, but does not verify the server")
                .advice(format!("take {registry} out of insecure-registries in daemon.json"));
        }
    }
}

/// What Docker mends with a warning, and what it refuses to start with.
fn malformed_entries(context: &TreeContext<'_>, report: &mut Report<'_>) {
    let place = Place::file(&context.installed.on_disk(&context.installed.daemon_file()));
    for entry in &context.installed.daemon.insecure {
        let (scheme, rest) = match entry.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, entry.as_str()),
        };
        let is_known = matches!(scheme.as_deref(), None | Some("http" | "https"));
        if !is_known || (rest.contains('/') && !is_network(rest)) {
            report
                .at(place.clone(), format!("the insecure registry {entry} stops dockerd at its start"))
                .severity(Severity::Error)
                .advice(format!("write it as {}", rest.split('/').next().unwrap_or_default()));
        } else if scheme.is_some() {
            report
                .at(place.clone(), format!("dockerd takes the scheme of the insecure registry {entry} away"))
                .severity(Severity::Info)
                .advice(format!("write it as {rest}"));
        }
    }
}

/// Tells whether an entry is a network in the notation of CIDR.
fn is_network(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    address.parse::<std::net::IpAddr>().is_ok() && bits.parse::<u8>().is_ok()
}
