//! What changes on the screen once something was looked at or worked out. Pure, as [`crate::tui::update`] is.

use crate::session::setting_up::inspect::Inspected;
use crate::session::setting_up::proposal::{News, Proposal};
use crate::tui::action::Effect;
use crate::tui::mending::update::say;
use crate::tui::mending::{Dialog, Proposed};
use crate::tui::setting_up::update::judge;
use crate::tui::setting_up::{Kind, import_form};
use crate::tui::state::{Mode, State};

/// Takes what was found in what a form names. What somebody has typed over meanwhile is of no account.
pub fn inspected(state: &mut State, inspected: Inspected) -> Vec<Effect> {
    if let Some(form) = &mut state.setting_up.form {
        form.found = Some(inspected);
    }
    judge(state)
}

/// Takes what comes of an order; nothing, where it ended without a word.
pub fn told(state: &mut State, news: Option<News>) {
    let Some(working) = &mut state.setting_up.working else { return };
    match news {
        Some(News::Making(algorithm, tenths)) => working.making = Some((algorithm, tenths)),
        Some(News::Proposed(proposal)) => proposed(state, *proposal),
        Some(News::Cancelled) => {
            back_to_origin(state);
            say(state, false, "given up; nothing was changed".to_owned());
        }
        Some(News::Passphrase { input, is_wrong }) => {
            back_to_origin(state);
            if is_wrong {
                say(state, true, format!("the passphrase does not open {input}"));
            }
            if let Some(form) = &mut state.setting_up.form {
                import_form::ask_passphrase(form, input, is_wrong);
            }
        }
        Some(News::Refused(text)) => refused(state, text),
        // Its end has been told.
        None if working.ready.is_some() => {}
        None => refused(state, "this failed inside certwright; nothing was changed".to_owned()),
    }
}

fn refused(state: &mut State, text: String) {
    back_to_origin(state);
    if let Some(form) = state.setting_up.form.as_mut().filter(|_| state.mode == Mode::Form) {
        form.problem = Some(text.clone());
    }
    say(state, true, text);
}

fn proposed(state: &mut State, proposal: Proposal) {
    let Some(working) = &mut state.setting_up.working else { return };
    working.making = None;
    working.ready = Some(Box::new(Proposed {
        title: working.title.clone(),
        proposal,
        denied: false,
        origin: working.origin,
        goal: working.goal.clone(),
        then: working.then.clone(),
    }));
    let waits = state.mode == Mode::Mend && matches!(state.mending.dialog, Dialog::Proposing);
    if waits || state.mode == Mode::Browse {
        show_ready(state);
    } else {
        say(state, false, "the plan is ready: N shows it in the tree".to_owned());
    }
}

/// Shows the plan that is ready. Tells whether there is one.
pub fn show_ready(state: &mut State) -> bool {
    let ready = state.setting_up.working.as_mut().and_then(|working| working.ready.take());
    let Some(ready) = ready else { return false };
    state.setting_up.working = None;
    state.mending.close();
    state.mending.dialog = Dialog::Proposal(ready);
    state.mending.changed();
    state.mode = Mode::Mend;
    true
}

/// Nothing is worked out any more: goes back to where that was asked for, unless somebody is at something else.
pub fn back_to_origin(state: &mut State) {
    let Some(working) = state.setting_up.working.take() else { return };
    let waits = state.mode == Mode::Mend && matches!(state.mending.dialog, Dialog::Proposing);
    if waits {
        state.mending.close();
    }
    if waits || state.mode == Mode::Browse {
        let has_form = state.setting_up.form.is_some();
        state.mode = if has_form { working.origin } else { Mode::Browse };
    } else {
        keep_draft(state);
    }
}

fn keep_draft(state: &mut State) {
    let form = state.setting_up.form.take();
    state.setting_up.draft = form.filter(|form| matches!(form.kind, Kind::Host(_)));
}
