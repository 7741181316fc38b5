//! The timeline, driven by keys.

use certwright::tui::quick::Quick;
use certwright::tui::state::Mode;

use super::*;

impl Driver {
    /// The certificates of the timeline, by file, in its order.
    fn listed(&self) -> Vec<String> {
        let name = |row: Row| {
            let (host, file) = (row.host().unwrap(), row.file().unwrap());
            self.state.tree.file(host, file).unwrap().name.to_string_lossy().into_owned()
        };
        self.state.timeline.entries().iter().map(|entry| name(entry.row)).collect()
    }

    /// The line of the chosen certificate.
    fn chosen_line(&self) -> String {
        let place = self.state.timeline.place() - self.state.timeline.scroll();
        self.screen().lines().nth(3 + place).unwrap().trim().to_owned()
    }
}

#[test]
fn certificates_stand_in_the_order_in_which_they_expire() {
    let mut driver = Driver::sample(WIDE);
    driver.press("t");
    let by_expiry = ["old.pem", "ci.cert", "chain.crt", "ci.cert", "chain.crt", "ca.crt", "ca.cert"];
    assert_eq!(driver.listed(), by_expiry);
    assert!(driver.chosen_line().starts_with("! expiring    20d ci-runner"), "what expires next: {}", driver.screen());
    driver.press("k");
    assert!(driver.chosen_line().starts_with("✗ expired    -12d Old CA"), "{}", driver.screen());
    driver.press("G");
    assert!(driver.chosen_line().starts_with("✓ valid"), "{}", driver.screen());
}

#[test]
fn enter_goes_to_the_file_and_opens_its_branch_and_esc_goes_back() {
    let mut driver = Driver::sample(WIDE);
    driver.press("ggh");
    driver.press("t\r");
    assert!(driver.selected_line().contains("ci-runner"), "one of a bundle: {}", driver.screen());
    driver.press("tjj\r");
    assert!(driver.selected_line().contains("Acme Issuing CA"), "{}", driver.screen());
    driver.press("tG\r");
    assert!(driver.selected_line().contains("ca.cert"), "a file: {}", driver.screen());
    driver.press("tkkkk\r");
    let before = driver.state.cursor;
    driver.press("tgg\x1b");
    assert_eq!((driver.state.mode, driver.state.cursor), (Mode::Browse, before));
    driver.press("tq");
    assert_eq!((driver.state.mode, driver.effects.len()), (Mode::Browse, 0), "q closes before it quits");
    driver.press("t");
    assert!(driver.chosen_line().contains("Acme Issuing CA"), "it opens where the tree stands: {}", driver.screen());
}

#[test]
fn what_expires_next_is_found_and_its_fingerprint_copied_in_three_keys() {
    let mut driver = Driver::sample(USUAL);
    driver.press("t\rY");
    assert!(driver.selected_line().contains("ci-runner"), "{}", driver.screen());
    let asked = format!("{:?}", driver.effects);
    let row = driver.state.cursor;
    let file = driver.state.tree.file(row.host().unwrap(), row.file().unwrap()).unwrap();
    let certificate = file.parsed().unwrap().certificates().next().unwrap();
    let octets = certificate.sha256().map(|octet| format!("{octet:02X}"));
    assert!(asked.contains(&octets.join(":")), "{asked}");
}

#[test]
fn the_chosen_certificate_stays_while_everything_is_read_again() {
    let mut driver = Driver::sample(SMALL);
    driver.press("tjjj");
    let line = driver.chosen_line();
    for event in driver.events() {
        driver.act(Action::Scanned(event));
        assert_eq!(driver.chosen_line(), line);
    }
    driver.press("|||");
    assert_eq!(driver.state.quick, Some(Quick::Expiring));
    assert_eq!(driver.listed(), ["ci.cert"], "of two certificates in it, the one that expires");
    driver.press("||||||");
    assert_eq!((driver.state.quick, driver.listed().len()), (Some(Quick::Problems), 1));
    driver.press("\x1b\x1b");
    driver.press("t");
    assert_eq!(driver.listed().len(), 7);
}

#[test]
fn a_search_leaves_its_certificates_only() {
    let mut driver = Driver::sample(WIDE);
    driver.press("/good\rt");
    assert_eq!(driver.listed(), ["ci.cert", "ci.cert", "ca.crt"]);
    assert!(driver.screen().contains("only /good"), "{}", driver.screen());
    driver.press("\x1b/zz-empty\rt");
    assert!(driver.screen().contains("no certificate among what is shown"), "{}", driver.screen());
    driver.press("\r+-hl");
    assert_eq!(driver.state.mode, Mode::Timeline, "there is nothing to go to");
}

#[test]
fn time_is_zoomed_and_shifted_and_t_leads_back_to_today() {
    let mut driver = Driver::sample(WIDE);
    driver.press("t");
    let today = driver.screen();
    let head = |driver: &Driver| driver.screen().lines().nth(1).unwrap().to_owned();
    assert!(head(&driver).ends_with("2 years in sight"), "{today}");
    assert!(head(driver.press("+")).ends_with("12 months in sight") || head(&driver).ends_with("1 year in sight"));
    driver.press("-");
    assert_eq!(driver.screen(), today, "out again is where it was");
    driver.press("llllll");
    assert!(!driver.screen().contains("↓ today"), "{}", driver.screen());
    assert_eq!(driver.press("t").screen(), today);
    driver.press(&"h".repeat(200));
    let first = driver.screen();
    assert_eq!(driver.press("h").screen(), first, "no further than everything");
    driver.press(&"+".repeat(20)).press(&"-".repeat(40));
    assert!(head(&driver).ends_with("100 years in sight"), "{}", head(&driver));
}

#[test]
fn help_leads_back_to_the_timeline() {
    let mut driver = Driver::sample(WIDE);
    driver.press("t?");
    assert!(driver.screen().contains("look at less time"), "{}", driver.screen());
    driver.press("/zoom\x1b\x1b");
    assert_eq!(driver.state.mode, Mode::Timeline);
}

#[test]
fn foreign_names_cannot_touch_the_terminal_on_the_timeline() {
    let mut driver = Driver::over("hostile", WIDE);
    let screen = driver.press("t").screen();
    assert!(screen.contains("certificate"), "{screen}");
    assert!(screen.chars().all(|letter| letter == '\n' || !letter.is_control()), "{screen}");
    assert!(!screen.contains(['\u{202e}', '\u{200b}', '\u{2066}']), "{screen}");
}

#[test]
fn the_palette_opens_above_the_timeline_and_leads_back_to_it() {
    let mut driver = Driver::sample(USUAL);
    driver.press("t:");
    assert_eq!(driver.state.mode, Mode::Palette, "{}", driver.screen());
    driver.press("\x1b");
    assert_eq!(driver.state.mode, Mode::Timeline, "{}", driver.screen());
    driver.press(":overview of\r");
    assert_eq!(driver.state.mode, Mode::Survey, "{}", driver.screen());
}
