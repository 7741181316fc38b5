//! From findings to changes of files: a plan, what every engine would say after it, carrying it out, taking it back.
//!
//! ```text
//! Findings ─▶ Plan ─▶ preview: Inventory' ─▶ engines replayed
//!               └───▶ apply ─▶ Operation in the journal ─▶ undo, redo: new operations
//! ```
//!
//! `plan`, `preview`, `promise` and `outlook` are pure. `disk` alone changes certificate directories, `journal` alone the
//! state directory, both through `kernel`.

pub mod apply;
mod aside;
mod attributes;
pub mod author;
mod deed;
mod disk;
mod expect;
pub mod journal;
pub mod kernel;
pub mod operation;
pub mod outlook;
mod place;
pub mod plan;
pub mod plan_file;
pub mod preview;
pub mod promise;
mod record;
pub mod recover;
mod route;
pub mod undo;
mod version;

pub use apply::{ApplyError, Run};
pub use author::Author;
pub use disk::DiskError;
pub use journal::{Journal, JournalError};
pub use operation::{Operation, OperationId, OperationKind};
pub use outlook::{HostOutlook, Verdict};
pub use plan::{Expectation, HeldBack, Plan, Planned, PlannedFix, Reason};
pub use preview::{Obstacle, Preview, Sources};
pub use recover::Recovery;
