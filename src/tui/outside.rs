//! What is handed to an editor or a pager. Pure, as [`crate::tui::update`] is, to which it belongs; [`crate::tui::child`]
//! runs them.

use crate::model::{FileKind, Inventory};
use crate::report::text::{Appearance, Paper};
use crate::report::{Scene, card};
use crate::tui::action::{Command, Effect, Said};
use crate::tui::state::State;
use crate::tui::tree::Row;

/// Runs a command that hands the terminal to another program.
pub fn run(state: &mut State, command: Command) -> Vec<Effect> {
    if command == Command::Editor { edit(state) } else { page(state) }
}

/// Opens the file in an editor. A private key is opened once it was asked for twice.
fn edit(state: &mut State) -> Vec<Effect> {
    let warned = state.warned.take();
    if state.mending.read_only {
        return say(state, "read-only: an editor could change the file; P shows what it holds");
    }
    let file = state.cursor.host().zip(state.cursor.file()).and_then(|(host, file)| state.tree.file(host, file));
    let Some(file) = file else { return say(state, "choose a file to edit") };
    if file.kind != FileKind::Regular {
        return say(state, "only a regular file can be edited");
    }
    let is_secret = file.parsed().is_some_and(|parsed| parsed.private_keys().next().is_some());
    if is_secret && warned != Some(state.cursor) {
        state.warned = Some(state.cursor);
        return say(state, "a private key: an editor may leave copies of it behind; once more opens it all the same");
    }
    state.path().map(Effect::Edit).into_iter().collect()
}

/// Shows in a pager what `certwright show` prints of the file, or of all files of the directory.
fn page(state: &mut State) -> Vec<Effect> {
    let read = state.cursor.host().and_then(|host| state.tree.read(host));
    let Some(read) = read.filter(|read| !read.host.files.is_empty()) else {
        return say(state, "choose a file, or a directory with files, to look at");
    };
    let file = state.cursor.file().and_then(|file| read.host.files.get(file));
    let focus: Vec<_> = file.map(|file| (read.host.path.clone(), file.name.clone())).into_iter().collect();
    let inventory = Inventory { roots: Vec::new(), hosts: vec![read.host.clone()] };
    let scene = Scene {
        inventory: &inventory,
        findings: &read.findings,
        focus: &focus,
        now: state.settings.now,
        expires_within: state.settings.expires_within,
    };
    let mut text = Vec::new();
    let mut paper = Paper::new(&mut text, Appearance::default());
    let printed = match (state.cursor, file) {
        (Row::Certificate { certificate, .. }, Some(file)) => {
            let certificate = crate::tui::entry::certificates_of(file).nth(certificate);
            certificate.map_or(Ok(()), |certificate| card::print_certificate(&scene, certificate, &mut paper))
        }
        _ => card::print(&scene, &mut paper),
    };
    match printed {
        Ok(()) => vec![Effect::Page(String::from_utf8_lossy(&text).into_owned())],
        Err(_) => say(state, "this cannot be shown"),
    }
}

fn say(state: &mut State, text: &str) -> Vec<Effect> {
    state.said = Some(Said { failed: true, text: text.to_owned() });
    Vec::new()
}
