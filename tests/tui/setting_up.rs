//! Hosts set up by keys, imports and renewals: what forms say while they are filled in, what is planned, done, taken back.

#![expect(clippy::disallowed_methods, reason = "a test looks at what became of its own files")]

use std::time::{Duration, Instant};

use certwright::session::setting_up::inspect;
use certwright::session::setting_up::proposal::{News, Order, Proposing};
use certwright::tui::mending::Dialog;
use certwright::tui::state::Mode;

use super::mending::{in_each_look, workshop};
use super::*;

/// A host that is there, and materials for what is brought.
const HOSTS: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]
[material.server]
common-name = "registry.example"
purposes = ["server"]
dns = ["registry.example"]
issuer = "acme"
days = [-10, 300]
[material.robot]
common-name = "robot"
issuer = "acme"
days = [-300, 20]
purposes = ["client"]
[material.stranger]
common-name = "stranger"
issuer = "acme"
purposes = ["client"]

[[host]]
name = "a.example:5000"
files."ca.crt" = "acme"
files."client.cert" = "robot"
files."client.key" = "robot.key"
[[host]]
name = "zz.brought"
files."root.pem" = "acme"
files."server.pem" = "server"
files."stranger.pem" = "stranger"
files."pair.pem" = ["robot", "robot.key"]
"#;

const ENTER: &str = "\r";
const DOWN: &str = "\x1b[B";
const UP: &str = "\x1b[A";
const RIGHT: &str = "\x1b[C";
const PREVIEW: &str = "\x07";

impl Driver {
    /// Presses keys, and does what each asks for.
    fn keys(&mut self, keys: &[&str]) -> &mut Self {
        for key in keys {
            self.press(key).settle();
        }
        self
    }

    fn brought(&self, name: &str) -> String {
        let root = self.state.tree.root(0).unwrap().root.path.clone();
        root.join("zz.brought").join(name).display().to_string()
    }

    /// The screen with what is made at random made the same.
    fn directory(&self, host: &str) -> Vec<String> {
        let names = self.names_on_disk();
        names.iter().filter_map(|name| name.strip_prefix(&format!("{host}/"))).map(str::to_owned).collect()
    }

    /// Fills in a host with a CA and a client that signs itself with the key after this many turns.
    fn fill(&mut self, host: &str, authority: &str, turns: usize) -> &mut Self {
        self.keys(&["N", host, DOWN, DOWN, DOWN, authority, DOWN, RIGHT, DOWN, DOWN]);
        self.keys(&vec![RIGHT; turns]).keys(&[DOWN, "CN=ci,O=Acme"])
    }
}

/// Works something out as the program does, and tells all of it.
pub fn propose(driver: &mut Driver, order: Order) {
    let passphrase = std::mem::take(&mut driver.state.setting_up.passphrase).reveal();
    let proposing = Proposing::start(order, workshop(driver, passphrase));
    for news in proposing.news() {
        driver.act(Action::Proposed(Some(news)));
    }
}

/// Looks at what a form names, as the program does.
pub fn look(driver: &mut Driver, inspection: inspect::Inspection) {
    let found = inspect::inspect(inspection, tree::NOW);
    driver.act(Action::Inspected(Box::new(found)));
}

#[test]
fn a_host_is_set_up_and_taken_back() {
    let mut driver = Driver::mending("set-up", HOSTS, WIDE);
    let before = driver.disk();
    let authority = driver.brought("root.pem");
    driver.keys(&["N"]);
    in_each_look("form_empty", &mut driver);
    driver.keys(&["\x1b"]).resize(WIDE.0, WIDE.1);
    driver.fill("https://Registry.example:5000/v2/", &authority, 3);
    in_each_look("form_filled", &mut driver);
    driver.keys(&[PREVIEW]);
    assert_eq!(driver.disk(), before, "looking changes nothing");
    in_each_look("form_plan", &mut driver);
    driver.resize(WIDE.0, WIDE.1);
    driver.keys(&["\x1b"]);
    assert!(driver.screen().contains("CN=ci,O=Acme"), "nothing that was typed is lost:\n{}", driver.screen());
    driver.keys(&[PREVIEW, "a"]);
    assert_eq!(driver.directory("registry.example:5000"), ["ca.crt", "client.cert", "client.key"]);
    assert!(driver.selected_line().contains("registry.example:5000"), "{}", driver.screen());
    assert!(driver.bottom().starts_with("done: set registry.example:5000 up with ca.crt"), "{}", driver.bottom());
    driver.keys(&["L"]);
    assert!(driver.screen().contains("set registry.example:5000 up with"), "{}", driver.screen());
    driver.keys(&["\x1b", "u"]);
    assert_eq!(driver.disk(), before);
    assert!(!world().join("set-up/certs.d/registry.example:5000").exists());
}
