//! Giving text to a clipboard: the terminal's own over SSH or where there is no display, the desktop's elsewhere.
//!
//! Source: xterm's `ctlseqs` (OSC 52); tmux(1) (`load-buffer -w`, `allow-passthrough`).

use std::env;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The clipboard within reach.
pub struct Clipboard {
    is_remote: bool,
    in_tmux: bool,
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
}

impl Clipboard {
    /// The clipboard that the environment tells of.
    pub fn from_environment() -> Self {
        let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let has_display = cfg!(target_os = "macos") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
        let is_remote = is_set("SSH_TTY") || is_set("SSH_CONNECTION") || !has_display;
        Self { is_remote, in_tmux: is_set("TMUX"), desktop: None }
    }

    /// Copies text; `terminal` writes a sequence to the terminal.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn copy(&mut self, text: &str, terminal: impl FnOnce(&[u8]) -> io::Result<()>) -> io::Result<Copied> {
        if !self.is_remote && self.desktop(text).is_ok() {
            return Ok(Copied::Desktop);
        }
        if !(self.in_tmux && load_tmux_buffer(text)) {
            terminal(&sequence(text, self.in_tmux))?;
        }
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

/// OSC 52; inside tmux wrapped so that it is passed on.
fn sequence(text: &str, in_tmux: bool) -> Vec<u8> {
    let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    if in_tmux { format!("\x1bPtmux;\x1b{plain}\x1b\\").into_bytes() } else { plain.into_bytes() }
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

    #[test]
    fn without_a_desktop_text_goes_to_the_terminal() {
        let mut clipboard = Clipboard { is_remote: true, in_tmux: false, desktop: None };
        let mut sent = Vec::new();
        let copied = clipboard.copy("ca.crt", |bytes| {
            sent.extend_from_slice(bytes);
            Ok(())
        });
        assert_eq!(copied.unwrap(), Copied::Sent);
        assert_eq!(sent, b"\x1b]52;c;Y2EuY3J0\x07");
        assert_eq!(sequence("a", true), b"\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\");
    }
}
