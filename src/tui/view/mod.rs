//! The screen, drawn from the state: one small file a part. Decides nothing.

mod bottom;
mod certificate;
mod chain;
mod comparison;
mod copy;
mod engines;
mod findings;
mod help;
mod history;
mod hits;
mod mending;
mod overview;
mod paint;
mod palette;
mod pane;
mod pem;
mod rename;
mod setting_up;
mod state_cell;
mod survey;
mod timeline;
mod title;
mod tree;
mod why;

use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::pki::Certificate;
use crate::tui::document::Document;
use crate::tui::entry::certificates_of;
use crate::tui::state::{Mode, State, Tab};
use crate::tui::theme::{Label, Theme};
use crate::tui::tree::Row;
use crate::tui::view::paint::Painter;

pub use comparison::document as comparison;
pub use findings::of_selection as findings_of_selection;
pub use mending::document as mending;
pub use pane::tab_at;
pub use setting_up::form;
pub use survey::document as survey;
pub use tree::sort_at;
pub use why::answer;

/// Draws the whole screen.
pub fn draw(state: &State, theme: &Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    let mut painter = Painter::new(frame.buffer_mut(), *theme, state.glyphs);
    let Some(layout) = state.layout().filter(|_| (area.width, area.height) == state.size) else {
        painter.line(area, &[(Label::Plain, "too small".to_owned())]);
        return;
    };
    title::draw(state, layout.title, &mut painter);
    let body = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    };
    let mut typed_at = None;
    match state.mode {
        Mode::Help | Mode::HelpSearch => typed_at = help::draw(state, body, &mut painter),
        Mode::Palette => typed_at = palette::draw(state, body, &mut painter),
        Mode::Ask => typed_at = why::draw_box(state, body, &mut painter),
        Mode::Answer => why::draw_answer(state, body, &mut painter),
        Mode::Rename if !layout.pane.is_empty() && !layout.tree.is_empty() => {
            tree::headings(state, layout.headings, &mut painter);
            tree::draw(state, layout.tree, &mut painter);
            painter.rule(layout.rule);
            mending::draw(state, layout.pane, &mut painter);
        }
        Mode::Form => typed_at = setting_up::draw(state, body, &mut painter),
        Mode::Compare => comparison::draw(state, body, &mut painter),
        Mode::Survey => survey::draw(state, body, &mut painter),
        Mode::Timeline => timeline::draw(state, body, &mut painter),
        Mode::Mend | Mode::Rename | Mode::Type => mending::draw(state, body, &mut painter),
        Mode::Browse | Mode::Filter | Mode::Copy | Mode::Save => {
            tree::headings(state, layout.headings, &mut painter);
            tree::draw(state, layout.tree, &mut painter);
            painter.rule(layout.rule);
            pane::tabs(state, layout.tabs, &mut painter);
            pane::draw(state, layout.pane, &mut painter);
            if matches!(state.mode, Mode::Copy | Mode::Save) {
                copy::draw(state, Rect { x: 0, width: area.width, ..body }, &mut painter);
            }
        }
    }
    let cursor = bottom::draw(state, layout.bottom, &mut painter);
    if let Some(cursor) = cursor.or(typed_at) {
        frame.set_cursor_position(cursor);
    }
}

/// The text of the pane.
pub fn document(state: &State, width: usize) -> Document {
    let mut document = Document::new(width);
    match state.tab {
        Tab::Overview => overview::write(state, &mut document),
        Tab::Certificate => certificate::write(state, &mut document),
        Tab::Chain => chain::write(state, &mut document),
        Tab::Engines => engines::write(state, &mut document),
        Tab::Findings => findings::write(state, &mut document),
        Tab::Pem => pem::write(state, &mut document),
    }
    document
}

/// A certificate of what is selected.
struct Selected<'a> {
    row: Row,
    number: usize,
    certificate: &'a Arc<Certificate>,
}

/// The certificates of what is selected: the one, those of the file, or those of the host directory.
fn selected_certificates(state: &State) -> Vec<Selected<'_>> {
    let Some(read) = state.cursor.host().and_then(|host| state.tree.read(host)) else { return Vec::new() };
    let host = state.cursor.host().unwrap_or_default();
    let files = read.host.files.iter().enumerate();
    let files = files.filter(|(file, _)| state.cursor.file().is_none_or(|selected| selected == *file));
    let wanted = match state.cursor {
        Row::Certificate { certificate, .. } => Some(certificate),
        _ => None,
    };
    files
        .flat_map(|(file, content)| {
            let certificates = certificates_of(content).enumerate();
            certificates.map(move |(number, certificate)| Selected {
                row: Row::File { host, file },
                number,
                certificate,
            })
        })
        .filter(|selected| wanted.is_none_or(|wanted| wanted == selected.number))
        .collect()
}

/// Says why there is no certificate to tell of.
fn nothing_selected(state: &State, document: &mut Document) {
    let text = match state.cursor {
        Row::Root(_) => "Select a host directory, a file or a certificate in the tree.",
        Row::Host(host) if state.tree.read(host).is_none() => "This directory is still being read.",
        Row::Host(_) => "There is no certificate in this directory.",
        _ => "There is no certificate in this file.",
    };
    document.text(Label::Dim, text);
}
