//! CW105

use crate::model::{HostName, Reach};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// The name of a host directory has upper-case letters.
    ///
    /// Engines compare the name with the reference letter by letter; DNS does not care. The directory is read for
    /// references that spell the host with the same upper-case letters, and for no others.
    ///
    /// ## Engines
    /// For `registry.example.com/app` Docker's login and its pull (28 and later) do not find `Registry.example.com` and
    /// trust the system's CAs alone: `x509: certificate signed by unknown authority`.
    ///
    /// ## Example
    /// `certs.d/Registry.example.com:5000/ca.crt`.
    ///
    /// ## Fix
    /// Rename the directory in lower case.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/service_v2.go`; containerd 2.x `core/remotes/docker/config/hosts.go`,
    /// `hostPaths`.
    pub UpperCaseHostName = "CW105" "upper-case-host-name", Warning
}

impl Rule for UpperCaseHostName {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let Some(registry) = context.host_name().and_then(|name| name.registry()) else { return };
        if !registry.contains(|letter: char| letter.is_ascii_uppercase()) {
            return;
        }
        let lower = registry.to_ascii_lowercase();
        let target = HostName::parse(context.host.name.to_ascii_lowercase().as_os_str());
        // A bare word is a registry by its upper-case letters alone.
        let advice = match target.reach() {
            Reach::Image => format!("rename it to {}", target.text()),
            _ => "rename it to a name with a dot or a port, in lower case".to_owned(),
        };
        report
            .directory(format!("upper-case letters in {registry}: references that say {lower} do not lead here"))
            .everywhere(&format!("does not read it for {lower}"))
            .advice(advice);
    }
}
