//! CW702

use crate::engine::Engine;
use crate::model::hosts_toml::HostsFile;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A `hosts.toml` is refused and silently passed over.
    ///
    /// containerd logs `failed to decode …/hosts.toml` and goes on with the certificate files of the directory, as if there
    /// were no `hosts.toml`: mirrors, `skip_verify` and CA files that it names are gone without a word to the user.
    ///
    /// ## Engines
    /// docker-c8d (28 and later) and containerd log the error at level=error and use the files of the directory.
    ///
    /// ## Example
    /// `server = https://registry.example.com` without quotes.
    ///
    /// ## Fix
    /// Mend what the message names. Strings want quotes; `ca` is a string or a list of strings; `client` is a list of pairs.
    ///
    /// ## Sources
    /// containerd 2.2 `core/remotes/docker/config/hosts.go`, `loadHostDir`, `parseHostsFile`; containerd#10144.
    pub HostsTomlRefused = "CW702" "hosts-toml-refused", Error
}

impl Rule for HostsTomlRefused {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let Some(Err(why)) = context.host.hosts_toml.as_ref().map(HostsFile::newest) else { return };
        let Some(file) = context.host.file("hosts.toml".as_ref()) else { return };
        report
            .file(file, format!("hosts.toml is refused: {why}"))
            .consequence(Engine::DockerC8d, "logs this and uses the certificate files of the directory instead")
            .advice("mend hosts.toml");
    }
}
