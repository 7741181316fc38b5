//! CW701

use crate::engine::Engine;
use crate::model::Role;
use crate::model::hosts_toml::HostsFile;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A `hosts.toml` makes containerd, and Docker's pulls, pass over certificate files beside it.
    ///
    /// Wherever a `hosts.toml` can be parsed, it alone decides, even if it holds nothing but a comment: `*.crt`, `*.cert`
    /// and `*.key` files of the directory count only where it names them. `docker login`, Podman and BuildKit do not read
    /// `hosts.toml` and go on using the files, so that login works and pull says "unknown authority".
    ///
    /// ## Engines
    /// docker-c8d (28 and later) and containerd trust only the system's roots and what `ca` names; docker-classic, Podman
    /// and BuildKit use the files.
    ///
    /// ## Example
    /// `registry.example.com/hosts.toml` says `server = "https://registry.example.com"`, and `ca.crt` lies beside it.
    ///
    /// ## Fix
    /// Name them: `ca = "ca.crt"` and `client = [["client.cert", "client.key"]]`, above the first `[host."…"]` header for
    /// the registry itself, or below one for a mirror; or set `hosts.toml` aside if nothing else is in it.
    ///
    /// ## Sources
    /// containerd 2.2 `core/remotes/docker/config/hosts.go`, `loadHostDir`; containerd#7118, k3s#9983.
    pub HostsTomlHidesFiles = "CW701" "hosts-toml-hides-files", Warning
}

impl Rule for HostsTomlHidesFiles {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let accepted = context.host.hosts_toml.as_ref().and_then(HostsFile::accepted);
        let (Some(_), Some(load)) = (accepted, context.load(Engine::DockerC8d)) else { return };
        let is_hidden =
            |index: usize| load.step(index).is_some_and(|step| step.outcome == crate::engine::StepOutcome::Ignored);
        let hidden: Vec<_> = context
            .files()
            .filter(|(index, file)| {
                matches!(file.role(), Role::CaBundle | Role::ClientCertificate) && is_hidden(*index)
            })
            .map(|(_, file)| file.name.to_string_lossy().into_owned())
            .collect();
        let (Some(first), Some(toml)) = (hidden.first(), context.host.file("hosts.toml".as_ref())) else { return };
        let ca = context
            .files()
            .find(|(_, file)| hidden.iter().any(|name| *file.name == **name) && file.role() == Role::CaBundle);
        let advice = match ca {
            Some((_, file)) => format!("add ca = \"{}\" to hosts.toml", file.name.to_string_lossy()),
            None => format!("name {first} and its key in hosts.toml under client"),
        };
        report
            .file(toml, format!("hosts.toml hides {} from containerd and from Docker's pulls", hidden.join(", ")))
            .consequence(Engine::DockerC8d, "does not read files that hosts.toml does not name")
            .consequence(Engine::DockerClassic, "reads them all the same, for login")
            .advice(advice);
    }
}
