//! `certwright rules`: what is looked for, and the page of each rule.

use std::io::Write;

use clap::{Args, ValueEnum};

use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::output;
use crate::finding::Selector;
use crate::report;
use crate::rules::{Meta, registry};

/// The command line of `rules`.
#[derive(Args, Debug)]
pub struct RulesCommand {
    /// The code or the name of a rule (CW101, ca-named-cert), of which the page is printed
    #[arg(value_name = "CODE")]
    code: Option<String>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: RulesFormat,
}

/// The form of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RulesFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// The table as the README shows it
    Markdown,
}

/// Prints the rules.
///
/// # Errors
/// Where there is no such rule, or the output cannot be written.
pub fn run(context: &Context, command: &RulesCommand) -> Result<Exit, Failure> {
    let all = registry::all().map(|rule| rule.meta());
    let chosen: Vec<&'static Meta> = match &command.code {
        None => all.collect(),
        Some(code) => {
            let selector = Selector::new(code);
            let chosen: Vec<_> = all.filter(|meta| selector.matches(meta.code)).collect();
            if chosen.is_empty() {
                return Err(Failure::UnknownRule(code.clone()));
            }
            chosen
        }
    };
    match (command.format, chosen.as_slice()) {
        (RulesFormat::Json, chosen) => output::json(&report::json::rules(chosen))?,
        (RulesFormat::Markdown, chosen) => {
            let mut out = output::stdout();
            out.write_all(report::rules::markdown(chosen).as_bytes())?;
            out.flush()?;
        }
        (RulesFormat::Text, [one]) if command.code.is_some() => {
            output::text(context.appearance, |paper| report::page::print(one, paper))?;
        }
        (RulesFormat::Text, chosen) => {
            output::text(context.appearance, |paper| report::rules::print(chosen, paper))?;
        }
    }
    Ok(Exit::Clean)
}
