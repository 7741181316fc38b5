//! PKCS#12 as OpenSSL, Python's cryptography and Java's keytool write it.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test reads its own files and fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use certwright::pki::pkcs12::{Opened, Pkcs12Error, open};
use certwright::pki::{Interner, key, sha256};
use proptest::prelude::*;

const PASSPHRASE: &str = "changeit";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pkcs12").join(name)).unwrap()
}

fn names(opened: &Opened) -> Vec<String> {
    opened.certificates.iter().map(|certificate| certificate.display_name()).collect()
}

/// The names of the certificates, each once, after a look at whether the one key is that of the client.
fn check(opened: &Opened) -> Vec<String> {
    let [der] = opened.keys.as_slice() else { panic!("{} keys", opened.keys.len()) };
    let key = key::parse(der, false).unwrap();
    let robot = opened.certificates.iter().find(|certificate| certificate.display_name() == "fixture-robot").unwrap();
    assert_eq!(key.spki_sha256().unwrap(), *robot.spki_sha256());
    let mut names = names(opened);
    names.sort();
    names
}

fn refused(bytes: &[u8], passphrase: &str) -> Pkcs12Error {
    match open(bytes, passphrase, &Interner::default()) {
        Ok(opened) => panic!("it opens: {:?}", names(&opened)),
        Err(error) => error,
    }
}

#[test]
fn files_of_every_maker_open() {
    const ALL: [&str; 3] = ["Fixture Issuing CA", "Fixture Root CA", "fixture-robot"];
    for (name, passphrase) in [
        ("openssl.p12", PASSPHRASE),
        ("openssl-legacy.p12", PASSPHRASE),
        ("keytool.p12", PASSPHRASE),
        ("keytool-legacy.p12", PASSPHRASE),
        ("cryptography-aes.p12", PASSPHRASE),
        ("cryptography-3des.p12", PASSPHRASE),
        ("cryptography-none.p12", ""),
    ] {
        let opened = open(&fixture(name), passphrase, &Interner::default());
        assert_eq!(check(&opened.unwrap_or_else(|error| panic!("{name}: {error}"))), ALL, "{name}");
        assert_eq!(refused(&fixture(name), "wrong"), Pkcs12Error::WrongPassphrase, "{name}");
    }
    let umlaut = open(&fixture("cryptography-umlaut.p12"), "pässwörd", &Interner::default()).unwrap();
    assert_eq!(check(&umlaut), ["Fixture Issuing CA", "fixture-robot"]);
    let trust = open(&fixture("cryptography-trust.p12"), PASSPHRASE, &Interner::default()).unwrap();
    assert_eq!((names(&trust).as_slice(), trust.keys.len()), (&["Fixture Root CA".to_owned()][..], 0));
}

#[test]
fn what_does_not_open_says_why() {
    let bytes = fixture("openssl.p12");
    assert_eq!(refused(&fixture("openssl-rc2-128.p12"), PASSPHRASE), Pkcs12Error::Encryption);
    assert_eq!(refused(bytes.get(..900).unwrap(), PASSPHRASE), Pkcs12Error::Damaged);
    assert_eq!(refused(b"", PASSPHRASE), Pkcs12Error::Damaged);
    assert_eq!(refused(&[0x30, 0x80, 2, 1, 3, 0x30, 0x80], PASSPHRASE), Pkcs12Error::Indefinite);
    assert_eq!(refused(&bytes, "\u{1f511}"), Pkcs12Error::Passphrase);
}

#[test]
fn files_of_this_machine_s_openssl_open() {
    let Some(openssl) = openssl() else { return };
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let run = |arguments: &[&str]| {
        let output = Command::new(&openssl).args(arguments).current_dir(directory.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    for (kind, options) in
        [("ec", ["ec_paramgen_curve:P-384"].as_slice()), ("rsa", &["rsa_keygen_bits:2048"]), ("ed25519", &[])]
    {
        let options: Vec<&str> = options.iter().flat_map(|option| ["-pkeyopt", option]).collect();
        let subject =
            ["req", "-x509", "-nodes", "-subj", "/CN=fixture-robot", "-keyout", "robot.key", "-out", "robot.pem"];
        run(&[&subject[..], &["-newkey", kind], &options].concat());
        for how in [
            &[][..],
            &["-legacy"],
            &["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-legacy"],
            &["-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC", "-macalg", "SHA512"],
            &["-keypbe", "NONE", "-certpbe", "NONE"],
            &["-nomac"],
        ] {
            let export = [
                "pkcs12",
                "-export",
                "-inkey",
                "robot.key",
                "-in",
                "robot.pem",
                "-out",
                "robot.p12",
                "-passout",
                "pass:changeit",
            ];
            run(&[&export[..], how].concat());
            let bytes = std::fs::read(path("robot.p12")).unwrap();
            let opened = open(&bytes, PASSPHRASE, &Interner::default());
            let opened = opened.unwrap_or_else(|error| panic!("{kind} {how:?}: {error}"));
            assert_eq!(check(&opened), ["fixture-robot"], "{kind} {how:?}");
            if !how.contains(&"NONE") {
                assert_eq!(refused(&bytes, "wrong"), Pkcs12Error::WrongPassphrase, "{kind} {how:?}");
            }
        }
        run(&[
            "pkcs12",
            "-export",
            "-inkey",
            "robot.key",
            "-in",
            "robot.pem",
            "-out",
            "robot.p12",
            "-passout",
            "pass:",
        ]);
        let opened = open(&std::fs::read(path("robot.p12")).unwrap(), "", &Interner::default()).unwrap();
        assert_eq!(check(&opened), ["fixture-robot"], "{kind} without a passphrase");
    }
}

fn openssl() -> Option<PathBuf> {
    let path = ["/usr/bin/openssl", "/bin/openssl"].map(PathBuf::from).into_iter().find(|path| path.exists());
    if path.is_none() {
        eprintln!("skipped: there is no openssl");
    }
    path
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_refused_or_opened_and_stop_nobody(
        which in 0_usize..3,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let mut bytes = fixture(["cryptography-none.p12", "cryptography-none.p12", "openssl-legacy.p12"][which]);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            *bytes.get_mut(at).unwrap() = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        // What comes of it does not matter, as long as something does.
        let opened = open(&bytes, if which == 2 { PASSPHRASE } else { "" }, &Interner::default());
        prop_assert!(opened.map_or(0, |opened| sha256(&bytes).len() + opened.keys.len()) < 100);
    }
}
