//! `certwright undo` and `certwright redo`: take an operation back, or do again what was taken back.

use clap::Args;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::mending::{self, Passphrases};
use crate::fix::{OperationId, undo};

/// The command line of `undo`.
#[derive(Args, Debug)]
pub struct UndoCommand {
    /// The number of the operation, as log tells it; the default is the last one that stands
    #[arg(value_name = "ID")]
    id: Option<u64>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The command line of `redo`.
#[derive(Args, Debug)]
pub struct RedoCommand {
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Takes an operation back.
///
/// # Errors
/// Where there is none, something was changed since, or a change fails: then nothing is changed.
pub fn undo(context: &Context, command: &UndoCommand) -> Result<Exit, Failure> {
    let id = command.id.map(OperationId);
    let done = mending::carry_out(context, command.format, &Passphrases::default(), |journal, run| {
        undo::undo(journal, id, run)
    })
    .map_err(mending::take_back)?;
    Ok(mending::exit(&done))
}

/// Does again what was taken back last.
///
/// # Errors
/// Where there is nothing to do again, something was changed since, or a change fails: then nothing is changed.
pub fn redo(context: &Context, command: &RedoCommand) -> Result<Exit, Failure> {
    let done =
        mending::carry_out(context, command.format, &Passphrases::default(), undo::redo).map_err(mending::take_back)?;
    Ok(mending::exit(&done))
}
