//! A file of a host directory in JSON.

use serde::Serialize;

use crate::model::{File, HostDir, Unread};
use crate::pki::{Item, Parsed};
use crate::report::json::{CertificateJson, FindingJson, hex, path_text};
use crate::report::scene::Scene;

/// A file of a host directory.
#[derive(Clone, Debug, Serialize)]
pub struct FileJson {
    /// Its name
    pub name: String,
    /// Its path
    pub path: String,
    /// "file", "directory", "FIFO" …
    pub kind: &'static str,
    /// What a symbolic link says
    pub link: Option<String>,
    /// What its name makes it: "CA", "client", "key", "hosts.toml" or "unused"
    pub role: &'static str,
    /// What it is, in a word or two
    pub content: String,
    /// Why it was not read
    pub unread: Option<String>,
    /// Size in bytes, links followed
    pub size: Option<u64>,
    /// Permission bits in octal
    pub mode: Option<String>,
    /// User and group that own it
    pub owner: Option<[u32; 2]>,
    /// RFC 3339
    pub modified: Option<String>,
    /// Its certificates, those in PKCS#7 too, in order
    pub certificates: Vec<CertificateJson>,
    /// Its private keys
    pub private_keys: Vec<PrivateKeyJson>,
    /// What else is in it
    pub others: Vec<OtherJson>,
    /// Defects of its encoding
    pub defects: Vec<DefectJson>,
    /// What is wrong with it
    pub findings: Vec<FindingJson>,
}

/// A private key, of which the secret is not known.
#[derive(Clone, Debug, Serialize)]
pub struct PrivateKeyJson {
    /// Kind and size
    pub kind: String,
    /// "PKCS#8" …
    pub encoding: &'static str,
    /// A passphrase is needed
    pub encrypted: bool,
    /// SHA-256 of its public half
    pub spki_sha256: Option<String>,
    /// Files in this directory with a certificate of this key
    pub certificates_in: Vec<String>,
    /// A file in this directory with a request for a certificate of this key
    pub request_in: Option<String>,
}

/// Neither a certificate nor a private key.
#[derive(Clone, Debug, Serialize)]
pub struct OtherJson {
    /// Line of its BEGIN
    pub line: u32,
    /// What it is
    pub kind: &'static str,
    /// The PEM label
    pub label: String,
    /// The subject of a request
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Kind and size of a public key
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// SHA-256 of a public key
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spki_sha256: Option<String>,
}

/// A defect of the encoding.
#[derive(Clone, Debug, Serialize)]
pub struct DefectJson {
    /// Line, from 1
    pub line: u32,
    /// What it is
    pub text: String,
}

/// How much is told of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What the record says
    Brief,
    /// All of it
    Full,
}

impl FileJson {
    /// A file with what is wrong with it.
    pub fn new(scene: &Scene<'_>, host: &HostDir, file: &File, depth: Depth) -> Self {
        let certificate = |certificate: &std::sync::Arc<crate::pki::Certificate>| match depth {
            Depth::Brief => CertificateJson::brief(scene, certificate),
            Depth::Full => CertificateJson::full(scene, certificate),
        };
        let parsed = file.parsed();
        Self {
            name: file.name.to_string_lossy().into_owned(),
            path: path_text(&host.path_of(&file.name)),
            kind: file.kind.word(),
            link: file.link.as_ref().map(|link| path_text(&link.target)),
            role: file.role().word(),
            content: file.content_word(),
            unread: file.unread().map(|reason| unread_words(file, reason)),
            size: file.stamp.map(|stamp| stamp.size),
            mode: file.stamp.map(|stamp| format!("{:04o}", stamp.mode)),
            owner: file.stamp.map(|stamp| [stamp.uid, stamp.gid]),
            modified: file.stamp.map(|stamp| stamp.modified.rfc3339()),
            certificates: parsed.into_iter().flat_map(|parsed| parsed.certificates()).map(certificate).collect(),
            private_keys: parsed.map(|parsed| private_keys(host, parsed)).unwrap_or_default(),
            others: parsed.map(others).unwrap_or_default(),
            defects: parsed.map(defects).unwrap_or_default(),
            findings: scene.findings_at(host, file).map(FindingJson::new).collect(),
        }
    }
}

fn unread_words(file: &File, reason: Unread) -> String {
    match reason {
        Unread::NotRegular | Unread::Nested => format!("is a {}", file.kind.word()),
        Unread::TooLarge => "over 4 MiB".to_owned(),
        Unread::Failed(error) => format!("{}: {}", error.operation.name(), error.errno),
        Unread::Panicked => "not understood".to_owned(),
    }
}

fn private_keys(host: &HostDir, parsed: &Parsed) -> Vec<PrivateKeyJson> {
    let key = |key: &crate::pki::PrivateKey| PrivateKeyJson {
        kind: key.kind.describe(),
        encoding: key.encoding.name(),
        encrypted: key.encrypted,
        spki_sha256: key.spki_sha256().map(|digest| hex(&digest)),
        certificates_in: key.spki_sha256().map(|digest| files_with_key(host, &digest)).unwrap_or_default(),
        request_in: key
            .spki_sha256()
            .and_then(|digest| host.request_of(&digest))
            .map(|(file, _)| file.name.to_string_lossy().into_owned()),
    };
    parsed.private_keys().map(key).collect()
}

/// Names of the files in a directory that hold a certificate of this key.
pub(crate) fn files_with_key(host: &HostDir, spki_sha256: &[u8; 32]) -> Vec<String> {
    let holds = |file: &&File| {
        let mut certificates = file.parsed().into_iter().flat_map(|parsed| parsed.certificates());
        certificates.any(|certificate| certificate.spki_sha256() == spki_sha256)
    };
    host.files.iter().filter(holds).map(|file| file.name.to_string_lossy().into_owned()).collect()
}

fn others(parsed: &Parsed) -> Vec<OtherJson> {
    let mut others = Vec::new();
    for block in &parsed.blocks {
        let (kind, subject, key, spki) = match &block.item {
            Item::Certificate(_) | Item::PrivateKey(_) => continue,
            Item::Request(request) => {
                ("request", Some(request.subject.to_string()), Some(request.key.describe()), Some(request.spki_sha256))
            }
            Item::RevocationList => ("revocation-list", None, None, None),
            Item::Pkcs7(_) => ("pkcs7", None, None, None),
            Item::Pkcs12 => ("pkcs12", None, None, None),
            Item::PublicKey { kind, spki_sha256 } => ("public-key", None, Some(kind.describe()), Some(**spki_sha256)),
            Item::Parameters => ("parameters", None, None, None),
            Item::Broken => ("broken", None, None, None),
        };
        let (line, label) = (block.line, block.label.clone().into_owned());
        others.push(OtherJson { line, kind, label, subject, key, spki_sha256: spki.map(|digest| hex(&digest)) });
    }
    others
}

fn defects(parsed: &Parsed) -> Vec<DefectJson> {
    let defect = |defect: &crate::pki::Located<crate::pki::Defect>| DefectJson {
        line: defect.line,
        text: defect.value.describe(),
    };
    parsed.defects.iter().map(defect).collect()
}
