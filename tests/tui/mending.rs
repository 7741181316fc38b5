//! Mending by keys: what is offered, carried out, named, marked, taken back; on the real disk.

#![expect(clippy::disallowed_methods, reason = "a test looks at what became of its own files")]

use std::collections::BTreeMap;

use certwright::base::cancel::Cancel;
use certwright::fix::kernel::{Fault, Kernel};
use certwright::fix::{Author, Journal, Plan, Reason, Run, apply};
use certwright::session::mending::{Job, Mending, News, Workshop};
use certwright::session::sources::DiskSources;
use certwright::tui::mending::Dialog;
use certwright::tui::state::Mode;
use zeroize::Zeroizing;

use super::looks::in_each_look;
use super::*;
use crate::driver::HOSTILE;

/// Something to choose from, something that is safe, something by hand.
const SLIPS: &str = r#"
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
name = "a.example:5000"
files."ca.cert" = "acme"
files."robot.cert" = "robot"
files."robot.key" = "robot.key"
[[host]]
name = "b.example:5000"
files."ca.crt" = "acme"
files."robot.crt" = "robot"
files."robot.key" = "robot.key"
[[host]]
name = "c.example:5000"
files."ca.cert" = "acme"
"#;

/// A key that only its passphrase opens.
const LOCKED: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true
[material.robot]
common-name = "robot"
issuer = "acme"
days = [-300, 2000]
purposes = ["client"]
[[host]]
name = "locked.example:5000"
files."ca.crt" = "acme"
files."robot.cert" = "robot"
files."robot.key" = { text = """
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAivJDpUWHCJDQICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEFIhazhroD9sRYe1Ls0S6oUEgZDr
B2qL17kgPrc7wSU++9HDncricrUprWZjRkf2VcbQUN74gj91rVIqW4gVeWxFv1pV
DjzpSpxBvCatebJPNgsckgyhRMp4fDMGvZ8yFV6Kx5vZQSiYU5TuSYwweIjpZF7A
IMbXsVLebk0/Uslh4rP6V8ZQoZkekRBfP0r+Q+rd0ZiRy529arBYy6KIKKmm5UE=
-----END ENCRYPTED PRIVATE KEY-----
""" }
"#;

/// Opens the key of [`LOCKED`].
const PASSPHRASE: &str = "open sesame";

impl Driver {
    /// A screen over a tree of its own, in a directory of this name, with a journal and all rules.
    pub(crate) fn mending(name: &str, text: &str, size: (u16, u16)) -> Self {
        let base = world().join(name);
        let _ = std::fs::remove_dir_all(&base);
        std::fs::create_dir_all(base.join("certs.d")).unwrap();
        tree::build_in(text, &base.join("certs.d"));
        let root = Root { path: PathBuf::from(name).join("certs.d"), kind: RootKind::Given, error: None };
        let mut driver = Self::new(vec![Target::Root(root)], size);
        driver.rules = Vec::new();
        driver.state_directory = Some(base.join("state"));
        driver.scan();
        driver
    }

    /// Does what is asked for, and then presses keys one by one and does what each asks for.
    pub(crate) fn work(&mut self, keys: &str) -> &mut Self {
        self.settle();
        for key in keys.chars() {
            self.press(&key.to_string()).settle();
        }
        self
    }

    pub(super) fn settle(&mut self) {
        while !self.effects.is_empty() {
            self.carry_out();
        }
    }

    /// Puts the cursor on a file.
    pub(crate) fn on(&mut self, host: &str, file: &str) -> &mut Self {
        let root = self.state.tree.root(0).unwrap().root.path.clone();
        let row = self.state.tree.find(&Identity::Host(root.join(host), Some((file.into(), None)))).unwrap();
        self.state.tree.reveal(row);
        self.state.select(row);
        self.state.look();
        self
    }

    /// The files of the tree on the disk, each with what is in it.
    pub(super) fn disk(&self) -> BTreeMap<String, Vec<u8>> {
        let root = world().join(&self.state.tree.root(0).unwrap().root.path);
        let entries = walkdir::WalkDir::new(&root).into_iter().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().is_file());
        let name = |path: &Path| path.strip_prefix(&root).unwrap().display().to_string();
        files.map(|entry| (name(entry.path()), std::fs::read(entry.path()).unwrap())).collect()
    }

    pub(super) fn names_on_disk(&self) -> Vec<String> {
        self.disk().into_keys().collect()
    }

    /// The last line of the screen.
    pub(crate) fn bottom(&self) -> String {
        self.screen().lines().last().unwrap().trim().to_owned()
    }
}

/// Does a job as the program does.
pub fn work(driver: &mut Driver, job: Job) {
    let passphrase = std::mem::take(&mut driver.state.mending.passphrase).reveal();
    for news in Mending::start(job, workshop(driver, passphrase)).news() {
        driver.act(Action::Mended(Some(news)));
    }
}

/// What a job works with.
pub fn workshop(driver: &Driver, passphrase: Option<Zeroizing<String>>) -> Workshop {
    let request = driver.request();
    Workshop {
        inventory: driver.state.tree.inventory(),
        rules: request.rules,
        settings: request.settings,
        installed: request.installed,
        state_directory: driver.state_directory.clone(),
        now: tree::NOW,
        passphrase,
    }
}

#[test]
fn an_authority_named_cert_is_mended_with_f_and_a() {
    let mut driver = Driver::mending("choices", SLIPS, USUAL);
    let before = driver.disk();
    driver.on("a.example:5000", "ca.cert").work("f");
    in_each_look("mend_choices", &mut driver);
    driver.resize(80, 24);
    assert_eq!(driver.disk(), before, "looking changes nothing");
    driver.work("a");
    assert!(driver.names_on_disk().contains(&"a.example:5000/ca.crt".to_owned()), "{:?}", driver.names_on_disk());
    assert!(driver.selected_line().starts_with("ca.crt"), "{}", driver.selected_line());
    assert!(driver.bottom().starts_with("done: rename ca.cert to ca.crt"), "{}", driver.bottom());
    driver.work("u");
    assert_eq!(driver.disk(), before);
    assert!(driver.selected_line().contains("ca.cert"), "{}", driver.selected_line());
    driver.work("\x12");
    assert!(driver.names_on_disk().contains(&"a.example:5000/ca.crt".to_owned()));
    assert!(driver.bottom().starts_with("done again:"), "{}", driver.bottom());
}

#[test]
fn of_two_ways_to_mend_one_thing_one_is_staged() {
    let mut driver = Driver::mending("two-ways", &SLIPS.replace("robot.key\" = \"robot.key", "x\" = \"acme"), USUAL);
    driver.on("a.example:5000", "robot.cert").work("f");
    let screen = driver.screen();
    assert!(screen.matches("[ ]").count() > 1, "several ways are offered:\n{screen}");
    driver.work("\rj\r");
    let screen = driver.screen();
    assert_eq!(screen.matches("[x]").count(), 1, "{screen}");
}

#[test]
fn what_mends_two_findings_is_one_choice() {
    let mut driver = Driver::mending("one-choice", SLIPS, WIDE);
    driver.on("b.example:5000", "robot.crt").press("\x1b[D").work("f");
    let screen = driver.screen();
    assert!(screen.contains("robot.cert"), "{screen}");
    assert_eq!(screen.matches("] rename robot.crt to robot.cert").count(), 1, "{screen}");
}

#[test]
fn what_mends_comes_before_what_gives_up() {
    let text = SLIPS.replace(
        "files.\"robot.cert\" = \"robot\"\nfiles.\"robot.key\" = \"robot.key\"",
        "files.\"robot.cert\" = \"robot\"",
    );
    let mut driver = Driver::mending("before", &text, WIDE);
    driver.on("a.example:5000", "robot.cert").work("f");
    let screen = driver.screen();
    let places = ["copy the key out of", "set robot.cert aside", "make a new key"].map(|text| screen.find(text));
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{places:?}:\n{screen}");
}

#[test]
fn a_name_is_judged_while_it_is_typed() {
    let mut driver = Driver::mending("rename", SLIPS, USUAL);
    let before = driver.disk();
    driver.on("a.example:5000", "ca.cert").press("r\t");
    assert!(driver.screen().contains("ca.key"), "{}", driver.screen());
    driver.press("\t");
    in_each_look("rename", &mut driver);
    driver.resize(120, 36);
    assert!(driver.screen().contains("missing key ca.key"), "what was:\n{}", driver.screen());
    driver.press("\x15robot.key");
    in_each_look("rename_taken", &mut driver);
    driver.resize(120, 36);
    for (keys, told) in [("\x15", "empty"), ("\x15a/b.crt", "slash"), ("\x15.", ". is no"), ("\x15..", ".. is no")] {
        assert!(driver.press(keys).screen().contains(told), "{told}:\n{}", driver.screen());
        driver.work("\r");
        assert_eq!((driver.state.mode, driver.disk() == before), (Mode::Rename, true), "Enter does nothing");
    }
    driver.work("\x15ca.crt\r");
    assert!(driver.names_on_disk().contains(&"a.example:5000/ca.crt".to_owned()));
    assert!(driver.selected_line().starts_with("ca.crt"), "{}", driver.selected_line());
    assert_eq!(driver.work("u").disk(), before);
}

#[test]
fn a_name_that_nobody_touched_stays_as_it_is() {
    let long = format!("{}.crt", "x".repeat(250));
    let text = format!(
        "[[host]]\nname = \"h.example\"\nfiles.\"{long}\" = {{ text = \"x\" }}\nfiles.\"a\\u0007b\" = {{ text = \"x\" }}\n"
    );
    let mut driver = Driver::mending("untouched", &text, USUAL);
    let before = driver.names_on_disk();
    for name in [long.as_str(), "a\u{7}b"] {
        driver.on("h.example", name).work("r\r");
        assert_eq!(driver.names_on_disk(), before);
    }
    driver.on("h.example", &long).press("r");
    let typed = driver.state.mending.rename.as_ref().unwrap().line.text();
    assert_eq!(typed.len(), long.len(), "a name is typed as long as names can be");
}

#[test]
fn a_host_directory_is_renamed_and_comes_back() {
    let mut driver = Driver::mending("rename-host", SLIPS, USUAL);
    let before = driver.disk();
    driver.press("gj").press("r");
    assert!(driver.press("\x15b.example:5000").screen().contains("exists"), "{}", driver.screen());
    driver.press("\x15d.example");
    in_each_look("rename_host", &mut driver);
    driver.resize(80, 24).work("\r");
    assert!(driver.names_on_disk().contains(&"d.example/ca.cert".to_owned()), "{:?}", driver.names_on_disk());
    assert!(driver.selected_line().contains("d.example"), "{}", driver.selected_line());
    assert_eq!(driver.work("u").disk(), before);
    assert!(driver.selected_line().contains("a.example:5000"), "{}", driver.selected_line());
}

#[test]
fn all_that_is_safe_is_looked_through_carried_out_and_taken_back() {
    let mut driver = Driver::mending("all", SLIPS, USUAL);
    let before = driver.disk();
    driver.work("gF");
    in_each_look("mend_all", &mut driver);
    driver.resize(80, 24);
    assert_eq!(driver.disk(), before, "looking changes nothing");
    driver.work("a");
    let names = driver.names_on_disk();
    assert!(["a", "c"].iter().all(|host| names.contains(&format!("{host}.example:5000/ca.crt"))), "{names:?}");
    assert_eq!(driver.work("u").disk(), before);
}

#[test]
fn a_plan_of_everything_waits_until_everything_is_read() {
    let mut driver = Driver::mending("reading", SLIPS, USUAL);
    let mut events = driver.events();
    let end = events.split_off(2);
    for event in events {
        driver.act(Action::Scanned(event));
    }
    driver.work("gF");
    assert!(driver.screen().contains("Reading everything first"), "{}", driver.screen());
    for event in end {
        driver.act(Action::Scanned(event));
    }
    driver.work("");
    assert!(driver.screen().contains("3 safe fixes for"), "{}", driver.screen());
    driver.work("a");
    driver.scan();
    assert_eq!(driver.state.mode, Mode::Browse, "nothing waits any more");
}

#[test]
fn marks_are_mended_once_each_in_the_order_of_the_tree() {
    let mut driver = Driver::mending("marks", SLIPS, USUAL);
    driver.press("*").on("a.example:5000", "ca.cert").press("v").on("c.example:5000", "ca.cert").press(" ");
    driver.press("gj ");
    assert!(driver.screen().contains("3 marked"), "{}", driver.screen());
    in_each_look("marks", &mut driver);
    driver.resize(120, 60).work("F");
    let screen = driver.screen();
    assert!(
        !screen.contains("in its way") && !screen.contains("in their way"),
        "a mark in a mark is no obstacle:\n{screen}"
    );
    let (first, last) = (screen.find("a.example").unwrap(), screen.find("c.example").unwrap());
    assert!(first < last && !screen.contains("b.example"), "{screen}");
    driver.work("a");
    assert!(!driver.screen().contains("marked"), "{}", driver.screen());
}

#[test]
fn the_history_tells_what_was_done_and_why_something_cannot_be_taken_back() {
    let mut driver = Driver::mending("history", SLIPS, USUAL);
    driver.work("L");
    assert!(driver.screen().contains("Nothing yet"), "{}", driver.screen());
    driver.press("\x1b").on("a.example:5000", "ca.cert").work("fa").work("r\x15acme.crt\r");
    driver.on("c.example:5000", "ca.cert").work("fa").work("Lj");
    // Who did it, and where, differs from machine to machine.
    let Dialog::History(history) = &mut driver.state.mending.dialog else { panic!("no history") };
    for operation in &mut history.operations {
        (operation.user, operation.machine) = ("alice".to_owned(), "node-1".to_owned());
    }
    in_each_look("history", &mut driver);
    driver.resize(80, 24).work("ju");
    assert!(driver.bottom().contains("operation 1 cannot be taken back: operation 2"), "{}", driver.bottom());
    let Dialog::History(history) = &mut driver.state.mending.dialog else { panic!("no history") };
    assert!(history.problem.as_ref().unwrap().contains("a.example:5000/ca.crt"), "{:?}", history.problem);
    history.problem = Some("operation 1 cannot be taken back: operation 2 has changed /a/ca.crt since".to_owned());
    driver.state.said = None;
    in_each_look("history_depends", &mut driver);
    assert!(driver.names_on_disk().contains(&"a.example:5000/acme.crt".to_owned()));
    driver.resize(80, 24).work("ku");
    assert!(driver.names_on_disk().contains(&"a.example:5000/ca.crt".to_owned()), "{:?}", driver.names_on_disk());
    assert!(driver.names_on_disk().contains(&"c.example:5000/ca.crt".to_owned()), "the one in between alone");
}

#[test]
fn read_only_shows_the_plan_and_never_writes() {
    let mut driver = Driver::mending("read-only", SLIPS, USUAL);
    driver.state.mending.read_only = true;
    let before = driver.disk();
    assert!(driver.screen().contains("read-only"), "{}", driver.screen());
    for keys in ["gFa", "\x1b", "u", "\x12", "Lu", "\x1b", "gFs"] {
        driver.work(keys);
        assert_eq!(driver.disk(), before, "{keys}");
    }
    driver.work("\x1b").on("a.example:5000", "ca.cert").work("fa");
    assert!(driver.screen().contains("read-only: nothing is changed"), "{}", driver.screen());
    driver.work("\x1b").work("r\x15x.crt\r");
    assert_eq!(driver.disk(), before);
    assert!(!world().join("read-only/state").exists(), "no journal is made");
    assert!(!world().join("certwright-plan.json").exists(), "no plan is kept");
}

#[test]
fn a_passphrase_is_asked_for_and_never_shown() {
    let mut driver = Driver::mending("locked", LOCKED, USUAL);
    let before = driver.disk();
    driver.on("locked.example:5000", "robot.key").work("f");
    assert!(driver.screen().contains("passphrase"), "{}", driver.screen());
    driver.work("a").press("wrong-one");
    in_each_look("passphrase", &mut driver);
    driver.resize(80, 24);
    assert!(!format!("{:?}", driver.state.mending).contains("wrong-one"), "it is hidden from logs");
    driver.work("\r");
    assert!(!driver.screen().contains("wrong-one"), "{}", driver.screen());
    assert!(driver.bottom().contains("does not open it"), "{}", driver.bottom());
    assert_eq!(driver.disk(), before);
    driver.work("a").work(&format!("{PASSPHRASE}\r"));
    let key = String::from_utf8(driver.disk()["locked.example:5000/robot.key"].clone()).unwrap();
    assert!(key.contains("BEGIN PRIVATE KEY"), "it is opened");
    assert_eq!(driver.work("u").disk(), before);
}

#[test]
fn what_this_user_may_not_change_can_be_kept_for_root() {
    let mut driver = Driver::mending("denied", SLIPS, USUAL);
    let denied = || News::Failed { text: "certs.d/a: openat: Permission denied".to_owned(), denied: true };
    driver.on("a.example:5000", "ca.cert").work("f").press("a");
    driver.effects.clear();
    driver.act(Action::Mended(Some(denied())));
    in_each_look("denied", &mut driver);
    let plan = world().join("denied/plan.json");
    driver.resize(120, 24).press("s").press(&format!("\x15{}", plan.display()));
    driver.work("\r");
    assert!(driver.bottom().contains("sudo certwright apply"), "{}", driver.bottom());
    let text = std::fs::read_to_string(&plan).unwrap();
    assert!(certwright::fix::plan_file::read(&text).is_ok(), "{text}");
    // A name that was typed is kept the same way.
    driver.press("\x1b").on("a.example:5000", "ca.cert").press("r\x15x.crt\r");
    driver.effects.clear();
    driver.act(Action::Mended(Some(denied())));
    assert!(driver.screen().contains("for root"), "{}", driver.screen());
    let plan = world().join("denied/rename.json");
    driver.press("s").press(&format!("\x15{}", plan.display()));
    driver.work("\r");
    assert!(std::fs::read_to_string(&plan).unwrap().contains("x.crt"));
}

#[test]
fn while_something_is_changed_it_can_be_stopped_and_nothing_else_begins() {
    let mut driver = Driver::mending("running", SLIPS, USUAL);
    driver.work("gF").press("a");
    assert!(matches!(driver.effects.pop(), Some(Effect::Mend(Job::CarryOut(_)))));
    driver.act(Action::Mended(Some(News::Progress(3, 5000))));
    in_each_look("progress", &mut driver);
    driver.resize(80, 24).press("\x1b");
    assert_eq!(driver.effects.pop(), Some(Effect::StopMending), "Esc stops it, even where the plan is shown");
    assert!(driver.state.mending.running.is_some(), "until it has stopped");
    driver.act(Action::Mended(Some(News::Progress(4, 5000))));
    driver.press("\x1b");
    driver.effects.clear();
    for keys in ["f", "F", "L", "u", "\x12"] {
        driver.press(keys);
        assert_eq!(driver.effects, [], "{keys} would lose sight of what is under way");
        assert!(driver.screen().contains("4 of 5000"), "{}", driver.screen());
    }
    driver.press("q");
    assert_eq!(driver.effects, [Effect::StopMending], "it stops before the program ends");
    assert!(driver.bottom().contains("stop"), "{}", driver.bottom());
    driver.effects.clear();
    driver.act(Action::Mended(Some(News::Cancelled)));
    assert_eq!((driver.state.mending.running.is_none(), driver.effects.pop()), (true, Some(Effect::Quit)));
}

#[test]
fn somebody_who_types_meanwhile_goes_on_typing() {
    let mut driver = Driver::mending("typing", SLIPS, USUAL);
    driver.work("gFa").press("u");
    let undo = driver.effects.pop().unwrap();
    driver.press("/").press("b.ex");
    driver.effects.push(undo);
    driver.settle();
    assert!(driver.state.mending.running.is_none());
    driver.press("ample");
    assert!(driver.screen().contains("/b.example"), "{}", driver.screen());
}

#[test]
fn who_moves_on_meanwhile_is_not_called_back() {
    let mut driver = Driver::mending("moved-on", SLIPS, USUAL);
    driver.on("a.example:5000", "ca.cert").work("fa");
    driver.press("u").carry_out();
    assert!(!driver.state.wanted.is_empty(), "what was renamed is read again");
    driver.press("g").settle();
    assert_eq!(driver.state.cursor, Row::Root(0), "{}", driver.screen());
}

#[test]
fn what_was_put_in_order_is_told_together_with_what_was_done() {
    let mut driver = Driver::mending("recovered", SLIPS, WIDE);
    driver.on("a.example:5000", "ca.cert").work("f");
    driver.press("a");
    driver
        .act(Action::Mended(Some(News::Recovered("operation 7 was interrupted; 1 step of it taken back".to_owned()))));
    driver.work("");
    assert!(driver.bottom().contains("operation 7 was interrupted"), "{}", driver.bottom());
}

#[test]
fn what_a_killed_process_left_is_put_in_order_at_the_start() {
    let mut driver = Driver::mending("killed", SLIPS, WIDE);
    let before = driver.disk();
    let state = driver.state_directory.clone().unwrap();
    let run = |call: usize| {
        let fix = driver.state.tree.read(0).unwrap().findings.iter().find(|one| one.code.number == "CW101").unwrap();
        let (reason, inventory) = (Reason::Rule("CW101".to_owned()), driver.state.tree.inventory());
        let plan = Plan::of_fix(&inventory, reason, &fix.fixes[0], &DiskSources::default()).unwrap().plan;
        let mut journal = Journal::open_with(&state, Kernel::with_fault(call, Fault::Stop)).ok()?;
        let author = Author { user: "tester".to_owned(), machine: "machine".to_owned() };
        let cancel = Cancel::default();
        let run = Run { cancel: &cancel, progress: &|_, _| {}, passphrase: &|_| None, now: tree::NOW, author };
        apply::apply(&mut journal, &plan.anchored(world()), &run).ok()
    };
    // Killed at later and later calls, until the file has its new name and the journal does not say that this is all.
    let killed = (1..40).find(|call| {
        let is_over = run(*call).is_some();
        !is_over && driver.disk() != before
    });
    assert!(killed.is_some(), "it was killed half way");
    driver.scan();
    work(&mut driver, Job::Recover);
    assert!(driver.bottom().contains("was interrupted"), "{}", driver.bottom());
    assert_eq!(driver.effects, [Effect::Rescan]);
    driver.work("");
    assert_eq!(driver.disk(), before);
    work(&mut driver, Job::Recover);
    assert_eq!(driver.effects, [], "it is in order");
}

#[test]
fn a_job_that_ends_without_a_word_is_told_and_holds_nothing_up() {
    let mut driver = Driver::mending("lost", SLIPS, WIDE);
    driver.work("gF");
    driver.press("a");
    driver.effects.clear();
    driver.act(Action::Mended(None));
    assert!(driver.bottom().contains("failed inside certwright"), "{}", driver.bottom());
    assert_eq!((driver.state.mending.running.is_none(), driver.effects.clone()), (true, vec![Effect::Rescan]));
    driver.press("\x1b").press("f");
    driver.effects.clear();
    driver.press("F");
    driver.act(Action::Mended(None));
    assert_eq!(driver.state.mode, Mode::Browse, "nothing is waited for");
    driver.effects.clear();
    driver.act(Action::Mended(None));
    assert_eq!(driver.effects, [], "the end of a job that was told is none");
}

#[test]
fn the_readme_tells_the_keys_as_they_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let table = |heading: &str| -> Vec<&str> {
        let rows = readme.lines().skip_while(|line| *line != heading).skip(4);
        rows.take_while(|line| line.starts_with('|')).collect()
    };
    use certwright::tui::action::Command::{
        Compare, History, Mark, Mend, MendAll, Redo, Rename, Survey, Timeline, Undo,
    };
    let row = |command| {
        let binding = BINDINGS.iter().find(|binding| binding.command == command).unwrap();
        format!("| `{}` | {} |", binding.keys[0], binding.help)
    };
    let mending = [Mend, MendAll, Mark, Rename, Undo, Redo, History].map(row);
    assert_eq!(table("### Mending on the screen"), mending);
    assert_eq!(table("### Everything at once"), [Survey, Timeline, Compare].map(row));
}

#[test]
fn foreign_names_cannot_touch_the_terminal_while_they_are_mended() {
    let mut driver = Driver::mending("hostile-mend", HOSTILE, WIDE);
    for keys in ["*", "gjj", "f", "\x1b", "j", "f", "\r", "a", "r", "\t", "\x1b", "gF", "a", "L", "j", "u", "\x1b"] {
        let screen = driver.work(keys).screen();
        let is_unsafe = |character: &char| {
            (character.is_control() && *character != '\n')
                || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert_eq!(screen.chars().find(is_unsafe), None, "after {keys}:\n{screen}");
    }
}
