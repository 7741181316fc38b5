//! containerd: `config_path` of its CRI plugin, and where nerdctl looks with a rootless one.
//!
//! Source: containerd 2.2 `internal/cri/config/config_unix.go` (`config_path`); nerdctl 2.1
//! `extras/rootless/containerd-rootless.sh`, `pkg/defaults/defaults_linux.go` (`HostsDirs`).

use std::path::{Path, PathBuf};

use super::{Installed, instead, spare};
use crate::engine::Engine;
use crate::model::host_config::{ConfigFile, HostConfig};

impl Installed {
    pub(super) fn containerd(&mut self, config: &HostConfig) {
        let system = config.file("/etc/containerd/config.toml");
        let has_own = |home: &&PathBuf| config.directories.contains(&home.join("containerd"));
        if let Some(home) = config.user.config.as_ref().filter(has_own) {
            return self.own_containerd(config, home, system);
        }
        let has_program = config.has_program("containerd") || config.has_program("k3s");
        if !has_program && system.is_none() {
            return;
        }
        let evidence = match self.config_path(system) {
            Some(path) => {
                self.containerd_roots = path.split(':').map(PathBuf::from).collect();
                format!("config_path is {path}")
            }
            None => "config_path is not set: read by default from 2.2 on, not before".to_owned(),
        };
        self.engines.push((Engine::Containerd, evidence));
    }

    /// `containerd-rootless.sh` makes the user's directory and mounts it over `/etc/containerd`, so that nothing of the
    /// system's is seen there.
    fn own_containerd(&mut self, config: &HostConfig, home: &Path, system: Option<&ConfigFile>) {
        let directory = home.join("containerd");
        let own = config.user_file("containerd/config.toml");
        let place = match own {
            Some(own) => instead(config, own, system),
            None => config.user.shorten(&directory),
        };
        let evidence = match self.config_path(own) {
            Some(path) => {
                let mounted = |path: &str| match Path::new(path).strip_prefix("/etc/containerd") {
                    Ok(rest) => directory.join(rest),
                    Err(_) => PathBuf::from(path),
                };
                self.containerd_roots = path.split(':').map(mounted).collect();
                format!("rootless, {place}: config_path is {path}")
            }
            None => {
                let roots = ["containerd/certs.d", "docker/certs.d"].map(|root| home.join(root));
                let names = roots.each_ref().map(|root| config.user.shorten(root));
                self.containerd_roots = roots.to_vec();
                format!("rootless, {place}; nerdctl reads {}", names.join(", then "))
            }
        };
        self.config_path(spare(own, system));
        self.rootless_containerd = Some(directory);
        self.engines.push((Engine::Containerd, evidence));
    }

    /// What a configuration's CRI plugin calls its roots; those of both versions count.
    fn config_path(&mut self, file: Option<&ConfigFile>) -> Option<String> {
        let table = self.toml(file);
        let plugins = table.get("plugins").and_then(toml::Value::as_table);
        let config_path = ["io.containerd.cri.v1.images", "io.containerd.grpc.v1.cri"].into_iter().find_map(|plugin| {
            let registry = plugins?.get(plugin)?.get("registry")?;
            registry.get("config_path")?.as_str().filter(|path| !path.is_empty())
        });
        config_path.map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{file, of_user};
    use super::*;

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
    fn a_rootless_containerd_sees_the_user_s_directory_as_etc_containerd() {
        let section = "[plugins.\"io.containerd.cri.v1.images\".registry]\n";
        let system = file("/etc/containerd/config.toml", &format!("{section}config_path = \"/system\"\n"));
        let directories = ["/home/ann/.config/containerd"];
        let found = |files: Vec<ConfigFile>| {
            let installed = Installed::detect(&of_user(files, &directories));
            let roots: Vec<_> = installed.containerd_roots.iter().map(|root| root.display().to_string()).collect();
            (roots.join(" "), installed.evidence(Engine::Containerd).unwrap().to_owned())
        };
        let roots = "/home/ann/.config/containerd/certs.d /home/ann/.config/docker/certs.d";
        let evidence = "rootless, ~/.config/containerd; nerdctl reads ~/.config/containerd/certs.d, then \
                        ~/.config/docker/certs.d";
        assert_eq!(found(vec![system.clone()]), (roots.to_owned(), evidence.to_owned()));

        let path = "/etc/containerd/certs.d:/etc/docker/certs.d";
        let own = "/home/ann/.config/containerd/config.toml";
        let files = vec![system, file(own, &format!("{section}config_path = \"{path}\"\n"))];
        let roots = "/home/ann/.config/containerd/certs.d /etc/docker/certs.d";
        let evidence = format!(
            "rootless, ~/.config/containerd/config.toml instead of /etc/containerd/config.toml: config_path is {path}"
        );
        assert_eq!(found(files), (roots.to_owned(), evidence));
    }
}
