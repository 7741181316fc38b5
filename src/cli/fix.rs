//! `certwright fix`: what would mend the findings, as a plan to look at, to keep or to carry out.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::look::Look;
use crate::cli::{output, screen};
use crate::engine::Judge;
use crate::finding::{Applicability, Finding};
use crate::fix::{Plan, Planned, Verdict};
use crate::model::Inventory;
use crate::pki::chain::Verifier;
use crate::report;
use crate::report::plan::Detail;
use crate::session::sources::DiskSources;

/// The command line of `fix`.
#[derive(Args, Debug)]
pub struct FixCommand {
    /// A certs.d directory, a host directory or a file; the default is every certs.d of this machine
    #[arg(value_name = "ROOT")]
    roots: Vec<PathBuf>,
    /// Take in fixes that may change what is trusted, or who is let in
    #[arg(long)]
    r#unsafe: bool,
    /// Show each listing before and after as well
    #[arg(long)]
    diff: bool,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Plans, and prints the plan or carries it out.
///
/// # Errors
/// Where there is nothing to read, or the output cannot be written.
pub fn run(context: &Context, command: &FixCommand) -> Result<Exit, Failure> {
    screen::with_paths(context, &command.roots, |paths| {
        let look = Look::at(context, paths)?;
        let planned = plan(context, command, &look);
        let judges = judges(context);
        let detail = if command.diff { Detail::Differences } else { Detail::Fixes };
        match command.format {
            Format::Text => output::text(context.appearance, |paper| {
                report::plan::print(&planned, &look.inventory, &judges, detail, paper)
            })?,
            Format::Json => output::json(&report::json::plan(&planned, &look.inventory, &judges))?,
        }
        Ok(match look.exit() {
            Exit::Clean if !planned.plan.is_empty() || planned.held_back.any() => Exit::Findings,
            other => other,
        })
    })
}

fn plan(context: &Context, command: &FixCommand, look: &Look) -> Planned {
    let allowed = if command.r#unsafe { Applicability::Unsafe } else { Applicability::Safe };
    let verifier = Verifier::default();
    let mut judge = |after: &Inventory, touched: &BTreeSet<usize>| {
        let hosts = touched.iter().filter_map(|index| after.hosts.get(*index));
        let mut findings: Vec<Finding> =
            hosts.flat_map(|host| context.rules.check_host(host, context.settings, &verifier)).collect();
        findings.extend(context.rules.check_tree(after, &look.installed, context.settings, &verifier));
        findings.retain(|finding| finding.severity >= context.min_severity && look.is_whole(&finding.place.directory));
        findings
    };
    Plan::build(&look.inventory, &look.findings, allowed, &DiskSources::default(), &mut judge)
}

/// The engines whose words are told: those that were chosen, else those that people run.
fn judges(context: &Context) -> Vec<Judge> {
    if context.judges.is_empty() { Verdict::judges() } else { context.judges.clone() }
}
