//! What an engine loads of a host directory, put as another engine takes it: a configuration file, or a copy under other
//! names. Nothing is exported that no engine would load, and what is left out is told.

mod buildkit;
mod containerd;
mod copy;
mod kubernetes;
mod openshift;
mod placed;
mod source;

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::base::text::display_name;
use crate::create::quote::comment;
use crate::engine::Judge;
use crate::pki::Certificate;
use crate::pki::rewrite::pem_block;
use placed::Placed;

pub use copy::changes;
pub use source::{Authority, Pair, Source};

/// Whom it is exported to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Docker's `certs.d`
    Docker,
    /// That of Podman, Buildah, Skopeo and CRI-O
    Podman,
    /// containerd's `hosts.toml`
    Containerd,
    /// BuildKit's `buildkitd.toml`
    Buildkit,
    /// `registries.yaml` of K3s and RKE2
    K3s,
    /// A ConfigMap for OpenShift's `additionalTrustedCA`
    Openshift,
}

/// An export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Export {
    /// The files that it comes to, the main one first. For a copy: the commands that make it.
    pub documents: Vec<Document>,
    /// Files to be copied to where they will lie.
    pub copies: Vec<Copy>,
    /// What is left out.
    pub left_out: Vec<LeftOut>,
    /// What else is to be known.
    pub notes: Vec<String>,
}

/// One file of an export. Its text is safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its usual name: "hosts.toml".
    pub name: &'static str,
    /// What it holds.
    pub text: String,
}

/// A file to be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Where it lies on this disk.
    pub from: PathBuf,
    /// Where it will lie.
    pub to: PathBuf,
    /// Permission bits
    pub mode: u32,
}

/// Something that is not exported, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// What: a file, or something that a configuration says. Foreign text.
    pub what: String,
    /// Why; may hold foreign text.
    pub why: String,
}

/// Why there is no export.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ExportError {
    /// There is no directory for the registry.
    #[error("no engine finds a directory for {registry}")]
    NoDirectory {
        /// The registry host
        registry: String,
    },
    /// Every engine stops at the directory.
    #[error("{}: {judge} stops: {verbatim}", display_name(directory))]
    Stops {
        /// The directory
        directory: PathBuf,
        /// The first engine that was asked
        judge: Judge,
        /// Its error
        verbatim: String,
    },
    /// There is nothing in it that an engine loads.
    #[error("{}: {judge} loads neither a CA nor a client certificate from it", display_name(.directory))]
    Nothing {
        /// The directory
        directory: PathBuf,
        /// The engine
        judge: Judge,
    },
    /// What is loaded cannot be put into this form.
    #[error("nothing of {} can be put into {form}: {why}", display_name(.directory))]
    Unfit {
        /// The directory
        directory: PathBuf,
        /// "registries.yaml"
        form: &'static str,
        /// Why the last thing could not
        why: String,
    },
    /// A name that the target does not take.
    #[error("{form} has no way to name {registry}")]
    Name {
        /// "a ConfigMap"
        form: &'static str,
        /// The registry host
        registry: String,
    },
    /// A relative prefix where nothing says what it is relative to.
    #[error("{}: a path for {form} has to be absolute", display_name(.prefix))]
    RelativePrefix {
        /// The prefix
        prefix: PathBuf,
        /// "buildkitd.toml"
        form: &'static str,
    },
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Docker, Self::Podman, Self::Containerd, Self::Buildkit, Self::K3s, Self::Openshift];

    /// The name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Containerd => "containerd",
            Self::Buildkit => "buildkit",
            Self::K3s => "k3s",
            Self::Openshift => "openshift",
        }
    }

    /// Tells whether the files themselves are copied, under the names that the engine reads.
    pub fn is_copy(self) -> bool {
        matches!(self, Self::Docker | Self::Podman)
    }

    /// The root that the engine reads on a usual machine.
    fn usual_root(self) -> &'static str {
        match self {
            Self::Podman => "/etc/containers/certs.d",
            Self::Containerd => "/etc/containerd/certs.d",
            Self::Docker | Self::Buildkit | Self::K3s | Self::Openshift => "/etc/docker/certs.d",
        }
    }
}

/// Puts what is loaded into the form of the target. `prefix` is the directory in which the files will lie on the other
/// machine; without it they are named where they are. For a copy it is the root of the host directories. `beside` is the
/// directory that the documents are written to, if they are.
///
/// # Errors
/// Where nothing can be exported.
pub fn export(
    source: &Source,
    target: Target,
    prefix: Option<&Path>,
    beside: Option<&Path>,
) -> Result<Export, ExportError> {
    let mut export = match target {
        Target::Docker | Target::Podman => copy::export(source, target, prefix),
        Target::Containerd => containerd::export(source, prefix)?,
        Target::Buildkit => buildkit::export(source, prefix)?,
        Target::K3s => kubernetes::export(source, prefix, beside)?,
        Target::Openshift => openshift::export(source)?,
    };
    export.left_out.splice(0..0, source.left_out.iter().cloned());
    let head = head(source, target, &export);
    if let Some(main) = export.documents.first_mut() {
        main.text.insert_str(0, &head);
    }
    Ok(export)
}

/// The comment at the top of what is written.
fn head(source: &Source, target: Target, export: &Export) -> String {
    let directory = source.on_machine(&source.directory);
    let what = format!("{}: what {} loads from {}", source.registry, source.judge, display_name(directory));
    let left_out = export.left_out.iter().map(|left| format!("left out: {}: {}", left.what, left.why));
    let copies =
        export.copies.iter().filter(|copy| !target.is_copy() && source.on_machine(&copy.from) != copy.to).map(|copy| {
            let from = display_name(source.on_machine(&copy.from));
            format!("to be copied: {from} to {}", display_name(&copy.to))
        });
    let lines = std::iter::once(what).chain(export.notes.iter().cloned()).chain(left_out).chain(copies);
    lines.map(|line| comment(&line)).collect()
}

/// A certificate as PEM.
fn pem(certificate: &Certificate) -> String {
    String::from_utf8_lossy(&pem_block("CERTIFICATE", certificate.der())).into_owned()
}

/// Fails where something was loaded and nothing of it is left.
fn check_placed(source: &Source, placed: &Placed, form: &'static str) -> Result<(), ExportError> {
    if !placed.authorities.is_empty() || !placed.pairs.is_empty() {
        return Ok(());
    }
    let why = placed.left_out.last().map(|left| format!("{}: {}", left.what, left.why)).unwrap_or_default();
    Err(ExportError::Unfit { directory: source.directory.clone(), form, why })
}
