//! Plans and their previews: what changes in memory, what is refused, what is promised, what is expected of the disk.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use certwright::base::stamp::Stamp;
use certwright::engine::{Engine, Judge};
use certwright::finding::{Applicability, Change, Finding, Fix};
use certwright::fix::outlook::summary;
use certwright::fix::plan::Builder;
use certwright::fix::{Expectation, HeldBack, Obstacle, Plan, Preview, Reason, Sources};
use certwright::model::{FileKind, HostDir, HostState, Inventory, Root, RootKind};
use certwright::pki::Rewrite;
use certwright::rules::Settings;
use certwright::rules::registry::RuleSet;
use certwright::scan::Target;
use certwright::session::sources::DiskSources;
use certwright::session::{Request, Scan};
use tempfile::TempDir;
use zeroize::Zeroizing;

#[path = "support/tree.rs"]
mod tree;
#[path = "plan/whole.rs"]
mod whole;

const TREE: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]

[material.robot]
common-name = "robot"
issuer = "acme"
days = [-300, 2000]
purposes = ["client"]

[[host]]
name = "r.example.com"
files."ca.cert" = "acme"
files."robot.pem" = "robot"
files."robot.key" = "robot.key"

[[host]]
name = "other.example.com"
files."ca.crt" = "acme"
files."client.cert" = "robot"
files."client.key" = "robot.key"
"#;

struct Tree {
    directory: TempDir,
}

impl Tree {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        tree::build_in(TREE, directory.path());
        Self { directory }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    fn inventory(&self) -> Inventory {
        let root = Root { path: self.directory.path().to_path_buf(), kind: RootKind::Given, error: None };
        let settings = Settings { now: tree::NOW, expires_within: 30 };
        let targets = vec![Target::Root(root)];
        let (rules, installed) = (RuleSet::default().into(), std::sync::Arc::default());
        Scan::start(Request { targets, rules, settings, installed }).collect().inventory
    }

    fn rename(&self, from: &str, to: &str) -> Change {
        Change::Rename { from: self.path(from), to: self.path(to) }
    }

    fn copy(&self, from: &str, to: &str) -> Change {
        Change::Write { path: self.path(to), source: self.path(from), rewrite: Rewrite::Copy, mode: Some(0o600) }
    }
}

fn fix(changes: Vec<Change>) -> Fix {
    Fix::new("mend it", Applicability::Safe, changes)
}

fn names(host: &HostDir) -> Vec<&str> {
    host.files.iter().map(|file| file.name.to_str().unwrap()).collect()
}

fn said(engine: Engine, host: &HostDir) -> String {
    summary(&Judge::newest(engine).load(host))
}

#[test]
fn a_preview_has_the_engines_say_what_they_would() {
    let tree = Tree::new();
    let inventory = tree.inventory();
    let sources = DiskSources::default();
    let mut preview = Preview::new(&inventory, &sources);
    let path = tree.path("r.example.com");
    let before = preview.host_at(&path).unwrap();
    assert!(said(Engine::DockerClassic, before).starts_with("missing key ca.key for client certificate ca.cert"));
    let changes = [
        tree.rename("r.example.com/ca.cert", "r.example.com/ca.crt"),
        tree.rename("r.example.com/robot.pem", "r.example.com/robot.cert"),
    ];
    let attempt = preview.apply(&changes).unwrap();
    let after = preview.host_at(&path).unwrap();
    assert_eq!(names(after), ["ca.crt", "robot.cert", "robot.key"]);
    for engine in Engine::ALL {
        assert_eq!(said(engine, after), "ok: 1 trust anchor, 1 client certificate", "{engine:?}");
    }
    preview.take_back(attempt);
    assert_eq!(names(preview.host_at(&path).unwrap()), ["ca.cert", "robot.key", "robot.pem"]);
}

#[test]
fn nothing_is_overwritten_and_nothing_is_done_by_halves() {
    let tree = Tree::new();
    let inventory = tree.inventory();
    let sources = DiskSources::default();
    let mut preview = Preview::new(&inventory, &sources);
    let mut refused = |changes: &[Change]| match preview.apply(changes) {
        Ok(_) => panic!("{changes:?} was let through"),
        Err(obstacle) => obstacle,
    };
    let fine = tree.rename("r.example.com/ca.cert", "r.example.com/ca.crt");
    let taken = tree.rename("other.example.com/ca.crt", "other.example.com/client.key");
    assert_eq!(refused(&[fine.clone(), taken]), Obstacle::Exists(tree.path("other.example.com/client.key")));
    let over = tree.copy("other.example.com/client.key", "other.example.com/ca.crt");
    assert_eq!(refused(&[fine.clone(), over]), Obstacle::Exists(tree.path("other.example.com/ca.crt")));
    let gone = tree.rename("r.example.com/ca.cert", "r.example.com/b.crt");
    assert_eq!(refused(&[fine, gone]), Obstacle::Missing(tree.path("r.example.com/ca.cert")));
    let away = tree.rename("r.example.com/ca.cert", "../elsewhere/ca.crt");
    assert_eq!(refused(&[away]), Obstacle::Outside(tree.path("../elsewhere/ca.crt")));
    let onto = tree.rename("r.example.com", "other.example.com");
    assert_eq!(refused(&[onto]), Obstacle::Exists(tree.path("other.example.com")));
    assert_eq!(names(preview.host_at(&tree.path("r.example.com")).unwrap()), ["ca.cert", "robot.key", "robot.pem"]);
    assert!(preview.changed().is_empty());
}

#[test]
fn a_copy_holds_what_its_source_holds() {
    let tree = Tree::new();
    let inventory = tree.inventory();
    let sources = DiskSources::default();
    let mut preview = Preview::new(&inventory, &sources);
    let changes = [
        Change::CreateDirectory { path: tree.path("new.example.com:5000"), mode: 0o755 },
        tree.rename("other.example.com/client.key", "other.example.com/robot.key"),
        tree.copy("other.example.com/robot.key", "new.example.com:5000/robot.key"),
        tree.copy("other.example.com/client.cert", "new.example.com:5000/robot.cert"),
    ];
    let _kept = preview.apply(&changes).unwrap();
    let host = preview.host_at(&tree.path("new.example.com:5000")).unwrap();
    assert_eq!(said(Engine::DockerClassic, host), "ok: the system's roots alone, 1 client certificate");
    assert_eq!(host.files.iter().map(|file| file.stamp.unwrap().mode).collect::<Vec<_>>(), [0o600, 0o600]);
}

/// Reads from the disk, and notes what a passphrase is asked for.
struct Asked(RefCell<Vec<PathBuf>>);

impl Sources for Asked {
    fn read(&self, path: &Path, seen: &Stamp) -> Option<Zeroizing<Vec<u8>>> {
        DiskSources::default().read(path, seen)
    }

    fn passphrase(&self, path: &Path) -> Option<Zeroizing<String>> {
        self.0.borrow_mut().push(path.to_path_buf());
        None
    }
}

#[test]
fn a_passphrase_is_asked_for_where_a_key_is_opened_and_nowhere_else() {
    let tree = Tree::new();
    let inventory = tree.inventory();
    let sources = Asked(RefCell::default());
    let mut preview = Preview::new(&inventory, &sources);
    let key = tree.path("r.example.com/robot.key");
    let anew = |rewrite| Change::Write { path: key.clone(), source: key.clone(), rewrite, mode: None };
    for rewrite in [Rewrite::Normal, Rewrite::Keys] {
        let _kept = preview.apply(&[anew(rewrite)]).unwrap();
    }
    let _kept = preview.apply(&[tree.copy("other.example.com/client.key", "r.example.com/copy.key")]).unwrap();
    assert_eq!(*sources.0.borrow(), Vec::<PathBuf>::new());
    let _ = preview.apply(&[anew(Rewrite::Decrypted)]).map(|_kept| ());
    assert_eq!(*sources.0.borrow(), [key]);
}

#[test]
fn nothing_is_read_or_written_through_a_link() {
    let tree = Tree::new();
    symlink("robot.key", tree.path("r.example.com/link.key")).unwrap();
    let inventory = tree.inventory();
    let sources = DiskSources::default();
    let mut preview = Preview::new(&inventory, &sources);
    for target in ["r.example.com/copy.key", "r.example.com/link.key"] {
        let obstacle = preview.apply(&[tree.copy("r.example.com/link.key", target)]).err();
        assert_eq!(obstacle, Some(Obstacle::Link(tree.path("r.example.com/link.key"))), "{target}");
    }
}

#[test]
fn what_leads_out_of_its_root_is_left_alone_and_the_rest_is_mended() {
    let tree = Tree::new();
    let elsewhere = tempfile::tempdir().unwrap();
    tree::build_in(TREE, elsewhere.path());
    let away = elsewhere.path().join("r.example.com");
    let upward = Path::new("..").join(elsewhere.path().file_name().unwrap()).join("r.example.com");
    let links = [
        ("alias.example.com", Path::new("r.example.com"), true),
        ("second.example.com", Path::new("alias.example.com"), true),
        ("away.example.com", &away, false),
        ("upward.example.com", &upward, false),
        ("through.example.com", Path::new("away.example.com"), false),
        ("absolute.example.com", &tree.path("r.example.com"), false),
    ];
    for (name, target, _) in &links {
        symlink(target, tree.path(name)).unwrap();
    }
    let inventory = tree.inventory();
    let sources = DiskSources::default();
    for (name, _, stays) in links {
        let mut preview = Preview::new(&inventory, &sources);
        let (from, to) = (format!("{name}/ca.cert"), format!("{name}/ca.crt"));
        let obstacle = preview.apply(&[tree.rename(&from, &to)]).err();
        assert_eq!(obstacle, (!stays).then(|| Obstacle::Leads(tree.path(name))), "{name}");
        // The link itself is no directory, whatever it leads to.
        let mode = Change::SetMode { path: tree.path(name), mode: 0o755 };
        assert_eq!(preview.apply(&[mode]).err(), Some(Obstacle::Link(tree.path(name))), "{name}");
    }
    // In a directory that is looked at by itself, the link is in the way to it, and followed.
    let root = Root { path: tree.path("away.example.com"), kind: RootKind::Given, error: None };
    let inventory = Inventory { roots: vec![root], ..inventory };
    let mut preview = Preview::new(&inventory, &sources);
    assert!(preview.apply(&[tree.rename("away.example.com/ca.cert", "away.example.com/ca.crt")]).is_ok());
}

#[test]
fn links_that_lose_what_they_led_to_are_seen() {
    let tree = Tree::new();
    symlink("../other.example.com/ca.crt", tree.path("r.example.com/shared.crt")).unwrap();
    symlink("other.example.com", tree.path("alias.example.com")).unwrap();
    let inventory = tree.inventory();
    let sources = DiskSources::default();
    let mut preview = Preview::new(&inventory, &sources);
    let file = [tree.rename("other.example.com/ca.crt", "other.example.com/acme.crt")];
    let attempt = preview.apply(&file).unwrap();
    let kind = |preview: &Preview<'_>| {
        preview.host_at(&tree.path("r.example.com")).unwrap().file("shared.crt".as_ref()).unwrap().kind
    };
    assert_eq!(kind(&preview), FileKind::Dangling);
    let alias = preview.host_at(&tree.path("alias.example.com")).unwrap();
    assert_eq!(names(alias), ["acme.crt", "client.cert", "client.key"], "the same directory by another name");
    preview.take_back(attempt);
    assert_eq!(kind(&preview), FileKind::Regular);
    let directory = [tree.rename("other.example.com", "third.example.com")];
    let _kept = preview.apply(&directory).unwrap();
    assert_eq!(preview.host_at(&tree.path("alias.example.com")).unwrap().state, HostState::Missing);
}

#[test]
fn a_promise_that_the_engines_break_is_taken_back() {
    let tree = Tree::new();
    let inventory = tree.inventory();
    let sources = DiskSources::default();
    let promise = |changes: Vec<Change>| {
        let planned = Plan::of_fix(&inventory, Reason::Manual, &fix(changes), &sources).unwrap();
        planned.plan.fixes.first().unwrap().promise
    };
    assert_eq!(promise(vec![tree.rename("r.example.com/ca.cert", "r.example.com/ca.crt")]), Applicability::Safe);
    // An anchor is lost; an engine stops at what is left of a pair.
    let lost = tree.rename("other.example.com/ca.crt", "other.example.com/ca.pem");
    assert_eq!(promise(vec![lost.clone()]), Applicability::Unsafe);
    let torn = tree.rename("other.example.com/client.key", "other.example.com/robot.key");
    assert_eq!(promise(vec![torn]), Applicability::Unsafe);
    let mut builder = Builder::new(&inventory, &sources);
    let refused = builder.add(Reason::Manual, &fix(vec![lost]), Applicability::Safe).unwrap_err();
    assert_eq!(refused, Obstacle::Promise(Applicability::Unsafe));
    assert!(builder.preview().changed().is_empty());
}

#[test]
fn a_plan_expects_what_was_there_before_it_alone() {
    let tree = Tree::new();
    symlink("robot.pem", tree.path("r.example.com/link.pem")).unwrap();
    let inventory = tree.inventory();
    let sources = DiskSources::default();
    let changes = vec![
        tree.rename("r.example.com/ca.cert", "r.example.com/step.tmp"),
        tree.rename("r.example.com/step.tmp", "r.example.com/ca.crt"),
        Change::Write {
            path: tree.path("r.example.com/ca.crt"),
            source: tree.path("r.example.com/ca.crt"),
            rewrite: Rewrite::Copy,
            mode: None,
        },
        tree.rename("r.example.com/link.pem", "r.example.com/link.old"),
        Change::SetMode { path: tree.path("r.example.com"), mode: 0o755 },
        Change::SetMode { path: tree.path("r.example.com/robot.key"), mode: 0o600 },
        tree.rename("other.example.com", "third.example.com"),
        tree.copy("third.example.com/client.key", "third.example.com/robot.key"),
    ];
    let planned = Plan::of_fix(&inventory, Reason::Manual, &fix(changes), &sources).unwrap();
    let told: Vec<String> = planned
        .plan
        .expectations
        .iter()
        .map(|expected| {
            let path = expected.path.strip_prefix(tree.directory.path()).unwrap();
            let word = match &expected.is {
                Expectation::Absent => "absent".to_owned(),
                Expectation::File(_) => "file".to_owned(),
                Expectation::Link { target } => format!("link to {}", target.display()),
                Expectation::Directory(_) => "directory".to_owned(),
            };
            format!("{}: {word}", path.display())
        })
        .collect();
    assert_eq!(
        told,
        [
            "other.example.com: directory",
            "other.example.com/client.key: file",
            "other.example.com/robot.key: absent",
            "r.example.com: directory",
            "r.example.com/ca.cert: file",
            "r.example.com/ca.crt: absent",
            "r.example.com/link.old: absent",
            "r.example.com/link.pem: link to robot.pem",
            "r.example.com/robot.key: file",
            "r.example.com/step.tmp: absent",
            "third.example.com: absent",
        ]
    );
    let text = serde_json::to_string(&planned.plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), planned.plan);
}

#[test]
fn all_takes_the_one_safe_fix_and_counts_the_others() {
    let tree = Tree::new();
    let inventory = tree.inventory();
    let sources = DiskSources::default();
    let template = RuleSet::default()
        .check_host(inventory.host_at(&tree.path("r.example.com")).unwrap(), settings(), &Default::default())
        .remove(0);
    let finding = |fixes: Vec<Fix>| Finding { fixes, ..template.clone() };
    let rename = |to: &str| tree.rename("r.example.com/ca.cert", &format!("r.example.com/{to}"));
    let with = |promise, to: &str| Fix::new(to, promise, vec![rename(to)]);
    let build = |fixes: Vec<Fix>, allowed| {
        let planned = Plan::build(&inventory, &[finding(fixes)], allowed, &sources, &mut |_, _| Vec::new());
        (planned.plan.fixes.len(), planned.held_back)
    };
    let nothing = HeldBack::default();
    let (safe, risky) = (Applicability::Safe, Applicability::Unsafe);
    assert_eq!(build(vec![with(safe, "ca.crt"), with(risky, "x.crt")], safe), (1, nothing));
    assert_eq!(build(vec![with(safe, "ca.crt"), with(safe, "b.crt")], safe), (0, HeldBack { choices: 1, ..nothing }));
    assert_eq!(build(vec![with(risky, "ca.crt")], safe), (0, HeldBack { unsafe_fixes: 1, ..nothing }));
    assert_eq!(build(vec![with(risky, "ca.crt")], risky), (1, nothing));
    let several = vec![with(risky, "ca.crt"), with(risky, "b.crt")];
    for allowed in [safe, risky] {
        assert_eq!(build(several.clone(), allowed), (0, HeldBack { choices: 1, ..nothing }));
    }
    assert_eq!(build(vec![with(safe, "robot.pem")], safe), (0, HeldBack { blocked: 1, ..nothing }));
    assert_eq!(
        build(vec![Fix::by_hand("make a key", "openssl genrsa")], safe),
        (0, HeldBack { by_hand: 1, ..nothing })
    );
    assert_eq!(build(Vec::new(), safe), (0, nothing));
}

#[test]
fn a_plan_with_relative_paths_is_anchored() {
    let change = Change::Rename { from: "certs.d/r/ca.cert".into(), to: "./certs.d/r/ca.crt".into() };
    let anchored = change.map_paths(|path| Path::new("/srv").join(path.strip_prefix(".").unwrap_or(path)));
    let expected = Change::Rename { from: "/srv/certs.d/r/ca.cert".into(), to: "/srv/certs.d/r/ca.crt".into() };
    assert_eq!(anchored, expected);
}

fn settings() -> Settings {
    Settings { now: tree::NOW, expires_within: 30 }
}
