//! What keys change where something is mended. Pure, as [`crate::tui::update`] is, to which it belongs.

use std::path::PathBuf;

use crate::finding::{Applicability, Change, Fix};
use crate::fix::Reason;
use crate::pki::Rewrite;
use crate::session::mending::{Job, Wanted};
use crate::tui::action::{Command, Edit, Effect, Said};
use crate::tui::line_edit::LineEdit;
use crate::tui::mending::rename::Rename;
use crate::tui::mending::{Dialog, Running, Secret, Typed, marks};
use crate::tui::setting_up;
use crate::tui::state::{Mode, State};
use crate::tui::tree::{Identity, Row};

/// The longest path of a file, in characters.
const LONGEST_PATH: usize = 4096;

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
            let State { mending, tree, .. } = state;
            mending.rename.iter_mut().for_each(|rename| rename.next_ending(tree));
            mending.changed();
            Vec::new()
        }
        Command::Confirm => confirm(state),
        Command::Undo => undo(state),
        Command::Redo => change(state, Job::Redo),
        Command::History => wait(state, Job::History),
        Command::Mark => {
            marks::mark(state);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Goes up or down among choices; scrolls where there are none.
pub fn go(state: &mut State, steps: isize) {
    let (chosen, count) = match &mut state.mending.dialog {
        Dialog::Offers(offers) => (&mut offers.chosen, offers.offers.len()),
        Dialog::History(history) => {
            history.problem = None;
            (&mut history.chosen, history.operations.len())
        }
        _ => return scroll(state, steps),
    };
    *chosen = chosen.saturating_add_signed(steps).min(count.saturating_sub(1));
    if matches!(state.mending.dialog, Dialog::Offers(_)) {
        state.mending.sheet.scroll = 0;
    }
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
        (Typed::Nothing, edit) => {
            let State { mending, tree, .. } = state;
            mending.rename.iter_mut().for_each(|rename| rename.apply(edit, tree));
            mending.changed();
        }
    }
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
    // What was typed into a form is still there.
    let origin = match &state.mending.dialog {
        Dialog::Proposal(proposed) if state.setting_up.form.is_some() => proposed.origin,
        _ => Mode::Browse,
    };
    state.mending.close();
    state.mode = origin;
}

fn offer(state: &mut State) -> Vec<Effect> {
    let findings = marks::findings_here(state);
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

/// Works out a plan of everything, once everything was read: what mends one thing may stand anywhere.
fn plan_all(state: &mut State) -> Vec<Effect> {
    let is_read = state.progress.finished;
    let findings = if is_read { marks::findings_of_all(state) } else { Vec::new() };
    let effects = wait(state, Job::PlanAll(findings));
    if is_read || effects.is_empty() {
        return effects;
    }
    state.mending.dialog = Dialog::Reading;
    Vec::new()
}

/// Goes on with what has waited until everything was read.
pub fn read(state: &mut State) -> Vec<Effect> {
    if state.mode == Mode::Mend && matches!(state.mending.dialog, Dialog::Reading) {
        return plan_all(state);
    }
    Vec::new()
}

/// Shows that something is being worked out.
fn wait(state: &mut State, job: Job) -> Vec<Effect> {
    if is_busy(state) {
        return Vec::new();
    }
    state.mode = Mode::Mend;
    state.mending.close();
    state.mending.dialog = Dialog::Waiting;
    vec![Effect::Mend(job)]
}

/// While something is changed nothing else begins, and what is seen may be gone.
pub fn is_busy(state: &mut State) -> bool {
    let is_busy = state.mending.running.is_some();
    if is_busy {
        say(state, true, "something is being changed already".to_owned());
    }
    is_busy
}

/// Stages the fix, or takes it off. Of several ways to mend one finding one is staged.
fn stage(state: &mut State) -> Vec<Effect> {
    let Dialog::Offers(offers) = &mut state.mending.dialog else { return Vec::new() };
    let chosen = offers.offers.get(offers.chosen).filter(|offer| !offer.fix.changes.is_empty());
    if let Some(chosen) = chosen
        && !offers.staged.remove(&offers.chosen)
    {
        let is_other = |index: &usize| offers.offers.get(*index).is_some_and(|other| other.finding != chosen.finding);
        offers.staged.retain(is_other);
        offers.staged.insert(offers.chosen);
    }
    state.mending.changed();
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
        Dialog::Denied(denied) => Some(denied.wanted.clone()),
        Dialog::Proposal(proposed) => Some(Wanted::Plan(Box::new(proposed.proposal.planned.plan.clone()))),
        _ => None,
    }
}

fn apply(state: &mut State) -> Vec<Effect> {
    match wanted(state) {
        Some(wanted) => change(state, Job::CarryOut(wanted)),
        None if renewed(state).is_some() => {
            let here = renewed(state).and_then(|identity| state.tree.find(&identity));
            state.mending.close();
            state.mode = Mode::Browse;
            here.into_iter().for_each(|row| state.reach(row));
            setting_up::update::run(state, Command::Renew)
        }
        None => {
            let is_waiting = matches!(state.mending.dialog, Dialog::Waiting | Dialog::Reading | Dialog::Proposing);
            let text = if is_waiting { "it is not worked out yet" } else { "there is nothing to carry out" };
            say(state, false, text.to_owned());
            Vec::new()
        }
    }
}

/// The certificate for which the chosen way makes a new key and a request.
fn renewed(state: &State) -> Option<Identity> {
    let Dialog::Offers(offers) = &state.mending.dialog else { return None };
    let offer = offers.offers.get(offers.chosen).filter(|_| offers.staged.is_empty())?;
    let place = &offer.finding.place;
    let makes_key = offer.fix.by_hand.as_ref().is_some_and(|how| how.starts_with("certwright renew "));
    let file = place.file.clone().filter(|_| makes_key)?;
    Some(Identity::Host(place.directory.to_path_buf(), Some((file, None))))
}

/// Begins to change something, unless that is forbidden, or takes a passphrase first.
fn change(state: &mut State, job: Job) -> Vec<Effect> {
    if is_read_only(state) || is_busy(state) {
        return Vec::new();
    }
    if needs_passphrase(&job) && state.mending.passphrase.length() == 0 {
        state.mending.typed = Typed::Passphrase(Secret::default(), Box::new(job));
        state.mode = Mode::Type;
        return Vec::new();
    }
    let wanted = match &job {
        Job::CarryOut(wanted) => Some(wanted.clone()),
        _ => None,
    };
    let mut running = Running { wanted, ..Running::default() };
    if let Dialog::Proposal(proposed) = &state.mending.dialog {
        (running.goal, running.then) = (proposed.goal.clone(), proposed.then.clone());
        running.sets_up = true;
    }
    state.mending.running = Some(running);
    vec![Effect::Mend(job)]
}

fn is_read_only(state: &mut State) -> bool {
    if state.mending.read_only {
        say(state, true, "read-only: nothing is changed".to_owned());
    }
    state.mending.read_only
}

/// Stops what is under way, behind the fix that it is at; then leaves, where that is asked for.
pub fn stop(state: &mut State, leaves: bool) -> Vec<Effect> {
    if let Some(running) = &mut state.mending.running {
        running.stops = true;
        running.leaves |= leaves;
        say(state, false, "stopping behind the fix that is under way".to_owned());
    }
    vec![Effect::StopMending]
}

fn needs_passphrase(job: &Job) -> bool {
    let Job::CarryOut(Wanted::Fixes(fixes)) = job else { return false };
    let opens = |change: &Change| matches!(change, Change::Write { rewrite: Rewrite::Decrypted, .. });
    fixes.iter().flat_map(|(_, fix): &(Reason, Fix)| &fix.changes).any(opens)
}

fn ask_path(state: &mut State) -> Vec<Effect> {
    if is_read_only(state) || is_busy(state) {
        return Vec::new();
    }
    if matches!(&state.mending.dialog, Dialog::Proposal(proposed) if proposed.proposal.is_secret) {
        say(state, true, "a private key is never kept in a plan".to_owned());
        return Vec::new();
    }
    match wanted(state) {
        Some(wanted) => {
            state.mending.typed = Typed::Path(LineEdit::new("certwright-plan.json", LONGEST_PATH), wanted);
            state.mode = Mode::Type;
        }
        None => say(state, false, "there is nothing to keep".to_owned()),
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
    if is_busy(state) {
        return Vec::new();
    }
    let file = host.zip(state.cursor.file()).and_then(|(host, file)| state.tree.file(host, file));
    let rename = Rename::new(root, read, file.map(|file| file.name.as_os_str()), &state.tree);
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
        None => change(state, Job::Undo(None)),
    }
}

/// Says something on the bottom line.
pub fn say(state: &mut State, failed: bool, text: String) {
    state.said = Some(Said { failed, text });
}
