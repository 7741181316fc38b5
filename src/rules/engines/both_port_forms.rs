//! CW705

use std::collections::HashMap;

use crate::engine::Engine;
use crate::finding::{Applicability, Place};
use crate::model::NameForm;
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext, remedy};

rule! {
    /// A registry has two directories, `host:port` and `host_port_`.
    ///
    /// containerd, and Docker's pulls, look for `host_port_` first and then never see `host:port`; `docker login` and Podman
    /// see only `host:port`. A certificate that is renewed in one of them stays old in the other.
    ///
    /// ## Engines
    /// docker-c8d (28 and later) and containerd read `host_port_`; docker-classic and Podman read `host:port`.
    ///
    /// ## Example
    /// `registry.example.com:5000/` and `registry.example.com_5000_/` side by side.
    ///
    /// ## Fix
    /// Keep `host:port`, which every engine reads, and set the other aside.
    ///
    /// ## Sources
    /// containerd 2.2 `core/remotes/docker/config/config_unix.go`, `hostPaths`; moby 29.7
    /// `daemon/pkg/registry/registry.go`, `loadTLSConfig`.
    pub BothPortForms = "CW705" "both-port-forms", Warning
}

impl Rule for BothPortForms {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        let mut plain = HashMap::new();
        for host in &context.inventory.hosts {
            let Some(name) = host.host_name() else { continue };
            if let (NameForm::Host { .. }, Some(registry)) = (name.form(), name.registry()) {
                plain.insert((host.path.parent().map(std::path::PathBuf::from), registry), host);
            }
        }
        for host in &context.inventory.hosts {
            let Some(name) = host.host_name() else { continue };
            let (NameForm::Underscored { .. }, Some(registry)) = (name.form(), name.registry()) else { continue };
            if !plain.contains_key(&(host.path.parent().map(std::path::PathBuf::from), registry.clone())) {
                continue;
            }
            let message = format!("{} hides {registry} from containerd and from Docker's pulls", name.text());
            report
                .at(Place::directory(&host.path), message)
                .consequence(Engine::DockerC8d, format!("reads {} and never {registry}", name.text()))
                .consequence(Engine::DockerClassic, format!("reads {registry} and never {}", name.text()))
                .advice(format!("keep {registry} and set {} aside", name.text()))
                .fix(remedy::directory_aside(host, Some(context.inventory), Applicability::Unsafe));
        }
    }
}
