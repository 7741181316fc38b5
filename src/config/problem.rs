//! What is wrong with a file that somebody wrote by hand, and where: the line, what it says, what it could say.

use std::fmt;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::base::text::{display_name, sanitise};

/// Something that is wrong with a settings file or a theme. The rest of the file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; `None` where it is about the whole file.
    pub line: Option<usize>,
    /// What is wrong there, and what is allowed (may hold foreign text).
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, message) = (display_name(&self.path), sanitise(&self.message));
        match self.line {
            Some(line) => write!(out, "{path}:{line}: {message}"),
            None => write!(out, "{path}: {message}"),
        }
    }
}

/// A file of settings while it is taken apart.
#[derive(Debug)]
pub struct Source<'a> {
    path: &'a Path,
    text: &'a str,
    problems: Vec<Problem>,
    /// Lines that are no TOML, about which nothing more is to be said.
    broken: Vec<usize>,
}

impl<'a> Source<'a> {
    /// A file; `path` is for the problems.
    pub fn new(path: &'a Path, text: &'a str) -> Self {
        Self { path, text, problems: Vec::new(), broken: Vec::new() }
    }

    /// What it says, as far as it is TOML.
    pub fn table(&mut self) -> DeTable<'a> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let line = self.line(error.span().map_or(0, |span| span.start));
            if !self.broken.contains(&line) {
                self.broken.push(line);
                self.push(line, error.message().trim().replace('\n', ", "));
            }
        }
        table.into_inner()
    }

    /// The line of a place, from 1.
    pub fn line(&self, start: usize) -> usize {
        self.text.get(..start).unwrap_or_default().matches('\n').count() + 1
    }

    /// Takes down what is wrong at a place.
    pub fn report(&mut self, start: usize, message: String) {
        let line = self.line(start);
        if !self.broken.contains(&line) {
            self.push(line, message);
        }
    }

    /// Takes down that something is not of the kind that is allowed.
    pub fn reject(&mut self, name: &str, value: &Spanned<DeValue<'_>>, allowed: &str) {
        let message = format!("{name} cannot be {}: it is {allowed}", spelled(value.get_ref()));
        self.report(value.span().start, message);
    }

    /// Reads text.
    pub fn text_of(&mut self, name: &str, value: &Spanned<DeValue<'_>>, allowed: &str) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.reject(name, value, allowed);
        }
        text
    }

    /// Reads a list of texts, each with its place.
    pub fn texts_of(
        &mut self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        allowed: &str,
    ) -> Option<Vec<(usize, String)>> {
        let Some(array) = value.get_ref().as_array() else {
            self.reject(name, value, allowed);
            return None;
        };
        let texts = array.iter().filter_map(|item| Some((item.span().start, self.text_of(name, item, allowed)?)));
        Some(texts.collect())
    }

    /// Everything that was taken down, by line.
    pub fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.line);
        self.problems
    }

    fn push(&mut self, line: usize, message: String) {
        self.problems.push(Problem { path: self.path.to_path_buf(), line: Some(line), message });
    }
}

/// Says that a word is not among those allowed: which one was probably meant, and which there are.
pub fn unknown(what: &str, word: &str, allowed: &[&str]) -> String {
    unknown_of_many(what, word, allowed, &format!("there are {}", allowed.join(", ")))
}

/// [`unknown`] where there are too many words to name them all: `listed` says where they are.
pub fn unknown_of_many(what: &str, word: &str, allowed: &[&str], listed: &str) -> String {
    match nearest(word, allowed) {
        Some(near) => format!("unknown {what} {word}: did you mean {near}? {listed}"),
        None => format!("unknown {what} {word}: {listed}"),
    }
}

/// The word that was probably meant.
fn nearest<'a>(word: &str, allowed: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase().replace('_', "-");
    let begins = |candidate: &&&str| word.len() > 2 && (candidate.starts_with(&word) || word.starts_with(**candidate));
    let near = allowed.iter().map(|candidate| (distance(&word, candidate), *candidate)).min();
    let near = near.filter(|(edits, candidate)| *edits <= candidate.chars().count().div_ceil(3));
    near.map(|(_, candidate)| candidate).or_else(|| allowed.iter().find(begins).copied())
}

/// How many letters are to be put in, taken out or replaced to make one word the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut left = index + 1;
        let mut next = vec![left];
        for (pair, wanted) in row.windows(2).zip(&other) {
            let [diagonal, above] = pair else { continue };
            left = (diagonal + usize::from(letter != *wanted)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// A value as it may be shown in a message.
fn spelled(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{:?}", text.as_ref()),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(moment) => moment.to_string(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_was_meant_is_found() {
        let allowed = ["expires-within", "theme", "mouse"];
        assert_eq!(nearest("expire", &allowed), Some("expires-within"));
        assert_eq!(nearest("Expires_Within", &allowed), Some("expires-within"));
        assert_eq!(nearest("moose", &allowed), Some("mouse"));
        assert_eq!(nearest("x", &allowed), None);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(
            unknown("key", "teme", &allowed),
            "unknown key teme: did you mean theme? there are expires-within, theme, mouse"
        );
    }
}
