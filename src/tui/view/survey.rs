//! The overview of all that was read: what is most urgent, how certificates stand, when they expire, hosts, engines.

use std::ops::Range;

use ratatui::layout::Rect;

use crate::base::text::{display_name, ellipsize_middle, truncate, width};
use crate::tui::document::Document;
use crate::tui::standing::Standing;
use crate::tui::state::State;
use crate::tui::survey::facts::{BANDS, EngineFacts, Urgent};
use crate::tui::theme::{Label, Sign};
use crate::tui::view::paint::Painter;
use crate::tui::view::pane::draw_text;
use crate::tui::view::title::{count, count_findings};
use crate::tui::view::tree::days_text;

/// The fewest columns with two sections side by side.
const TWO_SECTIONS: usize = 72;
/// Blank columns between them.
const GAP: usize = 4;
/// Columns that the words of a section take, before its numbers.
const WORDS: usize = 17;

/// Writes the overview. Yields the lines of each urgent thing.
pub fn document(state: &State, columns: usize) -> (Document, Vec<Range<usize>>) {
    let mut document = Document::new(columns);
    document.text(Label::Heading, "Overview of everything");
    if !state.survey.is_counted() {
        let (done, all) = (state.survey.progress(), state.tree.hosts().len());
        document.text(Label::Dim, &format!("Counting … {done} of {}", count(all, "host")));
        return (document, Vec::new());
    }
    document.text(Label::Dim, &totals(state, columns));
    document.heading("Most urgent");
    let lines = write_urgent(state, &mut document);
    let sections: [fn(&State, &mut Document); 4] = [write_certificates, write_expiry, write_hosts, write_engines];
    if columns >= TWO_SECTIONS {
        let half = (columns - GAP) / 2;
        for pair in sections.chunks(2) {
            let sides = pair.iter().map(|write| section(state, *write, half));
            document.gap();
            document.beside(&sides.collect::<Vec<_>>(), GAP);
        }
    } else {
        for write in sections {
            document.gap();
            write(state, &mut document);
        }
    }
    (document, lines)
}

/// Draws it, with what is chosen.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let survey = &state.survey;
    draw_text(survey.document.lines(), survey.scroll, area, painter);
    for line in survey.lines.get(survey.place()).cloned().unwrap_or_default() {
        let row = line.checked_sub(survey.scroll).and_then(|row| u16::try_from(row).ok());
        if let Some(row) = row.filter(|row| *row < area.height) {
            // One column to the left, so that the bar looks like the one of the tree.
            painter.select(Rect { x: area.x.saturating_sub(1), y: area.y + row, width: area.width + 1, height: 1 });
        }
    }
}

fn section(state: &State, write: fn(&State, &mut Document), columns: usize) -> Document {
    let mut document = Document::new(columns);
    write(state, &mut document);
    document
}

fn totals(state: &State, columns: usize) -> String {
    let facts = state.survey.facts();
    let mut parts = vec![count(facts.hosts.iter().sum(), "host"), count(facts.files, "file")];
    if columns >= TWO_SECTIONS {
        parts.extend([count(facts.all_certificates(), "certificate"), count(facts.keys, "private key")]);
    }
    let reading = if state.progress.finished { "" } else { " so far" };
    format!("{}{reading}", parts.join(", "))
}

fn write_urgent(state: &State, document: &mut Document) -> Vec<Range<usize>> {
    let urgent = &state.survey.facts().urgent;
    if urgent.is_empty() {
        let good = state.glyphs.sign(Sign::Good);
        document.text(Label::Good, &format!("{good} nothing: no error, no warning, nothing expires soon"));
    }
    urgent
        .iter()
        .map(|one| {
            let first = document.lines().len();
            write_one(state, one, document);
            first..document.lines().len()
        })
        .collect()
}

/// Writes one urgent thing: where it is, how long it has, and what is wrong.
fn write_one(state: &State, one: &Urgent, document: &mut Document) {
    let Some(read) = one.row.host().and_then(|host| state.tree.read(host)) else { return };
    let label = Label::of(one.severity);
    let sign = state.glyphs.severity(one.severity);
    let host = display_name(&read.host.name);
    let place = match one.row.file().and_then(|file| read.host.files.get(file)) {
        Some(file) => format!("{host}/{}", display_name(&file.name)),
        None => host,
    };
    let finding = one.finding.and_then(|finding| read.findings.get(finding));
    let text = match (finding, one.days) {
        (Some(finding), _) => finding.message.clone(),
        (None, Some(..0)) => "has expired".to_owned(),
        (None, _) => "expires soon".to_owned(),
    };
    let kind = match (one.refused, one.days) {
        (true, _) => "refused".to_owned(),
        (false, Some(days)) => days_text(days),
        (false, None) => one.severity.word().to_owned(),
    };
    let columns = document.width();
    let start = format!("{sign} {kind:<8} ");
    let rest = columns.saturating_sub(width(&start));
    if columns < TWO_SECTIONS {
        document.pieces(0, &[(label, &start), (Label::Plain, &ellipsize_middle(&place, rest))]);
        document.indented(2, Label::Dim, &truncate(&text, columns.saturating_sub(2)));
        return;
    }
    let room = rest * 2 / 5;
    let place = ellipsize_middle(&place, room);
    let padding = " ".repeat(room.saturating_sub(width(&place)) + 2);
    let text = truncate(&text, rest.saturating_sub(room + 2));
    document.pieces(0, &[(label, &start), (Label::Plain, &place), (Label::Plain, &padding), (Label::Plain, &text)]);
}

fn write_certificates(state: &State, document: &mut Document) {
    let facts = state.survey.facts();
    document.text(Label::Heading, "Certificates");
    for (standing, number) in Standing::ALL.iter().zip(facts.certificates) {
        let word = if *standing == Standing::NotYet { "not yet valid" } else { standing.word() };
        write_number(state, (standing.label(), standing.sign(), word), number, document);
    }
    document.heading("Files");
    write_number(state, (Label::Plain, Sign::Agrees, "private keys"), facts.keys, document);
    write_number(state, (Label::Info, Sign::Info, "no engine reads"), facts.unread, document);
}

/// Writes how many there are of something; what there is none of is dim.
fn write_number(state: &State, (label, sign, word): (Label, Sign, &str), number: usize, document: &mut Document) {
    let (label, sign) = if number == 0 { (Label::Dim, Sign::Nothing) } else { (label, sign) };
    let start = format!("{} {word}", state.glyphs.sign(sign));
    document.pieces(0, &[(label, &format!("{start:<WORDS$}")), (label, &format!("{number:>7}"))]);
}

/// Writes when certificates expire, with a bar for each span of time.
fn write_expiry(state: &State, document: &mut Document) {
    let facts = state.survey.facts();
    document.text(Label::Heading, "Expiry");
    let most = facts.bands.iter().copied().max().unwrap_or_default().max(1);
    let room = document.width().saturating_sub(11 + 8).clamp(1, 40);
    for ((until, word), number) in BANDS.into_iter().zip(facts.bands) {
        let label = match until {
            ..=0 => Label::Late,
            days if days <= state.settings.expires_within => Label::Warning,
            _ => Label::Good,
        };
        let label = if number == 0 { Label::Dim } else { label };
        // At least one, where there is something.
        let bar = (number * room / most).max(usize::from(number > 0));
        let bar = state.glyphs.sign(Sign::Block).repeat(bar);
        let start = format!("{word:<11}");
        document.pieces(0, &[(label, &start), (label, &format!("{number:>7} ")), (label, &bar)]);
    }
}

fn write_hosts(state: &State, document: &mut Document) {
    let facts = state.survey.facts();
    document.text(Label::Heading, "Hosts");
    let kinds = [
        (Label::Error, Sign::Error, "with errors"),
        (Label::Warning, Sign::Warning, "with warnings"),
        (Label::Good, Sign::Good, "neither"),
    ];
    for (kind, number) in kinds.into_iter().zip(facts.hosts) {
        write_number(state, kind, number, document);
    }
    for (tally, host) in &facts.worst {
        let name = state.tree.host(*host).and_then(|entry| entry.path.file_name()).map(display_name);
        let Some((severity, number)) = tally.worst() else { continue };
        let start = format!("{} {:<12}", state.glyphs.severity(severity), count_findings(number, severity));
        let room = document.width().saturating_sub(width(&start));
        let name = name.unwrap_or_default();
        let name = ellipsize_middle(&name, room);
        document.pieces(0, &[(Label::of(severity), &start), (Label::Plain, &name)]);
    }
}

fn write_engines(state: &State, document: &mut Document) {
    let facts = state.survey.facts();
    document.pieces(0, &[(Label::Heading, &format!("{:<WORDS$}", "Engines")), (Label::Field, "accepts   refuses")]);
    for engine in &facts.engines {
        write_engine(state, engine, document);
    }
    if !state.installed.engines.is_empty() {
        let here: Vec<&str> = state.installed.engines.iter().map(|(engine, _)| engine.name()).collect();
        document.text(Label::Dim, &format!("found here: {}", here.join(", ")));
    }
}

/// Writes how many host directories an engine accepts and refuses.
fn write_engine(state: &State, facts: &EngineFacts, document: &mut Document) {
    let name = format!("{:<WORDS$}", facts.judge.to_string());
    let cell = |label: Label, sign: Sign, number: usize| {
        let (label, sign) = if number == 0 { (Label::Dim, Sign::Nothing) } else { (label, sign) };
        (label, format!("{} {number:>5}   ", state.glyphs.sign(sign)))
    };
    let good = cell(Label::Good, Sign::Good, facts.accepts);
    let bad = cell(Label::Error, Sign::Error, facts.refuses);
    let unknown = match facts.unknown {
        0 => String::new(),
        number => format!("{} {number} unknown", state.glyphs.sign(Sign::Warning)),
    };
    let name_label = if facts.judges { Label::Strong } else { Label::Plain };
    document.pieces(2, &[(name_label, &name), (good.0, &good.1), (bad.0, &bad.1), (Label::Warning, &unknown)]);
}
