//! The terminal: claimed while the program shows something, given back exactly once on every way out.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write, stdout};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use ratatui::{Frame, Terminal};

/// Alternate screen, bracketed paste, hidden cursor.
const CLAIM: &[u8] = b"\x1b[?1049h\x1b[?2004h\x1b[?25l";
/// The mirror of [`CLAIM`]; a frame that was cut short is ended before.
const RESTORE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?25h\x1b[?2004l\x1b[?1049l";
/// Between these the terminal shows nothing, so that no half of a frame is ever seen.
const FRAME_BEGINS: &[u8] = b"\x1b[?2026h";
const FRAME_ENDS: &[u8] = b"\x1b[?2026l";

static CLAIMED: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours. Dropping it gives it back.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Output>>,
    output: Output,
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
        let output = Output::default();
        let terminal = Terminal::new(CrosstermBackend::new(output.clone())).inspect_err(|_| restore())?;
        Ok(Self { terminal, output })
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
        self.terminal = Terminal::new(CrosstermBackend::new(self.output.clone()))?;
        Ok(())
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
        self.output.send()
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

/// Gathers a frame, so that it is written at once; the backend holds the other end.
#[derive(Clone, Debug, Default)]
struct Output(Rc<RefCell<Vec<u8>>>);

impl Output {
    fn send(&self) -> io::Result<()> {
        let frame = self.0.take();
        if frame.is_empty() {
            return Ok(());
        }
        write_now(&[FRAME_BEGINS, &frame, FRAME_ENDS].concat())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Does nothing: the backend flushes after each part of a frame.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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

fn write_now(bytes: &[u8]) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(bytes)?;
    out.flush()
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
