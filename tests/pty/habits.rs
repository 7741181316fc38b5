//! What people expect of a terminal program over SSH, habit by habit: the table says which test shows which, and what is
//! shown nowhere else is shown here.

use std::collections::BTreeSet;

use super::*;

/// Each habit with the tests that show it.
const HABITS: &[(&str, &[&str])] = &[
    (
        "copy over SSH",
        &[
            "the_menu_copies_over_ssh",
            "inside_tmux_and_screen_it_is_passed_on",
            "what_is_too_long_for_a_terminal_is_said",
            "everything_can_be_kept_in_a_file",
            "a_real_tmux_has_what_was_copied",
        ],
    ),
    ("a desktop's clipboard", &["a_desktop_that_is_not_there_is_no_failure"]),
    (
        "Ctrl-Z",
        &[
            "ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_the_program_back",
            "ctrl_z_stops_the_whole_process_group",
            "where_no_shell_waits_ctrl_z_does_not_stop_it",
        ],
    ),
    (
        "any way out",
        &[
            "signals_end_it_with_the_terminal_restored",
            "a_panic_restores_before_it_is_reported",
            "it_starts_obeys_and_leaves",
            "a_terminal_that_is_closed_ends_it",
            "a_terminal_that_is_closed_ends_it_while_it_reads",
        ],
    ),
    (
        "small and zero sizes",
        &[
            "it_follows_the_size_of_the_terminal",
            "no_size_is_too_small_and_no_storm_too_fast",
            "no_keys_and_no_size_make_it_panic",
            "the_menu_is_drawn_at_every_size",
        ],
    ),
    (
        "light themes, 16 colours",
        &[
            "no_theme_sets_a_background",
            "only_the_terminals_own_sixteen_colours_are_sent",
            "a_terminal_that_does_not_answer_delays_nothing_and_one_that_does_is_heeded",
            "a_theme_that_is_named_is_not_asked_about",
        ],
    ),
    ("NO_COLOR, colour blindness", &["no_color_is_heeded_and_nothing_blinks", "without_colour_nothing_is_lost"]),
    ("glyphs", &["poor_terminals_get_ascii", "ascii_shows_ascii_and_mono_no_colour"]),
    (
        "mouse",
        &[
            "m_leaves_the_mouse_to_the_terminal",
            "the_mouse_is_asked_for_and_given_back",
            "a_click_selects_and_a_second_one_opens",
            "the_wheel_scrolls_what_is_under_it",
            "the_divider_can_be_dragged_and_stays",
        ],
    ),
    (
        "keys",
        &[
            "help_is_the_keymap",
            "help_is_searched_and_tells_the_keys_in_force",
            "the_palette_names_every_command_of_tree_and_pane_with_its_keys",
            "n_goes_through_what_was_found_then_through_problems",
            "searching_narrows_as_one_types_and_esc_shows_everything_again",
        ],
    ),
    (
        "leaving",
        &["esc_is_a_key_soon_and_never_leaves", "it_starts_obeys_and_leaves", "leaving_waits_for_the_fix_under_way"],
    ),
    (
        "dangerous acts",
        &[
            "read_only_writes_nothing",
            "read_only_shows_the_plan_and_never_writes",
            "f_renames_an_authority_and_u_takes_it_back",
            "a_private_key_is_copied_or_kept_where_it_was_asked_for_twice",
        ],
    ),
    (
        "editor, pager",
        &[
            "an_editor_with_arguments_has_the_terminal_and_what_it_changed_is_read",
            "an_editor_that_is_missing_or_fails_is_said",
            "a_pager_is_given_the_decoded_certificate",
            "an_editor_that_is_stopped_stops_the_program_and_goes_on_with_it",
            "ctrl_c_in_a_pager_does_not_end_the_program",
        ],
    ),
    (
        "refresh",
        &[
            "it_appears_without_losing_the_place_and_its_mark_goes_again",
            "where_the_limit_is_hit_it_says_so_and_looks_again_when_the_window_comes_to_the_front",
            "cursor_folds_and_scroll_survive_a_rescan",
            "what_the_program_changes_itself_is_not_told_as_somebody_elses",
        ],
    ),
    ("idle", &["it_writes_nothing_while_nothing_happens", "it_does_not_wake_while_nothing_happens"]),
    (
        "start and keys",
        &[
            "a_terminal_that_does_not_answer_delays_nothing_and_one_that_does_is_heeded",
            "esc_is_a_key_soon_and_never_leaves",
            "every_frame_is_shown_as_a_whole",
            "unknown_sequences_mean_nothing",
            "a_pasted_megabyte_is_taken_and_explained",
        ],
    ),
    (
        "config",
        &[
            "a_wrong_configuration_is_told_on_the_screen_and_the_rest_holds",
            "path_tells_where_the_file_lies",
            "the_default_file_is_right_and_changes_nothing",
        ],
    ),
    ("headless", &["without_a_terminal_the_tree_is_printed", "a_dumb_terminal_gets_the_tree_as_text"]),
    ("packaging", &["help_man_page_and_completions_come_from_one_definition"]),
    (
        "exit codes",
        &["mistakes_get_one_line_a_hint_and_the_right_code", "thresholds_decide_what_is_shown_and_what_fails"],
    ),
    ("long work", &["esc_stops_reading_and_never_leaves", "esc_stops_between_two_fixes_and_what_was_done_comes_back"]),
];

/// The tests that the table may name.
const SOURCES: &[&str] = &[
    include_str!("../pty.rs"),
    include_str!("copying.rs"),
    include_str!("habits.rs"),
    include_str!("handing.rs"),
    include_str!("mending.rs"),
    include_str!("settings.rs"),
    include_str!("watching.rs"),
    include_str!("../tui.rs"),
    include_str!("../tui/copying.rs"),
    include_str!("../tui/mending.rs"),
    include_str!("../tui/pointer.rs"),
    include_str!("../tui/settings.rs"),
    include_str!("../cli.rs"),
    include_str!("../config.rs"),
];

#[test]
fn every_habit_is_shown_by_tests_that_are_there() {
    let tests: BTreeSet<&str> = SOURCES
        .iter()
        .flat_map(|source| source.split("fn ").skip(1))
        .filter_map(|rest| rest.split_once('(').map(|(name, _)| name))
        .collect();
    for (habit, shown_by) in HABITS {
        assert!(!shown_by.is_empty(), "{habit}");
        shown_by.iter().for_each(|test| assert!(tests.contains(test), "{habit}: there is no test {test}"));
    }
}

fn start_with(variables: &[(&str, &str)], options: &[&str]) -> Terminal {
    Terminal::run(|root| {
        let mut command = program();
        variables.iter().for_each(|(name, value)| command.env(name, value));
        command.args(options);
        command.arg(root);
        command
    })
}

fn written(terminal: &Terminal) -> String {
    String::from_utf8_lossy(&terminal.screen.lock().unwrap().written).into_owned()
}

fn leave(mut terminal: Terminal) {
    terminal.press("\x03");
    assert_eq!(terminal.end().exit_code(), 0);
    terminal.assert_restored();
}

/// Everything between Esc [ and m that was written.
fn styles(written: &str) -> BTreeSet<String> {
    let parts = written.split("\x1b[").skip(1);
    let style = |part: &str| {
        let end = part.find(|letter: char| !letter.is_ascii_digit() && letter != ';')?;
        part[end..].starts_with('m').then(|| part[..end].to_owned())
    };
    parts.filter_map(style).collect()
}

#[test]
fn ctrl_z_stops_the_whole_process_group() {
    // A wrapper that starts the program and goes on once it has ended.
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
    terminal.press("sh -c '\"$PROGRAM\" \"$ROOT\"; echo \"wrapper ends\"'\r");
    terminal.wait_until_read();
    terminal.press("\x1a");
    terminal.wait_for("Stopped");
    assert!(!terminal.text().contains("wrapper ends\n"), "{}", terminal.text());
    terminal.press("fg\r");
    terminal.wait("the program", vt100::Screen::alternate_screen);
    terminal.press("q");
    terminal.wait_for("wrapper ends");
    terminal.press("exit\r");
    assert_eq!(terminal.end().exit_code(), 0);
}

/// Runs the program in a terminal that is closed once it has written so much, and waits for its end.
fn close_after(sample: &str, is_enough: impl Fn(&str) -> bool) -> portable_pty::ExitStatus {
    let directory = tempfile::tempdir().unwrap();
    tree::build_in(sample, directory.path());
    let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 100, ..PtySize::default() }).unwrap();
    let mut command = program();
    command.arg(directory.path());
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut parser = vt100::Parser::new(24, 100, 0);
    let mut buffer = [0; 4096];
    while !is_enough(&parser.screen().contents()) {
        let length = reader.read(&mut buffer).unwrap();
        parser.process(&buffer[..length]);
    }
    drop((reader, pair.master));
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        let is_over = begun.elapsed() < PATIENCE || child.kill().is_err();
        assert!(is_over, "it goes on without a terminal");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_terminal_that_is_closed_ends_it() {
    // As if it had hung up.
    assert_eq!(close_after(SAMPLE, |screen| screen.contains("2 hosts")).exit_code(), 129);
}

#[test]
fn a_terminal_that_is_closed_ends_it_while_it_reads() {
    // Whether it is told or finds out itself, it does not stay, and ends as if it had hung up.
    let status = close_after(SAMPLE, |screen| screen.contains("certwright"));
    assert_eq!(status.exit_code(), 129);
}

#[test]
fn no_size_is_too_small_and_no_storm_too_fast() {
    let terminal = Terminal::start();
    terminal.wait_until_read();
    for round in 0..60u16 {
        for (columns, rows) in [(0, 0), (1, 1), (0, 24), (100, 0), (20, 6), (19, 5), (7 + round, 3 + round), (300, 90)]
        {
            terminal.resize(columns, rows);
        }
    }
    terminal.resize(100, 24);
    terminal.wait_until_read();
    leave(terminal);
}

#[test]
fn only_the_terminals_own_sixteen_colours_are_sent() {
    for term in ["xterm-16color", "putty", "xterm-256color"] {
        let mut terminal = start_with(&[("TERM", term)], &[]);
        terminal.wait_until_read();
        terminal.press("*nj12345?");
        terminal.wait_for("Everywhere");
        let wrong: Vec<String> = styles(&written(&terminal))
            .into_iter()
            .filter(|style| style.split(';').any(|number| matches!(number, "38" | "48" | "5" | "6")))
            .collect();
        assert_eq!(wrong, [""; 0], "neither palettes, nor backgrounds, nor blinking");
        leave(terminal);
    }
}

#[test]
fn no_color_is_heeded_and_nothing_blinks() {
    let mut terminal = start_with(&[("NO_COLOR", "1")], &[]);
    terminal.wait_until_read();
    terminal.press("*n5");
    terminal.wait_for("docker-classic");
    let allowed = ["", "0", "1", "2", "4", "7", "22", "24", "27"];
    for style in styles(&written(&terminal)) {
        assert!(style.split(';').all(|number| allowed.contains(&number)), "{style}");
    }
    terminal.wait("the selection in reverse", |screen| {
        (0..24).any(|row| screen.cell(row, 10).is_some_and(vt100::Cell::inverse))
    });
    leave(terminal);
}

#[test]
fn poor_terminals_get_ascii() {
    let cases = [("LC_ALL", "C", ""), ("TERM", "linux", ""), ("LC_CTYPE", "POSIX", ""), ("TERM", "xterm", "--ascii")];
    for (name, value, option) in cases {
        let mut terminal = Terminal::run(|root| {
            let mut command = program();
            // That which comes first would hide the others.
            command.env_remove("LC_ALL");
            command.env("LANG", "C.UTF-8");
            command.env(name, value);
            command.args(Some(option).filter(|option| !option.is_empty()));
            command.arg(root);
            command
        });
        terminal.wait_until_read();
        terminal.press("*n5y");
        terminal.wait_for("what is wrong");
        terminal.press("\x1b?");
        terminal.wait_for("Everywhere");
        assert!(written(&terminal).is_ascii(), "{name}={value} {option}");
        leave(terminal);
    }
}

#[test]
fn linux_consoles_are_asked_nothing_and_left_below_the_picture() {
    let terminal = start_with(&[("TERM", "linux")], &[]);
    terminal.wait_until_read();
    assert!(!written(&terminal).contains("\x1b]"), "it would show what it does not know");
    leave(terminal);
}

#[test]
fn a_dumb_terminal_gets_the_tree_as_text() {
    let mut terminal = start_with(&[("TERM", "dumb")], &[]);
    assert_eq!(terminal.end().exit_code(), 0);
    terminal.wait_for("wrong.example:5000");
    assert!(!written(&terminal).contains('\x1b'));
}

#[test]
fn the_mouse_is_asked_for_and_given_back() {
    let mut terminal = Terminal::start();
    terminal.wait_until_read();
    terminal.wait("the mouse", |screen| screen.mouse_protocol_mode() == vt100::MouseProtocolMode::ButtonMotion);
    assert_eq!(
        terminal.screen.lock().unwrap().parser.screen().mouse_protocol_encoding(),
        vt100::MouseProtocolEncoding::Sgr
    );
    terminal.press("\x1b[<0;10;4M\x1b[<0;10;4m");
    terminal.wait("the row that was clicked", |screen| screen.cell(3, 5).is_some_and(vt100::Cell::inverse));
    terminal.press("M");
    terminal.wait("no mouse", |screen| screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None);
    terminal.press("M");
    terminal.wait("the mouse", |screen| screen.mouse_protocol_mode() == vt100::MouseProtocolMode::ButtonMotion);
    leave(terminal);
}

#[test]
fn esc_is_a_key_soon_and_never_leaves() {
    let mut terminal = Terminal::start();
    terminal.wait_until_read();
    terminal.press("?");
    terminal.wait_for("Everywhere");
    // Nothing follows that could tell it from the beginning of a sequence.
    terminal.press("\x1b");
    terminal.wait("the tree", |screen| !screen.contents().contains("Everywhere"));
    terminal.press("\x1b\x1b\x1b");
    terminal.press("\x1b[B");
    terminal.wait("the next row", |screen| screen.cell(3, 5).is_some_and(vt100::Cell::inverse));
    leave(terminal);
}

#[test]
fn unknown_sequences_mean_nothing() {
    let mut terminal = Terminal::start();
    terminal.wait_until_read();
    let before = terminal.text();
    for sequence in [
        "\x1b[99~",
        "\x1b[1;5P",
        "\x1b[?1;2c",
        "\x1b[>0;276;0c",
        "\x1b[24;80R",
        "\x1b[27;5;9~",
        "\x1b[97;5u",
        "\x1bOP",
        "\x1b[[A",
        "\x1b]4;1;rgb:0000/0000/0000\x07",
        "\x1b]11;nonsense\x1b\\",
        "\x1b[<99;1;1M",
        "\x1b[M !!",
        "\u{9b}2J",
        "\0",
        "\x1c",
        "\u{10ffff}",
    ] {
        terminal.press(sequence);
        thread::sleep(Duration::from_millis(40));
    }
    terminal.press("?");
    terminal.wait_for("Everywhere");
    terminal.press("q");
    terminal.wait("the tree", |screen| !screen.contents().contains("Everywhere"));
    assert_eq!(terminal.text().lines().next(), before.lines().next());
    leave(terminal);
}

#[test]
fn every_frame_is_shown_as_a_whole() {
    let mut terminal = Terminal::start();
    terminal.wait_until_read();
    let from = written(&terminal).len();
    terminal.press("n");
    terminal.wait_for("its name says a client certificate");
    terminal.press("jk*");
    terminal.wait_for("good.example:5000");
    thread::sleep(Duration::from_millis(100));
    let text = written(&terminal)[from..].to_owned();
    let frames: Vec<&str> = text.split_inclusive("\x1b[?2026l").collect();
    assert!(frames.len() >= 2, "{text:?}");
    for frame in frames {
        assert!(frame.starts_with("\x1b[?2026h") && frame.ends_with("\x1b[?2026l"), "{frame:?}");
        assert!(!frame.contains("\x1b[2J"), "nothing is painted anew: {frame:?}");
    }
    leave(terminal);
}

/// CPU time of a process in ticks.
fn ticks(terminal: &Terminal) -> u64 {
    let id = terminal.child.process_id().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test asks the kernel")]
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// How often the threads of a process were put to sleep: once for each time they woke.
fn sleeps(terminal: &Terminal) -> u64 {
    let id = terminal.child.process_id().unwrap();
    let threads = std::fs::read_dir(format!("/proc/{id}/task")).unwrap();
    let of_thread = |path: std::path::PathBuf| {
        #[expect(clippy::disallowed_methods, reason = "a test asks the kernel")]
        let status = std::fs::read_to_string(path.join("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap();
        line.trim().parse::<u64>().unwrap()
    };
    threads.map(|thread| of_thread(thread.unwrap().path())).sum()
}

#[test]
fn it_does_not_wake_while_nothing_happens() {
    let mut terminal = Terminal::start();
    terminal.wait_until_read();
    terminal.press("*n");
    terminal.wait_for("its name says a client certificate");
    // What follows a scan and a key takes a while.
    let cost = |terminal: &Terminal| (terminal.written(), ticks(terminal), sleeps(terminal));
    let begun = Instant::now();
    let mut before = cost(&terminal);
    loop {
        thread::sleep(Duration::from_secs(1));
        if cost(&terminal) == before {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "it never comes to rest");
        before = cost(&terminal);
    }
    thread::sleep(Duration::from_secs(5));
    assert_eq!(cost(&terminal), before, "bytes, CPU time, wake-ups");
    leave(terminal);
}

/// Runs the program in a real tmux, where there is one.
#[test]
fn a_real_tmux_has_what_was_copied() {
    let socket = format!("certwright-test-{}", std::process::id());
    let tmux = |arguments: &[&str]| {
        std::process::Command::new("tmux").args(["-L", &socket, "-f", "/dev/null"]).args(arguments).output()
    };
    if tmux(&["-V"]).is_err() {
        println!("skipped: no tmux here");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    tree::build_in(SAMPLE, directory.path());
    let root = directory.path().to_str().unwrap();
    let now = format!("CERTWRIGHT_NOW={}", tree::NOW.rfc3339());
    let start = [
        "new-session",
        "-d",
        "-x",
        "100",
        "-y",
        "24",
        "env",
        &now,
        "LC_ALL=C.UTF-8",
        env!("CARGO_BIN_EXE_certwright"),
        root,
    ];
    assert!(tmux(&start).unwrap().status.success());
    let shown = || String::from_utf8_lossy(&tmux(&["capture-pane", "-p"]).unwrap().stdout).into_owned();
    let wait_for = |text: &str| {
        let begun = Instant::now();
        while !shown().contains(text) {
            assert!(begun.elapsed() < PATIENCE, "never came: {text}\n{}", shown());
            thread::sleep(Duration::from_millis(20));
        }
    };
    wait_for("2 hosts");
    tmux(&["send-keys", "*", "j", "j", "y", "n"]).unwrap();
    wait_for("name sent to the terminal's clipboard: ca.crt");
    let buffer = tmux(&["show-buffer"]).unwrap();
    assert_eq!(String::from_utf8_lossy(&buffer.stdout), "ca.crt");
    tmux(&["send-keys", "q"]).unwrap();
    // The last session ends with it, and the server with that.
    let begun = Instant::now();
    while tmux(&["list-sessions"]).unwrap().status.success() {
        assert!(begun.elapsed() < PATIENCE, "{}", shown());
        thread::sleep(Duration::from_millis(20));
    }
}
