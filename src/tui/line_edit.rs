//! One line of text that somebody types.

use crate::base::text::width;
use crate::tui::action::Edit;

/// The longest line, in characters, where nothing else is asked for.
const LIMIT: usize = 200;

/// A line with a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineEdit {
    text: Vec<char>,
    cursor: usize,
    limit: usize,
}

impl Default for LineEdit {
    fn default() -> Self {
        Self { text: Vec::new(), cursor: 0, limit: LIMIT }
    }
}

impl LineEdit {
    /// A line of at most `limit` characters that begins with a text.
    pub fn new(text: &str, limit: usize) -> Self {
        let mut line = Self { limit, ..Self::default() };
        line.apply(&Edit::Insert(text.to_owned()));
        line
    }

    /// The text.
    pub fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// Columns before the cursor.
    pub fn cursor_column(&self) -> usize {
        width(&self.text.iter().take(self.cursor).collect::<String>())
    }

    /// Changes it.
    pub fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Insert(text) => {
                // A control character cannot be searched for, and would not be seen.
                for character in text.chars().filter(|character| !character.is_control()) {
                    if self.text.len() < self.limit {
                        self.text.insert(self.cursor, character);
                        self.cursor += 1;
                    }
                }
            }
            Edit::Backspace => self.delete_from(self.cursor.saturating_sub(1)),
            Edit::Delete if self.cursor < self.text.len() => {
                self.text.remove(self.cursor);
            }
            Edit::Delete => {}
            Edit::DeleteWord => {
                let before = self.text.get(..self.cursor).unwrap_or_default();
                let word_end = before.iter().rposition(|character| *character != ' ').map_or(0, |last| last + 1);
                let word = before.get(..word_end).unwrap_or_default();
                self.delete_from(word.iter().rposition(|character| *character == ' ').map_or(0, |blank| blank + 1));
            }
            Edit::DeleteAll => self.delete_from(0),
            Edit::Left => self.cursor = self.cursor.saturating_sub(1),
            Edit::Right => self.cursor = (self.cursor + 1).min(self.text.len()),
            Edit::Home => self.cursor = 0,
            Edit::End => self.cursor = self.text.len(),
        }
    }

    fn delete_from(&mut self, start: usize) {
        self.text.drain(start..self.cursor);
        self.cursor = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_at_the_cursor() {
        let mut line = LineEdit::default();
        for edit in
            [Edit::Insert("registry example".into()), Edit::DeleteWord, Edit::Insert("日x\n".into()), Edit::Left]
        {
            line.apply(&edit);
        }
        assert_eq!((line.text().as_str(), line.cursor_column()), ("registry 日x", 11));
        for edit in [Edit::Backspace, Edit::Delete, Edit::Delete, Edit::Home, Edit::Backspace] {
            line.apply(&edit);
        }
        assert_eq!(line.text(), "registry ");
        line.apply(&Edit::End);
        line.apply(&Edit::DeleteAll);
        assert_eq!(line, LineEdit::default());
    }
}
