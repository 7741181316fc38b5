//! Foreign text made safe for a terminal, and fitted to columns.
//!
//! Every string out of a certificate, a file name or a server passes [`sanitise`] before a person sees it.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use unicode_width::UnicodeWidthChar;

/// Replaces whatever could move a cursor, recolour a screen or hide text by a visible escape.
///
/// Escaped are C0 and C1 controls, DEL, line and paragraph separators, bidirectional controls, zero-width characters,
/// tags, variation selectors and the byte-order mark: as `\n`, `\x1b` or `\u{202e}`. Other text stays as it is.
pub fn sanitise(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| (0x20..0x7f).contains(&byte);
    if text.bytes().all(is_plain) || !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        push_safe(&mut safe, character);
    }
    Cow::Owned(safe)
}

/// [`sanitise`] for bytes that may not be UTF-8: a stray byte becomes `\xNN`.
pub fn sanitise_bytes(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return sanitise(text).into_owned();
    }
    let mut safe = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            push_safe(&mut safe, character);
        }
        for byte in chunk.invalid() {
            safe.push_str(&format!("\\x{byte:02x}"));
        }
    }
    safe
}

/// A file or directory name, or a path, made safe to show.
pub fn display_name(name: impl AsRef<OsStr>) -> String {
    sanitise_bytes(name.as_ref().as_bytes())
}

/// A file name or path as a word that a POSIX shell takes for it, and no program for an option.
pub fn shell_word(name: impl AsRef<OsStr>) -> String {
    let name = name.as_ref().to_string_lossy();
    let name = if name.starts_with('-') { format!("./{name}") } else { name.into_owned() };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-:@%+,=".contains(&byte);
    if !name.is_empty() && name.bytes().all(is_plain) {
        return name;
    }
    format!("'{}'", name.replace('\'', "'\\''"))
}

/// Columns that `text` takes on a terminal.
pub fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// Shortens `text` to at most `limit` columns, ending in `…` where something was cut.
pub fn truncate(text: &str, limit: usize) -> Cow<'_, str> {
    if width(text) <= limit {
        return Cow::Borrowed(text);
    }
    if limit == 0 {
        return Cow::Borrowed("");
    }
    let mut short = take_columns(text.chars(), limit - 1);
    short.push('…');
    Cow::Owned(short)
}

/// Shortens `text` to at most `limit` columns by cutting its middle, so that both ends stay readable.
pub fn ellipsize_middle(text: &str, limit: usize) -> Cow<'_, str> {
    if width(text) <= limit {
        return Cow::Borrowed(text);
    }
    if limit < 3 {
        return truncate(text, limit);
    }
    let tail_columns = (limit - 1) / 2;
    let mut short = take_columns(text.chars(), limit - 1 - tail_columns);
    let tail: Vec<char> = take_columns(text.chars().rev(), tail_columns).chars().collect();
    short.push('…');
    short.extend(tail.iter().rev());
    Cow::Owned(short)
}

fn take_columns(characters: impl Iterator<Item = char>, limit: usize) -> String {
    let mut used = 0;
    characters
        .take_while(|character| {
            used += columns(*character);
            used <= limit
        })
        .collect()
}

fn columns(character: char) -> usize {
    character.width().unwrap_or(0)
}

fn push_safe(safe: &mut String, character: char) {
    if !is_unsafe(character) {
        safe.push(character);
        return;
    }
    match character {
        '\n' => safe.push_str("\\n"),
        '\r' => safe.push_str("\\r"),
        '\t' => safe.push_str("\\t"),
        low if (low as u32) < 0x100 => safe.push_str(&format!("\\x{:02x}", low as u32)),
        high => safe.push_str(&format!("\\u{{{:x}}}", high as u32)),
    }
}

/// Tells whether a character could move a cursor, recolour a screen or hide text.
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(sanitise("CN=Größe, O=日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn controls_and_invisible_characters_are_escaped() {
        assert_eq!(sanitise("a\u{1b}[31mb\nc"), "a\\x1b[31mb\\nc");
        assert_eq!(sanitise("\u{202e}gpj.exe\u{200b}\u{9b}\u{7f}"), "\\u{202e}gpj.exe\\u{200b}\\x9b\\x7f");
        assert_eq!(sanitise_bytes(b"ca\xff\xfe.crt\x07"), "ca\\xff\\xfe.crt\\x07");
    }

    #[test]
    fn commands_name_files_and_nothing_else() {
        assert_eq!(shell_word("client.key"), "client.key");
        assert_eq!(shell_word("/etc/docker/certs.d/r.test:5000"), "/etc/docker/certs.d/r.test:5000");
        assert_eq!(shell_word("-rf.key"), "./-rf.key");
        assert_eq!(shell_word("my ca.crt"), "'my ca.crt'");
        assert_eq!(shell_word("a'$(b).crt"), "'a'\\''$(b).crt'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn cutting_counts_columns_not_characters() {
        assert_eq!(truncate("日本語", 5), "日本…");
        assert_eq!(truncate("registry", 8), "registry");
        assert_eq!(truncate("registry", 0), "");
        assert_eq!(ellipsize_middle("registry.example.com:5000", 11), "regis…:5000");
        assert_eq!(width("日本…"), 5);
    }
}
