//! The fixtures of the rules: a tree each, with what is wrong in it.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test makes files and fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use certwright::engine::installed::Installed;
use certwright::model::{Root, RootKind};
use certwright::rules::Settings;
use certwright::rules::registry::RuleSet;
use certwright::scan::{Environment, Target, default_roots, read_host_config};
use certwright::session::{Outcome, Request, Scan};
use serde::Deserialize;
use tempfile::TempDir;

use super::tree;

/// What a fixture holds beside its tree.
#[derive(Deserialize)]
pub struct Fixture {
    #[serde(default)]
    pub expect: Vec<Expectation>,
    #[serde(default)]
    pub host: Vec<Standing>,
    #[serde(default)]
    pub config: BTreeMap<String, String>,
}

/// Where a host directory of a fixture stands.
#[derive(Deserialize)]
pub struct Standing {
    pub root: Option<String>,
}

impl Fixture {
    /// Reads a description.
    pub fn parse(name: &str, text: &str) -> Self {
        toml::from_str(text).unwrap_or_else(|error| panic!("{name}.toml: {error}"))
    }

    /// Tells whether its tree is the `/` of a host.
    pub fn is_whole_host(&self) -> bool {
        !self.config.is_empty() || self.host.iter().any(|host| host.root.is_some())
    }
}

/// A finding that is expected.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    #[serde(default)]
    pub host: String,
    pub file: Option<String>,
    pub severity: String,
    pub message: String,
}

impl Expectation {
    /// It as a line, as the test prints findings.
    pub fn line(&self) -> String {
        let file = self.file.as_ref().map(|file| format!("/{file}")).unwrap_or_default();
        format!("{}{file}: {}: {}", self.host, self.severity, self.message)
    }
}

/// Makes the tree of a fixture.
pub fn build(text: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    tree::build_in(text, directory.path());
    directory
}

/// Looks at the tree of a fixture, as `/` of a host where it says so.
pub fn scan(fixture: &Fixture, tree: &Path, rules: RuleSet) -> Outcome {
    if !fixture.is_whole_host() {
        return scan_root(tree, rules);
    }
    for (path, text) in &fixture.config {
        configure(&tree.join(path.trim_start_matches('/')), text);
    }
    let (home, prefix) = (Some(PathBuf::from("/root")), Some(tree.to_path_buf()));
    let roots = default_roots(&Environment { home, prefix, ..Environment::default() });
    let installed = Installed::detect(&read_host_config(Some(tree)));
    look(roots, rules, installed)
}

/// Looks at a `certs.d`.
pub fn scan_root(path: &Path, rules: RuleSet) -> Outcome {
    look(vec![Root { path: path.to_path_buf(), kind: RootKind::Given, error: None }], rules, Installed::default())
}

fn look(roots: Vec<Root>, rules: RuleSet, installed: Installed) -> Outcome {
    let targets = roots.into_iter().map(Target::Root).collect();
    let settings = Settings { now: tree::NOW, expires_within: 30 };
    Scan::start(Request { targets, rules: Arc::new(rules), settings, installed: Arc::new(installed) }).collect()
}

fn configure(path: &Path, text: &str) {
    if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return fs::create_dir_all(path).unwrap();
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The fixtures by name: the code, and where a rule has several, something behind a hyphen.
pub fn fixtures() -> BTreeMap<String, String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rules");
    let files = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path: PathBuf| (stem(&path), read(&path))).collect()
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The code of the rule that a fixture is for.
pub fn code(name: &str) -> &str {
    name.split('-').next().unwrap_or_default()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}
