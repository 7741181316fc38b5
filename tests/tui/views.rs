//! Every view, in every look.

use super::chain::CROSSED;
use super::comparison::RENEWED;
use super::looks::{folded, in_each_look};
use super::*;

/// A view: its name, the tree that it is over, and the keys that lead to it.
type View = (&'static str, &'static str, &'static str);

/// Every view that needs nothing but keys. Each key is pressed once what the one before asked for is done.
const VIEWS: [View; 20] = [
    ("root", "sample", ""),
    ("tree", "sample", "*jjj"),
    ("nothing", "empty", ""),
    ("host", "sample", "jj"),
    ("overview", "sample", "jj\rjj1"),
    ("certificate", "sample", "jj\rjj2\t"),
    ("chain", "crossed", "j\rjjjj3\t"),
    ("engines", "several", "jj4\t"),
    ("findings", "several", "jj5\t"),
    ("pem", "sealed", "j\rj6\t"),
    ("help", "sample", "?"),
    ("help_timeline", "sample", "t?"),
    ("search", "sample", "/runner"),
    ("order", "sample", "o"),
    ("survey", "sample", "0"),
    ("timeline", "sample", "t"),
    ("timeline_century", "sample", "t------G"),
    ("timeline_far", "sample", "t++llllll"),
    ("compare", "renewed", "*jjj jj ="),
    ("compare_nothing", "renewed", "="),
];

/// A certificate whose length does not differ from run to run.
pub(crate) const SEALED: &str = r#"
[material.root]
common-name = "Acme Root CA"
organization = "Acme Incorporated, Certificates"
key = "ed25519"
ca = true
days = [-400, 3000]
[[host]]
name = "sealed.example"
files."ca.crt" = "root"
"#;

/// A screen over one of the trees, with all rules. Trees that are made for it are a test's own, by its word.
fn over(name: &str, word: &str) -> Driver {
    let own = |text: &str| Driver::mending(&format!("{word}-{name}"), text, WIDE);
    match name {
        "crossed" => own(CROSSED),
        "renewed" => own(RENEWED),
        "sealed" => own(SEALED),
        _ => {
            let mut driver = Driver::over(name, WIDE);
            driver.rules = Vec::new();
            driver.scan();
            driver
        }
    }
}

#[test]
fn every_view_in_every_look() {
    for (name, tree, keys) in VIEWS {
        let mut driver = over(tree, "view");
        driver.work(keys);
        in_each_look(name, &mut driver);
    }
}

#[test]
fn long_texts_to_their_end_on_a_narrow_screen() {
    for name in ["survey", "compare", "chain", "certificate", "engines"] {
        let (_, tree, keys) = VIEWS.into_iter().find(|(other, ..)| *other == name).unwrap();
        let mut driver = over(tree, "narrow");
        driver.work(keys).resize(40, 110);
        let screen = driver.screen();
        assert!(!screen.contains(" more ↓"), "{screen}");
        insta::assert_snapshot!(format!("narrow_{name}"), folded(&screen));
    }
}

#[test]
fn a_screen_that_is_too_small_says_so_in_every_mode() {
    for keys in ["", "?", ":", "w", "0", "t", "/x", "*jjjjjj  =", "f", "r", "L"] {
        for size in [(19, 6), (20, 5), (9, 1), (1, 1), (0, 0)] {
            let mut driver = Driver::sample(WIDE);
            driver.press(keys).resize(size.0, size.1);
            let screen = driver.screen();
            let shown = "too small".get(..usize::from(size.0).min(9)).unwrap_or_default();
            assert_eq!(screen.lines().next().unwrap_or_default(), shown, "{keys} at {size:?}");
        }
    }
}
