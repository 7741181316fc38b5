//! The mouse, as a terminal reports it; and the details that can be hidden.

use std::time::Duration;

use certwright::session::Event;
use certwright::tui::state::{Mode, Tab};

use super::*;

/// A press and a release at a place of the screen.
fn click(driver: &mut Driver, column: u16, row: u16) {
    let (column, row) = (column + 1, row + 1);
    driver.clock += Duration::from_secs(1);
    driver.press(&format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"));
}

fn double_click(driver: &mut Driver, column: u16, row: u16) {
    click(driver, column, row);
    driver.clock -= Duration::from_millis(800);
    click(driver, column, row);
}

#[test]
fn a_click_selects_and_a_second_one_opens() {
    let mut driver = Driver::sample(WIDE);
    click(&mut driver, 10, 4);
    assert!(driver.selected_line().contains("good.example"), "{}", driver.selected_line());
    assert_eq!(driver.state.tree.is_open(driver.state.cursor), Some(false));
    double_click(&mut driver, 10, 4);
    assert_eq!(driver.state.tree.is_open(driver.state.cursor), Some(true));
    click(&mut driver, 10, 4);
    click(&mut driver, 10, 4);
    assert_eq!(driver.state.tree.is_open(driver.state.cursor), Some(true), "two slow clicks are no double click");
    click(&mut driver, 10, 5);
    assert!(driver.selected_line().starts_with("ca.crt"), "{}", driver.selected_line());
    click(&mut driver, 10, 30);
    assert!(driver.selected_line().starts_with("ca.crt"), "below the last row there is nothing");
    click(&mut driver, 100, 10);
    assert_eq!(driver.state.focus, Focus::Pane);
    click(&mut driver, 10, 4);
    assert_eq!(driver.state.focus, Focus::Tree);
}

#[test]
fn the_wheel_scrolls_what_is_under_it() {
    let mut driver = Driver::sample((120, 12));
    driver.press("*");
    let (tree, pane) = (driver.state.layout().unwrap().tree, driver.state.layout().unwrap().pane);
    driver.press(&format!("\x1b[<65;{};{}M", tree.x + 5, tree.y + 5));
    assert_eq!((driver.state.scroll, driver.state.cursor), (3, Row::Root(0)), "the cursor stays");
    driver.press(&format!("\x1b[<64;{};{}M", tree.x + 5, tree.y + 5));
    assert_eq!(driver.state.scroll, 0);
    driver.press("jjj");
    driver.press(&format!("\x1b[<65;{};{}M", pane.x + 5, pane.y + 3));
    assert_eq!((driver.state.scroll, driver.state.pane.scroll), (0, 3));
    let before = driver.screen();
    driver.press("?");
    let help = driver.screen();
    driver.press("\x1b[<65;5;5M");
    assert_ne!(driver.screen(), help);
    driver.press("\x1b");
    assert_eq!(driver.screen(), before);
}

#[test]
fn tabs_and_headings_react() {
    let mut driver = Driver::sample(WIDE);
    let tabs = driver.state.layout().unwrap().tabs;
    let line = driver.screen().lines().nth(usize::from(tabs.y)).unwrap().to_owned();
    for (title, tab) in
        [("Chain", Tab::Chain), ("Engines", Tab::Engines), ("PEM", Tab::Pem), ("Overview", Tab::Overview)]
    {
        let column = line.chars().collect::<String>().find(title).map(|at| line[..at].chars().count()).unwrap();
        click(&mut driver, u16::try_from(column).unwrap(), tabs.y);
        assert_eq!(driver.state.tab, tab, "{line}");
    }
    let headings = driver.screen().lines().nth(1).unwrap().to_owned();
    for (title, order) in [("Left", "expiry"), ("State", "severity"), ("Name", "name")] {
        let column = headings[..headings.find(title).unwrap()].chars().count();
        click(&mut driver, u16::try_from(column).unwrap(), 1);
        assert_eq!(driver.state.tree.order().word(), order);
    }
}

/// The row of the screen that holds a text.
fn row_of(driver: &mut Driver, text: &str) -> u16 {
    let screen = driver.screen();
    let row = screen.lines().position(|line| line.contains(text));
    assert!(row.is_some(), "no {text} in\n{screen}");
    u16::try_from(row.unwrap_or_default()).unwrap()
}

#[test]
fn a_click_selects_in_the_timeline_and_a_second_one_goes_there() {
    let mut driver = Driver::sample(WIDE);
    driver.press("t");
    let last = driver.state.timeline.entries().len() - 1;
    let first_row = row_of(&mut driver, "today") + 1;
    click(&mut driver, 10, first_row + u16::try_from(last).unwrap());
    assert_eq!(driver.state.timeline.place(), last);
    click(&mut driver, 10, first_row);
    assert_eq!(driver.state.timeline.place(), 0);
    let row = driver.state.timeline.entry().unwrap().row;
    let file = |row: Row| (row.host(), row.file());
    click(&mut driver, 10, first_row - 1);
    click(&mut driver, 10, first_row + u16::try_from(last).unwrap() + 1);
    assert_eq!((driver.state.mode, driver.state.timeline.place()), (Mode::Timeline, 0), "there is nothing to select");
    double_click(&mut driver, 10, first_row);
    assert_eq!((driver.state.mode, file(driver.state.cursor)), (Mode::Browse, file(row)));
}

#[test]
fn a_click_selects_in_the_overview_and_the_title_leads_to_it() {
    let mut driver = Driver::sample(WIDE);
    driver.press("t");
    click(&mut driver, 3, 0);
    assert_eq!(driver.state.mode, Mode::Survey);
    let first_row = row_of(&mut driver, "Most urgent") + 1;
    click(&mut driver, 10, first_row + 1);
    assert_eq!(driver.state.survey.place(), 1);
    click(&mut driver, 10, first_row - 1);
    assert_eq!(driver.state.survey.place(), 1, "a heading is no urgent thing");
    let row = driver.state.survey.facts().urgent[1].row;
    double_click(&mut driver, 10, first_row + 1);
    assert_eq!((driver.state.mode, driver.state.cursor), (Mode::Browse, row));
}

#[test]
fn the_divider_can_be_dragged_and_stays() {
    let mut driver = Driver::sample(WIDE);
    let rule = driver.state.layout().unwrap().rule;
    driver.press(&format!("\x1b[<0;{};10M\x1b[<32;41;10M", rule.x + 1));
    assert_eq!(driver.state.layout().unwrap().rule.x, 40);
    driver.press("\x1b[<32;3;10M");
    assert_eq!(driver.state.layout().unwrap().rule.x, 24, "something of both stays in sight");
    driver.press("\x1b[<32;51;10M\x1b[<0;51;10m\x1b[<32;80;10M");
    assert_eq!(driver.state.layout().unwrap().rule.x, 50, "it is let go");
    driver.resize(80, 24).resize(60, 24).resize(120, 36);
    assert_eq!(driver.state.layout().unwrap().rule.x, 50);
}

#[test]
fn m_leaves_the_mouse_to_the_terminal() {
    let mut driver = Driver::sample(WIDE);
    driver.state.pointer.is_heeded = true;
    assert!(driver.press("M").screen().contains("the mouse is the terminal's: it selects text"));
    driver.press("M");
    assert_eq!(driver.effects, [Effect::Mouse(false), Effect::Mouse(true)]);
}

#[test]
fn the_details_can_be_hidden() {
    let mut driver = Driver::sample(WIDE);
    driver.press("d");
    assert_eq!(driver.state.layout().unwrap().tree.width, WIDE.0);
    driver.press("jj\rj");
    insta::assert_snapshot!("details_hidden", driver.screen());
    driver.press("\t");
    assert_eq!(driver.state.layout().unwrap().pane.width, WIDE.0 - 2, "they have the screen while somebody is in them");
    driver.press("\x1bd");
    assert!(driver.state.layout().unwrap().tree.width < WIDE.0);
}

#[test]
fn esc_stops_reading_and_never_leaves() {
    let mut driver = Driver::new(vec![], WIDE);
    driver
        .act(Action::Scanned(Event::Listed { roots: vec![], hosts: vec!["a/x.example".into(), "a/y.example".into()] }));
    assert!(driver.screen().contains("reading 0/2"));
    let screen = driver.press("\x1b").screen();
    assert!(screen.contains("stopped at 0/2") && screen.contains("R reads again"), "{screen}");
    driver.press("\x1b");
    assert_eq!(driver.effects, [Effect::StopReading], "another Esc does nothing more");
}
