//! CW202

use crate::model::{FileKind, Role};
use crate::pki::Format;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A file that engines read is empty.
    ///
    /// It has no bytes, or only blanks; a link to `/dev/null` reads the same. A download that failed, a full disk, or a
    /// configuration tool with an unset variable leave such files.
    ///
    /// An empty CA file is not the same as none: some engines stop at it, and nothing works with this registry.
    ///
    /// ## Engines
    /// Of an empty `.crt` Docker's login takes nothing and says nothing; its pull (28 and later) stops with `unable to
    /// load CA cert "PATH"`, even where another `.crt` is good. An empty `.cert` or `.key` stops both: `tls: failed to
    /// find any PEM data in certificate input`, or `in key input`.
    ///
    /// ## Example
    /// `ca.crt` has 0 bytes.
    ///
    /// ## Fix
    /// Put the certificate there, or remove the file.
    ///
    /// ## Sources
    /// containerd 2.x `core/remotes/docker/config/hosts.go`, `ConfigureHosts`; moby 29.7
    /// `daemon/pkg/registry/registry.go`, `loadTLSConfig`; Go 1.26 `src/crypto/tls/tls.go`, `X509KeyPair`; pumba#93.
    pub EmptyFile = "CW202" "empty-file", Error
}

impl Rule for EmptyFile {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, file) in context.files() {
            let is_empty = file.parsed().is_some_and(|parsed| parsed.format == Format::Empty);
            let meant = match file.role() {
                Role::CaBundle => "CA certificates",
                Role::ClientCertificate => "a client certificate",
                Role::ClientKey => "a private key",
                Role::HostsToml | Role::Unused => continue,
            };
            if !is_empty {
                continue;
            }
            let message = match (file.kind, &file.link) {
                (FileKind::Device, Some(link)) => format!("a link to {} instead of {meant}", link.target.display()),
                _ => format!("an empty file instead of {meant}"),
            };
            let name = file.name.to_string_lossy();
            report
                .file(file, message)
                .consequences(context.unused_at(index))
                .advice(format!("put {meant} into {name}, or remove it"))
                .fix(remedy::aside_with_partner(context, file));
        }
    }
}
