//! CW104

use crate::base::text::shell_word;
use crate::engine::Engine;
use crate::finding::Fix;
use crate::model::{NameForm, Reach};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

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
    /// Name the directory as references spell the registry: `myregistry:443` or `myregistry.example.com`.
    ///
    /// ## Sources
    /// distribution/reference 0.6 `normalize.go`, `splitDockerDomain`; cri-o#5798, cri-o#5311.
    pub UnreachableHostName = "CW104" "unreachable-host-name", Warning
}

impl Rule for UnreachableHostName {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let Some(name) = context.host_name().filter(|name| name.reach() == Reach::LoginOnly) else { return };
        let NameForm::Host { host, .. } = name.form() else { return };
        report
            .directory(format!(
                "no image reference can name {host}: without dot or port it is a repository on Docker Hub"
            ))
            .consequence(Engine::DockerClassic, format!("reads it for docker login {host} alone"))
            .consequence(Engine::DockerC8d, "never reads it")
            .advice(format!("rename it as references spell the registry, for example {host}:443 or {host}.example.com"))
            .fix(Fix::by_hand(
                "rename it as references spell the registry",
                format!("mv {} NAME", shell_word(&context.host.path)),
            ));
    }
}
