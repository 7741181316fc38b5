//! `certwright generate`: the man page and shell completions, made from the definition of the command line.

use std::io::Write;

use clap::{CommandFactory, Subcommand};
use clap_complete::Shell;

use crate::cli::args::{Arguments, closing};
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
        GenerateCommand::Man => man(&definition, &mut text)?,
        GenerateCommand::Completions { shell } => {
            clap_complete::generate(*shell, &mut definition, "certwright", &mut text);
        }
    }
    let mut out = output::stdout();
    out.write_all(&text)?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// One page for the command and its subcommands, each with its own options.
fn man(definition: &clap::Command, text: &mut Vec<u8>) -> std::io::Result<()> {
    let page = clap_mangen::Man::new(definition.clone());
    page.render_title(text)?;
    page.render_name_section(text)?;
    page.render_synopsis_section(text)?;
    page.render_description_section(text)?;
    page.render_options_section(text)?;
    writeln!(text, ".SH SUBCOMMANDS")?;
    // Not built, so that the options of the whole command are not told again.
    for subcommand in definition.get_subcommands() {
        writeln!(text, ".SS \"certwright {}\"", subcommand.get_name())?;
        writeln!(text, "{}", subcommand.get_about().map(ToString::to_string).unwrap_or_default())?;
        for inner in subcommand.get_subcommands() {
            let about = inner.get_about().map(ToString::to_string).unwrap_or_default();
            entry(text, &format!("certwright {} {}", subcommand.get_name(), inner.get_name()), &about)?;
        }
        let mut options = Vec::new();
        clap_mangen::Man::new(subcommand.clone()).render_options_section(&mut options)?;
        let options = String::from_utf8_lossy(&options);
        write!(text, "{}", options.replace(".SH OPTIONS\n", ""))?;
    }
    for (heading, entries) in closing() {
        writeln!(text, ".SH \"{}\"", heading.to_uppercase())?;
        entries.iter().try_for_each(|(name, about)| entry(text, name, about))?;
    }
    page.render_version_section(text)
}

fn entry(text: &mut Vec<u8>, name: &str, about: &str) -> std::io::Result<()> {
    let escape = |text: &str| text.replace('\\', "\\\\").replace('-', "\\-");
    writeln!(text, ".TP\n\\fB{}\\fR\n{}", escape(name), escape(about))
}
