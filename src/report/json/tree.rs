//! The whole tree in JSON, and single files in full.

use std::collections::HashSet;
use std::path::Path;

use serde::Serialize;

use crate::engine::Engine;
use crate::finding::Finding;
use crate::model::{HostDir, HostState, NameForm, Reach, Root, RootKind};
use crate::report::json::file::Depth;
use crate::report::json::finding::{SummaryJson, summary};
use crate::report::json::{FileJson, FindingJson, Schema, path_text};
use crate::report::scene::Scene;

/// What `tree` tells.
#[derive(Clone, Debug, Serialize)]
pub struct TreeJson {
    schema: Schema,
    /// How much was looked at, and how much is wrong
    pub summary: SummaryJson,
    /// The roots
    pub roots: Vec<RootJson>,
    /// What is wrong with no single host directory
    pub findings: Vec<FindingJson>,
}

/// A root.
#[derive(Clone, Debug, Serialize)]
pub struct RootJson {
    /// Its path, as given
    pub path: String,
    /// Whose it is
    pub kind: &'static str,
    /// Why it could not be listed
    pub error: Option<String>,
    /// Its host directories
    pub hosts: Vec<HostJson>,
}

/// A host directory.
#[derive(Clone, Debug, Serialize)]
pub struct HostJson {
    /// Its name
    pub name: String,
    /// Its path
    pub path: String,
    /// What a symbolic link says
    pub link: Option<String>,
    /// "listed", "missing", "not-a-directory" or "unreadable"
    pub state: &'static str,
    /// Why it could not be listed
    pub error: Option<String>,
    /// The registry host that it serves; null where its name means none
    pub registry: Option<String>,
    /// "host", "underscored", "default" or "malformed"; null where its name means nothing
    pub form: Option<&'static str>,
    /// Who gets here: "image", "login-only" or "never"
    pub reach: Option<&'static str>,
    /// What the engines make of it
    pub engines: Vec<VerdictJson>,
    /// Its files
    pub files: Vec<FileJson>,
    /// What is wrong with the directory itself
    pub findings: Vec<FindingJson>,
}

/// What an engine makes of a host directory.
#[derive(Clone, Debug, Serialize)]
pub struct VerdictJson {
    /// The engine
    pub engine: &'static str,
    /// "ok", "error", "hang" or "unknown"
    pub outcome: &'static str,
    /// Its error, byte for byte
    pub error: Option<String>,
}

/// What `show` tells.
#[derive(Clone, Debug, Serialize)]
pub struct ShowJson {
    schema: Schema,
    /// The files
    pub files: Vec<FileJson>,
}

/// What `tree` tells.
pub fn tree(scene: &Scene<'_>) -> TreeJson {
    let hosts: HashSet<&Path> = scene.inventory.hosts.iter().map(|host| host.path.as_path()).collect();
    let is_astray = |finding: &&Finding| !hosts.contains(&*finding.place.directory);
    TreeJson {
        schema: Schema,
        summary: summary(scene),
        roots: scene.inventory.roots.iter().map(|item| root(scene, item)).collect(),
        findings: scene.findings.iter().filter(is_astray).map(FindingJson::new).collect(),
    }
}

/// What `show` tells.
pub fn show(scene: &Scene<'_>) -> ShowJson {
    let files = scene.all_files().map(|(host, file)| FileJson::new(scene, host, file, Depth::Full));
    ShowJson { schema: Schema, files: files.collect() }
}

fn root(scene: &Scene<'_>, root: &Root) -> RootJson {
    let kind = match root.kind {
        RootKind::Docker => "docker",
        RootKind::DockerRootless => "docker-rootless",
        RootKind::DockerSnap => "docker-snap",
        RootKind::PodmanUser => "podman-user",
        RootKind::PodmanSystem => "podman-system",
        RootKind::Containerd => "containerd",
        RootKind::ContainerdRootless => "containerd-rootless",
        RootKind::Given => "given",
        RootKind::Partial => "partial",
    };
    RootJson {
        path: path_text(&root.path),
        kind,
        error: root.error.map(|error| error.errno.to_string()),
        hosts: scene.hosts(root).map(|item| host(scene, item)).collect(),
    }
}

fn host(scene: &Scene<'_>, host: &HostDir) -> HostJson {
    let name = host.host_name();
    let (state, error) = match host.state {
        HostState::Listed => ("listed", None),
        HostState::Missing => ("missing", None),
        HostState::NotDirectory(kind) => ("not-a-directory", Some(kind.word().to_owned())),
        HostState::Unreadable(error) => ("unreadable", Some(error.errno.to_string())),
    };
    let about_directory = scene.findings_of(host).iter().filter(|finding| finding.place.file.is_none());
    HostJson {
        name: host.name.to_string_lossy().into_owned(),
        path: path_text(&host.path),
        link: host.link.as_ref().map(|link| path_text(&link.target)),
        state,
        error,
        registry: name.as_ref().and_then(|name| name.registry()),
        form: name.as_ref().map(|name| match name.form() {
            NameForm::Host { .. } => "host",
            NameForm::Underscored { .. } => "underscored",
            NameForm::Default => "default",
            NameForm::Malformed(_) => "malformed",
        }),
        reach: name.as_ref().map(|name| match name.reach() {
            Reach::Image => "image",
            Reach::LoginOnly => "login-only",
            Reach::Never => "never",
        }),
        engines: Engine::load_all(host)
            .into_iter()
            .map(|load| VerdictJson {
                engine: load.engine.name(),
                outcome: load.outcome(),
                error: load.error().map(|error| error.verbatim.clone()).filter(|text| !text.is_empty()),
            })
            .collect(),
        files: scene.files(host).map(|file| FileJson::new(scene, host, file, Depth::Brief)).collect(),
        findings: about_directory.map(FindingJson::new).collect(),
    }
}
