//! CW106

use crate::finding::Applicability;
use crate::model::{HostDir, HostName, NameForm, Reach};
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext, remedy};

rule! {
    /// The name of a host directory says `:443`, and there is none without the port.
    ///
    /// The name is looked up as the reference spells the host; the default port is neither added nor taken away. For
    /// `registry.example.com/app` engines look for `registry.example.com`, and for `registry.example.com:443/app` for
    /// `registry.example.com:443`. Most references leave the default port out.
    ///
    /// ## Engines
    /// For a reference without port Docker's login and its pull (28 and later) trust the system's CAs alone: `x509:
    /// certificate signed by unknown authority`. (Only nerdctl tries both spellings.)
    ///
    /// ## Example
    /// `certs.d/registry.example.com:443/ca.crt`, used with `docker pull registry.example.com/app`.
    ///
    /// ## Fix
    /// Rename the directory, or serve both spellings: `ln -s registry.example.com:443 registry.example.com`.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/service_v2.go`; containerd 2.x `core/remotes/docker/config/hosts.go`,
    /// `hostPaths`; podman#26567, docker/docs#1944, moby#10150.
    pub ExplicitHttpsPort = "CW106" "explicit-https-port", Warning
}

impl Rule for ExplicitHttpsPort {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        let is_plain =
            |host: &HostDir| host.host_name().is_some_and(|name| matches!(name.form(), NameForm::Host { .. }));
        for (host, registry) in context.registries().filter(|(host, _)| is_plain(host)) {
            let Some(bare) = registry.strip_suffix(":443") else { continue };
            // Without the port no reference may lead to it at all: CW104.
            let is_reached = HostName::parse(bare.as_ref()).reach() == Reach::Image;
            if !is_reached || context.inventory.host_at(&host.path.with_file_name(bare)).is_some() {
                continue;
            }
            report
                .host_directory(
                    host,
                    format!("the name says :443, so references to {bare} without a port do not lead here"),
                )
                .everywhere(&format!("reads it for images named with {bare}:443 alone"))
                .advice(format!("rename it to {bare}, or link that name to it where both spellings are used"))
                .fixes(remedy::rename_directory(host, bare, Applicability::Unsafe, Some(context.inventory)));
        }
    }
}
