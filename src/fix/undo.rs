//! Operations taken back, and done again: each a new operation, made of the inverse steps in reverse order.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::fix::apply::{ApplyError, Run, Work};
use crate::fix::deed::Deed;
use crate::fix::disk::Disk;
use crate::fix::journal::Journal;
use crate::fix::operation::{Operation, OperationId, OperationKind};
use crate::fix::plan::{Expectation, Expected};
use crate::fix::record::Record;

/// Takes an operation back; without a number the last one that stands.
///
/// # Errors
/// Where there is none, a later one has touched the same files, something was changed by others since, or a step fails:
/// then nothing is changed.
pub fn undo(journal: &mut Journal, id: Option<OperationId>, run: &Run<'_>) -> Result<Operation, ApplyError> {
    let records = journal.records();
    let record = match id {
        None => records.iter().rev().find(|record| record.stands()),
        Some(id) => Some(find(&records, id)?),
    };
    let record = record.ok_or_else(|| ApplyError::NoOperation("there is nothing to take back".to_owned()))?;
    if let Some((later, path)) = dependent(&records, record) {
        return Err(ApplyError::Dependent { of: record.operation.id, later, path });
    }
    reverse(journal, &records, record, OperationKind::Undo(record.operation.id), run)
}

/// Does again what was taken back last, unless something else was done since.
///
/// # Errors
/// Where there is nothing to do again, something was changed by others since, or a step fails: then nothing is changed.
pub fn redo(journal: &mut Journal, run: &Run<'_>) -> Result<Operation, ApplyError> {
    let records = journal.records();
    let since = records.iter().rev().take_while(|record| record.operation.kind != OperationKind::Fix);
    let mut undone = since.filter(|record| {
        matches!(record.operation.kind, OperationKind::Undo(_)) && record.operation.undone_by.is_none()
    });
    let record = undone.next().ok_or_else(|| ApplyError::NoOperation("there is nothing to do again".to_owned()))?;
    reverse(journal, &records, record, OperationKind::Redo(record.operation.id), run)
}

/// Why an operation cannot be taken back: a later one that stands and has touched the same, with what that is.
pub(crate) fn dependent(records: &[Record], record: &Record) -> Option<(OperationId, PathBuf)> {
    let later = records.iter().filter(|later| later.operation.id > record.operation.id && later.stands());
    later.rev().find_map(|later| {
        let path = record.deeds.iter().flat_map(Deed::paths).find(|path| later.touches(path))?;
        Some((later.operation.id, path.to_path_buf()))
    })
}

fn find(records: &[Record], id: OperationId) -> Result<&Record, ApplyError> {
    let record = records.iter().find(|record| record.operation.id == id);
    let record = record.ok_or_else(|| ApplyError::NoOperation(format!("there is no operation {id}")))?;
    match (record.operation.kind, record.operation.undone_by) {
        (_, Some(by)) => Err(ApplyError::NoOperation(format!("operation {id} was taken back by operation {by}"))),
        (OperationKind::Undo(_), None) => {
            Err(ApplyError::NoOperation(format!("operation {id} is itself an undo: redo takes it back")))
        }
        _ => Ok(record),
    }
}

fn reverse(
    journal: &mut Journal,
    records: &[Record],
    record: &Record,
    kind: OperationKind,
    run: &Run<'_>,
) -> Result<Operation, ApplyError> {
    let kernel = journal.kernel();
    let disk = Disk::open(&record.roots, &kernel)?;
    let mut work = Work::begin(journal, &disk, &left_behind(records, record), run)?;
    work.open(kind, &record.roots)?;
    let total = record.deeds.len();
    for (done, deed) in record.deeds.iter().rev().enumerate() {
        (run.progress)(done, total);
        if let Err(error) = work.reverse(deed) {
            return Err(work.roll_back(error));
        }
    }
    (run.progress)(total, total);
    work.close(record.operation.fixes.clone(), 0)
}

/// What must be at the paths that an operation touched: what the last operation that touched them has left there.
fn left_behind(records: &[Record], record: &Record) -> Vec<Expected> {
    let mut last: HashMap<&Path, &Expectation> = HashMap::new();
    for later in records.iter().filter(|later| later.operation.id >= record.operation.id) {
        last.extend(later.after.iter().map(|expected| (expected.path.as_path(), &expected.is)));
    }
    let paths = record.after.iter().map(|expected| expected.path.as_path());
    let known =
        paths.filter_map(|path| last.get(path).map(|is| Expected { path: path.to_path_buf(), is: (*is).clone() }));
    known.collect()
}
