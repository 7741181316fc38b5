//! Every rule against its fixture, and the conventions of what rules say.
//!
//! A fixture is `fixtures/rules/CODE.toml` (or `CODE-case.toml`, where one tree is not enough): a sample tree, and at its
//! end the findings of that one rule as `[[expect]]` tables, all of them and no others. Healthy host directories in it must
//! give nothing.
//!
//! Where rules look at a whole host, the tree is that host's `/`: `[[host]]` tables say under which of the usual roots they
//! stand (`root = "/etc/docker/certs.d"`), `[config]` gives texts by absolute path (a directory where the path ends in a
//! slash), and `host` of `[[expect]]` is an absolute path. `$HOME` is `/root`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use certwright::finding::{Finding, Selector, Severity};
use certwright::rules::Meta;
use certwright::rules::registry::{self, RuleSet};
use fixture::{Expectation, Fixture, build, code, fixtures, scan, scan_root};

#[path = "support/fixture.rs"]
mod fixture;
#[path = "support/tree.rs"]
mod tree;

#[test]
fn every_rule_finds_exactly_what_its_fixture_expects() {
    let mut failures = String::new();
    for (name, text) in fixtures() {
        let fixture = Fixture::parse(&name, &text);
        let Ok(rules) = RuleSet::new(&[Selector::new(code(&name))], &[]) else { continue };
        let mut expected: Vec<String> = fixture.expect.iter().map(Expectation::line).collect();
        let mut found = run(&fixture, &text, rules);
        expected.sort();
        found.sort();
        let only = |these: &[String], those: &[String], mark: &str| -> String {
            these.iter().filter(|line| !those.contains(line)).map(|line| format!("  {mark} {line}\n")).collect()
        };
        if expected.is_empty() {
            failures.push_str(&format!("{name}: the fixture expects nothing\n"));
        }
        if found != expected {
            let missing = only(&expected, &found, "missing:   ");
            let surplus = only(&found, &expected, "unexpected:");
            failures.push_str(&format!("{name}:\n{missing}{surplus}"));
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn every_rule_has_a_fixture_and_every_fixture_a_rule() {
    let rules: BTreeSet<String> = metas().map(|meta| meta.code.number.to_owned()).collect();
    let fixtures: BTreeSet<String> = fixtures().into_keys().map(|name| code(&name).to_owned()).collect();
    let without_fixture: Vec<_> = rules.difference(&fixtures).collect();
    let without_rule: Vec<_> = fixtures.difference(&rules).collect();
    assert!(without_fixture.is_empty(), "rules without a fixture: {without_fixture:?}");
    assert!(without_rule.is_empty(), "fixtures without a rule: {without_rule:?}");
}

#[test]
fn codes_ascend_and_names_are_kebab_case() {
    let codes: Vec<_> = metas().map(|meta| meta.code.number).collect();
    assert!(codes.is_sorted_by(|one, other| one < other), "{codes:?}");
    let names: BTreeSet<_> = metas().map(|meta| meta.code.name).collect();
    assert_eq!(names.len(), codes.len(), "two rules share a name");
    for Meta { code, .. } in metas() {
        let kebab = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(code.name.bytes().all(kebab), "{code} {}", code.name);
    }
}

#[test]
fn every_page_begins_with_a_sentence_and_has_all_sections() {
    let mut failures = String::new();
    for meta in metas() {
        let summary = meta.summary();
        if !summary.ends_with('.') || summary.contains(". ") {
            failures.push_str(&format!("{}: the page begins with one sentence, not with {summary:?}\n", meta.code));
        }
        let sections: Vec<_> = meta.page.lines().map(str::trim).filter(|line| line.starts_with("## ")).collect();
        if sections != ["## Engines", "## Example", "## Fix", "## Sources"] {
            failures.push_str(&format!("{}: the page has the sections {sections:?}\n", meta.code));
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn messages_and_advice_are_phrases() {
    let mut failures = String::new();
    for (code, text) in fixtures() {
        let fixture = Fixture::parse(&code, &text);
        let directory = build(&text);
        let outcome = scan(&fixture, directory.path(), RuleSet::default());
        let names: BTreeSet<String> = outcome
            .inventory
            .hosts
            .iter()
            .flat_map(|host| host.files.iter().map(|file| &file.name).chain([&host.name]))
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        for finding in &outcome.findings {
            for phrase in [&finding.message, &finding.advice] {
                if !phrase.is_empty() && !is_phrase(phrase, &names) {
                    failures.push_str(&format!("{code}.toml, {}: {phrase:?}\n", finding.code));
                }
            }
        }
    }
    assert!(failures.is_empty(), "a phrase begins in lower case and has no final period:\n{failures}");
}

/// What the demo shows at first sight; what is only worth knowing is left out.
#[test]
fn the_demo_tells_its_stories() {
    let directory = build(include_str!("../assets/demo.toml"));
    let outcome = scan_root(directory.path(), RuleSet::default());
    let mut stories: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for finding in outcome.findings.iter().filter(|finding| finding.severity > Severity::Info) {
        let path = finding.place.path();
        let place = path.strip_prefix(directory.path()).unwrap().display().to_string();
        stories.entry(place).or_default().insert(finding.code.name);
    }
    let told: Vec<String> = stories
        .into_iter()
        .map(|(place, names)| format!("{place}: {}", names.into_iter().collect::<Vec<_>>().join(", ")))
        .collect();
    assert_eq!(
        told,
        [
            "10.20.0.5:5000/nas-01.crt: expiring-soon",
            "artifacts.corp.meridian.example/dc01.crt: der-encoded",
            "artifacts.corp.meridian.example/root.crt: damaged-pem",
            "build.meridian.example:5000/build-agent.cert: missing-key",
            "docker-registry.meridian.example/client-old.key: orphan-key",
            "docker-registry.meridian.example/registry.crt: expired-certificate, no-alternative-name",
            "gitlab.meridian.example:5050/ca.cert: ca-named-cert",
            "harbor.meridian.example/harbor.meridian.example.key: server-key-pair",
            "nexus.meridian.example:8443/SERVICES.CRT: unread-certificate",
            "nexus.meridian.example:8443/ca.pem: unread-certificate",
            "packages.meridian.example/corporate-ca.crt: expired-ca",
            "quay.meridian.example:443: explicit-https-port",
            "registry: unreachable-host-name",
            "registry.access.redhat.com/redhat-ca.crt: dangling-link",
            "registry.apps.meridian.example/tls.crt: expiring-soon",
            "registry.apps.meridian.example/tls.key: server-key-pair",
            "registry.kestrel.example/client.cert: key-mismatch",
            "staging.meridian.example:5000/ca.crt: damaged-pem",
            "staging.meridian.example:5000/deploy.cert: expiring-soon",
            "staging.meridian.example:5000/deploy.key: key-readable-by-others",
        ]
    );
}

/// Tells whether a text begins in lower case, or with an acronym, a product or a name of the tree, and has no full stop.
fn is_phrase(text: &str, names: &BTreeSet<String>) -> bool {
    let first = text.split([' ', ',', ':', '\'']).next().unwrap_or_default();
    let is_acronym = first.chars().filter(|letter| letter.is_uppercase()).count() > 1;
    let is_product = ["Docker", "Podman", "Go"].contains(&first);
    let is_name = names.iter().any(|name| text.starts_with(name.as_str()));
    let starts_well = !first.starts_with(char::is_uppercase) || is_acronym || is_product || is_name;
    starts_well && !text.ends_with('.') && !text.ends_with(char::is_whitespace)
}

/// What the rules say of a tree, one line a finding.
fn run(fixture: &Fixture, text: &str, rules: RuleSet) -> Vec<String> {
    let directory = build(text);
    let outcome = scan(fixture, directory.path(), rules);
    outcome.findings.iter().map(|finding| line(finding, directory.path(), fixture.is_whole_host())).collect()
}

fn line(finding: &Finding, tree: &Path, is_whole_host: bool) -> String {
    let path = finding.place.path();
    let place = path.strip_prefix(tree).unwrap_or(&path).display();
    let (slash, name) = if is_whole_host { ("/", "") } else { ("", "$ROOT") };
    let message = finding.message.replace(&tree.display().to_string(), name);
    format!("{slash}{place}: {}: {message}", finding.severity.word())
}

fn metas() -> impl Iterator<Item = &'static Meta> {
    registry::all().map(|rule| rule.meta())
}
