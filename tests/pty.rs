//! The real program in a real terminal: it shows, obeys and survives what a terminal does to it, and leaves the terminal
//! as it found it on every way out.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use certwright::tui::terminal::Screen;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

#[path = "pty/copying.rs"]
mod copying;
#[path = "pty/habits.rs"]
mod habits;
#[path = "pty/handing.rs"]
mod handing;
#[path = "pty/mending.rs"]
mod mending;
#[path = "pty/setting_up.rs"]
mod setting_up;
#[path = "pty/settings.rs"]
mod settings;
#[path = "support/tree.rs"]
mod tree;
#[path = "pty/watching.rs"]
mod watching;

const SAMPLE: &str = r#"
[material.root]
common-name = "Acme Root CA"
ca = true
[[host]]
name = "good.example:5000"
files."ca.crt" = "root"
[[host]]
name = "wrong.example:5000"
files."ca.cert" = "root"
"#;

/// Set where this test program runs itself in a terminal.
const IS_CHILD: &str = "CERTWRIGHT_TEST_IS_CHILD";
/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A terminal with a program in it.
struct Terminal {
    /// Holds the tree.
    directory: tempfile::TempDir,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    screen: Arc<Mutex<Shown>>,
    /// The settings of the line before the program.
    modes: String,
}

/// What the terminal shows, and all that was written to it.
struct Shown {
    parser: vt100::Parser,
    written: Vec<u8>,
}

impl Terminal {
    /// Runs the program over the sample.
    fn start() -> Self {
        Self::run(|root| {
            let mut command = program();
            command.arg(root);
            command
        })
    }

    /// Runs a command that is told where the sample is.
    fn run(command: impl FnOnce(&str) -> CommandBuilder) -> Self {
        Self::run_over(SAMPLE, command)
    }

    /// Runs a command that is told where a tree of this description is.
    fn run_over(sample: &str, command: impl FnOnce(&str) -> CommandBuilder) -> Self {
        let directory = tempfile::tempdir().unwrap();
        tree::build_in(sample, directory.path());
        let size = PtySize { rows: 24, cols: 100, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        let modes = modes(&*pair.master);
        let child = pair.slave.spawn_command(command(directory.path().to_str().unwrap())).unwrap();
        let screen = Arc::new(Mutex::new(Shown { parser: vt100::Parser::new(24, 100, 0), written: Vec::new() }));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shown = Arc::clone(&screen);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                let mut screen = shown.lock().unwrap();
                screen.parser.process(&buffer[..length]);
                screen.written.extend_from_slice(&buffer[..length]);
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { directory, master: pair.master, writer, child, screen, modes }
    }

    fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    fn text(&self) -> String {
        self.screen.lock().unwrap().parser.screen().contents()
    }

    fn written(&self) -> usize {
        self.screen.lock().unwrap().written.len()
    }

    /// Waits until the screen is as asked for.
    fn wait(&self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        let begun = Instant::now();
        while !is_so(self.screen.lock().unwrap().parser.screen()) {
            assert!(begun.elapsed() < PATIENCE, "never came: {what}\n{}", self.text());
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn wait_for(&self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    /// Waits until everything is read, which is later than that it is listed.
    fn wait_until_read(&self) {
        self.wait("everything is read", |screen| {
            let contents = screen.contents();
            contents.contains("certificate") && !contents.contains("reading") && !contents.contains("Reading")
        });
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    fn resize(&self, columns: u16, rows: u16) {
        // The parser cannot scroll a single row, which a frame for the size before may make it do.
        self.screen.lock().unwrap().parser.screen_mut().set_size(rows.max(2), columns.max(2));
        self.master.resize(PtySize { rows, cols: columns, ..PtySize::default() }).unwrap();
    }

    /// Waits for the end and tells how the program ended.
    fn end(&mut self) -> portable_pty::ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the program goes on\n{}", self.text());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Checks that the terminal is as it was before the program.
    fn assert_restored(&self) {
        self.wait("the main screen with a cursor", |screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        });
        assert_eq!(modes(&*self.master), self.modes, "the settings of the line");
        let screen = self.screen.lock().unwrap();
        let count = |sequence: &[u8]| screen.written.windows(sequence.len()).filter(|part| *part == sequence).count();
        assert_eq!(count(b"\x1b[?1049h"), count(b"\x1b[?1049l"), "claimed as often as restored");
        assert_eq!(count(b"\x1b[?2026h"), count(b"\x1b[?2026l") - count(b"\x1b[?1049l"), "no frame is left open");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended already, unless a test failed.
        let _ = self.child.kill();
    }
}

fn modes(terminal: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", terminal.get_termios().unwrap())
}

fn program() -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_certwright"));
    hermetic(&mut command);
    command
}

fn hermetic(command: &mut CommandBuilder) {
    command.env_clear();
    command.env("CERTWRIGHT_NOW", tree::NOW.rfc3339());
    // Nothing can be made there: what changes something says where its journal is.
    command.env("CERTWRIGHT_STATE_DIR", "/dev/null/certwright");
    for (name, value) in [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("PATH", "/usr/bin:/bin"), ("HOME", "/")] {
        command.env(name, value);
    }
}

#[test]
fn it_starts_obeys_and_leaves() {
    let mut terminal = Terminal::start();
    terminal.wait_until_read();
    terminal.press("n");
    terminal.wait_for("its name says a client certificate");
    terminal.press("?");
    terminal.wait_for("Everywhere");
    terminal.press("q");
    terminal.wait_for("its name says a client certificate");
    terminal.press("q");
    assert_eq!(terminal.end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn it_follows_the_size_of_the_terminal() {
    let mut terminal = Terminal::start();
    terminal.wait_until_read();
    for (columns, rows) in [(40, 10), (10, 3), (1, 1), (150, 40)] {
        terminal.resize(columns, rows);
        let bottom = if columns < 20 { "" } else { "quit" };
        terminal.wait(&format!("{columns}x{rows}"), |screen| screen.contents().contains(bottom));
    }
    terminal.wait_for("certificates");
    terminal.press("\x03");
    assert_eq!(terminal.end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn signals_end_it_with_the_terminal_restored() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut terminal = Terminal::start();
        terminal.wait_until_read();
        terminal.signal(signal);
        let status = terminal.end();
        assert_eq!(status.exit_code(), 128 + u32::try_from(signal.as_raw()).unwrap(), "{signal:?}");
        terminal.assert_restored();
    }
}

#[test]
fn a_panic_restores_before_it_is_reported() {
    if std::env::var_os(IS_CHILD).is_some() {
        let mut screen = Screen::claim().unwrap();
        // What panics on another thread is dealt with there, and must not write over the screen.
        thread::spawn(|| panic!("elsewhere")).join().unwrap_err();
        screen.draw(|_| panic!("while drawing")).unwrap();
    }
    let mut terminal = Terminal::run(|_| {
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        hermetic(&mut command);
        command.env(IS_CHILD, "1");
        command.args(["--exact", "a_panic_restores_before_it_is_reported", "--nocapture"]);
        command
    });
    assert_eq!(terminal.end().exit_code(), 101);
    terminal.assert_restored();
    terminal.wait_for("while drawing");
    assert!(!String::from_utf8_lossy(&terminal.screen.lock().unwrap().written).contains("elsewhere"));
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_the_program_back() {
    let mut terminal = Terminal::run(|root| {
        let mut command = CommandBuilder::new("sh");
        hermetic(&mut command);
        command.env("PS1", "shell: ");
        command.env("PROGRAM", env!("CARGO_BIN_EXE_certwright"));
        command.env("ROOT", root);
        command.arg("-i");
        command
    });
    terminal.wait_for("shell: ");
    terminal.press("\"$PROGRAM\" \"$ROOT\"\r");
    terminal.wait_until_read();
    terminal.press("n");
    terminal.wait_for("its name says a client certificate");
    terminal.press("\x1a");
    terminal.wait("the shell", |screen| !screen.alternate_screen() && screen.contents().contains("Stopped"));
    terminal.press("echo still$((40 + 2))\r");
    terminal.wait_for("still42");
    terminal.press("fg\r");
    terminal.wait_for("its name says a client certificate");
    terminal.press("q");
    terminal.wait("the shell", |screen| !screen.alternate_screen());
    terminal.press("exit\r");
    assert_eq!(terminal.end().exit_code(), 0);
}

#[test]
fn where_no_shell_waits_ctrl_z_does_not_stop_it() {
    let mut terminal = Terminal::start();
    terminal.wait_until_read();
    terminal.press("\x1a");
    terminal.wait_for("no shell to go back to");
    terminal.press("q");
    assert_eq!(terminal.end().exit_code(), 0);
}

#[test]
fn it_writes_nothing_while_nothing_happens() {
    let mut terminal = Terminal::start();
    terminal.wait_until_read();
    thread::sleep(Duration::from_millis(300));
    let before = terminal.written();
    thread::sleep(Duration::from_secs(2));
    assert_eq!(terminal.written(), before);
    terminal.press("j");
    terminal.wait_for("good.example:5000/");
    terminal.press("q");
    terminal.end();
}

#[test]
fn a_pasted_megabyte_is_taken_and_explained() {
    let mut terminal = Terminal::start();
    terminal.wait_until_read();
    terminal.press("w");
    terminal.wait_for("Why does it fail?");
    let noise = "level=info msg=\"pulling layer\" digest=sha256:0123456789abcdef\r".repeat((1 << 20) / 64);
    let error = "Error response from daemon: missing key ca.key for client certificate ca.cert. CA certificates must \
                 use the extension .crt\r";
    terminal.press(&format!("\x1b[200~{error}{noise}{noise}\x1b[201~"));
    terminal.wait_for("were taken");
    terminal.press("\r");
    terminal.wait_for("docker-classic stops at ca.cert with exactly this text");
    terminal.press("\r");
    terminal.wait_for("its name says a client certificate");
    terminal.press("q");
    assert_eq!(terminal.end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn e_has_another_engine_judge() {
    let mut terminal = Terminal::start();
    terminal.wait_until_read();
    terminal.press("eeee");
    terminal.wait_for("judged by buildkit");
    terminal.press("R");
    terminal.wait_for("1 error");
    terminal.press("q");
    assert_eq!(terminal.end().exit_code(), 0);
    terminal.assert_restored();
}
