//! CW715

use crate::finding::Place;
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext};

rule! {
    /// An engine's configuration cannot be read or understood.
    ///
    /// `daemon.json`, containerd's `config.toml`, `buildkitd.toml` and `registries.conf` decide which directories count, and
    /// for which registries. Where one of them cannot be read, what is said of mirrors, insecure registries and roots may be
    /// wrong; where it is broken, its engine does not start. For an ordinary user those of rootless engines count as well,
    /// such as `~/.config/docker/daemon.json`.
    ///
    /// ## Engines
    /// dockerd, containerd and buildkitd stop at a file that they cannot parse; Podman stops at a broken `registries.conf`.
    ///
    /// ## Example
    /// `daemon.json` with a comma after its last entry.
    ///
    /// ## Fix
    /// Mend the file (`dockerd --validate` tells where it is broken), or run certwright as a user who may read it.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/config/config.go`, `getConflictFreeConfiguration`; containerd 2.2 `cmd/containerd/server/config`.
    pub BrokenConfiguration = "CW715" "broken-configuration", Warning
}

impl Rule for BrokenConfiguration {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        for problem in &context.installed.problems {
            let path = context.installed.on_disk(&problem.path);
            let name = problem.path.file_name().unwrap_or_default().to_string_lossy();
            report
                .at(Place::file(&path), format!("{name} cannot be read or understood: {}", problem.reason))
                .advice("mend the file, or run certwright as a user who may read it");
        }
    }
}
