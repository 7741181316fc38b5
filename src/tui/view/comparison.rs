//! Two certificates or keys side by side; one below the other where there is no room for that. Each field says in a sign
//! and a word whether both sides agree.

use ratatui::layout::Rect;

use crate::tui::comparison::{self, Field, Part, Side, Thing};
use crate::tui::document::Document;
use crate::tui::standing::Standing;
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::view::paint::Painter;
use crate::tui::view::pane::draw_text;

/// The fewest columns with two sides.
const TWO_SIDES: usize = 72;
/// Columns of the sign, the word and the name of a field.
const FIELD: usize = 23;
/// Blank columns between two sides.
const GAP: usize = 2;

/// Writes the comparison.
pub fn document(state: &State, columns: usize) -> Document {
    let mut document = Document::new(columns);
    document.text(Label::Heading, "Comparison");
    let sides = match comparison::sides(state) {
        Ok(sides) => sides,
        // A mark, or what it stood on, is gone.
        Err(text) => {
            document.text(Label::Warning, &text);
            return document;
        }
    };
    for (differs, text) in comparison::summary(&sides) {
        let (label, sign) = verdict(differs);
        document.hanging(&[(label, &format!("{} ", state.glyphs.sign(sign)))], &[(Label::Plain, &text)]);
    }
    document.gap();
    let fields = comparison::fields(&sides);
    if columns >= TWO_SIDES {
        write_wide(state, &sides, &fields, &mut document);
    } else {
        write_narrow(state, &sides, &fields, &mut document);
    }
    document
}

/// Draws it.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) {
    draw_text(state.comparison.document.lines(), state.comparison.scroll, area, painter);
}

fn verdict(differs: bool) -> (Label, Sign) {
    if differs { (Label::Warning, Sign::Differs) } else { (Label::Dim, Sign::Same) }
}

/// The words for the two sides.
fn words(sides: &[Side<'_>; 2]) -> [&'static str; 2] {
    match [sides[0].thing, sides[1].thing] {
        [Thing::Certificate(_), Thing::Certificate(_)] => ["old", "new"],
        _ => ["one", "other"],
    }
}

fn write_wide(state: &State, sides: &[Side<'_>; 2], fields: &[Field], document: &mut Document) {
    let columns = (document.width() - FIELD - 2 * GAP) / 2;
    let heads = [0, 1].map(|index| {
        let mut head = Document::new(columns);
        let word = words(sides).get(index).copied().unwrap_or_default();
        if let Some(side) = sides.get(index) {
            write_side(state, side, word, &mut head);
        }
        head
    });
    let [left, right] = heads;
    document.beside(&[Document::new(FIELD), left, right], GAP);
    document.gap();
    for field in fields {
        let mut name = field_name(state, field);
        for [left, right] in values(state, field, columns) {
            document.beside(&[name, left, right], GAP);
            name = Document::new(FIELD);
        }
    }
}

/// Writes where one of the two is, and how it stands.
fn write_side(state: &State, side: &Side<'_>, word: &str, document: &mut Document) {
    let start = format!("{word:<6}");
    document.hanging(&[(Label::Field, &start)], &[(Label::Strong, &side.place)]);
    if !side.note.is_empty() {
        document.indented(start.len(), Label::Dim, &side.note);
    }
    if let Thing::Certificate(certificate) = side.thing {
        let standing = Standing::of(certificate, state.settings);
        let moments = (certificate.not_before(), certificate.not_after());
        let sign = state.glyphs.sign(standing.sign());
        let text = format!("{sign} {}", Standing::in_words(moments, state.settings));
        document.indented(start.len(), standing.label(), &text);
    }
}

/// The name of a field, and whether the sides agree in it.
fn field_name(state: &State, field: &Field) -> Document {
    let mut document = Document::new(FIELD);
    let (label, sign) = verdict(!field.is_same());
    let word = if field.is_same() { "same" } else { "differs" };
    let start = format!("{} {word:<8}", state.glyphs.sign(sign));
    document.hanging(&[(label, &start)], &[(Label::Field, &field.name)]);
    document
}

/// The values of both sides, line by line: one of a list beside the same one of the other, or beside nothing.
fn values(state: &State, field: &Field, columns: usize) -> Vec<[Document; 2]> {
    if !field.is_list() {
        let label = if field.is_same() { Label::Dim } else { Label::Plain };
        return vec![field.values.each_ref().map(|values| {
            let mut document = Document::new(columns);
            for row in rows(values.first().map_or("", String::as_str), columns) {
                document.text(label, &row);
            }
            document
        })];
    }
    let beside = |(text, part): (&str, Part)| {
        [Part::Added, Part::Removed].map(|missing| {
            let mut document = Document::new(columns);
            if part != missing {
                write_part(state, text, part, &mut document);
            }
            document
        })
    };
    field.parts().into_iter().map(beside).collect()
}

fn write_part(state: &State, text: &str, part: Part, document: &mut Document) {
    let (label, sign, word) = match part {
        Part::Both => (Label::Dim, Sign::Agrees, ""),
        Part::Removed => (Label::Warning, Sign::Removed, "  removed"),
        Part::Added => (Label::Warning, Sign::Added, "  added"),
    };
    let start = format!("{} ", state.glyphs.sign(sign));
    document.hanging(&[(label, &start)], &[(label, text), (label, word)]);
}

fn write_narrow(state: &State, sides: &[Side<'_>; 2], fields: &[Field], document: &mut Document) {
    let words = words(sides);
    for (side, word) in sides.iter().zip(words) {
        write_side(state, side, word, document);
    }
    document.gap();
    for field in fields {
        let (label, sign) = verdict(!field.is_same());
        let word = if field.is_same() { "same" } else { "differs" };
        let start = format!("{} ", state.glyphs.sign(sign));
        let name = [(Label::Field, field.name.as_str()), (label, "  "), (label, word)];
        document.hanging(&[(label, &start)], &name);
        if field.is_list() {
            for (text, part) in field.parts() {
                let mut one = Document::new(document.width().saturating_sub(2));
                write_part(state, text, part, &mut one);
                document.behind("  ", "  ", &one);
            }
        } else if field.is_same() {
            let value = field.values.iter().flatten().next().map_or("", String::as_str);
            for row in rows(value, document.width().saturating_sub(2)) {
                document.indented(2, Label::Dim, &row);
            }
        } else {
            for (value, word) in field.values.iter().flatten().zip(words) {
                let mut start = format!("  {word:<6}");
                for row in rows(value, document.width().saturating_sub(start.len())) {
                    document.hanging(&[(Label::Field, &start)], &[(Label::Plain, &row)]);
                    start = " ".repeat(start.len());
                }
            }
        }
    }
}

/// A value in rows: octets in rows of sixteen, eight or four, whatever else in one that is wrapped where it must be.
fn rows(value: &str, columns: usize) -> Vec<String> {
    let octets: Vec<&str> = value.split(':').collect();
    let is_octet = |octet: &&str| octet.len() == 2 && octet.bytes().all(|byte| byte.is_ascii_hexdigit());
    if octets.len() < 4 || !octets.iter().all(is_octet) {
        return vec![value.to_owned()];
    }
    let row = match (columns + 1) / 3 {
        16.. => 16,
        8.. => 8,
        _ => 4,
    };
    octets.chunks(row).map(|part| part.join(":")).collect()
}
