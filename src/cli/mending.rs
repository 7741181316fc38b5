//! What the subcommands share that change something: the journal, who does it, and what to say of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};
use zeroize::Zeroizing;

use crate::base::cancel::Cancel;
use crate::base::text::display_name;
use crate::cli::args::Format;
use crate::cli::context::{self, Context};
use crate::cli::error::{Exit, Failure};
use crate::cli::output;
use crate::fix::{ApplyError, Author, Journal, Operation, Run};
use crate::report;

/// Opens the journal, and says what a killed process had left.
pub fn journal(context: &Context) -> Result<Journal, Failure> {
    let directory = context.state_directory.as_deref().ok_or(Failure::NoState)?;
    let journal = Journal::open(directory)?;
    if let Some(recovery) = journal.recovery() {
        output::note(&report::operation::recovery(recovery));
        recovery.conflicts.iter().for_each(|conflict| output::note(&format!("left as it is: {conflict}")));
    }
    Ok(journal)
}

/// Does something with the journal, and prints the operation that came of it.
pub fn carry_out(
    context: &Context,
    format: Format,
    passphrases: &Passphrases,
    work: impl FnOnce(&mut Journal, &Run<'_>) -> Result<Operation, ApplyError>,
) -> Result<Operation, Failure> {
    if context.read_only {
        return Err(Failure::ReadOnly);
    }
    let mut journal = journal(context)?;
    let cancel = Cancel::default();
    let now = context::now().unwrap_or(context.settings.now);
    let passphrase = |path: &Path| passphrases.of(path);
    let stop = Stop::new();
    let progress = |_, _| {
        if stop.is_asked_for() {
            cancel.raise();
        }
    };
    let run = Run { cancel: &cancel, progress: &progress, passphrase: &passphrase, now, author: Author::here() };
    let operation = work(&mut journal, &run)?;
    match format {
        Format::Text => output::text(context.appearance, |paper| report::operation::print(&operation, paper))?,
        Format::Json => output::json(&report::json::operation(&operation))?,
    }
    Ok(operation)
}

/// A failure to take something back, in the place of one to do something.
pub fn take_back(failure: Failure) -> Failure {
    match failure {
        Failure::Apply(error) => Failure::TakeBack(error),
        other => other,
    }
}

/// How a run ends that changed something.
pub fn exit(operation: &Operation) -> Exit {
    if operation.left > 0 { Exit::Findings } else { Exit::Clean }
}

/// SIGINT and SIGTERM as a question, while something is carried out: it stops behind the fix that is under way. Before and
/// afterwards they end the program as ever.
pub struct Stop {
    asked: Arc<AtomicBool>,
    handlers: Vec<SigId>,
}

impl Stop {
    /// Where a handler cannot be set, the signal ends the program, and the next start puts things in order.
    pub fn new() -> Self {
        idle().store(false, Ordering::Relaxed);
        let asked = Arc::new(AtomicBool::new(false));
        let handler = |signal| signal_hook::flag::register(signal, Arc::clone(&asked)).ok();
        let handlers = SIGNALS.into_iter().filter_map(handler).collect();
        Self { asked, handlers }
    }

    /// Tells whether somebody asked.
    pub fn is_asked_for(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        for handler in self.handlers.drain(..) {
            signal_hook::low_level::unregister(handler);
        }
        idle().store(true, Ordering::Relaxed);
    }
}

/// What is taken for a question.
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// Raised while nobody asks. A handler that is taken away leaves a signal without any effect, so that what it does otherwise
/// has to be done by one as well.
fn idle() -> &'static Arc<AtomicBool> {
    static IDLE: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    IDLE.get_or_init(|| {
        let idle = Arc::new(AtomicBool::new(true));
        for signal in SIGNALS {
            // Where a handler cannot be set, the signal ends the program anyway.
            let _ = signal_hook::flag::register_conditional_default(signal, Arc::clone(&idle));
        }
        idle
    })
}

/// The passphrases of keys, each asked for once on the terminal, unseen, or the one that a file descriptor gives. Where there
/// is neither, nobody is asked.
#[derive(Default)]
pub struct Passphrases {
    known: RefCell<HashMap<String, Option<Zeroizing<String>>>>,
    given: Option<Zeroizing<String>>,
}

impl Passphrases {
    /// The first line that a file descriptor gives is the passphrase of everything.
    ///
    /// # Errors
    /// Where it gives none.
    pub fn from_descriptor(descriptor: Option<u32>) -> Result<Self, Failure> {
        let Some(number) = descriptor else { return Ok(Self::default()) };
        let read = || output::first_line(&File::open(format!("/dev/fd/{number}"))?);
        let given = read().map_err(|error| Failure::Descriptor(number, error))?;
        Ok(Self { given: Some(given), ..Self::default() })
    }

    /// The passphrase of the keys in a file.
    pub fn of(&self, path: &Path) -> Option<Zeroizing<String>> {
        let known_as = std::path::absolute(path).ok()?;
        self.ask(&known_as.to_string_lossy(), &display_name(path))
    }

    /// The passphrase of what people know by this name.
    pub fn of_named(&self, name: &str) -> Option<Zeroizing<String>> {
        self.ask(name, name)
    }

    fn ask(&self, known_as: &str, shown: &str) -> Option<Zeroizing<String>> {
        if self.given.is_some() {
            return self.given.clone();
        }
        let ask = || output::ask_unseen(&format!("passphrase of {shown}: "));
        self.known.borrow_mut().entry(known_as.to_owned()).or_insert_with(ask).clone()
    }
}
