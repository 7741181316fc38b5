//! What the tree shows: roots, host directories, files and the certificates of bundles, their folds, order and filter.
//! Everything is kept by path, so that it survives a rescan. `places` tells which of them stands at which row.

mod places;
mod row;

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use crate::finding::{Finding, Severity};
use crate::model::{File, HostDir, Inventory, Root};
use crate::tui::entry::{HostEntry, ReadHost, RootEntry, Sort, Tally, Totals, certificates_of};
use crate::tui::filter::{Filter, Query};
use crate::tui::rows::Heights;

pub use row::{Identity, Row};

/// A row of the list of roots and host directories, each of which stands for all rows below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Branch {
    Root(usize),
    Host(usize),
}

/// Texts that are searched at one go: at most some 4 ms.
const SLICE: usize = 20_000;

/// The tree.
#[derive(Debug, Default)]
pub struct Tree {
    roots: Vec<RootEntry>,
    hosts: Vec<HostEntry>,
    by_path: HashMap<PathBuf, usize>,
    order: Vec<Branch>,
    /// Index in `order` by host.
    places: Vec<usize>,
    heights: Heights,
    sort: Sort,
    filter: Filter,
    totals: Totals,
    /// What is wrong between host directories.
    between: Vec<Finding>,
    /// Findings below it are neither shown nor counted.
    least: Option<Severity>,
}

impl Tree {
    /// Takes a new list of roots and host directories. What was known of those that remain stays until it is read again.
    pub fn list(&mut self, roots: Vec<Root>, paths: Vec<PathBuf>) {
        let closed: HashSet<PathBuf> =
            self.roots.iter().filter(|root| !root.open).map(|root| root.root.path.clone()).collect();
        let mut known: HashMap<PathBuf, HostEntry> =
            std::mem::take(&mut self.hosts).into_iter().map(|entry| (entry.path.clone(), entry)).collect();
        let entry = |root: Root| RootEntry {
            open: !closed.contains(&root.path),
            root,
            findings: Vec::new(),
            hosts: Vec::new(),
        };
        self.roots = roots.into_iter().map(entry).collect();
        let by_root: HashMap<PathBuf, usize> =
            self.roots.iter().enumerate().rev().map(|(index, entry)| (entry.root.path.clone(), index)).collect();
        for (index, path) in paths.into_iter().enumerate() {
            let root = path.parent().and_then(|parent| by_root.get(parent)).copied().unwrap_or_default();
            if let Some(entry) = self.roots.get_mut(root) {
                entry.hosts.push(index);
            }
            let fresh = || HostEntry { path: path.clone(), root, read: None, open: false, open_files: HashSet::new() };
            let kept = known.remove(&path).map(|entry| HostEntry { root, ..entry });
            self.hosts.push(kept.unwrap_or_else(fresh));
        }
        self.by_path = self.hosts.iter().enumerate().map(|(index, entry)| (entry.path.clone(), index)).collect();
        self.count();
        self.filter_again();
    }

    /// Takes a host directory that was read.
    pub fn fill(&mut self, index: usize, host: Arc<HostDir>, findings: Vec<Finding>) {
        let (shown, hidden) = findings.into_iter().partition(|finding| self.shows(finding.severity));
        let mut read = ReadHost { hidden, ..ReadHost::new(host, shown) };
        read.text = self.filter.gather(&read);
        self.filter.fill(index, &read);
        let Some(entry) = self.hosts.get_mut(index) else { return };
        let old = entry.read.replace(read);
        if let Some(old) = &old {
            self.totals.subtract(old);
        }
        if let Some(new) = &entry.read {
            self.totals.add(new);
        }
        self.measure(index);
    }

    /// Takes what is wrong between host directories, once everything is read, in the place of what was wrong before.
    pub fn finish(&mut self, findings: Vec<Finding>) {
        self.forget_between(&findings);
        for finding in findings {
            let is_shown = self.shows(finding.severity);
            let index = self.by_path.get(&*finding.place.directory).copied();
            match index.and_then(|index| self.hosts.get_mut(index)).and_then(|entry| entry.read.as_mut()) {
                Some(read) if !is_shown => read.hidden.push(finding),
                None if !is_shown => {}
                Some(read) => {
                    read.findings.push(finding);
                    crate::rules::registry::sort(&mut read.findings);
                    read.tally = Tally::of(&read.findings);
                    read.text = self.filter.gather(read);
                }
                None => {
                    let same = self.roots.iter().position(|root| *root.root.path == *finding.place.directory);
                    if let Some(root) = self.roots.get_mut(same.unwrap_or_default()) {
                        root.findings.push(finding);
                    }
                }
            }
        }
        let hosts = self.hosts.iter_mut().filter_map(|entry| entry.read.as_mut());
        self.filter.compact(hosts.map(|read| &mut read.text));
        self.count();
        self.filter_again();
    }

    /// Takes away what was wrong between host directories before, and keeps in mind what is now.
    fn forget_between(&mut self, findings: &[Finding]) {
        for finding in std::mem::replace(&mut self.between, findings.to_vec()) {
            let read = self.by_path.get(&*finding.place.directory).and_then(|index| self.hosts.get_mut(*index));
            let Some(read) = read.and_then(|entry| entry.read.as_mut()) else { continue };
            read.findings.retain(|other| *other != finding);
            read.hidden.retain(|other| *other != finding);
            read.tally = Tally::of(&read.findings);
            read.text = self.filter.gather(read);
        }
    }

    /// Shows and counts findings of this severity and worse, from the next scan on.
    pub fn show_from(&mut self, least: Severity) {
        self.least = Some(least);
    }

    /// Tells whether findings of a severity are shown.
    pub fn shows(&self, severity: Severity) -> bool {
        self.least.is_none_or(|least| severity >= least)
    }

    /// Begins to search; nothing changes before that is settled. Tells whether it is to be settled at once.
    pub fn begin_filter(&mut self, query: Query) -> bool {
        self.filter.begin(query);
        self.advance_filter()
    }

    /// Searches on for a moment that is not felt. Tells whether the search is to be settled now.
    pub fn advance_filter(&mut self) -> bool {
        self.filter.advance(SLICE)
    }

    /// Shows only what the search found; everything, where nothing is searched for.
    pub fn settle_filter(&mut self) {
        self.filter.settle(self.hosts.iter().map(|entry| entry.read.as_ref()));
        self.measure_all();
    }

    /// Orders the host directories.
    pub fn sort(&mut self, sort: Sort) {
        self.sort = sort;
        self.arrange();
    }

    /// Opens or closes a branch.
    pub fn set_open(&mut self, row: Row, open: bool) {
        match row {
            Row::Root(root) => {
                if let Some(entry) = self.roots.get_mut(root) {
                    entry.open = open;
                    self.arrange();
                }
            }
            Row::Host(host) => {
                if self.filter.set_open(host, open) {
                    self.measure(host);
                } else if let Some(entry) = self.hosts.get_mut(host) {
                    entry.open = open;
                    self.measure(host);
                }
            }
            Row::File { host, file } => {
                let Some(name) = self.file(host, file).map(|file| file.name.clone()) else { return };
                if let Some(entry) = self.hosts.get_mut(host) {
                    let _ = if open { entry.open_files.insert(name) } else { entry.open_files.remove(&name) };
                    self.measure(host);
                }
            }
            Row::Certificate { .. } => {}
        }
    }

    /// Opens what must be open for a row to be seen.
    pub fn reveal(&mut self, row: Row) {
        let mut parent = row.parent(self);
        while let Some(row) = parent {
            if self.is_open(row) == Some(false) {
                self.set_open(row, true);
            }
            parent = row.parent(self);
        }
    }

    /// Tells whether a branch is open; `None` for a row below which nothing stands.
    pub fn is_open(&self, row: Row) -> Option<bool> {
        match row {
            Row::Root(root) => self.roots.get(root).map(|entry| entry.open),
            Row::Host(host) => {
                let entry = self.hosts.get(host)?;
                let files = entry.read.as_ref()?.host.files.len();
                (files > 0).then(|| self.is_host_open(host))
            }
            Row::File { host, file } => {
                let several = certificates_of(self.file(host, file)?).nth(1).is_some();
                several.then(|| self.is_file_open(host, file))
            }
            Row::Certificate { .. } => None,
        }
    }

    /// What a row stands for.
    pub fn identity(&self, row: Row) -> Option<Identity> {
        let inside = |host, file, certificate| {
            let entry = self.host(host)?;
            Some(Identity::Host(entry.path.clone(), Some((self.file(host, file)?.name.clone(), certificate))))
        };
        match row {
            Row::Root(root) => self.roots.get(root).map(|entry| Identity::Root(entry.root.path.clone())),
            Row::Host(host) => self.host(host).map(|entry| Identity::Host(entry.path.clone(), None)),
            Row::File { host, file } => inside(host, file, None),
            Row::Certificate { host, file, certificate } => inside(host, file, Some(certificate)),
        }
    }

    /// The row that stands for something, or for the nearest thing around it that is still there.
    pub fn find(&self, identity: &Identity) -> Option<Row> {
        match identity {
            Identity::Root(path) => self.roots.iter().position(|entry| entry.root.path == *path).map(Row::Root),
            Identity::Host(path, inside) => {
                let host = *self.by_path.get(path)?;
                let found = inside.as_ref().and_then(|(name, certificate)| self.find_file(host, name, *certificate));
                Some(found.unwrap_or(Row::Host(host)))
            }
        }
    }

    /// The roots.
    pub fn roots(&self) -> &[RootEntry] {
        &self.roots
    }

    /// A root.
    pub fn root(&self, root: usize) -> Option<&RootEntry> {
        self.roots.get(root)
    }

    /// The host directories, in the order of the scan.
    pub fn hosts(&self) -> &[HostEntry] {
        &self.hosts
    }

    /// A host directory.
    pub fn host(&self, host: usize) -> Option<&HostEntry> {
        self.hosts.get(host)
    }

    /// A file.
    pub fn file(&self, host: usize, file: usize) -> Option<&File> {
        self.read(host)?.host.files.get(file)
    }

    /// A host directory, if it was read.
    pub fn read(&self, host: usize) -> Option<&ReadHost> {
        self.hosts.get(host)?.read.as_ref()
    }

    /// What is wrong under a root.
    pub fn tally_of_root(&self, root: usize) -> Tally {
        let Some(entry) = self.roots.get(root) else { return Tally::default() };
        let hosts = entry.hosts.iter().filter_map(|host| self.read(*host));
        hosts.fold(Tally::of(&entry.findings), |sum, read| sum.plus(read.tally))
    }

    /// All that was read.
    pub fn inventory(&self) -> Inventory {
        let read = self.hosts.iter().filter_map(|entry| entry.read.as_ref());
        Inventory {
            roots: self.roots.iter().map(|entry| entry.root.clone()).collect(),
            hosts: read.map(|read| Arc::clone(&read.host)).collect(),
        }
    }

    /// How much there is.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// The order of host directories.
    pub fn order(&self) -> Sort {
        self.sort
    }

    /// What is searched for.
    pub fn filtered(&self) -> &Filter {
        &self.filter
    }

    fn find_file(&self, host: usize, name: &OsString, certificate: Option<usize>) -> Option<Row> {
        let files = &self.read(host)?.host.files;
        let file = files.binary_search_by(|file| file.name.cmp(name)).ok()?;
        let several = certificates_of(files.get(file)?).count();
        Some(match certificate {
            Some(certificate) if several > 1 && certificate < several => Row::Certificate { host, file, certificate },
            _ => Row::File { host, file },
        })
    }

    fn count(&mut self) {
        let mut totals = Totals::default();
        for read in self.hosts.iter().filter_map(|entry| entry.read.as_ref()) {
            totals.add(read);
        }
        for root in &self.roots {
            totals.tally = totals.tally.plus(Tally::of(&root.findings));
        }
        self.totals = totals;
    }
}
