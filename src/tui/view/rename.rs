//! A name that is typed, as text: what every engine would say of it, in short and then in full.

use crate::base::text::{display_name, sanitise, truncate};
use crate::engine::Load;
use crate::fix::Verdict;
use crate::fix::outlook::summary;
use crate::model::HostName;
use crate::tui::document::Document;
use crate::tui::mending::rename::Rename;
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::view::mending::{engine_name, outcome};

/// Columns before what an engine says.
const START: usize = 16;

/// With more rows than this there is room for more than a line an engine.
const ROOMY: usize = 16;

/// Writes what is known of the name.
pub fn write(state: &State, rename: &Rename, document: &mut Document) {
    let typed = format!(" {} {}", state.glyphs.sign(Sign::Arrow), rename.line.text());
    let typed = if rename.differs() { typed.as_str() } else { "" };
    document.pieces(
        2,
        &[(Label::Heading, "Rename "), (Label::Heading, &display_name(&rename.name)), (Label::Strong, typed)],
    );
    if let Some(problem) = &rename.problem {
        document.text(Label::Error, problem);
        return;
    }
    if rename.is_directory() {
        let name = HostName::parse(rename.line.text().as_ref());
        match name.registry() {
            Some(registry) => drop(document.text(Label::Plain, &format!("read for references to {registry}"))),
            None => drop(document.text(Label::Warning, "no image reference leads to this name")),
        }
    }
    // In short, a line each, so that all of them are seen on the smallest screen.
    for verdict in &rename.verdicts {
        write_short(state, verdict, document);
    }
    let changed = || rename.verdicts.iter().filter(|verdict| verdict.differs());
    write_full("As it would be", changed().map(|verdict| (verdict, Some(&verdict.after))), document);
    let before = if rename.differs() { "As it is" } else { "In full" };
    write_full(before, rename.verdicts.iter().map(|verdict| (verdict, verdict.before.as_ref())), document);
}

fn write_short(state: &State, verdict: &Verdict, document: &mut Document) {
    let after = &verdict.after;
    let sign = state.glyphs.sign(if after.error().is_some() { Sign::Error } else { Sign::Good });
    let name = format!("{sign} {:<13} ", engine_name(verdict.judge.engine));
    let said = summary(after);
    // An error is told in full below; what is no error only here.
    if after.error().is_none() && state.body().1 > ROOMY {
        document.hanging(&[(outcome(after), &name)], &[(outcome(after), &said)]);
        return;
    }
    let safe = sanitise(&said);
    let said = truncate(&safe, document.width().saturating_sub(START).max(4));
    document.hanging(&[(outcome(after), &name)], &[(outcome(after), &said)]);
}

/// Writes errors, which a line is too short for.
fn write_full<'a>(title: &str, loads: impl Iterator<Item = (&'a Verdict, Option<&'a Load>)>, document: &mut Document) {
    let mut title = Some(title);
    for (verdict, load) in loads {
        let Some(load) = load.filter(|load| load.error().is_some()) else { continue };
        if let Some(title) = title.take() {
            document.heading(title);
        }
        let name = format!("{:<13} ", engine_name(verdict.judge.engine));
        document.hanging(&[(Label::Field, &name)], &[(Label::Error, &summary(load))]);
    }
}
