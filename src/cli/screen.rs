//! `certwright` alone: the screen where there is a terminal, the tree as text where there is none.

use std::path::PathBuf;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::tree;

/// Opens the screen.
///
/// # Errors
/// Where there is nothing to read, or the terminal fails.
pub fn run(context: &Context, roots: &[PathBuf]) -> Result<Exit, Failure> {
    with_paths(context, roots, |paths| tree::print(context, paths, Format::Text))
}

/// Runs `work` on the paths of the command line, or on a sample tree that lasts as long as it does.
///
/// # Errors
/// What `work` gives.
pub fn with_paths(
    context: &Context,
    paths: &[PathBuf],
    work: impl FnOnce(&[PathBuf]) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    if context.demo && !paths.is_empty() {
        return Err(Failure::PathWithDemo);
    }
    work(paths)
}
