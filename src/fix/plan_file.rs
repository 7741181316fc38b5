//! Plans in files: made by one user, carried out by another who may. Every expectation is looked at again when that happens.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::fix::plan::Plan;

/// The form of the files that are written here.
const SCHEMA: u32 = 1;

/// The largest file that is read, in bytes: more than a plan for a hundred thousand fixes takes.
pub const MAX_PLAN_SIZE: u64 = 256 << 20;

/// Why a file is no plan that can be carried out.
#[derive(Debug, Error)]
pub enum PlanFileError {
    /// It is no JSON of the right form.
    #[error("it is no plan: {0}")]
    Form(#[from] serde_json::Error),
    /// It was written by a later version.
    #[error("it has the form {0}, and this version knows {SCHEMA}")]
    Schema(u32),
    /// A path in it is relative, or goes up.
    #[error("it names {0:?}, which is no absolute path without ..")]
    Path(String),
}

#[derive(Serialize)]
struct Written<'a> {
    schema: u32,
    plan: &'a Plan,
}

#[derive(Deserialize)]
struct Read {
    schema: u32,
    plan: serde_json::Value,
}

/// The text of a file for a plan whose paths are absolute.
///
/// # Errors
/// Where a path in it is not.
pub fn write(plan: &Plan) -> Result<String, PlanFileError> {
    check(plan)?;
    Ok(serde_json::to_string_pretty(&Written { schema: SCHEMA, plan })? + "\n")
}

/// Reads the text of such a file.
///
/// # Errors
/// Where it is no plan, or names a path that is relative or goes up.
pub fn read(text: &str) -> Result<Plan, PlanFileError> {
    let read: Read = serde_json::from_str(text)?;
    if read.schema != SCHEMA {
        return Err(PlanFileError::Schema(read.schema));
    }
    let plan = serde_json::from_value(read.plan)?;
    check(&plan)?;
    Ok(plan)
}

/// Writes the text into a file that is not there yet, for its owner alone.
///
/// # Errors
/// Where the file is there, or cannot be written.
pub fn store(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn check(plan: &Plan) -> Result<(), PlanFileError> {
    let is_plain = |path: &Path| {
        path.is_absolute() && path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)))
    };
    let of_changes = plan.changes().flat_map(|change| change.source().into_iter().chain([change.target()]));
    let expected = plan.expectations.iter().map(|expected| expected.path.as_path());
    let mut paths = plan.roots.iter().map(|root| root.path.as_path()).chain(of_changes).chain(expected);
    match paths.find(|path| !is_plain(path)) {
        Some(path) => Err(PlanFileError::Path(path.to_string_lossy().into_owned())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_files_are_refused() {
        let plan = |path: &str| {
            format!(r#"{{"schema": 1, "plan": {{"roots": [{{"path": "{path}"}}], "fixes": [], "expectations": []}}}}"#)
        };
        assert!(read(&plan("/etc/docker/certs.d")).is_ok());
        for wrong in ["certs.d", "/etc/../root", "./certs.d", ""] {
            assert!(matches!(read(&plan(wrong)), Err(PlanFileError::Path(_))), "{wrong}");
        }
        assert!(matches!(read(&plan("/x").replace("\"schema\": 1", "\"schema\": 2")), Err(PlanFileError::Schema(2))));
        for wrong in ["", "{}", "[1]", "{\"schema\": 1, \"plan\": 3}", "nonsense"] {
            assert!(matches!(read(wrong), Err(PlanFileError::Form(_))), "{wrong}");
        }
    }
}
