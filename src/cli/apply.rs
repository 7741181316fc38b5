//! `certwright apply`: carries out a plan that `fix --save-plan` has kept, after looking at every expectation again.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use clap::Args;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::mending::{self, Passphrases};
use crate::fix::plan_file::{self, MAX_PLAN_SIZE};
use crate::fix::{Plan, apply};

/// The command line of `apply`.
#[derive(Args, Debug)]
pub struct ApplyCommand {
    /// The plan that fix --save-plan has written
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Carries out the plan.
///
/// # Errors
/// Where the file is no plan, something is not as it was, or a change fails: then nothing is changed.
pub fn run(context: &Context, command: &ApplyCommand) -> Result<Exit, Failure> {
    let plan = read(command)?;
    let done = mending::carry_out(context, command.format, &Passphrases::default(), |journal, run| {
        apply::apply(journal, &plan, run)
    })?;
    Ok(mending::exit(&done))
}

fn read(command: &ApplyCommand) -> Result<Plan, Failure> {
    let path = || command.file.clone();
    let mut text = String::new();
    let file = File::open(&command.file).map_err(|error| Failure::File(path(), error))?;
    file.take(MAX_PLAN_SIZE).read_to_string(&mut text).map_err(|error| Failure::File(path(), error))?;
    plan_file::read(&text).map_err(|error| Failure::Plan(path(), error))
}
