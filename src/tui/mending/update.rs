//! What keys and news change where something is mended. Pure, as [`crate::tui::update`] is, to which it belongs.

use std::path::PathBuf;

use crate::base::text::display_name;
use crate::finding::{Applicability, Change, Finding, Fix};
use crate::fix::{Operation, OperationId, OperationKind, Reason};
use crate::pki::Rewrite;
use crate::session::mending::{Job, News, Wanted};
use crate::tui::action::{Command, Edit, Effect, Said};
use crate::tui::line_edit::LineEdit;
use crate::tui::mending::rename::Rename;
use crate::tui::mending::{All, Dialog, History, Offers, Secret, Typed};
use crate::tui::state::{Mode, State};
use crate::tui::tree::{Identity, Row};

/// Runs a command that is about mending.
pub fn run(state: &mut State, command: Command) -> Vec<Effect> {
    match command {
        Command::Mend => offer(state),
        Command::MendAll => plan_all(state),
        Command::Stage => stage(state),
        Command::Apply => apply(state),
        Command::SavePlan => ask_path(state),
        Command::Rename => rename(state),
        Command::NextEnding => {
            state.mending.rename.iter_mut().for_each(Rename::next_ending);
            state.mending.changed();
            Vec::new()
        }
        Command::Confirm => confirm(state),
        Command::Undo => undo(state),
        Command::Redo => change(state, Job::Redo),
        Command::History => {
            state.mode = Mode::Mend;
            state.mending.close();
            state.mending.dialog = Dialog::Waiting;
            vec![Effect::Mend(Job::History)]
        }
        Command::Mark => {
            mark(state);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Goes up or down among choices; scrolls where there are none.
pub fn go(state: &mut State, steps: isize) {
    let (chosen, count) = match &mut state.mending.dialog {
        Dialog::Offers(offers) => (&mut offers.chosen, offers.offers.len()),
        Dialog::History(history) => (&mut history.chosen, history.operations.len()),
        Dialog::All(_) | Dialog::Closed | Dialog::Waiting => return scroll(state, steps),
    };
    *chosen = chosen.saturating_add_signed(steps).min(count.saturating_sub(1));
    state.mending.sheet.scroll = 0;
    state.mending.changed();
}

/// Scrolls the dialog.
pub fn scroll(state: &mut State, lines: isize) {
    let sheet = &state.mending.sheet;
    let last = sheet.document.lines().len().saturating_sub(state.body().1);
    state.mending.sheet.scroll = sheet.scroll.saturating_add_signed(lines).min(last);
}

/// Types.
pub fn edited(state: &mut State, edit: &Edit) {
    match (&mut state.mending.typed, edit) {
        (Typed::Passphrase(secret, _), Edit::Insert(text)) => secret.push(text),
        (Typed::Passphrase(secret, _), Edit::Backspace) => secret.pop(),
        (Typed::Passphrase(secret, _), Edit::DeleteAll) => *secret = Secret::default(),
        (Typed::Passphrase(..), _) => {}
        (Typed::Path(line, _), edit) => line.apply(edit),
        (Typed::Nothing, edit) => state.mending.rename.iter_mut().for_each(|rename| rename.apply(edit)),
    }
    state.mending.changed();
}

/// Goes back one step.
pub fn back(state: &mut State) {
    let is_typing = !matches!(state.mending.typed, Typed::Nothing);
    state.mending.typed = Typed::Nothing;
    state.mending.changed();
    if is_typing && !matches!(state.mending.dialog, Dialog::Closed) {
        state.mode = Mode::Mend;
        return;
    }
    state.mending.close();
    state.mode = Mode::Browse;
}

/// Takes what a job tells.
pub fn told(state: &mut State, news: News) -> Vec<Effect> {
    match news {
        News::Progress(done, total) => state.mending.running = Some((done, total)),
        News::Recovered(text) => say(state, false, text),
        News::Offers(offers) if is_waiting(state) => {
            let inventory = state.tree.inventory();
            state.mending.dialog =
                Dialog::Offers(Offers { inventory, offers, chosen: 0, staged: Default::default(), denied: false });
            state.mending.changed();
        }
        News::Planned(planned) if is_waiting(state) => {
            let (inventory, about) = (state.tree.inventory(), about(state));
            state.mending.dialog = Dialog::All(Box::new(All { inventory, planned: *planned, about, denied: false }));
            state.mending.changed();
        }
        News::History(operations) if is_waiting(state) => {
            state.mending.dialog = Dialog::History(History { operations, chosen: 0 });
            state.mending.changed();
        }
        News::Offers(_) | News::Planned(_) | News::History(_) => {}
        News::Done(operation) => return done(state, &operation),
        News::Saved(path) => {
            let path = display_name(&path);
            say(state, false, format!("the plan is in {path}: sudo certwright apply {path} carries it out"));
        }
        News::Failed { text, denied } => {
            state.mending.running = None;
            match &mut state.mending.dialog {
                Dialog::Offers(offers) => offers.denied = denied,
                Dialog::All(all) => all.denied = denied,
                Dialog::Waiting => back(state),
                Dialog::Closed | Dialog::History(_) => {}
            }
            state.mending.changed();
            say(state, true, text);
        }
    }
    Vec::new()
}

/// What was changed is read again, and the cursor goes to what it has become.
fn done(state: &mut State, operation: &Operation) -> Vec<Effect> {
    state.mending.running = None;
    state.mending.close();
    state.mending.marks.clear();
    state.mode = Mode::Browse;
    let is_undo = matches!(operation.kind, OperationKind::Undo(_));
    let changes = operation.fixes.iter().flat_map(|fix| &fix.changes);
    let mut here = state.path();
    if is_undo {
        for change in changes.collect::<Vec<_>>().into_iter().rev() {
            here = here.map(|path| moved(path, change.target(), change.source(), change));
        }
    } else {
        for change in changes {
            here =
                here.map(|path| moved(path, change.source().unwrap_or(change.target()), Some(change.target()), change));
        }
    }
    state.wanted = here.iter().flat_map(|path| identities(state, path)).collect();
    say(state, false, words(operation));
    state.progress.judging = false;
    vec![Effect::Rescan]
}

/// Where something is after a rename.
fn moved(path: PathBuf, from: &std::path::Path, to: Option<&std::path::Path>, change: &Change) -> PathBuf {
    let is_move = matches!(change, Change::Rename { .. } | Change::SetAside { .. });
    match (path.strip_prefix(from), to) {
        (Ok(rest), Some(to)) if is_move && rest.as_os_str().is_empty() => to.to_path_buf(),
        (Ok(rest), Some(to)) if is_move => to.join(rest),
        _ => path,
    }
}

/// What a path may be in the tree: a file of a host directory, or one itself.
fn identities(state: &State, path: &std::path::Path) -> Vec<Identity> {
    let is_root = state.tree.roots().iter().any(|root| path.parent() == Some(&root.root.path));
    let file = path.parent().zip(path.file_name()).filter(|_| !is_root);
    let file = file.map(|(directory, name)| Identity::Host(directory.to_path_buf(), Some((name.to_owned(), None))));
    vec![file.unwrap_or_else(|| Identity::Host(path.to_path_buf(), None))]
}

/// What was done, in a line.
fn words(operation: &Operation) -> String {
    let what = match operation.fixes.as_slice() {
        [one] => one.title.clone(),
        many => format!("{} fixes", many.len()),
    };
    let left = if operation.left > 0 { format!(", {} left", operation.left) } else { String::new() };
    match operation.kind {
        OperationKind::Fix => format!("done: {what}{left}; u takes it back"),
        OperationKind::Undo(_) => format!("taken back: {what}; Ctrl-R does it again"),
        OperationKind::Redo(_) => format!("done again: {what}; u takes it back"),
    }
}

fn offer(state: &mut State) -> Vec<Effect> {
    let findings = findings_here(state);
    if matches!(state.cursor, Row::Root(_)) {
        say(state, false, "choose a host directory or a file; F mends all that is safe".to_owned());
        return Vec::new();
    }
    if findings.iter().all(|finding| finding.fixes.is_empty()) {
        say(state, false, "nothing here that certwright could mend".to_owned());
        return Vec::new();
    }
    wait(state, Job::Offer(findings))
}

fn plan_all(state: &mut State) -> Vec<Effect> {
    let findings = if state.mending.marks.is_empty() {
        findings_of(state, state.cursor, true)
    } else {
        let marked = state.mending.marks.iter().filter_map(|mark| state.tree.find(mark));
        marked.flat_map(|row| findings_of(state, row, false)).collect()
    };
    wait(state, Job::PlanAll(findings))
}

fn wait(state: &mut State, job: Job) -> Vec<Effect> {
    state.mode = Mode::Mend;
    state.mending.close();
    state.mending.dialog = Dialog::Waiting;
    vec![Effect::Mend(job)]
}

fn is_waiting(state: &State) -> bool {
    state.mode == Mode::Mend && matches!(state.mending.dialog, Dialog::Waiting)
}

/// The findings of what is selected: of a file, its own; of a host directory, all in it.
fn findings_here(state: &State) -> Vec<Finding> {
    findings_of(state, state.cursor, false)
}

/// The findings of a row; of its whole host directory where that is asked for.
fn findings_of(state: &State, row: Row, whole: bool) -> Vec<Finding> {
    let hosts: Vec<usize> = match row {
        Row::Root(root) => state.tree.root(root).map(|entry| entry.hosts.clone()).unwrap_or_default(),
        row => row.host().into_iter().collect(),
    };
    let name = row.host().zip(row.file()).filter(|_| !whole);
    let name = name.and_then(|(host, file)| Some(state.tree.file(host, file)?.name.clone()));
    let is_meant = |finding: &&Finding| name.is_none() || finding.place.file == name;
    let reads = hosts.into_iter().filter_map(|host| state.tree.read(host));
    reads.flat_map(|read| read.findings.iter().filter(is_meant).cloned()).collect()
}

/// What a plan of everything is about.
fn about(state: &State) -> String {
    match (state.mending.marks.len(), state.cursor) {
        (0, Row::Root(root)) => state.tree.root(root).map(|entry| display_name(&entry.root.path)).unwrap_or_default(),
        (0, row) => {
            let host = row.host().and_then(|host| state.tree.host(host));
            host.and_then(|host| host.path.file_name()).map(display_name).unwrap_or_default()
        }
        (1, _) => "what is marked".to_owned(),
        (many, _) => format!("the {many} that are marked"),
    }
}

fn stage(state: &mut State) -> Vec<Effect> {
    if let Dialog::Offers(offers) = &mut state.mending.dialog {
        let can_be_done = offers.offers.get(offers.chosen).is_some_and(|offer| !offer.fix.changes.is_empty());
        if can_be_done && !offers.staged.remove(&offers.chosen) {
            offers.staged.insert(offers.chosen);
        }
        state.mending.changed();
    }
    Vec::new()
}

/// What the dialog would carry out.
fn wanted(state: &State) -> Option<Wanted> {
    match &state.mending.dialog {
        Dialog::All(all) if !all.planned.plan.is_empty() => Some(Wanted::Plan(Box::new(all.planned.plan.clone()))),
        Dialog::Offers(offers) => {
            let chosen = || std::iter::once(offers.chosen);
            let indices: Vec<usize> =
                if offers.staged.is_empty() { chosen().collect() } else { offers.staged.iter().copied().collect() };
            let of = |index: usize| {
                let offer = offers.offers.get(index).filter(|offer| offer.fix.promise > Applicability::DisplayOnly)?;
                Some((Reason::Rule(offer.finding.code.number.to_owned()), offer.fix.clone()))
            };
            let fixes: Vec<_> = indices.into_iter().filter_map(of).collect();
            (!fixes.is_empty()).then_some(Wanted::Fixes(fixes))
        }
        _ => None,
    }
}

fn apply(state: &mut State) -> Vec<Effect> {
    match wanted(state) {
        Some(wanted) => change(state, Job::CarryOut(wanted)),
        None => {
            say(state, false, "there is nothing to carry out".to_owned());
            Vec::new()
        }
    }
}

/// Begins to change something, unless that is forbidden, or takes a passphrase first.
fn change(state: &mut State, job: Job) -> Vec<Effect> {
    if state.mending.read_only {
        say(state, true, "read-only: nothing is changed".to_owned());
        return Vec::new();
    }
    if state.mending.running.is_some() {
        say(state, true, "something is being changed already".to_owned());
        return Vec::new();
    }
    if needs_passphrase(&job) && state.mending.passphrase.length() == 0 {
        state.mending.typed = Typed::Passphrase(Secret::default(), Box::new(job));
        state.mode = Mode::Type;
        return Vec::new();
    }
    state.mending.running = Some((0, 0));
    vec![Effect::Mend(job)]
}

fn needs_passphrase(job: &Job) -> bool {
    let Job::CarryOut(Wanted::Fixes(fixes)) = job else { return false };
    let opens = |change: &Change| matches!(change, Change::Write { rewrite: Rewrite::Decrypted, .. });
    fixes.iter().flat_map(|(_, fix): &(Reason, Fix)| &fix.changes).any(opens)
}

fn ask_path(state: &mut State) -> Vec<Effect> {
    if let Some(wanted) = wanted(state) {
        let mut line = LineEdit::default();
        line.apply(&Edit::Insert("certwright-plan.json".to_owned()));
        state.mending.typed = Typed::Path(line, wanted);
        state.mode = Mode::Type;
    }
    Vec::new()
}

fn rename(state: &mut State) -> Vec<Effect> {
    let host = state.cursor.host();
    let read = host.and_then(|host| state.tree.read(host)).map(|read| read.host.clone());
    let root = host.and_then(|host| state.tree.root(state.tree.host(host)?.root)).map(|entry| entry.root.clone());
    let (Some(read), Some(root)) = (read, root) else {
        say(state, false, "choose a host directory or a file to rename".to_owned());
        return Vec::new();
    };
    let file = host.zip(state.cursor.file()).and_then(|(host, file)| state.tree.file(host, file));
    let rename = Rename::new(root, read, file.map(|file| file.name.as_os_str()));
    state.mending.close();
    state.mending.rename = Some(rename);
    state.mode = Mode::Rename;
    state.mending.changed();
    Vec::new()
}

/// Takes what was typed.
fn confirm(state: &mut State) -> Vec<Effect> {
    match std::mem::take(&mut state.mending.typed) {
        Typed::Passphrase(secret, job) => {
            state.mode = Mode::Mend;
            state.mending.passphrase = secret;
            change(state, *job)
        }
        Typed::Path(line, wanted) => {
            state.mode = Mode::Mend;
            vec![Effect::Mend(Job::Save(wanted, PathBuf::from(line.text())))]
        }
        Typed::Nothing => {
            let Some(rename) = &state.mending.rename else { return Vec::new() };
            match (&rename.problem, rename.fix()) {
                (Some(problem), _) => {
                    let problem = problem.clone();
                    say(state, true, problem);
                    Vec::new()
                }
                (None, Some(fix)) => change(state, Job::CarryOut(Wanted::Fixes(vec![fix]))),
                (None, None) => {
                    back(state);
                    Vec::new()
                }
            }
        }
    }
}

fn undo(state: &mut State) -> Vec<Effect> {
    let chosen = match &state.mending.dialog {
        Dialog::History(history) => Some(history.operations.iter().rev().nth(history.chosen).map(|one| one.id)),
        _ => None,
    };
    match chosen {
        Some(None) => Vec::new(),
        Some(id) => change(state, Job::Undo(id)),
        None => change(state, Job::Undo(None::<OperationId>)),
    }
}

/// Marks the row, or takes its mark away, and goes on to the next one.
fn mark(state: &mut State) {
    let row = match state.cursor {
        Row::Certificate { host, file, .. } => Row::File { host, file },
        row => row,
    };
    if matches!(row, Row::Root(_)) {
        return;
    }
    if let Some(identity) = state.tree.identity(row)
        && !state.mending.marks.remove(&identity)
    {
        state.mending.marks.insert(identity);
    }
    state.select_place(state.place_of_cursor() + 1);
}

fn say(state: &mut State, failed: bool, text: String) {
    state.said = Some(Said { failed, text });
}
