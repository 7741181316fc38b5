//! A name that is typed, and what every engine would say of it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::base::stamp::Stamp;
use crate::engine::{Engine, Judge};
use crate::finding::{Applicability, Change, Fix};
use crate::fix::{Plan, Reason, Sources, Verdict};
use crate::model::{HostDir, Inventory, Root};
use crate::tui::action::Edit;
use crate::tui::line_edit::LineEdit;
use crate::tui::tree::{Identity, Tree};

/// The endings that Tab goes through.
const ENDINGS: [&str; 3] = [".crt", ".cert", ".key"];

/// The longest name that a file can have, in bytes.
const LONGEST: usize = 255;

/// A file or host directory that gets another name.
#[derive(Debug)]
pub struct Rename {
    /// The name that it has.
    pub name: OsString,
    /// What is typed.
    pub line: LineEdit,
    /// Why it cannot have that name, as a phrase.
    pub problem: Option<String>,
    /// What engines say before and after.
    pub verdicts: Vec<Verdict>,
    path: PathBuf,
    host: Arc<HostDir>,
    root: Root,
    /// What stood there before anybody typed: the name, less what cannot be typed.
    first: String,
}

/// No file is read while somebody types.
struct NoSources;

impl Sources for NoSources {
    fn read(&self, _: &Path, _: &Stamp) -> Option<Zeroizing<Vec<u8>>> {
        None
    }
}

impl Rename {
    /// Begins with the name that a file of the host directory has, or the directory itself.
    pub fn new(root: Root, host: Arc<HostDir>, file: Option<&OsStr>, tree: &Tree) -> Self {
        let path = file.map_or_else(|| host.path.clone(), |file| host.path.join(file));
        let name = file.unwrap_or(&host.name).to_os_string();
        let line = LineEdit::new(name.to_str().unwrap_or_default(), LONGEST);
        let first = line.text();
        let mut rename = Self { name, line, problem: None, verdicts: Vec::new(), path, host, root, first };
        rename.judge(tree);
        rename
    }

    /// Changes what is typed.
    pub fn apply(&mut self, edit: &Edit, tree: &Tree) {
        self.line.apply(edit);
        self.judge(tree);
    }

    /// Gives the name the next ending.
    pub fn next_ending(&mut self, tree: &Tree) {
        let text = self.line.text();
        let now = ENDINGS.iter().position(|ending| text.ends_with(ending));
        let stem = match now.and_then(|now| ENDINGS.get(now)) {
            Some(ending) => text.strip_suffix(ending).unwrap_or(&text).to_owned(),
            None => text.rsplit_once('.').map_or(text.as_str(), |(stem, _)| stem).to_owned(),
        };
        let next = now.map_or(0, |now| (now + 1) % ENDINGS.len());
        let ending = ENDINGS.get(next).copied().unwrap_or_default();
        self.line = LineEdit::new(&format!("{stem}{ending}"), LONGEST);
        self.judge(tree);
    }

    /// What is to be done; `None` where the name cannot be.
    pub fn fix(&self) -> Option<(Reason, Fix)> {
        if self.problem.is_some() || !self.differs() {
            return None;
        }
        let to = self.line.text();
        let change = Change::Rename { from: self.path.clone(), to: self.path.with_file_name(&to) };
        let title = format!("rename {} to {to}", self.name.to_string_lossy());
        Some((Reason::Manual, Fix::new(title, Applicability::Unsafe, vec![change])))
    }

    /// The path that it would have.
    fn target(&self) -> PathBuf {
        self.path.with_file_name(self.line.text())
    }

    /// Tells whether it is the host directory itself.
    pub fn is_directory(&self) -> bool {
        self.path == self.host.path
    }

    /// Tells whether another name is typed.
    pub fn differs(&self) -> bool {
        let text = self.line.text();
        text != self.first && self.name.to_str() != Some(&text)
    }

    fn judge(&mut self, tree: &Tree) {
        self.problem = self.wrong(tree);
        let inventory = Inventory { roots: vec![self.root.clone()], hosts: vec![Arc::clone(&self.host)] };
        let planned = self.fix().map(|(reason, fix)| Plan::of_fix(&inventory, reason, &fix, &NoSources));
        self.verdicts = match planned {
            Some(Ok(planned)) => {
                planned.outlook(&inventory).first().map(|host| host.verdicts(&judges())).unwrap_or_default()
            }
            Some(Err(obstacle)) => {
                self.problem = Some(obstacle.to_string());
                Vec::new()
            }
            None => judges().into_iter().map(|judge| unchanged(judge, &self.host)).collect(),
        };
    }

    /// Why the name that is typed cannot be.
    fn wrong(&self, tree: &Tree) -> Option<String> {
        let text = self.line.text();
        let is_there = || match self.is_directory() {
            true => tree.find(&Identity::Host(self.target(), None)).is_some(),
            false => self.host.file(OsStr::new(&text)).is_some(),
        };
        if text.is_empty() {
            Some("a name cannot be empty".to_owned())
        } else if text.contains('/') {
            Some("a name cannot have a slash".to_owned())
        } else if text == "." || text == ".." {
            Some(format!("{text} is no name"))
        } else if text.len() > LONGEST {
            Some(format!("a name has at most {LONGEST} bytes"))
        } else if self.differs() && is_there() {
            Some(format!("{text} exists"))
        } else {
            None
        }
    }
}

/// Every engine, those that people run first.
fn judges() -> Vec<Judge> {
    Verdict::judges().into_iter().chain([Judge::newest(Engine::Buildkit)]).collect()
}

fn unchanged(judge: Judge, host: &HostDir) -> Verdict {
    Verdict { judge, before: Some(judge.load(host)), after: judge.load(host) }
}
