//! What each engine does with the host directory, file by file, in its own order and its own words.

use crate::base::text::display_name;
use crate::engine::{Connection, Engine, Load, LoadErrorKind, Roots, Step, StepOutcome};
use crate::model::HostDir;
use crate::tui::document::Document;
use crate::tui::state::State;
use crate::tui::theme::{Glyphs, Label, Sign};
use crate::tui::tree::Row;

/// Columns that the word for an outcome takes.
const OUTCOME_COLUMNS: usize = 13;

/// Writes the tab.
pub fn write(state: &State, document: &mut Document) {
    let Some(read) = state.cursor.host().and_then(|host| state.tree.read(host)) else {
        let text = match state.cursor {
            Row::Root(_) => "Select a host directory or a file in the tree.",
            _ => "This directory is still being read.",
        };
        document.text(Label::Dim, text);
        return;
    };
    let selected = state.cursor.file();
    for load in Engine::load_all(&read.host) {
        document.gap();
        document.text(Label::Heading, load.engine.title());
        write_outcome(&load, state.glyphs, document);
        document.gap();
        for step in &load.steps {
            write_step(step, &read.host, selected, state.glyphs, document);
        }
        for connection in load.connections() {
            document.gap();
            write_connection(connection, &read.host, document);
        }
        for line in &load.log {
            document.hanging(&[(Label::Field, "log  ")], &[(Label::Plain, line)]);
        }
    }
    write_others(state, &read.host, document);
}

/// Writes in short what the engines make of it that do not judge.
fn write_others(state: &State, host: &HostDir, document: &mut Document) {
    document.heading("Elsewhere");
    for engine in Engine::ALL.into_iter().filter(|engine| !Engine::JUDGES.contains(engine)) {
        let load = engine.load(host);
        let (label, sign) = if load.is_ok() { (Label::Good, Sign::Good) } else { (Label::Error, Sign::Error) };
        let start = format!("{} ", state.glyphs.sign(sign));
        document.hanging(&[(label, &start)], &[(Label::Plain, engine.title())]);
        if let Some(error) = load.error().filter(|error| !error.verbatim.is_empty()) {
            document.verbatim(2, state.glyphs.sign(Sign::Rule), &error.verbatim);
        }
    }
}

/// Writes whether the engine connects, and with which error it does not.
pub fn write_outcome(load: &Load, glyphs: Glyphs, document: &mut Document) {
    let Some(error) = load.error() else {
        let good = glyphs.sign(Sign::Good);
        document.pieces(2, &[(Label::Good, &format!("{good} loads it"))]);
        return;
    };
    let text = match error.kind {
        LoadErrorKind::Hang => "waits for ever",
        LoadErrorKind::Unknown => "cannot be told",
        _ => "refuses the directory",
    };
    document.pieces(2, &[(Label::Error, &format!("{} {text}", glyphs.sign(Sign::Error)))]);
    if !error.verbatim.is_empty() {
        document.verbatim(0, glyphs.sign(Sign::Rule), &error.verbatim);
    }
}

/// The label, sign and word of an outcome.
pub fn outcome(outcome: StepOutcome) -> (Label, Sign, &'static str) {
    match outcome {
        StepOutcome::Loaded => (Label::Good, Sign::Good, "loaded"),
        StepOutcome::Useless => (Label::Warning, Sign::Warning, "no use"),
        StepOutcome::Ignored => (Label::Dim, Sign::Nothing, "ignored"),
        StepOutcome::Fatal => (Label::Error, Sign::Error, "fatal"),
        StepOutcome::Hang => (Label::Error, Sign::Error, "hangs"),
        StepOutcome::NotReached => (Label::Dim, Sign::Pending, "not reached"),
        StepOutcome::Unknown => (Label::Warning, Sign::Warning, "unknown"),
    }
}

fn write_step(step: &Step, host: &HostDir, selected: Option<usize>, glyphs: Glyphs, document: &mut Document) {
    let (label, sign, word) = outcome(step.outcome);
    let name = step.file.and_then(|file| host.entry(file));
    let name = name.map_or_else(|| "the directory".to_owned(), |file| display_name(&file.name));
    let start = format!("{} {word}", glyphs.sign(sign));
    let start = format!("{start:<OUTCOME_COLUMNS$} ");
    let is_selected = selected.is_some() && step.file == selected;
    let name_label = if is_selected { Label::Strong } else { Label::Plain };
    let said = !matches!(step.outcome, StepOutcome::Fatal | StepOutcome::NotReached);
    let text = if said { format!("  {}", step.text) } else { String::new() };
    document.hanging(&[(label, &start)], &[(name_label, &name), (Label::Dim, &text)]);
}

/// Writes what an engine connects with, in its own order.
fn write_connection(connection: &Connection, host: &HostDir, document: &mut Document) {
    if let Some(url) = &connection.url {
        document.field("Server", url);
    }
    if connection.verify == Some(false) {
        document.field_of("", &[(Label::Warning, "its certificate is not checked")]);
    }
    let material = &connection.material;
    let file_name = |index: usize| host.entry(index).map(|file| display_name(&file.name)).unwrap_or_default();
    let roots = match material.roots {
        Roots::System => "the system's roots",
        Roots::SystemAndDirectory => "the system's roots and these",
    };
    document.field("Trusts", roots);
    for anchor in &material.anchors {
        let from = format!("  {}", file_name(anchor.file));
        document.field_of("", &[(Label::Plain, &anchor.certificate.display_name()), (Label::Dim, &from)]);
    }
    if material.pairs.is_empty() {
        document.field("Shows", "no client certificate");
    }
    for (number, pair) in material.pairs.iter().enumerate() {
        let name = pair.leaf().map_or("a certificate that Go cannot read".to_owned(), |leaf| leaf.display_name());
        let more = match pair.chain.len() {
            0 | 1 => String::new(),
            many => format!(", with {} more", many - 1),
        };
        let files = format!("  {} + {}{more}", file_name(pair.certificate_file), file_name(pair.key_file));
        let title = match (number, material.pairs.len()) {
            (_, 1) => "Shows".to_owned(),
            _ => format!("Shows {}", number + 1),
        };
        document.field_of(&title, &[(Label::Plain, &name), (Label::Dim, &files)]);
    }
}
