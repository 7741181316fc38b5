//! The journal read back: operations with their steps, what they left behind, and which of them stand.

use std::path::{Path, PathBuf};

use crate::fix::deed::Deed;
use crate::fix::journal::Entry;
use crate::fix::operation::{Operation, OperationId, OperationKind};
use crate::fix::plan::Expected;

/// An operation that was completed.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub operation: Operation,
    pub roots: Vec<PathBuf>,
    pub deeds: Vec<Deed>,
    /// What it left at the paths that it touched.
    pub after: Vec<Expected>,
}

/// An operation that was begun, and neither completed nor taken back.
pub(crate) struct Interrupted {
    pub operation: Operation,
    pub roots: Vec<PathBuf>,
    /// The steps that were not taken back yet.
    pub deeds: Vec<Deed>,
}

impl Record {
    /// It stands: it changed something, and nothing has taken that back.
    pub fn stands(&self) -> bool {
        !matches!(self.operation.kind, OperationKind::Undo(_)) && self.operation.undone_by.is_none()
    }

    /// Tells whether it touched a path, something in it, or what it is in.
    pub fn touches(&self, path: &Path) -> bool {
        let mut paths = self.deeds.iter().flat_map(Deed::paths);
        paths.any(|own| own.starts_with(path) || path.starts_with(own))
    }
}

/// The operations that were completed, the oldest first.
pub(crate) fn completed(entries: &[Entry]) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    let mut open: Option<Record> = None;
    for entry in entries {
        match entry {
            Entry::Begin { operation, roots } => {
                let roots = roots.iter().map(|root| root.0.clone()).collect();
                open = Some(Record { operation: operation.clone(), roots, deeds: Vec::new(), after: Vec::new() });
            }
            Entry::Deed { step, .. } => open.iter_mut().for_each(|record| record.deeds.push(step.clone())),
            Entry::TakenBack { .. } => {}
            Entry::RolledBack { .. } => open = None,
            Entry::Done { fixes, left, after, .. } => {
                let Some(mut record) = open.take() else { continue };
                record.operation.fixes.clone_from(fixes);
                record.operation.left = *left;
                record.after.clone_from(after);
                if let OperationKind::Undo(of) | OperationKind::Redo(of) = record.operation.kind {
                    let undone = records.iter_mut().find(|earlier| earlier.operation.id == of);
                    undone.into_iter().for_each(|earlier| earlier.operation.undone_by = Some(record.operation.id));
                }
                records.push(record);
            }
        }
    }
    records
}

/// The last operation, where it was begun and did not end.
pub(crate) fn interrupted(entries: &[Entry]) -> Option<Interrupted> {
    let begin = entries.iter().rposition(|entry| matches!(entry, Entry::Begin { .. }))?;
    let rest = entries.get(begin..)?;
    let has_ended = rest.iter().any(|entry| matches!(entry, Entry::Done { .. } | Entry::RolledBack { .. }));
    let Some(Entry::Begin { operation, roots }) = rest.first().filter(|_| !has_ended) else { return None };
    let taken_back = rest.iter().filter_map(|entry| match entry {
        Entry::TakenBack { number, .. } => Some(*number),
        _ => None,
    });
    let standing = taken_back.min().unwrap_or(usize::MAX);
    let deeds = rest.iter().filter_map(|entry| match entry {
        Entry::Deed { step, number, .. } if *number < standing => Some(step.clone()),
        _ => None,
    });
    Some(Interrupted {
        operation: operation.clone(),
        roots: roots.iter().map(|root| root.0.clone()).collect(),
        deeds: deeds.collect(),
    })
}

/// The name of a file in the making: of no use to any engine, and to nobody but this step of this operation.
pub(crate) fn aside_name(operation: OperationId, number: usize) -> String {
    format!(".certwright-{operation}-{number}.making")
}
