//! Reads what the command line names and has it judged.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::base::text::display_name;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::output;
use crate::finding::Finding;
use crate::model::{Inventory, RootKind};
use crate::report::Scene;
use crate::scan::{self, Target};
use crate::session::{Request, Scan};

/// What was found at the paths of a command line.
pub struct Look {
    /// All of it.
    pub inventory: Inventory,
    /// What is wrong with it, as far as the run asks for it.
    pub findings: Vec<Finding>,
    /// The files that were named singly.
    focus: Vec<(PathBuf, OsString)>,
    /// Something could not be read.
    incomplete: bool,
}

impl Look {
    /// Looks at `paths`, or at all certs.d directories of the machine where there are none. What cannot be read is said on
    /// standard error and left out.
    ///
    /// # Errors
    /// Where nothing is left to look at.
    pub fn at(context: &Context, paths: &[PathBuf]) -> Result<Self, Failure> {
        let (targets, mut incomplete) = targets(context, paths)?;
        let focus = focus(&targets);
        let request = Request { targets, rules: context.rules.clone(), settings: context.settings };
        let outcome = Scan::start(request).collect();
        for root in &outcome.inventory.roots {
            if let Some(error) = root.error {
                output::note(&format!("{}: {}", display_name(&root.path), error.errno));
                incomplete = true;
            }
        }
        let mut findings = outcome.findings;
        let is_in_focus = |finding: &Finding| {
            let mut named = focus.iter().filter(|(directory, _)| **directory == *finding.place.directory).peekable();
            named.peek().is_none() || named.any(|(_, name)| finding.place.file.as_ref() == Some(name))
        };
        findings.retain(|finding| finding.severity >= context.min_severity && is_in_focus(finding));
        Ok(Self { inventory: outcome.inventory, findings, focus, incomplete })
    }

    /// It as the reports take it.
    pub fn scene(&self, context: &Context) -> Scene<'_> {
        Scene {
            inventory: &self.inventory,
            findings: &self.findings,
            focus: &self.focus,
            now: context.settings.now,
            expires_within: context.settings.expires_within,
        }
    }

    /// How a run ends that only prints it.
    pub fn exit(&self) -> Exit {
        if self.incomplete { Exit::Unreadable } else { Exit::Clean }
    }
}

/// What the paths mean, and whether one of them leads nowhere.
pub fn targets(context: &Context, paths: &[PathBuf]) -> Result<(Vec<Target>, bool), Failure> {
    if paths.is_empty() {
        let roots = scan::default_roots(&context.environment);
        let targets: Vec<Target> = roots.into_iter().map(Target::Root).collect();
        return match targets.is_empty() {
            true => Err(Failure::NoRoots(context.environment.prefix.clone())),
            false => Ok((targets, false)),
        };
    }
    let (targets, mut failures): (Vec<_>, Vec<_>) =
        paths.iter().map(|path| scan::resolve(path)).partition(Result::is_ok);
    let targets: Vec<Target> = targets.into_iter().flatten().collect();
    let last = failures.pop();
    for error in failures.iter().filter_map(|failure| failure.as_ref().err()) {
        output::note(&format!("{}: {}", display_name(&error.path), error.errno));
    }
    match last {
        Some(Err(error)) if targets.is_empty() => Err(error.into()),
        Some(Err(error)) => {
            output::note(&format!("{}: {}", display_name(&error.path), error.errno));
            Ok((targets, true))
        }
        _ => Ok((targets, false)),
    }
}

/// The files named singly whose directories are not looked at as a whole.
fn focus(targets: &[Target]) -> Vec<(PathBuf, OsString)> {
    let is_whole = |directory: &PathBuf| {
        targets.iter().any(|target| match target {
            Target::Root(root) => root.kind != RootKind::Partial && directory.parent() == Some(&root.path),
            Target::Host { path, .. } => path == directory,
            Target::File { .. } => false,
        })
    };
    let file = |target: &Target| match target {
        Target::File { directory, name, .. } if !is_whole(directory) => Some((directory.clone(), name.clone())),
        _ => None,
    };
    targets.iter().filter_map(file).collect()
}
