//! What the keys that move change: the cursor, folds, and what is scrolled.

use crate::tui::action::Command;
use crate::tui::comparison;
use crate::tui::mending;
use crate::tui::palette;
use crate::tui::state::{Focus, Mode, State};
use crate::tui::survey;
use crate::tui::timeline;
use crate::tui::tree::Row;
use crate::tui::update::say;

/// Goes up or down in whatever is shown.
pub fn go(state: &mut State, command: Command) {
    let by = |rows: usize| isize::try_from(rows).unwrap_or(isize::MAX);
    let steps = |page: usize| match command {
        Command::Down => 1,
        Command::Up => -1,
        Command::PageDown => by(page),
        Command::PageUp => -by(page),
        Command::First => isize::MIN,
        _ => isize::MAX,
    };
    if state.mode == Mode::Palette {
        let entries = palette::entries(state).len();
        state.palette.go(steps(state.body().1.saturating_sub(2).max(1)), entries);
        return;
    }
    if state.mode == Mode::Compare {
        comparison::scroll(state, steps(state.body().1.saturating_sub(1).max(1)));
        return;
    }
    if state.mode == Mode::Survey {
        survey::go(state, steps(1));
        return;
    }
    if state.mode == Mode::Timeline {
        timeline::go(state, steps(timeline::rows(state).saturating_sub(1).max(1)));
        return;
    }
    if state.mode == Mode::Mend {
        mending::update::go(state, steps(state.body().1.saturating_sub(1).max(1)));
        return;
    }
    if matches!(state.mode, Mode::Help | Mode::HelpSearch) {
        let page = usize::from(state.size.1).saturating_sub(3).max(1);
        let last = state.keymap.bindings().len() + 32;
        state.help_scroll = state.help_scroll.saturating_add_signed(steps(page)).min(last);
        return;
    }
    if state.mode == Mode::Answer {
        let page = state.body().1.saturating_sub(1).max(1);
        state.scroll_answer(steps(page));
        return;
    }
    if state.focus == Focus::Pane {
        let page = state.pane_rows().saturating_sub(1).max(1);
        state.scroll_pane(steps(page));
        return;
    }
    let page = state.tree_rows().saturating_sub(1).max(1);
    let place = state.place_of_cursor().saturating_add_signed(steps(page));
    state.select_place(place);
}

/// Opens the branch, or goes into it, or to the pane.
pub fn open(state: &mut State) {
    match state.tree.is_open(state.cursor) {
        Some(false) => set_open(state, true),
        Some(true) => state.select_place(state.place_of_cursor() + 1),
        None => state.focus = Focus::Pane,
    }
}

/// Closes the branch, or goes out of it.
pub fn close(state: &mut State) {
    if state.tree.is_open(state.cursor) == Some(true) && !matches!(state.cursor, Row::Root(_)) {
        set_open(state, false);
    } else if let Some(parent) = state.cursor.parent(&state.tree) {
        state.select(parent);
    } else {
        set_open(state, false);
    }
}

/// Opens or closes the branch, or goes to the pane.
pub fn toggle(state: &mut State) {
    match state.tree.is_open(state.cursor) {
        Some(is_open) => set_open(state, !is_open),
        None => state.focus = Focus::Pane,
    }
}

fn set_open(state: &mut State, open: bool) {
    let row = state.cursor;
    state.change_tree(|tree| tree.set_open(row, open));
}

/// Opens all host directories; closes them where all are open.
pub fn toggle_all(state: &mut State) {
    let hosts = 0..state.tree.hosts().len();
    let open = hosts.clone().any(|host| state.tree.is_open(Row::Host(host)) == Some(false));
    state.change_tree(|tree| hosts.for_each(|host| tree.set_open(Row::Host(host), open)));
}

/// Goes to the next or previous thing that was found.
pub fn hit(state: &mut State, forward: bool) {
    match state.tree.hit(state.cursor, forward) {
        Some(row) => state.reach(row),
        None => {
            let text = if forward { "nothing more was found below" } else { "nothing more was found above" };
            say(state, false, text.to_owned());
        }
    }
}

/// Goes to the next or previous problem.
pub fn problem(state: &mut State, forward: bool) {
    match state.tree.problem(state.cursor, forward) {
        Some(row) => {
            state.reach(row);
        }
        None => {
            let text = if forward { "no problem below" } else { "no problem above" };
            say(state, false, text.to_owned());
        }
    }
}
