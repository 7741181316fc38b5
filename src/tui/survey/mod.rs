//! Everything in one view: the state behind the overview of all that was read. Counted once for each change of the tree,
//! some host directories at a time; until that is done, what was counted before stays.

pub mod facts;

use crate::base::clock::Timestamp;
use crate::engine::{Engine, Judge};
use crate::tui::document::Document;
use crate::tui::state::{Focus, Mode, State};
use crate::tui::survey::facts::Facts;
use crate::tui::tree::Identity;

/// Host directories that are counted at one go: at most some 4 ms.
const SLICE: usize = 64;

/// What was counted, and what of it is chosen.
#[derive(Debug, Default)]
pub struct Survey {
    /// What was counted.
    facts: Facts,
    /// The version of the tree, and the moment, that it tells of.
    counted: Option<(u64, Timestamp)>,
    counting: Option<Counting>,
    /// How much was read when counting began, and how much is to be read before it begins again while more arrives.
    read: (usize, usize),
    /// The urgent thing that is chosen, by what it is.
    chosen: Option<Identity>,
    place: usize,
    /// All of it as text.
    pub document: Document,
    /// The lines of each urgent thing.
    pub lines: Vec<std::ops::Range<usize>>,
    /// Lines above the first that is shown.
    pub scroll: usize,
    made: Option<(u64, usize, u64, usize)>,
    /// Grows with each count.
    number: u64,
}

/// A count under way.
#[derive(Debug)]
struct Counting {
    facts: Facts,
    next: usize,
    version: (u64, Timestamp),
}

impl Survey {
    /// What was counted.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Tells whether something was counted.
    pub fn is_counted(&self) -> bool {
        self.counted.is_some()
    }

    /// How many host directories are counted so far, where nothing else can be shown yet.
    pub fn progress(&self) -> usize {
        self.counting.as_ref().filter(|_| self.counted.is_none()).map_or(0, |counting| counting.next)
    }

    /// The number of the urgent thing that is chosen.
    pub fn place(&self) -> usize {
        self.place
    }
}

/// Opens the view.
pub fn open(state: &mut State) {
    state.mode = Mode::Survey;
    state.survey.scroll = 0;
    state.survey.place = 0;
    state.survey.chosen = None;
    if !state.progress.finished {
        state.survey.counted = None;
    }
}

/// Tells whether there is something to count.
pub fn is_pending(state: &State) -> bool {
    let survey = &state.survey;
    let (last, again) = survey.read;
    let (read, finished) = (state.progress.read, state.progress.finished);
    let is_stale = survey.counted != Some(version(state));
    let is_due = survey.counted.is_none() || finished || read >= again || read < last;
    state.mode == Mode::Survey && (survey.counting.is_some() || (is_stale && is_due))
}

/// What a count tells of.
fn version(state: &State) -> (u64, Timestamp) {
    (state.tree.version(), state.settings.now)
}

/// Counts some more.
pub fn advance(state: &mut State) {
    if !is_pending(state) {
        return;
    }
    let judges = judges(state);
    let (version, settings) = (version(state), state.settings);
    let State { survey, tree, progress, .. } = state;
    // Once everything is there, an older count is not worth going on with.
    if progress.finished && survey.counting.as_ref().is_some_and(|counting| counting.version != version) {
        survey.counting = None;
    }
    let counting = survey.counting.get_or_insert_with(|| {
        survey.read = (progress.read, progress.read + progress.read / 4 + 64);
        Counting { facts: Facts::new(judges), next: 0, version }
    });
    let end = counting.next + SLICE;
    for (index, entry) in tree.hosts().iter().enumerate().take(end).skip(counting.next) {
        if let Some(read) = &entry.read {
            counting.facts.add(index, read, settings);
        }
    }
    counting.next = end;
    if end >= tree.hosts().len()
        && let Some(counted) = survey.counting.take()
    {
        survey.facts = counted.facts;
        survey.counted = Some(counted.version);
        survey.number += 1;
        settle(state);
    }
}

/// Each engine once, in the version that judges where it does, else in its newest; and whether it judges.
fn judges(state: &State) -> Vec<(Judge, bool)> {
    let in_force = state.judgement.judges();
    let of = |engine: Engine| {
        let chosen = in_force.iter().copied().find(|judge| judge.engine == engine);
        (chosen.unwrap_or_else(|| Judge::newest(engine)), chosen.is_some())
    };
    Engine::ALL.into_iter().map(of).collect()
}

/// Finds the chosen thing again.
fn settle(state: &mut State) {
    let State { survey, tree, .. } = state;
    let row = survey.chosen.as_ref().and_then(|chosen| tree.find(chosen));
    let place = row.and_then(|row| survey.facts.urgent.iter().position(|urgent| urgent.row == row));
    survey.place = place.unwrap_or(survey.place).min(survey.facts.urgent.len().saturating_sub(1));
}

/// Chooses the urgent thing on a line of the body. Tells whether there is one.
pub fn choose_line(state: &mut State, line: usize) -> bool {
    let line = state.survey.scroll + line;
    let place = state.survey.lines.iter().position(|lines| lines.contains(&line));
    place.map(|place| choose(state, place)).is_some()
}

fn choose(state: &mut State, place: usize) {
    let State { survey, tree, .. } = state;
    survey.place = place;
    survey.chosen = survey.facts.urgent.get(place).and_then(|urgent| tree.identity(urgent.row));
}

/// Goes up or down among what is urgent.
pub fn go(state: &mut State, steps: isize) {
    let last = state.survey.facts.urgent.len().saturating_sub(1);
    choose(state, state.survey.place.saturating_add_signed(steps).min(last));
    let rows = state.body().1;
    let survey = &mut state.survey;
    let lines = survey.lines.get(survey.place).cloned().unwrap_or_default();
    // Its beginning in any case; the heading above the first one, too.
    let start = if survey.place == 0 { 0 } else { lines.start };
    survey.scroll = survey.scroll.max(lines.end.saturating_sub(rows)).min(start);
}

/// Scrolls.
pub fn scroll(state: &mut State, lines: isize) {
    let last = state.survey.document.lines().len().saturating_sub(state.body().1);
    state.survey.scroll = state.survey.scroll.saturating_add_signed(lines).min(last);
}

/// Goes to the chosen thing in the tree.
pub fn follow(state: &mut State) {
    let Some(row) = state.survey.facts.urgent.get(state.survey.place).map(|urgent| urgent.row) else { return };
    state.mode = Mode::Browse;
    state.focus = Focus::Tree;
    // A search may hide it.
    if state.tree.filtered().is_active() {
        crate::tui::search::clear(state);
    }
    state.reach(row);
}

/// Counts some more where that is due, and makes the text anew where it no longer fits.
pub fn look(state: &mut State) {
    advance(state);
    let width = state.body().0;
    let made = Some((state.survey.number, width, state.generation, state.survey.progress()));
    if state.survey.made != made {
        let (document, lines) = crate::tui::view::survey(state, width);
        state.survey.document = document;
        state.survey.lines = lines;
        state.survey.made = made;
    }
    scroll(state, 0);
}
