//! Files and roots made out of nothing: what the engines would say, on the disk, taken back, whatever fails or dies, and
//! that nothing of a private key is ever told.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test makes files and fails by panicking")]

#[path = "support/mending.rs"]
mod mending;
#[path = "support/tree.rs"]
mod tree;

use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use certwright::base::errno::Errno;
use certwright::engine::{Engine, Judge};
use certwright::finding::{Applicability, Change, Fix, NewContent};
use certwright::fix::kernel::{Fault, Kernel};
use certwright::fix::outlook::summary;
use certwright::fix::plan::{Builder, Planned};
use certwright::fix::plan_file::{self, PlanFileError};
use certwright::fix::undo::{redo, undo};
use certwright::fix::{ApplyError, DiskError, HeldBack, Journal, Obstacle, Plan, Reason, apply};
use certwright::model::{Inventory, Root, RootKind};
use certwright::session::sources::DiskSources;
use mending::{Mending, Snapshot, snapshot, with_run};
use serde_json::Value;

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
files."ca.crt" = "acme"
files."client.cert" = "robot"
files."spare.pem" = "robot.key"
"#;

/// A tree, and in it what files are made of.
struct Stock {
    tree: Mending,
    ca: Vec<u8>,
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Stock {
    fn new() -> Self {
        let tree = Mending::new(TREE);
        let bytes = |name: &str| std::fs::read(tree.path(&format!("r.example.com/{name}"))).unwrap();
        let (ca, certificate, key) = (bytes("ca.crt"), bytes("client.cert"), bytes("spare.pem"));
        Self { tree, ca, certificate, key }
    }

    /// The same every time.
    fn fixed() -> Self {
        let tree = Mending::new("[[host]]\nname = \"r.example.com\"\nfiles.\"ca.crt\" = { text = \"CA\" }\n");
        Self { tree, ca: b"a CA\n".into(), certificate: b"a certificate\n".into(), key: b"a key\n".into() }
    }

    /// A host directory with everything in it.
    fn host(&self, directory: &Path) -> Vec<Change> {
        vec![
            Change::CreateDirectory { path: directory.to_path_buf(), mode: 0o755 },
            create(directory.join("ca.crt"), NewContent::public(self.ca.clone()), 0o644),
            create(directory.join("client.cert"), NewContent::public(self.certificate.clone()), 0o644),
            create(directory.join("client.key"), NewContent::secret(self.key.clone().into()), 0o600),
        ]
    }

    /// A root that is not there, nor what leads to it.
    fn new_root(&self) -> PathBuf {
        self.tree.base().join("etc/docker/certs.d")
    }

    /// The root, what leads to it, and a host directory in it.
    fn out_of_nothing(&self) -> Planned {
        let root = self.new_root();
        let way = [self.tree.base().join("etc"), self.tree.base().join("etc/docker"), root.clone()];
        let mut changes: Vec<Change> = way.map(|path| Change::CreateDirectory { path, mode: 0o755 }).into();
        changes.extend(self.host(&root.join("new.example.com:5000")));
        build(&Inventory::default(), Some((&root, self.tree.base())), changes).unwrap()
    }
}

fn create(path: PathBuf, content: NewContent, mode: u32) -> Change {
    Change::Create { path, content, mode }
}

fn build(inventory: &Inventory, new_root: Option<(&Path, &Path)>, changes: Vec<Change>) -> Result<Planned, Obstacle> {
    let sources = DiskSources::default();
    let mut builder = Builder::new(inventory, &sources);
    if let Some((root, base)) = new_root {
        let root = Root { path: root.to_path_buf(), kind: RootKind::Docker, error: None };
        builder = builder.with_new_root(root, base);
    }
    builder.add(Reason::Manual, &Fix::new("set it up", Applicability::Safe, changes), Applicability::DisplayOnly)?;
    Ok(builder.finish(HeldBack::default()))
}

/// Everything but the state directory.
fn everything(tree: &Mending) -> Snapshot {
    let mut snapshot = snapshot(tree.base());
    snapshot.retain(|name, _| !name.starts_with("state"));
    snapshot
}

fn said(engine: Engine, planned: &Planned, name: &str) -> String {
    let host = planned.after.hosts.iter().find(|host| host.name == name).unwrap();
    summary(&Judge::newest(engine).load(host))
}

fn carry_out(tree: &Mending, plan: &Plan) -> Result<(), ApplyError> {
    let mut journal = Journal::open(&tree.state()).unwrap();
    with_run(|run| apply::apply(&mut journal, plan, run)).map(|_| ())
}

#[test]
fn every_engine_is_asked_about_what_is_not_there_yet() {
    let stock = Stock::new();
    let inventory = stock.tree.inventory();
    let planned = build(&inventory, None, stock.host(&stock.tree.path("new.example.com"))).unwrap();
    let loaded = "ok: 1 trust anchor, 1 client certificate";
    for engine in Engine::ALL {
        assert_eq!(said(engine, &planned, "new.example.com"), loaded, "{engine:?}");
    }
    let key = create(stock.tree.path("r.example.com/client.key"), NewContent::secret(stock.key.clone().into()), 0o600);
    let planned = build(&inventory, None, vec![key]).unwrap();
    assert_eq!(said(Engine::DockerClassic, &planned, "r.example.com"), loaded);
    assert_eq!(planned.plan.fixes[0].promise, Applicability::Safe);
    let stranger =
        create(stock.tree.path("r.example.com/other.key"), NewContent::secret(stock.key.clone().into()), 0o600);
    let whole = vec![
        create(stock.tree.path("r.example.com/client.key"), NewContent::secret(stock.key.clone().into()), 0o600),
        stranger,
    ];
    let planned = build(&inventory, None, whole).unwrap();
    assert!(said(Engine::DockerClassic, &planned, "r.example.com").contains("missing client certificate"));
}

#[test]
fn what_stands_in_the_way_is_told_before_anything_is_done() {
    let stock = Stock::new();
    let inventory = stock.tree.inventory();
    let refused = |changes| build(&inventory, None, changes).unwrap_err();
    let path = stock.tree.path("r.example.com/ca.crt");
    let text = NewContent::public("text\n");
    assert_eq!(refused(vec![create(path.clone(), text.clone(), 0o644)]), Obstacle::Exists(path));
    let outside = stock.tree.base().join("elsewhere/ca.crt");
    assert_eq!(refused(vec![create(outside.clone(), text.clone(), 0o644)]), Obstacle::Outside(outside));
    let path = stock.tree.path("r.example.com/large.crt");
    let large = NewContent::public(vec![b' '; (4 << 20) + 1]);
    assert_eq!(refused(vec![create(path.clone(), large, 0o644)]), Obstacle::TooLarge(path.clone()));
    let read_back: NewContent = serde_json::from_str(&serde_json::to_string(&text).unwrap()).unwrap();
    assert_eq!(refused(vec![create(path.clone(), read_back, 0o644)]), Obstacle::NoContent(path));
    // In a root that is not made yet there is nothing; and nothing but what leads to it is made on the way.
    let (root, base) = (stock.new_root(), stock.tree.base());
    let refused = |changes| build(&inventory, Some((&root, base)), changes).unwrap_err();
    assert_eq!(refused(stock.host(&root.join("r.example.com"))), Obstacle::Missing(root.clone()));
    for aside in ["etc/docker", "elsewhere"] {
        let path = base.join(aside);
        let made = refused(vec![Change::CreateDirectory { path: path.clone(), mode: 0o755 }]);
        assert_eq!(made, Obstacle::Outside(path));
    }
}

#[test]
fn undo_leaves_nothing_behind_and_redo_does_it_again() {
    let stock = Stock::new();
    let before = everything(&stock.tree);
    let planned = stock.out_of_nothing();
    assert_eq!(
        said(Engine::DockerClassic, &planned, "new.example.com:5000"),
        "ok: 1 trust anchor, 1 client certificate"
    );
    let mut journal = Journal::open(&stock.tree.state()).unwrap();
    with_run(|run| apply::apply(&mut journal, &planned.plan, run)).unwrap();
    let after = everything(&stock.tree);
    let host = stock.new_root().join("new.example.com:5000");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o7777;
    for (name, bytes, expected) in
        [("ca.crt", &stock.ca, 0o644), ("client.cert", &stock.certificate, 0o644), ("client.key", &stock.key, 0o600)]
    {
        assert_eq!(&std::fs::read(host.join(name)).unwrap(), bytes, "{name}");
        assert_eq!(mode(&host.join(name)), expected, "{name}");
        assert_eq!(host.join(name).metadata().unwrap().mtime(), tree::NOW.0, "{name}");
    }
    for directory in host.ancestors().take(4) {
        assert_eq!(mode(directory), 0o755, "{}", directory.display());
    }
    assert_eq!(after.len(), before.len() + 7, "nothing else was made");
    for _ in 0..2 {
        with_run(|run| undo(&mut journal, None, run)).unwrap();
        assert_eq!(everything(&stock.tree), before);
        with_run(|run| redo(&mut journal, run)).unwrap();
        assert_eq!(everything(&stock.tree), after);
    }
}

#[test]
fn a_group_that_a_directory_gives_is_kept() {
    let stock = Stock::new();
    let directory = stock.tree.path("r.example.com");
    std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o2775)).unwrap();
    let path = directory.join("more.crt");
    let plan = stock.tree.plan([create(path.clone(), NewContent::public("# CA\n"), 0o644)]);
    carry_out(&stock.tree, &plan).unwrap();
    assert_eq!(path.metadata().unwrap().gid(), directory.metadata().unwrap().gid());
}

#[test]
fn what_came_to_be_meanwhile_stays() {
    let stock = Stock::new();
    let path = stock.tree.path("r.example.com/more.crt");
    let plan = stock.tree.plan([create(path.clone(), NewContent::public("# CA\n"), 0o644)]);
    std::fs::write(&path, "theirs").unwrap();
    let refused = carry_out(&stock.tree, &plan).unwrap_err();
    assert!(matches!(refused, ApplyError::Disk(DiskError::Moved { .. })), "{refused}");
    assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
    let planned = stock.out_of_nothing();
    std::fs::create_dir(stock.tree.base().join("etc")).unwrap();
    let before = everything(&stock.tree);
    let refused = carry_out(&stock.tree, &planned.plan).unwrap_err();
    assert!(refused.to_string().contains("has come to be meanwhile"), "{refused}");
    assert_eq!(everything(&stock.tree), before);
}

#[test]
fn what_others_put_into_it_is_not_taken_away() {
    let stock = Stock::new();
    let planned = stock.out_of_nothing();
    carry_out(&stock.tree, &planned.plan).unwrap();
    std::fs::write(stock.new_root().join("theirs"), "theirs").unwrap();
    let before = everything(&stock.tree);
    let mut journal = Journal::open(&stock.tree.state()).unwrap();
    let refused = with_run(|run| undo(&mut journal, None, run)).unwrap_err();
    assert!(refused.to_string().contains("is not empty any more"), "{refused}");
    assert_eq!(everything(&stock.tree), before);
}

#[test]
fn no_key_is_made_open_to_others() {
    let stock = Stock::new();
    let before = stock.tree.snapshot();
    for content in [NewContent::secret(stock.key.clone().into()), NewContent::public(stock.key.clone())] {
        let change = create(stock.tree.path("r.example.com/client.key"), content, 0o640);
        let refused = carry_out(&stock.tree, &stock.tree.plan([change])).unwrap_err();
        assert!(matches!(refused, ApplyError::Disk(DiskError::OpenKey { mode: 0o640, .. })), "{refused}");
        assert_eq!(stock.tree.snapshot(), before);
    }
}

#[test]
fn nothing_of_a_key_is_told_anywhere() {
    let stock = Stock::new();
    let planned = stock.out_of_nothing();
    carry_out(&stock.tree, &planned.plan).unwrap();
    let history = certwright::fix::journal::history(&stock.tree.state()).unwrap();
    let judges = [Judge::newest(Engine::DockerClassic)];
    let inventory = Inventory::default();
    let journal = std::fs::read_to_string(stock.tree.state().join("journal.jsonl")).unwrap();
    let told = [
        ("journal", journal),
        ("history", serde_json::to_string(&certwright::report::json::history(&history)).unwrap()),
        ("plan", serde_json::to_string(&certwright::report::json::plan(&planned, &inventory, &judges)).unwrap()),
        ("debug", format!("{:?} {:?}", planned, history)),
        ("refusal", format!("{:?}", plan_file::write(&planned.plan))),
    ];
    let key = String::from_utf8(stock.key.clone()).unwrap();
    for (where_, text) in told {
        for line in key.lines().filter(|line| line.len() > 8) {
            assert!(!text.contains(line), "{where_} holds {line}");
        }
        assert!(!text.contains(&format!("{:?}", stock.key).trim_matches(['[', ']'])[..60]), "{where_}");
    }
    let blobs: Vec<_> = walkdir::WalkDir::new(stock.tree.state().join("blobs")).min_depth(1).into_iter().collect();
    assert_eq!(blobs.len(), 3);
    for blob in blobs {
        assert_eq!(blob.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

fn without_key(stock: &Stock) -> Planned {
    let root = stock.new_root();
    let way = [stock.tree.base().join("etc"), stock.tree.base().join("etc/docker"), root.clone()];
    let mut changes: Vec<Change> = way.map(|path| Change::CreateDirectory { path, mode: 0o755 }).into();
    changes.extend(stock.host(&root.join("new.example.com")).into_iter().take(2));
    build(&Inventory::default(), Some((&root, stock.tree.base())), changes).unwrap()
}

#[test]
fn a_plan_file_holds_what_everybody_may_see_and_no_key() {
    let stock = Stock::new();
    assert!(matches!(plan_file::write(&stock.out_of_nothing().plan), Err(PlanFileError::Secret(_))));
    let planned = without_key(&stock);
    let read = plan_file::read(&plan_file::write(&planned.plan).unwrap()).unwrap();
    assert_eq!(read, planned.plan);
    carry_out(&stock.tree, &read).unwrap();
    assert_eq!(std::fs::read(stock.new_root().join("new.example.com/ca.crt")).unwrap(), stock.ca);
}

#[test]
fn a_hostile_plan_file_is_refused() {
    let stock = Stock::new();
    let text = plan_file::write(&without_key(&stock).plan).unwrap();
    let base = stock.tree.base().to_str().unwrap();
    type Meddle<'a> = &'a dyn Fn(&mut Value);
    let set = |value: &mut Value, pointer: &str, new: Value| *value.pointer_mut(pointer).unwrap() = new;
    let meddles: [(&str, Meddle<'_>); 8] = [
        ("other bytes", &|plan| {
            plan["contents"].as_object_mut().unwrap().values_mut().for_each(|text| *text = "other".into());
        }),
        ("no bytes", &|plan| set(plan, "/contents", serde_json::json!({}))),
        ("called secret", &|plan| set(plan, "/plan/fixes/0/changes/4/content/secret", true.into())),
        ("writable", &|plan| set(plan, "/plan/fixes/0/changes/4/mode", 0o666.into())),
        ("a file on the way", &|plan| {
            set(plan, "/plan/fixes/0/changes/4/path", format!("{base}/etc/docker/daemon.json").into())
        }),
        ("a directory aside of the way", &|plan| {
            set(plan, "/plan/fixes/0/changes/1/path", format!("{base}/etc/ssl").into())
        }),
        ("a base that is none", &|plan| set(plan, "/plan/roots/0/base", format!("{base}/other").into())),
        ("a base that goes up", &|plan| set(plan, "/plan/roots/0/base", format!("{base}/x/..").into())),
    ];
    assert!(plan_file::read(&text).is_ok());
    for (name, meddle) in meddles {
        let mut plan: Value = serde_json::from_str(&text).unwrap();
        meddle(&mut plan);
        let refused = plan_file::read(&plan.to_string());
        assert!(matches!(refused, Err(PlanFileError::Refused { .. } | PlanFileError::Path(_))), "{name}: {refused:?}");
    }
}

/// What is tried at every call that changes something: to make it, to take it back, to make it again.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Apply,
    Undo,
    Redo,
}

/// A tree right before a step.
fn before(step: Step) -> (Stock, Plan) {
    let stock = Stock::fixed();
    let plan = stock.out_of_nothing().plan;
    let mut journal = Journal::open(&stock.tree.state()).unwrap();
    if step != Step::Apply {
        with_run(|run| apply::apply(&mut journal, &plan, run)).unwrap();
    }
    if step == Step::Redo {
        with_run(|run| undo(&mut journal, None, run)).unwrap();
    }
    (stock, plan)
}

fn make(step: Step, tree: &Mending, plan: &Plan, kernel: Kernel) -> Result<usize, ApplyError> {
    let mut journal = Journal::open_with(&tree.state(), kernel)?;
    with_run(|run| match step {
        Step::Apply => apply::apply(&mut journal, plan, run),
        Step::Undo => undo(&mut journal, None, run),
        Step::Redo => redo(&mut journal, run),
    })?;
    Ok(journal.calls())
}

#[test]
fn whatever_fails_or_dies_leaves_all_of_it_or_nothing() {
    let mut points = 0;
    for step in [Step::Apply, Step::Undo, Step::Redo] {
        let (stock, plan) = before(step);
        let old = everything(&stock.tree);
        let calls = make(step, &stock.tree, &plan, Kernel::default()).unwrap();
        let new = everything(&stock.tree);
        assert_ne!(old, new);
        let faults =
            [Fault::Stop, Fault::Tear, Fault::FailFrom(Errno(30)), Fault::Fail(Errno(28)), Fault::Fail(Errno(5))];
        for (call, fault) in (0..calls).flat_map(|call| faults.map(|fault| (call, fault))) {
            let (stock, plan) = before(step);
            let made = make(step, &stock.tree, &plan, Kernel::with_fault(call, fault));
            if made.is_err() && matches!(fault, Fault::Fail(_)) {
                assert_eq!(everything(&stock.tree), old, "{step:?}, call {call}, {fault:?}: taken back at once");
            }
            let journal = Journal::open(&stock.tree.state()).unwrap();
            let told = journal.recovery().map(|recovery| recovery.conflicts.clone()).unwrap_or_default();
            assert_eq!(told, Vec::<String>::new(), "{step:?}, call {call}, {fault:?}");
            let now = everything(&stock.tree);
            assert!(now == old || now == new, "{step:?}, call {call}, {fault:?}: {now:#?}");
            assert!(now == new || made.is_err(), "{step:?}, call {call}, {fault:?}: it said that it was done");
            points += 1;
        }
    }
    let _ = writeln!(std::io::stderr(), "creation: {points} points");
    assert!(points >= 1000, "only {points} points were tried");
}
