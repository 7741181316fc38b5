//! What is to be set up, worked out and looked at on threads of its own.

use std::io;

use crossbeam_channel::never;

use super::{Pending, Program};
use crate::session::mending::Workshop;
use crate::session::setting_up::inspect::{self, Inspected, Inspection};
use crate::session::setting_up::proposal::{News, Order, Proposing};
use crate::tui::action::Action;
use crate::tui::update::update;

impl Program {
    /// Has it worked out what would be set up.
    pub(super) fn propose(&mut self, order: Order) {
        let passphrase = std::mem::take(&mut self.state.setting_up.passphrase).reveal();
        let proposing = Proposing::start(order, Workshop { passphrase, ..self.workshop() });
        self.proposals = proposing.news().clone();
        self.proposing = Some(proposing);
    }

    /// Gives that up; nobody listens to it any more.
    pub(super) fn stop_proposing(&mut self) {
        self.proposing.take().iter().for_each(Proposing::cancel);
        self.proposals = never();
    }

    pub(super) fn proposed(&mut self, news: Option<News>) -> io::Result<()> {
        let is_step = matches!(news, Some(News::Making(..)));
        if news.is_none() {
            self.proposals = never();
        }
        for effect in update(&mut self.state, Action::Proposed(news)) {
            self.carry_out(effect)?;
        }
        self.frame = if is_step && self.frame == Pending::No { Pending::Soon } else { Pending::AtOnce };
        Ok(())
    }

    /// Has it looked at what a form names. What was looked at before is of no account any more.
    pub(super) fn inspect(&mut self, inspection: Inspection) {
        self.looks = inspect::start(inspection, (self.clock)());
    }

    pub(super) fn inspected(&mut self, found: Option<Inspected>) -> io::Result<()> {
        self.looks = never();
        if let Some(found) = found {
            for effect in update(&mut self.state, Action::Inspected(Box::new(found))) {
                self.carry_out(effect)?;
            }
            self.frame = Pending::AtOnce;
        }
        Ok(())
    }
}
