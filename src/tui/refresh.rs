//! What somebody else changed, taken in without losing the place, and marked for a moment. Pure, as [`crate::tui::update`]
//! is, to which it belongs.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::base::text::display_name;
use crate::model::HostDir;
use crate::session::refresh::Refreshed;
use crate::tui::action::Said;
use crate::tui::state::State;
use crate::tui::tree::Identity;

/// Takes what has changed.
pub fn take(state: &mut State, refreshed: Refreshed) {
    let Refreshed { roots, hosts, read, findings } = refreshed;
    let listed: HashSet<&PathBuf> = hosts.iter().collect();
    let gone = state.tree.hosts().iter().filter(|entry| !listed.contains(&entry.path)).count();
    let mut changed = HashSet::new();
    let mut files = 0;
    for (_, host, _) in &read {
        let before = state.tree.find(&Identity::Host(host.path.clone(), None)).and_then(|row| row.host());
        let before = before.and_then(|row| state.tree.read(row)).map(|read| &*read.host);
        let own = changed_files(before, host);
        files += own.len();
        changed.extend(own);
        changed.insert(Identity::Host(host.path.clone(), None));
    }
    let told = told(&read.iter().map(|(_, host, _)| host.path.clone()).collect::<Vec<_>>(), files, gone);
    let is_same_list = state.tree.hosts().iter().map(|entry| &entry.path).eq(&hosts)
        && state
            .tree
            .roots()
            .iter()
            .map(|entry| (&entry.root.path, entry.root.error))
            .eq(roots.iter().map(|root| (&root.path, root.error)));
    state.change_tree(|tree| {
        // To take in a list costs more than anything else where there are many.
        if !is_same_list {
            tree.list(roots, hosts);
        }
        for (index, host, findings) in read {
            tree.fill(index, host, findings);
        }
        tree.finish(findings);
    });
    state.changed = changed;
    // What was said of something that failed is not to be overlooked.
    if state.said.as_ref().is_none_or(|said| !said.failed) {
        state.said = Some(Said { failed: false, text: told });
    }
}

/// Takes the marks away again.
pub fn fade(state: &mut State) {
    state.changed.clear();
    if state.said.as_ref().is_some_and(|said| said.text.starts_with(CHANGED)) {
        state.said = None;
    }
}

/// How it is said that somebody else changed something.
const CHANGED: &str = "changed by somebody else: ";

/// The files of a host directory that are new or another than before.
fn changed_files(before: Option<&HostDir>, after: &HostDir) -> Vec<Identity> {
    let is_same = |name, stamp| {
        let before = before.and_then(|before| before.file(name));
        before.is_some_and(|before| before.stamp == stamp)
    };
    let changed = after.files.iter().filter(|file| !is_same(&file.name, file.stamp));
    changed.map(|file| Identity::Host(after.path.clone(), Some((file.name.clone(), None)))).collect()
}

fn told(hosts: &[PathBuf], files: usize, gone: usize) -> String {
    let name = |path: &PathBuf| path.file_name().map_or_else(|| display_name(path), display_name);
    let count = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    let mut parts = Vec::new();
    match hosts {
        [] => {}
        [host] if files == 0 => parts.push(name(host)),
        [host] => parts.push(format!("{} in {}", count(files, "file"), name(host))),
        many => parts.push(format!("{} in {} host directories", count(files, "file"), many.len())),
    }
    if gone > 0 {
        parts.push(format!("{gone} host {} gone", if gone == 1 { "directory" } else { "directories" }));
    }
    if parts.is_empty() {
        parts.push("the roots".to_owned());
    }
    format!("{CHANGED}{}", parts.join(", "))
}
