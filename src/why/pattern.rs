//! Finds a known text with variable parts in a longer one. What the texts mean is told elsewhere.
//!
//! A pattern is literal text with captures: `{name}` takes as little as it can before the next literal, or one word at the
//! end; `{name:.key}` takes as little as it can that ends in `.key`; `{name…}` takes the rest of the line. A capture is
//! never empty and never goes beyond its line. `{path}` takes only what looks like a file or directory of certificates.

use memchr::memmem;

/// A pattern, taken apart.
#[derive(Debug)]
pub(super) struct Pattern {
    parts: Vec<Part>,
    /// How many bytes of it are literal: of two patterns that fit, the one that says more is the better.
    pub(super) weight: usize,
}

#[derive(Debug)]
enum Part {
    Literal(&'static str),
    Capture { name: &'static str, end: End },
}

/// Where a capture ends.
#[derive(Debug)]
enum End {
    /// Before the next literal, or at the end of the word.
    Soon,
    /// After this suffix.
    Suffix(&'static str),
    /// At the end of the line.
    Line,
}

/// A place in a text that a pattern fits.
#[derive(Debug)]
pub(super) struct Match<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) captures: Vec<(&'static str, &'a str)>,
}

impl Pattern {
    pub(super) fn new(text: &'static str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, capture)) = rest.split_once('{') {
            let (inner, behind) = capture.split_once('}').unwrap_or((capture, ""));
            if !literal.is_empty() {
                parts.push(Part::Literal(literal));
            }
            parts.push(match (inner.strip_suffix('…'), inner.split_once(':')) {
                (Some(name), _) => Part::Capture { name, end: End::Line },
                (None, Some((name, suffix))) => Part::Capture { name, end: End::Suffix(suffix) },
                (None, None) => Part::Capture { name: inner, end: End::Soon },
            });
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest));
        }
        let literals = parts.iter().map(|part| if let Part::Literal(text) = part { text.len() } else { 0 });
        let weight = literals.sum();
        Self { parts, weight }
    }

    /// All places that it fits, from left to right, none within another.
    ///
    /// Takes time in proportion to the text, whatever the text is: where a literal is missing from the rest of a line, that
    /// line is done with.
    pub(super) fn find_all<'s, 'a: 's>(&'s self, text: &'a str) -> impl Iterator<Item = Match<'a>> + use<'s, 'a> {
        let head = self.head();
        let finder = memmem::Finder::new(head);
        let mut from = 0;
        std::iter::from_fn(move || {
            loop {
                let start = from + finder.find(text.as_bytes().get(from..)?)?;
                if !is_boundary_before(text, start) {
                    from = start + head.len();
                    continue;
                }
                let line_end = line_end(text, start);
                let Some(found) = self.fit(text, start, line_end) else {
                    // A pattern with a capture looks through the whole line.
                    from = if self.parts.len() == 1 { start + head.len() } else { line_end };
                    continue;
                };
                let found = self.later_start(text, &found, line_end).unwrap_or(found);
                from = found.end;
                if found.captures.iter().all(|(name, value)| *name != "path" || names_certificates(value)) {
                    return Some(found);
                }
            }
        })
    }

    /// The place that ends at the end of `text`, in its last line.
    pub(super) fn find_at_end<'a>(&self, text: &'a str) -> Option<Match<'a>> {
        let line = text.rfind('\n').map_or(0, |newline| newline + 1);
        let start = line + memmem::rfind(text.as_bytes().get(line..)?, self.head().as_bytes())?;
        let found = self.fit(text, start, text.len())?;
        (found.end == text.len() && is_boundary_before(text, start)).then_some(found)
    }

    /// The literal that it begins with.
    fn head(&self) -> &'static str {
        match self.parts.first() {
            Some(Part::Literal(text)) => text,
            _ => "",
        }
    }

    /// Where the beginning occurs again inside the first capture ("read a: read b: is a directory"), the text begins there.
    fn later_start<'a>(&self, text: &'a str, found: &Match<'a>, line_end: usize) -> Option<Match<'a>> {
        let (_, first) = found.captures.first()?;
        let again = found.start + self.head().len() + first.rfind(self.head())?;
        let later = self.fit(text, again, line_end)?;
        (is_boundary_before(text, again) && later.end == found.end).then_some(later)
    }

    /// Fits the pattern to the text at `start`, up to the end of the line.
    fn fit<'a>(&self, text: &'a str, start: usize, line_end: usize) -> Option<Match<'a>> {
        let mut captures = Vec::new();
        let mut at = start;
        let mut parts = self.parts.iter().peekable();
        while let Some(part) = parts.next() {
            let rest = text.get(at..line_end)?;
            let (name, end) = match part {
                Part::Literal(literal) => {
                    at += rest.strip_prefix(literal).map(|_| literal.len())?;
                    continue;
                }
                Part::Capture { name, end } => (*name, end),
            };
            let length = match (end, parts.peek()) {
                (End::Line, _) => detail_length(rest),
                (End::Suffix(suffix), _) => find_suffix(rest, suffix)?,
                (End::Soon, Some(Part::Literal(next))) => memmem::find(rest.as_bytes(), next.as_bytes())?,
                (End::Soon, _) => word_length(rest),
            };
            captures.push((name, rest.get(..length).filter(|value| !value.is_empty())?));
            at += length;
        }
        is_boundary_after(text, at).then_some(Match { start, end: at, captures })
    }
}

/// Tells whether a path is one that engines look for certificates at. Other files that cannot be opened are not our concern.
pub(super) fn names_certificates(path: &str) -> bool {
    let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_root = |name: &str| name == "certs.d" || name == "cert.d";
    // "read A: open A" holds two errors, not one path.
    let is_one = !path.contains(": ");
    let is_ours = path.split(['/', '\\']).any(is_root)
        || [".crt", ".cert", ".key", ".pem"].iter().any(|end| last.ends_with(end))
        || last == "hosts.toml";
    is_one && is_ours
}

fn line_end(text: &str, from: usize) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(text.len(), |length| from + length)
}

/// The length up to and with the first `suffix` that ends a name.
fn find_suffix(text: &str, suffix: &str) -> Option<usize> {
    memmem::find_iter(text.as_bytes(), suffix.as_bytes()).map(|at| at + suffix.len()).find(|end| {
        let behind = text.get(*end..).unwrap_or_default();
        let goes_on = |behind: &str| behind.starts_with(|next: char| next.is_alphanumeric() || "_-.".contains(next));
        !goes_on(behind.strip_prefix('.').unwrap_or(behind))
    })
}

/// The length of the rest of a line, without what a log puts behind it: closing quotes, and `" host=…`.
fn detail_length(text: &str) -> usize {
    let is_field = |behind: &str| {
        let name = behind.split('=').next().unwrap_or_default();
        name.len() < behind.len()
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let mut ends = text.match_indices("\" ").map(|(at, quote)| (at, at + quote.len())).take(64);
    let end = ends.find(|(_, behind)| text.get(*behind..).is_some_and(is_field));
    let detail = end.and_then(|(at, _)| text.get(..at)).unwrap_or(text);
    detail.trim_end_matches([' ', '\t', '"', '\\', '}', '.']).len()
}

/// The length of the first word, without the punctuation that ends it.
fn word_length(text: &str) -> usize {
    let word = text.split([' ', '\t', '"', '\'', '`', '<', '>', '(', ')', '{', '}', '\\']).next().unwrap_or_default();
    word.trim_end_matches(['.', ',', ';', ':', '!']).len()
}

/// A text does not begin inside a word.
fn is_boundary_before(text: &str, at: usize) -> bool {
    !text.get(..at).is_some_and(|before| before.ends_with(|last: char| last.is_alphanumeric() || last == '_'))
}

/// A text that ends in a word does not end inside it.
fn is_boundary_after(text: &str, at: usize) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let inside = text.get(..at).is_some_and(|own| own.ends_with(is_word));
    !(inside && text.get(at..).is_some_and(|behind| behind.starts_with(is_word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captures<'a>(pattern: &'static str, text: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let pattern = Pattern::new(pattern);
        pattern.find_all(text).next().map(|found| found.captures)
    }

    #[test]
    fn captures_end_where_they_are_told_to() {
        let missing = "missing key {key} for client certificate {file:.cert}";
        let found = captures(missing, "daemon: missing key my ca.key for client certificate my ca.cert. CA").unwrap();
        assert_eq!(found, [("key", "my ca.key"), ("file", "my ca.cert")]);
        assert_eq!(captures("key {file:.key}", "for key a.key.key.\nSee").unwrap(), [("file", "a.key.key")]);
        assert_eq!(captures("not {host}", "is valid for a, not b.test:5000.\n").unwrap(), [("host", "b.test:5000")]);
        assert_eq!(
            captures("key: {detail…}", "key: asn1: bad \"x\" tag\"\nnext").unwrap(),
            [("detail", "asn1: bad \"x\" tag")]
        );
    }

    #[test]
    fn the_last_beginning_before_the_end_counts() {
        let read = "read {path}: is a directory";
        let found =
            captures(read, "failed to read /c/certs.d/h/a.crt: read /c/certs.d/h/a.crt: is a directory").unwrap();
        assert_eq!(found, [("path", "/c/certs.d/h/a.crt")]);
    }

    #[test]
    fn words_are_not_cut_and_other_files_do_not_concern_us() {
        assert!(captures("EOF", "unEOFed").is_none());
        assert!(captures("open {path}: permission denied", "open /var/run/docker.sock: permission denied").is_none());
        assert!(captures("open {path}: permission denied", "reopen /a/ca.crt: permission denied").is_none());
        let second = "open /run/x: permission denied\nopen /etc/docker/certs.d/h: permission denied";
        assert!(captures("open {path}: permission denied", second).is_some());
    }
}
