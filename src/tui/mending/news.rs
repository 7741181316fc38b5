//! What news of a job change on the screen. Pure, as [`crate::tui::update`] is, to which it belongs.

use std::path::{Path, PathBuf};

use crate::base::text::{display_name, shell_word};
use crate::finding::Change;
use crate::fix::{Operation, OperationKind};
use crate::report::operation::place;
use crate::session::mending::News;
use crate::tui::action::Effect;
use crate::tui::mending::update::{back, say};
use crate::tui::mending::{All, Denied, Dialog, History, Offers, marks};
use crate::tui::state::{Mode, Progress, State};
use crate::tui::tree::Identity;

/// Takes what a job tells.
pub fn told(state: &mut State, news: News) -> Vec<Effect> {
    match news {
        News::Progress(done, total) => {
            if let Some(running) = &mut state.mending.running {
                (running.done, running.total) = (done, total);
            }
        }
        News::Recovered(text) => {
            say(state, false, text.clone());
            if state.mending.running.is_none() {
                return vec![Effect::Rescan];
            }
            // What is under way ends with other news.
            state.mending.recovered = Some(text);
        }
        News::Offers(inventory, offers) if is_waiting(state) => {
            let staged = std::collections::BTreeSet::new();
            show(state, Dialog::Offers(Offers { inventory, offers, chosen: 0, staged, denied: false }));
        }
        News::Planned(inventory, planned) if is_waiting(state) => {
            let about = marks::about(state);
            show(state, Dialog::All(Box::new(All { inventory, planned: *planned, about, denied: false })));
        }
        News::History(operations) if is_waiting(state) => {
            show(state, Dialog::History(History { operations, chosen: 0, problem: None }));
        }
        News::Offers(..) | News::Planned(..) | News::History(_) | News::InOrder => {}
        News::Done(operation) => return done(state, &operation),
        News::Saved(path) => {
            let (path, word) = (display_name(&path), shell_word(&path));
            say(state, false, format!("the plan is in {path}: sudo certwright apply {word} carries it out"));
        }
        News::Cancelled => return cancelled(state),
        News::Failed { text, denied } => return failed(state, text, denied),
    }
    Vec::new()
}

/// A job has ended without a word, which is a fault in it.
pub fn lost(state: &mut State) -> Vec<Effect> {
    if state.mending.running.is_none() && !is_waiting(state) {
        return Vec::new();
    }
    let mut effects =
        failed(state, "this failed inside certwright; nothing is known of how far it came".to_owned(), false);
    effects.push(Effect::Rescan);
    effects
}

fn is_waiting(state: &State) -> bool {
    state.mode == Mode::Mend && matches!(state.mending.dialog, Dialog::Waiting)
}

fn show(state: &mut State, dialog: Dialog) {
    state.mending.dialog = dialog;
    state.mending.changed();
}

fn cancelled(state: &mut State) -> Vec<Effect> {
    let running = state.mending.running.take();
    say(state, false, "stopped; nothing was changed".to_owned());
    running.filter(|running| running.leaves).map(|_| Effect::Quit).into_iter().collect()
}

fn failed(state: &mut State, text: String, denied: bool) -> Vec<Effect> {
    let wanted = state.mending.running.take().and_then(|running| running.wanted);
    let is_here = is_mending(state) || state.mode == Mode::Browse;
    match (&mut state.mending.dialog, wanted) {
        (Dialog::Offers(offers), _) => offers.denied = denied,
        (Dialog::All(all), _) => all.denied = denied,
        (Dialog::History(history), _) => history.problem = Some(text.clone()),
        (Dialog::Waiting, _) => back(state),
        (Dialog::Proposal(proposed), _) => proposed.denied = denied,
        (Dialog::Closed, Some(wanted)) if denied && is_here => {
            state.mending.close();
            state.mending.dialog = Dialog::Denied(Denied { text: text.clone(), wanted });
            state.mode = Mode::Mend;
        }
        (Dialog::Closed | Dialog::Denied(_) | Dialog::Reading | Dialog::Proposing, _) => {}
    }
    state.mending.changed();
    let recovered = state.mending.recovered.take();
    say(state, true, with(recovered, text));
    Vec::new()
}

/// Tells whether somebody is at what mends, and not at something else meanwhile.
fn is_mending(state: &State) -> bool {
    matches!(state.mode, Mode::Mend | Mode::Rename | Mode::Type)
}

/// What was changed is read again, and the cursor goes to what it has become.
fn done(state: &mut State, operation: &Operation) -> Vec<Effect> {
    let running = state.mending.running.take();
    state.mending.close();
    state.mending.marks.clear();
    if is_mending(state) {
        state.mode = Mode::Browse;
    }
    let changes = operation.fixes.iter().flat_map(|fix| &fix.changes);
    let is_undo = matches!(operation.kind, OperationKind::Undo(_));
    let mut here = state.path();
    if is_undo {
        for change in changes.rev() {
            here = here.map(|path| moved(path, change.target(), change.source(), change));
        }
    } else {
        for change in changes {
            let from = change.source().unwrap_or(change.target());
            here = here.map(|path| moved(path, from, Some(change.target()), change));
        }
    }
    state.wanted = here.iter().map(|path| identity(state, path)).collect();
    let mut told = words(operation);
    if let Some(running) = running.as_ref().filter(|running| running.sets_up) {
        (state.setting_up.form, state.setting_up.draft) = (None, None);
        state.wanted = running.goal.clone().map_or_else(|| state.wanted.clone(), |goal| vec![goal]);
        told = running.then.as_ref().map_or_else(|| told.clone(), |then| format!("{told}; {then}"));
    }
    let recovered = state.mending.recovered.take();
    say(state, false, with(recovered, told));
    // What is known is out of date until then.
    state.progress = Progress::default();
    if running.is_some_and(|running| running.leaves) {
        return vec![Effect::Quit];
    }
    vec![Effect::Rescan]
}

/// Where something is after a rename.
fn moved(path: PathBuf, from: &Path, to: Option<&Path>, change: &Change) -> PathBuf {
    let is_move = matches!(change, Change::Rename { .. } | Change::SetAside { .. });
    match (path.strip_prefix(from), to) {
        (Ok(rest), Some(to)) if is_move && rest.as_os_str().is_empty() => to.to_path_buf(),
        (Ok(rest), Some(to)) if is_move => to.join(rest),
        _ => path,
    }
}

/// What a path is in the tree: a root, a host directory under one, or a file of a host directory.
fn identity(state: &State, path: &Path) -> Identity {
    let is_root = |path: &Path| state.tree.roots().iter().any(|root| root.root.path == path);
    match path.parent().zip(path.file_name()) {
        _ if is_root(path) => Identity::Root(path.to_path_buf()),
        Some((directory, name)) if !is_root(directory) => {
            Identity::Host(directory.to_path_buf(), Some((name.to_owned(), None)))
        }
        _ => Identity::Host(path.to_path_buf(), None),
    }
}

/// What was done, in a line.
fn words(operation: &Operation) -> String {
    // The cursor may be elsewhere when something is taken back.
    let (place, what) = match operation.fixes.as_slice() {
        [one] => (place(one), one.title.clone()),
        many => (String::new(), format!("{} fixes", many.len())),
    };
    let left = if operation.left > 0 { format!(", {} left", operation.left) } else { String::new() };
    match operation.kind {
        OperationKind::Fix => format!("done: {what}{left}; u takes it back"),
        OperationKind::Undo(_) => format!("taken back: {place}{what}; Ctrl-R does it again"),
        OperationKind::Redo(_) => format!("done again: {place}{what}; u takes it back"),
    }
}

/// A text behind what was put in order before it.
fn with(recovered: Option<String>, text: String) -> String {
    recovered.map(|recovered| format!("{recovered}; {text}")).unwrap_or(text)
}
