//! What can happen to the screen, and what it asks of the world in return. Both are values.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::base::stamp::Stamp;
use crate::session::Event;
use crate::session::mending::{Job, News};
use crate::session::refresh::Refreshed;
use crate::session::setting_up::inspect::{Inspected, Inspection};
use crate::session::setting_up::proposal::{self, Order};
use crate::session::why::Explained;
use crate::tui::copy::Item;
use crate::tui::key::MouseReport;
use crate::tui::quick::Quick;
use crate::tui::state::Tab;

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Go down one row
    Down,
    /// Go up one row
    Up,
    /// Go down one screen
    PageDown,
    /// Go up one screen
    PageUp,
    /// Go to the first row
    First,
    /// Go to the last row
    Last,
    /// Open the branch, or go to the first row in it, or to the pane
    Open,
    /// Close the branch, or go to the one that holds it
    Close,
    /// Open or close the branch, or go to the pane
    Toggle,
    /// Open or close every branch under the root
    ToggleAll,
    /// Go to the other pane
    SwitchPane,
    /// Show a tab
    Show(Tab),
    /// Show the tab to the right
    NextTab,
    /// Show the tab to the left
    PreviousTab,
    /// Scroll the pane down
    ScrollDown,
    /// Scroll the pane up
    ScrollUp,
    /// Go to the next thing that was found
    NextHit,
    /// Go to the previous thing that was found
    PreviousHit,
    /// Go to the next error or warning
    NextProblem,
    /// Go to the previous error or warning
    PreviousProblem,
    /// Begin to search
    Filter,
    /// Keep what was searched for and go on
    Accept,
    /// Show only the next kind of thing
    Narrow,
    /// Show only one kind of thing, or all again
    Only(Quick),
    /// Order by something else
    Sort,
    /// Have the next engine judge
    Judge,
    /// Ask what an error text means
    Why,
    /// Empty the box for the text
    Clear,
    /// Explain the text that was put in
    Explain,
    /// Go to what the answer is about
    Follow,
    /// Read everything again
    Rescan,
    /// Choose what to copy
    CopyMenu,
    /// Copy something
    Copy(Item),
    /// Keep it in a file instead of copying it, or copy it after all
    CopyToFile,
    /// Show or hide what is known of the row beside the tree
    Details,
    /// Heed the mouse, or leave it to the terminal
    Mouse,
    /// Open the file in an editor
    Editor,
    /// Show the certificate in a pager
    Pager,
    /// Choose from everything that can be done
    Palette,
    /// Do what is chosen
    Run,
    /// Mend what is wrong here: choose how
    Mend,
    /// Mend everything that is safe to mend
    MendAll,
    /// Stage the fix, or take it off
    Stage,
    /// Carry out what is staged
    Apply,
    /// Keep the plan in a file
    SavePlan,
    /// Set a host up
    SetUp,
    /// Put what was sent in its place
    Import,
    /// Plan a new key and a request like a client certificate
    Renew,
    /// Go to the next field
    NextField,
    /// Go to the previous field
    PreviousField,
    /// Choose the next one
    NextChoice,
    /// Choose the previous one
    PreviousChoice,
    /// Look through what would be done
    Preview,
    /// Give it another name
    Rename,
    /// Give the name the next ending
    NextEnding,
    /// Take what was typed
    Confirm,
    /// Take back what was changed last
    Undo,
    /// Do again what was taken back last
    Redo,
    /// Tell what was changed
    History,
    /// Mark it, or take the mark away
    Mark,
    /// Show how everything stands
    Survey,
    /// Show two marked certificates or keys side by side
    Compare,
    /// Show all certificates on an axis of time; there, go back to today
    Timeline,
    /// Look at less time
    ZoomIn,
    /// Look at more time
    ZoomOut,
    /// Look at an earlier time
    Earlier,
    /// Look at a later time
    Later,
    /// Show the keys
    Help,
    /// Begin to search the keys
    SearchHelp,
    /// Go back; never out
    Back,
    /// Close what is open, else quit
    Leave,
    /// Quit
    Quit,
    /// Stop, as Ctrl-Z does with every program
    Suspend,
}

/// A change to the line that is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Put in text
    Insert(String),
    /// Take out the character before the cursor
    Backspace,
    /// Take out the character at the cursor
    Delete,
    /// Take out the word before the cursor
    DeleteWord,
    /// Take out everything before the cursor
    DeleteAll,
    /// Move left
    Left,
    /// Move right
    Right,
    /// Move to the beginning
    Home,
    /// Move to the end
    End,
}

/// Something that happened.
#[derive(Debug)]
pub enum Action {
    /// A key that stands for something was pressed.
    Command(Command),
    /// Somebody typed.
    Edit(Edit),
    /// The screen has so many columns and rows.
    Resize(u16, u16),
    /// The scan tells something.
    Scanned(Event),
    /// It is so late now.
    Clock(Timestamp),
    /// An error text was looked at: what it means, where it is known.
    Explained(Option<Box<Explained>>),
    /// There is time to go on with a search.
    Search,
    /// Whoever mends something tells how it goes; nothing where it ended without a word.
    Mended(Option<News>),
    /// Whoever works out what would be set up tells how it goes; nothing where it ended without a word.
    Proposed(Option<proposal::News>),
    /// What a form names was looked at.
    Inspected(Box<Inspected>),
    /// A job outside is over: say so.
    Said(Said),
    /// Something was done with the mouse, so long after the start.
    Mouse(MouseReport, Duration),
    /// Somebody else changed something.
    Refreshed(Box<Refreshed>),
    /// What changed a moment ago is no longer marked.
    Fade,
}

/// Something to tell the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// It is about a failure.
    pub failed: bool,
    /// What to say (may hold foreign text).
    pub text: String,
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// End the program.
    Quit,
    /// Leave the terminal and stop.
    Suspend,
    /// Read everything again, and have the engines judge that are chosen.
    Rescan,
    /// Have the engines judge that are chosen what was read.
    Judge,
    /// Explain an error text.
    Explain(String),
    /// Plan, change or take back something.
    Mend(Job),
    /// Work out what would be set up.
    Propose(Box<Order>),
    /// Give that up.
    StopProposing,
    /// Look at what a form names.
    Inspect(Box<Inspection>),
    /// Stop to change anything, behind the fix that is under way.
    StopMending,
    /// Give text to the clipboard.
    Copy {
        /// What it is ("path").
        what: &'static str,
        /// The text
        text: String,
    },
    /// Keep text in a file that is not there yet.
    Keep {
        /// What it is ("path").
        what: &'static str,
        /// The text
        text: String,
        /// The file
        path: PathBuf,
    },
    /// Read a private key, give it to the clipboard or keep it in a file, and forget it.
    CopyKey {
        /// The file that holds it
        path: PathBuf,
        /// That file as it was seen
        stamp: Stamp,
        /// The file to keep it in
        to: Option<PathBuf>,
    },
    /// Have the terminal report the mouse, or no longer.
    Mouse(bool),
    /// Stop to read.
    StopReading,
    /// Hand the terminal to an editor for a file.
    Edit(PathBuf),
    /// Hand the terminal to a pager for a text.
    Page(String),
}
