//! Looks again at what was read before: at everything, or where something is said to have changed. Only what has changed is
//! read and judged anew, and it is told in one piece, or not at all where nothing has changed.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::thread;

use crossbeam_channel::{Receiver, bounded, unbounded};

use crate::base::cancel::Cancel;
use crate::finding::Finding;
use crate::model::{HostDir, Inventory, Root};
use crate::pki::Interner;
use crate::pki::chain::Verifier;
use crate::rules::fault;
use crate::scan::{self, Entry};
use crate::session::{Request, list, take, worker_count};

/// Where something may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suspects {
    /// Anywhere
    All,
    /// In these host directories
    These(BTreeSet<PathBuf>),
}

impl Suspects {
    /// These and others.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::These(mut these), Self::These(more)) => {
                these.extend(more);
                Self::These(these)
            }
            _ => Self::All,
        }
    }

    fn hold(&self, path: &Path) -> bool {
        match self {
            Self::All => true,
            Self::These(these) => these.contains(path),
        }
    }
}

/// What has changed.
#[derive(Debug)]
pub struct Refreshed {
    /// The roots.
    pub roots: Vec<Root>,
    /// All host directories, in the order of the tree.
    pub hosts: Vec<PathBuf>,
    /// Those that were read, by their index, each with what is wrong in it.
    pub read: Vec<(usize, Arc<HostDir>, Vec<Finding>)>,
    /// What is wrong between host directories.
    pub findings: Vec<Finding>,
}

/// Looks again, on threads of its own. What comes back is `None` where nothing has changed.
pub fn start(request: Request, before: Inventory, suspects: Suspects) -> Receiver<Option<Box<Refreshed>>> {
    let (sender, answers) = bounded(1);
    thread::spawn(move || sender.send(refresh(&request, &before, &suspects).map(Box::new)));
    answers
}

fn refresh(request: &Request, before: &Inventory, suspects: &Suspects) -> Option<Refreshed> {
    let (roots, entries) = list(&request.targets);
    let known: HashMap<&Path, &Arc<HostDir>> = before.hosts.iter().map(|host| (host.path.as_path(), host)).collect();
    let verifier = Verifier::default();
    let read = read_changed(request, &entries, &known, suspects, &verifier);
    let same_roots = roots.len() == before.roots.len()
        && roots.iter().zip(&before.roots).all(|(one, other)| (&one.path, one.error) == (&other.path, other.error));
    let same_hosts = entries.len() == before.hosts.len();
    if read.is_empty() && same_roots && same_hosts {
        return None;
    }
    let fresh: HashMap<&Path, &Arc<HostDir>> = read.iter().map(|(_, host, _)| (host.path.as_path(), host)).collect();
    let now = |entry: &Entry| {
        let path = entry.path.as_path();
        fresh.get(path).or_else(|| known.get(path)).map(|host| Arc::clone(host))
    };
    let inventory = Inventory { roots: roots.clone(), hosts: entries.iter().filter_map(now).collect() };
    let judge = || request.rules.check_tree(&inventory, &request.installed, request.settings, &verifier);
    let findings = catch_unwind(AssertUnwindSafe(judge)).unwrap_or_default();
    let hosts = entries.into_iter().map(|entry| entry.path).collect();
    Some(Refreshed { roots, hosts, read, findings })
}

/// Reads and judges the host directories that are new or no longer as they were.
fn read_changed(
    request: &Request,
    entries: &[Entry],
    known: &HashMap<&Path, &Arc<HostDir>>,
    suspects: &Suspects,
    verifier: &Verifier,
) -> Vec<(usize, Arc<HostDir>, Vec<Finding>)> {
    let interner = Interner::default();
    let (next, cancel) = (AtomicUsize::new(0), Cancel::default());
    let (sender, results) = unbounded();
    let is_as_known = |entry: &Entry| {
        let known = known.get(entry.path.as_path());
        known.is_some_and(|host| !suspects.hold(&entry.path) || scan::is_as_seen(entry, host))
    };
    thread::scope(|scope| {
        for _ in 0..worker_count(entries.len()) {
            let (sender, interner, next, cancel) = (sender.clone(), &interner, &next, &cancel);
            scope.spawn(move || {
                while let Some((index, entry)) = take(next, entries, cancel) {
                    if is_as_known(entry) {
                        continue;
                    }
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
    });
    let mut read: Vec<_> = results.into_iter().collect();
    read.sort_by_key(|(index, ..)| *index);
    read
}
