//! A half-done operation is taken back: at once where a step fails, at the next start where the program was killed.

use std::path::{Path, PathBuf};

use crate::fix::deed::Deed;
use crate::fix::disk::{Disk, DiskError};
use crate::fix::journal::{Entry, Journal, JournalError};
use crate::fix::operation::{Operation, OperationId};
use crate::fix::record::{self, aside_name};

/// What a killed process had left, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The operation, which was taken back.
    pub operation: Operation,
    /// How many steps it had begun.
    pub steps: usize,
    /// What could not be put back, since somebody else has changed it meanwhile: a sentence each, with foreign text.
    pub conflicts: Vec<String>,
}

/// Takes back what the last operation left half done.
pub(crate) fn recover(journal: &mut Journal) -> Result<Option<Recovery>, JournalError> {
    let Some(interrupted) = record::interrupted(journal.entries()) else { return Ok(None) };
    let id = interrupted.operation.id;
    let failed = |cause: DiskError| match cause {
        DiskError::Stopped => JournalError::Stopped,
        cause => JournalError::Recovery { operation: id, cause: Box::new(cause) },
    };
    let kernel = journal.kernel();
    let disk = Disk::open(interrupted.roots.iter().map(PathBuf::as_path), &kernel).map_err(failed)?;
    let conflicts = take_back(&disk, journal, id, &interrupted.deeds).map_err(failed)?;
    let why = "the program was interrupted".to_owned();
    journal.append(Entry::RolledBack { operation: id, why })?;
    Ok(Some(Recovery { operation: interrupted.operation, steps: interrupted.deeds.len(), conflicts }))
}

/// Takes steps back, the last first. What somebody else has changed meanwhile is left alone and told.
pub(crate) fn take_back(
    disk: &Disk<'_>,
    journal: &mut Journal,
    operation: OperationId,
    deeds: &[Deed],
) -> Result<Vec<String>, DiskError> {
    let mut conflicts = Vec::new();
    for (number, deed) in deeds.iter().enumerate().rev() {
        match deed.take_back(disk, journal, &aside_name(operation, number)) {
            Ok(()) => {}
            Err(error @ (DiskError::Moved { .. } | DiskError::Outside(_))) => conflicts.push(error.to_string()),
            Err(error) => return Err(error),
        }
        // On a full disk this cannot be written down; the steps can be taken back all the same.
        if journal.append(Entry::TakenBack { operation, number }) == Err(JournalError::Stopped) {
            return Err(DiskError::Stopped);
        }
    }
    Ok(conflicts)
}

/// The roots as paths.
pub(crate) fn paths(roots: &[PathBuf]) -> impl Iterator<Item = &Path> {
    roots.iter().map(PathBuf::as_path)
}
