//! CW114

use std::ffi::OsStr;

use crate::finding::{Applicability, Change, Fix, Severity};
use crate::model::{File, HostDir, HostName, Inventory, NameForm, Reach, Role, Unread};
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext, remedy};

rule! {
    /// Certificates lie in a directory inside of a host directory.
    ///
    /// Engines read the files of the host directory itself and go no deeper. Such directories come of a scheme or a path in the
    /// name: `mkdir -p certs.d/https://registry.example.com`, `mkdir -p certs.d/registry.example.com/project`; references name
    /// the host alone.
    ///
    /// Beside files that engines read it may be there on purpose, and is worth knowing at most.
    ///
    /// ## Engines
    /// Docker's login and its pull (28 and later) pass over the directory. The connection then fails with `x509: certificate
    /// signed by unknown authority`.
    ///
    /// ## Example
    /// `certs.d/https:/registry.example.com/ca.crt`.
    ///
    /// ## Fix
    /// Move it to where it is read: `mv https:/registry.example.com .`
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containerd 2.x
    /// `core/remotes/docker/config/hosts.go`, `loadCertFiles`; moby#10150.
    pub NestedDirectory = "CW114" "nested-directory", Error
}

impl Rule for NestedDirectory {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        for host in context.inventory.hosts.iter().filter(|host| !host.is_set_aside()) {
            for file in host.files.iter().filter(|file| file.unread() == Some(Unread::Nested)) {
                // A directory in the place of a file is CW110.
                if file.role() != Role::Unused || file.is_leftover() || host.host_name().is_none() {
                    continue;
                }
                let (name, directory) = (file.name.to_string_lossy(), host.name.to_string_lossy());
                let is_alone = host.files.iter().all(|other| other.role() == Role::Unused);
                let advice = if is_moved_up(host, &file.name) {
                    format!("move {name} out of {directory}")
                } else {
                    format!("move what is in {name} into {directory} itself")
                };
                report
                    .at(context.place_of(host, file), format!("certificates lie in {name}, inside of {directory}"))
                    .severity(if is_alone { Severity::Error } else { Severity::Info })
                    .everywhere("does not look into it")
                    .advice(advice)
                    .fixes(fix(host, file, context.inventory));
            }
        }
    }
}

/// Tells whether the directory is the one that is meant: its name is a registry's, and that which it is in is none.
fn is_moved_up(host: &HostDir, name: &OsStr) -> bool {
    let is_registry = |name: HostName| name.reach() == Reach::Image && matches!(name.form(), NameForm::Host { .. });
    is_registry(HostName::parse(name)) && !host.host_name().is_some_and(is_registry)
}

/// The directory that is meant under its own name, or in the place of the one that it is in, where that holds nothing else.
fn fix(host: &HostDir, file: &File, inventory: &Inventory) -> Option<Fix> {
    let (name, directory) = (file.name.to_str()?, host.name.to_str()?);
    if file.link.is_some() || host.link.is_some() {
        return None;
    }
    if is_moved_up(host, &file.name) {
        let to = host.path.with_file_name(name);
        let change = Change::Rename { from: host.path.join(name), to: to.clone() };
        let is_free = inventory.host_at(&to).is_none();
        return is_free.then(|| Fix::new(format!("move {name} out of {directory}"), Applicability::Safe, vec![change]));
    }
    if host.files.len() > 1 {
        return None;
    }
    let aside = remedy::directory_aside(host, Some(inventory), Applicability::Safe);
    let from = aside.changes.first()?.target().join(name);
    let changes = aside.changes.into_iter().chain([Change::Rename { from, to: host.path.clone() }]).collect();
    Some(Fix::new(format!("put {name} in the place of {directory}"), Applicability::Safe, changes))
}
