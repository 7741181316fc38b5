//! BuildKit: what `buildkitd.toml` names for registries.
//!
//! Source: buildkit 0.32 `cmd/buildkitd/config/config.go`, `cmd/buildkitd/main.go` (`defaultConfigPath`),
//! `util/appdefaults/appdefaults_unix.go` (`UserConfigDir`).

use std::path::Path;

use super::{Installed, instead, spare};
use crate::engine::{Engine, buildkit};
use crate::model::host_config::HostConfig;

impl Installed {
    pub(super) fn buildkit(&mut self, config: &HostConfig) {
        let system = config.file("/etc/buildkit/buildkitd.toml");
        let (own, data) = (config.user_file("buildkit/buildkitd.toml"), config.user_data("buildkit"));
        let is_rootless = own.is_some() || data.is_some();
        let file = if is_rootless { own } else { system };
        if !config.has_program("buildkitd") && file.is_none() && data.is_none() {
            return;
        }
        let table = self.toml(file);
        self.toml(spare(own, system));
        let registries = table.get("registry").and_then(toml::Value::as_table);
        let registries = registries.into_iter().flatten().map(|(name, settings)| self.registry(name, settings));
        self.buildkit = registries.collect();
        let name = match (own, &data) {
            (Some(own), _) => format!("rootless, {}", instead(config, own, system)),
            (None, Some(data)) => format!("rootless, {}: no buildkitd.toml, which", config.user.shorten(data)),
            (None, None) => "buildkitd.toml".to_owned(),
        };
        let evidence = match self.buildkit.iter().filter(|registry| registry.names_certificates()).count() {
            0 => format!("{name} names no certificates; shown as if the directory were a tlsconfigdir"),
            1 => format!("{name} names certificates for 1 registry"),
            many => format!("{name} names certificates for {many} registries"),
        };
        self.engines.push((Engine::Buildkit, evidence));
    }

    fn registry(&self, name: &str, settings: &toml::Value) -> buildkit::Registry {
        let items = |key: &str| settings.get(key).and_then(toml::Value::as_array).into_iter().flatten();
        let path = |value: &toml::Value| Some(self.on_disk(Path::new(value.as_str()?)));
        let pair = |pair: &toml::Value| Some((path(pair.get("cert")?)?, path(pair.get("key")?)?));
        buildkit::Registry {
            name: name.to_owned(),
            authorities: items("ca").filter_map(path).collect(),
            pairs: items("keypair").filter_map(pair).collect(),
            directories: items("tlsconfigdir").filter_map(path).collect(),
            mirrors: items("mirrors").filter_map(|mirror| mirror.as_str().map(str::to_owned)).collect(),
            http: settings.get("http").and_then(toml::Value::as_bool),
            insecure: settings.get("insecure").and_then(toml::Value::as_bool).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{file, of_user};
    use super::*;

    #[test]
    fn a_rootless_buildkitd_reads_the_user_s_file_alone() {
        let toml = |registry: &str| format!("[registry.\"{registry}\"]\nca = [\"/ca.pem\"]\n");
        let system = file("/etc/buildkit/buildkitd.toml", &toml("system.test"));
        let found = |files: Vec<_>, directories: &[&str]| {
            let installed = Installed::detect(&of_user(files, directories));
            let names: Vec<_> = installed.buildkit.iter().map(|registry| registry.name.clone()).collect();
            (names.join(" "), installed.evidence(Engine::Buildkit).unwrap().to_owned())
        };
        let own = file("/home/ann/.config/buildkit/buildkitd.toml", &toml("own.test"));
        let (names, evidence) = found(vec![system.clone(), own], &[]);
        assert_eq!(names, "own.test");
        let expected = "rootless, ~/.config/buildkit/buildkitd.toml instead of /etc/buildkit/buildkitd.toml names \
                        certificates for 1 registry";
        assert_eq!(evidence, expected);

        let (names, evidence) = found(vec![system.clone()], &["/home/ann/.local/share/buildkit"]);
        assert_eq!(names, "");
        assert!(
            evidence.starts_with("rootless, ~/.local/share/buildkit: no buildkitd.toml, which names no"),
            "{evidence}"
        );
        assert_eq!(found(vec![system], &[]).0, "system.test");
    }
}
