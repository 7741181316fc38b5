//! Where engines look for certificate directories, and what a path on the command line means.
//!
//! Source: moby 29.7 `daemon/pkg/registry/config_unix.go` (`CertsDir`); containers/image
//! `docker/docker_client.go` (`dockerCertDir`); containerd 2.2 `internal/cri/config` (default `config_path`).

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::base::errno::Errno;
use crate::model::host_config::{SNAP, UserPlaces};
use crate::model::{Placement, Role, Root, RootKind};

/// What of the environment decides where engines look.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `$HOME`
    pub home: Option<PathBuf>,
    /// `$XDG_CONFIG_HOME`
    pub config_home: Option<PathBuf>,
    /// `$XDG_DATA_HOME`
    pub data_home: Option<PathBuf>,
    /// The program runs as root.
    pub superuser: bool,
    /// `$ROOTLESSKIT_STATE_DIR` is set, by which dockerd knows that it is rootless
    pub rootless: bool,
    /// A directory to be taken for `/`: a copy of a server.
    pub prefix: Option<PathBuf>,
}

/// What a path on the command line means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A `certs.d` directory.
    Root(Root),
    /// One that may be there or not, and is of no account as long as it is not.
    Possible(Root),
    /// One host directory.
    Host {
        /// Its path, as given
        path: PathBuf,
        /// Whether its name means a registry host
        placement: Placement,
    },
    /// One file of a host directory.
    File {
        /// Path of the directory
        directory: PathBuf,
        /// Name of the file
        name: OsString,
        /// Whether the directory's name means a registry host
        placement: Placement,
    },
}

/// A path that leads nowhere.
#[derive(Debug, Error)]
#[error("{}: {errno}", path.display())]
pub struct TargetError {
    /// The path as given.
    pub path: PathBuf,
    /// What the kernel said.
    pub errno: Errno,
}

impl Environment {
    /// Where rootless engines keep their configuration: `XDG_CONFIG_HOME`, nowhere if that is relative, else `~/.config`.
    ///
    /// Source: moby 29.7 `daemon/command/daemon_unix.go` (`getDefaultDaemonConfigDir`); buildkit 0.32
    /// `util/appdefaults/appdefaults_unix.go` (`UserConfigDir`); nerdctl 2 `pkg/defaults/defaults_linux.go` (`HostsDirs`).
    /// Some of them take a relative one as it is, which only the daemon's own directory could resolve.
    fn config_directory(&self) -> Option<PathBuf> {
        let default = || Some(absolute(self.home.as_deref())?.join(".config"));
        self.config_home.as_deref().map_or_else(default, |path| absolute(Some(path)))
    }

    /// Where rootless engines keep their data: in the same way `XDG_DATA_HOME`, else `~/.local/share`.
    fn data_directory(&self) -> Option<PathBuf> {
        let default = || Some(absolute(self.home.as_deref())?.join(".local/share"));
        self.data_home.as_deref().map_or_else(default, |path| absolute(Some(path)))
    }

    /// Where the engines of the user look who runs the program. Inside RootlessKit root is that user.
    pub fn user_places(&self) -> UserPlaces {
        if self.prefix.is_some() {
            return UserPlaces::default();
        }
        let is_user = !self.superuser || self.rootless;
        UserPlaces {
            home: absolute(self.home.as_deref()),
            config: self.config_directory().filter(|_| is_user),
            data: self.data_directory().filter(|_| is_user),
            in_rootlesskit: self.rootless,
        }
    }
}

fn absolute(path: Option<&Path>) -> Option<PathBuf> {
    path.filter(|path| path.is_absolute()).map(Path::to_path_buf)
}

/// The roots of every engine that exist: Docker's, rootless Docker's, Podman's, containerd's and rootless containerd's.
pub fn default_roots(environment: &Environment) -> Vec<Root> {
    let home = environment.home.as_deref().filter(|home| home.is_absolute());
    let config = environment.config_directory();
    let candidates = [
        (RootKind::Docker, Some(PathBuf::from("/etc/docker/certs.d"))),
        (RootKind::DockerRootless, config.as_ref().map(|config| config.join("docker/certs.d"))),
        (RootKind::DockerSnap, Some(Path::new(SNAP).join("etc/docker/certs.d"))),
        (RootKind::PodmanUser, home.map(|home| home.join(".config/containers/certs.d"))),
        (RootKind::PodmanSystem, Some(PathBuf::from("/etc/containers/certs.d"))),
        (RootKind::Containerd, Some(PathBuf::from("/etc/containerd/certs.d"))),
        (RootKind::ContainerdRootless, config.as_ref().map(|config| config.join("containerd/certs.d"))),
    ];
    candidates
        .into_iter()
        .filter_map(|(kind, path)| Some(Root { kind, path: under(environment.prefix.as_deref(), &path?), error: None }))
        .filter(|root| root.path.symlink_metadata().is_ok())
        .collect()
}

/// The one root of Docker: rootless Docker's where `ROOTLESSKIT_STATE_DIR` is set, else `/etc/docker/certs.d`.
pub fn docker_root(environment: &Environment) -> PathBuf {
    let path = match environment.config_directory().filter(|_| environment.rootless) {
        Some(config) => config.join("docker/certs.d"),
        None => PathBuf::from("/etc/docker/certs.d"),
    };
    under(environment.prefix.as_deref(), &path)
}

/// The roots of containers/image, the first that has the host's directory being taken. `XDG_CONFIG_HOME` counts for nothing.
pub fn podman_roots(environment: &Environment) -> Vec<PathBuf> {
    let home = environment.home.as_deref().filter(|home| home.is_absolute());
    let user = home.map(|home| home.join(".config/containers/certs.d"));
    let system = ["/etc/containers/certs.d", "/etc/docker/certs.d"].map(PathBuf::from);
    let prefix = environment.prefix.as_deref();
    user.into_iter().chain(system).map(|path| under(prefix, &path)).collect()
}

/// The roots of containerd: those of its `config_path`, else the default of 2.2 and later.
pub fn containerd_roots(environment: &Environment, configured: &[PathBuf]) -> Vec<PathBuf> {
    let default = ["/etc/containerd/certs.d", "/etc/docker/certs.d"].map(PathBuf::from);
    let roots = if configured.is_empty() { &default } else { configured };
    roots.iter().map(|path| under(environment.prefix.as_deref(), path)).collect()
}

/// Where a `certs.d` is, or is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootPlace {
    /// Where it is not there yet: the nearest directory above it that is.
    pub base: Option<PathBuf>,
    /// User and group of it, or of that directory.
    pub owner: Option<(u32, u32)>,
}

/// Finds where a `certs.d` of an absolute path is, or is to be made. Links are followed.
///
/// # Errors
/// Where something else than a directory is in the way, or the kernel does not let one look.
pub fn locate(path: &Path) -> Result<RootPlace, TargetError> {
    for directory in path.ancestors() {
        let fail = |errno| TargetError { path: directory.to_path_buf(), errno };
        match directory.metadata() {
            Ok(metadata) if !metadata.is_dir() => return Err(fail(Errno::ENOTDIR)),
            Ok(metadata) => {
                let base = (directory != path).then(|| directory.to_path_buf());
                return Ok(RootPlace { base, owner: Some((metadata.uid(), metadata.gid())) });
            }
            // A link that leads to nothing is in the way of what would be made there.
            Err(error) if error.kind() == ErrorKind::NotFound && directory.symlink_metadata().is_err() => {}
            Err(error) => return Err(fail(Errno::from(&error))),
        }
    }
    Err(TargetError { path: path.to_path_buf(), errno: Errno::ENOENT })
}

/// Tells what a path means: a root, one host directory or one file.
///
/// # Errors
/// Where there is nothing at that path, or the kernel does not let one look.
pub fn resolve(path: &Path) -> Result<Target, TargetError> {
    let fail = |error: std::io::Error| TargetError { path: path.to_path_buf(), errno: Errno::from(&error) };
    let link = path.symlink_metadata().map_err(fail)?;
    let metadata = path.metadata().unwrap_or(link);
    if !metadata.is_dir() {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if is_certs_d(parent) {
            return Ok(Target::Host { path: path.to_path_buf(), placement: Placement::UnderRoot });
        }
        let name = path.file_name().unwrap_or_default().to_os_string();
        let directory = parent.to_path_buf();
        return Ok(Target::File { placement: placement(&directory), directory, name });
    }
    // `/etc/docker` means the certs.d in it.
    let inner = path.join("certs.d");
    if !is_certs_d(path) && inner.is_dir() {
        return Ok(Target::Root(Root { path: inner, kind: RootKind::Given, error: None }));
    }
    if looks_like_root(path) {
        return Ok(Target::Root(Root { path: path.to_path_buf(), kind: RootKind::Given, error: None }));
    }
    Ok(Target::Host { path: path.to_path_buf(), placement: placement(path) })
}

/// Puts an absolute path under a prefix that stands for `/`.
pub(crate) fn under(prefix: Option<&Path>, path: &Path) -> PathBuf {
    match prefix {
        None => path.to_path_buf(),
        Some(prefix) => prefix.join(path.strip_prefix("/").unwrap_or(path)),
    }
}

/// A directory is a root where it is called so, or holds directories and nothing that an engine would read.
fn looks_like_root(path: &Path) -> bool {
    if is_certs_d(path) {
        return true;
    }
    if path.parent().is_some_and(is_certs_d) {
        return false;
    }
    // Names and types alone: whoever waits for the first frame waits for this.
    let mut has_directory = false;
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_directory && looks_like_certificate(&entry.file_name()) {
            return false;
        }
        has_directory |= is_directory;
    }
    has_directory
}

/// Tells whether a name is one that people give to certificates and keys, read by an engine or not.
pub(super) fn looks_like_certificate(name: &OsStr) -> bool {
    const EXTENSIONS: [&str; 9] = [".pem", ".cer", ".der", ".crt", ".p12", ".pfx", ".p7b", ".csr", ".cert"];
    let lower = name.to_string_lossy().to_ascii_lowercase();
    Role::of_name(name) != Role::Unused || EXTENSIONS.iter().any(|extension| lower.ends_with(extension))
}

fn placement(directory: &Path) -> Placement {
    let full = directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf());
    let under_root = directory.parent().is_some_and(is_certs_d) || full.parent().is_some_and(is_certs_d);
    if under_root { Placement::UnderRoot } else { Placement::Flat }
}

fn is_certs_d(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "certs.d")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(config_home: Option<&str>, superuser: bool, rootless: bool) -> UserPlaces {
        let (home, config_home) = (Some("/home/ann".into()), config_home.map(PathBuf::from));
        Environment { home, config_home, superuser, rootless, ..Environment::default() }.user_places()
    }

    #[test]
    fn a_relative_config_home_leads_nowhere() {
        let config = |config_home| places(config_home, false, false).config;
        assert_eq!(config(None), Some("/home/ann/.config".into()));
        assert_eq!(config(Some("/xdg")), Some("/xdg".into()));
        assert_eq!(config(Some("xdg")), None);
    }

    #[test]
    fn root_has_no_engines_of_its_own_but_inside_rootlesskit() {
        let root = places(None, true, false);
        assert_eq!((root.config, root.data, root.home), (None, None, Some("/home/ann".into())));
        assert_eq!(places(None, true, true).data, Some("/home/ann/.local/share".into()));
        let prefix = Some("/copy".into());
        let copy = Environment { home: Some("/home/ann".into()), prefix, ..Environment::default() };
        assert_eq!(copy.user_places(), UserPlaces::default());
    }
}
