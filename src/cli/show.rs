//! `certwright show`: files in full.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::look::Look;
use crate::cli::output;
use crate::report;

/// The command line of `show`.
#[derive(Args, Debug)]
pub struct ShowCommand {
    /// A file, or a directory of which every file is meant
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints everything about the files.
///
/// # Errors
/// Where there is nothing to read, or the output cannot be written.
pub fn run(context: &Context, command: &ShowCommand) -> Result<Exit, Failure> {
    let look = Look::at(context, &command.files)?;
    let scene = look.scene(context);
    if scene.all_files().next().is_none() {
        output::note("there is no file to show");
    }
    match command.format {
        Format::Text => output::text(context.appearance, |paper| report::card::print(&scene, paper))?,
        Format::Json => output::json(&report::json::show(&scene))?,
    }
    Ok(look.exit())
}
