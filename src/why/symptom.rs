//! The vocabulary of the dictionary: a symptom is a text that engines print, a cause is what may lie behind it.

use crate::engine::Engine;

/// A text that engines print, and what it means. Its texts are ours and safe to show.
#[derive(Debug, PartialEq, Eq)]
pub struct Symptom {
    /// Its identity, in kebab-case.
    pub id: &'static str,
    /// The spellings of the innermost text, older versions' too, with `{…}` for what varies.
    pub patterns: &'static [&'static str],
    /// One of these must stand on the same line, where any is given: the same text means something else there.
    pub within: &'static [&'static str],
    /// The server in the URL is not the registry, but one that the registry refers to.
    pub is_elsewhere: bool,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What it means, in an operator's words.
    pub meaning: &'static str,
    /// What may lie behind it, the likeliest first.
    pub causes: &'static [Cause],
    /// Where the text and its meaning are from.
    pub sources: &'static [&'static str],
}

/// What may lie behind a symptom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What is the matter.
    pub title: &'static str,
    /// Where it shows.
    pub evidence: Evidence,
    /// The rules that speak about it ("CW101").
    pub codes: &'static [&'static str],
    /// What mends it, as an imperative.
    pub fix: &'static str,
    /// The engines that it concerns; all, where none is named.
    pub engines: &'static [Engine],
}

/// Where a cause shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// In the host directory: its rules find it.
    Directory,
    /// There is no directory of that name.
    NoDirectory,
    /// The engine takes no trust anchor out of the directory.
    NoAnchor,
    /// In other files or processes of this host.
    Host,
    /// In what the server sends: only a connection shows it.
    Server,
}

impl Evidence {
    /// Where to look, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Directory | Self::NoDirectory | Self::NoAnchor => "shows in the directory",
            Self::Host => "does not show in the directory: look at this host's configuration",
            Self::Server => "does not show in the directory: takes a connection to the server",
        }
    }

    /// Tells whether the directory decides it.
    pub fn is_in_directory(self) -> bool {
        !matches!(self, Self::Host | Self::Server)
    }
}

impl Symptom {
    /// A symptom without anything, for others to be written from.
    pub(super) const PLAIN: Self = Self {
        id: "",
        patterns: &[],
        within: &[],
        is_elsewhere: false,
        title: "",
        meaning: "",
        causes: &[],
        sources: &[],
    };

    /// The codes of the rules that speak about it, those of the likeliest cause first, each once.
    pub fn look(&self) -> Vec<&'static str> {
        let mut codes: Vec<&'static str> = Vec::new();
        for code in self.causes.iter().flat_map(|cause| cause.codes) {
            if !codes.contains(code) {
                codes.push(code);
            }
        }
        codes
    }
}

impl Cause {
    /// A cause that rules find in the host directory.
    pub(super) const fn in_directory(title: &'static str, codes: &'static [&'static str], fix: &'static str) -> Self {
        Self { title, evidence: Evidence::Directory, codes, fix, engines: &[] }
    }

    /// A cause that other files of the host show.
    pub(super) const fn on_host(title: &'static str, fix: &'static str) -> Self {
        Self { title, evidence: Evidence::Host, codes: &[], fix, engines: &[] }
    }

    /// A cause that only a connection shows.
    pub(super) const fn on_server(title: &'static str, fix: &'static str) -> Self {
        Self { title, evidence: Evidence::Server, codes: &[], fix, engines: &[] }
    }

    /// The same, seen elsewhere.
    pub(super) const fn seen(self, evidence: Evidence) -> Self {
        Self { evidence, ..self }
    }

    /// The same, with rules that hint at it.
    pub(super) const fn hinted(self, codes: &'static [&'static str]) -> Self {
        Self { codes, ..self }
    }

    /// The same, for some engines alone.
    pub(super) const fn only(self, engines: &'static [Engine]) -> Self {
        Self { engines, ..self }
    }
}
