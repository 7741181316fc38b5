//! Keys, requests and certificates that are made here, as OpenSSL and our own parser read them.
//!
//! Where there is no `openssl` the tests that ask it say so and are skipped.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test makes files and fails by panicking")]

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use certwright::base::clock::Timestamp;
use certwright::create::certificate::{request, self_signed};
use certwright::create::{Holder, KeyAlgorithm, NewKey, Terms, subject};
use certwright::pki::name::AltName;
use certwright::pki::{Certificate, Interner, Item, Purpose};
use tempfile::TempDir;

const SUBJECT: &str = "/DC=com/DC=example/O=Acme Ltd/CN=build robot";
const NAMES: [&str; 4] = ["build.example.com", "IP:10.0.0.7", "robot@example.com", "spiffe://example.com/robot"];

fn holder() -> Holder {
    let names = NAMES.map(str::to_owned);
    Holder { subject: subject::name(SUBJECT).unwrap(), alternative_names: subject::alternative_names(&names).unwrap() }
}

fn terms(days: u32, ca: bool) -> Terms {
    Terms { now: Timestamp::now(), days, ca }
}

fn parse(pem: &[u8]) -> std::sync::Arc<Certificate> {
    let parsed = certwright::pki::parse(pem, &Interner::default());
    assert_eq!(parsed.defects, []);
    parsed.certificates().next().unwrap().clone()
}

/// A directory with files for openssl; `None`, said aloud, where that is not here.
struct Bench {
    directory: TempDir,
}

impl Bench {
    fn new(test: &str) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            let _ = writeln!(std::io::stderr(), "made: {test}: skipped, since there is no openssl");
            return None;
        }
        Some(Self { directory: tempfile::tempdir().unwrap() })
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// What openssl prints; it must succeed.
    fn openssl(&self, arguments: &str, file: &Path) -> String {
        let mut command = Command::new("openssl");
        command.args(arguments.split(' ').map(|word| if word == "FILE" { file.to_str().unwrap() } else { word }));
        let output = command.current_dir(self.directory.path()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        assert!(output.status.success(), "openssl {arguments}: {text}");
        text
    }
}

#[test]
fn openssl_takes_every_pair_that_is_made() {
    let Some(bench) = Bench::new("pairs") else { return };
    for algorithm in KeyAlgorithm::ALL {
        let key = NewKey::generate(algorithm).unwrap();
        let certificate = self_signed(&key, &holder(), terms(365, false)).unwrap();
        let (pem, certificate) = (bench.file("client.key", &key.pem()), bench.file("client.cert", &certificate));
        let checked = bench.openssl("pkey -in FILE -noout -check", &pem);
        assert!(checked.contains("Key is valid"), "{algorithm:?}: {checked}");
        let public = bench.openssl("pkey -in FILE -pubout", &pem);
        assert_eq!(bench.openssl("x509 -in FILE -noout -pubkey", &certificate), public, "{algorithm:?}");
        let verified = bench.openssl("verify -purpose sslclient -x509_strict -CAfile FILE client.cert", &certificate);
        assert!(verified.contains("client.cert: OK"), "{algorithm:?}: {verified}");
        let purposes = bench.openssl("x509 -in FILE -noout -purpose", &certificate);
        for line in ["SSL client : Yes", "SSL client CA : No", "SSL server : No", "SSL server CA : No"] {
            assert!(purposes.contains(line), "{algorithm:?}: {purposes}");
        }
        let text = bench.openssl("x509 -in FILE -noout -text -nameopt RFC2253", &certificate);
        for line in [
            "Version: 3 (0x2)",
            "Subject: CN=build robot,O=Acme Ltd,DC=example,DC=com",
            "Issuer: CN=build robot,O=Acme Ltd,DC=example,DC=com",
            "X509v3 Basic Constraints: critical\n                CA:FALSE",
            "X509v3 Key Usage: critical\n                Digital Signature\n",
            "X509v3 Extended Key Usage: \n                TLS Web Client Authentication\n",
            "DNS:build.example.com, IP Address:10.0.0.7, email:robot@example.com, URI:spiffe://example.com/robot",
        ] {
            assert!(text.contains(line), "{algorithm:?} lacks {line:?}:\n{text}");
        }
    }
}

#[test]
fn openssl_takes_every_request_that_is_made() {
    let Some(bench) = Bench::new("requests") else { return };
    for algorithm in KeyAlgorithm::ALL.into_iter().filter(|algorithm| *algorithm != KeyAlgorithm::Rsa3072) {
        let key = NewKey::generate(algorithm).unwrap();
        let made = request(&key, &holder()).unwrap();
        let file = bench.file("client.csr", &made);
        let text = bench.openssl("req -in FILE -noout -verify -text -nameopt RFC2253", &file);
        for line in [
            "verify OK",
            "Subject: CN=build robot,O=Acme Ltd,DC=example,DC=com",
            "Digital Signature",
            "TLS Web Client Authentication",
            "DNS:build.example.com, IP Address:10.0.0.7, email:robot@example.com, URI:spiffe://example.com/robot",
        ] {
            assert!(text.contains(line), "{algorithm:?} lacks {line:?}:\n{text}");
        }
        let parsed = certwright::pki::parse(&made, &Interner::default());
        let Some(Item::Request(read)) = parsed.blocks.first().map(|block| &block.item) else { unreachable!() };
        assert_eq!(read.key, algorithm.kind());
        assert_eq!(read.spki_sha256, certwright::pki::sha256(key.spki()));
    }
    let bare = Holder { subject: subject::name("robot").unwrap(), alternative_names: None };
    let made = request(&NewKey::generate(KeyAlgorithm::P256).unwrap(), &bare).unwrap();
    let text = bench.openssl("req -in FILE -noout -verify -text", &bench.file("bare.csr", &made));
    assert!(text.contains("verify OK") && !text.contains("Alternative Name"), "{text}");
}

/// Lines of openssl's text that both certificates must have alike.
fn essence(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    let is_told = |line: &&str| {
        ["Version:", "Signature Algorithm:", "Issuer:", "Subject:", "Public Key Algorithm:", "Public-Key:", "Exponent:"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    lines.filter(is_told).map(str::to_owned).collect()
}

#[test]
fn the_rsa_pair_is_what_the_documentation_makes() {
    let Some(bench) = Bench::new("documentation") else { return };
    let path = bench.file("client.key", b"");
    bench.openssl("genrsa -out FILE 4096", &path);
    bench.openssl("req -new -x509 -key FILE -out client.cert -days 90 -subj /O=Acme/CN=robot", &path);
    let theirs = std::fs::read(path.with_file_name("client.cert")).unwrap();
    let key = NewKey::generate(KeyAlgorithm::default()).unwrap();
    let holder = Holder { subject: subject::name("/O=Acme/CN=robot").unwrap(), alternative_names: None };
    let ours = self_signed(&key, &holder, terms(90, false)).unwrap();
    let as_documented = self_signed(&key, &holder, terms(90, true)).unwrap();
    let text = |pem: &[u8]| bench.openssl("x509 -in FILE -noout -text", &bench.file("a.pem", pem));
    assert_eq!(essence(&text(&ours)), essence(&text(&theirs)));
    let (ours, as_documented, theirs) = (parse(&ours), parse(&as_documented), parse(&theirs));
    assert_eq!(ours.subject().der(), theirs.subject().der());
    assert_eq!(ours.issuer().der(), theirs.issuer().der());
    let seconds = |certificate: &Certificate| certificate.not_after().0 - certificate.not_before().0;
    assert_eq!(seconds(&ours), seconds(&theirs) + 60, "it starts a minute ago");
    assert_eq!((ours.purpose(), theirs.purpose()), (Purpose::Client, Purpose::Ca));
    assert_eq!(as_documented.purpose(), theirs.purpose(), "CA:TRUE where somebody asks for it");
    assert_eq!(ours.subject_key_id().map(<[u8]>::len), theirs.subject_key_id().map(<[u8]>::len));
    assert_eq!(ours.subject_key_id(), ours.authority_key_id());
}

#[test]
fn what_is_made_says_what_was_asked_for() {
    let key = NewKey::generate(KeyAlgorithm::Ed25519).unwrap();
    let now = Timestamp::parse_rfc3339("2026-11-24T12:00:00Z").unwrap();
    let made = parse(&self_signed(&key, &holder(), Terms { now, days: 30, ca: false }).unwrap());
    assert_eq!(made.not_before().rfc3339(), "2026-11-24T11:59:00Z");
    assert_eq!(made.not_after().rfc3339(), "2026-12-24T12:00:00Z");
    assert_eq!(made.refusal(), None);
    assert_eq!(made.subject().der(), holder().subject);
    assert_eq!(made.alternative_names_der(), holder().alternative_names.as_deref());
    assert!(made.alternative_names().any(|name| matches!(name, AltName::Ip(&[10, 0, 0, 7]))));
    assert_eq!(made.serial().len(), 16);
    assert!(made.extended_key_usage().unwrap().allows_client() && !made.extended_key_usage().unwrap().allows_server());
    let again = parse(&self_signed(&key, &holder(), Terms { now, days: 30, ca: false }).unwrap());
    assert_ne!(made.serial(), again.serial(), "no two have one number");
    let century = parse(&self_signed(&key, &holder(), Terms { now, days: 36_500, ca: false }).unwrap());
    assert_eq!(century.not_after().date(), "2126-10-31");
}
