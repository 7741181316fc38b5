//! How a configuration file names keys: `x`, `G`, `ctrl-y`, `shift-tab`, `page-down`.

use crate::tui::key::Key;

/// Keys with a name of their own; the first name of each is the one that is written.
const NAMES: &[(&str, Key)] = &[
    ("space", Key::Char(' ')),
    ("enter", Key::Enter),
    ("return", Key::Enter),
    ("esc", Key::Esc),
    ("escape", Key::Esc),
    ("tab", Key::Tab),
    ("shift-tab", Key::BackTab),
    ("backtab", Key::BackTab),
    ("backspace", Key::Backspace),
    ("delete", Key::Delete),
    ("del", Key::Delete),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("page-up", Key::PageUp),
    ("pgup", Key::PageUp),
    ("page-down", Key::PageDown),
    ("pgdn", Key::PageDown),
    ("home", Key::Home),
    ("end", Key::End),
];

/// The name of a key in a configuration file.
pub fn name(key: Key) -> String {
    match (NAMES.iter().find(|(_, other)| *other == key), key) {
        (Some((name, _)), _) => (*name).to_owned(),
        (None, Key::Ctrl(letter)) => format!("ctrl-{letter}"),
        (None, key) => key.to_string(),
    }
}

/// The key of a name.
///
/// # Errors
/// Where no key has it, or a terminal cannot tell it from another: says what is allowed.
pub fn parse(name: &str) -> Result<Key, String> {
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next())
        && !letter.is_control()
    {
        return Ok(Key::Char(letter));
    }
    let lower = name.to_lowercase();
    if let Some((_, key)) = NAMES.iter().find(|(other, _)| *other == lower) {
        return Ok(*key);
    }
    let allowed = "a key is one character, ctrl- and a letter, or enter, space, tab, shift-tab, backspace, delete, up, \
                   down, left, right, page-up, page-down, home, end";
    match lower.strip_prefix("ctrl-").or_else(|| lower.strip_prefix("c-")).map(str::as_bytes) {
        Some(b"h") => Err(same(name, "backspace")),
        Some(b"i") => Err(same(name, "tab")),
        Some(b"j" | b"m") => Err(same(name, "enter")),
        Some([letter @ b'a'..=b'z']) => Ok(Key::Ctrl(char::from(*letter))),
        _ => Err(format!("no key is called {name:?}: {allowed}")),
    }
}

fn same(name: &str, other: &str) -> String {
    format!("{name} reaches a program as {other} does: name that")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keymap::BINDINGS;

    #[test]
    fn every_key_that_is_used_has_a_name_that_means_it() {
        for key in BINDINGS.iter().flat_map(|binding| binding.keys.iter()) {
            assert_eq!(parse(&name(*key)), Ok(*key));
            assert_eq!(parse(&key.to_string()), Ok(*key), "as the help screen writes it");
        }
    }

    #[test]
    fn what_is_no_key_says_what_is() {
        assert_eq!(parse("Ctrl-Y"), Ok(Key::Ctrl('y')));
        assert_eq!(parse("G"), Ok(Key::Char('G')));
        assert!(parse("ctrl-i").unwrap_err().contains("tab"));
        assert!(parse("f13").unwrap_err().contains("page-down"));
        assert!(parse("").is_err());
    }
}
