//! CW711

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use crate::engine::Engine;
use crate::finding::{Place, Severity};
use crate::model::{HostDir, HostState, NameForm, RootKind};
use crate::pki::Certificate;
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext};

rule! {
    /// A registry has directories under several roots of Podman, which reads only the first.
    ///
    /// Podman looks in `~/.config/containers/certs.d`, `/etc/containers/certs.d` and `/etc/docker/certs.d`, and takes the
    /// first that has a directory of the registry's name. It adds nothing from the others, even where that one is empty.
    ///
    /// ## Engines
    /// Podman, Buildah, Skopeo and CRI-O read the first directory alone; Docker reads its own whatever the others hold.
    ///
    /// ## Example
    /// An empty `/etc/containers/certs.d/registry.example.com/` before `/etc/docker/certs.d/registry.example.com/ca.crt`:
    /// Podman says `x509: certificate signed by unknown authority`, Docker pulls.
    ///
    /// ## Fix
    /// Copy what is missing into the first directory, or remove that.
    ///
    /// ## Sources
    /// containers/image 5.36 `docker/docker_client.go`, `dockerCertDir`.
    pub ShadowedDirectory = "CW711" "shadowed-directory", Warning
}

/// Podman's roots, the first that has the directory being taken.
const ORDER: [RootKind; 3] = [RootKind::PodmanUser, RootKind::PodmanSystem, RootKind::Docker];

impl Rule for ShadowedDirectory {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        let mut winners: HashMap<&OsStr, &HostDir> = HashMap::new();
        for root in ORDER.iter().flat_map(|kind| context.inventory.roots.iter().filter(move |root| root.kind == *kind))
        {
            for host in context.inventory.hosts.iter().filter(|host| host.path.parent() == Some(&root.path)) {
                if !is_taken(host) {
                    continue;
                }
                match winners.get(host.name.as_os_str()) {
                    Some(winner) => warn(winner, host, &root.path, report),
                    None => {
                        winners.insert(&host.name, host);
                    }
                }
            }
        }
    }
}

/// Tells whether Podman settles on a directory, as it does on all that are there; a link to nothing is not.
fn is_taken(host: &HostDir) -> bool {
    let is_registry = host.host_name().is_some_and(|name| matches!(name.form(), NameForm::Host { .. }));
    let is_there = matches!(host.state, HostState::Listed | HostState::Unreadable(_)) && !host.is_link_loop();
    is_registry && is_there
}

fn warn(winner: &HostDir, shadowed: &HostDir, root: &Path, report: &mut Report<'_>) {
    if is_same(winner, shadowed) {
        return;
    }
    let root = root.display();
    let (ours, theirs) = (used_by_podman(winner), used_by_podman(shadowed));
    let lacking = theirs.iter().filter(|certificate| !ours.contains(certificate)).count();
    let is_empty = winner.state == HostState::Listed && winner.files.is_empty();
    let (severity, fact) = match (is_empty, lacking) {
        (true, 1..) => (Severity::Warning, "and is empty"),
        (false, 1..) => (Severity::Warning, "and lacks certificates that are there"),
        _ => (Severity::Info, "and lacks nothing that is there"),
    };
    let advice = match lacking {
        0 => "keep one of the two directories, or remember to renew both".to_owned(),
        _ => format!("copy what is missing from {}, or remove this directory", shadowed.path.display()),
    };
    report
        .at(
            Place::directory(&winner.path),
            format!("hides the directory of the same name in {root} from Podman {fact}"),
        )
        .severity(severity)
        .consequence(Engine::ContainersImage, format!("reads this directory and never the one in {root}"))
        .advice(advice);
}

/// Tells whether two paths lead to one directory.
fn is_same(one: &HostDir, other: &HostDir) -> bool {
    let identity = |host: &HostDir| host.stamp.map(|stamp| (stamp.device, stamp.inode));
    identity(one).is_some() && identity(one) == identity(other)
}

/// The fingerprints of the CAs and client certificates that Podman takes from a directory, and of what it would take if it
/// did not stop at an error.
fn used_by_podman(host: &HostDir) -> Vec<[u8; 32]> {
    let load = Engine::ContainersImage.load(host);
    let Some(material) = load.material() else {
        let parsed = host.files.iter().filter_map(|file| file.parsed());
        return parsed.flat_map(|parsed| parsed.certificates()).map(fingerprint).collect();
    };
    let anchors = material.anchors.iter().map(|anchor| fingerprint(&anchor.certificate));
    anchors.chain(material.pairs.iter().filter_map(|pair| pair.leaf().map(fingerprint))).collect()
}

fn fingerprint(certificate: &Arc<Certificate>) -> [u8; 32] {
    *certificate.sha256()
}
