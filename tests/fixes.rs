//! What every fix promises: it can be done, its finding is gone, nothing as bad has come up, and all of it converges; carried
//! out and taken back, bytes, modes, owners and times are as before.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/fixture.rs"]
#[expect(dead_code, reason = "what is expected of a fixture is the business of the rules' own test")]
mod fixture;
#[path = "support/mending.rs"]
#[expect(dead_code, reason = "the trees here are those of the fixtures")]
mod mending;
#[path = "support/tree.rs"]
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use certwright::engine::installed::Installed;
use certwright::finding::{Applicability, Change, Finding, Fix, Severity};
use certwright::fix::outlook::Verdict;
use certwright::fix::undo::undo;
use certwright::fix::{Journal, Obstacle, Plan, Planned, Reason, apply};
use certwright::model::Inventory;
use certwright::model::file::ASIDE_SUFFIX;
use certwright::pki::Rewrite;
use certwright::pki::chain::Verifier;
use certwright::report;
use certwright::report::plan::Detail;
use certwright::report::text::{Appearance, Paper};
use certwright::rules::Settings;
use certwright::rules::registry::RuleSet;
use certwright::scan::read_host_config;
use certwright::session::Outcome;
use certwright::session::sources::DiskSources;
use fixture::Fixture;
use mending::{snapshot, with_run};

/// The passphrase of the encrypted keys in the fixtures is nobody's business; what needs one is left out here.
fn needs_passphrase(finding: &Finding) -> bool {
    finding
        .fixes
        .iter()
        .flat_map(|fix| &fix.changes)
        .any(|change| matches!(change, Change::Write { rewrite: Rewrite::Decrypted, .. }))
}

fn line(finding: &Finding) -> String {
    format!("{} {}: {}", finding.code, finding.place.path().display(), finding.message)
}

/// Everything that is wrong in an inventory, as the fixture is judged.
fn judge(fixture: &Fixture, inventory: &Inventory, base: &Path) -> Vec<Finding> {
    let (rules, verifier) = (RuleSet::default(), Verifier::default());
    let settings = Settings { now: tree::NOW, expires_within: 30 };
    let installed =
        if fixture.is_whole_host() { Installed::detect(&read_host_config(Some(base))) } else { Installed::default() };
    let hosts = inventory.hosts.iter().flat_map(|host| rules.check_host(host, settings, &verifier));
    hosts.chain(rules.check_tree(inventory, &installed, settings, &verifier)).collect()
}

/// A fixture with its name.
fn all() -> impl Iterator<Item = (String, String, Fixture)> {
    fixture::fixtures().into_iter().map(|(name, text)| {
        let fixture = Fixture::parse(&name, &text);
        (name, text, fixture)
    })
}

#[test]
fn every_fix_keeps_its_promise() {
    let (mut failures, mut fixes) = (String::new(), 0);
    for (fixture_name, text, fixture) in all() {
        let directory = fixture::build(&text);
        let base = directory.path();
        let Outcome { inventory, findings } = fixture::scan(&fixture, base, RuleSet::default());
        let code = fixture::code(&fixture_name);
        for finding in findings.iter().filter(|finding| finding.code.number == code && !needs_passphrase(finding)) {
            for fix in finding.fixes.iter().filter(|fix| fix.promise > Applicability::DisplayOnly) {
                fixes += 1;
                let reason = Reason::Rule(finding.code.number.to_owned());
                let name = format!("{fixture_name}: {} ({})", fix.title, line(finding));
                let planned = match Plan::of_fix(&inventory, reason, fix, &DiskSources::default()) {
                    Ok(planned) => planned,
                    Err(obstacle) => {
                        failures.push_str(&format!("{name}: {obstacle}\n"));
                        continue;
                    }
                };
                if fix.promise == Applicability::Safe && planned.plan.fixes[0].promise != Applicability::Safe {
                    failures.push_str(&format!("{name}: it claims to be safe, and an engine is worse off\n"));
                }
                failures.push_str(&worse(&fixture, &findings, finding, &planned, base, &name));
                failures.push_str(&undone(&fixture, &planned, base, &name));
            }
        }
    }
    assert!(fixes > 100, "only {fixes} fixes were tried");
    assert!(failures.is_empty(), "\n{failures}");
}

/// What is worse after a fix: the finding is there still, or one as bad has come up.
fn worse(
    fixture: &Fixture,
    before: &[Finding],
    mended: &Finding,
    planned: &Planned,
    base: &Path,
    name: &str,
) -> String {
    let after = judge(fixture, &planned.after, base);
    let mut failures = String::new();
    let is_same = |one: &Finding, other: &Finding| one.code == other.code && one.place.path() == other.place.path();
    if after.iter().any(|finding| is_same(finding, mended) && finding.message == mended.message) {
        failures.push_str(&format!("{name}: the finding is there still\n"));
    }
    for finding in &after {
        // What was set aside is noted, and no fault.
        let name = finding.place.file.as_deref().unwrap_or_default().to_string_lossy();
        if finding.severity == Severity::Info && name.ends_with(ASIDE_SUFFIX) {
            continue;
        }
        let is_new = !before.iter().any(|known| known.code == finding.code && known.message == finding.message);
        if is_new && finding.severity >= mended.severity && !before.iter().any(|known| is_same(known, finding)) {
            failures.push_str(&format!("{name}: new: {} {}\n", finding.severity.word(), line(finding)));
        }
    }
    failures
}

/// Carries a fix out on the disk: what is there is what was foreseen, and taken back it is as before.
fn undone(fixture: &Fixture, planned: &Planned, base: &Path, name: &str) -> String {
    let state = tempfile::tempdir().unwrap();
    let before = snapshot(base);
    let mut journal = Journal::open(&state.path().join("state")).unwrap();
    if let Err(error) = with_run(|run| apply::apply(&mut journal, &planned.plan, run)) {
        return format!("{name}: {error}\n");
    }
    let names = |inventory: &Inventory| -> BTreeMap<String, Vec<String>> {
        let files = inventory.hosts.iter().map(|host| {
            let files =
                host.files.iter().map(|file| format!("{}: {}", file.name.to_string_lossy(), file.content_word()));
            (host.path.display().to_string(), files.collect())
        });
        files.collect()
    };
    let (foreseen, there) = (names(&planned.after), names(&fixture::scan(fixture, base, RuleSet::default()).inventory));
    let mut failures = String::new();
    if foreseen != there {
        failures.push_str(&format!("{name}: foreseen {foreseen:?}, there is {there:?}\n"));
    }
    if let Err(error) = with_run(|run| undo(&mut journal, None, run)) {
        return format!("{failures}{name}: undo: {error}\n");
    }
    if snapshot(base) != before {
        failures.push_str(&format!("{name}: undo leaves something behind\n"));
    }
    failures
}

/// For each fixture: what is found, each way to mend it with what it promises, what is there then, and what engines say.
#[test]
fn each_fixture_is_mended_as_written_down() {
    for (name, text, fixture) in all() {
        let directory = fixture::build(&text);
        let Outcome { inventory, findings } = fixture::scan(&fixture, directory.path(), RuleSet::default());
        let mut page = String::new();
        for finding in findings.iter().filter(|finding| finding.code.number == fixture::code(&name)) {
            page.push_str(&format!("# {}\n\n", line(finding)));
            for fix in &finding.fixes {
                page.push_str(&told(&inventory, finding, fix));
            }
        }
        let page = page.replace(&*directory.path().to_string_lossy(), "$ROOT");
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "fixtures/fixes" }, {
            insta::assert_snapshot!(name, page.trim_end());
        });
    }
}

/// A fix as `fix --diff` tells it.
fn told(inventory: &Inventory, finding: &Finding, fix: &Fix) -> String {
    let reason = Reason::Rule(finding.code.number.to_owned());
    let planned = match Plan::of_fix(inventory, reason, fix, &DiskSources::default()) {
        Ok(planned) => planned,
        Err(Obstacle::ByHand) => {
            let how = fix.by_hand.as_deref().unwrap_or_default();
            return format!("{} {}: {how}\n\n", fix.promise.word(), fix.title);
        }
        Err(obstacle) => return format!("{} {}: {obstacle}\n\n", fix.promise.word(), fix.title),
    };
    let mut text = Vec::new();
    let mut paper = Paper::new(&mut text, Appearance { color: false, ascii: false, width: None });
    report::plan::print(&planned, inventory, &Verdict::judges(), Detail::Differences, &mut paper).unwrap();
    let text = String::from_utf8(text).unwrap();
    // The last line counts what is one.
    let (rest, _) = text.trim_end().rsplit_once('\n').unwrap();
    format!("{rest}\n")
}

#[test]
fn all_safe_fixes_converge() {
    let mut failures = String::new();
    for (name, text, fixture) in all() {
        let directory = fixture::build(&text);
        let base = directory.path();
        let outcome = fixture::scan(&fixture, base, RuleSet::default());
        let build = |inventory: &Inventory, findings: &[Finding]| {
            let mut judge = |after: &Inventory, _: &BTreeSet<usize>| judge(&fixture, after, base);
            Plan::build(inventory, findings, Applicability::Safe, &DiskSources::default(), &mut judge)
        };
        let planned = build(&outcome.inventory, &outcome.findings);
        if planned.plan.is_empty() {
            continue;
        }
        let state = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(&state.path().join("state")).unwrap();
        if let Err(error) = with_run(|run| apply::apply(&mut journal, &planned.plan, run)) {
            failures.push_str(&format!("{name}: {error}\n"));
            continue;
        }
        let again = fixture::scan(&fixture, base, RuleSet::default());
        let more = build(&again.inventory, &again.findings);
        if !more.plan.is_empty() {
            let titles: Vec<_> = more.plan.fixes.iter().map(|fix| &fix.title).collect();
            failures.push_str(&format!("{name}: there is more to do: {titles:?}\n"));
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}
