//! CW703

use crate::engine::{Engine, LoadErrorKind};
use crate::model::hosts_toml::HostsFile;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A `hosts.toml` names a file that cannot be used.
    ///
    /// What `ca` and `client` name must be there and hold what is expected, or every pull through this directory stops,
    /// mirrors that need no certificate included. Relative names are relative to the directory of the `hosts.toml`.
    ///
    /// ## Engines
    /// docker-c8d (28 and later) and containerd stop with `unable to read CA cert "…": open …: no such file or directory`,
    /// `unable to load CA cert "…"`, `unable to read CERT file "…": …` or `failed to load X509 key pair: …`.
    ///
    /// ## Example
    /// `ca = "/etc/ssl/company.pem"`, which is not on this host.
    ///
    /// ## Fix
    /// Put the file there, or name the one that is meant.
    ///
    /// ## Sources
    /// containerd 2.2 `core/remotes/docker/config/hosts.go`, `tlsConfigFromHost`, `makeAbsPath`; talos#14021, containerd#10144.
    pub HostsTomlMissingFile = "CW703" "hosts-toml-missing-file", Error
}

impl Rule for HostsTomlMissingFile {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let Some(_) = context.host.hosts_toml.as_ref().and_then(HostsFile::accepted) else { return };
        let Some(file) = context.host.file("hosts.toml".as_ref()) else { return };
        let Some(error) = context.load(Engine::DockerC8d).and_then(|load| load.error()) else { return };
        if error.kind == LoadErrorKind::Hang || error.verbatim.is_empty() {
            return;
        }
        let named = error.file.and_then(|index| context.host.entry(index));
        let name = named.map_or_else(|| "nothing".into(), |named| named.name.to_string_lossy());
        let consequence =
            crate::finding::Consequence { engine: Engine::DockerC8d, text: error.verbatim.clone(), verbatim: true };
        report
            .file(file, format!("hosts.toml names {name}, which cannot be used"))
            .consequences([consequence])
            .advice(format!("put {name} in place, or name another file in hosts.toml"));
    }
}
