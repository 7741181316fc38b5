//! Single host directories, read without the others of their roots: for a plan that is about these alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::{HostState, Inventory, Placement, Root, RootKind};
use crate::pki::Interner;
use crate::scan::{self, Entry};

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
