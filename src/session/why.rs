//! What an error text means on this host: the diagnosis, and the directory that it is about. Which of the causes it is,
//! [`crate::why::confirm`] tells from that directory.

use std::path::Path;
use std::sync::Arc;

use crate::model::{HostDir, Inventory, Placement};
use crate::pki::Interner;
use crate::scan::{self, Entry};
use crate::why::{self, Diagnosis};

/// An error text that is known.
#[derive(Clone, Debug)]
pub struct Explained {
    /// What it says and means.
    pub diagnosis: Diagnosis,
    /// The directory that it is about, which may be missing; `None` where none is known.
    pub host: Option<Arc<HostDir>>,
}

/// Explains an error text; `None` where it is not known.
pub fn explain(text: &str, inventory: &Inventory) -> Option<Explained> {
    let diagnosis = why::explain(text)?;
    let host = directory_of(&diagnosis, inventory);
    Some(Explained { diagnosis, host })
}

/// The directory of the registry that the text names: one that was read, else the one that is not there. A text that names
/// no registry is about the first directory for which an engine says it.
pub fn directory_of(diagnosis: &Diagnosis, inventory: &Inventory) -> Option<Arc<HostDir>> {
    let hosts = &inventory.hosts;
    let Some(registry) = diagnosis.registry.as_deref() else {
        let located = why::locate(diagnosis, hosts.iter().map(AsRef::as_ref));
        return hosts.iter().find(|host| located.first().is_some_and(|first| first.path == host.path)).cloned();
    };
    let named =
        |host: &&Arc<HostDir>| host.host_name().and_then(|name| name.registry()).is_some_and(|name| name == registry);
    // A text that names a file tells which of several roots is meant.
    let of_path = diagnosis.path.as_deref().and_then(Path::parent);
    let found = hosts.iter().find(|host| of_path == Some(&host.path)).or_else(|| hosts.iter().find(named));
    found.cloned().or_else(|| {
        let root = inventory.roots.first()?;
        let entry = Entry::new(root.path.join(registry), Placement::UnderRoot);
        Some(scan::read_host(&entry, &Interner::default()).into())
    })
}
