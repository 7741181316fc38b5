//! What a piece of text is, and the one table that says how that looks. Code that makes content knows labels, no colours.

use crate::finding::Severity;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Label {
    /// Nothing special
    #[default]
    Plain,
    /// A heading
    Heading,
    /// The path of a root, a directory or a file
    Path,
    /// What may be passed over
    Faint,
    /// An error
    Error,
    /// A warning
    Warning,
    /// Worth knowing
    Info,
    /// As it should be
    Good,
    /// The code of a rule
    Code,
    /// An engine's own words
    Quote,
    /// What would mend it
    Advice,
}

impl Label {
    /// The SGR parameters (ECMA-48 section 8.3.117) for it: the sixteen colours of the terminal's own palette alone.
    pub fn style(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Heading | Self::Path => "1",
            Self::Faint => "2",
            Self::Error => "1;31",
            Self::Warning => "33",
            Self::Info => "36",
            Self::Good | Self::Advice => "32",
            Self::Code => "35",
            Self::Quote => "3",
        }
    }
}

impl From<Severity> for Label {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Info => Self::Info,
        }
    }
}
