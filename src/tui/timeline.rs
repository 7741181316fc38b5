//! All certificates in the order in which they expire, and the stretch of time that is looked at: the state behind the
//! timeline. Its list is made once for each change of the tree; only rows in sight are looked at more closely.

use crate::base::clock::{DAY, Timestamp};
use crate::pki::Certificate;
use crate::rules::Settings;
use crate::tui::action::Command;
use crate::tui::axis::{Axis, Place};
use crate::tui::entry::certificates_of;
use crate::tui::quick::Quick;
use crate::tui::standing::Standing;
use crate::tui::state::{Focus, Mode, State};
use crate::tui::tree::{Identity, Row, Tree};

/// Stretches of time to look at, in days, from a month to a century.
const SPANS: [i64; 10] = [30, 90, 183, 365, 730, 1_826, 3_652, 7_305, 18_262, 36_524];
/// The one to begin with: two years.
const USUAL: usize = 4;
/// Lines above the list: what is in sight, and the marks of the axis.
const HEAD: usize = 2;

/// A certificate of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it is.
    pub row: Row,
    /// When it begins to be valid.
    pub from: Timestamp,
    /// When it ends to be valid.
    pub until: Timestamp,
}

/// How many certificates stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Not valid any more
    pub expired: usize,
    /// Not for long
    pub expiring: usize,
    /// Not valid yet
    pub not_yet: usize,
}

/// The list, the place in it, and the stretch of time.
#[derive(Debug)]
pub struct Timeline {
    entries: Vec<Entry>,
    counts: Counts,
    /// The first and the last moment of all.
    ends: (Timestamp, Timestamp),
    /// The chosen one, by what it is.
    chosen: Option<Identity>,
    place: usize,
    scroll: usize,
    /// Index in [`SPANS`].
    zoom: usize,
    start: Timestamp,
    /// For which version of the tree, and which moment, the list was made.
    made: Option<(u64, Timestamp)>,
    /// How much was read then, and how much is to be read before it is made again while more arrives.
    read: (usize, usize),
}

impl Default for Timeline {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            counts: Counts::default(),
            ends: Default::default(),
            chosen: None,
            place: 0,
            scroll: 0,
            zoom: USUAL,
            start: Timestamp::default(),
            made: None,
            read: (0, 0),
        }
    }
}

impl Timeline {
    /// All certificates that the search leaves, the first to expire first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many of them stand how.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The number of the chosen one.
    pub fn place(&self) -> usize {
        self.place
    }

    /// The chosen one.
    pub fn entry(&self) -> Option<&Entry> {
        self.entries.get(self.place)
    }

    /// Rows above the first that is shown.
    pub fn scroll(&self) -> usize {
        self.scroll
    }

    /// How many days are looked at.
    pub fn days(&self) -> i64 {
        SPANS.get(self.zoom).copied().unwrap_or(1)
    }

    /// The stretch of time over so many columns.
    pub fn axis(&self, columns: u16) -> Axis {
        Axis { start: self.start, span: self.days().saturating_mul(DAY), columns }
    }

    /// Shows today at a quarter of the axis.
    fn show(&mut self, now: Timestamp) {
        self.start = Timestamp(now.0.saturating_sub(self.days().saturating_mul(DAY) / 4));
    }

    /// Looks at more or less time. What stays where it is: today, where that is in sight, else the middle.
    fn zoom(&mut self, steps: isize, now: Timestamp) {
        let old = self.days().saturating_mul(DAY);
        let sees_now = matches!(self.axis(1).place(now), Place::At(_));
        let pivot = if sees_now { now.0 } else { self.start.0.saturating_add(old / 2) };
        self.zoom = self.zoom.saturating_add_signed(steps).min(SPANS.len() - 1);
        let new = i128::from(self.days().saturating_mul(DAY));
        let before = i128::from(pivot.saturating_sub(self.start.0)) * new / i128::from(old.max(1));
        self.start = Timestamp(pivot.saturating_sub(i64::try_from(before).unwrap_or_default()));
    }

    /// Looks at an earlier or later stretch, by an eighth of it; never beyond everything.
    fn shift(&mut self, eighths: i64, now: Timestamp) {
        let span = self.days().saturating_mul(DAY);
        let (first, last) = (self.ends.0.min(now).0, self.ends.1.max(now).0);
        let least = first.saturating_sub(span / 8);
        let most = last.saturating_sub(span - span / 8).max(least);
        self.start = Timestamp(self.start.0.saturating_add(span / 8 * eighths).clamp(least, most));
    }

    /// Keeps the chosen one in sight of so many rows.
    fn follow(&mut self, rows: usize) {
        let last_scroll = self.entries.len().saturating_sub(rows);
        let lowest = (self.place + 1).saturating_sub(rows);
        self.scroll = self.scroll.clamp(lowest.min(self.place), self.place).min(last_scroll);
    }

    fn choose(&mut self, place: usize, tree: &Tree) {
        self.place = place.min(self.entries.len().saturating_sub(1));
        self.chosen = self.entry().and_then(|entry| tree.identity(entry.row));
    }

    /// Makes the list anew, and finds the chosen one in it again.
    fn learn(&mut self, tree: &Tree, settings: Settings) {
        self.entries.clear();
        let quick = tree.filtered().query().quick;
        for (host, entry) in tree.hosts().iter().enumerate() {
            let Some(read) = entry.read.as_ref().filter(|_| tree.filtered().shows_host(host)) else { continue };
            for (file, content) in read.host.files.iter().enumerate() {
                if !tree.filtered().shows_file(host, file) {
                    continue;
                }
                let certificates = certificates_of(content).enumerate();
                let left = certificates.filter(|(_, certificate)| is_left(certificate, quick, settings));
                self.entries.extend(left.map(|(number, one)| Entry {
                    row: Row::Certificate { host, file, certificate: number },
                    from: one.not_before(),
                    until: one.not_after(),
                }));
            }
        }
        // What expires at the same moment stays in the order of the tree.
        self.entries.sort_by_key(|entry| entry.until);
        self.counts = count(&self.entries, settings);
        let first = self.entries.iter().map(|entry| entry.from).min();
        let last = self.entries.last().map(|entry| entry.until);
        self.ends = (first.unwrap_or(settings.now), last.unwrap_or(settings.now));
        let row = self.chosen.as_ref().and_then(|chosen| tree.find(chosen));
        let place = row.and_then(|row| self.place_of(row)).unwrap_or(self.place);
        // Where it is gone it may come back, as long as everything is read again.
        self.place = place.min(self.entries.len().saturating_sub(1));
    }

    /// The place of a certificate; of the first to expire of a file or a host directory.
    fn place_of(&self, row: Row) -> Option<usize> {
        let is_in = |entry: &Entry| match row {
            Row::Certificate { .. } => entry.row == row,
            Row::File { .. } => entry.row.host() == row.host() && entry.row.file() == row.file(),
            Row::Host(_) => entry.row.host() == row.host(),
            Row::Root(_) => false,
        };
        self.entries.iter().position(is_in)
    }
}

/// Tells whether a quick filter that is about time leaves a certificate; of others it is asked whether they leave its file.
fn is_left(certificate: &Certificate, quick: Option<Quick>, settings: Settings) -> bool {
    match quick {
        Some(Quick::Expired) => Standing::of(certificate, settings) == Standing::Expired,
        Some(Quick::Expiring) => {
            let days = settings.now.days_until(certificate.not_after());
            Standing::of(certificate, settings) != Standing::Expired && days < settings.expires_within
        }
        _ => true,
    }
}

fn count(entries: &[Entry], settings: Settings) -> Counts {
    let mut counts = Counts::default();
    for entry in entries {
        match entry.standing(settings) {
            Standing::Expired => counts.expired += 1,
            Standing::Expiring => counts.expiring += 1,
            Standing::NotYet => counts.not_yet += 1,
            Standing::Valid => {}
        }
    }
    counts
}

impl Entry {
    /// How it stands.
    pub fn standing(&self, settings: Settings) -> Standing {
        Standing::new((self.from, self.until), settings.now, settings.expires_within)
    }
}

/// Runs a command that is about the timeline.
pub fn run(state: &mut State, command: Command) {
    let now = state.settings.now;
    match command {
        Command::ZoomIn => state.timeline.zoom(-1, now),
        Command::ZoomOut => state.timeline.zoom(1, now),
        Command::Earlier => state.timeline.shift(-1, now),
        Command::Later => state.timeline.shift(1, now),
        _ if state.mode == Mode::Timeline => state.timeline.show(now),
        _ => open(state),
    }
}

/// Opens it at what is selected in the tree, else at what expires next.
fn open(state: &mut State) {
    state.mode = Mode::Timeline;
    let now = state.settings.now;
    state.timeline.show(now);
    if !state.progress.finished {
        state.timeline.made = None;
    }
    look(state);
    let timeline = &state.timeline;
    let next = timeline.entries.partition_point(|entry| entry.until < now);
    let place = timeline.place_of(state.cursor).unwrap_or(next);
    go_to(state, place);
}

/// Goes up or down.
pub fn go(state: &mut State, steps: isize) {
    let place = state.timeline.place.saturating_add_signed(steps);
    go_to(state, place);
}

/// Chooses the one on a line of the body. Tells whether there is one.
pub fn choose_line(state: &mut State, line: usize) -> bool {
    let Some(row) = line.checked_sub(HEAD).filter(|row| *row < rows(state)) else { return false };
    let place = state.timeline.scroll + row;
    let is_there = place < state.timeline.entries.len();
    if is_there {
        go_to(state, place);
    }
    is_there
}

/// Chooses the one at a place, or as near to it as there is one.
fn go_to(state: &mut State, place: usize) {
    let State { timeline, tree, .. } = state;
    timeline.choose(place, tree);
    let rows = rows(state);
    state.timeline.follow(rows);
}

/// Goes to the chosen one in the tree.
pub fn follow(state: &mut State) {
    let Some(row) = state.timeline.entry().map(|entry| entry.row) else { return };
    state.mode = Mode::Browse;
    state.focus = Focus::Tree;
    state.reach(row);
}

/// Makes the list anew where the tree is another one. While the tree fills, which takes as many steps as there are host
/// directories, that is done now and then.
pub fn look(state: &mut State) {
    let version = (state.tree.version(), state.settings.now);
    let (read, finished) = (state.progress.read, state.progress.finished);
    let timeline = &state.timeline;
    let (last, again) = timeline.read;
    let is_stale = timeline.made != Some(version);
    if timeline.made.is_none() || (is_stale && (finished || read >= again || read < last)) {
        let State { timeline, tree, settings, .. } = state;
        timeline.learn(tree, *settings);
        timeline.made = Some(version);
        timeline.read = (read, read + read / 4 + 64);
    }
    let rows = rows(state);
    state.timeline.follow(rows);
}

/// Rows of the list that fit on the screen.
pub fn rows(state: &State) -> usize {
    let (columns, rows) = state.body();
    let details = detail_lines((columns, rows));
    let gap = usize::from(details > 0 && rows >= 18);
    rows.saturating_sub(HEAD + details + gap).max(1)
}

/// Lines that tell of the chosen one, on a body of so many columns and rows.
pub fn detail_lines((columns, rows): (usize, usize)) -> usize {
    match (columns, rows) {
        (_, ..8) => 0,
        (..60, _) => 3,
        _ => 2,
    }
}
