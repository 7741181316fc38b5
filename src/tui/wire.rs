//! Frames as few bytes: what changed of a screen, for a terminal that may be at the other end of a slow line.
//!
//! Beside cells that stay as they are, it leaves out styles and movements that are in force already, erases blanks instead
//! of writing them, and has the terminal move lines that were only scrolled. It uses nothing that Linux' console, screen or
//! PuTTY lack: CUP, CHA, CUF, EL, ECH, IL, DL and SGR. Where a terminal may draw a sign wider than it is taken to be here, what
//! follows at a distance still stands in its column.
//!
//! Source: ECMA-48 (control functions); console_codes(4).

use std::io::{self, Write as _};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::crossterm::terminal;
use ratatui::layout::{Position, Rect, Size};

use crate::base::text::width;
use crate::tui::pen::Pen;
use crate::tui::shift::Shift;

/// Cells between two changed ones that are rather written again than jumped over.
const JUMP: u16 = 4;
/// The fewest blanks inside a line that are rather erased than written: as many as the bytes of ECH and of the jump over it.
const ERASED: usize = 11;
/// The fewest blanks at the end of a line that are rather erased than written.
const CLEARED: usize = 4;

/// A terminal as this program knows it, and what is to be sent to it.
#[derive(Debug)]
pub struct Wire {
    bytes: Vec<u8>,
    /// What the terminal shows.
    shown: Buffer,
    /// The style in force.
    pen: Pen,
    /// Where the terminal writes next; `None` where that is not known.
    at: Option<Position>,
    /// Nothing was written since the last jump but ASCII, of which every terminal knows how wide it is.
    is_sure: bool,
    shows_cursor: bool,
}

impl Wire {
    /// A terminal of so many columns and rows that shows nothing, with its cursor hidden.
    pub fn new((columns, rows): (u16, u16)) -> Self {
        let shown = Buffer::empty(Rect::new(0, 0, columns, rows));
        Self { bytes: Vec::new(), shown, pen: Pen::default(), at: None, is_sure: true, shows_cursor: false }
    }

    /// What is to be sent since this was last asked.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into memory never fails.
        let _ = self.bytes.write_fmt(text);
    }

    /// Makes the terminal show what `next` has.
    fn show(&mut self, next: &Buffer) {
        if let Some(shift) = Shift::between(&self.shown, next) {
            self.scroll(&shift);
        }
        for y in 0..next.area.height {
            let line = row(next, y);
            let mut x = 0;
            if let Some(first) = self.worn(y, line) {
                self.go(Position { x: first, y }, line);
                self.blank_pen();
                self.put(format_args!("\x1b[K"));
                self.remember(Position { x: first, y }, u16::MAX, &Cell::EMPTY);
                x = first;
            }
            while let Some(cell) = line.get(usize::from(x)) {
                let columns = columns(cell);
                if self.shown.cell((x, y)) == Some(cell) {
                    x += columns;
                } else {
                    x += self.write(Position { x, y }, line);
                }
            }
        }
    }

    /// The first changed cell of a line of which most that follows has changed and much of that is blank now: such a line is
    /// erased first, so that blanks in it need not be.
    fn worn(&self, y: u16, line: &[Cell]) -> Option<u16> {
        let old = row(&self.shown, y);
        let first = old.iter().zip(line).position(|(old, new)| old != new)?;
        let (old, new) = (old.get(first..)?, line.get(first..)?);
        let (mut blanks, mut same) = (0, 0);
        for (old, new) in old.iter().zip(new) {
            let is_blank = *new == Cell::EMPTY;
            blanks += usize::from(is_blank && old != new);
            same += usize::from(!is_blank && old == new);
        }
        // What stays would have to be written again.
        (blanks > same + 2 * ERASED).then(|| u16::try_from(first).ok())?
    }

    /// Takes a style in which blanks have none, where the one in force is none such.
    fn blank_pen(&mut self) {
        if !self.pen.leaves_blanks() {
            self.take_pen(Pen::default());
        }
    }

    /// Writes a cell, or erases the blanks that begin with it. Yields the columns that are dealt with.
    fn write(&mut self, here: Position, line: &[Cell]) -> u16 {
        let rest = line.get(usize::from(here.x)..).unwrap_or_default();
        let Some(cell) = rest.first() else { return 1 };
        let blanks = rest.iter().take_while(|cell| **cell == Cell::EMPTY).count();
        let reaches_end = blanks == rest.len();
        if blanks >= ERASED || (reaches_end && blanks >= CLEARED) {
            self.go(here, line);
            self.blank_pen();
            if reaches_end {
                self.put(format_args!("\x1b[K"))
            } else {
                self.put(format_args!("\x1b[{blanks}X"))
            }
            let columns = u16::try_from(blanks).unwrap_or(u16::MAX);
            self.remember(here, columns, &Cell::EMPTY);
            return columns;
        }
        let columns = columns(cell);
        self.go(here, line);
        self.letter(cell);
        self.is_sure &= cell.symbol().is_ascii();
        // What stands behind the first half of a wide character is like no other cell.
        self.remember(here, columns, &Cell::new(""));
        self.remember(here, 1, cell);
        let end = here.x + columns;
        // Behind the last column a terminal waits with going on.
        self.at = (end < self.shown.area.width).then_some(Position { x: end, ..here });
        columns
    }

    fn letter(&mut self, cell: &Cell) {
        if *cell == Cell::EMPTY {
            self.blank_pen();
        } else {
            self.take_pen(Pen::of(cell));
        }
        self.bytes.extend_from_slice(cell.symbol().as_bytes());
    }

    fn remember(&mut self, at: Position, columns: u16, cell: &Cell) {
        for x in at.x..at.x.saturating_add(columns).min(self.shown.area.width) {
            if let Some(slot) = self.shown.cell_mut((x, at.y)) {
                slot.clone_from(cell);
            }
        }
    }

    fn take_pen(&mut self, pen: Pen) {
        pen.write_after(&self.pen, &mut self.bytes);
        self.pen = pen;
    }

    /// Moves to a place, on the shortest way.
    fn go(&mut self, to: Position, line: &[Cell]) {
        if self.at == Some(to) {
            return;
        }
        let from = self.at.replace(to);
        match from {
            Some(from) if from.y == to.y && from.x < to.x => self.go_right(from.x, to.x, line),
            Some(from) if from.y + 1 == to.y && to.x < 3 && self.is_sure => {
                self.put(format_args!("\r\n"));
                self.go_right(0, to.x, line);
            }
            _ => {
                self.is_sure = true;
                match to.x {
                    0 => self.put(format_args!("\x1b[{}H", to.y + 1)),
                    _ => self.put(format_args!("\x1b[{};{}H", to.y + 1, to.x + 1)),
                }
            }
        }
    }

    /// Moves right on a line: over what stands there already, where that is shorter than to jump.
    fn go_right(&mut self, from: u16, to: u16, line: &[Cell]) {
        let between = line.get(usize::from(from)..usize::from(to)).unwrap_or_default();
        let is_plain = |cell: &Cell| {
            let is_blank = *cell == Cell::EMPTY && self.pen.leaves_blanks();
            cell.symbol().len() == 1 && (is_blank || Pen::of(cell) == self.pen)
        };
        match to.saturating_sub(from) {
            0 => {}
            _ if !self.is_sure => {
                self.is_sure = true;
                self.put(format_args!("\x1b[{}G", to + 1));
            }
            1..JUMP if between.iter().all(is_plain) => {
                between.iter().for_each(|cell| self.bytes.extend_from_slice(cell.symbol().as_bytes()));
            }
            1 => self.put(format_args!("\x1b[C")),
            columns => self.put(format_args!("\x1b[{columns}C")),
        }
    }

    /// Has the terminal move lines.
    fn scroll(&mut self, shift: &Shift) {
        self.blank_pen();
        let lines = if shift.count == 1 { String::new() } else { shift.count.to_string() };
        let (top, last) = (shift.top + 1, shift.bottom + 2 - shift.count);
        // What stands below is moved there and back.
        let (first, then) = if shift.up { ((top, 'M'), (last, 'L')) } else { ((last, 'M'), (top, 'L')) };
        for (line, function) in [first, then] {
            self.put(format_args!("\x1b[{line}H\x1b[{lines}{function}"));
        }
        // Not every terminal agrees on the column.
        self.at = None;
        shift.apply(&mut self.shown);
    }
}

impl Backend for Wire {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut next = self.shown.clone();
        for (x, y, cell) in content {
            if let Some(slot) = next.cell_mut((x, y)) {
                slot.clone_from(cell);
                if Pen::is_unseen(slot) {
                    slot.reset();
                }
            }
        }
        mark_halves(&mut next);
        self.show(&next);
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.shows_cursor) {
            self.put(format_args!("\x1b[?25l"));
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.shows_cursor, true) {
            self.put(format_args!("\x1b[?25h"));
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // Never asked of the terminal, which might not answer.
        Ok(self.at.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.go(position.into(), &[]);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.take_pen(Pen::default());
        self.put(format_args!("\x1b[2J"));
        let Size { width, height } = self.size()?;
        self.shown = Buffer::empty(Rect::new(0, 0, width, height));
        self.at = None;
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        let (width, height) = terminal::size()?;
        Ok(Size { width, height })
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives what stands behind the first half of a wide character a content of its own, which is like no other: whatever comes
/// into its place is written then.
fn mark_halves(buffer: &mut Buffer) {
    let columns = usize::from(buffer.area.width).max(1);
    for line in buffer.content.chunks_mut(columns) {
        let mut is_second = false;
        for cell in line {
            if is_second {
                cell.reset();
                cell.set_symbol("");
                is_second = false;
                continue;
            }
            if cell.symbol().is_empty() {
                cell.reset();
            }
            is_second = cell.symbol().len() > 1 && width(cell.symbol()) > 1;
        }
    }
}

fn row(buffer: &Buffer, y: u16) -> &[Cell] {
    let columns = usize::from(buffer.area.width);
    let start = usize::from(y) * columns;
    buffer.content.get(start..start + columns).unwrap_or_default()
}

fn columns(cell: &Cell) -> u16 {
    u16::try_from(width(cell.symbol())).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::style::{Color, Modifier, Style};
    use ratatui::{Terminal, TerminalOptions, Viewport};

    use super::*;

    const COLUMNS: u16 = 30;
    const ROWS: u16 = 12;

    /// A line: where its text begins, the text, how it looks.
    type Line = (u16, String, Style);

    fn line() -> impl Strategy<Value = Line> {
        let text = prop_oneof!["[a-c]{0,8} {0,14}[a-c]{0,8}", "[a日ß ]{0,20}", Just(String::new())];
        let looks = [
            Style::new(),
            Style::new().fg(Color::Red),
            Style::new().fg(Color::Indexed(200)).add_modifier(Modifier::BOLD),
            Style::new().fg(Color::Cyan).bg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::DIM | Modifier::UNDERLINED),
            Style::new().add_modifier(Modifier::REVERSED),
        ];
        (0..COLUMNS, text, prop::sample::select(looks.to_vec()))
    }

    fn terminal() -> Terminal<Wire> {
        let viewport = Viewport::Fixed(Rect::new(0, 0, COLUMNS, ROWS));
        Terminal::with_options(Wire::new((COLUMNS, ROWS)), TerminalOptions { viewport }).unwrap()
    }

    fn draw(terminal: &mut Terminal<Wire>, lines: &[Line], top: usize) -> Vec<u8> {
        terminal
            .draw(|frame| {
                for (y, (x, text, style)) in lines.iter().skip(top).take(usize::from(ROWS)).enumerate() {
                    let y = u16::try_from(y).unwrap();
                    frame.buffer_mut().set_stringn(*x, y, text, usize::from(COLUMNS - x), *style);
                }
            })
            .unwrap();
        terminal.backend_mut().take()
    }

    /// Each cell as it is seen: what colour a blank would have had if it were a letter is not.
    fn shown(parser: &vt100::Parser) -> Vec<String> {
        let cell = |row, column| {
            let cell = parser.screen().cell(row, column).unwrap();
            let text = if cell.has_contents() { cell.contents() } else { " " };
            let looks = (cell.bgcolor(), cell.inverse(), cell.underline());
            if text == " " && looks == (vt100::Color::Default, false, false) {
                return "_".to_owned();
            }
            format!("{text}{looks:?}{:?}{}{}", cell.fgcolor(), cell.bold(), cell.dim())
        };
        (0..ROWS).map(|row| (0..COLUMNS).map(|column| cell(row, column)).collect::<String>()).collect()
    }

    proptest! {
        #[test]
        fn a_terminal_that_saw_all_frames_shows_what_one_does_that_saw_the_last(
            lines in prop::collection::vec(line(), 40),
            tops in prop::collection::vec(0usize..28, 1..8),
        ) {
            let mut wire = terminal();
            let mut parser = vt100::Parser::new(ROWS, COLUMNS, 0);
            for top in tops {
                parser.process(&draw(&mut wire, &lines, top));
                let mut fresh = vt100::Parser::new(ROWS, COLUMNS, 0);
                fresh.process(&draw(&mut terminal(), &lines, top));
                prop_assert_eq!(shown(&parser), shown(&fresh));
            }
        }
    }

    #[test]
    fn what_stays_costs_nothing_and_what_scrolls_little() {
        let lines: Vec<Line> = (0..40).map(|line| (0, format!("registry {line:03} example"), Style::new())).collect();
        let mut wire = terminal();
        draw(&mut wire, &lines, 0);
        assert_eq!(draw(&mut wire, &lines, 0), b"");
        let up = draw(&mut wire, &lines, 1);
        assert_eq!(String::from_utf8_lossy(&up), "\x1b[1H\x1b[M\x1b[12H\x1b[L\x1b[12Hregistry 012 example");
        let down = draw(&mut wire, &lines, 0);
        assert_eq!(String::from_utf8_lossy(&down), "\x1b[12H\x1b[M\x1b[1H\x1b[L\x1b[1Hregistry 000 example");
    }
}
