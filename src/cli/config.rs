//! `certwright config`: the configuration file: where it lies, what it may say, and whether it is right.

use std::io::Write;

use clap::Args;

use crate::base::text::display_name;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::output;
use crate::config::settings::SETTINGS;
use crate::tui::remap::default_keys;

/// What to tell of the configuration file.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct ConfigCommand {
    /// Print a complete file with every key, what it means and its default
    #[arg(long)]
    pub print_default: bool,
    /// Print where the file lies
    #[arg(long)]
    pub path: bool,
    /// Print what is wrong with the file, line by line; exit with 1 where something is
    #[arg(long)]
    pub check: bool,
}

/// Tells what was asked for.
///
/// # Errors
/// Where there is no place for the file, or standard output cannot be written.
pub fn run(context: &Context, command: &ConfigCommand) -> Result<Exit, Failure> {
    let mut out = output::stdout();
    let path = context.config.path.as_deref().ok_or(Failure::NoConfigPath)?;
    let path_text = display_name(path);
    let mut exit = Exit::Clean;
    if command.path {
        writeln!(out, "{path_text}")?;
    } else if !context.config.exists {
        writeln!(out, "{path_text}: no such file; the defaults hold")?;
    } else if context.config.problems.is_empty() {
        writeln!(out, "{path_text}: nothing is wrong")?;
    } else {
        context.config.problems.iter().try_for_each(|problem| writeln!(out, "{problem}"))?;
        exit = Exit::Findings;
    }
    out.flush()?;
    Ok(exit)
}

/// Prints the default file.
///
/// # Errors
/// Where standard output cannot be written.
pub fn print_default() -> Result<Exit, Failure> {
    let mut out = output::stdout();
    out.write_all(default_file().as_bytes())?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// The default configuration file: every key with what it means and its default.
fn default_file() -> String {
    let mut text =
        "# The configuration of certwright: every key, with its default. All of them are optional.\n".to_owned();
    for setting in SETTINGS {
        text.push_str(&format!("\n# {}\n{} = {}\n", setting.about, setting.name, setting.default));
    }
    text.push_str(
        "\n# The keys of commands on the screen: \"x\", \"G\", \"ctrl-y\", \"page-down\"; [] for none. They hold wherever the\n\
         # command has keys; where text is typed, characters remain text. Ctrl-C always quits, Esc always goes back.\n[keys]\n",
    );
    for (name, about, keys) in default_keys() {
        text.push_str(&format!("# {about}\n{name} = {keys}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Config, Loaded};
    use crate::tui::Keymap;

    #[test]
    fn the_default_file_says_the_defaults() {
        let loaded = Loaded::parse(Path::new("config.toml"), &default_file());
        assert_eq!(loaded.problems, []);
        let (keymap, problems) = Keymap::configured(&loaded.config.keys, Path::new("config.toml"));
        assert_eq!(problems, []);
        assert_eq!(keymap, Keymap::default());
        assert_eq!(Config { keys: Config::default().keys, ..loaded.config }, Config::default());
    }
}
