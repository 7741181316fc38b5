//! Hosts set up by keys, imports and renewals: what forms say while they are filled in, what is planned, done, taken back.

#![expect(clippy::disallowed_methods, reason = "a test looks at what became of its own files")]

use std::time::{Duration, Instant};

use certwright::session::setting_up::inspect;
use certwright::session::setting_up::proposal::{News, Order, Proposing};
use certwright::tui::mending::Dialog;
use certwright::tui::state::Mode;

use super::looks::in_each_look;
use super::mending::workshop;
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

#[test]
fn what_cannot_be_is_refused_while_it_is_typed() {
    let mut driver = Driver::mending("refused", HOSTS, USUAL);
    let said = |driver: &mut Driver, keys: &[&str], text: &str| {
        let screen = driver.keys(keys).screen();
        let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(text), "{text}:\n{screen}");
    };
    said(&mut driver, &["N", "myregistry"], "no image reference leads to \"myregistry\"");
    said(&mut driver, &[PREVIEW], "no image reference leads to");
    assert_eq!(driver.state.mode, Mode::Form, "there is no plan");
    said(&mut driver, &["\x15", "registry.test:443"], "for registry.test/app engines look for registry.test");
    said(&mut driver, &["\x15", "a.example:5000"], "a.example:5000 is there already");
    said(&mut driver, &[DOWN, DOWN, RIGHT], "has one spelling alone");
    let (server, root) = (driver.brought("server.pem"), driver.brought("root.pem"));
    said(&mut driver, &[RIGHT, DOWN, &root], "ca.crt is there already");
    said(
        &mut driver,
        &[UP, UP, UP, "\x15", "registry.test", DOWN, DOWN, RIGHT, DOWN, "x"],
        "no such file or directory",
    );
    said(&mut driver, &["\x15", &server], "registry.example: server's certificate, no CA, expires on");
    said(&mut driver, &[PREVIEW], "is no CA");
    said(&mut driver, &[DOWN, RIGHT], "no longer trusted");
    said(&mut driver, &[DOWN, RIGHT, DOWN, "\x15", "0"], "from 1 to 36500");
    said(&mut driver, &["\x15", "30", DOWN], "it takes seconds");
    said(&mut driver, &[RIGHT, RIGHT, RIGHT, DOWN, "XX=1"], "is no attribute of a subject");
    said(&mut driver, &["\x15", DOWN, "nothing:x"], "is no alternative name");
    said(&mut driver, &["\x15", "DNS:ci.example, IP:10.0.0.1", ENTER], "Set registry.test up");
    driver.keys(&["a"]);
    for host in ["registry.test", "registry.test:443"] {
        assert_eq!(driver.directory(host), ["ca.crt", "client.cert", "client.key"], "{host}");
    }
}

#[test]
fn a_form_that_was_left_is_as_it_was() {
    let mut driver = Driver::mending("draft", HOSTS, USUAL);
    driver.keys(&["N", "registry.test", "\x1b"]);
    assert_eq!(driver.state.mode, Mode::Browse);
    assert!(driver.keys(&["N"]).screen().contains("engines look for it in registry.test"), "{}", driver.screen());
    let screen = driver.keys(&["\x15", PREVIEW]).screen();
    assert!(screen.contains("type a registry host first"), "{screen}");
}

#[test]
fn a_request_is_made_and_its_key_waits() {
    let mut driver = Driver::mending("request", HOSTS, USUAL);
    let before = driver.disk();
    driver.keys(&["N", "registry.test", DOWN, DOWN, DOWN, DOWN, RIGHT, RIGHT, DOWN, RIGHT, RIGHT, RIGHT, PREVIEW, "s"]);
    assert_eq!(driver.bottom(), "a private key is never kept in a plan");
    driver.keys(&["a"]);
    assert_eq!(driver.directory("registry.test"), ["client.csr", "client.key.waiting"]);
    assert!(
        driver.bottom().contains("client.csr is to be signed") || driver.bottom().ends_with('…'),
        "{}",
        driver.bottom()
    );
    driver.keys(&["u"]);
    assert_eq!(driver.disk(), before);
}

#[test]
fn a_root_that_is_not_there_yet_is_made_with_its_first_host() {
    let mut driver = Driver::mending("new-root", HOSTS, USUAL);
    let root = Root { path: world().join("new-root/etc/podman/certs.d"), kind: RootKind::PodmanSystem, error: None };
    driver.targets.push(Target::Possible(root.clone()));
    driver.state.setting_up.roots = vec![root.clone()];
    driver.scan();
    assert_eq!(driver.state.tree.roots().len(), 1, "what is not there is not shown");
    driver.keys(&["N", "registry.test", DOWN, RIGHT]);
    assert!(driver.screen().contains("is not there yet"), "{}", driver.screen());
    driver.keys(&[PREVIEW, "a"]);
    assert_eq!(driver.state.tree.roots().len(), 2, "{}", driver.screen());
    assert!(driver.selected_line().contains("registry.test"), "{}", driver.screen());
    driver.keys(&["u"]);
    assert_eq!(driver.state.tree.roots().len(), 1);
    assert!(!world().join("new-root/etc").exists(), "nothing is left behind");
}

#[test]
fn what_was_sent_is_recognised_and_put_in_its_place() {
    let mut driver = Driver::mending("import", WAITING, WIDE);
    let before = driver.disk();
    let (pair, root) = (driver.brought("robot.pem"), driver.brought("root.pem"));
    driver.on("b.example:5000", "client.csr").keys(&["I", &pair, ENTER, &root]);
    in_each_look("import_form", &mut driver);
    driver.resize(WIDE.0, WIDE.1).keys(&[PREVIEW]);
    in_each_look("import_plan", &mut driver);
    assert_eq!(driver.disk(), before, "looking changes nothing");
    driver.resize(WIDE.0, WIDE.1).keys(&["a"]);
    let names = ["ca.crt", "client.cert", "client.csr.certwright-aside", "client.key"];
    assert_eq!(driver.directory("b.example:5000"), names, "{}", driver.screen());
    driver.keys(&["u"]);
    assert_eq!(driver.disk(), before);
}

#[test]
fn a_certificate_without_its_key_is_refused_with_what_was_expected() {
    let mut driver = Driver::mending("no-key", WAITING, WIDE);
    let stranger = driver.brought("stranger.pem");
    let text = std::fs::read_to_string(world().join(&stranger)).unwrap();
    driver.on("b.example:5000", "client.csr").keys(&["I", &stranger]);
    let screen = driver.screen();
    assert!(screen.contains("stranger") && screen.contains("client.key.waiting"), "{screen}");
    driver.keys(&[PREVIEW]);
    assert_eq!(driver.state.mode, Mode::Form, "{}", driver.screen());
    // The same as a paste, wherever the cursor is.
    driver.keys(&["\x15", RIGHT, "\x1b[200~", &text, "\x1b[201~"]);
    let screen = driver.screen();
    assert!(screen.contains("lines") && screen.contains("client.key.waiting"), "{screen}");
    assert!(!screen.contains("BEGIN CERTIFICATE"), "{screen}");
}

#[test]
fn a_passphrase_is_asked_for_and_never_seen() {
    let mut driver = Driver::mending("locked-import", WAITING, WIDE);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pkcs12/openssl.p12");
    driver.on("b.example:5000", "client.csr").keys(&["I", &file.display().to_string()]);
    assert!(driver.screen().contains("Passphrase"), "{}", driver.screen());
    driver.keys(&[PREVIEW, "wrong", PREVIEW]);
    assert!(driver.screen().contains("does not open"), "{}", driver.screen());
    driver.keys(&["changeit"]);
    assert!(!driver.screen().contains("changeit") && driver.screen().contains("••••••••"), "{}", driver.screen());
    assert!(!format!("{:?}", driver.state.setting_up).contains("changeit"));
    driver.keys(&[PREVIEW]);
    assert!(driver.screen().contains("Import into b.example:5000"), "{}", driver.screen());
    assert!(matches!(driver.state.mending.dialog, Dialog::Proposal(_)), "{}", driver.screen());
    driver.keys(&["a"]);
    assert!(driver.directory("b.example:5000").contains(&"ca.crt".to_owned()), "{}", driver.screen());
}

#[test]
fn a_client_certificate_is_renewed_and_the_new_one_imported() {
    let mut driver = Driver::mending("renewal", HOSTS, USUAL);
    let before = driver.disk();
    driver.on("a.example:5000", "ca.crt").keys(&["c"]);
    assert!(driver.bottom().contains("ca.crt is no client certificate"), "{}", driver.bottom());
    driver.on("a.example:5000", "client.cert").keys(&["c"]);
    in_each_look("renew_plan", &mut driver);
    driver.resize(USUAL.0, USUAL.1).keys(&["a"]);
    let names = ["ca.crt", "client.cert", "client.csr", "client.key", "client.key.waiting"];
    assert_eq!(driver.directory("a.example:5000"), names);
    assert!(driver.selected_line().contains("client.cert"), "{}", driver.selected_line());
    driver.keys(&["c"]);
    assert!(driver.bottom().contains("waits for its certificate already"), "{}", driver.bottom());
    driver.keys(&["u"]);
    assert_eq!(driver.disk(), before);
}

#[test]
fn a_key_that_takes_seconds_is_waited_for_in_the_tree_or_given_up() {
    let mut driver = Driver::mending("slow", HOSTS, USUAL);
    driver.keys(&["N", "registry.test", DOWN, DOWN, DOWN, DOWN, RIGHT]).press(PREVIEW);
    assert_eq!(driver.state.mode, Mode::Browse);
    let Some(Effect::Propose(order)) = driver.effects.pop() else { panic!("a key is to be made") };
    let proposing = Proposing::start(*order, workshop(&driver, None));
    let started = Instant::now();
    let first = proposing.news().recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(matches!(first, News::Making(..)), "{first:?}");
    driver.act(Action::Proposed(Some(first)));
    assert_eq!(driver.bottom(), "making a key, RSA 4096: 0 s; Esc gives it up");
    driver.press("jj4");
    assert!(driver.screen().contains("Engines"), "the rest goes on:\n{}", driver.screen());
    driver.act(Action::Proposed(Some(News::Making(certwright::create::KeyAlgorithm::Rsa4096, 23))));
    assert!(driver.bottom().starts_with("making a key, RSA 4096: 2 s"), "{}", driver.bottom());
    driver.press("\x1b");
    assert_eq!(driver.effects, [Effect::StopProposing]);
    proposing.cancel();
    let last = proposing.news().iter().last().unwrap();
    assert!(matches!(last, News::Cancelled | News::Proposed(_)), "{last:?} after {:?}", started.elapsed());
    assert!(driver.screen().contains("registry.test"), "the form is as it was:\n{}", driver.screen());
    assert_eq!(driver.bottom(), "given up; nothing was changed");
}

#[test]
fn a_plan_that_is_ready_waits_for_whoever_is_at_something_else() {
    let mut driver = Driver::mending("waits", HOSTS, USUAL);
    // RSA 2048, so that the tree is in sight.
    driver.keys(&["N", "registry.test", DOWN, DOWN, DOWN, DOWN, RIGHT, DOWN, DOWN, RIGHT, RIGHT]).press(PREVIEW);
    driver.press("/regi");
    driver.settle();
    assert_eq!(driver.state.mode, Mode::Filter);
    driver.keys(&["\x1b", "N"]);
    assert!(driver.screen().contains("Set registry.test up"), "{}", driver.screen());
    driver.keys(&["a"]);
    assert_eq!(driver.directory("registry.test"), ["client.cert", "client.key"]);
}

#[test]
fn read_only_shows_the_plan_and_carries_nothing_out() {
    let mut driver = Driver::mending("set-up-read-only", HOSTS, USUAL);
    driver.state.mending.read_only = true;
    let before = driver.disk();
    driver.keys(&["N", "registry.test", PREVIEW]);
    assert!(driver.screen().contains("make the directory registry.test"), "{}", driver.screen());
    assert_eq!(driver.keys(&["a"]).bottom(), "read-only: nothing is changed");
    assert_eq!(driver.disk(), before);
    assert!(!world().join("set-up-read-only/certs.d/registry.test").exists());
}

#[test]
fn no_private_key_is_told_of_by_anything_that_is_kept() {
    let mut driver = Driver::mending("secrets", HOSTS, USUAL);
    let pair = std::fs::read_to_string(world().join(driver.brought("pair.pem"))).unwrap();
    driver.on("zz.brought", "pair.pem").keys(&["I"]).paste(&pair).settle();
    let told = format!("{:?}", driver.state.setting_up);
    assert!(told.contains("Pasted(") && !told.contains("PRIVATE KEY"), "{told}");
    driver.keys(&[PREVIEW]);
    assert!(matches!(driver.state.mending.dialog, Dialog::Proposal(_)), "{}", driver.screen());
    let told = format!("{:?}{}", driver.state.mending, driver.screen());
    assert!(!told.contains("PRIVATE KEY-----"), "{told}");
}

#[test]
fn the_way_without_a_key_leads_to_a_renewal() {
    let text = HOSTS
        .replace("files.\"client.key\" = \"robot.key\"\n", "")
        .replace("files.\"pair.pem\" = [\"robot\", \"robot.key\"]\n", "");
    let mut driver = Driver::mending("renew-by-f", &text, WIDE);
    driver.on("a.example:5000", "client.cert").keys(&["f"]);
    let choices = driver.screen();
    let place = choices.lines().filter(|line| line.contains("[ ]")).position(|line| line.contains("make a new key"));
    driver.keys(&vec!["j"; place.unwrap()]).keys(&["a"]);
    assert!(driver.screen().contains("Renew client.cert of a.example:5000"), "{}", driver.screen());
}

#[test]
fn what_was_found_is_gone_through_with_n_and_new_hosts_wait() {
    let mut driver = Driver::sample(USUAL);
    driver.press("/root\r");
    let first = driver.press("n").selected_line();
    let second = driver.press("n").selected_line();
    assert_ne!(first, second);
    assert_eq!(driver.press("N").selected_line(), first, "{}", driver.screen());
    assert_eq!(driver.state.mode, Mode::Browse);
    assert!(driver.press("nnnnnnnnn").screen().contains("nothing more was found below"), "{}", driver.screen());
    driver.press("\x1bN");
    assert_eq!(driver.state.mode, Mode::Form);
}

/// A host with a key that waits, and what its CA sends.
const WAITING: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]
[material.robot]
common-name = "robot"
issuer = "acme"
days = [-1, 300]
purposes = ["client"]
[material.stranger]
common-name = "stranger"
issuer = "acme"
purposes = ["client"]

[[host]]
name = "b.example:5000"
files."client.csr" = "robot.csr"
files."client.key.waiting" = "robot.key"
[[host]]
name = "zz.brought"
files."root.pem" = "acme"
files."robot.pem" = "robot"
files."stranger.pem" = "stranger"
"#;
