//! Who issued a certificate, drawn as a tree that grows upwards in trust: each issuer hangs below what it signed, with its
//! signature checked, where it lies, and which engines take it as a root.

use std::collections::{HashMap, HashSet};

use crate::base::text::{display_name, width};
use crate::engine::{Engine, Judge};
use crate::pki::chain::Check;
use crate::pki::{Certificate, Digest};
use crate::tui::document::Document;
use crate::tui::lineage::{self, End, Step};
use crate::tui::standing::Standing;
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::tree::Row;
use crate::tui::view::{Selected, nothing_selected, selected_certificates};

/// The most chains that are told at once.
const CHAINS: usize = 8;
/// The fewest columns that text has beside the lines of the tree.
const NARROWEST: usize = 16;

/// The engines that take a certificate as a root, by certificate.
type Anchors = HashMap<Digest, Vec<String>>;

/// Writes the tab.
pub fn write(state: &State, document: &mut Document) {
    let selected = selected_certificates(state);
    if selected.is_empty() {
        nothing_selected(state, document);
        return;
    }
    let anchors = anchors(state);
    let mut told = HashSet::new();
    let mut chains = 0;
    for one in &selected {
        // What is a step of a chain that was told already need not be told again.
        if chains < CHAINS && !told.contains(one.certificate.sha256()) {
            document.gap();
            let candidates = state.issuers.candidates(&state.tree, one.certificate, one.row);
            let ways = lineage::ways(one.certificate, &candidates, &state.verifier);
            Drawing { state, one, anchors: &anchors }.write(&ways, "", None, document);
            told.extend(ways.certificates());
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
    write_roots(state, &anchors, document);
}

/// What the engines take as roots from the selected host directory.
fn anchors(state: &State) -> Anchors {
    let mut anchors = Anchors::new();
    let Some(read) = state.cursor.host().and_then(|host| state.tree.read(host)) else { return anchors };
    for judge in judges(state) {
        let load = judge.load(&read.host);
        for anchor in load.connections().iter().flat_map(|connection| &connection.material.anchors) {
            let engines = anchors.entry(*anchor.certificate.sha256()).or_default();
            if !engines.contains(&judge.to_string()) {
                engines.push(judge.to_string());
            }
        }
    }
    anchors
}

/// Each engine once: in the version that judges where it does, else in its newest.
fn judges(state: &State) -> impl Iterator<Item = Judge> {
    let in_force = state.judgement.judges().to_vec();
    Engine::ALL.into_iter().map(move |engine| {
        let chosen = in_force.iter().copied().find(|judge| judge.engine == engine);
        chosen.unwrap_or_else(|| Judge::newest(engine))
    })
}

/// Says what else engines trust.
fn write_roots(state: &State, anchors: &Anchors, document: &mut Document) {
    document.gap();
    if anchors.is_empty() {
        document.text(Label::Dim, "No engine takes a root from this directory.");
    }
    let places: Vec<String> = state.installed.system_roots.iter().map(display_name).collect();
    if !places.is_empty() {
        let text = format!("Besides, engines trust the system's roots, which are not looked at: {}", places.join(", "));
        document.text(Label::Dim, &text);
    }
}

/// A drawing of the ways up from one certificate.
struct Drawing<'a> {
    state: &'a State,
    one: &'a Selected<'a>,
    anchors: &'a Anchors,
}

impl Drawing<'_> {
    /// Writes a certificate and all above it. `before` are the lines of the tree that pass it; `is_last` tells whether it
    /// is the last of its branch, `None` at the foot of the tree.
    fn write(&self, step: &Step, before: &str, is_last: Option<bool>, document: &mut Document) {
        let glyphs = self.state.glyphs;
        let (branch, below) = match is_last {
            None => (String::new(), String::new()),
            Some(true) => (format!("{before}{} ", glyphs.sign(Sign::LastBranch)), format!("{before}  ")),
            Some(false) => {
                (format!("{before}{} ", glyphs.sign(Sign::Branch)), format!("{before}{} ", glyphs.sign(Sign::Rule)))
            }
        };
        let goes_on = !step.issuers.is_empty() || step.end == Some(End::Missing);
        let beside = format!("{below}{} ", if goes_on { glyphs.sign(Sign::Rule) } else { " " });
        let room = document.width().saturating_sub(width(&beside)).max(NARROWEST);
        let mut head = Document::new(room);
        self.write_head(step, is_last.is_none(), &mut head);
        document.behind(&branch, &beside, &head);
        let mut body = Document::new(room);
        self.write_body(step, &mut body);
        document.behind(&beside, &beside, &body);
        if step.end == Some(End::Missing) {
            let mut end = Document::new(room);
            let sign = format!("{} ", glyphs.sign(Sign::Info));
            let text = format!("its issuer is not in this tree: {}", step.certificate.issuer());
            end.hanging(&[(Label::Info, &sign)], &[(Label::Info, &text)]);
            document.behind(&format!("{below}{} ", glyphs.sign(Sign::LastBranch)), &format!("{below}  "), &end);
        }
        for (number, issuer) in step.issuers.iter().enumerate() {
            self.write(issuer, &below, Some(number + 1 == step.issuers.len()), document);
        }
    }

    /// Writes whether it made the signature below it, and its name.
    fn write_head(&self, step: &Step, is_foot: bool, document: &mut Document) {
        let name = step.certificate.display_name();
        let purpose = format!("  {}", step.certificate.purpose().word());
        let named = [(Label::Strong, name.as_str()), (Label::Dim, purpose.as_str())];
        if is_foot {
            document.pieces(2, &named);
            return;
        }
        let (label, sign, start, end) = match step.check {
            Check::Valid => (Label::Good, Sign::Good, "signed by ", ", verified"),
            Check::Unsupported => (Label::Warning, Sign::Warning, "names ", ", signature of a kind not checked here"),
            Check::Invalid => (Label::Error, Sign::Error, "not signed by ", ", same name but another key"),
        };
        let sign = format!("{} ", self.state.glyphs.sign(sign));
        let [name, purpose] = named;
        document.hanging(&[(label, &sign)], &[(label, start), name, purpose, (label, end)]);
    }

    /// Writes how it stands in time, where it lies, which engines trust it, and why the way ends.
    fn write_body(&self, step: &Step, document: &mut Document) {
        let glyphs = self.state.glyphs;
        match step.end {
            Some(End::Loop) => {
                self.line(document, (Label::Warning, Sign::Warning), "stands further up here: a loop");
                return;
            }
            Some(End::Told) => {
                document.text(Label::Dim, "as above");
                return;
            }
            _ => {}
        }
        self.write_validity(&step.certificate, document);
        document.text(Label::Dim, &self.place(step));
        if let Some(engines) = self.anchors.get(step.certificate.sha256()) {
            let sign = format!("{} ", glyphs.sign(Sign::Anchor));
            let who = if engines.len() == Engine::ALL.len() { "every engine".to_owned() } else { engines.join(", ") };
            document.hanging(&[(Label::Key, &sign)], &[(Label::Key, "a root for "), (Label::Plain, &who)]);
        }
        if step.issuers.len() > 1 {
            let text = format!("{} certificates may have issued it", step.issuers.len());
            self.line(document, (Label::Info, Sign::Info), &text);
        }
        match step.end {
            Some(End::Itself(Check::Valid)) => {
                self.line(document, (Label::Good, Sign::Good), "signed by itself, verified: a root");
            }
            Some(End::Itself(Check::Invalid)) => {
                let text = "names itself as its issuer, but its own key did not sign it";
                self.line(document, (Label::Error, Sign::Error), text);
            }
            Some(End::Itself(Check::Unsupported)) => {
                let text = "names itself as its issuer; a signature of this kind is not checked here";
                self.line(document, (Label::Warning, Sign::Warning), text);
            }
            Some(End::TooMuch) => {
                self.line(document, (Label::Info, Sign::Info), "there is more above it, which is not followed");
            }
            _ => {}
        }
    }

    fn write_validity(&self, certificate: &Certificate, document: &mut Document) {
        let standing = Standing::of(certificate, self.state.settings);
        let (from, until) = (certificate.not_before().date(), certificate.not_after().date());
        let text = match standing {
            Standing::Valid => format!("valid until {until}"),
            Standing::Expiring => format!("expiring, valid until {until}"),
            Standing::Expired => format!("expired on {until}"),
            Standing::NotYet => format!("not yet valid, from {from}"),
        };
        self.line(document, (standing.label(), standing.sign()), &text);
    }

    fn line(&self, document: &mut Document, (label, sign): (Label, Sign), text: &str) {
        let sign = format!("{} ", self.state.glyphs.sign(sign));
        document.hanging(&[(label, &sign)], &[(label, text)]);
    }

    /// Where it lies, seen from what is selected: the nearer, the shorter.
    fn place(&self, step: &Step) -> String {
        let row = step.known.as_ref().map_or(self.one.row, |known| Row::File { host: known.host, file: known.file });
        place_text(self.state, row, self.state.cursor)
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
