//! Signals as events of the one loop.

use std::io;
use std::thread;

use crossbeam_channel::{Receiver, unbounded};
use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::{Handle, Signals};

/// The signals while they are listened to.
pub struct Listener {
    signals: Receiver<i32>,
    handle: Handle,
}

impl Listener {
    /// Begins to listen.
    ///
    /// # Errors
    /// Where the handlers cannot be set.
    pub fn start() -> io::Result<Self> {
        let mut source = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH])?;
        let handle = source.handle();
        let (sender, signals) = unbounded();
        thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in source.forever() {
                if sender.send(signal).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { signals, handle })
    }

    /// Where signals come from, as numbers.
    pub fn signals(&self) -> &Receiver<i32> {
        &self.signals
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.handle.close();
    }
}

/// Tells whether a shell would take over if this program stopped: only where that shell gave it a process group of its own.
pub fn can_suspend() -> bool {
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Stops the whole process group, so that a wrapper that started this program does not go on without it.
///
/// # Errors
/// What the kernel says.
pub fn suspend() -> io::Result<()> {
    Ok(kill_current_process_group(Signal::STOP)?)
}
