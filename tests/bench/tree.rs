//! The large tree that is measured.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use certwright::model::{Root, RootKind};
use certwright::rules::Settings;
use certwright::rules::registry::RuleSet;
use certwright::sample::Sample;
use certwright::scan::Target;
use certwright::session::{Outcome, Request, Scan};

use crate::describe;

/// The tree of a name and a description, made now where an earlier run did not.
#[expect(clippy::disallowed_methods, reason = "a tree in target, which is there complete or not at all")]
pub fn made(name: &str, describe: impl FnOnce() -> String) -> Result<PathBuf, Box<dyn Error>> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let complete = target.join(name);
    if !complete.exists() {
        let partial = tempfile::tempdir_in(target)?;
        Sample::parse(&describe())?.build(describe::NOW, partial.path())?;
        fs::rename(partial.keep(), &complete)?;
    }
    Ok(complete)
}

/// What `certwright check` does before it prints.
pub fn check(corpus: &Path) -> Outcome {
    let root = Root { path: corpus.to_path_buf(), kind: RootKind::Given, error: None };
    let settings = Settings { now: describe::NOW, expires_within: 30 };
    let (targets, rules) = (vec![Target::Root(root)], Arc::new(RuleSet::default()));
    Scan::start(Request { targets, rules, settings, installed: Arc::default() }).collect()
}
