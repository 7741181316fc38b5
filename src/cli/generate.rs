//! `certwright generate`: the man page and shell completions, made from the definition of the command line.

use std::io::Write;

use clap::{CommandFactory, Subcommand};
use clap_complete::Shell;

use crate::cli::args::Arguments;
use crate::cli::error::{Exit, Failure};
use crate::cli::output;

/// What to generate.
#[derive(Debug, Subcommand)]
pub enum GenerateCommand {
    /// The man page, in roff
    Man,
    /// Completions for a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// Prints what was asked for.
///
/// # Errors
/// Where the output cannot be written.
pub fn run(command: &GenerateCommand) -> Result<Exit, Failure> {
    let mut definition = Arguments::command();
    let mut text = Vec::new();
    match command {
        GenerateCommand::Man => man(definition, &mut text)?,
        GenerateCommand::Completions { shell } => {
            clap_complete::generate(*shell, &mut definition, "certwright", &mut text);
        }
    }
    let mut out = output::stdout();
    out.write_all(&text)?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// One page for the command and its subcommands.
fn man(mut definition: clap::Command, text: &mut Vec<u8>) -> std::io::Result<()> {
    definition.build();
    let page = clap_mangen::Man::new(definition.clone());
    page.render_title(text)?;
    page.render_name_section(text)?;
    page.render_synopsis_section(text)?;
    page.render_description_section(text)?;
    page.render_options_section(text)?;
    for subcommand in definition.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let page = clap_mangen::Man::new(subcommand.clone());
        writeln!(text, ".SH \"CERTWRIGHT {}\"", subcommand.get_name().to_uppercase())?;
        writeln!(text, "{}", subcommand.get_about().map(ToString::to_string).unwrap_or_default())?;
        page.render_synopsis_section(text)?;
        page.render_options_section(text)?;
    }
    page.render_extra_section(text)?;
    page.render_version_section(text)
}
