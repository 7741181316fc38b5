//! A plan: fixes in order, and what must be true of every file that they touch when they are carried out.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::encoded_path;
use crate::base::stamp::Stamp;
use crate::finding::{Applicability, Change, Code, Finding, Fix, Place};
use crate::fix::preview::{Obstacle, Preview, Sources};
use crate::fix::promise;
use crate::fix::route::within;
use crate::model::{self, Inventory};
use crate::pki::RewriteError;

/// So many rounds of fixes that follow from fixes are planned at most. They converge in two or three.
const MAX_ROUNDS: usize = 8;

/// Fixes to be carried out together, as one operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The directories that nothing outside of is touched.
    pub roots: Vec<Root>,
    /// The fixes, in order.
    pub fixes: Vec<PlannedFix>,
    /// What must be at the paths that are touched before the first of them, in order of path.
    pub expectations: Vec<Expected>,
}

/// A directory that a plan stays in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Its path.
    #[serde(with = "encoded_path")]
    pub path: PathBuf,
    /// Where it is yet to be made: the directory above it that is there, in which only what leads to it is made.
    #[serde(with = "encoded_path::option", default, skip_serializing_if = "Option::is_none")]
    pub base: Option<PathBuf>,
}

impl Root {
    /// A directory that is there.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), base: None }
    }
}

/// One fix of a plan. It is carried out as a whole, or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedFix {
    /// Why.
    pub reason: Reason,
    /// What it does, as an imperative; may hold foreign text.
    pub title: String,
    /// What it promises, as the engines bear out.
    pub promise: Applicability,
    /// What is done, in order.
    pub changes: Vec<Change>,
}

/// Why something is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A finding of the rule with this code ("CW101")
    Rule(String),
    /// Somebody typed it
    Manual,
}

/// What must be at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The path.
    #[serde(with = "encoded_path")]
    pub path: PathBuf,
    /// What must be there.
    pub is: Expectation,
}

/// What is expected at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// Nothing
    Absent,
    /// The file that was seen, no link: same device, inode, size, time of change, mode and owner
    File(Stamp),
    /// A symbolic link that says this, as it was seen
    Link {
        /// What the link says
        #[serde(with = "encoded_path")]
        target: PathBuf,
    },
    /// The directory that was seen: same device and inode
    Directory(Stamp),
}

/// A plan with what it leaves to people.
#[derive(Clone, Debug, Default)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Everything as it would be after it. Host directories keep their indices; new ones come behind them.
    pub after: Inventory,
    /// Indices of the host directories that it changes.
    pub changed: Vec<usize>,
    /// Findings that the plan leaves, and that something would mend.
    pub held_back: HeldBack,
}

/// Why fixes are not in a plan, counted by finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldBack {
    /// They may change trust or access: `--unsafe` takes them in.
    pub unsafe_fixes: usize,
    /// There are several that are equally likely: somebody has to choose.
    pub choices: usize,
    /// A key has to be opened, and nobody gave its passphrase, or another.
    pub passphrases: usize,
    /// They are to be done by hand.
    pub by_hand: usize,
    /// Something stands in their way.
    pub blocked: usize,
}

impl HeldBack {
    /// Tells whether anything is held back.
    pub fn any(self) -> bool {
        self != Self::default()
    }
}

/// What `all` would take of a finding.
enum Pick<'a> {
    /// This fix
    Fix(&'a Fix),
    /// Nothing that is allowed, but something unsafe
    Unsafe,
    /// Several that are equally likely
    Choice,
    /// Something by hand
    ByHand,
    /// There is no fix.
    Nothing,
}

impl Plan {
    /// Plans what mends the findings, and what follows from that, until nothing is left that is allowed.
    ///
    /// `judge` tells what is wrong in the host directories of these indices, and between all of them, of the kinds of
    /// findings that are to be mended.
    pub fn build(
        inventory: &Inventory,
        findings: &[Finding],
        allowed: Applicability,
        sources: &dyn Sources,
        judge: &mut dyn FnMut(&Inventory, &BTreeSet<usize>) -> Vec<Finding>,
    ) -> Planned {
        let mut builder = Builder::new(inventory, sources);
        let mut open = findings.to_vec();
        let mut held_back = HeldBack::default();
        for _ in 0..MAX_ROUNDS {
            let paths;
            (held_back, paths) = builder.round(&open, allowed);
            let touched = builder.preview.take_touched();
            if touched.is_empty() {
                break;
            }
            let after = builder.preview.inventory();
            let path_of =
                |inventory: &Inventory, index: usize| inventory.hosts.get(index).map(|host| host.path.clone());
            let before_and_after =
                touched.iter().flat_map(|index| [path_of(inventory, *index), path_of(after, *index)]);
            let stale: HashSet<PathBuf> = before_and_after.flatten().collect();
            let judged = judge(after, &touched);
            let known: HashSet<_> = judged.iter().map(identity).collect();
            let is_stale = |finding: &Finding| {
                let is_about = || finding.fixes.iter().any(|fix| paths.meets(fix));
                stale.contains(&*finding.place.directory) || known.contains(&identity(finding)) || is_about()
            };
            open.retain(|finding| !is_stale(finding));
            open.extend(judged);
        }
        builder.finish(held_back)
    }

    /// Plans one fix, whatever it promises.
    ///
    /// # Errors
    /// What stands in its way.
    pub fn of_fix(
        inventory: &Inventory,
        reason: Reason,
        fix: &Fix,
        sources: &dyn Sources,
    ) -> Result<Planned, Obstacle> {
        let mut builder = Builder::new(inventory, sources);
        builder.add(reason, fix, Applicability::DisplayOnly)?;
        Ok(builder.finish(HeldBack::default()))
    }

    /// Tells whether it does nothing.
    pub fn is_empty(&self) -> bool {
        self.fixes.is_empty()
    }

    /// All changes in order.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.fixes.iter().flat_map(|fix| &fix.changes)
    }

    /// The same plan with relative paths made absolute, from `directory`.
    #[must_use]
    pub fn anchored(&self, directory: &Path) -> Self {
        let anchor = |path: &Path| directory.join(path.strip_prefix(".").unwrap_or(path));
        Self {
            roots: self
                .roots
                .iter()
                .map(|root| Root { path: anchor(&root.path), base: root.base.as_deref().map(anchor) })
                .collect(),
            fixes: self
                .fixes
                .iter()
                .map(|fix| PlannedFix {
                    changes: fix.changes.iter().map(|change| change.map_paths(anchor)).collect(),
                    ..fix.clone()
                })
                .collect(),
            expectations: self
                .expectations
                .iter()
                .map(|expected| Expected { path: anchor(&expected.path), is: expected.is.clone() })
                .collect(),
        }
    }
}

/// Several plans joined into one, in order: what a person staged one by one.
pub struct Builder<'a> {
    preview: Preview<'a>,
    fixes: Vec<PlannedFix>,
    expectations: BTreeMap<PathBuf, Expectation>,
    /// Paths at which the plan has put something.
    made: BTreeSet<PathBuf>,
    /// The changes of its fixes. What is done once is not done again, whatever a finding says that stays.
    done: HashSet<Vec<Change>>,
    original: &'a Inventory,
    /// Roots that are yet to be made.
    new_roots: Vec<Root>,
}

impl<'a> Builder<'a> {
    /// An empty plan.
    pub fn new(inventory: &'a Inventory, sources: &'a dyn Sources) -> Self {
        Self {
            preview: Preview::new(inventory, sources),
            fixes: Vec::new(),
            expectations: BTreeMap::new(),
            made: BTreeSet::new(),
            done: HashSet::new(),
            original: inventory,
            new_roots: Vec::new(),
        }
    }

    /// Lets changes make a root that is not there yet, with the directories that lead to it from `base`, which is.
    #[must_use]
    pub fn with_new_root(mut self, root: model::Root, base: &Path) -> Self {
        self.new_roots.push(Root { path: root.path.clone(), base: Some(base.to_path_buf()) });
        self.preview.expect_root(root, base);
        self
    }

    /// Adds a fix, if it promises at least as much as is asked for once the engines were replayed. Tells what it promises.
    ///
    /// # Errors
    /// What stands in its way; the plan is as it was before.
    pub fn add(&mut self, reason: Reason, fix: &Fix, at_least: Applicability) -> Result<Applicability, Obstacle> {
        if fix.changes.is_empty() {
            return Err(Obstacle::ByHand);
        }
        let attempt = self.preview.apply(&fix.changes)?;
        let promise =
            if promise::holds(&attempt, &self.preview) { fix.promise } else { fix.promise.min(Applicability::Unsafe) };
        if promise < at_least {
            self.preview.take_back(attempt);
            return Err(Obstacle::Promise(promise));
        }
        for change in &fix.changes {
            self.expect(change);
        }
        let fix = PlannedFix { reason, title: fix.title.clone(), promise, changes: fix.changes.clone() };
        self.done.insert(fix.changes.clone());
        self.fixes.push(fix);
        Ok(promise)
    }

    /// Everything as it would be.
    pub fn preview(&self) -> &Preview<'a> {
        &self.preview
    }

    /// The plan with what it leaves.
    pub fn finish(self, held_back: HeldBack) -> Planned {
        let is_new = |path: &Path| self.new_roots.iter().any(|new| new.path == path);
        let there = self.original.roots.iter().filter(|root| !is_new(&root.path));
        let roots = there.map(|root| Root::at(&root.path)).chain(self.new_roots.iter().cloned()).collect();
        let expectations = self.expectations.into_iter().map(|(path, is)| Expected { path, is }).collect();
        let changed = self.preview.changed().iter().copied().collect();
        let plan = Plan { roots, fixes: self.fixes, expectations };
        Planned { plan, after: self.preview.into_inventory(), changed, held_back }
    }

    /// Notes what is to be found where a change begins, unless a change before it has put it there. In a directory that
    /// was renamed, that is under the path which it had.
    fn expect(&mut self, change: &Change) {
        for path in change.source().into_iter().chain([change.target()]) {
            let former = self.preview.former(path);
            let is_in_new = path.parent().is_some_and(|parent| self.preview.is_new_directory(self.original, parent));
            let is_made = is_in_new || self.made.contains(path);
            if !is_made && !self.expectations.contains_key(&former) {
                let expectation = self.preview.originally(self.original, &former);
                self.expectations.insert(former, expectation);
            }
        }
        if let Change::Rename { from, to } | Change::SetAside { from, to } = change {
            let inside = self.made.range(from.clone()..).take_while(|path| path.starts_with(from));
            for path in inside.cloned().collect::<Vec<_>>() {
                self.made.remove(&path);
                self.made.extend(within(&path, from, to));
            }
        }
        if change.needs_free_target() {
            self.made.insert(change.target().to_path_buf());
        }
    }

    /// Takes in what `all` takes of each finding: first what mends, then what gives something up. What is about a path that
    /// another fix of the round is about has to wait: it is judged anew. Gives those paths.
    fn round(&mut self, findings: &[Finding], allowed: Applicability) -> (HeldBack, Touched) {
        let mut held_back = HeldBack::default();
        let mut chosen: Vec<(&Finding, &Fix)> = Vec::new();
        let mut undecided: HashSet<&Place> = HashSet::new();
        for finding in findings {
            match pick(finding, allowed) {
                Pick::Nothing => {}
                Pick::Choice => {
                    held_back.choices += 1;
                    undecided.insert(&finding.place);
                }
                Pick::ByHand => held_back.by_hand += 1,
                Pick::Unsafe => held_back.unsafe_fixes += 1,
                Pick::Fix(fix) => chosen.push((finding, fix)),
            }
        }
        // While somebody has to choose what mends a file, it is not given up.
        chosen.retain(|(finding, fix)| !(fix.gives_up() && undecided.contains(&finding.place)));
        chosen.sort_by_key(|(_, fix)| fix.rank());
        let (mut touched, mut mended) = (Touched::default(), HashSet::new());
        for (finding, fix) in chosen {
            if self.done.contains(&fix.changes) || mended.contains(&finding.place) || touched.meets(fix) {
                continue;
            }
            match self.add(Reason::Rule(finding.code.number.to_owned()), fix, allowed) {
                Ok(_) => {
                    touched.add(fix);
                    mended.insert(&finding.place);
                }
                Err(Obstacle::Promise(_)) => held_back.unsafe_fixes += 1,
                Err(Obstacle::Rewrite(_, RewriteError::NoPassphrase | RewriteError::WrongPassphrase)) => {
                    held_back.passphrases += 1;
                }
                Err(_) => held_back.blocked += 1,
            }
        }
        (held_back, touched)
    }
}

/// The paths that the fixes of a round are about.
#[derive(Default)]
struct Touched {
    changed: HashSet<PathBuf>,
    copied: HashSet<PathBuf>,
}

impl Touched {
    fn add(&mut self, fix: &Fix) {
        self.changed.extend(fix.changed().map(Path::to_path_buf));
        self.copied.extend(fix.copied().map(Path::to_path_buf));
    }

    /// Tells whether a fix is about something that is not as it was judged. Several may copy one file.
    fn meets(&self, fix: &Fix) -> bool {
        fix.changed().any(|path| self.changed.contains(path) || self.copied.contains(path))
            || fix.copied().any(|path| self.changed.contains(path))
    }
}

/// What tells findings apart.
fn identity(finding: &Finding) -> (Code, Place, String) {
    (finding.code, finding.place.clone(), finding.message.clone())
}

/// What `all` takes: the one safe fix; where there is none and unsafe ones are allowed, the one unsafe fix.
fn pick(finding: &Finding, allowed: Applicability) -> Pick<'_> {
    let of = |promise| finding.fixes.iter().filter(move |fix| fix.promise == promise);
    for promise in [Applicability::Safe, Applicability::Unsafe] {
        let mut fixes = of(promise);
        match (fixes.next(), fixes.next()) {
            (None, _) => {}
            // No flag takes one of several.
            (Some(_), Some(_)) => return Pick::Choice,
            (Some(_), None) if promise < allowed => return Pick::Unsafe,
            (Some(fix), None) => return Pick::Fix(fix),
        }
    }
    if finding.fixes.is_empty() { Pick::Nothing } else { Pick::ByHand }
}
