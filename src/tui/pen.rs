//! The style in which a terminal writes, and the shortest way from one to another (SGR).

use std::io::Write;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// A style in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pen {
    foreground: Color,
    background: Color,
    modifiers: Modifier,
}

/// Modifiers that show on a blank.
const SEEN_ON_BLANKS: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);

/// Each modifier with what switches it on and off. Nothing that blinks is among them.
const MODIFIERS: [(Modifier, u8, u8); 7] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

impl Pen {
    /// The style of a cell.
    pub fn of(cell: &Cell) -> Self {
        Self { foreground: cell.fg, background: cell.bg, modifiers: cell.modifier }
    }

    /// Tells whether a cell is a blank that shows nothing of its style.
    pub fn is_unseen(cell: &Cell) -> bool {
        cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(SEEN_ON_BLANKS)
    }

    /// Tells whether a blank that is written or erased with this looks as one without any style.
    pub fn leaves_blanks(&self) -> bool {
        self.background == Color::Reset && !self.modifiers.intersects(SEEN_ON_BLANKS)
    }

    /// Writes what puts this in force after another.
    pub fn write_after(&self, before: &Self, bytes: &mut Vec<u8>) {
        if self == before {
            return;
        }
        let anew = Self::default().parameters_to(self, vec![0]);
        let changed = before.parameters_to(self, Vec::new());
        let shorter = if text(&changed).len() < text(&anew).len() { changed } else { anew };
        let text = if shorter == [0] { String::new() } else { text(&shorter) };
        // Writing into memory never fails.
        let _ = write!(bytes, "\x1b[{text}m");
    }

    /// The parameters that lead from this to another, behind those that lead to this.
    fn parameters_to(&self, other: &Self, mut parameters: Vec<u8>) -> Vec<u8> {
        let gone = self.modifiers - other.modifiers;
        let mut lost = Modifier::empty();
        for (modifier, _, off) in MODIFIERS {
            if gone.contains(modifier) && !parameters.contains(&off) {
                parameters.push(off);
                // Bold and dim go together.
                let same = MODIFIERS.iter().filter(|(_, _, other)| *other == off);
                lost |= same.fold(Modifier::empty(), |sum, (modifier, ..)| sum | *modifier);
            }
        }
        let come = other.modifiers - (self.modifiers - lost);
        parameters.extend(MODIFIERS.iter().filter(|(modifier, ..)| come.contains(*modifier)).map(|(_, on, _)| *on));
        if self.foreground != other.foreground {
            push_colour(&mut parameters, other.foreground, 30);
        }
        if self.background != other.background {
            push_colour(&mut parameters, other.background, 40);
        }
        parameters
    }
}

fn text(parameters: &[u8]) -> String {
    parameters.iter().map(u8::to_string).collect::<Vec<_>>().join(";")
}

/// Adds a colour; `base` is 30 for the letters and 40 for what is behind them.
fn push_colour(parameters: &mut Vec<u8>, colour: Color, base: u8) {
    let number = match colour {
        Color::Reset => return parameters.push(base + 9),
        Color::Rgb(red, green, blue) => return parameters.extend([base + 8, 2, red, green, blue]),
        Color::Indexed(number @ 16..) => return parameters.extend([base + 8, 5, number]),
        Color::Indexed(number) => number,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    parameters.push(if number < 8 { base + number } else { base + 60 + number - 8 });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: (Color, Modifier), after: (Color, Modifier)) -> String {
        let pen = |(foreground, modifiers)| Pen { foreground, modifiers, ..Pen::default() };
        let mut bytes = Vec::new();
        pen(after).write_after(&pen(before), &mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn only_what_changes_is_said() {
        let none = Modifier::empty();
        assert_eq!(change((Color::Red, none), (Color::Red, none)), "");
        assert_eq!(change((Color::Reset, none), (Color::Red, none)), "\x1b[31m");
        assert_eq!(change((Color::Red, Modifier::BOLD), (Color::Reset, none)), "\x1b[m");
        assert_eq!(change((Color::Red, Modifier::BOLD), (Color::Red, Modifier::DIM)), "\x1b[22;2m");
        assert_eq!(change((Color::Indexed(100), none), (Color::Indexed(100), Modifier::BOLD)), "\x1b[1m");
        assert_eq!(change((Color::Reset, none), (Color::LightCyan, none)), "\x1b[96m");
    }
}
