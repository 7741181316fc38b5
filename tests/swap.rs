//! A renewed pair put in the place of the old one: what engines say, what is set aside, and that undo gives it all back.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test makes files and fails by panicking")]

#[expect(dead_code, reason = "other tests use the rest of it")]
#[path = "support/mending.rs"]
mod mending;
#[path = "support/tree.rs"]
mod tree;

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;

use certwright::create::renew::{renewal, swap};
use certwright::create::{
    Arrival, ArrivedKey, KeyAlgorithm, NewFile, NewKey, RenewError, Site, Terms, certificate, setup,
};
use certwright::engine::{Engine, Judge};
use certwright::finding::{Applicability, Fix, NewContent};
use certwright::fix::outlook::summary;
use certwright::fix::undo::undo;
use certwright::fix::{Journal, Planned, apply};
use certwright::model::{HostDir, Root, RootKind};
use certwright::session::sources::DiskSources;
use mending::{Mending, with_run};

const TREE: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]

[material.robot]
common-name = "robot"
issuer = "acme"
dns = ["robot.example.com"]
key = "p384"
days = [-300, 2000]
purposes = ["client"]

[material.selfmade]
common-name = "selfmade"
ca = true
days = [-300, 2000]

[[host]]
name = "r.example.com"
files."ca.crt" = "acme"
files."client.cert" = "robot"
files."client.key" = "robot.key"
files."acme.cert" = "acme"
files."notes.cert" = { text = "ask\n" }
files."own.cert" = "selfmade"
files."own.key" = "selfmade.key"
"#;

const NAME: &str = "r.example.com";

fn site(tree: &Mending) -> Site {
    let root = Root { path: tree.root(), kind: RootKind::Given, error: None };
    Site { root, base: None, owner: None }
}

fn host(tree: &Mending) -> HostDir {
    HostDir::clone(tree.inventory().host_at(&tree.path(NAME)).unwrap())
}

fn carry_out(tree: &Mending, planned: &Planned) {
    let mut journal = Journal::open(&tree.state()).unwrap();
    with_run(|run| apply::apply(&mut journal, &planned.plan, run)).unwrap();
}

/// The pair that waits, and the certificate that has come for it.
fn request(tree: &Mending, stem: &str) -> NewContent {
    let found = renewal(&host(tree), OsStr::new(&format!("{stem}.cert"))).unwrap();
    assert_eq!(found.algorithm, KeyAlgorithm::P384);
    let key = NewKey::generate(found.algorithm).unwrap();
    let files = NewFile::waiting(&found.stem, certificate::request(&key, &found.holder).unwrap(), &key);
    let (inventory, names) = (tree.inventory(), [NAME.to_owned()]);
    carry_out(tree, &setup::plan(&inventory, &site(tree), &names, &files, &DiskSources::default()).unwrap());
    let terms = Terms { now: tree::NOW, days: 365, ca: false };
    NewContent::public(certificate::self_signed(&key, &found.holder, terms).unwrap())
}

fn swapped(tree: &Mending, arrival: &Arrival) -> Planned {
    let (inventory, host) = (tree.inventory(), host(tree));
    let fix = Fix::new("swap", Applicability::Safe, swap(&site(tree), &host, arrival));
    setup::whole(&inventory, &site(tree), vec![fix], &DiskSources::default()).unwrap()
}

#[test]
fn what_waits_takes_the_place_of_what_it_renews() {
    let tree = Mending::new(TREE);
    for stray in ["acme.cert", "notes.cert", "own.cert", "own.key"] {
        std::fs::remove_file(tree.path(&format!("{NAME}/{stray}"))).unwrap();
    }
    let arrived = request(&tree, "client");
    let waiting = tree.snapshot();
    // A key that somebody has opened to others meanwhile is closed again.
    let key = tree.path("r.example.com/client.key.waiting");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let arrival = Arrival {
        stem: "client".into(),
        certificate: arrived.clone(),
        key: ArrivedKey::Waiting("client.key.waiting".into()),
    };
    let planned = swapped(&tree, &arrival);
    let after = planned.after.hosts.first().unwrap();
    for engine in Engine::ALL {
        let said = summary(&Judge::newest(engine).load(after));
        assert_eq!(said, "ok: 1 trust anchor, 1 client certificate", "{engine:?}");
    }
    assert_eq!(planned.plan.fixes.len(), 1, "one operation");
    carry_out(&tree, &planned);
    let names: Vec<_> = host(&tree).files.iter().map(|file| file.name.to_string_lossy().into_owned()).collect();
    let aside = ["client.cert.certwright-aside", "client.csr.certwright-aside", "client.key.certwright-aside"];
    let expected = ["ca.crt", "client.cert", aside[0], aside[1], "client.key", aside[2]];
    assert_eq!(names, expected);
    assert_eq!(std::fs::read(tree.path("r.example.com/client.cert")).unwrap(), **arrived.bytes().unwrap().as_ref());
    assert_eq!(tree.path("r.example.com/client.key").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let mut journal = Journal::open(&tree.state()).unwrap();
    with_run(|run| undo(&mut journal, None, run)).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(tree.snapshot(), waiting);
}

#[test]
fn whoever_copies_the_certificate_by_hand_is_told_where_its_key_waits() {
    let tree = Mending::new(TREE);
    let arrived = request(&tree, "client");
    std::fs::rename(tree.path("r.example.com/client.key"), tree.base().join("old.key")).unwrap();
    std::fs::write(tree.path("r.example.com/client.cert"), arrived.bytes().unwrap().as_slice()).unwrap();
    let findings = tree.outcome().findings;
    let finding = findings.iter().find(|finding| finding.code.name == "missing-key").unwrap();
    assert!(finding.message.ends_with("; its key is in client.key.waiting"), "{}", finding.message);
    let titles: Vec<_> = finding.fixes.iter().map(|fix| (fix.title.as_str(), fix.promise)).collect();
    assert_eq!(titles, [("rename client.key.waiting to client.key", Applicability::Safe)]);
}

#[test]
fn a_pair_that_comes_whole_is_put_where_there_was_none() {
    let tree = Mending::new(TREE);
    let key = NewKey::generate(KeyAlgorithm::Ed25519).unwrap();
    let holder = renewal(&host(&tree), OsStr::new("client.cert")).unwrap().holder;
    let terms = Terms { now: tree::NOW, days: 365, ca: false };
    let arrival = Arrival {
        stem: "second".into(),
        certificate: NewContent::public(certificate::self_signed(&key, &holder, terms).unwrap()),
        key: ArrivedKey::New(NewContent::secret(key.pem())),
    };
    let before = tree.snapshot();
    carry_out(&tree, &swapped(&tree, &arrival));
    let mode = |name: &str| tree.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("r.example.com/second.cert"), mode("r.example.com/second.key")), (0o644, 0o600));
    assert_eq!(tree.snapshot().len(), before.len() + 2, "nothing is set aside");
}

#[test]
fn only_client_certificates_are_renewed() {
    let tree = Mending::new(TREE);
    let of = |name: &str| renewal(&host(&tree), OsStr::new(name));
    assert_eq!(of("acme.cert"), Err(RenewError::Authority("acme.cert".into())));
    assert_eq!(of("ca.crt"), Err(RenewError::Name("ca.crt".into())));
    assert_eq!(of("notes.cert"), Err(RenewError::Content("notes.cert".into(), "text".to_owned())));
    assert!(matches!(of("gone.cert"), Err(RenewError::Missing(..))));
    let own = of("own.cert").unwrap();
    assert!(own.is_self_issued && own.is_ca, "what openssl req -x509 makes, with its key beside it");
    let client = of("client.cert").unwrap();
    assert_eq!((client.is_self_issued, client.is_ca, client.note), (false, false, None));
    request(&tree, "client");
    assert_eq!(of("client.cert"), Err(RenewError::Waiting("client.key.waiting".into())));
}

#[test]
fn a_key_that_is_too_weak_or_cannot_be_made_gives_way_to_one_that_can() {
    let tree = Mending::new(&TREE.replace("\"p384\"", "\"rsa3072\""));
    assert_eq!(renewal(&host(&tree), OsStr::new("client.cert")).unwrap().algorithm, KeyAlgorithm::Rsa3072);
    let path = tree.path("r.example.com/weak.cert");
    let mut openssl = std::process::Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=weak", "-addext"]);
    openssl
        .args(["basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(path.with_extension("key"))
        .arg("-out")
        .arg(&path);
    if !openssl.output().is_ok_and(|output| output.status.success()) {
        let _ = writeln!(std::io::stderr(), "swap: a_key_that_is_too_weak: skipped, since there is no openssl");
        return;
    }
    let weak = renewal(&host(&tree), OsStr::new("weak.cert")).unwrap();
    assert_eq!(weak.algorithm, KeyAlgorithm::Rsa2048);
    assert_eq!(weak.note.as_deref(), Some("the old key is RSA 1024; the new one is RSA 2048"));
}
