//! CW112

use crate::finding::{Applicability, Severity};
use crate::model::{File, FileKind, HostState, Role};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A symbolic link leads to nothing, or in a circle.
    ///
    /// The file that it points to was removed, was never copied along (certbot's `live/` without `archive/`), or
    /// belongs to a package that is not installed (`redhat-ca.crt` to `/etc/rhsm/ca/redhat-uep.pem`).
    ///
    /// ## Engines
    /// At a dangling `.crt` Docker's login stops with `open PATH: no such file or directory`, its pull (28 and later)
    /// with `unable to read CA cert "PATH": open PATH: no such file or directory`. At a `.cert` or its `.key` they stop
    /// as well. A dangling *host directory* counts as none: no error, and nothing of it is trusted.
    ///
    /// ## Example
    /// `registry.access.redhat.com/redhat-ca.crt -> /etc/rhsm/ca/redhat-uep.pem`.
    ///
    /// ## Fix
    /// Bring the file back, point the link to where it is, or remove the link.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containerd 2.x
    /// `core/remotes/docker/config/hosts.go`, `ConfigureHosts`; kubernetes#65734, minishift#2194, distribution#1652.
    pub DanglingLink = "CW112" "dangling-link", Error
}

impl Rule for DanglingLink {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        directory(context, report);
        for (index, file) in context.files() {
            let Some(what) = what(file) else { continue };
            let name = file.name.to_string_lossy();
            let advice = match file.kind {
                FileKind::LinkLoop => format!("point the link {name} to the file that is meant"),
                _ => format!("bring the file back, or remove the link {name}"),
            };
            let severity = match file.role() {
                Role::CaBundle | Role::ClientCertificate | Role::ClientKey => Severity::Error,
                Role::HostsToml => Severity::Warning,
                Role::Unused => Severity::Info,
            };
            let fix = remedy::aside_with_partner(context, file);
            let draft = report.file(file, what).severity(severity);
            draft.consequences(context.unused_at(index)).advice(advice).fixes((!file.is_leftover()).then_some(fix));
        }
    }
}

/// What is wrong with a link, and where it leads.
fn what(file: &File) -> Option<String> {
    let target = file.link.as_ref().map(|link| link.target.display().to_string()).unwrap_or_default();
    match file.kind {
        FileKind::Dangling => Some(format!("link to {target}, which is not there")),
        FileKind::LinkLoop => Some(format!("link to {target}, which leads in a circle")),
        _ => None,
    }
}

fn directory(context: &HostContext<'_>, report: &mut Report<'_>) {
    let host = context.host;
    let Some(link) = &host.link else { return };
    let target = link.target.display();
    if host.state == HostState::Missing {
        report
            .directory(format!("link to {target}, which is not there"))
            .everywhere("sees no directory of this name")
            .advice("bring the directory back, or point the link to where it is")
            .fix(remedy::directory_aside(host, None, Applicability::Safe));
    } else if host.is_link_loop() {
        report
            .directory(format!("link to {target}, which leads in a circle"))
            .consequences(context.fatal_for_directory())
            .advice("point the link to the directory that is meant")
            .fix(remedy::directory_aside(host, None, Applicability::Safe));
    }
}
