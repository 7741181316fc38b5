//! `certwright fix`: what would mend the findings, as a plan to look at, to keep or to carry out.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::base::text::{display_name, shell_word};
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::look::Look;
use crate::cli::mending::{self, Passphrases};
use crate::cli::{output, screen};
use crate::engine::Judge;
use crate::finding::{Applicability, Finding};
use crate::fix::{Plan, Planned, Verdict, apply, plan_file};
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
    #[arg(long, conflicts_with_all = ["apply", "save_plan"])]
    diff: bool,
    /// Carry the plan out
    #[arg(long, conflicts_with = "save_plan")]
    apply: bool,
    /// Keep the plan in FILE, for certwright apply
    #[arg(long, value_name = "FILE")]
    save_plan: Option<PathBuf>,
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
        let passphrases = Passphrases::default();
        let planned = plan(context, command, &look, &passphrases);
        if command.apply && !planned.plan.is_empty() {
            return apply(context, command, &planned, &passphrases);
        }
        if let Some(file) = &command.save_plan {
            save(&planned, file)?;
        }
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

/// Carries the plan out, and tells what it leaves.
fn apply(
    context: &Context,
    command: &FixCommand,
    planned: &Planned,
    passphrases: &Passphrases,
) -> Result<Exit, Failure> {
    let plan = planned.plan.anchored(&env::current_dir().map_err(Failure::Input)?);
    let done =
        mending::carry_out(context, command.format, passphrases, |journal, run| apply::apply(journal, &plan, run))?;
    if command.format == Format::Text {
        output::text(context.appearance, |paper| {
            report::plan::held_back(&planned.held_back).iter().try_for_each(|line| paper.paragraph(line, 2))
        })?;
    }
    Ok(if planned.held_back.any() { Exit::Findings } else { mending::exit(&done) })
}

/// Writes the plan into a file that is not there yet, for its owner alone.
fn save(planned: &Planned, path: &Path) -> Result<(), Failure> {
    let plan = planned.plan.anchored(&env::current_dir().map_err(Failure::Input)?);
    let text = plan_file::write(&plan).map_err(|error| Failure::Plan(path.to_path_buf(), error))?;
    store(path, &text)
}

/// Keeps the text of a plan in a file that is not there yet, and tells what to do with it.
pub fn store(path: &Path, text: &str) -> Result<(), Failure> {
    plan_file::store(path, text).map_err(|error| Failure::File(path.to_path_buf(), error))?;
    output::note(&format!(
        "the plan is in {0}; certwright apply {1} carries it out",
        display_name(path),
        shell_word(path)
    ));
    Ok(())
}

fn plan(context: &Context, command: &FixCommand, look: &Look, passphrases: &Passphrases) -> Planned {
    let allowed = if command.r#unsafe { Applicability::Unsafe } else { Applicability::Safe };
    let verifier = Verifier::default();
    // Nobody is asked for a passphrase who only looks.
    let ask = |path: &Path| passphrases.of(path);
    let sources = if command.apply { DiskSources::asking(&ask) } else { DiskSources::default() };
    let mut judge = |after: &Inventory, touched: &BTreeSet<usize>| {
        let hosts = touched.iter().filter_map(|index| after.hosts.get(*index));
        let mut findings: Vec<Finding> =
            hosts.flat_map(|host| context.rules.check_host(host, context.settings, &verifier)).collect();
        findings.extend(context.rules.check_tree(after, &look.installed, context.settings, &verifier));
        findings.retain(|finding| finding.severity >= context.min_severity && look.is_whole(&finding.place.directory));
        findings
    };
    Plan::build(&look.inventory, &look.findings, allowed, &sources, &mut judge)
}

/// The engines whose words are told: those that were chosen, else those that people run.
pub fn judges(context: &Context) -> Vec<Judge> {
    if context.judges.is_empty() { Verdict::judges() } else { context.judges.clone() }
}
