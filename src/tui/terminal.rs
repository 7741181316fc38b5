//! The terminal: claimed while the program shows something, given back exactly once on every way out.

use std::io::{self, IsTerminal, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode, size};
use ratatui::{Frame, Terminal};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use crate::tui::wire::Wire;

/// Alternate screen, emptied for a terminal that has none; bracketed paste, hidden cursor.
const CLAIM: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[?2004h\x1b[?25l";
/// The mirror of [`CLAIM`] and of every [`Report`]; a frame that was cut short is ended before. Where there is no alternate
/// screen, what follows begins on the last line.
const RESTORE: &[u8] =
    b"\x1b[?2026l\x1b[m\x1b[?1006l\x1b[?1002l\x1b[?1004l\x1b[999;1H\x1b[K\x1b[?25h\x1b[?2004l\x1b[?1049l";
/// Between these the terminal shows nothing, so that no half of a frame is ever seen.
const FRAME_BEGINS: &[u8] = b"\x1b[?2026h";
const FRAME_ENDS: &[u8] = b"\x1b[?2026l";

static CLAIMED: AtomicBool = AtomicBool::new(false);

/// Something that a terminal reports where it is asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// What the mouse does: its buttons, its wheel, and its movement while a button is held
    Mouse,
    /// That the terminal's window comes to the front, or leaves it
    Focus,
}

impl Report {
    fn ask(self, on: bool) -> &'static [u8] {
        match (self, on) {
            (Self::Mouse, true) => b"\x1b[?1002h\x1b[?1006h",
            (Self::Mouse, false) => b"\x1b[?1006l\x1b[?1002l",
            (Self::Focus, true) => b"\x1b[?1004h",
            (Self::Focus, false) => b"\x1b[?1004l",
        }
    }
}

/// The terminal while it is ours. Dropping it gives it back.
pub struct Screen {
    terminal: Terminal<Wire>,
    reports: Vec<Report>,
}

impl Screen {
    /// Claims the terminal. A panic of this thread gives it back before it is reported; one of another thread, which
    /// whoever started that thread deals with, is not reported on a screen that is in use.
    ///
    /// # Errors
    /// Where there is no terminal, or it cannot be set up.
    pub fn claim() -> io::Result<Self> {
        if !stdout().is_terminal() {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "standard output is not a terminal"));
        }
        report_panics_after_restoring(thread::current().id());
        claim()?;
        let terminal = terminal().inspect_err(|_| restore())?;
        Ok(Self { terminal, reports: Vec::new() })
    }

    /// Gives the terminal back for a while.
    pub fn release(&mut self) {
        restore();
    }

    /// Takes the terminal again; the next frame is drawn whole.
    ///
    /// # Errors
    /// Where it cannot be set up again.
    pub fn reclaim(&mut self) -> io::Result<()> {
        restore();
        claim()?;
        // Not `clear`, which asks the terminal where its cursor is and waits for the answer. A new screen is empty.
        self.terminal = terminal()?;
        self.reports.iter().try_for_each(|report| write_now(report.ask(true)))
    }

    /// Has the terminal report something, or no longer.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn report(&mut self, report: Report, on: bool) -> io::Result<()> {
        self.reports.retain(|other| *other != report);
        if on {
            self.reports.push(report);
        }
        write_now(report.ask(on))
    }

    /// Has the terminal report something exactly where that is wanted, asking only where it does otherwise.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn report_if(&mut self, report: Report, wanted: bool) -> io::Result<()> {
        if self.reports.contains(&report) == wanted { Ok(()) } else { self.report(report, wanted) }
    }

    /// Columns and rows.
    ///
    /// # Errors
    /// Where the terminal does not tell.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws a frame: only what changed is written, at once.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(draw)?;
        let frame = self.terminal.backend_mut().take();
        if frame.is_empty() {
            return Ok(());
        }
        write_now(&[FRAME_BEGINS, &frame, FRAME_ENDS].concat())
    }

    /// Writes a sequence that changes nothing on the screen.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn write(&mut self, sequence: &[u8]) -> io::Result<()> {
        write_now(sequence)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
        // The hook that stood before cannot be had back while this thread panics.
        if !thread::panicking() {
            drop(std::panic::take_hook());
        }
    }
}

fn terminal() -> io::Result<Terminal<Wire>> {
    Terminal::new(Wire::new(size()?))
}

fn claim() -> io::Result<()> {
    enable_raw_mode()?;
    CLAIMED.store(true, Ordering::SeqCst);
    write_now(CLAIM).inspect_err(|_| restore())
}

/// Gives the terminal back, if it is ours.
fn restore() {
    if CLAIMED.swap(false, Ordering::SeqCst) {
        // A terminal that is gone needs no restoring.
        let _ = write_now(RESTORE);
        let _ = disable_raw_mode();
    }
}

/// Writes past the buffer of standard output, which would break a frame in two at the end of a line.
fn write_now(bytes: &[u8]) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match rustix::io::write(stdout(), rest) {
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let terminal = stdout();
                poll(&mut [PollFd::new(&terminal, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn report_panics_after_restoring(owner: ThreadId) {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_owner = thread::current().id() == owner;
        if is_owner {
            restore();
        }
        if is_owner || !CLAIMED.load(Ordering::SeqCst) {
            report(panic);
        }
    }));
}
