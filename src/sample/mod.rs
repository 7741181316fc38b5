//! Sample trees: a description in TOML of materials and host directories, and the tree made from it with certificates and
//! keys minted relative to a moment. The demo, the fixtures of the rules and the benchmark's corpus all speak this language.
//!
//! ```toml
//! [material.acme]                    # a certificate with its key, minted once, when something uses it
//! common-name = "Acme Root CA"       # default: the material's name
//! ca = true
//! days = [-400, 3000]                # validity relative to now
//!
//! [[host]]
//! name = "registry.example.com:5000"
//! root = "/etc/docker/certs.d"       # default: the tree itself is the one root
//! files."ca.crt" = "acme"            # content[:form…], a list of these to concatenate, or a table
//! files."gone.crt" = { link = "/etc/pki/gone.pem" }
//! ```
//!
//! `language` reads the description, `mint` makes certificates, `encode` writes them down in every form that a
//! rule wants to see, and `build` lays them out on the disk. Nothing here reads or changes a tree that is there already.

mod build;
mod encode;
mod language;
mod mint;

use std::path::PathBuf;

use thiserror::Error;

pub use language::Sample;

/// The tree that `--demo` shows.
const DEMO: &str = include_str!("../../assets/demo.toml");

/// The tree that `--demo` shows: what operators meet, one host directory for each story.
///
/// # Errors
/// Never in a build that passed its tests: where the embedded description is no sample tree.
pub fn demo() -> Result<Sample, SampleError> {
    Sample::parse(DEMO)
}

/// Why a sample tree cannot be made.
#[derive(Debug, Error)]
pub enum SampleError {
    /// The text is no TOML, or names a key that does not exist.
    #[error("sample tree: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A material cannot be minted.
    #[error("material {name}: {reason}")]
    Material {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A host directory cannot be made.
    #[error("host {name}: {reason}")]
    Host {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file cannot be made.
    #[error("host {host}, file {file}: {reason}")]
    File {
        /// Name of the host directory.
        host: String,
        /// Name of the file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The disk refuses.
    #[error("{}: {source}", path.display())]
    Write {
        /// The path.
        path: PathBuf,
        /// What the kernel said.
        source: std::io::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Timestamp;

    #[test]
    fn the_demo_can_be_made_at_any_time() {
        let demo = demo().unwrap();
        for now in [Timestamp(0), Timestamp(1_795_521_600), Timestamp(4_000_000_000)] {
            let directory = tempfile::tempdir().unwrap();
            demo.build(now, directory.path()).unwrap();
            assert!(directory.path().join("registry.meridian.example:5000/ci-runner.key").is_file());
        }
    }
}
