//! What an error text means, in JSON.

use std::path::Path;

use serde::Serialize;

use crate::report::json::{FindingJson, Schema, path_text};
use crate::why::{Candidate, Diagnosis, Standing, Verdict};

/// What `why` tells.
#[derive(Clone, Debug, Serialize)]
pub struct WhyJson {
    schema: Schema,
    /// The text is known
    pub known: bool,
    /// What it is; null where it is not known
    pub diagnosis: Option<DiagnosisJson>,
}

/// What an error text means.
#[derive(Clone, Debug, Serialize)]
pub struct DiagnosisJson {
    /// The identity of what the text means ("unknown-authority")
    pub id: &'static str,
    /// What it is
    pub title: &'static str,
    /// What it means
    pub meaning: &'static str,
    /// The innermost error, without wrappers
    pub verbatim: String,
    /// The registry; null where the text names none
    pub registry: Option<String>,
    /// The server that was talked to; null where the text names none
    pub server: Option<String>,
    /// The engine that speaks so; null where its words do not tell
    pub engine: Option<&'static str>,
    /// The directory that was looked at
    pub directory: Option<String>,
    /// The engines that give exactly this text for the directory, and where they stop
    pub replays: Vec<ReplayJson>,
    /// What may lie behind it, the likeliest first
    pub causes: Vec<CauseJson>,
}

/// An engine that gives exactly this text.
#[derive(Clone, Debug, Serialize)]
pub struct ReplayJson {
    /// The engine, with its version where the newest speaks otherwise
    pub engine: String,
    /// Where it stops
    pub path: String,
}

/// What may lie behind an error text.
#[derive(Clone, Debug, Serialize)]
pub struct CauseJson {
    /// What is the matter
    pub title: &'static str,
    /// "confirmed", "open" or "unseen"
    pub standing: &'static str,
    /// The rules that speak about it
    pub codes: &'static [&'static str],
    /// What mends it
    pub fix: &'static str,
    /// The findings that confirm it
    pub findings: Vec<FindingJson>,
}

/// What `why` tells of a text that is not known.
pub fn unknown_text() -> WhyJson {
    WhyJson { schema: Schema, known: false, diagnosis: None }
}

/// What `why` tells.
pub fn why(diagnosis: &Diagnosis, verdict: &Verdict<'_>, place: Option<&Path>) -> WhyJson {
    let replay =
        |replay: &crate::why::Replay| ReplayJson { engine: replay.judge.to_string(), path: path_text(&replay.path) };
    let diagnosis = DiagnosisJson {
        id: diagnosis.symptom.id,
        title: diagnosis.symptom.title,
        meaning: diagnosis.symptom.meaning,
        verbatim: diagnosis.verbatim.clone(),
        registry: diagnosis.registry.clone(),
        server: diagnosis.server.clone(),
        engine: diagnosis.engine.map(crate::engine::Engine::name),
        directory: place.map(path_text),
        replays: verdict.replays.iter().map(replay).collect(),
        causes: verdict.causes.iter().map(CauseJson::new).collect(),
    };
    WhyJson { schema: Schema, known: true, diagnosis: Some(diagnosis) }
}

impl CauseJson {
    fn new(candidate: &Candidate<'_>) -> Self {
        Self {
            title: candidate.cause.title,
            standing: match candidate.standing {
                Standing::Confirmed => "confirmed",
                Standing::Open => "open",
                Standing::Unseen => "unseen",
            },
            codes: candidate.cause.codes,
            fix: candidate.cause.fix,
            findings: candidate.findings.iter().map(|finding| FindingJson::new(finding)).collect(),
        }
    }
}
