//! Any plan on any tree, carried out and taken back, is as if it had never been; carried out twice, it is refused.

use std::os::unix::fs::PermissionsExt;

use certwright::finding::{Applicability, Change, Fix};
use certwright::fix::plan::Builder;
use certwright::fix::undo::{redo, undo};
use certwright::fix::{HeldBack, Journal, Plan, Reason, apply};
use certwright::pki::Rewrite;
use certwright::session::sources::DiskSources;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::mending::{Mending, with_run};

const HOSTS: [&str; 4] = ["a.example.com", "b.example.com:443", "c.example.com", "new.example.com"];
const NAMES: [&str; 6] = ["ca.crt", "ca.cert", "client.cert", "client.key", "other.pem", "ca.cert.certwright-aside"];

/// A file of the tree: host directory, name, bytes, permission bits.
type Planted = (usize, usize, u8, u32);

/// A change, whose paths may lead anywhere: some of them are refused.
fn change() -> impl Strategy<Value = (u8, usize, usize, usize, usize, u32)> {
    let (host, name) = (0..HOSTS.len(), 0..NAMES.len());
    (0..7_u8, host.clone(), name.clone(), host, name, select(vec![0o600, 0o640, 0o644, 0o444, 0o755]))
}

fn planted() -> impl Strategy<Value = Planted> {
    (0..3_usize, 0..NAMES.len(), any::<u8>(), select(vec![0o600, 0o644, 0o640]))
}

fn tree_of(files: &[Planted]) -> Mending {
    let tree = Mending::new("");
    for host in &HOSTS[..3] {
        std::fs::create_dir(tree.path(host)).unwrap();
    }
    for (host, name, byte, mode) in files {
        let path = tree.path(HOSTS[*host]).join(NAMES[*name]);
        std::fs::write(&path, [*byte; 9]).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(*mode)).unwrap();
    }
    tree
}

/// The plan of those changes that nothing stands in the way of.
fn plan(tree: &Mending, wanted: &[(u8, usize, usize, usize, usize, u32)]) -> Plan {
    let inventory = tree.inventory();
    let sources = DiskSources::default();
    let mut builder = Builder::new(&inventory, &sources);
    for (kind, host, name, other_host, other_name, mode) in wanted {
        let (directory, other) = (tree.path(HOSTS[*host]), tree.path(HOSTS[*other_host]));
        let (from, to) = (directory.join(NAMES[*name]), other.join(NAMES[*other_name]));
        let (mode, rewrite) = (*mode, Rewrite::Copy);
        let change = match kind {
            0 => Change::Rename { from, to },
            1 => Change::Write { path: from.clone(), source: from, rewrite, mode: Some(mode) },
            2 => Change::Write { path: to, source: from, rewrite, mode: Some(mode) },
            3 => Change::SetMode { path: from, mode },
            4 => Change::CreateDirectory { path: directory, mode: 0o755 },
            5 => Change::Rename { from: directory, to: other },
            _ => Change::SetAside { from, to },
        };
        let fix = Fix::new("mend it", Applicability::Unsafe, vec![change]);
        let _ = builder.add(Reason::Manual, &fix, Applicability::DisplayOnly);
    }
    builder.finish(HeldBack::default()).plan
}

/// Carries out what is wanted, takes it back and does it again, twice; `false` where nothing of it can be done.
fn holds(files: &[Planted], wanted: &[(u8, usize, usize, usize, usize, u32)]) -> Result<bool, TestCaseError> {
    let tree = tree_of(files);
    let before = tree.snapshot();
    let plan = plan(&tree, wanted);
    if plan.is_empty() {
        return Ok(false);
    }
    let mut journal = Journal::open(&tree.state()).unwrap();
    with_run(|run| apply::apply(&mut journal, &plan, run)).unwrap();
    let after = tree.snapshot();
    if after != before {
        // What is done is not done again: something is not as the plan has seen it.
        let again = with_run(|run| apply::apply(&mut journal, &plan, run));
        prop_assert!(again.is_err() || tree.snapshot() == after);
        prop_assert_eq!(&tree.snapshot(), &after);
    }
    for _ in 0..2 {
        with_run(|run| undo(&mut journal, None, run)).unwrap();
        prop_assert_eq!(&tree.snapshot(), &before);
        with_run(|run| redo(&mut journal, run)).unwrap();
        prop_assert_eq!(&tree.snapshot(), &after);
    }
    Ok(true)
}

/// A directory is renamed, and another made in its place with a file in it.
#[test]
fn what_was_made_in_the_place_of_something_renamed_is_made_again() {
    let wanted = [(5, 2, 0, 3, 0, 0o600), (4, 2, 0, 0, 0, 0o600), (2, 0, 2, 2, 0, 0o600)];
    assert!(holds(&[(0, 2, 0, 0o600)], &wanted).unwrap());
}

/// A directory is renamed there and back, and then a file in it gets another mode.
#[test]
fn what_was_renamed_back_is_no_other_thing() {
    let wanted = [(5, 2, 0, 3, 0, 0o600), (5, 3, 0, 2, 0, 0o600), (3, 2, 1, 0, 0, 0o600)];
    assert!(holds(&[(2, 1, 0, 0o644)], &wanted).unwrap());
}

/// A file is made, its directory makes room for another, and then the file of that name in that one gets another mode.
#[test]
fn what_was_made_goes_along_with_its_directory() {
    let wanted = [(2, 2, 4, 1, 0, 0o600), (5, 1, 0, 3, 0, 0o600), (5, 0, 0, 1, 0, 0o600), (3, 1, 0, 0, 0, 0o600)];
    assert!(holds(&[(0, 0, 0, 0o644), (2, 4, 1, 0o644)], &wanted).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn undo_is_the_inverse_and_redo_that_of_undo(files in vec(planted(), 1..10), wanted in vec(change(), 1..14)) {
        prop_assume!(holds(&files, &wanted)?);
    }
}
