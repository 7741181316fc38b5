//! Lines of labelled text, and the paper that they are printed on. The one gate through which foreign text reaches a
//! terminal: every piece is sanitised here.

use std::io::{self, Write};

use crate::base::text::{sanitise, truncate, width};
use crate::report::label::Label;

/// How text is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appearance {
    /// With colours.
    pub color: bool,
    /// With ASCII alone (what is ours; names stay as they are).
    pub ascii: bool,
    /// Columns of the terminal; `None` where nothing is to be cut or wrapped.
    pub width: Option<usize>,
}

/// A line of labelled text.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pieces: Vec<(Label, String)>,
}

impl Line {
    /// A line that begins with `text`.
    pub fn new(label: Label, text: impl AsRef<str>) -> Self {
        Self::default().with(label, text)
    }

    /// A line of plain text.
    pub fn plain(text: impl AsRef<str>) -> Self {
        Self::new(Label::Plain, text)
    }

    /// Adds a piece. Control characters in it are made visible.
    #[must_use]
    pub fn with(mut self, label: Label, text: impl AsRef<str>) -> Self {
        let text = sanitise(text.as_ref());
        if !text.is_empty() {
            self.pieces.push((label, text.into_owned()));
        }
        self
    }

    /// Adds a piece and blanks up to `columns` columns.
    #[must_use]
    pub fn column(self, label: Label, text: impl AsRef<str>, columns: usize) -> Self {
        let text = sanitise(text.as_ref()).into_owned();
        let blanks = columns.saturating_sub(width(&text));
        self.with(label, text).with(Label::Plain, " ".repeat(blanks))
    }

    /// Columns that it takes.
    pub fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| width(text)).sum()
    }
}

/// What text is printed on.
pub struct Paper<'a> {
    out: &'a mut dyn Write,
    appearance: Appearance,
}

impl<'a> Paper<'a> {
    /// Paper that lets through to `out`.
    pub fn new(out: &'a mut dyn Write, appearance: Appearance) -> Self {
        Self { out, appearance }
    }

    /// How it draws.
    pub fn appearance(&self) -> Appearance {
        self.appearance
    }

    /// `fancy`, or `plain` where only ASCII is wanted.
    pub fn glyph<'g>(&self, fancy: &'g str, plain: &'g str) -> &'g str {
        if self.appearance.ascii { plain } else { fancy }
    }

    /// An empty line.
    ///
    /// # Errors
    /// Where the output cannot be written.
    pub fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// A line, cut at the edge of the terminal.
    ///
    /// # Errors
    /// Where the output cannot be written.
    pub fn row(&mut self, line: &Line) -> io::Result<()> {
        let mut left = self.appearance.width.unwrap_or(usize::MAX);
        let last = line.pieces.iter().rposition(|(_, text)| !text.trim_end().is_empty());
        let shown = line.pieces.get(..last.map_or(0, |last| last + 1)).unwrap_or_default();
        for (index, (label, text)) in shown.iter().enumerate() {
            let text = if Some(index) == last { text.trim_end() } else { text };
            let cut = truncate(text, left);
            left = left.saturating_sub(width(&cut));
            self.piece(*label, &cut)?;
        }
        writeln!(self.out)
    }

    /// A line, continued under `indent` blanks where the terminal is too narrow for it.
    ///
    /// # Errors
    /// Where the output cannot be written.
    pub fn paragraph(&mut self, line: &Line, indent: usize) -> io::Result<()> {
        let limit = self.appearance.width.unwrap_or(usize::MAX);
        let mut column = 0;
        for (label, text) in &line.pieces {
            for word in text.split_inclusive(' ') {
                let bare = width(word.trim_end());
                if column + bare > limit && column > indent {
                    writeln!(self.out)?;
                    write!(self.out, "{}", " ".repeat(indent))?;
                    column = indent;
                }
                self.piece(*label, word)?;
                column += width(word);
            }
        }
        writeln!(self.out)
    }

    fn piece(&mut self, label: Label, text: &str) -> io::Result<()> {
        let style = label.style();
        if self.appearance.color && !style.is_empty() && !text.is_empty() {
            write!(self.out, "\x1b[{style}m{text}\x1b[0m")
        } else {
            self.out.write_all(text.as_bytes())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(appearance: Appearance, print: impl FnOnce(&mut Paper<'_>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        print(&mut Paper::new(&mut out, appearance)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn foreign_text_cannot_colour_or_break_a_line() {
        let line = Line::plain("a\u{1b}[31m\nb").with(Label::Error, "\u{202e}c");
        assert_eq!(print(Appearance::default(), |paper| paper.row(&line)), "a\\x1b[31m\\nb\\u{202e}c\n");
    }

    #[test]
    fn colour_is_a_matter_of_the_paper() {
        let line = Line::new(Label::Error, "bad").with(Label::Plain, " thing");
        let coloured = Appearance { color: true, ..Appearance::default() };
        assert_eq!(print(coloured, |paper| paper.row(&line)), "\u{1b}[1;31mbad\u{1b}[0m thing\n");
        assert_eq!(print(Appearance::default(), |paper| paper.row(&line)), "bad thing\n");
    }

    #[test]
    fn rows_are_cut_and_paragraphs_wrapped_on_a_terminal_alone() {
        let line = Line::plain("one two three four");
        let narrow = Appearance { width: Some(10), ..Appearance::default() };
        assert_eq!(print(narrow, |paper| paper.row(&line)), "one two t…\n");
        assert_eq!(print(narrow, |paper| paper.paragraph(&line, 2)), "one two \n  three \n  four\n");
        assert_eq!(print(Appearance::default(), |paper| paper.paragraph(&line, 2)), "one two three four\n");
    }
}
