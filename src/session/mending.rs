//! Plans made, carried out and taken back on a thread of their own, for somebody who goes on looking meanwhile.

use std::collections::{BTreeSet, HashSet};
use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use zeroize::Zeroizing;

use crate::base::cancel::Cancel;
use crate::base::clock::Timestamp;
use crate::base::errno::{Errno, words};
use crate::base::text::display_name;
use crate::engine::installed::Installed;
use crate::finding::{Applicability, Finding, Fix};
use crate::fix::plan::Builder;
use crate::fix::{
    ApplyError, Author, DiskError, HeldBack, Journal, JournalError, Obstacle, Operation, OperationId, Plan, Planned,
    Reason, Recovery, Run, apply, journal, plan_file, undo,
};
use crate::model::Inventory;
use crate::pki::chain::Verifier;
use crate::report;
use crate::rules::Settings;
use crate::rules::registry::RuleSet;
use crate::session::sources::DiskSources;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Work out what each fix of the findings comes to.
    Offer(Vec<Finding>),
    /// Work out what all safe fixes of the findings come to.
    PlanAll(Vec<Finding>),
    /// Carry something out, as one operation.
    CarryOut(Wanted),
    /// Keep it as a plan in a file, for somebody who may carry it out.
    Save(Wanted, PathBuf),
    /// Take an operation back; without a number the last one that stands.
    Undo(Option<OperationId>),
    /// Do again what was taken back last.
    Redo,
    /// Tell what was done.
    History,
    /// Put in order what a killed process has left half done.
    Recover,
}

/// What is to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Fixes, in order
    Fixes(Vec<(Reason, Fix)>),
    /// A plan
    Plan(Box<Plan>),
}

/// What a job works with.
#[derive(Clone)]
pub struct Workshop {
    /// Everything that was read.
    pub inventory: Inventory,
    /// The rules that findings are of.
    pub rules: Arc<RuleSet>,
    /// What the rules are told.
    pub settings: Settings,
    /// What is installed.
    pub installed: Arc<Installed>,
    /// Where the journal is; `None` where there is no place for it.
    pub state_directory: Option<PathBuf>,
    /// The present moment.
    pub now: Timestamp,
    /// The passphrase of the keys that are opened.
    pub passphrase: Option<Zeroizing<String>>,
}

/// One fix with what it comes to.
#[derive(Debug)]
pub struct Offer {
    /// The finding that it mends.
    pub finding: Finding,
    /// The fix.
    pub fix: Fix,
    /// What it comes to, or what stands in its way.
    pub planned: Result<Planned, Obstacle>,
}

/// What a job tells; the last news is its end.
#[derive(Debug)]
pub enum News {
    /// So many fixes of so many are done.
    Progress(usize, usize),
    /// A half-done operation of a killed process was put in order first.
    Recovered(String),
    /// The fixes with what they come to, for everything as it was then.
    Offers(Inventory, Vec<Offer>),
    /// The plan with what it leaves, for everything as it was then.
    Planned(Inventory, Box<Planned>),
    /// It was done; paths are those of the inventory.
    Done(Box<Operation>),
    /// The plan was kept.
    Saved(PathBuf),
    /// What was done, the oldest first.
    History(Vec<Operation>),
    /// There was nothing to put in order.
    InOrder,
    /// Somebody stopped it before anything was changed.
    Cancelled,
    /// It was not done.
    Failed {
        /// Why; may hold foreign text.
        text: String,
        /// The kernel forbids it to this user.
        denied: bool,
    },
}

/// A job under way. Dropping it lets it go on.
pub struct Mending {
    news: Receiver<News>,
    cancel: Cancel,
}

impl Mending {
    /// Starts a job.
    pub fn start(job: Job, workshop: Workshop) -> Self {
        let (sender, news) = unbounded();
        let cancel = Cancel::default();
        let flag = cancel.clone();
        thread::spawn(move || {
            let end = work(job, &workshop, &flag, &sender).unwrap_or_else(|news| news);
            // Nobody listens any more where this fails, which is no error.
            let _ = sender.send(end);
        });
        Self { news, cancel }
    }

    /// Where its news come from.
    pub fn news(&self) -> &Receiver<News> {
        &self.news
    }

    /// Asks it to stop behind the fix that is under way.
    pub fn cancel(&self) {
        self.cancel.raise();
    }
}

fn work(job: Job, workshop: &Workshop, cancel: &Cancel, sender: &Sender<News>) -> Result<News, News> {
    let passphrase = |_: &Path| workshop.passphrase.clone();
    let sources = DiskSources::asking(&passphrase);
    let inventory = &workshop.inventory;
    match job {
        Job::Offer(findings) => Ok(News::Offers(inventory.clone(), offers(inventory, findings, &sources))),
        Job::PlanAll(findings) => {
            let planned = plan_all(workshop, &findings, &sources);
            Ok(News::Planned(inventory.clone(), Box::new(planned)))
        }
        Job::CarryOut(wanted) => {
            let plan = plan_of(wanted, inventory, &sources)?;
            change(workshop, cancel, sender, |journal, run| apply::apply(journal, &anchored(&plan), run))
        }
        Job::Save(wanted, path) => save(&plan_of(wanted, inventory, &sources)?, path),
        Job::Undo(id) => change(workshop, cancel, sender, |journal, run| undo::undo(journal, id, run)),
        Job::Redo => change(workshop, cancel, sender, undo::redo),
        Job::History => {
            let directory = workshop.state_directory.as_deref().ok_or_else(no_place)?;
            let history = journal::history(directory).map_err(|error| refused(error.to_string()))?;
            Ok(News::History(history))
        }
        Job::Recover => Ok(recover(workshop)),
    }
}

/// Puts in order what was left half done. Whatever else may be wrong is told once something is to be changed.
fn recover(workshop: &Workshop) -> News {
    let directory = workshop.state_directory.as_deref();
    let Some(directory) = directory.filter(|directory| journal::is_interrupted(directory).unwrap_or_default()) else {
        return News::InOrder;
    };
    match Journal::open(directory) {
        Ok(journal) => journal.recovery().map_or(News::InOrder, |recovery| News::Recovered(told(recovery))),
        // It is not half done but under way.
        Err(JournalError::Locked { .. }) => News::InOrder,
        Err(error) => failed(&error.into()),
    }
}

/// What became of a half-done operation, with what was left as it is.
fn told(recovery: &Recovery) -> String {
    let conflicts = recovery.conflicts.iter().map(|conflict| format!("; left as it is: {conflict}"));
    report::operation::recovery(recovery) + &conflicts.collect::<String>()
}

fn offers(inventory: &Inventory, findings: Vec<Finding>, sources: &DiskSources<'_>) -> Vec<Offer> {
    let of_finding = |finding: Finding| {
        let fixes = finding.fixes.clone();
        fixes.into_iter().map(move |fix| (finding.clone(), fix))
    };
    let offer = |(finding, fix): (Finding, Fix)| {
        let reason = Reason::Rule(finding.code.number.to_owned());
        let planned = Plan::of_fix(inventory, reason, &fix, sources);
        Offer { finding, fix, planned }
    };
    let mut offers: Vec<Offer> = findings.into_iter().flat_map(of_finding).map(offer).collect();
    // Of the same kind, the worst finding and the likeliest fix come first, as they are given; what mends two findings is one
    // choice.
    offers.sort_by_key(|offer| offer.fix.rank());
    let mut known = HashSet::new();
    offers.retain(|offer| offer.fix.changes.is_empty() || known.insert(offer.fix.changes.clone()));
    offers
}

fn plan_all(workshop: &Workshop, findings: &[Finding], sources: &DiskSources<'_>) -> Planned {
    let verifier = Verifier::default();
    let directories: BTreeSet<_> = findings.iter().map(|finding| finding.place.directory.clone()).collect();
    let mut judge = |after: &Inventory, touched: &BTreeSet<usize>| {
        let hosts = touched.iter().filter_map(|index| after.hosts.get(*index));
        let mut findings: Vec<Finding> =
            hosts.flat_map(|host| workshop.rules.check_host(host, workshop.settings, &verifier)).collect();
        let mut between = workshop.rules.check_tree(after, &workshop.installed, workshop.settings, &verifier);
        // What was not asked for stays as it is.
        between.retain(|finding| directories.contains(&finding.place.directory));
        findings.extend(between);
        findings
    };
    Plan::build(&workshop.inventory, findings, Applicability::Safe, sources, &mut judge)
}

fn plan_of(wanted: Wanted, inventory: &Inventory, sources: &DiskSources<'_>) -> Result<Plan, News> {
    let fixes = match wanted {
        Wanted::Plan(plan) => return Ok(*plan),
        Wanted::Fixes(fixes) => fixes,
    };
    let mut builder = Builder::new(inventory, sources);
    for (reason, fix) in fixes {
        let added = builder.add(reason, &fix, Applicability::DisplayOnly);
        added.map_err(|obstacle| refused(obstacle.to_string()))?;
    }
    Ok(builder.finish(HeldBack::default()).plan)
}

fn change(
    workshop: &Workshop,
    cancel: &Cancel,
    sender: &Sender<News>,
    work: impl FnOnce(&mut Journal, &Run<'_>) -> Result<Operation, ApplyError>,
) -> Result<News, News> {
    let directory = workshop.state_directory.as_deref().ok_or_else(no_place)?;
    let mut journal = Journal::open(directory).map_err(|error| failed(&error.into()))?;
    if let Some(recovery) = journal.recovery() {
        let _ = sender.send(News::Recovered(told(recovery)));
    }
    let passphrase = |_: &Path| workshop.passphrase.clone();
    let progress = |done: usize, total: usize| {
        let _ = sender.send(News::Progress(done, total));
    };
    let run = Run { cancel, progress: &progress, passphrase: &passphrase, now: workshop.now, author: Author::here() };
    let operation = work(&mut journal, &run).map_err(|error| failed(&error))?;
    Ok(News::Done(Box::new(as_called(operation, &workshop.inventory))))
}

/// An operation with its paths as the inventory has them, which may be relative.
fn as_called(mut operation: Operation, inventory: &Inventory) -> Operation {
    let Ok(here) = env::current_dir() else { return operation };
    let roots: Vec<(PathBuf, &Path)> =
        inventory.roots.iter().map(|root| (anchor(&root.path, &here), root.path.as_path())).collect();
    let called = |path: &Path| {
        let rest = roots.iter().find_map(|(absolute, root)| Some((root, path.strip_prefix(absolute).ok()?)));
        rest.map_or_else(|| path.to_path_buf(), |(root, rest)| root.join(rest))
    };
    for change in operation.fixes.iter_mut().flat_map(|fix| &mut fix.changes) {
        *change = change.map_paths(called);
    }
    operation
}

fn save(plan: &Plan, path: PathBuf) -> Result<News, News> {
    let text = plan_file::write(&anchored(plan)).map_err(|error| refused(error.to_string()))?;
    plan_file::store(&path, &text).map_err(|error| refused(format!("{}: {}", display_name(&path), words(&error))))?;
    Ok(News::Saved(path))
}

/// A path as [`Plan::anchored`] makes it.
fn anchor(path: &Path, here: &Path) -> PathBuf {
    here.join(path.strip_prefix(".").unwrap_or(path))
}

fn anchored(plan: &Plan) -> Plan {
    env::current_dir().map_or_else(|_| plan.clone(), |directory| plan.anchored(&directory))
}

fn failed(error: &ApplyError) -> News {
    if *error == ApplyError::Cancelled {
        return News::Cancelled;
    }
    let errno = match error {
        ApplyError::Disk(DiskError::Refused { errno, .. })
        | ApplyError::Journal(JournalError::Refused { errno, .. }) => Some(*errno),
        _ => None,
    };
    let denied = errno.is_some_and(|errno| [Errno::EACCES, Errno::EPERM].contains(&errno));
    News::Failed { text: error.to_string(), denied }
}

fn refused(text: String) -> News {
    News::Failed { text, denied: false }
}

fn no_place() -> News {
    refused("there is no place for the journal: --state-dir names one".to_owned())
}
