//! `certwright` alone: the screen where there is a terminal, the tree as text where there is none.

use std::fs::DirBuilder;
use std::path::PathBuf;

use crate::cli::args::Format;
use crate::cli::context::{self, Context};
use crate::cli::error::{Exit, Failure};
use crate::cli::{look, output, tree};
use crate::config::problem::Problem;
use crate::sample;
use crate::scan::Target;
use crate::tui::action::Said;
use crate::tui::{self, Glyphs};

/// Opens the screen.
///
/// # Errors
/// Where there is nothing to read, or the terminal fails.
pub fn run(context: &Context, roots: &[PathBuf]) -> Result<Exit, Failure> {
    with_paths(context, roots, |paths| {
        if !output::is_interactive() {
            return tree::print(context, paths, Format::Text);
        }
        let (request, roots) = look::request_of_screen(context, paths)?;
        let nothing = request.targets.iter().all(|target| matches!(target, Target::Possible(_)));
        let said = problem(context).or_else(|| nothing.then(nothing_yet));
        let glyphs = if context.appearance.ascii { Glyphs::Ascii } else { Glyphs::Unicode };
        let colour = context.appearance.color;
        let started = context.settings.now;
        let options = tui::Options {
            request,
            state_directory: state_directory(context, paths),
            read_only: context.read_only,
            min_severity: context.min_severity,
            clock: Box::new(move || context::now().unwrap_or(started)),
            glyphs,
            colour,
            theme: context.theme,
            keymap: context.keymap.clone(),
            columns: context.config.config.columns.clone(),
            mouse: context.config.config.mouse,
            said,
            roots,
        };
        tui::run(options)?;
        Ok(Exit::Clean)
    })
}

/// What to say where no engine has a certificate directory.
fn nothing_yet() -> Said {
    Said { failed: false, text: "no certificate directory is there yet: N sets a host up".to_owned() }
}

/// Where the journal is. What is done to a sample tree is forgotten together with it.
fn state_directory(context: &Context, paths: &[PathBuf]) -> Option<PathBuf> {
    match paths.first().filter(|_| context.demo) {
        Some(sample) => Some(sample.with_file_name("state")),
        None => context.state_directory.clone(),
    }
}

/// What is wrong with the configuration, in a line.
fn problem(context: &Context) -> Option<Said> {
    let (first, others) = context.config.problems.split_first()?;
    // A long path would leave no room for the message.
    let path = first.path.file_name().map(PathBuf::from).unwrap_or_default();
    let first = Problem { path, ..first.clone() };
    let more = match others.len() {
        0 => String::new(),
        more => format!(" (and {more} more: certwright config --check)"),
    };
    Some(Said { failed: true, text: format!("{first}{more}") })
}

/// Runs `work` on the paths of the command line, or on a sample tree that lasts as long as it does.
///
/// # Errors
/// What `work` gives; where the sample tree cannot be made.
pub fn with_paths(
    context: &Context,
    paths: &[PathBuf],
    work: impl FnOnce(&[PathBuf]) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    if !context.demo {
        return work(paths);
    }
    if !paths.is_empty() {
        return Err(Failure::PathWithDemo);
    }
    // Private to this user, and removed when it goes out of scope.
    let directory = tempfile::Builder::new().prefix("certwright-demo-").tempdir().map_err(Failure::Temporary)?;
    let root = directory.path().join("certs.d");
    DirBuilder::new().create(&root).map_err(Failure::Temporary)?;
    sample::demo()?.build(context.settings.now, &root)?;
    work(&[root])
}
