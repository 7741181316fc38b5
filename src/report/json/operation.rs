//! Operations in JSON.

use serde::Serialize;

use crate::fix::{Operation, OperationKind, PlannedFix};
use crate::report::json::Schema;

/// What `apply`, `undo` and `redo` tell.
#[derive(Debug, Serialize)]
pub struct OperationDocument<'a> {
    schema: Schema,
    /// What was done
    pub operation: OperationJson<'a>,
}

/// What `log` tells.
#[derive(Debug, Serialize)]
pub struct HistoryJson<'a> {
    schema: Schema,
    /// What was done, the oldest first
    pub operations: Vec<OperationJson<'a>>,
}

/// One operation.
#[derive(Debug, Serialize)]
pub struct OperationJson<'a> {
    /// Its number
    pub id: u64,
    /// When it began
    pub at: String,
    /// Who did it
    pub user: &'a str,
    /// On which machine
    pub machine: &'a str,
    /// "fix", "undo" or "redo"
    pub kind: &'static str,
    /// The operation that an undo or redo is about; else null
    pub of: Option<u64>,
    /// What was done, in order
    pub fixes: &'a [PlannedFix],
    /// How many fixes were left, since somebody cancelled
    pub left: usize,
    /// The operation that took it back; null where it stands
    pub undone_by: Option<u64>,
}

impl<'a> From<&'a Operation> for OperationJson<'a> {
    fn from(operation: &'a Operation) -> Self {
        let (kind, of) = match operation.kind {
            OperationKind::Fix => ("fix", None),
            OperationKind::Undo(of) => ("undo", Some(of.0)),
            OperationKind::Redo(of) => ("redo", Some(of.0)),
        };
        Self {
            id: operation.id.0,
            at: operation.at.rfc3339(),
            user: &operation.user,
            machine: &operation.machine,
            kind,
            of,
            fixes: &operation.fixes,
            left: operation.left,
            undone_by: operation.undone_by.map(|by| by.0),
        }
    }
}

/// What `apply`, `undo` and `redo` tell.
pub fn operation(operation: &Operation) -> OperationDocument<'_> {
    OperationDocument { schema: Schema, operation: operation.into() }
}

/// What `log` tells.
pub fn history(history: &[Operation]) -> HistoryJson<'_> {
    HistoryJson { schema: Schema, operations: history.iter().map(OperationJson::from).collect() }
}
