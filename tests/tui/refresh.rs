//! Looking again at what somebody else changed.

#![expect(clippy::disallowed_methods, reason = "a test changes its own files as somebody else would")]

use std::os::unix::fs::PermissionsExt;

use certwright::finding::Finding;
use certwright::session::refresh::{self, Suspects};

use super::*;

const PAIRS: &str = r#"
[material.root]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]
[material.other]
common-name = "Acme Root CA"
ca = true
days = [-300, 2000]
[material.client]
common-name = "ci-runner"
purposes = ["client"]
issuer = "root"
[[host]]
name = "a.example:5000"
files."ca.crt" = "root"
files."client.cert" = "client"
files."client.key" = "client.key"
[[host]]
name = "a.example_5000_"
files."ca.crt" = "other"
[[host]]
name = "b.example"
files."ca.crt" = "root"
files."client.key" = "client.key"
"#;

/// A screen over a tree of its own, and where that is.
fn over(name: &str) -> (Driver, PathBuf) {
    let base = world().join(name);
    let _ = std::fs::remove_dir_all(&base);
    let root = base.join("certs.d");
    std::fs::create_dir_all(&root).unwrap();
    tree::build_in(PAIRS, &root);
    let mut driver = Driver::over(name, WIDE);
    driver.rules = Vec::new();
    driver.scan();
    (driver, root)
}

/// Looks again. Tells whether anything had changed.
fn look(driver: &mut Driver, suspects: Suspects) -> bool {
    let refreshed = refresh::start(driver.request(), driver.state.tree.inventory(), suspects).recv().unwrap();
    let is_changed = refreshed.is_some();
    refreshed.into_iter().for_each(|refreshed| driver.act(Action::Refreshed(refreshed)));
    is_changed
}

fn findings(driver: &Driver) -> Vec<Finding> {
    let hosts = driver.state.tree.hosts().iter().filter_map(|host| host.read.as_ref());
    hosts.flat_map(|read| read.findings.clone()).collect()
}

/// What a screen shows that reads everything anew.
fn anew(name: &str) -> Vec<Finding> {
    let mut driver = Driver::over(name, WIDE);
    driver.rules = Vec::new();
    driver.scan();
    findings(&driver)
}

#[test]
fn looking_again_finds_what_reading_again_finds() {
    let (mut driver, root) = over("refresh");
    assert!(findings(&driver).iter().any(|finding| finding.code.number == "CW705"), "one between two directories");
    assert!(!look(&mut driver, Suspects::All), "nothing has changed");
    std::fs::rename(root.join("b.example/ca.crt"), root.join("b.example/ca.cert")).unwrap();
    assert!(look(&mut driver, Suspects::All));
    assert_eq!(findings(&driver), anew("refresh"));
    std::fs::set_permissions(root.join("b.example/client.key"), PermissionsExt::from_mode(0o644)).unwrap();
    std::fs::rename(root.join("a.example_5000_"), root.join("c.example")).unwrap();
    assert!(look(&mut driver, Suspects::All));
    assert_eq!(findings(&driver), anew("refresh"));
    assert!(findings(&driver).iter().all(|finding| finding.code.number != "CW705"));
    std::fs::remove_dir_all(root.join("a.example:5000")).unwrap();
    std::fs::write(root.join("stray.crt"), "").unwrap();
    assert!(look(&mut driver, Suspects::All));
    assert_eq!(findings(&driver), anew("refresh"));
    assert!(!look(&mut driver, Suspects::All));
}

#[test]
fn only_where_something_may_have_changed_is_looked() {
    let (mut driver, root) = over("refresh-these");
    std::fs::write(root.join("b.example/ca.crt"), "").unwrap();
    let directory = |name: &str| PathBuf::from("refresh-these/certs.d").join(name);
    assert!(!look(&mut driver, Suspects::These([directory("a.example:5000")].into())));
    assert!(look(&mut driver, Suspects::These([directory("b.example")].into())));
    assert_eq!(findings(&driver), anew("refresh-these"));
}

#[test]
fn the_place_stays_and_marks_go() {
    let (mut driver, root) = over("refresh-place");
    driver.press("jj\rjG");
    let before = driver.selected_line();
    std::fs::create_dir(root.join("0.example")).unwrap();
    std::fs::write(root.join("a.example:5000/ca.crt"), "").unwrap();
    assert!(look(&mut driver, Suspects::All));
    assert_eq!(driver.selected_line(), before);
    let screen = driver.screen();
    let marked: Vec<&str> = screen.lines().filter(|line| line.starts_with('~')).collect();
    assert_eq!(marked.len(), 2, "{screen}");
    assert!(marked[0].contains("0.example") && marked[1].contains("a.example:5000"), "{screen}");
    assert!(screen.contains("changed by somebody else: 1 file in 2 host directories"), "{screen}");
    driver.act(Action::Fade);
    let screen = driver.screen();
    assert!(!screen.contains('~') && !screen.contains("somebody else"), "{screen}");
}
