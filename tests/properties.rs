//! Whatever the bytes: the parser, the engines and the rules come to an end without a panic, and what is shown of them
//! cannot touch the terminal.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use certwright::base::text;
use certwright::engine::Engine;
use certwright::engine::installed::Installed;
use certwright::model::{Content, File, FileKind, HostDir, HostState, Inventory, Placement, hosts_toml};
use certwright::pki::chain::Verifier;
use certwright::pki::{self, Interner, Parsed, details, pem};
use certwright::rules::Settings;
use certwright::rules::registry::{self, RuleSet};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

#[path = "support/tree.rs"]
mod tree;

/// One file for each content and each form of it.
const FORMS: &[&str] = &[
    "ca",
    "ca:der",
    "ca:bom",
    "ca:utf16",
    "ca:crlf",
    "ca:cr",
    "ca:indented",
    "ca:oneline",
    "ca:trusted",
    "ca:headers",
    "ca:truncated",
    "ca:broken-base64",
    "ca:no-newline",
    "ca:text",
    "client",
    "client.key",
    "client.key:sec1",
    "client.key:der",
    "client.key:encrypted",
    "client.key:encrypted-pem",
    "client.key:openssh",
    "client.csr",
    "client.csr:der",
    "client.pub",
    "ca.p7b",
    "ca.p7b:der",
    "rsa",
    "rsa.key",
    "rsa.key:pkcs1",
    "ed.key",
    "p521:der",
];

/// Most of what containerd reads.
const HOSTS_TOML: &str = r#"server = "https://registry.test:5000"
ca = ["ca.crt", "/etc/ca.pem"]
client = [["a.cert", "a.key"], "both.pem"]

[host."https://mirror.test/v2/mirror"]
  capabilities = ["pull", "resolve"]
  skip_verify = true
  override_path = true
  [host."https://mirror.test/v2/mirror".header]
    x-one = ["a", "b"]
"#;

/// The bytes of every form.
static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut text = String::from(
        "[material.ca]\nca = true\n[material.client]\nissuer = \"ca\"\ndns = [\"a.test\", \"b.test\"]\nip = [\"::1\"]\n\
         purposes = [\"client\", \"server\"]\n[material.rsa]\nkey = \"rsa2048\"\n[material.ed]\nkey = \"ed25519\"\n\
         [material.p521]\nkey = \"p521\"\n[[host]]\nname = \"h\"\n",
    );
    for (index, form) in FORMS.iter().enumerate() {
        text.push_str(&format!("files.f{index} = \"{form}\"\n"));
    }
    let directory = tempfile::tempdir().unwrap();
    tree::build_in(&text, directory.path());
    (0..FORMS.len()).map(|index| read(&directory.path().join(format!("h/f{index}")))).collect()
});

#[expect(clippy::disallowed_methods, reason = "a test reads what it made")]
fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// A damage done to bytes.
#[derive(Clone, Debug)]
enum Mutation {
    Set(Index, u8),
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
    Repeat(Index, usize),
    Splice(Index, Index),
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let at = |index: &Index| index.index(bytes.len().max(1)).min(bytes.len());
        match self {
            Self::Set(index, value) => {
                let at = at(index);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = *value;
                }
            }
            Self::Remove(index, length) => {
                let at = at(index);
                bytes.drain(at..(at + length).min(bytes.len()));
            }
            Self::Insert(index, new) => {
                let at = at(index);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Repeat(index, length) => {
                let at = at(index);
                let again: Vec<u8> = bytes.iter().skip(at).take(*length).copied().collect();
                bytes.splice(at..at, again);
            }
            Self::Splice(index, other) => {
                let at = at(index);
                bytes.truncate(at);
                bytes.extend(SAMPLES.get(other.index(SAMPLES.len())).into_iter().flatten());
            }
        }
    }
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let fragments =
        vec!["-----BEGIN CERTIFICATE-----\n", "\n-----END ", "-----", "\r", "\n", "\u{feff}", "0\u{0}", ":"];
    prop_oneof![
        4 => (any::<Index>(), any::<u8>()).prop_map(|(at, value)| Mutation::Set(at, value)),
        2 => (any::<Index>(), 1..200_usize).prop_map(|(at, length)| Mutation::Remove(at, length)),
        1 => (any::<Index>(), vec(any::<u8>(), 1..8)).prop_map(|(at, new)| Mutation::Insert(at, new)),
        2 => (any::<Index>(), select(fragments)).prop_map(|(at, new)| Mutation::Insert(at, new.as_bytes().to_vec())),
        1 => (any::<Index>(), 1..200_usize).prop_map(|(at, length)| Mutation::Repeat(at, length)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(at, other)| Mutation::Splice(at, other)),
    ]
}

/// A sample with some damage.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let sample = any::<Index>().prop_map(|sample| SAMPLES.get(sample.index(SAMPLES.len())).unwrap().clone());
    (sample, vec(mutation(), 0..4)).prop_map(damage)
}

/// A `hosts.toml` with some damage.
fn damaged_hosts_toml() -> impl Strategy<Value = Vec<u8>> {
    (Just(HOSTS_TOML.into()), vec(mutation(), 0..3)).prop_map(damage)
}

fn damage((mut bytes, mutations): (Vec<u8>, Vec<Mutation>)) -> Vec<u8> {
    for mutation in &mutations {
        mutation.apply(&mut bytes);
    }
    bytes
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![3 => damaged(), 1 => vec(any::<u8>(), 0..400)]
}

/// A host directory that holds these contents under these names, and a `hosts.toml`.
fn host(contents: Vec<(&str, Vec<u8>)>, hosts_toml: &[u8]) -> HostDir {
    let interner = Interner::default();
    let file = |(name, bytes): (&str, Vec<u8>)| File {
        name: OsString::from(name),
        kind: FileKind::Regular,
        link: None,
        stamp: None,
        content: Content::Parsed(pki::parse(&bytes, &interner)),
    };
    let mut files: Vec<File> = contents.into_iter().map(file).collect();
    files.sort_by(|one, other| one.name.cmp(&other.name));
    HostDir {
        path: PathBuf::from("/certs.d/registry.test:5000"),
        name: "registry.test:5000".into(),
        state: HostState::Listed,
        placement: Placement::UnderRoot,
        link: None,
        stamp: None,
        files,
        hosts_toml: Some(hosts_toml::parse(hosts_toml)),
        referenced: Vec::new(),
    }
}

fn is_safe(text: &str) -> bool {
    let bidi = |letter: char| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let invisible =
        |letter: char| matches!(letter, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    !text.chars().any(|letter| letter.is_control() || bidi(letter) || invisible(letter))
}

/// Looks at everything that can be asked of a file.
fn look_at_all(parsed: &Parsed) {
    let sums = parsed.certificates().map(|certificate| {
        let extensions = details::extensions(certificate).map_or(0, |extensions| extensions.len());
        let names = certificate.alternative_names().count();
        let text = format!("{} {} {}", certificate.display_name(), certificate.subject(), certificate.issuer());
        assert!(is_safe(&text::sanitise(&text)));
        extensions + names
    });
    let _ = sums.sum::<usize>();
    for key in parsed.private_keys() {
        assert!(!key.describe().is_empty());
    }
    for defect in &parsed.defects {
        assert!(defect.line >= 1 && !defect.value.describe().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_have_a_reading(bytes in any_bytes()) {
        let parsed = pki::parse(&bytes, &Interner::default());
        prop_assert!(parsed.blocks.iter().all(|block| block.line >= 1));
        look_at_all(&parsed);
    }

    #[test]
    fn engines_and_rules_judge_any_directory(
        ca in any_bytes(), certificate in any_bytes(), key in any_bytes(), stray in any_bytes(), toml in damaged_hosts_toml(),
    ) {
        let contents = vec![
            ("a.cert", certificate), ("a.key", key), ("ca.crt", ca), ("stray.pem", stray),
        ];
        let host = Arc::new(host(contents, &toml));
        let verifier = Verifier::default();
        let settings = Settings { now: tree::NOW, expires_within: 30 };
        let rules = RuleSet::default();
        let loads = Engine::load_all(&host);
        let mut findings = rules.check_loads(&host, &loads, settings, &verifier);
        let inventory = Inventory { roots: Vec::new(), hosts: vec![Arc::clone(&host)] };
        findings.extend(rules.check_tree(&inventory, &Installed::default(), settings, &verifier));
        registry::sort(&mut findings);
        for finding in findings {
            prop_assert!(finding.place.file.is_none_or(|name| host.file(&name).is_some()), "{}", finding.code);
            prop_assert!(!finding.message.is_empty());
        }
    }

    #[test]
    fn blocks_stand_in_order_inside_the_text(bytes in any_bytes()) {
        let mut end = 0;
        for block in pem::go_blocks(&bytes) {
            prop_assert!(end <= block.span.start && block.span.start < block.span.end && block.span.end <= bytes.len());
            end = block.span.end;
        }
        let mut end = 0;
        for meant in pem::meant_blocks(&bytes, 0..bytes.len()) {
            let span = &meant.block.span;
            prop_assert!(end <= span.start && span.start < span.end && span.end <= bytes.len());
            end = span.end;
        }
    }

    #[test]
    fn shown_text_holds_nothing_that_acts_on_a_terminal(bytes in vec(any::<u8>(), 0..80), text in any::<String>(), limit in 0..40_usize) {
        prop_assert!(is_safe(&text::sanitise_bytes(&bytes)));
        let safe = text::sanitise(&text);
        prop_assert!(is_safe(&safe));
        prop_assert_eq!(text::sanitise(&safe), safe.as_ref());
        prop_assert!(text::width(&text::truncate(&safe, limit)) <= limit);
        prop_assert!(text::width(&text::ellipsize_middle(&safe, limit)) <= limit);
    }
}

#[test]
fn every_sample_is_recognised() {
    for (form, bytes) in FORMS.iter().zip(SAMPLES.iter()) {
        let parsed = pki::parse(bytes, &Interner::default());
        assert!(!parsed.blocks.is_empty(), "{form}");
        look_at_all(&parsed);
    }
}
