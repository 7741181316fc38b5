//! CW709

use crate::engine::{Engine, Load};
use crate::finding::{Consequence, Severity};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// One of Docker's two loaders refuses a directory that the other accepts.
    ///
    /// From 28.0 on, `docker login` and `docker pull` judge one directory by two sets of rules. A login that works proves
    /// nothing for the pull, and the reverse.
    ///
    /// ## Engines
    /// docker-classic stops at a key without certificate, which docker-c8d does not look at; docker-c8d stops at a `.crt`
    /// without a certificate that Go takes, which docker-classic passes over.
    ///
    /// ## Example
    /// `ca.crt` in DER: login works, pull says `unable to load CA cert "…"`.
    ///
    /// ## Fix
    /// Mend what the refusing loader names; the other findings of the directory tell how.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`, and `daemon/hosts.go`, `RegistryHosts`; moby
    /// `8b4cb6f58c` (28.0).
    pub EnginesDisagree = "CW709" "engines-disagree", Info
}

impl Rule for EnginesDisagree {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let (Some(login), Some(pull)) = (context.load(Engine::DockerClassic), context.load(Engine::DockerC8d)) else {
            return;
        };
        let (refusing, words) = match (login.error(), pull.error()) {
            (Some(error), None) => (login, ("docker login", "docker pull with the containerd store", &error.verbatim)),
            (None, Some(error)) => (pull, ("docker pull with the containerd store", "docker login", &error.verbatim)),
            _ => return,
        };
        if words.2.is_empty() {
            return;
        }
        report
            .directory(format!("{} refuses this directory, {} accepts it", words.0, words.1))
            .severity(Severity::Info)
            .consequences([verbatim(refusing, words.2)])
            .advice("mend what the refusing loader names");
    }
}

fn verbatim(load: &Load, text: &str) -> Consequence {
    Consequence { engine: load.engine, text: text.to_owned(), verbatim: true }
}
