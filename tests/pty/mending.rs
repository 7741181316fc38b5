//! Mending in a real terminal: what keys do to the files on the disk, and that it comes back byte for byte.

#![expect(clippy::disallowed_methods, reason = "a test looks at what became of its own files")]

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;

use super::*;

/// What the trees are made of.
const MATERIAL: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]
[material.robot]
common-name = "robot"
issuer = "acme"
days = [-300, 2000]
purposes = ["client"]
[material.agent]
common-name = "agent"
issuer = "acme"
days = [-300, 2000]
purposes = ["client"]
"#;

/// One directory for each thing that is mended.
const SLIPS: &str = r#"
[[host]]
name = "convert.example"
files."ca.crt" = "acme:der"
[[host]]
name = "extension.example"
files."ca.cert" = "acme"
[[host]]
name = "missing.example"
files."ca.crt" = "acme"
files."robot.cert" = "robot"
[[host]]
name = "repair.example"
files."ca.crt" = "acme:bom:indented"
[[host]]
name = "store.example"
files."ca.crt" = "acme"
files."robot.cert" = "robot"
files."robot.key" = "robot.key"
"#;

/// A directory for each wrong extension and each way in which a key is missing.
const NAMES: &str = r#"
[[host]]
name = "pem.example"
files."ca.pem" = "acme"
[[host]]
name = "cer.example"
files."ca.cer" = "acme:der"
[[host]]
name = "upper.example"
files."ca.CRT" = "acme"
[[host]]
name = "crt.example"
files."client.crt" = "robot"
files."client.key" = "robot.key"
[[host]]
name = "parts.example"
files."client-cert.pem" = "robot"
files."client-key.pem" = "robot.key"
[[host]]
name = "stem.example"
files."client.cert" = "robot"
files."robot.key" = { content = "robot.key", mode = "0644" }
[[host]]
name = "bundle.example"
files."client.pem" = ["robot", "robot.key"]
[[host]]
name = "swapped.example"
files."client.cert" = "robot.key"
files."client.key" = "robot"
[[host]]
name = "half.example"
files."client.cert" = "agent"
[[host]]
name = "lonely.example"
files."agent.key" = "agent.key"
"#;

/// The files below a directory: their bytes, mode, owner and time of change.
pub(super) type Files = BTreeMap<String, (Vec<u8>, String)>;

/// A terminal over the slips, with a journal beside them.
pub(super) struct Bench {
    pub(super) terminal: Terminal,
    state: tempfile::TempDir,
    before: Files,
}

impl Bench {
    fn start(options: &[&str]) -> Self {
        Self::start_over(SLIPS, "1 info", options)
    }

    /// `read` is on the screen once everything was read and what takes more than one directory was found.
    pub(super) fn start_over(sample: &str, read: &str, options: &[&str]) -> Self {
        let state = tempfile::tempdir().unwrap();
        let terminal = Terminal::run_over(&format!("{MATERIAL}{sample}"), |root| {
            let mut command = program();
            command.env("CERTWRIGHT_STATE_DIR", state.path().join("state"));
            command.args(options);
            command.arg(root);
            command
        });
        terminal.wait_for(read);
        let before = files(&terminal);
        Self { terminal, state, before }
    }

    /// Goes to a host directory and opens it.
    fn at(&mut self, host: &str) -> &mut Self {
        self.terminal.press(&format!("/\x15{host}\r"));
        self.terminal.wait_for(&format!("only /{host}"));
        self.terminal.press("gj");
        self
    }

    pub(super) fn press(&mut self, keys: &str, then: &str) -> &mut Self {
        self.terminal.press(keys);
        self.terminal.wait_for(then);
        self
    }

    pub(super) fn names(&self) -> Vec<String> {
        files(&self.terminal).into_keys().collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names().iter().any(|other| other == name)
    }

    pub(super) fn is_as_before(&self) -> bool {
        files(&self.terminal) == self.before
    }

    /// Everything as it is.
    pub(super) fn files(&self) -> Files {
        files(&self.terminal)
    }

    /// What is in a file.
    pub(super) fn bytes(&self, name: &str) -> Vec<u8> {
        self.files().remove(name).unwrap().0
    }

    /// The path of something in the tree.
    pub(super) fn path(&self, name: &str) -> String {
        self.terminal.directory.path().join(name).display().to_string()
    }

    /// The path of something beside it.
    pub(super) fn outside(&self, name: &str) -> String {
        self.state.path().join(name).display().to_string()
    }

    pub(super) fn leave(&mut self) {
        self.terminal.press("\x03");
        assert_eq!(self.terminal.end().exit_code(), 0);
        self.terminal.assert_restored();
    }
}

fn files(terminal: &Terminal) -> Files {
    let root = terminal.directory.path();
    let entries = walkdir::WalkDir::new(root).into_iter().map(Result::unwrap);
    let file = |entry: walkdir::DirEntry| {
        let metadata = entry.metadata().unwrap();
        let (mode, time) = (metadata.mode(), (metadata.mtime(), metadata.mtime_nsec()));
        let rest = format!("{mode:o} {}:{} {time:?}", metadata.uid(), metadata.gid());
        let name = entry.path().strip_prefix(root).unwrap().display().to_string();
        (name, (std::fs::read(entry.path()).unwrap(), rest))
    };
    entries.filter(|entry| entry.file_type().is_file()).map(file).collect()
}

/// The journey of whoever has an error text and nothing else.
#[test]
fn why_does_this_host_fail_mend_it_and_take_it_back() {
    let mut bench = Bench::start(&[]);
    let error = "Error response from daemon: missing key ca.key for client certificate ca.cert. CA certificates must use \
                 the extension .crt";
    bench.press("w", "Why does it fail?").press(&format!("\x1b[200~{error}\x1b[201~"), "missing key ca.key");
    bench.press("\r", "docker-classic stops at ca.cert").press("\r", "its name says a client certificate");
    bench.press("f", "What can be done").press("", "rename ca.cert to ca.crt");
    bench.press("a", "done: rename ca.cert to ca.crt; u takes it back");
    assert!(bench.has("extension.example/ca.crt"), "{:?}", bench.names());
    bench.press("u", "taken back: extension.example: rename ca.cert to ca.crt");
    assert!(bench.is_as_before());
    bench.press("", "its name says a client certificate").leave();
}

#[test]
fn f_renames_an_authority_and_u_takes_it_back() {
    let mut bench = Bench::start(&[]);
    bench.at("extension.example").press("f", "What can be done").press("", "Docker login");
    assert!(bench.is_as_before(), "looking changes nothing");
    bench.press("\r", "1 staged");
    assert!(bench.is_as_before(), "staging changes nothing");
    bench.press("a", "done: rename ca.cert to ca.crt");
    assert!(bench.has("extension.example/ca.crt") && !bench.has("extension.example/ca.cert"), "{:?}", bench.names());
    bench.press("u", "taken back: extension.example: rename ca.cert to ca.crt");
    assert!(bench.is_as_before());
    bench.press("\x12", "done again: extension.example: rename ca.cert to ca.crt");
    assert!(bench.has("extension.example/ca.crt"), "{:?}", bench.names());
    bench.leave();
}

#[test]
fn f_pairs_converts_and_repairs() {
    for (host, choice, done, made) in [
        ("missing.example", "robot.key", "done: copy the key", "missing.example/robot.key"),
        ("convert.example", "PEM", "done: convert ca.crt to PEM", "convert.example/ca.crt"),
        ("repair.example", "ca.crt", "done: ", "repair.example/ca.crt"),
    ] {
        let mut bench = Bench::start(&[]);
        bench.at(host).press("f", "What can be done").press("", choice).press("a", done);
        let now = files(&bench.terminal);
        let (bytes, rest) = &now[made];
        assert!(bytes.starts_with(b"-----BEGIN "), "{made}");
        assert!(!made.ends_with(".key") || rest.starts_with("100600 "), "{rest}");
        assert!(!bench.is_as_before(), "{host}");
        bench.press("u", "taken back");
        assert!(bench.is_as_before(), "{host}: bytes, mode, owner and times");
        bench.leave();
    }
}

#[test]
fn f_mends_every_wrong_extension_and_every_missing_key() {
    let mut bench = Bench::start_over(NAMES, "2 info", &[]);
    for (host, done, made, pairs) in [
        ("pem.example", "rename ca.pem to ca.crt", "pem.example/ca.crt", false),
        ("cer.example", "rename ca.cer to ca.crt, as PEM", "cer.example/ca.crt", false),
        ("upper.example", "rename ca.CRT to ca.crt", "upper.example/ca.crt", false),
        ("crt.example", "rename client.crt to client.cert", "crt.example/client.cert", true),
        ("parts.example", "rename client-cert.pem to client.cert", "parts.example/client.key", true),
        ("stem.example", "rename robot.key to client.key", "stem.example/client.key", true),
        ("bundle.example", "part client.pem into client.cert", "bundle.example/client.key", true),
        ("swapped.example", "exchange the names", "swapped.example/client.key", true),
        ("half.example", "copy the key out of", "half.example/client.key", true),
    ] {
        let after = if pairs { "1 client certificate" } else { "ok: 1 trust anchor" };
        bench.at(host).press("f", done).press("", after).press("a", "done: ");
        let now = files(&bench.terminal);
        assert!(now[made].0.starts_with(b"-----BEGIN "), "{made}");
        bench.press("u", "taken back").press("g", "2 info");
        assert!(bench.is_as_before(), "{host}: bytes, mode, owner and times");
    }
    bench.leave();
}

#[test]
fn r_judges_a_name_while_it_is_typed() {
    let mut bench = Bench::start(&[]);
    bench.at("extension.example").press("\r", "ca.cert").press("j", "its name says a client certificate");
    bench.press("r", "✗ Docker login");
    bench.press("\t\t", "1 trust anchor").press("x", "the system's roots").press("\x7f", "1 trust anchor");
    bench.press("\x15", "a name cannot be empty").press("a/b", "a name cannot have a slash");
    assert!(bench.is_as_before(), "nothing is done before Enter");
    bench.press("\x15acme.crt", "✓ Docker login").press("\r", "done: rename ca.cert to acme.crt");
    assert!(bench.has("extension.example/acme.crt"), "{:?}", bench.names());
    bench.press("u", "taken back");
    assert!(bench.is_as_before());
    bench.leave();
}

#[test]
fn all_is_mended_at_once_and_taken_back_at_once_and_l_tells_it() {
    let mut bench = Bench::start(&[]);
    bench.press("gF", "safe fixes for").press("a", "fixes; u takes it back");
    for made in ["extension.example/ca.crt", "missing.example/robot.key"] {
        assert!(bench.has(made), "{:?}", bench.names());
    }
    bench.press("L", "What was changed here").press("", "rename ca.cert to ca.crt");
    bench.press("u", "taken back: ");
    assert!(bench.is_as_before());
    bench.press("L", "taken back by 2");
    bench.leave();
    let journal = bench.state.path().join("state/journal.jsonl");
    assert!(journal.is_file(), "the journal is where it was asked for");
}

#[test]
fn marks_are_mended_and_nothing_else() {
    let mut bench = Bench::start(&[]);
    bench.press("gjj", "extension.example").press(" ", "1 marked").press("F", "1 safe fix for what is marked");
    bench.press("a", "done: rename ca.cert to ca.crt");
    assert!(bench.has("extension.example/ca.crt") && !bench.has("missing.example/robot.key"), "{:?}", bench.names());
    bench.leave();
}

/// A tree that it takes a while to mend.
fn many() -> String {
    let host = |number: usize| format!("[[host]]\nname = \"h{number:04}.example\"\nfiles.\"ca.cert\" = \"acme\"\n");
    (0..2000).map(host).collect()
}

#[test]
fn esc_stops_between_two_fixes_and_what_was_done_comes_back() {
    let mut bench = Bench::start_over(&many(), "2000 errors", &[]);
    bench.press("gF", "2000 safe fixes for").press("a", "Esc stops");
    assert!(!bench.terminal.text().contains("mending 2000 of"), "this machine is too fast for this test");
    bench.press("\x1b", "left; u takes it back");
    let named = |suffix: &str| bench.names().iter().filter(|name| name.ends_with(suffix)).count();
    let (mended, left) = (named("/ca.crt"), named("/ca.cert"));
    assert!(mended > 0 && left > 0 && mended + left == 2000, "{mended} mended, {left} left");
    bench.press("u", "taken back: ");
    assert!(bench.is_as_before());
    bench.leave();
}

#[test]
fn leaving_waits_for_the_fix_under_way() {
    let mut bench = Bench::start_over(&many(), "2000 errors", &[]);
    bench.press("gF", "2000 safe fixes for").press("a", "Esc stops");
    bench.leave();
    let state = bench.state.path().join("state");
    assert!(!certwright::fix::journal::is_interrupted(&state).unwrap(), "nothing is half done");
    let history = certwright::fix::journal::history(&state).unwrap();
    assert!(history.len() == 1 && history[0].left > 0, "{history:?}");
}

#[test]
fn read_only_writes_nothing() {
    let mut bench = Bench::start(&["--read-only"]);
    bench.press("gF", "safe fixes for").press("a", "read-only: nothing is changed").press("s", "read-only");
    bench.press("\x1b", "Left").press("u", "read-only: nothing is changed");
    bench.leave();
    assert!(bench.is_as_before());
    assert_eq!(std::fs::read_dir(bench.state.path()).unwrap().count(), 0, "no journal is made");
}

#[test]
fn whoever_may_not_write_keeps_the_plan_for_root() {
    let has_setpriv = std::process::Command::new("setpriv").arg("--version").output().is_ok();
    if !has_setpriv || !rustix::process::geteuid().is_root() {
        println!("skipped: only root can be somebody else");
        return;
    }
    // Nobody's own directory, for the journal and the plan.
    let home = tempfile::tempdir().unwrap();
    std::os::unix::fs::chown(home.path(), Some(65534), Some(65534)).unwrap();
    let terminal = Terminal::run_over(&format!("{MATERIAL}{SLIPS}"), |root| {
        std::fs::set_permissions(root, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let mut command = CommandBuilder::new("setpriv");
        hermetic(&mut command);
        command.env("CERTWRIGHT_STATE_DIR", home.path().join("state"));
        command.args([
            "--reuid",
            "65534",
            "--regid",
            "65534",
            "--clear-groups",
            env!("CARGO_BIN_EXE_certwright"),
            root,
        ]);
        command
    });
    terminal.wait_for("5 hosts");
    let before = files(&terminal);
    let mut bench = Bench { terminal, state: home, before };
    bench.at("extension.example").press("f", "What can be done").press("", "Docker login");
    bench.press("a", "s keeps the plan in a file for root");
    let plan = bench.state.path().join("plan.json");
    bench.press(&format!("s\x15{}", plan.display()), "plan.json").press("\r", "sudo certwright apply");
    assert!(bench.is_as_before());
    bench.leave();
    let root = bench.state.path().join("root");
    let mut apply = std::process::Command::new(env!("CARGO_BIN_EXE_certwright"));
    let applied = apply.arg("apply").arg(&plan).arg("--state-dir").arg(&root).output().unwrap();
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    assert!(bench.has("extension.example/ca.crt"), "{:?}", bench.names());
}

#[test]
fn what_is_done_to_the_sample_is_no_part_of_the_history() {
    let state = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::run(|_| {
        let mut command = program();
        command.env("CERTWRIGHT_STATE_DIR", state.path().join("state"));
        command.arg("--demo");
        command
    });
    terminal.wait_for("hosts");
    terminal.press("gF");
    terminal.wait_for("safe fixes for");
    terminal.press("a");
    terminal.wait_for("u takes it back");
    terminal.press("q");
    assert_eq!(terminal.end().exit_code(), 0);
    assert_eq!(std::fs::read_dir(state.path()).unwrap().count(), 0);
}
