//! A half-done operation is taken back: at once where a step fails, at the next start where the program was killed. What a
//! done operation has left aside is cleared away.
//!
//! Everything is looked at, so that this may be interrupted and begun anew. What somebody else has changed meanwhile is left
//! as it is, and told.

use std::path::Path;

use crate::base::stamp::Stamp;
use crate::base::text::display_name;
use crate::fix::aside::Aside;
use crate::fix::deed::{Begun, Deed};
use crate::fix::disk::{Disk, DiskError, moved};
use crate::fix::journal::{Entry, Journal, JournalError};
use crate::fix::operation::Operation;
use crate::fix::place::Found;
use crate::fix::record::{self, Interrupted};
use crate::fix::route::{origin, whereabouts};
use crate::fix::version::Identity;

/// What a killed process had left, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The operation.
    pub operation: Operation,
    /// It was done but for what it had left aside, which is gone now; else it was taken back.
    pub is_done: bool,
    /// How many steps it had begun.
    pub steps: usize,
    /// What was left as it is, since somebody else has changed it meanwhile: a sentence each, safe to show.
    pub conflicts: Vec<String>,
}

/// Puts the last operation in order, if it needs that.
pub(crate) fn recover(journal: &mut Journal) -> Result<Option<Recovery>, JournalError> {
    let Some(interrupted) = record::interrupted(journal.entries()) else { return Ok(None) };
    let Interrupted { operation, roots, nonce, steps, is_done } = interrupted;
    let id = operation.id;
    let failed = |cause: DiskError| match cause {
        DiskError::Stopped => JournalError::Stopped,
        cause => JournalError::Recovery { operation: id, cause: Box::new(cause) },
    };
    let kernel = journal.kernel();
    let disk = Disk::open(&roots, &kernel).map_err(failed)?;
    let conflicts = if is_done {
        let conflicts = clear_away(&disk, &nonce, &steps).map_err(failed)?;
        journal.append(Entry::Cleared { operation: id })?;
        conflicts
    } else {
        let conflicts = take_back(&disk, &nonce, &steps).map_err(failed)?;
        let why = "the program was interrupted".to_owned();
        journal.append(Entry::RolledBack { operation: id, why })?;
        conflicts
    };
    Ok(Some(Recovery { operation, is_done, steps: steps.len(), conflicts }))
}

/// Takes steps back, the last first.
pub(crate) fn take_back(disk: &Disk<'_>, nonce: &str, steps: &[Begun]) -> Result<Vec<String>, DiskError> {
    let mut conflicts = Vec::new();
    for (number, step) in steps.iter().enumerate().rev() {
        let back = Back { disk, aside: Aside { nonce, number }, before: steps.get(..number).unwrap_or_default() };
        match back.step(step) {
            Ok(()) => {}
            Err(error @ (DiskError::Moved { .. } | DiskError::Outside(_))) => conflicts.push(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(conflicts)
}

/// Takes away for good what a done operation has left aside. Tells what is not what it had left.
pub(crate) fn clear_away(disk: &Disk<'_>, nonce: &str, steps: &[Begun]) -> Result<Vec<String>, DiskError> {
    let mut conflicts = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let Some(identity) = step.deed.waste() else { continue };
        let aside = Aside { nonce, number };
        let path = whereabouts(nonce, steps, number + 1, aside.beside(step.deed.target()));
        match disk.look(&path)? {
            Found::Nothing => {}
            Found::Directory(_) if !disk.is_empty_but(&path, &|_| false)? => conflicts.push(stays(&path)),
            found if found.identity() == Some(identity) => disk.discard(&path)?,
            _ => conflicts.push(stays(&path)),
        }
    }
    Ok(conflicts)
}

/// The way back of one step.
struct Back<'a> {
    disk: &'a Disk<'a>,
    aside: Aside<'a>,
    /// The steps before it, which are still standing.
    before: &'a [Begun],
}

impl Back<'_> {
    /// Takes a step back if it was done, and clears away what was made for it.
    fn step(&self, Begun { deed, made }: &Begun) -> Result<(), DiskError> {
        let (disk, path) = (self.disk, deed.target());
        let beside = self.aside.beside(path);
        match deed {
            Deed::Rename { from, to, identity } => self.go_back((to, from), *identity),
            Deed::RemoveFile { identity, .. } | Deed::RemoveDirectory { identity, .. } => {
                self.go_back((&beside, path), *identity)
            }
            Deed::MakeDirectory { .. } => self.unmake(path, *made, || disk.is_empty_but(path, &|_| false)),
            Deed::CreateFile { version, .. } => self.unmake(path, *made, || disk.holds(path, version)),
            Deed::ReplaceFile { new, identity, .. } => {
                if disk.is_at(&beside, *identity)? {
                    let is_ours = disk.holds(path, new)?;
                    self.give_way(path, *identity, made.filter(|_| is_ours))?;
                }
                disk.discard(&beside)
            }
            Deed::SetMode { old, new, identity, .. } => match self.rights(path, *identity)? {
                Some(stamp) if stamp.mode == *new => disk.set_mode(path, *identity, *old),
                Some(stamp) if stamp.mode != *old => Err(moved(path, "has another mode by now")),
                _ => Ok(()),
            },
            Deed::SetOwner { old, new, identity, .. } => match self.rights(path, *identity)? {
                Some(stamp) if (stamp.uid, stamp.gid) == *new => disk.set_owner(path, *identity, *old),
                Some(stamp) if (stamp.uid, stamp.gid) != *old => Err(moved(path, "has another owner by now")),
                _ => Ok(()),
            },
        }
    }

    /// Gives something the name again that it had.
    fn go_back(&self, (now, former): (&Path, &Path), identity: Identity) -> Result<(), DiskError> {
        if !self.disk.is_at(now, identity)? {
            return self.is_back_already(former, identity);
        }
        self.disk.rename(now, former, identity).map_err(|error| match error {
            DiskError::Moved { path, was } => moved(&path, format!("{was}; what it was is in {}", display_name(now))),
            error => error,
        })?;
        self.disk.sync_name(now)?;
        self.disk.sync_name(former)
    }

    /// What was made goes, as long as it is still that.
    fn unmake(
        &self,
        path: &Path,
        made: Option<Identity>,
        is_unchanged: impl FnOnce() -> Result<bool, DiskError>,
    ) -> Result<(), DiskError> {
        let beside = self.aside.beside(path);
        let there = self.disk.look(path)?.identity();
        if let Some(made) = made.filter(|made| there == Some(*made)) {
            if !is_unchanged()? {
                return Err(moved(path, "stays, since someone else has changed it"));
            }
            self.disk.rename(path, &beside, made)?;
            self.disk.sync_name(path)?;
        }
        self.disk.discard(&beside)
    }

    /// Mode and owner of this very thing; `None` where it is back already.
    fn rights(&self, path: &Path, identity: Identity) -> Result<Option<Stamp>, DiskError> {
        match self.disk.look(path)? {
            Found::File(stamp) | Found::Directory(stamp) if (stamp.device, stamp.inode) == identity => Ok(Some(stamp)),
            _ => self.is_back_already(path, identity).map(|()| None),
        }
    }

    /// The file that waits aside gets its name again, which has by now what was `made`, or nothing.
    fn give_way(&self, path: &Path, identity: Identity, made: Option<Identity>) -> Result<(), DiskError> {
        let (disk, beside) = (self.disk, self.aside.beside(path));
        match (disk.look(path)?.identity(), made) {
            (None, _) => disk.rename(&beside, path, identity)?,
            (Some(there), Some(made)) if there == made => disk.exchange((path, made), (&beside, identity))?,
            _ => {
                let words = format!("was changed by someone else; what it was is in {}", display_name(&beside));
                return Err(moved(path, words));
            }
        }
        disk.sync_name(path)
    }

    /// Fails unless something is at the path which it had before all steps, since these were taken back already.
    fn is_back_already(&self, path: &Path, identity: Identity) -> Result<(), DiskError> {
        let Some(origin) = origin(self.before, path) else { return Ok(()) };
        if self.disk.is_at(path, identity)? || self.disk.is_at(&origin, identity)? {
            return Ok(());
        }
        Err(moved(path, "could not be put back, since someone else has changed it"))
    }
}

fn stays(path: &Path) -> String {
    format!("{} stays, since someone else has changed it", display_name(path))
}
