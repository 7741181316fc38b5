//! What mending costs: planning all safe fixes of a large tree against checking it, and carrying them out against the least
//! that any program must do which makes a change durable: syncing a file and its directory.
//!
//! Both of a pair take turns in one process, the median of each counts, and only their ratio means something on another
//! machine. `cargo bench --bench mend` looks at 10,000 host directories with a slip each, `-- --quick` at 1,000; what is carried
//! out is done on 500, made for the purpose and thrown away. The trees are kept in `target/tmp`.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use certwright::base::cancel::Cancel;
use certwright::finding::{Applicability, Finding};
use certwright::fix::undo::undo;
use certwright::fix::{Author, Journal, Plan, Planned, Run, apply};
use certwright::model::Inventory;
use certwright::pki::chain::Verifier;
use certwright::rules::Settings;
use certwright::rules::registry::RuleSet;
use certwright::sample::Sample;
use certwright::session::Outcome;
use certwright::session::sources::DiskSources;

#[expect(dead_code, reason = "the trees here are of another kind; its moment is theirs")]
mod describe;
mod tree;

/// What the project promises: planning 10,000 fixes takes at most so many times what checking the tree takes.
const MOST_TIMES_CHECK: f64 = 2.0;
const ROUNDS: usize = 5;
/// Host directories in which something is carried out.
const CARRIED_OUT: u64 = 500;
const SETTINGS: Settings = Settings { now: describe::NOW, expires_within: 30 };

#[expect(clippy::print_stdout, reason = "the answer of a program")]
fn main() -> Result<(), Box<dyn Error>> {
    let hosts = if std::env::args().any(|argument| argument == "--quick") { 1_000 } else { 10_000 };
    let corpus = tree::made(&format!("slips-{hosts}"), || slips(hosts))?;
    let (mut checks, mut plans, mut fixes) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let mut outcome = Outcome::default();
        checks.push(timed(|| outcome = tree::check(&corpus)));
        plans.push(timed(|| fixes = plan(&outcome).plan.fixes.len()));
    }
    let (check, plan) = (median(checks), median(plans));
    println!("{hosts} host directories with a slip each, {fixes} safe fixes, median of {ROUNDS} rounds");
    println!("  check: scan, engines, all rules    {:8.1} ms", milliseconds(check));
    println!("  plan: preview, engines, all rules  {:8.1} ms", milliseconds(plan));
    println!(
        "  ratio                              {:8.2}    (at most {MOST_TIMES_CHECK})",
        plan.as_secs_f64() / check.as_secs_f64()
    );
    carry_out()
}

/// Carries the safe fixes of a fresh tree out, and takes them back.
#[expect(clippy::print_stdout, reason = "the answer of a program")]
fn carry_out() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let root = directory.path().join("certs.d");
    std::fs::create_dir(&root)?;
    Sample::parse(&slips(CARRIED_OUT))?.build(describe::NOW, &root)?;
    let plan = plan(&tree::check(&root)).plan;
    let (fixes, changes) = (plan.fixes.len(), plan.changes().count());
    let mut journal = Journal::open(&directory.path().join("state"))?;
    let author = Author { user: "bench".to_owned(), machine: "bench".to_owned() };
    let cancel = Cancel::default();
    let run = Run { cancel: &cancel, progress: &|_, _| {}, passphrase: &|_| None, now: describe::NOW, author };
    let mut failure = None;
    let applied = timed(|| failure = apply::apply(&mut journal, &plan, &run).err());
    let undone = timed(|| failure = failure.take().or(undo(&mut journal, None, &run).err()));
    if let Some(failure) = failure {
        return Err(failure.into());
    }
    let synced = syncing(&root, changes)?;
    println!("{fixes} fixes with {changes} changes in {CARRIED_OUT} host directories");
    println!("  sync a file and its directory, {changes} times  {:8.1} ms", milliseconds(synced));
    println!("  carry out                          {:8.1} ms", milliseconds(applied));
    println!("  take back                          {:8.1} ms", milliseconds(undone));
    println!("  ratio, carrying out to syncing     {:8.2}", applied.as_secs_f64() / synced.as_secs_f64());
    Ok(())
}

/// Describes so many host directories with a slip each, of the kinds that people make most.
fn slips(hosts: u64) -> String {
    const SLIPS: [&str; 6] = [
        r#"files."ca.cert" = "acme""#,
        r#"files."ca.pem" = "acme""#,
        r#"files."ca.crt" = "acme:der""#,
        "files.\"client.crt\" = \"robot\"\nfiles.\"client.key\" = \"robot.key\"",
        "files.\"ca.crt\" = \"acme\"\nfiles.\"client.cert\" = \"robot\"\nfiles.\"robot.pem\" = \"robot.key\"",
        "files.\"ca.crt\" = \"acme\"\nfiles.\"old.key\" = \"robot.key\"",
    ];
    let mut text =
        "[material.acme]\nca = true\n\n[material.robot]\nissuer = \"acme\"\npurposes = [\"client\"]\n".to_owned();
    for (host, slip) in (0..hosts).zip(SLIPS.iter().cycle()) {
        text.push_str(&format!("\n[[host]]\nname = \"registry-{host:05}.example.com\"\n{slip}\n"));
    }
    text
}

/// Plans as `certwright fix` does.
fn plan(outcome: &Outcome) -> Planned {
    let (rules, verifier, installed) = (RuleSet::default(), Verifier::default(), Default::default());
    let mut judge = |after: &Inventory, touched: &BTreeSet<usize>| {
        let hosts = touched.iter().filter_map(|index| after.hosts.get(*index));
        let mut findings: Vec<Finding> = hosts.flat_map(|host| rules.check_host(host, SETTINGS, &verifier)).collect();
        findings.extend(rules.check_tree(after, &installed, SETTINGS, &verifier));
        findings
    };
    let sources = DiskSources::default();
    Plan::build(&outcome.inventory, &outcome.findings, Applicability::Safe, &sources, &mut judge)
}

/// Writes a byte to one file and syncs it and its directory, so many times.
fn syncing(root: &Path, times: usize) -> Result<Duration, Box<dyn Error>> {
    use std::io::Write as _;
    let mut file = tempfile::tempfile_in(root)?;
    let directory = File::open(root)?;
    let start = Instant::now();
    for _ in 0..times {
        file.write_all(b".")?;
        file.sync_all()?;
        directory.sync_all()?;
    }
    Ok(start.elapsed())
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    black_box(());
    start.elapsed()
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations.get(durations.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
