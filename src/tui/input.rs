//! The thread that reads the keyboard. It sleeps until a key is pressed, and stops when told or when the terminal is gone.

use std::fs::File;
use std::io::{self, IsTerminal, stdin};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, unbounded};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use rustix::pipe::{PipeFlags, pipe_with};

use crate::tui::key::{Decoder, Input};

/// How long the rest of an escape sequence may take over a slow line; after that it was the key Esc.
const ESCAPE_TIMEOUT: Timespec = Timespec { tv_sec: 0, tv_nsec: 30_000_000 };

/// The keyboard while it is read. Dropping it stops the reading, with nothing more taken from the terminal.
pub struct Keyboard {
    inputs: Receiver<Input>,
    /// Its other end becomes readable when this one is closed.
    stop: Option<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

impl Keyboard {
    /// Begins to read.
    ///
    /// # Errors
    /// Where there is no terminal to read from.
    pub fn start() -> io::Result<Self> {
        let terminal = if stdin().is_terminal() { None } else { Some(OwnedFd::from(File::open("/dev/tty")?)) };
        let (stopped, stop) = pipe_with(PipeFlags::CLOEXEC)?;
        let (sender, inputs) = unbounded();
        let thread = thread::Builder::new().name("keyboard".into()).spawn(move || {
            let standard = stdin();
            let terminal = terminal.as_ref().map_or_else(|| standard.as_fd(), |terminal| terminal.as_fd());
            read_keys(terminal, stopped.as_fd(), &sender);
        })?;
        Ok(Self { inputs, stop: Some(stop), thread: Some(thread) })
    }

    /// Where keys come from. Disconnected once the terminal is gone.
    pub fn inputs(&self) -> &Receiver<Input> {
        &self.inputs
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // It has nothing to report.
            let _ = thread.join();
        }
    }
}

fn read_keys(terminal: BorrowedFd<'_>, stopped: BorrowedFd<'_>, inputs: &Sender<Input>) {
    let mut decoder = Decoder::default();
    let mut buffer = [0u8; 1024];
    loop {
        let mut sources = [PollFd::new(&terminal, PollFlags::IN), PollFd::new(&stopped, PollFlags::IN)];
        let timeout = decoder.is_waiting().then_some(&ESCAPE_TIMEOUT);
        let ready = match poll(&mut sources, timeout) {
            Ok(ready) => ready,
            Err(Errno::INTR) => continue,
            Err(_) => return,
        };
        let [keys, stop] = sources.map(|source| !source.revents().is_empty());
        if stop {
            return;
        }
        let found: Vec<Input> = if ready == 0 {
            decoder.flush()
        } else if keys {
            match read(terminal, &mut buffer) {
                Ok(0) => return,
                Ok(length) => decoder.feed(buffer.get(..length).unwrap_or_default()),
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(_) => return,
            }
        } else {
            continue;
        };
        if found.into_iter().any(|input| inputs.send(input).is_err()) {
            return;
        }
    }
}
