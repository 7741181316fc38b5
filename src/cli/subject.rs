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
            return Self { registry, directory: Some(path.to_path_buf()) };
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
        Self { registry, directory: None }
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
        let path = Subject::of(OsStr::new("/nowhere/certs.d/registry.test_5000_"));
        assert_eq!(path.registry, "registry.test:5000");
        assert_eq!(path.directory.as_deref(), Some(Path::new("/nowhere/certs.d/registry.test_5000_")));
    }
}
