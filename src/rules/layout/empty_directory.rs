//! CW109

use crate::engine::Engine;
use crate::model::{HostState, NameForm};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A host directory has nothing in it.
    ///
    /// It changes nothing by itself, and it counts as found: an engine that would go on to another directory stops
    /// here.
    ///
    /// ## Engines
    /// Docker's login trusts the system's CAs, as without a directory. Docker's pull (28 and later) does too, and no
    /// longer looks at `_default`.
    ///
    /// ## Example
    /// `certs.d/registry.example.com:5000/`, made by hand before the certificate arrived.
    ///
    /// ## Fix
    /// Put the CA certificate there as `ca.crt`, or remove the directory.
    ///
    /// ## Sources
    /// containerd 2.x `core/remotes/docker/config/hosts.go`, `HostDirFromRoot` (a plain `stat`); moby 29.7
    /// `daemon/pkg/registry/registry.go`, `loadTLSConfig`.
    pub EmptyDirectory = "CW109" "empty-directory", Info
}

impl Rule for EmptyDirectory {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        // A name that no engine looks for is CW107.
        let is_malformed = context.host_name().is_some_and(|name| matches!(name.form(), NameForm::Malformed(_)));
        if context.host.state != HostState::Listed || !context.host.files.is_empty() || is_malformed {
            return;
        }
        report
            .directory("the directory is empty")
            .consequence(Engine::DockerClassic, "trusts the system's CAs alone")
            .consequence(Engine::DockerC8d, "trusts the system's CAs alone, and does not look at _default")
            .advice("put the CA certificate there as ca.crt, or remove the directory");
    }
}
