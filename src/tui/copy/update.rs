//! What keys change where something is copied. Pure, as [`crate::tui::update`] is, to which it belongs.

use std::path::PathBuf;

use crate::tui::action::{Command, Edit, Effect, Said};
use crate::tui::copy::{Item, Menu, private_key, text};
use crate::tui::line_edit::LineEdit;
use crate::tui::state::{Mode, State};

/// The longest path of a file, in characters.
const LONGEST_PATH: usize = 4096;

/// Runs a command that is about copying.
pub fn run(state: &mut State, command: Command) -> Vec<Effect> {
    match command {
        Command::CopyMenu => {
            state.copying = Menu::default();
            state.mode = Mode::Copy;
            Vec::new()
        }
        Command::CopyToFile => {
            state.copying.to_file = !state.copying.to_file;
            state.copying.armed = false;
            Vec::new()
        }
        Command::Copy(item) => copy(state, item),
        Command::Confirm => confirm(state),
        _ => Vec::new(),
    }
}

/// Types the path of a file.
pub fn edited(state: &mut State, edit: &Edit) {
    if let Some((line, _)) = &mut state.copying.typed {
        line.apply(edit);
    }
}

/// Goes back one step.
pub fn back(state: &mut State) {
    state.mode = if state.copying.typed.take().is_some() { Mode::Copy } else { Mode::Browse };
}

fn copy(state: &mut State, item: Item) -> Vec<Effect> {
    let text = match text(state, item) {
        Ok(text) => text,
        Err(reason) => {
            state.copying.armed = false;
            return say(state, true, reason.to_owned());
        }
    };
    if item == Item::PrivateKey && !std::mem::replace(&mut state.copying.armed, true) {
        let whither = if state.copying.to_file { "a file" } else { "the clipboard, which other programs read" };
        // Where it was asked for by name, the menu is where it is asked for again.
        state.mode = Mode::Copy;
        return say(state, true, format!("this is a secret: once more puts the private key into {whither}"));
    }
    state.copying.armed = item == Item::PrivateKey;
    if state.mode == Mode::Copy && state.copying.to_file {
        state.copying.typed = Some((LineEdit::new(item.file_name(), LONGEST_PATH), item));
        state.mode = Mode::Save;
        return Vec::new();
    }
    state.mode = Mode::Browse;
    state.copying.armed = false;
    match item {
        Item::PrivateKey => key(state, None),
        _ => vec![Effect::Copy { what: item.word(), text }],
    }
}

/// Keeps in a file what was chosen.
fn confirm(state: &mut State) -> Vec<Effect> {
    let Some((line, item)) = state.copying.typed.take() else { return Vec::new() };
    state.mode = Mode::Browse;
    let path = PathBuf::from(line.text());
    if item == Item::PrivateKey {
        return if std::mem::take(&mut state.copying.armed) { key(state, Some(path)) } else { Vec::new() };
    }
    match text(state, item) {
        Ok(text) => vec![Effect::Keep { what: item.word(), text: text.trim_end().to_owned() + "\n", path }],
        Err(reason) => say(state, true, reason.to_owned()),
    }
}

fn key(state: &State, to: Option<PathBuf>) -> Vec<Effect> {
    let found = private_key(state);
    found.into_iter().map(|(path, stamp)| Effect::CopyKey { path, stamp, to: to.clone() }).collect()
}

fn say(state: &mut State, failed: bool, text: String) -> Vec<Effect> {
    state.said = Some(Said { failed, text });
    Vec::new()
}
