//! Puts labelled text on the screen. The one gate through which text passes: made safe, fitted to its room and to the
//! characters that the terminal has.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::base::text::{ellipsize_middle, sanitise, truncate, width};
use crate::tui::document::Piece;
use crate::tui::theme::{Glyphs, Label, Sign, Theme};

/// Draws into a buffer.
pub struct Painter<'a> {
    buffer: &'a mut Buffer,
    theme: Theme,
    /// The signs to draw with.
    pub glyphs: Glyphs,
}

/// Where text stands in its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// At the left; the end is cut
    Left,
    /// At the left; the middle is cut
    Middle,
    /// At the right
    Right,
}

impl<'a> Painter<'a> {
    /// A painter for a buffer.
    pub fn new(buffer: &'a mut Buffer, theme: Theme, glyphs: Glyphs) -> Self {
        Self { buffer, theme, glyphs }
    }

    /// Puts pieces side by side on the first row of an area. Yields how many columns they took.
    pub fn line(&mut self, area: Rect, pieces: &[Piece]) -> u16 {
        let mut used = 0;
        for (label, text) in pieces {
            let style = self.theme.style(*label);
            used += self.put(area, used, text, style);
        }
        used
    }

    /// Puts text into a cell of the first row of an area, beginning at `start` columns, fitted to `columns`.
    pub fn cell(&mut self, area: Rect, (start, columns): (u16, u16), fit: Fit, (label, text): (Label, &str)) {
        let columns = columns.min(area.width.saturating_sub(start));
        let safe = sanitise(text);
        let fitted = fitted(fit, &safe, usize::from(columns));
        let blank = columns.saturating_sub(u16::try_from(width(&fitted)).unwrap_or(columns));
        let shift = if fit == Fit::Right { blank } else { 0 };
        let style = self.theme.style(label);
        self.put(area, start + shift, &fitted, style);
    }

    /// Shows the first row of an area as selected.
    pub fn select(&mut self, area: Rect) {
        let row = Rect { height: area.height.min(1), ..area };
        // Colours would leave patches behind once they are reversed.
        self.buffer.set_style(row, Style::reset());
        self.buffer.set_style(row, self.theme.selected());
    }

    /// Shows characters of a text that was put into a cell as found by a search. Where some of them were cut out, the sign
    /// that stands for them is marked.
    pub fn mark(&mut self, area: Rect, (start, columns): (u16, u16), (fit, text): (Fit, &str), hits: &[usize]) {
        let columns = columns.min(area.width.saturating_sub(start));
        let fitted = fitted(fit, text, usize::from(columns));
        let mut x = area.x + start;
        let places = shown_at(text, &fitted);
        for (letter, places) in self.glyphs.text(&fitted).chars().zip(places) {
            let taken = u16::try_from(width(letter.encode_utf8(&mut [0; 4]))).unwrap_or(0);
            if hits.iter().any(|hit| places.contains(hit)) {
                self.buffer.set_style(Rect { x, width: taken, height: 1, ..area }, self.theme.hit());
            }
            x = x.saturating_add(taken);
        }
    }

    /// Underlines the first row of an area.
    pub fn underline(&mut self, area: Rect) {
        let row = Rect { height: area.height.min(1), ..area };
        self.buffer.set_style(row, Style::new().add_modifier(Modifier::UNDERLINED));
    }

    /// Draws a vertical line.
    pub fn rule(&mut self, area: Rect) {
        let style = self.theme.style(Label::Dim);
        for row in 0..area.height {
            let at = Rect::new(area.x, area.y + row, area.width, 1);
            self.put(at, 0, self.glyphs.sign(Sign::Rule), style);
        }
    }

    /// Empties an area.
    pub fn clear(&mut self, area: Rect) {
        for row in area.rows() {
            for column in row.columns() {
                if let Some(cell) = self.buffer.cell_mut((column.x, column.y)) {
                    cell.reset();
                }
            }
        }
    }

    fn put(&mut self, area: Rect, start: u16, text: &str, style: Style) -> u16 {
        if area.is_empty() || start >= area.width {
            return 0;
        }
        let safe = sanitise(text);
        let shown = self.glyphs.text(&safe);
        let limit = usize::from(area.width - start);
        let (end, _) = self.buffer.set_stringn(area.x + start, area.y, &shown, limit, style);
        end.saturating_sub(area.x + start)
    }
}

fn fitted(fit: Fit, text: &str, limit: usize) -> std::borrow::Cow<'_, str> {
    if fit == Fit::Middle { ellipsize_middle(text, limit) } else { truncate(text, limit) }
}

/// The characters of a text that each character of the same text, fitted, stands for.
fn shown_at(text: &str, fitted: &str) -> Vec<std::ops::Range<usize>> {
    let (all, shown) = (text.chars().count(), fitted.chars().count());
    if all == shown {
        return (0..all).map(|index| index..index + 1).collect();
    }
    let head = text.chars().zip(fitted.chars()).take_while(|(one, other)| one == other).count();
    let tail = shown.saturating_sub(head + 1);
    let cut = head..all.saturating_sub(tail);
    let tail = (cut.end..all).map(|index| index..index + 1);
    (0..head).map(|index| index..index + 1).chain([cut]).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_out_is_known_by_the_sign_for_it() {
        let places = |text: &str, limit: usize| shown_at(text, &ellipsize_middle(text, limit));
        assert_eq!(places("abc", 3), [0..1, 1..2, 2..3]);
        assert_eq!(places("abcdefgh", 5), [0..1, 1..2, 2..6, 6..7, 7..8]);
        assert_eq!(shown_at("abcdefgh", &truncate("abcdefgh", 4)), [0..1, 1..2, 2..3, 3..8]);
        assert_eq!(shown_at("abc", "").first(), Some(&(0..3)));
    }
}
