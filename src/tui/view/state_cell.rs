//! How a row of the tree stands: a sign and a word.

use crate::finding::{Finding, Severity};
use crate::model::{File, Role};
use crate::pki::Certificate;
use crate::tui::entry::Tally;
use crate::tui::standing::Standing;
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::view::title::count_findings;

/// How something stands: a sign and a word, and a shorter word where there is no room for the other.
pub struct StateCell {
    /// Its label.
    pub label: Label,
    /// Its sign.
    pub sign: Sign,
    word: String,
    short: String,
    /// The number of the rule behind it; empty where there is none.
    pub code: &'static str,
}

impl StateCell {
    /// A cell.
    pub fn new(label: Label, sign: Sign, word: impl Into<String>) -> Self {
        Self { label, sign, word: word.into(), short: String::new(), code: "" }
    }

    /// With a shorter word, for where there is no room for the other.
    pub fn or_short(self, short: &str) -> Self {
        Self { short: short.to_owned(), ..self }
    }

    /// A finding by the name of its rule.
    pub fn finding(finding: &Finding) -> Self {
        let severity = finding.severity;
        let cell = Self::new(Label::of(severity), sign(severity), finding.code.name);
        Self { short: severity.word().to_owned(), code: finding.code.number, ..cell }
    }

    /// The word that fits; a long one is cut only where enough of it stays to be known by.
    pub fn word(&self, columns: u16) -> &str {
        if columns < 4 {
            return "";
        }
        let is_cut = self.word.len() + 2 > usize::from(columns);
        if is_cut && columns < 15 && !self.short.is_empty() { &self.short } else { &self.word }
    }
}

/// The state of what holds findings: how many there are of the worst.
pub fn tally_state(tally: Tally, finished: bool) -> StateCell {
    match tally.worst() {
        Some((severity, number)) => {
            let cell = StateCell::new(Label::of(severity), sign(severity), count_findings(number, severity));
            StateCell { short: format!("{number} {}", short_word(severity)), ..cell }
        }
        None if finished => StateCell::new(Label::Good, Sign::Good, "ok"),
        None => StateCell::new(Label::Dim, Sign::Pending, "reading"),
    }
}

/// The state of a file or certificate: its worst finding, else where it stands in time.
pub fn verdict(state: &State, worst: Option<&Finding>, certificate: Option<&Certificate>, file: &File) -> StateCell {
    if let Some(finding) = worst.filter(|finding| finding.severity > Severity::Info) {
        return StateCell::finding(finding);
    }
    match certificate.map(|certificate| Standing::of(certificate, state.settings)) {
        Some(Standing::Expired) => StateCell::new(Label::Warning, Sign::Warning, "expired"),
        Some(Standing::NotYet) => StateCell::new(Label::Warning, Sign::Warning, "not yet valid").or_short("not yet"),
        Some(Standing::Expiring) => StateCell::new(Label::Warning, Sign::Warning, "expiring").or_short("soon"),
        Some(Standing::Valid) => StateCell::new(Label::Good, Sign::Good, "valid"),
        None => match worst {
            Some(finding) => StateCell::finding(finding),
            None if file.role() == Role::Unused => {
                StateCell::new(Label::Dim, Sign::Nothing, "not read").or_short("unread")
            }
            None if file.unread().is_some() => StateCell::new(Label::Warning, Sign::Warning, "unknown"),
            None => StateCell::new(Label::Good, Sign::Good, "ok"),
        },
    }
}

/// The word for a severity where there is little room.
fn short_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warn",
        Severity::Error => "err",
    }
}

fn sign(severity: Severity) -> Sign {
    match severity {
        Severity::Info => Sign::Info,
        Severity::Warning => Sign::Warning,
        Severity::Error => Sign::Error,
    }
}
