//! Operations as text: what was done, by whom and when, and whether it stands.

use std::io;
use std::path::Path;

use crate::finding::Change;
use crate::fix::{Operation, OperationKind, PlannedFix, Reason, Recovery};
use crate::report::label::Label;
use crate::report::text::{Line, Paper};

/// Prints one operation that was just carried out.
///
/// # Errors
/// Where the output cannot be written.
pub fn print(operation: &Operation, paper: &mut Paper<'_>) -> io::Result<()> {
    for fix in &operation.fixes {
        let line = Line::new(Label::Good, format!("  {} ", mark(operation))).with(Label::Faint, place(fix));
        paper.paragraph(&line.with(Label::Plain, &fix.title), 4)?;
    }
    let mut line = Line::plain(format!("operation {}: {}", operation.id, done(operation)));
    if operation.left > 0 {
        line = line.with(Label::Warning, format!(", {} left", operation.left));
    }
    let hint = match operation.kind {
        OperationKind::Undo(_) => "; certwright redo does it again",
        OperationKind::Fix | OperationKind::Redo(_) => "; certwright undo takes it back",
    };
    paper.paragraph(&line.with(Label::Faint, hint), 2)
}

/// Prints what was done, the latest first.
///
/// # Errors
/// Where the output cannot be written.
pub fn history(history: &[Operation], paper: &mut Paper<'_>) -> io::Result<()> {
    if history.is_empty() {
        return paper.row(&Line::plain("nothing was changed here"));
    }
    for operation in history.iter().rev() {
        let line = Line::new(Label::Heading, format!("{:>4}  ", operation.id.0))
            .with(Label::Plain, operation.at.rfc3339())
            .with(Label::Faint, format!("  {} at {}  ", operation.user, operation.machine))
            .with(Label::Plain, done(operation));
        paper.row(&line.with(Label::Warning, fate(operation)))?;
        for fix in &operation.fixes {
            let code = match &fix.reason {
                Reason::Rule(code) => format!(" ({code})"),
                Reason::Manual => String::new(),
            };
            paper.paragraph(
                &Line::new(Label::Faint, format!("      {}", place(fix)))
                    .with(Label::Plain, &fix.title)
                    .with(Label::Faint, code),
                8,
            )?;
        }
    }
    Ok(())
}

/// What an operation was, in a few words.
pub fn done(operation: &Operation) -> String {
    let count = operation.fixes.len();
    let is_wanted = operation.fixes.iter().all(|fix| fix.reason == Reason::Manual);
    let unit = if is_wanted { "change" } else { "fix" };
    let fixes = match (count, is_wanted) {
        (1, _) => format!("1 {unit}"),
        (_, true) => format!("{count} changes"),
        (_, false) => format!("{count} fixes"),
    };
    match operation.kind {
        OperationKind::Fix => fixes,
        OperationKind::Undo(of) => format!("operation {of} taken back"),
        OperationKind::Redo(of) => format!("what operation {of} took back done again"),
    }
}

/// What has become of an operation since, to go on with behind that: nothing where it stands.
pub fn fate(operation: &Operation) -> String {
    match (operation.undone_by, operation.kind) {
        (Some(by), OperationKind::Undo(_)) => format!(", done again by {by}"),
        (Some(by), _) => format!(", taken back by {by}"),
        (None, _) => String::new(),
    }
}

/// What became of an operation that was interrupted, as a sentence.
pub fn recovery(recovery: &Recovery) -> String {
    let steps = if recovery.steps == 1 { "1 step".to_owned() } else { format!("{} steps", recovery.steps) };
    let id = recovery.operation.id;
    if recovery.is_done {
        return format!("operation {id} was interrupted when it was done; what it had left aside is cleared away");
    }
    format!("operation {id} was interrupted; {steps} of it taken back")
}

/// The name of the directory that a fix is in, as the beginning of a line. Foreign text.
pub fn place(fix: &PlannedFix) -> String {
    let is_file = |change: &&Change| !matches!(change, Change::CreateDirectory { .. } | Change::SetOwner { .. });
    let first = fix.changes.iter().find(is_file).or(fix.changes.first()).map(Change::target);
    let directory = first.and_then(Path::parent).and_then(Path::file_name);
    directory.map(|name| format!("{}: ", name.to_string_lossy())).unwrap_or_default()
}

fn mark(operation: &Operation) -> &'static str {
    if matches!(operation.kind, OperationKind::Undo(_)) { "undone:" } else { "done:" }
}
