//! A host set up: its directory, and the files in it, as one change that is carried out as a whole or not at all.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::create::keys::NewKey;
use crate::finding::{Applicability, Change, Fix, NewContent};
use crate::fix::plan::Builder;
use crate::fix::{HeldBack, Obstacle, Planned, Reason, Sources};
use crate::model::waiting::{request_name, waiting_name};
use crate::model::{HostState, Inventory, Root};

/// The mode of directories.
const DIRECTORY_MODE: u32 = 0o755;

/// The `certs.d` in which a host is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// It
    pub root: Root,
    /// Where it is not there yet: the nearest directory above it that is.
    pub base: Option<PathBuf>,
    /// Whose everything is to be that is made, where that is not who makes it.
    pub owner: Option<(u32, u32)>,
}

/// A file that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Its name.
    pub name: OsString,
    /// What it holds.
    pub content: NewContent,
    /// Permission bits
    pub mode: u32,
}

impl NewFile {
    /// A file that everybody may see.
    pub fn public(name: impl Into<OsString>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), content: NewContent::public(bytes), mode: 0o644 }
    }

    /// A private key, for its owner alone.
    pub fn key(name: impl Into<OsString>, key: &NewKey) -> Self {
        Self { name: name.into(), content: NewContent::secret(key.pem()), mode: 0o600 }
    }

    /// The two halves of a client's pair, as engines look for them.
    pub fn pair(stem: &str, certificate: Vec<u8>, key: &NewKey) -> Vec<Self> {
        vec![Self::public(format!("{stem}.cert"), certificate), Self::key(format!("{stem}.key"), key)]
    }

    /// A request for a certificate, and the key that waits for it, under names that no engine reads.
    pub fn waiting(stem: &OsStr, request: Vec<u8>, key: &NewKey) -> Vec<Self> {
        vec![Self::public(request_name(stem), request), Self::key(waiting_name(stem), key)]
    }
}

/// Plans host directories of these names with these files in each of them; directories that are there are added to.
///
/// `inventory` holds the host directories of these names, as far as they are there.
///
/// # Errors
/// What stands in the way.
pub fn plan(
    inventory: &Inventory,
    site: &Site,
    names: &[String],
    files: &[NewFile],
    sources: &dyn Sources,
) -> Result<Planned, Obstacle> {
    let mut fixes = Vec::new();
    for name in names {
        let mut changes = if fixes.is_empty() { site.way() } else { Vec::new() };
        changes.extend(site.host(inventory, name, files)?);
        if changes.is_empty() {
            return Err(Obstacle::Exists(site.root.path.join(name)));
        }
        fixes.push(Fix::new(title(name, files), Applicability::Safe, changes));
    }
    whole(inventory, site, fixes, sources)
}

/// Plans changes in a host directory as one fix.
///
/// # Errors
/// What stands in the way.
pub fn whole(inventory: &Inventory, site: &Site, fixes: Vec<Fix>, sources: &dyn Sources) -> Result<Planned, Obstacle> {
    let mut builder = Builder::new(inventory, sources);
    if let Some(base) = &site.base {
        builder = builder.with_new_root(site.root.clone(), base);
    }
    for fix in &fixes {
        builder.add(Reason::Manual, fix, Applicability::DisplayOnly)?;
    }
    Ok(builder.finish(HeldBack::default()))
}

impl Site {
    /// The root and what leads to it, where it is not there yet.
    pub(super) fn way(&self) -> Vec<Change> {
        let Some(base) = &self.base else { return Vec::new() };
        let above = self.root.path.ancestors().take_while(|path| *path != base);
        let mut way: Vec<_> = above.map(PathBuf::from).collect();
        way.reverse();
        way.into_iter().flat_map(|path| self.directory(path)).collect()
    }

    /// The directory, unless it is there, and files in it.
    pub(super) fn host(&self, inventory: &Inventory, name: &str, files: &[NewFile]) -> Result<Vec<Change>, Obstacle> {
        let path = self.root.path.join(name);
        let there = inventory.host_at(&path).filter(|host| host.state != HostState::Missing || host.link.is_some());
        let mut changes = match there.map(|host| host.state) {
            None => self.directory(path.clone()),
            Some(HostState::Listed) => Vec::new(),
            Some(HostState::Unreadable(_)) => return Err(Obstacle::Unreadable(path)),
            Some(HostState::Missing) => return Err(Obstacle::Link(path)),
            Some(HostState::NotDirectory(_)) => return Err(Obstacle::Exists(path)),
        };
        changes.extend(files.iter().flat_map(|file| self.file(path.join(&file.name), file)));
        Ok(changes)
    }

    fn directory(&self, path: PathBuf) -> Vec<Change> {
        let made = Change::CreateDirectory { path: path.clone(), mode: DIRECTORY_MODE };
        self.owned(made, path)
    }

    /// A file, and whose it is.
    pub(super) fn file(&self, path: PathBuf, file: &NewFile) -> Vec<Change> {
        let made = Change::Create { path: path.clone(), content: file.content.clone(), mode: file.mode };
        self.owned(made, path)
    }

    fn owned(&self, made: Change, path: PathBuf) -> Vec<Change> {
        let owner = self.owner.map(|(uid, gid)| Change::SetOwner { path, uid, gid });
        std::iter::once(made).chain(owner).collect()
    }
}

fn title(name: &str, files: &[NewFile]) -> String {
    let names: Vec<_> = files.iter().map(|file| file.name.to_string_lossy()).collect();
    match names.split_last() {
        None => format!("make the directory {name}"),
        Some((only, [])) => format!("set {name} up with {only}"),
        Some((last, others)) => format!("set {name} up with {} and {last}", others.join(", ")),
    }
}
