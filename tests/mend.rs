//! fix, apply, log, undo and redo as people and scripts run them.

#![expect(clippy::disallowed_methods, reason = "a test prepares its own files and fails by panicking")]

mod support;

use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;
use support::world::World;

/// Two slips that are safe to mend, one that is not, one that is to be done by hand.
const SLIPS: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]

[material.robot]
common-name = "robot"
issuer = "acme"
days = [-300, 2000]
purposes = ["client"]

[[host]]
name = "registry.example.com:5000"
files."ca.cert" = "acme"
files."client.cert" = "robot"
files."robot.pem" = "robot.key"

[[host]]
name = "mirror.example.com"
files."ca.crt" = "acme:der"
files."agent.cert" = "robot"
"#;

const STATE: [&str; 2] = ["--state-dir", "$ROOT/state"];

fn run(world: &World, arguments: &[&str]) -> String {
    world.run(&[arguments, &STATE].concat())
}

#[test]
fn the_plan_is_printed_and_nothing_is_changed() {
    let world = World::new(SLIPS);
    assert_snapshot!(run(&world, &["fix", "--diff", "certs.d"]), @r#"
    status: 1
    ----- stdout -----
    certs.d/mirror.example.com
      safe[CW510] copy the key out of certs.d/registry.example.com:5000/robot.pem into agent.key
      safe[CW201] convert ca.crt to PEM
          agent.cert  client  client          rw-r--r--  PEM
        + agent.key   key     key             rw-------  PEM
        - ca.crt      CA      CA              rw-r--r--  DER
        + ca.crt      CA      CA              rw-r--r--  PEM
        docker-classic: missing key agent.key for client certificate agent.cert. CA certificates must use the extension .crt → ok: 1 trust anchor, 1 client certificate
        docker-c8d: unable to load CA cert "certs.d/mirror.example.com/ca.crt" → ok: 1 trust anchor, 1 client certificate
        containers-image: missing key agent.key for client certificate agent.cert. Note that CA certificates should use the extension .crt → ok: 1 trust anchor, 1 client certificate
        containerd: unable to load CA cert "certs.d/mirror.example.com/ca.crt" → ok: 1 trust anchor, 1 client certificate

    certs.d/registry.example.com:5000
      safe[CW101] rename ca.cert to ca.crt
      safe[CW501] rename robot.pem to client.key
        - ca.cert      client  CA              rw-r--r--  PEM
        + ca.crt       CA      CA              rw-r--r--  PEM
          client.cert  client  client          rw-r--r--  PEM
        + client.key   key     key             rw-------  PEM
        - robot.pem    unused  key             rw-------  PEM
        docker-classic: missing key ca.key for client certificate ca.cert. CA certificates must use the extension .crt → ok: 1 trust anchor, 1 client certificate
        docker-c8d: failed to load X509 key pair: tls: found a certificate rather than a key in the PEM for the private key → ok: 1 trust anchor, 1 client certificate
        containers-image: missing key ca.key for client certificate ca.cert. Note that CA certificates should use the extension .crt → ok: 1 trust anchor, 1 client certificate
        containerd: failed to load X509 key pair: tls: found a certificate rather than a key in the PEM for the private key → ok: 1 trust anchor, 1 client certificate

    4 fixes in 2 host directories
    "#);
    assert!(world.root().join("certs.d/registry.example.com:5000/ca.cert").exists());
    assert!(!world.root().join("state").exists());
}

#[test]
fn a_plan_is_carried_out_taken_back_and_done_again() {
    let world = World::new(SLIPS);
    assert_snapshot!(run(&world, &["fix", "--apply", "certs.d"]), @r"
    status: 0
    ----- stdout -----
      done: mirror.example.com: copy the key out of certs.d/registry.example.com:5000/robot.pem into agent.key
      done: mirror.example.com: convert ca.crt to PEM
      done: registry.example.com:5000: rename ca.cert to ca.crt
      done: registry.example.com:5000: rename robot.pem to client.key
    operation 1: 4 fixes; certwright undo takes it back
    ");
    assert_snapshot!(run(&world, &["undo"]), @r"
    status: 0
    ----- stdout -----
      undone: mirror.example.com: copy the key out of certs.d/registry.example.com:5000/robot.pem into agent.key
      undone: mirror.example.com: convert ca.crt to PEM
      undone: registry.example.com:5000: rename ca.cert to ca.crt
      undone: registry.example.com:5000: rename robot.pem to client.key
    operation 2: operation 1 taken back; certwright redo does it again
    ");
    assert!(world.root().join("certs.d/registry.example.com:5000/ca.cert").exists());
    assert_snapshot!(run(&world, &["undo"]), @r"
    status: 3
    ----- stderr -----
    certwright: there is nothing to take back
    ");
    assert_snapshot!(run(&world, &["redo"]), @r"
    status: 0
    ----- stdout -----
      done: mirror.example.com: copy the key out of certs.d/registry.example.com:5000/robot.pem into agent.key
      done: mirror.example.com: convert ca.crt to PEM
      done: registry.example.com:5000: rename ca.cert to ca.crt
      done: registry.example.com:5000: rename robot.pem to client.key
    operation 3: what operation 2 took back done again; certwright undo takes it back
    ");
    assert!(world.root().join("certs.d/registry.example.com:5000/ca.crt").exists());
    assert_snapshot!(run(&world, &["undo", "7"]), @r"
    status: 3
    ----- stderr -----
    certwright: there is no operation 7
    ");
}

#[test]
fn a_kept_plan_is_carried_out_later_and_only_on_what_was_seen() {
    let world = World::new(SLIPS);
    let certificate = world.root().join("certs.d/registry.example.com:5000/ca.cert");
    let kept = run(&world, &["fix", "certs.d", "--select", "CW101", "--save-plan", "plan.json"]);
    assert!(kept.contains("certwright: the plan is in plan.json; certwright apply plan.json carries it out"), "{kept}");
    let mode = std::fs::metadata(world.root().join("plan.json")).map(|file| file.permissions().mode() & 0o777);
    assert_eq!(mode.ok(), Some(0o600));
    let again = run(&world, &["fix", "certs.d", "--save-plan", "plan.json"]);
    assert!(again.starts_with("status: 3") && again.contains("plan.json: file exists"), "{again}");
    let before = std::fs::read(&certificate).ok();
    std::fs::write(&certificate, "other").ok();
    assert_snapshot!(
        run(&world, &["apply", "plan.json"]).lines().filter(|line| !line.contains("someone else")).collect::<Vec<_>>().join("\n"),
        @r"
        status: 3
        ----- stderr -----
        hint: plan anew: certwright fix
        "
    );
    std::fs::remove_file(&certificate).ok();
    std::fs::write(&certificate, before.unwrap_or_default()).ok();
    let moved = run(&world, &["apply", "plan.json"]);
    assert!(
        moved.starts_with("status: 3") && moved.contains("by someone else") || moved.contains("another file"),
        "{moved}"
    );
    for (text, words) in [("{}", "it is no plan"), ("{\"schema\": 9, \"plan\": {}}", "it has the form 9")] {
        std::fs::write(world.root().join("wrong.json"), text).ok();
        let refused = run(&world, &["apply", "wrong.json"]);
        assert!(refused.starts_with("status: 2") && refused.contains(words), "{refused}");
    }
}

#[test]
fn programs_get_json() {
    let world = World::new(SLIPS);
    for (arguments, part) in [
        (&["fix", "certs.d", "--format", "json"][..], "\"held_back\""),
        (&["fix", "certs.d", "--apply", "--format", "json"], "\"operation\""),
        (&["undo", "--format", "json"], "\"kind\": \"undo\""),
        (&["redo", "--format", "json"], "\"of\": 2"),
        (&["log", "--format", "json"], "\"operations\""),
    ] {
        let answer = run(&world, arguments);
        let (_, json) = answer.split_once("----- stdout -----\n").unwrap_or_default();
        let json = json.split("----- stderr").next().unwrap_or_default();
        assert!(serde_json::from_str::<serde_json::Value>(json).is_ok_and(|value| value["schema"] == 1), "{answer}");
        assert!(json.contains(part), "{answer}");
    }
}

#[test]
fn what_is_forbidden_is_not_done() {
    let world = World::new(SLIPS);
    for arguments in [&["fix", "--apply", "certs.d"][..], &["undo"], &["redo"]] {
        let refused = run(&world, &[arguments, &["--read-only"]].concat());
        assert!(refused.starts_with("status: 2") && refused.contains("--read-only forbids it"), "{refused}");
    }
    assert!(run(&world, &["fix", "certs.d", "--read-only"]).starts_with("status: 1"));
    assert!(!world.root().join("state").exists());
    std::fs::create_dir(world.root().join("state")).ok();
    std::fs::set_permissions(world.root().join("state"), std::fs::Permissions::from_mode(0o755)).ok();
    assert_snapshot!(run(&world, &["fix", "--apply", "certs.d"]), @r"
    status: 3
    ----- stderr -----
    certwright: $ROOT/state is open to others: its mode must be 0700
    hint: chmod 700 $ROOT/state
    ");
}

#[test]
fn what_is_to_be_mended_is_chosen_by_code() {
    let world = World::new(SLIPS);
    let one = run(&world, &["fix", "certs.d", "--select", "CW201"]);
    assert!(one.contains("1 fix in 1 host directory") && one.contains("convert ca.crt to PEM"), "{one}");
    let more = run(&world, &["fix", "certs.d", "--unsafe"]);
    // Its key is found, so that it is not given up.
    assert!(more.contains("into agent.key") && !more.contains("aside") && !more.contains("--unsafe takes"), "{more}");
    let lonely = run(&world, &["fix", "certs.d", "--unsafe", "--select", "CW501"]);
    assert!(lonely.contains("set agent.cert aside") && !lonely.contains("--unsafe takes"), "{lonely}");
}
