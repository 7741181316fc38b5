//! What engines make of a directory, and whose judgement counts, driven by keys.

use std::sync::Arc;

use certwright::engine::installed::Installed;
use certwright::engine::{Engine, Judge};
use certwright::finding::Severity;
use certwright::tui::judgement::Judgement;

use super::*;

/// A host on which Docker and Podman are installed.
fn docker_and_podman() -> Arc<Installed> {
    let engines = vec![
        (Engine::DockerClassic, "login always uses this loader".to_owned()),
        (Engine::ContainersImage, "podman, skopeo".to_owned()),
    ];
    Arc::new(Installed { engines, ..Installed::default() })
}

#[test]
fn engines_that_are_here_come_first() {
    let mut driver = Driver::over("several", WIDE);
    driver.state.installed = docker_and_podman();
    driver.press("G4");
    assert!(driver.selected_line().contains("split.example"), "{}", driver.selected_line());
    let lines = driver.state.pane.document.lines().iter();
    let text: String = lines.flat_map(|line| line.iter().map(|(_, text)| text.as_str()).chain([" "])).collect();
    let shown = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("docker login accepts this directory"), "{shown}");
    let places: Vec<usize> =
        ["Found here", "login always uses", "podman, skopeo", "Not found here", "Docker 28 and later"]
            .iter()
            .map(|words| shown.find(words).unwrap_or_else(|| panic!("{words}: {shown}")))
            .collect();
    assert!(places.is_sorted(), "{shown}");
    for engine in Engine::ALL {
        assert!(shown.contains(engine.title().split([',', ':']).next().unwrap()), "{shown}");
    }
    driver.press("\t");
    looks::in_each_look("engines_here", &mut driver);
}

#[test]
fn every_host_of_hosts_toml_is_told_with_what_it_is_shown() {
    let mut driver = Driver::over("several", (120, 60));
    driver.state.installed = Arc::new(Installed {
        engines: vec![(Engine::Containerd, "config_path is set".into())],
        ..Installed::default()
    });
    driver.press("j4");
    let screen = driver.screen();
    for words in ["https://mirror.example", "its certificate is not checked", "Mirror CA  mirror.pem"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    insta::assert_snapshot!("engines_mirror", screen);
}

#[test]
fn e_has_each_engine_judge_in_turn() {
    let mut driver = Driver::over("several", WIDE);
    driver.rules = vec![];
    driver.scan();
    driver.press("Gkl");
    let line = driver.selected_line();
    let usual = driver.state.tree.totals().tally;
    driver.press("e").carry_out();
    looks::in_each_look("judged", &mut driver);
    driver.resize(WIDE.0, WIDE.1);
    let mut tallies = vec![driver.state.tree.totals().tally];
    for _ in 1..Engine::ALL.len() {
        driver.press("e").carry_out();
        tallies.push(driver.state.tree.totals().tally);
        assert_eq!(driver.selected_line(), line, "the cursor stays");
    }
    assert!(tallies.iter().any(|tally| *tally != usual), "{tallies:?}");
    assert!(driver.press("j").resize(120, 36).screen().contains("judged by containers-image"), "{}", driver.screen());
    driver.press("e").carry_out();
    assert_eq!(driver.state.tree.totals().tally, usual);
    assert!(driver.state.judgement.is_default());
    assert!(!driver.press("j").screen().contains("judged by"), "{}", driver.screen());
}

#[test]
fn judging_again_finds_what_reading_again_finds() {
    let mut judged = Driver::over("several", WIDE);
    judged.rules = vec![];
    judged.press("eeee").carry_out();
    let mut read = Driver::over("several", WIDE);
    read.rules = vec![];
    read.state.judgement = Judgement::new(&Judge::parse("buildkit").unwrap());
    judged.state.judgement = Judgement::new(&Judge::parse("buildkit").unwrap());
    judged.effects.push(Effect::Judge);
    judged.carry_out();
    read.scan();
    let all = |driver: &Driver| {
        let hosts = driver.state.tree.hosts().iter().filter_map(|host| host.read.as_ref());
        let roots = driver.state.tree.roots().iter().flat_map(|root| root.findings.clone());
        hosts.flat_map(|read| read.findings.clone()).chain(roots).collect::<Vec<_>>()
    };
    assert!(!all(&read).is_empty());
    assert_eq!(all(&judged), all(&read));
}

#[test]
fn while_everything_is_read_another_judge_has_it_read_anew() {
    let mut driver = Driver::over("several", WIDE);
    let events = driver.events();
    driver.act(Action::Scanned(events.into_iter().next().unwrap()));
    driver.press("e");
    assert_eq!(driver.effects, [Effect::Rescan]);
}

#[test]
fn findings_below_the_least_severity_are_neither_shown_nor_counted() {
    let mut driver = Driver::over("sample", WIDE);
    driver.rules = vec![];
    driver.scan();
    let all = driver.state.tree.totals().tally;
    assert!(all.warnings > 0 && all.infos > 0, "{all:?}");
    driver.state.tree.show_from(Severity::Error);
    driver.scan();
    let tally = driver.state.tree.totals().tally;
    assert_eq!((tally.errors, tally.warnings, tally.infos), (all.errors, 0, 0));
    assert!(!driver.screen().contains("warning"), "{}", driver.screen());
    driver.press("w").paste("x509: certificate has expired or is not yet valid: current time 2026-11-24T12:00:00Z is after 2026-11-12T12:00:00Z");
    driver.press("\r").carry_out();
    assert!(driver.screen().contains("expired"), "{}", driver.screen());
}
