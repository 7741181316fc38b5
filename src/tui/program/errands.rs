//! What the screen asks of the world, done.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{bounded, never};
use rustix::process::{Signal, getpid, kill_process};
use signal_hook::consts::{SIGHUP, SIGTERM, SIGWINCH};

use super::{End, Program};
use crate::base::stamp::Stamp;
use crate::base::text::display_name;
use crate::config;
use crate::pki::rewrite::{Rewrite, rewrite};
use crate::scan;
use crate::session::mending::Mending;
use crate::session::refresh::Suspects;
use crate::session::{Scan, why};
use crate::tui::action::{Action, Effect};
use crate::tui::child;
use crate::tui::clipboard::Copied;
use crate::tui::terminal::Report;
use crate::tui::update::update;

/// The longest time for which a signal of one's own is waited for.
const SETTLING: Duration = Duration::from_secs(1);

impl Program {
    pub(super) fn carry_out(&mut self, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Quit => self.end = Some(End::Left),
            Effect::Suspend => self.suspend()?,
            Effect::Rescan => {
                let now = (self.clock)();
                self.request.settings.now = now;
                update(&mut self.state, Action::Clock(now));
                let request = self.judged();
                self.follow(Scan::start(request));
            }
            Effect::Judge => {
                let request = self.judged();
                self.follow(Scan::judge(request, self.state.tree.inventory()));
            }
            Effect::Mend(job) => self.mend(job),
            Effect::Propose(order) => self.propose(*order),
            Effect::StopProposing => self.stop_proposing(),
            Effect::Inspect(inspection) => self.inspect(*inspection),
            Effect::StopMending => self.mending.iter().for_each(Mending::cancel),
            Effect::Explain(text) => {
                let inventory = self.state.tree.inventory();
                let (sender, answers) = bounded(1);
                self.answers = answers;
                // A long text takes a while, and nobody may listen any more once it is explained.
                thread::spawn(move || sender.send(why::explain(&text, &inventory).map(Box::new)));
            }
            Effect::Copy { what, text } => {
                let shown = text.lines().next().unwrap_or_default().to_owned();
                self.copy(what, &text, &shown)?;
            }
            Effect::Keep { what, text, path } => self.keep(what, text.as_bytes(), &path),
            Effect::CopyKey { path, stamp, to } => self.copy_key(&path, &stamp, to.as_deref())?,
            Effect::Mouse(on) => self.screen.report(Report::Mouse, on)?,
            Effect::StopReading => {
                self.scan.stop();
                self.events = never();
            }
            Effect::Edit(path) => self.hand_over(|| child::edit(&path))?,
            Effect::Page(text) => self.hand_over(|| child::page(text))?,
        }
        Ok(())
    }

    /// Gives text to the clipboard; `shown` is what is said of it.
    fn copy(&mut self, what: &str, text: &str, shown: &str) -> io::Result<()> {
        let screen = &mut self.screen;
        let (failed, said) = match self.clipboard.copy(text, |sequence| screen.write(sequence))? {
            Copied::Desktop => (false, format!("{what} copied: {shown}")),
            Copied::Sent => (false, format!("{what} sent to the terminal's clipboard: {shown}")),
            Copied::TooLong { limit } => {
                let size = text.len();
                let way = "y and > keep it in a file";
                (true, format!("{what} has {size} bytes, and a terminal's clipboard takes {limit}: {way}"))
            }
        };
        self.say(failed, said);
        Ok(())
    }

    /// Keeps something in a file that is not there yet, for its owner alone.
    fn keep(&mut self, what: &str, bytes: &[u8], path: &Path) {
        let store = || -> io::Result<()> {
            let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        match store() {
            Ok(()) => self.say(false, format!("{what} is in {}", display_name(path))),
            Err(error) => self.say(true, format!("{}: {}", display_name(path), config::reason(&error))),
        }
    }

    /// Reads a private key, hands it on as PEM, and forgets it.
    fn copy_key(&mut self, path: &Path, stamp: &Stamp, to: Option<&Path>) -> io::Result<()> {
        let Some(bytes) = scan::read_again(path, stamp) else {
            self.say(true, format!("{}: it is not as it was: R reads again", display_name(path)));
            return Ok(());
        };
        let keys = match rewrite(&bytes, Rewrite::Keys, None) {
            Ok(keys) => keys,
            Err(error) => {
                self.say(true, format!("{}: {error}", display_name(path)));
                return Ok(());
            }
        };
        match (to, std::str::from_utf8(&keys)) {
            (Some(to), _) => self.keep("private key", &keys, to),
            (None, Ok(text)) => self.copy("private key", text, &display_name(path))?,
            (None, Err(_)) => self.say(true, format!("{}: it is no text", display_name(path))),
        }
        Ok(())
    }

    /// Passes over the signals that came while another program had the terminal: what was typed to stop that reached this
    /// one, too. Yields one that ends both.
    fn forget_signals(&mut self) -> Option<i32> {
        let is_end = |signal: &i32| matches!(*signal, SIGTERM | SIGHUP);
        if let Some(signal) = self.signals.try_iter().find(is_end) {
            return Some(signal);
        }
        // This one is told behind all that came before.
        kill_process(getpid(), Signal::WINCH).ok()?;
        let told = std::iter::from_fn(|| self.signals.recv_timeout(SETTLING).ok());
        told.take_while(|signal| *signal != SIGWINCH).find(is_end)
    }

    /// Hands the terminal to another program for a while.
    fn hand_over(&mut self, run: impl FnOnce() -> Option<String>) -> io::Result<()> {
        self.keyboard = None;
        self.screen.release();
        let failed = run();
        if let Some(signal) = self.forget_signals() {
            self.end = Some(End::Signal(signal));
            return Ok(());
        }
        self.resume()?;
        if let Some(text) = failed {
            self.say(true, text);
        }
        self.look_again(Suspects::All);
        Ok(())
    }
}
