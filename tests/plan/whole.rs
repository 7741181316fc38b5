//! What `all` makes of a whole tree, with what every rule says of it: halves are brought together before one is given up, and
//! nothing is done twice or done and taken back.

use std::collections::BTreeSet;
use std::path::Path;

use certwright::finding::{Applicability, Finding};
use certwright::fix::{Plan, Planned};
use certwright::model::{Inventory, Root, RootKind};
use certwright::pki::chain::Verifier;
use certwright::rules::registry::RuleSet;
use certwright::scan::Target;
use certwright::session::sources::DiskSources;
use certwright::session::{Outcome, Request, Scan};

use super::{settings, tree};

const MATERIAL: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true

[material.puller]
common-name = "puller"
issuer = "acme"
purposes = ["client"]

[material.other]
common-name = "other"
issuer = "acme"
purposes = ["client"]
"#;

/// What is planned for a tree, and the titles in order, behind the promise and the code.
fn planned(hosts: &str, allowed: Applicability) -> (Planned, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    tree::build_in(&format!("{MATERIAL}{hosts}"), directory.path());
    let root = Root { path: directory.path().to_path_buf(), kind: RootKind::Given, error: None };
    let (rules, installed) = (RuleSet::default().into(), std::sync::Arc::default());
    let request = Request { targets: vec![Target::Root(root)], rules, settings: settings(), installed };
    let Outcome { inventory, findings } = Scan::start(request).collect();
    let mut judge = |after: &Inventory, _: &BTreeSet<usize>| judge(after);
    let planned = Plan::build(&inventory, &findings, allowed, &DiskSources::default(), &mut judge);
    let told = planned.plan.fixes.iter().map(|fix| fix.title.replace(&*directory.path().to_string_lossy(), "$ROOT"));
    let told = told.collect();
    (planned, told)
}

fn judge(inventory: &Inventory) -> Vec<Finding> {
    let (rules, verifier) = (RuleSet::default(), Verifier::default());
    let hosts = inventory.hosts.iter().flat_map(|host| rules.check_host(host, settings(), &verifier));
    hosts.chain(rules.check_tree(inventory, &Default::default(), settings(), &verifier)).collect()
}

const APART: &str = r#"
[[host]]
name = "certificate.example.com"
files."client.cert" = "puller"

[[host]]
name = "key.example.com"
files."client.key" = "puller.key"
"#;

#[test]
fn a_key_goes_to_its_certificate_whatever_is_allowed() {
    for allowed in [Applicability::Safe, Applicability::Unsafe] {
        let (planned, told) = planned(APART, allowed);
        assert_eq!(
            told,
            ["copy the key out of $ROOT/key.example.com/client.key into client.key, and set it aside there"],
            "{allowed:?}"
        );
        assert!(!planned.held_back.any(), "{:?}", planned.held_back);
        let worst = judge(&planned.after).into_iter().map(|finding| finding.severity).max();
        assert!(worst.is_none_or(|worst| worst == certwright::finding::Severity::Info), "{worst:?}");
    }
}

#[test]
fn a_key_that_is_needed_in_several_places_is_copied_to_all_of_them() {
    let hosts: String = (0..12)
        .map(|number| format!("[[host]]\nname = \"h{number}.example.com\"\nfiles.\"client.cert\" = \"puller\"\n"))
        .collect();
    let (_, told) = planned(&format!("{APART}{hosts}"), Applicability::Safe);
    assert_eq!(told.len(), 13, "{told:#?}");
    assert!(told.iter().all(|title| title.starts_with("copy the key out of")), "{told:#?}");
}

#[test]
fn the_right_key_takes_the_place_of_the_wrong_one_and_nothing_comes_and_goes() {
    let hosts = r#"
        [[host]]
        name = "mismatch.example.com"
        files."client.cert" = "puller"
        files."client.key" = "other.key"

        [[host]]
        name = "right.example.com"
        files."client.cert" = "puller"
        files."client.key" = "puller.key"
    "#;
    assert_eq!(planned(hosts, Applicability::Safe).1, Vec::<String>::new());
    let (_, told) = planned(hosts, Applicability::Unsafe);
    assert_eq!(
        told,
        ["set client.key aside, and copy the key out of $ROOT/right.example.com/client.key into client.key"]
    );
}

#[test]
fn a_key_that_needs_a_passphrase_is_counted_as_that() {
    let hosts = r#"
        [[host]]
        name = "locked.example.com"
        files."client.cert" = "puller"
        files."client.key" = "puller.key:encrypted"
    "#;
    let held_back = |allowed| planned(hosts, allowed).0.held_back;
    assert_eq!((held_back(Applicability::Safe).unsafe_fixes, held_back(Applicability::Safe).passphrases), (1, 0));
    assert_eq!((held_back(Applicability::Unsafe).unsafe_fixes, held_back(Applicability::Unsafe).passphrases), (0, 1));
}

#[test]
fn what_an_engine_sends_first_stays_first() {
    let hosts = |name: &str| {
        format!(
            r#"
            [[host]]
            name = "r.example.com"
            files."m.cert" = "puller"
            files."m.key" = "puller.key"
            files."{name}.pem" = "other"
            files."{name}-key.pem" = "other.key"
            "#
        )
    };
    let (planned, told) = planned(&hosts("z"), Applicability::Safe);
    assert_eq!((told.len(), planned.held_back.unsafe_fixes), (1, 0), "{told:?}");
    let (planned, told) = self::planned(&hosts("a"), Applicability::Safe);
    assert_eq!((told.len(), planned.held_back.unsafe_fixes), (0, 1), "{told:?}");
}

#[test]
fn what_a_preview_cannot_see_the_end_of_is_done_once() {
    let directory = tempfile::tempdir().unwrap();
    tree::build_in(&format!("{MATERIAL}{APART}"), directory.path());
    let root = Root { path: directory.path().to_path_buf(), kind: RootKind::Given, error: None };
    let (rules, installed) = (RuleSet::default().into(), std::sync::Arc::default());
    let request = Request { targets: vec![Target::Root(root)], rules, settings: settings(), installed };
    let Outcome { inventory, findings } = Scan::start(request).collect();
    // A finding that stays whatever is done.
    let mut stays = findings.first().unwrap().clone();
    let path = Path::join(&stays.place.directory, "client.cert");
    let change = certwright::finding::Change::SetMode { path, mode: 0o600 };
    stays.fixes = vec![certwright::finding::Fix::new("close it", Applicability::Safe, vec![change])];
    let stays = [stays];
    let mut judge = |_: &Inventory, _: &BTreeSet<usize>| stays.to_vec();
    let planned = Plan::build(&inventory, &stays, Applicability::Safe, &DiskSources::default(), &mut judge);
    assert_eq!(planned.plan.fixes.len(), 1);
}
