//! Which engines are on this host, and what their own configuration makes of registries.
//!
//! Where the user who runs the program has engines of their own, rootless ones, those are what is found: they read the
//! user's files instead of the system's, and nothing of both.

mod buildkitd;
mod containerd;
mod dockerd;
mod podman;

use std::path::{Path, PathBuf};

use crate::base::text::display_name;
use crate::engine::registries_conf::RegistriesConf;
use crate::engine::select::DaemonConfig;
use crate::engine::{Engine, buildkit};
use crate::model::host_config::{ConfigFile, HostConfig, NearMiss, SNAP_DAEMON};
use crate::model::{Root, RootKind};

/// What is installed, as far as files tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// The engines, with what tells that they are here.
    pub engines: Vec<(Engine, String)>,
    /// `daemon.json`, as far as it concerns registries.
    pub daemon: DaemonConfig,
    /// The directory of a rootless Docker's configuration: `~/.config/docker`.
    pub rootless_docker: Option<PathBuf>,
    /// Docker is a snap, which sees nothing outside of [`SNAP`](crate::model::host_config::SNAP).
    pub snap_docker: bool,
    /// Where containerd's CRI plugin looks: `config_path`, split at colons. Of a rootless containerd, where nerdctl looks
    /// unless there is one.
    pub containerd_roots: Vec<PathBuf>,
    /// The directory of a rootless containerd's configuration: `~/.config/containerd`.
    pub rootless_containerd: Option<PathBuf>,
    /// The registries that `buildkitd.toml` says something of.
    pub buildkit: Vec<buildkit::Registry>,
    /// What `registries.conf` says to Podman and its kin.
    pub registries: RegistriesConf,
    /// Where that stands: the file, and the directory beside it.
    pub registries_files: [PathBuf; 2],
    /// Where the system's roots come from.
    pub system_roots: Vec<PathBuf>,
    /// Configuration that could not be read or understood.
    pub problems: Vec<Problem>,
    /// Directories that are taken for a `certs.d` by mistake, and that no configuration names.
    pub near_misses: Vec<NearMiss>,
    /// The directory that was taken for `/`, if not that itself.
    pub prefix: Option<PathBuf>,
}

/// A configuration file that could not be read or understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// Why: lower case, no final period.
    pub reason: String,
}

impl Installed {
    /// Works out what is installed.
    pub fn detect(config: &HostConfig) -> Self {
        let is_unnamed = |miss: &&NearMiss| !config.files.iter().any(|file| names_directory(file, &miss.path));
        let near_misses = config.near_misses.iter().filter(is_unnamed).cloned().collect();
        let system_roots = config.system_roots.clone();
        let mut installed = Self { near_misses, system_roots, prefix: config.prefix.clone(), ..Self::default() };
        installed.hosts_file(config.file("/etc/hosts"));
        installed.docker(config);
        installed.containerd(config);
        installed.buildkit(config);
        installed.containers_image(config);
        installed
    }

    /// What `buildkitd.toml` names for a registry.
    pub fn buildkit_registry(&self, name: &str) -> Option<&buildkit::Registry> {
        self.buildkit.iter().find(|registry| registry.name == name)
    }

    /// What tells that an engine is here; `None` where nothing does.
    pub fn evidence(&self, engine: Engine) -> Option<&str> {
        self.engines.iter().find(|(found, _)| *found == engine).map(|(_, evidence)| evidence.as_str())
    }

    /// The `daemon.json` that Docker reads, without the prefix of a copied server.
    pub fn daemon_file(&self) -> PathBuf {
        if self.snap_docker {
            return PathBuf::from(SNAP_DAEMON);
        }
        let directory = self.rootless_docker.as_deref().unwrap_or(Path::new("/etc/docker"));
        directory.join("daemon.json")
    }

    /// Whose root the one is that Docker reads.
    pub fn docker_root(&self) -> RootKind {
        match self.rootless_docker {
            _ if self.snap_docker => RootKind::DockerSnap,
            Some(_) => RootKind::DockerRootless,
            None => RootKind::Docker,
        }
    }

    /// Tells whether an engine looks for host directories under a root. BuildKit looks under none, and is shown as if it did.
    pub fn looks_under(&self, engine: Engine, root: &Root) -> bool {
        let is_containerds = |default: bool| {
            let named = self.containerd_roots.iter().any(|path| self.on_disk(path) == root.path);
            named || (default && self.containerd_roots.is_empty())
        };
        match (engine, root.kind) {
            (Engine::Buildkit, _) | (_, RootKind::Given | RootKind::Partial) => true,
            (Engine::DockerClassic | Engine::DockerC8d, kind) => kind == self.docker_root(),
            (Engine::ContainersImage, kind) => {
                matches!(kind, RootKind::PodmanUser | RootKind::PodmanSystem | RootKind::Docker)
            }
            (Engine::Containerd, kind) => is_containerds(matches!(kind, RootKind::Containerd | RootKind::Docker)),
        }
    }

    /// Where an absolute path of the host is on this disk.
    pub fn on_disk(&self, path: &Path) -> PathBuf {
        match &self.prefix {
            Some(prefix) => prefix.join(path.strip_prefix("/").unwrap_or(path)),
            None => path.to_path_buf(),
        }
    }

    /// The lines of `/etc/hosts`: an address, then names; `#` begins a comment (hosts(5)).
    fn hosts_file(&mut self, file: Option<&ConfigFile>) {
        let Some(Ok(bytes)) = file.map(|file| &file.bytes) else { return };
        for line in String::from_utf8_lossy(bytes).lines() {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            let Some(Ok(address)) = words.next().map(str::parse::<std::net::IpAddr>) else { continue };
            self.daemon.addresses.extend(words.map(|name| (name.to_ascii_lowercase(), address)));
        }
    }

    fn json(&mut self, file: Option<&ConfigFile>) -> serde_json::Value {
        let Some((file, bytes)) = self.bytes(file) else { return serde_json::Value::Null };
        if bytes.trim_ascii().is_empty() {
            return serde_json::Value::Null;
        }
        serde_json::from_slice(bytes).unwrap_or_else(|error| {
            self.problems.push(Problem { path: file.path.clone(), reason: error.to_string() });
            serde_json::Value::Null
        })
    }

    fn toml(&mut self, file: Option<&ConfigFile>) -> toml::Table {
        let Some((file, bytes)) = self.bytes(file) else { return toml::Table::new() };
        let parsed = std::str::from_utf8(bytes)
            .map_err(|error| error.to_string())
            .and_then(|text| text.parse().map_err(|error: toml::de::Error| error.message().to_owned()));
        parsed.unwrap_or_else(|reason| {
            self.problems.push(Problem { path: file.path.clone(), reason });
            toml::Table::new()
        })
    }

    fn bytes<'a>(&mut self, file: Option<&'a ConfigFile>) -> Option<(&'a ConfigFile, &'a [u8])> {
        let file = file?;
        match &file.bytes {
            Ok(bytes) => Some((file, bytes)),
            Err(error) => {
                self.problems.push(Problem { path: file.path.clone(), reason: error.errno.to_string() });
                None
            }
        }
    }
}

/// The system's file where a user's own takes its place: nobody here reads it, but it may be broken. One that may not be
/// read does not matter.
fn spare<'a>(own: Option<&ConfigFile>, system: Option<&'a ConfigFile>) -> Option<&'a ConfigFile> {
    system.filter(|system| own.is_some() && system.bytes.is_ok())
}

/// A user's own file, and that it is not the system's that is read.
fn instead(config: &HostConfig, own: &ConfigFile, system: Option<&ConfigFile>) -> String {
    let own = config.user.shorten(&own.path);
    match system {
        Some(system) => format!("{own} instead of {}", display_name(&system.path)),
        None => own,
    }
}

/// Tells whether a configuration names a directory or something in it: then something reads it after all.
fn names_directory(file: &ConfigFile, directory: &Path) -> bool {
    let (Ok(bytes), Some(directory)) = (&file.bytes, directory.to_str()) else { return false };
    let text = String::from_utf8_lossy(bytes);
    let goes_on = |rest: &str| rest.starts_with(|next: char| next.is_alphanumeric() || matches!(next, '.' | '-' | '_'));
    text.split(directory).skip(1).any(|rest| !goes_on(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::errno::{Errno, FsError, Operation};
    use crate::model::host_config::UserPlaces;

    pub(super) fn file(path: &str, text: &str) -> ConfigFile {
        ConfigFile { path: path.into(), bytes: Ok(text.as_bytes().to_vec()) }
    }

    /// What an ordinary user sees whose home is `/home/ann`.
    pub(super) fn of_user(files: Vec<ConfigFile>, directories: &[&str]) -> HostConfig {
        let user = UserPlaces {
            home: Some("/home/ann".into()),
            config: Some("/home/ann/.config".into()),
            data: Some("/home/ann/.local/share".into()),
            in_rootlesskit: false,
        };
        let directories = directories.iter().map(PathBuf::from).collect();
        HostConfig { programs: vec!["/usr/bin/podman".into()], files, directories, user, ..HostConfig::default() }
    }

    pub(super) fn names(installed: &Installed) -> Vec<&'static str> {
        installed.engines.iter().map(|(engine, _)| engine.name()).collect()
    }

    #[test]
    fn broken_configuration_is_a_problem_not_a_failure() {
        let denied = Err(FsError { operation: Operation::Open, errno: Errno::EACCES });
        let files = vec![
            file("/etc/docker/daemon.json", "{"),
            ConfigFile { path: "/etc/containerd/config.toml".into(), bytes: denied },
        ];
        let installed = Installed::detect(&HostConfig { files, ..HostConfig::default() });
        let problems: Vec<_> = installed.problems.iter().map(|problem| problem.reason.as_str()).collect();
        assert_eq!(problems, ["EOF while parsing an object at line 1 column 1", "permission denied"]);
        assert_eq!(names(&installed), ["docker-classic", "docker-c8d", "containerd"]);
    }

    #[test]
    fn a_directory_that_a_configuration_names_is_no_near_miss() {
        let miss = |path: &str| NearMiss { path: path.into(), meant: "/etc/docker/certs.d".into(), hosts: 1 };
        let config = HostConfig {
            files: vec![file("/etc/docker/daemon.json", r#"{"tlscacert": "/etc/docker/certs/r.test/ca.pem"}"#)],
            near_misses: vec![miss("/etc/docker/certs"), miss("/etc/docker/cert")],
            ..HostConfig::default()
        };
        assert_eq!(Installed::detect(&config).near_misses, [miss("/etc/docker/cert")]);
    }

    #[test]
    fn a_file_that_is_not_read_is_a_problem_only_where_it_is_broken() {
        let denied = Err(FsError { operation: Operation::Open, errno: Errno::EACCES });
        let own = file("/home/ann/.config/docker/daemon.json", "{}");
        let system = ConfigFile { path: "/etc/docker/daemon.json".into(), bytes: denied.clone() };
        assert_eq!(Installed::detect(&of_user(vec![own.clone(), system], &[])).problems, []);
        let broken = file("/etc/docker/daemon.json", "{");
        assert_eq!(Installed::detect(&of_user(vec![own, broken.clone()], &[])).problems.len(), 1);
        let own = ConfigFile { path: "/home/ann/.config/docker/daemon.json".into(), bytes: denied };
        let problems = Installed::detect(&of_user(vec![own, broken], &[])).problems;
        let reasons: Vec<_> = problems.iter().map(|problem| problem.reason.as_str()).collect();
        assert_eq!(reasons, ["permission denied", "EOF while parsing an object at line 1 column 1"]);
    }

    #[test]
    fn engines_look_under_roots_of_their_own() {
        let looks = |installed: &Installed, kind: RootKind, path: &str| {
            let root = Root { path: path.into(), kind, error: None };
            let engines = Engine::ALL.into_iter().filter(|engine| installed.looks_under(*engine, &root));
            engines.map(Engine::name).collect::<Vec<_>>().join(" ")
        };
        let mut installed = Installed::default();
        let docker = "docker-classic docker-c8d containerd buildkit containers-image";
        assert_eq!(looks(&installed, RootKind::Docker, "/etc/docker/certs.d"), docker);
        assert_eq!(looks(&installed, RootKind::Containerd, "/etc/containerd/certs.d"), "containerd buildkit");
        assert_eq!(looks(&installed, RootKind::PodmanSystem, "/etc/containers/certs.d"), "buildkit containers-image");
        installed.containerd_roots = vec!["/etc/containerd/certs.d".into()];
        installed.snap_docker = true;
        assert_eq!(looks(&installed, RootKind::Docker, "/etc/docker/certs.d"), "buildkit containers-image");
        assert_eq!(looks(&installed, RootKind::DockerSnap, "/snap"), "docker-classic docker-c8d buildkit");
        assert_eq!(looks(&installed, RootKind::Given, "/tmp/certs.d"), docker);
    }

    #[test]
    fn nothing_is_found_on_an_empty_host() {
        assert_eq!(Installed::detect(&HostConfig::default()), Installed::default());
    }
}
