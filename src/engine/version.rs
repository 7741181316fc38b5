//! Versions of engines: which one is meant, and the version of Go that it was built with, on which some verdicts hang.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::base::text::sanitise;
use crate::engine::Engine;

/// Major and minor version of an engine. Of containers/image it is the library's own (5.36), not Podman's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u16, pub u16);

/// The minor version of Go that an engine was built with: 26 for Go 1.26.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoVersion(pub u8);

impl GoVersion {
    /// The one that the newest releases of all engines are built with.
    pub const NEWEST: Self = Self(26);
}

/// An engine, of a version if one is named, else of the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Judge {
    /// The engine.
    pub engine: Engine,
    /// Its version.
    pub version: Option<Version>,
}

/// A name that means no engine.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum JudgeError {
    /// No engine has this name.
    #[error(
        "no engine is called {0}; there are docker, docker-classic, docker-c8d, containerd, buildkit, podman, skopeo, buildah, cri-o and containers-image"
    )]
    Name(String),
    /// This version of the engine is another one.
    #[error("docker-c8d came with Docker 28.0; before it docker-classic pulls")]
    TooOld,
    /// It is no version.
    #[error("{:?} is no version; one looks like 20.10", sanitise(.0))]
    Version(String),
}

impl Judge {
    /// The newest version of an engine.
    pub fn newest(engine: Engine) -> Self {
        Self { engine, version: None }
    }

    /// The engines that `NAME[@VERSION]` means: `docker` both of its loaders, as far as the version has them.
    ///
    /// # Errors
    /// Where the name or the version means nothing.
    pub fn parse(text: &str) -> Result<Vec<Self>, JudgeError> {
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version.parse()?)),
            None => (text, None),
        };
        let engines: &[Engine] = match name {
            "docker" if version.is_some_and(|version| version < Version(28, 0)) => &[Engine::DockerClassic],
            "docker" => &[Engine::DockerClassic, Engine::DockerC8d],
            "podman" | "skopeo" | "buildah" | "cri-o" => &[Engine::ContainersImage],
            name => {
                let found = Engine::ALL.iter().position(|engine| engine.name() == name);
                let slice = found.and_then(|index| Engine::ALL.get(index..=index));
                slice.ok_or_else(|| JudgeError::Name(name.to_owned()))?
            }
        };
        if engines == [Engine::DockerC8d] && version.is_some_and(|version| version < Version(28, 0)) {
            return Err(JudgeError::TooOld);
        }
        Ok(engines.iter().map(|engine| Self { engine: *engine, version }).collect())
    }

    /// Tells whether it is older than a version; the newest is older than none.
    pub fn is_before(self, version: Version) -> bool {
        self.version.is_some_and(|own| own < version)
    }

    /// The version of Go that this version was released with.
    pub fn go(self) -> GoVersion {
        /// For each engine: from which version on it is built with which Go.
        const DOCKER: &[(Version, u8)] = &[
            (Version(29, 0), 26),
            (Version(28, 0), 23),
            (Version(25, 0), 21),
            (Version(24, 0), 20),
            (Version(20, 10), 19),
        ];
        const CONTAINERD: &[(Version, u8)] =
            &[(Version(2, 2), 26), (Version(2, 0), 23), (Version(1, 7), 21), (Version(1, 6), 19), (Version(1, 5), 16)];
        const BUILDKIT: &[(Version, u8)] = &[(Version(0, 25), 26), (Version(0, 19), 23), (Version(0, 12), 20)];
        const CONTAINERS_IMAGE: &[(Version, u8)] = &[(Version(5, 36), 26), (Version(5, 33), 23), (Version(5, 22), 19)];
        let table = match self.engine {
            Engine::DockerClassic | Engine::DockerC8d => DOCKER,
            Engine::Containerd => CONTAINERD,
            Engine::Buildkit => BUILDKIT,
            Engine::ContainersImage => CONTAINERS_IMAGE,
        };
        let Some(version) = self.version else { return GoVersion::NEWEST };
        let row = table.iter().find(|(from, _)| version >= *from);
        GoVersion(row.map_or(13, |(_, go)| *go))
    }
}

impl fmt::Display for Judge {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            Some(version) => write!(out, "{}@{version}", self.engine.name()),
            None => out.write_str(self.engine.name()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.0, self.1)
    }
}

impl FromStr for Version {
    type Err = JudgeError;

    /// Reads "20.10", "20.10.24", "v2.1" or "29".
    fn from_str(text: &str) -> Result<Self, JudgeError> {
        let wrong = || JudgeError::Version(text.to_owned());
        let mut numbers = text.strip_prefix('v').unwrap_or(text).split('.');
        let major = numbers.next().and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
        let minor = numbers.next().map_or(Ok(0), |number| number.parse().map_err(|_| wrong()))?;
        let rest_is_numeric = numbers.all(|number| number.parse::<u32>().is_ok());
        if rest_is_numeric { Ok(Self(major, minor)) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_engines_of_a_version() {
        let names = |text: &str| Judge::parse(text).unwrap().iter().map(Judge::to_string).collect::<Vec<_>>();
        assert_eq!(names("docker"), ["docker-classic", "docker-c8d"]);
        assert_eq!(names("docker@20.10.24"), ["docker-classic@20.10"]);
        assert_eq!(names("podman"), ["containers-image"]);
        assert_eq!(names("containerd@v1.6"), ["containerd@1.6"]);
        assert_eq!(Judge::parse("dockr"), Err(JudgeError::Name("dockr".into())));
        assert_eq!(Judge::parse("docker-c8d@27.5"), Err(JudgeError::TooOld));
        assert_eq!(Judge::parse("docker@new"), Err(JudgeError::Version("new".into())));
    }

    #[test]
    fn old_engines_have_old_go() {
        let go = |text: &str| Judge::parse(text).unwrap().first().map(|judge| judge.go());
        assert_eq!(go("docker"), Some(GoVersion(26)));
        assert_eq!(go("docker@20.10"), Some(GoVersion(19)));
        assert_eq!(go("containerd@1.6"), Some(GoVersion(19)));
        assert!(go("docker@1.10") < Some(GoVersion(19)));
    }
}
