//! Podman and its kin: what `registries.conf` and the files beside it say.
//!
//! Source: containers/image 5.36 `pkg/sysregistriesv2/system_registries_v2.go` (`newConfigWrapperWithHomeDir`,
//! `loadConfigFile`, `updateWithConfigurationFrom`).

use std::path::{Path, PathBuf};

use super::{Installed, instead, spare};
use crate::engine::Engine;
use crate::model::host_config::{ConfigFile, HostConfig, REGISTRIES, USER_REGISTRIES};

impl Installed {
    /// `~/.config/containers/registries.conf` counts for every user, root too, and takes the place of the system's, with the
    /// files in `registries.conf.d` beside it. Without it the system's count, and then the user's directory all the same.
    pub(super) fn containers_image(&mut self, config: &HostConfig) {
        let programs: Vec<&str> =
            ["podman", "buildah", "skopeo", "crio"].into_iter().filter(|name| config.has_program(name)).collect();
        let own_path = config.user.home.as_ref().map(|home| home.join(USER_REGISTRIES));
        let own = own_path.as_ref().and_then(|path| config.file(path));
        let system = config.file(REGISTRIES);
        let (main, directories) = match own {
            Some(own) => (Some(own), vec![drop_ins(&own.path)]),
            None => (
                system,
                [Some(PathBuf::from(REGISTRIES)), own_path].iter().flatten().map(|path| drop_ins(path)).collect(),
            ),
        };
        let beside =
            |directory: &PathBuf| config.files.iter().filter(|file| file.path.parent() == Some(directory)).collect();
        let further: Vec<&ConfigFile> = directories.iter().flat_map::<Vec<_>, _>(beside).collect();
        if main.is_some() || !further.is_empty() {
            let path = main.map_or(Path::new(REGISTRIES), |file| &file.path);
            self.registries_files = [path.to_path_buf(), drop_ins(path)];
        }
        for file in main.into_iter().chain(further) {
            let table = self.toml(Some(file));
            self.registries.add(&table);
        }
        self.toml(spare(own, system));
        let mut evidence = match (programs.is_empty(), main) {
            (false, _) => programs.join(", "),
            // CRI-O and others bring programs of other names; the configuration tells that somebody is here to read it.
            (true, Some(main)) => main.path.display().to_string(),
            (true, None) => return,
        };
        if let Some(own) = own {
            let rootless = if config.user.config.is_some() { "rootless, " } else { "" };
            evidence = format!("{evidence}; {rootless}{}", instead(config, own, system));
        }
        self.engines.push((Engine::ContainersImage, evidence));
    }
}

/// The directory whose files count beside a `registries.conf`.
fn drop_ins(path: &Path) -> PathBuf {
    path.with_extension("conf.d")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{file, of_user};
    use super::*;

    #[test]
    fn a_user_s_own_registries_conf_takes_the_place_of_the_system_s() {
        let own = || file("/home/ann/.config/containers/registries.conf", "[[registry]]\n");
        let mut config = of_user(vec![file("/etc/containers/registries.conf", ""), own()], &[]);
        let evidence = |config: &HostConfig| {
            let installed = Installed::detect(config);
            installed.evidence(Engine::ContainersImage).unwrap().to_owned()
        };
        let instead = "~/.config/containers/registries.conf instead of /etc/containers/registries.conf";
        assert_eq!(evidence(&config), format!("podman; rootless, {instead}"));
        // Root's counts as well, but root's Podman is not rootless.
        config.user.config = None;
        assert_eq!(evidence(&config), format!("podman; {instead}"));
        config.files.pop();
        assert_eq!(evidence(&config), "podman");
    }

    #[test]
    fn a_registries_conf_alone_tells_that_somebody_reads_it() {
        let mut config = of_user(vec![file("/etc/containers/registries.conf", "")], &[]);
        config.programs.clear();
        assert_eq!(
            Installed::detect(&config).evidence(Engine::ContainersImage),
            Some("/etc/containers/registries.conf")
        );
        config.files.clear();
        assert_eq!(Installed::detect(&config).evidence(Engine::ContainersImage), None);
    }

    #[test]
    fn files_beside_it_count_after_it() {
        let conf = |host: &str, mirror: &str| {
            format!("[[registry]]\nlocation = \"{host}\"\n[[registry.mirror]]\nlocation = \"{mirror}\"\n")
        };
        let files = vec![
            file("/etc/containers/registries.conf", &conf("r.test", "main.test")),
            file("/etc/containers/registries.conf.d/10-b.conf", &conf("r.test", "beside.test")),
            file("/home/ann/.config/containers/registries.conf.d/a.conf", &conf("s.test", "own.test")),
        ];
        let first = |files: Vec<ConfigFile>, name: &str| {
            let sources = Installed::detect(&of_user(files, &[])).registries.sources(name).unwrap();
            sources.first().unwrap().directory_names.concat()
        };
        assert_eq!(first(files.clone(), "r.test"), "beside.test");
        assert_eq!(first(files.clone(), "s.test"), "own.test");
        let own = file("/home/ann/.config/containers/registries.conf", "");
        let files = [files, vec![own]].concat();
        assert_eq!((first(files.clone(), "r.test"), first(files, "s.test")), ("r.test".into(), "own.test".into()));
    }
}
