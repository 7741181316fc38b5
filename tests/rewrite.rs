//! Files made anew: what was meant is kept, everybody reads it, and nothing is lost in silence.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads files and fails by panicking")]

use std::process::{Command, Stdio};

use certwright::pki::rewrite::rewrite;
use certwright::pki::{self, Interner, Item, Parsed, Rewrite, RewriteError, sha256};
use proptest::prelude::*;

#[path = "support/tree.rs"]
mod tree;

/// Every form in which people find certificates and keys.
const FORMS: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]

[material.middle]
common-name = "Acme Issuing CA"
issuer = "acme"
ca = true
days = [-400, 3000]

[material.robot]
common-name = "robot"
issuer = "middle"
days = [-300, 2000]
purposes = ["client"]

[[host]]
name = "forms"
files."plain.crt" = ["acme", "middle"]
files."der.crt" = "acme:der"
files."key-der.key" = "robot.key:der"
files."bom.crt" = "acme:bom"
files."utf16.crt" = "acme:utf16"
files."indented.crt" = "acme:indented"
files."cr.crt" = "acme:cr"
files."crlf.crt" = "acme:crlf"
files."trusted.crt" = "acme:trusted"
files."headers.crt" = "acme:headers"
files."text.crt" = "acme:text"
files."p7.crt" = "acme.p7b"
files."p7-der.crt" = "acme.p7b:der"
files."glued.crt" = [{ glued = ["acme", "middle"] }]
files."oneline.crt" = "acme:oneline"
files."sec1.key" = "robot.key:sec1"
files."locked.key" = "robot.key:encrypted"
files."locked-pem.key" = "robot.key:encrypted-pem"
files."openssh.key" = "robot.key:openssh"
files."wrong-order.cert" = ["acme", "middle", "robot"]
files."combined.pem" = ["robot.key", "robot", "middle"]
files."request.csr" = "robot.csr"
"#;

fn files() -> Vec<(String, Vec<u8>)> {
    let directory = tempfile::tempdir().unwrap();
    tree::build_in(FORMS, directory.path());
    let mut files: Vec<_> = std::fs::read_dir(directory.path().join("forms"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn file(name: &str) -> Vec<u8> {
    files().into_iter().find(|(known, _)| known == name).unwrap().1
}

fn parse(bytes: &[u8]) -> Parsed {
    pki::parse(bytes, &Interner::default())
}

/// What matters of a file: its certificates and the public halves of its keys, in order.
fn content(parsed: &Parsed) -> (Vec<[u8; 32]>, Vec<Option<[u8; 32]>>) {
    let certificates = parsed.certificates().map(|certificate| *certificate.sha256()).collect();
    (certificates, parsed.private_keys().map(|key| key.spki_sha256()).collect())
}

fn names(bytes: &[u8]) -> Vec<String> {
    parse(bytes).certificates().map(|certificate| certificate.display_name()).collect()
}

#[test]
fn every_form_becomes_pem_that_engines_read() {
    for (name, bytes) in files() {
        let before = parse(&bytes);
        let normal = rewrite(&bytes, Rewrite::Normal, None).unwrap_or_else(|error| panic!("{name}: {error}"));
        let after = parse(&normal);
        assert_eq!(content(&after), content(&before), "{name}");
        // Headers are what tells an encrypted key.
        let is_locked = |item: &Item| matches!(item, Item::PrivateKey(key) if key.encrypted);
        let is_clean = |block: &pki::Block| block.seen_by_go && (!block.has_headers || is_locked(&block.item));
        assert!(after.blocks.iter().all(is_clean), "{name}");
        assert_eq!(after.defects, Vec::new(), "{name}");
        assert_eq!(rewrite(&normal, Rewrite::Normal, None).unwrap(), normal, "{name}: it is not stable");
    }
    let plain = file("plain.crt");
    assert_eq!(*rewrite(&plain, Rewrite::Normal, None).unwrap(), plain, "what is as it should be stays so");
}

#[test]
fn parts_are_taken_out() {
    let combined = file("combined.pem");
    let certificates = rewrite(&combined, Rewrite::Certificates, None).unwrap();
    assert_eq!(names(&certificates), ["robot", "Acme Issuing CA"]);
    assert!(parse(&certificates).private_keys().next().is_none());
    let keys = rewrite(&combined, Rewrite::Keys, None).unwrap();
    assert_eq!(content(&parse(&keys)).1, content(&parse(&combined)).1);
    assert!(parse(&keys).certificates().next().is_none());
    let nothing = rewrite(&file("plain.crt"), Rewrite::Keys, None).unwrap_err();
    assert_eq!(nothing, RewriteError::Nothing);
}

#[test]
fn the_leaf_comes_first_and_each_behind_what_it_issued() {
    let wrong = file("wrong-order.cert");
    let robot = *parse(&wrong).certificates().last().unwrap().sha256();
    let right = rewrite(&wrong, Rewrite::LeafFirst(robot), None).unwrap();
    assert_eq!(names(&right), ["robot", "Acme Issuing CA", "Acme Root CA"]);
    assert_eq!(rewrite(&wrong, Rewrite::LeafFirst([0; 32]), None).unwrap_err(), RewriteError::NoLeaf);
}

#[test]
fn what_cannot_be_read_is_told_and_never_dropped() {
    let text = String::from_utf8(file("plain.crt")).unwrap();
    let cut = &text[..text.len() - 200];
    assert!(matches!(rewrite(cut.as_bytes(), Rewrite::Normal, None), Err(RewriteError::Unreadable(line)) if line > 5));
    let junk = format!("{text}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assert!(matches!(rewrite(junk.as_bytes(), Rewrite::Normal, None), Err(RewriteError::Unreadable(_))));
    for nothing in [&b""[..], b"hello", b"\x30\x03\x02\x01\x01", b"\xff\xfe"] {
        assert!(rewrite(nothing, Rewrite::Normal, None).is_err());
    }
}

#[test]
fn keys_are_opened_with_their_passphrase_and_with_no_other() {
    if Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_err() {
        println!("skipped: there is no openssl here");
        return;
    }
    let (directory, mut opened) = (tempfile::tempdir().unwrap(), 0);
    let plain = directory.path().join("plain.key");
    openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", plain.to_str().unwrap()]);
    let spki = content(&parse(&std::fs::read(&plain).unwrap())).1;
    let traditional = ["-aes128", "-aes192", "-aes256", "-des3"].map(|cipher| vec!["ec", cipher]);
    let pkcs8 = [
        vec!["-v2", "aes-128-cbc"],
        vec!["-v2", "aes-192-cbc"],
        vec!["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"],
        vec!["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"],
        vec!["-v2", "des3"],
        vec!["-scrypt"],
    ];
    let pkcs8 = pkcs8.map(|options| [vec!["pkcs8", "-topk8"], options].concat());
    for options in traditional.into_iter().chain(pkcs8) {
        let path = directory.path().join("locked.key");
        let files = ["-in", plain.to_str().unwrap(), "-out", path.to_str().unwrap(), "-passout", "pass:open sesame"];
        openssl(&[options.as_slice(), &files].concat());
        let locked = std::fs::read(&path).unwrap();
        assert!(parse(&locked).private_keys().all(|key| key.encrypted), "{options:?}");
        let with = |passphrase| rewrite(&locked, Rewrite::Decrypted, passphrase);
        let open = with(Some("open sesame")).unwrap_or_else(|error| panic!("{options:?}: {error}"));
        assert_eq!(content(&parse(&open)).1, spki, "{options:?}");
        assert_eq!(with(Some("sesame")).unwrap_err(), RewriteError::WrongPassphrase, "{options:?}");
        assert_eq!(with(None).unwrap_err(), RewriteError::NoPassphrase, "{options:?}");
        assert_eq!(*rewrite(&locked, Rewrite::Normal, None).unwrap(), locked, "{options:?}");
        opened += 1;
    }
    assert_eq!(opened, 10);
}

fn openssl(arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Damage of the kinds that mails, editors and terminals do.
fn damaged(text: &str, damages: &[u8]) -> Vec<u8> {
    let mut text = text.to_owned();
    for damage in damages {
        text = match damage % 7 {
            0 => text.replace('\n', "\r\n"),
            1 => text.lines().map(|line| format!("  {line}\n")).collect(),
            2 => format!("\u{feff}{text}"),
            3 => text.replace("-----\n-----", "----------"),
            4 => format!("Subject: hello\n\n{text}\nregards\n"),
            5 => text.replace("-----BEGIN", "certificate: -----BEGIN"),
            _ => text.replace('\n', "\r"),
        };
    }
    text.into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_mended_or_told(damages in prop::collection::vec(0_u8..7, 0..4)) {
        thread_local!(static PLAIN: Vec<u8> = file("plain.crt"));
        PLAIN.with(|plain| {
            let bytes = damaged(std::str::from_utf8(plain).unwrap(), &damages);
            let before = content(&parse(&bytes));
            if let Ok(normal) = rewrite(&bytes, Rewrite::Normal, None) {
                let after = parse(&normal);
                assert_eq!(content(&after), before);
                assert!(after.blocks.iter().all(|block| block.seen_by_go));
                assert_eq!(after.defects, Vec::new());
            }
        });
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), cut in 0_usize..2000) {
        thread_local!(static COMBINED: Vec<u8> = file("combined.pem"));
        COMBINED.with(|combined| {
            let mut mixed = combined.clone();
            let at = cut.min(mixed.len());
            mixed.splice(at..at, bytes.iter().copied());
            for text in [&bytes, &mixed] {
                for what in [Rewrite::Normal, Rewrite::Keys, Rewrite::Decrypted, Rewrite::LeafFirst(sha256(text))] {
                    if let Ok(made) = rewrite(text, what, Some("x")) {
                        assert!(parse(&made).blocks.iter().all(|block| block.seen_by_go || matches!(block.item, Item::Broken)));
                    }
                }
            }
        });
    }
}
