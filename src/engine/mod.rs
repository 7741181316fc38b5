//! What each engine would do with a host directory: loaded, skipped or fatal, file by file, in its own order and its own
//! words. Pure: the same code answers "what is" and "what would be".

pub mod buildkit;
pub mod containerd;
pub mod explanation;
pub mod golang;
pub mod installed;
pub mod listing;
pub mod load;
pub mod registries_conf;
pub mod select;
mod trace;
pub mod version;

pub use load::{Anchor, ClientPair, Connection, Load, LoadError, LoadErrorKind, Roots, Step, StepOutcome, TlsMaterial};

pub use version::{GoVersion, Judge, JudgeError, Version};

use crate::model::HostDir;

/// An engine's loader of certificate directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// dockerd's own loader: `docker login` always, `docker pull` with a graph driver (moby
    /// `daemon/pkg/registry/registry.go`, `loadTLSConfig`, 29.x)
    DockerClassic,
    /// dockerd's containerd-style loader: `docker pull` with the containerd image store and every build, from 28.0 (moby
    /// `daemon/hosts.go`, `RegistryHosts`; containerd `core/remotes/docker/config/hosts.go`)
    DockerC8d,
    /// containerd 2: Kubernetes' CRI plugin, `ctr --hosts-dir`, nerdctl (containerd `core/remotes/docker/config/hosts.go`)
    Containerd,
    /// BuildKit's `ca`, `keypair` and `tlsconfigdir` (buildkit `util/resolver/resolver.go`, `loadTLSConfig`)
    Buildkit,
    /// containers/image: Podman, Buildah, Skopeo, CRI-O (`pkg/tlsclientconfig`, `SetupCertificates`)
    ContainersImage,
}

impl Engine {
    /// All engines, in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::DockerClassic, Self::DockerC8d, Self::Containerd, Self::Buildkit, Self::ContainersImage];

    /// The engines whose judgement decides how bad a finding is, unless others are chosen.
    pub const JUDGES: [Self; 2] = [Self::DockerClassic, Self::DockerC8d];

    /// The name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::DockerClassic => "docker-classic",
            Self::DockerC8d => "docker-c8d",
            Self::Containerd => "containerd",
            Self::Buildkit => "buildkit",
            Self::ContainersImage => "containers-image",
        }
    }

    /// What people know it by.
    pub fn title(self) -> &'static str {
        match self {
            Self::DockerClassic => "Docker: login, and pull with a graph driver",
            Self::DockerC8d => "Docker 28 and later: pull with the containerd store, and builds",
            Self::Containerd => "containerd: Kubernetes, ctr, nerdctl",
            Self::Buildkit => "BuildKit: buildkitd.toml, else as a tlsconfigdir",
            Self::ContainersImage => "Podman, Buildah, Skopeo, CRI-O",
        }
    }

    /// What its newest version would make of a host directory.
    pub fn load(self, host: &HostDir) -> Load {
        Judge::newest(self).load(host)
    }

    /// What the engines that judge would make of a host directory.
    pub fn load_all(host: &HostDir) -> Vec<Load> {
        Self::JUDGES.into_iter().map(|engine| engine.load(host)).collect()
    }
}

impl Judge {
    /// What this version of the engine would make of a host directory.
    pub fn load(self, host: &HostDir) -> Load {
        match self.engine {
            Engine::DockerClassic => listing::docker_classic(self, host),
            Engine::DockerC8d | Engine::Containerd => containerd::load(self, host),
            Engine::Buildkit => buildkit::load(self, host),
            Engine::ContainersImage => listing::containers_image(self, host),
        }
    }
}
