//! Two marked certificates or keys side by side, driven by keys.

use certwright::tui::comparison::{self, Part};
use certwright::tui::state::Mode;

use super::*;

/// A client certificate and what it was renewed with: another key, other names; a server's that is its own renewal.
pub(crate) const RENEWED: &str = r#"
[material.acme]
common-name = "Acme Root CA"
organization = "Acme"
ca = true
days = [-400, 3000]
[material.old]
common-name = "ci-runner"
issuer = "acme"
purposes = ["client"]
days = [-360, 5]
dns = ["a.ci.example", "b.ci.example"]
[material.new]
common-name = "ci-runner"
issuer = "acme"
purposes = ["client", "server"]
days = [-1, 364]
dns = ["b.ci.example", "c.ci.example"]
key = "p384"

[[host]]
name = "old.example:5000"
files."ca.crt" = "acme"
files."ci.cert" = ["old", "acme"]
files."ci.key" = "old.key"
[[host]]
name = "renewed.example:5000"
files."ci.cert" = "new"
files."ci.key" = "new.key"
files."notes.txt" = { text = "renewed\n" }
"#;

impl Driver {
    /// Marks a file of a host directory.
    pub(crate) fn mark(&mut self, host: &str, file: &str) -> &mut Self {
        self.on(host, file).press(" ")
    }

    fn compared(name: &str, files: [(&str, &str); 2]) -> Self {
        let mut driver = Self::mending(name, RENEWED, WIDE);
        for (host, file) in files {
            driver.mark(host, file);
        }
        driver.press("=");
        assert_eq!(driver.state.mode, Mode::Compare, "{}", driver.screen());
        driver
    }
}

#[test]
fn an_old_certificate_and_its_renewal() {
    // The newer one is marked first.
    let files = [("renewed.example:5000", "ci.cert"), ("old.example:5000", "ci.cert")];
    let mut driver = Driver::compared("compare-certificates", files);
    let sides = comparison::sides(&driver.state).unwrap();
    assert_eq!(
        sides.each_ref().map(|side| side.place.as_str()),
        ["old.example:5000/ci.cert", "renewed.example:5000/ci.cert"]
    );
    assert_eq!(sides[0].note, "the first of 2 certificates");
    let fields = comparison::fields(&sides);
    let differing: Vec<&str> =
        fields.iter().filter(|field| !field.is_same()).map(|field| field.name.as_str()).collect();
    let expected =
        ["Valid from", "Valid until", "Made for", "Public key", "Key SHA-256", "Serial", "Names", "Purposes"];
    assert_eq!(differing[..8], expected);
    let names = fields.iter().find(|field| field.name == "Names").unwrap();
    let parts =
        [("DNS:a.ci.example", Part::Removed), ("DNS:b.ci.example", Part::Both), ("DNS:c.ci.example", Part::Added)];
    assert_eq!(names.parts(), parts);
    let summary: Vec<String> = comparison::summary(&sides).into_iter().map(|(_, text)| text).collect();
    assert_eq!(
        summary,
        ["the same subject", "the same issuer", "another key", "valid 11 months longer", "names: 1 added, 1 removed"]
    );
    let screen = driver.screen();
    assert!(screen.contains("≠ differs Names"), "{screen}");
    driver.press("q");
    assert_eq!((driver.state.mode, driver.effects.len()), (Mode::Browse, 0), "q closes before it quits");
}

#[test]
fn keys_are_compared_by_their_public_half() {
    let mut driver =
        Driver::compared("compare-keys", [("old.example:5000", "ci.key"), ("renewed.example:5000", "ci.key")]);
    assert!(driver.screen().contains("two different keys"), "{}", driver.screen());
    assert!(!driver.press("G").screen().contains("PRIVATE KEY-----"));
    let driver = Driver::compared("compare-pair", [("old.example:5000", "ci.cert"), ("old.example:5000", "ci.key")]);
    assert!(driver.screen().contains("certificate and key belong together"), "{}", driver.screen());
    let driver =
        Driver::compared("compare-no-pair", [("old.example:5000", "ci.cert"), ("renewed.example:5000", "ci.key")]);
    assert!(driver.screen().contains("do not belong together"), "{}", driver.screen());
    let driver = Driver::compared("compare-same", [("old.example:5000", "ca.crt"), ("old.example:5000", "ci.cert")]);
    assert!(driver.screen().contains("another subject"), "{}", driver.screen());
}

#[test]
fn what_to_mark_is_said_until_it_is_right() {
    let mut driver = Driver::mending("compare-marks", RENEWED, SMALL);
    let said = |driver: &mut Driver| {
        let bottom = driver.press("=").bottom();
        assert_eq!(driver.state.mode, Mode::Browse);
        bottom
    };
    assert_eq!(said(&mut driver), "mark two files with Space, old and new");
    driver.mark("old.example:5000", "ci.cert");
    assert_eq!(said(&mut driver), "one is marked: mark another with Space");
    driver.mark("renewed.example:5000", "notes.txt");
    assert_eq!(said(&mut driver), "no certificate and no key in renewed.…");
    driver.mark("renewed.example:5000", "ci.cert");
    assert_eq!(said(&mut driver), "3 are marked: leave two of them");
    driver.mark("renewed.example:5000", "notes.txt");
    driver.press(":compare two\r");
    assert_eq!(driver.state.mode, Mode::Compare, "from the palette");
    driver.press("\x1b").mark("renewed.example:5000", "ci.cert");
    let row = driver.state.tree.find(&Identity::Host("compare-marks/certs.d/renewed.example:5000".into(), None));
    driver.state.select(row.unwrap());
    driver.press(" ");
    assert!(said(&mut driver).starts_with("mark files, not a directory"), "{}", driver.screen());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test takes away its own file")]
fn a_file_that_goes_away_meanwhile_is_missed() {
    let files = [("old.example:5000", "ci.cert"), ("renewed.example:5000", "ci.cert")];
    let mut driver = Driver::compared("compare-gone", files);
    std::fs::remove_file(world().join("compare-gone/certs.d/renewed.example:5000/ci.cert")).unwrap();
    driver.scan();
    assert!(driver.screen().contains("what was marked is gone"), "{}", driver.screen());
    driver.press("jkGg\x1b");
    assert_eq!(driver.state.mode, Mode::Browse);
}

#[test]
fn foreign_names_cannot_touch_the_terminal_side_by_side() {
    for size in [WIDE, SMALL] {
        let mut driver = Driver::over("hostile", size);
        driver.press("*gjj  =");
        assert_eq!(driver.state.mode, Mode::Compare, "{}", driver.screen());
        for _ in 0..30 {
            let screen = driver.screen();
            assert!(screen.chars().all(|letter| letter == '\n' || !letter.is_control()), "{screen}");
            assert!(!screen.contains(['\u{202e}', '\u{200b}', '\u{2066}']), "{screen}");
            driver.press("j");
        }
    }
}
