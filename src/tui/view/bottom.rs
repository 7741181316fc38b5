//! The bottom line: the keys that work here, what is typed, or what was last said.

use ratatui::layout::{Position, Rect};

use crate::base::text::width;
use crate::tui::keymap::{self, BINDINGS};
use crate::tui::state::{Mode, State};
use crate::tui::theme::Label;
use crate::tui::view::paint::{Fit, Painter};

/// Draws the line. Yields where the cursor stands, where something is typed.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) -> Option<Position> {
    if state.mode == Mode::Filter {
        return Some(filter(state, area, painter));
    }
    if let Some(said) = &state.said {
        let label = if said.failed { Label::Error } else { Label::Plain };
        painter.cell(area, (1, area.width.saturating_sub(2)), Fit::Left, (label, &said.text));
        return None;
    }
    hints(state, area, 1, painter);
    None
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

fn hints(state: &State, area: Rect, start: u16, painter: &mut Painter<'_>) {
    let places = keymap::places(state);
    let mut used = start;
    for binding in BINDINGS.iter().filter(|binding| places.contains(&binding.place)) {
        let (Some(hint), Some(key)) = (binding.hint, binding.keys.first()) else { continue };
        let key = key.to_string();
        let columns = u16::try_from(width(&key) + 1 + width(hint) + 2).unwrap_or(area.width);
        if used + columns > area.width {
            break;
        }
        let rest = Rect { x: area.x + used, width: area.width - used, ..area };
        painter.line(rest, &[(Label::Key, key), (Label::Dim, format!(" {hint}"))]);
        used += columns;
    }
}
