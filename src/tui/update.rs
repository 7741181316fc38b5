//! What an action changes. Pure: the state and the action decide, and whatever is to be done outside comes back as effects.

use zeroize::Zeroize as _;

use crate::base::text::display_name;
use crate::session::Event;
use crate::tui::action::{Action, Command, Edit, Effect, Said};
use crate::tui::copy;
use crate::tui::entry::Sort;
use crate::tui::line_edit::LineEdit;
use crate::tui::mending;
use crate::tui::outside;
use crate::tui::palette::{self, Palette};
use crate::tui::pointer;
use crate::tui::question::Question;
use crate::tui::quick::Quick;
use crate::tui::refresh;
use crate::tui::search;
use crate::tui::state::{Focus, Mode, Progress, State, Tab};
use crate::tui::tree::Row;

/// Applies an action. [`State::look`] is to be called before the next frame is drawn.
pub fn update(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Command(command) => {
            state.is_fresh = false;
            state.said = None;
            return run(state, command);
        }
        Action::Edit(mut edit) => {
            edited(state, &edit);
            // It may have been part of a passphrase.
            if let Edit::Insert(text) = &mut edit {
                text.zeroize();
            }
        }
        Action::Resize(columns, rows) => {
            state.size = (columns, rows);
            state.follow();
        }
        Action::Scanned(event) => {
            let is_end = matches!(event, Event::Finished { .. });
            scanned(state, event);
            return if is_end { mending::update::read(state) } else { Vec::new() };
        }
        Action::Clock(now) => {
            state.settings.now = now;
            state.generation += 1;
            if state.quick.is_some() {
                search::begin(state);
            }
        }
        Action::Explained(explained) => {
            if state.question.waiting {
                state.question.answered(explained.map(|explained| *explained));
                state.mode = Mode::Answer;
            }
        }
        Action::Mended(Some(news)) => return mending::news::told(state, news),
        Action::Mended(None) => return mending::news::lost(state),
        Action::Search => search::advance(state),
        Action::Mouse(report, at) => return pointer::told(state, report, at),
        Action::Refreshed(refreshed) => refresh::take(state, *refreshed),
        Action::Fade => refresh::fade(state),
        Action::Said(said) => state.said = Some(said),
    }
    Vec::new()
}

pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    match command {
        Command::Down | Command::Up | Command::PageDown | Command::PageUp | Command::First | Command::Last => {
            // Whoever moves is not to be moved elsewhere once something arrives.
            state.wanted.clear();
            go(state, command);
        }
        Command::Open => open(state),
        Command::Close => close(state),
        Command::Toggle => toggle(state),
        Command::ToggleAll => toggle_all(state),
        Command::SwitchPane => {
            state.focus = if state.focus == Focus::Tree { Focus::Pane } else { Focus::Tree };
            state.follow();
        }
        Command::Show(tab) => {
            state.tab = tab;
            // Where there is room for one pane only, this is the way to it.
            if state.layout().is_some_and(|layout| layout.pane.is_empty()) {
                state.focus = Focus::Pane;
            }
        }
        Command::NextTab => state.tab = beside(state.tab, 1),
        Command::PreviousTab => state.tab = beside(state.tab, Tab::ALL.len() - 1),
        Command::ScrollDown if state.mode == Mode::Mend => mending::update::scroll(state, 5),
        Command::ScrollUp if state.mode == Mode::Mend => mending::update::scroll(state, -5),
        Command::ScrollDown => state.scroll_pane(1),
        Command::ScrollUp => state.scroll_pane(-1),
        Command::NextProblem => problem(state, true),
        Command::PreviousProblem => problem(state, false),
        Command::Filter => {
            state.mode = Mode::Filter;
            state.focus = Focus::Tree;
        }
        Command::Accept => state.mode = if state.mode == Mode::HelpSearch { Mode::Help } else { Mode::Browse },
        Command::Narrow => search::narrow(state, Quick::after(state.quick)),
        Command::Only(quick) => search::narrow(state, Some(quick).filter(|_| state.quick != Some(quick))),
        Command::Sort => {
            let next = state.tree.order().next();
            state.change_tree(|tree| tree.sort(next));
            say(state, false, format!("ordered by {}", next.word()));
        }
        Command::Judge => return judge(state),
        Command::Rescan => {
            state.progress.judging = false;
            say(state, false, "reading everything again".to_owned());
            return vec![Effect::Rescan];
        }
        Command::Why => {
            state.question = Question::default();
            state.mode = Mode::Ask;
        }
        Command::Clear => state.question.apply(&Edit::DeleteAll),
        Command::Explain => return explain(state),
        Command::Follow => follow(state),
        Command::CopyMenu | Command::Copy(_) | Command::CopyToFile => return copy::update::run(state, command),
        Command::Confirm if state.mode == Mode::Save => return copy::update::run(state, command),
        Command::Details | Command::Mouse => return pointer::run(state, command),
        Command::Editor | Command::Pager => return outside::run(state, command),
        Command::Help => {
            state.mode = Mode::Help;
            state.help_scroll = 0;
            state.help_filter = LineEdit::default();
        }
        Command::SearchHelp => state.mode = Mode::HelpSearch,
        Command::Palette => {
            state.mode = Mode::Palette;
            state.palette = Palette::default();
        }
        Command::Run => return run_chosen(state),
        Command::Mend
        | Command::MendAll
        | Command::Stage
        | Command::Apply
        | Command::SavePlan
        | Command::Rename
        | Command::NextEnding
        | Command::Confirm
        | Command::Undo
        | Command::Redo
        | Command::History
        | Command::Mark => return mending::update::run(state, command),
        Command::Back if state.mending.running.as_ref().is_some_and(|running| !running.stops) => {
            return mending::update::stop(state, false);
        }
        Command::Back if is_at_top(state) && !state.progress.finished && !state.progress.stopped => {
            state.progress.stopped = true;
            say(state, true, "stopped: what was not looked at is not known; R reads again".to_owned());
            return vec![Effect::StopReading];
        }
        Command::Back => back(state),
        Command::Leave => {
            if state.mode == Mode::Browse && !covers_tree(state) {
                return quit(state);
            }
            back(state);
        }
        Command::Quit => return quit(state),
        Command::Suspend => return vec![Effect::Suspend],
    }
    Vec::new()
}

/// Ends the program: where something is being changed, once that has stopped, or at once where that is asked for again.
fn quit(state: &mut State) -> Vec<Effect> {
    match &state.mending.running {
        Some(running) if !running.leaves => mending::update::stop(state, true),
        _ => vec![Effect::Quit],
    }
}

fn go(state: &mut State, command: Command) {
    let by = |rows: usize| isize::try_from(rows).unwrap_or(isize::MAX);
    let steps = |page: usize| match command {
        Command::Down => 1,
        Command::Up => -1,
        Command::PageDown => by(page),
        Command::PageUp => -by(page),
        Command::First => isize::MIN,
        _ => isize::MAX,
    };
    if state.mode == Mode::Palette {
        let entries = palette::entries(state).len();
        state.palette.go(steps(state.body().1.saturating_sub(2).max(1)), entries);
        return;
    }
    if state.mode == Mode::Mend {
        mending::update::go(state, steps(state.body().1.saturating_sub(1).max(1)));
        return;
    }
    if matches!(state.mode, Mode::Help | Mode::HelpSearch) {
        let page = usize::from(state.size.1).saturating_sub(3).max(1);
        let last = state.keymap.bindings().len() + 32;
        state.help_scroll = state.help_scroll.saturating_add_signed(steps(page)).min(last);
        return;
    }
    if state.mode == Mode::Answer {
        let page = state.body().1.saturating_sub(1).max(1);
        state.scroll_answer(steps(page));
        return;
    }
    if state.focus == Focus::Pane {
        let page = state.pane_rows().saturating_sub(1).max(1);
        state.scroll_pane(steps(page));
        return;
    }
    let page = state.tree_rows().saturating_sub(1).max(1);
    let place = state.place_of_cursor().saturating_add_signed(steps(page));
    state.select_place(place);
}

fn open(state: &mut State) {
    match state.tree.is_open(state.cursor) {
        Some(false) => set_open(state, true),
        Some(true) => state.select_place(state.place_of_cursor() + 1),
        None => state.focus = Focus::Pane,
    }
}

fn close(state: &mut State) {
    if state.tree.is_open(state.cursor) == Some(true) && !matches!(state.cursor, Row::Root(_)) {
        set_open(state, false);
    } else if let Some(parent) = state.cursor.parent(&state.tree) {
        state.select(parent);
    } else {
        set_open(state, false);
    }
}

fn toggle(state: &mut State) {
    match state.tree.is_open(state.cursor) {
        Some(is_open) => set_open(state, !is_open),
        None => state.focus = Focus::Pane,
    }
}

fn set_open(state: &mut State, open: bool) {
    let row = state.cursor;
    state.change_tree(|tree| tree.set_open(row, open));
}

/// Opens all host directories; closes them where all are open.
fn toggle_all(state: &mut State) {
    let hosts = 0..state.tree.hosts().len();
    let open = hosts.clone().any(|host| state.tree.is_open(Row::Host(host)) == Some(false));
    state.change_tree(|tree| hosts.for_each(|host| tree.set_open(Row::Host(host), open)));
}

fn beside(tab: Tab, steps: usize) -> Tab {
    let here = Tab::ALL.iter().position(|other| *other == tab).unwrap_or_default();
    Tab::ALL.iter().cycle().nth(here + steps).copied().unwrap_or_default()
}

fn problem(state: &mut State, forward: bool) {
    match state.tree.problem(state.cursor, forward) {
        Some(row) => {
            state.change_tree(|tree| tree.reveal(row));
            state.select(row);
        }
        None => {
            let text = if forward { "no problem below" } else { "no problem above" };
            say(state, false, text.to_owned());
        }
    }
}

fn back(state: &mut State) {
    match state.mode {
        Mode::Mend | Mode::Rename | Mode::Type => mending::update::back(state),
        Mode::Copy | Mode::Save => copy::update::back(state),
        Mode::Help | Mode::Palette => state.mode = Mode::Browse,
        Mode::HelpSearch => {
            state.mode = Mode::Help;
            state.help_filter = LineEdit::default();
        }
        Mode::Ask | Mode::Answer => {
            state.mode = Mode::Browse;
            state.question = Question::default();
        }
        Mode::Filter => {
            state.mode = Mode::Browse;
            search::clear(state);
        }
        Mode::Browse if state.focus == Focus::Pane => {
            state.focus = Focus::Tree;
            state.follow();
        }
        Mode::Browse => search::clear(state),
    }
}

/// Tells whether there is nothing to go back from.
fn is_at_top(state: &State) -> bool {
    state.mode == Mode::Browse && state.focus == Focus::Tree && !state.tree.filtered().is_active()
}

/// Tells whether the pane stands where the tree would.
fn covers_tree(state: &State) -> bool {
    state.focus == Focus::Pane && state.layout().is_some_and(|layout| layout.tree.is_empty())
}

/// Does what is chosen in the palette.
fn run_chosen(state: &mut State) -> Vec<Effect> {
    let chosen = palette::entries(state).get(state.palette.chosen).map(|entry| entry.command);
    state.mode = Mode::Browse;
    chosen.map(|command| run(state, command)).unwrap_or_default()
}

fn edited(state: &mut State, edit: &Edit) {
    state.is_fresh = false;
    match state.mode {
        Mode::Mend | Mode::Rename | Mode::Type => mending::update::edited(state, edit),
        Mode::Save => copy::update::edited(state, edit),
        Mode::Palette => state.palette.apply(edit),
        Mode::HelpSearch => {
            state.help_filter.apply(edit);
            state.help_scroll = 0;
        }
        Mode::Ask => {
            state.question.waiting = false;
            state.question.apply(edit);
        }
        // Somebody pastes the next text.
        Mode::Answer => {
            state.question = Question::default();
            state.question.apply(edit);
            state.mode = Mode::Ask;
        }
        _ => {
            state.filter.apply(edit);
            search::begin(state);
        }
    }
}

/// Has the next engine judge: what was read, or, where that is not all yet, what is read anew.
fn judge(state: &mut State) -> Vec<Effect> {
    state.judgement.advance();
    state.generation += 1;
    let names = state.judgement.names();
    let usual = if state.judgement.is_default() { ", as usual" } else { "" };
    say(state, false, format!("judged by {names}{usual}"));
    if state.progress.finished || state.progress.judging {
        state.progress.judging = true;
        vec![Effect::Judge]
    } else {
        vec![Effect::Rescan]
    }
}

fn explain(state: &mut State) -> Vec<Effect> {
    if state.question.text().trim().is_empty() {
        say(state, true, "nothing to explain: paste an error text first".to_owned());
        return Vec::new();
    }
    state.question.waiting = true;
    vec![Effect::Explain(state.question.text().to_owned())]
}

/// Goes to what the answer is about.
fn follow(state: &mut State) {
    let row = state.question.goal.as_ref().and_then(|goal| state.tree.find(goal));
    let Some(row) = row else {
        say(state, true, "nothing here to go to".to_owned());
        return;
    };
    state.mode = Mode::Browse;
    state.question = Question::default();
    state.focus = Focus::Tree;
    // A search may hide it.
    if state.tree.filtered().is_active() {
        search::clear(state);
    }
    state.change_tree(|tree| tree.reveal(row));
    state.select(row);
}

fn say(state: &mut State, failed: bool, text: String) {
    state.said = Some(Said { failed, text });
}

fn scanned(state: &mut State, event: Event) {
    match event {
        Event::Listed { roots, hosts } => {
            state.progress =
                Progress { expected: Some(hosts.len()), read: 0, finished: false, stopped: false, ..state.progress };
            state.place = place_text(&roots);
            state.change_tree(|tree| tree.list(roots, hosts));
        }
        Event::Host { index, host, findings } => {
            state.progress.read += 1;
            filled(state, index, |tree| tree.fill(index, host, findings));
            sort_again(state);
        }
        Event::Finished { findings } => {
            state.progress.finished = true;
            state.progress.judging = false;
            state.sort_again_at = 0;
            state.change_tree(|tree| tree.finish(findings));
        }
    }
    state.wanted.retain(|identity| {
        let found = state.tree.find(identity);
        let arrived = found.filter(|row| state.tree.identity(*row).as_ref() == Some(identity));
        if let Some(row) = arrived {
            state.tree.reveal(row);
            state.cursor = row;
        }
        arrived.is_none() && !state.progress.finished
    });
    state.follow();
}

/// Where everything stands, in short.
fn place_text(roots: &[crate::model::Root]) -> String {
    let first = roots.first().map(|root| display_name(&root.path)).unwrap_or_default();
    match roots.len() {
        0 | 1 => first,
        many => format!("{first} and {} more", many - 1),
    }
}

/// Changes one host directory. While it is closed and elsewhere, nothing can move.
fn filled(state: &mut State, index: usize, change: impl FnOnce(&mut crate::tui::tree::Tree)) {
    let stays_closed = state.tree.is_open(Row::Host(index)).is_none() && !state.tree.filtered().is_active();
    if stays_closed && state.cursor.host() != Some(index) {
        change(&mut state.tree);
        state.generation += 1;
    } else {
        state.change_tree(change);
    }
}

/// Keeps a tree that is ordered by what is in it in order while it fills: not at each arrival, which would cost too much.
fn sort_again(state: &mut State) {
    let order = state.tree.order();
    if order != Sort::Name && state.progress.read >= state.sort_again_at {
        state.sort_again_at = state.progress.read + state.progress.read / 4 + 64;
        state.change_tree(|tree| tree.sort(order));
    }
}
