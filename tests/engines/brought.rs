//! What `certwright import` puts in its place, and the `hosts.toml` that `certwright export` writes beside it, taken by real
//! servers from real engines.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::clients::{Answer, Client};
use crate::directories::{Directory, Kind};
use crate::laboratory::{self, Laboratory, Server};
use crate::materials::{self, Materials};
use crate::{hexadecimal, tell};

/// How the pair is brought.
const FORMS: [&str; 4] = ["pem", "p12", "p12-legacy", "p7b"];

#[test]
fn engines_present_what_was_imported_and_containerd_what_was_exported() {
    if let Some(obstacle) = laboratory::obstacle() {
        tell(&format!("skipped: nothing that is imported or exported is shown to real servers, since {obstacle}"));
        return;
    }
    let began = Instant::now();
    let materials = Materials::mint();
    let all = directories();
    let hosts: Vec<String> = all.iter().map(|(directory, ..)| directory.host()).collect();
    let furnish = |root: &Path| {
        let sent = root.ancestors().nth(3).unwrap().join("sent");
        fs::create_dir(&sent).unwrap();
        send(&sent, &materials);
        for (directory, form, is_exported) in &all {
            import(root, &sent, &directory.registry(), form);
            if *is_exported {
                export(root, &directory.registry());
            }
        }
    };
    let laboratory = Laboratory::start(&materials, &hosts, furnish);
    let clients = Client::installed(&laboratory);
    let client = certwright::pki::Certificate::parse(&materials::der(&materials.content("client"))).unwrap();
    let mut wrong = Vec::new();
    for (directory, form, is_exported) in &all {
        let expected = match directory.server {
            Server::Mutual => "?".to_owned(),
            Server::Asking | Server::Naming => hexadecimal(&client.sha1()),
        };
        for program in &clients {
            let answer = program.ask(&laboratory, directory, Duration::from_secs(20)).answer;
            if answer != Answer::Asks(expected.clone()) {
                let how = if *is_exported { ", exported" } else { "" };
                wrong.push(format!("{form}{how} {:?} {}: {answer:?}", directory.server, program.name));
            }
        }
    }
    let (count, programs) = (all.len(), clients.len());
    drop(laboratory);
    tell(&format!("{count} directories imported, half of them exported, {programs} programs, {:.0?}", began.elapsed()));
    assert!(programs >= 3 && wrong.is_empty(), "{} are not taken:\n{}", wrong.len(), wrong.join("\n"));
}

/// One for each form, each server and each of with and without a `hosts.toml`.
fn directories() -> Vec<(Directory, &'static str, bool)> {
    let mut all = Vec::new();
    for form in FORMS {
        for server in [Server::Mutual, Server::Naming] {
            for is_exported in [false, true] {
                let name = format!("brought-{form}-{}-{is_exported}", server.port());
                all.push((Directory { name, server, kind: Kind::Entries(String::new()) }, form, is_exported));
            }
        }
    }
    all
}

/// What somebody would be sent.
fn send(sent: &Path, materials: &Materials) {
    let path = |name: &str| sent.join(name).to_str().unwrap().to_owned();
    for (name, content) in [("ca.pem", "acme"), ("client.pem", "client"), ("client-key.pem", "client.key")] {
        fs::write(path(name), materials.content(content)).unwrap();
    }
    fs::write(path("chain.pem"), [materials.content("client"), materials.content("acme")].concat()).unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["crl2pkcs7", "-nocrl", "-certfile", &path("chain.pem"), "-out", &path("chain.p7b")]);
    let (key, chain) = (path("client-key.pem"), path("chain.pem"));
    let export = ["pkcs12", "-export", "-inkey", &key, "-in", &chain, "-passout", "pass:secret"];
    run(&[&export[..], &["-out", &path("client.p12")]].concat());
    run(&[&export[..], &["-legacy", "-out", &path("client-legacy.p12")]].concat());
}

fn import(root: &Path, sent: &Path, registry: &str, form: &str) {
    let files: &[&str] = match form {
        "pem" => &["ca.pem", "client.pem", "client-key.pem"],
        "p12" => &["client.p12"],
        "p12-legacy" => &["client-legacy.p12"],
        _ => &["chain.p7b", "client-key.pem"],
    };
    let mut command = certwright(root, "import");
    command.args(files.iter().map(|file| sent.join(file)));
    command.args(["--passphrase-fd", "0", "--to", registry, "--root"]).arg(root);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"secret\n").unwrap();
    assert!(child.wait().unwrap().success(), "{registry}");
}

fn export(root: &Path, registry: &str) {
    let directory = root.join(registry);
    let mut command = certwright(root, "export");
    command.arg(&directory).args(["--to", "containerd", "--output"]).arg(&directory);
    assert!(command.stdout(Stdio::null()).status().unwrap().success(), "{registry}");
    assert!(directory.join("hosts.toml").exists());
}

fn certwright(root: &Path, subcommand: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_certwright"));
    command.args([subcommand, "--apply"]).env_clear();
    command.env("CERTWRIGHT_STATE_DIR", root.ancestors().nth(3).unwrap().join("state"));
    command
}
