//! A field of a form: a line, a choice, a passphrase that nobody sees, or a box for a paste; and what is said of it.

use crate::session::setting_up::inspect::Pasted;
use crate::tui::action::Edit;
use crate::tui::line_edit::LineEdit;
use crate::tui::mending::Secret;
use crate::tui::theme::Label;

/// The longest line of a field, in characters.
const LONGEST: usize = 4096;

/// What a field is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The registry host
    Host,
    /// The `certs.d`
    Root,
    /// One spelling or both
    Spellings,
    /// The file of CAs
    Authority,
    /// Whether a leaf is trusted for itself alone
    Pin,
    /// The client's pair
    Client,
    /// How long its certificate is valid
    Days,
    /// The kind of its key
    Key,
    /// Whom it is about
    Subject,
    /// Its alternative names
    Names,
    /// A file that was sent, or a directory of them
    Path(usize),
    /// What was pasted
    Pasted,
    /// What opens it
    Passphrase,
    /// Whether a pair of the same subject makes room
    Replace,
}

/// A field.
#[derive(Debug)]
pub struct Field {
    /// What it is for.
    pub name: Name,
    /// What it is called.
    pub label: &'static str,
    /// What is in it.
    pub content: Content,
    /// What is said of it; may hold foreign text.
    pub told: Vec<(Label, String)>,
    /// It is of account.
    pub is_shown: bool,
}

/// What is in a field.
#[derive(Debug)]
pub enum Content {
    /// A text
    Line(LineEdit),
    /// One of several
    Choice {
        /// They, in words; may hold foreign text
        options: Vec<String>,
        /// The one that is chosen
        chosen: usize,
    },
    /// A text that nobody sees
    Hidden(Secret),
    /// A text that was pasted, and that nobody sees
    Pasted(Pasted),
}

impl Field {
    /// A line that begins with a text.
    pub fn line(name: Name, label: &'static str, text: &str) -> Self {
        Self::new(name, label, Content::Line(LineEdit::new(text, LONGEST)))
    }

    /// A choice, of which the first is chosen.
    pub fn choice(name: Name, label: &'static str, options: Vec<String>) -> Self {
        Self::new(name, label, Content::Choice { options, chosen: 0 })
    }

    /// A field.
    pub fn new(name: Name, label: &'static str, content: Content) -> Self {
        Self { name, label, content, told: Vec::new(), is_shown: true }
    }

    /// The text of a line.
    pub fn text(&self) -> String {
        match &self.content {
            Content::Line(line) => line.text().trim().to_owned(),
            _ => String::new(),
        }
    }

    /// The number of what is chosen.
    pub fn chosen(&self) -> usize {
        match &self.content {
            Content::Choice { chosen, .. } => *chosen,
            _ => 0,
        }
    }

    /// Tells whether something is chosen in it.
    pub fn is_choice(&self) -> bool {
        matches!(self.content, Content::Choice { .. })
    }

    /// Chooses the next or previous one, round and round.
    pub fn turn(&mut self, forward: bool) {
        if let Content::Choice { options, chosen } = &mut self.content {
            let count = options.len().max(1);
            *chosen = (*chosen + if forward { 1 } else { count - 1 }) % count;
        }
    }

    /// Types.
    pub fn apply(&mut self, edit: &Edit) {
        match (&mut self.content, edit) {
            (Content::Line(line), edit) => line.apply(edit),
            (Content::Hidden(secret), Edit::Insert(text)) => secret.push(text),
            (Content::Hidden(secret), Edit::Backspace) => secret.pop(),
            (Content::Hidden(secret), Edit::DeleteAll) => *secret = Secret::default(),
            // Nobody sees what is in it: it is taken as a whole, or not.
            (Content::Pasted(pasted), Edit::Backspace | Edit::DeleteAll | Edit::DeleteWord) => {
                *pasted = Pasted::default();
            }
            (Content::Pasted(pasted), Edit::Insert(text)) => pasted.push(text),
            _ => {}
        }
    }

    /// Says nothing of it any more.
    pub fn hush(&mut self) {
        self.told.clear();
    }

    /// Says something of it.
    pub fn tell(&mut self, label: Label, text: impl Into<String>) {
        self.told.push((label, text.into()));
    }

    /// What is wrong with it.
    pub fn fault(&self) -> Option<&str> {
        self.told.iter().find(|(label, _)| *label == Label::Error).map(|(_, text)| text.as_str())
    }
}
