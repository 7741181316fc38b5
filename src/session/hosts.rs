//! Single host directories, read without the others of their roots: for a plan that is about these alone. And those that a
//! registry has.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::select::Endpoint;
use crate::model::{HostState, Inventory, Placement, Root, RootKind};
use crate::pki::Interner;
use crate::scan::{self, Entry, Environment};

/// The inventory of host directories, each with the directory that it is in as its root. One that is not there yet can be
/// made.
pub fn read(paths: &[PathBuf]) -> Inventory {
    let interner = Interner::default();
    let mut inventory = Inventory::default();
    for path in paths {
        let root = path.parent().unwrap_or(Path::new("/"));
        if !inventory.roots.iter().any(|known| known.path == root) {
            inventory.roots.push(Root { path: root.to_path_buf(), kind: RootKind::Partial, error: None });
        }
        let host = scan::read_host(&Entry::new(path.clone(), Placement::UnderRoot), &interner);
        let is_known = inventory.hosts.iter().any(|known| known.path == host.path);
        if !is_known && (host.state != HostState::Missing || host.link.is_some()) {
            inventory.hosts.push(Arc::new(host));
        }
    }
    inventory
}

/// The directories of a registry that are there, in the order of the roots, or in this root alone.
pub fn of_registry(registry: &str, root: Option<&Path>, environment: &Environment) -> Vec<PathBuf> {
    let roots = match root {
        Some(root) => vec![root.to_path_buf()],
        None => scan::default_roots(environment).into_iter().map(|root| root.path).collect(),
    };
    // What containerd looks for is every name that an engine does; the name itself, which all of them know, comes first.
    let names = Endpoint::of(Engine::Containerd, registry).directory_names;
    let names: Vec<String> = names.into_iter().filter(|name| name != "_default").rev().collect();
    let all = roots.iter().flat_map(|root| names.iter().map(|name| root.join(name)));
    all.filter(|path| path.symlink_metadata().is_ok()).collect()
}
