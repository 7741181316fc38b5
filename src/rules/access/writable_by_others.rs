//! CW604

use std::path::PathBuf;

use crate::base::text::shell_word;
use crate::finding::{Applicability, Change, Fix};
use crate::model::{FileKind, Role};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// Everybody on this host can change what engines trust.
    ///
    /// In a directory that everybody can write to anybody can add a CA, and with it read and forge what goes between
    /// this host and the registry, images included; so too in a CA file that everybody can write to. A sticky bit keeps
    /// others from replacing files, not from adding some.
    ///
    /// ## Engines
    /// Docker's login and its pull (28 and later) load such files without a word: no engine looks at modes or owners.
    ///
    /// ## Example
    /// `drwxrwxrwx registry.example.com:5000`, after `chmod -R 777 /etc/docker/certs.d`.
    ///
    /// ## Fix
    /// `chmod o-w` for the directory and its files.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; distribution#2295.
    pub WritableByOthers = "CW604" "writable-by-others", Warning
}

const WRITE: u32 = 0o002;
const PASS: u32 = 0o001;
const STICKY: u32 = 0o1000;

impl Rule for WritableByOthers {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let host = context.host;
        let is_directory = context.host_name().is_some() || !host.files.is_empty();
        let mode = host.stamp.map(|stamp| stamp.mode).unwrap_or_default();
        if is_directory && mode & WRITE != 0 {
            let what = if mode & STICKY != 0 { "add files" } else { "add and replace files" };
            report
                .directory(format!("everybody can {what} in this directory: mode {mode:04o}"))
                .everywhere("trusts what it finds")
                .advice(format!("chmod o-w {}", shell_word(&host.path)))
                .fix(closed(host.path.clone(), mode, &host.name.to_string_lossy()));
        }
        for (_, file) in context.files().filter(|(_, file)| file.kind == FileKind::Regular) {
            let mode = file.stamp.map(|stamp| stamp.mode).unwrap_or_default();
            // An open key is CW602.
            let holds_key = file.parsed().is_some_and(|parsed| parsed.private_keys().next().is_some());
            // To the target of a link other ways may lead than through the host directory.
            let is_reachable = file.link.is_some() || host.stamp.is_none_or(|stamp| stamp.mode & PASS != 0);
            if mode & WRITE == 0 || !is_reachable || file.role() == Role::Unused || holds_key {
                continue;
            }
            let name = file.name.to_string_lossy();
            report
                .file(file, format!("everybody can change this file: mode {mode:04o}"))
                .everywhere("trusts what it finds")
                .advice(format!("chmod o-w {}", shell_word(&file.name)))
                .fixes(file.link.is_none().then(|| closed(host.path.join(&file.name), mode, &name)));
        }
    }
}

fn closed(path: PathBuf, mode: u32, name: &str) -> Fix {
    let change = Change::SetMode { path, mode: mode & !WRITE };
    Fix::new(format!("let not everybody change {name}"), Applicability::Safe, vec![change])
}
