//! Plans in files: made by one user, carried out by another who may. Every expectation is looked at again when that happens;
//! what a plan may do at all is looked at here, whoever wrote the file. Within its roots it may do what its user may.
//!
//! The text of new files stands in it as long as everybody may see that. A private key is never kept in one.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::base::text::display_name;
use crate::finding::Change;
use crate::fix::plan::{Plan, Root};
use crate::fix::version::hex;

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
    /// It does what no plan does that was made here.
    #[error("it is refused: {} {why}", display_name(path))]
    Refused {
        /// A path in it
        path: PathBuf,
        /// What is wrong with it
        why: &'static str,
    },
    /// It makes a file that nobody but its owner may see, and so may not be kept.
    #[error("{} would hold a private key, which is never kept in a plan", display_name(.0))]
    Secret(PathBuf),
}

#[derive(Serialize)]
struct Written<'a> {
    schema: u32,
    plan: &'a Plan,
    /// The text of new files, by its SHA-256
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    contents: BTreeMap<String, &'a str>,
}

#[derive(Deserialize)]
struct Read {
    schema: u32,
    plan: serde_json::Value,
    #[serde(default)]
    contents: BTreeMap<String, String>,
}

/// The text of a file for a plan whose paths are absolute.
///
/// # Errors
/// Where a path in it is not, or it makes a file that nobody but its owner may see.
pub fn write(plan: &Plan) -> Result<String, PlanFileError> {
    check(plan)?;
    let mut contents = BTreeMap::new();
    for change in plan.changes() {
        let Change::Create { path, content, .. } = change else { continue };
        if content.is_secret() {
            return Err(PlanFileError::Secret(path.clone()));
        }
        let text = content.bytes().and_then(|bytes| std::str::from_utf8(bytes).ok());
        let text = text.ok_or_else(|| refused(path, "would hold what is no text"))?;
        contents.insert(hex(content.sha256()), text);
    }
    Ok(serde_json::to_string_pretty(&Written { schema: SCHEMA, plan, contents })? + "\n")
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
    let mut plan: Plan = serde_json::from_value(read.plan)?;
    for change in plan.fixes.iter_mut().flat_map(|fix| &mut fix.changes) {
        let Change::Create { path, content, .. } = change else { continue };
        let text = read.contents.get(&hex(content.sha256())).map(String::as_bytes);
        if !text.is_some_and(|text| content.complete(text)) {
            return Err(refused(path, "is to hold what the file does not tell"));
        }
    }
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
    let of_changes = plan.changes().flat_map(|change| change.source().into_iter().chain([change.target()]));
    let expected = plan.expectations.iter().map(|expected| expected.path.as_path());
    let of_roots = plan.roots.iter().flat_map(|root| [Some(&root.path), root.base.as_ref()]).flatten();
    let mut paths = of_roots.map(PathBuf::as_path).chain(of_changes).chain(expected);
    if let Some(path) = paths.find(|path| !is_plain(path)) {
        return Err(PlanFileError::Path(path.to_string_lossy().into_owned()));
    }
    if let Some(root) = plan.roots.iter().find(|root| root.path.parent().is_none()) {
        return Err(refused(&root.path, "holds more than certificates"));
    }
    let known: HashSet<&Path> = plan.expectations.iter().map(|expected| expected.path.as_path()).collect();
    let mut made: HashSet<&Path> = HashSet::new();
    for change in plan.changes() {
        for path in change.source().into_iter().chain([change.target()]) {
            let may_be_on_the_way = match change {
                Change::CreateDirectory { .. } => true,
                Change::SetOwner { .. } => made.contains(path),
                _ => false,
            };
            let leads_to_root = || may_be_on_the_way && is_on_the_way(plan, path);
            let depth = |root: &Path| path.strip_prefix(root).map_or(0, |rest| rest.components().count());
            if !plan.roots.iter().any(|root| (1..=2).contains(&depth(&root.path))) && !leads_to_root() {
                return Err(refused(path, "is no host directory below its roots, and no file in one"));
            }
            if !known.contains(path) && !path.ancestors().any(|path| made.contains(path)) {
                return Err(refused(path, "is changed without being told what has to be there"));
            }
        }
        // No fix lets others write, or gives a file the rights of its owner.
        if mode(change).is_some_and(|mode| mode & !0o755 != 0) {
            return Err(refused(change.target(), "would get permissions that no fix gives"));
        }
        made.insert(change.target());
    }
    Ok(())
}

/// Tells whether a path is a root that is yet to be made, or leads to one.
fn is_on_the_way(plan: &Plan, path: &Path) -> bool {
    plan.roots.iter().any(|Root { path: root, base }| {
        base.as_ref().is_some_and(|base| root.starts_with(path) && path.starts_with(base) && path != base)
    })
}

/// The permission bits that a change sets.
fn mode(change: &Change) -> Option<u32> {
    match change {
        Change::CreateDirectory { mode, .. } | Change::Create { mode, .. } | Change::SetMode { mode, .. } => {
            Some(*mode)
        }
        Change::Write { mode, .. } => *mode,
        Change::Rename { .. } | Change::SetOwner { .. } | Change::SetAside { .. } => None,
    }
}

fn is_plain(path: &Path) -> bool {
    let goes_down = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    path.is_absolute() && goes_down && !path.as_os_str().as_bytes().contains(&0)
}

fn refused(path: &Path, why: &'static str) -> PlanFileError {
    PlanFileError::Refused { path: path.to_path_buf(), why }
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
