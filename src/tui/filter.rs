//! What is left of the tree while somebody searches: host directories and files that hold all words that are typed, in
//! their names, their findings or their certificates, and are of the kind that a quick filter leaves.
//!
//! A search goes on in slices, none of which is felt; until the last, what was found before stays.

use crate::tui::entry::ReadHost;
use crate::tui::fuzzy::{Held, Matcher, Pattern};
use crate::tui::haystack::{Haystacks, HostText};
use crate::tui::quick::{Moment, Quick};

/// What is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Words, as they were typed.
    pub text: String,
    /// What kind of thing.
    pub quick: Option<Quick>,
    /// The time at which that is asked.
    pub moment: Moment,
}

/// A search, and what it found.
#[derive(Debug, Default)]
pub struct Filter {
    haystacks: Haystacks,
    query: Query,
    pattern: Pattern,
    /// For each text the words that it holds.
    held: Vec<Held>,
    found: Vec<Found>,
    /// Not all texts are searched yet.
    is_pending: bool,
    matcher: Matcher,
}

/// What is left of a host directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Found {
    /// Nothing
    #[default]
    Nothing,
    /// Everything
    Whole,
    /// These files
    Files {
        files: Vec<usize>,
        /// The directory itself is what was searched for, too.
        own: bool,
        open: bool,
    },
}

impl Filter {
    /// Takes in the texts of a host directory.
    pub fn gather(&mut self, read: &ReadHost) -> HostText {
        self.haystacks.gather(read)
    }

    /// Begins to search.
    pub fn begin(&mut self, query: Query) {
        if query.text != self.query.text {
            self.pattern = Pattern::new(&query.text);
            self.held.clear();
        }
        self.query = query;
        self.is_pending = true;
    }

    /// Searches on, in at most so many texts. Tells whether that was the last slice, after which the search is to be
    /// settled.
    pub fn advance(&mut self, most: usize) -> bool {
        let is_last =
            self.pattern.is_empty() || self.haystacks.search(&self.pattern, &mut self.held, most, &mut self.matcher);
        self.is_pending && is_last
    }

    /// Takes what was found in all host directories, in the order of the tree's indices.
    pub fn settle<'a>(&mut self, hosts: impl Iterator<Item = Option<&'a ReadHost>>) {
        self.is_pending = false;
        self.pattern.settle(self.held.iter().copied());
        let mut found = std::mem::take(&mut self.found);
        found.clear();
        if self.is_active() {
            found.extend(hosts.map(|read| read.map_or(Found::Nothing, |read| self.look(read))));
        }
        self.found = found;
    }

    /// Takes a host directory that was read meanwhile.
    pub fn fill(&mut self, index: usize, read: &ReadHost) {
        if !self.is_active() || self.is_pending {
            return;
        }
        self.advance(usize::MAX);
        let new = self.look(read);
        if let Some(found) = self.found.get_mut(index) {
            *found = new;
        }
    }

    /// Drops texts that nothing refers to any more, where they are many.
    pub fn compact<'a>(&mut self, hosts: impl Iterator<Item = &'a mut HostText>) {
        if self.haystacks.compact(hosts) {
            self.held.clear();
        }
    }

    /// Tells whether something is searched for.
    pub fn is_active(&self) -> bool {
        !self.pattern.is_empty() || self.query.quick.is_some()
    }

    /// Tells whether a search goes on.
    pub fn is_pending(&self) -> bool {
        self.is_pending
    }

    /// What is searched for.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The words that are searched for.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// How many host directories and files match.
    pub fn count(&self) -> usize {
        let count = |found: &Found| match found {
            Found::Nothing => 0,
            Found::Whole => 1,
            Found::Files { files, own, .. } => files.len() + usize::from(*own),
        };
        self.found.iter().map(count).sum()
    }

    /// Tells whether a host directory is shown.
    pub fn shows_host(&self, host: usize) -> bool {
        self.found.get(host).is_none_or(|found| *found != Found::Nothing)
    }

    /// Tells whether a file of a shown host directory is shown.
    pub fn shows_file(&self, host: usize, file: usize) -> bool {
        match self.found.get(host) {
            Some(Found::Files { files, .. }) => files.binary_search(&file).is_ok(),
            _ => true,
        }
    }

    /// Tells whether a host directory itself is what was searched for.
    pub fn finds_host(&self, host: usize) -> bool {
        matches!(self.found.get(host), Some(Found::Whole | Found::Files { own: true, .. }))
    }

    /// Tells whether a file is what was searched for.
    pub fn finds_file(&self, host: usize, file: usize) -> bool {
        matches!(self.found.get(host), Some(Found::Files { files, .. }) if files.binary_search(&file).is_ok())
    }

    /// Whether a host directory is open because of what was found in it; `None` where that depends on its own fold.
    pub fn is_open(&self, host: usize) -> Option<bool> {
        match self.found.get(host) {
            Some(Found::Files { open, .. }) => Some(*open),
            _ => None,
        }
    }

    /// Opens or closes a host directory for this search only. Tells whether it was one that the search opened.
    pub fn set_open(&mut self, host: usize, value: bool) -> bool {
        match self.found.get_mut(host) {
            Some(Found::Files { open, .. }) => {
                *open = value;
                true
            }
            _ => false,
        }
    }

    /// What is left of a host directory. A file need not hold the words that its directory holds already.
    fn look(&self, read: &ReadHost) -> Found {
        let all = self.pattern.all();
        let own = read.text.own_words(&self.pattern, &self.held);
        let quick = self.query.quick;
        if own == all && quick.is_none() {
            return Found::Whole;
        }
        let is_left = |(index, file): &(usize, &crate::model::File)| {
            own | read.text.file_words(*index, &self.pattern, &self.held) == all
                && quick.is_none_or(|quick| quick.holds(read.text.kinds(*index), file, self.query.moment))
        };
        let files: Vec<usize> = read.host.files.iter().enumerate().filter(is_left).map(|(index, _)| index).collect();
        let own = own == all && quick.is_some_and(|quick| quick.holds_host(read));
        if files.is_empty() && !own { Found::Nothing } else { Found::Files { files, own, open: true } }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{HostDir, HostState, Placement};

    fn read(filter: &mut Filter, name: &str) -> ReadHost {
        let host = HostDir {
            name: name.into(),
            path: name.into(),
            state: HostState::Listed,
            placement: Placement::UnderRoot,
            link: None,
            stamp: None,
            files: Vec::new(),
            hosts_toml: None,
            referenced: Vec::new(),
        };
        let mut read = ReadHost::new(Arc::new(host), Vec::new());
        read.text = filter.gather(&read);
        read
    }

    #[test]
    fn a_search_in_slices_finds_what_one_at_one_go_does() {
        let mut filter = Filter::default();
        let hosts: Vec<ReadHost> =
            (0..100).map(|number| read(&mut filter, &format!("host-{number}.example"))).collect();
        let shown = |filter: &Filter| (0..hosts.len()).filter(|host| filter.shows_host(*host)).count();
        for (text, expected) in [("host-1", 11), ("host-12", 1), ("example", 100), ("nowhere", 0), ("", 100)] {
            filter.begin(Query { text: text.to_owned(), ..Query::default() });
            let before = shown(&filter);
            let mut slices = 1;
            while !filter.advance(7) {
                assert_eq!((filter.is_pending(), shown(&filter)), (true, before), "what was found before stays");
                slices += 1;
            }
            filter.settle(hosts.iter().map(Some));
            assert_eq!((filter.is_pending(), shown(&filter)), (false, expected), "{text}");
            assert_eq!(slices, if text.is_empty() { 1 } else { 15 }, "{text}");
            assert!(!filter.advance(7), "nothing is left to be settled");
        }
    }

    #[test]
    fn what_arrives_while_a_search_goes_on_is_found_by_it() {
        let mut filter = Filter::default();
        let mut hosts: Vec<ReadHost> = (0..20).map(|number| read(&mut filter, &format!("host-{number}"))).collect();
        filter.begin(Query { text: "late".to_owned(), ..Query::default() });
        assert!(!filter.advance(7));
        hosts.push(read(&mut filter, "late.example"));
        filter.fill(20, &hosts[20]);
        while !filter.advance(7) {}
        filter.settle(hosts.iter().map(Some));
        assert_eq!(filter.count(), 1);
        let again = read(&mut filter, "later.example");
        filter.fill(0, &again);
        assert_eq!(filter.count(), 2);
    }
}
