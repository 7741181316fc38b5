//! How a certificate stands in time, and how the screen says so: words, a sign, a label.

use crate::base::clock::{Timestamp, span_in_words};
use crate::pki::Certificate;
use crate::rules::Settings;
use crate::tui::theme::{Label, Sign};

/// How a certificate stands in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Not valid any more
    Expired,
    /// Valid, but not for long
    Expiring,
    /// Valid
    Valid,
    /// Not valid yet
    NotYet,
}

impl Standing {
    /// All of them, the best first.
    pub const ALL: [Self; 4] = [Self::Valid, Self::Expiring, Self::Expired, Self::NotYet];

    /// How a certificate stands.
    pub fn of(certificate: &Certificate, settings: Settings) -> Self {
        Self::new((certificate.not_before(), certificate.not_after()), settings.now, settings.expires_within)
    }

    /// How what is valid between two moments stands, where less than `soon` days are few.
    pub fn new((from, until): (Timestamp, Timestamp), now: Timestamp, soon: i64) -> Self {
        match now {
            _ if until < now => Self::Expired,
            _ if now < from => Self::NotYet,
            _ if now.days_until(until) < soon => Self::Expiring,
            _ => Self::Valid,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Expiring => "expiring",
            Self::Valid => "valid",
            Self::NotYet => "not yet",
        }
    }

    /// How what is valid between two moments stands, in words.
    pub fn in_words((from, until): (Timestamp, Timestamp), settings: Settings) -> String {
        let now = settings.now;
        let span = span_in_words(now.days_until(until));
        match Self::new((from, until), now, settings.expires_within) {
            Self::Expired => format!("expired {span} ago"),
            Self::NotYet => format!("not yet valid, for {}", span_in_words(now.days_until(from))),
            Self::Expiring => format!("expires in {span}"),
            Self::Valid => format!("valid, {span} left"),
        }
    }

    /// Its sign.
    pub fn sign(self) -> Sign {
        match self {
            Self::Expired | Self::NotYet => Sign::Error,
            Self::Expiring => Sign::Warning,
            Self::Valid => Sign::Good,
        }
    }

    /// Its label.
    pub fn label(self) -> Label {
        match self {
            Self::Expired => Label::Late,
            Self::NotYet => Label::Error,
            Self::Expiring => Label::Warning,
            Self::Valid => Label::Good,
        }
    }
}
