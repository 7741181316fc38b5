//! What the screen shows, as one value: the tree, the cursor, the pane, what is typed and what was last said.

use std::collections::HashSet;
use std::sync::Arc;

use crate::base::text::display_name;
use crate::config::Column;
use crate::engine::installed::Installed;
use crate::pki::chain::Verifier;
use crate::rules::Settings;
use crate::tui::action::Said;
use crate::tui::comparison::Comparison;
use crate::tui::copy;
use crate::tui::document::Document;
use crate::tui::issuers::Issuers;
use crate::tui::judgement::Judgement;
use crate::tui::layout::{Layout, Split};
use crate::tui::line_edit::LineEdit;
use crate::tui::mending;
use crate::tui::palette::Palette;
use crate::tui::pointer::Pointer;
use crate::tui::question::Question;
use crate::tui::quick::Quick;
use crate::tui::remap::Keymap;
use crate::tui::setting_up;
use crate::tui::survey::Survey;
use crate::tui::theme::Glyphs;
use crate::tui::timeline::Timeline;
use crate::tui::tree::{Identity, Row, Tree};

/// Lines by which the tree scrolls at least.
const SCROLL_STEP: usize = 3;

/// A tab of the pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// What it is and how it stands, in short
    #[default]
    Overview,
    /// Everything that the certificate says
    Certificate,
    /// Who issued it, step by step
    Chain,
    /// What each engine does, step by step
    Engines,
    /// What is wrong
    Findings,
    /// The certificate as text
    Pem,
}

impl Tab {
    /// All tabs from left to right.
    pub const ALL: [Self; 6] =
        [Self::Overview, Self::Certificate, Self::Chain, Self::Engines, Self::Findings, Self::Pem];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Certificate => "Certificate",
            Self::Chain => "Chain",
            Self::Engines => "Engines",
            Self::Findings => "Findings",
            Self::Pem => "PEM",
        }
    }

    /// Its title where there is little room.
    pub fn short_title(self) -> &'static str {
        match self {
            Self::Certificate => "Cert",
            _ => self.title(),
        }
    }
}

/// Which part of the screen the movement keys move in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The tree
    #[default]
    Tree,
    /// The pane beside it
    Pane,
}

/// What keys mean at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Commands
    #[default]
    Browse,
    /// Letters of a search
    Filter,
    /// Letters of an error text
    Ask,
    /// The answer to it is shown.
    Answer,
    /// The help screen is shown.
    Help,
    /// Letters of a search in it
    HelpSearch,
    /// Letters of a search among everything that can be done
    Palette,
    /// What can be mended, or was, is shown.
    Mend,
    /// Letters of a name
    Rename,
    /// Letters of a path or a passphrase
    Type,
    /// A form is filled in.
    Form,
    /// All certificates are shown on an axis of time.
    Timeline,
    /// It is shown how everything stands.
    Survey,
    /// Two certificates or keys are shown side by side.
    Compare,
    /// A letter for what is to be copied
    Copy,
    /// Letters of the path of a file to keep it in
    Save,
}

/// How far the scan has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many host directories there are, once they are listed.
    pub expected: Option<usize>,
    /// How many were read, or judged again.
    pub read: usize,
    /// They are not read, but judged again.
    pub judging: bool,
    /// All that is done.
    pub finished: bool,
    /// Somebody stopped it before.
    pub stopped: bool,
}

/// The text beside the tree.
#[derive(Debug, Default)]
pub struct Pane {
    /// The text.
    pub document: Document,
    /// Lines above the first that is shown.
    pub scroll: usize,
    pub(super) subject: Option<(Row, Tab)>,
    pub(super) made: Option<(u64, usize)>,
}

/// Everything that the screen shows.
#[derive(Debug)]
pub struct State {
    /// The tree.
    pub tree: Tree,
    /// The selected row.
    pub cursor: Row,
    /// Rows above the first that is shown.
    pub scroll: usize,
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// Where movement keys go.
    pub focus: Focus,
    /// The tab shown.
    pub tab: Tab,
    /// The text beside the tree.
    pub pane: Pane,
    /// What keys mean.
    pub mode: Mode,
    /// What is searched for.
    pub filter: LineEdit,
    /// The kind of thing that is left in the tree.
    pub quick: Option<Quick>,
    /// Lines above the first that is shown of the help screen.
    pub help_scroll: usize,
    /// What is searched for on the help screen.
    pub help_filter: LineEdit,
    /// What is typed and chosen in the palette.
    pub palette: Palette,
    /// Which key means what.
    pub keymap: Keymap,
    /// The columns of the tree beside the name.
    pub columns: Vec<Column>,
    /// Nothing was pressed yet.
    pub is_fresh: bool,
    /// What was last said.
    pub said: Option<Said>,
    /// How far the scan has come.
    pub progress: Progress,
    /// What the rules were told: the time, and what counts as soon.
    pub settings: Settings,
    /// Whose judgement is in force.
    pub judgement: Judgement,
    /// What is installed on this host.
    pub installed: Arc<Installed>,
    /// What is asked about, and the answer.
    pub question: Question,
    /// The signs to draw with.
    pub glyphs: Glyphs,
    /// Where everything stands that was asked for, in words ("/etc/docker/certs.d").
    pub place: String,
    /// Where to put the cursor once it is there.
    pub wanted: Vec<Identity>,
    /// Who may have issued what; made when somebody looks.
    pub issuers: Issuers,
    /// Checks signatures, each once.
    pub verifier: Verifier,
    /// Grows whenever the tree's content changes.
    pub generation: u64,
    /// What is being mended.
    pub mending: mending::State,
    /// What is being set up.
    pub setting_up: setting_up::State,
    /// Two certificates or keys side by side.
    pub comparison: Comparison,
    /// How everything stands.
    pub survey: Survey,
    /// All certificates on an axis of time.
    pub timeline: Timeline,
    /// What was shown before the help screen.
    pub beneath: Mode,
    /// What is being copied.
    pub copying: copy::Menu,
    /// How the screen is divided between tree and pane.
    pub split: Split,
    /// The row of a private key that an editor was asked for once.
    pub warned: Option<Row>,
    /// What the mouse did last.
    pub pointer: Pointer,
    /// What somebody else changed a moment ago.
    pub changed: HashSet<Identity>,
    /// The number of host directories at which a sorted tree is sorted again while it fills.
    pub sort_again_at: usize,
}

impl State {
    /// An empty screen.
    pub fn new(settings: Settings, glyphs: Glyphs, size: (u16, u16)) -> Self {
        Self {
            tree: Tree::default(),
            cursor: Row::Root(0),
            scroll: 0,
            size,
            focus: Focus::default(),
            tab: Tab::default(),
            pane: Pane::default(),
            mode: Mode::default(),
            filter: LineEdit::default(),
            quick: None,
            help_scroll: 0,
            help_filter: LineEdit::default(),
            palette: Palette::default(),
            keymap: Keymap::default(),
            columns: Column::ALL.to_vec(),
            is_fresh: true,
            said: None,
            progress: Progress::default(),
            settings,
            judgement: Judgement::default(),
            installed: Arc::default(),
            question: Question::default(),
            glyphs,
            place: String::new(),
            wanted: Vec::new(),
            issuers: Issuers::default(),
            verifier: Verifier::default(),
            generation: 0,
            mending: mending::State::default(),
            setting_up: setting_up::State::default(),
            comparison: Comparison::default(),
            survey: Survey::default(),
            timeline: Timeline::default(),
            beneath: Mode::default(),
            copying: copy::Menu::default(),
            split: Split::default(),
            warned: None,
            pointer: Pointer::default(),
            changed: HashSet::new(),
            sort_again_at: 0,
        }
    }

    /// Where things stand on the screen.
    pub fn layout(&self) -> Option<Layout> {
        Layout::new(self.size, self.focus == Focus::Pane, self.split)
    }

    /// Rows of the tree that fit on the screen.
    pub fn tree_rows(&self) -> usize {
        self.layout().map_or(1, |layout| usize::from(layout.tree.height)).max(1)
    }

    /// Lines of the pane that fit on the screen.
    pub fn pane_rows(&self) -> usize {
        self.layout().map_or(1, |layout| usize::from(layout.pane.height)).max(1)
    }

    /// Puts the cursor on a row and keeps it in sight. It stays there, whatever it was to go to.
    pub fn select(&mut self, row: Row) {
        self.cursor = row;
        self.wanted.clear();
        self.follow();
    }

    /// Opens what must be open for a row to be seen, and puts the cursor on it.
    pub fn reach(&mut self, row: Row) {
        let row = self.tree.identity(row).and_then(|identity| self.tree.find(&identity)).unwrap_or(row);
        self.change_tree(|tree| tree.reveal(row));
        self.select(row);
    }

    /// Moves the cursor to a place, or as near to it as there is a row.
    pub fn select_place(&mut self, place: usize) {
        let last = self.tree.len().saturating_sub(1);
        if let Some(row) = self.tree.row(place.min(last)) {
            self.select(row);
        }
    }

    /// The place of the cursor.
    pub fn place_of_cursor(&self) -> usize {
        self.tree.place(self.cursor).unwrap_or_default()
    }

    /// Scrolls the tree so that the cursor is in sight, with a little around it. Where it has to, it scrolls a little
    /// further: lines that move are what costs most over a slow line, and most steps of the cursor then move none.
    pub fn follow(&mut self) {
        let rows = self.tree_rows();
        let place = self.place_of_cursor();
        let margin = (rows / 6).min(3);
        let last_scroll = self.tree.len().saturating_sub(rows);
        let lowest = (place + margin + 1).saturating_sub(rows);
        let highest = place.saturating_sub(margin);
        let lowest = lowest.min(highest);
        let further = if self.scroll < lowest {
            (lowest + SCROLL_STEP - 1).min(highest)
        } else if self.scroll > highest {
            highest.saturating_sub(SCROLL_STEP - 1).max(lowest)
        } else {
            self.scroll
        };
        self.scroll = further.min(last_scroll);
    }

    /// Changes the tree and keeps the cursor on what it stood on, at its height on the screen.
    pub fn change_tree(&mut self, change: impl FnOnce(&mut Tree)) {
        let identity = self.tree.identity(self.cursor);
        let old_place = self.place_of_cursor();
        let height = old_place.saturating_sub(self.scroll);
        change(&mut self.tree);
        self.generation += 1;
        let mut row = identity.and_then(|identity| self.tree.find(&identity));
        while let Some(hidden) = row
            && self.tree.place(hidden).is_none()
        {
            row = hidden.parent(&self.tree);
        }
        match row.or_else(|| self.tree.row(old_place.min(self.tree.len().saturating_sub(1)))) {
            Some(row) => self.cursor = row,
            None => self.cursor = Row::Root(0),
        }
        self.scroll = self.place_of_cursor().saturating_sub(height);
        self.follow();
    }

    /// Columns and rows between the top line and the bottom line, less a margin.
    pub fn body(&self) -> (usize, usize) {
        (usize::from(self.size.0.saturating_sub(2)), usize::from(self.size.1.saturating_sub(2)))
    }

    /// Scrolls the answer.
    pub fn scroll_answer(&mut self, lines: isize) {
        let last = self.question.document.lines().len().saturating_sub(self.body().1);
        self.question.scroll = self.question.scroll.saturating_add_signed(lines).min(last);
    }

    /// Scrolls the pane.
    pub fn scroll_pane(&mut self, lines: isize) {
        let last = self.pane.document.lines().len().saturating_sub(self.pane_rows());
        self.pane.scroll = self.pane.scroll.saturating_add_signed(lines).min(last);
    }

    /// The path of what is selected, as it may be shown.
    pub fn path_text(&self) -> String {
        self.path().map(display_name).unwrap_or_default()
    }

    /// The path of what is selected.
    pub fn path(&self) -> Option<std::path::PathBuf> {
        match self.cursor {
            Row::Root(root) => self.tree.root(root).map(|entry| entry.root.path.clone()),
            Row::Host(host) => self.tree.host(host).map(|entry| entry.path.clone()),
            Row::File { host, file } | Row::Certificate { host, file, .. } => {
                Some(self.tree.host(host)?.path.join(&self.tree.file(host, file)?.name))
            }
        }
    }
}
