//! What `import` makes of what people are sent: every format by every maker, and everything that can be wrong with it.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test prepares its own files and fails by panicking"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use certwright::engine::{Engine, Judge};
use certwright::model::{HostDir, Placement};
use certwright::pki::{self, Interner};
use certwright::scan::{Entry, read_host};
use insta::assert_snapshot;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use support::world::World;

/// A registry with its CA, one where a key waits, one whose pair is to be renewed; beside them what was sent.
const SENT: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true

[material.issuing]
common-name = "Acme Issuing CA"
issuer = "acme"
ca = true

[material.robot]
common-name = "robot"
issuer = "issuing"
purposes = ["client"]

[material.old]
common-name = "robot"
issuer = "acme"
purposes = ["client"]
days = [-300, 20]

[material.again]
common-name = "robot"
issuer = "acme"
purposes = ["client"]
key-of = "old"

[material.stranger]
common-name = "stranger"
issuer = "acme"
purposes = ["client"]

[material.server]
common-name = "registry.example.com"
issuer = "acme"
dns = ["registry.example.com"]
purposes = ["server"]

[material.own]
common-name = "self-made"
ca = true
key-usage = []

[[host]]
name = "trusting.example.com"
files."ca.crt" = "acme"

[[host]]
name = "waiting.example.com"
files."ca.crt" = "acme"
files."client.key.waiting" = "robot.key"
files."client.csr" = "robot.csr"

[[host]]
name = "renewing.example.com"
files."ca.crt" = "acme"
files."client.cert" = "old"
files."client.key" = "old.key"
files."client.key.waiting" = "robot.key"
files."client.csr" = "robot.csr"

[[host]]
name = "orphan.example.com"
files."puller.key" = "robot.key"

[[host]]
name = "renewed.example.com"
files."client.cert" = "old"
files."client.key" = "old.key"

[[host]]
name = "sent"
files."signed.pem" = "robot"
files."again.pem" = "again"
files."issuing.pem" = "issuing"
files."root.pem" = "acme"
files."robot.key" = "robot.key"
files."chain.pem" = ["acme", "robot", "issuing"]
files."all.pem" = ["robot.key", "acme", "issuing", "robot"]
files."robot.der" = "robot:der"
files."key.der" = "robot.key:der"
files."chain.p7b" = "robot.p7b"
files."encrypted.key" = "robot.key:encrypted"
files."old-encrypted.key" = "robot.key:encrypted-pem"
files."request.csr" = "robot.csr"
files."stranger.pem" = "stranger"
files."stranger.key" = "stranger.key"
files."server.pem" = ["server", "acme"]
files."server.key" = "server.key"
files."acme.key" = "acme.key"
files."own.pem" = ["own", "own.key"]
files."page.html" = { text = "<!doctype html><title>Sign in</title>" }
files."junk" = { text = "\u0001\u0002" }
files."empty.pem" = { text = "\n" }
files."cut.pem" = "robot:truncated"
"#;

/// A world with what was sent, outside of `certs.d`.
struct Post(World);

impl Post {
    fn new() -> Self {
        let world = World::new(SENT);
        fs::rename(world.root().join("certs.d/sent"), world.root().join("sent")).unwrap();
        Self(world)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.root().join(path)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.0.command();
        command.args(["import", "--state-dir", "state"]).args(arguments);
        command
    }

    /// Runs it, and gives the exit code and what was said on standard error.
    fn import(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command(arguments).output().unwrap();
        (output.status.code().unwrap(), self.shown(&output.stderr))
    }

    /// What is shown where nothing is changed.
    fn shown_plan(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", self.shown(&output.stderr));
        self.shown(&output.stdout)
    }

    /// Puts something into a new directory.
    fn applied(&self, arguments: &[&str], host: &str) -> Directory {
        let to = ["--to", host, "--root", "certs.d", "--apply"];
        let (status, errors) = self.import(&[arguments, &to].concat());
        assert_eq!(status, 0, "{arguments:?}: {errors}");
        Directory::read(&self.path(&format!("certs.d/{host}")))
    }

    fn refused(&self, arguments: &[&str], host: &str) -> String {
        let before = self.tree();
        let (status, errors) = self.import(&[arguments, &["--to", host, "--root", "certs.d", "--apply"]].concat());
        assert!(status > 1, "{arguments:?}: {status} {errors}");
        assert_eq!(self.tree(), before, "{arguments:?}");
        errors
    }

    fn shown(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).replace(self.0.root().to_str().unwrap(), "$ROOT")
    }

    /// Every name below `certs.d`, with mode and content.
    fn tree(&self) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let entries = walkdir::WalkDir::new(self.path("certs.d")).into_iter().map(Result::unwrap);
        let read = |entry: walkdir::DirEntry| {
            let bytes = if entry.file_type().is_file() { fs::read(entry.path()).unwrap() } else { Vec::new() };
            let mode = entry.metadata().unwrap().permissions().mode();
            (entry.path().to_path_buf(), (mode, bytes))
        };
        entries.map(read).collect()
    }

    fn undo(&self) {
        let told = self.0.run(&["undo", "--state-dir", "$ROOT/state"]);
        assert!(told.starts_with("status: 0"), "{told}");
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl").args(arguments).current_dir(self.path("sent")).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// What is in a host directory by now.
struct Directory {
    host: HostDir,
    path: PathBuf,
}

impl Directory {
    fn read(path: &Path) -> Self {
        let host = read_host(&Entry::new(path.to_path_buf(), Placement::UnderRoot), &Interner::default());
        Self { host, path: path.to_path_buf() }
    }

    /// A line a file: mode, name, and the names of its certificates.
    fn listing(&self) -> Vec<String> {
        let line = |file: &certwright::model::File| {
            let mode = fs::metadata(self.path.join(&file.name)).unwrap().permissions().mode() & 0o777;
            let parsed = pki::parse(&fs::read(self.path.join(&file.name)).unwrap(), &Interner::default());
            let names = parsed.certificates().map(|certificate| certificate.display_name());
            let keys = parsed.private_keys().map(|_| "key".to_owned());
            let parts: Vec<String> = names.chain(keys).collect();
            format!("{mode:o} {}: {}", file.name.to_string_lossy(), parts.join(", ")).trim_end_matches(": ").to_owned()
        };
        self.host.files.iter().map(line).collect()
    }

    /// Every engine trusts so many and presents these.
    fn is_loaded(&self, anchors: usize, clients: &[&str]) {
        for engine in Engine::ALL {
            let load = Judge::newest(engine).load(&self.host);
            assert_eq!(load.error(), None, "{engine:?}");
            let material = load.material().unwrap();
            let names: Vec<String> = material.pairs.iter().map(|pair| pair.leaf().unwrap().display_name()).collect();
            assert_eq!(
                (material.anchors.len(), names),
                (anchors, clients.iter().map(|name| (*name).to_owned()).collect())
            );
        }
    }
}

const PAIR: [&str; 3] = ["644 ca.crt: Acme Root CA", "644 client.cert: robot, Acme Issuing CA", "600 client.key: key"];

#[test]
fn a_pair_in_parts_and_in_pieces_comes_to_the_same() {
    let post = Post::new();
    for (number, files) in [
        &["sent/chain.pem", "sent/robot.key"][..],
        &["sent/all.pem"],
        &["sent/robot.der", "sent/issuing.pem", "sent/root.pem", "sent/key.der"],
        &["sent/robot.key", "sent/root.pem", "sent/issuing.pem", "sent/signed.pem", "sent/signed.pem"],
    ]
    .into_iter()
    .enumerate()
    {
        let host = format!("r{number}.example.com:5000");
        let directory = post.applied(files, &host);
        assert_eq!(directory.listing(), PAIR, "{files:?}");
        directory.is_loaded(1, &["robot"]);
        assert_eq!(fs::metadata(&directory.path).unwrap().permissions().mode() & 0o777, 0o755);
        post.undo();
        assert!(!directory.path.exists(), "{files:?}");
    }
}

#[test]
fn the_plan_is_shown_and_nothing_is_changed() {
    let post = Post::new();
    let before = post.tree();
    let output = post.command(&["sent/all.pem", "--to", "new.example.com", "--root", "certs.d"]).output().unwrap();
    assert_snapshot!(post.shown(&output.stdout), @r#"
    $ROOT/certs.d/new.example.com
      trust Acme Root CA in ca.crt
      present robot by client.cert and client.key
        + ca.crt       CA      CA              rw-r--r--  PEM
        + client.cert  client  client + 1      rw-r--r--  PEM
        + client.key   key     key             rw-------  PEM
        docker-classic: ok: 1 trust anchor, 1 client certificate
        docker-c8d: ok: 1 trust anchor, 1 client certificate
        containers-image: ok: 1 trust anchor, 1 client certificate
        containerd: ok: 1 trust anchor, 1 client certificate

    2 changes in 1 host directory
      note: it is for images like new.example.com/app; for new.example.com:443/app engines look for new.example.com:443 instead
      note: Acme Root CA is trusted until 2027-11-24
    "#);
    assert_eq!(post.tree(), before);
    assert!(!post.path("state").exists());
}

#[test]
fn pkcs12_of_every_maker_comes_to_the_same() {
    let post = Post::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pkcs12");
    for name in [
        "openssl",
        "openssl-legacy",
        "keytool",
        "keytool-legacy",
        "cryptography-aes",
        "cryptography-3des",
        "cryptography-none",
    ] {
        let file = fixtures.join(format!("{name}.p12"));
        let to = ["--to", "new.example.com", "--root", "certs.d", "--apply", "--passphrase-fd", "0"];
        let mut command = post.command(&[&[file.to_str().unwrap()], &to[..]].concat());
        let output = with_input(&mut command, b"changeit\nsecond line\n");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let directory = Directory::read(&post.path("certs.d/new.example.com"));
        assert_eq!(
            directory.listing(),
            [
                "644 ca.crt: Fixture Root CA",
                "644 client.cert: fixture-robot, Fixture Issuing CA",
                "600 client.key: key"
            ],
            "{name}"
        );
        directory.is_loaded(1, &["fixture-robot"]);
        post.undo();
    }
}

#[test]
fn what_openssl_makes_comes_in() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("skipped: there is no openssl");
        return;
    }
    let post = Post::new();
    post.openssl(&["crl2pkcs7", "-nocrl", "-certfile", "chain.pem", "-out", "all.p7b"]);
    post.openssl(&["crl2pkcs7", "-nocrl", "-certfile", "chain.pem", "-outform", "DER", "-out", "all-der.p7b"]);
    let export = ["pkcs12", "-export", "-inkey", "robot.key", "-in", "chain.pem", "-passout", "pass:"];
    post.openssl(&[&export[..], &["-out", "robot.pfx"]].concat());
    post.openssl(&["pkey", "-in", "robot.key", "-aes256", "-passout", "pass:changeit", "-out", "aes.key"]);
    post.openssl(&["ec", "-in", "robot.key", "-des3", "-passout", "pass:changeit", "-out", "des.key"]);
    post.openssl(&["x509", "-in", "signed.pem", "-text", "-out", "text.pem"]);
    for files in [
        &["sent/all.p7b", "sent/robot.key"][..],
        &["sent/all-der.p7b", "sent/robot.key"],
        &["sent/robot.pfx"],
        &["sent/chain.pem", "sent/aes.key"],
        &["sent/chain.pem", "sent/des.key"],
        &["sent/chain.pem", "sent/text.pem", "sent/key.der"],
    ] {
        let to = ["--to", "new.example.com", "--root", "certs.d", "--apply", "--passphrase-fd", "0"];
        let output = with_input(&mut post.command(&[files, &to[..]].concat()), b"changeit\n");
        assert!(output.status.success(), "{files:?}: {}", String::from_utf8_lossy(&output.stderr));
        let directory = Directory::read(&post.path("certs.d/new.example.com"));
        assert_eq!(directory.listing(), PAIR, "{files:?}");
        directory.is_loaded(1, &["robot"]);
        let verify = ["verify", "-CAfile", "../certs.d/new.example.com/ca.crt", "-untrusted", "issuing.pem"];
        post.openssl(&[&verify[..], &["../certs.d/new.example.com/client.cert"]].concat());
        post.undo();
    }
}

#[test]
fn a_kubernetes_secret_is_a_folder_of_links() {
    let post = Post::new();
    let secret = post.path("secret");
    fs::create_dir_all(secret.join("..2026_11_24")).unwrap();
    symlink("..2026_11_24", secret.join("..data")).unwrap();
    for (name, from) in [("tls.crt", "chain.pem"), ("tls.key", "robot.key"), ("ca.crt", "root.pem")] {
        fs::copy(post.path("sent").join(from), secret.join("..2026_11_24").join(name)).unwrap();
        symlink(format!("..data/{name}"), secret.join(name)).unwrap();
    }
    let directory = post.applied(&["secret"], "new.example.com");
    assert_eq!(directory.listing(), PAIR);
}

#[test]
fn a_paste_is_read_with_what_stands_around_it() {
    let post = Post::new();
    let chain = fs::read_to_string(post.path("sent/chain.pem")).unwrap();
    let paste = format!("Hello,\r\n\r\nhere is your certificate:\r\n{}\r\nRegards\r\n", chain.replace('\n', "\r\n"));
    let to = ["sent/robot.key", "--to", "new.example.com", "--root", "certs.d", "--apply"];
    let output = with_input(&mut post.command(&[&["-"], &to[..]].concat()), paste.as_bytes());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(Directory::read(&post.path("certs.d/new.example.com")).listing(), PAIR);
}

#[test]
fn a_certificate_goes_to_the_key_that_waits_for_it() {
    let post = Post::new();
    let before = post.tree();
    let directory = post.applied(&["sent/chain.pem"], "waiting.example.com");
    assert_eq!(
        directory.listing(),
        [
            "644 ca.crt: Acme Root CA",
            "644 client.cert: robot, Acme Issuing CA",
            "644 client.csr.certwright-aside",
            "600 client.key: key"
        ]
    );
    directory.is_loaded(1, &["robot"]);
    post.undo();
    assert_eq!(post.tree(), before);
}

#[test]
fn a_renewed_pair_takes_the_place_of_the_old_one() {
    let post = Post::new();
    let before = post.tree();
    let directory = post.applied(&["sent/signed.pem", "sent/issuing.pem"], "renewing.example.com");
    assert_eq!(
        directory.listing(),
        [
            "644 ca.crt: Acme Root CA",
            "644 client.cert: robot, Acme Issuing CA",
            "644 client.cert.certwright-aside: robot",
            "644 client.csr.certwright-aside",
            "600 client.key: key",
            "600 client.key.certwright-aside: key"
        ]
    );
    directory.is_loaded(1, &["robot"]);
    post.undo();
    assert_eq!(post.tree(), before);
}

#[test]
fn an_issuing_ca_alone_is_trusted_where_nothing_else_is() {
    let post = Post::new();
    let files = ["sent/signed.pem", "sent/issuing.pem", "sent/robot.key"];
    let directory = post.applied(&files, "new.example.com");
    assert_eq!(directory.listing()[0], "644 ca.crt: Acme Issuing CA");
    directory.is_loaded(1, &["robot"]);
    let told = post.shown_plan(&[&files[..], &["--to", "certs.d/trusting.example.com"]].concat());
    let note = "left out: Acme Issuing CA: it is sent along with the client certificate, and not trusted by itself";
    assert!(told.contains(note), "{told}");
}

#[test]
fn a_certificate_signed_anew_for_the_same_key_takes_the_place_of_the_old_one() {
    let post = Post::new();
    let before = post.tree();
    let directory = post.applied(&["sent/again.pem"], "renewed.example.com");
    assert_eq!(
        directory.listing(),
        ["644 client.cert: robot", "644 client.cert.certwright-aside: robot", "600 client.key: key"]
    );
    let kept = fs::read(post.path("certs.d/renewed.example.com/client.cert.certwright-aside")).unwrap();
    assert!(before.values().any(|(_, bytes)| *bytes == kept));
    directory.is_loaded(0, &["robot"]);
    post.undo();
    assert_eq!(post.tree(), before);
}

#[test]
fn a_key_without_its_certificate_gets_it() {
    let post = Post::new();
    let directory = post.applied(&["sent/chain.pem"], "orphan.example.com");
    assert_eq!(
        directory.listing(),
        ["644 ca.crt: Acme Root CA", "644 puller.cert: robot, Acme Issuing CA", "600 puller.key: key"]
    );
    directory.is_loaded(1, &["robot"]);
}

#[test]
fn a_second_pair_gets_names_of_its_own_unless_it_is_to_replace_the_first() {
    let post = Post::new();
    let output = post.command(&["sent/all.pem", "--to", "certs.d/renewed.example.com"]).output().unwrap();
    let note = "note: client.cert has the same subject, and engines may present it first; --replace sets it aside";
    assert!(post.shown(&output.stdout).contains(note));
    let directory = post.applied(&["sent/all.pem"], "renewed.example.com");
    assert_eq!(directory.listing().iter().filter(|line| line.contains("client-2.")).count(), 2);
    directory.is_loaded(1, &["robot", "robot"]);
    post.undo();
    let directory = post.applied(&["sent/all.pem", "--replace"], "renewed.example.com");
    assert_eq!(directory.listing().iter().filter(|line| line.contains(".certwright-aside")).count(), 2);
    directory.is_loaded(1, &["robot"]);
}

#[test]
fn cas_are_merged_and_nothing_is_overwritten() {
    let post = Post::new();
    let (status, told) = post.import(&["sent/root.pem", "--to", "certs.d/trusting.example.com"]);
    assert_eq!((status, told.as_str()), (0, "certwright: left out: Acme Root CA: it is trusted already, by ca.crt\n"));
    let directory = post.applied(&["sent/root.pem", "sent/issuing.pem"], "trusting.example.com");
    assert_eq!(directory.listing(), ["644 ca-2.crt: Acme Issuing CA", "644 ca.crt: Acme Root CA"]);
    // Once more: there is nothing left to do.
    let output = post
        .command(&["sent/root.pem", "sent/issuing.pem", "--to", "certs.d/trusting.example.com", "--apply"])
        .output()
        .unwrap();
    assert_snapshot!(post.shown(&output.stdout), @r#"everything is here already"#);
}

#[test]
fn what_belongs_on_no_client_is_left_out() {
    let post = Post::new();
    let told = post.shown_plan(&[
        "sent/server.pem",
        "sent/server.key",
        "--to",
        "registry.example.com:5000",
        "--root",
        "certs.d",
    ]);
    assert_snapshot!(told, @r#"
    $ROOT/certs.d/registry.example.com:5000
      trust Acme Root CA in ca.crt
        + ca.crt  CA      CA              rw-r--r--  PEM
        docker-classic: ok: 1 trust anchor
        docker-c8d: ok: 1 trust anchor
        containers-image: ok: 1 trust anchor
        containerd: ok: 1 trust anchor

    1 change in 1 host directory
      note: Acme Root CA is trusted until 2027-11-24
      note: left out: registry.example.com: the registry's own server certificate; it and its key belong on the registry alone
    "#);
    let directory = post.applied(&["sent/server.pem", "sent/server.key"], "registry.example.com:5000");
    assert_eq!(directory.listing(), ["644 ca.crt: Acme Root CA"]);
    let told = post.shown_plan(&[
        "sent/root.pem",
        "sent/acme.key",
        "sent/chain.pem",
        "sent/robot.key",
        "sent/request.csr",
        "--to",
        "certs.d/new.example.com",
    ]);
    assert_snapshot!(told, @r#"
    $ROOT/certs.d/new.example.com
      trust Acme Root CA in ca.crt
      present robot by client.cert and client.key
        + ca.crt       CA      CA              rw-r--r--  PEM
        + client.cert  client  client + 1      rw-r--r--  PEM
        + client.key   key     key             rw-------  PEM
        docker-classic: ok: 1 trust anchor, 1 client certificate
        docker-c8d: ok: 1 trust anchor, 1 client certificate
        containers-image: ok: 1 trust anchor, 1 client certificate
        containerd: ok: 1 trust anchor, 1 client certificate

    2 changes in 1 host directory
      note: Acme Root CA is trusted until 2027-11-24
      note: left out: Acme Root CA: the private key of a CA belongs on no client
      note: left out: sent/request.csr: a request for a certificate of CN=robot
    "#);
}

#[test]
fn a_client_that_says_that_it_is_a_ca_is_a_client_all_the_same() {
    let post = Post::new();
    // openssl req -x509 says so, and Docker's documentation has it made like that.
    let directory = post.applied(&["sent/own.pem"], "new.example.com");
    assert_eq!(directory.listing(), ["644 client.cert: self-made", "600 client.key: key"]);
}

#[test]
fn a_ca_of_which_the_key_may_sign_alone_is_no_client_though_its_key_came_along() {
    let post = Post::new();
    let directory = post.applied(&["sent/root.pem", "sent/acme.key"], "new.example.com");
    assert_eq!(directory.listing(), ["644 ca.crt: Acme Root CA"]);
}

#[test]
fn what_is_wrong_is_told_once_and_nothing_is_made() {
    let post = Post::new();
    rustix::fs::mkfifoat(rustix::fs::CWD, post.path("sent/pipe"), rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    fs::File::create(post.path("sent/huge.pem")).unwrap().set_len(100 << 20).unwrap();
    fs::create_dir(post.path("sent/folder")).unwrap();
    symlink("nowhere", post.path("sent/dangling")).unwrap();
    let mut told = String::new();
    for files in [
        &["sent/empty.pem"][..],
        &["sent/page.html"],
        &["sent/junk"],
        &["sent/cut.pem"],
        &["sent/request.csr"],
        &["sent/pipe"],
        &["sent/huge.pem"],
        &["sent/folder"],
        &["sent/dangling"],
        &["sent/nowhere"],
        &["/dev/zero"],
        &["sent/chain.pem", "sent/encrypted.key"],
        &["sent/chain.pem", "sent/stranger.key"],
        &["sent/chain.pem", "sent/robot.key", "sent/stranger.key"],
        &["sent/server.pem", "sent/acme.key", "sent/server.key", "sent/stranger.pem"],
    ] {
        let errors = post.refused(files, "new.example.com");
        told.push_str(&format!("{}\n{errors}", files.join(" ")));
    }
    assert_snapshot!(without_digests(&told), @r#"
    sent/empty.pem
    certwright: sent/empty.pem: it is empty
    sent/page.html
    certwright: sent/page.html: there is neither a certificate nor a key in it (HTML)
    sent/junk
    certwright: sent/junk: there is neither a certificate nor a key in it (junk)
    sent/cut.pem
    certwright: sent/cut.pem: the block at line 1 cannot be read
    sent/request.csr
    certwright: sent/request.csr: there is neither a certificate nor a key in it (a request for a certificate of CN=robot)
    sent/pipe
    certwright: sent/pipe: it is a FIFO, which is not opened
    hint: give it on standard input: -
    sent/huge.pem
    certwright: sent/huge.pem: it has more than 4 MiB
    sent/folder
    certwright: sent/folder: nothing in this directory is called like a certificate or a key
    sent/dangling
    certwright: sent/dangling: no such file or directory
    sent/nowhere
    certwright: sent/nowhere: no such file or directory
    /dev/zero
    certwright: /dev/zero: it is a device, which is not opened
    sent/chain.pem sent/encrypted.key
    certwright: sent/encrypted.key: a passphrase is needed
    hint: run it on a terminal, or let it read one: --passphrase-fd N
    sent/chain.pem sent/stranger.key
    certwright: no key here is that of robot ([key]…): sent/stranger.key holds [key]…
    hint: bring the key along, or name the directory in which it waits
    sent/chain.pem sent/robot.key sent/stranger.key
    certwright: sent/stranger.key: its private key ([key]…) belongs to no certificate that was brought or is here
    hint: bring the certificate of that key along, or leave the key out
    sent/server.pem sent/acme.key sent/server.key sent/stranger.pem
    certwright: no key here is that of stranger ([key]…): sent/acme.key holds [key]…, sent/server.key holds [key]…
    hint: bring the key along, or name the directory in which it waits
    "#);
    let errors = post.refused(&["sent/stranger.pem"], "renewing.example.com");
    assert_snapshot!(without_digests(&errors), @r#"
    certwright: no key here is that of stranger ([key]…): client.key.waiting waits for a certificate of CN=robot ([key]…), client.key holds [key]…
    hint: bring the key along, or name the directory in which it waits
    "#);
}

#[test]
fn a_wrong_passphrase_is_told() {
    let post = Post::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pkcs12");
    let keytool = fixtures.join("keytool.p12");
    let rc2 = fixtures.join("openssl-rc2-128.p12");
    let mut told = String::new();
    for (files, input) in [
        (vec![keytool.to_str().unwrap()], &b"wrong\n"[..]),
        (vec![keytool.to_str().unwrap()], b""),
        (vec!["sent/chain.pem", "sent/encrypted.key"], b"wrong\n"),
        (vec!["sent/chain.pem", "sent/old-encrypted.key"], b"wrong\n"),
        (vec![rc2.to_str().unwrap()], b"changeit\n"),
    ] {
        let to = ["--to", "new.example.com", "--root", "certs.d", "--apply", "--passphrase-fd", "0"];
        let output = with_input(&mut post.command(&[&files, &to[..]].concat()), input);
        assert!(!output.status.success());
        told.push_str(&post.shown(&output.stderr).replace(fixtures.to_str().unwrap(), "$FIXTURES"));
    }
    assert_snapshot!(told, @r#"
    certwright: $FIXTURES/keytool.p12: the passphrase does not open it
    certwright: file descriptor 0 gives no passphrase: unexpected end of file
    certwright: sent/encrypted.key: the passphrase does not open it
    certwright: sent/old-encrypted.key: the passphrase does not open it
    certwright: $FIXTURES/openssl-rc2-128.p12: its encryption is not supported
    hint: openssl pkcs12 -legacy -in FILE -nodes | certwright import - --to HOST
    "#);
    assert!(!post.path("certs.d/new.example.com").exists());
    let (_, nobody_to_ask) =
        post.import(&[keytool.to_str().unwrap(), "--to", "certs.d/new.example.com", "--passphrase-fd", "99"]);
    assert_snapshot!(nobody_to_ask, @r#"certwright: file descriptor 99 gives no passphrase: no such file or directory"#);
}

#[test]
fn a_target_that_cannot_be_is_told() {
    let post = Post::new();
    fs::write(post.path("certs.d/file.example.com"), "").unwrap();
    symlink("nowhere", post.path("certs.d/link.example.com")).unwrap();
    let mut told = String::new();
    for host in ["file.example.com", "link.example.com", "no host"] {
        told.push_str(&post.refused(&["sent/root.pem"], host));
    }
    assert_snapshot!(told, @r#"
    certwright: $ROOT/certs.d/file.example.com exists
    certwright: $ROOT/certs.d/link.example.com is a symbolic link
    certwright: "no host" names no registry
    hint: name a host, an image reference or the path of a host directory
    "#);
}

#[test]
fn who_may_not_write_is_told_and_nothing_is_half_made() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can become somebody else");
        return;
    }
    let post = Post::new();
    fs::set_permissions(post.0.root(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(post.path("state")).unwrap();
    std::os::unix::fs::chown(post.path("state"), Some(65534), Some(65534)).unwrap();
    fs::set_permissions(post.path("state"), fs::Permissions::from_mode(0o700)).unwrap();
    let before = post.tree();
    let files = ["sent/root.pem", "sent/issuing.pem"];
    let mut command = post.command(&[&files[..], &["--to", "certs.d/trusting.example.com", "--apply"]].concat());
    let output = command.uid(65534).gid(65534).output().unwrap();
    let errors = post.shown(&output.stderr);
    assert!(
        errors.contains("trusting.example.com/.certwright-tmp-") && errors.contains("permission denied"),
        "{errors}"
    );
    assert!(
        errors.contains("hint: let root do it: sudo certwright import --state-dir state sent/root.pem"),
        "{errors}"
    );
    assert_eq!(post.tree(), before);
}

/// Keys are new in every world.
fn without_digests(text: &str) -> String {
    let parts = text.split("public key ").enumerate();
    parts.map(|(index, part)| if index == 0 { part.to_owned() } else { format!("[key]{}", &part[16..]) }).collect()
}

#[test]
fn a_new_host_out_of_pkcs12() {
    let post = Post::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pkcs12");
    let new = |file: &Path, more: &[&str], input: &[u8]| {
        let mut command = post.0.command();
        command.args(["new", "new.example.com:5000", "--root", "certs.d", "--state-dir", "state", "--apply"]);
        command.args(["--passphrase-fd", "0", "--from-pkcs12"]).arg(file).args(more);
        let output = with_input(&mut command, input);
        (output.status.code().unwrap(), post.shown(&output.stderr).replace(fixtures.to_str().unwrap(), "$FIXTURES"))
    };
    let before = post.tree();
    let trusted = (0, "certwright: Fixture Root CA is trusted until 2046-01-01\n".to_owned());
    assert_eq!(new(&fixtures.join("keytool.p12"), &[], b"changeit\n"), trusted);
    let directory = Directory::read(&post.path("certs.d/new.example.com:5000"));
    assert_eq!(
        directory.listing(),
        ["644 ca.crt: Fixture Root CA", "644 client.cert: fixture-robot, Fixture Issuing CA", "600 client.key: key"]
    );
    directory.is_loaded(1, &["fixture-robot"]);
    let told = new(&fixtures.join("keytool.p12"), &[], b"changeit\n");
    assert_eq!(told.0, 3);
    assert!(told.1.contains("ca.crt exists"), "{}", told.1);
    post.undo();
    assert_eq!(post.tree(), before);
    let names = ["--ca-name", "fixture", "--client-name", "robot"];
    assert_eq!(new(&fixtures.join("openssl-legacy.p12"), &names, b"changeit\n"), trusted);
    let directory = Directory::read(&post.path("certs.d/new.example.com:5000"));
    assert_eq!(directory.listing().len(), 3);
    directory.is_loaded(1, &["fixture-robot"]);
    post.undo();
    let mut told = String::new();
    for (file, input) in [
        (fixtures.join("keytool.p12"), &b"wrong\n"[..]),
        (post.path("sent/all.pem"), b"\n"),
        (post.path("sent/empty.pem"), b"\n"),
        (post.path("sent/nowhere.p12"), b"\n"),
    ] {
        let (status, errors) = new(&file, &[], input);
        told.push_str(&format!("{status}: {errors}"));
    }
    assert_snapshot!(told, @r#"
    3: certwright: $FIXTURES/keytool.p12: the passphrase does not open it
    3: certwright: $ROOT/sent/all.pem: it is no PKCS#12
    hint: certwright import takes every other form
    3: certwright: $ROOT/sent/empty.pem: it is empty
    3: certwright: $ROOT/sent/nowhere.p12: no such file or directory
    "#);
    assert_eq!(post.tree(), before);
}

#[test]
fn on_a_terminal_the_passphrase_is_asked_for_and_not_shown() {
    let post = Post::new();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pkcs12/keytool.p12");
    let pair = native_pty_system().openpty(PtySize { rows: 40, cols: 120, ..PtySize::default() }).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_certwright"));
    command.cwd(post.0.root());
    command.env_clear();
    command.env("TERM", "xterm");
    command.args(["import", "--state-dir", "state", "--root", "certs.d", "--to", "new.example.com"]);
    command.arg(file);
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut writer = pair.master.take_writer().unwrap();
    let mut answers = [("keytool.p12: ", "changeit\n"), ("[y/N] ", "y\n")].into_iter().peekable();
    let (mut shown, mut byte) = (Vec::new(), [0]);
    while let Ok(1) = reader.read(&mut byte) {
        shown.extend(byte);
        if let Some((_, answer)) = answers.next_if(|(question, _)| shown.ends_with(question.as_bytes())) {
            writer.write_all(answer.as_bytes()).unwrap();
        }
    }
    let shown = String::from_utf8_lossy(&shown);
    assert_eq!(child.wait().unwrap().exit_code(), 0, "{shown}");
    assert!(!shown.contains("changeit"), "{shown}");
    Directory::read(&post.path("certs.d/new.example.com")).is_loaded(1, &["fixture-robot"]);
}

#[test]
fn a_plan_in_json_tells_what_is_left_out() {
    let post = Post::new();
    let told = post.shown_plan(&["sent/server.pem", "--to", "certs.d/new.example.com", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        told["notes"][1],
        "left out: registry.example.com: a certificate for servers alone (extended key usage)"
    );
    assert_eq!(told["hosts"][0]["engines"][0]["after"]["text"], "ok: 1 trust anchor");
    assert_eq!(told["plan"]["fixes"][0]["title"], "trust Acme Root CA in ca.crt");
}

#[test]
fn a_full_disk_is_told_and_nothing_is_half_made() {
    let post = Post::new();
    let can_mount = Command::new("unshare").args(["--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]).output();
    if !can_mount.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: nothing can be mounted here");
        return;
    }
    let script = r#"
        mount -t tmpfs -o size=16k,mode=755 tmpfs certs.d && mkdir certs.d/new.example.com || exit 99
        head -c 1M /dev/zero > certs.d/new.example.com/filler 2>/dev/null
        "$1" import --state-dir state --root certs.d --to new.example.com --apply sent/all.pem
        echo "status $?"
        ls -A certs.d/new.example.com
    "#;
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_certwright")]);
    let output = command.current_dir(post.0.root()).env("HOME", "/nonexistent").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "status 3\nfiller\n", "{}", post.shown(&output.stderr));
    let errors = post.shown(&output.stderr);
    let failures = errors.lines().filter(|line| line.ends_with("write: no space left on device")).count();
    assert_eq!(failures, 1, "{errors}");
    assert!(errors.ends_with("hint: nothing was changed; make room, and do it again\n"), "{errors}");
}

fn with_input(command: &mut Command, input: &[u8]) -> std::process::Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}
