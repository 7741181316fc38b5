//! The loop: one thread owns the state and the terminal; keys, signals and the scan reach it through channels. It sleeps
//! until something happens, and draws at most every 16 ms, but at once where a key was pressed.

mod errands;
mod proposing;
mod watching;

use std::env;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, after, never, select_biased};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGTSTP, SIGWINCH};

use crate::base::clock::Timestamp;
use crate::fix::Author;
use crate::rules::registry::RuleSet;
use crate::session::mending::{Job, Mending, News, Workshop};
use crate::session::refresh::Suspects;
use crate::session::setting_up::inspect::Inspected;
use crate::session::setting_up::proposal::{self, Proposing};
use crate::session::why::Explained;
use crate::session::{self, Event, Request, Scan};
use crate::tui::action::{Action, Said};
use crate::tui::clipboard::Clipboard;
use crate::tui::input::Keyboard;
use crate::tui::judgement::Judgement;
use crate::tui::key::{ASK_BACKGROUND, Input};
use crate::tui::keymap;
use crate::tui::signals::{self, Listener};
use crate::tui::state::State;
use crate::tui::terminal::{Report, Screen};
use crate::tui::theme::{Theme, ThemeChoice};
use crate::tui::tree::Identity;
use crate::tui::update::update;
use crate::tui::view;
use crate::tui::{Options, TuiError};
use watching::Watching;

/// The least time between two frames that no key asked for.
const FRAME: Duration = Duration::from_millis(16);
/// The longest time for which news of the scan are taken in before keys are looked at again.
const DRAIN: Duration = Duration::from_millis(4);
/// Runs the terminal program until somebody leaves it.
///
/// # Errors
/// Where the terminal cannot be used, or a signal ends the program.
pub fn run(options: Options) -> Result<(), TuiError> {
    let listener = Listener::start()?;
    let mut screen = Screen::claim()?;
    let choice = if options.colour { options.theme } else { ThemeChoice::Mono };
    let colours = env::var("COLORFGBG").ok();
    let theme = Theme::new(choice, colours.as_deref());
    // Linux' console shows what it does not know.
    let asks =
        choice == ThemeChoice::Auto && colours.is_none() && env::var_os("TERM").is_some_and(|term| term != "linux");
    let mut state = State::new(options.request.settings, options.glyphs, screen.size()?);
    state.wanted = wanted(&options.request);
    state.keymap = options.keymap;
    state.columns = options.columns;
    state.said = options.said;
    state.judgement = Judgement::new(options.request.rules.judges());
    state.tree.show_from(options.min_severity);
    state.mending.read_only = options.read_only;
    state.setting_up.roots = options.roots;
    state.setting_up.machine = Author::here().machine;
    state.installed = Arc::clone(&options.request.installed);
    state.look();
    // Something is to be seen before the scan has all processors to itself.
    screen.draw(|frame| view::draw(&state, &theme, frame))?;
    let scan = Scan::start(options.request.clone());
    let mut program = Program {
        state,
        theme,
        screen,
        request: options.request,
        clock: options.clock,
        answers: never(),
        news: never(),
        recovery: never(),
        mending: None,
        proposals: never(),
        proposing: None,
        looks: never(),
        state_directory: options.state_directory,
        events: scan.events().clone(),
        scan,
        signals: listener.signals().clone(),
        keyboard: Some(Keyboard::start()?),
        asked_background: asks,
        clipboard: Clipboard::from_environment(),
        watching: Watching::default(),
        started: Instant::now(),
        frame: Pending::No,
        drawn: Instant::now(),
        end: None,
    };
    if asks {
        // Nothing waits for the answer.
        program.screen.write(ASK_BACKGROUND)?;
    }
    if options.mouse {
        program.screen.report(Report::Mouse, true)?;
        program.state.pointer.is_heeded = true;
    }
    program.recover();
    program.run()
}

/// What to put the cursor on: the file or host directory that was asked for.
fn wanted(request: &Request) -> Vec<Identity> {
    let files = session::focus(&request.targets);
    if let Some((directory, name)) = files.first() {
        return vec![Identity::Host(directory.clone(), Some((name.clone(), None)))];
    }
    match request.targets.as_slice() {
        [crate::scan::Target::Host { path, .. }] => vec![Identity::Host(path.clone(), None)],
        _ => Vec::new(),
    }
}

/// Whether a frame is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    No,
    Soon,
    AtOnce,
}

/// How the program ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Left,
    Signal(i32),
}

struct Program {
    state: State,
    theme: Theme,
    screen: Screen,
    request: Request,
    clock: Box<dyn Fn() -> Timestamp>,
    scan: Scan,
    /// News of the scan; nothing ever comes once it is over.
    events: Receiver<Event>,
    /// The answer to what is asked; nothing ever comes once it was given.
    answers: Receiver<Option<Box<Explained>>>,
    /// What the job tells that mends something; nothing ever comes once it is over.
    news: Receiver<News>,
    /// What the job tells that puts in order what was left half done.
    recovery: Receiver<News>,
    mending: Option<Mending>,
    /// What comes of what is to be set up; nothing ever comes once that was told.
    proposals: Receiver<proposal::News>,
    proposing: Option<Proposing>,
    /// What was found in what a form names; nothing ever comes once that was told.
    looks: Receiver<Inspected>,
    state_directory: Option<PathBuf>,
    signals: Receiver<i32>,
    /// `None` while the terminal is not ours.
    keyboard: Option<Keyboard>,
    /// The terminal may answer what its background is.
    asked_background: bool,
    clipboard: Clipboard,
    watching: Watching,
    started: Instant,
    frame: Pending,
    drawn: Instant,
    end: Option<End>,
}

impl Program {
    fn run(mut self) -> Result<(), TuiError> {
        let signals = self.signals.clone();
        loop {
            let timer = self.draw_if_due()?;
            let inputs = self.keyboard.as_ref().map_or_else(never, |keyboard| keyboard.inputs().clone());
            let events = self.events.clone();
            let answers = self.answers.clone();
            let (news, recovery) = (self.news.clone(), self.recovery.clone());
            let (proposals, looks) = (self.proposals.clone(), self.looks.clone());
            let (watched, refreshed) = (self.watching.news(), self.watching.refreshed());
            let fade = self.watching.fade();
            // A search or a count goes on whenever nothing else is to be done.
            let is_searching = self.state.is_pending();
            let search = if is_searching { after(Duration::ZERO) } else { never() };
            select_biased! {
                recv(signals) -> signal => self.signal(signal.map_err(io::Error::other)?)?,
                recv(inputs) -> input => match input {
                    Ok(input) => self.inputs(input, &inputs)?,
                    // The terminal is gone: as if it had hung up.
                    Err(_) => self.end = Some(End::Signal(SIGHUP)),
                },
                recv(events) -> event => match event {
                    Ok(event) => self.scanned(event, &events)?,
                    Err(_) => self.events = never(),
                },
                recv(news) -> told => self.mended(told.ok(), &news)?,
                recv(recovery) -> told => self.recovered(told.ok())?,
                recv(proposals) -> told => self.proposed(told.ok())?,
                recv(looks) -> found => self.inspected(found.ok())?,
                recv(answers) -> answer => self.answered(answer.unwrap_or_default()),
                recv(watched) -> told => self.watched(told.ok())?,
                recv(refreshed) -> told => self.refreshed(told.unwrap_or_default())?,
                recv(fade) -> _ => self.fade(),
                recv(search) -> _ => self.search(),
                recv(timer) -> _ => {}
            }
            match self.end {
                Some(End::Left) => return Ok(()),
                Some(End::Signal(number)) => return Err(TuiError::Signal { number }),
                None => {}
            }
        }
    }

    /// Draws where a frame is due. Yields when to come back for one that is not due yet.
    fn draw_if_due(&mut self) -> io::Result<Receiver<Instant>> {
        let since = self.drawn.elapsed();
        let is_due = self.frame == Pending::AtOnce || (self.frame == Pending::Soon && since >= FRAME);
        if self.keyboard.is_none() || self.frame == Pending::No {
            return Ok(never());
        }
        if !is_due {
            return Ok(after(FRAME.saturating_sub(since)));
        }
        self.state.look();
        let (state, theme) = (&self.state, &self.theme);
        self.screen.draw(|frame| view::draw(state, theme, frame))?;
        self.frame = Pending::No;
        self.drawn = Instant::now();
        Ok(never())
    }

    fn inputs(&mut self, first: Input, more: &Receiver<Input>) -> io::Result<()> {
        self.frame = Pending::AtOnce;
        for input in std::iter::once(first).chain(more.try_iter()) {
            if let Input::Background { light } = input
                && self.asked_background
            {
                self.theme = Theme::new(if light { ThemeChoice::Light } else { ThemeChoice::Dark }, None);
            }
            let action = match input {
                Input::Mouse(report) => Some(Action::Mouse(report, self.started.elapsed())),
                Input::Focus(true) => {
                    self.look_again(Suspects::All);
                    None
                }
                input => keymap::action(&self.state, input),
            };
            let Some(action) = action else { continue };
            for effect in update(&mut self.state, action) {
                self.carry_out(effect)?;
            }
            if self.end.is_some() {
                break;
            }
        }
        Ok(())
    }

    fn scanned(&mut self, first: Event, more: &Receiver<Event>) -> io::Result<()> {
        let begun = Instant::now();
        let mut next = Some(first);
        while let Some(event) = next {
            let is_end = matches!(event, Event::Finished { .. });
            for effect in update(&mut self.state, Action::Scanned(event)) {
                self.carry_out(effect)?;
            }
            if is_end {
                self.watch();
            }
            next = if begun.elapsed() < DRAIN { more.try_recv().ok() } else { None };
        }
        if self.frame == Pending::No {
            self.frame = Pending::Soon;
        }
        Ok(())
    }

    fn signal(&mut self, signal: i32) -> io::Result<()> {
        match signal {
            SIGWINCH => self.resize()?,
            SIGTSTP => self.suspend()?,
            SIGCONT => self.resume()?,
            _ => self.end = Some(End::Signal(signal)),
        }
        Ok(())
    }

    /// Takes the terminal again: whatever had it meanwhile may have changed it.
    fn resume(&mut self) -> io::Result<()> {
        self.keyboard = None;
        self.screen.reclaim()?;
        self.keyboard = Some(Keyboard::start()?);
        self.resize()
    }

    fn resize(&mut self) -> io::Result<()> {
        let (columns, rows) = self.screen.size()?;
        update(&mut self.state, Action::Resize(columns, rows));
        self.frame = Pending::AtOnce;
        Ok(())
    }

    /// Leaves the terminal to the shell. The signal that lets this program go on brings it back.
    fn suspend(&mut self) -> io::Result<()> {
        if !signals::can_suspend() {
            self.say(true, "no shell to go back to".to_owned());
            return Ok(());
        }
        self.keyboard = None;
        self.screen.release();
        signals::suspend()
    }

    /// What is asked for, with the engines to judge that are chosen.
    fn judged(&mut self) -> Request {
        let rules = RuleSet::clone(&self.request.rules).judged_by(self.state.judgement.judges().to_vec());
        self.request.rules = Arc::new(rules);
        self.request.clone()
    }

    /// Takes the news of another scan from now on; the one before stops.
    fn follow(&mut self, scan: Scan) {
        self.watching.outdate();
        self.events = scan.events().clone();
        self.scan = scan;
        self.frame = Pending::AtOnce;
    }

    fn answered(&mut self, answer: Option<Box<Explained>>) {
        self.answers = never();
        update(&mut self.state, Action::Explained(answer));
        self.frame = Pending::AtOnce;
    }

    fn search(&mut self) {
        update(&mut self.state, Action::Search);
        if !self.state.is_pending() {
            self.frame = Pending::AtOnce;
        } else if self.state.survey.progress() > 0 && self.frame == Pending::No {
            self.frame = Pending::Soon;
        }
    }

    fn mended(&mut self, first: Option<News>, more: &Receiver<News>) -> io::Result<()> {
        if first.is_none() {
            self.news = never();
        }
        // Of many small steps only the last that is known is worth a frame.
        let mut next = Some(first);
        while let Some(news) = next {
            let is_step = matches!(news, Some(News::Progress(..)));
            self.frame = if is_step && self.frame == Pending::No { Pending::Soon } else { self.frame };
            self.take(news)?;
            next = if is_step { more.try_recv().ok().map(Some) } else { None };
            if !is_step {
                self.frame = Pending::AtOnce;
            }
        }
        Ok(())
    }

    fn recovered(&mut self, news: Option<News>) -> io::Result<()> {
        self.recovery = never();
        match news {
            Some(news) => self.take(Some(news)),
            None => Ok(()),
        }
    }

    fn take(&mut self, news: Option<News>) -> io::Result<()> {
        for effect in update(&mut self.state, Action::Mended(news)) {
            self.carry_out(effect)?;
        }
        Ok(())
    }

    /// Has a job done on everything that was read.
    fn mend(&mut self, job: Job) {
        let mending = Mending::start(job, self.workshop());
        self.news = mending.news().clone();
        self.mending = Some(mending);
    }

    /// Has put in order what a killed process has left half done.
    fn recover(&mut self) {
        if !self.state.mending.read_only {
            self.recovery = Mending::start(Job::Recover, self.workshop()).news().clone();
        }
    }

    fn workshop(&mut self) -> Workshop {
        let request = self.judged();
        Workshop {
            inventory: self.state.tree.inventory(),
            rules: request.rules,
            settings: request.settings,
            installed: request.installed,
            state_directory: self.state_directory.clone(),
            now: (self.clock)(),
            passphrase: std::mem::take(&mut self.state.mending.passphrase).reveal(),
        }
    }

    fn say(&mut self, failed: bool, text: String) {
        update(&mut self.state, Action::Said(Said { failed, text }));
        self.frame = Pending::AtOnce;
    }
}
