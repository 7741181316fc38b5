//! Makes the texts that the screen shows anew, where they no longer fit what they tell of or the room that they have.

use crate::tui::comparison;
use crate::tui::mending;
use crate::tui::setting_up;
use crate::tui::state::{Mode, State, Tab};
use crate::tui::survey;
use crate::tui::timeline;

impl State {
    /// Makes the text of the pane, and of what covers it, anew where it no longer fits.
    pub fn look(&mut self) {
        match self.mode {
            Mode::Answer => self.look_at_answer(),
            Mode::Mend | Mode::Rename | Mode::Type => self.look_at_mending(),
            Mode::Form => setting_up::look(self),
            Mode::Timeline => timeline::look(self),
            Mode::Survey => survey::look(self),
            Mode::Compare => comparison::look(self),
            _ => {}
        }
        let width = self.layout().map_or(0, |layout| usize::from(layout.pane.width));
        let subject = Some((self.cursor, self.tab));
        if self.pane.subject != subject {
            self.pane.subject = subject;
            self.pane.scroll = 0;
            self.pane.made = None;
        }
        if width > 0 && self.pane.made != Some((self.generation, width)) {
            if self.tab == Tab::Chain {
                self.issuers.learn(&self.tree, self.generation, self.progress.finished);
            }
            self.pane.document = crate::tui::view::document(self, width);
            self.pane.made = Some((self.generation, width));
        }
        self.scroll_pane(0);
    }

    /// Tells whether there is something to go on with whenever nothing else is to be done ([`Action::Search`]).
    ///
    /// [`Action::Search`]: crate::tui::action::Action::Search
    pub fn is_pending(&self) -> bool {
        self.tree.filtered().is_pending() || survey::is_pending(self)
    }

    fn look_at_answer(&mut self) {
        let made = Some((self.generation, self.body().0));
        if self.question.made != made {
            let (document, goal) = crate::tui::view::answer(self, self.body().0);
            self.question.document = document;
            self.question.goal = goal;
            self.question.made = made;
        }
        self.scroll_answer(0);
    }

    fn look_at_mending(&mut self) {
        // A name is typed in the tree, where there is room for both.
        let pane = self.layout().filter(|layout| self.mode == Mode::Rename && !layout.tree.is_empty());
        let pane = pane.map(|layout| usize::from(layout.pane.width)).filter(|width| *width > 0);
        let width = pane.unwrap_or(self.body().0);
        let rows = self.body().1;
        let made = Some((self.mending.sheet.generation, width, rows));
        if self.mending.sheet.made != made {
            let (document, seen) = crate::tui::view::mending(self, width);
            let sheet = &mut self.mending.sheet;
            // As much of it as there is room for, its beginning in any case.
            sheet.scroll = sheet.scroll.max(seen.end.saturating_sub(rows));
            sheet.scroll = if seen.is_empty() { sheet.scroll } else { sheet.scroll.min(seen.start) };
            sheet.document = document;
            sheet.made = made;
        }
        mending::update::scroll(self, 0);
    }
}
