//! The overview of everything, driven by keys.

use certwright::tui::standing::Standing;
use certwright::tui::state::Mode;
use certwright::tui::survey::{self, facts::BANDS};

use super::*;

/// As many host directories as take several goes to count.
fn many() -> String {
    let host = |number: usize| {
        let file = ["ca.crt", "ca.cert", "notes.txt"][number % 3];
        format!("[[host]]\nname = \"h{number}.example\"\nfiles.\"{file}\" = \"root\"\n")
    };
    let root = "[material.root]\ncommon-name = \"Acme Root CA\"\nca = true\ndays = [-400, 3000]\n";
    (0..200).map(host).fold(root.to_owned(), |text, host| text + &host)
}

impl Driver {
    /// The words of an urgent thing, one blank between them.
    fn urgent(&self, place: usize) -> String {
        let lines = &self.state.survey.document.lines()[self.state.survey.lines[place].clone()];
        let text: String = lines.iter().flatten().map(|(_, text)| text.as_str()).collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn everything_is_counted_by_state_by_expiry_by_host_and_by_engine() {
    let mut driver = Driver::over("sample", WIDE);
    driver.rules = vec![];
    driver.scan();
    driver.press("0");
    let (facts, totals) = (driver.state.survey.facts(), driver.state.tree.totals());
    assert_eq!(facts.all_certificates(), totals.certificates);
    assert_eq!(facts.bands.iter().sum::<usize>(), totals.certificates);
    assert_eq!((facts.files, facts.hosts.iter().sum::<usize>()), (totals.files, totals.hosts));
    let of = |standing| facts.certificates[Standing::ALL.iter().position(|other| *other == standing).unwrap()];
    assert_eq!((of(Standing::Expired), of(Standing::Expiring), of(Standing::NotYet)), (1, 1, 0));
    let band = |word: &str| facts.bands[BANDS.iter().position(|(_, other)| *other == word).unwrap()];
    assert_eq!((band("expired"), band("in 30 days"), band("in 5 years"), band("later")), (1, 1, 2, 3));
    for engine in &facts.engines {
        assert_eq!(engine.accepts + engine.refuses + engine.unknown, totals.hosts, "{}", engine.judge);
        let hosts = driver.state.tree.hosts().iter().filter_map(|host| host.read.as_ref());
        assert_eq!(engine.accepts, hosts.filter(|read| engine.judge.load(&read.host).is_ok()).count());
    }
    assert!(facts.engines.iter().any(|engine| engine.refuses > 0));
}

#[test]
fn enter_goes_to_what_is_urgent() {
    let mut driver = Driver::over("sample", WIDE);
    driver.rules = vec![];
    driver.scan();
    driver.press("0");
    assert!(driver.urgent(0).starts_with("✗ refused"), "{}", driver.screen());
    let place = (0..driver.state.survey.lines.len())
        .find(|place| driver.urgent(*place).contains("wrong.example:5000/ca.cert"))
        .unwrap();
    driver.press(&"j".repeat(place)).press("\r");
    assert!(driver.selected_line().contains("ca.cert"), "{}", driver.screen());
    driver.press("/good\r0");
    let screen = driver.screen();
    assert!(screen.contains("5 hosts, 9 files"), "a search changes nothing here: {screen}");
    driver.press("G\r");
    assert_eq!(driver.state.mode, Mode::Browse);
    assert!(driver.state.tree.place(driver.state.cursor).is_some(), "what a search hid is shown: {}", driver.screen());
    driver.press("0\x1b0q00");
    assert_eq!((driver.state.mode, driver.effects.len()), (Mode::Browse, 0));
}

#[test]
fn counting_goes_on_in_goes_and_once_for_each_change() {
    let mut driver = Driver::mending("survey-many", &many(), WIDE);
    driver.press("0");
    assert!(survey::is_pending(&driver.state), "200 host directories take several goes");
    assert!(driver.screen().contains("Counting … 64 of 200 hosts"), "{}", driver.screen());
    let mut goes = 0;
    while driver.state.is_pending() {
        driver.act(Action::Search);
        goes += 1;
    }
    assert!((1..10).contains(&goes), "{goes}");
    let facts = driver.state.survey.facts().clone();
    assert_eq!(facts.hosts.iter().sum::<usize>(), 200);
    driver.press("jjjJJKGg?\x1b\x1b*o0");
    assert!(!driver.state.is_pending(), "nothing has changed but folds and order");

    driver.scan();
    assert!(driver.state.is_pending(), "something may have");
    assert!(driver.screen().contains("200 hosts"), "what was counted stays meanwhile: {}", driver.screen());
    while driver.state.is_pending() {
        driver.act(Action::Search);
    }
    assert_eq!(*driver.state.survey.facts(), facts);
}

#[test]
fn another_judge_has_everything_counted_anew() {
    let mut driver = Driver::over("several", WIDE);
    driver.rules = vec![];
    driver.scan();
    let refused = |driver: &mut Driver| {
        driver.press("0");
        let facts = driver.state.survey.facts();
        let judges = facts.engines.iter().filter(|engine| engine.judges).map(|engine| engine.judge.to_string());
        (judges.collect::<Vec<_>>().join(" "), facts.urgent.iter().filter(|one| one.refused).count())
    };
    assert_eq!(refused(&mut driver), ("docker-classic docker-c8d".to_owned(), 2));
    driver.press("\x1be").carry_out();
    assert_eq!(refused(&mut driver), ("docker-classic".to_owned(), 1));
}

#[test]
fn where_nothing_is_urgent_that_is_said() {
    let mut driver = Driver::over("empty", USUAL);
    driver.press("0");
    assert!(driver.screen().contains("nothing: no error"), "{}", driver.screen());
    driver.press("\rjkGgJK");
    assert_eq!(driver.state.mode, Mode::Survey);
}

#[test]
fn foreign_names_cannot_touch_the_terminal_on_the_overview() {
    for size in [WIDE, SMALL] {
        let mut driver = Driver::over("hostile", size);
        driver.rules = vec![];
        driver.scan();
        let screen = driver.press("0").screen();
        assert!(screen.contains("evil"), "{screen}");
        assert!(screen.chars().all(|letter| letter == '\n' || !letter.is_control()), "{screen}");
        assert!(!screen.contains(['\u{202e}', '\u{200b}', '\u{2066}']), "{screen}");
    }
}
