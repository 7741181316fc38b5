//! The certificates of what is selected as PEM text. Never a private key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::base::text::display_name;
use crate::tui::document::Document;
use crate::tui::state::State;
use crate::tui::theme::Label;
use crate::tui::view::{nothing_selected, selected_certificates};

/// The most certificates that are written out.
const WRITTEN: usize = 12;
/// Characters of a line of PEM text (RFC 7468 section 2).
const LINE: usize = 64;

/// Writes the tab.
pub fn write(state: &State, document: &mut Document) {
    let selected = selected_certificates(state);
    let read = state.cursor.host().and_then(|host| state.tree.read(host));
    let files = read.map(|read| read.host.files.as_slice()).unwrap_or_default().iter().enumerate();
    let here = files.filter(|(index, _)| state.cursor.file().is_none_or(|file| file == *index)).map(|(_, file)| file);
    let with_keys = here.filter(|file| file.parsed().is_some_and(|parsed| parsed.private_keys().next().is_some()));
    let with_keys: Vec<String> = with_keys.map(|file| display_name(&file.name)).collect();
    if selected.is_empty() && with_keys.is_empty() {
        nothing_selected(state, document);
    }
    for one in selected.iter().take(WRITTEN) {
        document.gap();
        document.text(Label::Dim, &format!("# {}", one.certificate.subject()));
        document.text(Label::Field, "-----BEGIN CERTIFICATE-----");
        let text = STANDARD.encode(one.certificate.der());
        for line in text.as_bytes().chunks(LINE.min(document.width())) {
            document.text(Label::Plain, &String::from_utf8_lossy(line));
        }
        document.text(Label::Field, "-----END CERTIFICATE-----");
    }
    if selected.len() > WRITTEN {
        let rest = selected.len() - WRITTEN;
        document.gap().text(Label::Dim, &format!("{rest} more: select a file or a certificate in the tree."));
    }
    if !with_keys.is_empty() {
        let text = format!("{} holds a private key, which is never shown.", with_keys.join(", "));
        document.gap().text(Label::Dim, &text);
    }
}
