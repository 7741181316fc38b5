//! `certwright why`: what an error text means, and what of it these directories bear out.

use std::io::Read;
use std::path::PathBuf;

use clap::Args;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::look::Look;
use crate::cli::output;
use crate::report;
use crate::session;
use crate::why;

/// The command line of `why`.
#[derive(Args, Debug)]
pub struct WhyCommand {
    /// The error as docker, podman, skopeo, ctr, nerdctl, crictl or a log printed it; read from standard input where it is
    /// left out or -
    #[arg(value_name = "ERROR TEXT")]
    text: Option<String>,
    /// Look for the directory under CERTS_D alone
    #[arg(long, value_name = "CERTS_D")]
    root: Option<PathBuf>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The longest text that is read from standard input, in bytes.
const MAX_TEXT: u64 = 4 << 20;

/// Prints what the text means.
///
/// # Errors
/// Where standard input cannot be read, or the output cannot be written.
pub fn run(context: &Context, command: &WhyCommand) -> Result<Exit, Failure> {
    let text = match command.text.as_deref() {
        Some(text) if text != "-" => text.to_owned(),
        _ => from_standard_input()?,
    };
    let Some(diagnosis) = why::explain(&text) else {
        match command.format {
            Format::Text => output::note(
                "this text is not known; certwright knows what engines say of certificates, and does not guess",
            ),
            Format::Json => output::json(&report::json::unknown_text())?,
        }
        return Ok(Exit::Findings);
    };
    let paths: Vec<PathBuf> = command.root.iter().cloned().collect();
    let look = Look::at(context, &paths).ok();
    let host = look.as_ref().and_then(|look| session::why::directory_of(&diagnosis, &look.inventory));
    let findings = look.as_ref().map(|look| look.findings.as_slice()).unwrap_or_default();
    let verdict = why::confirm(&diagnosis, host.as_deref(), findings);
    let place = host.as_ref().map(|host| host.path.as_path());
    match command.format {
        Format::Text => {
            output::text(context.appearance, |paper| report::why::print(&diagnosis, &verdict, place, paper))?;
        }
        Format::Json => output::json(&report::json::why(&diagnosis, &verdict, place))?,
    }
    Ok(Exit::Clean)
}

fn from_standard_input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_TEXT).read_to_end(&mut bytes).map_err(Failure::Input)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
