//! What is meant by what is marked or selected: rows, their findings, and words for them.

use std::collections::BTreeSet;

use crate::base::text::display_name;
use crate::finding::Finding;
use crate::tui::state::State;
use crate::tui::tree::Row;

/// Marks the row, or takes its mark away, and goes on to the next one.
pub fn mark(state: &mut State) {
    let row = match state.cursor {
        Row::Certificate { host, file, .. } => Row::File { host, file },
        row => row,
    };
    if matches!(row, Row::Root(_)) {
        return;
    }
    if let Some(identity) = state.tree.identity(row)
        && !state.mending.marks.remove(&identity)
    {
        state.mending.marks.insert(identity);
    }
    state.select_place(state.place_of_cursor() + 1);
}

/// The findings of what is selected: of a file, its own; of a host directory, all in it.
pub fn findings_here(state: &State) -> Vec<Finding> {
    findings_of(state, state.cursor)
}

/// The findings of everything that is marked, each once, in the order of the tree; where nothing is marked, those of the
/// host directory, or of everything under the root.
pub fn findings_of_all(state: &State) -> Vec<Finding> {
    if state.mending.marks.is_empty() {
        return match state.cursor {
            row @ Row::Root(_) => findings_of(state, row),
            row => row.host().map(|host| findings_of(state, Row::Host(host))).unwrap_or_default(),
        };
    }
    let marked = state.mending.marks.iter().filter_map(|mark| state.tree.find(mark));
    // What is marked as a whole comes before its files.
    let places: BTreeSet<_> = marked.filter_map(|row| Some((row.host()?, row.file()))).collect();
    let is_covered = |host: usize, file: Option<usize>| file.is_some() && places.contains(&(host, None));
    let rows = places.iter().filter(|(host, file)| !is_covered(*host, *file));
    let row = |(host, file): &(usize, Option<usize>)| match *file {
        Some(file) => Row::File { host: *host, file },
        None => Row::Host(*host),
    };
    rows.flat_map(|place| findings_of(state, row(place))).collect()
}

/// The findings of a row.
fn findings_of(state: &State, row: Row) -> Vec<Finding> {
    let root = match row {
        Row::Root(root) => state.tree.root(root),
        _ => None,
    };
    let hosts: Vec<usize> = match root {
        Some(entry) => entry.hosts.clone(),
        None => row.host().into_iter().collect(),
    };
    let name = row.host().zip(row.file()).and_then(|(host, file)| Some(&state.tree.file(host, file)?.name));
    let is_meant = |finding: &&Finding| name.is_none() || finding.place.file.as_ref() == name;
    let reads = hosts.into_iter().filter_map(|host| state.tree.read(host));
    let of_hosts = reads.flat_map(|read| read.findings.iter().filter(is_meant));
    root.iter().flat_map(|entry| &entry.findings).chain(of_hosts).cloned().collect()
}

/// What a plan of everything is about, in words.
pub fn about(state: &State) -> String {
    match (state.mending.marks.len(), state.cursor) {
        (0, Row::Root(root)) => state.tree.root(root).map(|entry| display_name(&entry.root.path)).unwrap_or_default(),
        (0, row) => {
            let host = row.host().and_then(|host| state.tree.host(host));
            host.and_then(|host| host.path.file_name()).map(display_name).unwrap_or_default()
        }
        (1, _) => "what is marked".to_owned(),
        (many, _) => format!("the {many} that are marked"),
    }
}
