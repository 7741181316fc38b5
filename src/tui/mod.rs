//! The terminal program: a tree of host directories, and beside it what is known of the row under the cursor.
//!
//! ```text
//! Key ──keymap──▶ Action ──update──▶ State ──view──▶ frame
//!   session events ──▲        └──▶ Effects ──program──▶ the world
//! ```
//!
//! [`update`] and [`view`] are pure. `program` alone has a terminal, threads and a clipboard. Judges nothing: what is
//! shown is what `session` found.

pub mod action;
mod arrival;
pub mod axis;
mod child;
mod clipboard;
pub mod comparison;
pub mod copy;
pub mod document;
pub mod entry;
pub mod filter;
pub mod fuzzy;
pub mod haystack;
mod input;
pub mod issuers;
pub mod judgement;
pub mod key;
pub mod key_name;
pub mod keymap;
pub mod layout;
pub mod line_edit;
pub mod lineage;
mod look;
pub mod mending;
mod movement;
mod outside;
pub mod palette;
pub mod pen;
pub mod pointer;
mod program;
pub mod question;
pub mod quick;
mod refresh;
pub mod remap;
mod rows;
mod search;
pub mod setting_up;
pub mod shift;
mod signals;
pub mod standing;
pub mod state;
pub mod survey;
pub mod terminal;
pub mod theme;
pub mod theme_file;
pub mod timeline;
pub mod tree;
pub mod update;
pub mod view;
pub mod wire;

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use signal_hook::consts::SIGHUP;
use thiserror::Error;

pub use program::run;
pub use remap::Keymap;
pub use theme::{Glyphs, ThemeChoice};

use crate::base::clock::Timestamp;
use crate::config::Column;
use crate::finding::Severity;
use crate::model::Root;
use crate::session::Request;
use crate::tui::action::Said;

/// What to show, and how.
pub struct Options {
    /// What to look at.
    pub request: Request,
    /// Where the journal of changes is; `None` where there is no place for it.
    pub state_directory: Option<PathBuf>,
    /// Nothing is ever changed.
    pub read_only: bool,
    /// Findings below it are neither shown nor counted.
    pub min_severity: Severity,
    /// Tells the present moment, when everything is read again.
    pub clock: Box<dyn Fn() -> Timestamp>,
    /// The signs to draw with.
    pub glyphs: Glyphs,
    /// Whether to use colour.
    pub colour: bool,
    /// Which colours fit the terminal.
    pub theme: ThemeChoice,
    /// Which key means what.
    pub keymap: Keymap,
    /// The columns of the tree beside the name.
    pub columns: Vec<Column>,
    /// Whether to heed the mouse.
    pub mouse: bool,
    /// What to say at once.
    pub said: Option<Said>,
    /// The `certs.d` that hosts can be set up in, beside those that are looked at.
    pub roots: Vec<Root>,
}

/// Why the terminal program cannot go on.
#[derive(Debug, Error)]
pub enum TuiError {
    /// The terminal cannot be set up, or is gone.
    #[error("the terminal cannot be used: {0}")]
    Terminal(io::Error),
    /// A signal ended it, which is no fault: a shell expects exit code 128 + `number`.
    #[error("ended by signal {number}")]
    Signal {
        /// The number of the signal
        number: i32,
    },
}

impl From<io::Error> for TuiError {
    /// A terminal that is gone is noticed at a call or by SIGHUP, whichever comes first: it is the same to a shell.
    fn from(error: io::Error) -> Self {
        let was_never_there = error.kind() == io::ErrorKind::Unsupported;
        if was_never_there || io::stdout().is_terminal() {
            Self::Terminal(error)
        } else {
            Self::Signal { number: SIGHUP }
        }
    }
}
