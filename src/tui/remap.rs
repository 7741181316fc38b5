//! The keymap in force: the built-in table with the keys that a configuration gives to commands.
//!
//! A command that is given others than the table does loses those by which it is named in the table, in every place where it has them; keys
//! that it has in one place besides stay there. Where text is typed, characters remain text. Ctrl-C and Esc stay what they
//! are, so that nobody is locked in.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::KeySetting;
use crate::config::problem::{Problem, unknown_of_many};
use crate::tui::action::Command;
use crate::tui::key::Key;
use crate::tui::key_name;
use crate::tui::keymap::{BINDINGS, Binding, Place};

/// The bindings in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bindings: BINDINGS.to_vec() }
    }
}

impl Keymap {
    /// The keymap of a configuration, and what is wrong there; `path` is for the problems.
    pub fn configured(settings: &BTreeMap<String, KeySetting>, path: &Path) -> (Self, Vec<Problem>) {
        let mut making = Making { keymap: Self::default(), given: Vec::new(), path, problems: Vec::new() };
        let mut settings: Vec<(&String, &KeySetting)> = settings.iter().collect();
        settings.sort_by_key(|(_, setting)| setting.line);
        for (name, setting) in settings {
            making.give(name, setting);
        }
        making.settle();
        making.problems.sort_by_key(|problem| problem.line);
        (making.keymap, making.problems)
    }

    /// All bindings, in the order of the help screen.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// The command of a key in a place.
    pub fn command(&self, place: Place, key: Key) -> Option<Command> {
        let bound = self.bindings.iter().find(|binding| binding.place == place && binding.keys.contains(&key));
        bound.map(|binding| binding.command)
    }

    /// The first key of a command where it is named first.
    pub fn key_of(&self, command: Command) -> Option<Key> {
        self.bindings.iter().find(|binding| binding.command == command)?.keys.first().copied()
    }
}

impl Command {
    /// Its name in a configuration file: `next-problem`, `show-overview`.
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars().filter(|letter| letter.is_alphanumeric()) {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.extend(letter.to_lowercase());
        }
        name
    }
}

/// The table `[keys]` of the default configuration file: every command that has a name there, what it does, its keys.
pub fn default_keys() -> Vec<(String, &'static str, String)> {
    let mut told: Vec<Command> = Vec::new();
    let mut entries = Vec::new();
    for binding in BINDINGS {
        if told.contains(&binding.command) {
            continue;
        }
        told.push(binding.command);
        let keys = binding.keys.iter().map(|key| format!("{:?}", key_name::name(*key)));
        let keys = format!("[{}]", keys.collect::<Vec<_>>().join(", "));
        entries.push((binding.command.name(), binding.help, keys));
    }
    entries
}

/// Keys that keep their meaning, so that there is always a way back and out.
const RESERVED: &[(Key, Command)] = &[(Key::Ctrl('c'), Command::Quit), (Key::Esc, Command::Back)];

/// A keymap while it is made.
struct Making<'a> {
    keymap: Keymap,
    /// What was asked for, with the line that does.
    given: Vec<(Command, Key, usize)>,
    path: &'a Path,
    problems: Vec<Problem>,
}

impl Making<'_> {
    fn give(&mut self, name: &str, setting: &KeySetting) {
        let Some(command) = BINDINGS.iter().map(|binding| binding.command).find(|command| command.name() == name)
        else {
            let names: Vec<String> = default_keys().into_iter().map(|(name, ..)| name).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let hint = "`certwright config --print-default` lists them";
            self.report(setting.line, unknown_of_many("command", name, &names, hint));
            return;
        };
        let mut keys = Vec::new();
        for text in &setting.keys {
            match key_name::parse(text) {
                Ok(key) => match RESERVED.iter().find(|(reserved, owner)| *reserved == key && *owner != command) {
                    Some((_, owner)) => self.report(setting.line, format!("{text} always means {}", owner.name())),
                    None => keys.push(key),
                },
                Err(message) => self.report(setting.line, message),
            }
        }
        // Nothing of it can be used: then rather as it was than without a key.
        if keys.is_empty() && !setting.keys.is_empty() {
            return;
        }
        let own = BINDINGS.iter().find(|binding| binding.command == command).map(|binding| binding.keys.clone());
        let own = own.unwrap_or_default();
        if *keys == *own {
            return;
        }
        self.given.extend(keys.iter().map(|key| (command, *key, setting.line)));
        for binding in self.keymap.bindings.iter_mut().filter(|binding| binding.command == command) {
            binding.keys = replaced(binding, &own, &keys).into();
        }
    }

    /// Gives each key that means two things in one mode to one of them, and tells so.
    fn settle(&mut self) {
        for (command, key, line) in self.given.clone() {
            for index in 0..self.keymap.bindings.len() {
                let Some(rival) = self.keymap.bindings.get(index).filter(|rival| rival.keys.contains(&key)) else {
                    continue;
                };
                let meets = |binding: &Binding| {
                    let is_met = is_same_mode(binding.place, rival.place);
                    binding.command == command && is_met && binding.keys.contains(&key)
                };
                if rival.command == command || !self.keymap.bindings.iter().any(meets) {
                    continue;
                }
                let (loser, place) = (rival.command, rival.place.title().to_lowercase());
                let other = self.given.iter().find(|(other, given, _)| *other == loser && *given == key);
                let (owner, loser, at) = match other {
                    // Of two that ask for it, the first has it.
                    Some((_, _, other_line)) if *other_line < line => (loser, command, line),
                    Some((_, _, other_line)) => (command, loser, *other_line),
                    None => (command, loser, line),
                };
                self.take(loser, key);
                let (owner, loser, key) = (owner.name(), loser.name(), key_name::name(key));
                let message = format!("{key} means {owner} and {loser} ({place}): it is {owner} now, {loser} lost it");
                self.report(at, message);
            }
        }
    }

    fn take(&mut self, command: Command, key: Key) {
        for binding in self.keymap.bindings.iter_mut().filter(|binding| binding.command == command) {
            if binding.keys.contains(&key) {
                binding.keys.to_mut().retain(|other| *other != key);
            }
        }
    }

    fn report(&mut self, line: usize, message: String) {
        let problem = Problem { path: self.path.to_path_buf(), line: Some(line), message };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

/// The keys of a binding once `keys` stand for `own`.
fn replaced(binding: &Binding, own: &[Key], keys: &[Key]) -> Vec<Key> {
    let is_text = |key: &Key| binding.place.takes_text() && matches!(key, Key::Char(_));
    let mut all: Vec<Key> = keys.iter().filter(|key| !is_text(key)).copied().collect();
    // What is typed as text cannot be a key here, and there must be one.
    if all.is_empty() && !keys.is_empty() {
        return binding.keys.to_vec();
    }
    let is_reserved = |key: &Key| RESERVED.contains(&(*key, binding.command));
    let kept = binding.keys.iter().filter(|key| !own.contains(key) || is_reserved(key));
    for key in kept {
        if !all.contains(key) {
            all.push(*key);
        }
    }
    all
}

/// Tells whether the bindings of two places hold at the same time.
fn is_same_mode(one: Place, other: Place) -> bool {
    let is_pair = |one, other| one == Place::Everywhere && matches!(other, Place::Tree | Place::Pane | Place::Found);
    one == other || is_pair(one, other) || is_pair(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured(settings: &[(&str, &[&str])]) -> (Keymap, Vec<String>) {
        let setting = |(line, (name, keys)): (usize, &(&str, &[&str]))| {
            let keys = keys.iter().map(|key| (*key).to_owned()).collect();
            ((*name).to_owned(), KeySetting { line: line + 1, keys })
        };
        let settings = settings.iter().enumerate().map(setting).collect();
        let (keymap, problems) = Keymap::configured(&settings, Path::new("config.toml"));
        (keymap, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_command_has_the_keys_that_it_is_given_wherever_it_has_any() {
        let (keymap, problems) = configured(&[("down", &["ctrl-n", "x"])]);
        assert_eq!(problems, [""; 0]);
        for place in [Place::Tree, Place::Pane, Place::Help, Place::Answer] {
            assert_eq!(keymap.command(place, Key::Ctrl('n')), Some(Command::Down), "{place:?}");
            assert_eq!(keymap.command(place, Key::Char('x')), Some(Command::Down), "{place:?}");
            assert_eq!(keymap.command(place, Key::Char('j')), None, "{place:?}");
        }
        assert_eq!(keymap.command(Place::Filter, Key::Ctrl('n')), Some(Command::Down));
        assert_eq!(keymap.command(Place::Filter, Key::Char('x')), None, "there it is typed");
    }

    #[test]
    fn a_key_bound_twice_in_one_mode_is_reported() {
        let (keymap, problems) = configured(&[("sort", &["y"]), ("why", &["y"]), ("rescan", &["space"])]);
        insta::assert_snapshot!(problems.join("\n"), @r##"
        config.toml:1: y means sort and copy-menu (everywhere): it is sort now, copy-menu lost it
        config.toml:2: y means sort and why (everywhere): it is sort now, why lost it
        config.toml:3: space means rescan and mark (tree): it is rescan now, mark lost it
        config.toml:3: space means rescan and page-down (pane): it is rescan now, page-down lost it
        "##);
        assert_eq!(keymap.command(Place::Everywhere, Key::Char('y')), Some(Command::Sort));
        assert_eq!(keymap.command(Place::Everywhere, Key::Char('w')), None);
        let (_, problems) = configured(&[("copy-menu", &[]), ("sort", &["y"])]);
        assert_eq!(problems, [""; 0], "a command may be left without a key");
    }

    #[test]
    fn what_is_unknown_is_reported_and_nobody_is_locked_in() {
        let wrong: [(&str, &[&str]); 5] =
            [("srot", &["s"]), ("sort", &["f13"]), ("quit", &["Q"]), ("help", &["ctrl-c", "H"]), ("back", &[])];
        let (keymap, problems) = configured(&wrong);
        insta::assert_snapshot!(problems.join("\n"), @r##"
        config.toml:1: unknown command srot: did you mean sort? `certwright config --print-default` lists them
        config.toml:2: no key is called "f13": a key is one character, ctrl- and a letter, or enter, space, tab, shift-tab, backspace, delete, up, down, left, right, page-up, page-down, home, end
        config.toml:4: ctrl-c always means quit
        "##);
        assert_eq!(keymap.command(Place::Everywhere, Key::Ctrl('c')), Some(Command::Quit));
        assert_eq!(keymap.command(Place::Everywhere, Key::Char('Q')), Some(Command::Quit));
        assert_eq!(keymap.command(Place::Everywhere, Key::Char('H')), Some(Command::Help));
        assert_eq!(keymap.command(Place::Everywhere, Key::Char('o')), Some(Command::Sort));
        assert_eq!(keymap.command(Place::Filter, Key::Esc), Some(Command::Back));
    }

    #[test]
    fn the_default_keys_are_the_defaults() {
        let settings = default_keys().into_iter().enumerate().map(|(line, (name, _, keys))| {
            let table: toml::Table = format!("keys = {keys}").parse().unwrap();
            let keys = table["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect();
            (name, KeySetting { line, keys })
        });
        let (keymap, problems) = Keymap::configured(&settings.collect(), Path::new("config.toml"));
        assert_eq!(problems, []);
        assert_eq!(keymap, Keymap::default());
    }
}
