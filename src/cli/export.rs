//! `certwright export`: what an engine loads for a registry, as another engine takes it.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::base::text::display_name;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::setting_up::{self, Deal, Proposal};
use crate::cli::subject::Subject;
use crate::cli::{new_files, output};
use crate::create::export::{self, Export, LeftOut, Source, Target};
use crate::engine::installed::Installed;
use crate::engine::{Engine, Judge};
use crate::finding::{Applicability, Change, Fix, NewContent};
use crate::fix::{Plan, Reason};
use crate::model::{HostName, Inventory};
use crate::session::explain::Question;
use crate::session::sources::DiskSources;
use crate::{report, scan, session};

/// The command line of `export`.
#[derive(Args, Debug)]
pub struct ExportCommand {
    /// A registry host (registry.example.com:5000), an image reference, or the path of a host directory
    #[arg(value_name = "HOST")]
    target: OsString,
    /// Whom it is for
    #[arg(long, value_enum, value_name = "ENGINE")]
    to: TargetName,
    /// Make CERTS_D the one root that is looked at
    #[arg(long, value_name = "CERTS_D")]
    root: Option<PathBuf>,
    /// The registry host, where the directory is not called after it
    #[arg(long, value_name = "HOST")]
    registry: Option<String>,
    /// The directory in which the files will lie on the other machine (. in a hosts.toml: beside it); for docker and podman
    /// their certs.d. Without it files are named where they are
    #[arg(long, value_name = "DIR")]
    prefix: Option<PathBuf>,
    /// Write to PATH, a new file or a directory. Shown as a plan: a hosts.toml in a host directory, and for docker and podman a
    /// copy of the directory in a certs.d of this machine
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Carry the plan out that --output comes to there
    #[arg(long, requires = "output")]
    apply: bool,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Whom an export is for, on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TargetName {
    /// A copy for Docker's certs.d
    Docker,
    /// A copy for the certs.d of Podman, Buildah, Skopeo and CRI-O
    Podman,
    /// A hosts.toml
    Containerd,
    /// A section of buildkitd.toml
    Buildkit,
    /// A registries.yaml for K3s and RKE2
    #[value(alias = "rke2")]
    K3s,
    /// A ConfigMap for additionalTrustedCA
    Openshift,
}

impl From<TargetName> for Target {
    fn from(name: TargetName) -> Self {
        match name {
            TargetName::Docker => Self::Docker,
            TargetName::Podman => Self::Podman,
            TargetName::Containerd => Self::Containerd,
            TargetName::Buildkit => Self::Buildkit,
            TargetName::K3s => Self::K3s,
            TargetName::Openshift => Self::Openshift,
        }
    }
}

/// Prints the export, or writes it.
///
/// # Errors
/// Where there is nothing to export, or the output cannot be written.
pub fn run(context: &Context, command: &ExportCommand) -> Result<Exit, Failure> {
    let source = source(context, command)?;
    let target = Target::from(command.to);
    if let Some(root) = command.output.as_deref().filter(|_| target.is_copy()) {
        return copy(context, command, &source, root);
    }
    let places = command.output.as_deref().map(place).transpose()?;
    if let Some((directory, name)) = places.as_ref().filter(|(directory, _)| is_of_engines(&source, directory)) {
        return hosts_toml(context, command, &source, (directory, name.as_deref()));
    }
    let beside = places.as_ref().map(|(directory, _)| directory.as_path());
    let export = export::export(&source, target, command.prefix.as_deref(), beside)?;
    export.left_out.iter().for_each(|left| output::note(&line(left)));
    let written = match &places {
        Some((directory, name)) => write(context, &export, directory, name.as_deref())?,
        None => Vec::new(),
    };
    match command.format {
        Format::Json => output::json(&report::json::export(&source, target, &export, &written))?,
        Format::Text if !written.is_empty() => {
            let mut out = output::stdout();
            written.iter().try_for_each(|path| writeln!(out, "{}", display_name(path)))?;
            out.flush()?;
        }
        Format::Text => {
            let mut out = output::stdout();
            let main = export.documents.first().map(|main| main.text.as_str()).unwrap_or_default();
            out.write_all(main.as_bytes())?;
            out.flush()?;
        }
    }
    Ok(Exit::Clean)
}

/// What an engine loads for the registry.
fn source(context: &Context, command: &ExportCommand) -> Result<Source, Failure> {
    let subject = Subject::of(&command.target);
    let named = || Failure::NoRegistry(command.target.to_string_lossy().into_owned());
    if subject.directory.is_none() && !subject.is_registry() {
        return Err(named());
    }
    let registry = command.registry.as_deref().unwrap_or(&subject.registry);
    let registry = HostName::parse(OsStr::new(registry)).registry().ok_or_else(named)?;
    let here = env::current_dir().map_err(Failure::Input)?;
    let directory = subject.directory.map(|directory| here.join(directory));
    let root = command.root.as_ref().map(|root| here.join(root));
    let question = Question { registry: subject.registry, image: subject.image, directory, root };
    let installed = Installed::detect(&scan::read_configuration(&context.environment));
    let judges = match context.judges.as_slice() {
        [] => ENGINES.map(Judge::newest).to_vec(),
        chosen => chosen.to_vec(),
    };
    Ok(session::export::source(&question, &registry, &judges, &context.environment, &installed)?)
}

/// The engines that are asked, until one loads something.
const ENGINES: [Engine; 5] =
    [Engine::DockerClassic, Engine::DockerC8d, Engine::ContainersImage, Engine::Containerd, Engine::Buildkit];

/// The directory that is written to, absolute, and the name of the main file there, unless it is the usual one.
fn place(path: &Path) -> Result<(PathBuf, Option<OsString>), Failure> {
    let absolute = std::path::absolute(path).map_err(|error| Failure::File(path.to_path_buf(), error))?;
    if absolute.is_dir() {
        return Ok((absolute, None));
    }
    let name = absolute.file_name().map(OsStr::to_os_string);
    Ok((absolute.parent().map(Path::to_path_buf).unwrap_or_default(), name))
}

/// Something that is left out, in a line that is safe to show.
fn line(left: &LeftOut) -> String {
    display_name(format!("left out: {}: {}", left.what, left.why))
}

/// Tells whether engines look for certificates in a directory, where nothing is written but by a plan.
fn is_of_engines(source: &Source, directory: &Path) -> bool {
    let full = directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf());
    let is_in_certs_d = full.ancestors().any(|part| part.file_name().is_some_and(|name| name == "certs.d"));
    is_in_certs_d || source.directory.canonicalize().is_ok_and(|source| source == full)
}

fn write(context: &Context, export: &Export, directory: &Path, name: Option<&OsStr>) -> Result<Vec<PathBuf>, Failure> {
    if context.read_only {
        return Err(Failure::ReadOnly);
    }
    let path = |(index, document): (usize, &export::Document)| match name.filter(|_| index == 0) {
        Some(name) => directory.join(name),
        None => directory.join(document.name),
    };
    let paths: Vec<PathBuf> = export.documents.iter().enumerate().map(path).collect();
    let texts = export.documents.iter().map(|document| document.text.as_str());
    new_files::write(&paths.iter().cloned().zip(texts).collect::<Vec<_>>())?;
    Ok(paths)
}

/// Shows the copy as a plan, or carries it out.
fn copy(context: &Context, command: &ExportCommand, source: &Source, root: &Path) -> Result<Exit, Failure> {
    let root = std::path::absolute(root).map_err(|error| Failure::File(root.to_path_buf(), error))?;
    root.metadata().map_err(|error| Failure::File(root.clone(), error))?;
    let inventory = session::hosts::read(&[source.directory.clone(), root.join(&source.registry)]);
    let title = format!("copy {} to {}", source.registry, root.join(&source.registry).display());
    let fix = Fix::new(title, Applicability::Safe, export::changes(source, &root));
    conclude(context, command, &inventory, &fix, &source.left_out)
}

/// A `hosts.toml` in a host directory, as a plan. Beside the files that it names it names them by their names alone.
fn hosts_toml(
    context: &Context,
    command: &ExportCommand,
    source: &Source,
    (directory, name): (&Path, Option<&OsStr>),
) -> Result<Exit, Failure> {
    let name = name.unwrap_or(OsStr::new("hosts.toml"));
    let path = directory.join(name);
    if command.to != TargetName::Containerd || name != "hosts.toml" {
        return Err(Failure::InCertificates(command.output.clone().unwrap_or(path)));
    }
    let beside = (source.directory == directory).then_some(Path::new("."));
    let prefix = command.prefix.as_deref().or(beside);
    let export = export::export(source, Target::Containerd, prefix, None)?;
    let inventory = session::hosts::read(&[directory.to_path_buf()]);
    let text = export.documents.first().map(|document| document.text.clone()).unwrap_or_default();
    let change = Change::Create { path, content: NewContent::public(text), mode: 0o644 };
    let fix = Fix::new(format!("have hosts.toml say it for {}", source.registry), Applicability::Safe, vec![change]);
    conclude(context, command, &inventory, &fix, &export.left_out)
}

/// Shows what is to be done as a plan, or does it.
fn conclude(
    context: &Context,
    command: &ExportCommand,
    inventory: &Inventory,
    fix: &Fix,
    left_out: &[LeftOut],
) -> Result<Exit, Failure> {
    let planned = Plan::of_fix(inventory, Reason::Manual, fix, &DiskSources::default());
    let planned = planned.map_err(Failure::InTheWay)?;
    let deal = Deal { apply: command.apply, save_plan: None, format: command.format };
    let installed = Installed::detect(&scan::read_configuration(&context.environment));
    let notes = left_out.iter().map(line).collect();
    let proposal = Proposal::new(&planned, inventory, &installed, notes);
    Ok(setting_up::conclude(context, &deal, proposal)?.exit)
}
