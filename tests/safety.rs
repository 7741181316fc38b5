//! What a safe fix may never do, over every observed host directory: no engine of any version that accepts the directory
//! refuses it afterwards, and no trust anchor and no client certificate is lost.
//!
//! Each fix is carried out on the disk and what is there then is read anew, so that neither the plan's preview nor its own
//! replay of the engines is taken at its word.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/mending.rs"]
#[expect(dead_code, reason = "the trees here are those of the vectors")]
mod mending;
#[path = "support/tree.rs"]
mod tree;
#[path = "support/vector.rs"]
mod vector;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use certwright::engine::{Judge, Load};
use certwright::finding::{Applicability, Fix};
use certwright::fix::undo::undo;
use certwright::fix::{Journal, Plan, Reason, apply};
use certwright::model::{HostDir, Root, RootKind};
use certwright::pki::Certificate;
use certwright::rules::Settings;
use certwright::rules::registry::RuleSet;
use certwright::scan::Target;
use certwright::session::sources::DiskSources;
use certwright::session::{Outcome, Request, Scan};
use mending::{snapshot, with_run};

/// Every engine, and the versions in which it judges otherwise.
const JUDGES: &[&str] = &[
    "docker-classic@1.9",
    "docker-classic@17.05",
    "docker-classic@20.10",
    "docker-classic@23.0",
    "docker-classic",
    "docker-c8d",
    "containerd@1.5",
    "containerd@1.6",
    "containerd@1.7",
    "containerd@2.0",
    "containerd",
    "buildkit@0.12",
    "buildkit",
    "containers-image@5.22",
    "containers-image",
];

/// What an engine takes from a directory, by the SHA-256 of the certificates.
#[derive(Debug, Default)]
struct Taken {
    anchors: BTreeMap<[u8; 32], Anchor>,
    clients: BTreeSet<[u8; 32]>,
    /// The client certificate that comes first at each place that it connects to
    first: Vec<Option<[u8; 32]>>,
}

#[derive(Debug)]
struct Anchor {
    name: String,
    is_ca: bool,
}

impl Taken {
    /// `None` where the engine refuses the directory, or waits for ever.
    fn by(load: &Load) -> Option<Self> {
        if load.outcome() != "ok" {
            return None;
        }
        let digest = |certificate: &Certificate| certificate.sha256().as_ref().try_into().unwrap();
        let mut taken = Self::default();
        for connection in load.connections() {
            for anchor in &connection.material.anchors {
                let certificate = &anchor.certificate;
                let is_ca = certificate.basic_constraints().is_some_and(|constraints| constraints.ca);
                let name = certificate.subject().common_name().unwrap_or_default().into_owned();
                taken.anchors.insert(digest(certificate), Anchor { name, is_ca });
            }
            let clients = || connection.material.pairs.iter().filter_map(|pair| pair.leaf()).map(|leaf| digest(leaf));
            taken.first.push(clients().next());
            taken.clients.extend(clients());
        }
        Some(taken)
    }
}

fn judges() -> Vec<Judge> {
    JUDGES.iter().flat_map(|name| Judge::parse(name).unwrap()).collect()
}

fn outcome(root: &Path) -> Outcome {
    let root = Root { path: root.to_path_buf(), kind: RootKind::Given, error: None };
    let settings = Settings { now: tree::NOW, expires_within: 30 };
    let (rules, installed) = (RuleSet::default().into(), Arc::default());
    Scan::start(Request { targets: vec![Target::Root(root)], rules, settings, installed }).collect()
}

/// What engines lose between two states of a directory.
fn losses(before: &HostDir, after: &HostDir) -> Vec<String> {
    let mut losses = Vec::new();
    for judge in judges() {
        let Some(had) = Taken::by(&judge.load(before)) else { continue };
        let load = judge.load(after);
        let Some(has) = Taken::by(&load) else {
            losses.push(format!("{judge} accepted it, and says: {:?}", load.error().map(|error| &error.verbatim)));
            continue;
        };
        for (digest, anchor) in &had.anchors {
            // A client certificate that is no CA was never meant as one.
            let is_given_up = !anchor.is_ca && has.clients.contains(digest);
            if !has.anchors.contains_key(digest) && !is_given_up {
                losses.push(format!("{judge} no longer trusts {}", anchor.name));
            }
        }
        if !had.clients.is_subset(&has.clients) {
            losses.push(format!("{judge} no longer presents a client certificate"));
        }
        if had.first.iter().zip(&has.first).any(|(had, has)| had.is_some() && had != has) {
            losses.push(format!("{judge} presents another client certificate first"));
        }
    }
    losses
}

/// Carries a fix out, looks, and takes it back. Gives what is wrong with it; nothing where it does not promise to be safe
/// once the engines were replayed.
fn tried(root: &Path, outcome: &Outcome, code: &str, fix: &Fix) -> Option<Vec<String>> {
    let reason = Reason::Rule(code.to_owned());
    let planned = Plan::of_fix(&outcome.inventory, reason, fix, &DiskSources::default()).ok()?;
    if planned.plan.fixes.iter().any(|fix| fix.promise < Applicability::Safe) {
        return None;
    }
    let state = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(&state.path().join("state")).unwrap();
    let snapshot_before = snapshot(root);
    if let Err(error) = with_run(|run| apply::apply(&mut journal, &planned.plan, run)) {
        return Some(vec![error.to_string()]);
    }
    // A directory keeps its place in the order of the plan, whatever it is called now.
    let after = self::outcome(root).inventory;
    let mut wrong = Vec::new();
    for (index, before) in outcome.inventory.hosts.iter().enumerate() {
        let path = &planned.after.hosts.get(index).unwrap().path;
        match after.hosts.iter().find(|host| host.path == *path) {
            Some(after) => wrong.extend(losses(before, after)),
            None => wrong.push(format!("{} is gone", path.display())),
        }
    }
    if let Err(error) = with_run(|run| undo(&mut journal, None, run)) {
        wrong.push(format!("undo: {error}"));
    }
    if snapshot(root) != snapshot_before {
        wrong.push("undo leaves something behind".to_owned());
    }
    Some(wrong)
}

/// Tries every safe fix of every directory in a file of vectors; gives how many there were.
fn check(file: &str) -> usize {
    let (mut failures, mut fixes) = (String::new(), 0);
    for vector in vector::vectors(file) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("certs.d");
        std::fs::create_dir(&root).unwrap();
        vector::build(&vector, &root);
        let found = outcome(&root).findings;
        for finding in &found {
            for fix in finding.fixes.iter().filter(|fix| fix.promise == Applicability::Safe) {
                // What was taken back may be another file by now, with the same bytes.
                let Some(wrong) = tried(&root, &outcome(&root), finding.code.number, fix) else { continue };
                fixes += 1;
                for wrong in wrong {
                    let name = vector::text(&vector, "name").unwrap();
                    failures.push_str(&format!("{name}: {} {}: {wrong}\n", finding.code, fix.title));
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
    fixes
}

#[test]
fn over_the_curated_directories() {
    let fixes = check("curated.json");
    println!("{fixes} safe fixes");
    assert!(fixes > 20, "only {fixes} safe fixes were tried");
}

#[test]
fn over_the_random_directories() {
    let fixes = check("random.json");
    println!("{fixes} safe fixes");
    assert!(fixes > 100, "only {fixes} safe fixes were tried");
}
