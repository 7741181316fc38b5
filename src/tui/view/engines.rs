//! What each engine does with the host directory, file by file, in its own order and its own words.

use std::collections::BTreeSet;

use crate::base::text::display_name;
use crate::engine::{Connection, Engine, Judge, Load, LoadErrorKind, Roots, Step, StepOutcome, TlsMaterial};
use crate::model::HostDir;
use crate::tui::document::Document;
use crate::tui::state::State;
use crate::tui::theme::{Glyphs, Label, Sign};
use crate::tui::tree::Row;

/// Columns that the word for an outcome takes.
const OUTCOME_COLUMNS: usize = 13;
/// The most steps that are told of an engine that is not here and does not judge.
const SHORT: usize = 12;

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
    let loads = loads(state, &read.host);
    let docker_looks = loads.iter().any(|shown| shown.looks && shown.judge.engine == Engine::DockerClassic);
    if let Some(text) = disagreement(&loads).filter(|_| docker_looks) {
        let differs = format!("{} ", state.glyphs.sign(Sign::Differs));
        document.hanging(&[(Label::Warning, &differs)], &[(Label::Plain, &text)]);
    }
    if loads.iter().any(|shown| shown.evidence.is_some()) {
        document.heading("Found here");
    }
    for shown in loads.iter().filter(|shown| shown.evidence.is_some()) {
        write_engine(state, &read.host, shown, document);
    }
    let mut others = loads.iter().filter(|shown| shown.evidence.is_none()).peekable();
    // Where none is found, most likely nobody looked: the tree may be from another host.
    if others.peek().is_some() && !state.installed.engines.is_empty() {
        document.heading("Not found here");
    }
    for shown in others {
        if shown.judges || shown.load.steps.len() <= SHORT {
            write_engine(state, &read.host, shown, document);
        } else {
            write_line(state, shown, document);
        }
    }
}

/// What one engine makes of a directory.
struct Shown<'a> {
    judge: Judge,
    load: Load,
    /// What tells that it is installed on this host.
    evidence: Option<&'a str>,
    /// Its judgement is in force.
    judges: bool,
    /// It looks for host directories under the root of this one.
    looks: bool,
}

/// What each engine makes of a directory: first those that judge, in the version that was asked for.
fn loads<'a>(state: &'a State, host: &HostDir) -> Vec<Shown<'a>> {
    let in_force = state.judgement.judges();
    let entry = state.cursor.host().and_then(|host| state.tree.host(host));
    let root = entry.and_then(|entry| state.tree.root(entry.root)).map(|entry| &entry.root);
    let shown = |judge: Judge| Shown {
        judge,
        load: judge.load(host),
        evidence: state.installed.evidence(judge.engine),
        judges: in_force.contains(&judge),
        looks: root.is_none_or(|root| state.installed.looks_under(judge.engine, root)),
    };
    let versions = |engine: Engine| {
        let chosen: Vec<Judge> = in_force.iter().copied().filter(|judge| judge.engine == engine).collect();
        if chosen.is_empty() { vec![Judge::newest(engine)] } else { chosen }
    };
    let mut loads: Vec<Shown<'_>> = Engine::ALL.into_iter().flat_map(versions).map(shown).collect();
    loads.sort_by_key(|shown| !shown.judges);
    loads
}

/// Says where `docker login` and `docker pull` judge one directory differently.
fn disagreement(loads: &[Shown<'_>]) -> Option<String> {
    let of = |engine: Engine| loads.iter().find(|shown| shown.judge.engine == engine).map(|shown| &shown.load);
    let (login, pull) = (of(Engine::DockerClassic)?, of(Engine::DockerC8d)?);
    let text = match (login.material(), pull.material()) {
        (Some(_), None) => "docker login accepts this directory, docker pull with the containerd store refuses it",
        (None, Some(_)) => "docker login refuses this directory, docker pull with the containerd store accepts it",
        (Some(one), Some(other)) if files_of(one) != files_of(other) => {
            "docker login and docker pull with the containerd store take different files from this directory"
        }
        _ => return None,
    };
    Some(format!("Docker 29 judges by two sets of rules: {text}."))
}

/// The files that certificates and keys are taken from.
fn files_of(material: &TlsMaterial) -> (BTreeSet<usize>, BTreeSet<(usize, usize)>) {
    let anchors = material.anchors.iter().map(|anchor| anchor.file).collect();
    (anchors, material.pairs.iter().map(|pair| (pair.certificate_file, pair.key_file)).collect())
}

/// The title of an engine, with its version where one was asked for.
pub fn title(judge: Judge) -> String {
    match judge.version {
        Some(_) => format!("{judge} ({})", judge.engine.title()),
        None => judge.engine.title().to_owned(),
    }
}

/// Writes what an engine does, step by step, and what it connects with.
fn write_engine(state: &State, host: &HostDir, shown: &Shown<'_>, document: &mut Document) {
    document.gap().text(Label::Strong, &title(shown.judge));
    if let Some(evidence) = shown.evidence {
        document.text(Label::Dim, evidence);
    }
    if !shown.looks {
        document.text(Label::Warning, "It does not look under this root. If it did:");
    }
    write_outcome(&shown.load, state.glyphs, document);
    document.gap();
    for step in &shown.load.steps {
        write_step(step, host, state.cursor.file(), state.glyphs, document);
    }
    for connection in shown.load.connections() {
        document.gap();
        write_connection(connection, host, document);
    }
    for line in &shown.load.log {
        document.hanging(&[(Label::Field, "log  ")], &[(Label::Plain, line)]);
    }
}

/// Writes in short what an engine does that is not here and does not judge.
fn write_line(state: &State, shown: &Shown<'_>, document: &mut Document) {
    let (label, sign) = if shown.load.is_ok() { (Label::Good, Sign::Good) } else { (Label::Error, Sign::Error) };
    let start = format!("{} ", state.glyphs.sign(sign));
    document.gap();
    document.hanging(&[(label, &start)], &[(Label::Plain, &title(shown.judge))]);
    if let Some(error) = shown.load.error().filter(|error| !error.verbatim.is_empty()) {
        document.verbatim(2, state.glyphs.sign(Sign::Rule), &error.verbatim);
    }
    document.indented(2, Label::Dim, "e has it judge, and then shows its steps");
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
        _ if material.anchors.is_empty() => "the system's roots alone",
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
