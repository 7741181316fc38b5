//! Moments in time as certificates use them: whole seconds in UTC. The only room that knows the calendar.

use chrono::{DateTime, Datelike as _, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// A moment, in seconds since 1970-01-01T00:00:00Z (negative before).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment of a date and time of day in UTC; `None` where the calendar has no such moment.
    pub fn from_civil(date: (i32, u32, u32), time: (u32, u32, u32)) -> Option<Self> {
        let date = NaiveDate::from_ymd_opt(date.0, date.1, date.2)?;
        let moment = date.and_hms_opt(time.0, time.1, time.2)?;
        Some(Self(moment.and_utc().timestamp()))
    }

    /// Reads RFC 3339 text ("2026-11-24T12:00:00Z").
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|moment| Self(moment.timestamp()))
    }

    /// The present moment by the machine's clock.
    pub fn now() -> Self {
        Self(Utc::now().timestamp())
    }

    /// Whole days from `self` to `later`: 0 within the first day; negative once `later` has passed, -1 within the first.
    pub fn days_until(self, later: Self) -> i64 {
        match later.0.saturating_sub(self.0) {
            passed @ ..0 => (passed / DAY).min(-1),
            left => left / DAY,
        }
    }

    /// This moment, `days` later.
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(DAY)))
    }

    /// The date in UTC, as in "2026-11-24".
    pub fn date(self) -> String {
        match self.civil() {
            Some(moment) => moment.format("%Y-%m-%d").to_string(),
            None => format!("@{}", self.0),
        }
    }

    /// Year and month in UTC, the month from 1; `None` where the calendar has no such moment.
    pub fn year_month(self) -> Option<(i32, u32)> {
        self.civil().map(|moment| (moment.year(), moment.month()))
    }

    /// Date and time in UTC, as in "2026-11-24T12:00:00Z" (RFC 3339).
    pub fn rfc3339(self) -> String {
        match self.civil() {
            Some(moment) => moment.to_rfc3339_opts(SecondsFormat::Secs, true),
            None => format!("@{}", self.0),
        }
    }

    fn civil(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.0, 0)
    }
}

/// Tells a distance in days as people say it: "12 days", "1 day", "3 months", "2 years".
pub fn span_in_words(days: i64) -> String {
    let days = days.abs();
    let (count, unit) = match days {
        0..=90 => (days, "day"),
        91..=729 => (days / 30, "month"),
        _ => (days / 365, "year"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_dates_round_trip() {
        let moment = Timestamp::from_civil((2026, 11, 24), (12, 30, 5)).unwrap();
        assert_eq!(moment.rfc3339(), "2026-11-24T12:30:05Z");
        assert_eq!(Timestamp::parse_rfc3339(&moment.rfc3339()), Some(moment));
        assert_eq!(Timestamp::from_civil((2026, 2, 30), (0, 0, 0)), None);
    }

    #[test]
    fn days_are_whole_before_and_after() {
        let now = Timestamp(0);
        assert_eq!([1, 2].map(|days| now.days_until(Timestamp(days * DAY + 60))), [1, 2]);
        assert_eq!([1, 2].map(|days| now.days_until(Timestamp(-days * DAY - 60))), [-1, -2]);
        assert_eq!(now.days_until(Timestamp(DAY - 1)), 0);
        assert_eq!(now.days_until(Timestamp(-1)), -1);
        assert_eq!(now.plus_days(30).date(), "1970-01-31");
    }

    #[test]
    fn extreme_moments_have_a_text() {
        assert_eq!(Timestamp(i64::MAX).date(), "@9223372036854775807");
        assert_eq!(Timestamp(i64::MIN).days_until(Timestamp(i64::MAX)), i64::MAX / DAY);
    }
}
