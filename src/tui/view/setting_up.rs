//! A form in which something is set up, and the plan that comes of it.

use std::ops::Range;

use ratatui::layout::{Position, Rect};

use crate::base::text::{display_name, sanitise, width};
use crate::tui::document::Document;
use crate::tui::mending::Proposed;
use crate::tui::setting_up::field::{Content, Field};
use crate::tui::setting_up::{Form, Kind};
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::view::mending::{write_fix, write_host};
use crate::tui::view::paint::Painter;
use crate::tui::view::pane;

/// Columns that the sign and the name of a field take.
const START: usize = 14;
/// With so many columns what is said of a field stands below what is in it, with fewer below its name.
const WIDE: usize = 60;
/// With so many rows there is room for what is said of every field.
const ROOMY: usize = 20;

/// Where a form stands: its text, the lines of the field that is filled in, and the line and column of the cursor.
pub type Drawn = (Document, Range<usize>, Option<(usize, usize)>);

/// The form as text.
pub fn form(state: &State, columns: usize) -> Option<Drawn> {
    let form = state.setting_up.form.as_ref()?;
    let mut document = Document::new(columns);
    write_head(form, &mut document);
    let (mut seen, mut cursor) = (0..0, None);
    for (index, field) in form.fields.iter().enumerate().filter(|(_, field)| field.is_shown) {
        let is_focused = index == form.focus;
        let first = document.lines().len();
        let column = write_field(state, field, is_focused, &mut document);
        write_told(state, field, is_focused, &mut document);
        if is_focused {
            seen = first..document.lines().len();
            cursor = column.map(|column| (first, column));
        }
    }
    Some((document, seen, cursor))
}

fn write_head(form: &Form, document: &mut Document) {
    match &form.kind {
        Kind::Host(_) => drop(document.text(Label::Heading, "Set a host up")),
        Kind::Import { host, .. } => {
            document.pieces(2, &[(Label::Heading, "Import into "), (Label::Heading, &sanitise(host))]);
        }
    }
    if let Some(problem) = &form.problem {
        document.text(Label::Error, problem);
    }
}

/// Writes a field on one line. Yields the column of the cursor, where something is typed in it.
fn write_field(state: &State, field: &Field, is_focused: bool, document: &mut Document) -> Option<usize> {
    let marker = if is_focused { state.glyphs.sign(Sign::Closed) } else { " " };
    let label = if is_focused { Label::Key } else { Label::Field };
    let name = format!("{marker} {:<11} ", field.label);
    let room = document.width().saturating_sub(START + 1).max(1);
    let strong = if is_focused { Label::Strong } else { Label::Plain };
    let (shown, column) = match &field.content {
        Content::Line(line) => {
            // A long text is shown around its cursor.
            let text = line.text();
            let hidden = line.cursor_column().saturating_sub(room);
            let shown: String = sanitise(&text).chars().skip(hidden).collect();
            (cut(&shown, room), Some(line.cursor_column() - hidden))
        }
        Content::Choice { options, chosen } => {
            let option = options.get(*chosen).map(|option| sanitise(option).into_owned()).unwrap_or_default();
            let turns = is_focused && options.len() > 1;
            let option = cut(&option, room.saturating_sub(if turns { 4 } else { 0 }).max(1));
            (if turns { format!("< {option} >") } else { option }, None)
        }
        Content::Hidden(secret) => {
            let length = secret.length().min(room);
            (state.glyphs.sign(Sign::Info).repeat(length), Some(length))
        }
        Content::Pasted(pasted) if pasted.is_empty() => ("nothing".to_owned(), None),
        Content::Pasted(pasted) => (cut(&format!("{} lines", pasted.0.lines().count()), room), None),
    };
    document.line(&[(label, &name), (strong, &shown)]);
    column.filter(|_| is_focused).map(|column| START + column)
}

/// The beginning of a text, up to so many columns.
fn cut(text: &str, room: usize) -> String {
    let mut used = 0;
    let fits = |letter: &char| {
        used += width(&letter.to_string());
        used <= room
    };
    text.chars().take_while(fits).collect()
}

/// Writes what is said of a field. Where there is little room, of the others only what keeps the form from being done.
fn write_told(state: &State, field: &Field, is_focused: bool, document: &mut Document) {
    let is_roomy = state.body().1 > ROOMY;
    let indent = if document.width() >= WIDE { START } else { 4 };
    for (label, text) in &field.told {
        let is_said = match label {
            Label::Dim => is_focused,
            Label::Error => true,
            _ => is_focused || is_roomy,
        };
        if !is_said {
            continue;
        }
        let sign = match label {
            Label::Error => Some(Sign::Error),
            Label::Warning => Some(Sign::Warning),
            Label::Good => Some(Sign::Good),
            Label::Info => Some(Sign::Info),
            _ => None,
        };
        let sign = sign.map_or(String::new(), |sign| format!("{} ", state.glyphs.sign(sign)));
        let first = format!("{}{sign}", " ".repeat(indent));
        document.hanging(&[(*label, &first)], &[(*label, text)]);
    }
}

/// Draws the form. Yields where the cursor stands.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) -> Option<Position> {
    let sheet = &state.setting_up.form.as_ref()?.sheet;
    pane::draw_text(sheet.document.lines(), sheet.scroll, area, painter);
    let (line, column) = sheet.cursor?;
    let row = u16::try_from(line.checked_sub(sheet.scroll)?).ok().filter(|row| *row < area.height)?;
    let x = area.x + u16::try_from(column).unwrap_or(area.width);
    Some(Position::new(x.min(area.right().saturating_sub(1)), area.y + row))
}

/// Writes the plan, with what every engine would say.
pub fn write_proposal(state: &State, proposed: &Proposed, document: &mut Document) {
    let proposal = &proposed.proposal;
    document.text(Label::Heading, &proposed.title);
    if proposed.denied {
        let text = "This user may not change it: run certwright as root, or as whom the directory belongs to.";
        document.text(Label::Warning, text);
    }
    for fix in &proposal.planned.plan.fixes {
        write_fix(state, fix, document);
    }
    for note in &proposal.notes {
        let first = format!("  {} ", state.glyphs.sign(Sign::Info));
        document.hanging(&[(Label::Info, &first)], &[(Label::Plain, note)]);
    }
    for host in proposal.planned.outlook(&proposal.before) {
        document.heading(&display_name(&host.place().path));
        write_host(state, &host, document);
    }
    if !proposal.findings.is_empty() {
        document.heading("What would be wrong then");
    }
    for finding in &proposal.findings {
        let label = Label::of(finding.severity);
        let name = finding.place.path().file_name().map(display_name).unwrap_or_default();
        let first = format!("  {} {} ", state.glyphs.severity(finding.severity), finding.code.number);
        document.hanging(
            &[(label, &first)],
            &[(Label::Strong, &name), (Label::Plain, ": "), (Label::Plain, &finding.message)],
        );
    }
}

/// What is said of a key in the making.
pub fn making(state: &State) -> Option<String> {
    let (algorithm, tenths) = state.setting_up.working.as_ref()?.making?;
    Some(format!("making a key, {}: {} s; Esc gives it up", algorithm.words(), tenths / 10))
}
