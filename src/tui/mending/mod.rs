//! What it takes to mend something on the screen: the choices and what each comes to, marks, a name that is typed, the
//! history. Values only; [`update`] changes them, [`crate::session::mending`] does the work.

mod marks;
pub mod news;
pub mod rename;
pub mod update;

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use zeroize::Zeroizing;

use crate::fix::{Operation, Planned};
use crate::model::Inventory;
use crate::session::mending::{Job, Offer, Wanted};
use crate::session::setting_up::proposal::Proposal;
use crate::tui::document::Document;
use crate::tui::line_edit::LineEdit;
use crate::tui::state::Mode;
use crate::tui::tree::Identity;
use rename::Rename;

/// Everything that concerns mending.
#[derive(Debug, Default)]
pub struct State {
    /// Nothing is ever written.
    pub read_only: bool,
    /// What is marked.
    pub marks: HashSet<Identity>,
    /// What is chosen from, or looked through.
    pub dialog: Dialog,
    /// The name that is typed.
    pub rename: Option<Rename>,
    /// What is typed beside that.
    pub typed: Typed,
    /// The passphrase, for the job that is about to begin.
    pub passphrase: Secret,
    /// The job that is changing something.
    pub running: Option<Running>,
    /// What was put in order before that job began.
    pub recovered: Option<String>,
    /// The dialog as text.
    pub sheet: Sheet,
}

/// What is chosen from, or looked through.
#[derive(Debug, Default)]
pub enum Dialog {
    /// Nothing
    #[default]
    Closed,
    /// It is worked out once everything was read.
    Reading,
    /// It is being worked out.
    Waiting,
    /// The fixes of what is selected
    Offers(Offers),
    /// All safe fixes of what is marked or selected, as one plan
    All(Box<All>),
    /// What was done
    History(History),
    /// What is to be set up is being worked out.
    Proposing,
    /// What is to be set up, as a plan
    Proposal(Box<Proposed>),
    /// What could not be carried out, for lack of permission
    Denied(Denied),
}

/// A job that is changing something.
#[derive(Debug, Default)]
pub struct Running {
    /// So many fixes are done
    pub done: usize,
    /// of so many.
    pub total: usize,
    /// It was asked to stop.
    pub stops: bool,
    /// The program ends once it has stopped.
    pub leaves: bool,
    /// What it carries out.
    pub wanted: Option<Wanted>,
    /// What to put the cursor on once it is done.
    pub goal: Option<Identity>,
    /// What to do then: a clause.
    pub then: Option<String>,
    /// It sets something up.
    pub sets_up: bool,
}

/// Something to be set up, as a plan to look through.
#[derive(Debug)]
pub struct Proposed {
    /// What it is about, in words; may hold foreign text.
    pub title: String,
    /// The plan, and what to know of it.
    pub proposal: Proposal,
    /// It could not be carried out, for lack of permission.
    pub denied: bool,
    /// Where to go back to.
    pub origin: Mode,
    /// What to put the cursor on once it is done.
    pub goal: Option<Identity>,
    /// What to do then: a clause.
    pub then: Option<String>,
}

/// Fixes to choose from.
#[derive(Debug)]
pub struct Offers {
    /// Everything as it is.
    pub inventory: Inventory,
    /// The fixes, in the order of their findings.
    pub offers: Vec<Offer>,
    /// The one that is looked at.
    pub chosen: usize,
    /// Those that are to be carried out together.
    pub staged: BTreeSet<usize>,
    /// They could not be carried out, for lack of permission.
    pub denied: bool,
}

/// A plan to look through.
#[derive(Debug)]
pub struct All {
    /// Everything as it is.
    pub inventory: Inventory,
    /// The plan, and what it leaves.
    pub planned: Planned,
    /// What it is about, in words.
    pub about: String,
    /// It could not be carried out, for lack of permission.
    pub denied: bool,
}

/// What was done.
#[derive(Debug)]
pub struct History {
    /// The oldest first.
    pub operations: Vec<Operation>,
    /// The one that is looked at, counted from the latest.
    pub chosen: usize,
    /// Why it could not be taken back; may hold foreign text.
    pub problem: Option<String>,
}

/// What this user may not do.
#[derive(Debug)]
pub struct Denied {
    /// What the kernel said; may hold foreign text.
    pub text: String,
    /// What was to be carried out.
    pub wanted: Wanted,
}

/// What is typed at the bottom, beside a name.
#[derive(Debug, Default)]
pub enum Typed {
    /// Nothing
    #[default]
    Nothing,
    /// A passphrase, and what it is for
    Passphrase(Secret, Box<Job>),
    /// The path of a file for a plan
    Path(LineEdit, Wanted),
}

/// A text that is dialogs' own.
#[derive(Debug, Default)]
pub struct Sheet {
    /// The text.
    pub document: Document,
    /// Lines above the first that is shown.
    pub scroll: usize,
    /// Grows with everything that changes the text.
    pub generation: u64,
    pub(super) made: Option<(u64, usize, usize)>,
}

/// A text that is shown to nobody, and wiped when dropped.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Adds what is typed. The buffer is made once, so that no copy is left behind.
    pub fn push(&mut self, text: &str) {
        if self.0.capacity() == 0 {
            self.0 = Zeroizing::new(String::with_capacity(1024));
        }
        for letter in text.chars().filter(|letter| !letter.is_control()) {
            if self.0.len() + letter.len_utf8() <= self.0.capacity() {
                self.0.push(letter);
            }
        }
    }

    /// Takes the last character away.
    pub fn pop(&mut self) {
        self.0.pop();
    }

    /// How many characters it has.
    pub fn length(&self) -> usize {
        self.0.chars().count()
    }

    /// The text; `None` where there is none.
    pub fn reveal(&self) -> Option<Zeroizing<String>> {
        (!self.0.is_empty()).then(|| self.0.clone())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

impl State {
    /// The text of the dialog has to be made anew, from its top.
    pub fn changed(&mut self) {
        self.sheet.generation += 1;
    }

    /// Closes every dialog.
    pub fn close(&mut self) {
        self.dialog = Dialog::Closed;
        self.rename = None;
        self.typed = Typed::Nothing;
        self.sheet = Sheet::default();
    }
}

/// Makes the text of the dialog anew where it no longer fits.
pub fn look(state: &mut crate::tui::state::State) {
    // A name is typed in the tree, where there is room for both.
    let pane = state.layout().filter(|layout| state.mode == Mode::Rename && !layout.tree.is_empty());
    let pane = pane.map(|layout| usize::from(layout.pane.width)).filter(|width| *width > 0);
    let width = pane.unwrap_or(state.body().0);
    let rows = state.body().1;
    let made = Some((state.mending.sheet.generation, width, rows));
    if state.mending.sheet.made != made {
        let (document, seen) = crate::tui::view::mending(state, width);
        let sheet = &mut state.mending.sheet;
        // As much of it as there is room for, its beginning in any case.
        sheet.scroll = sheet.scroll.max(seen.end.saturating_sub(rows));
        sheet.scroll = if seen.is_empty() { sheet.scroll } else { sheet.scroll.min(seen.start) };
        sheet.document = document;
        sheet.made = made;
    }
    update::scroll(state, 0);
}
