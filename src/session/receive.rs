//! The host directory that something is to be put into: the one that a path names, the one that a registry has, or the one
//! that Docker would read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::create::Site;
use crate::engine::Engine;
use crate::engine::select::Endpoint;
use crate::model::{HostDir, Inventory, Placement, Root, RootKind};
use crate::pki::Interner;
use crate::scan::{self, Entry, Environment, roots};
use crate::session::hosts;

/// A host directory, there or not.
pub struct Destination {
    /// The root that it is in.
    pub site: Site,
    /// It, if it is there.
    pub inventory: Inventory,
    /// It as it is.
    pub host: Arc<HostDir>,
}

/// The directories that a registry has, in the order in which engines are told of. `root` is the only one that is looked at.
pub fn directories(registry: &str, root: Option<&Path>, environment: &Environment) -> Vec<PathBuf> {
    let roots = match root {
        Some(root) => vec![root.to_path_buf()],
        None => scan::default_roots(environment).into_iter().map(|root| root.path).collect(),
    };
    let names = Endpoint::of(Engine::Containerd, registry).directory_names;
    let names: Vec<String> = names.into_iter().filter(|name| name != "_default").rev().collect();
    let all = roots.iter().flat_map(|root| names.iter().map(|name| root.join(name)));
    all.filter(|path| path.symlink_metadata().is_ok()).collect()
}

/// Where the directory of a registry is made that has none.
pub fn new_directory(registry: &str, root: Option<&Path>, environment: &Environment) -> PathBuf {
    root.map_or_else(|| roots::docker_root(environment), Path::to_path_buf).join(registry)
}

/// The host directory of a path.
pub fn destination(path: &Path) -> Destination {
    let inventory = hosts::read(&[path.to_path_buf()]);
    let host = inventory.host_at(path).map(Arc::clone);
    let host = host.unwrap_or_else(|| {
        Arc::new(scan::read_host(&Entry::new(path.to_path_buf(), Placement::UnderRoot), &Interner::default()))
    });
    let root = path.parent().unwrap_or(Path::new("/"));
    let base = root.ancestors().find(|above| above.is_dir()).filter(|base| *base != root);
    let site = Site {
        root: Root { path: root.to_path_buf(), kind: RootKind::Partial, error: None },
        base: base.map(Path::to_path_buf),
        owner: None,
    };
    Destination { site, inventory, host }
}
