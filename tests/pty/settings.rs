//! What a configuration does to the program in a terminal.

use super::*;

/// Runs the program with a configuration of the user's own.
fn configured(text: &str) -> (Terminal, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("certwright");
    std::fs::create_dir(&directory).unwrap();
    write(&directory.join("config.toml"), text);
    let terminal = Terminal::run(|root| {
        let mut command = program();
        command.env("XDG_CONFIG_HOME", home.path());
        command.arg(root);
        command
    });
    (terminal, home)
}

#[expect(clippy::disallowed_methods, reason = "a test makes the configuration of a user")]
fn write(path: &std::path::Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

/// Whether the terminal was asked for its background.
fn is_asked(terminal: &Terminal) -> bool {
    terminal.screen.lock().unwrap().written.windows(5).any(|part| part == b"\x1b]11;")
}

/// Whether anything on the screen has a colour of the terminal's palette.
fn has_colour(screen: &vt100::Screen, colour: u8) -> bool {
    let (rows, columns) = screen.size();
    let cells = (0..rows).flat_map(|row| (0..columns).filter_map(move |column| screen.cell(row, column)));
    // The colour of a blank is not seen.
    let letters = cells.filter(|cell| !cell.contents().trim().is_empty());
    letters.map(vt100::Cell::fgcolor).any(|found| found == vt100::Color::Idx(colour))
}

const BLUE: u8 = 4;
const CYAN: u8 = 6;

#[test]
fn a_wrong_configuration_is_told_on_the_screen_and_the_rest_holds() {
    let (mut terminal, _home) =
        configured("theem = \"dark\"\nmouse = 3\n[keys]\nquit = [\"ctrl-x\"]\nnext-problem = [\"z\"]\n");
    terminal.wait_until_read();
    terminal.wait_for("config.toml:1: unknown key theem: did you mean theme?");
    terminal.press("z");
    terminal.wait_for("its name says a client certificate");
    assert!(!terminal.text().contains("theem"), "a key puts the message away");
    terminal.press(":quit at");
    terminal.wait_for("Ctrl-X Ctrl-C");
    terminal.press("\x18");
    assert_eq!(terminal.end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn a_terminal_that_does_not_answer_delays_nothing_and_one_that_does_is_heeded() {
    let mut terminal = Terminal::start();
    terminal.wait_until_read();
    terminal.wait("the colours for a dark background", |screen| has_colour(screen, CYAN));
    assert!(is_asked(&terminal));
    terminal.press("\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    terminal.wait("the colours for a light one", |screen| has_colour(screen, BLUE) && !has_colour(screen, CYAN));
    terminal.press("q");
    assert_eq!(terminal.end().exit_code(), 0);
}

#[test]
fn a_theme_that_is_named_is_not_asked_about() {
    let (mut terminal, _home) = configured("theme = \"light\"\n");
    terminal.wait_until_read();
    terminal.wait("the colours for a light background", |screen| has_colour(screen, BLUE) && !has_colour(screen, CYAN));
    assert!(!is_asked(&terminal));
    terminal.press("\x1b]11;rgb:0000/0000/0000\x1b\\");
    terminal.press("n");
    terminal.wait_for("its name says a client certificate");
    assert!(!has_colour(terminal.screen.lock().unwrap().parser.screen(), CYAN), "what nobody asked for is not heeded");
    terminal.press("q");
    assert_eq!(terminal.end().exit_code(), 0);
}

#[test]
fn a_search_is_marked_and_the_palette_quits() {
    let mut terminal = Terminal::start();
    terminal.wait_for("palette");
    terminal.press("/wrng");
    terminal.wait_for("only /wrng");
    terminal.wait("hits", |screen| {
        let cells = (0..24).flat_map(|row| (0..50).filter_map(move |column| screen.cell(row, column)));
        cells
            .filter(|cell| cell.underline() && cell.bold())
            .map(vt100::Cell::contents)
            .collect::<String>()
            .contains("wrng")
    });
    terminal.press("\r:quit at once\r");
    assert_eq!(terminal.end().exit_code(), 0);
    terminal.assert_restored();
}
