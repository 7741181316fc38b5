//! CW104

use std::collections::BTreeSet;

use crate::base::text::shell_word;
use crate::engine::Engine;
use crate::finding::{Applicability, Fix};
use crate::model::{NameForm, Reach};
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext, remedy};

rule! {
    /// No image reference can name the registry host that a directory is called after.
    ///
    /// The first part of a reference is a registry only where it has a dot, a port or an upper-case letter, or is
    /// `localhost`. `myregistry/app` is the repository `myregistry/app` on Docker Hub; nothing leads to a directory
    /// `myregistry`.
    ///
    /// ## Engines
    /// `docker login myregistry` reads the directory. No pull does, by either of Docker's loaders: it goes to Docker
    /// Hub and fails with `pull access denied`.
    ///
    /// ## Example
    /// `certs.d/myregistry/ca.crt`.
    ///
    /// ## Fix
    /// Name the directory as references spell the registry: `myregistry:443` or `myregistry.example.com`. Where `docker login
    /// myregistry` is used as well, let both be there.
    ///
    /// ## Sources
    /// distribution/reference 0.6 `normalize.go`, `splitDockerDomain`; cri-o#5798, cri-o#5311.
    pub UnreachableHostName = "CW104" "unreachable-host-name", Warning
}

impl Rule for UnreachableHostName {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        for (host, _) in context.registries() {
            let Some(name) = host.host_name().filter(|name| name.reach() == Reach::LoginOnly) else { continue };
            let NameForm::Host { host: bare, .. } = name.form() else { continue };
            // Where the same registry has the name that references can hold, this one is for docker login.
            if context.inventory.host_at(&host.path.with_file_name(format!("{bare}:443"))).is_some() {
                continue;
            }
            let message =
                format!("no image reference can name {bare}: without dot or port it is a repository on Docker Hub");
            let advice =
                format!("rename it as references spell the registry, for example {bare}:443 or {bare}.example.com");
            let by_hand = format!("mv {} NAME", shell_word(&host.path));
            report
                .host_directory(host, message)
                .consequence(Engine::DockerClassic, format!("reads it for docker login {bare} alone"))
                .consequence(Engine::DockerC8d, "never reads it")
                .advice(advice)
                .fixes(names(context, bare).iter().flat_map(|name| {
                    remedy::rename_directory(host, name, Applicability::Unsafe, Some(context.inventory))
                }))
                .fix(Fix::by_hand("rename it to another name, as references spell the registry", by_hand));
        }
    }
}

/// The names that references can hold and that may be meant: those under which the registry has another directory, else
/// the one with the default port.
fn names(context: &TreeContext<'_>, bare: &str) -> BTreeSet<String> {
    let with_port = context.inventory.hosts.iter().filter_map(|host| match host.host_name()?.form() {
        NameForm::Host { host: other, port: Some(port) } if other == bare => Some(format!("{bare}:{port}")),
        _ => None,
    });
    let known: BTreeSet<String> = with_port.collect();
    if known.is_empty() { BTreeSet::from([format!("{bare}:443")]) } else { known }
}
