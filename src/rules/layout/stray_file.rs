//! CW111

use std::path::Path;

use crate::finding::Severity;
use crate::model::{HostState, NameForm, Placement, Reach};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A file lies directly in `certs.d`, where directories named after registry hosts belong.
    ///
    /// A certificate there is for no registry, and none trusts it. A file with the name of a host is worse: the engines
    /// take it for the host's directory and stop. Notes (`README.md`) do no harm.
    ///
    /// ## Engines
    /// For a host of that name Docker's login stops with `open PATH: not a directory`, its pull (28 and later) with
    /// `open PATH/hosts.toml: not a directory`. Other files they pass over.
    ///
    /// ## Example
    /// `/etc/docker/certs.d/ca.crt`.
    ///
    /// ## Fix
    /// `mkdir registry.example.com:5000 && mv ca.crt registry.example.com:5000/`.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containerd 2.x
    /// `core/remotes/docker/config/hosts.go`, `HostDirFromRoot`; moby#33432.
    pub StrayFile = "CW111" "stray-file", Error
}

impl Rule for StrayFile {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let HostState::NotDirectory(kind) = context.host.state else { return };
        if context.host.placement != Placement::UnderRoot {
            return;
        }
        let name = context.host.name.to_string_lossy();
        match Meant::of(&name, context) {
            Meant::Certificate => {
                report
                    .directory(format!("{name} lies directly in certs.d, so it is for no registry"))
                    .everywhere("does not read it")
                    .advice("move it into a directory named after the registry (host:port)");
            }
            Meant::Host => {
                report
                    .directory(format!("a {} where the directory of {name} belongs", kind.word()))
                    .consequences(context.fatal_for_directory())
                    .advice(format!("move {name} away and make a directory of that name"));
            }
            Meant::Neither => {
                report.directory(format!("{name} is no directory, so no engine looks at it")).severity(Severity::Info);
            }
        }
    }
}

enum Meant {
    Certificate,
    Host,
    Neither,
}

impl Meant {
    fn of(name: &str, context: &HostContext<'_>) -> Self {
        const CERTIFICATES: [&str; 9] = ["crt", "cert", "key", "pem", "cer", "der", "p12", "pfx", "p7b"];
        const NOTES: [&str; 18] = [
            "md", "txt", "rst", "sh", "py", "conf", "cfg", "cnf", "toml", "json", "yaml", "yml", "tar", "gz", "tgz",
            "zip", "bak", "log",
        ];
        let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
        let extension = extension.unwrap_or_default().to_ascii_lowercase();
        if CERTIFICATES.contains(&extension.as_str()) {
            return Self::Certificate;
        }
        let is_host = context
            .host
            .host_name()
            .is_some_and(|name| name.reach() == Reach::Image && !matches!(name.form(), NameForm::Malformed(_)));
        if is_host && !NOTES.contains(&extension.as_str()) { Self::Host } else { Self::Neither }
    }
}
