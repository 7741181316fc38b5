//! Giving text to a clipboard: the terminal's own over SSH or where there is no display, the desktop's elsewhere.
//!
//! Source: xterm's `ctlseqs` (OSC 52); tmux(1) (`load-buffer -w`, `allow-passthrough`).

use std::env;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The clipboard within reach.
pub struct Clipboard {
    is_remote: bool,
    between: Between,
    /// Made at the first use and kept, since some desktops lose what was copied with it.
    desktop: Option<arboard::Clipboard>,
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// The desktop has it.
    Desktop,
    /// It was sent to the terminal, which does not say whether it took it.
    Sent,
    /// It is longer than terminals take, and was not sent.
    TooLong {
        /// The most bytes that they take
        limit: usize,
    },
}

/// The most bytes of a text that reach the clipboard of a terminal: many take a sequence of at most 100,000 bytes.
const LONGEST: usize = 74_994;
/// Bytes of a sequence that screen passes on at one go; it drops longer ones.
const SCREEN_PIECE: usize = 240;

/// What stands between this program and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    Nothing,
    Tmux,
    Screen,
}

impl Clipboard {
    /// The clipboard that the environment tells of.
    pub fn from_environment() -> Self {
        let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let has_display = cfg!(target_os = "macos") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
        let is_remote = is_set("SSH_TTY") || is_set("SSH_CONNECTION") || !has_display;
        let between = match (is_set("TMUX"), is_set("STY")) {
            (true, _) => Between::Tmux,
            (false, true) => Between::Screen,
            (false, false) => Between::Nothing,
        };
        Self { is_remote, between, desktop: None }
    }

    /// Copies text; `terminal` writes a sequence to the terminal.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn copy(&mut self, text: &str, terminal: impl FnOnce(&[u8]) -> io::Result<()>) -> io::Result<Copied> {
        if !self.is_remote && self.desktop(text).is_ok() {
            return Ok(Copied::Desktop);
        }
        if self.between == Between::Tmux && load_tmux_buffer(text) {
            return Ok(Copied::Sent);
        }
        if text.len() > LONGEST {
            return Ok(Copied::TooLong { limit: LONGEST });
        }
        terminal(&sequence(text, self.between))?;
        Ok(Copied::Sent)
    }

    fn desktop(&mut self, text: &str) -> Result<(), arboard::Error> {
        let clipboard = match &mut self.desktop {
            Some(clipboard) => clipboard,
            none => none.insert(arboard::Clipboard::new()?),
        };
        clipboard.set_text(text)
    }
}

/// OSC 52; inside tmux and screen wrapped so that it is passed on. It may hold a secret, and is wiped when dropped.
fn sequence(text: &str, between: Between) -> Zeroizing<Vec<u8>> {
    let encoded = Zeroizing::new(STANDARD.encode(text));
    let mut bytes = Zeroizing::new(Vec::with_capacity(encoded.len() * 2 + 32));
    match between {
        Between::Nothing => {
            for part in [&b"\x1b]52;c;"[..], encoded.as_bytes(), b"\x07"] {
                bytes.extend_from_slice(part);
            }
        }
        // Every Esc of what is passed on is doubled.
        Between::Tmux => {
            for part in [&b"\x1bPtmux;\x1b\x1b]52;c;"[..], encoded.as_bytes(), b"\x07\x1b\\"] {
                bytes.extend_from_slice(part);
            }
        }
        Between::Screen => {
            bytes.extend_from_slice(b"\x1bP\x1b]52;c;");
            for (number, piece) in encoded.as_bytes().chunks(SCREEN_PIECE).enumerate() {
                if number > 0 {
                    bytes.extend_from_slice(b"\x1b\\\x1bP");
                }
                bytes.extend_from_slice(piece);
            }
            bytes.extend_from_slice(b"\x07\x1b\\");
        }
    }
    bytes
}

/// Has tmux take the text and give it to its terminal. Tells whether it did.
fn load_tmux_buffer(text: &str) -> bool {
    let load = || -> io::Result<bool> {
        let mut tmux = Command::new("tmux")
            .args(["load-buffer", "-w", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = tmux.stdin.take() {
            stdin.write_all(text.as_bytes())?;
        }
        Ok(tmux.wait()?.success())
    };
    load().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str, between: Between) -> (Copied, Vec<u8>) {
        let mut clipboard = Clipboard { is_remote: true, between, desktop: None };
        let mut sent = Vec::new();
        let copied = clipboard.copy(text, |bytes| {
            sent.extend_from_slice(bytes);
            Ok(())
        });
        (copied.unwrap(), sent)
    }

    #[test]
    fn without_a_desktop_text_goes_to_the_terminal() {
        assert_eq!(sent("ca.crt", Between::Nothing), (Copied::Sent, b"\x1b]52;c;Y2EuY3J0\x07".to_vec()));
    }

    #[test]
    fn what_stands_between_passes_it_on() {
        assert_eq!(*sequence("a", Between::Tmux), b"\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\");
        assert_eq!(*sequence("a", Between::Screen), b"\x1bP\x1b]52;c;YQ==\x07\x1b\\");
        let long = sequence(&"x".repeat(1000), Between::Screen);
        let text = String::from_utf8_lossy(&long);
        let pieces: Vec<&str> = text.split("\x1b\\").collect();
        assert!(pieces.iter().all(|piece| piece.len() <= SCREEN_PIECE + 10), "{pieces:?}");
        let joined: String = pieces.iter().map(|piece| piece.trim_start_matches("\x1bP")).collect();
        assert_eq!(joined, format!("\x1b]52;c;{}\x07", STANDARD.encode("x".repeat(1000))));
    }

    #[test]
    fn what_is_too_long_is_not_sent_in_part() {
        let (copied, bytes) = sent(&"x".repeat(LONGEST), Between::Nothing);
        assert_eq!((copied, bytes.len() <= 100_000), (Copied::Sent, true));
        assert_eq!(sent(&"x".repeat(LONGEST + 1), Between::Nothing), (Copied::TooLong { limit: LONGEST }, Vec::new()));
    }
}
