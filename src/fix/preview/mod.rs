//! An inventory as it would be after changes, worked out in memory, so that engines and rules can be asked about it.

mod change;
mod listing;

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::base::stamp::Stamp;
use crate::base::text::display_name;
use crate::finding::{Applicability, Change};
use crate::fix::plan::Expectation;
use crate::fix::preview::listing::{expectation, leads_to};
use crate::model::{File, FileKind, HostDir, HostState, Inventory, Root};
use crate::pki::{self, Interner, Rewrite, RewriteError};

/// So many links in a row are followed, as by the kernel.
const MAX_LINKS: usize = 40;

/// Where the bytes of files come from, which an inventory does not keep.
pub trait Sources {
    /// The bytes of a file, if it is still the one that was seen.
    fn read(&self, path: &Path, seen: &Stamp) -> Option<Zeroizing<Vec<u8>>>;

    /// A directory that lies in a host directory, read as a host directory under a root.
    fn directory(&self, _path: &Path) -> Option<HostDir> {
        None
    }

    /// The passphrase of the keys in a file, where somebody gave it.
    fn passphrase(&self, _path: &Path) -> Option<Zeroizing<String>> {
        None
    }
}

/// What stands in the way of a change.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Obstacle {
    /// There is something at a path where nothing may be.
    #[error("{} exists", display_name(.0))]
    Exists(PathBuf),
    /// There is nothing at a path.
    #[error("{} is not there", display_name(.0))]
    Missing(PathBuf),
    /// The path is in no directory that was looked at.
    #[error("{} is outside of what was looked at", display_name(.0))]
    Outside(PathBuf),
    /// A link would be read or written through, or moved so that it leads elsewhere.
    #[error("{} is a symbolic link", display_name(.0))]
    Link(PathBuf),
    /// A link in the place of the host directory leads out of its root, where nothing is changed.
    #[error("{} leads out of its root: it is mended where it leads to", display_name(.0))]
    Leads(PathBuf),
    /// The file would be larger than any that is read.
    #[error("{} would have more than 4 MiB", display_name(.0))]
    TooLarge(PathBuf),
    /// The bytes of the file are not at hand.
    #[error("what {} is to hold is not known any more", display_name(.0))]
    NoContent(PathBuf),
    /// The file cannot be read, or is another by now.
    #[error("{} cannot be read any more", display_name(.0))]
    Unreadable(PathBuf),
    /// The bytes cannot be made anew.
    #[error("{}: {}", display_name(.0), .1)]
    Rewrite(PathBuf, RewriteError),
    /// It promises less than was asked for.
    #[error("it may change what is trusted, or who is let in")]
    Promise(Applicability),
    /// There is nothing that this program would do.
    #[error("it is to be done by hand")]
    ByHand,
}

/// An inventory to which changes are made in memory.
pub struct Preview<'a> {
    inventory: Inventory,
    sources: &'a dyn Sources,
    interner: Interner,
    hosts: HashMap<PathBuf, usize>,
    /// The same as it was in the beginning.
    original_hosts: HashMap<PathBuf, usize>,
    /// Host directories that are the same one on the disk, by device and inode.
    same: HashMap<(u64, u64), Vec<usize>>,
    /// Links: host directory, name, and where it leads, worked out from the text alone. `None` as name: the directory.
    links: Vec<(usize, Option<OsString>, PathBuf)>,
    /// Where the bytes of a path are, if not there.
    origins: HashMap<PathBuf, Origin>,
    /// The former paths of renamed host directories.
    renamed: HashMap<PathBuf, PathBuf>,
    ways: Ways,
    changed: BTreeSet<usize>,
    touched: BTreeSet<usize>,
}

/// What leads to roots that are not there in the beginning.
#[derive(Clone, Default)]
struct Ways {
    /// Roots that are not there yet, each with the directory on the way to it that is.
    ahead: HashMap<PathBuf, PathBuf>,
    /// Those, and the directories on the way to them, that were made.
    made: BTreeSet<PathBuf>,
}

/// Where the bytes of a file are that is not yet on the disk.
#[derive(Clone)]
enum Origin {
    /// In the file of this path, as it was seen
    Disk(PathBuf),
    /// Here
    Memory(Arc<Zeroizing<Vec<u8>>>),
}

/// What a series of changes replaced, to take it back.
#[must_use]
pub struct Attempt {
    hosts: Vec<(usize, Arc<HostDir>)>,
    count: usize,
    origins: Vec<(PathBuf, Option<Origin>)>,
    paths: Vec<(PathBuf, Option<usize>)>,
    renamed: Vec<PathBuf>,
    ways: Option<Ways>,
    /// The host directories that were changed for the first time, and those since they were last asked for.
    first_changed: Vec<usize>,
    first_touched: Vec<usize>,
}

/// What a path is in an inventory.
enum Spot {
    /// The host directory of this index
    Host(usize),
    /// An entry of the host directory of this index, there or not
    File(usize),
    /// A host directory that could be there, directly under a root
    NewHost,
    /// A root that is not there yet, or the next directory on the way to one
    NewRoot,
    /// One that was made
    Root,
}

impl Attempt {
    /// The host directories that were changed, as they were before.
    pub fn before(&self) -> impl Iterator<Item = (usize, &HostDir)> {
        self.hosts.iter().map(|(index, host)| (*index, host.as_ref()))
    }
}

impl<'a> Preview<'a> {
    /// The inventory as it is.
    pub fn new(inventory: &Inventory, sources: &'a dyn Sources) -> Self {
        let hosts = inventory.hosts.iter().enumerate().map(|(index, host)| (host.path.clone(), index));
        let hosts: HashMap<PathBuf, usize> = hosts.collect();
        let mut same: HashMap<_, Vec<usize>> = HashMap::new();
        let mut links = Vec::new();
        for (index, host) in inventory.hosts.iter().enumerate() {
            if let Some(stamp) = host.stamp {
                same.entry((stamp.device, stamp.inode)).or_default().push(index);
            }
            let parent = host.path.parent().unwrap_or(Path::new(""));
            links.extend(host.link.iter().map(|link| (index, None, leads_to(parent, link))));
            let files = host.files.iter().filter_map(|file| Some((file, file.link.as_ref()?)));
            links.extend(files.map(|(file, link)| (index, Some(file.name.clone()), leads_to(&host.path, link))));
        }
        Self {
            inventory: inventory.clone(),
            sources,
            interner: Interner::default(),
            original_hosts: hosts.clone(),
            hosts,
            same,
            links,
            origins: HashMap::new(),
            renamed: HashMap::new(),
            ways: Ways::default(),
            changed: BTreeSet::new(),
            touched: BTreeSet::new(),
        }
    }

    /// Lets a root be made that is not there yet, with the directories that lead to it from `base`, which is.
    pub fn expect_root(&mut self, root: Root, base: &Path) {
        self.ways.ahead.insert(root.path.clone(), base.to_path_buf());
        if !self.inventory.roots.iter().any(|known| known.path == root.path) {
            self.inventory.roots.push(root);
        }
    }

    /// Everything as it would be.
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// The same, to keep.
    pub fn into_inventory(self) -> Inventory {
        self.inventory
    }

    /// The host directory at a path.
    pub fn host_at(&self, path: &Path) -> Option<&Arc<HostDir>> {
        self.inventory.hosts.get(*self.hosts.get(path)?)
    }

    /// Indices of the host directories that are not as they were.
    pub fn changed(&self) -> &BTreeSet<usize> {
        &self.changed
    }

    /// Indices of the host directories that were changed since this was asked last.
    pub fn take_touched(&mut self) -> BTreeSet<usize> {
        std::mem::take(&mut self.touched)
    }

    /// Makes changes, all or none.
    ///
    /// # Errors
    /// What stands in their way.
    pub fn apply(&mut self, changes: &[Change]) -> Result<Attempt, Obstacle> {
        let mut attempt = Attempt {
            hosts: Vec::new(),
            count: self.inventory.hosts.len(),
            origins: Vec::new(),
            paths: Vec::new(),
            renamed: Vec::new(),
            ways: None,
            first_changed: Vec::new(),
            first_touched: Vec::new(),
        };
        for change in changes {
            if let Err(obstacle) = self.change(change, &mut attempt) {
                self.take_back(attempt);
                return Err(obstacle);
            }
        }
        let indices = attempt.hosts.iter().map(|(index, _)| *index).chain(attempt.count..self.inventory.hosts.len());
        let indices: Vec<usize> = indices.collect();
        attempt.first_changed = indices.iter().copied().filter(|index| self.changed.insert(*index)).collect();
        attempt.first_touched = indices.into_iter().filter(|index| self.touched.insert(*index)).collect();
        Ok(attempt)
    }

    /// Takes the last changes back.
    pub fn take_back(&mut self, attempt: Attempt) {
        self.inventory.hosts.truncate(attempt.count);
        for (index, host) in attempt.hosts {
            if let Some(slot) = self.inventory.hosts.get_mut(index) {
                *slot = host;
            }
        }
        for (path, origin) in attempt.origins.into_iter().rev() {
            put_back(&mut self.origins, path, origin);
        }
        for (path, index) in attempt.paths.into_iter().rev() {
            put_back(&mut self.hosts, path, index);
        }
        for path in attempt.renamed {
            self.renamed.remove(&path);
        }
        if let Some(ways) = attempt.ways {
            self.ways = ways;
        }
        for index in attempt.first_changed {
            self.changed.remove(&index);
        }
        for index in attempt.first_touched {
            self.touched.remove(&index);
        }
    }

    /// The path that something had in the inventory that this began with, if its directory was renamed since.
    pub fn former(&self, path: &Path) -> PathBuf {
        let former = path.parent().and_then(|parent| self.renamed.get(parent)).zip(path.file_name());
        former.map_or_else(|| path.to_path_buf(), |(parent, name)| parent.join(name))
    }

    /// Tells whether a host directory is there by now that was not in the inventory that this began with.
    pub fn is_new_directory(&self, original: &Inventory, path: &Path) -> bool {
        let was = |index: &usize| original.hosts.get(*index);
        let was_there = |host: &Arc<HostDir>| host.state != HostState::Missing || host.link.is_some();
        self.hosts.get(path).is_some_and(|index| !was(index).is_some_and(was_there))
    }

    /// What is at a path in the inventory that this began with.
    pub fn originally(&self, original: &Inventory, path: &Path) -> Expectation {
        let host_at = |path: &Path| original.hosts.get(*self.original_hosts.get(path)?);
        let parent = path.parent().and_then(host_at);
        let file = parent.zip(path.file_name()).and_then(|(host, name)| host.file(name));
        if let Some(file) = file {
            return expectation(file.link.as_ref(), file.kind, file.stamp);
        }
        match host_at(path) {
            Some(host) if host.state != HostState::Missing || host.link.is_some() => {
                let kind = match host.state {
                    HostState::NotDirectory(kind) => kind,
                    _ => FileKind::Directory,
                };
                expectation(host.link.as_ref(), kind, host.stamp)
            }
            _ => Expectation::Absent,
        }
    }

    fn change(&mut self, change: &Change, attempt: &mut Attempt) -> Result<(), Obstacle> {
        match change {
            Change::CreateDirectory { path, mode } => self.create_directory(path, *mode, attempt),
            Change::Create { path, content, mode } => self.create(path, content, *mode, attempt),
            Change::Rename { from, to } | Change::SetAside { from, to } => self.rename(from, to, attempt),
            Change::Write { path, source, rewrite, mode } => {
                // Nobody is asked for what no change needs.
                let passphrase = (*rewrite == Rewrite::Decrypted).then(|| self.sources.passphrase(source)).flatten();
                let passphrase = passphrase.as_ref().map(|text| text.as_str());
                let old = self.bytes(source)?;
                let new = pki::rewrite::rewrite(&old, *rewrite, passphrase)
                    .map_err(|error| Obstacle::Rewrite(source.clone(), error))?;
                self.write(path, source, new, *mode, attempt)
            }
            Change::SetMode { path, mode } => self.stamp(path, attempt, |stamp| stamp.mode = *mode),
            Change::SetOwner { path, uid, gid } => self.stamp(path, attempt, |stamp| {
                stamp.uid = *uid;
                stamp.gid = *gid;
            }),
        }
    }

    /// What a path is.
    fn spot(&self, path: &Path) -> Result<Spot, Obstacle> {
        let outside = || Obstacle::Outside(path.to_path_buf());
        if let Some(index) = self.hosts.get(path) {
            let host = self.inventory.hosts.get(*index);
            let is_there = host.is_some_and(|host| host.state != HostState::Missing || host.link.is_some());
            return Ok(if is_there { Spot::Host(*index) } else { Spot::NewHost });
        }
        let parent = path.parent().ok_or_else(outside)?;
        if let Some(index) = self.hosts.get(parent) {
            let stays = self.inventory.hosts.get(*index).is_none_or(|host| self.stays_in_root(host));
            return if stays { Ok(Spot::File(*index)) } else { Err(Obstacle::Leads(parent.to_path_buf())) };
        }
        if self.ways.made.contains(path) {
            return Ok(Spot::Root);
        }
        if self.ways.ahead.iter().any(|(root, base)| base == parent && root.starts_with(path)) {
            return Ok(Spot::NewRoot);
        }
        let is_root = self.inventory.roots.iter().any(|root| root.path == parent);
        match self.ways.ahead.get(parent) {
            Some(_) => Err(Obstacle::Missing(parent.to_path_buf())),
            None if is_root => Ok(Spot::NewHost),
            None => Err(outside()),
        }
    }

    /// Tells whether what is in a host directory is reached without leaving its root, as the writer reaches it: an absolute
    /// link leaves it. Links in the path of a root are followed.
    fn stays_in_root<'h>(&'h self, mut host: &'h HostDir) -> bool {
        if self.inventory.roots.iter().any(|root| root.path == host.path) {
            return true;
        }
        for _ in 0..MAX_LINKS {
            let Some(link) = &host.link else { return true };
            let root = host.path.parent().unwrap_or(Path::new(""));
            let target = leads_to(root, link);
            if link.target.is_absolute() || target == root || !target.starts_with(root) {
                return false;
            }
            let Some(next) = self.host_at(&target) else { return true };
            host = next;
        }
        false
    }

    fn file(&self, index: usize, path: &Path) -> Result<File, Obstacle> {
        let host = self.inventory.hosts.get(index);
        let file = host.zip(path.file_name()).and_then(|(host, name)| host.file(name));
        file.cloned().ok_or_else(|| Obstacle::Missing(path.to_path_buf()))
    }

    fn bytes(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Obstacle> {
        let unreadable = || Obstacle::Unreadable(path.to_path_buf());
        let Spot::File(index) = self.spot(path)? else { return Err(unreadable()) };
        let file = self.file(index, path)?;
        // The writer opens no link, so that it reads what was looked at.
        if file.link.is_some() {
            return Err(Obstacle::Link(path.to_path_buf()));
        }
        match self.origin(path) {
            Origin::Memory(bytes) => Ok(Zeroizing::new(bytes.to_vec())),
            Origin::Disk(disk) => {
                let is_regular = file.kind == FileKind::Regular;
                let stamp = file.stamp.filter(|_| is_regular).ok_or_else(unreadable)?;
                self.sources.read(&disk, &stamp).ok_or_else(unreadable)
            }
        }
    }

    fn origin(&self, path: &Path) -> Origin {
        if let Some(origin) = self.origins.get(path) {
            return origin.clone();
        }
        let former = self.former(path);
        self.origins.get(&former).cloned().unwrap_or(Origin::Disk(former))
    }

    /// The host directories that are the one of this index on the disk, itself first.
    fn aliases(&self, index: usize) -> Vec<usize> {
        let stamp = self.inventory.hosts.get(index).and_then(|host| host.stamp);
        let same = stamp.and_then(|stamp| self.same.get(&(stamp.device, stamp.inode)));
        let others = same.into_iter().flatten().copied().filter(|other| *other != index);
        std::iter::once(index).chain(others).collect()
    }

    fn host_mut(&mut self, index: usize, attempt: &mut Attempt) -> Option<&mut HostDir> {
        let host = self.inventory.hosts.get_mut(index)?;
        if index < attempt.count && !attempt.hosts.iter().any(|(known, _)| *known == index) {
            attempt.hosts.push((index, Arc::clone(host)));
        }
        Some(Arc::make_mut(host))
    }

    fn place(&mut self, path: &Path, index: Option<usize>, attempt: &mut Attempt) {
        let old = self.hosts.get(path).copied();
        attempt.paths.push((path.to_path_buf(), old));
        put_back(&mut self.hosts, path.to_path_buf(), index);
    }

    fn remember(&mut self, path: &Path, origin: Origin, attempt: &mut Attempt) {
        let old = self.origins.insert(path.to_path_buf(), origin);
        attempt.origins.push((path.to_path_buf(), old));
    }
}

fn put_back<V>(map: &mut HashMap<PathBuf, V>, path: PathBuf, value: Option<V>) {
    match value {
        Some(value) => map.insert(path, value),
        None => map.remove(&path),
    };
}
