//! The program as a user runs it, in a world without surprises: no environment but what is set here, a fixed moment, and
//! a directory of its own that reads `$ROOT` in whatever the program prints.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::tree;

/// A directory of its own with the tree `certs.d` in it.
pub struct World {
    directory: TempDir,
}

impl World {
    /// A world whose `$ROOT/certs.d` is the tree that `text` describes.
    pub fn new(text: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let root = directory.path().join("certs.d");
        std::fs::create_dir(&root).expect("a directory for the tree");
        tree::build_in(text, &root);
        Self { directory }
    }

    /// `$ROOT`.
    pub fn root(&self) -> &Path {
        self.directory.path()
    }

    /// The program, about to be run in `$ROOT`.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_certwright"));
        command.current_dir(self.root()).env_clear();
        command.env("HOME", self.root().join("home"));
        command.env("CERTWRIGHT_NOW", tree::NOW.rfc3339());
        command.env("CERTWRIGHT_STATE_DIR", self.root().join("state"));
        command.envs([("TZ", "UTC"), ("LC_ALL", "C.UTF-8"), ("COLUMNS", "100"), ("TERM", "dumb")]);
        command
    }

    /// Runs the program and tells its status, what it printed and what it complained about, in one text. `$ROOT` in an
    /// argument is the directory of this world.
    pub fn run(&self, arguments: &[&str]) -> String {
        let root = self.root().to_str().expect("a path in UTF-8");
        let output = self
            .command()
            .args(arguments.iter().map(|argument| argument.replace("$ROOT", root)))
            .output()
            .expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(root, "$ROOT");
        let status = output.status.code().map_or_else(|| output.status.to_string(), |code| code.to_string());
        let mut told = format!("status: {status}\n");
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if !bytes.is_empty() {
                told.push_str(&format!("----- {name} -----\n{}", text(bytes)));
            }
        }
        told
    }
}
