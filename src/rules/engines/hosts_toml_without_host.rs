//! CW704

use crate::engine::Engine;
use crate::finding::Severity;
use crate::model::hosts_toml::HostsFile;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A `hosts.toml` has no `[host."…"]` table.
    ///
    /// containerd before 2.0 refuses such a file and falls back to the certificate files of the directory; from 2.0 on, and
    /// in Docker, it decides alone. The same directory therefore trusts different certificates on different hosts.
    ///
    /// ## Engines
    /// containerd 1.5 to 1.7 logs ``invalid `host` tree``; containerd 2 and docker-c8d accept it.
    ///
    /// ## Example
    /// A `hosts.toml` with nothing but `server = "https://registry.example.com"`.
    ///
    /// ## Fix
    /// Add a table for the registry: `[host."https://registry.example.com"]`, with its `ca` below it.
    ///
    /// ## Sources
    /// containerd 1.7 `remotes/docker/config/hosts.go`, `parseHostsFile`; containerd 2.0 `getSortedHosts`.
    pub HostsTomlWithoutHost = "CW704" "hosts-toml-without-host", Info
}

impl Rule for HostsTomlWithoutHost {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let Some(toml) = context.host.hosts_toml.as_ref().and_then(HostsFile::accepted) else { return };
        let Some(file) = context.host.file("hosts.toml".as_ref()).filter(|_| !toml.has_host_table) else { return };
        report
            .file(file, "hosts.toml has no host table, without which containerd before 2.0 refuses it")
            .severity(Severity::Info)
            .consequence(Engine::Containerd, "before 2.0 logs invalid `host` tree and uses the certificate files")
            .advice("add a [host.\"https://NAME\"] table to hosts.toml");
    }
}
