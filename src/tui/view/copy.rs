//! The menu of what can be copied: its letters, and what each would give.

use ratatui::layout::{Position, Rect};

use crate::base::text::width;
use crate::tui::action::Command;
use crate::tui::copy::{Item, text};
use crate::tui::keymap::Place;
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::view::paint::{Fit, Painter};

/// Columns that the words take.
const WORD_COLUMNS: u16 = 22;

/// Draws the menu over the lowest lines of an area.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let items: Vec<(Item, String)> = Item::ALL.into_iter().filter_map(|item| Some((item, key(state, item)?))).collect();
    let rows = u16::try_from(items.len() + 1).unwrap_or(u16::MAX).min(area.height);
    let menu = Rect { y: area.bottom() - rows, height: rows, ..area };
    painter.clear(menu);
    let line = painter.glyphs.sign(Sign::Line).repeat(usize::from(menu.width));
    painter.cell(menu, (0, menu.width), Fit::Left, (Label::Dim, &line));
    let title = if state.copying.to_file { " Keep in a file " } else { " Copy " };
    painter.cell(menu, (1, menu.width.saturating_sub(1)), Fit::Left, (Label::Heading, title));
    let hidden: Vec<&str> =
        items.iter().skip(usize::from(rows.saturating_sub(1))).map(|(_, key)| key.as_str()).collect();
    if !hidden.is_empty() {
        // They do the same where there is no room to say what.
        let text = format!(" also {} ", hidden.join(" "));
        let start = u16::try_from(1 + width(title)).unwrap_or(u16::MAX).min(menu.width);
        painter.cell(menu, (start, menu.width - start), Fit::Right, (Label::Key, &text));
    }
    for (row, (item, key)) in items.iter().enumerate() {
        let Ok(row) = u16::try_from(row + 1) else { return };
        if row >= menu.height {
            return;
        }
        draw_item(state, *item, key, Rect { y: menu.y + row, height: 1, ..menu }, painter);
    }
}

/// The letter of something in the menu.
fn key(state: &State, item: Item) -> Option<String> {
    let is_it = |command| command == Command::Copy(item);
    let bindings = state.keymap.bindings();
    let binding = bindings.iter().find(|binding| binding.place == Place::Copy && is_it(binding.command))?;
    binding.keys.first().map(ToString::to_string)
}

fn draw_item(state: &State, item: Item, key: &str, area: Rect, painter: &mut Painter<'_>) {
    let found = text(state, item);
    let label = if found.is_ok() { Label::Plain } else { Label::Dim };
    painter.cell(area, (1, 3), Fit::Left, (Label::Key, key));
    painter.cell(area, (4, WORD_COLUMNS), Fit::Left, (label, item.word()));
    let text = found.unwrap_or_else(str::to_owned);
    // The first line tells enough of what has several; a PEM tells nothing by its first.
    let lines = text.lines().count();
    let shown = match (item, text.lines().find(|line| !line.starts_with("# "))) {
        (Item::Pem, _) if lines > 1 => format!("{lines} lines"),
        (_, Some(first)) if lines > 1 => format!("{first} {}", painter.glyphs.sign(Sign::Pending)),
        (_, first) => first.unwrap_or_default().to_owned(),
    };
    let start = 5 + WORD_COLUMNS;
    painter.cell(area, (start, area.width.saturating_sub(start + 1)), Fit::Middle, (Label::Dim, &shown));
}

/// Draws the line in which the path of a file is typed. Yields where the cursor stands.
pub fn draw_line(state: &State, area: Rect, painter: &mut Painter<'_>) -> Option<Position> {
    let (line, item) = state.copying.typed.as_ref()?;
    let prompt = format!(" {} into the file: ", item.word());
    let start = u16::try_from(width(&prompt)).unwrap_or(u16::MAX).min(area.width / 2);
    painter.cell(area, (0, start), Fit::Left, (Label::Key, &prompt));
    let room = usize::from(area.width.saturating_sub(start + 1));
    let column = line.cursor_column();
    let hidden = column.saturating_sub(room);
    let shown: String = line.text().chars().skip(hidden).take(room.max(1)).collect();
    painter.cell(area, (start, area.width.saturating_sub(start)), Fit::Left, (Label::Plain, &shown));
    let x = area.x + start + u16::try_from(column - hidden).unwrap_or_default();
    Some(Position::new(x.min(area.right().saturating_sub(1)), area.y))
}
