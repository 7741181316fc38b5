//! End to end: what certwright says of a directory is what `docker`, `skopeo` and `ctr` do with it, in their own words.
//!
//! Runs where `CERTWRIGHT_ENGINES=1` is set, as root, with the Debian packages that `.ci/engines` installs; elsewhere it says
//! why it does not. Real daemons and registries run in namespaces of their own, from which no network leads out and in
//! which nothing but their own folder can be written.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test makes its own files and fails by panicking"
)]

#[path = "engines/brought.rs"]
mod brought;
#[path = "engines/clients.rs"]
mod clients;
#[path = "engines/directories.rs"]
mod directories;
#[path = "engines/laboratory.rs"]
mod laboratory;
#[path = "engines/materials.rs"]
mod materials;
#[path = "engines/set_up.rs"]
mod set_up;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use certwright::engine::{ClientPair, Connection, Load};
use certwright::model::Placement;
use certwright::pki::{Interner, PublicKeyKind};
use certwright::scan::{Entry, read_host};

use rustix::fs::{Mode, OFlags};

use crate::clients::{Answer, Client, Reply};
use crate::directories::Directory;
use crate::laboratory::{Laboratory, Server};
use crate::materials::Materials;

/// Where the engines look for host directories.
pub const ROOT: &str = "/etc/docker/certs.d";

/// What Go says of a server whose issuer it does not trust.
const UNTRUSTED: &str = "x509: certificate signed by unknown authority";

#[test]
fn engines_do_as_certwright_says() {
    if let Some(obstacle) = laboratory::obstacle() {
        tell(&format!("skipped: no comparison with real engines, since {obstacle}"));
        return;
    }
    let began = Instant::now();
    let materials = Materials::mint();
    let all = directories::all(&materials);
    let hosts: Vec<String> = all.iter().map(Directory::host).collect();
    let furnish = |root: &Path| all.iter().for_each(|directory| directory.build(root, &materials));
    let laboratory = Laboratory::start(&materials, &hosts, furnish);
    let clients = Client::installed(&laboratory);
    let expectation = Expectation::new(&materials);

    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let counts = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some(directory) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            for client in &clients {
                let (answer, differences) = compare(&laboratory, &expectation, directory, client);
                *counts.lock().unwrap().entry((client.name, answer)).or_insert(0) += 1;
                wrong.lock().unwrap().extend(differences);
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    drop(laboratory);

    for ((client, answer), count) in counts.into_inner().unwrap() {
        tell(&format!("{client}: {answer} {count}"));
    }
    tell(&format!("{} directories, {} programs, {:.0?}", all.len(), clients.len(), began.elapsed()));
    let wrong = wrong.into_inner().unwrap();
    assert!(all.len() >= 60, "too few directories: {}", all.len());
    assert!(wrong.is_empty(), "{} answers differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Writes a line that the test harness does not hold back.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "engines: {line}");
}

/// Compares one program's answer with what is expected: the kind of answer, and what differs.
fn compare(
    laboratory: &Laboratory,
    expectation: &Expectation,
    directory: &Directory,
    client: &Client,
) -> (&'static str, Vec<String>) {
    let entry = Entry::new(laboratory.root().join(directory.registry()), Placement::UnderRoot);
    let load = client.judge.load(&read_host(&entry, &Interner::default()));
    let ours = expectation.of(&load, directory, &laboratory.root());
    let limit = if ours == Expected::Answer(Answer::Waits) { Duration::from_secs(4) } else { Duration::from_secs(20) };
    let Reply { answer: theirs, log } = client.ask(laboratory, directory, limit);
    if theirs == Answer::Waits {
        release_waiting(&entry.path);
    }
    let mut differences = Vec::new();
    if !ours.is_met_by(&theirs) {
        differences.push(format!("{} {}\n  ours   {ours:?}\n  theirs {theirs:?}", directory.name, client.name));
    }
    if !is_same_log(&load.log, &log) {
        differences.push(format!("{} {} logs\n  ours   {:?}\n  theirs {log:?}", directory.name, client.name, load.log));
    }
    let kind = match theirs {
        Answer::Refuses(_) => "refuses",
        Answer::Waits => "waits for ever",
        Answer::Fails(_) => "fails at the handshake",
        Answer::Asks(_) => "asks",
    };
    (kind, differences)
}

/// Compares logged refusals of `hosts.toml`: byte for byte, but for mistakes of TOML itself, which every version of
/// containerd's parser puts in its own words.
fn is_same_log(ours: &[String], theirs: &[String]) -> bool {
    let is_of_toml = |line: &String| line.contains(": toml: ") || line.contains(": failed to parse TOML: ");
    let is_same = |(ours, theirs)| ours == theirs || is_of_toml(ours) && is_of_toml(theirs);
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(is_same)
}

/// Lets go whoever waits at a FIFO, by writing nothing to it: dockerd holds a lock meanwhile, so that every later request,
/// for whatever registry, would wait with it.
fn release_waiting(directory: &Path) {
    let fifos: Vec<_> = std::fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok).collect();
    let fifos = fifos.iter().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_fifo()));
    for fifo in fifos {
        // It may open the same file for the next endpoint; nobody has been waiting for long once this fails for half a second.
        let mut vain = 0;
        while vain < 25 {
            match rustix::fs::open(fifo.path(), OFlags::WRONLY | OFlags::NONBLOCK, Mode::empty()) {
                Ok(_) => vain = 0,
                Err(_) => vain += 1,
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// What a program must do.
#[derive(Debug, PartialEq, Eq)]
enum Expected {
    /// This.
    Answer(Answer),
    /// It talks to somebody who is not here.
    Leaves,
}

impl Expected {
    fn is_met_by(&self, answer: &Answer) -> bool {
        match (self, answer) {
            (Self::Leaves, answer) => matches!(answer, Answer::Fails(_) | Answer::Asks(_)),
            // Go may add which authority it has tried in vain, and names the alert by its own version.
            (Self::Answer(Answer::Fails(ours)), Answer::Fails(theirs)) => theirs.contains(ours),
            (Self::Answer(ours), theirs) => ours == theirs,
        }
    }
}

/// What follows from a load, given who the servers are.
struct Expectation {
    /// The certificates of which any, as a trust anchor, makes the servers trusted.
    trusted: Vec<Vec<u8>>,
    /// The name that the servers that want a client certificate give as its issuer's.
    issuer: Vec<u8>,
}

impl Expectation {
    fn new(materials: &Materials) -> Self {
        let acme = materials::der(&materials.content("acme"));
        let server = materials::der(&materials.content("server"));
        let issuer = certwright::pki::Certificate::parse(&acme).unwrap().subject().der().to_vec();
        Self { trusted: vec![acme, server], issuer }
    }

    fn of(&self, load: &Load, directory: &Directory, root: &Path) -> Expected {
        match load.error() {
            _ if load.outcome() == "hang" => return Expected::Answer(Answer::Waits),
            Some(error) => {
                let words = error.verbatim.replace(&*root.to_string_lossy(), ROOT);
                return Expected::Answer(Answer::Refuses(words));
            }
            None => {}
        }
        let registry = directory.registry();
        let is_here = |connection: &Connection| match connection.url.as_deref() {
            None => true,
            Some(url) => url.split('/').nth(2) == Some(&*registry),
        };
        let connections = load.connections();
        if !connections.iter().all(is_here) {
            return Expected::Leaves;
        }
        let Some(connection) = connections.iter().find(|connection| self.trusts(connection)) else {
            return Expected::Answer(Answer::Fails(UNTRUSTED.to_owned()));
        };
        let pair = connection.material.pairs.iter().find(|pair| self.is_sent(pair, directory.server));
        let fingerprint = pair.map(|pair| hexadecimal(&pair.leaf().unwrap().sha1()));
        Expected::Answer(match (directory.server, fingerprint) {
            (Server::Mutual, None) => Answer::Fails("remote error: tls: ".to_owned()),
            (Server::Mutual, Some(_)) => Answer::Asks("?".to_owned()),
            (_, fingerprint) => Answer::Asks(fingerprint.unwrap_or_else(|| "-".to_owned())),
        })
    }

    fn trusts(&self, connection: &Connection) -> bool {
        let anchors = &connection.material.anchors;
        connection.verify == Some(false)
            || anchors.iter().any(|anchor| self.trusted.iter().any(|trusted| trusted == anchor.certificate.der()))
    }

    /// Go's `CertificateRequestInfo.SupportsCertificate`: a key that TLS 1.3 knows, and an issuer that the server names.
    fn is_sent(&self, pair: &ClientPair, server: Server) -> bool {
        let is_known = !matches!(pair.leaf().unwrap().public_key(), PublicKeyKind::EcP224);
        let names_issuer = || pair.chain.iter().flatten().any(|link| link.issuer().der() == self.issuer);
        is_known && (server == Server::Asking || names_issuer())
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
