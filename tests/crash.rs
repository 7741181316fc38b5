//! Whatever fails and whenever the program dies: the tree is as before or as after, and nothing else is touched.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test makes files and fails by panicking")]

#[path = "support/identity.rs"]
mod identity;
#[path = "crash/journal.rs"]
mod journal;
#[path = "support/mending.rs"]
mod mending;
#[path = "support/tree.rs"]
mod tree;

use std::io::Write as _;
use std::os::unix::fs::symlink;

use certwright::base::errno::Errno;
use certwright::finding::Change;
use certwright::fix::kernel::{Fault, Kernel};
use certwright::fix::undo::{redo, undo};
use certwright::fix::{ApplyError, DiskError, Journal, JournalError, OperationId, OperationKind, Plan, apply};
use certwright::pki::Rewrite;
use mending::{Mending, Snapshot, with_run};

const TREE: &str = r#"
[[host]]
name = "r.example.com"
files."ca.cert" = { text = "a certificate\n" }
files."robot.cert" = { text = "a key\n" }
files."robot.key" = { text = "another certificate\n" }
files."left.key" = { text = "PRIVATE KEY\n" }
files."link.crt" = { link = "ca.cert" }

[[host]]
name = "old.example.com"
files."ca.crt" = { text = "a third certificate\n" }
"#;

/// What is done, and the tree that it is done to.
struct Scenario {
    name: &'static str,
    changes: fn(&Mending) -> Vec<Change>,
    /// What is done with the plan once it was carried out.
    then: &'static [Then],
}

#[derive(Clone, Copy)]
enum Then {
    Undo,
    Redo,
}

fn rename(tree: &Mending, from: &str, to: &str) -> Change {
    Change::Rename { from: tree.path(from), to: tree.path(to) }
}

fn write(tree: &Mending, source: &str, path: &str, mode: Option<u32>) -> Change {
    Change::Write { path: tree.path(path), source: tree.path(source), rewrite: Rewrite::Copy, mode }
}

fn everything(tree: &Mending) -> Vec<Change> {
    vec![
        rename(tree, "r.example.com/ca.cert", "r.example.com/ca.crt"),
        rename(tree, "r.example.com/robot.cert", "r.example.com/robot.swap"),
        rename(tree, "r.example.com/robot.key", "r.example.com/robot.cert"),
        rename(tree, "r.example.com/robot.swap", "r.example.com/robot.key"),
        write(tree, "r.example.com/robot.key", "r.example.com/robot.key", Some(0o600)),
        Change::SetAside { from: tree.path("r.example.com/left.key"), to: tree.path("r.example.com/left.key.aside") },
        Change::CreateDirectory { path: tree.path("new.example.com:5000"), mode: 0o755 },
        write(tree, "r.example.com/ca.crt", "new.example.com:5000/ca.crt", None),
        write(tree, "r.example.com/robot.key", "new.example.com:5000/robot.key", Some(0o600)),
        Change::SetMode { path: tree.path("r.example.com"), mode: 0o750 },
        rename(tree, "old.example.com", "old.example.com:443"),
        rename(tree, "r.example.com/link.crt", "r.example.com/link.old"),
        write(tree, "r.example.com/robot.cert", "new.example.com:5000/robot.cert", Some(0o644)),
        rename(tree, "new.example.com:5000", "new.example.com"),
        Change::SetMode { path: tree.path("new.example.com/ca.crt"), mode: 0o444 },
        write(tree, "old.example.com:443/ca.crt", "old.example.com:443/ca.crt", Some(0o640)),
    ]
}

const SCENARIOS: [Scenario; 10] = [
    Scenario {
        name: "rename",
        changes: |tree| vec![rename(tree, "r.example.com/ca.cert", "r.example.com/ca.crt")],
        then: &[],
    },
    Scenario { name: "swap", changes: |tree| everything(tree).get(1..4).unwrap().to_vec(), then: &[] },
    Scenario {
        name: "replace",
        changes: |tree| vec![write(tree, "r.example.com/ca.cert", "r.example.com/ca.cert", Some(0o600))],
        then: &[],
    },
    Scenario {
        name: "copy",
        changes: |tree| vec![write(tree, "r.example.com/left.key", "r.example.com/right.key", Some(0o600))],
        then: &[],
    },
    Scenario {
        name: "chmod",
        changes: |tree| vec![Change::SetMode { path: tree.path("r.example.com/left.key"), mode: 0o600 }],
        then: &[],
    },
    Scenario {
        name: "directory",
        changes: |tree| {
            let mut changes = everything(tree).get(6..7).unwrap().to_vec();
            changes.push(write(tree, "r.example.com/ca.cert", "new.example.com:5000/ca.crt", None));
            changes
        },
        then: &[],
    },
    Scenario { name: "everything", changes: everything, then: &[] },
    Scenario { name: "undo", changes: everything, then: &[Then::Undo] },
    Scenario { name: "redo", changes: everything, then: &[Then::Undo, Then::Redo] },
    Scenario { name: "undo again", changes: everything, then: &[Then::Undo, Then::Redo, Then::Undo] },
];

impl Scenario {
    /// Carries out all but the last step, then prepares that.
    fn prepare(&self) -> (Mending, Plan) {
        let tree = Mending::new(TREE);
        let plan = tree.plan((self.changes)(&tree));
        let mut journal = Journal::open(&tree.state()).unwrap();
        if !self.then.is_empty() {
            with_run(|run| apply::apply(&mut journal, &plan, run)).unwrap();
        }
        for then in self.then.iter().rev().skip(1).rev() {
            self.step(Some(*then), &mut journal, &plan).unwrap();
        }
        (tree, plan)
    }

    fn step(&self, then: Option<Then>, journal: &mut Journal, plan: &Plan) -> Result<(), ApplyError> {
        with_run(|run| match then {
            None => apply::apply(journal, plan, run),
            Some(Then::Undo) => undo(journal, None, run),
            Some(Then::Redo) => redo(journal, run),
        })
        .map(|_| ())
    }

    /// Carries out the last step with a kernel of its own, from the opening of the journal on.
    fn run(&self, tree: &Mending, plan: &Plan, kernel: Kernel) -> Result<usize, ApplyError> {
        let mut journal = Journal::open_with(&tree.state(), kernel)?;
        self.step(self.then.last().copied(), &mut journal, plan)?;
        Ok(journal.calls())
    }

    /// The tree before and after, and how many calls lie between.
    fn reference(&self) -> (Snapshot, Snapshot, usize) {
        let (tree, plan) = self.prepare();
        let before = tree.snapshot();
        let calls = self.run(&tree, &plan, Kernel::default()).unwrap();
        (before, tree.snapshot(), calls)
    }
}

/// Writes how much was tried where the test harness does not hold it back.
fn tell(points: usize) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    let _ = writeln!(std::io::stderr(), "crash: {name}: {points} points");
}

/// What nothing is changed after.
const FATAL: [Fault; 3] = [Fault::Stop, Fault::Tear, Fault::FailFrom(Errno(30))];

#[test]
fn a_killed_program_leaves_before_or_after_at_every_call() {
    let mut points = 0;
    for scenario in &SCENARIOS {
        let (before, after, calls) = scenario.reference();
        assert_ne!(before, after, "{}", scenario.name);
        for (call, fault) in (0..calls).flat_map(|call| FATAL.map(|fault| (call, fault))) {
            let (tree, plan) = scenario.prepare();
            let files = identity::inodes(&tree.root());
            let stopped = scenario.run(&tree, &plan, Kernel::with_fault(call, fault));
            let was_done = stopped.is_ok();
            let journal = Journal::open(&tree.state()).unwrap();
            let told = journal.recovery().map(|recovery| recovery.conflicts.clone()).unwrap_or_default();
            assert_eq!(told, Vec::<String>::new(), "{}, call {call}", scenario.name);
            let now = tree.snapshot();
            assert!(now == before || now == after, "{}, call {call}: {now:#?}", scenario.name);
            assert!(now == after || !was_done, "{}, call {call}: it said that it was done", scenario.name);
            if now == before {
                assert_eq!(identity::inodes(&tree.root()), files, "{}, call {call}", scenario.name);
            }
            points += 1;
        }
    }
    tell(points);
    assert!(points >= 500, "only {points} points were tried");
}

#[test]
fn a_failed_call_takes_everything_back_at_once() {
    let mut points = 0;
    for scenario in &SCENARIOS {
        let (before, after, calls) = scenario.reference();
        for call in 0..calls {
            for errno in [Errno(5), Errno(28)] {
                let (tree, plan) = scenario.prepare();
                let files = identity::inodes(&tree.root());
                let failed = scenario.run(&tree, &plan, Kernel::with_fault(call, Fault::Fail(errno)));
                let now = tree.snapshot();
                let expected = if failed.is_ok() { &after } else { &before };
                assert_eq!(&now, expected, "{}, call {call}: {failed:?}", scenario.name);
                drop(Journal::open(&tree.state()).unwrap());
                assert_eq!(&tree.snapshot(), expected, "{}, call {call}, opened again", scenario.name);
                if failed.is_err() {
                    assert_eq!(identity::inodes(&tree.root()), files, "{}, call {call}", scenario.name);
                }
                points += 1;
            }
        }
    }
    tell(points);
    assert!(points >= 1000, "only {points} points were tried");
}

#[test]
fn a_killed_recovery_is_gone_on_with() {
    let scenario = &SCENARIOS[6];
    let (before, after, calls) = scenario.reference();
    let mut points = 0;
    for call in (0..calls).step_by(7) {
        for second in 0.. {
            let (tree, plan) = scenario.prepare();
            drop(scenario.run(&tree, &plan, Kernel::with_fault(call, Fault::Stop)));
            let is_over = Journal::open_with(&tree.state(), Kernel::with_fault(second, Fault::Stop)).is_ok();
            drop(Journal::open(&tree.state()).unwrap());
            let now = tree.snapshot();
            assert!(now == before || now == after, "call {call}, then {second}: {now:#?}");
            points += 1;
            if is_over {
                break;
            }
        }
    }
    tell(points);
    assert!(points >= 200, "only {points} points were tried");
}

#[test]
fn undo_gives_back_and_redo_does_again() {
    let tree = Mending::new(TREE);
    let before = tree.snapshot();
    let plan = tree.plan(everything(&tree));
    let mut journal = Journal::open(&tree.state()).unwrap();
    let done = with_run(|run| apply::apply(&mut journal, &plan, run)).unwrap();
    let after = tree.snapshot();
    for _ in 0..3 {
        let undone = with_run(|run| undo(&mut journal, None, run)).unwrap();
        assert!(matches!(undone.kind, OperationKind::Undo(_)));
        assert_eq!(tree.snapshot(), before);
        with_run(|run| redo(&mut journal, run)).unwrap();
        assert_eq!(tree.snapshot(), after);
    }
    assert_eq!(done.id, OperationId(1));
    drop(journal);
    let history = certwright::fix::journal::history(&tree.state()).unwrap();
    assert_eq!(history.iter().map(|operation| operation.id.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(history[0].undone_by, Some(OperationId(2)));
    let mut journal = Journal::open(&tree.state()).unwrap();
    with_run(|run| undo(&mut journal, None, run)).unwrap();
    assert_eq!(tree.snapshot(), before);
    let nothing = with_run(|run| undo(&mut journal, None, run)).unwrap_err();
    assert_eq!(nothing, ApplyError::NoOperation("there is nothing to take back".to_owned()));
}

#[test]
fn an_older_operation_is_taken_back_where_nothing_since_depends_on_it() {
    let tree = Mending::new(TREE);
    let mut journal = Journal::open(&tree.state()).unwrap();
    let mut carry_out = |changes: Vec<Change>| {
        let plan = tree.plan(changes);
        with_run(|run| apply::apply(&mut journal, &plan, run)).unwrap().id
    };
    let before = tree.snapshot();
    let first = carry_out(vec![rename(&tree, "r.example.com/ca.cert", "r.example.com/ca.crt")]);
    let other = carry_out(vec![rename(&tree, "old.example.com/ca.crt", "old.example.com/b.crt")]);
    let third = carry_out(vec![write(&tree, "r.example.com/ca.crt", "r.example.com/ca.crt", Some(0o600))]);
    let mut take_back = |id| with_run(|run| undo(&mut journal, Some(id), run));
    let refused = take_back(first).unwrap_err();
    assert_eq!(refused, ApplyError::Dependent { of: first, later: third, path: tree.path("r.example.com/ca.crt") });
    take_back(third).unwrap();
    take_back(first).unwrap();
    assert!(matches!(take_back(first), Err(ApplyError::NoOperation(_))));
    take_back(other).unwrap();
    assert_eq!(tree.snapshot(), before);
}

#[test]
fn what_others_change_meanwhile_is_refused_and_left_alone() {
    type Meddle = fn(&Mending);
    let meddles: [(&str, Meddle, &str); 7] = [
        (
            "replaced",
            |tree| {
                std::fs::rename(tree.path("r.example.com/left.key"), tree.path("r.example.com/ca.cert")).unwrap();
            },
            "is another file by now",
        ),
        (
            "rewritten",
            |tree| std::fs::write(tree.path("r.example.com/ca.cert"), "mine").unwrap(),
            "was changed by someone else at",
        ),
        ("gone", |tree| std::fs::remove_file(tree.path("r.example.com/ca.cert")).unwrap(), "is not there any more"),
        (
            "taken",
            |tree| std::fs::write(tree.path("r.example.com/ca.crt"), "mine").unwrap(),
            "has come to be meanwhile",
        ),
        (
            "link",
            |tree| {
                let path = tree.path("r.example.com/ca.cert");
                std::fs::rename(&path, tree.base().join("moved")).unwrap();
                symlink(tree.base().join("moved"), &path).unwrap();
            },
            "is a symbolic link to",
        ),
        (
            "directory made a link",
            |tree| {
                let outside = tree.base().join("outside");
                std::fs::rename(tree.path("r.example.com"), &outside).unwrap();
                symlink(&outside, tree.path("r.example.com")).unwrap();
            },
            "is outside of the directories",
        ),
        (
            "directory exchanged",
            |tree| {
                std::fs::rename(tree.path("r.example.com"), tree.base().join("outside")).unwrap();
                std::fs::create_dir(tree.path("r.example.com")).unwrap();
            },
            "is not there any more",
        ),
    ];
    for (name, meddle, words) in meddles {
        let tree = Mending::new(TREE);
        let plan = tree.plan([rename(&tree, "r.example.com/ca.cert", "r.example.com/ca.crt")]);
        meddle(&tree);
        let everything = || mending::snapshot(tree.base());
        let mut journal = Journal::open(&tree.state()).unwrap();
        let before = everything();
        let refused = with_run(|run| apply::apply(&mut journal, &plan, run)).unwrap_err();
        assert!(refused.to_string().contains(words), "{name}: {refused}");
        assert_eq!(everything(), before, "{name}");
    }
}

#[test]
fn undo_refuses_what_was_changed_since() {
    let tree = Mending::new(TREE);
    let plan = tree.plan([rename(&tree, "r.example.com/ca.cert", "r.example.com/ca.crt")]);
    let mut journal = Journal::open(&tree.state()).unwrap();
    with_run(|run| apply::apply(&mut journal, &plan, run)).unwrap();
    std::fs::write(tree.path("r.example.com/ca.crt"), "mine").unwrap();
    let before = tree.snapshot();
    let refused = with_run(|run| undo(&mut journal, None, run)).unwrap_err();
    assert!(matches!(refused, ApplyError::Disk(DiskError::Moved { .. })), "{refused}");
    assert_eq!(tree.snapshot(), before);
}

#[test]
fn a_cancelled_operation_keeps_what_is_done() {
    let tree = Mending::new(TREE);
    let before = tree.snapshot();
    let mut plan = tree.plan(everything(&tree)[..4].to_vec());
    let fix = plan.fixes.remove(0);
    plan.fixes.push(certwright::fix::PlannedFix { changes: fix.changes[..1].to_vec(), ..fix.clone() });
    plan.fixes.push(certwright::fix::PlannedFix { changes: fix.changes[1..].to_vec(), ..fix });
    let mut journal = Journal::open(&tree.state()).unwrap();
    let operation = with_run(|run| {
        let progress = |done: usize, total: usize| {
            assert_eq!(total, 2);
            if done == 0 {
                run.cancel.raise();
            }
        };
        let run = certwright::fix::Run { progress: &progress, author: run.author.clone(), ..*run };
        apply::apply(&mut journal, &plan, &run)
    });
    let operation = operation.unwrap();
    assert_eq!((operation.fixes.len(), operation.left), (1, 1));
    assert!(tree.path("r.example.com/ca.crt").exists());
    assert!(!tree.path("r.example.com/robot.swap").exists());
    with_run(|run| undo(&mut journal, None, run)).unwrap();
    assert_eq!(tree.snapshot(), before);
}
