//! Standard output: locked, buffered, and quiet where its reader has gone.

use std::env;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, StdoutLock, Write};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::base::text::sanitise;
use crate::cli::error::Failure;
use crate::report::{Appearance, Paper};

/// Prints text for people.
///
/// # Errors
/// Where standard output cannot be written.
pub fn text(appearance: Appearance, print: impl FnOnce(&mut Paper<'_>) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = stdout();
    print(&mut Paper::new(&mut out, appearance))?;
    Ok(out.flush()?)
}

/// Prints a value as JSON for programs.
///
/// # Errors
/// Where standard output cannot be written.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let mut out = stdout();
    serde_json::to_writer_pretty(&mut out, value).map_err(Failure::Json)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// Says something that is not the answer: one line on standard error.
pub fn note(words: &str) {
    // There is nowhere left to report to where this fails.
    let _ = writeln!(io::stderr().lock(), "certwright: {words}");
}

/// Standard output, to be written in large pieces.
pub fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

/// Tells whether standard output is a terminal that can do more than print.
pub fn is_terminal() -> bool {
    io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Tells whether somebody sits at both ends: keys come from a terminal, and a screen can be drawn.
pub fn is_interactive() -> bool {
    io::stdin().is_terminal() && is_terminal()
}

/// Columns of the terminal; `None` where standard output is none, and nothing is to be cut or wrapped.
pub fn terminal_width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|width| *width >= 20)
}

/// Asks a question on the terminal that is answered by y or n; no, where nobody answers.
pub fn confirm(question: &str) -> bool {
    let ask = || -> io::Result<bool> {
        let mut terminal = File::options().read(true).write(true).open("/dev/tty")?;
        write!(terminal, "{question} [y/N] ")?;
        let mut line = String::new();
        BufReader::new((&terminal).take(64)).read_line(&mut line)?;
        Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    };
    ask().unwrap_or_default()
}

/// A line on the terminal that tells how long work goes on, and is gone when it is done. Nothing where there is none.
pub struct Status {
    is_terminal: bool,
}

impl Status {
    /// Nothing is shown yet.
    pub fn new() -> Self {
        Self { is_terminal: io::stderr().is_terminal() }
    }

    /// Shows words in the place of those before.
    pub fn show(&self, words: &str) {
        if self.is_terminal {
            // There is nowhere left to report to where this fails.
            let _ = write!(io::stderr().lock(), "\r\x1b[K{words}");
        }
    }

    /// Takes them away.
    pub fn clear(&self) {
        self.show("");
    }
}

/// Asks for a line on the terminal that is not shown while it is typed; `None` where there is no terminal.
pub fn ask_unseen(question: &str) -> Option<Zeroizing<String>> {
    let mut terminal = File::options().read(true).write(true).open("/dev/tty").ok()?;
    let shown = tcgetattr(&terminal).ok()?;
    let mut unseen = shown.clone();
    unseen.local_modes.remove(LocalModes::ECHO);
    // Asked once nothing is shown any more, and what was typed before is gone: an answer that comes at once counts.
    tcsetattr(&terminal, OptionalActions::Flush, &unseen).ok()?;
    let line = terminal.write_all(sanitise(question).as_bytes()).and_then(|()| first_line(&terminal));
    let restored = tcsetattr(&terminal, OptionalActions::Flush, &shown);
    // What follows begins on a new line, whether this can be written or not.
    let _ = terminal.write_all(b"\n");
    line.ok().filter(|_| restored.is_ok())
}

/// The first line that a file gives, without its line end.
///
/// # Errors
/// Where there is none, or it cannot be read.
pub fn first_line(file: &File) -> io::Result<Zeroizing<String>> {
    // Neither buffer is ever grown, so that no copy of the line is left behind.
    let mut line = Zeroizing::new(String::with_capacity(4096));
    if BufReader::new(file.take(4095)).read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}
