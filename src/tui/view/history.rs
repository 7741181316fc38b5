//! What was done, as text: the latest first, and what the chosen one did.

use crate::fix::Operation;
use crate::report::operation;
use crate::tui::document::Document;
use crate::tui::mending::History;
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};

/// So many fixes of an operation are told one by one.
const SHOWN_FIXES: usize = 200;

/// Writes the history. Yields the lines of the operation that is chosen.
pub fn write(state: &State, history: &History, document: &mut Document) -> std::ops::Range<usize> {
    document.text(Label::Heading, "What was changed here");
    if history.operations.is_empty() {
        document.text(Label::Dim, "Nothing yet.");
    }
    let mut lines = 0..0;
    for (index, one) in history.operations.iter().rev().enumerate() {
        let is_chosen = index == history.chosen;
        let first = document.lines().len();
        write_operation(state, one, is_chosen, document);
        if is_chosen {
            if let Some(problem) = &history.problem {
                document.indented(6, Label::Error, problem);
            }
            for fix in one.fixes.iter().take(SHOWN_FIXES) {
                let (blank, place) = (" ".repeat(6), operation::place(fix));
                document.hanging(&[(Label::Plain, &blank)], &[(Label::Directory, &place), (Label::Plain, &fix.title)]);
            }
            if one.fixes.len() > SHOWN_FIXES {
                document.indented(6, Label::Dim, &format!("and {} more", one.fixes.len() - SHOWN_FIXES));
            }
            lines = first..document.lines().len();
        }
    }
    lines
}

fn write_operation(state: &State, one: &Operation, is_chosen: bool, document: &mut Document) {
    let marker = if is_chosen { state.glyphs.sign(Sign::Closed) } else { " " };
    let first = format!("{marker} {:>3} ", one.id.0);
    let label = if is_chosen { Label::Strong } else { Label::Plain };
    let fate = operation::fate(one);
    let who = format!("  {}  {} at {}", one.at.rfc3339(), one.user, one.machine);
    let what = [(label, operation::done(one)), (Label::Warning, fate), (Label::Dim, who)];
    let what: Vec<(Label, &str)> = what.iter().map(|(label, text)| (*label, text.as_str())).collect();
    document.hanging(&[(Label::Key, &first)], &what);
}
