//! The bottom line: the keys that work here, what is typed, or what was last said.

use ratatui::layout::{Position, Rect};

use crate::base::text::width;
use crate::tui::action::Command;
use crate::tui::keymap::{self, Binding};
use crate::tui::state::{Mode, State};
use crate::tui::theme::Label;
use crate::tui::view::paint::{Fit, Painter};
use crate::tui::view::{copy, mending, setting_up};

/// Draws the line. Yields where the cursor stands, where something is typed.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) -> Option<Position> {
    if state.mode == Mode::Filter {
        return Some(filter(state, area, painter));
    }
    if matches!(state.mode, Mode::Rename | Mode::Type) {
        let (cursor, used) = mending::draw_line(state, area, painter)?;
        let is_wrong = state.mending.rename.as_ref().is_some_and(|rename| rename.problem.is_some());
        if !is_wrong && used + 24 < area.width {
            hints(state, area, used + 3, painter);
        }
        return Some(cursor);
    }
    if state.mode == Mode::Save {
        return copy::draw_line(state, area, painter);
    }
    if let Some(running) = state.mending.running.as_ref().filter(|running| running.total > 1) {
        let how = match (running.stops, running.leaves) {
            (false, _) => "Esc stops",
            (true, false) => "stopping",
            (true, true) => "stopping, then quitting",
        };
        let text = format!("mending {} of {}; {how}", running.done, running.total);
        painter.cell(area, (1, area.width.saturating_sub(2)), Fit::Left, (Label::Info, &text));
        return None;
    }
    if let Some(text) = setting_up::making(state).filter(|_| state.said.is_none()) {
        painter.cell(area, (1, area.width.saturating_sub(2)), Fit::Left, (Label::Info, &text));
        return None;
    }
    if let Some(said) = &state.said {
        let label = if said.failed { Label::Error } else { Label::Plain };
        painter.cell(area, (1, area.width.saturating_sub(2)), Fit::Left, (label, &said.text));
        return None;
    }
    if state.is_fresh {
        first_run(state, area, painter);
    } else {
        hints(state, area, 1, painter);
    }
    None
}

/// Draws what somebody needs who is here for the first time; what else there is to see, where there is room.
fn first_run(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let first = [(Command::Help, "help"), (Command::Palette, "palette"), (Command::Filter, "search")];
    let more = [(Command::Survey, "overview"), (Command::Timeline, "timeline"), (Command::Mend, "mend")];
    let more = if area.width >= 72 { more.as_slice() } else { &[] };
    let mut pieces = vec![(Label::Plain, " ".to_owned())];
    for (command, word) in first.iter().chain(more).chain(&[(Command::Leave, "quit")]) {
        let Some(key) = state.keymap.key_of(*command) else { continue };
        pieces.extend([(Label::Key, key.to_string()), (Label::Plain, format!(" {word}  "))]);
    }
    painter.line(area, &pieces);
}

fn filter(state: &State, area: Rect, painter: &mut Painter<'_>) -> Position {
    let text = state.filter.text();
    let found = state.tree.filtered();
    let matches = match (found.is_active(), found.count()) {
        (false, _) => String::new(),
        (true, 0) => "  no match".to_owned(),
        (true, 1) => "  1 match".to_owned(),
        (true, count) => format!("  {count} matches"),
    };
    let label = if found.is_active() && found.count() == 0 { Label::Error } else { Label::Dim };
    // A long text is shown by its end, where the cursor usually is.
    let room = usize::from(area.width).saturating_sub(4 + width(&matches));
    let column = state.filter.cursor_column();
    let hidden = column.saturating_sub(room);
    let shown: String = text.chars().skip(hidden).take(room.max(1)).collect();
    let used = painter.line(area, &[(Label::Key, " /".to_owned()), (Label::Plain, shown), (label, matches)]);
    if used + 24 < area.width {
        hints(state, area, used + 3, painter);
    }
    let x = area.x + 2 + u16::try_from(column - hidden).unwrap_or_default();
    Position::new(x.min(area.right().saturating_sub(1)), area.y)
}

/// Draws the keys that work here. Where room is scarce, those named last in the keymap go first, help and the way out last.
fn hints(state: &State, area: Rect, start: u16, painter: &mut Painter<'_>) {
    let places = keymap::places(state);
    let is_dead_end = state.mode == Mode::Answer && state.question.goal.is_none();
    let leads_on = |binding: &Binding| binding.command != Command::Follow || !is_dead_end;
    // What means something else nearer by is not told.
    let meant = |binding: &Binding| {
        let key = binding.keys.first().copied();
        key.and_then(|key| places.iter().find_map(|place| state.keymap.command(*place, key))) == Some(binding.command)
    };
    let named = |binding: &&Binding| {
        let is_bound = binding.hint.is_some() && meant(binding);
        places.contains(&binding.place) && is_bound && leads_on(binding)
    };
    let mut shown: Vec<&Binding> = state.keymap.bindings().iter().filter(named).collect();
    let room = usize::from(area.width.saturating_sub(start));
    while shown.iter().map(|binding| width(&hint_text(binding))).sum::<usize>() > room + 2 {
        let dispensable = shown.iter().rposition(|binding| !matches!(binding.command, Command::Help | Command::Leave));
        match dispensable {
            Some(index) => shown.remove(index),
            None => break,
        };
    }
    let mut used = start;
    for binding in shown {
        let (key, hint) = (binding.keys.first().map(ToString::to_string), binding.hint.unwrap_or_default());
        let rest = Rect { x: area.x + used.min(area.width), width: area.width.saturating_sub(used), ..area };
        let pieces = [(Label::Key, key.unwrap_or_default()), (Label::Dim, format!(" {hint}  "))];
        used += painter.line(rest, &pieces);
    }
}

fn hint_text(binding: &Binding) -> String {
    let key = binding.keys.first().map(ToString::to_string).unwrap_or_default();
    format!("{key} {}  ", binding.hint.unwrap_or_default())
}
