//! What the mouse does: a click selects, a second one opens, the wheel scrolls what is under it, tabs and headings react,
//! and the line between tree and pane can be dragged. Pure, as [`crate::tui::update`] is, to which it belongs.

use std::time::Duration;

use ratatui::layout::{Position, Rect};

use crate::tui::action::{Command, Effect, Said};
use crate::tui::key::{Gesture, MouseReport};
use crate::tui::layout::Layout;
use crate::tui::state::{Focus, Mode, State};
use crate::tui::survey;
use crate::tui::timeline;
use crate::tui::update;
use crate::tui::view;

/// The longest time between the clicks of a double click.
const DOUBLE: Duration = Duration::from_millis(400);
/// Rows for one notch of the wheel.
const NOTCH: isize = 3;

/// What the mouse did last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pointer {
    /// The terminal reports the mouse.
    pub is_heeded: bool,
    /// The last click, and when it was.
    last: Option<(Position, Duration)>,
    /// The line between tree and pane is held.
    drags: bool,
}

/// Runs a command that concerns how the screen is divided, or the mouse.
pub fn run(state: &mut State, command: Command) -> Vec<Effect> {
    if command == Command::Details {
        state.split.is_closed = !state.split.is_closed;
        if state.split.is_closed {
            state.focus = Focus::Tree;
        }
        state.follow();
        return Vec::new();
    }
    let on = !state.pointer.is_heeded;
    state.pointer = Pointer { is_heeded: on, ..Pointer::default() };
    let text = if on { "the mouse selects, opens and scrolls" } else { "the mouse is the terminal's: it selects text" };
    state.said = Some(Said { failed: false, text: text.to_owned() });
    vec![Effect::Mouse(on)]
}

/// Takes what the mouse did.
pub fn told(state: &mut State, report: MouseReport, now: Duration) -> Vec<Effect> {
    let Some(layout) = state.layout() else { return Vec::new() };
    let at = Position { x: report.column, y: report.row };
    match report.what {
        Gesture::Release => state.pointer.drags = false,
        Gesture::Drag if state.pointer.drags => {
            state.split.tree = Some(at.x);
            state.follow();
        }
        Gesture::Drag => {}
        Gesture::WheelUp => wheel(state, &layout, at, false),
        Gesture::WheelDown => wheel(state, &layout, at, true),
        Gesture::Press => {
            state.is_fresh = false;
            state.said = None;
            let last = state.pointer.last.replace((at, now));
            let is_double = last.is_some_and(|(place, then)| place == at && now.saturating_sub(then) <= DOUBLE);
            if is_double {
                state.pointer.last = None;
            }
            return press(state, &layout, at, is_double);
        }
    }
    Vec::new()
}

fn wheel(state: &mut State, layout: &Layout, at: Position, down: bool) {
    let steps = if down { NOTCH } else { -NOTCH };
    match state.mode {
        Mode::Browse | Mode::Filter if layout.pane.contains(at) => state.scroll_pane(steps),
        Mode::Browse | Mode::Filter => {
            let last = state.tree.len().saturating_sub(state.tree_rows());
            state.scroll = state.scroll.saturating_add_signed(steps).min(last);
        }
        // What is typed there has nothing to scroll.
        Mode::Ask | Mode::Rename | Mode::Type | Mode::Form | Mode::Copy | Mode::Save => {}
        Mode::Answer
        | Mode::Help
        | Mode::HelpSearch
        | Mode::Palette
        | Mode::Mend
        | Mode::Timeline
        | Mode::Survey
        | Mode::Compare => {
            let command = if down { Command::Down } else { Command::Up };
            (0..NOTCH).for_each(|_| drop(update::run(state, command)));
        }
    }
}

fn press(state: &mut State, layout: &Layout, at: Position, is_double: bool) -> Vec<Effect> {
    match state.mode {
        Mode::Browse | Mode::Filter => press_pane(state, layout, at, is_double),
        Mode::Timeline | Mode::Survey => press_list(state, layout, at, is_double),
        _ => Vec::new(),
    }
}

/// The timeline and the overview: a click chooses, a second one goes there.
fn press_list(state: &mut State, layout: &Layout, at: Position, is_double: bool) -> Vec<Effect> {
    if layout.title.contains(at) {
        return update::run(state, Command::Survey);
    }
    let Some(line) = usize::from(at.y).checked_sub(usize::from(layout.title.bottom())) else { return Vec::new() };
    let is_chosen = match state.mode {
        Mode::Timeline => timeline::choose_line(state, line),
        _ => survey::choose_line(state, line),
    };
    if is_chosen && is_double { update::run(state, Command::Follow) } else { Vec::new() }
}

fn press_pane(state: &mut State, layout: &Layout, at: Position, is_double: bool) -> Vec<Effect> {
    let inside = |area: Rect| area.contains(at);
    if inside(layout.rule) {
        state.pointer.drags = true;
    } else if inside(layout.tree) {
        return press_row(state, usize::from(at.y - layout.tree.y), is_double);
    } else if inside(layout.headings) {
        if let Some(sort) = view::sort_at(state, layout.headings.width, at.x - layout.headings.x) {
            state.change_tree(|tree| tree.sort(sort));
        }
    } else if inside(layout.tabs) {
        if let Some(tab) = view::tab_at(state, layout.tabs.width, at.x - layout.tabs.x) {
            return update::run(state, Command::Show(tab));
        }
    } else if inside(layout.pane) {
        state.focus = Focus::Pane;
    } else if inside(layout.title) {
        return update::run(state, Command::Survey);
    }
    Vec::new()
}

fn press_row(state: &mut State, line: usize, is_double: bool) -> Vec<Effect> {
    let Some(row) = state.tree.row(state.scroll + line) else { return Vec::new() };
    state.focus = Focus::Tree;
    // The row stays under the mouse: what a margin would move cannot be clicked twice.
    state.cursor = row;
    if is_double { update::run(state, Command::Toggle) } else { Vec::new() }
}
