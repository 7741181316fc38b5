//! `certwright import`: what somebody was sent, put where engines look for it.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::base::text::sanitise;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::mending::Passphrases;
use crate::cli::setting_up::{self, Deal, Located, Place};
use crate::cli::subject::Subject;
use crate::cli::{input, output};
use crate::create::{Wish, host};
use crate::model::HostName;
use crate::report::Line;
use crate::session::hosts;
use crate::session::setting_up::import::{self, Destination, Imported};

/// The command line of `import`.
///
/// Recognises each part by its content: a client certificate is matched to its key by public key, also to one that waits in
/// the directory, and written with its chain; CAs go to ca.crt. Nothing is overwritten. On a terminal the plan is shown, with
/// what every engine would say, and carried out if that is confirmed; elsewhere nothing is changed without --apply.
#[derive(Args, Debug)]
pub struct ImportCommand {
    /// What was sent: certificates, chains and keys in PEM or DER, PKCS#7, PKCS#12, or a directory of them (tls.crt, tls.key,
    /// ca.crt); - for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// A registry host (registry.example.com:5000), an image reference, or the path of a host directory
    #[arg(long, value_name = "HOST")]
    to: OsString,
    #[command(flatten)]
    place: Place,
    /// Set a pair of the same subject aside, and take its name
    #[arg(long)]
    replace: bool,
    /// Read the passphrase from file descriptor N, its first line
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<u32>,
    #[command(flatten)]
    deal: Deal,
}

/// Shows where everything would go, or puts it there.
///
/// # Errors
/// Where something cannot be read or matched, something is in the way, or a change fails: then nothing is changed.
pub fn run(context: &Context, command: &ImportCommand) -> Result<Exit, Failure> {
    command.deal.refuse_read_only(context)?;
    let passphrases = Passphrases::from_descriptor(command.passphrase_fd)?;
    let brought = input::recognise(command.files.iter().map(PathBuf::as_path), &passphrases)?;
    let (located, to, before) = destination(context, command)?;
    let Imported { planned, notes, brings_key } = import::plan(&to, &brought, command.replace, context.settings.now)?;
    let notes: Vec<String> = before.into_iter().chain(notes).collect();
    if planned.plan.is_empty() {
        return nothing_to_do(context, command.deal.format, &notes);
    }
    if brings_key {
        command.deal.refuse_secret_plan(context)?;
    }
    let outcome = setting_up::conclude(context, &command.deal, located.proposal(&planned, &to.inventory, notes))?;
    Ok(outcome.exit)
}

/// Where the host directory is that is meant, it, and what to know of that.
type Meant = (Located, Destination, Vec<String>);

fn destination(context: &Context, command: &ImportCommand) -> Result<Meant, Failure> {
    let subject = Subject::of(&command.to);
    let no_registry = || Failure::NoRegistry(command.to.to_string_lossy().into_owned());
    // A directory that is not there yet is named by its path as well.
    let path = Path::new(&command.to);
    let is_beside_others = path.parent().is_some_and(|parent| !parent.as_os_str().is_empty() && parent.is_dir());
    if let Some(directory) = subject.directory.as_deref().or(is_beside_others.then_some(path)) {
        return at(context, directory, no_registry);
    }
    let registry = HostName::parse(OsStr::new(&subject.registry)).registry();
    let registry = registry.filter(|_| subject.is_registry()).ok_or_else(no_registry)?;
    let chosen = command.place.is_chosen().then(|| setting_up::locate(context, &command.place)).transpose()?;
    let root = chosen.as_ref().map(|located| located.site.root.path.as_path());
    match hosts::of_registry(&registry, root, &context.environment).as_slice() {
        [only] => return at(context, only, no_registry),
        [] => {}
        several => return Err(Failure::Ambiguous(registry, several.to_vec())),
    }
    let located = chosen.map_or_else(|| setting_up::locate(context, &command.place), Ok)?;
    let names = host::read(&registry, Wish::default())?;
    let name = names.names.first().ok_or_else(no_registry)?;
    let notes = names.notes.iter().chain(&located.note).cloned().collect();
    Ok(meant(located, name, notes))
}

/// The host directory of a path.
fn at(context: &Context, path: &Path, no_registry: impl Fn() -> Failure) -> Result<Meant, Failure> {
    let path = env::current_dir().map_err(Failure::Input)?.join(path);
    let (root, name) = path.parent().zip(path.file_name().and_then(OsStr::to_str)).ok_or_else(no_registry)?;
    Ok(meant(setting_up::locate(context, &Place::at(root))?, name, Vec::new()))
}

fn meant(located: Located, name: &str, notes: Vec<String>) -> Meant {
    let destination = Destination::read(located.site.clone(), name);
    (located, destination, notes)
}

/// Everything is where it belongs.
fn nothing_to_do(context: &Context, format: Format, notes: &[String]) -> Result<Exit, Failure> {
    notes.iter().for_each(|note| output::note(&sanitise(note)));
    if format == Format::Text {
        output::text(context.appearance, |paper| paper.row(&Line::plain("everything is here already")))?;
    }
    Ok(Exit::Clean)
}
