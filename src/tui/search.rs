//! What searching does to the state: [`crate::tui::filter`] finds, and here the tree shows it.

use crate::tui::action::Edit;
use crate::tui::filter::Query;
use crate::tui::quick::{Moment, Quick};
use crate::tui::state::State;
use crate::tui::tree::Row;

/// Searches for what is typed and for the kind of thing that is chosen.
pub fn begin(state: &mut State) {
    let moment = Moment { now: state.settings.now, soon: state.settings.expires_within };
    let query = Query { text: state.filter.text(), quick: state.quick, moment };
    if state.tree.begin_filter(query) {
        settle(state);
    }
}

/// Goes on with a search.
pub fn advance(state: &mut State) {
    if state.tree.advance_filter() {
        settle(state);
    }
}

/// Searches for another kind of thing.
pub fn narrow(state: &mut State, quick: Option<Quick>) {
    state.quick = quick;
    begin(state);
}

/// Shows everything again.
pub fn clear(state: &mut State) {
    state.filter.apply(&Edit::End);
    state.filter.apply(&Edit::DeleteAll);
    state.quick = None;
    begin(state);
}

/// Shows what was found.
fn settle(state: &mut State) {
    state.change_tree(|tree| tree.settle_filter());
    // What is found should be looked at, not the root above it.
    if matches!(state.cursor, Row::Root(_)) && state.tree.filtered().is_active() {
        state.select_place(state.place_of_cursor() + 1);
    }
}
