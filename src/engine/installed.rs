//! Which engines are on this host, and what their own configuration makes of registries.
//!
//! Source: moby 29.7 `daemon/config/config.go`, `daemon/image_store_choice.go` (`determineImageStoreChoice`); containerd 2.2
//! `internal/cri/config/config_unix.go` (`config_path`); buildkit 0.32 `cmd/buildkitd/config/config.go`; containers/image
//! 5.36 `pkg/sysregistriesv2`.

use std::path::{Path, PathBuf};

use crate::engine::select::DaemonConfig;
use crate::engine::{Engine, buildkit};
use crate::model::host_config::{ConfigFile, HostConfig, NearMiss};

/// What is installed, as far as files tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// The engines, with what tells that they are here.
    pub engines: Vec<(Engine, String)>,
    /// `daemon.json`, as far as it concerns registries.
    pub daemon: DaemonConfig,
    /// Where containerd's CRI plugin looks: `config_path`, split at colons.
    pub containerd_roots: Vec<PathBuf>,
    /// The registries that `buildkitd.toml` names certificates for.
    pub buildkit: Vec<buildkit::Registry>,
    /// Names that `/etc/hosts` leads to a loopback address, which makes their registries insecure to Docker.
    pub loopback_names: Vec<String>,
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
            let address = words.next().and_then(|word| word.parse::<std::net::IpAddr>().ok());
            if address.is_some_and(|address| address.is_loopback()) {
                self.loopback_names.extend(words.map(str::to_ascii_lowercase));
            }
        }
    }

    fn docker(&mut self, config: &HostConfig) {
        let daemon = self.json(config.file("/etc/docker/daemon.json"));
        let has_file = config.file("/etc/docker/daemon.json").is_some();
        if !config.has_program("dockerd") && !has_file && !config.has_directory("/var/lib/docker") {
            return;
        }
        let list = |key: &str| -> Vec<String> {
            let items = daemon.get(key).and_then(serde_json::Value::as_array);
            items.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        self.daemon = DaemonConfig { mirrors: list("registry-mirrors"), insecure: list("insecure-registries") };
        let snapshotter = daemon.pointer("/features/containerd-snapshotter").and_then(serde_json::Value::as_bool);
        let graph_driver = ["overlay2", "vfs", "btrfs", "fuse-overlayfs"]
            .into_iter()
            .find(|driver| config.has_directory(&format!("/var/lib/docker/image/{driver}")));
        let named_driver = daemon.get("storage-driver").and_then(serde_json::Value::as_str);
        self.engines.push((Engine::DockerClassic, "login always uses this loader".to_owned()));
        let why = match (snapshotter, graph_driver, named_driver) {
            (Some(false), ..) => {
                "builds from 28.0 use this loader; pulls do not, since daemon.json turns the containerd image store off"
                    .to_owned()
            }
            (Some(true), ..) => "daemon.json turns the containerd image store on".to_owned(),
            (None, Some(driver), _) => {
                format!("builds from 28.0 use this loader; pulls do not, since there is {driver} data")
            }
            (None, None, Some(driver)) => {
                format!("builds from 28.0 use this loader; pulls do not, since daemon.json names {driver}")
            }
            (None, None, None) => "pulls use this loader from 29.0, builds from 28.0".to_owned(),
        };
        self.engines.push((Engine::DockerC8d, why));
    }

    fn containerd(&mut self, config: &HostConfig) {
        let file = config.file("/etc/containerd/config.toml");
        let has_program = config.has_program("containerd") || config.has_program("k3s");
        if !has_program && file.is_none() {
            return;
        }
        let table = self.toml(file);
        let plugins = table.get("plugins").and_then(toml::Value::as_table);
        let config_path = ["io.containerd.cri.v1.images", "io.containerd.grpc.v1.cri"].into_iter().find_map(|plugin| {
            let registry = plugins?.get(plugin)?.get("registry")?;
            registry.get("config_path")?.as_str().filter(|path| !path.is_empty())
        });
        let evidence = match config_path {
            Some(path) => {
                self.containerd_roots = path.split(':').map(PathBuf::from).collect();
                format!("config_path is {path}")
            }
            None => "config_path is not set: read by default from 2.2 on, not before".to_owned(),
        };
        self.engines.push((Engine::Containerd, evidence));
    }

    fn buildkit(&mut self, config: &HostConfig) {
        let file = config.file("/etc/buildkit/buildkitd.toml");
        if !config.has_program("buildkitd") && file.is_none() {
            return;
        }
        let table = self.toml(file);
        let registries = table.get("registry").and_then(toml::Value::as_table);
        for (registry, settings) in registries.into_iter().flatten() {
            let items = |key: &str| settings.get(key).and_then(toml::Value::as_array).into_iter().flatten();
            let path = |value: &toml::Value| Some(self.on_disk(Path::new(value.as_str()?)));
            let pair = |pair: &toml::Value| Some((path(pair.get("cert")?)?, path(pair.get("key")?)?));
            let registry = buildkit::Registry {
                name: registry.clone(),
                authorities: items("ca").filter_map(path).collect(),
                pairs: items("keypair").filter_map(pair).collect(),
                directories: items("tlsconfigdir").filter_map(path).collect(),
            };
            let names_any = !registry.directories.is_empty() || registry.files().next().is_some();
            self.buildkit.extend(names_any.then_some(registry));
        }
        let evidence = match self.buildkit.len() {
            0 => "buildkitd.toml names no certificates; shown as if the directory were a tlsconfigdir".to_owned(),
            1 => "buildkitd.toml names certificates for 1 registry".to_owned(),
            many => format!("buildkitd.toml names certificates for {many} registries"),
        };
        self.engines.push((Engine::Buildkit, evidence));
    }

    fn containers_image(&mut self, config: &HostConfig) {
        let programs: Vec<&str> =
            ["podman", "buildah", "skopeo", "crio"].into_iter().filter(|name| config.has_program(name)).collect();
        let file = config.file("/etc/containers/registries.conf");
        self.toml(file);
        if !programs.is_empty() {
            self.engines.push((Engine::ContainersImage, programs.join(", ")));
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

    fn file(path: &str, text: &str) -> ConfigFile {
        ConfigFile { path: path.into(), bytes: Ok(text.as_bytes().to_vec()) }
    }

    fn names(installed: &Installed) -> Vec<&'static str> {
        installed.engines.iter().map(|(engine, _)| engine.name()).collect()
    }

    #[test]
    fn docker_pulls_with_the_loader_that_its_store_uses() {
        let with = |daemon: &str, directories: &[&str]| HostConfig {
            programs: vec!["/usr/bin/dockerd".into()],
            directories: directories.iter().map(PathBuf::from).collect(),
            files: vec![file("/etc/docker/daemon.json", daemon)],
            ..HostConfig::default()
        };
        let installed = Installed::detect(&with(
            r#"{"registry-mirrors": ["https://m.test"], "insecure-registries": ["r:5000"]}"#,
            &[],
        ));
        assert_eq!(names(&installed), ["docker-classic", "docker-c8d"]);
        assert_eq!(installed.daemon.mirrors, ["https://m.test"]);
        assert_eq!(installed.daemon.insecure, ["r:5000"]);
        let installed = Installed::detect(&with("{}", &["/var/lib/docker/image/overlay2"]));
        assert!(installed.evidence(Engine::DockerC8d).is_some_and(|why| why.contains("overlay2 data")));
        let installed = Installed::detect(&with(r#"{"features": {"containerd-snapshotter": false}}"#, &[]));
        assert!(installed.evidence(Engine::DockerC8d).is_some_and(|why| why.starts_with("builds from 28.0")));
    }

    #[test]
    fn both_sections_of_containerd_s_configuration_count() {
        for plugin in ["io.containerd.cri.v1.images", "io.containerd.grpc.v1.cri"] {
            let text = format!("[plugins.\"{plugin}\".registry]\nconfig_path = \"/a:/b\"\n");
            let config =
                HostConfig { files: vec![file("/etc/containerd/config.toml", &text)], ..HostConfig::default() };
            assert_eq!(Installed::detect(&config).containerd_roots, [Path::new("/a"), Path::new("/b")]);
        }
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
    fn nothing_is_found_on_an_empty_host() {
        assert_eq!(Installed::detect(&HostConfig::default()), Installed::default());
    }
}
