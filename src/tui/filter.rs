//! What is left of the tree while somebody searches: host directories by name, files by name or by the subject of a
//! certificate in them. Without regard to case.

use memchr::memmem::Finder;

use crate::base::text::display_name;
use crate::model::HostDir;
use crate::tui::entry::certificates_of;

/// What a text occurs in.
#[derive(Debug, Default)]
pub struct Filter {
    text: String,
    found: Vec<Found>,
}

/// The text of a host directory that is searched, in lower case.
#[derive(Debug)]
pub struct HostText {
    name: String,
    /// One line a file: its name and the subjects in it.
    files: String,
}

/// Where a text occurs in a host directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Found {
    /// Nowhere
    #[default]
    Nothing,
    /// In its name
    Name,
    /// In these files
    Files { files: Vec<usize>, open: bool },
}

impl Filter {
    /// Searches all host directories, in the order of the tree's indices.
    pub fn search<'a>(&mut self, text: &str, hosts: impl ExactSizeIterator<Item = Option<&'a HostText>>) {
        let text = text.to_lowercase();
        if text.is_empty() {
            *self = Self::default();
            return;
        }
        // What does not hold "ab" does not hold "abc".
        let narrows = !self.text.is_empty() && text.contains(&self.text) && self.found.len() == hosts.len();
        let finder = Finder::new(text.as_bytes());
        if !narrows {
            self.found = vec![Found::Name; hosts.len()];
        }
        for (found, host) in self.found.iter_mut().zip(hosts) {
            if *found != Found::Nothing {
                *found = host.map_or(Found::Nothing, |host| host.search(&finder));
            }
        }
        self.text = text;
    }

    /// Takes a host directory that was read meanwhile.
    pub fn fill(&mut self, index: usize, host: &HostText) {
        if let Some(found) = self.found.get_mut(index) {
            *found = host.search(&Finder::new(self.text.as_bytes()));
        }
    }

    /// Tells whether something is searched for.
    pub fn is_active(&self) -> bool {
        !self.text.is_empty()
    }

    /// What is searched for, in lower case.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many host directories and files match.
    pub fn count(&self) -> usize {
        let count = |found: &Found| match found {
            Found::Nothing => 0,
            Found::Name => 1,
            Found::Files { files, .. } => files.len(),
        };
        self.found.iter().map(count).sum()
    }

    /// Tells whether a host directory is shown.
    pub fn shows_host(&self, host: usize) -> bool {
        !self.is_active() || self.found.get(host).is_some_and(|found| *found != Found::Nothing)
    }

    /// Tells whether a file of a shown host directory is shown.
    pub fn shows_file(&self, host: usize, file: usize) -> bool {
        match self.found.get(host) {
            Some(Found::Files { files, .. }) => files.binary_search(&file).is_ok(),
            _ => true,
        }
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
}

impl HostText {
    /// Gathers the text of a host directory.
    pub fn new(host: &HostDir) -> Self {
        let mut files = String::new();
        for file in &host.files {
            files.push_str(&display_name(&file.name).to_lowercase());
            for certificate in certificates_of(file) {
                files.push('\t');
                // Newlines part the files.
                let subject = certificate.subject().to_string().to_lowercase();
                files.extend(subject.chars().map(|character| if character == '\n' { ' ' } else { character }));
            }
            files.push('\n');
        }
        Self { name: display_name(&host.name).to_lowercase(), files }
    }

    fn search(&self, finder: &Finder<'_>) -> Found {
        if finder.find(self.name.as_bytes()).is_some() {
            return Found::Name;
        }
        if finder.find(self.files.as_bytes()).is_none() {
            return Found::Nothing;
        }
        let lines = self.files.split_terminator('\n').enumerate();
        let files: Vec<usize> =
            lines.filter(|(_, line)| finder.find(line.as_bytes()).is_some()).map(|(index, _)| index).collect();
        if files.is_empty() { Found::Nothing } else { Found::Files { files, open: true } }
    }
}
