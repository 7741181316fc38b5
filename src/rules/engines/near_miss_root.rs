//! CW712

use crate::finding::Place;
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext};

rule! {
    /// A directory is laid out like a `certs.d`, but its name is mistyped.
    ///
    /// The roots are fixed, but for containerd's `config_path`. A directory beside them is not looked at, and no engine says
    /// so. Only directories count that hold one named after a registry host, and that no configuration names.
    ///
    /// ## Engines
    /// No engine reads it: `x509: certificate signed by unknown authority`.
    ///
    /// ## Example
    /// `/etc/docker/cert.d/registry.example.com:5000/ca.crt`; `/etc/certs.d/registry.example.com:5000/ca.crt`.
    ///
    /// ## Fix
    /// Move the host directories to the root that was meant, such as `/etc/docker/certs.d`.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/config_unix.go`, `CertsDir`; moby#33432, openshift/origin#21461, k3s#1148.
    pub NearMissRoot = "CW712" "near-miss-root", Error
}

impl Rule for NearMissRoot {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        for miss in &context.installed.near_misses {
            let path = context.installed.on_disk(&miss.path);
            let meant = context.installed.on_disk(&miss.meant);
            let hosts = match miss.hosts {
                1 => "1 host directory".to_owned(),
                number => format!("{number} host directories"),
            };
            report
                .at(Place::directory(&path), format!("no engine reads this directory, which holds {hosts}"))
                .everywhere("never looks here")
                .advice(format!("move what it holds to {}", meant.display()));
        }
    }
}
