//! How a run ends: an exit code, or a failure in words with a hint.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::error::ErrorKind;
use thiserror::Error;

use crate::base::errno::{Errno, words};
use crate::base::text::{display_name, sanitise, shell_word};
use crate::config::ConfigError;
use crate::create::export::ExportError;
use crate::create::import::ImportError;
use crate::create::{AuthorityError, HostError, KeyError, RenewError, SubjectError};
use crate::engine::JudgeError;
use crate::fix::plan_file::PlanFileError;
use crate::fix::{ApplyError, DiskError, JournalError, Obstacle};
use crate::model::FileKind;
use crate::sample::SampleError;
use crate::scan::{InputError, TargetError};
use crate::session::setting_up::SiteError;
use crate::session::setting_up::host::DesignError;
use crate::session::setting_up::import::ImportingError;
use crate::tui::TuiError;

/// How a run ends that gave an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing is wrong.
    Clean,
    /// There are findings at or above the threshold.
    Findings,
    /// Something that was asked for could not be read; what could be is printed.
    Unreadable,
}

impl Exit {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Unreadable => 3,
        }
    }
}

/// What keeps a run from giving an answer.
#[derive(Debug, Error)]
pub enum Failure {
    /// The command line asks for help or the version, or cannot be understood.
    #[error("{}", usage_message(.0))]
    Usage(clap::Error),
    /// A path for a run that makes its own tree.
    #[error("--demo makes its own tree and takes no path")]
    PathWithDemo,
    /// `--demo` for a command that looks at this machine.
    #[error("--demo is for the screen, tree, check and fix; this looks at the machine itself")]
    NotWithDemo,
    /// `--select` or `--ignore` names no rule.
    #[error("no rule is called {:?}", sanitise(.0))]
    UnknownRule(String),
    /// A target that is neither a registry host, nor an image reference, nor a path.
    #[error("{:?} names no registry", sanitise(.0))]
    NoRegistry(String),
    /// `CERTWRIGHT_NOW` is no moment.
    #[error("CERTWRIGHT_NOW is no RFC 3339 time: {}", sanitise(.0))]
    Clock(String),
    /// `--engine` names no engine.
    #[error(transparent)]
    Engine(JudgeError),
    /// The configuration that is named cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no place for a configuration.
    #[error("there is no place for a configuration: neither HOME nor XDG_CONFIG_HOME is set")]
    NoConfigPath,
    /// A path leads nowhere.
    #[error("{}: {}", display_name(&.0.path), .0.errno)]
    Target(#[from] TargetError),
    /// There is no certs.d on this machine.
    #[error("no certificate directory is there{}", prefix_words(.prefix.as_ref()))]
    NoRoots {
        /// The directory that was taken for `/`
        prefix: Option<PathBuf>,
        /// A directory that was made by mistake, and the one that was meant
        mistyped: Option<(PathBuf, PathBuf)>,
    },
    /// The screen cannot go on, or a signal ended it.
    #[error(transparent)]
    Screen(#[from] TuiError),
    /// The sample tree cannot be made.
    #[error("cannot make the sample tree: {0}")]
    Sample(#[from] SampleError),
    /// There is no place for the sample tree.
    #[error("cannot make a temporary directory: {}", words(.0))]
    Temporary(io::Error),
    /// A file cannot be read or written.
    #[error("{}: {}", display_name(.0), words(.1))]
    File(PathBuf, io::Error),
    /// A file is no plan.
    #[error("{}: {}", display_name(.0), .1)]
    Plan(PathBuf, PlanFileError),
    /// What is brought cannot be read.
    #[error(transparent)]
    Brought(#[from] InputError),
    /// What is brought cannot be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A registry has several directories.
    #[error("{} has more than one directory: {}", sanitise(.0), display_names(.1))]
    Ambiguous(String, Vec<PathBuf>),
    /// A file descriptor gives no passphrase.
    #[error("file descriptor {fd} gives no passphrase: {}", words(.1), fd = .0)]
    Descriptor(u32, io::Error),
    /// There is nothing to export.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// A file is to be written where only the one writer may.
    #[error("{}: no file but hosts.toml is written into a certificate directory", display_name(.0))]
    InCertificates(PathBuf),
    /// There is no place for the journal.
    #[error("there is no place for the journal: neither HOME nor XDG_STATE_HOME is set")]
    NoState,
    /// Changes were asked for, and forbidden.
    #[error("--read-only forbids it")]
    ReadOnly,
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A change was not made.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// What is to be set up names no registry host.
    #[error(transparent)]
    Host(#[from] HostError),
    /// A subject or an alternative name is none.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// A file holds nothing that is to be trusted.
    #[error("{}: {}", file_name(.0), sanitise(&.1.to_string()))]
    Authority(PathBuf, AuthorityError),
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A certificate cannot be renewed.
    #[error(transparent)]
    Renew(#[from] RenewError),
    /// Something stands in the way of a plan.
    #[error(transparent)]
    Obstacle(#[from] Obstacle),
    /// The same where no option gives other names.
    #[error(transparent)]
    InTheWay(Obstacle),
    /// There is no place to set something up in.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A path that leads to no file of a host directory.
    #[error("{}: name it as HOST/client.cert, or by its path", display_name(.0))]
    NoCertificatePath(PathBuf),
    /// BuildKit has no certs.d.
    #[error("BuildKit has no certs.d of its own: buildkitd.toml names files, or a tlsconfigdir")]
    NoBuildkitRoot,
    /// A plan with a private key was to be kept.
    #[error("a private key is never kept in a plan")]
    SecretPlan(String),
    /// The kernel forbids a change to this user; with the command by which root makes it.
    #[error("{0}")]
    Denied(ApplyError, String),
    /// Something was not taken back, or not done again.
    #[error(transparent)]
    TakeBack(ApplyError),
    /// Standard input cannot be read.
    #[error("cannot read standard input: {}", words(.0))]
    Input(io::Error),
    /// Standard output cannot be written.
    #[error("cannot write the output: {}", words(.0))]
    Output(#[from] io::Error),
    /// The answer cannot be put into JSON.
    #[error("cannot write the output: {0}")]
    Json(serde_json::Error),
}

impl From<DesignError> for Failure {
    fn from(error: DesignError) -> Self {
        match error {
            DesignError::Obstacle(obstacle) => Self::Obstacle(obstacle),
            DesignError::Key(error) => Self::Key(error),
        }
    }
}

impl From<ImportingError> for Failure {
    fn from(error: ImportingError) -> Self {
        match error {
            ImportingError::Obstacle(obstacle) => Self::InTheWay(obstacle),
            ImportingError::Import(error) => Self::Import(error),
        }
    }
}

impl Failure {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(error) => u8::try_from(error.exit_code()).unwrap_or(2),
            Self::PathWithDemo
            | Self::Host(_)
            | Self::Subject(_)
            | Self::NoBuildkitRoot
            | Self::NoCertificatePath(_)
            | Self::SecretPlan(_)
            | Self::NotWithDemo
            | Self::ReadOnly
            | Self::Plan(..)
            | Self::NoRegistry(_)
            | Self::UnknownRule(_)
            | Self::Clock(_)
            | Self::Engine(_)
            | Self::InCertificates(_)
            | Self::Ambiguous(..)
            | Self::Descriptor(..)
            | Self::Export(ExportError::Name { .. } | ExportError::RelativePrefix { .. })
            | Self::Config(_) => 2,
            // As shells tell that a signal ended a program.
            Self::Screen(TuiError::Signal { number }) => u8::try_from(128 + number).unwrap_or(u8::MAX),
            Self::Output(_) | Self::Json(_) if self.is_broken_pipe() => 0,
            _ => 3,
        }
    }

    /// Says it: help and version on standard output, anything else on standard error, with a hint where there is one.
    /// Nothing where the reader of the output has gone, which is no error, or where a signal ended the screen.
    pub fn report(&self) {
        if self.is_broken_pipe() || matches!(self, Self::Screen(TuiError::Signal { .. })) {
            return;
        }
        // There is nowhere left to report to where these fail.
        let _ = match self {
            Self::Usage(error) if !error.use_stderr() => error.print(),
            _ => writeln!(io::stderr().lock(), "{}", self.lines()),
        };
    }

    /// The message and the hint as they are printed.
    fn lines(&self) -> String {
        match self.hint() {
            Some(hint) => format!("certwright: {self}\nhint: {hint}"),
            None => format!("certwright: {self}"),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Usage(error) => Some(usage_hint(error)),
            Self::NoState => Some("name one: --state-dir DIR".to_owned()),
            Self::Journal(error) | Self::Apply(ApplyError::Journal(error)) => journal_hint(error),
            Self::TakeBack(ApplyError::Disk(DiskError::Moved { .. })) => {
                Some("someone has changed it since; it is left alone, since that would be lost".to_owned())
            }
            Self::Apply(error) | Self::TakeBack(error) => apply_hint(error),
            Self::Export(error) => export_hint(error),
            Self::Import(error) => import_hint(error).map(str::to_owned),
            Self::Brought(InputError::NotRegular { kind: FileKind::Fifo, .. }) => {
                Some("give it on standard input: -".to_owned())
            }
            Self::Ambiguous(..) => Some("name the path of the one that is meant".to_owned()),
            Self::Denied(_, command) => Some(format!("let root do it: {command}")),
            Self::SecretPlan(command) => Some(format!("let root make it in its place: {command}")),
            Self::NoBuildkitRoot => Some("name the tlsconfigdir: --root DIR".to_owned()),
            Self::Authority(_, AuthorityError::NotACa { .. }) => Some("--pin takes it all the same".to_owned()),
            Self::Host(HostError::Unreachable(_)) => {
                Some("give its port or its full name; --anyway takes it for docker login".to_owned())
            }
            Self::Obstacle(Obstacle::Exists(_)) => Some(
                "what is there is never overwritten: set it aside, or give new another --ca-name or --client-name"
                    .to_owned(),
            ),
            Self::UnknownRule(_) => Some("`certwright rules` lists them".to_owned()),
            Self::NoRegistry(_) => Some("name a host, an image reference or the path of a host directory".to_owned()),
            Self::Clock(_) => Some("write it as 2026-11-24T12:00:00Z, or unset it".to_owned()),
            Self::NoRoots { mistyped: Some((path, meant)), .. } => {
                let (path, meant) = (display_name(path), display_name(meant));
                Some(format!("no engine reads {path}: move what it holds to {meant}"))
            }
            Self::NoRoots { .. } => Some("name one: certwright tree DIR; or try certwright --demo".to_owned()),
            _ => None,
        }
    }

    fn is_broken_pipe(&self) -> bool {
        match self {
            Self::Output(error) => error.kind() == io::ErrorKind::BrokenPipe,
            Self::Json(error) => error.io_error_kind() == Some(io::ErrorKind::BrokenPipe),
            _ => false,
        }
    }
}

/// What helps where the journal cannot be used.
fn journal_hint(error: &JournalError) -> Option<String> {
    match error {
        JournalError::Open(path) => Some(format!("chmod 700 {}", shell_word(path))),
        JournalError::Foreign { .. } | JournalError::NoDirectory(_) => Some("name another: --state-dir DIR".to_owned()),
        JournalError::Locked { .. } => Some("wait until it is done".to_owned()),
        JournalError::Damaged { path, .. } => {
            let (path, aside) = (shell_word(path), shell_word(path.with_extension("damaged")));
            Some(format!("mv {path} {aside} begins a new one; what it tells of cannot be taken back then"))
        }
        JournalError::Refused { errno, .. } => kernel_hint(*errno),
        JournalError::Recovery { .. } | JournalError::Stopped => None,
    }
}

/// What helps where a change was not made.
fn apply_hint(error: &ApplyError) -> Option<String> {
    match error {
        ApplyError::Disk(DiskError::Refused { path, errno, .. }) if *errno == Errno::EPERM && is_root() => {
            let directory = shell_word(path.parent().unwrap_or(path));
            Some(format!("nothing was changed; something there may be immutable: lsattr -a {directory}"))
        }
        ApplyError::Disk(DiskError::Refused { errno, .. }) if [Errno::EACCES, Errno::EPERM].contains(errno) => {
            Some("keep the plan with fix --save-plan FILE, and let root do it: sudo certwright apply FILE".to_owned())
        }
        ApplyError::Disk(DiskError::Refused { errno, .. }) => kernel_hint(*errno),
        ApplyError::Disk(DiskError::Moved { .. }) => Some("plan anew: certwright fix".to_owned()),
        ApplyError::Dependent { .. } => Some("take the later one back first; `certwright log` lists them".to_owned()),
        _ => None,
    }
}

/// What helps where something cannot be imported.
fn import_hint(error: &ImportError) -> Option<&'static str> {
    match error {
        ImportError::NoPkcs12(_) => Some("certwright import takes every other form"),
        ImportError::NoPassphrase(_) => Some("run it on a terminal, or let it read one: --passphrase-fd N"),
        ImportError::Pkcs12 { .. } => Some("openssl pkcs12 -legacy -in FILE -nodes | certwright import - --to HOST"),
        ImportError::NoKey { .. } => Some("bring the key along, or name the directory in which it waits"),
        ImportError::NoCertificate { .. } => Some("bring the certificate of that key along, or leave the key out"),
        _ => None,
    }
}

/// What helps where nothing can be exported.
fn export_hint(error: &ExportError) -> Option<String> {
    match error {
        ExportError::NoDirectory { .. } => {
            Some("name the path of a host directory, or a root: --root CERTS_D".to_owned())
        }
        ExportError::Stops { directory, .. } | ExportError::Nothing { directory, .. } => {
            Some(format!("`certwright check {}` tells what is wrong", shell_word(directory)))
        }
        ExportError::Unfit { .. } | ExportError::Name { .. } | ExportError::RelativePrefix { .. } => None,
    }
}

fn display_names(paths: &[PathBuf]) -> String {
    paths.iter().map(display_name).collect::<Vec<_>>().join(", ")
}

fn file_name(path: &std::path::Path) -> String {
    crate::cli::input::name(path)
}

/// What is behind it where the kernel refuses somebody who may.
fn kernel_hint(errno: Errno) -> Option<String> {
    let why = match errno {
        Errno::ENOSPC | Errno::EDQUOT => "make room, and do it again",
        Errno::EROFS => "the file system is mounted read-only",
        Errno::EBUSY => "something is mounted there: mend it where that comes from",
        _ => return None,
    };
    Some(format!("nothing was changed; {why}"))
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn prefix_words(prefix: Option<&PathBuf>) -> String {
    prefix.map(|prefix| format!(" under {}", display_name(prefix))).unwrap_or_default()
}

/// The first paragraph of what clap says, on one line.
fn usage_message(error: &clap::Error) -> String {
    // There clap gives the help instead of a message.
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "a command is missing".to_owned();
    }
    let text = error.to_string();
    let paragraph: Vec<&str> =
        text.lines().take_while(|line| !line.is_empty()).filter(|line| !is_values(line)).map(str::trim).collect();
    let message = paragraph.join(" ");
    sanitise(message.strip_prefix("error: ").unwrap_or(&message)).into_owned()
}

/// What clap would rather have.
fn usage_hint(error: &clap::Error) -> String {
    let text = error.to_string();
    let tip = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    let values = text.lines().find(|line| is_values(line)).map(|line| line.trim().trim_matches(['[', ']']));
    match (tip, values, error.kind()) {
        (Some(tip), _, kind) if kind != ErrorKind::UnknownArgument || tip.contains("similar") => {
            sanitise(tip).into_owned()
        }
        (_, Some(values), _) => values.to_owned(),
        _ => "`certwright --help` tells what there is".to_owned(),
    }
}

fn is_values(line: &str) -> bool {
    line.trim_start().starts_with("[possible values")
}
