//! `certwright explain`: what each engine does for a registry.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::base::errno::Errno;
use crate::base::text::display_name;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::output;
use crate::cli::subject::Subject;
use crate::engine::installed::Installed;
use crate::engine::{Engine, Judge};
use crate::report;
use crate::scan;
use crate::session::{self, explain::Question};

/// The command line of `explain`.
#[derive(Args, Debug)]
pub struct ExplainCommand {
    /// A registry host (registry.example.com:5000), an image reference (registry.example.com:5000/app:1) or the path of a
    /// host directory (/etc/docker/certs.d/registry.example.com:5000)
    #[arg(value_name = "TARGET")]
    target: OsString,
    /// Make CERTS_D the one root of every engine
    #[arg(long, value_name = "CERTS_D")]
    root: Option<PathBuf>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints what each engine does.
///
/// # Errors
/// Where an engine's name means none, or the output cannot be written.
pub fn run(context: &Context, command: &ExplainCommand) -> Result<Exit, Failure> {
    let subject = Subject::of(&command.target);
    if subject.directory.is_none() && !subject.is_registry() {
        return Err(Failure::NoRegistry(command.target.to_string_lossy().into_owned()));
    }
    if let Some(root) = command.root.as_deref()
        && let Err(error) = root.metadata()
    {
        // A case like any other for the engines, but seldom what was meant.
        output::note(&format!("{}: {}", display_name(root), Errno::from(&error)));
    }
    let Subject { registry, image, directory } = subject;
    let question = Question { registry, image, directory, root: command.root.clone() };
    let installed = Installed::detect(&scan::read_configuration(&context.environment));
    let judges = match context.judges.as_slice() {
        [] => Engine::ALL.map(Judge::newest).to_vec(),
        chosen => chosen.to_vec(),
    };
    let mut explanations = session::explain::explain(&question, &judges, &context.environment, &installed);
    let target = command.target.to_string_lossy();
    match command.format {
        Format::Text => {
            // What is installed here comes first; nothing is known of what is not.
            explanations.sort_by_key(|explanation| explanation.evidence.is_none());
            output::text(context.appearance, |paper| {
                report::explain::print(&target, &explanations, &installed, paper)
            })?;
        }
        Format::Json => output::json(&report::json::explain(&target, &explanations, &installed))?,
    }
    Ok(Exit::Clean)
}
