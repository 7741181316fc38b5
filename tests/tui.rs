//! The screen, driven by keys on the real state over real files, drawn into memory.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use certwright::base::clock::Timestamp;
use certwright::model::{Root, RootKind};
use certwright::scan::{self, Target};
use certwright::session::Event;
use certwright::tui::action::{Action, Effect};
use certwright::tui::keymap::{self, BINDINGS};
use certwright::tui::state::Focus;
use certwright::tui::theme::{Glyphs, Theme, ThemeChoice};
use certwright::tui::tree::{Identity, Row};
use proptest::prelude::*;
use ratatui::style::Modifier;

use driver::{Driver, SMALL, USUAL, WIDE, world};

#[path = "tui/asking.rs"]
mod asking;
#[path = "tui/chain.rs"]
mod chain;
#[path = "tui/comparison.rs"]
mod comparison;
#[path = "tui/copying.rs"]
mod copying;
#[path = "tui/driver.rs"]
mod driver;
#[path = "tui/judging.rs"]
mod judging;
#[path = "tui/looks.rs"]
mod looks;
#[path = "tui/mending.rs"]
mod mending;
#[path = "tui/pointer.rs"]
mod pointer;
#[path = "tui/refresh.rs"]
mod refresh;
#[path = "tui/setting_up.rs"]
mod setting_up;
#[path = "tui/settings.rs"]
mod settings;
#[path = "tui/survey.rs"]
mod survey;
#[path = "tui/timeline.rs"]
mod timeline;
#[path = "support/tree.rs"]
mod tree;
#[path = "tui/views.rs"]
mod views;

#[test]
fn a_misnamed_authority_with_the_words_of_the_engines() {
    let mut driver = Driver::sample(USUAL);
    driver.press("n");
    looks::in_each_look("misnamed_overview", &mut driver);
    assert!(driver.selected_line().contains("ca.cert"), "{}", driver.selected_line());
    driver.press("5");
    looks::in_each_look("misnamed_findings", &mut driver);
    let screen = driver.press("4").screen();
    assert!(screen.contains("missing key ca.key"), "{screen}");
}

#[test]
fn a_small_screen_shows_one_pane_at_a_time() {
    let mut driver = Driver::sample(SMALL);
    driver.press("n");
    assert!(!driver.screen().contains("1 Overview"), "{}", driver.screen());
    assert!(driver.press("\r").screen().contains("1 Overview"), "{}", driver.screen());
    driver.press("q");
    assert_eq!((driver.state.focus, driver.effects.len()), (Focus::Tree, 0), "q closes the pane before it quits");
    driver.press("q");
    assert_eq!(driver.effects, [Effect::Quit]);
}

#[test]
fn help_is_the_keymap() {
    let mut narrow = Driver::sample(USUAL);
    narrow.press("?");
    let mut seen = String::new();
    for _ in 0..120 {
        seen.push_str(&narrow.screen());
        narrow.press("j");
    }
    for binding in BINDINGS.iter().filter(|binding| !binding.keys.is_empty()) {
        // What these keys do is told on the bottom line, where they do it.
        use keymap::Place::{
            Compare, Copy, Help, HelpSearch, History, Mend, Palette, Plan, Rename, Survey, Timeline, Type,
        };
        let is_named_below =
            matches!(binding.place, Copy | Help | HelpSearch | Palette | Mend | Plan | History | Rename | Type);
        let is_plain = !is_named_below && !matches!(binding.place, Compare | Survey | Timeline);
        assert!(!is_plain || seen.contains(binding.help), "help lacks {}", binding.help);
    }
}

#[test]
fn searching_narrows_as_one_types_and_esc_shows_everything_again() {
    let mut driver = Driver::sample(USUAL);
    driver.press("/RUNNER");
    driver.press("\r");
    assert!(driver.screen().contains("/RUNNER: 1"), "{}", driver.screen());
    driver.press("/x");
    assert!(driver.screen().contains("no match"), "{}", driver.screen());
    driver.press("\x1b");
    assert!(driver.screen().contains("zz-empty.example"), "{}", driver.screen());
    driver.press("\x1b\x1b\x1b");
    assert!(driver.effects.is_empty(), "Esc never leaves");
}

#[test]
fn an_empty_root_and_nothing_at_all_say_so() {
    let screen = Driver::over("empty", USUAL).screen();
    assert!(screen.contains("0 hosts"), "{screen}");
    let nothing = Driver::new(Vec::new(), USUAL).screen();
    assert!(nothing.contains("Reading"), "{nothing}");
}

#[test]
fn foreign_text_cannot_touch_the_terminal() {
    let mut driver = Driver::over("hostile", WIDE);
    driver.press("jj\x1b[C");
    for keys in ["1", "2", "3", "4", "5", "6", "g", "j", "l", "j", "1", "2", "5", "/evil\r"] {
        let screen = driver.press(keys).screen();
        let unsafe_character = |character: &char| {
            (character.is_control() && *character != '\n')
                || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert_eq!(screen.chars().find(unsafe_character), None, "after {keys}:\n{screen}");
    }
    let mut driver = Driver::over("hostile", WIDE);
    driver.press("jljj2");
    looks::in_each_look("hostile", &mut driver);
}

#[test]
fn no_private_key_is_ever_shown() {
    let mut driver = Driver::sample((120, 200));
    driver.press("*");
    for _ in 0..20 {
        driver.press("j");
        for tab in ["1", "2", "3", "4", "5", "6"] {
            let screen = driver.press(tab).screen();
            assert!(!screen.contains("PRIVATE KEY-----"), "{screen}");
        }
    }
    assert!(driver.press("/ci.key\r6").screen().contains("never shown"), "{}", driver.screen());
}

#[test]
fn cursor_folds_and_scroll_survive_a_rescan() {
    let mut driver = Driver::sample(SMALL);
    driver.press("*Gkk");
    let (line, scroll) = (driver.selected_line(), driver.state.scroll);
    assert!(scroll > 0);
    driver.scan();
    assert_eq!((driver.selected_line(), driver.state.scroll), (line, scroll));
}

#[test]
fn cursor_stays_on_its_file_while_directories_arrive_in_any_order() {
    let mut driver = Driver::sample(USUAL);
    driver.press("n");
    let line = driver.selected_line();
    let mut events = driver.events();
    let last = events.len() - 1;
    events[1..last].reverse();
    for event in events {
        driver.act(Action::Scanned(event));
        assert_eq!(driver.selected_line(), line);
    }
}

#[test]
fn a_file_named_on_the_command_line_is_selected() {
    world();
    let path = Path::new("sample/certs.d/good.example:5000/ci.cert");
    let mut driver = Driver::new(vec![scan::resolve(path).unwrap()], USUAL);
    driver.state.wanted =
        vec![Identity::Host("sample/certs.d/good.example:5000".into(), Some(("ci.cert".into(), None)))];
    driver.scan();
    assert!(driver.selected_line().contains("ci.cert"), "{}", driver.selected_line());
}

#[test]
fn whoever_moves_is_not_moved_elsewhere_once_what_was_asked_for_arrives() {
    let mut driver = Driver::new(Driver::sample(USUAL).targets, USUAL);
    driver.state.wanted =
        vec![Identity::Host("sample/certs.d/wrong.example:5000".into(), Some(("ca.cert".into(), None)))];
    for event in driver.events() {
        let is_list = matches!(event, Event::Listed { .. });
        driver.act(Action::Scanned(event));
        if is_list {
            driver.press("gj");
        }
    }
    assert!(driver.selected_line().contains("bundle"), "{}", driver.selected_line());
}

#[test]
fn problems_are_found_forwards_and_backwards() {
    let mut driver = Driver::sample(USUAL);
    driver.press("n");
    let problem = driver.state.cursor;
    assert!(driver.press("n").screen().contains("no problem below"));
    assert_eq!(driver.press("Gp").state.cursor, problem);
    assert_eq!(driver.press("gn").state.cursor, problem);
}

#[test]
fn orders_change_hosts_and_never_files() {
    let mut driver = Driver::sample(WIDE);
    let first_host = |driver: &mut Driver| driver.press("gj").selected_line();
    assert!(first_host(&mut driver).contains("bundle"));
    driver.press("o");
    assert!(first_host(&mut driver).contains("odd.example"), "what has expired comes first");
    driver.press("o");
    assert!(first_host(&mut driver).contains("wrong.example"), "what is wrong comes first");
    driver.press("o");
    assert!(first_host(&mut driver).contains("bundle"));
}

#[test]
fn ascii_shows_ascii_and_mono_no_colour() {
    let mut driver = Driver::over("hostile", WIDE);
    driver.state.glyphs = Glyphs::Ascii;
    driver.theme = Theme::new(ThemeChoice::Mono, None);
    driver.press("*");
    for tab in ["1", "2", "3", "4", "5", "?"] {
        let screen = driver.press(tab).screen();
        assert!(screen.is_ascii(), "{screen}");
        let terminal = driver.terminal();
        let coloured = terminal
            .backend()
            .buffer()
            .content()
            .iter()
            .find(|cell| cell.fg != ratatui::style::Color::Reset || cell.bg != ratatui::style::Color::Reset);
        assert!(coloured.is_none(), "{coloured:?}");
    }
}

#[test]
fn no_theme_sets_a_background() {
    for choice in [ThemeChoice::Dark, ThemeChoice::Light] {
        let mut driver = Driver::sample(WIDE);
        driver.theme = Theme::new(choice, None);
        driver.press("n4");
        let terminal = driver.terminal();
        assert!(terminal.backend().buffer().content().iter().all(|cell| cell.bg == ratatui::style::Color::Reset));
    }
}

#[test]
fn every_row_can_be_reached_and_told_apart() {
    let mut driver = Driver::sample(USUAL);
    driver.press("*");
    let mut rows: Vec<Row> = vec![driver.state.cursor];
    loop {
        driver.press("lj");
        if rows.last() == Some(&driver.state.cursor) || driver.state.focus == Focus::Pane {
            driver.press("\x1bj");
        }
        if rows.contains(&driver.state.cursor) {
            break;
        }
        rows.push(driver.state.cursor);
    }
    assert!(rows.len() > 10, "{rows:?}");
    assert!(rows.iter().all(|row| driver.state.tree.identity(*row).is_some()));
}

#[test]
fn reading_again_takes_the_present_time() {
    let mut driver = Driver::sample(WIDE);
    driver.press("jjljj1");
    let before = driver.screen();
    driver.act(Action::Clock(Timestamp(tree::NOW.0 + 100 * 86_400)));
    assert_ne!(driver.screen(), before);
    assert!(driver.screen().contains("expired"), "{}", driver.screen());
}

/// What a hand on the keyboard may do.
fn deed() -> impl Strategy<Value = Deed> {
    let keys = prop::sample::select(
        "jjjjkklh  \r\t0123456gGnpNIcoJK*?q/Rewt=+-|\x1b"
            .chars()
            .map(String::from)
            .chain(
                [
                    "\x1b[200~x509: certificate signed by unknown authority\x1b[201~\r",
                    "\x1b[6~",
                    "\x1b[5~",
                    "\x1b[A",
                    "\x1b[B",
                    "/ca\r",
                    "/zz",
                    "\x7f",
                ]
                .map(String::from),
            )
            .collect::<Vec<_>>(),
    );
    prop_oneof![
        12 => keys.prop_map(Deed::Press),
        2 => (0u16..200, 0u16..60).prop_map(|(columns, rows)| Deed::Resize(columns, rows)),
        1 => Just(Deed::Rescan),
    ]
}

#[derive(Clone, Debug)]
enum Deed {
    Press(String),
    Resize(u16, u16),
    Rescan,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_keys_and_no_size_make_it_panic(hostile: bool, deeds in prop::collection::vec(deed(), 1..60)) {
        let mut driver = Driver::over(if hostile { "hostile" } else { "sample" }, USUAL);
        for deed in deeds {
            match deed {
                Deed::Press(keys) => {
                    driver.press(&keys);
                    driver.effects.retain(|effect| matches!(effect, Effect::Judge | Effect::Explain(_)));
                    driver.carry_out();
                }
                Deed::Resize(columns, rows) => { driver.resize(columns, rows); }
                Deed::Rescan => driver.scan(),
            }
            driver.screen();
            let state = &driver.state;
            prop_assert!(state.tree.place(state.cursor).is_some() || state.tree.is_empty(), "the cursor is on a row");
            let place = state.place_of_cursor();
            prop_assert!(state.layout().is_none_or(|layout| layout.tree.is_empty())
                || (state.scroll <= place && place < state.scroll + state.tree_rows()), "the cursor is in sight");
        }
    }

    #[test]
    fn any_size_can_be_drawn(columns in 0u16..200, rows in 0u16..60, keys in prop::sample::select(vec!["", "n", "n\t", "?", "/a", "n2", "n3\t", "n4\t", "0", "0G", "t", "t++G", "*jjjjjj  ="])) {
        let mut driver = Driver::sample(USUAL);
        driver.press(keys).resize(columns, rows);
        driver.screen();
    }
}
