//! `certwright new` and `renew` as people and scripts run them: what is made, what is refused, that nothing is left half
//! made, and that undo leaves nothing behind.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test prepares its own files and fails by panicking"
)]

mod support;
#[path = "new/surroundings.rs"]
mod surroundings;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use certwright::pki::{Interner, Item, Parsed, Purpose};
use support::world::World;

/// What files are made of, and a host with a client's pair.
const STOCK: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]

[material.globex]
common-name = "Globex Root CA"
ca = true
days = [-400, -12]

[material.server]
common-name = "registry.example.com"
issuer = "acme"
dns = ["registry.example.com"]
days = [-100, 300]
purposes = ["server"]

[material.robot]
common-name = "robot"
organization = "Example"
issuer = "acme"
dns = ["robot.example.com"]
ip = ["10.0.0.7"]
key = "p256"
days = [-300, 20]
purposes = ["client"]

[[host]]
name = "stock"
files."ca.pem" = "acme"
files."both.pem" = ["acme", "globex", "acme"]
files."old.pem" = "globex"
files."server.pem" = "server"
files."acme.key" = "acme.key"
files."empty.pem" = { text = "" }
files."notes.txt" = { text = "ask the network team\n" }

[[host]]
name = "renew.example.com"
files."client.cert" = "robot"
files."client.key" = "robot.key"
files."lost.cert" = "robot"
"#;

/// Where hosts are set up; neither it nor what leads to it is there.
const ROOT: &str = "$ROOT/etc/docker/certs.d";

fn world() -> World {
    World::new(STOCK)
}

/// Runs a command line of words, in which `STOCK/` leads to the stock and `@` is `--root ROOT`.
fn run(world: &World, line: &str) -> String {
    let words: Vec<String> =
        line.split_whitespace().map(|word| word.replace("STOCK/", "$ROOT/certs.d/stock/")).collect();
    let words = words.iter().flat_map(|word| if word == "@" { vec!["--root", ROOT] } else { vec![word.as_str()] });
    world.run(&words.collect::<Vec<_>>())
}

/// Every path below `$ROOT` but the journal's, with its mode and bytes.
fn disk(world: &World) -> BTreeMap<String, (u32, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(world.root()).into_iter().map(Result::unwrap);
    let of_ours = entries.filter(|entry| !entry.path().starts_with(world.root().join("state")));
    of_ours
        .map(|entry| {
            let name = entry.path().strip_prefix(world.root()).unwrap().display().to_string();
            let bytes = if entry.file_type().is_file() { std::fs::read(entry.path()).unwrap() } else { Vec::new() };
            (name, (entry.metadata().unwrap().permissions().mode() & 0o7777, bytes))
        })
        .collect()
}

fn parsed(world: &World, path: &str) -> Parsed {
    certwright::pki::parse(&std::fs::read(world.root().join(path)).unwrap(), &Interner::default())
}

/// Runs it where it must be carried out.
fn done(world: &World, line: &str) -> String {
    let told = run(world, line);
    assert!(told.starts_with("status: 0"), "{line}: {told}");
    told
}

const HOST: &str = "etc/docker/certs.d/r.example.com:5000";

#[test]
fn the_plan_is_shown_and_nothing_is_changed() {
    let world = world();
    let before = disk(&world);
    let told = run(&world, "new r.example.com:5000 @ --ca STOCK/ca.pem --client --self-signed --key ed25519");
    let expected = "\
status: 1
----- stdout -----
$ROOT/etc/docker/certs.d/r.example.com:5000
  set r.example.com:5000 up with ca.crt, client.cert and client.key
    + ca.crt       CA      CA              rw-r--r--  PEM
    + client.cert  client  client          rw-r--r--  PEM
    + client.key   key     key             rw-------  PEM
    docker-classic: ok: 1 trust anchor, 1 client certificate
    docker-c8d: ok: 1 trust anchor, 1 client certificate
    containers-image: ok: 1 trust anchor, 1 client certificate
    containerd: ok: 1 trust anchor, 1 client certificate

1 change in 1 host directory
  note: Acme Root CA is trusted until 2035-02-10
----- stderr -----
certwright: nothing is changed yet; --apply carries it out
";
    assert_eq!(told, expected);
    assert_eq!(disk(&world), before);
    let told = run(&world, "new r.example.com:5000 @ --client --self-signed --key ed25519 --read-only");
    assert!(told.starts_with("status: 1") && !told.contains("--apply"), "{told}");
    assert_eq!(disk(&world), before);
}

#[test]
fn everything_is_made_and_undo_leaves_nothing_behind() {
    let world = world();
    let before = disk(&world);
    done(
        &world,
        "new https://r.example.com:5000/v2/ @ --ca STOCK/ca.pem --client --self-signed --days 90 --subject /O=Acme/CN=robot --san 10.0.0.7 --apply",
    );
    let after = disk(&world);
    for (name, mode) in [("", 0o755), ("/ca.crt", 0o644), ("/client.cert", 0o644), ("/client.key", 0o600)] {
        assert_eq!(after[&format!("{HOST}{name}")].0, mode, "{name}");
    }
    let certificate = parsed(&world, &format!("{HOST}/client.cert"));
    let certificate = certificate.certificates().next().unwrap();
    assert_eq!(certificate.subject().to_string(), "CN=robot,O=Acme");
    assert_eq!(certificate.public_key().describe(), "RSA 4096");
    assert_eq!(certificate.purpose(), Purpose::Client);
    assert_eq!(certificate.not_before().rfc3339(), "2026-11-24T11:59:00Z");
    assert_eq!(certificate.not_after().rfc3339(), "2027-02-22T12:00:00Z");
    let key = parsed(&world, &format!("{HOST}/client.key"));
    let key = key.private_keys().next().unwrap();
    assert_eq!(key.spki(), Some(certificate.spki()));
    assert!(run(&world, &format!("check {ROOT}")).starts_with("status: 0"));
    let told = run(&world, "log");
    assert!(
        told.contains("r.example.com:5000: set r.example.com:5000 up with ca.crt, client.cert and client.key"),
        "{told}"
    );
    done(&world, "undo");
    assert_eq!(disk(&world), before);
    done(&world, "redo");
    assert_eq!(disk(&world), after);
}

#[test]
fn a_directory_alone_and_both_spellings() {
    let world = world();
    done(&world, "new r.example.com/team/app:1.2 @ --both --ca STOCK/ca.pem --apply");
    let after = disk(&world);
    for name in ["r.example.com", "r.example.com:443"] {
        assert!(after.contains_key(&format!("etc/docker/certs.d/{name}/ca.crt")), "{name}");
    }
    done(&world, "new bare.example.com @ --apply");
    assert_eq!(disk(&world)["etc/docker/certs.d/bare.example.com"].0, 0o755);
    let told = run(&world, "new bare.example.com @ --apply");
    assert!(told.contains("certs.d/bare.example.com exists") && told.starts_with("status: 3"), "{told}");
    done(&world, "undo");
    done(&world, "undo");
    assert!(!disk(&world).contains_key("etc"));
}

#[test]
fn cas_are_taken_in_every_form() {
    let world = world();
    let stock = world.root().join("certs.d/stock");
    let pem = std::fs::read(stock.join("ca.pem")).unwrap();
    let certificate = certwright::pki::parse(&pem, &Interner::default()).certificates().next().unwrap().clone();
    std::fs::write(stock.join("ca.der"), certificate.der()).unwrap();
    for (name, file) in [("pem", "ca.pem"), ("der", "ca.der")] {
        done(&world, &format!("new {name}.example.com @ --ca STOCK/{file} --apply"));
        assert_eq!(
            std::fs::read(world.root().join(format!("etc/docker/certs.d/{name}.example.com/ca.crt"))).unwrap(),
            pem
        );
    }
    let mut child = world.command();
    let root = ROOT.replace("$ROOT", world.root().to_str().unwrap());
    child
        .args(["new", "stdin.example.com", "--ca", "-", "--root", &root, "--apply"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    child.stdin.take().unwrap().write_all(&pem).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(std::fs::read(world.root().join("etc/docker/certs.d/stdin.example.com/ca.crt")).unwrap(), pem);
    let told = done(&world, "new both.example.com @ --ca STOCK/both.pem --split --apply");
    assert!(told.contains("Globex Root CA expired on 2026-11-12: nothing is trusted by it"), "{told}");
    assert!(told.contains("(expired-ca)"), "what is wrong afterwards is told: {told}");
    let told = run(&world, "new both.example.com @ --ca STOCK/old.pem --ca-name old --format json");
    let (_, json) = told.split_once("----- stdout -----\n").unwrap();
    let json = json.split("----- stderr -----").next().unwrap();
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(json["plan"]["fixes"][0]["reason"], "manual");
    assert!(json["notes"].as_array().unwrap().iter().any(|note| note.as_str().unwrap().contains("expired")), "{json}");
    assert_eq!(parsed(&world, "etc/docker/certs.d/both.example.com/ca.crt").certificates().count(), 1);
    assert_eq!(parsed(&world, "etc/docker/certs.d/both.example.com/ca-2.crt").certificates().count(), 1);
    assert!(!world.root().join("etc/docker/certs.d/both.example.com/ca-3.crt").exists(), "each of them once");
    done(&world, "new one.example.com @ --ca STOCK/both.pem --apply");
    assert_eq!(parsed(&world, "etc/docker/certs.d/one.example.com/ca.crt").certificates().count(), 2);
    done(&world, "new one.example.com @ --ca STOCK/old.pem --ca-name globex --apply");
    let told = done(&world, "new pin.example.com @ --ca STOCK/server.pem --pin --apply");
    assert!(told.contains("registry.example.com is trusted for itself alone, until 2027-09-20"), "{told}");
}

#[test]
fn pkcs7_is_taken_apart() {
    let world = world();
    let stock = world.root().join("certs.d/stock");
    let file = stock.join("both.p7b");
    let mut openssl = Command::new("openssl");
    openssl.args(["crl2pkcs7", "-nocrl", "-certfile"]).arg(stock.join("both.pem")).arg("-out").arg(&file);
    if !openssl.status().is_ok_and(|status| status.success()) {
        let _ = writeln!(std::io::stderr(), "new: pkcs7_is_taken_apart: skipped, since there is no openssl");
        return;
    }
    done(&world, "new r.example.com:5000 @ --ca STOCK/both.p7b --apply");
    let parsed = parsed(&world, &format!("{HOST}/ca.crt"));
    let names: Vec<String> = parsed.certificates().map(|certificate| certificate.display_name()).collect();
    assert_eq!(names, ["Acme Root CA", "Globex Root CA"]);
    assert!(parsed.blocks.iter().all(|block| matches!(block.item, Item::Certificate(_)) && block.seen_by_go));
}

#[test]
fn a_key_waits_where_no_engine_looks() {
    let world = world();
    let told = done(
        &world,
        "new r.example.com:5000 @ --client --csr --key ecdsa:p256 --subject CN=robot --san robot.example.com --apply",
    );
    assert!(told.contains(&format!("send $ROOT/{HOST}/client.csr to whoever signs it")), "{told}");
    let after = disk(&world);
    assert_eq!(after[&format!("{HOST}/client.key.waiting")].0, 0o600);
    assert_eq!(after[&format!("{HOST}/client.csr")].0, 0o644);
    assert_eq!(after.keys().filter(|name| name.starts_with(HOST)).count(), 3);
    let told = run(&world, &format!("tree {ROOT}"));
    assert!(
        told.contains("client.key.waiting  unused   waiting key         waits for the certificate of CN=robot"),
        "{told}"
    );
    assert!(told.contains("0 errors, 0 warnings, 0 infos"), "{told}");
    let told = run(&world, &format!("show $ROOT/{HOST}/client.key.waiting"));
    assert!(told.contains("waits for   the certificate of CN=robot, asked for in client.csr"), "{told}");
    let told = run(&world, &format!("show --format json $ROOT/{HOST}/client.key.waiting"));
    assert!(told.contains("\"request_in\": \"client.csr\"") && told.contains("\"content\": \"waiting key\""), "{told}");
}

#[test]
fn what_cannot_be_is_told_in_one_line_and_changes_nothing() {
    let world = world();
    std::fs::write(world.root().join("file"), "").unwrap();
    std::os::unix::fs::symlink("nowhere", world.root().join("dangling")).unwrap();
    done(&world, "new r.example.com @ --ca STOCK/ca.pem --client --self-signed --key ed25519 --apply");
    let before = disk(&world);
    let cases = [
        (2, "new myregistry @", "no image reference leads to \"myregistry\""),
        (2, "new library/alpine @", "is an image on Docker Hub"),
        (2, "new http://r.example.com @", "spoken without TLS"),
        (2, "new r.example.com:5000 @ --both", "only port 443 may be left out"),
        (2, "new a.example.com --for buildkit", "BuildKit has no certs.d of its own"),
        (2, "new a.example.com @ --client", "--self-signed"),
        (2, "new a.example.com @ --client --self-signed --csr", "cannot be used with"),
        (2, "new a.example.com @ --pin", "--ca <FILE>"),
        (2, "new a.example.com @ --client --self-signed --key rsa:1024", "there is no kind of key \"rsa:1024\""),
        (2, "new a.example.com @ --client --self-signed --days 0", "0 is not in 1..=36500"),
        (2, "new a.example.com @ --client --self-signed --subject XY=robot", "\"XY\" is no attribute of a subject"),
        (2, "new a.example.com @ --client --csr --san IP:10.0.0", "\"IP:10.0.0\" is no alternative name"),
        (2, "new a.example.com @ --client --csr --client-name ../client", "invalid value '../client'"),
        (2, "new a.example.com @ --client --csr --save-plan $ROOT/plan", "a private key is never kept in a plan"),
        (2, "new a.example.com @ --ca STOCK/ca.pem --apply --read-only", "--read-only forbids it"),
        (3, "new a.example.com @ --ca STOCK/server.pem", "registry.example.com is no CA (a server's certificate)"),
        (3, "new a.example.com @ --ca STOCK/acme.key", "it holds a private key"),
        (3, "new a.example.com @ --ca STOCK/empty.pem", "there is no certificate in it (empty)"),
        (3, "new a.example.com @ --ca STOCK/notes.txt", "there is no certificate in it (text)"),
        (3, "new a.example.com @ --ca STOCK/none.pem", "none.pem: no such file or directory"),
        (3, "new a.example.com @ --ca STOCK/", "directory"),
        (3, "new r.example.com @ --ca STOCK/old.pem", "r.example.com/ca.crt exists"),
        (3, "new r.example.com @ --client --self-signed", "r.example.com/client.cert exists"),
        (3, "new a.example.com --root $ROOT/file/certs.d", "$ROOT/file/certs.d: not a directory"),
        (3, "new a.example.com --root $ROOT/dangling", "$ROOT/dangling: no such file or directory"),
        (3, "renew r.example.com/none.cert @", "there is no none.cert in"),
        (3, "renew r.example.com/client.key @", "client.key is no client certificate"),
        (3, "renew none.example.com/client.cert @", "none.example.com is not there"),
        (2, "renew client.cert @", "name it as HOST/client.cert"),
    ];
    for (code, line, words) in cases {
        let told = run(
            &world,
            &(line.to_owned() + if line.contains("--save-plan") || line.contains("--apply") { "" } else { " --apply" }),
        );
        assert!(told.starts_with(&format!("status: {code}\n----- stderr -----\ncertwright: ")), "{line}: {told}");
        assert!(told.contains(words), "{line}: {told}");
        assert!(told.lines().filter(|line| line.starts_with("certwright: ")).count() == 1, "{line}: {told}");
        assert_eq!(disk(&world), before, "{line}");
    }
    assert!(run(&world, "log").matches("set ").count() == 1);
}

#[test]
fn a_plan_that_holds_no_key_can_be_kept_for_root() {
    let world = world();
    let told = run(&world, "new r.example.com:5000 @ --ca STOCK/ca.pem --save-plan $ROOT/plan.json");
    assert!(told.contains("certwright apply $ROOT/plan.json carries it out"), "{told}");
    assert!(!world.root().join("etc").exists());
    done(&world, "apply $ROOT/plan.json");
    assert_eq!(parsed(&world, &format!("{HOST}/ca.crt")).certificates().count(), 1);
    let told = run(&world, "new a.example.com @ --client --csr --save-plan $ROOT/key.json");
    let expected = format!(
        "hint: let root make it in its place: sudo certwright new a.example.com --root {ROOT} --client --csr --apply\n"
    );
    assert!(told.ends_with(&expected), "{told}");
}

#[test]
fn nothing_of_a_key_is_printed_or_kept_in_lines() {
    let world = world();
    let mut told = String::new();
    for line in [
        "new r.example.com:5000 @ --client --self-signed --key ecdsa:p256 --format json",
        "new r.example.com:5000 @ --client --self-signed --key ecdsa:p256 --format json --apply",
        "renew r.example.com:5000/client.cert @ --apply --format json",
        "log --format json",
        "undo --format json",
    ] {
        told += &run(&world, line);
    }
    let journal = world.root().join("state/journal.jsonl");
    told += &std::fs::read_to_string(journal).unwrap();
    let key = std::fs::read_to_string(world.root().join(format!("{HOST}/client.key"))).unwrap();
    assert!(key.lines().count() > 3);
    for line in key.lines().filter(|line| line.len() > 10) {
        assert!(!told.contains(line), "{line}");
    }
    assert!(told.contains("\"sha256\"") && told.contains("client.key.waiting"));
}

#[test]
fn a_renewed_request_is_like_the_old_certificate() {
    let world = world();
    let old = parsed(&world, "certs.d/renew.example.com/client.cert");
    let old = old.certificates().next().unwrap();
    let before = disk(&world);
    done(&world, "renew renew.example.com/client.cert --root $ROOT/certs.d --apply");
    let directory = "certs.d/renew.example.com";
    let (key, request) = (
        parsed(&world, &format!("{directory}/client.key.waiting")),
        std::fs::read(world.root().join(format!("{directory}/client.csr"))).unwrap(),
    );
    let key = key.private_keys().next().unwrap();
    assert_eq!(key.kind, old.public_key());
    assert_ne!(key.spki(), Some(old.spki()), "the key is a new one");
    let holds = |part: &[u8]| {
        let read = certwright::pki::parse(&request, &Interner::default());
        assert!(matches!(&read.blocks[0].item, Item::Request(_)));
        let text = String::from_utf8(request.clone()).unwrap();
        let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body).unwrap();
        der.windows(part.len()).any(|window| window == part)
    };
    assert!(holds(old.subject().der()), "the subject, byte for byte");
    assert!(holds(old.alternative_names_der().unwrap()), "the alternative names, byte for byte");
    let told = run(&world, "renew renew.example.com/client.cert --root $ROOT/certs.d --apply");
    assert!(told.contains("client.key.waiting waits for its certificate already"), "{told}");
    done(&world, "undo");
    assert_eq!(disk(&world), before);
    // By its path, and where the key was lost.
    done(&world, "renew $ROOT/certs.d/renew.example.com/lost.cert --apply");
    assert_eq!(disk(&world)["certs.d/renew.example.com/lost.key.waiting"].0, 0o600);
}

#[test]
fn a_self_signed_pair_is_renewed_at_once_and_the_old_one_set_aside() {
    let world = world();
    done(&world, "new r.example.com:5000 @ --client --self-signed --key ecdsa:p384 --san robot.example.com --apply");
    let old = disk(&world);
    let certificate = parsed(&world, &format!("{HOST}/client.cert"));
    let told = run(&world, "renew r.example.com:5000/client.cert @");
    assert!(told.contains("--self-signed makes such a one at once"), "{told}");
    done(&world, "renew r.example.com:5000/client.cert @ --self-signed --days 30 --apply");
    let new = disk(&world);
    for half in ["client.cert", "client.key"] {
        assert_eq!(new[&format!("{HOST}/{half}.certwright-aside")], old[&format!("{HOST}/{half}")], "{half}");
        assert_ne!(new[&format!("{HOST}/{half}")].1, old[&format!("{HOST}/{half}")].1, "{half}");
    }
    assert_eq!(new[&format!("{HOST}/client.key")].0, 0o600);
    let (old_one, renewed) =
        (certificate.certificates().next().unwrap(), parsed(&world, &format!("{HOST}/client.cert")));
    let renewed = renewed.certificates().next().unwrap();
    assert_eq!(renewed.subject().der(), old_one.subject().der());
    assert_eq!(renewed.alternative_names_der(), old_one.alternative_names_der());
    assert_eq!(renewed.public_key(), old_one.public_key());
    assert_eq!(renewed.not_after().date(), "2026-12-24");
    assert!(run(&world, &format!("check {ROOT} --expires-within 1")).starts_with("status: 0"));
    done(&world, "undo");
    assert_eq!(disk(&world), old);
}
