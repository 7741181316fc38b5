//! Text for a pane: lines of labelled pieces, wrapped to a width, everything in it safe for a terminal.

use crate::base::text::{sanitise, width};
use crate::tui::theme::Label;

/// A piece of text of one kind.
pub type Piece = (Label, String);

/// A line.
pub type TextLine = Vec<Piece>;

/// Columns that the names of fields take.
const FIELD_COLUMNS: usize = 13;
/// The fewest columns at the end of a line in which a word that is longer than a line begins.
const SHORTEST_START: usize = 12;

/// Lines of labelled text, under construction or done.
#[derive(Clone, Debug, Default)]
pub struct Document {
    width: usize,
    lines: Vec<TextLine>,
}

impl Document {
    /// An empty document of so many columns.
    pub fn new(width: usize) -> Self {
        Self { width: width.max(1), lines: Vec::new() }
    }

    /// The lines.
    pub fn lines(&self) -> &[TextLine] {
        &self.lines
    }

    /// How many columns it has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Adds an empty line, but never two, and none at the top.
    pub fn gap(&mut self) -> &mut Self {
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(Vec::new());
        }
        self
    }

    /// Adds a line as it is, which fits.
    pub fn line(&mut self, pieces: &[(Label, &str)]) -> &mut Self {
        self.lines.push(pieces.iter().map(|(label, text)| (*label, (*text).to_owned())).collect());
        self
    }

    /// Adds a heading after a gap.
    pub fn heading(&mut self, text: &str) -> &mut Self {
        self.gap().text(Label::Heading, text)
    }

    /// Adds text, wrapped between words.
    pub fn text(&mut self, label: Label, text: &str) -> &mut Self {
        self.pieces(0, &[(label, text)])
    }

    /// Adds text on lines that begin `indent` columns to the right.
    pub fn indented(&mut self, indent: usize, label: Label, text: &str) -> &mut Self {
        self.hanging(&[(Label::Plain, &" ".repeat(indent))], &[(label, text)])
    }

    /// Adds a field: its name, and its value beside it (below it, where there is no room).
    pub fn field(&mut self, name: &str, value: &str) -> &mut Self {
        self.field_of(name, &[(Label::Plain, value)])
    }

    /// [`Document::field`] with a value of several pieces.
    pub fn field_of(&mut self, name: &str, value: &[(Label, &str)]) -> &mut Self {
        if self.width < FIELD_COLUMNS * 2 {
            if !name.is_empty() {
                self.text(Label::Field, name);
            }
            return self.hanging(&[(Label::Plain, "  ")], value);
        }
        let padding = " ".repeat(FIELD_COLUMNS.saturating_sub(width(&sanitise(name))).max(1));
        self.hanging(&[(Label::Field, &format!("{name}{padding}"))], value)
    }

    /// Columns that the values of fields have.
    pub fn value_columns(&self) -> usize {
        if self.width < FIELD_COLUMNS * 2 { self.width.saturating_sub(2) } else { self.width - FIELD_COLUMNS }
    }

    /// Adds a line below the value of a field, with its blanks as they are.
    pub fn aside(&mut self, label: Label, text: &str) -> &mut Self {
        let indent = self.width - self.value_columns();
        let blank = text.len() - text.trim_start().len();
        self.lines
            .push(vec![(Label::Plain, " ".repeat(indent + blank)), (label, sanitise(text.trim_start()).into_owned())]);
        self
    }

    /// [`Document::field`] with octets in hexadecimal, as openssl prints them, eight or sixteen on a line.
    pub fn octets(&mut self, name: &str, octets: &[u8]) -> &mut Self {
        let room = (self.width.saturating_sub(FIELD_COLUMNS) + 1) / 3;
        let row = match room {
            16.. => 16,
            8.. => 8,
            _ => 4,
        };
        for (number, part) in octets.chunks(row).enumerate() {
            let text = part.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(":");
            self.field(if number == 0 { name } else { "" }, &text);
        }
        self
    }

    /// Adds an engine's own text, marked as such, broken only where it must be.
    pub fn verbatim(&mut self, indent: usize, rule: &str, text: &str) -> &mut Self {
        let indent = " ".repeat(indent);
        let safe = sanitise(text);
        let room = self.width.saturating_sub(indent.len() + 2).max(1);
        for row in wrap(&[(Label::Verbatim, &safe)], room) {
            let mut line = vec![(Label::Plain, indent.clone()), (Label::Verbatim, format!("{rule} "))];
            line.extend(row);
            self.lines.push(line);
        }
        self
    }

    /// Adds `first`, and `rest` wrapped to the right of it.
    pub fn hanging(&mut self, first: &[(Label, &str)], rest: &[(Label, &str)]) -> &mut Self {
        let first: TextLine = first.iter().map(|(label, text)| (*label, sanitise(text).into_owned())).collect();
        let indent: usize = first.iter().map(|(_, text)| width(text)).sum();
        let mut start = Some(first);
        let safe: TextLine = rest.iter().map(|(label, text)| (*label, sanitise(text).into_owned())).collect();
        let borrowed: Vec<(Label, &str)> = safe.iter().map(|(label, text)| (*label, text.as_str())).collect();
        for row in wrap(&borrowed, self.width.saturating_sub(indent).max(4)) {
            let mut line = start.take().unwrap_or_else(|| vec![(Label::Plain, " ".repeat(indent))]);
            line.extend(row);
            self.lines.push(line);
        }
        self
    }

    /// Adds the lines of another document, each behind a text: one before the first line, and one before all others.
    pub fn behind(&mut self, first: &str, others: &str, document: &Self) -> &mut Self {
        for (number, line) in document.lines.iter().enumerate() {
            let start = if number == 0 { first } else { others };
            let start = std::iter::once((Label::Dim, start.to_owned()));
            self.lines.push(start.chain(line.iter().cloned()).collect());
        }
        self
    }

    /// Adds documents side by side, with so many blank columns between them.
    pub fn beside(&mut self, documents: &[Self], gap: usize) -> &mut Self {
        let rows = documents.iter().map(|document| document.lines.len()).max().unwrap_or_default();
        for row in 0..rows {
            let mut line = TextLine::new();
            let mut missing = 0;
            for document in documents {
                if missing > 0 {
                    line.push((Label::Plain, " ".repeat(missing)));
                }
                let pieces = document.lines.get(row).map(Vec::as_slice).unwrap_or_default();
                let used: usize = pieces.iter().map(|(_, text)| width(text)).sum();
                line.extend_from_slice(pieces);
                missing = document.width.saturating_sub(used) + gap;
            }
            self.lines.push(line);
        }
        self
    }

    /// Adds pieces side by side, wrapped with `indent` columns before every line but the first.
    pub fn pieces(&mut self, indent: usize, pieces: &[(Label, &str)]) -> &mut Self {
        let safe: TextLine = pieces.iter().map(|(label, text)| (*label, sanitise(text).into_owned())).collect();
        let borrowed: Vec<(Label, &str)> = safe.iter().map(|(label, text)| (*label, text.as_str())).collect();
        for (number, row) in wrap(&borrowed, self.width.saturating_sub(indent)).into_iter().enumerate() {
            let mut line = Vec::new();
            if number > 0 && indent > 0 {
                line.push((Label::Plain, " ".repeat(indent)));
            }
            line.extend(row);
            self.lines.push(line);
        }
        self
    }
}

/// Breaks pieces into lines of at most `limit` columns: between words, inside a word only where it is longer than a line.
/// Yields at least one line.
fn wrap(pieces: &[(Label, &str)], limit: usize) -> Vec<TextLine> {
    let limit = limit.max(1);
    let mut lines = vec![TextLine::new()];
    let mut used = 0;
    for (label, text) in pieces {
        for word in words(text, limit) {
            // A part of a word that fits on no line is not worth a new one, unless hardly any of it fits on this.
            let bare = width(word.trim_end());
            let deserves_a_line = bare <= limit || limit.saturating_sub(used) < SHORTEST_START;
            if used > 0 && deserves_a_line && used + bare > limit {
                trim_end(lines.last_mut());
                lines.push(TextLine::new());
                used = 0;
            }
            if used + bare <= limit {
                push(lines.last_mut(), *label, word);
                used += width(word);
                continue;
            }
            for character in word.chars() {
                let columns = width(character.encode_utf8(&mut [0; 4]));
                if used + columns > limit && used > 0 {
                    lines.push(TextLine::new());
                    used = 0;
                }
                push(lines.last_mut(), *label, character.encode_utf8(&mut [0; 4]));
                used += columns;
            }
        }
    }
    trim_end(lines.last_mut());
    lines
}

/// Words with the blanks that follow them; those that are longer than a line in parts, as paths and octets have them.
fn words(text: &str, limit: usize) -> impl Iterator<Item = &str> {
    let parts = move |word| {
        let (long, short) = if width(word) > limit { (Some(word), None) } else { (None, Some(word)) };
        let parts = long.into_iter().flat_map(|word: &str| word.split_inclusive([':', '/', ',']));
        short.into_iter().chain(parts)
    };
    text.split_inclusive(' ').flat_map(parts)
}

fn push(line: Option<&mut TextLine>, label: Label, text: &str) {
    let Some(line) = line else { return };
    match line.last_mut() {
        Some((last, existing)) if *last == label => existing.push_str(text),
        _ => line.push((label, text.to_owned())),
    }
}

fn trim_end(line: Option<&mut TextLine>) {
    if let Some((_, text)) = line.and_then(|line| line.last_mut()) {
        text.truncate(text.trim_end().len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(document: &Document) -> Vec<String> {
        document.lines().iter().map(|line| line.iter().map(|(_, text)| text.as_str()).collect()).collect()
    }

    #[test]
    fn words_wrap_and_long_words_break() {
        let mut document = Document::new(10);
        document.text(Label::Plain, "one two three abcdefghijklmnop");
        assert_eq!(plain(&document), ["one two", "three", "abcdefghij", "klmnop"]);
    }

    #[test]
    fn values_hang_beside_their_field() {
        let mut document = Document::new(28);
        document.field("Subject", "CN=a b c d e f g h i");
        assert_eq!(plain(&document), ["Subject      CN=a b c d e f", "             g h i"]);
    }

    #[test]
    fn documents_stand_side_by_side() {
        let (mut left, mut right) = (Document::new(6), Document::new(6));
        left.text(Label::Plain, "one two");
        right.text(Label::Plain, "日本").text(Label::Plain, "b").text(Label::Plain, "c");
        let mut both = Document::new(14);
        both.beside(&[left, right], 2);
        assert_eq!(plain(&both), ["one     日本", "two     b", "        c"]);
    }

    #[test]
    fn foreign_text_is_escaped() {
        let mut document = Document::new(40);
        document.text(Label::Plain, "a\u{1b}[2Jb\nc").verbatim(2, "|", "x\u{202e}y");
        assert_eq!(plain(&document), ["a\\x1b[2Jb\\nc", "  | x\\u{202e}y"]);
    }

    #[test]
    fn no_line_is_wider_than_the_document() {
        for columns in 1..40 {
            let mut document = Document::new(columns);
            document.field("Subject", "CN=日本語 registry.example.com").text(Label::Plain, "a  b   c");
            let limit = columns.max(17);
            assert!(plain(&document).iter().all(|line| width(line) <= limit), "{columns}: {:?}", plain(&document));
        }
    }
}
