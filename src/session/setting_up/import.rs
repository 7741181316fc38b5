//! What somebody was sent, put into a host directory: the plan of it.

use std::sync::Arc;

use thiserror::Error;

use crate::base::clock::Timestamp;
use crate::create::import::{self, Brought, ImportError, KeySource, Where};
use crate::create::{Site, setup};
use crate::fix::{Obstacle, Planned};
use crate::model::{HostDir, HostName, Inventory, Placement};
use crate::pki::Interner;
use crate::scan::{self, Entry};
use crate::session::setting_up::look;
use crate::session::sources::DiskSources;

/// The host directory that everything goes to.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The `certs.d` that it is in.
    pub site: Site,
    /// It, if it is there.
    pub inventory: Inventory,
    /// It as it is, there or not.
    pub host: Arc<HostDir>,
}

/// What comes of it.
#[derive(Debug)]
pub struct Imported {
    /// The plan; nothing, where everything is there already.
    pub planned: Planned,
    /// What is left out, and what else to know: a sentence each, which may hold foreign text.
    pub notes: Vec<String>,
    /// A private key was brought, and is part of the plan.
    pub brings_key: bool,
}

/// Why there is no plan.
#[derive(Debug, Error)]
pub enum ImportingError {
    /// Something is in the way.
    #[error(transparent)]
    Obstacle(#[from] Obstacle),
    /// What is brought is of no use there.
    #[error(transparent)]
    Import(#[from] ImportError),
}

impl Destination {
    /// The host directory of a name, as it is.
    pub fn read(site: Site, name: &str) -> Self {
        let inventory = look(&site, &[name.to_owned()]);
        let path = site.root.path.join(name);
        let read = || Arc::new(scan::read_host(&Entry::new(path.clone(), Placement::UnderRoot), &Interner::default()));
        let host = inventory.host_at(&path).map_or_else(read, Arc::clone);
        Self { site, inventory, host }
    }
}

/// Finds out what belongs together and where it goes. With `replace` a new pair takes the place of one of the same subject.
///
/// # Errors
/// Where a part is of no use there, or something is in the way.
pub fn plan(to: &Destination, brought: &Brought, replace: bool, now: Timestamp) -> Result<Imported, ImportingError> {
    let Destination { site, inventory, host } = to;
    let sorted = import::sort(brought, host, HostName::parse(&host.name).server_name())?;
    let placed = import::place(Where { site, inventory, host, replace }, brought, &sorted)?;
    let planned = setup::whole(inventory, site, placed.fixes, &DiskSources::default())?;
    let left_out = sorted.left_out.iter().map(|left| format!("left out: {left}"));
    let trusted = sorted.authorities.notes(now);
    let notes = trusted.into_iter().chain(left_out).chain(placed.notes).collect();
    let brings_key = sorted.pairs.iter().any(|pair| matches!(pair.key, KeySource::Brought(_)));
    Ok(Imported { planned, notes, brings_key })
}
