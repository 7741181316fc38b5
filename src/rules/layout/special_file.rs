//! CW113

use crate::finding::Applicability;
use crate::finding::Severity;
use crate::model::{FileKind, Role};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A FIFO, a socket or a device has the name of a file that engines read.
    ///
    /// Engines look at the name alone and open it. A FIFO is opened only once somebody writes to it: the daemon's
    /// request waits for ever, and so does whoever asked.
    ///
    /// ## Engines
    /// At a FIFO Docker's login and its pull (28 and later) wait for ever, without an error; and since Docker's own loader
    /// holds a lock meanwhile, every later login and pull waits with it, whatever the registry (seen with 20.10.24). At a
    /// socket they stop: `open PATH: no such device or address`. A device they read until it ends.
    ///
    /// ## Example
    /// `prw-r--r-- client.key`, left by a program that hands secrets over through a FIFO.
    ///
    /// ## Fix
    /// Move it away.
    ///
    /// ## Sources
    /// Go 1.26 `src/os/file.go`, `ReadFile`; moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containerd
    /// 2.x `core/remotes/docker/config/hosts.go`, `ConfigureHosts`.
    pub SpecialFile = "CW113" "special-file", Error
}

impl Rule for SpecialFile {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, file) in context.files() {
            let is_special = matches!(file.kind, FileKind::Fifo | FileKind::Socket | FileKind::Device);
            // What was read, is `/dev/null`, of which CW202 speaks.
            if !is_special || file.parsed().is_some() {
                continue;
            }
            let word = file.kind.word();
            let (message, severity) = match (file.role(), file.kind) {
                (Role::Unused, _) => (format!("a {word}, which no engine reads"), Severity::Info),
                (_, FileKind::Fifo) => ("a FIFO: an engine that opens it waits for ever".to_owned(), Severity::Error),
                (_, FileKind::Socket) => ("a socket, which no engine can open".to_owned(), Severity::Error),
                _ => (format!("a {word}, not read here"), Severity::Warning),
            };
            let draft = report.file(file, message).severity(severity).consequences(context.unused_at(index));
            if severity != Severity::Info {
                let fix = remedy::aside_fix(context.host, file, Applicability::Unsafe);
                draft.advice(format!("move {} away", file.name.to_string_lossy())).fix(fix);
            }
        }
    }
}
