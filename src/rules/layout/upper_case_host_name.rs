//! CW105

use crate::finding::Applicability;
use crate::model::{HostName, NameForm, Reach};
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext, remedy};

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

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        for (host, registry) in context.registries() {
            let lower = registry.to_ascii_lowercase();
            let target = HostName::parse(host.name.to_ascii_lowercase().as_os_str());
            let is_there = |name: &str| context.inventory.host_at(&host.path.with_file_name(name)).is_some();
            if lower == registry || is_there(target.text()) || is_there(&lower) {
                continue;
            }
            // A bare word is a registry by its upper-case letters alone. Of a name with underscores that is left which
            // every engine reads.
            let is_reached = target.reach() == Reach::Image;
            let spelling = if matches!(target.form(), NameForm::Underscored { .. }) { &lower } else { target.text() };
            let advice = if is_reached {
                format!("rename it to {spelling}")
            } else {
                "rename it to a name with a dot or a port, in lower case".to_owned()
            };
            report
                .host_directory(
                    host,
                    format!("upper-case letters in {registry}: references that say {lower} do not lead here"),
                )
                .everywhere(&format!("does not read it for {lower}"))
                .advice(advice)
                .fixes(
                    if is_reached && matches!(target.form(), NameForm::Host { .. } | NameForm::Underscored { .. }) {
                        remedy::rename_directory(host, spelling, Applicability::Unsafe, Some(context.inventory))
                    } else {
                        Vec::new()
                    },
                );
        }
    }
}
