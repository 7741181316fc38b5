//! The terminal in the hands of an editor or a pager, and back.

#![expect(clippy::disallowed_methods, reason = "a test makes the editor that it needs")]

use std::os::unix::fs::PermissionsExt;

use super::*;

/// A program that says what it was called with and waits for Enter; with `--end` it ends with a status.
const EDITOR: &str = "#!/bin/sh\nstty -a | grep -q -- '-icanon' && echo raw || echo cooked\necho \"editing $*\"\n\
     [ \"$1\" = --end ] && exit 3\nread line\necho \"$line\" >> \"$FILE\"\n";

fn start(variables: &[(&str, &str)], shell: bool) -> (Terminal, tempfile::TempDir) {
    let tools = tempfile::tempdir().unwrap();
    let editor = tools.path().join("my editor");
    std::fs::write(&editor, EDITOR).unwrap();
    std::fs::set_permissions(&editor, PermissionsExt::from_mode(0o755)).unwrap();
    let path = tools.path().to_str().unwrap().to_owned();
    let terminal = Terminal::run(|root| {
        let mut command = if shell { CommandBuilder::new("sh") } else { program() };
        hermetic(&mut command);
        for (name, value) in variables {
            command.env(name, value.replace("$TOOLS", &path));
        }
        command.env("FILE", format!("{root}/good.example:5000/ca.crt"));
        if shell {
            command.env("PS1", "shell: ");
            command.env("PROGRAM", env!("CARGO_BIN_EXE_certwright"));
            command.env("ROOT", root);
            command.arg("-i");
        } else {
            command.arg(root);
        }
        command
    });
    (terminal, tools)
}

fn leave(mut terminal: Terminal) {
    terminal.press("\x03");
    assert_eq!(terminal.end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn an_editor_with_arguments_has_the_terminal_and_what_it_changed_is_read() {
    let (mut terminal, _tools) = start(&[("VISUAL", "'$TOOLS/my editor' -w"), ("EDITOR", "false")], false);
    terminal.wait_until_read();
    terminal.press("jllE");
    terminal.wait("the main screen", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    terminal.wait_for("editing -w");
    terminal.wait_for("cooked");
    // What is typed there is not this program's.
    terminal.press("q q q\r");
    terminal.wait("the program", vt100::Screen::alternate_screen);
    terminal.wait_for("changed by somebody else: 1 file in good.example:5000");
    assert!(terminal.text().contains("ca.crt"));
    leave(terminal);
}

#[test]
fn an_editor_that_is_missing_or_fails_is_said() {
    let (mut terminal, _tools) = start(&[("EDITOR", "no-such-editor --wait")], false);
    terminal.wait_until_read();
    terminal.press("jllE");
    terminal.wait_for("no-such-editor --wait is not found");
    leave(terminal);
    let (mut terminal, _tools) = start(&[("EDITOR", "'$TOOLS/my editor' --end")], false);
    terminal.wait_until_read();
    terminal.press("jllE");
    terminal.wait_for("ended with status 3");
    leave(terminal);
}

#[test]
fn a_pager_is_given_the_decoded_certificate() {
    let (mut terminal, _tools) = start(&[("PAGER", "grep -ci serial; read line < /dev/tty; echo gone")], false);
    terminal.wait_until_read();
    terminal.press("jllP");
    terminal.wait("the pager", |screen| !screen.alternate_screen() && screen.contents().contains('1'));
    terminal.press("\r");
    terminal.wait("the program", vt100::Screen::alternate_screen);
    terminal.wait_for("ca.crt");
    leave(terminal);
}

#[test]
fn an_editor_that_is_stopped_stops_the_program_and_goes_on_with_it() {
    let (mut terminal, _tools) = start(&[("EDITOR", "'$TOOLS/my editor'")], true);
    terminal.wait_for("shell: ");
    terminal.press("\"$PROGRAM\" \"$ROOT\"\r");
    terminal.wait_until_read();
    terminal.press("jllE");
    terminal.wait_for("editing");
    terminal.press("\x1a");
    terminal.wait_for("Stopped");
    terminal.press("echo still$((40 + 2))\r");
    terminal.wait_for("still42");
    terminal.press("fg\r");
    thread::sleep(Duration::from_millis(300));
    terminal.press("done\r");
    terminal.wait("the program", vt100::Screen::alternate_screen);
    terminal.wait_for("changed by somebody else");
    terminal.press("q");
    // The shell's own prompt: before that a carriage return is none to it.
    terminal.wait("the shell", |screen| !screen.alternate_screen() && screen.contents().trim_end().ends_with("shell:"));
    terminal.press("exit\r");
    assert_eq!(terminal.end().exit_code(), 0);
}

#[test]
fn ctrl_c_in_a_pager_does_not_end_the_program() {
    let (mut terminal, _tools) = start(&[("PAGER", "echo paging; sleep 20")], false);
    terminal.wait_until_read();
    terminal.press("jllP");
    terminal.wait_for("paging");
    terminal.press("\x03");
    terminal.wait("the program", vt100::Screen::alternate_screen);
    terminal.wait_for("ca.crt");
    leave(terminal);
}
