//! What of a host's own configuration engines read, as found on the disk: programs, data directories, configuration files.

use std::path::{Path, PathBuf};

use crate::base::errno::FsError;
use crate::base::text::display_name;

/// Programs whose presence tells that an engine is installed, looked for in the usual directories.
pub const PROGRAMS: [&str; 8] = ["dockerd", "containerd", "k3s", "buildkitd", "podman", "buildah", "skopeo", "crio"];

/// Configuration files that engines read, absolute.
pub const FILES: [&str; 6] = [
    "/etc/docker/daemon.json",
    SNAP_DAEMON,
    "/etc/containerd/config.toml",
    "/etc/buildkit/buildkitd.toml",
    REGISTRIES,
    "/etc/hosts",
];

/// Directories whose presence tells something, absolute.
pub const DIRECTORIES: [&str; 7] = [
    "/var/lib/docker",
    "/var/lib/docker/image/overlay2",
    "/var/lib/docker/image/vfs",
    "/var/lib/docker/image/btrfs",
    "/var/lib/docker/image/fuse-overlayfs",
    "/var/lib/containers",
    SNAP,
];

/// What Docker, where it is a snap, has instead of `/`: it sees no certificates but those in there.
pub const SNAP: &str = "/var/snap/docker/current";

/// The `daemon.json` of Docker as a snap.
pub const SNAP_DAEMON: &str = "/var/snap/docker/current/config/daemon.json";

/// Configuration files of a user's own engines, under [`UserPlaces::config`].
pub const USER_FILES: [&str; 3] = ["docker/daemon.json", "containerd/config.toml", "buildkit/buildkitd.toml"];

/// Podman's file. Those in the directory of its name with `.d` behind it, which end in `.conf`, count as well.
pub const REGISTRIES: &str = "/etc/containers/registries.conf";

/// The file that Podman reads instead of [`REGISTRIES`], under [`UserPlaces::home`].
pub const USER_REGISTRIES: &str = ".config/containers/registries.conf";

/// Directories under [`UserPlaces::config`] whose presence tells something: `containerd-rootless.sh` makes this one.
pub const USER_CONFIG_DIRECTORIES: [&str; 1] = ["containerd"];

/// Directories under [`UserPlaces::data`] whose presence tells something.
pub const USER_DATA_DIRECTORIES: [&str; 6] = [
    "docker",
    "docker/image/overlay2",
    "docker/image/vfs",
    "docker/image/btrfs",
    "docker/image/fuse-overlayfs",
    "buildkit",
];

/// Bundles of the system's roots: Go takes the first that it can read (Go 1.26 `src/crypto/x509/root_linux.go`).
pub const ROOT_FILES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Directories of the system's roots, all of whose files Go takes as well.
pub const ROOT_DIRECTORIES: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

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
    /// Those of [`DIRECTORIES`] that are there, and those of a user's own engines.
    pub directories: Vec<PathBuf>,
    /// Where the system's roots come from: the first of [`ROOT_FILES`] that is there, then [`ROOT_DIRECTORIES`].
    pub system_roots: Vec<PathBuf>,
    /// Those of [`FILES`] that are there, and those of a user's own engines.
    pub files: Vec<ConfigFile>,
    /// Those of [`NEAR_MISSES`] that are there, hold a directory named after a registry host, and do not lead to the one
    /// that was meant.
    pub near_misses: Vec<NearMiss>,
    /// The directory that was taken for `/`, if not that itself.
    pub prefix: Option<PathBuf>,
    /// Where the engines of the user look who runs the program.
    pub user: UserPlaces,
}

/// Where the engines look that belong to the user who runs the program. Nowhere where they do not count: in a copy of a
/// server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPlaces {
    /// The home directory, where Podman looks whoever runs it.
    pub home: Option<PathBuf>,
    /// Where rootless engines keep their configuration; `None` with root, whose engines are the system's.
    pub config: Option<PathBuf>,
    /// Where rootless engines keep their data; `None` with root.
    pub data: Option<PathBuf>,
    /// `$ROOTLESSKIT_STATE_DIR` is set: a dockerd started here is rootless.
    pub in_rootlesskit: bool,
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
    pub fn file(&self, path: impl AsRef<Path>) -> Option<&ConfigFile> {
        self.files.iter().find(|file| file.path == path.as_ref())
    }

    /// One of [`USER_FILES`], if it is there.
    pub fn user_file(&self, path: &str) -> Option<&ConfigFile> {
        self.file(self.user.config.as_ref()?.join(path))
    }

    /// One of [`USER_DATA_DIRECTORIES`], if it is there.
    pub fn user_data(&self, path: &str) -> Option<PathBuf> {
        self.user.data.as_ref().map(|data| data.join(path)).filter(|path| self.directories.contains(path))
    }
}

impl UserPlaces {
    /// A path as people write it: `~` for the home directory. Safe to show.
    pub fn shorten(&self, path: &Path) -> String {
        match self.home.as_ref().and_then(|home| path.strip_prefix(home).ok()) {
            Some(rest) => format!("~/{}", display_name(rest)),
            None => display_name(path),
        }
    }
}
