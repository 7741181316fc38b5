//! `certwright import`: what somebody was sent, put where engines look for it.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::base::text::sanitise;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::mending::{self, Passphrases};
use crate::cli::output;
use crate::cli::subject::Subject;
use crate::create::import::{self, Brought, Input, Placed, Sorted, Where};
use crate::create::setup;
use crate::fix::{Planned, Verdict, apply};
use crate::model::HostName;
use crate::report::Line;
use crate::report::plan::Detail;
use crate::session::receive::{self, Destination};
use crate::session::sources::DiskSources;
use crate::{report, scan};

/// The command line of `import`.
#[derive(Args, Debug)]
pub struct ImportCommand {
    /// What was sent: certificates, chains and keys in PEM or DER, PKCS#7, PKCS#12, or a directory of them (tls.crt, tls.key,
    /// ca.crt); - for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// A registry host (registry.example.com:5000), an image reference, or the path of a host directory
    #[arg(long, value_name = "HOST")]
    to: OsString,
    /// Make CERTS_D the one root that is looked at
    #[arg(long, value_name = "CERTS_D")]
    root: Option<PathBuf>,
    /// Set a pair of the same subject aside, and take its name
    #[arg(long)]
    replace: bool,
    /// Read the passphrase from file descriptor N, its first line
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<u32>,
    /// Carry the plan out
    #[arg(long)]
    apply: bool,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Shows where everything would go, or puts it there.
///
/// # Errors
/// Where something cannot be read or matched, or the output cannot be written.
pub fn run(context: &Context, command: &ImportCommand) -> Result<Exit, Failure> {
    let passphrases = Passphrases::from_descriptor(command.passphrase_fd)?;
    let brought = read(&command.files, &passphrases)?;
    let destination = destination(context, command)?;
    let name = HostName::parse(&destination.host.name);
    let sorted = import::sort(&brought, &destination.host, name.server_name())?;
    let placed = place(command, &destination, &brought, &sorted)?;
    let told = sorted.left_out.iter().map(|left| format!("left out: {left}")).chain(placed.notes.iter().cloned());
    told.for_each(|line| output::note(&sanitise(&line)));
    let Destination { site, inventory, .. } = &destination;
    let planned = setup::whole(inventory, site, placed.fixes, &DiskSources::default()).map_err(Failure::Obstacle)?;
    if command.apply && !planned.plan.is_empty() {
        let done = mending::carry_out(context, command.format, &passphrases, |journal, run| {
            apply::apply(journal, &planned.plan, run)
        });
        let done = done.map_err(Failure::of_setup)?;
        return Ok(mending::exit(&done));
    }
    show(context, command, &planned, &destination)?;
    Ok(Exit::Clean)
}

/// Reads and recognises what is brought.
fn read(files: &[PathBuf], passphrases: &Passphrases) -> Result<Brought, Failure> {
    let mut inputs = Vec::new();
    for path in files {
        let read = if path.as_os_str() == "-" {
            vec![scan::read_stream("standard input", std::io::stdin().lock())?]
        } else {
            scan::read_input(path)?
        };
        inputs.extend(
            read.into_iter().map(|file| Input { name: file.path.to_string_lossy().into_owned(), bytes: file.bytes }),
        );
    }
    Ok(Brought::read(&inputs, &|name| passphrases.of_named(name))?)
}

/// The host directory that is meant.
fn destination(context: &Context, command: &ImportCommand) -> Result<Destination, Failure> {
    let here = env::current_dir().map_err(Failure::Input)?;
    let subject = Subject::of(&command.to);
    if let Some(path) = &subject.directory {
        return Ok(receive::destination(&here.join(path)));
    }
    let name = HostName::parse(subject.registry.as_ref());
    let Some(registry) = name.registry().filter(|_| subject.is_registry()) else {
        return Err(Failure::NoRegistry(command.to.to_string_lossy().into_owned()));
    };
    let root = command.root.as_ref().map(|root| here.join(root));
    let mut directories = receive::directories(&registry, root.as_deref(), &context.environment);
    if directories.len() > 1 {
        return Err(Failure::Ambiguous(registry, directories));
    }
    let new = || here.join(receive::new_directory(&registry, root.as_deref(), &context.environment));
    let directory = directories.pop().map_or_else(new, |directory| here.join(directory));
    Ok(receive::destination(&directory))
}

fn place(
    command: &ImportCommand,
    destination: &Destination,
    brought: &Brought,
    sorted: &Sorted,
) -> Result<Placed, Failure> {
    let Destination { site, inventory, host } = destination;
    let to = Where { site, inventory, host, replace: command.replace };
    import::place(to, brought, sorted).map_err(Failure::Obstacle)
}

fn show(
    context: &Context,
    command: &ImportCommand,
    planned: &Planned,
    destination: &Destination,
) -> Result<(), Failure> {
    let judges = if context.judges.is_empty() { Verdict::judges() } else { context.judges.clone() };
    let inventory = &destination.inventory;
    match command.format {
        Format::Text if planned.plan.is_empty() => {
            output::text(context.appearance, |paper| paper.row(&Line::plain("everything is here already")))
        }
        Format::Text => output::text(context.appearance, |paper| {
            report::plan::print(planned, inventory, &judges, Detail::Differences, paper)
        }),
        Format::Json => output::json(&report::json::plan(planned, inventory, &judges)),
    }
}
