//! `certwright explain`: what each engine does for a registry.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::base::errno::Errno;
use crate::base::text::display_name;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::output;
use crate::engine::installed::Installed;
use crate::engine::select;
use crate::engine::{Engine, Judge};
use crate::model::HostName;
use crate::model::host::registry_of_reference;
use crate::report;
use crate::scan;
use crate::session::{self, explain::Question};

/// The command line of `explain`.
#[derive(Args, Debug)]
pub struct ExplainCommand {
    /// A registry host (registry.example.com:5000), an image reference (registry.example.com:5000/app:1) or the path of a
    /// host directory (/etc/docker/certs.d/registry.example.com:5000)
    #[arg(value_name = "TARGET")]
    target: OsString,
    /// Make CERTS_D the one root of every engine
    #[arg(long, value_name = "CERTS_D")]
    root: Option<PathBuf>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints what each engine does.
///
/// # Errors
/// Where an engine's name means none, or the output cannot be written.
pub fn run(context: &Context, command: &ExplainCommand) -> Result<Exit, Failure> {
    let subject = Subject::of(&command.target);
    if subject.directory.is_none() && !is_registry(&subject.registry) {
        return Err(Failure::NoRegistry(command.target.to_string_lossy().into_owned()));
    }
    if let Some(root) = command.root.as_deref()
        && let Err(error) = root.metadata()
    {
        // A case like any other for the engines, but seldom what was meant.
        output::note(&format!("{}: {}", display_name(root), Errno::from(&error)));
    }
    let Subject { registry, image, directory } = subject;
    let question = Question { registry, image, directory, root: command.root.clone() };
    let installed = Installed::detect(&scan::read_configuration(&context.environment));
    let judges = match context.judges.as_slice() {
        [] => Engine::ALL.map(Judge::newest).to_vec(),
        chosen => chosen.to_vec(),
    };
    let mut explanations = session::explain::explain(&question, &judges, &context.environment, &installed);
    let target = command.target.to_string_lossy();
    match command.format {
        Format::Text => {
            // What is installed here comes first; nothing is known of what is not.
            explanations.sort_by_key(|explanation| explanation.evidence.is_none());
            output::text(context.appearance, |paper| {
                report::explain::print(&target, &explanations, &installed, paper)
            })?;
        }
        Format::Json => output::json(&report::json::explain(&target, &explanations, &installed))?,
    }
    Ok(Exit::Clean)
}

/// What a target means.
#[derive(Debug, PartialEq, Eq)]
struct Subject {
    /// The registry host, as an image reference spells it.
    registry: String,
    /// The full name of the image, where one was named.
    image: Option<String>,
    /// The host directory that was named itself.
    directory: Option<PathBuf>,
}

impl Subject {
    /// Tells a path from a reference from a host: what begins as a path does, or has a slash and is there, is a path; what
    /// has a slash else is a reference; the rest is a host.
    fn of(target: &OsStr) -> Self {
        let bytes = target.as_bytes();
        let begins_as_path = [&b"/"[..], b"./", b"../"].iter().any(|start| bytes.starts_with(start));
        let path = Path::new(target);
        if begins_as_path
            || bytes == b"."
            || bytes == b".."
            || (bytes.contains(&b'/') && path.symlink_metadata().is_ok())
        {
            let name = path.file_name().map(OsStr::to_os_string);
            let name = name.or_else(|| Some(path.canonicalize().ok()?.file_name()?.to_os_string())).unwrap_or_default();
            let registry = HostName::parse(&name).registry().unwrap_or_else(|| name.to_string_lossy().into_owned());
            return Self { registry, image: None, directory: Some(path.to_path_buf()) };
        }
        let text = target.to_string_lossy();
        let schemes = ["https://", "http://", "docker://", "oci://"];
        let (text, had_scheme) = match schemes.iter().find_map(|scheme| text.strip_prefix(scheme)) {
            Some(rest) => (rest, true),
            None => (text.as_ref(), false),
        };
        let registry = match text.split_once('/') {
            Some((host, _)) if had_scheme && !host.is_empty() => host.to_owned(),
            Some(_) => registry_of_reference(text),
            None if is_hub_image(text) => "docker.io".to_owned(),
            None => text.to_owned(),
        };
        let image = text.contains('/').then(|| full_name(text, &registry));
        Self { registry, image, directory: None }
    }
}

/// The full name of an image: its registry in front, no tag behind.
fn full_name(text: &str, registry: &str) -> String {
    let path = text.split_once('/').filter(|(host, _)| *host == registry).map_or(text, |(_, path)| path);
    let (path, digest) = path.split_once('@').map_or((path, None), |(path, digest)| (path, Some(digest)));
    let path = path.split_once(':').map_or(path, |(path, _)| path);
    let digest = digest.map(|digest| format!("@{digest}")).unwrap_or_default();
    format!("{registry}/{path}{digest}")
}

/// Tells whether something can be asked for by this name: not empty, no blank in it, and a port that is one.
fn is_registry(registry: &str) -> bool {
    let has_port = |port: &str| port.parse::<u16>().is_ok();
    let is_text =
        !registry.is_empty() && !registry.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    is_text && select::tag_of(registry).is_none_or(has_port) && !registry.contains('/')
}

/// Tells whether a target without a slash can only be an image on Docker Hub: `alpine@sha256:…`, `alpine:edge`.
fn is_hub_image(text: &str) -> bool {
    let tag = select::tag_of(text);
    text.contains('@') || tag.is_some_and(|tag| !tag.is_empty() && !tag.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(target: &str) -> String {
        Subject::of(OsStr::new(target)).registry
    }

    #[test]
    fn targets_are_hosts_references_or_paths() {
        assert_eq!(registry("registry.test:5000"), "registry.test:5000");
        assert_eq!(registry("registry.test:5000/team/app:1.2"), "registry.test:5000");
        assert_eq!(registry("library/alpine"), "docker.io");
        assert_eq!(registry("alpine:edge"), "docker.io");
        assert_eq!(registry("myregistry"), "myregistry");
        assert_eq!(registry("[::1]:5000"), "[::1]:5000");
        assert_eq!(registry("https://registry.test/v2/"), "registry.test");
        let image = |target: &str| Subject::of(OsStr::new(target)).image;
        assert_eq!(image("r.test:5000/team/app:1.2").as_deref(), Some("r.test:5000/team/app"));
        assert_eq!(image("library/alpine@sha256:0").as_deref(), Some("docker.io/library/alpine@sha256:0"));
        assert_eq!(image("r.test:5000"), None);
        let path = Subject::of(OsStr::new("/nowhere/certs.d/registry.test_5000_"));
        assert_eq!(path.registry, "registry.test:5000");
        assert_eq!(path.directory.as_deref(), Some(Path::new("/nowhere/certs.d/registry.test_5000_")));
    }
}
