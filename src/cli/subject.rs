//! What a target on the command line means: a registry host, an image reference, or the path of a host directory.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::engine::select;
use crate::model::HostName;
use crate::model::host::registry_of_reference;

/// What a target means.
#[derive(Debug, PartialEq, Eq)]
pub struct Subject {
    /// The registry host, as an image reference spells it.
    pub registry: String,
    /// The full name of the image, where one was named.
    pub image: Option<String>,
    /// The host directory that was named itself.
    pub directory: Option<PathBuf>,
}

impl Subject {
    /// Tells a path from a reference from a host: what begins as a path does, or has a slash and is there, is a path; what
    /// has a slash else is a reference; the rest is a host.
    pub fn of(target: &OsStr) -> Self {
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

    /// Tells whether something can be asked for by this name: not empty, no blank in it, and a port that is one.
    pub fn is_registry(&self) -> bool {
        let registry = &self.registry;
        let has_port = |port: &str| port.parse::<u16>().is_ok();
        let is_text =
            !registry.is_empty() && !registry.contains(|letter: char| letter.is_whitespace() || letter.is_control());
        is_text && select::tag_of(registry).is_none_or(has_port) && !registry.contains('/')
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
