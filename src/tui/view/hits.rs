//! What a search found, marked in the rows that it left; where that is in nothing that a row shows, said behind its name.

use ratatui::layout::Rect;

use crate::base::text::{display_name, sanitise};
use crate::tui::entry::certificates_of;
use crate::tui::fuzzy::Matcher;
use crate::tui::haystack;
use crate::tui::state::{Focus, State};
use crate::tui::theme::Label;
use crate::tui::tree::Row;
use crate::tui::view::paint::{Fit, Painter};

/// The fewest columns in which it is said what a search found.
const LEAST: u16 = 12;

/// What is searched for, in words: `problems /acme`; `None` where everything is shown.
pub fn active(state: &State) -> Option<String> {
    let text = Some(state.filter.text()).filter(|text| !text.trim().is_empty()).map(|text| format!("/{text}"));
    let parts: Vec<String> = state.quick.map(|quick| quick.word().to_owned()).into_iter().chain(text).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// The search while a frame is drawn.
pub struct Hits<'a> {
    state: &'a State,
    matcher: Matcher,
}

impl<'a> Hits<'a> {
    /// The search that is active; `None` where no words are searched for.
    pub fn new(state: &'a State) -> Option<Self> {
        let is_empty = state.tree.filtered().pattern().is_empty();
        (!is_empty).then(|| Self { state, matcher: Matcher::default() })
    }

    /// The characters of a text that are found.
    pub fn find(&mut self, text: &str) -> Vec<usize> {
        self.state.tree.filtered().pattern().hits(text, &mut self.matcher)
    }

    /// Says in an area what a row does not show and yet was found for.
    pub fn tell(&mut self, row: Row, shown: &[&str], area: Rect, painter: &mut Painter<'_>) {
        if area.width < LEAST {
            return;
        }
        let Some((field, value)) = self.reason(row, shown) else { return };
        let value_at = u16::try_from(field.len() + 1).unwrap_or(area.width);
        let room = area.width.saturating_sub(value_at);
        let value = self.excerpt(&value, usize::from(room));
        painter.clear(area);
        painter.cell(area, (0, area.width), Fit::Left, (Label::Dim, field));
        painter.cell(area, (value_at, room), Fit::Left, (Label::Dim, &value));
        if self.state.focus == Focus::Tree && self.state.cursor == row {
            painter.select(area);
        }
        painter.mark(area, (value_at, room), (Fit::Left, &value), &self.find(&value));
    }

    /// The field of a certificate that holds what neither the name of its host directory nor `shown` does: its name and
    /// value.
    fn reason(&mut self, row: Row, shown: &[&str]) -> Option<(&'static str, String)> {
        let (host, file) = (row.host()?, row.file()?);
        let host_name = display_name(&self.state.tree.read(host)?.host.name);
        let missing = self.missing(shown.iter().copied().chain([host_name.as_str()]));
        let certificates = certificates_of(self.state.tree.file(host, file)?).enumerate();
        let own = certificates.filter(|(number, _)| match row {
            Row::Certificate { certificate, .. } => *number == certificate,
            _ => true,
        });
        if missing == 0 {
            return None;
        }
        own.flat_map(|(_, certificate)| haystack::fields(certificate))
            .find(|(_, value, is_octets)| self.held(value, *is_octets) & missing != 0)
            .map(|(name, value, _)| (name, value))
    }

    /// A value without as much of its beginning as keeps the first hit out of so many columns.
    fn excerpt(&mut self, value: &str, columns: usize) -> String {
        let value = sanitise(value);
        let first = self.find(&value).first().copied().unwrap_or_default();
        // The hit stands in the left half.
        if first <= columns / 2 {
            return value.into_owned();
        }
        let rest: String = value.chars().skip(first.saturating_sub(columns / 4)).collect();
        format!("…{rest}")
    }

    /// The words that none of these texts holds.
    fn missing<'b>(&mut self, texts: impl Iterator<Item = &'b str>) -> u8 {
        let all = self.state.tree.filtered().pattern().all();
        texts.fold(all, |missing, text| missing & !self.held(text, false))
    }

    fn held(&mut self, text: &str, is_octets: bool) -> u8 {
        let lower = text.to_lowercase();
        let octets = lower.replace(':', "");
        let (text, octets) = if is_octets { ("", octets.as_str()) } else { (lower.as_str(), "") };
        self.state.tree.filtered().pattern().held_by(text, octets, &mut self.matcher)
    }
}
