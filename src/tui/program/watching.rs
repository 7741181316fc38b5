//! Follows what somebody else changes, once everything was read and while nothing of this program's own is under way.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, at, never};

use super::{Pending, Program};
use crate::model::RootKind;
use crate::scan::watch::{Watched, Watcher};
use crate::session::refresh::{self, Refreshed, Suspects};
use crate::tui::action::Action;
use crate::tui::terminal::Report;
use crate::tui::update::update;

/// How long it is marked what somebody else changed.
const MARKED: Duration = Duration::from_secs(4);

/// What is watched, and what is known to have changed.
#[derive(Default)]
pub(super) struct Watching {
    watcher: Option<Watcher>,
    /// The roots that it was told of.
    roots: Vec<PathBuf>,
    /// Not everything is watched.
    is_limited: bool,
    /// Where it is to be looked again as soon as nothing else is under way.
    suspects: Option<Suspects>,
    looks: Option<Receiver<Option<Box<Refreshed>>>>,
    /// How often everything was read or judged anew, now and when that look began.
    scans: (u64, u64),
    fades_at: Option<Instant>,
}

impl Watching {
    /// What the watcher tells.
    pub(super) fn news(&self) -> Receiver<Watched> {
        self.watcher.as_ref().map_or_else(never, |watcher| watcher.news().clone())
    }

    /// What has changed, once that is known.
    pub(super) fn refreshed(&self) -> Receiver<Option<Box<Refreshed>>> {
        self.looks.clone().unwrap_or_else(never)
    }

    /// Everything is read or judged anew: what is being looked at is out of date.
    pub(super) fn outdate(&mut self) {
        self.scans.0 += 1;
    }

    /// When marks go: never, where there is none.
    pub(super) fn fade(&self) -> Receiver<Instant> {
        self.fades_at.map_or_else(never, at)
    }
}

impl Program {
    /// Begins to watch once everything was read; goes on with what had to wait for that.
    pub(super) fn watch(&mut self) {
        let tree = &self.state.tree;
        // What was named singly stands in a directory that is nobody's business.
        let roots = tree.roots().iter().filter(|entry| entry.root.kind != RootKind::Partial);
        let roots: Vec<PathBuf> = roots.map(|entry| entry.root.path.clone()).collect();
        if self.watching.watcher.is_none() || self.watching.roots != roots {
            self.watching.roots.clone_from(&roots);
            let hosts = tree.hosts().iter().map(|entry| entry.path.clone()).collect();
            match Watcher::start(roots, hosts) {
                Ok(watcher) => self.watching.watcher = Some(watcher),
                Err(_) => self.limit(0, self.state.tree.hosts().len()),
            }
        }
        self.look_if_free();
    }

    pub(super) fn watched(&mut self, news: Option<Watched>) -> io::Result<()> {
        match news {
            Some(Watched::Ready { watched, wanted }) => {
                if watched < wanted {
                    self.limit(watched, wanted);
                }
                // Something may have changed between its reading and its watching.
                self.look_again(Suspects::All);
            }
            Some(Watched::Changed(directories)) => self.look_again(Suspects::These(directories)),
            Some(Watched::Overrun) => self.look_again(Suspects::All),
            None => self.watching.watcher = None,
        }
        self.screen.report_if(Report::Focus, self.watching.is_limited)
    }

    /// Says that not everything is watched, and what helps.
    fn limit(&mut self, watched: usize, wanted: usize) {
        self.watching.is_limited = true;
        let why = "the limit of this system (fs.inotify.max_user_watches)";
        let way = "it is read again when this window comes to the front, and by R";
        self.say(true, format!("{watched} of {wanted} directories are watched, {why}: {way}"));
    }

    /// Has it looked again at what may have changed.
    pub(super) fn look_again(&mut self, suspects: Suspects) {
        let waiting = self.watching.suspects.take();
        self.watching.suspects = Some(waiting.map_or(suspects.clone(), |waiting| waiting.and(suspects)));
        self.look_if_free();
    }

    /// What is under way reads the same anew, and would be taken for a change of somebody else.
    pub(super) fn look_if_free(&mut self) {
        let is_busy =
            !self.state.progress.finished || self.state.mending.running.is_some() || self.watching.looks.is_some();
        if is_busy {
            return;
        }
        if let Some(suspects) = self.watching.suspects.take() {
            let request = self.judged();
            self.watching.scans.1 = self.watching.scans.0;
            self.watching.looks = Some(refresh::start(request, self.state.tree.inventory(), suspects));
        }
    }

    pub(super) fn refreshed(&mut self, refreshed: Option<Box<Refreshed>>) -> io::Result<()> {
        self.watching.looks = None;
        // What was changed or judged anew meanwhile is newer than this.
        let is_stale = self.watching.scans.0 != self.watching.scans.1
            || !self.state.progress.finished
            || self.state.mending.running.is_some();
        match refreshed {
            Some(_) if is_stale => self.look_again(Suspects::All),
            Some(refreshed) => {
                for effect in update(&mut self.state, Action::Refreshed(refreshed)) {
                    self.carry_out(effect)?;
                }
                self.watching.fades_at = Some(Instant::now() + MARKED);
                if self.frame == Pending::No {
                    self.frame = Pending::Soon;
                }
            }
            None => {}
        }
        self.look_if_free();
        Ok(())
    }

    pub(super) fn fade(&mut self) {
        self.watching.fades_at = None;
        update(&mut self.state, Action::Fade);
        self.frame = Pending::AtOnce;
    }
}
