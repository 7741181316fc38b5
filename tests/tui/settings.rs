//! Search, quick filters, palette, help and settings, driven by keys.

use certwright::config::{Column, Config, KeySetting};
use certwright::tui::keymap::Place;
use certwright::tui::palette;
use certwright::tui::quick::Quick;
use certwright::tui::remap::Keymap;
use certwright::tui::state::Mode;
use certwright::tui::theme::Label;
use ratatui::style::{Color, Style};

use super::looks::in_each_look;
use super::*;

/// The rows of the tree below the root, by name.
fn names(driver: &Driver) -> Vec<String> {
    let tree = &driver.state.tree;
    let name = |row: Row| match row {
        Row::Root(_) => None,
        Row::Host(host) => Some(tree.host(host)?.path.file_name()?.to_string_lossy().into_owned()),
        Row::File { host, file } => Some(format!("  {}", tree.file(host, file)?.name.to_string_lossy())),
        Row::Certificate { .. } => Some("    certificate".to_owned()),
    };
    tree.rows_from(0).filter_map(name).collect()
}

#[test]
fn a_search_looks_at_everything_that_is_known() {
    let mut driver = Driver::sample(WIDE);
    let serial = {
        let row = driver
            .state
            .tree
            .find(&Identity::Host("sample/certs.d/odd.example".into(), Some(("old.pem".into(), None))));
        let Some(Row::File { host, file }) = row else { panic!("{row:?}") };
        let parsed = driver.state.tree.file(host, file).unwrap().parsed().unwrap();
        let certificate = parsed.certificates().next().unwrap();
        let octets = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        let fingerprint = certwright::tui::copy::fingerprint(certificate);
        [octets(certificate.serial()), octets(certificate.sha256()), fingerprint]
    };
    for text in &serial {
        driver.press("\x1b/").paste(text);
        assert_eq!(names(&driver), ["odd.example", "  old.pem"], "{text}");
    }
    let only = |driver: &mut Driver, text: &str| -> Vec<String> {
        driver.press("\x1b\x1b/").press(text);
        names(driver)
    };
    assert_eq!(only(&mut driver, "ci-runner"), ["good.example:5000", "  ci.cert"], "subject");
    assert_eq!(
        only(&mut driver, "CN=ACME ISSUING"),
        ["bundle.example:5000", "  chain.crt", "good.example:5000", "  ci.cert"],
        "issuer"
    );
    assert_eq!(only(&mut driver, "cw101"), ["wrong.example:5000", "  ca.cert"], "code");
    assert_eq!(only(&mut driver, "ca-named"), ["wrong.example:5000", "  ca.cert"], "name of a rule");
    assert_eq!(only(&mut driver, "wrong ca.c"), ["wrong.example:5000", "  ca.cert"], "a host and a file in it");
    assert_eq!(only(&mut driver, "wrngexampl"), ["wrong.example:5000"], "with gaps");
    assert_eq!(only(&mut driver, "nowhere-at-all"), [""; 0]);
    assert_eq!(only(&mut driver, "").len(), 5, "nothing typed");
}

#[test]
fn what_is_found_is_marked_and_what_a_row_does_not_show_is_said() {
    let mut driver = Driver::sample(WIDE);
    driver.press("/5000 issu");
    in_each_look("search_issuer", &mut driver);
    driver.press("\x1b/wrngexampl\r");
    in_each_look("search_gaps", &mut driver);
}

#[test]
fn quick_filters_leave_what_they_say() {
    let mut driver = Driver::sample(WIDE);
    let files = |driver: &Driver| -> Vec<String> {
        names(driver).iter().filter_map(|name| name.strip_prefix("  ").map(str::to_owned)).collect()
    };
    let expected: [(Quick, &[&str]); 7] = [
        (Quick::Problems, &["ca.cert"]),
        (Quick::Expired, &["old.pem"]),
        (Quick::Expiring, &["ci.cert"]),
        (Quick::Authorities, &["chain.crt", "ca.crt", "ci.cert", "gone.crt", "old.pem", "ca.cert"]),
        (Quick::Clients, &["ci.cert", "ca.cert"]),
        (Quick::Keys, &["ci.key", "client.key"]),
        (Quick::Unread, &["README", "gone.crt", "old.pem"]),
    ];
    for (quick, expected) in expected {
        driver.press("|");
        assert_eq!(driver.state.quick, Some(quick));
        assert_eq!(files(&driver), expected, "{quick:?}");
        let title = driver.screen().lines().next().unwrap().to_owned();
        assert!(title.contains(&format!("only {}", quick.word())), "{title}");
    }
    driver.press("|");
    assert_eq!((driver.state.quick, names(&driver).len()), (None, 5), "and everything again");
    driver.press("/ca\t\t");
    assert_eq!(driver.state.quick, Some(Quick::Expired), "Tab while searching");
    assert_eq!(files(&driver), ["old.pem"]);
    driver.press("\x1b");
    assert_eq!((driver.state.quick, names(&driver).len()), (None, 5), "Esc shows everything again");
    driver.press("|");
    in_each_look("quick_problems", &mut driver);
    driver.press("\x1b");
    assert_eq!(driver.state.quick, None, "Esc in the tree, too");
}

#[test]
fn n_goes_through_what_was_found_then_through_problems() {
    let mut driver = Driver::sample(WIDE);
    driver.press("/ci.key\rnn");
    assert!(driver.screen().contains("nothing more was found below"), "{}", driver.screen());
    driver.press("p");
    assert!(driver.screen().contains("no problem above"), "{}", driver.screen());
    driver.press("\x1bn");
    assert!(driver.selected_line().contains("ca.cert"), "{}", driver.selected_line());
}

#[test]
fn a_search_survives_a_rescan() {
    let mut driver = Driver::sample(WIDE);
    driver.press("/acme\r");
    let before = names(&driver);
    for _ in 0..3 {
        driver.scan();
    }
    assert_eq!(names(&driver), before);
}

#[test]
fn the_palette_does_what_is_chosen() {
    let mut driver = Driver::sample(WIDE);
    driver.press(":");
    in_each_look("palette", &mut driver);
    driver.resize(WIDE.0, WIDE.1).press("next prob");
    in_each_look("palette_typed", &mut driver);
    driver.resize(WIDE.0, WIDE.1).press("\r");
    assert!(driver.selected_line().contains("ca.cert"), "{}", driver.selected_line());
    driver.press("\x10only-exp\x1b[B\r");
    assert_eq!(
        (driver.state.mode, driver.state.quick),
        (Mode::Browse, Some(Quick::Expiring)),
        "Ctrl-P, and the second entry"
    );
    driver.press(":zzzzzz");
    assert!(driver.screen().contains("nothing is called that"), "{}", driver.screen());
    assert!(driver.press("\r").effects.is_empty());
    driver.press(":\x1b");
    assert_eq!(driver.state.mode, Mode::Browse, "Esc closes");
    driver.press(":quit at once\r");
    assert_eq!(driver.effects, [Effect::Quit]);
}

#[test]
fn the_palette_names_every_command_of_tree_and_pane_with_its_keys() {
    let mut driver = Driver::sample(WIDE);
    driver.press(":");
    let entries = palette::entries(&driver.state);
    let is_there = |place| matches!(place, Place::Tree | Place::Pane | Place::Everywhere);
    for binding in BINDINGS.iter().filter(|binding| is_there(binding.place)) {
        let is_named = entries
            .iter()
            .any(|entry| entry.command == binding.command && (binding.keys.is_empty() || !entry.keys.is_empty()));
        assert!(is_named || binding.command == certwright::tui::action::Command::Palette, "{binding:?}");
    }
}

#[test]
fn help_finds_what_the_bottom_line_and_the_palette_call_it() {
    for (words, text) in [("undo", "take back what was changed last"), ("save-plan", "keep the plan in a file")] {
        let mut driver = Driver::sample(WIDE);
        driver.press(&format!("?/{words}"));
        assert!(driver.screen().contains(text), "{words}: {}", driver.screen());
    }
}

#[test]
fn help_is_searched_and_tells_the_keys_in_force() {
    let mut driver = Driver::sample(WIDE);
    let keys = |keys: &[&str]| KeySetting { line: 1, keys: keys.iter().map(|key| (*key).to_owned()).collect() };
    let settings = [("sort".to_owned(), keys(&["ctrl-s"])), ("help".to_owned(), keys(&["H"]))].into();
    driver.state.keymap = Keymap::configured(&settings, Path::new("config.toml")).0;
    driver.press("?");
    assert_eq!(driver.state.mode, Mode::Browse);
    driver.press("H/ord");
    in_each_look("help_search", &mut driver);
    driver.resize(WIDE.0, WIDE.1);
    assert!(driver.screen().contains("Ctrl-S"), "{}", driver.screen());
    driver.press("er\r");
    assert_eq!(driver.state.mode, Mode::Help, "Enter keeps what was found");
    assert!(driver.screen().contains("Ctrl-S"), "{}", driver.screen());
    driver.press("/\x1b");
    assert!(driver.screen().contains("While searching"), "Esc shows all keys again");
    driver.press("/zzzzz");
    assert!(driver.screen().contains("no key does that"), "{}", driver.screen());
    driver.press("\x1bq:order");
    assert!(driver.screen().contains("Ctrl-S"), "the palette, too: {}", driver.screen());
    driver.press("\x1b\x13");
    assert!(driver.screen().contains("Name, by expiry"), "{}", driver.screen());
}

#[test]
fn the_first_keys_are_named_until_one_is_pressed() {
    for (columns, rows) in [WIDE, USUAL, SMALL] {
        let mut driver = Driver::sample((columns, rows));
        let last = |driver: &Driver| driver.screen().lines().last().unwrap().to_owned();
        let more = if columns < 72 { "" } else { "0 overview  t timeline  f mend  " };
        assert_eq!(last(&driver), format!(" ? help  : palette  / search  {more}q quit"));
        driver.press("j");
        assert!(!last(&driver).contains("palette"), "{}", last(&driver));
    }
}

#[test]
fn columns_can_be_left_out() {
    for (columns, rows) in [WIDE, USUAL, SMALL] {
        let mut driver = Driver::sample((columns, rows));
        driver.press("*");
        for shown in [&[][..], &[Column::State], &[Column::Is, Column::Left], &Column::ALL] {
            driver.state.columns = shown.to_vec();
            let heading = driver.screen().lines().nth(1).unwrap().to_owned();
            let tree: String = heading.chars().take(usize::from(driver.state.layout().unwrap().tree.width)).collect();
            assert_eq!(tree.contains("State"), shown.contains(&Column::State), "{tree}");
            assert_eq!(tree.contains("Left"), shown.contains(&Column::Left), "{tree}");
            assert!(!tree.contains("Named") || shown.contains(&Column::Named), "{tree}");
        }
    }
    assert_eq!(Config::default().columns, Column::ALL);
}

#[test]
fn without_colour_nothing_is_lost() {
    let mut driver = Driver::over("several", WIDE);
    driver.rules = vec![];
    driver.scan();
    driver.press("*");
    let coloured = [Label::Error, Label::Warning, Label::Good, Label::Late].map(|label| {
        let colour = Theme::new(ThemeChoice::Dark, None).style(label).fg;
        colour.unwrap_or_else(|| panic!("{label:?} has a colour"))
    });
    for keys in ["", "jj4", "5", "3", "1", "?", "\x1b:"] {
        driver.press(keys);
        driver.theme = Theme::new(ThemeChoice::Mono, None);
        let (mono, plain) = (driver.screen(), colours(&driver));
        assert!(plain.iter().all(|(colour, _)| *colour == Color::Reset), "{plain:?}");
        driver.theme = Theme::new(ThemeChoice::Dark, None);
        assert_eq!(driver.screen(), mono, "the same text");
        for (colour, text) in colours(&driver) {
            // What a colour says about a state stands there as a sign, a word or a number, too.
            let text = text.trim();
            let says = text.chars().any(|letter| letter.is_alphanumeric() || "✗!•✓≠│-━".contains(letter));
            assert!(!coloured.contains(&colour) || says, "{colour:?} alone says it: {text:?}");
        }
    }
}

/// The pieces of one colour each, with their text.
fn colours(driver: &Driver) -> Vec<(Color, String)> {
    let terminal = driver.terminal();
    let buffer = terminal.backend().buffer();
    let mut pieces: Vec<(Color, String)> = Vec::new();
    for y in 0..buffer.area.height {
        let mut line: Vec<(Color, String)> = Vec::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            match line.last_mut() {
                Some((colour, text)) if *colour == cell.fg => text.push_str(cell.symbol()),
                _ => line.push((cell.fg, cell.symbol().to_owned())),
            }
        }
        pieces.extend(line);
    }
    pieces
}

#[test]
fn a_theme_of_the_users_own_is_drawn() {
    let text = "inherits = \"mono\"\ndirectory = \"italic blue\"\nselected = \"bold reversed\"\n";
    let (theme, problems) = certwright::tui::theme_file::parse(Path::new("mine.toml"), text);
    assert_eq!(problems, []);
    assert_eq!(theme.style(Label::Directory), Style::new().fg(Color::Blue).add_modifier(Modifier::ITALIC));
    let mut driver = Driver::sample(USUAL);
    driver.theme = Theme::new(ThemeChoice::Own(theme), Some("0;15"));
    let terminal = driver.terminal();
    let cells = terminal.backend().buffer().content();
    assert!(cells.iter().any(|cell| cell.fg == Color::Blue && cell.modifier == Modifier::ITALIC));
    assert!(cells.iter().all(|cell| matches!(cell.fg, Color::Blue | Color::Reset)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_typed_can_be_searched_for(text in "\\PC{0,12}", place in prop::sample::select(vec!["/", ":", "?/", "/\t"]), size in prop::sample::select(vec![WIDE, SMALL, (20, 6), (0, 0)])) {
        let mut driver = Driver::over("hostile", size);
        driver.press("*").press(place).paste(&text);
        let screen = driver.screen();
        prop_assert!(screen.chars().all(|letter| letter == '\n' || !letter.is_control()), "{}", screen);
    }
}
