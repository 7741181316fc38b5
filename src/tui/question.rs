//! An error text that somebody asks about, and the answer.

use std::path::Path;
use std::sync::Arc;

use crate::finding::Finding;
use crate::model::{HostDir, HostName, HostState};
use crate::session::why::Explained;
use crate::tui::action::Edit;
use crate::tui::document::Document;
use crate::tui::entry::ReadHost;
use crate::tui::key::PASTE_LIMIT;
use crate::tui::tree::{Identity, Row, Tree};
use crate::why::{Diagnosis, Standing, Verdict};

/// The text and what is known of it.
#[derive(Debug, Default)]
pub struct Question {
    text: String,
    /// Somebody works on the answer.
    pub waiting: bool,
    /// The answer; the inner `None` where the text is not known.
    pub answer: Option<Option<Explained>>,
    /// The answer as text.
    pub document: Document,
    /// What it leads to.
    pub goal: Option<Identity>,
    /// Lines above the first that is shown of the answer.
    pub scroll: usize,
    pub(super) made: Option<(u64, usize)>,
}

impl Question {
    /// The text (foreign).
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Tells whether there is as much text as is taken.
    pub fn is_full(&self) -> bool {
        self.text.len() >= PASTE_LIMIT
    }

    /// Changes the text, always at its end.
    pub fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Insert(text) => {
                let room = PASTE_LIMIT.saturating_sub(self.text.len());
                let part = text.get(..floor(text, room)).unwrap_or_default();
                // Terminals spell the end of a line as the key Enter does.
                self.text.push_str(&part.replace("\r\n", "\n").replace('\r', "\n"));
            }
            Edit::Backspace => drop(self.text.pop()),
            Edit::DeleteWord => {
                let end = self.text.trim_end().len();
                let words = self.text.get(..end).unwrap_or_default();
                let blank = words.char_indices().rev().find(|(_, letter)| letter.is_whitespace());
                let start = blank.map_or(0, |(at, letter)| at + letter.len_utf8());
                self.text.truncate(start);
            }
            Edit::DeleteAll => self.text.clear(),
            Edit::Delete | Edit::Left | Edit::Right | Edit::Home | Edit::End => {}
        }
    }

    /// Takes the answer.
    pub fn answered(&mut self, answer: Option<Explained>) {
        *self = Self { text: std::mem::take(&mut self.text), answer: Some(answer), ..Self::default() };
    }
}

/// The last boundary of a character up to `at`.
pub fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The directory that an answer is about as it is now.
pub fn host_of(explained: &Explained, tree: &Tree) -> Option<Arc<HostDir>> {
    let asked = explained.host.as_ref()?;
    let row = tree.find(&Identity::Host(asked.path.clone(), None));
    let read = row.and_then(Row::host).and_then(|host| tree.read(host));
    Some(Arc::clone(read.map_or(asked, |read| &read.host)))
}

/// The findings that may bear an answer out: those of its directory; where there is none, those of directories for the
/// same server under another spelling.
pub fn findings_for(diagnosis: &Diagnosis, host: Option<&HostDir>, tree: &Tree) -> Vec<Finding> {
    let reads = || tree.hosts().iter().filter_map(|entry| entry.read.as_ref());
    // What is not bad enough to be shown is true all the same.
    let all = |read: &ReadHost| read.findings.iter().chain(&read.hidden).cloned().collect::<Vec<_>>();
    match host.filter(|host| host.state != HostState::Missing) {
        Some(host) => reads().filter(|read| read.host.path == host.path).flat_map(all).collect(),
        None => {
            let server = |name: &std::ffi::OsStr| HostName::parse(name).server_name().map(str::to_ascii_lowercase);
            let Some(wanted) = diagnosis.registry.as_deref().and_then(|registry| server(registry.as_ref())) else {
                return Vec::new();
            };
            let alike = reads().filter(|read| server(&read.host.name).as_ref() == Some(&wanted));
            alike.flat_map(all).collect()
        }
    }
}

/// Where to look first: where an engine stops, what confirms the likeliest cause, what the text means, the directory.
pub fn goal(verdict: &Verdict<'_>, host: Option<&HostDir>, tree: &Tree) -> Option<Identity> {
    let replay = verdict.replays.first().map(|replay| replay.path.clone());
    let confirmed = verdict.causes.iter().filter(|candidate| candidate.standing == Standing::Confirmed);
    let finding = || confirmed.flat_map(|candidate| &candidate.findings).next().map(|finding| finding.place.path());
    let suspect = || verdict.suspects.first().map(|suspect| suspect.path.clone());
    let path = replay.or_else(finding).or_else(suspect);
    let paths = path.iter().map(|path| path.as_path()).chain(host.map(|host| host.path.as_path()));
    paths.flat_map(identities).find(|identity| tree.find(identity).is_some())
}

/// What a path may be: a host directory, or a file in one.
fn identities(path: &Path) -> Vec<Identity> {
    let file = path.parent().zip(path.file_name());
    let file = file.map(|(directory, name)| Identity::Host(directory.to_path_buf(), Some((name.to_owned(), None))));
    std::iter::once(Identity::Host(path.to_path_buf(), None)).chain(file).collect()
}
