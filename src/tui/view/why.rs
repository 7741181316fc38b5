//! The box that an error text is pasted into, and the answer: what the text means, and what here bears it out.

use ratatui::layout::{Position, Rect};

use crate::base::text::{display_name, width};
use crate::finding::Finding;
use crate::model::{HostDir, HostState};
use crate::session::why::Explained;
use crate::tui::action::Command;
use crate::tui::document::{Document, TextLine};
use crate::tui::key::Key;
use crate::tui::question;
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::tree::Identity;
use crate::tui::view::paint::Painter;
use crate::tui::view::pane;
use crate::why::{Standing, Verdict, confirm};

/// So much of the end of a text is shown while it is put in, in bytes.
const SHOWN_TEXT: usize = 8 << 10;
/// So many findings are shown for one cause.
const SHOWN_FINDINGS: usize = 5;

/// Draws the box. Yields where the cursor stands.
pub fn draw_box(state: &State, area: Rect, painter: &mut Painter<'_>) -> Option<Position> {
    let question = &state.question;
    let key = state.keymap.key_of(Command::Explain).unwrap_or(Key::Enter);
    let mut head = Document::new(usize::from(area.width));
    head.text(Label::Heading, "Why does it fail?");
    head.text(Label::Dim, &format!("Paste what docker, podman, ctr, kubectl or a log printed, then press {key}."));
    let (size, lines) = (question.text().len(), question.text().lines().count());
    if question.waiting {
        head.text(Label::Info, &format!("{} looking for what it means", state.glyphs.sign(Sign::Pending)));
    } else if question.is_full() {
        head.text(Label::Warning, &format!("{lines} lines; only the first {size} bytes were taken"));
    } else if size > SHOWN_TEXT {
        head.text(Label::Dim, &format!("{lines} lines, {size} bytes; the end of it:"));
    }
    if area.height > 8 {
        head.gap();
    }
    let rows = lines_in(head.lines(), area, painter);
    let rest = Rect { y: area.y + rows, height: area.height.saturating_sub(rows), ..area };
    let text = typed(state, usize::from(area.width));
    let hidden = text.len().saturating_sub(usize::from(rest.height));
    let end = text.get(hidden..).unwrap_or_default();
    let drawn = lines_in(end, rest, painter);
    let column = end.last().map_or(0, |line| line.iter().map(|(_, text)| width(text)).sum::<usize>());
    let x = rest.x + u16::try_from(column).unwrap_or(rest.width).min(rest.width.saturating_sub(1));
    (drawn > 0).then(|| Position::new(x, rest.y + drawn - 1))
}

/// The end of the text, as lines.
fn typed(state: &State, columns: usize) -> Vec<TextLine> {
    let text = state.question.text();
    let end = text.get(question::floor(text, text.len().saturating_sub(SHOWN_TEXT))..).unwrap_or_default();
    let rule = state.glyphs.sign(Sign::Rule);
    let mut document = Document::new(columns);
    for line in end.split('\n') {
        document.verbatim(0, rule, line);
    }
    let plain = |line: &TextLine| line.iter().map(|(_, text)| (Label::Plain, text.clone())).collect();
    document.lines().iter().map(plain).collect()
}

/// Draws the part of the answer that is in sight.
pub fn draw_answer(state: &State, area: Rect, painter: &mut Painter<'_>) {
    pane::draw_text(state.question.document.lines(), state.question.scroll, area, painter);
}

fn lines_in(lines: &[TextLine], area: Rect, painter: &mut Painter<'_>) -> u16 {
    let mut row = 0;
    for line in lines.iter().take(usize::from(area.height)) {
        painter.line(Rect { y: area.y + row, height: 1, ..area }, line);
        row += 1;
    }
    row
}

/// The answer as text, and what it leads to.
pub fn answer(state: &State, columns: usize) -> (Document, Option<Identity>) {
    let mut document = Document::new(columns);
    let Some(Some(explained)) = &state.question.answer else {
        document.text(Label::Heading, "This text is not known");
        document.text(
            Label::Plain,
            "certwright knows what engines say of certificates, and does not guess at anything else.",
        );
        document.gap();
        let text = state.question.text();
        let start = text.get(..question::floor(text, SHOWN_TEXT / 8)).unwrap_or_default();
        for line in start.lines() {
            document.verbatim(0, state.glyphs.sign(Sign::Rule), line);
        }
        return (document, None);
    };
    let host = question::host_of(explained, &state.tree);
    let findings = question::findings_for(&explained.diagnosis, host.as_deref(), &state.tree);
    let verdict = confirm(&explained.diagnosis, host.as_deref(), &findings);
    let goal = question::goal(&verdict, host.as_deref(), &state.tree);
    write_meaning(state, explained, &mut document);
    write_place(explained, host.as_deref(), &verdict, &mut document);
    if let Some(goal) = &goal {
        let key = state.keymap.key_of(Command::Follow).unwrap_or(Key::Enter);
        document.field_of(&key.to_string(), &[(Label::Key, &format!("goes to {}", goal_words(goal)))]);
    }
    for standing in [Standing::Confirmed, Standing::Open, Standing::Unseen] {
        write_causes(state, &verdict, standing, &mut document);
    }
    (document, goal)
}

fn write_meaning(state: &State, explained: &Explained, document: &mut Document) {
    let diagnosis = &explained.diagnosis;
    document.text(Label::Heading, diagnosis.symptom.title);
    document.verbatim(0, state.glyphs.sign(Sign::Rule), &diagnosis.verbatim);
    document.text(Label::Plain, diagnosis.symptom.meaning);
    document.gap();
}

fn write_place(explained: &Explained, host: Option<&HostDir>, verdict: &Verdict<'_>, document: &mut Document) {
    let diagnosis = &explained.diagnosis;
    if let Some(registry) = &diagnosis.registry {
        document.field("Registry", registry);
    }
    if let Some(server) = diagnosis.server.as_ref().filter(|server| Some(*server) != diagnosis.registry.as_ref()) {
        document.field("Server", server);
    }
    match host {
        Some(host) if host.state == HostState::Missing => {
            document.field_of("Directory", &[(Label::Warning, &format!("there is no {}", display_name(&host.path)))]);
        }
        Some(host) => drop(document.field("Directory", &display_name(&host.path))),
        None => drop(document.field_of("Directory", &[(Label::Dim, "the text names none, and none here says it")])),
    }
    for replay in &verdict.replays {
        document.field_of("Shown by", &[(Label::Error, &replay.to_string())]);
    }
    for suspect in &verdict.suspects {
        let name = suspect.path.file_name().map(display_name).unwrap_or_default();
        document.field("Means", &format!("{name}: {}", suspect.reason));
    }
}

fn write_causes(state: &State, verdict: &Verdict<'_>, standing: Standing, document: &mut Document) {
    let mut causes = verdict.causes.iter().filter(|candidate| candidate.standing == standing).peekable();
    if causes.peek().is_none() {
        return;
    }
    let (title, label, sign) = match standing {
        Standing::Confirmed => ("What it is", Label::Error, Sign::Error),
        Standing::Open => ("What it may be", Label::Warning, Sign::Info),
        Standing::Unseen => ("What the directory does not show", Label::Dim, Sign::Nothing),
    };
    document.heading(title);
    for candidate in causes {
        let text = if standing == Standing::Unseen { Label::Dim } else { Label::Strong };
        let start = format!("{} ", state.glyphs.sign(sign));
        document.hanging(&[(label, &start)], &[(text, candidate.cause.title)]);
        for finding in candidate.findings.iter().take(SHOWN_FINDINGS) {
            write_finding(state, finding, document);
        }
        if candidate.findings.is_empty() && standing != Standing::Unseen {
            if standing == Standing::Open && !candidate.cause.evidence.is_in_directory() {
                document.indented(2, Label::Dim, candidate.cause.evidence.words());
            }
            write_advice(state, candidate.cause.fix, document);
        }
    }
}

fn write_finding(state: &State, finding: &Finding, document: &mut Document) {
    let place = match &finding.place.file {
        Some(file) => display_name(file),
        None => finding.place.directory.file_name().map(display_name).unwrap_or_default(),
    };
    let code = format!("  {} ", finding.code.number);
    document
        .hanging(&[(Label::Dim, &code)], &[(Label::Strong, &format!("{place}: ")), (Label::Plain, &finding.message)]);
    if !finding.advice.is_empty() {
        write_advice(state, &finding.advice, document);
    }
}

fn write_advice(state: &State, advice: &str, document: &mut Document) {
    let arrow = format!("  {} ", state.glyphs.sign(Sign::Arrow));
    document.hanging(&[(Label::Good, &arrow)], &[(Label::Plain, advice)]);
}

fn goal_words(goal: &Identity) -> String {
    match goal {
        Identity::Root(path) => display_name(path),
        Identity::Host(directory, inside) => {
            let directory = directory.file_name().map(display_name).unwrap_or_default();
            match inside {
                Some((file, _)) => format!("{directory}/{}", display_name(file)),
                None => directory,
            }
        }
    }
}
