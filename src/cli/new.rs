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
use crate::create::certificate::MOST_DAYS;
use crate::create::{Holder, KeyAlgorithm, NewFile, Terms, Trust, Wish, authorities, host, import, subject};
use crate::fix::Author;
use crate::model::{HostDir, HostName};
use crate::session::setting_up::host::{self as session, Client, Design, Proposed, Signature};

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
    let (files, trusted) = match &command.from_pkcs12 {
        Some(file) => opened(context, command, file, &names.names)?,
        None => trusted(context, command)?,
    };
    let client = client.map(|holder| command.client.wished(context, holder));
    let design = Design { site: located.site.clone(), names: names.names.clone(), trusted: files, client };
    let Proposed { before, planned } = session::plan(&design, setting_up::make_key)?;
    let notes = names.notes.iter().chain(&located.note).cloned().chain(trusted).collect();
    let outcome = setting_up::conclude(context, &command.deal, located.proposal(&planned, &before, notes))?;
    if outcome.is_done && command.client.csr && command.deal.format == Format::Text {
        let directory = located.site.root.path.join(names.names.first().map_or("", String::as_str));
        setting_up::tell_request(&directory, OsStr::new(&command.client.client_name));
    }
    Ok(outcome.exit)
}

/// The files of CAs, and what becomes trusted by them.
fn trusted(context: &Context, command: &NewCommand) -> Result<(Vec<NewFile>, Vec<String>), Failure> {
    let Some(path) = &command.ca else { return Ok((Vec::new(), Vec::new())) };
    let trust = if command.pin { Trust::Pinned } else { Trust::Authorities };
    let bytes = input::read(path)?;
    let read = authorities::read(&bytes, trust).map_err(|error| Failure::Authority(path.clone(), error))?;
    let files = session::trusted(&read, &command.ca_name, command.split);
    Ok((files, read.notes(context.settings.now)))
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

    /// What is wished.
    fn wished(&self, context: &Context, holder: Holder) -> Client {
        let terms = Terms { now: context.settings.now, days: self.days, ca: self.ca_true };
        let signature = if self.csr { Signature::Request } else { Signature::OwnKey(terms) };
        Client { stem: self.client_name.clone(), algorithm: self.key, holder, signature }
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
    clap::value_parser!(u32).range(1..=i64::from(MOST_DAYS))
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
