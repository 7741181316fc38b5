//! Who issued a certificate, step by step upwards, each signature checked, and where the issuers lie.

use std::collections::HashSet;
use std::sync::Arc;

use crate::base::text::display_name;
use crate::pki::chain::Check;
use crate::pki::{Certificate, Digest, Validity};
use crate::tui::document::Document;
use crate::tui::issuers::Known;
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::tree::Row;
use crate::tui::view::{Selected, nothing_selected, selected_certificates};

/// The most chains that are told at once.
const CHAINS: usize = 8;

/// Writes the tab.
pub fn write(state: &State, document: &mut Document) {
    let selected = selected_certificates(state);
    if selected.is_empty() {
        nothing_selected(state, document);
        return;
    }
    let mut told = HashSet::new();
    let mut chains = 0;
    for one in &selected {
        // What is a step of a chain that was told already need not be told again.
        if chains < CHAINS && !told.contains(one.certificate.sha256()) {
            document.gap();
            told.extend(write_chain(state, one, document));
            chains += 1;
        }
    }
    let rest = selected.iter().filter(|one| !told.contains(one.certificate.sha256())).count();
    if rest > 0 {
        document.gap().text(Label::Dim, &format!("{rest} more: select a file or a certificate in the tree."));
    }
    if !state.progress.finished {
        document.gap().text(Label::Dim, "Other directories are still being read: an issuer may yet turn up.");
    }
}

/// Writes a chain. Yields the certificates in it.
fn write_chain(state: &State, one: &Selected<'_>, document: &mut Document) -> Vec<Digest> {
    let candidates = state.issuers.candidates(&state.tree, one.certificate, one.row);
    let known: Vec<Arc<Certificate>> = candidates.iter().map(|known| Arc::clone(&known.certificate)).collect();
    let path = state.verifier.path(one.certificate, &known);
    for (level, certificate) in path.iter().enumerate() {
        let place = if level == 0 {
            place_text(state, one.row, one.row)
        } else {
            let known = candidates.iter().find(|known| known.certificate.sha256() == certificate.sha256());
            known
                .map(|known| place_text(state, Row::File { host: known.host, file: known.file }, one.row))
                .unwrap_or_default()
        };
        write_link(state, certificate, (level, &place), document);
        if level + 1 < path.len() {
            write_step(state, level, Sign::Good, Label::Good, "signature verified; issued by", document);
        }
    }
    if let Some(last) = path.last() {
        write_end(state, last, (path.len() - 1, &candidates), document);
    }
    path.iter().map(|certificate| *certificate.sha256()).collect()
}

fn write_link(state: &State, certificate: &Certificate, (level, place): (usize, &str), document: &mut Document) {
    let indent = "  ".repeat(level);
    let (label, sign, word) = match certificate.validity(state.settings.now) {
        Validity::Valid => (Label::Good, Sign::Good, "valid"),
        Validity::Expired => (Label::Error, Sign::Error, "expired"),
        Validity::NotYet => (Label::Error, Sign::Error, "not yet valid"),
    };
    let name = certificate.display_name();
    document.hanging(
        &[(Label::Plain, &indent)],
        &[(Label::Strong, &name), (Label::Dim, &format!("  {}", certificate.purpose().word()))],
    );
    let start = format!("{indent}  {} {word}", state.glyphs.sign(sign));
    let until = format!(" until {}", certificate.not_after().date());
    let until = if word == "valid" { until } else { format!(" {}", certificate.not_after().date()) };
    document.pieces(level * 2 + 2, &[(label, &start), (Label::Dim, &until)]);
    document.hanging(&[(Label::Plain, &format!("{indent}  "))], &[(Label::Dim, place)]);
}

fn write_step(state: &State, level: usize, sign: Sign, label: Label, text: &str, document: &mut Document) {
    let indent = "  ".repeat(level);
    let start = format!("{indent}  {} ", state.glyphs.sign(sign));
    document.hanging(&[(label, &start)], &[(label, text)]);
}

/// Tells why the way ends here.
fn write_end(state: &State, last: &Certificate, (level, candidates): (usize, &[Known]), document: &mut Document) {
    if last.is_self_issued() {
        match state.verifier.check(last, last) {
            Check::Valid => write_step(state, level, Sign::Good, Label::Good, "signed by itself: a root", document),
            Check::Invalid => {
                let text = "it names itself as its issuer, but its own key did not sign it";
                write_step(state, level, Sign::Error, Label::Error, text, document);
            }
            Check::Unsupported => {
                let text = "names itself as its issuer; this kind of signature cannot be checked here";
                write_step(state, level, Sign::Warning, Label::Warning, text, document);
            }
        }
        return;
    }
    let same_name: Vec<&Known> =
        candidates.iter().filter(|known| known.certificate.subject().der() == last.issuer().der()).collect();
    if same_name.is_empty() {
        let text = format!("its issuer is not in this tree: {}", last.issuer());
        write_step(state, level, Sign::Info, Label::Info, &text, document);
    }
    for known in same_name {
        let place = place_text(state, Row::File { host: known.host, file: known.file }, state.cursor);
        let (sign, label, text) = match state.verifier.check(last, &known.certificate) {
            Check::Unsupported => {
                (Sign::Warning, Label::Warning, "has its issuer's name; the signature cannot be checked here")
            }
            _ => (Sign::Error, Label::Error, "has its issuer's name, but another key than the one that signed it"),
        };
        write_step(
            state,
            level,
            sign,
            label,
            &format!("{} ({place}) {text}", known.certificate.display_name()),
            document,
        );
    }
}

/// Where a certificate lies, seen from another row: the nearer, the shorter.
fn place_text(state: &State, row: Row, from: Row) -> String {
    let Some((host, file)) = row.host().zip(row.file()) else { return String::new() };
    let name = state.tree.file(host, file).map(|file| display_name(&file.name)).unwrap_or_default();
    if from.host() == Some(host) {
        return if from.file() == Some(file) { format!("in this file, {name}") } else { format!("in {name}") };
    }
    let path = state.tree.host(host).map(|entry| display_name(entry.path.join(display_name(&name))));
    format!("in {}", path.unwrap_or_default())
}
