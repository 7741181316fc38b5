//! A plan carried out: every expectation is looked at again, each step is written down before it is made, and where one
//! fails all of them are taken back.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

use crate::base::cancel::Cancel;
use crate::base::clock::Timestamp;
use crate::base::stamp::Stamp;
use crate::base::text::display_name;
use crate::finding::{Change, NewContent};
use crate::fix::aside::{self, Aside};
use crate::fix::author::Author;
use crate::fix::deed::{Begun, Deed};
use crate::fix::disk::{Disk, DiskError, moved};
use crate::fix::expect::{check, expectation};
use crate::fix::journal::{Entry, Journal, JournalError, RootEntry};
use crate::fix::operation::{Operation, OperationId, OperationKind};
use crate::fix::place::Found;
use crate::fix::plan::{Expectation, Expected, Plan, PlannedFix, Root};
use crate::fix::record;
use crate::fix::recover;
use crate::fix::route::{destination, origin, within};
use crate::fix::version::{Identity, Meta, Version};
use crate::pki::{self, Interner, Rewrite, RewriteError, rewrite};

/// How a plan is carried out.
pub struct Run<'a> {
    /// Raised to stop behind the fix that is under way.
    pub cancel: &'a Cancel,
    /// Told how many fixes of how many are done.
    pub progress: &'a dyn Fn(usize, usize),
    /// Gives the passphrase of the keys in a file.
    pub passphrase: &'a dyn Fn(&Path) -> Option<Zeroizing<String>>,
    /// The present moment.
    pub now: Timestamp,
    /// Who does it.
    pub author: Author,
}

/// Why nothing was done. What had been done was taken back, unless it says otherwise.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ApplyError {
    /// Something is not as it was when the plan was made, or a step failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The bytes of a file cannot be made anew.
    #[error("{}: {}", display_name(.0), .1)]
    Rewrite(PathBuf, RewriteError),
    /// The bytes of a file are not at hand.
    #[error("what {} is to hold is not known any more", display_name(.0))]
    NoContent(PathBuf),
    /// A step failed, and what was done before could not be taken back; the next start tries again.
    #[error("{cause}; what was done before could not be taken back ({rollback}), which the next start tries again")]
    HalfDone {
        /// What failed
        cause: Box<ApplyError>,
        /// Why it could not be taken back
        rollback: Box<ApplyError>,
    },
    /// A step failed, and somebody else has changed meanwhile what was to be taken back.
    #[error("{cause}; what was done before was taken back, but {}", .conflicts.join("; "))]
    Conflicts {
        /// What failed
        cause: Box<ApplyError>,
        /// What was left as it is: a sentence each, safe to show
        conflicts: Vec<String>,
    },
    /// Somebody cancelled before anything was done.
    #[error("cancelled before anything was changed")]
    Cancelled,
    /// The plan does nothing.
    #[error("there is nothing to do")]
    Nothing,
    /// The system has no random number to give.
    #[error("the system gives no random number")]
    NoRandom,
    /// There is no such operation, or it does not stand.
    #[error("{0}")]
    NoOperation(String),
    /// A later operation has touched the same files.
    #[error("operation {of} cannot be taken back: operation {later} has changed {} since", display_name(path))]
    Dependent {
        /// The operation
        of: OperationId,
        /// The later one
        later: OperationId,
        /// What both touched
        path: PathBuf,
    },
}

/// Carries out a plan, whose paths are absolute, as one operation.
///
/// # Errors
/// Where something is not as expected, or a step fails: then nothing is changed.
pub fn apply(journal: &mut Journal, plan: &Plan, run: &Run<'_>) -> Result<Operation, ApplyError> {
    if plan.is_empty() {
        return Err(ApplyError::Nothing);
    }
    let kernel = journal.kernel();
    let disk = Disk::open(&plan.roots, &kernel)?;
    let mut work = Work::begin(journal, &disk, &plan.expectations, run)?;
    work.open(OperationKind::Fix, &plan.roots)?;
    let total = plan.fixes.len();
    let mut done = 0;
    for fix in &plan.fixes {
        if run.cancel.is_raised() {
            break;
        }
        (run.progress)(done, total);
        for change in &fix.changes {
            if let Err(error) = work.change(change) {
                return Err(work.roll_back(error));
            }
        }
        done += 1;
    }
    (run.progress)(done, total);
    if done == 0 {
        return Err(work.roll_back(ApplyError::Cancelled));
    }
    work.close(plan.fixes.get(..done).unwrap_or_default().to_vec(), total - done)
}

/// An operation under way.
pub(crate) struct Work<'a> {
    journal: &'a mut Journal,
    disk: &'a Disk<'a>,
    run: &'a Run<'a>,
    id: OperationId,
    operation: Option<Operation>,
    /// What its names aside have in common
    nonce: String,
    steps: Vec<Begun>,
    /// What is known to be at a path by now.
    known: HashMap<PathBuf, Expectation>,
}

impl<'a> Work<'a> {
    /// Looks whether everything is as expected.
    pub fn begin(
        journal: &'a mut Journal,
        disk: &'a Disk<'a>,
        expectations: &[Expected],
        run: &'a Run<'a>,
    ) -> Result<Self, ApplyError> {
        let mut known = HashMap::new();
        for expected in expectations {
            check(&disk.look(&expected.path)?, expected)?;
            known.insert(expected.path.clone(), expected.is.clone());
        }
        let id = journal.next_id();
        let nonce = aside::nonce().ok_or(ApplyError::NoRandom)?;
        Ok(Self { journal, disk, run, id, operation: None, nonce, steps: Vec::new(), known })
    }

    /// Writes down that the operation begins.
    pub fn open(&mut self, kind: OperationKind, roots: &[Root]) -> Result<(), ApplyError> {
        let operation = Operation {
            id: self.id,
            at: self.run.now,
            user: self.run.author.user.clone(),
            machine: self.run.author.machine.clone(),
            kind,
            fixes: Vec::new(),
            left: 0,
            undone_by: None,
        };
        let roots = roots.iter().cloned().map(RootEntry::from).collect();
        self.journal.append(Entry::Begin { operation: operation.clone(), roots, nonce: self.nonce.clone() })?;
        self.operation = Some(operation);
        Ok(())
    }

    /// Makes a change.
    fn change(&mut self, change: &Change) -> Result<(), ApplyError> {
        match change {
            Change::CreateDirectory { path, mode } => {
                self.deed(Deed::MakeDirectory { path: path.clone(), mode: *mode })
            }
            Change::Create { path, content, mode } => self.create(path, content, *mode),
            Change::Rename { from, to } | Change::SetAside { from, to } => {
                let identity = self.identity(from)?;
                self.deed(Deed::Rename { from: from.clone(), to: to.clone(), identity })
            }
            Change::Write { path, source, rewrite, mode } => self.write(path, source, *rewrite, *mode),
            Change::SetMode { path, mode } => {
                let stamp = self.current(path)?;
                if stamp.mode == *mode {
                    return Ok(());
                }
                if opens(stamp.mode, *mode) && matches!(self.disk.look(path)?, Found::File(_)) {
                    keep_closed(path, &self.disk.read(path)?.bytes, stamp.mode, *mode)?;
                }
                let identity = (stamp.device, stamp.inode);
                self.deed(Deed::SetMode { path: path.clone(), old: stamp.mode, new: *mode, identity })
            }
            Change::SetOwner { path, uid, gid } => {
                let stamp = self.current(path)?;
                let (old, new) = ((stamp.uid, stamp.gid), (*uid, *gid));
                if old == new {
                    return Ok(());
                }
                self.deed(Deed::SetOwner { path: path.clone(), old, new, identity: (stamp.device, stamp.inode) })
            }
        }
    }

    /// Makes a file out of nothing that is there. As a new file of any program it is this user's, and of the group of a
    /// directory that says so.
    fn create(&mut self, path: &Path, content: &NewContent, mode: u32) -> Result<(), ApplyError> {
        let bytes = content.bytes().ok_or_else(|| ApplyError::NoContent(path.to_path_buf()))?;
        keep_closed(path, bytes, 0, mode)?;
        let parent = self.disk.look(path.parent().unwrap_or(path))?;
        let version = Version::new(bytes, Meta::of_new(mode, &parent, self.run.now));
        self.journal.keep(&version.blob, bytes)?;
        self.deed(Deed::CreateFile { path: path.to_path_buf(), version })
    }

    /// Makes a file out of another, or anew out of itself.
    fn write(&mut self, path: &Path, source: &Path, what: Rewrite, mode: Option<u32>) -> Result<(), ApplyError> {
        let contents = self.disk.read(source)?;
        self.check_source(source, contents.stamp)?;
        let passphrase = if what == Rewrite::Decrypted { (self.run.passphrase)(source) } else { None };
        let passphrase = passphrase.as_ref().map(|text| text.as_str());
        let bytes = rewrite::rewrite(&contents.bytes, what, passphrase)
            .map_err(|error| ApplyError::Rewrite(source.to_path_buf(), error))?;
        // What is made to hold a key, or to hold it open, is its owner's alone unless the plan says otherwise.
        let is_secret = matches!(what, Rewrite::Keys | Rewrite::Decrypted);
        let before = if is_secret { contents.meta.mode & 0o700 } else { contents.meta.mode };
        let mode = mode.unwrap_or(before);
        keep_closed(path, &bytes, before, mode)?;
        let new = Version::new(&bytes, contents.meta.with_mode(mode));
        if path != source {
            self.journal.keep(&new.blob, &bytes)?;
            return self.deed(Deed::CreateFile { path: path.to_path_buf(), version: new });
        }
        let old = Version::new(&contents.bytes, contents.meta);
        if old == new {
            return Ok(());
        }
        self.journal.keep(&old.blob, &contents.bytes)?;
        self.journal.keep(&new.blob, &bytes)?;
        let identity = (contents.stamp.device, contents.stamp.inode);
        self.deed(Deed::ReplaceFile { path: path.to_path_buf(), old, new, identity })
    }

    /// Takes back a step of an operation that is done.
    pub fn reverse(&mut self, deed: &Deed) -> Result<(), ApplyError> {
        let path = deed.target();
        let there = self.checked(path)?.identity();
        let reversed = deed.reversed(there).ok_or_else(|| moved(path, "is not there any more"))?;
        self.deed(reversed)
    }

    /// Writes a step down, then makes it.
    fn deed(&mut self, deed: Deed) -> Result<(), ApplyError> {
        let (operation, number) = (self.id, self.steps.len());
        self.journal.append(Entry::Deed { operation, number, step: deed.clone() })?;
        self.steps.push(Begun { deed: deed.clone(), made: None });
        let aside = Aside { nonce: &self.nonce, number };
        let made = deed.prepare(self.disk, self.journal, &aside)?;
        if let Some(identity) = made {
            self.journal.append(Entry::Made { operation, number, identity })?;
            self.steps.iter_mut().last().into_iter().for_each(|step| step.made = made);
        }
        deed.carry_out(self.disk, &aside, made)?;
        self.learn(&deed)
    }

    /// Writes down that everything was done, and clears away what waits aside.
    pub fn close(mut self, fixes: Vec<PlannedFix>, left: usize) -> Result<Operation, ApplyError> {
        let after = match self.after() {
            Ok(after) => after,
            Err(error) => return Err(self.roll_back(error)),
        };
        let done = Entry::Done { operation: self.id, fixes: fixes.clone(), left, after };
        if let Err(error) = self.journal.append(done) {
            // The journal may say that everything is done: the next start sees what it says, and acts on that.
            let is_open = self.journal.is_torn();
            return Err(if is_open {
                half_done(error.clone().into(), error.into())
            } else {
                self.roll_back(error.into())
            });
        }
        self.clear_away();
        let operation = self.operation.take().ok_or(ApplyError::Nothing)?;
        Ok(Operation { fixes, left, ..operation })
    }

    /// What cannot be cleared away now is by the next start: the operation is done.
    fn clear_away(&mut self) {
        let clear = || recover::clear_away(self.disk, &self.nonce, &self.steps);
        if record::has_waste(&self.steps) && clear().or_else(|_| clear()).is_ok_and(|left| left.is_empty()) {
            let _ = self.journal.append(Entry::Cleared { operation: self.id });
        }
    }

    /// Takes everything back, because of `cause`, and gives that.
    pub fn roll_back(self, cause: ApplyError) -> ApplyError {
        if matches!(cause, ApplyError::Disk(DiskError::Stopped) | ApplyError::Journal(JournalError::Stopped)) {
            return cause;
        }
        let conflicts = match recover::take_back(self.disk, &self.nonce, &self.steps) {
            Ok(conflicts) => conflicts,
            Err(error) => return half_done(cause, error.into()),
        };
        let why = [cause.to_string()].into_iter().chain(conflicts.iter().cloned()).collect::<Vec<_>>().join("; ");
        // Where this cannot be written, the next start finds nothing left to take back, and says so.
        let _ = self.journal.append(Entry::RolledBack { operation: self.id, why });
        if conflicts.is_empty() { cause } else { ApplyError::Conflicts { cause: Box::new(cause), conflicts } }
    }

    /// Device and inode of what is known to be at a path.
    fn identity(&self, path: &Path) -> Result<Identity, ApplyError> {
        let identity = self.checked(path)?.identity();
        Ok(identity.ok_or_else(|| moved(path, "is not there any more"))?)
    }

    /// What is at a path, which must be what is known to be there.
    fn checked(&self, path: &Path) -> Result<Found, ApplyError> {
        let found = self.disk.look(path)?;
        let is = match self.known.get(path) {
            Some(known) => known.clone(),
            // In a directory that was made just now there is nothing yet.
            None if origin(&self.steps, path).is_none() => Expectation::Absent,
            None => return Err(moved(path, "is nothing that the plan knows of").into()),
        };
        check(&found, &Expected { path: path.to_path_buf(), is })?;
        Ok(found)
    }

    fn current(&self, path: &Path) -> Result<Stamp, ApplyError> {
        match self.checked(path)? {
            Found::File(stamp) | Found::Directory(stamp) => Ok(stamp),
            _ => Err(moved(path, "is neither a file nor a directory").into()),
        }
    }

    fn check_source(&self, path: &Path, stamp: Stamp) -> Result<(), ApplyError> {
        match self.known.get(path) {
            Some(known) => {
                let expected = Expected { path: path.to_path_buf(), is: known.clone() };
                Ok(check(&Found::File(stamp), &expected)?)
            }
            None => Err(moved(path, "is nothing that the plan knows of").into()),
        }
    }

    /// Notes what a step has left.
    fn learn(&mut self, deed: &Deed) -> Result<(), ApplyError> {
        if let Deed::Rename { from, to, .. } = deed {
            // There was nothing; what is there now has come along.
            self.known.retain(|path, _| !path.starts_with(to));
            let inside: Vec<PathBuf> = self.known.keys().filter(|path| path.starts_with(from)).cloned().collect();
            for path in inside {
                if let (Some(known), Some(moved)) = (self.known.remove(&path), within(&path, from, to)) {
                    self.known.insert(moved, known);
                }
            }
        }
        for path in deed.paths() {
            let found = self.disk.look(path)?;
            self.known.insert(path.to_path_buf(), expectation(found));
        }
        Ok(())
    }

    /// What is at the paths that were touched, and at those that these have by now.
    fn after(&self) -> Result<Vec<Expected>, ApplyError> {
        let mut paths: BTreeSet<PathBuf> = BTreeSet::new();
        for (number, step) in self.steps.iter().enumerate() {
            let later = self.steps.get(number + 1..).unwrap_or_default();
            paths.extend(step.deed.paths().flat_map(|path| [path.to_path_buf(), destination(later, path)]));
        }
        paths.into_iter().map(|path| Ok(Expected { is: expectation(self.disk.look(&path)?), path })).collect()
    }
}

fn half_done(cause: ApplyError, rollback: ApplyError) -> ApplyError {
    ApplyError::HalfDone { cause: Box::new(cause), rollback: Box::new(rollback) }
}

/// Whatever a plan says: no private key becomes more open to others than it was.
fn keep_closed(path: &Path, bytes: &[u8], before: u32, mode: u32) -> Result<(), DiskError> {
    let holds_key = || pki::parse(bytes, &Interner::default()).private_keys().next().is_some();
    if opens(before, mode) && holds_key() {
        return Err(DiskError::OpenKey { path: path.to_path_buf(), mode });
    }
    Ok(())
}

/// Tells whether others may do more by the second mode than by the first.
fn opens(before: u32, after: u32) -> bool {
    after & !before & 0o077 != 0
}
