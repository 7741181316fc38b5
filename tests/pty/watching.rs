//! What somebody else changes while the program is open.

#![expect(clippy::disallowed_methods, reason = "a test changes its own files as somebody else would")]

use super::*;

fn start() -> Terminal {
    let terminal = Terminal::start();
    terminal.wait_until_read();
    // Watching begins once everything is read; nothing tells so on the screen.
    thread::sleep(Duration::from_millis(500));
    terminal
}

fn leave(mut terminal: Terminal) {
    terminal.press("\x03");
    assert_eq!(terminal.end().exit_code(), 0);
    terminal.assert_restored();
}

/// The line that is selected.
fn selected(terminal: &Terminal) -> String {
    let screen = terminal.screen.lock().unwrap();
    let screen = screen.parser.screen();
    let row = (1..23).find(|row| screen.cell(*row, 5).is_some_and(vt100::Cell::inverse)).unwrap();
    screen.contents_between(row, 0, row, 50)
}

#[test]
fn it_appears_without_losing_the_place_and_its_mark_goes_again() {
    let mut terminal = start();
    let root = terminal.directory.path().to_path_buf();
    terminal.press("*jj");
    terminal.wait("the file is selected", |screen| screen.cell(4, 5).is_some_and(vt100::Cell::inverse));
    assert!(selected(&terminal).contains("ca.crt"), "{}", selected(&terminal));
    std::fs::create_dir(root.join("a-new.example")).unwrap();
    std::fs::copy(root.join("good.example:5000/ca.crt"), root.join("a-new.example/ca.crt")).unwrap();
    terminal.wait_for("3 hosts");
    assert!(selected(&terminal).contains("ca.crt"), "the cursor stays on its file: {}", selected(&terminal));
    std::fs::write(root.join("good.example:5000/ca.crt"), "").unwrap();
    terminal.wait_for("changed by somebody else: 1 file in good.example:5000");
    terminal.wait_for("~");
    assert!(selected(&terminal).contains("ca.crt"));
    terminal.wait("the mark goes", |screen| !screen.contents().contains("changed by somebody else"));
    // And then it is as quiet as before.
    let before = terminal.written();
    thread::sleep(Duration::from_millis(700));
    assert_eq!(terminal.written(), before);
    std::fs::remove_dir_all(root.join("a-new.example")).unwrap();
    terminal.wait_for("2 hosts");
    leave(terminal);
}

#[test]
fn what_is_only_read_or_left_as_it_was_changes_nothing() {
    let terminal = start();
    let root = terminal.directory.path().to_path_buf();
    let before = terminal.written();
    let file = root.join("good.example:5000/ca.crt");
    assert!(!std::fs::read(&file).unwrap().is_empty());
    // The kernel tells of it, and yet it is as it was.
    std::fs::set_permissions(&file, file.metadata().unwrap().permissions()).unwrap();
    thread::sleep(Duration::from_millis(900));
    assert_eq!(terminal.written(), before);
    leave(terminal);
}

#[test]
fn where_the_limit_is_hit_it_says_so_and_looks_again_when_the_window_comes_to_the_front() {
    // In a user namespace of its own the limit is this test's alone.
    let lowered = "echo 2 > /proc/sys/user/max_inotify_watches && exec \"$0\" \"$@\"";
    let try_out = std::process::Command::new("unshare").args(["-Ur", "sh", "-c", lowered, "true"]).output();
    if !try_out.is_ok_and(|output| output.status.success()) {
        println!("skipped: no user namespaces here");
        return;
    }
    let mut terminal = Terminal::run(|root| {
        let mut command = CommandBuilder::new("unshare");
        hermetic(&mut command);
        command.args(["-Ur", "sh", "-c", lowered, env!("CARGO_BIN_EXE_certwright"), root]);
        command
    });
    terminal.wait_for("2 of 3 directories are watched");
    let asked = b"\x1b[?1004h";
    assert!(terminal.screen.lock().unwrap().written.windows(asked.len()).any(|part| part == asked));
    // What may have changed before it was watched is looked at first.
    thread::sleep(Duration::from_millis(1500));
    let root = terminal.directory.path().to_path_buf();
    std::fs::write(root.join("wrong.example:5000/more.crt"), "").unwrap();
    thread::sleep(Duration::from_millis(700));
    terminal.press("*");
    terminal.wait_for("ca.cert");
    assert!(!terminal.text().contains("more.crt"), "this directory is not watched");
    terminal.press("\x1b[O\x1b[I");
    terminal.wait_for("more.crt");
    leave(terminal);
}

#[test]
fn what_the_program_changes_itself_is_not_told_as_somebody_elses() {
    let state = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::run(|root| {
        let mut command = program();
        command.env("CERTWRIGHT_STATE_DIR", state.path().join("state"));
        command.arg(root);
        command
    });
    terminal.wait_until_read();
    thread::sleep(Duration::from_millis(500));
    terminal.press("nf");
    terminal.wait_for("rename ca.cert to ca.crt");
    terminal.press("a");
    terminal.wait_for("u takes it back");
    thread::sleep(Duration::from_millis(900));
    assert!(terminal.text().contains("u takes it back"), "{}", terminal.text());
    assert!(!terminal.text().contains("somebody else"));
    terminal.press("u");
    terminal.wait_for("taken back");
    leave(terminal);
}
