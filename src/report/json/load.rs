//! What engines do with host directories, in JSON.

use std::path::PathBuf;

use serde::Serialize;

use crate::engine::explanation::{Attempt, Contact, Explanation};
use crate::engine::installed::Installed;
use crate::engine::{Anchor, ClientPair, Roots};
use crate::model::HostDir;
use crate::report::json::{Schema, hex, path_text};
use crate::report::notes::notes;

/// What `explain` tells.
#[derive(Clone, Debug, Serialize)]
pub struct ExplainJson {
    schema: Schema,
    /// The target, as given
    pub target: String,
    /// What each engine does
    pub engines: Vec<EngineJson>,
    /// Where the system's roots come from
    pub system_roots: Vec<String>,
    /// Where engines disagree, and where their documentation says what their code does not do
    pub notes: Vec<String>,
}

/// What one engine does.
#[derive(Clone, Debug, Serialize)]
pub struct EngineJson {
    /// Its name
    pub engine: &'static str,
    /// The version that is meant; null for the newest
    pub version: Option<String>,
    /// What tells that it is installed on this host; null where it is not found
    pub found: Option<String>,
    /// "ok", "error", "hang" or "unknown"
    pub outcome: &'static str,
    /// Its error, byte for byte, paths as given
    pub error: Option<String>,
    /// Where it looks for certificates, once for each place
    pub reads: Vec<ReadJson>,
    /// What it connects to, in order; none where it stops before
    pub endpoints: Vec<EndpointJson>,
    /// What it does with each file, in order
    pub steps: Vec<StepJson>,
    /// What it writes to its log meanwhile, byte for byte
    pub log: Vec<String>,
}

/// Where an engine looks.
#[derive(Clone, Debug, Serialize)]
pub struct ReadJson {
    /// The directory that it takes; null where it takes none
    pub directory: Option<String>,
    /// Those that it looks for, in order
    pub tried: Vec<String>,
    /// Those that are there as well, and are not read
    pub shadowed: Vec<String>,
}

/// What an engine connects to.
#[derive(Clone, Debug, Serialize)]
pub struct EndpointJson {
    /// Its URL
    pub url: String,
    /// The directory that was read; null where none was
    pub directory: Option<String>,
    /// The server's certificate is checked
    pub verify: bool,
    /// Plain HTTP is tried where HTTPS fails
    pub http_fallback: bool,
    /// "system" or "system+dir"
    pub roots: &'static str,
    /// The certificates that are trusted beside the system's, in order
    pub trust_anchors: Vec<AnchorJson>,
    /// The client certificates, in order
    pub client_pairs: Vec<PairJson>,
}

/// A certificate that is trusted.
#[derive(Clone, Debug, Serialize)]
pub struct AnchorJson {
    /// Name of its file
    pub file: String,
    /// The subject's common name, "" where it has none
    pub common_name: String,
    /// SHA-256 of its DER
    pub sha256: String,
}

/// A client certificate.
#[derive(Clone, Debug, Serialize)]
pub struct PairJson {
    /// Name of the certificate's file
    pub cert: String,
    /// Name of the key's file
    pub key: String,
    /// The subject's common name, "" where it has none
    pub common_name: String,
    /// How many certificates are sent
    pub chain_length: usize,
}

/// What an engine does with a file.
#[derive(Clone, Debug, Serialize)]
pub struct StepJson {
    /// Name of the file; null for the directory itself
    pub file: Option<String>,
    /// "loaded", "useless", "ignored", "fatal", "hang", "not-reached" or "unknown"
    pub outcome: &'static str,
    /// What it does and why
    pub text: String,
}

/// What `explain` tells.
pub fn explain(target: &str, explanations: &[Explanation], installed: &Installed) -> ExplainJson {
    ExplainJson {
        schema: Schema,
        target: target.to_owned(),
        engines: explanations.iter().map(EngineJson::new).collect(),
        system_roots: installed.system_roots.iter().map(|path| path_text(path)).collect(),
        notes: notes(explanations, installed),
    }
}

impl EngineJson {
    fn new(explanation: &Explanation) -> Self {
        let steps = explanation.readings().into_iter().flat_map(|attempt| {
            attempt.load.steps.iter().map(|step| StepJson {
                file: step.file.map(|index| file_name(&attempt.host, index)),
                outcome: step.outcome.word(),
                text: step.text.clone(),
            })
        });
        let log = explanation.readings().into_iter().flat_map(|attempt| attempt.load.log.clone());
        Self {
            engine: explanation.judge.engine.name(),
            version: explanation.judge.version.map(|version| version.to_string()),
            found: explanation.evidence.clone(),
            outcome: explanation.outcome(),
            error: explanation.error().map(str::to_owned),
            reads: explanation.readings().into_iter().map(ReadJson::new).collect(),
            endpoints: explanation.contacts().iter().map(EndpointJson::new).collect(),
            steps: steps.collect(),
            log: log.collect(),
        }
    }
}

impl ReadJson {
    fn new(attempt: &Attempt) -> Self {
        let texts = |paths: &[PathBuf]| paths.iter().map(|path| path_text(path)).collect();
        Self {
            directory: attempt.directory.as_ref().map(|path| path_text(path)),
            tried: texts(&attempt.candidates),
            shadowed: texts(&attempt.shadowed),
        }
    }
}

impl EndpointJson {
    fn new(contact: &Contact<'_>) -> Self {
        let host = &contact.attempt.host;
        let material = contact.material;
        let anchor = |anchor: &Anchor| AnchorJson {
            file: file_name(host, anchor.file),
            common_name: anchor.certificate.subject().common_name().unwrap_or_default().into_owned(),
            sha256: hex(anchor.certificate.sha256()),
        };
        let pair = |pair: &ClientPair| PairJson {
            cert: file_name(host, pair.certificate_file),
            key: file_name(host, pair.key_file),
            common_name: pair.leaf().and_then(|leaf| leaf.subject().common_name()).unwrap_or_default().into_owned(),
            chain_length: pair.chain.len(),
        };
        Self {
            url: contact.url.to_owned(),
            directory: contact.attempt.directory.as_ref().map(|path| path_text(path)),
            verify: contact.verify,
            http_fallback: contact.http_fallback,
            roots: match material.roots {
                Roots::System => "system",
                Roots::SystemAndDirectory => "system+dir",
            },
            trust_anchors: material.anchors.iter().map(anchor).collect(),
            client_pairs: material.pairs.iter().map(pair).collect(),
        }
    }
}

fn file_name(host: &HostDir, index: usize) -> String {
    host.entry(index).map(|file| file.name.to_string_lossy().into_owned()).unwrap_or_default()
}
