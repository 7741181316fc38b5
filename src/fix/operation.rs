//! What was done: one entry of the history.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;
use crate::fix::plan::PlannedFix;

/// The number of an operation: 1, 2, 3 … in the order in which they were begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(pub u64);

impl fmt::Display for OperationId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)
    }
}

/// Changes that were carried out together, and can be taken back together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its number.
    pub id: OperationId,
    /// When it began.
    pub at: Timestamp,
    /// Who did it: the name of the user, with the one that `sudo` tells ("root (alice)"). Foreign text.
    pub user: String,
    /// The name of the machine. Foreign text.
    pub machine: String,
    /// What it is.
    pub kind: OperationKind,
    /// What was done, in order.
    pub fixes: Vec<PlannedFix>,
    /// How many fixes were left, since somebody cancelled.
    pub left: usize,
    /// The operation that took it back, if one did. Of an undo, the one that did the same again.
    pub undone_by: Option<OperationId>,
}

/// What an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// Fixes
    Fix,
    /// It takes an operation back.
    Undo(OperationId),
    /// It does again what an undo took back: that undo.
    Redo(OperationId),
}
