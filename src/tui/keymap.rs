//! Which key means what, and where: the one table behind the keys, the palette, the help screen and the bottom line.
//! [`crate::tui::remap`] gives commands other keys.

use std::borrow::Cow;

use crate::tui::action::{Action, Command, Edit};
use crate::tui::copy::Item;
use crate::tui::key::{Input, Key};
use crate::tui::mending::Dialog;
use crate::tui::quick::Quick;
use crate::tui::state::{Focus, Mode, State, Tab};

/// Where a binding holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Everywhere but while typing
    Everywhere,
    /// In the tree
    Tree,
    /// In the pane
    Pane,
    /// While only what was searched for is shown, in the tree and in the pane
    Found,
    /// While a search is typed
    Filter,
    /// While an error text is put in
    Ask,
    /// On the answer to it
    Answer,
    /// On the help screen
    Help,
    /// While a search on the help screen is typed
    HelpSearch,
    /// In the palette
    Palette,
    /// Where it is chosen how to mend something
    Mend,
    /// Where a plan is looked through
    Plan,
    /// Where it is told what was changed
    History,
    /// While a name is typed
    Rename,
    /// While a path or a passphrase is typed
    Type,
    /// While a form is filled in
    Form,
    /// While something is chosen in it
    Choice,
    /// On a comparison
    Compare,
    /// On the overview of everything
    Survey,
    /// On the timeline
    Timeline,
    /// Where it is chosen what to copy
    Copy,
}

impl Place {
    /// Its heading on the help screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Tree => "Tree",
            Self::Pane => "Pane",
            Self::Found => "While only what was found is shown",
            Self::Filter => "While searching",
            Self::Ask => "While asking why",
            Self::Answer => "Answer",
            Self::Help => "Help",
            Self::HelpSearch => "While searching the help",
            Self::Palette => "Palette",
            Self::Mend => "Mending",
            Self::Plan => "A plan",
            Self::History => "History",
            Self::Rename => "While renaming",
            Self::Type => "While typing",
            Self::Form => "A form",
            Self::Choice => "A choice in a form",
            Self::Compare => "Comparison",
            Self::Survey => "Overview of everything",
            Self::Timeline => "Timeline",
            Self::Copy => "Copying",
        }
    }

    /// Tells whether characters are text there.
    pub fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Filter | Self::Ask | Self::HelpSearch | Self::Palette | Self::Rename | Self::Type | Self::Form
        )
    }
}

/// Keys that do the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Where they do it.
    pub place: Place,
    /// The keys, the one to be named first first.
    pub keys: Cow<'static, [Key]>,
    /// What they do.
    pub command: Command,
    /// What they do, as the help screen says it.
    pub help: &'static str,
    /// What they do, as the bottom line says it; `None` where it does not name them.
    pub hint: Option<&'static str>,
}

const fn bind(
    place: Place,
    keys: &'static [Key],
    command: Command,
    help: &'static str,
    hint: Option<&'static str>,
) -> Binding {
    Binding { place, keys: Cow::Borrowed(keys), command, help, hint }
}

/// All bindings, in the order of the help screen.
pub const BINDINGS: &[Binding] = &[
    bind(Place::Tree, &[Key::Down, Key::Char('j')], Command::Down, "next row", None),
    bind(Place::Tree, &[Key::Up, Key::Char('k')], Command::Up, "previous row", None),
    bind(Place::Tree, &[Key::PageDown, Key::Ctrl('f')], Command::PageDown, "one screen down", None),
    bind(Place::Tree, &[Key::PageUp, Key::Ctrl('b')], Command::PageUp, "one screen up", None),
    bind(Place::Tree, &[Key::Char('g'), Key::Home], Command::First, "first row", None),
    bind(Place::Tree, &[Key::Char('G'), Key::End], Command::Last, "last row", None),
    bind(Place::Tree, &[Key::Enter], Command::Toggle, "open or close", Some("open")),
    bind(Place::Tree, &[Key::Char(' '), Key::Char('v')], Command::Mark, "mark, or take the mark away", None),
    bind(Place::Tree, &[Key::Right, Key::Char('l')], Command::Open, "open, then go in", None),
    bind(Place::Tree, &[Key::Left, Key::Char('h')], Command::Close, "close, then go out", None),
    bind(Place::Tree, &[Key::Char('*')], Command::ToggleAll, "open or close all hosts", None),
    bind(Place::Tree, &[Key::Tab, Key::BackTab], Command::SwitchPane, "go to the pane", Some("pane")),
    bind(Place::Pane, &[Key::Down, Key::Char('j')], Command::Down, "scroll down", None),
    bind(Place::Pane, &[Key::Up, Key::Char('k')], Command::Up, "scroll up", None),
    bind(Place::Pane, &[Key::PageDown, Key::Char(' '), Key::Ctrl('f')], Command::PageDown, "one screen down", None),
    bind(Place::Pane, &[Key::PageUp, Key::Ctrl('b')], Command::PageUp, "one screen up", None),
    bind(Place::Pane, &[Key::Char('g'), Key::Home], Command::First, "top", None),
    bind(Place::Pane, &[Key::Char('G'), Key::End], Command::Last, "bottom", None),
    bind(Place::Pane, &[Key::Tab, Key::BackTab, Key::Enter], Command::SwitchPane, "go to the tree", Some("tree")),
    bind(Place::Pane, &[Key::Right, Key::Char('l')], Command::NextTab, "next tab", Some("next tab")),
    bind(Place::Pane, &[Key::Left, Key::Char('h')], Command::PreviousTab, "previous tab", None),
    bind(Place::Everywhere, &[Key::Char('1')], Command::Show(Tab::Overview), "overview", None),
    bind(Place::Everywhere, &[Key::Char('2')], Command::Show(Tab::Certificate), "the certificate in full", None),
    bind(Place::Everywhere, &[Key::Char('3')], Command::Show(Tab::Chain), "who issued it", None),
    bind(Place::Everywhere, &[Key::Char('4')], Command::Show(Tab::Engines), "what engines do with it", None),
    bind(Place::Everywhere, &[Key::Char('5')], Command::Show(Tab::Findings), "what is wrong with it", None),
    bind(Place::Everywhere, &[Key::Char('6')], Command::Show(Tab::Pem), "PEM text", None),
    bind(Place::Everywhere, &[Key::Char('J')], Command::ScrollDown, "scroll the pane down", None),
    bind(Place::Everywhere, &[Key::Char('K')], Command::ScrollUp, "scroll the pane up", None),
    bind(Place::Everywhere, &[Key::Char('n')], Command::NextProblem, "next error or warning", Some("problem")),
    bind(Place::Everywhere, &[Key::Char('p')], Command::PreviousProblem, "previous error or warning", None),
    bind(Place::Found, &[Key::Char('n')], Command::NextHit, "next one that was found", Some("next found")),
    bind(Place::Found, &[Key::Char('N')], Command::PreviousHit, "previous one that was found", None),
    bind(Place::Everywhere, &[Key::Char('/')], Command::Filter, "search everything that is known", Some("search")),
    bind(Place::Everywhere, &[Key::Char('|')], Command::Narrow, "show only: problems, expired, …", None),
    bind(Place::Everywhere, &[], Command::Only(Quick::Problems), "show only what has an error or a warning", None),
    bind(Place::Everywhere, &[], Command::Only(Quick::Expired), "show only what has expired", None),
    bind(Place::Everywhere, &[], Command::Only(Quick::Expiring), "show only what expires soon", None),
    bind(Place::Everywhere, &[], Command::Only(Quick::Authorities), "show only CA certificates", None),
    bind(Place::Everywhere, &[], Command::Only(Quick::Clients), "show only client certificates", None),
    bind(Place::Everywhere, &[], Command::Only(Quick::Keys), "show only keys", None),
    bind(Place::Everywhere, &[], Command::Only(Quick::Unread), "show only files that no engine reads", None),
    bind(Place::Everywhere, &[Key::Char('f')], Command::Mend, "mend: choose how", Some("mend")),
    bind(Place::Everywhere, &[Key::Char('F')], Command::MendAll, "mend all that is safe", None),
    bind(Place::Everywhere, &[Key::Char('N')], Command::SetUp, "set a host up", Some("new host")),
    bind(Place::Everywhere, &[Key::Char('I')], Command::Import, "import what was sent into this host", None),
    bind(Place::Everywhere, &[Key::Char('c')], Command::Renew, "renew a client certificate: new key and request", None),
    bind(Place::Everywhere, &[Key::Char('r')], Command::Rename, "rename", Some("rename")),
    bind(Place::Everywhere, &[Key::Char('u')], Command::Undo, "take back what was changed last", Some("undo")),
    bind(Place::Everywhere, &[Key::Ctrl('r')], Command::Redo, "do again what was taken back", None),
    bind(Place::Everywhere, &[Key::Char('L')], Command::History, "what was changed here", None),
    bind(Place::Everywhere, &[Key::Char('o')], Command::Sort, "order: name, expiry, severity", Some("order")),
    bind(Place::Everywhere, &[Key::Char('w')], Command::Why, "why: explain a pasted error text", Some("why")),
    bind(Place::Everywhere, &[Key::Char('=')], Command::Compare, "compare two that are marked", None),
    bind(Place::Everywhere, &[Key::Char('0')], Command::Survey, "overview of everything", None),
    bind(Place::Everywhere, &[Key::Char('t')], Command::Timeline, "timeline: when everything expires", None),
    bind(Place::Everywhere, &[Key::Char('e')], Command::Judge, "have the next engine judge", Some("engine")),
    bind(Place::Everywhere, &[Key::Char('y')], Command::CopyMenu, "copy: choose what", Some("copy menu")),
    bind(Place::Everywhere, &[Key::Char('Y')], Command::Copy(Item::Fingerprint), "copy the SHA-256 fingerprint", None),
    bind(Place::Everywhere, &[], Command::Copy(Item::Path), "copy the path", None),
    bind(Place::Everywhere, &[], Command::Copy(Item::Name), "copy the name", None),
    bind(Place::Everywhere, &[], Command::Copy(Item::Subject), "copy the subject", None),
    bind(Place::Everywhere, &[], Command::Copy(Item::Pin), "copy the pin of the public key", None),
    bind(Place::Everywhere, &[], Command::Copy(Item::Pem), "copy the certificates as PEM", None),
    bind(Place::Everywhere, &[], Command::Copy(Item::Findings), "copy what is wrong as text", None),
    bind(Place::Everywhere, &[], Command::Copy(Item::Openssl), "copy the openssl command that shows it", None),
    bind(Place::Everywhere, &[], Command::Copy(Item::ByHand), "copy the commands that do it by hand", None),
    bind(Place::Everywhere, &[], Command::Copy(Item::PrivateKey), "copy the private key, asked for twice", None),
    bind(Place::Everywhere, &[Key::Char('d')], Command::Details, "show or hide the details", None),
    bind(Place::Everywhere, &[Key::Char('E')], Command::Editor, "open the file in $VISUAL or $EDITOR", None),
    bind(Place::Everywhere, &[Key::Char('P')], Command::Pager, "the certificate in $PAGER", None),
    bind(Place::Everywhere, &[Key::Char('M')], Command::Mouse, "heed the mouse, or leave it to the terminal", None),
    bind(Place::Everywhere, &[Key::Char('R')], Command::Rescan, "read everything again", Some("reread")),
    bind(Place::Everywhere, &[Key::Esc], Command::Back, "back; never leaves", None),
    bind(
        Place::Everywhere,
        &[Key::Char(':'), Key::Ctrl('p')],
        Command::Palette,
        "palette: choose from everything",
        None,
    ),
    bind(Place::Everywhere, &[Key::Char('?')], Command::Help, "these keys", Some("help")),
    bind(Place::Everywhere, &[Key::Char('q')], Command::Leave, "close, then quit", Some("quit")),
    bind(Place::Everywhere, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Everywhere, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Filter, &[Key::Enter], Command::Accept, "keep and go on", Some("keep")),
    bind(Place::Filter, &[Key::Tab], Command::Narrow, "show only one kind, by turns", Some("kind")),
    bind(Place::Filter, &[Key::Esc], Command::Back, "show everything again", Some("clear")),
    bind(Place::Filter, &[Key::Down], Command::Down, "next row", Some("next")),
    bind(Place::Filter, &[Key::Up], Command::Up, "previous row", None),
    bind(Place::Filter, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Filter, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Ask, &[Key::Enter], Command::Explain, "explain the text", Some("explain")),
    bind(Place::Ask, &[Key::Ctrl('u')], Command::Clear, "empty the box", Some("empty")),
    bind(Place::Ask, &[Key::Esc], Command::Back, "back to the tree", Some("back")),
    bind(Place::Ask, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Ask, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Answer, &[Key::Enter], Command::Follow, "go to what it is about", Some("go there")),
    bind(Place::Answer, &[Key::Down, Key::Char('j')], Command::Down, "scroll down", Some("scroll")),
    bind(Place::Answer, &[Key::Up, Key::Char('k')], Command::Up, "scroll up", None),
    bind(Place::Answer, &[Key::PageDown, Key::Char(' '), Key::Ctrl('f')], Command::PageDown, "one screen down", None),
    bind(Place::Answer, &[Key::PageUp, Key::Ctrl('b')], Command::PageUp, "one screen up", None),
    bind(Place::Answer, &[Key::Char('g'), Key::Home], Command::First, "top", None),
    bind(Place::Answer, &[Key::Char('G'), Key::End], Command::Last, "bottom", None),
    bind(Place::Answer, &[Key::Char('w')], Command::Why, "ask about another text", Some("another")),
    bind(Place::Answer, &[Key::Esc, Key::Char('q')], Command::Back, "back to the tree", Some("back")),
    bind(Place::Answer, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Answer, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Mend, &[Key::Enter, Key::Char(' ')], Command::Stage, "stage it, or take it off", Some("stage")),
    bind(Place::Mend, &[Key::Char('a')], Command::Apply, "carry it out", Some("carry out")),
    bind(Place::Mend, &[Key::Esc, Key::Char('q')], Command::Back, "back to the tree", Some("back")),
    bind(Place::Mend, &[Key::Down, Key::Char('j')], Command::Down, "next one", Some("next")),
    bind(Place::Mend, &[Key::Up, Key::Char('k')], Command::Up, "previous one", None),
    bind(Place::Mend, &[Key::Char('s')], Command::SavePlan, "keep the plan in a file", Some("keep")),
    bind(
        Place::Mend,
        &[Key::Char('J'), Key::PageDown, Key::Ctrl('f')],
        Command::ScrollDown,
        "scroll down",
        Some("scroll"),
    ),
    bind(Place::Mend, &[Key::Char('K'), Key::PageUp, Key::Ctrl('b')], Command::ScrollUp, "scroll up", None),
    bind(Place::Mend, &[Key::Char('g'), Key::Home], Command::First, "first", None),
    bind(Place::Mend, &[Key::Char('G'), Key::End], Command::Last, "last", None),
    bind(Place::Mend, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Mend, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Plan, &[Key::Char('a')], Command::Apply, "carry it out", Some("carry out")),
    bind(Place::Plan, &[Key::Esc, Key::Char('q')], Command::Back, "back to the tree", Some("back")),
    bind(Place::Plan, &[Key::Char('s')], Command::SavePlan, "keep the plan in a file", Some("keep")),
    bind(Place::Plan, &[Key::Down, Key::Char('j')], Command::Down, "scroll down", Some("scroll")),
    bind(Place::Plan, &[Key::Up, Key::Char('k')], Command::Up, "scroll up", None),
    bind(Place::Plan, &[Key::PageDown, Key::Char(' '), Key::Ctrl('f')], Command::PageDown, "one screen down", None),
    bind(Place::Plan, &[Key::PageUp, Key::Ctrl('b')], Command::PageUp, "one screen up", None),
    bind(Place::Plan, &[Key::Char('g'), Key::Home], Command::First, "top", None),
    bind(Place::Plan, &[Key::Char('G'), Key::End], Command::Last, "bottom", None),
    bind(Place::Plan, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Plan, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::History, &[Key::Char('u')], Command::Undo, "take the operation back", Some("undo")),
    bind(Place::History, &[Key::Esc, Key::Char('q')], Command::Back, "back to the tree", Some("back")),
    bind(Place::History, &[Key::Ctrl('r')], Command::Redo, "do again what was taken back", Some("redo")),
    bind(Place::History, &[Key::Down, Key::Char('j')], Command::Down, "older one", Some("older")),
    bind(Place::History, &[Key::Up, Key::Char('k')], Command::Up, "later one", None),
    bind(Place::History, &[Key::Char('J'), Key::PageDown, Key::Ctrl('f')], Command::ScrollDown, "scroll down", None),
    bind(Place::History, &[Key::Char('K'), Key::PageUp, Key::Ctrl('b')], Command::ScrollUp, "scroll up", None),
    bind(Place::History, &[Key::Char('g'), Key::Home], Command::First, "the latest", None),
    bind(Place::History, &[Key::Char('G'), Key::End], Command::Last, "the oldest", None),
    bind(Place::History, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::History, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Rename, &[Key::Enter], Command::Confirm, "rename it", Some("rename")),
    bind(Place::Rename, &[Key::Tab], Command::NextEnding, ".crt, .cert, .key", Some("ending")),
    bind(Place::Rename, &[Key::Esc], Command::Back, "back to the tree", Some("back")),
    bind(Place::Rename, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Rename, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Type, &[Key::Enter], Command::Confirm, "go on", Some("go on")),
    bind(Place::Type, &[Key::Esc], Command::Back, "back", Some("back")),
    bind(Place::Type, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Type, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Form, &[Key::Enter], Command::Confirm, "next field; the plan behind the last", Some("next")),
    bind(Place::Form, &[Key::Ctrl('g')], Command::Preview, "what would be done", Some("preview")),
    bind(Place::Form, &[Key::Esc], Command::Back, "back to the tree", Some("back")),
    bind(Place::Form, &[Key::Tab, Key::Down], Command::NextField, "next field", None),
    bind(Place::Form, &[Key::BackTab, Key::Up], Command::PreviousField, "previous field", None),
    bind(Place::Form, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Form, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Choice, &[Key::Enter], Command::Confirm, "next field; the plan behind the last", Some("next")),
    bind(
        Place::Choice,
        &[Key::Right, Key::Char(' '), Key::Char('l')],
        Command::NextChoice,
        "choose the next one",
        Some("choose"),
    ),
    bind(Place::Choice, &[Key::Left, Key::Char('h')], Command::PreviousChoice, "choose the previous one", None),
    bind(Place::Choice, &[Key::Ctrl('g')], Command::Preview, "what would be done", Some("preview")),
    bind(Place::Choice, &[Key::Esc], Command::Back, "back to the tree", Some("back")),
    bind(Place::Choice, &[Key::Tab, Key::Down], Command::NextField, "next field", None),
    bind(Place::Choice, &[Key::BackTab, Key::Up], Command::PreviousField, "previous field", None),
    bind(Place::Choice, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Choice, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Compare, &[Key::Esc, Key::Char('q'), Key::Char('=')], Command::Back, "back to the tree", Some("back")),
    bind(Place::Compare, &[Key::Down, Key::Char('j')], Command::Down, "scroll down", Some("scroll")),
    bind(Place::Compare, &[Key::Up, Key::Char('k')], Command::Up, "scroll up", None),
    bind(Place::Compare, &[Key::PageDown, Key::Char(' '), Key::Ctrl('f')], Command::PageDown, "one screen down", None),
    bind(Place::Compare, &[Key::PageUp, Key::Ctrl('b')], Command::PageUp, "one screen up", None),
    bind(Place::Compare, &[Key::Char('g'), Key::Home], Command::First, "top", None),
    bind(Place::Compare, &[Key::Char('G'), Key::End], Command::Last, "bottom", None),
    bind(Place::Compare, &[Key::Char('?')], Command::Help, "all keys", Some("help")),
    bind(Place::Compare, &[Key::Char(':'), Key::Ctrl('p')], Command::Palette, "everything that can be done", None),
    bind(Place::Compare, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Compare, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Survey, &[Key::Enter], Command::Follow, "go to it in the tree", Some("go there")),
    bind(Place::Survey, &[Key::Esc, Key::Char('q'), Key::Char('0')], Command::Back, "back to the tree", Some("back")),
    bind(Place::Survey, &[Key::Down, Key::Char('j')], Command::Down, "next urgent thing", Some("next")),
    bind(Place::Survey, &[Key::Up, Key::Char('k')], Command::Up, "previous one", None),
    bind(
        Place::Survey,
        &[Key::Char('J'), Key::PageDown, Key::Ctrl('f'), Key::Char(' ')],
        Command::ScrollDown,
        "scroll down",
        Some("scroll"),
    ),
    bind(Place::Survey, &[Key::Char('K'), Key::PageUp, Key::Ctrl('b')], Command::ScrollUp, "scroll up", None),
    bind(Place::Survey, &[Key::Char('g'), Key::Home], Command::First, "the most urgent", None),
    bind(Place::Survey, &[Key::Char('G'), Key::End], Command::Last, "the least urgent", None),
    bind(Place::Survey, &[Key::Char('t')], Command::Timeline, "timeline", Some("timeline")),
    bind(Place::Survey, &[Key::Char('?')], Command::Help, "all keys", Some("help")),
    bind(Place::Survey, &[Key::Char(':'), Key::Ctrl('p')], Command::Palette, "everything that can be done", None),
    bind(Place::Survey, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Survey, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Timeline, &[Key::Enter], Command::Follow, "go to it in the tree", Some("go there")),
    bind(Place::Timeline, &[Key::Esc, Key::Char('q')], Command::Back, "back to the tree", Some("back")),
    bind(Place::Timeline, &[Key::Char('+'), Key::Char('=')], Command::ZoomIn, "look at less time", Some("zoom in")),
    bind(Place::Timeline, &[Key::Char('-'), Key::Char('_')], Command::ZoomOut, "look at more time", Some("zoom out")),
    bind(Place::Timeline, &[Key::Left, Key::Char('h')], Command::Earlier, "an earlier time", Some("earlier")),
    bind(Place::Timeline, &[Key::Right, Key::Char('l')], Command::Later, "a later time", Some("later")),
    bind(Place::Timeline, &[Key::Char('t')], Command::Timeline, "back to today", Some("today")),
    bind(Place::Timeline, &[Key::Down, Key::Char('j')], Command::Down, "next to expire", None),
    bind(Place::Timeline, &[Key::Up, Key::Char('k')], Command::Up, "previous one", None),
    bind(Place::Timeline, &[Key::PageDown, Key::Ctrl('f')], Command::PageDown, "one screen down", None),
    bind(Place::Timeline, &[Key::PageUp, Key::Ctrl('b')], Command::PageUp, "one screen up", None),
    bind(Place::Timeline, &[Key::Char('g'), Key::Home], Command::First, "the first to expire", None),
    bind(Place::Timeline, &[Key::Char('G'), Key::End], Command::Last, "the last to expire", None),
    bind(Place::Timeline, &[Key::Char('0')], Command::Survey, "overview", None),
    bind(Place::Timeline, &[Key::Char('|')], Command::Narrow, "show only: problems, expired, …", Some("only")),
    bind(Place::Timeline, &[Key::Char('?')], Command::Help, "all keys", Some("help")),
    bind(Place::Timeline, &[Key::Char(':'), Key::Ctrl('p')], Command::Palette, "everything that can be done", None),
    bind(Place::Timeline, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Timeline, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Copy, &[Key::Char('p')], Command::Copy(Item::Path), "the path", None),
    bind(Place::Copy, &[Key::Char('n')], Command::Copy(Item::Name), "the name", None),
    bind(Place::Copy, &[Key::Char('s')], Command::Copy(Item::Subject), "the subject", None),
    bind(Place::Copy, &[Key::Char('f')], Command::Copy(Item::Fingerprint), "the SHA-256 fingerprint", None),
    bind(Place::Copy, &[Key::Char('k')], Command::Copy(Item::Pin), "the pin of the public key", None),
    bind(Place::Copy, &[Key::Char('c')], Command::Copy(Item::Pem), "the certificates as PEM", None),
    bind(Place::Copy, &[Key::Char('w')], Command::Copy(Item::Findings), "what is wrong", None),
    bind(Place::Copy, &[Key::Char('o')], Command::Copy(Item::Openssl), "the openssl command that shows it", None),
    bind(Place::Copy, &[Key::Char('h')], Command::Copy(Item::ByHand), "the commands that do it by hand", None),
    bind(Place::Copy, &[Key::Char('x')], Command::Copy(Item::PrivateKey), "the private key, asked for twice", None),
    bind(Place::Copy, &[Key::Char('>'), Key::Tab], Command::CopyToFile, "into a file instead", Some("into a file")),
    bind(Place::Copy, &[Key::Esc, Key::Char('q')], Command::Back, "back to the tree", Some("back")),
    bind(Place::Copy, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Copy, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Help, &[Key::Down, Key::Char('j')], Command::Down, "scroll down", Some("scroll")),
    bind(Place::Help, &[Key::Up, Key::Char('k')], Command::Up, "scroll up", None),
    bind(Place::Help, &[Key::PageDown, Key::Char(' ')], Command::PageDown, "one screen down", None),
    bind(Place::Help, &[Key::PageUp], Command::PageUp, "one screen up", None),
    bind(Place::Help, &[Key::Char('g'), Key::Home], Command::First, "top", None),
    bind(Place::Help, &[Key::Char('G'), Key::End], Command::Last, "bottom", None),
    bind(Place::Help, &[Key::Char('/')], Command::SearchHelp, "search the keys", Some("search")),
    bind(Place::Help, &[Key::Esc, Key::Char('q'), Key::Char('?'), Key::Enter], Command::Back, "close", Some("close")),
    bind(Place::Help, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Help, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::HelpSearch, &[Key::Enter], Command::Accept, "keep and go on", Some("keep")),
    bind(Place::HelpSearch, &[Key::Esc], Command::Back, "show all keys again", Some("clear")),
    bind(Place::HelpSearch, &[Key::Down], Command::Down, "scroll down", Some("scroll")),
    bind(Place::HelpSearch, &[Key::Up], Command::Up, "scroll up", None),
    bind(Place::HelpSearch, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::HelpSearch, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
    bind(Place::Palette, &[Key::Enter], Command::Run, "do it", Some("do it")),
    bind(Place::Palette, &[Key::Down, Key::Ctrl('n'), Key::Tab], Command::Down, "next", Some("next")),
    bind(Place::Palette, &[Key::Up, Key::Ctrl('p'), Key::BackTab], Command::Up, "previous", None),
    bind(Place::Palette, &[Key::PageDown], Command::PageDown, "one screen down", None),
    bind(Place::Palette, &[Key::PageUp], Command::PageUp, "one screen up", None),
    bind(Place::Palette, &[Key::Esc], Command::Back, "close", Some("close")),
    bind(Place::Palette, &[Key::Ctrl('c')], Command::Quit, "quit at once", None),
    bind(Place::Palette, &[Key::Ctrl('z')], Command::Suspend, "suspend to the shell", None),
];

/// The places whose bindings hold now, the nearest first.
pub fn places(state: &State) -> &'static [Place] {
    match (state.mode, state.focus) {
        (Mode::Help, _) => &[Place::Help],
        (Mode::HelpSearch, _) => &[Place::HelpSearch],
        (Mode::Palette, _) => &[Place::Palette],
        (Mode::Mend, _) => match state.mending.dialog {
            Dialog::History(_) => &[Place::History],
            Dialog::All(_) | Dialog::Denied(_) | Dialog::Proposal(_) | Dialog::Proposing => &[Place::Plan],
            Dialog::Offers(_) | Dialog::Waiting | Dialog::Reading | Dialog::Closed => &[Place::Mend],
        },
        (Mode::Compare, _) => &[Place::Compare],
        (Mode::Survey, _) => &[Place::Survey],
        (Mode::Timeline, _) => &[Place::Timeline],
        (Mode::Rename, _) => &[Place::Rename],
        (Mode::Form, _) if is_choice(state) => &[Place::Choice],
        (Mode::Form, _) => &[Place::Form],
        (Mode::Type | Mode::Save, _) => &[Place::Type],
        (Mode::Copy, _) => &[Place::Copy],
        (Mode::Filter, _) => &[Place::Filter],
        (Mode::Ask, _) => &[Place::Ask],
        (Mode::Answer, _) => &[Place::Answer],
        (Mode::Browse, Focus::Tree) if is_found(state) => &[Place::Found, Place::Tree, Place::Everywhere],
        (Mode::Browse, Focus::Pane) if is_found(state) => &[Place::Found, Place::Pane, Place::Everywhere],
        (Mode::Browse, Focus::Tree) => &[Place::Tree, Place::Everywhere],
        (Mode::Browse, Focus::Pane) => &[Place::Pane, Place::Everywhere],
    }
}

/// Tells whether only what was searched for is shown.
fn is_found(state: &State) -> bool {
    state.tree.filtered().is_active()
}

/// Tells whether something is chosen in a form, and nothing typed.
fn is_choice(state: &State) -> bool {
    state.setting_up.form.as_ref().and_then(|form| form.focused()).is_some_and(|field| field.is_choice())
}

/// What an input means now; `None` where it means nothing.
pub fn action(state: &State, input: Input) -> Option<Action> {
    let key = match input {
        Input::Key(key) => key,
        Input::Paste(text) if takes_text(state) || matches!(state.mode, Mode::Answer | Mode::Form) => {
            return Some(Action::Edit(Edit::Insert(text)));
        }
        // The program takes these itself.
        Input::Paste(_) | Input::Background { .. } | Input::Mouse(_) | Input::Focus(_) => return None,
    };
    match places(state).iter().find_map(|place| state.keymap.command(*place, key)) {
        Some(command) => Some(Action::Command(command)),
        None if takes_text(state) => edit(key).map(Action::Edit),
        None => None,
    }
}

/// Tells whether somebody types.
fn takes_text(state: &State) -> bool {
    places(state).iter().any(|place| place.takes_text())
}

/// What a key does to the line that is typed, as in a shell.
fn edit(key: Key) -> Option<Edit> {
    Some(match key {
        Key::Char(character) => Edit::Insert(character.into()),
        Key::Backspace | Key::Ctrl('h') => Edit::Backspace,
        Key::Delete | Key::Ctrl('d') => Edit::Delete,
        Key::Ctrl('w') => Edit::DeleteWord,
        Key::Ctrl('u') => Edit::DeleteAll,
        Key::Left | Key::Ctrl('b') => Edit::Left,
        Key::Right | Key::Ctrl('f') => Edit::Right,
        Key::Home | Key::Ctrl('a') => Edit::Home,
        Key::End | Key::Ctrl('e') => Edit::End,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for (index, binding) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[index + 1..] {
                let clash = |key: &&Key| binding.place == other.place && other.keys.contains(key);
                assert_eq!(binding.keys.iter().find(clash), None, "{:?} {:?}", binding.command, other.command);
            }
        }
    }

    #[test]
    fn ctrl_c_quits_and_esc_goes_back_everywhere() {
        for place in BINDINGS
            .iter()
            .map(|binding| binding.place)
            .filter(|place| !matches!(place, Place::Tree | Place::Pane | Place::Found))
        {
            let at = |key: Key| BINDINGS.iter().find(|binding| binding.place == place && binding.keys.contains(&key));
            assert_eq!(at(Key::Ctrl('c')).unwrap().command, Command::Quit, "{place:?}");
            assert_eq!(at(Key::Ctrl('z')).unwrap().command, Command::Suspend, "{place:?}");
            assert_eq!(at(Key::Esc).unwrap().command, Command::Back, "{place:?}");
        }
    }

    #[test]
    fn help_is_lower_case_without_full_stop() {
        for binding in BINDINGS {
            let first = binding.help.chars().next().unwrap();
            assert!(!first.is_uppercase() || binding.help.starts_with("PEM"), "{}", binding.help);
            assert!(!binding.help.ends_with('.'), "{}", binding.help);
        }
    }
}
