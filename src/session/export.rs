//! What is exported of a registry: what the first engine loads that finds a directory for it and does not stop there.

use crate::create::export::{ExportError, Source};
use crate::engine::Judge;
use crate::engine::installed::Installed;
use crate::model::HostState;
use crate::scan::Environment;
use crate::session::explain::{self, Question};

/// What is loaded for `registry`, which is what it is called in the export.
///
/// # Errors
/// Where no engine finds a directory, or all of them stop.
pub fn source(
    question: &Question,
    registry: &str,
    judges: &[Judge],
    environment: &Environment,
    installed: &Installed,
) -> Result<Source, ExportError> {
    let mut refusal = None;
    for explanation in explain::explain(question, judges, environment, installed) {
        // The registry itself comes last, mirrors before it.
        let Some(attempt) = explanation.attempts.last() else { continue };
        if attempt.host.state == HostState::Missing {
            continue;
        }
        match Source::of(registry.to_owned(), &attempt.host, explanation.judge, &attempt.load) {
            Ok(source) => return Ok(Source { machine: environment.prefix.clone(), ..source }),
            // What the engine says that stops tells more than that another finds nothing.
            Err(error @ ExportError::Stops { .. }) => refusal = refusal.or(Some(error)),
            Err(error) => refusal = Some(refusal.unwrap_or(error)),
        }
    }
    Err(refusal.unwrap_or_else(|| ExportError::NoDirectory { registry: registry.to_owned() }))
}
