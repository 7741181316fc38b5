//! Which row stands at which place: heights, order, and what a search leaves. Only rows that are asked for are looked at.

use crate::finding::{Finding, Severity};
use crate::tui::entry::{Sort, certificates_of};
use crate::tui::rows::Heights;
use crate::tui::tree::{Branch, Row, Tree};

impl Tree {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.heights.total()
    }

    /// Tells whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row at a place.
    pub fn row(&self, place: usize) -> Option<Row> {
        let (branch, rest) = self.heights.find(place)?;
        match self.order.get(branch)? {
            Branch::Root(root) => Some(Row::Root(*root)),
            Branch::Host(host) if rest == 0 => Some(Row::Host(*host)),
            Branch::Host(host) => self.rows_of(*host).nth(rest - 1),
        }
    }

    /// Rows from a place on.
    pub fn rows_from(&self, place: usize) -> impl Iterator<Item = Row> {
        let (first, skip) = self.heights.find(place).unwrap_or((self.order.len(), 0));
        let branches = self.order.iter().enumerate().skip(first);
        let shown = branches.filter(|(index, _)| self.heights.height(*index) > 0).map(|(_, branch)| *branch);
        let rows = shown.flat_map(|branch| {
            let (head, host) = match branch {
                Branch::Root(root) => (Row::Root(root), None),
                Branch::Host(host) => (Row::Host(host), Some(host)),
            };
            let files = host.filter(|host| self.is_host_open(*host)).into_iter().flat_map(|host| self.rows_of(host));
            std::iter::once(head).chain(files)
        });
        rows.skip(skip)
    }

    /// The place of a row; `None` where it is not shown.
    pub fn place(&self, row: Row) -> Option<usize> {
        let branch = match row {
            Row::Root(root) => self.order.iter().position(|branch| *branch == Branch::Root(root))?,
            _ => *self.places.get(row.host()?)?,
        };
        if self.heights.height(branch) == 0 {
            return None;
        }
        let before = self.heights.before(branch);
        match row {
            Row::Root(_) | Row::Host(_) => Some(before),
            Row::File { host, .. } | Row::Certificate { host, .. } => {
                if !self.is_host_open(host) {
                    return None;
                }
                self.rows_of(host).position(|other| other == row).map(|rest| before + 1 + rest)
            }
        }
    }

    /// The nearest shown row with an error or a warning, after or before a row, in the order of the tree.
    pub fn problem(&self, from: Row, forward: bool) -> Option<Row> {
        self.beside(from, forward, |host| self.problems_of(host))
    }

    /// The next or previous row that was searched for.
    pub fn hit(&self, from: Row, forward: bool) -> Option<Row> {
        self.beside(from, forward, |host| self.hits_of(host))
    }

    /// The next or previous of certain rows of host directories.
    fn beside(&self, from: Row, forward: bool, rows: impl Fn(usize) -> Vec<Row>) -> Option<Row> {
        let here = from.host().and_then(|host| self.places.get(host).copied());
        let here = here.or_else(|| self.order.iter().position(|branch| Some(*branch) == root_branch(from)))?;
        let inside = |branch: usize| match self.order.get(branch) {
            Some(Branch::Host(host)) => rows(*host),
            _ => Vec::new(),
        };
        let rank = |row: Row| match row {
            Row::Root(_) | Row::Host(_) => 0,
            Row::File { file, .. } | Row::Certificate { file, .. } => file + 1,
        };
        let own = inside(here);
        if forward {
            let next = own.into_iter().find(|row| rank(*row) > rank(from));
            next.or_else(|| (here + 1..self.order.len()).find_map(|branch| inside(branch).first().copied()))
        } else {
            let previous = own.into_iter().rev().find(|row| rank(*row) < rank(from));
            previous.or_else(|| (0..here).rev().find_map(|branch| inside(branch).last().copied()))
        }
    }

    /// Rows of a host directory with an error or a warning of their own.
    fn problems_of(&self, host: usize) -> Vec<Row> {
        let Some(read) = self.read(host) else { return Vec::new() };
        let is_closed = self.hosts.get(host).and_then(|entry| self.roots.get(entry.root)).is_none_or(|root| !root.open);
        if read.tally.errors + read.tally.warnings == 0 || is_closed || !self.filter.shows_host(host) {
            return Vec::new();
        }
        let bad = |finding: &&Finding| finding.severity > Severity::Info;
        let own = read.findings.iter().filter(bad).any(|finding| finding.place.file.is_none());
        let files = read.host.files.iter().enumerate().filter(|(index, file)| {
            self.filter.shows_file(host, *index) && read.findings_of(file, None).any(|finding| bad(&finding))
        });
        let files = files.map(|(file, _)| Row::File { host, file });
        own.then_some(Row::Host(host)).into_iter().chain(files).collect()
    }

    /// Rows of a host directory that were searched for.
    fn hits_of(&self, host: usize) -> Vec<Row> {
        let files = self.read(host).map_or(0, |read| read.host.files.len());
        let files = (0..files).filter(|file| self.filter.finds_file(host, *file));
        let files = files.map(|file| Row::File { host, file });
        self.filter.finds_host(host).then_some(Row::Host(host)).into_iter().chain(files).collect()
    }

    pub(super) fn rows_of(&self, host: usize) -> impl Iterator<Item = Row> {
        let files = self.read(host).map(|read| read.host.files.as_slice()).unwrap_or_default();
        let shown = (0..files.len()).filter(move |file| self.filter.shows_file(host, *file));
        shown.flat_map(move |file| {
            let count = self.certificate_rows(host, file);
            let certificates = (0..count).map(move |certificate| Row::Certificate { host, file, certificate });
            std::iter::once(Row::File { host, file }).chain(certificates)
        })
    }

    pub(super) fn certificate_rows(&self, host: usize, file: usize) -> usize {
        if !self.is_file_open(host, file) {
            return 0;
        }
        let count = self.file(host, file).map_or(0, |file| certificates_of(file).count());
        if count > 1 { count } else { 0 }
    }

    pub(super) fn is_host_open(&self, host: usize) -> bool {
        self.filter.is_open(host).unwrap_or_else(|| self.hosts.get(host).is_some_and(|entry| entry.open))
    }

    pub(super) fn is_file_open(&self, host: usize, file: usize) -> bool {
        let entry = self.hosts.get(host);
        entry.is_some_and(|entry| {
            !entry.open_files.is_empty()
                && self.file(host, file).is_some_and(|file| entry.open_files.contains(&file.name))
        })
    }

    fn height(&self, host: usize) -> u32 {
        let is_root_open =
            self.hosts.get(host).and_then(|entry| self.roots.get(entry.root)).is_some_and(|root| root.open);
        if !is_root_open || !self.filter.shows_host(host) {
            return 0;
        }
        let inside = if self.is_host_open(host) { self.rows_of(host).count() } else { 0 };
        u32::try_from(inside + 1).unwrap_or(u32::MAX)
    }

    pub(super) fn measure(&mut self, host: usize) {
        if let Some(place) = self.places.get(host) {
            self.heights.set(*place, self.height(host));
        }
    }

    /// Searches anew for the same, at one go, and puts everything in order.
    pub(super) fn filter_again(&mut self) {
        self.version += 1;
        self.filter.begin(self.filter.query().clone());
        self.filter.advance(usize::MAX);
        self.filter.settle(self.hosts.iter().map(|entry| entry.read.as_ref()));
        self.arrange();
    }

    /// Puts roots and host directories in order and measures them all.
    pub(super) fn arrange(&mut self) {
        self.order.clear();
        self.places = vec![0; self.hosts.len()];
        for (root, entry) in self.roots.iter().enumerate() {
            self.order.push(Branch::Root(root));
            let mut hosts = entry.hosts.clone();
            match self.sort {
                Sort::Name => {}
                Sort::Expiry => hosts.sort_by_key(|host| {
                    let expiry = self.read(*host).and_then(|read| read.first_expiry);
                    (expiry.is_none(), expiry)
                }),
                Sort::Severity => hosts
                    .sort_by_key(|host| std::cmp::Reverse(self.read(*host).map(|read| read.tally).unwrap_or_default())),
            }
            self.order.extend(hosts.into_iter().map(Branch::Host));
        }
        for (place, branch) in self.order.iter().enumerate() {
            if let Branch::Host(host) = branch
                && let Some(slot) = self.places.get_mut(*host)
            {
                *slot = place;
            }
        }
        self.measure_all();
    }

    pub(super) fn measure_all(&mut self) {
        let height = |branch: &Branch| match branch {
            Branch::Root(_) => 1,
            Branch::Host(host) => self.height(*host),
        };
        self.heights = Heights::new(self.order.iter().map(height).collect());
    }
}

fn root_branch(row: Row) -> Option<Branch> {
    match row {
        Row::Root(root) => Some(Branch::Root(root)),
        _ => None,
    }
}
