//! Everything that a certificate says.

use crate::base::clock::Timestamp;
use crate::base::text::display_name;
use crate::pki::{Certificate, details};
use crate::tui::document::Document;
use crate::tui::standing::Standing;
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::view::{Selected, nothing_selected, selected_certificates};

/// The most certificates that are told in full; of the others the tree tells.
const IN_FULL: usize = 12;
/// Parts of the line that shows how much of the validity has passed.
const BAR: usize = 24;

/// Writes the tab.
pub fn write(state: &State, document: &mut Document) {
    let selected = selected_certificates(state);
    if selected.is_empty() {
        nothing_selected(state, document);
        return;
    }
    let several = selected.len() > 1;
    for (index, one) in selected.iter().take(IN_FULL).enumerate() {
        if several {
            write_place(state, one, (index + 1, selected.len()), document);
        }
        write_certificate(state, one.certificate, document);
        document.gap();
    }
    if selected.len() > IN_FULL {
        let rest = selected.len() - IN_FULL;
        document.text(Label::Dim, &format!("{rest} more: select a file or a certificate in the tree."));
    }
}

/// Writes validity in words, and as a bar from its first day to its last with today in it. Tells whether there was room for
/// these days beside it.
pub fn write_validity(state: &State, certificate: &Certificate, document: &mut Document) -> bool {
    let moments = (certificate.not_before(), certificate.not_after());
    let standing = Standing::of(certificate, state.settings);
    let sign = state.glyphs.sign(standing.sign());
    let words = format!("{sign} {}", Standing::in_words(moments, state.settings));
    document.field_of("Validity", &[(standing.label(), &words)]);
    write_bar(state, moments, standing, document)
}

fn write_bar(
    state: &State,
    (from, until): (Timestamp, Timestamp),
    standing: Standing,
    document: &mut Document,
) -> bool {
    let (first, last) = (from.date(), until.date());
    let has_room = document.value_columns() >= BAR + first.len() + last.len() + 2;
    let bar = Bar::new((from, until), state.settings.now);
    let glyphs = state.glyphs;
    let full = glyphs.sign(Sign::Full).repeat(bar.passed);
    let rest = glyphs.sign(Sign::Blank).repeat(BAR.saturating_sub(bar.passed + usize::from(bar.has_today)));
    let today = if bar.has_today { glyphs.sign(Sign::TodayInBar) } else { "" };
    let (left, right) =
        if has_room { (format!("{first} "), format!(" {last}")) } else { (String::new(), String::new()) };
    let pieces = [
        (Label::Plain, left.as_str()),
        (standing.label(), &full),
        (Label::Key, today),
        (Label::Dim, &rest),
        (Label::Plain, &right),
    ];
    document.field_of("", &pieces);
    if !bar.has_today {
        return has_room;
    }
    let arrow = glyphs.sign(Sign::Up);
    // The word stands beside the arrow on the side where there is room.
    let column = left.len() + bar.passed;
    let text = if bar.passed + 7 <= BAR {
        format!("{}{arrow} today", " ".repeat(column))
    } else {
        format!("{}today {arrow}", " ".repeat(column.saturating_sub(6)))
    };
    document.aside(Label::Key, &text);
    has_room
}

/// How much of a validity has passed, in parts of [`BAR`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bar {
    /// Parts before today.
    passed: usize,
    /// Today is a part of it.
    has_today: bool,
}

impl Bar {
    fn new((from, until): (Timestamp, Timestamp), now: Timestamp) -> Self {
        if now < from || until < now {
            return Self { passed: if until < now { BAR } else { 0 }, has_today: false };
        }
        let whole = i128::from(until.0) - i128::from(from.0) + 1;
        let passed = (i128::from(now.0) - i128::from(from.0)) * BAR as i128 / whole.max(1);
        Self { passed: usize::try_from(passed).unwrap_or(0).min(BAR - 1), has_today: true }
    }
}

fn write_place(state: &State, one: &Selected<'_>, (number, of): (usize, usize), document: &mut Document) {
    let file = one.row.host().zip(one.row.file()).and_then(|(host, file)| state.tree.file(host, file));
    let name = file.map(|file| display_name(&file.name)).unwrap_or_default();
    document.heading(&format!("{number} of {of}: {name}"));
}

fn write_certificate(state: &State, certificate: &Certificate, document: &mut Document) {
    document.field_of("Subject", &[(Label::Strong, &certificate.subject().to_string())]);
    let issuer = certificate.issuer().to_string();
    if certificate.is_self_issued() {
        let signed = if state.verifier.is_self_signed(certificate) {
            "itself, signed with its own key"
        } else {
            "its own name, but not signed with its own key"
        };
        document.field("Issuer", signed);
    } else {
        document.field("Issuer", &issuer);
    }
    document.octets("Serial", certificate.serial());
    write_validity(state, certificate, document);
    document.field("Not before", &certificate.not_before().rfc3339());
    document.field("Not after", &certificate.not_after().rfc3339());
    document.field("Made for", certificate.purpose().word());
    document.field("Public key", &certificate.public_key().describe());
    document.field("Signature", certificate.signature_algorithm().name());
    document.field("Version", &format!("X.509 version {}", certificate.version()));
    document.octets("SHA-256", certificate.sha256());
    document.octets("SHA-1", &certificate.sha1());
    document.octets("Key SHA-256", certificate.spki_sha256());
    if let Some(refusal) = certificate.refusal() {
        document.field_of("Go refuses", &[(Label::Verbatim, &refusal.text)]);
        if refusal.since_go > 0 {
            document.field("", &format!("since Go 1.{}", refusal.since_go));
        }
    }
    document.gap();
    write_extensions(certificate, document);
}

fn write_extensions(certificate: &Certificate, document: &mut Document) {
    let extensions = match details::extensions(certificate) {
        Ok(extensions) => extensions,
        Err(problem) => {
            document.text(Label::Warning, &format!("The extensions cannot be read: {problem}"));
            return;
        }
    };
    if extensions.is_empty() {
        document.text(Label::Dim, "No extensions.");
    }
    for extension in extensions {
        let critical = if extension.critical { "  critical" } else { "" };
        document.pieces(2, &[(Label::Field, &extension.name), (Label::Info, critical)]);
        for line in &extension.lines {
            document.indented(2, Label::Plain, line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn today_is_in_the_bar_as_long_as_it_is_in_the_validity() {
        let bar = |from: i64, until: i64, now: i64| Bar::new((Timestamp(from), Timestamp(until)), Timestamp(now));
        assert_eq!(bar(0, 100, 0), Bar { passed: 0, has_today: true });
        assert_eq!(bar(0, 100, 50), Bar { passed: BAR * 50 / 101, has_today: true });
        assert_eq!(bar(0, 100, 100), Bar { passed: BAR * 100 / 101, has_today: true });
        assert_eq!(bar(0, 100, 101), Bar { passed: BAR, has_today: false });
        assert_eq!(bar(0, 100, -1), Bar { passed: 0, has_today: false });
        assert_eq!(bar(7, 7, 7), Bar { passed: 0, has_today: true });
        assert_eq!(bar(i64::MIN, i64::MAX, 0), Bar { passed: BAR / 2, has_today: true });
        assert_eq!(bar(9, 3, 5), Bar { passed: BAR, has_today: false }, "ends before it begins");
    }
}
