//! From findings to changes of files: a plan, what every engine would say after it, carrying it out, taking it back.
//!
//! ```text
//! Findings ─▶ Plan ─▶ preview: Inventory' ─▶ engines replayed
//!               └───▶ apply ─▶ Operation in the journal ─▶ undo, redo: new operations
//! ```
//!
//! `plan` and `preview` are pure. `disk` alone changes files; `journal` alone changes the state directory.

pub mod operation;
pub mod outlook;
pub mod plan;
pub mod preview;
pub mod promise;

pub use operation::{Operation, OperationId, OperationKind};
pub use outlook::{HostOutlook, Verdict};
pub use plan::{Expectation, HeldBack, Plan, Planned, PlannedFix, Reason};
pub use preview::{Obstacle, Preview, Sources};
