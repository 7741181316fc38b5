//! Keys, and how a terminal spells them: bytes in, keys out. Total: any bytes give some keys, none a panic.
//!
//! Own code, since the reader of crossterm cannot be told to stop and spins for ever once the terminal is gone.
//!
//! Source: ECMA-48 (CSI, SS3), xterm's `ctlseqs` (PC-style function keys, bracketed paste, SGR mouse).

use std::fmt;

/// A key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A character
    Char(char),
    /// A letter with Ctrl
    Ctrl(char),
    /// Enter
    Enter,
    /// Esc
    Esc,
    /// Tab
    Tab,
    /// Shift-Tab
    BackTab,
    /// Backspace
    Backspace,
    /// Delete
    Delete,
    /// Up
    Up,
    /// Down
    Down,
    /// Left
    Left,
    /// Right
    Right,
    /// Page up
    PageUp,
    /// Page down
    PageDown,
    /// Home
    Home,
    /// End
    End,
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Char(' ') => "Space",
            Self::Char(character) => return write!(out, "{character}"),
            Self::Ctrl(letter) => return write!(out, "Ctrl-{}", letter.to_ascii_uppercase()),
            Self::Enter => "Enter",
            Self::Esc => "Esc",
            Self::Tab => "Tab",
            Self::BackTab => "Shift-Tab",
            Self::Backspace => "Backspace",
            Self::Delete => "Del",
            Self::Up => "Up",
            Self::Down => "Down",
            Self::Left => "Left",
            Self::Right => "Right",
            Self::PageUp => "PgUp",
            Self::PageDown => "PgDn",
            Self::Home => "Home",
            Self::End => "End",
        };
        out.write_str(name)
    }
}

/// What comes from the terminal: what a person did at the keyboard, or an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Pressed a key
    Key(Key),
    /// Pasted text (foreign)
    Paste(String),
    /// Nothing: the terminal answered what its background is
    Background {
        /// It is a light one.
        light: bool,
    },
    /// Did something with the mouse
    Mouse(MouseReport),
    /// Brought the terminal's window to the front, or left it
    Focus(bool),
}

/// What was done with the mouse, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MouseReport {
    /// What was done.
    pub what: Gesture,
    /// The column, from 0.
    pub column: u16,
    /// The row, from 0.
    pub row: u16,
}

/// What can be done with a mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gesture {
    /// The main button goes down
    Press,
    /// The mouse moves while the main button is held
    Drag,
    /// A button comes up
    Release,
    /// The wheel turns up
    WheelUp,
    /// The wheel turns down
    WheelDown,
}

/// What asks a terminal for its background, which it may answer or not (OSC 11).
pub const ASK_BACKGROUND: &[u8] = b"\x1b]11;?\x1b\\";

/// The longest paste that is taken, in bytes; what follows is dropped.
pub const PASTE_LIMIT: usize = 1 << 20;
/// The longest escape sequence that is waited for.
const SEQUENCE_LIMIT: usize = 64;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Turns the bytes of a terminal into keys; holds back the beginning of a sequence until the rest is there.
#[derive(Debug, Default)]
pub struct Decoder {
    waiting: Vec<u8>,
    paste: Option<Vec<u8>>,
}

impl Decoder {
    /// Takes bytes and yields what they mean.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Input> {
        let mut inputs = Vec::new();
        for byte in bytes {
            if self.paste.is_some() {
                inputs.extend(self.pasted(*byte));
                continue;
            }
            self.waiting.push(*byte);
            match decode(&self.waiting) {
                Decoded::Incomplete if self.waiting.len() < SEQUENCE_LIMIT => continue,
                // What a string says is of no use here; none of it is a key.
                Decoded::Incomplete if is_string(&self.waiting) => {
                    self.waiting.drain(2..self.waiting.len() - 1);
                    continue;
                }
                Decoded::Incomplete | Decoded::Nothing => {}
                Decoded::PasteBegins => self.paste = Some(Vec::new()),
                Decoded::Key(key) => inputs.push(Input::Key(key)),
                Decoded::Background { light } => inputs.push(Input::Background { light }),
                Decoded::Mouse(report) => inputs.push(Input::Mouse(report)),
                Decoded::Focus(focus) => inputs.push(Input::Focus(focus)),
                // Esc and then another key, both at once.
                Decoded::EscThen => {
                    self.waiting.clear();
                    inputs.push(Input::Key(Key::Esc));
                    inputs.extend(self.feed(&[*byte]));
                    continue;
                }
            }
            self.waiting.clear();
        }
        inputs
    }

    /// Tells whether the beginning of a sequence is held back: after a short while without more bytes, it was Esc.
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Gives up waiting for the rest of a sequence.
    pub fn flush(&mut self) -> Vec<Input> {
        let keys: &[Key] = match std::mem::take(&mut self.waiting).as_slice() {
            [0x1b] => &[Key::Esc],
            // Esc and then a key, both at once, that would have begun a string.
            [0x1b, letter @ (b'P' | b'X' | b'^' | b'_')] => &[Key::Esc, Key::Char(char::from(*letter))],
            _ => &[],
        };
        keys.iter().copied().map(Input::Key).collect()
    }

    fn pasted(&mut self, byte: u8) -> Option<Input> {
        let text = self.paste.as_mut()?;
        text.push(byte);
        if !text.ends_with(PASTE_END) {
            if text.len() > PASTE_LIMIT + PASTE_END.len() {
                // Keeps what the end mark may begin with.
                text.remove(PASTE_LIMIT);
            }
            return None;
        }
        let mut text = self.paste.take()?;
        text.truncate(text.len() - PASTE_END.len());
        Some(Input::Paste(String::from_utf8_lossy(&text).into_owned()))
    }
}

enum Decoded {
    Incomplete,
    Nothing,
    Key(Key),
    EscThen,
    PasteBegins,
    Background { light: bool },
    Mouse(MouseReport),
    Focus(bool),
}

fn decode(bytes: &[u8]) -> Decoded {
    match bytes {
        [] | [0x1b] | [0x1b, b'[' | b'O'] => Decoded::Incomplete,
        [0x1b, b']', rest @ ..] => operating_system_command(rest),
        [0x1b, b'P' | b'X' | b'^' | b'_', .., 0x1b, b'\\'] => Decoded::Nothing,
        [0x1b, b'P' | b'X' | b'^' | b'_', ..] => Decoded::Incomplete,
        [0x1b, b'O', letter] => function_key(*letter).map_or(Decoded::Nothing, Decoded::Key),
        [0x1b, b'[', rest @ ..] => control_sequence(rest),
        [0x1b, ..] => Decoded::EscThen,
        [byte] if *byte < 0x20 || *byte == 0x7f => control(*byte),
        [first, ..] => character(*first, bytes),
    }
}

/// Tells whether a control string begins, such as an answer of the terminal: DCS, SOS, OSC, PM or APC.
fn is_string(bytes: &[u8]) -> bool {
    matches!(bytes, [0x1b, b'P' | b'X' | b']' | b'^' | b'_', ..])
}

fn control(byte: u8) -> Decoded {
    Decoded::Key(match byte {
        b'\r' | b'\n' => Key::Enter,
        b'\t' => Key::Tab,
        0x08 | 0x7f => Key::Backspace,
        0 => return Decoded::Nothing,
        1..=26 => Key::Ctrl(char::from(byte - 1 + b'a')),
        _ => return Decoded::Nothing,
    })
}

fn character(first: u8, bytes: &[u8]) -> Decoded {
    let length = match first {
        0x00..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Decoded::Nothing,
    };
    if bytes.len() < length {
        return Decoded::Incomplete;
    }
    let character = std::str::from_utf8(bytes).ok().and_then(|text| text.chars().next());
    character.map_or(Decoded::Nothing, |character| Decoded::Key(Key::Char(character)))
}

/// What follows `ESC [`.
fn control_sequence(rest: &[u8]) -> Decoded {
    // Linux' console spells F1 to F5 as `ESC [ [ A`.
    if let [b'[', tail @ ..] = rest {
        return if tail.is_empty() { Decoded::Incomplete } else { Decoded::Nothing };
    }
    // A terminal that knows no SGR reports puts three bytes behind an M, whatever they are.
    if let [b'M', report @ ..] = rest {
        let [button, column, row] = report else { return Decoded::Incomplete };
        let [button, column, row] = [button, column, row].map(|byte| byte.checked_sub(b' ').map(u16::from));
        let (Some(button), Some(column), Some(row)) = (button, column, row) else { return Decoded::Nothing };
        return gesture(button, column, row).map_or(Decoded::Nothing, Decoded::Mouse);
    }
    let Some((last, parameters)) = rest.split_last() else { return Decoded::Incomplete };
    match last {
        0x40..=0x7e => {}
        0x20..=0x3f => return Decoded::Incomplete,
        _ => return Decoded::Nothing,
    }
    if let [b'<', numbers @ ..] = parameters {
        return mouse(numbers, *last).map_or(Decoded::Nothing, Decoded::Mouse);
    }
    let first = parameters.split(|byte| matches!(byte, b';' | b':')).next().unwrap_or_default();
    let key = match (first, last) {
        (b"200", b'~') => return Decoded::PasteBegins,
        (b"", b'I' | b'O') => return Decoded::Focus(*last == b'I'),
        (b"1" | b"7", b'~') => Some(Key::Home),
        (b"4" | b"8", b'~') => Some(Key::End),
        (b"3", b'~') => Some(Key::Delete),
        (b"5", b'~') => Some(Key::PageUp),
        (b"6", b'~') => Some(Key::PageDown),
        (b"" | b"1", b'Z') => Some(Key::BackTab),
        (b"" | b"1", b'A'..=b'H') => function_key(*last),
        _ => None,
    };
    key.map_or(Decoded::Nothing, Decoded::Key)
}

/// A report of the mouse: button, column and row, counted from 1, and whether the button came up (SGR, mode 1006).
fn mouse(numbers: &[u8], last: u8) -> Option<MouseReport> {
    let mut numbers = std::str::from_utf8(numbers).ok()?.split(';').map(|number| number.parse::<u16>().ok());
    let (button, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    match last {
        b'M' => gesture(button, column, row),
        // That no button is held any more.
        b'm' => gesture(3, column, row),
        _ => None,
    }
}

fn gesture(button: u16, column: u16, row: u16) -> Option<MouseReport> {
    // Shift, Alt and Ctrl add 4, 8 and 16.
    let what = match button & !0b1_1100 {
        0 => Gesture::Press,
        3 => Gesture::Release,
        32 => Gesture::Drag,
        64 => Gesture::WheelUp,
        65 => Gesture::WheelDown,
        _ => return None,
    };
    Some(MouseReport { what, column: column.checked_sub(1)?, row: row.checked_sub(1)? })
}

/// What follows `ESC ]`: an answer, up to BEL or `ESC \`.
fn operating_system_command(rest: &[u8]) -> Decoded {
    let Some(text) = rest.strip_suffix(b"\x07").or_else(|| rest.strip_suffix(b"\x1b\\")) else {
        return Decoded::Incomplete;
    };
    let components = std::str::from_utf8(text).ok().and_then(|text| text.strip_prefix("11;rgb:"));
    let is_high =
        |component: &str| component.starts_with(|digit: char| matches!(digit, '8'..='9' | 'a'..='f' | 'A'..='F'));
    match components.map(|components| components.split('/').filter(|component| is_high(component)).count()) {
        Some(high) => Decoded::Background { light: high >= 2 },
        None => Decoded::Nothing,
    }
}

fn function_key(letter: u8) -> Option<Key> {
    Some(match letter {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        b'M' => Key::Enter,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut decoder = Decoder::default();
        let inputs: Vec<Input> = decoder.feed(bytes).into_iter().chain(decoder.flush()).collect();
        let key = |input| match input {
            Input::Key(key) => Some(key),
            _ => None,
        };
        inputs.into_iter().filter_map(key).collect()
    }

    #[test]
    fn terminals_spell_keys_in_many_ways() {
        assert_eq!(
            keys(b"\x1b[A\x1bOB\x1b[1;2C\x1b[5~\x1b[H\x1b[4~"),
            [Key::Up, Key::Down, Key::Right, Key::PageUp, Key::Home, Key::End]
        );
        assert_eq!(
            keys("aß日\r\t\x7f\x03".as_bytes()),
            [Key::Char('a'), Key::Char('ß'), Key::Char('日'), Key::Enter, Key::Tab, Key::Backspace, Key::Ctrl('c')]
        );
    }

    #[test]
    fn esc_is_a_key_once_nothing_follows() {
        assert_eq!(keys(b"\x1b"), [Key::Esc]);
        assert_eq!(keys(b"\x1bq"), [Key::Esc, Key::Char('q')]);
        assert_eq!(keys(b"\x1b\x1b"), [Key::Esc, Key::Esc]);
        assert_eq!(keys(b"\x1b[<0;3;4Mx"), [Key::Char('x')], "a mouse report is no key");
    }

    #[test]
    fn what_a_terminal_answers_is_no_key() {
        for answer in ["P>|tmux 3.3a", "P!|00000000", "_Gi=1;OK", "^e", "Xe", "]52;c;ZQ=="] {
            assert_eq!(keys(format!("\x1b{answer}\x1b\\q").as_bytes()), [Key::Char('q')], "{answer}");
            let long = format!("\x1b{answer}{}\x1b\\q", "e".repeat(5_000));
            assert_eq!(keys(long.as_bytes()), [Key::Char('q')], "{answer} and more");
        }
        assert_eq!(keys(b"\x1bP"), [Key::Esc, Key::Char('P')], "nothing follows: somebody typed it");
        assert_eq!(keys(b"\x1bPeee"), [], "an answer that is cut off");
    }

    #[test]
    fn a_mouse_and_the_focus_are_told_of() {
        let told = |bytes: &[u8]| Decoder::default().feed(bytes);
        let at = |what, column, row| Input::Mouse(MouseReport { what, column, row });
        assert_eq!(told(b"\x1b[<0;3;4M\x1b[<0;3;4m"), [at(Gesture::Press, 2, 3), at(Gesture::Release, 2, 3)]);
        assert_eq!(told(b"\x1b[<32;120;36M"), [at(Gesture::Drag, 119, 35)]);
        assert_eq!(told(b"\x1b[<64;1;1M\x1b[<69;1;1M"), [at(Gesture::WheelUp, 0, 0), at(Gesture::WheelDown, 0, 0)]);
        assert_eq!(told(b"\x1b[<0;0;1M\x1b[<0;99999;1M\x1b[<;;M\x1b[<M"), []);
        assert_eq!(
            told(b"\x1b[M +,\x1b[M#+,q"),
            [at(Gesture::Press, 10, 11), at(Gesture::Release, 10, 11), Input::Key(Key::Char('q'))]
        );
        assert_eq!(told(b"\x1b[M\x60\xff\xfe\x1b[M\x00!!"), [at(Gesture::WheelUp, 222, 221)]);
        assert_eq!(told(b"\x1b[I\x1b[O"), [Input::Focus(true), Input::Focus(false)]);
    }

    #[test]
    fn pasted_text_is_no_key() {
        let mut decoder = Decoder::default();
        let inputs = decoder.feed(b"\x1b[200~q\nR\x1b[201~q");
        assert_eq!(inputs, [Input::Paste("q\nR".into()), Input::Key(Key::Char('q'))]);
    }

    #[test]
    fn a_terminal_may_tell_its_background() {
        let told = |bytes: &[u8]| Decoder::default().feed(bytes);
        let light = Input::Background { light: true };
        assert_eq!(told(b"\x1b]11;rgb:ffff/ffff/dddd\x1b\\q"), [light, Input::Key(Key::Char('q'))]);
        assert_eq!(told(b"\x1b]11;rgb:1e1e/1e1e/2e2e\x07"), [Input::Background { light: false }]);
        assert_eq!(told(b"\x1b]11;nonsense\x07"), []);
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_decode_alike(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..200) {
            let mut whole = Decoder::default();
            let mut parts = Decoder::default();
            let (head, tail) = bytes.split_at(cut.min(bytes.len()));
            let mut pieces = parts.feed(head);
            pieces.extend(parts.feed(tail));
            prop_assert_eq!(whole.feed(&bytes), pieces);
        }
    }
}
