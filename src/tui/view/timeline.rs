//! The timeline: one line a certificate, a bar from the beginning to the end of its validity, and today through all of them.

use ratatui::layout::Rect;

use crate::base::text::{display_name, ellipsize_middle, sanitise, width};
use crate::tui::axis::{Axis, Place, Stretch};
use crate::tui::entry::certificates_of;
use crate::tui::standing::Standing;
use crate::tui::state::State;
use crate::tui::theme::{Glyphs, Label, Sign};
use crate::tui::timeline::{self, Entry};
use crate::tui::tree::Row;
use crate::tui::view::hits;
use crate::tui::view::paint::{Fit, Painter};
use crate::tui::view::title::count;
use crate::tui::view::tree::days_text;

/// Where the columns begin and how wide they are.
#[derive(Clone, Copy, Debug)]
struct Columns {
    state: (u16, u16),
    days: (u16, u16),
    name: (u16, u16),
    place: (u16, u16),
    bar: (u16, u16),
}

impl Columns {
    /// The columns of so many: where room is scarce, words go before the bar.
    fn new(width: u16) -> Self {
        let (state, name, place) = match width {
            140.. => (10, 28, 36),
            100.. => (10, 22, 26),
            60.. => (10, 18, 0),
            _ => (1, 12, 0),
        };
        let gap = |columns: u16| if columns > 0 { columns + 1 } else { 0 };
        let at_days = gap(state);
        let at_name = at_days + gap(6);
        let at_place = at_name + gap(name);
        let at_bar = at_place + gap(place);
        Self {
            state: (0, state),
            days: (at_days, 6),
            name: (at_name, name),
            place: (at_place, place),
            bar: (at_bar, width.saturating_sub(at_bar)),
        }
    }
}

/// Draws the timeline.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let rows: Vec<Rect> = area.rows().collect();
    let columns = Columns::new(area.width);
    let axis = state.timeline.axis(columns.bar.1);
    let [head, marks, rest @ ..] = rows.as_slice() else { return };
    draw_head(state, *head, painter);
    draw_axis(state, *marks, (&columns, &axis), painter);
    if state.timeline.entries().is_empty() {
        let text = match (state.progress.finished, hits::active(state)) {
            (false, _) => "Reading …",
            (true, Some(_)) => "There is no certificate among what is shown.",
            (true, None) => "There is no certificate here.",
        };
        painter.line(rest.first().copied().unwrap_or_default(), &[(Label::Dim, text.to_owned())]);
        return;
    }
    let shown = state.timeline.entries().iter().enumerate().skip(state.timeline.scroll());
    let room = timeline::rows(state);
    for (row, (place, entry)) in rest.iter().take(room).zip(shown) {
        draw_entry(state, entry, *row, (&columns, &axis), painter);
        if place == state.timeline.place() {
            // One column to the left, so that the bar looks like the one of the tree.
            painter.select(Rect { x: row.x.saturating_sub(1), width: row.width + 1, ..*row });
        }
    }
    if let Some(entry) = state.timeline.entry() {
        let from = rest.len().saturating_sub(timeline::detail_lines(state.body()));
        draw_details(state, entry, rest.get(from..).unwrap_or_default(), painter);
    }
}

/// Draws how many certificates there are, how they stand, and how much time is in sight.
fn draw_head(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let timeline = &state.timeline;
    let counts = timeline.counts();
    let mut pieces = vec![
        (Label::Heading, "Timeline".to_owned()),
        (Label::Plain, format!("  {}", count(timeline.entries().len(), "certificate"))),
    ];
    let standings = [
        (Standing::Expired, counts.expired),
        (Standing::Expiring, counts.expiring),
        (Standing::NotYet, counts.not_yet),
    ];
    let is_wide = area.width >= 60;
    for (standing, number) in standings.into_iter().filter(|(_, number)| *number > 0) {
        let word = if is_wide { format!(" {}", standing.word()) } else { String::new() };
        pieces.push((Label::Plain, "  ".to_owned()));
        pieces.push((standing.label(), format!("{} {number}{word}", state.glyphs.sign(standing.sign()))));
    }
    let used = painter.line(area, &pieces);
    let span = span_text(timeline.days());
    let span = if is_wide { format!("{span} in sight") } else { span };
    if usize::from(area.width.saturating_sub(used)) > width(&span) + 1 {
        painter.cell(area, (used + 1, area.width - used - 1), Fit::Right, (Label::Dim, &span));
    }
}

/// How much time is in sight, in words.
fn span_text(days: i64) -> String {
    let (number, noun) = match days {
        ..=90 => (days, "day"),
        91..=364 => (days / 30, "month"),
        _ => (days / 365, "year"),
    };
    count(usize::try_from(number).unwrap_or_default(), noun)
}

/// Draws the names of the columns, the marks of the calendar and, before them, today.
fn draw_axis(state: &State, area: Rect, (columns, axis): (&Columns, &Axis), painter: &mut Painter<'_>) {
    for ((start, columns), text) in
        [(columns.state, if columns.state.1 > 1 { "State" } else { "" }), (columns.name, "Name"), (columns.place, "In")]
    {
        painter.cell(area, (start, columns), Fit::Left, (Label::Field, text));
    }
    painter.cell(area, columns.days, Fit::Right, (Label::Field, "Left"));
    let bar = Rect { x: area.x + columns.bar.0, width: columns.bar.1, ..area };
    let today = today(state, axis);
    for (column, label) in axis.marks() {
        let end = column.saturating_add(u16::try_from(label.len()).unwrap_or_default());
        let is_free = today.as_ref().is_none_or(|(from, to, _)| end < *from || column > *to);
        if is_free && end <= bar.width {
            painter.cell(bar, (column, end - column), Fit::Left, (Label::Dim, &label));
        }
    }
    if let Some((from, to, text)) = today {
        painter.cell(bar, (from, to - from), Fit::Left, (Label::Key, &text));
    }
}

/// Today's word, so that its arrow stands over today's column: from which column, to which, and the text.
fn today(state: &State, axis: &Axis) -> Option<(u16, u16, String)> {
    let arrow = state.glyphs.sign(Sign::Down);
    match axis.place(state.settings.now) {
        Place::At(column) if column + 7 <= axis.columns => Some((column, column + 7, format!("{arrow} today"))),
        Place::At(column) => Some((column.saturating_sub(6), column + 1, format!("today {arrow}"))),
        Place::Before | Place::After => None,
    }
}

fn draw_entry(state: &State, entry: &Entry, area: Rect, (columns, axis): (&Columns, &Axis), painter: &mut Painter<'_>) {
    let standing = entry.standing(state.settings);
    let (label, sign) = (standing.label(), state.glyphs.sign(standing.sign()));
    let word = if columns.state.1 > 1 { format!("{sign} {}", standing.word()) } else { sign.to_owned() };
    painter.cell(area, columns.state, Fit::Left, (label, &word));
    painter.cell(area, columns.days, Fit::Right, (label, &days_text(state.settings.now.days_until(entry.until))));
    let (name, place) = words(state, entry.row);
    painter.cell(area, columns.name, Fit::Middle, (Label::Plain, &name));
    painter.cell(area, columns.place, Fit::Middle, (Label::Dim, &place));
    let bar = Rect { x: area.x + columns.bar.0, width: columns.bar.1, ..area };
    draw_bar(state, entry, bar, (label, axis), painter);
}

/// Draws a bar, and today's line through it.
fn draw_bar(state: &State, entry: &Entry, area: Rect, (label, axis): (Label, &Axis), painter: &mut Painter<'_>) {
    let glyphs = state.glyphs;
    let stretch = axis.stretch(entry.from, entry.until);
    match stretch {
        Ok(stretch) => {
            let text = bar_text(stretch, glyphs);
            let room = stretch.last - stretch.first + 1;
            painter.cell(area, (stretch.first, room), Fit::Left, (label, &text));
        }
        Err(side) => {
            let (column, sign) = match side {
                Place::After => (axis.columns.saturating_sub(1), Sign::Beyond),
                _ => (0, Sign::Before),
            };
            painter.cell(area, (column, 1), Fit::Left, (label, glyphs.sign(sign)));
        }
    }
    if let Place::At(column) = axis.place(state.settings.now) {
        let is_in_bar = stretch.is_ok_and(|stretch| (stretch.first..=stretch.last).contains(&column));
        let sign = if is_in_bar { Sign::TodayInBar } else { Sign::Rule };
        painter.cell(area, (column, 1), Fit::Left, (Label::Key, glyphs.sign(sign)));
    }
}

/// A bar as text: an end that is out of sight is an arrow.
fn bar_text(stretch: Stretch, glyphs: Glyphs) -> String {
    let begin = if stretch.begins_before { Sign::Before } else { Sign::BarBegin };
    let end = if stretch.ends_after { Sign::Beyond } else { Sign::BarEnd };
    let columns = usize::from(stretch.last - stretch.first + 1);
    match columns {
        // Where there is no room for two ends, the one that is in sight.
        1 if stretch.begins_before => glyphs.sign(end).to_owned(),
        1 => glyphs.sign(if stretch.ends_after { begin } else { Sign::Full }).to_owned(),
        _ => format!("{}{}{}", glyphs.sign(begin), glyphs.sign(Sign::Full).repeat(columns - 2), glyphs.sign(end)),
    }
}

/// The name of a certificate, and where it is, from its host directory on.
fn words(state: &State, row: Row) -> (String, String) {
    let Row::Certificate { host, file, certificate } = row else { return Default::default() };
    let Some(content) = state.tree.file(host, file) else { return Default::default() };
    let name = certificates_of(content).nth(certificate).map(|one| one.display_name()).unwrap_or_default();
    let directory = state.tree.host(host).and_then(|entry| entry.path.file_name()).map(display_name);
    (name, format!("{}/{}", directory.unwrap_or_default(), display_name(&content.name)))
}

/// Tells of the chosen one what its line has no room for.
fn draw_details(state: &State, entry: &Entry, rows: &[Rect], painter: &mut Painter<'_>) {
    let (name, place) = words(state, entry.row);
    let Row::Certificate { host, file, certificate } = entry.row else { return };
    let found = state.tree.file(host, file).and_then(|content| certificates_of(content).nth(certificate));
    let purpose = found.map(|found| found.purpose().word()).unwrap_or_default();
    let moments = (entry.from, entry.until);
    let standing = entry.standing(state.settings);
    let said = format!("{} {}", state.glyphs.sign(standing.sign()), Standing::in_words(moments, state.settings));
    let (from, until) = (entry.from.date(), entry.until.date());
    match rows {
        [first, second, third, ..] => {
            draw_name(*first, (&name, purpose), first.width, painter);
            painter.cell(*second, (0, second.width), Fit::Middle, (Label::Plain, &place));
            painter.line(*third, &[(Label::Plain, format!("{until}  ")), (standing.label(), said)]);
        }
        [first, second] => {
            let used = draw_name(*first, (&name, purpose), first.width / 2, painter);
            let place = format!("in {place}");
            painter.cell(*first, (used + 2, first.width.saturating_sub(used + 2)), Fit::Middle, (Label::Plain, &place));
            painter.line(*second, &[(Label::Plain, format!("{from} to {until}  ")), (standing.label(), said)]);
        }
        _ => {}
    }
}

/// Draws a name and what it is made for in so many columns. Yields how many that took.
fn draw_name(area: Rect, (name, purpose): (&str, &str), columns: u16, painter: &mut Painter<'_>) -> u16 {
    let room = usize::from(columns).saturating_sub(width(purpose) + 2);
    let name = ellipsize_middle(&sanitise(name), room).into_owned();
    painter.line(area, &[(Label::Strong, name), (Label::Dim, format!("  {purpose}"))])
}
