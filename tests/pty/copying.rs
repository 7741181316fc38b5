//! Copying in a real terminal: what reaches it and what is said, alone, over SSH, inside tmux and screen, with a desktop
//! that is not there.

use super::*;

/// A pair whose key is the secret that must not leak.
const PAIR: &str = r#"
[material.root]
common-name = "Acme Root CA"
ca = true
[material.client]
common-name = "ci-runner"
purposes = ["client"]
issuer = "root"
[[host]]
name = "pair.example:5000"
files."client.cert" = "client"
files."client.key" = "client.key"
"#;

fn start(sample: &str, variables: &[(&str, &str)]) -> Terminal {
    let mut terminal = Terminal::run_over(sample, |root| {
        let mut command = program();
        variables.iter().for_each(|(name, value)| command.env(name, value));
        command.cwd(root);
        command.arg(root);
        command
    });
    terminal.wait_until_read();
    terminal.press("jll");
    terminal
}

fn was_written(terminal: &Terminal, part: &[u8]) -> bool {
    terminal.screen.lock().unwrap().written.windows(part.len()).any(|window| window == part)
}

fn leave(mut terminal: Terminal) {
    terminal.press("\x03");
    assert_eq!(terminal.end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn the_menu_copies_over_ssh() {
    let mut terminal = start(PAIR, &[("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")]);
    terminal.press("y");
    terminal.wait_for("pin of the public key");
    terminal.press("n");
    terminal.wait_for("name sent to the terminal's clipboard: client.cert");
    // base64 of "client.cert"
    assert!(was_written(&terminal, b"\x1b]52;c;Y2xpZW50LmNlcnQ=\x07"));
    leave(terminal);
}

#[test]
fn a_desktop_that_is_not_there_is_no_failure() {
    let mut terminal = start(PAIR, &[("DISPLAY", ":4711")]);
    terminal.press("yn");
    terminal.wait_for("name sent to the terminal's clipboard: client.cert");
    leave(terminal);
}

#[test]
fn inside_tmux_and_screen_it_is_passed_on() {
    // No tmux answers there.
    let mut terminal = start(PAIR, &[("TMUX", "/nowhere/tmux,1,0")]);
    terminal.press("yn");
    terminal.wait_for("sent to the terminal's clipboard");
    assert!(was_written(&terminal, b"\x1bPtmux;\x1b\x1b]52;c;Y2xpZW50LmNlcnQ=\x07\x1b\\"));
    leave(terminal);
    let mut terminal = start(PAIR, &[("STY", "1.pts-0.host"), ("TERM", "screen")]);
    terminal.press("yn");
    terminal.wait_for("sent to the terminal's clipboard");
    assert!(was_written(&terminal, b"\x1bP\x1b]52;c;Y2xpZW50LmNlcnQ=\x07\x1b\\"));
    leave(terminal);
}

#[test]
fn a_private_key_is_copied_or_kept_where_it_was_asked_for_twice() {
    let mut terminal = start(PAIR, &[]);
    terminal.press("jyx");
    terminal.wait_for("this is a secret: once more puts the private key into the clipboard");
    assert!(!was_written(&terminal, b"]52;"), "nothing is sent yet");
    terminal.press("x");
    terminal.wait_for("private key sent to the terminal's clipboard: ");
    assert!(!terminal.text().contains("BEGIN"), "it is never on the screen");
    assert!(was_written(&terminal, b"\x1b]52;c;LS0tLS1CRUdJTi"), "-----BEGIN");
    terminal.press("y>xx");
    terminal.wait_for("private key into the file: private-key.pem");
    terminal.press("\x15kept.pem\r");
    terminal.wait_for("private key is in kept.pem");
    let kept = terminal.directory.path().join("kept.pem");
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&kept.metadata().unwrap()) & 0o777, 0o600);
    terminal.press("y>xx");
    terminal.wait_for("private-key.pem");
    terminal.press("\x15kept.pem\r");
    terminal.wait_for("kept.pem: file exists");
    leave(terminal);
}

#[test]
fn what_is_too_long_for_a_terminal_is_said() {
    let certificates = vec!["\"root\""; 200].join(", ");
    let sample = format!(
        "[material.root]\ncommon-name = \"Acme Root CA\"\nca = true\nkey = \"rsa2048\"\n[[host]]\n\
         name = \"many.example\"\nfiles.\"ca.crt\" = [{certificates}]\n"
    );
    let mut terminal = start(&sample, &[]);
    terminal.press("yc");
    terminal.wait_for("and a terminal's clipboard takes 74994");
    assert!(!was_written(&terminal, b"]52;"));
    leave(terminal);
}

/// The journey that most people come for.
#[test]
fn find_what_expires_next_and_copy_its_fingerprint() {
    let sample = r#"
[material.late]
common-name = "Late CA"
ca = true
days = [-10, 900]
[material.next]
common-name = "Next CA"
ca = true
days = [-10, 12]
[material.later]
common-name = "Later CA"
ca = true
days = [-10, 300]
[[host]]
name = "a.example"
files."ca.crt" = "late"
[[host]]
name = "b.example"
files."ca.crt" = "next"
[[host]]
name = "c.example"
files."ca.crt" = "later"
"#;
    let mut terminal = Terminal::run_over(sample, |root| {
        let mut command = program();
        command.arg(root);
        command
    });
    terminal.wait_until_read();
    terminal.press("ogj");
    terminal.wait_for("by expiry");
    terminal.press("\rj");
    terminal.wait_for("Next CA");
    terminal.press("yf");
    terminal.wait_for("SHA-256 fingerprint sent to the terminal's clipboard: ");
    let file = terminal.directory.path().join("b.example/ca.crt");
    let shown = std::process::Command::new(env!("CARGO_BIN_EXE_certwright"));
    let shown = { shown }.arg("show").arg(&file).output().unwrap();
    let fingerprint = String::from_utf8_lossy(&shown.stdout).lines().find_map(|line| {
        let (_, value) = line.split_once("SHA-256")?;
        Some(value.trim().to_owned())
    });
    let fingerprint = fingerprint.unwrap();
    // The line of the screen may be too short for all of it.
    terminal.wait_for(&fingerprint[..20]);
    leave(terminal);
}
