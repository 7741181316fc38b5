//! What is wrong with what is selected: each finding with what follows from it and what would mend it.

use crate::base::text::display_name;
use crate::finding::{Finding, Severity};
use crate::tui::document::Document;
use crate::tui::entry::certificates_of;
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::tree::Row;

/// The findings about what is selected: of the root, all in the host directory, those of the file, those of the certificate.
pub fn of_selection(state: &State) -> Vec<&Finding> {
    let read = state.cursor.host().and_then(|host| state.tree.read(host));
    match (state.cursor, read) {
        (Row::Root(root), _) => state.tree.root(root).map(|entry| entry.findings.iter().collect()).unwrap_or_default(),
        (Row::Host(_), Some(read)) => read.findings.iter().collect(),
        (Row::File { file, .. }, Some(read)) => match read.host.files.get(file) {
            Some(file) => read.findings_of(file, None).collect(),
            None => Vec::new(),
        },
        (Row::Certificate { file, certificate, .. }, Some(read)) => match read.host.files.get(file) {
            Some(file) => read.findings_of(file, Some(certificate)).collect(),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Writes the tab.
pub fn write(state: &State, document: &mut Document) {
    let mut findings = of_selection(state);
    if let Row::Root(root) = state.cursor {
        write_summary(state, root, document);
    }
    if findings.is_empty() {
        if !matches!(state.cursor, Row::Root(_)) {
            let good = state.glyphs.sign(Sign::Good);
            document.pieces(2, &[(Label::Good, &format!("{good} ")), (Label::Plain, "Nothing to complain about.")]);
        }
        return;
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    for finding in findings {
        write_finding(state, finding, document);
    }
}

/// Writes how often each rule found something under a root, the worst first.
pub fn write_summary(state: &State, root: usize, document: &mut Document) {
    let Some(entry) = state.tree.root(root) else { return };
    let mut rules: Vec<(Severity, &str, &str, usize)> = Vec::new();
    let findings = entry.hosts.iter().filter_map(|host| state.tree.read(*host)).flat_map(|read| &read.findings);
    for finding in findings {
        let same = rules.iter_mut().find(|rule| rule.0 == finding.severity && rule.1 == finding.code.number);
        match same {
            Some(rule) => rule.3 += 1,
            None => rules.push((finding.severity, finding.code.number, finding.code.name, 1)),
        }
    }
    rules.sort_by(|one, other| other.0.cmp(&one.0).then(other.3.cmp(&one.3)).then(one.1.cmp(other.1)));
    if rules.is_empty() && entry.findings.is_empty() {
        let text = if state.progress.finished { "Nothing to complain about." } else { "Nothing found so far." };
        document.text(Label::Dim, text);
    }
    for (severity, number, name, count) in rules {
        let sign = state.glyphs.severity(severity);
        let start = [(Label::of(severity), format!("{sign} {count:>5}  ")), (Label::Dim, format!("{number}  "))];
        let start: Vec<(Label, &str)> = start.iter().map(|(label, text)| (*label, text.as_str())).collect();
        document.hanging(&start, &[(Label::Plain, name)]);
    }
    document.gap();
}

/// Writes a finding in full.
fn write_finding(state: &State, finding: &Finding, document: &mut Document) {
    let label = Label::of(finding.severity);
    let sign = state.glyphs.severity(finding.severity);
    let head = format!("{sign} {} ", finding.severity.word());
    document.gap();
    document.pieces(2, &[(label, &head), (Label::Dim, &format!("{} {}", finding.code.number, finding.code.name))]);
    document.indented(2, Label::Strong, &finding.message);
    if let Some(place) = place(state, finding) {
        document.indented(2, Label::Dim, &place);
    }
    for consequence in &finding.consequences {
        let engine = consequence.engine.name();
        if consequence.verbatim {
            document.indented(2, Label::Field, engine);
            document.verbatim(2, state.glyphs.sign(Sign::Rule), &consequence.text);
        } else {
            document.hanging(&[(Label::Field, &format!("  {engine} "))], &[(Label::Plain, &consequence.text)]);
        }
    }
    if !finding.advice.is_empty() {
        let arrow = state.glyphs.sign(Sign::Arrow);
        document.hanging(&[(Label::Good, &format!("  {arrow} "))], &[(Label::Plain, &finding.advice)]);
    }
}

/// Where a finding is, as far as the selection does not say it.
fn place(state: &State, finding: &Finding) -> Option<String> {
    let file = finding.place.file.as_ref()?;
    let name = display_name(file);
    let several = || {
        let read = state.cursor.host().and_then(|host| state.tree.read(host))?;
        Some(certificates_of(read.host.file(file)?).count() > 1)
    };
    let certificate = finding.place.certificate.filter(|_| several() == Some(true));
    match (state.cursor, certificate) {
        (Row::Certificate { .. }, _) | (Row::File { .. }, None) => None,
        (Row::File { .. }, Some(number)) => Some(format!("certificate {}", number + 1)),
        (_, None) => Some(name),
        (_, Some(number)) => Some(format!("{name}, certificate {}", number + 1)),
    }
}
