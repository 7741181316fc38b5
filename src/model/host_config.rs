//! What of a host's own configuration engines read, as found on the disk: programs, data directories, configuration files.

use std::path::{Path, PathBuf};

use crate::base::errno::FsError;

/// Programs whose presence tells that an engine is installed, looked for in the usual directories.
pub const PROGRAMS: [&str; 8] = ["dockerd", "containerd", "k3s", "buildkitd", "podman", "buildah", "skopeo", "crio"];

/// Configuration files that engines read, absolute.
pub const FILES: [&str; 5] = [
    "/etc/docker/daemon.json",
    "/etc/containerd/config.toml",
    "/etc/buildkit/buildkitd.toml",
    "/etc/containers/registries.conf",
    "/etc/hosts",
];

/// Directories whose presence tells something, absolute.
pub const DIRECTORIES: [&str; 6] = [
    "/var/lib/docker",
    "/var/lib/docker/image/overlay2",
    "/var/lib/docker/image/vfs",
    "/var/lib/docker/image/btrfs",
    "/var/lib/docker/image/fuse-overlayfs",
    "/var/lib/containers",
];

/// Directories that are taken for a `certs.d` by mistake, absolute, each with the one that was meant. No engine reads them.
pub const NEAR_MISSES: [(&str, &str); 17] = [
    ("/etc/docker/cert.d", "/etc/docker/certs.d"),
    ("/etc/docker/cert", "/etc/docker/certs.d"),
    ("/etc/docker/certs", "/etc/docker/certs.d"),
    ("/etc/docker/certsd", "/etc/docker/certs.d"),
    ("/etc/docker/certificates.d", "/etc/docker/certs.d"),
    ("/etc/docker.d/certs.d", "/etc/docker/certs.d"),
    ("/etc/dockers/certs.d", "/etc/docker/certs.d"),
    ("/etc/certs.d", "/etc/docker/certs.d"),
    ("/etc/cert.d", "/etc/docker/certs.d"),
    ("/var/lib/docker/certs.d", "/etc/docker/certs.d"),
    ("/etc/containers/cert.d", "/etc/containers/certs.d"),
    ("/etc/containers/certs", "/etc/containers/certs.d"),
    ("/etc/container/certs.d", "/etc/containers/certs.d"),
    ("/etc/podman/certs.d", "/etc/containers/certs.d"),
    ("/etc/crio/certs.d", "/etc/containers/certs.d"),
    ("/etc/containerd/cert.d", "/etc/containerd/certs.d"),
    ("/etc/containerd/certs", "/etc/containerd/certs.d"),
];

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostConfig {
    /// Paths of the programs that are there.
    pub programs: Vec<PathBuf>,
    /// Those of [`DIRECTORIES`] that are there.
    pub directories: Vec<PathBuf>,
    /// Those of [`FILES`] that are there.
    pub files: Vec<ConfigFile>,
    /// Those of [`NEAR_MISSES`] that are there, hold a directory named after a registry host, and do not lead to the one
    /// that was meant.
    pub near_misses: Vec<NearMiss>,
    /// The directory that was taken for `/`, if not that itself.
    pub prefix: Option<PathBuf>,
}

/// A directory that is taken for a `certs.d` by mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// Its path, absolute, without the prefix of a copied server.
    pub path: PathBuf,
    /// The directory that was meant.
    pub meant: PathBuf,
    /// How many directories in it are named after registry hosts.
    pub hosts: usize,
}

/// One configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// Its path, absolute, without the prefix of a copied server.
    pub path: PathBuf,
    /// Its bytes, or why they could not be read.
    pub bytes: Result<Vec<u8>, FsError>,
}

impl HostConfig {
    /// Tells whether a program of this name is there.
    pub fn has_program(&self, name: &str) -> bool {
        self.programs.iter().any(|path| path.file_name().is_some_and(|file| file == name))
    }

    /// Tells whether a directory is there.
    pub fn has_directory(&self, path: &str) -> bool {
        self.directories.iter().any(|directory| directory == Path::new(path))
    }

    /// A configuration file, if it is there.
    pub fn file(&self, path: &str) -> Option<&ConfigFile> {
        self.files.iter().find(|file| file.path == Path::new(path))
    }
}
