//! What an action changes. Pure: the state and the action decide, and whatever is to be done outside comes back as effects.

use zeroize::Zeroize as _;

use crate::session::Event;
use crate::tui::action::{Action, Command, Edit, Effect, Said};
use crate::tui::arrival;
use crate::tui::comparison;
use crate::tui::copy;
use crate::tui::line_edit::LineEdit;
use crate::tui::mending::{self, Dialog};
use crate::tui::movement;
use crate::tui::outside;
use crate::tui::palette::{self, Palette};
use crate::tui::pointer;
use crate::tui::question::Question;
use crate::tui::quick::Quick;
use crate::tui::refresh;
use crate::tui::search;
use crate::tui::setting_up;
use crate::tui::state::{Focus, Mode, State, Tab};
use crate::tui::survey;
use crate::tui::timeline;

/// Applies an action. [`State::look`] is to be called before the next frame is drawn.
pub fn update(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Command(command) => {
            state.is_fresh = false;
            state.said = None;
            return run(state, command);
        }
        Action::Edit(mut edit) => {
            let effects = edited(state, &edit);
            // It may have been part of a passphrase.
            if let Edit::Insert(text) = &mut edit {
                text.zeroize();
            }
            return effects;
        }
        Action::Resize(columns, rows) => {
            state.size = (columns, rows);
            state.follow();
        }
        Action::Scanned(event) => {
            let is_end = matches!(event, Event::Finished { .. });
            arrival::scanned(state, event);
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
        Action::Proposed(news) => setting_up::news::told(state, news),
        Action::Inspected(inspected) => return setting_up::news::inspected(state, *inspected),
        Action::Search => {
            search::advance(state);
            survey::advance(state);
        }
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
            movement::go(state, command);
        }
        Command::Open => movement::open(state),
        Command::Close => movement::close(state),
        Command::Toggle => movement::toggle(state),
        Command::ToggleAll => movement::toggle_all(state),
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
        Command::ScrollDown if state.mode == Mode::Survey => survey::scroll(state, 5),
        Command::ScrollUp if state.mode == Mode::Survey => survey::scroll(state, -5),
        Command::ScrollDown => state.scroll_pane(1),
        Command::ScrollUp => state.scroll_pane(-1),
        Command::NextHit => movement::hit(state, true),
        Command::PreviousHit => movement::hit(state, false),
        Command::NextProblem => movement::problem(state, true),
        Command::PreviousProblem => movement::problem(state, false),
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
        Command::Compare => comparison::open(state),
        Command::Survey => survey::open(state),
        Command::Timeline | Command::ZoomIn | Command::ZoomOut | Command::Earlier | Command::Later => {
            timeline::run(state, command);
        }
        Command::CopyMenu | Command::Copy(_) | Command::CopyToFile => return copy::update::run(state, command),
        Command::Confirm if state.mode == Mode::Save => return copy::update::run(state, command),
        Command::Confirm if state.mode == Mode::Form => return setting_up::update::run(state, command),
        Command::SetUp
        | Command::Import
        | Command::Renew
        | Command::NextField
        | Command::PreviousField
        | Command::NextChoice
        | Command::PreviousChoice
        | Command::Preview => return setting_up::update::run(state, command),
        Command::Details | Command::Mouse => return pointer::run(state, command),
        Command::Editor | Command::Pager => return outside::run(state, command),
        Command::Help => {
            state.beneath = std::mem::replace(&mut state.mode, Mode::Help);
            state.help_scroll = 0;
            state.help_filter = LineEdit::default();
        }
        Command::SearchHelp => state.mode = Mode::HelpSearch,
        Command::Palette => {
            state.beneath = std::mem::replace(&mut state.mode, Mode::Palette);
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
        Command::Back if is_working_out(state) => return setting_up::update::stop(state),
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

fn beside(tab: Tab, steps: usize) -> Tab {
    let here = Tab::ALL.iter().position(|other| *other == tab).unwrap_or_default();
    Tab::ALL.iter().cycle().nth(here + steps).copied().unwrap_or_default()
}

fn back(state: &mut State) {
    match state.mode {
        Mode::Mend | Mode::Rename | Mode::Type => mending::update::back(state),
        Mode::Form => setting_up::update::leave(state),
        Mode::Help => state.mode = std::mem::take(&mut state.beneath),
        Mode::Palette => state.mode = std::mem::take(&mut state.beneath),
        Mode::Timeline | Mode::Survey | Mode::Compare => state.mode = Mode::Browse,
        Mode::Copy | Mode::Save => copy::update::back(state),
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

/// Tells whether somebody waits for what is to be set up, or looks at the tree meanwhile.
fn is_working_out(state: &State) -> bool {
    let waits = state.mode == Mode::Mend && matches!(state.mending.dialog, Dialog::Proposing);
    let is_under_way = state.setting_up.working.as_ref().is_some_and(|working| working.ready.is_none());
    is_under_way && (waits || state.mode == Mode::Browse)
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

fn edited(state: &mut State, edit: &Edit) -> Vec<Effect> {
    state.is_fresh = false;
    match state.mode {
        Mode::Form => return setting_up::update::edited(state, edit),
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
    Vec::new()
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

/// Goes to what is chosen, or to what the answer is about.
fn follow(state: &mut State) {
    match state.mode {
        Mode::Timeline => return timeline::follow(state),
        Mode::Survey => return survey::follow(state),
        _ => {}
    }
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
    state.reach(row);
}

/// Says something on the bottom line.
pub(super) fn say(state: &mut State, failed: bool, text: String) {
    state.said = Some(Said { failed, text });
}
