//! Everything for programs. Each document says `"schema": 1`, and that schema only grows. Text is as it was found; what is
//! not UTF-8 has U+FFFD in its place.

mod certificate;
mod export;
mod file;
mod finding;
mod load;
mod operation;
mod plan;
mod rule;
mod tree;
mod why;

use std::path::Path;

use serde::Serialize;

pub use certificate::CertificateJson;
pub use export::{ExportJson, export};
pub use file::FileJson;
pub(crate) use file::files_with_key;
pub use finding::{CheckJson, FindingJson, check};
pub use load::{EndpointJson, EngineJson, ExplainJson, explain};
pub use operation::{HistoryJson, OperationJson, history, operation};
pub use plan::{PlanJson, plan, proposal};
pub use rule::{RuleJson, rules};
pub use tree::{ShowJson, TreeJson, show, tree};
pub use why::{WhyJson, unknown_text, why};

/// The schema that these documents keep to.
#[derive(Clone, Copy, Debug)]
pub struct Schema;

impl Serialize for Schema {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(1)
    }
}

fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
