//! What the writer does among others: it refuses hostile plans, leaves alone what is not its own, and keeps keys closed.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test makes files and fails by panicking"
)]

#[path = "writer/identity.rs"]
mod identity;
#[path = "support/mending.rs"]
mod mending;
#[path = "support/tree.rs"]
mod tree;

use std::collections::BTreeMap;
use std::fs::{File, FileTimes};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use certwright::base::errno::Errno;
use certwright::finding::Change;
use certwright::fix::kernel::{Fault, Kernel};
use certwright::fix::plan::Root;
use certwright::fix::plan_file::{self, PlanFileError};
use certwright::fix::undo::undo;
use certwright::fix::{ApplyError, DiskError, Journal, Plan, apply};
use certwright::pki::Rewrite;
use mending::{Mending, with_run};
use serde_json::{Value, json};

const TREE: &str = r#"
[material.robot]
common-name = "robot"
days = [-1, 100]

[[host]]
name = "r.example.com"
files."ca.cert" = { text = "a certificate\n" }
files."robot.key" = "robot.key"
files."left.key" = { text = "another key\n" }
"#;

fn rename(tree: &Mending, from: &str, to: &str) -> Change {
    Change::Rename { from: tree.path(from), to: tree.path(to) }
}

fn write(tree: &Mending, source: &str, path: &str, mode: Option<u32>) -> Change {
    Change::Write { path: tree.path(path), source: tree.path(source), rewrite: Rewrite::Copy, mode }
}

fn changes(tree: &Mending) -> Vec<Change> {
    vec![
        rename(tree, "r.example.com/ca.cert", "r.example.com/ca.crt"),
        write(tree, "r.example.com/robot.key", "r.example.com/robot.key", Some(0o600)),
        Change::CreateDirectory { path: tree.path("new.example.com"), mode: 0o755 },
        write(tree, "r.example.com/left.key", "new.example.com/left.key", Some(0o600)),
        rename(tree, "r.example.com/left.key", "r.example.com/left.key.aside"),
        Change::SetMode { path: tree.path("r.example.com/ca.crt"), mode: 0o444 },
    ]
}

fn carry_out(tree: &Mending, plan: &Plan) -> Result<(), ApplyError> {
    let mut journal = Journal::open(&tree.state()).unwrap();
    with_run(|run| apply::apply(&mut journal, plan, run)).map(|_| ())
}

/// How many files hold these bytes.
fn holding(root: &Path, bytes: &str) -> usize {
    let entries = walkdir::WalkDir::new(root).into_iter().map(Result::unwrap);
    entries.filter(|entry| std::fs::read(entry.path()).is_ok_and(|found| found == bytes.as_bytes())).count()
}

#[test]
fn what_others_make_is_never_taken_for_ours() {
    let names = ["r.example.com/ca.crt", "r.example.com/left.key.aside", "new.example.com/left.key", "new.example.com"];
    for call in 0.. {
        let tree = Mending::new(TREE);
        let plan = tree.plan(changes(&tree));
        let kernel = Kernel::with_fault(call, Fault::Stop);
        let run = Journal::open_with(&tree.state(), kernel);
        let is_over = run.is_ok_and(|mut journal| with_run(|run| apply::apply(&mut journal, &plan, run)).is_ok());
        let mut mine = 0;
        for name in names.iter().map(|name| tree.path(name)).filter(|path| path.symlink_metadata().is_err()) {
            let is_written = name.parent().is_some_and(Path::is_dir) && std::fs::write(&name, "mine").is_ok();
            mine += usize::from(is_written);
        }
        let journal = Journal::open(&tree.state()).unwrap_or_else(|error| panic!("call {call}: {error}"));
        assert_eq!(holding(&tree.root(), "mine"), mine, "call {call}: {:?}", journal.recovery());
        // A commit whose last sync was cut short may have come through.
        let copies = 1 + journal.history().len();
        assert_eq!(holding(&tree.root(), "another key\n"), copies, "call {call}");
        if is_over {
            break;
        }
    }
}

#[test]
fn what_others_put_in_the_place_of_ours_stays() {
    for call in 0.. {
        let tree = Mending::new(TREE);
        let plan = tree.plan(changes(&tree));
        let kernel = Kernel::with_fault(call, Fault::Stop);
        let run = Journal::open_with(&tree.state(), kernel);
        let is_over = run.is_ok_and(|mut journal| with_run(|run| apply::apply(&mut journal, &plan, run)).is_ok());
        let files = walkdir::WalkDir::new(tree.root()).into_iter().map(|entry| entry.unwrap().into_path());
        let is_ours = |path: &PathBuf| path.to_string_lossy().contains("certwright-tmp");
        let files: Vec<PathBuf> = files.filter(|path| path.is_file() && !is_ours(path)).collect();
        for (number, file) in files.iter().enumerate() {
            let other = tree.base().join("other");
            std::fs::write(&other, format!("mine {number}")).unwrap();
            std::fs::rename(&other, file).unwrap();
        }
        let journal = Journal::open(&tree.state()).unwrap_or_else(|error| panic!("call {call}: {error}"));
        for number in 0..files.len() {
            let count = holding(&tree.root(), &format!("mine {number}"));
            assert_eq!(count, 1, "call {call}: {:?}", journal.recovery());
        }
        if is_over {
            break;
        }
    }
}

#[test]
fn a_failed_operation_stands_in_nobodys_way() {
    let mut failed = 0;
    for call in 0.. {
        let tree = Mending::new(TREE);
        let before = tree.snapshot();
        let first = tree.plan([rename(&tree, "r.example.com/left.key", "r.example.com/right.key")]);
        carry_out(&tree, &first).unwrap();
        let plan = tree.plan([
            write(&tree, "r.example.com/right.key", "r.example.com/right.key", Some(0o600)),
            rename(&tree, "r.example.com/ca.cert", "r.example.com/ca.crt"),
        ]);
        let mut journal = match Journal::open_with(&tree.state(), Kernel::with_fault(call, Fault::Fail(Errno(28)))) {
            Ok(journal) => journal,
            Err(_) => continue,
        };
        let result = with_run(|run| apply::apply(&mut journal, &plan, run));
        let is_over = journal.calls() <= call;
        drop(journal);
        let mut journal = Journal::open(&tree.state()).unwrap();
        if result.is_ok() {
            with_run(|run| undo(&mut journal, None, run)).unwrap();
        }
        with_run(|run| undo(&mut journal, None, run)).unwrap_or_else(|error| panic!("call {call}: {error}"));
        assert_eq!(tree.snapshot(), before, "call {call}");
        failed += usize::from(result.is_err());
        if is_over {
            break;
        }
    }
    assert!(failed > 15, "only {failed} calls failed");
}

#[test]
fn undo_gives_back_the_times_of_access() {
    let tree = Mending::new(TREE);
    let plan = tree.plan([write(&tree, "r.example.com/left.key", "r.example.com/left.key", Some(0o600))]);
    let path = tree.path("r.example.com/left.key");
    let moment = SystemTime::UNIX_EPOCH + Duration::new(1_600_000_000, 987_654_321);
    File::open(&path).unwrap().set_times(FileTimes::new().set_accessed(moment)).unwrap();
    let before = path.metadata().unwrap();
    let mut journal = Journal::open(&tree.state()).unwrap();
    with_run(|run| apply::apply(&mut journal, &plan, run)).unwrap();
    with_run(|run| undo(&mut journal, None, run)).unwrap();
    let after = path.metadata().unwrap();
    let times = |metadata: &std::fs::Metadata| {
        (metadata.atime(), metadata.atime_nsec(), metadata.mtime(), metadata.mtime_nsec())
    };
    assert_eq!(times(&after), times(&before));
    assert_eq!(before.atime_nsec(), 987_654_321);
}

#[test]
fn a_root_that_is_no_directory_matters_to_what_is_in_it_alone() {
    let tree = Mending::new(TREE);
    let mut plan = tree.plan([rename(&tree, "r.example.com/ca.cert", "r.example.com/ca.crt")]);
    let file = tree.base().join("file");
    std::fs::write(&file, "").unwrap();
    plan.roots.push(Root::at(file));
    plan.roots.push(Root::at(tree.base().join("nowhere")));
    carry_out(&tree, &plan).unwrap();
    assert!(tree.path("r.example.com/ca.crt").exists());
}

#[test]
fn no_plan_opens_a_key_to_others() {
    let tree = Mending::new(TREE);
    std::fs::set_permissions(tree.path("r.example.com/robot.key"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let before = tree.snapshot();
    let key = tree.path("r.example.com/robot.key");
    for change in [
        Change::SetMode { path: key.clone(), mode: 0o644 },
        Change::SetMode { path: key, mode: 0o640 },
        write(&tree, "r.example.com/robot.key", "r.example.com/robot.crt", Some(0o644)),
        write(&tree, "r.example.com/robot.key", "r.example.com/robot.key", Some(0o604)),
    ] {
        let refused = carry_out(&tree, &tree.plan([change])).unwrap_err();
        assert!(matches!(refused, ApplyError::Disk(DiskError::OpenKey { .. })), "{refused}");
        assert_eq!(tree.snapshot(), before);
    }
    let path = tree.path("r.example.com/left.key");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    carry_out(&tree, &tree.plan([Change::SetMode { path, mode: 0o644 }])).unwrap();
}

#[test]
fn a_link_within_the_root_is_followed_and_one_that_leaves_it_is_not() {
    let tree = Mending::new(TREE);
    symlink("r.example.com", tree.path("alias.example.com")).unwrap();
    carry_out(&tree, &tree.plan([rename(&tree, "alias.example.com/ca.cert", "alias.example.com/ca.crt")])).unwrap();
    assert!(tree.path("r.example.com/ca.crt").exists());
    let outside = tree.base().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("ca.cert"), "theirs").unwrap();
    for (name, target) in [("absolute.example.com", outside.as_path()), ("up.example.com", Path::new("../outside"))] {
        // No plan is made through such a link: it takes the place of the directory behind its back.
        let host = tree.path(name);
        std::fs::create_dir(&host).unwrap();
        std::fs::write(host.join("ca.cert"), "ours").unwrap();
        let plan = tree.plan([rename(&tree, &format!("{name}/ca.cert"), &format!("{name}/ca.crt"))]);
        std::fs::remove_dir_all(&host).unwrap();
        symlink(target, &host).unwrap();
        let refused = carry_out(&tree, &plan).unwrap_err();
        assert!(matches!(refused, ApplyError::Disk(DiskError::Outside(_))), "{refused}");
    }
    assert_eq!(holding(&outside, "theirs"), 1);
    assert!(outside.join("ca.cert").exists());
}

/// A plan as text, after something was done to that.
fn as_text(tree: &Mending, meddle: impl Fn(&mut Value)) -> Result<Plan, PlanFileError> {
    let text = plan_file::write(&tree.plan(changes(tree))).unwrap();
    let mut value: Value = serde_json::from_str(&text).unwrap();
    meddle(&mut value);
    plan_file::read(&value.to_string())
}

#[test]
fn a_plan_survives_a_file_which_is_never_overwritten() {
    let tree = Mending::new(TREE);
    assert_eq!(as_text(&tree, |_| {}).unwrap(), tree.plan(changes(&tree)));
    let file = tree.base().join("plan.json");
    plan_file::store(&file, "one").unwrap();
    let again = plan_file::store(&file, "two").unwrap_err();
    assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "one");
}

#[test]
fn a_hostile_plan_is_refused() {
    let tree = Mending::new(TREE);
    type Meddle = fn(&mut Value);
    let meddles: BTreeMap<&str, Meddle> = BTreeMap::from([
        ("/ as root", (|value| value["plan"]["roots"] = json!([{ "path": "/" }])) as Meddle),
        ("relative root", |value| value["plan"]["roots"] = json!([{ "path": "certs.d" }])),
        ("root with ..", |value| value["plan"]["roots"] = json!([{ "path": "/etc/docker/../../etc" }])),
        ("no root", |value| value["plan"]["roots"] = json!([])),
        ("path elsewhere", |value| change(value)["to"] = json!("/etc/cron.d/x")),
        ("path with ..", |value| {
            let path = change(value)["to"].as_str().unwrap().replace("ca.crt", "../../x");
            change(value)["to"] = json!(path);
        }),
        ("relative path", |value| change(value)["to"] = json!("ca.crt")),
        ("path below a host directory's files", |value| {
            let path = format!("{}/x/y", change(value)["to"].as_str().unwrap());
            change(value)["to"] = json!(path);
        }),
        ("path with NUL", |value| {
            let path = format!("{}\0", change(value)["to"].as_str().unwrap());
            change(value)["to"] = json!(path);
        }),
        ("no expectations", |value| value["plan"]["expectations"] = json!([])),
        ("set-user-ID", |value| value["plan"]["fixes"][0]["changes"][5]["mode"] = json!(0o4755)),
        ("open to all", |value| value["plan"]["fixes"][0]["changes"][5]["mode"] = json!(0o666)),
        ("another schema", |value| value["schema"] = json!(2)),
        ("no plan", |value| value["plan"] = json!(7)),
    ]);
    fn change(value: &mut Value) -> &mut Value {
        &mut value["plan"]["fixes"][0]["changes"][0]
    }
    for (name, meddle) in meddles {
        let refused = as_text(&tree, meddle);
        assert!(refused.is_err(), "{name}");
    }
    plan_file::read(&"[".repeat(1 << 20)).unwrap_err();
}

#[test]
fn the_longest_name_can_be_written_anew() {
    let tree = Mending::new(TREE);
    let name = format!("r.example.com/{}.crt", "n".repeat(251));
    std::fs::write(tree.path(&name), "long").unwrap();
    carry_out(&tree, &tree.plan([write(&tree, &name, &name, Some(0o600))])).unwrap();
    assert_eq!(tree.path(&name).metadata().unwrap().mode() & 0o777, 0o600);
}
