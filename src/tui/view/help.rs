//! The help screen, made from the keymap.

use ratatui::layout::Rect;

use crate::tui::document::{Document, Piece};
use crate::tui::keymap::{BINDINGS, Binding, Place};
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::view::paint::Painter;

/// Columns that the keys take.
const KEY_COLUMNS: usize = 20;

/// Draws the help screen between the top line and the bottom line.
pub fn draw(state: &State, screen: Rect, painter: &mut Painter<'_>) {
    let area = Rect {
        x: screen.x + 1,
        y: screen.y + 1,
        width: screen.width.saturating_sub(2),
        height: screen.height.saturating_sub(2),
    };
    let lines = lines(state, area.width);
    let scroll = state.help_scroll.min(lines.len().saturating_sub(usize::from(area.height)));
    for (row, line) in lines.iter().skip(scroll).take(usize::from(area.height)).enumerate() {
        let Ok(row) = u16::try_from(row) else { return };
        painter.line(Rect { y: area.y + row, height: 1, ..area }, line);
    }
}

fn lines(state: &State, width: u16) -> Vec<Vec<Piece>> {
    let mut document = Document::new(usize::from(width));
    for place in [Place::Tree, Place::Pane, Place::Everywhere, Place::Filter] {
        document.heading(place.title());
        for binding in BINDINGS.iter().filter(|binding| binding.place == place) {
            let keys = key_text(binding);
            let padding = " ".repeat(KEY_COLUMNS.saturating_sub(keys.len()).max(1));
            document.hanging(&[(Label::Key, &format!("{keys}{padding}"))], &[(Label::Plain, binding.help)]);
        }
    }
    document.heading("Signs");
    let signs = [
        (Label::Error, Sign::Error, "an engine refuses it, or what was meant does not happen"),
        (Label::Warning, Sign::Warning, "something will fail, or a secret lies open"),
        (Label::Info, Sign::Info, "worth knowing"),
        (Label::Good, Sign::Good, "nothing to complain about"),
        (Label::Error, Sign::Differs, "the name of a file promises something else than what is in it"),
    ];
    for (label, sign, text) in signs {
        document.hanging(&[(label, &format!("{:<20}", state.glyphs.sign(sign)))], &[(Label::Plain, text)]);
    }
    document.lines().to_vec()
}

fn key_text(binding: &Binding) -> String {
    binding.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
