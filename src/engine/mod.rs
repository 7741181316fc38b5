//! What each engine would do with a host directory: loaded, skipped or fatal, file by file, in its own order and its own
//! words. Pure: the same code answers "what is" and "what would be".

pub mod docker;
pub mod golang;
pub mod load;
pub mod select;

pub use load::{Anchor, ClientPair, Load, LoadError, LoadErrorKind, Roots, Step, StepOutcome, TlsMaterial};

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
}

impl Engine {
    /// All engines, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::DockerClassic, Self::DockerC8d];

    /// The name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::DockerClassic => "docker-classic",
            Self::DockerC8d => "docker-c8d",
        }
    }

    /// What people know it by.
    pub fn title(self) -> &'static str {
        match self {
            Self::DockerClassic => "Docker: login, and pull with a graph driver",
            Self::DockerC8d => "Docker 28 and later: pull with the containerd store, and builds",
        }
    }

    /// What it would make of a host directory.
    pub fn load(self, host: &HostDir) -> Load {
        match self {
            Self::DockerClassic => docker::classic(host),
            Self::DockerC8d => docker::c8d(host),
        }
    }

    /// What every engine would make of a host directory.
    pub fn load_all(host: &HostDir) -> Vec<Load> {
        Self::ALL.into_iter().map(|engine| engine.load(host)).collect()
    }
}
