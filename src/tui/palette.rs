//! The palette: everything that can be done in the tree and the pane, narrowed by what is typed.

use crate::tui::action::{Command, Edit};
use crate::tui::fuzzy::{Matcher, Pattern};
use crate::tui::keymap::{Binding, Place};
use crate::tui::line_edit::LineEdit;
use crate::tui::state::{Focus, State};

/// What is typed and chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    /// What is typed.
    pub line: LineEdit,
    /// The number of the entry that is chosen, among those found.
    pub chosen: usize,
}

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What.
    pub command: Command,
    /// Its keys, as they are shown.
    pub keys: String,
    /// What it does, and behind that its name in a configuration file.
    pub text: String,
    /// Where the name begins, in characters.
    pub name_at: usize,
    /// Characters of the text that hold what was typed.
    pub hits: Vec<usize>,
}

impl Palette {
    /// Types. The best entry is chosen then.
    pub fn apply(&mut self, edit: &Edit) {
        self.line.apply(edit);
        self.chosen = 0;
    }

    /// Chooses another entry of so many.
    pub fn go(&mut self, steps: isize, entries: usize) {
        self.chosen = self.chosen.saturating_add_signed(steps).min(entries.saturating_sub(1));
    }
}

/// What is found, the best first; in the order of the keymap where nothing is typed.
pub fn entries(state: &State) -> Vec<Entry> {
    let pattern = Pattern::new(&state.palette.line.text());
    let mut matcher = Matcher::default();
    let mut found = Vec::new();
    for binding in bindings(state) {
        let name = binding.command.name();
        let text = format!("{}  {name}", binding.help);
        let Some((score, hits)) = pattern.rank(&text, &mut matcher) else { continue };
        let name_at = binding.help.chars().count() + 2;
        found.push((score, Entry { command: binding.command, keys: keys_text(binding), text, name_at, hits }));
    }
    // The sort is stable.
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// Keys as they are shown, the one to be named first first.
pub fn keys_text(binding: &Binding) -> String {
    binding.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// What can be done where the palette was opened: each command once.
fn bindings(state: &State) -> Vec<&Binding> {
    let places = match state.focus {
        Focus::Tree => [Place::Everywhere, Place::Tree, Place::Pane],
        Focus::Pane => [Place::Everywhere, Place::Pane, Place::Tree],
    };
    let mut found: Vec<&Binding> = Vec::new();
    for place in places {
        for binding in state.keymap.bindings().iter().filter(|binding| binding.place == place) {
            let is_told = found.iter().any(|other| other.command == binding.command);
            if !is_told && binding.command != Command::Palette {
                found.push(binding);
            }
        }
    }
    found
}
