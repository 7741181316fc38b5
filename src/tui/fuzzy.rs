//! What is typed into a search, and where a text holds it: letter by letter as it stands there, or, from four letters on,
//! with gaps (`rgexample` is in `registry.example`), as long as these are few or end where words begin.
//!
//! Several words must all be held, in any order. Neither case nor accents matter.

use memchr::memmem::Finder;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Utf32Str};

/// Words that are searched for.
#[derive(Debug, Default)]
pub struct Pattern {
    words: Vec<Word>,
}

/// What the search for one word needs.
#[derive(Debug)]
struct Word {
    finder: Finder<'static>,
    /// The word without colons, where it may be octets in hexadecimal.
    octets: Option<Finder<'static>>,
    atom: Atom,
    /// It has no accents, and finds letters that have.
    is_plain: bool,
}

/// Scratch space of the search.
#[derive(Debug)]
pub struct Matcher {
    inner: nucleo_matcher::Matcher,
    buffer: Vec<char>,
}

impl Default for Matcher {
    fn default() -> Self {
        Self { inner: nucleo_matcher::Matcher::new(Config::DEFAULT), buffer: Vec::new() }
    }
}

impl Pattern {
    /// The most words that are heeded.
    pub const MOST: usize = 8;

    /// Takes apart what was typed.
    pub fn new(text: &str) -> Self {
        Self { words: text.split_whitespace().take(Self::MOST).map(Word::new).collect() }
    }

    /// Tells whether nothing is searched for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// One bit for each word, all set.
    pub fn all(&self) -> u8 {
        self.words.iter().fold(0, |mask, _| (mask << 1) | 1)
    }

    /// Which words a text holds, one bit each. Its lines are searched apart; so are its octets, in hexadecimal without
    /// colons, in which gaps mean nothing. All of it is in lower case.
    pub fn held_by(&self, text: &str, octets: &str, matcher: &mut Matcher) -> u8 {
        let bit = |(index, word): (usize, &Word)| u8::from(word.is_in(text, octets, matcher)) << index;
        self.words.iter().enumerate().map(bit).fold(0, |mask, bit| mask | bit)
    }

    /// Where a text holds any of the words, as indices of its characters, in order.
    pub fn hits(&self, text: &str, matcher: &mut Matcher) -> Vec<usize> {
        let mut hits: Vec<usize> = self.words.iter().flat_map(|word| word.hits(text, matcher)).collect();
        hits.sort_unstable();
        hits.dedup();
        hits
    }

    /// Tells whether a text holds all words, however short, with few gaps, and how well.
    pub fn rank(&self, text: &str, matcher: &mut Matcher) -> Option<(u32, Vec<usize>)> {
        let mut total = 0;
        let mut hits = Vec::new();
        let text = Utf32Str::new(text, &mut matcher.buffer);
        for word in &self.words {
            let score = word.atom.indices(text, &mut matcher.inner, &mut hits)?;
            if !is_close(word.atom.needle_text(), score) {
                return None;
            }
            total += u32::from(score);
        }
        hits.sort_unstable();
        hits.dedup();
        Some((total, hits.into_iter().map(|index| index as usize).collect()))
    }
}

/// The fewest letters that are searched with gaps: fewer are nearly everywhere.
const FEWEST: usize = 4;
/// What a letter counts. Gaps take from it, beginnings of words add to it.
const LETTER: usize = 16;

impl Word {
    fn new(text: &str) -> Self {
        let lower = text.to_lowercase();
        let is_octets = lower.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
        let octets: String = lower.chars().filter(|letter| *letter != ':').collect();
        Self {
            finder: Finder::new(lower.as_bytes()).into_owned(),
            octets: (is_octets && !octets.is_empty()).then(|| Finder::new(octets.as_bytes()).into_owned()),
            is_plain: lower.is_ascii(),
            atom: Atom::new(text, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false),
        }
    }

    fn is_in(&self, text: &str, octets: &str, matcher: &mut Matcher) -> bool {
        let is_part = self.finder.find(text.as_bytes()).is_some();
        if is_part || self.octets.as_ref().is_some_and(|finder| finder.find(octets.as_bytes()).is_some()) {
            return true;
        }
        let needle = self.atom.needle_text();
        let is_plain = text.is_ascii();
        matcher.inner.config.normalize = self.is_plain;
        if is_plain && needle.len() < FEWEST {
            return false;
        }
        text.split('\n').any(|line| {
            let line = Utf32Str::new(line, &mut matcher.buffer);
            let close = |score: Option<u16>| score.is_some_and(|score| is_close(needle, score));
            (!is_plain && matcher.inner.substring_match(line, needle).is_some())
                || (needle.len() >= FEWEST && close(matcher.inner.fuzzy_match_greedy(line, needle)))
        })
    }

    fn hits(&self, text: &str, matcher: &mut Matcher) -> Vec<usize> {
        let needle = self.atom.needle_text();
        matcher.inner.config.normalize = self.is_plain;
        let line = Utf32Str::new(text, &mut matcher.buffer);
        let mut hits = Vec::new();
        if matcher.inner.substring_indices(line, needle, &mut hits).is_none() {
            hits.clear();
            let score = matcher.inner.fuzzy_indices(line, needle, &mut hits);
            if needle.len() < FEWEST || !score.is_some_and(|score| is_close(needle, score)) {
                hits.clear();
            }
        }
        hits.into_iter().map(|index| index as usize).collect()
    }
}

/// Tells whether the gaps take no more than the beginnings of words add.
fn is_close(needle: Utf32Str<'_>, score: u16) -> bool {
    usize::from(score) >= LETTER * needle.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, typed: &str) -> bool {
        let pattern = Pattern::new(typed);
        pattern.held_by(&text.to_lowercase(), "", &mut Matcher::default()) == pattern.all()
    }

    #[test]
    fn parts_and_near_parts_are_found() {
        for typed in ["registry", "EXAMPLE", "rgexample", "regex", "5000 registry", "", "rexa5000"] {
            assert!(holds("Registry.example.com:5000", typed), "{typed}");
        }
        for typed in ["rgx", "gxc5", "registries", "eeee", "registry nowhere"] {
            assert!(!holds("registry.example.com:5000", typed), "{typed}");
        }
        assert!(holds("CN=Größe", "GRÖ") && holds("CN=Größe", "grosse") == holds("CN=Größe", "grösse"));
    }

    #[test]
    fn octets_are_found_with_and_without_colons() {
        let found = |typed: &str| Pattern::new(typed).held_by("cn=x", "0a1b2c3d4e5f", &mut Matcher::default()) == 1;
        assert!(found("1B:2C:3D") && found("1b2c3d") && !found("0a3d5f"));
    }

    #[test]
    fn hits_are_the_letters_that_are_found() {
        let hits = |text: &str, typed: &str| -> String {
            let indices = Pattern::new(typed).hits(text, &mut Matcher::default());
            text.chars().enumerate().map(|(at, letter)| if indices.contains(&at) { letter } else { '.' }).collect()
        };
        assert_eq!(hits("registry.example:5000", "exam 50"), ".........exam....50..");
        assert_eq!(hits("registry.example", "regex"), "reg......ex.....");
        assert_eq!(hits("CN=Größe", "grö"), "...Grö..");
        assert_eq!(hits("registry", "zzzz"), "........");
    }
}
