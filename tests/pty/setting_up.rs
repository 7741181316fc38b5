//! Setting up in a real terminal: a host that comes and goes without a trace, and a certificate renewed from its request to
//! the pair that takes its place.

#![expect(clippy::disallowed_methods, reason = "a test looks at what became of its own files")]

use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm,
};

use super::mending::Bench;
use super::*;

const HOSTS: &str = r#"
[material.expiring]
common-name = "robot"
issuer = "acme"
days = [-300, 20]
purposes = ["client"]

[[host]]
name = "store.example"
files."ca.crt" = "acme"
files."client.cert" = "expiring"
files."client.key" = "expiring.key"
[[host]]
name = "zz.authority"
files."acme.pem" = "acme"
files."acme.secret" = "acme.key"
"#;

/// Down one field; another choice; what would be done.
const DOWN: &str = "\x1b[B";
const RIGHT: &str = "\x1b[C";
const PREVIEW: &str = "\x07";

#[test]
fn a_host_is_set_up_and_undo_leaves_nothing_behind() {
    let mut bench = Bench::start_over(HOSTS, "2 hosts", &[]);
    let authority = bench.path("zz.authority/acme.pem");
    bench.press("N", "Set a host up").press("registry.example:5000/team/app:1", "look for it in registry.example:5000");
    bench.press(&format!("{DOWN}{DOWN}{DOWN}{authority}"), "Acme Root CA: CA, expires on");
    bench.press(&format!("{DOWN}{RIGHT}"), "new key, self-signed certificate");
    bench.press(&format!("{DOWN}{DOWN}{RIGHT}{RIGHT}{RIGHT}"), "ECDSA P-256");
    bench.press(PREVIEW, "set registry.example:5000 up with ca.crt, client.cert and client.key");
    bench.press("", "1 trust anchor, 1 client certificate");
    assert!(bench.is_as_before(), "looking changes nothing");
    bench.press("a", "done: set registry.example:5000 up").press("", "registry.example:5000");
    for name in ["ca.crt", "client.cert", "client.key"] {
        assert!(bench.has(&format!("registry.example:5000/{name}")), "{:?}", bench.names());
    }
    bench.press("u", "taken back:");
    assert!(bench.is_as_before(), "{:?}", bench.names());
    assert!(!Path::new(&bench.path("registry.example:5000")).exists());
    bench.leave();
}

#[test]
fn a_certificate_is_renewed_signed_imported_and_taken_back() {
    let mut bench = Bench::start_over(HOSTS, "2 hosts", &[]);
    bench.press("/client.cert\r", "only /client.cert").press("n", "client.cert");
    bench.press("c", "Renew client.cert of store.example").press("a", "done: set store.example up with client.csr");
    assert!(bench.has("store.example/client.key.waiting"), "{:?}", bench.names());
    let renewed = bench.files();
    let signed = sign(&bench);
    bench.press("I", "Import into store.example").press(&signed, "present robot by client.cert and client.key");
    bench.press(PREVIEW, "the old pair is set aside").press("", "client.cert.certwright-aside");
    bench.press("a", "done: present robot");
    let (key, waiting) = (bench.bytes("store.example/client.key"), &renewed["store.example/client.key.waiting"].0);
    assert!(key == *waiting, "the key that waited is the client's now");
    assert!(bench.bytes("store.example/client.cert").starts_with(&std::fs::read(&signed).unwrap()[..200]));
    assert!(!bench.has("store.example/client.key.waiting"), "{:?}", bench.names());
    bench.press("u", "taken back:");
    assert!(bench.files() == renewed, "{:?}", bench.names());
    bench.press("u", "taken back: store.example: set");
    assert!(bench.is_as_before(), "{:?}", bench.names());
    bench.leave();
}

/// What the authority makes of the request: its path, outside of the tree.
fn sign(bench: &Bench) -> String {
    let request = String::from_utf8(bench.bytes("store.example/client.csr")).unwrap();
    let secret = String::from_utf8(bench.bytes("zz.authority/acme.secret")).unwrap();
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "Acme Root CA");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = Issuer::new(authority, KeyPair::from_pem(&secret).unwrap());
    let mut client = CertificateParams::default();
    client.distinguished_name = rcgen::DistinguishedName::new();
    client.distinguished_name.push(DnType::CommonName, "robot");
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = client.signed_by(&Asked(point(&request)), &issuer).unwrap();
    let path = bench.outside("signed.pem");
    std::fs::write(&path, certificate.pem()).unwrap();
    path
}

/// The public key of a request.
struct Asked(Vec<u8>);

impl PublicKeyData for Asked {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// The point on P-256 that a request in PEM holds.
fn point(request: &str) -> Vec<u8> {
    /// `prime256v1`, then a BIT STRING of 66 octets, none of whose bits is unused
    const BEFORE: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00];
    let der = octets(request);
    let start = der.windows(BEFORE.len()).position(|part| part == BEFORE).unwrap() + BEFORE.len();
    der[start..start + 65].to_vec()
}

/// The octets of PEM.
fn octets(text: &str) -> Vec<u8> {
    let mut bits = 0u32;
    let (mut held, mut octets) = (0, Vec::new());
    for letter in text.lines().filter(|line| !line.starts_with('-')).flat_map(str::bytes) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            octets.push(u8::try_from((bits >> held) & 0xff).unwrap());
        }
    }
    octets
}

#[test]
fn a_slow_key_is_waited_for_in_the_tree_and_given_up_with_esc() {
    let mut bench = Bench::start_over(HOSTS, "2 hosts", &[]);
    bench.press("N", "Set a host up").press(&format!("slow.example{DOWN}{DOWN}{DOWN}{DOWN}{RIGHT}"), "RSA 4096");
    // A fast machine may have it before anybody can look.
    bench.terminal.press(PREVIEW);
    bench.terminal.wait("a key is made, or was", |screen| {
        let contents = screen.contents();
        contents.contains("making a key, RSA 4096") || contents.contains("set slow.example up with")
    });
    bench.terminal.press("\x1b");
    bench.terminal.wait("the form as it was", |screen| {
        screen.contents().contains("slow.example") && screen.contents().contains("Days")
    });
    assert!(bench.is_as_before());
    bench.leave();
}

#[test]
fn the_demo_sets_hosts_up_in_its_own_tree_and_leaves_no_journal() {
    let state = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::run(|_| {
        let mut command = program();
        command.env("CERTWRIGHT_STATE_DIR", state.path().join("state"));
        command.arg("--demo");
        command
    });
    terminal.wait_until_read();
    terminal.press("N");
    terminal.wait_for("Set a host up");
    terminal.press(&format!("new.example{PREVIEW}"));
    terminal.wait_for("make the directory new.example");
    terminal.press("a");
    terminal.wait_for("done: make the directory new.example");
    terminal.press("u");
    terminal.wait_for("taken back:");
    terminal.press("\x03");
    assert_eq!(terminal.end().exit_code(), 0);
    assert!(!state.path().join("state").exists(), "the journal of this user is not touched");
}
