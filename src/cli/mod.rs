//! The command line: what it says, what it asks for, and how the answer leaves. One subcommand a file; what they print is
//! made in [`crate::report`].

mod apply;
mod args;
mod check;
mod config;
mod context;
mod error;
mod explain;
mod export;
mod fix;
mod generate;
mod import;
mod input;
mod log;
mod look;
mod mending;
mod new;
mod new_files;
mod output;
mod renew;
mod rules;
mod screen;
mod setting_up;
mod settings;
mod show;
mod subject;
mod tree;
mod undo;
mod why;

pub use args::{Arguments, parse};
pub use error::{Exit, Failure};

use args::Command;
use context::Context;

/// Runs what the command line asks for.
///
/// # Errors
/// What keeps it from giving an answer.
pub fn run(arguments: Arguments) -> Result<Exit, Failure> {
    if let Some(Command::Generate(command)) = &arguments.command {
        return generate::run(command);
    }
    if matches!(&arguments.command, Some(Command::Config(command)) if command.print_default) {
        return config::print_default();
    }
    let context = Context::new(&arguments.common)?;
    let is_told_otherwise = match &arguments.command {
        None => output::is_interactive(),
        Some(command) => matches!(command, Command::Config(_)),
    };
    if !is_told_otherwise {
        context.config.problems.iter().for_each(|problem| output::note(&problem.to_string()));
    }
    if context.demo && arguments.command.as_ref().is_some_and(Command::looks_at_the_machine) {
        return Err(Failure::NotWithDemo);
    }
    match &arguments.command {
        None => screen::run(&context, &arguments.roots),
        Some(Command::Tree(command)) => tree::run(&context, command),
        Some(Command::Show(command)) => show::run(&context, command),
        Some(Command::Explain(command)) => explain::run(&context, command),
        Some(Command::Export(command)) => export::run(&context, command),
        Some(Command::Import(command)) => import::run(&context, command),
        Some(Command::Check(command)) => check::run(&context, command),
        Some(Command::Fix(command)) => fix::run(&context, command),
        Some(Command::New(command)) => new::run(&context, command),
        Some(Command::Renew(command)) => renew::run(&context, command),
        Some(Command::Apply(command)) => apply::run(&context, command),
        Some(Command::Log(command)) => log::run(&context, command),
        Some(Command::Undo(command)) => undo::undo(&context, command),
        Some(Command::Redo(command)) => undo::redo(&context, command),
        Some(Command::Why(command)) => why::run(&context, command),
        Some(Command::Rules(command)) => rules::run(&context, command),
        Some(Command::Config(command)) => config::run(&context, command),
        Some(Command::Generate(command)) => generate::run(command),
    }
}
