//! CW718

use std::path::Path;

use crate::engine::Engine;
use crate::finding::Place;
use crate::model::RootKind;
use crate::model::host_config::SNAP;
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext};

rule! {
    /// Docker is a snap, and there are certificates in `/etc/docker/certs.d`, which it does not see.
    ///
    /// A snap is confined: of the host's files it sees its own. Directories in `/etc/docker/certs.d` do not exist for it, so
    /// that every private registry is signed by an unknown authority. Symbolic links out of the snap lead nowhere in it.
    ///
    /// ## Engines
    /// Docker as a snap reads `/var/snap/docker/current/etc/docker/certs.d`; Podman and containerd read `/etc/docker/certs.d`
    /// all the same.
    ///
    /// ## Example
    /// `/etc/docker/certs.d/registry.example.com/ca.crt` where Docker was installed by `snap install docker`.
    ///
    /// ## Fix
    /// Copy the directories to `/var/snap/docker/current/etc/docker/certs.d`, files and not links.
    ///
    /// ## Sources
    /// canonical/docker-snap#51, docker-snap#42, docker-snap#6; minikube#3083.
    pub SnapRoot = "CW718" "snap-root", Error
}

impl Rule for SnapRoot {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        if !context.installed.snap_docker || context.hosts_of(RootKind::Docker).next().is_none() {
            return;
        }
        let meant = Path::new(SNAP).join("etc/docker/certs.d");
        for root in context.inventory.roots.iter().filter(|root| root.kind == RootKind::Docker) {
            report
                .at(Place::directory(&root.path), "Docker is a snap here, and does not see this directory")
                .consequence(Engine::DockerClassic, format!("reads {} instead", meant.display()))
                .consequence(Engine::DockerC8d, format!("reads {} instead", meant.display()))
                .advice(format!(
                    "copy what it holds to {}, files and not links",
                    context.installed.on_disk(&meant).display()
                ));
        }
    }
}
