//! Docker: `daemon.json`, and which of its two loaders pulls.
//!
//! Source: moby 29.7 `daemon/config/config.go`, `daemon/image_store_choice.go` (`determineImageStoreChoice`),
//! `daemon/command/daemon_unix.go` (`getDefaultDaemonConfigDir`).

use std::path::PathBuf;

use serde_json::Value;

use super::{Installed, instead, spare};
use crate::engine::Engine;
use crate::engine::select::DaemonConfig;
use crate::model::host_config::{ConfigFile, HostConfig, SNAP, SNAP_DAEMON};

/// The daemon that is found, and where its files are.
struct Daemon<'a> {
    /// Its `daemon.json`.
    file: Option<&'a ConfigFile>,
    /// Where its images would be.
    data: Option<PathBuf>,
    /// That directory is there.
    has_data: bool,
    /// What tells that it is rootless, or a snap; empty where it is the system's.
    whose: String,
    /// It is a snap.
    is_snap: bool,
}

impl Installed {
    pub(super) fn docker(&mut self, config: &HostConfig) {
        let system = config.file("/etc/docker/daemon.json");
        let daemon = Daemon::find(config, system);
        let json = self.json(daemon.file);
        self.snap_docker = daemon.is_snap;
        if !daemon.whose.is_empty() && !daemon.is_snap {
            self.json(spare(daemon.file, system));
            self.rootless_docker = config.user.config.as_ref().map(|directory| directory.join("docker"));
        }
        if !config.has_program("dockerd") && daemon.file.is_none() && !daemon.has_data {
            return;
        }
        let list = |key: &str| -> Vec<String> {
            let items = json.get(key).and_then(Value::as_array);
            items.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        self.daemon = DaemonConfig {
            mirrors: list("registry-mirrors"),
            insecure: list("insecure-registries"),
            addresses: std::mem::take(&mut self.daemon.addresses),
        };
        let login = format!("{}login always uses this loader", daemon.whose);
        let pulls = format!("{}{}", daemon.whose, who_pulls(&json, daemon.graph_driver(config)));
        self.engines.extend([(Engine::DockerClassic, login), (Engine::DockerC8d, pulls)]);
    }
}

impl<'a> Daemon<'a> {
    /// The user's own daemon where anything tells of one, else the system's. The one never reads the other's file.
    fn find(config: &'a HostConfig, system: Option<&'a ConfigFile>) -> Self {
        let (own, own_data) = (config.user_file("docker/daemon.json"), config.user_data("docker"));
        let rootless = match (own, &own_data) {
            (Some(own), _) => instead(config, own, system),
            (None, Some(data)) => config.user.shorten(data),
            (None, None) if config.user.in_rootlesskit => "ROOTLESSKIT_STATE_DIR is set".to_owned(),
            (None, None) if config.has_directory(SNAP) && !config.has_program("dockerd") => {
                let whose = format!("a snap, {SNAP}; ");
                return Self { file: config.file(SNAP_DAEMON), data: None, has_data: true, whose, is_snap: true };
            }
            (None, None) => {
                let data = "/var/lib/docker";
                let has_data = config.has_directory(data);
                return Self { file: system, data: Some(data.into()), has_data, whose: String::new(), is_snap: false };
            }
        };
        let has_data = own_data.is_some();
        Self { file: own, data: own_data, has_data, whose: format!("rootless, {rootless}; "), is_snap: false }
    }

    /// The graph driver that has images there.
    fn graph_driver(&self, config: &HostConfig) -> Option<&'static str> {
        let images = self.data.as_deref()?.join("image");
        let has = |driver: &&str| config.directories.iter().any(|path| *path == images.join(driver));
        ["overlay2", "vfs", "btrfs", "fuse-overlayfs"].into_iter().find(has)
    }
}

/// Says what pulls with containerd's loader.
fn who_pulls(daemon: &Value, graph_driver: Option<&str>) -> String {
    let snapshotter = daemon.pointer("/features/containerd-snapshotter").and_then(Value::as_bool);
    let named_driver = daemon.get("storage-driver").and_then(Value::as_str);
    let graph = "builds from 28.0 use this loader; pulls do not, since";
    match (snapshotter, graph_driver, named_driver) {
        (Some(false), ..) => format!("{graph} daemon.json turns the containerd image store off"),
        (Some(true), ..) => "daemon.json turns the containerd image store on".to_owned(),
        (None, Some(driver), _) => format!("{graph} there is {driver} data"),
        (None, None, Some(driver)) => format!("{graph} daemon.json names {driver}"),
        (None, None, None) => "pulls use this loader from 29.0, builds from 28.0".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::tests::{file, names, of_user};
    use super::*;
    use crate::model::RootKind;

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
    fn a_rootless_daemon_reads_the_user_s_file_alone() {
        let system = file("/etc/docker/daemon.json", r#"{"registry-mirrors": ["https://system.test"]}"#);
        let own = file("/home/ann/.config/docker/daemon.json", r#"{"insecure-registries": ["r:5000"]}"#);
        let installed = Installed::detect(&of_user(vec![system.clone(), own], &["/var/lib/docker"]));
        assert_eq!((installed.daemon.mirrors.len(), installed.daemon.insecure.len()), (0, 1));
        let evidence = "rootless, ~/.config/docker/daemon.json instead of /etc/docker/daemon.json; pulls use this loader \
                        from 29.0, builds from 28.0";
        assert_eq!(installed.evidence(Engine::DockerC8d), Some(evidence));
        assert_eq!(installed.daemon_file(), Path::new("/home/ann/.config/docker/daemon.json"));
        assert_eq!(installed.docker_root(), RootKind::DockerRootless);

        let installed = Installed::detect(&of_user(vec![system.clone()], &[]));
        assert_eq!(installed.daemon.mirrors, ["https://system.test"]);
        assert_eq!(installed.docker_root(), RootKind::Docker);
        assert_eq!(installed.daemon_file(), Path::new("/etc/docker/daemon.json"));

        // Images of its own tell of a rootless daemon too, even of one without a configuration.
        let images = ["/home/ann/.local/share/docker", "/home/ann/.local/share/docker/image/overlay2"];
        let installed = Installed::detect(&of_user(vec![system], &images));
        assert!(installed.daemon.mirrors.is_empty());
        let evidence = "rootless, ~/.local/share/docker; builds from 28.0 use this loader; pulls do not, since there is \
                        overlay2 data";
        assert_eq!(installed.evidence(Engine::DockerC8d), Some(evidence));
    }

    #[test]
    fn a_snap_reads_its_own_directory_alone() {
        let own = file(SNAP_DAEMON, r#"{"insecure-registries": ["r:5000"]}"#);
        let mut config = HostConfig { directories: vec![SNAP.into()], files: vec![own], ..HostConfig::default() };
        let installed = Installed::detect(&config);
        assert_eq!(installed.daemon.insecure, ["r:5000"]);
        assert_eq!((installed.docker_root(), installed.daemon_file()), (RootKind::DockerSnap, SNAP_DAEMON.into()));
        let evidence = "a snap, /var/snap/docker/current; login always uses this loader";
        assert_eq!(installed.evidence(Engine::DockerClassic), Some(evidence));
        config.programs = vec!["/usr/bin/dockerd".into()];
        assert_eq!(Installed::detect(&config).docker_root(), RootKind::Docker);
    }

    #[test]
    fn inside_rootlesskit_the_system_s_file_does_not_count() {
        let system = file("/etc/docker/daemon.json", r#"{"registry-mirrors": ["https://system.test"]}"#);
        let mut config = of_user(vec![system], &[]);
        config.programs = vec!["/usr/bin/dockerd".into()];
        config.user.in_rootlesskit = true;
        // As where XDG_CONFIG_HOME is relative: dockerd then has no file, and /etc/docker/certs.d for its root.
        config.user.config = None;
        let installed = Installed::detect(&config);
        assert!(installed.daemon.mirrors.is_empty() && installed.rootless_docker.is_none());
        let evidence = installed.evidence(Engine::DockerClassic);
        assert_eq!(evidence, Some("rootless, ROOTLESSKIT_STATE_DIR is set; login always uses this loader"));
    }
}
