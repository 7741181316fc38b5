//! `certwright log`: what was changed here, the latest first.

use clap::Args;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::output;
use crate::fix::journal;
use crate::report;

/// The command line of `log`.
#[derive(Args, Debug)]
pub struct LogCommand {
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints the history.
///
/// # Errors
/// Where the journal cannot be read.
pub fn run(context: &Context, command: &LogCommand) -> Result<Exit, Failure> {
    let directory = context.state_directory.as_deref().ok_or(Failure::NoState)?;
    let history = journal::history(directory)?;
    match command.format {
        Format::Text => output::text(context.appearance, |paper| report::operation::history(&history, paper))?,
        Format::Json => output::json(&report::json::history(&history))?,
    }
    Ok(Exit::Clean)
}
