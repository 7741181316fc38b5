//! CW110

use crate::model::{FileKind, Role};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A directory has the name of a file that engines read.
    ///
    /// A container start with `-v /path/ca.crt:…` makes a *directory* `ca.crt` where the file is missing; an unpacked
    /// archive or a folder for old certificates does it too. Nothing inside is read.
    ///
    /// ## Engines
    /// Docker's login stops: `read PATH/ca.crt: is a directory`. Its pull (28 and later) passes over a directory, and
    /// stops at a link to one.
    ///
    /// ## Example
    /// `registry.example.com:5000/ca.crt/`.
    ///
    /// ## Fix
    /// Remove the directory, and put the file in its place.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containerd 2.x
    /// `core/remotes/docker/config/hosts.go`, `loadCertFiles`; distribution#1652.
    pub DirectoryNamedAsFile = "CW110" "directory-named-as-file", Error
}

impl Rule for DirectoryNamedAsFile {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, file) in context.files() {
            let meant = match file.role() {
                Role::CaBundle => "CA certificates belong",
                Role::ClientCertificate => "a client certificate belongs",
                Role::ClientKey => "a private key belongs",
                Role::HostsToml => "hosts.toml belongs",
                Role::Unused => continue,
            };
            if file.kind != FileKind::Directory {
                continue;
            }
            let what = if file.link.is_some() { "a link to a directory" } else { "a directory" };
            let name = file.name.to_string_lossy();
            report
                .file(file, format!("{what} where {meant}"))
                .consequences(context.unused_at(index))
                .advice(format!("move {name} to a name without that ending, and put the file in its place"))
                .fix(remedy::aside_with_partner(context, file));
        }
    }
}
