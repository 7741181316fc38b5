//! Reads what the command line names and has it judged.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::text::display_name;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::output;
use crate::engine::installed::Installed;
use crate::finding::Finding;
use crate::model::{Inventory, Root, RootKind, Unread};
use crate::report::Scene;
use crate::scan::{self, Target};
use crate::session::setting_up::candidates;
use crate::session::{Request, Scan};

/// What was found at the paths of a command line.
pub struct Look {
    /// All of it.
    pub inventory: Inventory,
    /// What is wrong with it, as far as the run asks for it.
    pub findings: Vec<Finding>,
    /// What is installed on the host that it belongs to.
    pub installed: Arc<Installed>,
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
        let (request, mut incomplete) = request(context, paths)?;
        let focus = focus(&request.targets);
        let installed = Arc::clone(&request.installed);
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
        Ok(Self { inventory: outcome.inventory, findings, installed, focus, incomplete })
    }

    /// Tells whether all of a host directory is looked at, and not only files that were named singly.
    pub fn is_whole(&self, directory: &Path) -> bool {
        !self.focus.iter().any(|(focused, _)| focused == directory)
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
        let is_unread = |(directory, name): &(PathBuf, OsString)| {
            let file = self.inventory.host_at(directory).and_then(|host| host.file(name));
            file.is_none_or(|file| matches!(file.unread(), Some(Unread::Failed(_) | Unread::TooLarge)))
        };
        if self.incomplete || self.focus.iter().any(is_unread) { Exit::Unreadable } else { Exit::Clean }
    }
}

/// What a scan of the paths is to look at and to know, and whether one of them leads nowhere.
///
/// # Errors
/// Where nothing is left to look at.
pub fn request(context: &Context, paths: &[PathBuf]) -> Result<(Request, bool), Failure> {
    // What is named may be a copy: its host's configuration is not this one's.
    let is_host = paths.is_empty();
    let read = || Installed::detect(&scan::read_configuration(&context.environment));
    let installed = if is_host { read() } else { Installed::default() };
    let (targets, incomplete) = targets(context, paths, &installed)?;
    let (rules, settings, installed) = (context.rules.clone(), context.settings, Arc::new(installed));
    Ok((Request { targets, rules, settings, installed }, incomplete))
}

/// What the screen is to look at and to know; and where on this machine hosts can be set up, beside what the paths name.
///
/// # Errors
/// Where nothing is left to look at.
pub fn request_of_screen(context: &Context, paths: &[PathBuf]) -> Result<(Request, Vec<Root>), Failure> {
    if !paths.is_empty() {
        return Ok((request(context, paths)?.0, Vec::new()));
    }
    let installed = Installed::detect(&scan::read_configuration(&context.environment));
    // A directory that was made by mistake is to be heard of first.
    let targets = match targets(context, paths, &installed) {
        Err(Failure::NoRoots { mistyped: None, .. }) => Vec::new(),
        targets => targets?.0,
    };
    let roots = candidates(&context.environment, &installed);
    let is_named =
        |root: &Root| targets.iter().any(|target| matches!(target, Target::Root(other) if other.path == root.path));
    let others: Vec<Target> = roots.iter().filter(|root| !is_named(root)).cloned().map(Target::Possible).collect();
    let targets = targets.into_iter().chain(others).collect();
    let (rules, settings, installed) = (context.rules.clone(), context.settings, Arc::new(installed));
    Ok((Request { targets, rules, settings, installed }, roots))
}

/// What the paths mean, and whether one of them leads nowhere.
fn targets(context: &Context, paths: &[PathBuf], installed: &Installed) -> Result<(Vec<Target>, bool), Failure> {
    if paths.is_empty() {
        let roots = scan::default_roots(&context.environment);
        let targets: Vec<Target> = roots.into_iter().map(Target::Root).collect();
        if !targets.is_empty() {
            return Ok((targets, false));
        }
        let on_disk = |path| installed.on_disk(path);
        let mistyped = installed.near_misses.first().map(|miss| (on_disk(&miss.path), on_disk(&miss.meant)));
        return Err(Failure::NoRoots { prefix: context.environment.prefix.clone(), mistyped });
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
            Target::Root(root) | Target::Possible(root) => {
                root.kind != RootKind::Partial && directory.parent() == Some(&root.path)
            }
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
