//! What one engine does for one registry host: whom it talks to, the directory that it takes for each, and the load.

use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::load::{Load, LoadErrorKind, TlsMaterial};
use crate::engine::select::Endpoint;
use crate::engine::version::Judge;
use crate::model::HostDir;

/// What one engine does for one registry host.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The engine, and the version that is meant.
    pub judge: Judge,
    /// What tells that it is installed on this host; `None` where nothing does.
    pub evidence: Option<String>,
    /// One for each server that it tries; none where it refuses the host's name.
    pub attempts: Vec<Attempt>,
    /// What it says of a host's name that it does not take.
    pub refusal: Option<String>,
}

/// One server that an engine tries.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The server.
    pub endpoint: Endpoint,
    /// The directories that it looks for, in order.
    pub candidates: Vec<PathBuf>,
    /// The one that it takes; `None` where it reads none.
    pub directory: Option<PathBuf>,
    /// Those behind it that are there as well, and are not read.
    pub shadowed: Vec<PathBuf>,
    /// What lies in the directory.
    pub host: Arc<HostDir>,
    /// What it does with that.
    pub load: Load,
}

/// A server with what an engine connects to it with.
#[derive(Clone, Copy, Debug)]
pub struct Contact<'a> {
    /// Its URL
    pub url: &'a str,
    /// The server's certificate is checked
    pub verify: bool,
    /// Plain HTTP is tried where HTTPS fails
    pub http_fallback: bool,
    /// The attempt that leads to it
    pub attempt: &'a Attempt,
    /// The certificates
    pub material: &'a TlsMaterial,
}

impl Explanation {
    /// "ok", "error", "hang" or "unknown", as in JSON: the first attempt that fails decides, before any network traffic.
    pub fn outcome(&self) -> &'static str {
        let failed = self.attempts.iter().find(|attempt| !attempt.load.is_ok());
        match (&self.refusal, failed) {
            (Some(_), _) => "error",
            (None, Some(attempt)) => attempt.load.outcome(),
            (None, None) => "ok",
        }
    }

    /// The engine's error, byte for byte; `None` where it does not stop, or stops without a word.
    pub fn error(&self) -> Option<&str> {
        if let Some(refusal) = &self.refusal {
            return Some(refusal);
        }
        let error = self.attempts.iter().find_map(|attempt| attempt.load.error())?;
        let is_mute = matches!(error.kind, LoadErrorKind::Hang | LoadErrorKind::Unknown);
        (!is_mute).then_some(error.verbatim.as_str())
    }

    /// The servers that it connects to, in order; none where it stops before.
    pub fn contacts(&self) -> Vec<Contact<'_>> {
        if self.outcome() != "ok" {
            return Vec::new();
        }
        self.attempts.iter().flat_map(Attempt::contacts).collect()
    }

    /// The attempts with different directories, each once: steps are worth showing once.
    pub fn readings(&self) -> Vec<&Attempt> {
        let mut readings: Vec<&Attempt> = Vec::new();
        for attempt in &self.attempts {
            if !readings
                .iter()
                .any(|known| known.directory == attempt.directory && known.candidates == attempt.candidates)
            {
                readings.push(attempt);
            }
        }
        readings
    }
}

impl Attempt {
    /// The servers that it leads to. A URL out of `hosts.toml` takes the place of the registry's, and is verified unless it
    /// says otherwise; what the engine's own configuration says holds for the registry itself and for mirrors out of it.
    fn contacts(&self) -> impl Iterator<Item = Contact<'_>> {
        let connections = self.load.connections();
        connections.iter().map(move |connection| {
            let elsewhere = connection.url.as_deref().filter(|_| !self.endpoint.is_mirror);
            let is_endpoint = elsewhere.is_none_or(|url| connections.len() == 1 && url == self.endpoint.url);
            Contact {
                url: elsewhere.unwrap_or(&self.endpoint.url),
                verify: connection.verify.unwrap_or(true) && (!is_endpoint || self.endpoint.verify),
                http_fallback: connection.http_fallback || (is_endpoint && self.endpoint.http_fallback),
                attempt: self,
                material: &connection.material,
            }
        })
    }
}
