//! The journal read back: operations with their steps, what they left behind, and which of them stand.

use std::path::Path;

use crate::fix::deed::{Begun, Deed};
use crate::fix::journal::Entry;
use crate::fix::operation::{Operation, OperationKind};
use crate::fix::plan::{Expected, Root};

/// An operation that was completed.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub operation: Operation,
    pub roots: Vec<Root>,
    pub deeds: Vec<Deed>,
    /// What it left at the paths that it touched.
    pub after: Vec<Expected>,
}

/// An operation that was begun and neither completed nor taken back, or completed and not cleared away.
pub(crate) struct Interrupted {
    pub operation: Operation,
    pub roots: Vec<Root>,
    /// What its names aside have in common.
    pub nonce: String,
    pub steps: Vec<Begun>,
    /// It was completed.
    pub is_done: bool,
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
            Entry::Begin { operation, roots, .. } => {
                let roots = roots.iter().cloned().map(Root::from).collect();
                open = Some(Record { operation: operation.clone(), roots, deeds: Vec::new(), after: Vec::new() });
            }
            Entry::Deed { step, .. } => open.iter_mut().for_each(|record| record.deeds.push(step.clone())),
            Entry::Made { .. } | Entry::Cleared { .. } => {}
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

/// The last operation, where it is not in order.
pub(crate) fn interrupted(entries: &[Entry]) -> Option<Interrupted> {
    let begin = entries.iter().rposition(|entry| matches!(entry, Entry::Begin { .. }))?;
    let (first, rest) = entries.get(begin..)?.split_first()?;
    let Entry::Begin { operation, roots, nonce } = first else { return None };
    let mut steps: Vec<Begun> = Vec::new();
    let mut is_done = false;
    for entry in rest {
        match entry {
            Entry::Deed { step, .. } => steps.push(Begun { deed: step.clone(), made: None }),
            Entry::Made { identity, .. } => {
                steps.iter_mut().last().into_iter().for_each(|step| step.made = Some(*identity))
            }
            Entry::Done { .. } => is_done = true,
            Entry::RolledBack { .. } | Entry::Cleared { .. } => return None,
            Entry::Begin { .. } => {}
        }
    }
    if is_done && !has_waste(&steps) {
        return None;
    }
    let roots = roots.iter().cloned().map(Root::from).collect();
    Some(Interrupted { operation: operation.clone(), roots, nonce: nonce.clone(), steps, is_done })
}

/// Tells whether steps leave something aside once they are carried out.
pub(crate) fn has_waste(steps: &[Begun]) -> bool {
    steps.iter().any(|step| step.deed.waste().is_some())
}
