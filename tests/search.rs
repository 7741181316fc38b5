//! Which directory containers/image and containerd take among several roots: every case of `tests/vectors/search.json`,
//! whose prose is spelt out here, and a check that no case was forgotten.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "a test makes the files that it looks at")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use certwright::engine::explanation::Explanation;
use certwright::engine::installed::Installed;
use certwright::engine::{Engine, Judge};
use certwright::scan::Environment;
use certwright::session::explain::{Question, explain};
use tempfile::TempDir;

const HOST: &str = "registry.test:5000";
const CA: &str = include_str!("vectors/ca.pem");

/// A copy of a server in which roots are laid out.
struct Server {
    directory: TempDir,
}

impl Server {
    fn new(files: &[&str]) -> Self {
        let server = Self { directory: tempfile::tempdir().unwrap() };
        fs::set_permissions(server.directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for file in files {
            server.make(file);
        }
        server
    }

    /// `/path/`: an empty directory; `/path -> target`: a link; `/path (file)`: a file; else a CA.
    fn make(&self, entry: &str) {
        if let Some((link, target)) = entry.split_once(" -> ") {
            let link = self.path(link);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            return symlink(target, link).unwrap();
        }
        if entry.ends_with('/') {
            return fs::create_dir_all(self.path(entry)).unwrap();
        }
        let (path, text) = match entry.strip_suffix(" (file)") {
            Some(path) => (self.path(path), "a file"),
            None => (self.path(entry), CA),
        };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path.trim_start_matches('/'))
    }

    fn explain(&self, engine: Engine, config_path: &[&str]) -> Explanation {
        let environment = Environment {
            home: Some("/home/user".into()),
            config_home: Some("/home/user/xdg".into()),
            prefix: Some(self.directory.path().into()),
            ..Environment::default()
        };
        let installed =
            Installed { containerd_roots: config_path.iter().map(PathBuf::from).collect(), ..Installed::default() };
        let question = Question { registry: HOST.into(), image: None, directory: None, root: None };
        explain(&question, &[Judge::newest(engine)], &environment, &installed).remove(0)
    }

    /// The directory that is read and how many trust anchors come out of it, or the error.
    fn outcome(&self, engine: Engine, config_path: &[&str]) -> String {
        let explanation = self.explain(engine, config_path);
        let relative = |path: &Path| path.to_string_lossy().replace(&*self.directory.path().to_string_lossy(), "");
        if let Some(error) = explanation.error() {
            return relative(Path::new(error));
        }
        let contacts = explanation.contacts();
        let contact = contacts.first().unwrap();
        let directory = contact.attempt.directory.as_deref().map_or_else(|| "nothing".into(), relative);
        format!("{directory}, {} anchors", contact.material.anchors.len())
    }
}

/// What containers/image does with these files.
fn podman(files: &[&str]) -> String {
    Server::new(files).outcome(Engine::ContainersImage, &[])
}

/// What containerd does with these files under `config_path`.
fn containerd(files: &[&str], config_path: &[&str]) -> String {
    Server::new(files).outcome(Engine::Containerd, config_path)
}

const USER: &str = "/home/user/.config/containers/certs.d/registry.test:5000";
const SYSTEM: &str = "/etc/containers/certs.d/registry.test:5000";
const DOCKER: &str = "/etc/docker/certs.d/registry.test:5000";

fn ca(directory: &str) -> String {
    format!("{directory}/ca.crt")
}

/// The cases that [`every_case_of_the_vectors_is_here`] looks for: each names the vector that it spells out.
fn cases() -> Vec<(&'static str, String, String)> {
    let found = |directory: &str| format!("{directory}, 1 anchors");
    let empty = |directory: &str| format!("{directory}, 0 anchors");
    let dir = |directory: &str| format!("{directory}/");
    vec![
        ("search-none", podman(&[]), empty("nothing")),
        ("search-only-etc-docker", podman(&[&ca(DOCKER)]), found(DOCKER)),
        ("search-etc-containers-shadows-docker", podman(&[&ca(SYSTEM), &ca(DOCKER)]), found(SYSTEM)),
        ("search-empty-etc-containers-shadows-docker", podman(&[&dir(SYSTEM), &ca(DOCKER)]), empty(SYSTEM)),
        (
            "search-dangling-symlink-skipped",
            podman(&[&format!("{SYSTEM} -> /nonexistent"), &ca(DOCKER)]),
            found(DOCKER),
        ),
        (
            "search-regular-file-is-fatal",
            podman(&[&format!("{SYSTEM} (file)"), &ca(DOCKER)]),
            format!("open {SYSTEM}: not a directory"),
        ),
        ("search-home-empty-shadows-all", podman(&[&dir(USER), &ca(SYSTEM), &ca(DOCKER)]), empty(USER)),
        ("search-home-wins", podman(&[&ca(USER), &ca(SYSTEM), &ca(DOCKER)]), found(USER)),
        (
            "search-xdg-config-home-ignored",
            podman(&["/home/user/xdg/containers/certs.d/registry.test:5000/ca.crt"]),
            empty("nothing"),
        ),
        (
            // Whether the server is verified changes nothing of what is loaded, or refused.
            "search-tls-verify-false-still-loads",
            podman(&[&format!("{DOCKER}/a.cert")]),
            "missing key a.key for client certificate a.cert. Note that CA certificates should use the extension .crt"
                .into(),
        ),
        (
            "roots-split-second-root",
            containerd(&["/A/", "/B/registry.test:5000/ca.crt"], &["/A", "/B"]),
            found("/B/registry.test:5000"),
        ),
        ("roots-unsplit-transfer-service", containerd(&["/A/registry.test:5000/ca.crt"], &["/A:/B"]), empty("nothing")),
        (
            "roots-default-shadows-later-root",
            containerd(&["/A/_default/ca.crt", "/B/registry.test:5000/ca.crt"], &["/A", "/B"]),
            found("/A/_default"),
        ),
        (
            "roots-empty-port-dir-shadows",
            containerd(&["/A/registry.test_5000_/", "/B/registry.test:5000/ca.crt"], &["/A", "/B"]),
            empty("/A/registry.test_5000_"),
        ),
        (
            "roots-host-entry-is-file",
            containerd(&["/A/registry.test_5000_ (file)"], &["/A"]),
            "open /A/registry.test_5000_/hosts.toml: not a directory".into(),
        ),
        (
            "roots-first-root-is-file",
            containerd(&["/A (file)", "/B/registry.test:5000/ca.crt"], &["/A", "/B"]),
            "stat /A/registry.test_5000_: not a directory".into(),
        ),
    ]
}

/// What only a user without root's rights sees; [`roots_that_may_not_be_searched`] spells them out.
const UNPRIVILEGED: [&str; 3] = [
    "search-nonroot-home-parent-unsearchable",
    "search-nonroot-home-hostdir-unreadable",
    "roots-first-root-unsearchable",
];

#[test]
fn engines_choose_among_roots_as_observed() {
    for (name, ours, theirs) in cases() {
        assert_eq!(ours, theirs, "{name}");
    }
}

#[test]
fn every_case_of_the_vectors_is_here() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors/search.json")).unwrap();
    let theirs: BTreeSet<_> =
        vectors.as_array().unwrap().iter().map(|v| v["name"].as_str().unwrap().to_owned()).collect();
    let ours = cases().into_iter().map(|(name, ..)| name).chain(UNPRIVILEGED).map(str::to_owned);
    assert_eq!(ours.collect::<BTreeSet<_>>(), theirs);
}

/// Root searches everything, so root runs this once more as `nobody`, who reports on standard output.
#[test]
fn roots_that_may_not_be_searched() {
    const TURN: &str = "CERTWRIGHT_TEST_UNPRIVILEGED";
    if std::env::var_os(TURN).is_none() {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o1777)).unwrap();
        let runner = directory.path().join("runner");
        // Not by this process: what another thread begins meanwhile would hold the copy open, and it could not be run.
        let mut copy = std::process::Command::new("cp");
        assert!(copy.arg(std::env::current_exe().unwrap()).arg(&runner).status().unwrap().success());
        let mut child = std::process::Command::new(runner);
        child.args(["--exact", "roots_that_may_not_be_searched", "--nocapture"]);
        child.env(TURN, "1").env("TMPDIR", directory.path()).current_dir("/");
        if rustix::process::geteuid().is_root() {
            std::os::unix::process::CommandExt::uid(&mut child, 65534);
        }
        let output = child.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    let forbid = |server: &Server, path: &str, mode: u32| {
        fs::set_permissions(server.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    let server = Server::new(&[&ca(USER), &ca(DOCKER)]);
    forbid(&server, "/home/user/.config/containers/certs.d", 0o000);
    assert_eq!(server.outcome(Engine::ContainersImage, &[]), format!("{DOCKER}, 1 anchors"));
    forbid(&server, "/home/user/.config/containers/certs.d", 0o755);
    forbid(&server, USER, 0o000);
    assert_eq!(server.outcome(Engine::ContainersImage, &[]), format!("{USER}, 0 anchors"));
    forbid(&server, USER, 0o755);
    let server = Server::new(&["/A/", "/B/registry.test:5000/ca.crt"]);
    forbid(&server, "/A", 0o000);
    assert_eq!(server.outcome(Engine::Containerd, &["/A", "/B"]), "stat /A/registry.test_5000_: permission denied");
    forbid(&server, "/A", 0o755);
}
