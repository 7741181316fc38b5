//! Everything that a certificate says.

use crate::base::clock::span_in_words;
use crate::base::text::display_name;
use crate::pki::{Certificate, Validity, details};
use crate::tui::document::Document;
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

/// Writes validity in words and as a line, without its dates.
pub fn write_validity(state: &State, certificate: &Certificate, document: &mut Document) {
    let now = state.settings.now;
    let (before, after) = (certificate.not_before(), certificate.not_after());
    let left = now.days_until(after);
    let (label, sign, text) = match certificate.validity(now) {
        Validity::Expired => (Label::Error, Sign::Error, format!("expired {} ago", span_in_words(left))),
        Validity::NotYet => {
            (Label::Error, Sign::Error, format!("not yet valid, for {}", span_in_words(now.days_until(before))))
        }
        Validity::Valid if left < state.settings.expires_within => {
            (Label::Warning, Sign::Warning, format!("expires in {}", span_in_words(left)))
        }
        Validity::Valid => (Label::Good, Sign::Good, format!("valid, {} left", span_in_words(left))),
    };
    document.field_of("Validity", &[(label, &format!("{} {text}", state.glyphs.sign(sign)))]);
    let whole = after.0.saturating_sub(before.0).max(1);
    let passed = now.0.saturating_sub(before.0).clamp(0, whole);
    let full = usize::try_from(i128::from(passed) * BAR as i128 / i128::from(whole)).unwrap_or(BAR);
    let bar = (state.glyphs.sign(Sign::Full).repeat(full), state.glyphs.sign(Sign::Blank).repeat(BAR - full));
    document.field_of("", &[(label, &bar.0), (Label::Dim, &bar.1)]);
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
