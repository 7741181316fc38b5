//! The program itself, killed or failed at every system call by which it changes something, on disks that are full or may
//! not be written to, and beside another one: the tree is as before or as after.
//!
//! Needs strace, and unshare and setpriv of util-linux; a test that lacks something here says so and is skipped. Disks are
//! mounted in a namespace of the test's own, so that nothing outside is changed.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test makes files, says why it is skipped, and fails by panicking"
)]

#[path = "support/mending.rs"]
#[expect(dead_code, reason = "what is carried out here is by processes of their own")]
mod mending;
#[path = "support/tree.rs"]
mod tree;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use certwright::finding::{Change, NewContent};
use certwright::fix::{Journal, Plan, plan_file};
use certwright::pki::Rewrite;
use mending::{Mending, Snapshot, snapshot};

const TREE: &str = r#"
[[host]]
name = "r.example.com"
files."ca.cert" = { text = "a certificate\n" }
files."robot.key" = { text = "a key\n" }
files."left.key" = { text = "another key\n" }

[[host]]
name = "old.example.com:443"
files."ca.crt" = { text = "a third certificate\n" }
"#;

/// The calls by which anything on a disk can be changed.
const CALLS: [&str; 23] = [
    "openat",
    "openat2",
    "open",
    "creat",
    "write",
    "pwrite64",
    "writev",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "fchown",
    "fchownat",
    "utimensat",
    "fsetxattr",
    "mkdir",
    "mkdirat",
    "unlinkat",
    "ftruncate",
];

/// One change of each kind.
fn changes(tree: &Mending) -> Vec<Change> {
    let write = |source: &str, path: &str, mode| Change::Write {
        path: tree.path(path),
        source: tree.path(source),
        rewrite: Rewrite::Copy,
        mode,
    };
    let rename = |from: &str, to: &str| Change::Rename { from: tree.path(from), to: tree.path(to) };
    vec![
        rename("r.example.com/ca.cert", "r.example.com/ca.crt"),
        write("r.example.com/robot.key", "r.example.com/robot.key", Some(0o600)),
        Change::CreateDirectory { path: tree.path("new.example.com"), mode: 0o755 },
        write("r.example.com/left.key", "new.example.com/left.key", Some(0o600)),
        Change::Create {
            path: tree.path("new.example.com/ca.crt"),
            content: NewContent::public("a new certificate\n"),
            mode: 0o644,
        },
        Change::SetAside { from: tree.path("r.example.com/left.key"), to: tree.path("r.example.com/left.key.aside") },
        Change::SetMode { path: tree.path("r.example.com/ca.crt"), mode: 0o444 },
        rename("old.example.com:443", "old.example.com"),
    ]
}

/// A tree with a plan for it in a file.
fn prepared() -> (Mending, PathBuf) {
    let tree = Mending::new(TREE);
    let file = tree.base().join("plan.json");
    store(&file, &tree.plan(changes(&tree)));
    (tree, file)
}

fn store(file: &Path, plan: &Plan) {
    plan_file::store(file, &plan_file::write(plan).unwrap()).unwrap();
}

fn command(program: &str, tree: &Mending) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("CERTWRIGHT_STATE_DIR", tree.state()).env("PATH", std::env::var_os("PATH").unwrap());
    // New files bear the time of their operation.
    command.env("CERTWRIGHT_NOW", "2026-11-24T12:00:00Z").stdin(Stdio::null()).current_dir(tree.base());
    command
}

fn run(tree: &Mending, file: &Path) -> Output {
    command(env!("CARGO_BIN_EXE_certwright"), tree).arg("apply").arg(file).output().unwrap()
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs the program under strace with what it is to do to calls.
fn traced(tree: &Mending, arguments: &[&str], expressions: &[&str], log: &Path) -> Output {
    let mut strace = command("strace", tree);
    strace.args(["-f", "-o"]).arg(log);
    expressions.iter().for_each(|expression| {
        strace.args(["-e", expression]);
    });
    strace.arg(env!("CARGO_BIN_EXE_certwright")).args(arguments).output().unwrap()
}

/// How often each of the calls is made by an undisturbed run, with the trees before and after.
fn undisturbed(prepare: &dyn Fn() -> (Mending, Vec<String>)) -> (BTreeMap<&'static str, usize>, Snapshot, Snapshot) {
    let (tree, arguments) = prepare();
    let before = tree.snapshot();
    let log = tree.base().join("strace.log");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = traced(&tree, &arguments, &["trace=all"], &log);
    assert!(output.status.success(), "{}", complaint(&output));
    let text = std::fs::read_to_string(&log).unwrap();
    let mut counts = BTreeMap::new();
    for line in text.lines() {
        let call = line.split_once(' ').and_then(|(_, rest)| rest.trim_start().split_once('('));
        if let Some(call) = call.and_then(|(name, _)| CALLS.iter().find(|call| **call == name)) {
            *counts.entry(*call).or_insert(0) += 1;
        }
    }
    (counts, before, tree.snapshot())
}

/// Has every call fail, and the program killed at every call; tells at how many points.
fn disturb(name: &str, prepare: &dyn Fn() -> (Mending, Vec<String>)) -> usize {
    let (counts, before, after) = undisturbed(prepare);
    assert_ne!(before, after, "{name}");
    let mut points = 0;
    for (call, count) in &counts {
        for what in ["error=EIO", "signal=KILL"] {
            for when in 1..=*count {
                let (tree, arguments) = prepare();
                let log = tree.base().join("strace.log");
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let (trace, inject) = (format!("trace={call}"), format!("inject={call}:{what}:when={when}"));
                let output = traced(&tree, &arguments, &[&trace, &inject], &log);
                let point = format!("{name}: {inject}: {}", complaint(&output));
                let journal = Journal::open(&tree.state()).unwrap_or_else(|error| panic!("{point}: {error}"));
                let conflicts = journal.recovery().map(|recovery| recovery.conflicts.clone()).unwrap_or_default();
                assert_eq!(conflicts, Vec::<String>::new(), "{point}");
                let now = tree.snapshot();
                assert!(now == before || now == after, "{point}: {now:#?}");
                assert!(now == after || !output.status.success(), "{point}: it said that it was done");
                points += 1;
            }
        }
    }
    points
}

/// Writes a line that the test harness does not hold back.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "killed: {line}");
}

/// Says why a program cannot be used here, if it cannot.
fn is_skipped(test: &str, program: &mut Command) -> bool {
    let why = match program.stdin(Stdio::null()).output() {
        Err(error) => format!("{} does not start: {error}", program.get_program().display()),
        Ok(output) if !output.status.success() => complaint(&output),
        Ok(_) => return false,
    };
    tell(&format!("skipped: {test}, since {}", why.trim_end()));
    true
}

/// strace, asked to do nothing.
fn strace() -> Command {
    let mut command = Command::new("strace");
    command.args(["-o", "/dev/null", "true"]);
    command
}

/// A program in a mount namespace of its own, where whoever runs this may mount.
fn unshare() -> Command {
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "--propagation", "private"]);
    command
}

/// Runs a test of this file anew, where it may mount file systems that nobody else sees. Tells whether this is there.
fn may_mount(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    if is_skipped(test, unshare().args(["sh", "-c", "mount -t tmpfs tmpfs /mnt"])) {
        return false;
    }
    let mut again = unshare();
    again.arg(std::env::current_exe().unwrap()).args(["--exact", test, "--nocapture"]).env(INSIDE, "1");
    let output = again.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && told.contains("1 passed"), "{told}{}", complaint(&output));
    false
}

/// Set for a test that runs in a mount namespace of its own.
const INSIDE: &str = "CERTWRIGHT_TEST_INSIDE";

#[test]
fn every_call_of_apply_may_fail_or_be_its_last() {
    if is_skipped("failing and killing apply at every call", &mut strace()) {
        return;
    }
    let began = Instant::now();
    let points = disturb("apply", &|| {
        let (tree, file) = prepared();
        (tree, vec!["apply".to_owned(), file.to_str().unwrap().to_owned()])
    });
    tell(&format!("apply failed and killed at {points} points, {:.0?}", began.elapsed()));
    assert!(points >= 300, "only {points} points were tried");
}

#[test]
fn every_call_of_undo_may_fail_or_be_its_last() {
    if is_skipped("failing and killing undo at every call", &mut strace()) {
        return;
    }
    let began = Instant::now();
    let points = disturb("undo", &|| {
        let (tree, file) = prepared();
        // By a process of its own: what another test starts would hold the lock of this one until it is under way.
        let done = run(&tree, &file);
        assert!(done.status.success(), "{}", complaint(&done));
        (tree, vec!["undo".to_owned()])
    });
    tell(&format!("undo failed and killed at {points} points, {:.0?}", began.elapsed()));
    assert!(points >= 300, "only {points} points were tried");
}

#[test]
fn two_at_once_do_not_mix() {
    let (tree, file) = prepared();
    let journal = Journal::open(&tree.state()).unwrap();
    let before = tree.snapshot();
    let refused = run(&tree, &file);
    assert_eq!(refused.status.code(), Some(3), "{}", complaint(&refused));
    let words = format!("another certwright (process {}) is changing files", std::process::id());
    assert!(complaint(&refused).contains(&words), "{}", complaint(&refused));
    assert_eq!(tree.snapshot(), before);
    drop(journal);
    let children: Vec<_> = (0..8)
        .map(|_| {
            let mut command = command(env!("CARGO_BIN_EXE_certwright"), &tree);
            command.arg("apply").arg(&file).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let codes: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let done = codes.iter().filter(|output| output.status.success()).count();
    assert_eq!(done, 1, "{:?}", codes.iter().map(complaint).collect::<Vec<_>>());
    assert_eq!(certwright::fix::journal::history(&tree.state()).unwrap().len(), 1);
}

/// Mounts a file system in memory; it goes with the namespace.
fn mount(path: &Path, options: &str) {
    std::fs::create_dir_all(path).unwrap();
    let arguments = ["-t", "tmpfs", "-o", options, "tmpfs"];
    let output = Command::new("mount").args(arguments).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", complaint(&output));
}

fn remount(path: &Path, options: &str) {
    let output = Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", complaint(&output));
}

/// Copies a tree with everything that it has.
fn copy(from: &Path, to: &Path) {
    let output = Command::new("cp").args(["-a", "-T"]).arg(from).arg(to).output().unwrap();
    assert!(output.status.success(), "{}", complaint(&output));
}

#[test]
fn a_full_or_read_only_disk_is_told_and_nothing_is_changed() {
    if !may_mount("a_full_or_read_only_disk_is_told_and_nothing_is_changed") {
        return;
    }
    let tree = Mending::new(TREE);
    let place = tree.base().join("small");
    mount(&place, "size=64k,mode=0700");
    let root = place.join("certs.d");
    copy(&tree.root(), &root);
    let here = |change: &Change| change.map_paths(|path| root.join(path.strip_prefix(tree.root()).unwrap()));
    let inventory = mending::outcome(&root).inventory;
    let plan = mending::plan(&inventory, changes(&tree).iter().map(here));
    let file = tree.base().join("plan.json");
    store(&file, &plan);
    let before = snapshot(&root);
    let room = |left: usize| {
        let _ = std::fs::remove_file(place.join("filler"));
        let pages = (64 << 10) / 4096;
        let used =
            walkdir::WalkDir::new(&root).into_iter().filter(|entry| entry.as_ref().unwrap().file_type().is_file());
        std::fs::write(place.join("filler"), vec![0; (pages - used.count() - left) * 4096]).unwrap();
    };
    room(0);
    let full = run(&tree, &file);
    assert_eq!(full.status.code(), Some(3), "{}", complaint(&full));
    assert!(complaint(&full).contains("no space left on device"), "{}", complaint(&full));
    assert_eq!(snapshot(&root), before);
    remount(&place, "ro");
    let read_only = run(&tree, &file);
    assert_eq!(read_only.status.code(), Some(3));
    assert!(complaint(&read_only).contains("read-only file system"), "{}", complaint(&read_only));
    assert_eq!(snapshot(&root), before);
    remount(&place, "rw");
    room(4);
    let done = run(&tree, &file);
    assert!(done.status.success(), "{}", complaint(&done));
    assert_ne!(snapshot(&root), before);
}

#[test]
fn a_full_disk_under_the_journal_is_told_and_nothing_is_changed() {
    if !may_mount("a_full_disk_under_the_journal_is_told_and_nothing_is_changed") {
        return;
    }
    let (tree, file) = prepared();
    mount(&tree.state(), "size=64k,mode=0700");
    let before = tree.snapshot();
    drop(Journal::open(&tree.state()).unwrap());
    let mut refused = 0;
    for free in 0..10 {
        // Two pages are taken by the lock and the journal.
        let filler = tree.state().join("filler");
        let _ = std::fs::remove_file(&filler);
        std::fs::write(&filler, vec![0; (14 - free) * 4096]).unwrap();
        let output = run(&tree, &file);
        if output.status.success() {
            break;
        }
        refused += 1;
        assert_eq!(output.status.code(), Some(3));
        assert!(complaint(&output).contains("no space left on device"), "{free}: {}", complaint(&output));
        assert_eq!(tree.snapshot(), before, "{free}");
    }
    assert!(refused > 2, "the disk was never full");
}

/// The program for somebody who may not read and write everywhere: root without that capability, or this user. Nothing where
/// the machine does not let that be.
fn bound(test: &str, tree: &Mending) -> Option<Command> {
    let program = env!("CARGO_BIN_EXE_certwright");
    if !rustix::process::geteuid().is_root() {
        return Some(command(program, tree));
    }
    let setpriv = ["--bounding-set", "-dac_override,-dac_read_search"];
    if is_skipped(test, Command::new("setpriv").args(setpriv).arg("true")) {
        return None;
    }
    let mut bound = command("setpriv", tree);
    bound.args(setpriv).arg(program);
    Some(bound)
}

#[test]
fn a_directory_that_cannot_be_listed_is_opened_once_and_closed_again() {
    let tree = Mending::new(TREE);
    let host = tree.path("r.example.com");
    let mode = || host.metadata().unwrap().permissions().mode() & 0o7777;
    std::fs::set_permissions(&host, std::fs::Permissions::from_mode(0o000)).unwrap();
    let told = |arguments: &[&str]| {
        let output = bound("a directory that may not be listed", &tree)?.args(arguments).output().unwrap();
        Some(String::from_utf8_lossy(&output.stdout).into_owned() + &complaint(&output))
    };
    let fix = ["fix", "--unsafe", "--select", "CW601", "certs.d"];
    if let Some(plan) = told(&fix) {
        assert_eq!(plan.matches("unsafe[CW601] let everybody list r.example.com").count(), 1, "{plan}");
        let done = told(&[&fix[..], &["--apply"]].concat()).unwrap();
        assert_eq!(mode(), 0o755, "{done}");
        let undone = told(&["undo"]).unwrap();
        assert_eq!(mode(), 0o000, "{undone}");
    }
    std::fs::set_permissions(&host, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn who_may_not_write_is_told_so() {
    let (tree, file) = prepared();
    let Some(mut bound) = bound("a directory that may not be written to", &tree) else { return };
    let host = tree.path("r.example.com");
    std::fs::set_permissions(&host, std::fs::Permissions::from_mode(0o500)).unwrap();
    let before = tree.snapshot();
    let refused = bound.arg("apply").arg(&file).output().unwrap();
    assert_eq!(refused.status.code(), Some(3), "{}", complaint(&refused));
    assert!(complaint(&refused).contains("permission denied"), "{}", complaint(&refused));
    assert_eq!(tree.snapshot(), before);
    std::fs::set_permissions(&host, std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_kernel_without_openat2_does_as_well() {
    if is_skipped("a kernel without openat2", &mut strace()) {
        return;
    }
    for error in ["ENOSYS", "EPERM", "EAGAIN:when=1..3"] {
        let (tree, file) = prepared();
        let inject = format!("inject=openat2:error={error}");
        let log = tree.base().join("strace.log");
        let output = traced(&tree, &["apply", file.to_str().unwrap()], &["trace=openat2", &inject], &log);
        assert!(output.status.success(), "{error}: {}", complaint(&output));
        let (tree, file) = prepared();
        let outside = tree.base().join("outside");
        std::fs::rename(tree.path("r.example.com"), &outside).unwrap();
        std::os::unix::fs::symlink(&outside, tree.path("r.example.com")).unwrap();
        let before = snapshot(tree.base());
        let output = traced(&tree, &["apply", file.to_str().unwrap()], &["trace=openat2", &inject], &log);
        assert_eq!(output.status.code(), Some(3), "{error}: {}", complaint(&output));
        assert!(complaint(&output).contains("is outside of the directories"), "{error}: {}", complaint(&output));
        let after = snapshot(tree.base());
        let theirs = |(name, _): &(&String, &String)| name.starts_with("outside") || name.starts_with("certs.d");
        assert!(after.iter().filter(theirs).eq(before.iter().filter(theirs)), "{error}");
    }
}

#[test]
fn ctrl_c_leaves_an_operation_that_can_be_undone() {
    let tree = Mending::new(TREE);
    let names: Vec<String> = (0..400).map(|number| format!("r.example.com/n{number}")).collect();
    names.iter().for_each(|name| std::fs::write(tree.path(name), name).unwrap());
    let before = tree.snapshot();
    let mut plan = tree
        .plan(names.iter().map(|name| Change::Rename { from: tree.path(name), to: tree.path(&format!("{name}.crt")) }));
    let fix = plan.fixes.remove(0);
    let one = |change: &Change| certwright::fix::PlannedFix { changes: vec![change.clone()], ..fix.clone() };
    plan.fixes = fix.changes.iter().map(one).collect();
    let file = tree.base().join("plan.json");
    store(&file, &plan);
    let mut child = command(env!("CARGO_BIN_EXE_certwright"), &tree);
    let mut child = child.args(["apply", "--format", "json"]).arg(&file).stdout(Stdio::piped()).spawn().unwrap();
    while !tree.path("r.example.com/n3.crt").exists() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).collect();
    let status = child.wait().unwrap();
    let done: serde_json::Value = serde_json::from_str(&lines.join("\n")).unwrap();
    let left = done["operation"]["left"].as_u64().unwrap();
    assert_eq!(status.code(), Some(i32::from(left > 0)), "{left} left");
    assert_eq!(left + done["operation"]["fixes"].as_array().unwrap().len() as u64, 400);
    let undone = command(env!("CARGO_BIN_EXE_certwright"), &tree).arg("undo").output().unwrap();
    assert!(undone.status.success(), "{}", complaint(&undone));
    assert_eq!(tree.snapshot(), before);
}
