//! `certwright renew`: a new key and a request like a client certificate that is to be replaced.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::new::days;
use crate::cli::setting_up::{self, Deal, Place};
use crate::create::renew::renewal as renewal_of;
use crate::create::{KeyAlgorithm, Terms};
use crate::fix::Obstacle;
use crate::session::setting_up::host::Signature;
use crate::session::setting_up::renewal::{self, Old};

/// The command line of `renew`.
///
/// Makes a new key of the same kind, and a request with the same subject and alternative names, under names that no engine
/// reads: client.key.waiting and client.csr. The old pair goes on to be used until the new certificate is imported.
#[derive(Args, Debug)]
pub struct RenewCommand {
    /// The client certificate: its path, or HOST/client.cert in the certs.d
    #[arg(value_name = "HOST/CERTIFICATE")]
    certificate: PathBuf,
    #[command(flatten)]
    place: Place,
    /// Make a certificate that its own key signs, and put the pair in the place of the old one at once
    #[arg(long)]
    self_signed: bool,
    /// So many days the certificate is valid
    #[arg(long, value_name = "DAYS", requires = "self_signed", default_value_t = 365, value_parser = days())]
    days: u32,
    /// The kind of key, where it is to be another one
    #[arg(long, value_name = "KIND")]
    key: Option<KeyAlgorithm>,
    #[command(flatten)]
    deal: Deal,
}

/// Renews a certificate.
///
/// # Errors
/// Where it is none, something is in the way, or a change fails: then nothing is changed.
pub fn run(context: &Context, command: &RenewCommand) -> Result<Exit, Failure> {
    command.deal.refuse_secret_plan(context)?;
    command.deal.refuse_read_only(context)?;
    let (located, host, file) = setting_up::find(context, &command.place, &command.certificate)?;
    let inventory = located.look(std::slice::from_ref(&host));
    let directory = inventory.hosts.first().ok_or_else(|| Obstacle::Missing(located.site.root.path.join(&host)))?;
    let renewed = renewal_of(directory, &file)?;
    let algorithm = command.key.unwrap_or(renewed.algorithm);
    let mut notes: Vec<String> = located.note.iter().cloned().collect();
    notes.extend(renewal::notes(&renewed, command.key.is_some(), !command.self_signed, "--self-signed"));
    let terms = Terms { now: context.settings.now, days: command.days, ca: false };
    let signature = if command.self_signed { Signature::OwnKey(terms) } else { Signature::Request };
    let old = Old { site: &located.site, inventory: &inventory, directory, file: &file };
    let planned = renewal::plan(old, &renewed, (algorithm, signature), setting_up::make_key)?;
    let outcome = setting_up::conclude(context, &command.deal, located.proposal(&planned, &inventory, notes))?;
    if outcome.is_done && !command.self_signed && command.deal.format == Format::Text {
        setting_up::tell_request(&directory.path, &renewed.stem);
    }
    Ok(outcome.exit)
}
