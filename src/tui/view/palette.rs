//! The palette: a line to type in, and below it what can be done, each with its keys.

use ratatui::layout::{Position, Rect};

use crate::base::text::width;
use crate::tui::palette::{self, Entry};
use crate::tui::state::State;
use crate::tui::theme::Label;
use crate::tui::view::paint::{Fit, Painter};

/// Columns that the keys take where there is room.
const KEY_COLUMNS: u16 = 16;
/// The narrowest area that tells the names of commands.
const WITH_NAMES: u16 = 60;

/// Draws it. Yields where the cursor stands.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) -> Option<Position> {
    let entries = palette::entries(state);
    let line = Rect { height: 1, ..area };
    let text = state.palette.line.text();
    let count = match entries.len() {
        0 => "nothing is called that".to_owned(),
        count => format!("{}/{count}", state.palette.chosen + 1),
    };
    let taken = u16::try_from(width(&count)).unwrap_or(0).min(line.width);
    painter.cell(line, (line.width - taken, taken), Fit::Right, (Label::Dim, &count));
    let room = usize::from(line.width.saturating_sub(taken + 4));
    let column = state.palette.line.cursor_column();
    let hidden = column.saturating_sub(room);
    let shown: String = text.chars().skip(hidden).take(room.max(1)).collect();
    painter.line(line, &[(Label::Key, ": ".to_owned()), (Label::Plain, shown)]);
    let rows = usize::from(area.height.saturating_sub(2));
    let first = (state.palette.chosen + 1).saturating_sub(rows);
    for (row, (index, entry)) in entries.iter().enumerate().skip(first).take(rows).enumerate() {
        let Ok(row) = u16::try_from(row) else { break };
        let at = Rect { y: area.y + 2 + row, height: 1, ..area };
        draw_entry(entry, index == state.palette.chosen, at, painter);
    }
    let x = line.x + 2 + u16::try_from(column - hidden).unwrap_or_default();
    Some(Position::new(x.min(line.right().saturating_sub(1)), line.y))
}

fn draw_entry(entry: &Entry, is_chosen: bool, area: Rect, painter: &mut Painter<'_>) {
    let keys = KEY_COLUMNS.min(area.width / 3);
    let text_at = keys + 1;
    let split = entry.text.char_indices().nth(entry.name_at).map_or(entry.text.len(), |(at, _)| at);
    let (help, name) = entry.text.split_at(split);
    let help_columns = u16::try_from(width(help)).unwrap_or(u16::MAX);
    painter.cell(area, (0, keys), Fit::Left, (Label::Key, &entry.keys));
    let room = area.width.saturating_sub(text_at);
    painter.cell(area, (text_at, room.min(help_columns)), Fit::Left, (Label::Plain, help.trim_end()));
    let name_at = text_at.saturating_add(help_columns);
    let shows_name = area.width >= WITH_NAMES && name_at < area.width;
    if shows_name {
        painter.cell(area, (name_at, area.width - name_at), Fit::Left, (Label::Dim, name));
    }
    if is_chosen {
        painter.select(area);
    }
    let help_letters = if shows_name { usize::MAX } else { entry.name_at };
    let shown: String = entry.text.chars().take(help_letters).collect();
    painter.mark(area, (text_at, room), (Fit::Left, shown.trim_end()), &entry.hits);
}
