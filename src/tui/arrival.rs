//! What the events of a scan change: the tree fills, the cursor stays, and a sorted tree is kept in order.

use crate::base::text::display_name;
use crate::model::Root;
use crate::session::Event;
use crate::tui::entry::Sort;
use crate::tui::state::{Progress, State};
use crate::tui::tree::{Row, Tree};

/// Takes an event.
pub fn scanned(state: &mut State, event: Event) {
    match event {
        Event::Listed { roots, hosts } => {
            state.progress = Progress { expected: Some(hosts.len()), read: 0, finished: false, ..state.progress };
            state.place = place_text(&roots);
            state.change_tree(|tree| tree.list(roots, hosts));
        }
        Event::Host { index, host, findings } => {
            state.progress.read += 1;
            filled(state, index, |tree| tree.fill(index, host, findings));
            sort_again(state);
        }
        Event::Finished { findings } => {
            state.progress.finished = true;
            state.progress.judging = false;
            state.sort_again_at = 0;
            state.change_tree(|tree| tree.finish(findings));
        }
    }
    state.wanted.retain(|identity| {
        let found = state.tree.find(identity);
        let arrived = found.filter(|row| state.tree.identity(*row).as_ref() == Some(identity));
        if let Some(row) = arrived {
            state.tree.reveal(row);
            state.cursor = row;
        }
        arrived.is_none() && !state.progress.finished
    });
    state.follow();
}

/// Where everything stands, in short.
fn place_text(roots: &[Root]) -> String {
    let first = roots.first().map(|root| display_name(&root.path)).unwrap_or_default();
    match roots.len() {
        0 | 1 => first,
        many => format!("{first} and {} more", many - 1),
    }
}

/// Changes one host directory. While it is closed and elsewhere, nothing can move.
fn filled(state: &mut State, index: usize, change: impl FnOnce(&mut Tree)) {
    let stays_closed = state.tree.is_open(Row::Host(index)).is_none() && !state.tree.filtered().is_active();
    if stays_closed && state.cursor.host() != Some(index) {
        change(&mut state.tree);
        state.generation += 1;
    } else {
        state.change_tree(change);
    }
}

/// Keeps a tree that is ordered by what is in it in order while it fills: not at each arrival, which would cost too much.
fn sort_again(state: &mut State) {
    let order = state.tree.order();
    if order != Sort::Name && state.progress.read >= state.sort_again_at {
        state.sort_again_at = state.progress.read + state.progress.read / 4 + 64;
        state.change_tree(|tree| tree.sort(order));
    }
}
