//! `certwright tree`: everything at a glance.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::look::Look;
use crate::cli::{output, screen};
use crate::report;

/// The command line of `tree`.
#[derive(Args, Debug)]
pub struct TreeCommand {
    /// A certs.d directory, a host directory or a file; the default is every certs.d of this machine
    #[arg(value_name = "ROOT")]
    roots: Vec<PathBuf>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints the tree.
///
/// # Errors
/// Where there is nothing to read, or the output cannot be written.
pub fn run(context: &Context, command: &TreeCommand) -> Result<Exit, Failure> {
    screen::with_paths(context, &command.roots, |paths| print(context, paths, command.format))
}

/// Prints the tree of these paths.
///
/// # Errors
/// Where there is nothing to read, or the output cannot be written.
pub fn print(context: &Context, paths: &[PathBuf], format: Format) -> Result<Exit, Failure> {
    let look = Look::at(context, paths)?;
    let scene = look.scene(context);
    match format {
        Format::Text => output::text(context.appearance, |paper| report::tree::print(&scene, paper))?,
        Format::Json => output::json(&report::json::tree(&scene))?,
    }
    Ok(look.exit())
}
