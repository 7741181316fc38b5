//! CW716

use std::path::Path;

use crate::base::text::display_name;
use crate::engine::Engine;
use crate::finding::{Place, Severity};
use crate::model::RootKind;
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext};

rule! {
    /// containerd has certificate directories that its `config_path` does not lead to.
    ///
    /// The CRI plugin, which pulls for Kubernetes, reads only what `config_path` names. It is empty by default before 2.2, and
    /// counts only in the section of the configuration's own version. From 2.1 on, the transfer service, which pulls by
    /// default, takes a list with colons for one directory, and finds nothing. `ctr --hosts-dir` works all the while.
    ///
    /// ## Engines
    /// containerd before 2.2 reads no directory by default, from 2.2 on `/etc/containerd/certs.d:/etc/docker/certs.d`; Docker
    /// never reads containerd's.
    ///
    /// ## Example
    /// `/etc/containerd/certs.d/registry.example.com/ca.crt` and a `config.toml` without `config_path`.
    ///
    /// ## Fix
    /// Set `config_path = "/etc/containerd/certs.d"` under `[plugins."io.containerd.cri.v1.images".registry]` (version 3), or
    /// `[plugins."io.containerd.grpc.v1.cri".registry]` (version 2), and restart containerd.
    ///
    /// ## Sources
    /// containerd 2.2 `internal/cri/config/config_unix.go`; containerd#9136, #12415, #12808, #13246.
    pub UnsetConfigPath = "CW716" "unset-config-path", Warning
}

const CONFIG: &str = "/etc/containerd/config.toml";

impl Rule for UnsetConfigPath {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        let installed = context.installed;
        let is_unknown = installed.problems.iter().any(|problem| problem.path == Path::new(CONFIG));
        // A rootless one is nerdctl's, which has roots of its own.
        let is_rootless = installed.rootless_containerd.is_some();
        if installed.evidence(Engine::Containerd).is_none() || is_unknown || is_rootless {
            return;
        }
        let named: Vec<_> = installed.containerd_roots.iter().map(|root| installed.on_disk(root)).collect();
        let all = installed.containerd_roots.iter().map(display_name).collect::<Vec<_>>().join(":");
        for root in context.inventory.roots.iter().filter(|root| root.kind == RootKind::Containerd) {
            if context.hosts_of(RootKind::Containerd).next().is_none() || named.contains(&root.path) {
                continue;
            }
            let (severity, message) = match named.is_empty() {
                true => (
                    Severity::Info,
                    "containerd before 2.2 does not read this root, since config_path is not set".into(),
                ),
                false => (Severity::Warning, format!("containerd does not read this root, since config_path is {all}")),
            };
            report
                .at(Place::directory(&root.path), message)
                .severity(severity)
                .consequence(Engine::Containerd, "reads it for ctr --hosts-dir, not for Kubernetes")
                .advice("set config_path in containerd's config.toml to this root and restart containerd");
        }
        let has_directories = |kind| context.hosts_of(kind).next().is_some();
        if named.len() > 1 && (has_directories(RootKind::Containerd) || has_directories(RootKind::Docker)) {
            report
                .at(
                    Place::file(&installed.on_disk(CONFIG.as_ref())),
                    format!("containerd from 2.1 on takes config_path {all} for one directory, and finds nothing"),
                )
                .consequence(Engine::Containerd, "splits the list only in local pulls (use_local_image_pull)")
                .advice("name one directory in config_path, or set use_local_image_pull");
        }
    }
}
