//! What `certwright new` makes, taken by real servers from real engines: a self-signed client certificate of every kind of
//! key, itself the client CA of docker-registry (`clientcas`) and of nginx (`ssl_verify_client on`).

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use certwright::create::KeyAlgorithm;

use crate::clients::{Answer, Client};
use crate::directories::{Directory, Kind};
use crate::laboratory::{self, Laboratory, Server};
use crate::materials::{self, Materials};
use crate::{hexadecimal, tell};

#[test]
fn engines_present_what_is_made_here_and_servers_take_it() {
    if let Some(obstacle) = laboratory::obstacle() {
        tell(&format!("skipped: nothing that is made here is shown to real servers, since {obstacle}"));
        return;
    }
    let began = Instant::now();
    let materials = Materials::mint();
    let all: Vec<(Directory, KeyAlgorithm)> = directories();
    let hosts: Vec<String> = all.iter().map(|(directory, _)| directory.host()).collect();
    let furnish = |root: &Path| all.iter().for_each(|(directory, key)| set_up(root, directory, *key));
    let laboratory = Laboratory::start(&materials, &hosts, furnish);
    let clients = Client::installed(&laboratory);
    let mut wrong = Vec::new();
    for (directory, key) in &all {
        let made = fs::read(laboratory.root().join(directory.registry()).join("client.cert")).unwrap();
        let made = certwright::pki::Certificate::parse(&materials::der(&made)).unwrap();
        let expected = match directory.server {
            // It keeps no record, and answers nobody whose certificate it does not take.
            Server::Mutual => Answer::Asks("?".to_owned()),
            Server::Asking | Server::Naming => Answer::Asks(hexadecimal(&made.sha1())),
        };
        for client in &clients {
            let answer = client.ask(&laboratory, directory, Duration::from_secs(20)).answer;
            if answer != expected {
                wrong.push(format!("{key} {:?} {}: {answer:?}", directory.server, client.name));
            }
        }
    }
    let (pairs, programs) = (all.len(), clients.len());
    drop(laboratory);
    tell(&format!("{pairs} pairs made here, {programs} programs, {:.0?}", began.elapsed()));
    assert!(programs >= 3 && wrong.is_empty(), "{} are not taken:\n{}", wrong.len(), wrong.join("\n"));
}

/// One for each kind of key and each server that wants a client certificate.
fn directories() -> Vec<(Directory, KeyAlgorithm)> {
    let of = |(index, key): (usize, KeyAlgorithm)| {
        [Server::Mutual, Server::Naming].map(|server| {
            let name = format!("made-{index}-{}", server.port());
            (Directory { name, server, kind: Kind::Entries(String::new()) }, key)
        })
    };
    KeyAlgorithm::ALL.into_iter().enumerate().flat_map(of).collect()
}

/// Sets a host up as a person would, and has the servers take its certificate for a client CA.
fn set_up(root: &Path, directory: &Directory, key: KeyAlgorithm) {
    let folder = root.ancestors().nth(3).unwrap();
    let authorities = folder.join("pki/acme");
    let (name, state) = (directory.registry(), folder.join("state"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_certwright"));
    command.args(["new", &name, "--apply", "--client", "--self-signed", "--key", key.name(), "--subject"]);
    command.arg(format!("/O=Made here/CN={}", directory.name)).arg("--root").arg(root);
    // The first certificate of the file is the CA of the servers.
    let server_ca = folder.join("pki/server-ca");
    if !server_ca.exists() {
        fs::copy(&authorities, &server_ca).unwrap();
    }
    command.arg("--ca").arg(&server_ca).env_clear().env("CERTWRIGHT_STATE_DIR", state);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let certificate = fs::read(root.join(name).join("client.cert")).unwrap();
    File::options().append(true).open(authorities).unwrap().write_all(&certificate).unwrap();
}
