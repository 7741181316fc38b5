//! What the command line may say. The doc comments are the help text, the man page and the completions.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cli::error::Failure;
use crate::cli::{
    apply, check, config, explain, export, fix, generate, import, log, new, renew, rules, show, tree, undo, why,
};
use crate::config::MAX_DAYS;
use crate::config::settings::SETTINGS;
use crate::finding::Severity;

/// Browse, understand and check the certificate directories of container engines.
///
/// Without a subcommand the tree opens on the screen. Where there is no terminal it is printed instead.
///
/// ROOT is a certs.d directory, one host directory in it or one file. Without any, every certs.d of Docker (rootful and
/// rootless), Podman and containerd that exists is looked at.
#[derive(Debug, Parser)]
#[command(name = "certwright", version, max_term_width = 100, after_long_help = closing_words())]
pub struct Arguments {
    /// What to do instead of opening the screen.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// A certs.d directory, a host directory or a file; the default is every certs.d of this machine
    #[arg(value_name = "ROOT")]
    pub roots: Vec<PathBuf>,
    /// What every subcommand takes.
    #[command(flatten)]
    pub common: Common,
}

/// What every subcommand takes.
#[derive(Args, Debug, Default)]
pub struct Common {
    /// Look at a sample tree, made for the purpose in a temporary directory
    #[arg(long, global = true)]
    pub demo: bool,
    /// When to colour the output
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    pub color: Option<Color>,
    /// Draw with ASCII alone
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Warn of certificates that expire within DAYS [default: 30]
    #[arg(long, global = true, value_name = "DAYS", allow_negative_numbers = true, value_parser = days())]
    pub expires_within: Option<u32>,
    /// Apply these rules alone: codes (CW101), beginnings of codes (CW1), names (ca-named-cert) or ALL
    #[arg(long, global = true, value_name = "CODE", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Leave these rules out
    #[arg(long, global = true, value_name = "CODE", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Show findings of this severity and worse [default: info]
    #[arg(long, global = true, value_name = "SEVERITY", value_enum)]
    pub min_severity: Option<SeverityName>,
    /// Judge as this engine does, of this version: docker, docker-classic, docker-c8d, containerd, buildkit, podman …
    #[arg(long, global = true, value_name = "NAME[@VERSION]", value_delimiter = ',')]
    pub engine: Vec<String>,
    /// Take DIR for /: a copy of another machine's files
    #[arg(long, global = true, value_name = "DIR")]
    pub root_prefix: Option<PathBuf>,
    /// Show what would be changed, and change nothing
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Keep the journal of changes in DIR [default: /var/lib/certwright for root, else ~/.local/state/certwright]
    #[arg(long, global = true, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Read the configuration from FILE
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the tree: roots, hosts, files, and what each is by name and by content
    Tree(tree::TreeCommand),
    /// Print everything about the certificates and keys of files
    Show(show::ShowCommand),
    /// Tell what each engine does for a registry, file by file and in its own words
    Explain(explain::ExplainCommand),
    /// Tell what is wrong; for scripts, by exit code
    Check(check::CheckCommand),
    /// Mend what is wrong: print the plan, keep it, or carry it out
    Fix(fix::FixCommand),
    /// Set a host up: its directory, CAs, a client key with a certificate or a request for one
    New(new::NewCommand),
    /// Renew a client certificate: a new key and a request like the old one
    Renew(renew::RenewCommand),
    /// Put what was sent to you where engines look for it: certificates, chains, keys, PKCS#12
    Import(import::ImportCommand),
    /// Put what an engine loads for a registry as another engine takes it
    Export(export::ExportCommand),
    /// Carry out a plan that fix --save-plan has kept
    Apply(apply::ApplyCommand),
    /// Tell what was changed here
    Log(log::LogCommand),
    /// Take back what was changed last
    Undo(undo::UndoCommand),
    /// Do again what was taken back last
    Redo(undo::RedoCommand),
    /// Tell what an error text means: paste what docker, podman, ctr or kubelet printed
    Why(why::WhyCommand),
    /// List the rules, or explain one
    Rules(rules::RulesCommand),
    /// Tell where the configuration file lies, what it may say, and what is wrong with it
    Config(config::ConfigCommand),
    /// Print the man page or shell completions
    #[command(subcommand)]
    Generate(generate::GenerateCommand),
}

impl Command {
    /// Tells whether it looks at this machine, or changes it, and so has no use for a sample tree.
    pub fn looks_at_the_machine(&self) -> bool {
        !matches!(
            self,
            Self::Tree(_) | Self::Check(_) | Self::Fix(_) | Self::Rules(_) | Self::Config(_) | Self::Generate(_)
        )
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// Where standard output is a terminal, and NO_COLOR and CLICOLOR_FORCE do not say otherwise
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A severity on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SeverityName {
    /// Nothing fails; worth knowing
    Info,
    /// Something will fail, or fails for some engines
    Warning,
    /// An engine refuses the directory, or what was evidently meant does not happen
    Error,
}

impl From<SeverityName> for Severity {
    fn from(name: SeverityName) -> Self {
        match name {
            SeverityName::Info => Self::Info,
            SeverityName::Warning => Self::Warning,
            SeverityName::Error => Self::Error,
        }
    }
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// Reads the command line.
///
/// # Errors
/// Where it cannot be understood, or asks for help or the version.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, Failure> {
    Arguments::try_parse_from(arguments).map_err(Failure::Usage)
}

fn days() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(..=i64::from(MAX_DAYS))
}

/// A heading, and its entries: a name, and what it means.
type Section = (&'static str, Vec<(String, &'static str)>);

/// What help and man page say behind the options.
pub fn closing() -> Vec<Section> {
    let fixed = |(heading, entries): &(&'static str, &[(&str, &'static str)])| -> Section {
        (*heading, entries.iter().map(|(name, about)| ((*name).to_owned(), *about)).collect())
    };
    let configuration =
        SETTINGS.iter().map(|setting| (format!("{} = {}", setting.name, setting.default), setting.about));
    let keys = ("[keys]".to_owned(), "COMMAND = [\"KEY\", …]: the keys of commands on the screen");
    let heading = "Configuration file (TOML; every key is optional, the command line comes first)";
    let mut sections: Vec<Section> = CLOSING.iter().map(fixed).collect();
    sections.push((heading, configuration.chain([keys]).collect()));
    sections
}

fn closing_words() -> String {
    let entry = |(name, text): &(String, &str)| format!("  {name:<24} {text}\n");
    let section =
        |(heading, entries): &Section| format!("{heading}:\n{}", entries.iter().map(entry).collect::<String>());
    closing().iter().map(section).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// The sections that are written by hand.
const CLOSING: &[(&str, &[(&str, &str)])] = &[
    (
        "Exit status",
        &[
            ("0", "nothing is wrong"),
            (
                "1",
                "check: there are findings at or above --fail-on; fix: there is something to mend, or left; new, renew: \
                 the plan is not carried out; config --check: the file is wrong",
            ),
            ("2", "the command line is wrong, or --config FILE cannot be read"),
            ("3", "something could not be read, changed or written; what was begun is taken back"),
        ],
    ),
    (
        "Environment",
        &[
            ("CERTWRIGHT_NOW", "the present moment (RFC 3339), for output that can be reproduced"),
            ("NO_COLOR", "no colour, unless --color or the configuration says otherwise"),
            ("CLICOLOR_FORCE", "colour though standard output is no terminal"),
            ("CERTWRIGHT_STATE_DIR", "as --state-dir"),
            ("XDG_STATE_HOME", "where certwright keeps its journal, unless root; else ~/.local/state"),
            ("XDG_CONFIG_HOME", "where certwright/config.toml lies; else ~/.config"),
        ],
    ),
];
