//! How a certificate stands with time.

use crate::base::clock::{Timestamp, span_in_words};
use crate::pki::{Certificate, Validity};
use crate::report::label::Label;

/// How a certificate stands with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is valid for a while.
    Valid,
    /// It will expire soon.
    Expiring,
    /// It has expired.
    Expired,
    /// It is not yet valid.
    NotYet,
}

impl State {
    /// The state of a certificate at `now`, where less than `expires_within` days is soon.
    pub fn of(certificate: &Certificate, now: Timestamp, expires_within: i64) -> Self {
        match certificate.validity(now) {
            Validity::Expired => Self::Expired,
            Validity::NotYet => Self::NotYet,
            Validity::Valid if certificate.not_after() <= now.plus_days(expires_within) => Self::Expiring,
            Validity::Valid => Self::Valid,
        }
    }

    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::NotYet => "not-yet-valid",
        }
    }

    /// How it looks.
    pub fn label(self) -> Label {
        match self {
            Self::Valid => Label::Good,
            Self::Expiring => Label::Warning,
            Self::Expired | Self::NotYet => Label::Error,
        }
    }
}

/// The days that are left in words: "in 3 months", "12 days ago", "today".
pub fn distance(now: Timestamp, moment: Timestamp) -> String {
    let days = now.days_until(moment);
    match days {
        0 => "today".to_owned(),
        ..0 => format!("{} ago", span_in_words(days)),
        _ => format!("in {}", span_in_words(days)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_told_as_people_do() {
        let now = Timestamp::from_civil((2026, 11, 24), (12, 0, 0)).unwrap();
        assert_eq!(distance(now, now), "today");
        assert_eq!(distance(now, now.plus_days(20)), "in 20 days");
        assert_eq!(distance(now, now.plus_days(-12)), "12 days ago");
        assert_eq!(distance(now, now.plus_days(400)), "in 13 months");
    }

    #[test]
    fn a_certificate_expires_soon_up_to_the_last_of_the_days() {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
        let certificate = Certificate::parse(certificate.der()).unwrap();
        let at = |days: i64| State::of(&certificate, certificate.not_after().plus_days(-days), 30);
        assert_eq!([at(31), at(30), at(0), at(-1)], [State::Valid, State::Expiring, State::Expiring, State::Expired]);
        assert_eq!(State::of(&certificate, certificate.not_before().plus_days(-1), 30), State::NotYet);
    }
}
