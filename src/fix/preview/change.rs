//! Each kind of change, made in memory.

use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::base::stamp::Stamp;
use crate::finding::NewContent;
use crate::fix::preview::listing::{insert, leads_to, refer};
use crate::fix::preview::{Attempt, Obstacle, Origin, Preview, Spot};
use crate::model::file::MAX_FILE_SIZE;
use crate::model::hosts_toml;
use crate::model::{Content, File, FileKind, HostDir, HostState, Placement, Unread};
use crate::pki;

impl Preview<'_> {
    pub(super) fn create_directory(&mut self, path: &Path, mode: u32, attempt: &mut Attempt) -> Result<(), Obstacle> {
        match self.spot(path)? {
            Spot::NewHost => {}
            Spot::NewRoot => {
                self.make_root(path, attempt);
                return Ok(());
            }
            Spot::Root | Spot::Host(_) | Spot::File(_) => return Err(Obstacle::Exists(path.to_path_buf())),
        }
        let host = HostDir {
            path: path.to_path_buf(),
            name: path.file_name().unwrap_or_default().to_os_string(),
            state: HostState::Listed,
            placement: Placement::UnderRoot,
            link: None,
            stamp: Some(Stamp { mode, ..Stamp::default() }),
            files: Vec::new(),
            hosts_toml: None,
            referenced: Vec::new(),
        };
        self.place(path, Some(self.inventory.hosts.len()), attempt);
        self.inventory.hosts.push(Arc::new(host));
        Ok(())
    }

    /// A root, or a directory on the way to one, is there from now on.
    fn make_root(&mut self, path: &Path, attempt: &mut Attempt) {
        attempt.ways.get_or_insert_with(|| self.ways.clone());
        self.ways.made.insert(path.to_path_buf());
        self.ways.ahead.retain(|root, _| root != path);
        let on_the_way = self.ways.ahead.iter_mut().filter(|(root, _)| root.starts_with(path));
        on_the_way.for_each(|(_, base)| *base = path.to_path_buf());
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path, attempt: &mut Attempt) -> Result<(), Obstacle> {
        match (self.spot(from)?, self.spot(to)?) {
            (Spot::NewHost | Spot::NewRoot, _) => Err(Obstacle::Missing(from.to_path_buf())),
            (Spot::Host(_), Spot::Host(_)) => Err(Obstacle::Exists(to.to_path_buf())),
            (Spot::Host(index), Spot::NewHost) => {
                self.rename_host(index, to, attempt);
                self.leave(from, attempt);
                Ok(())
            }
            (Spot::File(old), Spot::File(new)) => {
                self.rename_file((old, from), (new, to), attempt)?;
                self.leave(from, attempt);
                Ok(())
            }
            (Spot::File(old), Spot::NewHost) => self.move_up((old, from), to, attempt),
            _ => Err(Obstacle::Outside(to.to_path_buf())),
        }
    }

    /// Makes a host directory of a directory that lies in one.
    fn move_up(&mut self, (old, from): (usize, &Path), to: &Path, attempt: &mut Attempt) -> Result<(), Obstacle> {
        let nested = self.file(old, from)?;
        let disk = self.former(from);
        let read = self.sources.directory(&disk).filter(|read| {
            let identity = |stamp: Option<Stamp>| stamp.map(|stamp| (stamp.device, stamp.inode));
            nested.link.is_none() && identity(read.stamp) == identity(nested.stamp)
        });
        let read = read.ok_or_else(|| Obstacle::Unreadable(from.to_path_buf()))?;
        for index in self.aliases(old) {
            if let Some(host) = self.host_mut(index, attempt) {
                host.files.retain(|file| Some(file.name.as_os_str()) != from.file_name());
            }
        }
        self.place(to, Some(self.inventory.hosts.len()), attempt);
        self.renamed.insert(to.to_path_buf(), disk);
        attempt.renamed.push(to.to_path_buf());
        let name = to.file_name().unwrap_or_default().to_os_string();
        self.inventory.hosts.push(Arc::new(HostDir { path: to.to_path_buf(), name, ..read }));
        Ok(())
    }

    fn rename_host(&mut self, index: usize, to: &Path, attempt: &mut Attempt) {
        let Some(old) = self.inventory.hosts.get(index).map(|host| host.path.clone()) else { return };
        self.place(&old, None, attempt);
        self.place(to, Some(index), attempt);
        let was = self.renamed.get(&old).cloned().unwrap_or(old);
        self.renamed.insert(to.to_path_buf(), was);
        attempt.renamed.push(to.to_path_buf());
        if let Some(host) = self.host_mut(index, attempt) {
            host.path = to.to_path_buf();
            host.name = to.file_name().unwrap_or_default().to_os_string();
        }
    }

    fn rename_file(
        &mut self,
        (old, from): (usize, &Path),
        (new, to): (usize, &Path),
        attempt: &mut Attempt,
    ) -> Result<(), Obstacle> {
        let names = (from.file_name().unwrap_or_default(), to.file_name().unwrap_or_default());
        let file = self.file(old, from)?;
        if self.file(new, to).is_ok() {
            return Err(Obstacle::Exists(to.to_path_buf()));
        }
        if old != new && file.link.is_some() {
            return Err(Obstacle::Link(from.to_path_buf()));
        }
        let origin = self.origin(from);
        self.remember(to, origin, attempt);
        for index in self.aliases(old) {
            let Some(host) = self.host_mut(index, attempt) else { continue };
            let Ok(at) = host.files.binary_search_by(|file| file.name.as_os_str().cmp(names.0)) else { continue };
            let mut file = host.files.remove(at);
            // A link that led to itself leads to what is no more.
            if file.kind == FileKind::LinkLoop
                && file.link.as_ref().is_some_and(|link| leads_to(&host.path, link) == from)
            {
                file.kind = FileKind::Dangling;
            }
            refer(host);
            if old == new {
                insert(host, File { name: names.1.to_os_string(), ..file });
            }
        }
        if old != new {
            for index in self.aliases(new) {
                if let Some(host) = self.host_mut(index, attempt) {
                    insert(host, File { name: names.1.to_os_string(), ..file.clone() });
                }
            }
        }
        Ok(())
    }

    pub(super) fn write(
        &mut self,
        path: &Path,
        source: &Path,
        bytes: Zeroizing<Vec<u8>>,
        mode: Option<u32>,
        attempt: &mut Attempt,
    ) -> Result<(), Obstacle> {
        let Spot::File(index) = self.spot(path)? else { return Err(Obstacle::Outside(path.to_path_buf())) };
        let there = self.file(index, path).ok();
        if let Some(there) = &there {
            if path != source {
                return Err(Obstacle::Exists(path.to_path_buf()));
            }
            if there.link.is_some() {
                return Err(Obstacle::Link(path.to_path_buf()));
            }
        }
        let old = match (self.spot(source)?, there) {
            (_, Some(there)) => there.stamp,
            (Spot::File(at), None) => self.file(at, source)?.stamp,
            _ => None,
        };
        let stamp = old.unwrap_or_default();
        let stamp = Stamp { mode: mode.unwrap_or(stamp.mode), ..stamp };
        self.put((index, path), Arc::new(bytes), stamp, attempt);
        Ok(())
    }

    pub(super) fn create(
        &mut self,
        path: &Path,
        content: &NewContent,
        mode: u32,
        attempt: &mut Attempt,
    ) -> Result<(), Obstacle> {
        let Spot::File(index) = self.spot(path)? else { return Err(Obstacle::Outside(path.to_path_buf())) };
        let parent = self.inventory.hosts.get(index).filter(|host| host.state == HostState::Listed);
        if parent.is_none() {
            return Err(Obstacle::Missing(path.parent().unwrap_or(path).to_path_buf()));
        }
        if self.file(index, path).is_ok() {
            return Err(Obstacle::Exists(path.to_path_buf()));
        }
        let bytes = content.bytes().ok_or_else(|| Obstacle::NoContent(path.to_path_buf()))?;
        if bytes.len() as u64 > MAX_FILE_SIZE {
            return Err(Obstacle::TooLarge(path.to_path_buf()));
        }
        self.put((index, path), Arc::clone(bytes), Stamp { mode, ..Stamp::default() }, attempt);
        Ok(())
    }

    /// A file with these bytes is at a path from now on, in the host directory of this index.
    fn put(
        &mut self,
        (index, path): (usize, &Path),
        bytes: Arc<Zeroizing<Vec<u8>>>,
        stamp: Stamp,
        attempt: &mut Attempt,
    ) {
        let stamp = Stamp { inode: 0, size: u64::try_from(bytes.len()).unwrap_or(u64::MAX), ..stamp };
        let content = if stamp.size > MAX_FILE_SIZE {
            Content::Unread(Unread::TooLarge)
        } else {
            Content::Parsed(pki::parse(&bytes, &self.interner))
        };
        let name = path.file_name().unwrap_or_default().to_os_string();
        let hosts_toml = (name == "hosts.toml" && !bytes.is_empty()).then(|| hosts_toml::parse(&bytes));
        self.remember(path, Origin::Memory(bytes), attempt);
        let file = File { name, kind: FileKind::Regular, link: None, stamp: Some(stamp), content };
        for index in self.aliases(index) {
            let Some(host) = self.host_mut(index, attempt) else { continue };
            host.files.retain(|other| other.name != file.name);
            if hosts_toml.is_some() {
                host.hosts_toml.clone_from(&hosts_toml);
            }
            insert(host, file.clone());
        }
    }

    pub(super) fn stamp(
        &mut self,
        path: &Path,
        attempt: &mut Attempt,
        set: impl Fn(&mut Stamp),
    ) -> Result<(), Obstacle> {
        match self.spot(path)? {
            Spot::NewHost | Spot::NewRoot => return Err(Obstacle::Missing(path.to_path_buf())),
            // No engine judges by it.
            Spot::Root => {}
            Spot::Host(index) => {
                if self.inventory.hosts.get(index).is_some_and(|host| host.link.is_some()) {
                    return Err(Obstacle::Link(path.to_path_buf()));
                }
                for index in self.aliases(index) {
                    if let Some(host) = self.host_mut(index, attempt) {
                        host.stamp.iter_mut().for_each(&set);
                    }
                }
            }
            Spot::File(index) => {
                if self.file(index, path)?.link.is_some() {
                    return Err(Obstacle::Link(path.to_path_buf()));
                }
                for index in self.aliases(index) {
                    let Some(host) = self.host_mut(index, attempt) else { continue };
                    let files = host.files.iter_mut().filter(|file| Some(file.name.as_os_str()) == path.file_name());
                    files.filter_map(|file| file.stamp.as_mut()).for_each(&set);
                }
            }
        }
        Ok(())
    }

    /// Links that led to a path, or to something in it, lead to nothing from now on.
    fn leave(&mut self, path: &Path, attempt: &mut Attempt) {
        let left: Vec<_> = self.links.iter().filter(|(.., leads)| leads.starts_with(path)).cloned().collect();
        for (index, name, _) in left {
            let Some(host) = self.host_mut(index, attempt) else { continue };
            match name {
                None => {
                    host.state = HostState::Missing;
                    host.files.clear();
                }
                Some(name) => {
                    for file in host.files.iter_mut().filter(|file| file.name == name && file.link.is_some()) {
                        file.kind = FileKind::Dangling;
                        file.stamp = None;
                        file.content = Content::Unread(Unread::NotRegular);
                    }
                }
            }
        }
    }
}
