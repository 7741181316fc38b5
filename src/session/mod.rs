//! One look at a set of targets: reads them on worker threads, has the engines replay and the rules judge each host
//! directory as it comes, and tells what it finds through one channel.
//!
//! ```text
//! coordinator: list roots ─▶ Listed ─▶ workers: read, replay, judge ─▶ Host … ─▶ tree rules ─▶ Finished
//! ```

pub mod explain;
pub mod export;
pub mod hosts;
pub mod judge;
pub mod mending;
pub mod refresh;
pub mod setting_up;
pub mod sources;
pub mod why;

use std::collections::HashMap;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::base::cancel::Cancel;
use crate::base::errno::Errno;
use crate::engine::installed::Installed;
use crate::finding::Finding;
use crate::model::{HostDir, Inventory, Placement, Root, RootKind};
use crate::pki::Interner;
use crate::pki::chain::Verifier;
use crate::rules::registry::{self, RuleSet};
use crate::rules::{Settings, fault};
use crate::scan::{self, Entry, Target};

/// What to look at, and how to judge it.
#[derive(Clone)]
pub struct Request {
    /// What to look at, in order.
    pub targets: Vec<Target>,
    /// The rules to apply.
    pub rules: Arc<RuleSet>,
    /// What the rules are told.
    pub settings: Settings,
    /// What is installed on the host that the targets belong to; empty where they may belong to any.
    pub installed: Arc<Installed>,
}

/// What a scan tells, in this order: `Listed` once, `Host` for each host directory in any order, `Finished` once.
#[derive(Debug)]
pub enum Event {
    /// The roots are listed; so many host directories are to come.
    Listed {
        /// The roots, with the reason where one could not be listed.
        roots: Vec<Root>,
        /// Paths of the host directories, in the order of the tree.
        hosts: Vec<PathBuf>,
    },
    /// A host directory was read and judged.
    Host {
        /// Its index among the paths of `Listed`.
        index: usize,
        /// What it holds.
        host: Arc<HostDir>,
        /// What is wrong in it, in the order of its files.
        findings: Vec<Finding>,
    },
    /// Everything was read.
    Finished {
        /// What is wrong between host directories.
        findings: Vec<Finding>,
    },
}

/// A scan under way. Dropping it stops the scan.
pub struct Scan {
    events: Receiver<Event>,
    cancel: Cancel,
}

/// All that a scan found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What there is.
    pub inventory: Inventory,
    /// What is wrong with it, in the order of the tree.
    pub findings: Vec<Finding>,
}

impl Scan {
    /// Starts a scan on threads of its own.
    pub fn start(request: Request) -> Self {
        let (sender, events) = unbounded();
        let cancel = Cancel::default();
        let flag = cancel.clone();
        thread::spawn(move || coordinate(&request, &flag, &sender));
        Self { events, cancel }
    }

    /// Where its events come from. It is disconnected once the scan is over.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// Stops it: no more is read.
    pub fn stop(&self) {
        self.cancel.raise();
    }

    /// Waits for the end and collects everything.
    pub fn collect(self) -> Outcome {
        let mut outcome = Outcome::default();
        let mut hosts = Vec::new();
        for event in &self.events {
            match event {
                Event::Listed { roots, hosts: paths } => {
                    outcome.inventory.roots = roots;
                    hosts.resize_with(paths.len(), || None);
                }
                Event::Host { index, host, findings } => {
                    if let Some(slot) = hosts.get_mut(index) {
                        *slot = Some(host);
                    }
                    outcome.findings.extend(findings);
                }
                Event::Finished { findings } => outcome.findings.extend(findings),
            }
        }
        outcome.inventory.hosts = hosts.into_iter().flatten().collect();
        registry::sort(&mut outcome.findings);
        outcome
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.cancel.raise();
    }
}

/// Worker threads for so many host directories: more than cores, since reads wait on the disk when its cache is cold.
pub fn worker_count(jobs: usize) -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    (cores * 4).clamp(2, 32).min(jobs.max(1))
}

fn coordinate(request: &Request, cancel: &Cancel, events: &Sender<Event>) {
    let (roots, entries) = list(&request.targets);
    let hosts = entries.iter().map(|entry| entry.path.clone()).collect();
    if events.send(Event::Listed { roots: roots.clone(), hosts }).is_err() {
        return;
    }
    let verifier = Verifier::default();
    let found = read_all(request, &entries, &verifier, cancel, events);
    if cancel.is_raised() {
        return;
    }
    let inventory = Inventory { roots, hosts: found.into_iter().flatten().collect() };
    let judge = || request.rules.check_tree(&inventory, &request.installed, request.settings, &verifier);
    let findings = catch_unwind(AssertUnwindSafe(judge)).unwrap_or_default();
    // Nobody listens any more where this fails, which is no error.
    let _ = events.send(Event::Finished { findings });
}

/// The roots and the host directories that the targets mean, each once.
fn list(targets: &[Target]) -> (Vec<Root>, Vec<Entry>) {
    let mut roots: Vec<Root> = Vec::new();
    let mut entries = Vec::new();
    for target in targets {
        match target {
            Target::Root(root) | Target::Possible(root) => {
                let listed = scan::list_root(&root.path);
                let is_gone = listed.as_ref().is_err_and(|error| error.errno == Errno::ENOENT);
                if is_gone && matches!(target, Target::Possible(_)) {
                    continue;
                }
                roots.push(Root { error: listed.as_ref().err().copied(), ..root.clone() });
                entries.extend(listed.unwrap_or_default());
            }
            Target::Host { path, placement } => {
                partial_root(&mut roots, path);
                entries.push(Entry::new(path.clone(), *placement));
            }
            // A file of a home directory is no reason to read all of that.
            Target::File { directory, name, placement } => {
                partial_root(&mut roots, directory);
                let about = if *placement == Placement::Flat { vec![name.clone()] } else { Vec::new() };
                entries.push(Entry { about, ..Entry::new(directory.clone(), *placement) });
            }
        }
    }
    (roots, each_once(entries))
}

/// Adds the root of what was named singly.
fn partial_root(roots: &mut Vec<Root>, path: &Path) {
    let parent = path.parent().map(PathBuf::from).unwrap_or_default();
    if !roots.iter().any(|root| root.path == parent) {
        roots.push(Root { path: parent, kind: RootKind::Partial, error: None });
    }
}

/// Each directory once, for all that it was named for.
fn each_once(entries: Vec<Entry>) -> Vec<Entry> {
    let mut places: HashMap<PathBuf, usize> = HashMap::new();
    let mut kept: Vec<Entry> = Vec::new();
    for entry in entries {
        let known = places.get(&entry.path).and_then(|index| kept.get_mut(*index));
        match known {
            Some(known) if known.about.is_empty() || entry.about.is_empty() => known.about.clear(),
            Some(known) => known.about.extend(entry.about),
            None => {
                places.insert(entry.path.clone(), kept.len());
                kept.push(entry);
            }
        }
    }
    kept
}

fn read_all(
    request: &Request,
    entries: &[Entry],
    verifier: &Verifier,
    cancel: &Cancel,
    events: &Sender<Event>,
) -> Vec<Option<Arc<HostDir>>> {
    let interner = Interner::default();
    let next = AtomicUsize::new(0);
    let (sender, results) = unbounded();
    let mut found = Vec::new();
    found.resize_with(entries.len(), || None);
    thread::scope(|scope| {
        for _ in 0..worker_count(entries.len()) {
            let (sender, interner, next) = (sender.clone(), &interner, &next);
            scope.spawn(move || {
                while let Some((index, entry)) = take(next, entries, cancel) {
                    let host = Arc::new(scan::read_host(entry, interner));
                    let judge = || request.rules.check_host(&host, request.settings, verifier);
                    let judged = catch_unwind(AssertUnwindSafe(judge));
                    let mut findings = judged.unwrap_or_else(|_| vec![fault::of_rules(&host)]);
                    findings.extend(fault::of_parser(&host));
                    if sender.send((index, host, findings)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (index, host, findings) in results {
            if let Some(slot) = found.get_mut(index) {
                *slot = Some(Arc::clone(&host));
            }
            if events.send(Event::Host { index, host, findings }).is_err() {
                cancel.raise();
            }
        }
    });
    found
}

fn take<'a>(next: &AtomicUsize, entries: &'a [Entry], cancel: &Cancel) -> Option<(usize, &'a Entry)> {
    if cancel.is_raised() {
        return None;
    }
    let index = next.fetch_add(1, Ordering::Relaxed);
    entries.get(index).map(|entry| (index, entry))
}

/// Tells which files the targets single out; empty where whole directories are meant.
pub fn focus(targets: &[Target]) -> Vec<(PathBuf, OsString)> {
    let file = |target: &Target| match target {
        Target::File { directory, name, .. } => Some((directory.clone(), name.clone())),
        _ => None,
    };
    let files: Vec<_> = targets.iter().filter_map(file).collect();
    if files.len() == targets.len() { files } else { Vec::new() }
}
