//! Foreign text as configuration files take it: whatever it holds, it is read back as the same, and a terminal that it is
//! printed on shows it and does nothing else.

use std::fmt::Write;

use crate::base::text::{is_unsafe, sanitise};

/// A basic string of TOML (TOML 1.0, "String").
pub fn toml(text: &str) -> String {
    double_quoted(text)
}

/// A double-quoted scalar of YAML (YAML 1.2, section 7.3.1). It is a string of JSON as well, unless it holds invisible
/// characters beyond U+FFFF, which JSON would write as surrogates and YAML forbids.
pub fn yaml(text: &str) -> String {
    double_quoted(text)
}

/// A line of comment in TOML, YAML and shell, with its line end.
pub fn comment(text: &str) -> String {
    format!("# {}", sanitise(text)).trim_end().to_owned() + "\n"
}

/// What TOML and YAML share: `\"`, `\\`, `\n`, `\t`, `\r`, `\uXXXX`, `\UXXXXXXXX`.
fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Writing into a string never fails.
            odd if is_odd(odd) => {
                let code = u32::from(odd);
                let _ = if code > 0xffff { write!(quoted, "\\U{code:08x}") } else { write!(quoted, "\\u{code:04x}") };
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

/// What a terminal or YAML does not take as it is: non-characters count as not printable there (section 5.1).
fn is_odd(character: char) -> bool {
    is_unsafe(character) || matches!(character, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stay_on_their_line() {
        assert_eq!(comment("a\nb = \"c\"\u{1b}[31m"), "# a\\nb = \"c\"\\x1b[31m\n");
        assert_eq!(comment(""), "#\n");
    }

    #[test]
    fn what_hides_or_breaks_is_escaped() {
        assert_eq!(toml("a\"b\\c\n\u{202e}\u{7f}é"), r#""a\"b\\c\n\u202e\u007fé""#);
        assert_eq!(yaml("\u{e0001}\u{feff}\u{85}"), r#""\U000e0001\ufeff\u0085""#);
    }
}
