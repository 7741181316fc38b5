//! The top line: what is looked at, how much there is, and how far the scan has come.

use ratatui::layout::Rect;

use crate::base::text::width;
use crate::finding::Severity;
use crate::tui::document::Piece;
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::view::hits;
use crate::tui::view::paint::{Fit, Painter};

/// How much the line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    /// Numbers of errors and warnings
    Least,
    /// How many hosts, too
    Some,
    /// Everything
    All,
}

/// Draws the line. Where room is scarce, the path goes before the findings, and the counts before both.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let room = usize::from(area.width);
    let columns = |pieces: &[Piece]| pieces.iter().map(|(_, text)| width(text)).sum::<usize>();
    let fits = |pieces: &Vec<Piece>| columns(pieces) + 34 <= room;
    let fitting = [Detail::All, Detail::Some].map(|detail| counts(state, detail)).into_iter().find(fits);
    let counts = fitting.unwrap_or_else(|| counts(state, Detail::Least));
    let taken = u16::try_from(columns(&counts)).unwrap_or(area.width).min(area.width);
    let left = area.width.saturating_sub(taken);
    painter.cell(area, (1, left.saturating_sub(2).min(10)), Fit::Left, (Label::Heading, "certwright"));
    if left > 22 {
        let mut room = left - 15;
        if !state.judgement.is_default() {
            let names = state.judgement.names();
            room = draw_note(area, room, [format!("judged by {names}"), names], painter);
        }
        if let Some(what) = hits::active(state) {
            room = draw_note(area, room, [format!("only {what}"), what], painter);
        }
        painter.cell(area, (13, room), Fit::Middle, (Label::Dim, &state.place));
    }
    painter.line(Rect { x: area.x + left, width: taken, ..area }, &counts);
}

/// Says something, or the same in short, at the right of so many columns. Yields how many are left for the path.
fn draw_note(area: Rect, room: u16, [long, short]: [String; 2], painter: &mut Painter<'_>) -> u16 {
    let columns = |text: &str| u16::try_from(width(text)).unwrap_or(u16::MAX);
    let text = if columns(&long) <= room { long } else { short };
    let taken = columns(&text).min(room);
    painter.cell(area, (13 + room - taken, taken), Fit::Right, (Label::Info, &text));
    let left = room - taken;
    // A path that is cut to less tells nothing.
    if left > 12 { left - 3 } else { 0 }
}

fn counts(state: &State, detail: Detail) -> Vec<Piece> {
    let totals = state.tree.totals();
    let glyphs = state.glyphs;
    let mut pieces = Vec::new();
    let progress = state.progress;
    if !progress.finished {
        let doing = match (progress.stopped, progress.judging) {
            (true, _) => "stopped at",
            (false, true) => "judging",
            (false, false) => "reading",
        };
        let reading = match progress.expected {
            Some(expected) => format!("{} {doing} {}/{expected}   ", glyphs.sign(Sign::Pending), progress.read),
            None => format!("{} {doing}   ", glyphs.sign(Sign::Pending)),
        };
        pieces.push((Label::Info, reading));
    }
    if state.mending.read_only {
        pieces.push((Label::Info, "read-only   ".to_owned()));
    }
    if !state.mending.marks.is_empty() {
        pieces.push((Label::Strong, format!("{} {} marked   ", glyphs.sign(Sign::Marked), state.mending.marks.len())));
    }
    if detail >= Detail::Some {
        pieces.push((Label::Plain, format!("{}   ", count(totals.hosts, "host"))));
    }
    if detail == Detail::All {
        let (files, certificates) = (count(totals.files, "file"), count(totals.certificates, "certificate"));
        pieces.push((Label::Plain, format!("{files}   {certificates}   ")));
    }
    for (severity, number) in [(Severity::Error, totals.tally.errors), (Severity::Warning, totals.tally.warnings)] {
        if !state.tree.shows(severity) {
            continue;
        }
        let word = if detail > Detail::Least { count_findings(number, severity) } else { number.to_string() };
        let label = if number == 0 { Label::Dim } else { Label::of(severity) };
        pieces.push((label, format!("{} {word}", glyphs.severity(severity))));
        pieces.push((Label::Plain, "  ".to_owned()));
    }
    pieces.pop();
    pieces.push((Label::Plain, " ".to_owned()));
    pieces
}

/// "1 error", "2 errors", "2 info".
pub fn count_findings(number: usize, severity: Severity) -> String {
    match severity {
        Severity::Info => format!("{number} info"),
        _ => count(number, severity.word()),
    }
}

/// "1 file", "2 files".
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
