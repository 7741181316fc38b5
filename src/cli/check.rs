//! `certwright check`: what is wrong, for people and for scripts.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{Format, SeverityName};
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::look::Look;
use crate::cli::{output, screen};
use crate::finding::Severity;
use crate::report;

/// The command line of `check`.
#[derive(Args, Debug)]
pub struct CheckCommand {
    /// A certs.d directory, a host directory or a file; the default is every certs.d of this machine
    #[arg(value_name = "ROOT")]
    roots: Vec<PathBuf>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Exit with 1 where there is a finding of this severity or worse
    #[arg(long, value_name = "SEVERITY", value_enum, default_value = "warning")]
    fail_on: SeverityName,
}

/// Prints the findings.
///
/// # Errors
/// Where there is nothing to read, or the output cannot be written.
pub fn run(context: &Context, command: &CheckCommand) -> Result<Exit, Failure> {
    screen::with_paths(context, &command.roots, |paths| {
        let look = Look::at(context, paths)?;
        let scene = look.scene(context);
        match command.format {
            Format::Text => output::text(context.appearance, |paper| report::findings::print(&scene, paper))?,
            Format::Json => output::json(&report::json::check(&scene))?,
        }
        let threshold = Severity::from(command.fail_on);
        let fails = look.findings.iter().any(|finding| finding.severity >= threshold);
        Ok(match look.exit() {
            Exit::Clean if fails => Exit::Findings,
            other => other,
        })
    })
}
