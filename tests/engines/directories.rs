//! The host directories that are judged: a table of those that people make, every content in every role, and those of
//! `tests/vectors`.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use base64::Engine as _;
use rustix::fs::{FileType, Mode};
use serde_json::Value;

use crate::laboratory::Server;
use crate::materials::Materials;

/// A host directory to be.
pub struct Directory {
    /// The host without its domain: a label of a host name.
    pub name: String,
    /// The server that the engines are sent to.
    pub server: Server,
    /// What it is made of.
    pub kind: Kind,
}

/// What a host directory is made of.
pub enum Kind {
    /// Entries, written as in [`TABLE`]
    Entries(String),
    /// A vector
    Vector(Value),
}

/// Name, then entries: `FILE = CONTENT`, `FILE -> TARGET` for a link, `FILE/` for a directory, `FILE fifo`, `FILE socket`.
/// A name that ends in `!mutual` or `!naming` goes to that server. `%xx` stands for a byte; `HOST` in a `hosts.toml` for
/// the registry. Where no `ca.crt` is told, the server is not trusted.
const TABLE: &str = r#"
nothing                     |
missing                     | missing
a-file                      | file
dangling-directory          | -> nowhere
ca                          | ca.crt = acme
ca-of-another               | ca.crt = other
ca-of-the-same-name         | ca.crt = imposter
ca-of-the-same-name-first   | a.crt = imposter | b.crt = acme
two-cas                     | a.crt = other | b.crt = acme
bundle                      | ca.crt = other + acme
pinned-leaf                 | server.crt = server
intermediate-alone          | ca.crt = intermediate
ca-and-intermediate         | ca.crt = intermediate + acme
ca-upper-case               | ca.CRT = acme
ca-pem                      | ca.pem = acme
ca-cer                      | ca.cer = acme
ca-dotfile                  | .crt = acme
ca-many-dots                | my.own.ca.crt = acme
ca-backup                   | ca.crt.bak = acme | ca.crt~ = acme | .ca.crt.swp = acme
ca-space-behind             | ca.crt%20 = acme
ca-space-within             | the ca.crt = acme
ca-newline-within           | the%0aca.crt = acme
ca-latin-1                  | caf%e9.crt = acme
ca-unicode                  | zertifikät.crt = acme
ca-bad-first                | ca.crt = acme:mistyped + acme
ca-endless-first            | ca.crt = other:endless + acme
ca-bad-file-first           | a.crt = html | b.crt = acme
ca-twice                    | a.crt = acme | b.crt = acme + acme
ca-link                     | ca.crt -> real | real = acme
ca-link-dangling            | ca.crt -> /nowhere/ca.pem
ca-link-dangling-and-good   | a.crt -> nowhere | b.crt = acme
ca-link-loop                | ca.crt -> ca.crt
ca-link-to-directory        | ca.crt -> sub | sub/
ca-link-to-null             | ca.crt -> /dev/null
ca-directory                | ca.crt/
ca-in-directory             | sub/ | sub/ca.crt = acme
ca-fifo                     | ca.crt fifo
ca-socket                   | ca.crt socket
pair                        | ca.crt = acme | client.cert = client | client.key = client.key
pair-untrusting             | client.cert = client | client.key = client.key
pair-foreign                | ca.crt = acme | client.cert = foreign | client.key = foreign.key
pair-ed25519                | ca.crt = acme | client.cert = ed25519 | client.key = ed25519.key
pair-p384                   | ca.crt = acme | client.cert = p384 | client.key = p384.key
pair-p521                   | ca.crt = acme | client.cert = p521 | client.key = p521.key
pair-rsa                    | ca.crt = acme | client.cert = rsa | client.key = rsa.pkcs1
pair-chain                  | ca.crt = acme | client.cert = branch + intermediate | client.key = branch.key
pair-chain-reversed         | ca.crt = acme | client.cert = intermediate + branch | client.key = branch.key
pair-ca-first               | client.cert = acme + client | client.key = client.key
pair-dotfile                | ca.crt = acme | .cert = client | .key = client.key
pair-stem-upper-case        | Client.cert = client | client.key = client.key
pair-key-upper-case         | client.cert = client | client.KEY = client.key
pair-mismatch               | client.cert = client | client.key = second.key
pair-kind-mismatch          | client.cert = client | client.key = rsa.key
pair-swapped                | client.cert = client.key | client.key = client
pair-two-keys               | client.cert = client | client.key = second.key + client.key
pair-key-behind-params      | ca.crt = acme | client.cert = client | client.key = params + client.sec1
pair-key-behind-cert        | ca.crt = acme | client.cert = client | client.key = client + client.key
pair-combined               | ca.crt = acme | client.cert = client + client.key
pair-combined-key-first     | ca.crt = acme | client.cert = client.key + client
pair-key-link               | ca.crt = acme | client.cert = client | client.key -> secret | secret = client.key
pair-key-dangling           | client.cert = client | client.key -> nowhere
pair-key-loop               | client.cert = client | client.key -> client.key
pair-key-directory          | client.cert = client | client.key/
pair-cert-directory         | client.cert/ | client.key = client.key
pair-both-directories       | client.cert/ | client.key/
pair-cert-dangling          | client.cert -> nowhere | client.key = client.key
pair-key-fifo               | client.cert = client | client.key fifo
pair-key-socket             | client.cert = client | client.key socket
orphan-cert                 | ca.crt = acme | client.cert = client
orphan-cert-no-ca           | client.cert = client
orphan-key                  | ca.crt = acme | client.key = client.key
orphan-key-empty            | client.key = empty
orphan-key-directory        | client.key/
orphan-cert-directory       | client.cert/
orphan-odd-names            | it's "odd"%09.key = client.key
orphan-cert-odd-names       | it's "odd"%0a.cert = client
client-as-crt               | client.crt = client | client.key = client.key
client-pem-names            | ca.pem = acme | client-cert.pem = client | client-key.pem = client.key
double-extension            | client.cert = client | client.cert.key = client.key
ca-as-cert                  | ca.cert = acme
ca-as-cert-beside-pair      | ca.cert = acme | client.cert = client | client.key = client.key
ca-with-its-key             | ca.cert = acme | ca.key = acme.key
first-fault-is-a-key        | a.key = client.key | b.cert = client | c.crt = empty
first-fault-is-a-cert       | a.cert = client | b.key = client.key | c.crt = empty
first-fault-is-a-pair       | a.cert = client | a.key = second.key | b.key = client.key | c.crt = binary
two-pairs                   | ca.crt = acme | a.cert = foreign | a.key = foreign.key | b.cert = client | b.key = client.key
two-pairs-byte-order        | ca.crt = acme | Z.cert = second | Z.key = second.key | a.cert = client | a.key = client.key
second-pair-broken          | ca.crt = acme | a.cert = client | a.key = client.key | b.cert = second | b.key = client.key
naming-none!naming          | ca.crt = acme
naming-pair!naming          | ca.crt = acme | client.cert = client | client.key = client.key
naming-foreign!naming       | ca.crt = acme | client.cert = foreign | client.key = foreign.key
naming-second!naming        | ca.crt = acme | a.cert = foreign | a.key = foreign.key | b.cert = client | b.key = client.key
naming-expired-first!naming | ca.crt = acme | a.cert = expired | a.key = expired.key | b.cert = client | b.key = client.key
naming-branch!naming        | ca.crt = acme | a.cert = branch | a.key = branch.key
naming-branch-chain!naming  | ca.crt = acme | a.cert = branch + intermediate | a.key = branch.key
mutual-none!mutual          | ca.crt = acme
mutual-pair!mutual          | ca.crt = acme | client.cert = client | client.key = client.key
mutual-foreign!mutual       | ca.crt = acme | client.cert = foreign | client.key = foreign.key
mutual-second!mutual        | ca.crt = acme | a.cert = foreign | a.key = foreign.key | b.cert = client | b.key = client.key
mutual-branch!mutual        | ca.crt = acme | a.cert = branch | a.key = branch.key
mutual-branch-chain!mutual  | ca.crt = acme | a.cert = branch + intermediate | a.key = branch.key
mutual-untrusting!mutual    | client.cert = client | client.key = client.key
toml-empty                  | ca.crt = acme | hosts.toml = empty
toml-blank                  | ca.crt = acme | hosts.toml = blank
toml-junk                   | ca.crt = acme | hosts.toml = html
toml-directory              | ca.crt = acme | hosts.toml/
toml-dangling               | ca.crt = acme | hosts.toml -> nowhere
toml-fifo                   | hosts.toml fifo
toml-server-alone           | ca.crt = acme | hosts.toml : server = "https://HOST"
toml-hides-files            | ca.crt = acme | hosts.toml : [host."https://HOST"]
toml-ca                     | root.pem = acme | hosts.toml : [host."https://HOST"];ca = "root.pem"
toml-ca-list                | a.pem = other | b.pem = acme | hosts.toml : [host."https://HOST"];ca = ["a.pem", "b.pem"]
toml-ca-missing             | hosts.toml : [host."https://HOST"];ca = "root.pem"
toml-ca-is-empty            | root.pem = empty | hosts.toml : [host."https://HOST"];ca = "root.pem"
toml-ca-is-der              | root.pem = acme:der | hosts.toml : [host."https://HOST"];ca = "root.pem"
toml-ca-is-no-name          | hosts.toml : [host."https://HOST"];ca = ""
toml-ca-number              | ca.crt = acme | hosts.toml : [host."https://HOST"];ca = 5
toml-ca-numbers             | ca.crt = acme | hosts.toml : [host."https://HOST"];ca = [5]
toml-skip-verify            | hosts.toml : [host."https://HOST"];skip_verify = true
toml-pair                   | r.pem = acme | c.pem = client | k.pem = client.key | hosts.toml : [host."https://HOST"];ca = "r.pem";client = [["c.pem", "k.pem"]]
toml-exported               | ca.crt = acme | client.cert = client | client.key = client.key | hosts.toml : # a comment;server = "https://HOST";ca = ["ca.crt"];client = [["client.cert", "client.key"]];;# another;[host."https://HOST"];capabilities = ["pull", "resolve", "push"];ca = ["ca.crt"];client = [["client.cert", "client.key"]]
toml-combined               | r.pem = acme | c.pem = client + client.key | hosts.toml : [host."https://HOST"];ca = "r.pem";client = "c.pem"
toml-two-combined           | c.pem = client | k.pem = client.key | hosts.toml : [host."https://HOST"];client = ["c.pem", "k.pem"]
toml-pair-of-three          | ca.crt = acme | hosts.toml : [host."https://HOST"];client = [["a", "b", "c"]]
toml-key-missing            | c.pem = client | hosts.toml : [host."https://HOST"];client = [["c.pem", "k.pem"]]
toml-key-no-name            | c.pem = client + client.key | hosts.toml : [host."https://HOST"];client = [["c.pem", ""]]
toml-unknown-capability     | ca.crt = acme | hosts.toml : [host."https://HOST"];capabilities = ["fetch"]
toml-unknown-key            | ca.crt = acme | hosts.toml : [host."https://HOST"];verify = false
toml-inline-table           | ca.crt = acme | hosts.toml : host = { "https://HOST" = { skip_verify = true } }
toml-second-host            | r.pem = acme | hosts.toml : server = "https://HOST";[host."https://HOST/a"];[host."https://HOST"];ca = "r.pem"
toml-bad-header             | ca.crt = acme | hosts.toml : [host."https://HOST"];[host."https://HOST".header];x = 5
toml-hosts-misspelt         | ca.crt = acme | hosts.toml : [hosts."https://HOST"];skip_verify = true
toml-syntax                 | ca.crt = acme | hosts.toml : server = https://HOST
"#;

/// Contents and forms that each stand once as CA file, once as client certificate and once as key.
const SPOILT: &[&str] = &[
    "bom",
    "utf16",
    "crlf",
    "cr",
    "indented",
    "padded",
    "spaced",
    "quoted",
    "oneline",
    "escaped",
    "long",
    "no-newline",
    "nul",
    "tail",
    "headers",
    "truncated",
    "endless",
    "mistyped",
    "short-dash",
    "long-dash",
    "lower",
    "unlike-end",
    "prose",
    "trailing",
    "bent",
    "der",
    "as-x509-certificate",
    "as-trusted-certificate",
    "as-private-key",
    "as-rsa-private-key",
    "as-any-private-key",
    "as-certificate",
    "as-pkcs7",
];

/// All directories.
pub fn all(materials: &Materials) -> Vec<Directory> {
    let mut all: Vec<Directory> = TABLE.lines().filter(|line| !line.trim().is_empty()).map(of_row).collect();
    let mut add = |name: String, entries: String| {
        all.push(Directory { name, server: Server::Asking, kind: Kind::Entries(entries) });
    };
    for form in SPOILT {
        add(format!("ca-{form}"), format!("ca.crt = acme:{form}"));
        add(format!("ca-{form}-then-good"), format!("ca.crt = other:{form} + acme"));
        add(format!("cert-{form}"), format!("ca.crt = acme | a.cert = client:{form} | a.key = client.key"));
        add(format!("key-{form}"), format!("ca.crt = acme | a.cert = client | a.key = client.key:{form}"));
    }
    for name in materials.names() {
        let label = name.replace('.', "-");
        add(format!("as-ca-{label}"), format!("ca.crt = {name}"));
        add(format!("as-cert-{label}"), format!("ca.crt = acme | a.cert = {name} | a.key = client.key"));
        add(format!("as-key-{label}"), format!("ca.crt = acme | a.cert = client | a.key = {name}"));
        let key = format!("{name}.key");
        if materials.names().contains(&key.as_str()) {
            add(format!("as-pair-{label}"), format!("ca.crt = acme | a.cert = {name} | a.key = {key}"));
        }
    }
    for file in ["curated", "random"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/vectors/{file}.json"));
        let vectors: Vec<Value> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        // Root may read everything, so what was observed as somebody else is no question here.
        let vectors = vectors.into_iter().filter(|vector| vector.get("run_as").is_none_or(|user| user != "nobody"));
        all.extend(vectors.map(|vector| Directory {
            name: format!("{file}-{}", vector["name"].as_str().unwrap()),
            server: Server::Asking,
            kind: Kind::Vector(vector),
        }));
    }
    all
}

fn of_row(row: &str) -> Directory {
    let (name, entries) = row.split_once('|').unwrap();
    let (name, server) = match name.trim().split_once('!') {
        None => (name.trim(), Server::Asking),
        Some((name, "naming")) => (name, Server::Naming),
        Some((name, "mutual")) => (name, Server::Mutual),
        Some((_, other)) => panic!("no server {other}"),
    };
    Directory { name: name.to_owned(), server, kind: Kind::Entries(entries.to_owned()) }
}

impl Directory {
    /// The registry: host and port, and the name of the directory.
    pub fn registry(&self) -> String {
        format!("{}:{}", self.host(), self.server.port())
    }

    /// The registry's host.
    pub fn host(&self) -> String {
        format!("{}.registry.test", self.name.to_lowercase().replace('_', "-"))
    }

    /// Makes it under a root.
    pub fn build(&self, root: &Path, materials: &Materials) {
        let path = root.join(self.registry());
        match &self.kind {
            Kind::Vector(vector) => build_vector(vector, &path),
            Kind::Entries(entries) => match entries.trim() {
                "missing" => {}
                "file" => fs::write(&path, "a file").unwrap(),
                link if link.starts_with("->") => symlink(link[2..].trim(), &path).unwrap(),
                entries => {
                    fs::create_dir(&path).unwrap();
                    for entry in entries.split('|').map(str::trim).filter(|entry| !entry.is_empty()) {
                        build_entry(&path, entry, &self.registry(), materials);
                    }
                }
            },
        }
    }
}

fn build_entry(directory: &Path, entry: &str, registry: &str, materials: &Materials) {
    let path = |name: &str| directory.join(OsString::from_vec(unescaped(name.trim())));
    if let Some((name, target)) = entry.split_once(" -> ") {
        symlink(target, path(name)).unwrap();
    } else if let Some((name, text)) = entry.split_once(" : ") {
        fs::write(path(name), text.replace("HOST", registry).replace(';', "\n")).unwrap();
    } else if let Some((name, content)) = entry.split_once(" = ") {
        fs::write(path(name), materials.content(content)).unwrap();
    } else if let Some(name) = entry.strip_suffix('/') {
        fs::create_dir(path(name)).unwrap();
    } else if let Some(name) = entry.strip_suffix(" fifo") {
        make_node(&path(name), FileType::Fifo);
    } else if let Some(name) = entry.strip_suffix(" socket") {
        make_node(&path(name), FileType::Socket);
    } else {
        panic!("no entry: {entry}");
    }
}

fn make_node(path: &Path, kind: FileType) {
    rustix::fs::mknodat(rustix::fs::CWD, path, kind, Mode::from_raw_mode(0o644), 0).unwrap();
}

fn unescaped(name: &str) -> Vec<u8> {
    let mut parts = name.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(&part.as_bytes()[2..]);
    }
    bytes
}

fn build_vector(vector: &Value, directory: &Path) {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    match text(vector, "dir_kind").as_deref().unwrap_or("dir") {
        "dir" => fs::create_dir(directory).unwrap(),
        "file" => fs::write(directory, "a file").unwrap(),
        "dangling-symlink" => symlink("/nonexistent-target", directory).unwrap(),
        "missing" => {}
        other => panic!("no kind of directory: {other}"),
    }
    for file in vector["files"].as_array().unwrap() {
        let name = match text(file, "name_hex") {
            Some(hex) => {
                (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
            }
            None => text(file, "name").unwrap().into_bytes(),
        };
        let path = directory.join(OsString::from_vec(name));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match text(file, "kind").unwrap().as_str() {
            "file" => {
                let bytes = base64::engine::general_purpose::STANDARD.decode(text(file, "base64").unwrap());
                fs::write(&path, bytes.unwrap()).unwrap();
            }
            "dir" => fs::create_dir(&path).unwrap(),
            "symlink" => symlink(text(file, "target").unwrap(), &path).unwrap(),
            "fifo" => make_node(&path, FileType::Fifo),
            other => panic!("no kind of file: {other}"),
        }
    }
}
