//! A host set up on the screen, and what was sent put into one: forms that are judged while they are filled in, and what is
//! worked out of them. Values only; [`update`] changes them, [`crate::session::setting_up`] does the work.

pub mod field;
mod host_form;
mod import_form;
pub mod news;
pub mod update;

use std::path::PathBuf;

use crate::create::KeyAlgorithm;
use crate::model::Root;
use crate::session::setting_up::inspect::{Inspected, Inspection};
use crate::session::setting_up::proposal::Order;
use crate::tui::document::Document;
use crate::tui::mending::Secret;
use crate::tui::state::Mode;
use crate::tui::tree::{Identity, Tree};
use field::{Field, Name};

/// Everything that concerns setting up.
#[derive(Debug)]
pub struct State {
    /// The `certs.d` of engines here, those included that are not there yet.
    pub roots: Vec<Root>,
    /// The name of this machine, whose certificates are called after it.
    pub machine: String,
    /// What is filled in.
    pub form: Option<Form>,
    /// What was filled in of a host when its form was left.
    pub draft: Option<Form>,
    /// What is being worked out.
    pub working: Option<Working>,
    /// The passphrase, for what is about to be worked out.
    pub passphrase: Secret,
}

/// Something that is being worked out.
#[derive(Debug)]
pub struct Working {
    /// Where to go back to.
    pub origin: Mode,
    /// What the plan is called.
    pub title: String,
    /// What to put the cursor on once it is done.
    pub goal: Option<Identity>,
    /// What to do then: a clause.
    pub then: Option<String>,
    /// The key that is made, and for how many tenths of a second.
    pub making: Option<(KeyAlgorithm, u32)>,
    /// The plan, where somebody was at something else when it was ready.
    pub ready: Option<Box<super::mending::Proposed>>,
}

/// A form.
#[derive(Debug)]
pub struct Form {
    /// What it is for.
    pub kind: Kind,
    /// Its fields. Some are not shown.
    pub fields: Vec<Field>,
    /// The index of the one that is filled in.
    pub focus: usize,
    /// What keeps it from being worked out; may hold foreign text.
    pub problem: Option<String>,
    /// What was found in what it names.
    pub found: Option<Inspected>,
    /// What is to be looked at.
    pub asked: Option<Inspection>,
    /// It as text.
    pub sheet: Sheet,
}

/// A form as text.
#[derive(Debug, Default)]
pub struct Sheet {
    /// The text.
    pub document: Document,
    /// Lines above the first that is shown.
    pub scroll: usize,
    /// The line and column of the cursor, where there is one.
    pub cursor: Option<(usize, usize)>,
}

/// What a form is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A host to be set up in one of these
    Host(Vec<Root>),
    /// What was sent, for a host directory
    Import {
        /// The `certs.d`
        root: Root,
        /// The name of the host directory
        host: String,
        /// Its path
        path: PathBuf,
    },
}

/// What judges a form.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// What is there.
    pub tree: &'a Tree,
    /// The name of this machine.
    pub machine: &'a str,
}

impl Default for State {
    fn default() -> Self {
        let machine = "localhost".to_owned();
        Self { roots: Vec::new(), machine, form: None, draft: None, working: None, passphrase: Secret::default() }
    }
}

impl Form {
    /// A form that is for something.
    fn new(kind: Kind, fields: Vec<Field>) -> Self {
        Self { kind, fields, focus: 0, problem: None, found: None, asked: None, sheet: Sheet::default() }
    }

    /// The field of a name.
    pub fn field(&self, name: Name) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The text of a field; nothing where it has none or is not shown.
    pub fn text(&self, name: Name) -> String {
        self.field(name).filter(|field| field.is_shown).map(|field| field.text()).unwrap_or_default()
    }

    /// The number of what is chosen in a field; the first where it is not shown.
    pub fn choice(&self, name: Name) -> usize {
        self.field(name).filter(|field| field.is_shown).map_or(0, Field::chosen)
    }

    /// The field that is filled in.
    pub fn focused(&self) -> Option<&Field> {
        self.fields.get(self.focus)
    }

    /// Goes to the next or previous field that is shown. Tells whether there was one.
    pub fn go(&mut self, forward: bool) -> bool {
        let shown = |index: &usize| self.fields.get(*index).is_some_and(|field| field.is_shown);
        let next =
            if forward { (self.focus + 1..self.fields.len()).find(shown) } else { (0..self.focus).rev().find(shown) };
        self.focus = next.unwrap_or(self.focus);
        next.is_some()
    }

    /// Goes to the first field with something wrong in it, and yields what that is.
    pub fn go_to_fault(&mut self) -> Option<String> {
        let faults = self.fields.iter().enumerate().filter(|(_, field)| field.is_shown);
        let (index, fault) = faults.filter_map(|(index, field)| Some((index, field.fault()?))).next()?;
        let fault = fault.to_owned();
        self.focus = index;
        Some(fault)
    }

    /// Judges what is filled in, and asks for a look at what it names.
    pub fn check(&mut self, around: Surroundings<'_>) {
        match self.kind {
            Kind::Host(_) => host_form::check(self, around),
            Kind::Import { .. } => import_form::check(self),
        }
        if self.focused().is_none_or(|field| !field.is_shown) {
            self.go(false);
        }
    }

    /// What is wished; `None` where it cannot be.
    pub fn order(&self, machine: &str) -> Option<Order> {
        match &self.kind {
            Kind::Host(_) => host_form::order(self, machine).map(|order| Order::Host(Box::new(order))),
            Kind::Import { .. } => import_form::brings(self).map(|brings| Order::Import(Box::new(brings))),
        }
    }

    fn set(&mut self, name: Name, change: impl FnOnce(&mut Field)) {
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            change(field);
        }
    }
}

/// Makes the text of the form anew.
pub fn look(state: &mut crate::tui::state::State) {
    let (width, rows) = state.body();
    let Some((document, seen, cursor)) = crate::tui::view::form(state, width) else { return };
    let Some(form) = &mut state.setting_up.form else { return };
    let sheet = &mut form.sheet;
    let last = document.lines().len().saturating_sub(rows);
    // All that is said of the field, the field itself in any case.
    sheet.scroll = sheet.scroll.max(seen.end.saturating_sub(rows)).min(seen.start).min(last);
    sheet.document = document;
    sheet.cursor = cursor;
}
