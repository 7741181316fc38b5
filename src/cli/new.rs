//! `certwright new`: a host set up, as a plan to look at, to keep or to carry out.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::input;
use crate::cli::mending::Passphrases;
use crate::cli::setting_up::{self, Deal, Place};
use crate::create::{
    Holder, KeyAlgorithm, NewFile, Terms, Trust, Wish, authorities, certificate, host, import, setup, subject,
};
use crate::fix::Author;
use crate::model::{HostDir, HostName};
use crate::session::sources::DiskSources;

/// The most days that a certificate may be valid: a hundred years.
const MOST_DAYS: i64 = 36_500;

/// The command line of `new`.
///
/// Makes the directory of a registry host under the name that engines look for, and in it what it is given. On a terminal
/// the plan is shown, with what every engine would say, and carried out if that is confirmed; elsewhere nothing is changed
/// without --apply. certwright undo takes everything away again.
///
/// A new key that waits for a signed certificate is called client.key.waiting, which no engine reads: a client.key without
/// its client.cert would stop Docker and Podman.
#[derive(Args, Debug)]
pub struct NewCommand {
    /// A registry host with its port, an image reference or a URL
    #[arg(value_name = "HOST")]
    host: String,
    #[command(flatten)]
    place: Place,
    /// Make the name with port 443 as well as the one without it
    #[arg(long)]
    both: bool,
    /// Take a name all the same to which no image reference leads
    #[arg(long)]
    anyway: bool,
    /// Trust the CAs in FILE, which is PEM, DER or PKCS#7; - is standard input
    #[arg(long, value_name = "FILE", group = "trust", help_heading = "CA certificates")]
    ca: Option<PathBuf>,
    /// Trust certificates that are no CAs for themselves alone
    #[arg(long, requires = "ca", help_heading = "CA certificates")]
    pin: bool,
    /// Make a file of each of them
    #[arg(long, requires = "ca", help_heading = "CA certificates")]
    split: bool,
    /// Call it NAME.crt
    #[arg(long, value_name = "NAME", requires = "trust", default_value = "ca", value_parser = stem, help_heading = "CA certificates")]
    ca_name: String,
    #[command(flatten)]
    client: ClientArguments,
    /// Take the client certificate with its chain, its key and the CAs out of FILE
    #[arg(long, value_name = "FILE", groups = ["trust", "pair"], conflicts_with = "client", help_heading = "PKCS#12")]
    from_pkcs12: Option<PathBuf>,
    /// Read its passphrase from file descriptor N, its first line; else it is asked for on the terminal
    #[arg(long, value_name = "N", requires = "from_pkcs12", help_heading = "PKCS#12")]
    passphrase_fd: Option<u32>,
    #[command(flatten)]
    deal: Deal,
}

/// What is wished of a client's pair.
#[derive(Args, Debug)]
pub struct ClientArguments {
    /// Make a client key, with --self-signed or --csr
    #[arg(long, requires = "signature", help_heading = "Client key and certificate")]
    client: bool,
    /// Sign the certificate with its own key: client.cert and client.key
    #[arg(long, groups = ["signature", "pair"], help_heading = "Client key and certificate")]
    self_signed: bool,
    /// Make a request for a CA to sign: client.csr, and client.key.waiting
    #[arg(long, groups = ["signature", "pair"], help_heading = "Client key and certificate")]
    csr: bool,
    /// The kind of key: rsa:4096, rsa:3072, rsa:2048, ecdsa:p256, ecdsa:p384, ecdsa:p521 or ed25519
    #[arg(
        long,
        value_name = "KIND",
        requires = "signature",
        default_value_t,
        help_heading = "Client key and certificate"
    )]
    key: KeyAlgorithm,
    /// So many days the certificate is valid
    #[arg(long, value_name = "DAYS", requires = "self_signed", default_value_t = 365, value_parser = days(), help_heading = "Client key and certificate")]
    days: u32,
    /// Have the certificate say CA:TRUE, as openssl req -x509 does
    #[arg(long, requires = "self_signed", help_heading = "Client key and certificate")]
    ca_true: bool,
    /// Whom it is about: CN=robot,O=Example or /O=Example/CN=robot [default: the name of this machine]
    #[arg(long, value_name = "NAME", requires = "signature", help_heading = "Client key and certificate")]
    subject: Option<String>,
    /// An alternative name: DNS:NAME, IP:ADDRESS, email:ADDRESS or URI:URI; may be given again
    #[arg(long, value_name = "NAME", requires = "signature", help_heading = "Client key and certificate")]
    san: Vec<String>,
    /// Call them NAME.cert and NAME.key
    #[arg(long, value_name = "NAME", requires = "pair", default_value = "client", value_parser = stem, help_heading = "Client key and certificate")]
    client_name: String,
}

/// Sets a host up.
///
/// # Errors
/// Where something that was asked for cannot be, something is in the way, or a change fails: then nothing is changed.
pub fn run(context: &Context, command: &NewCommand) -> Result<Exit, Failure> {
    let wish = Wish { both: command.both, anyway: command.anyway };
    let names = host::read(&command.host, wish)?;
    let client = command.client.holder()?;
    if client.is_some() || command.from_pkcs12.is_some() {
        command.deal.refuse_secret_plan(context)?;
    }
    command.deal.refuse_read_only(context)?;
    let located = setting_up::locate(context, &command.place)?;
    let inventory = located.look(&names.names);
    let (mut files, trusted) = match &command.from_pkcs12 {
        Some(file) => opened(context, command, file, &names.names)?,
        None => trusted(context, command)?,
    };
    let sources = DiskSources::default();
    // What is in the way is told before a key is made.
    let stem = &command.client.client_name;
    let mut wanted = files.clone();
    wanted.extend(command.client.names(client.is_some()).map(|name| NewFile::public(name, "")));
    setup::plan(&inventory, &located.site, &names.names, &wanted, &sources)?;
    if let Some(holder) = &client {
        let key = setting_up::make_key(command.client.key)?;
        files.extend(if command.client.csr {
            NewFile::waiting(OsStr::new(stem), certificate::request(&key, holder)?, &key)
        } else {
            let terms = Terms { now: context.settings.now, days: command.client.days, ca: command.client.ca_true };
            NewFile::pair(stem, certificate::self_signed(&key, holder, terms)?, &key)
        });
    }
    let planned = setup::plan(&inventory, &located.site, &names.names, &files, &sources)?;
    let notes = names.notes.iter().chain(&located.note).cloned().chain(trusted).collect();
    let outcome = setting_up::conclude(context, &command.deal, located.proposal(&planned, &inventory, notes))?;
    if outcome.is_done && command.client.csr && command.deal.format == Format::Text {
        let directory = located.site.root.path.join(names.names.first().map_or("", String::as_str));
        setting_up::tell_request(&directory, OsStr::new(stem));
    }
    Ok(outcome.exit)
}

/// The files of CAs, and what becomes trusted by them.
fn trusted(context: &Context, command: &NewCommand) -> Result<(Vec<NewFile>, Vec<String>), Failure> {
    let Some(path) = &command.ca else { return Ok((Vec::new(), Vec::new())) };
    let trust = if command.pin { Trust::Pinned } else { Trust::Authorities };
    let bytes = input::read(path)?;
    let read = authorities::read(&bytes, trust).map_err(|error| Failure::Authority(path.clone(), error))?;
    let (name, notes) = (&command.ca_name, read.notes(context.settings.now));
    if !command.split {
        return Ok((vec![NewFile::public(format!("{name}.crt"), read.bundle())], notes));
    }
    let numbered = |(index, bytes): (usize, Vec<u8>)| {
        let number = if index == 0 { String::new() } else { format!("-{}", index + 1) };
        NewFile::public(format!("{name}{number}.crt"), bytes)
    };
    Ok((read.files().into_iter().enumerate().map(numbered).collect(), notes))
}

/// The files of what is in a PKCS#12 file, and what is left out of it.
fn opened(
    context: &Context,
    command: &NewCommand,
    file: &Path,
    names: &[String],
) -> Result<(Vec<NewFile>, Vec<String>), Failure> {
    let passphrases = Passphrases::from_descriptor(command.passphrase_fd)?;
    let brought = input::pkcs12(file, &passphrases)?;
    let name = HostName::parse(OsStr::new(names.first().map_or("", String::as_str)));
    let sorted = import::sort(&brought, &HostDir::nowhere(), name.server_name())?;
    let files = import::new_files(&brought, &sorted, &command.ca_name, &command.client.client_name);
    let left_out = sorted.left_out.iter().map(|left| format!("left out: {left}"));
    Ok((files, sorted.authorities.notes(context.settings.now).into_iter().chain(left_out).collect()))
}

impl ClientArguments {
    /// Whom the certificate is about; `None` where none is wished.
    fn holder(&self) -> Result<Option<Holder>, Failure> {
        if !self.self_signed && !self.csr {
            return Ok(None);
        }
        let subject = match &self.subject {
            Some(text) => subject::name(text)?,
            None => subject::common_name(&Author::here().machine)?,
        };
        Ok(Some(Holder { subject, alternative_names: subject::alternative_names(&self.san)? }))
    }

    /// The names of the files that are made.
    fn names(&self, is_wished: bool) -> impl Iterator<Item = String> {
        let suffixes = if self.csr { [".csr", ".key.waiting"] } else { [".cert", ".key"] };
        let stem = self.client_name.clone();
        suffixes.into_iter().filter(move |_| is_wished).map(move |suffix| format!("{stem}{suffix}"))
    }
}

/// A name for files: no path, and nothing that is hidden.
fn stem(text: &str) -> Result<String, String> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.@+".contains(letter);
    if text.is_empty() || text.starts_with(['.', '-']) || text.len() > 200 || !text.chars().all(is_plain) {
        return Err("a name of letters, digits, dots, hyphens and underscores".to_owned());
    }
    Ok(text.to_owned())
}

/// How long a certificate may be valid.
pub fn days() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=MOST_DAYS)
}

/// Whose `certs.d` a host is set up in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// Docker's, rootless Docker's where that is what this user has
    Docker,
    /// Podman's, Buildah's and Skopeo's: this user's, for root the system's
    Podman,
    /// containerd's: where its configuration says
    Containerd,
    /// BuildKit has none: buildkitd.toml names files, or a tlsconfigdir, which is given with --root
    Buildkit,
}
