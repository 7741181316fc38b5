//! Lines of a screen that have only moved up or down between two frames.

use ratatui::buffer::{Buffer, Cell};

/// The fewest lines that are worth being moved by the terminal.
const FEWEST: usize = 4;

/// Lines that move, all by as much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The first line that takes part.
    pub top: u16,
    /// The last line that takes part.
    pub bottom: u16,
    /// By how many lines they move.
    pub count: u16,
    /// They move up.
    pub up: bool,
}

impl Shift {
    /// What moved between two frames of the same size, where telling so is shorter than to write the lines anew.
    pub fn between(before: &Buffer, after: &Buffer) -> Option<Self> {
        let columns = usize::from(after.area.width).max(1);
        if before.area != after.area {
            return None;
        }
        let old: Vec<Line<'_>> = before.content.chunks(columns).map(Line::new).collect();
        let new: Vec<Line<'_>> = after.content.chunks(columns).map(Line::new).collect();
        let changed: Vec<usize> =
            (0..new.len()).filter(|line| old.get(*line) != new.get(*line) && !is_blank(new.get(*line))).collect();
        if changed.len() < FEWEST {
            return None;
        }
        let shifts = (1..new.len()).flat_map(|count| [(count, true), (count, false)]);
        let best = shifts.filter_map(|(count, up)| {
            let source = |line: usize| if up { line.checked_add(count) } else { line.checked_sub(count) };
            let is_moved = |line: &&usize| source(**line).and_then(|from| old.get(from)) == new.get(**line);
            let moved: Vec<usize> = changed.iter().filter(is_moved).copied().collect();
            let (first, last) = (*moved.first()?, *moved.last()?);
            // Lines between that stay would have to be written anew.
            let lost = (first..=last).filter(|line| old.get(*line) == new.get(*line)).count();
            let gain = moved.len().checked_sub(lost + count / 2).filter(|gain| *gain >= FEWEST)?;
            Some((gain, (first, last), count, up))
        });
        let (_, (first, last), count, up) = best.max_by_key(|(gain, ..)| *gain)?;
        let (top, bottom) = if up { (first, last + count) } else { (first - count, last) };
        let line = |line: usize| u16::try_from(line).ok();
        Some(Self { top: line(top)?, bottom: line(bottom)?, count: line(count)?, up })
    }

    /// Moves the lines of a frame.
    pub fn apply(&self, frame: &mut Buffer) {
        let columns = usize::from(frame.area.width);
        let (top, bottom) = (usize::from(self.top) * columns, (usize::from(self.bottom) + 1) * columns);
        let cells = usize::from(self.count) * columns;
        let Some(lines) = frame.content.get_mut(top..bottom) else { return };
        let cells = cells.min(lines.len());
        let blank = if self.up {
            lines.rotate_left(cells);
            let kept = lines.len() - cells;
            lines.get_mut(kept..)
        } else {
            lines.rotate_right(cells);
            lines.get_mut(..cells)
        };
        blank.into_iter().flatten().for_each(Cell::reset);
    }
}

/// A line with a number by which most others are told from it at once.
#[derive(PartialEq, Eq)]
struct Line<'a> {
    fingerprint: u64,
    cells: &'a [Cell],
}

impl<'a> Line<'a> {
    fn new(cells: &'a [Cell]) -> Self {
        let mix = |sum: u64, cell: &Cell| {
            let letter = cell.symbol().bytes().fold(0, |sum: u64, byte| sum << 8 | u64::from(byte));
            (sum.rotate_left(5) ^ letter ^ u64::from(cell.modifier.bits()) << 32).wrapping_mul(0x517c_c1b7_2722_0a95)
        };
        Self { fingerprint: cells.iter().fold(0, mix), cells }
    }
}

fn is_blank(line: Option<&Line<'_>>) -> bool {
    line.is_none_or(|line| line.cells.iter().all(|cell| *cell == Cell::EMPTY))
}
