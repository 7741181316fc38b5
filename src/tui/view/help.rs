//! The help screen, made from the keymap.

use ratatui::layout::Rect;

use crate::tui::document::{Document, Piece};
use crate::tui::keymap::{BINDINGS, Binding, Place};
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::view::paint::Painter;

/// Columns that the keys take.
const KEY_COLUMNS: usize = 21;
/// The narrowest area with two columns.
const TWO_COLUMNS: u16 = 96;

/// Draws the help screen.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let left = [Place::Tree, Place::Pane, Place::Filter];
    let columns = if area.width >= TWO_COLUMNS {
        let half = area.width / 2;
        let mut right = lines(&[Place::Everywhere], half);
        right.push(Vec::new());
        right.extend(lines(&[Place::Ask, Place::Answer], half));
        right.push(Vec::new());
        right.extend(signs(state, half));
        vec![lines(&left, half), right]
    } else {
        let mut all =
            lines(&[Place::Tree, Place::Pane, Place::Everywhere, Place::Filter, Place::Ask, Place::Answer], area.width);
        all.push(Vec::new());
        all.extend(signs(state, area.width));
        vec![all]
    };
    let longest = columns.iter().map(Vec::len).max().unwrap_or_default();
    let scroll = state.help_scroll.min(longest.saturating_sub(usize::from(area.height)));
    let width = if columns.len() > 1 { area.width / 2 } else { area.width };
    for (column, x) in columns.iter().zip([area.x, area.x + width]) {
        for (row, line) in column.iter().skip(scroll).take(usize::from(area.height)).enumerate() {
            let Ok(row) = u16::try_from(row) else { return };
            painter.line(Rect { x, y: area.y + row, width, height: 1 }, line);
        }
    }
}

fn lines(places: &[Place], width: u16) -> Vec<Vec<Piece>> {
    let mut document = Document::new(usize::from(width));
    for place in places {
        document.heading(place.title());
        for binding in BINDINGS.iter().filter(|binding| binding.place == *place) {
            let keys = key_text(binding);
            let padding = " ".repeat(KEY_COLUMNS.saturating_sub(keys.len()).max(1));
            document.hanging(&[(Label::Key, &format!("{keys}{padding}"))], &[(Label::Plain, binding.help)]);
        }
    }
    document.lines().to_vec()
}

fn signs(state: &State, width: u16) -> Vec<Vec<Piece>> {
    let mut document = Document::new(usize::from(width));
    document.heading("Signs");
    let signs = [
        (Label::Error, Sign::Error, "an engine refuses it, or what was meant does not happen"),
        (Label::Warning, Sign::Warning, "something will fail, or a secret lies open"),
        (Label::Info, Sign::Info, "worth knowing"),
        (Label::Good, Sign::Good, "nothing to complain about"),
        (Label::Error, Sign::Differs, "named as one thing, holds another"),
    ];
    for (label, sign, text) in signs {
        document.hanging(&[(label, &format!("{:<4}", state.glyphs.sign(sign)))], &[(Label::Plain, text)]);
    }
    document.lines().to_vec()
}

fn key_text(binding: &Binding) -> String {
    binding.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
