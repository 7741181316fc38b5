//! The language of sample trees: from TOML to values whose names are all resolved. Mints nothing.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::SampleError;

/// Validity is laid out at most so many days from now, so that every date can be written down.
const MOST_DAYS: i64 = 100_000;

/// A tree of host directories, described.
#[derive(Clone, Debug)]
pub struct Sample {
    pub(super) materials: BTreeMap<String, Material>,
    pub(super) hosts: Vec<Host>,
}

/// A certificate with its key.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Material {
    pub common_name: Option<String>,
    pub organization: Option<String>,
    #[serde(default)]
    pub ca: bool,
    #[serde(default = "usual_days")]
    pub days: [i64; 2],
    #[serde(default)]
    pub key: KeyKind,
    pub issuer: Option<String>,
    #[serde(default)]
    pub dns: Vec<String>,
    #[serde(default)]
    pub ip: Vec<IpAddr>,
    #[serde(default)]
    pub purposes: Vec<ExtendedUsage>,
    pub key_of: Option<String>,
    pub key_usage: Option<Vec<Usage>>,
    pub basic_constraints: Option<Constraints>,
    #[serde(default)]
    pub signature: Signature,
}

/// The kind of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum KeyKind {
    #[default]
    P256,
    P384,
    P521,
    Ed25519,
    Rsa2048,
    Rsa3072,
    Rsa4096,
}

/// A purpose of the extended key usage.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ExtendedUsage {
    Client,
    Server,
    Any,
    CodeSigning,
}

/// A bit of the key usage.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Usage {
    DigitalSignature,
    KeyEncipherment,
    CertSign,
    CrlSign,
}

/// What the basic constraints say.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Constraints {
    Ca,
    NotCa,
    None,
}

/// What the signature claims to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Signature {
    /// What fits the issuer's key
    #[default]
    Usual,
    /// SHA-1 with RSA by name only: the issuer's key must be RSA, and the signature verifies no more
    Sha1,
}

/// A host directory.
#[derive(Clone, Debug)]
pub(super) struct Host {
    /// The folder of the tree in which it stands, where not in the tree itself.
    pub root: Option<PathBuf>,
    pub name: String,
    pub mode: Option<u32>,
    pub kind: HostKind,
    pub files: Vec<FileEntry>,
}

/// What stands in the place of a host directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HostKind {
    Directory,
    File,
    Link(PathBuf),
}

/// An entry of a host directory.
#[derive(Clone, Debug)]
pub(super) struct FileEntry {
    pub name: String,
    pub mode: Option<u32>,
    pub kind: FileKind,
}

/// What an entry is.
#[derive(Clone, Debug)]
pub(super) enum FileKind {
    Contents(Vec<Part>),
    Bytes(Vec<u8>),
    /// So many NUL bytes, which take no room on the disk
    Size(u64),
    Link(PathBuf),
    Directory,
    Fifo,
}

/// One piece of a file.
#[derive(Clone, Debug)]
pub(super) enum Part {
    One(Content),
    /// Joined without the newline between them
    Glued(Vec<Content>),
}

/// Something made of a material, and how it is written down.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub material: String,
    pub aspect: Aspect,
    pub forms: Vec<Form>,
}

/// What of a material.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aspect {
    Certificate,
    Key,
    Request,
    PublicKey,
    Pkcs7,
}

/// How something is written down, where not as usual PEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Der,
    Bom,
    Utf16,
    CrLf,
    Cr,
    Indented,
    OneLine,
    Trusted,
    Headers,
    Truncated,
    BrokenBase64,
    NoNewline,
    Sec1,
    Pkcs1,
    Text,
    Encrypted,
    EncryptedPem,
    OpenSsh,
}

impl Sample {
    /// Reads a description. The tables `expect` and `config`, which the fixtures of the rules have beside it, are left to
    /// them.
    ///
    /// # Errors
    /// Where it is no TOML, has unknown keys, or names what does not exist.
    pub fn parse(text: &str) -> Result<Self, SampleError> {
        let document: Document = toml::from_str(text)?;
        let materials = document.material;
        for (name, material) in &materials {
            check_material(name, material, &materials)?;
        }
        let mut seen = HashSet::new();
        let mut hosts = Vec::new();
        for description in document.host {
            let host = read_host(description, &materials)?;
            if !seen.insert((host.root.clone(), host.name.clone())) {
                return Err(SampleError::Host { name: host.name, reason: "described twice".into() });
            }
            hosts.push(host);
        }
        Ok(Self { materials, hosts })
    }
}

fn usual_days() -> [i64; 2] {
    [-30, 365]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    material: BTreeMap<String, Material>,
    #[serde(default)]
    host: Vec<HostDescription>,
    #[serde(default, rename = "expect")]
    _expect: Option<serde::de::IgnoredAny>,
    #[serde(default, rename = "config")]
    _config: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HostDescription {
    root: Option<String>,
    name: String,
    mode: Option<String>,
    kind: Option<String>,
    target: Option<PathBuf>,
    #[serde(default)]
    files: BTreeMap<String, toml::Value>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDescription {
    mode: Option<String>,
    content: Option<toml::Value>,
    link: Option<PathBuf>,
    #[serde(default)]
    directory: bool,
    #[serde(default)]
    fifo: bool,
    text: Option<String>,
    hex: Option<String>,
    size: Option<u64>,
}

fn check_material(name: &str, material: &Material, materials: &BTreeMap<String, Material>) -> Result<(), SampleError> {
    let wrong = |reason: String| SampleError::Material { name: name.to_owned(), reason };
    let [not_before, not_after] = material.days;
    if not_before > not_after {
        return Err(wrong(format!("it ends {not_after} days from now, before it begins ({not_before})")));
    }
    if not_before < -MOST_DAYS || not_after > MOST_DAYS {
        return Err(wrong(format!("days go from -{MOST_DAYS} to {MOST_DAYS}")));
    }
    let follow = |what: &str, next: fn(&Material) -> Option<&String>| {
        let mut at = material;
        for _ in 0..=materials.len() {
            let Some(other) = next(at) else { return Ok(()) };
            at = materials.get(other).ok_or_else(|| wrong(format!("{what} {other} is no material")))?;
        }
        Err(wrong(format!("{what} leads round in a circle")))
    };
    follow("issuer", |material| material.issuer.as_ref())?;
    follow("key-of", |material| material.key_of.as_ref())
}

fn read_host(description: HostDescription, materials: &BTreeMap<String, Material>) -> Result<Host, SampleError> {
    let name = description.name;
    let wrong = |reason: String| SampleError::Host { name: name.clone(), reason };
    check_name(&name).map_err(wrong)?;
    let root = description.root.as_deref().map(read_root).transpose().map_err(wrong)?;
    let mode = description.mode.as_deref().map(read_mode).transpose().map_err(wrong)?;
    let kind = match (description.kind.as_deref(), description.target) {
        (None | Some("directory"), None) => HostKind::Directory,
        (Some("file"), None) => HostKind::File,
        (Some("symlink"), Some(target)) => HostKind::Link(target),
        (Some("symlink"), None) => return Err(wrong("a symlink needs a target".into())),
        (Some("directory" | "file") | None, Some(_)) => return Err(wrong("only a symlink has a target".into())),
        (Some(other), _) => return Err(wrong(format!("kind is directory, file or symlink, not {other}"))),
    };
    if kind != HostKind::Directory && !description.files.is_empty() {
        return Err(wrong("only a directory has files".into()));
    }
    let mut files = Vec::new();
    for (file, value) in description.files {
        let read = check_name(&file).and_then(|()| read_file(value, materials));
        let (mode, kind) =
            read.map_err(|reason| SampleError::File { host: name.clone(), file: file.clone(), reason })?;
        files.push(FileEntry { name: file, mode, kind });
    }
    Ok(Host { root, name, mode, kind, files })
}

/// A path that begins with a slash begins at the tree.
fn read_root(text: &str) -> Result<PathBuf, String> {
    let parts = text.strip_prefix('/').unwrap_or(text);
    parts.split('/').try_for_each(check_name)?;
    Ok(PathBuf::from(parts))
}

fn check_name(name: &str) -> Result<(), String> {
    match name {
        "" | "." | ".." => Err("this is no name".into()),
        _ if name.contains(['/', '\0']) => Err("a name has no slash and no NUL".into()),
        _ => Ok(()),
    }
}

fn read_mode(text: &str) -> Result<u32, String> {
    match u32::from_str_radix(text, 8) {
        Ok(mode) if mode <= 0o7777 => Ok(mode),
        _ => Err(format!("mode {text} is no octal number up to 7777")),
    }
}

fn read_file(value: toml::Value, materials: &BTreeMap<String, Material>) -> Result<(Option<u32>, FileKind), String> {
    let toml::Value::Table(table) = value else { return Ok((None, read_contents(&value, materials)?)) };
    let description: FileDescription = table.try_into().map_err(|error: toml::de::Error| error.message().to_owned())?;
    let mode = description.mode.as_deref().map(read_mode).transpose()?;
    let contents = description.content.map(|value| read_contents(&value, materials)).transpose()?;
    let hex = description.hex.as_deref().map(read_hex).transpose()?;
    let kinds = [
        contents,
        description.link.map(FileKind::Link),
        description.directory.then_some(FileKind::Directory),
        description.fifo.then_some(FileKind::Fifo),
        description.text.map(|text| FileKind::Bytes(text.into_bytes())),
        hex.map(FileKind::Bytes),
        description.size.map(FileKind::Size),
    ];
    let mut kinds = kinds.into_iter().flatten();
    match (kinds.next(), kinds.next()) {
        (Some(kind), None) => Ok((mode, kind)),
        _ => Err("give one of content, link, directory, fifo, text, hex and size".into()),
    }
}

fn read_contents(value: &toml::Value, materials: &BTreeMap<String, Material>) -> Result<FileKind, String> {
    let parts = match value {
        toml::Value::Array(parts) => parts.iter().map(|part| read_part(part, materials)).collect::<Result<_, _>>()?,
        part => vec![read_part(part, materials)?],
    };
    Ok(FileKind::Contents(parts))
}

fn read_part(value: &toml::Value, materials: &BTreeMap<String, Material>) -> Result<Part, String> {
    let unexpected = || format!("a content is a text or {{ glued = […] }}, not {value}", value = value.type_str());
    match value {
        toml::Value::String(text) => Ok(Part::One(read_content(text, materials)?)),
        toml::Value::Table(table) if table.len() == 1 => {
            let glued = table.get("glued").and_then(toml::Value::as_array).ok_or_else(unexpected)?;
            let texts = glued.iter().map(|text| text.as_str().ok_or_else(unexpected));
            let contents = texts.map(|text| read_content(text?, materials)).collect::<Result<_, _>>()?;
            Ok(Part::Glued(contents))
        }
        _ => Err(unexpected()),
    }
}

/// Reads `NAME[.key|.csr|.pub|.p7b][:form…]`.
fn read_content(text: &str, materials: &BTreeMap<String, Material>) -> Result<Content, String> {
    let mut pieces = text.split(':');
    let name = pieces.next().unwrap_or_default();
    let (material, aspect) = match name.rsplit_once('.') {
        _ if materials.contains_key(name) => (name, Aspect::Certificate),
        Some((material, "key")) => (material, Aspect::Key),
        Some((material, "csr")) => (material, Aspect::Request),
        Some((material, "pub")) => (material, Aspect::PublicKey),
        Some((material, "p7b")) => (material, Aspect::Pkcs7),
        _ => (name, Aspect::Certificate),
    };
    if !materials.contains_key(material) {
        return Err(format!("there is no material {material}"));
    }
    let forms = pieces.map(|form| read_form(form).ok_or_else(|| format!("there is no form {form}")));
    Ok(Content { material: material.to_owned(), aspect, forms: forms.collect::<Result<_, _>>()? })
}

fn read_form(text: &str) -> Option<Form> {
    Some(match text {
        "der" => Form::Der,
        "bom" => Form::Bom,
        "utf16" => Form::Utf16,
        "crlf" => Form::CrLf,
        "cr" => Form::Cr,
        "indented" => Form::Indented,
        "oneline" => Form::OneLine,
        "trusted" => Form::Trusted,
        "headers" => Form::Headers,
        "truncated" => Form::Truncated,
        "broken-base64" => Form::BrokenBase64,
        "no-newline" => Form::NoNewline,
        "sec1" => Form::Sec1,
        "pkcs1" => Form::Pkcs1,
        "text" => Form::Text,
        "encrypted" => Form::Encrypted,
        "encrypted-pem" => Form::EncryptedPem,
        "openssh" => Form::OpenSsh,
        _ => return None,
    })
}

fn read_hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    };
    digits.chunks(2).map(byte).collect::<Option<_>>().ok_or_else(|| "hex is pairs of hexadecimal digits".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Sample::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn every_error_says_where() {
        assert_eq!(
            error("[material.a]\nissuer = \"b\"\n[material.b]\nissuer = \"a\""),
            "material a: issuer leads round in a circle"
        );
        assert_eq!(error("[material.a]\nkey-of = \"c\""), "material a: key-of c is no material");
        assert_eq!(error("[[host]]\nname = \"a/b\""), "host a/b: a name has no slash and no NUL");
        assert_eq!(
            error("[[host]]\nname = \"h\"\nfiles.\"a.crt\" = \"acme:der\""),
            "host h, file a.crt: there is no material acme"
        );
        assert_eq!(
            error("[material.acme]\n[[host]]\nname = \"h\"\nfiles.\"a.crt\" = \"acme.key:rot13\""),
            "host h, file a.crt: there is no form rot13"
        );
        assert_eq!(
            error("[[host]]\nname = \"h\"\nfiles.\"a.crt\" = { text = \"\", fifo = true }"),
            "host h, file a.crt: give one of content, link, directory, fifo, text, hex and size"
        );
        assert!(error("[[hosts]]\nname = \"h\"").contains("unknown field `hosts`"));
    }

    #[test]
    fn a_name_with_a_dot_is_a_material_before_it_is_an_aspect() {
        let text = "[material.\"tls.key\"]\n[[host]]\nname = \"h\"\nfiles.a = \"tls.key\"\nfiles.b = \"tls.key.key\"";
        let sample = Sample::parse(text).unwrap();
        let aspect = |file: &FileEntry| match &file.kind {
            FileKind::Contents(parts) => match &parts[..] {
                [Part::One(content)] => content.aspect,
                _ => panic!("one content"),
            },
            _ => panic!("contents"),
        };
        let aspects: Vec<_> = sample.hosts[0].files.iter().map(aspect).collect();
        assert_eq!(aspects, [Aspect::Certificate, Aspect::Key]);
    }
}
