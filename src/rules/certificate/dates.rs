//! The ends of a validity as messages tell them.

use crate::base::clock::{Timestamp, span_in_words};

/// "expired 12 days ago, on 2026-11-11"
pub fn expired(end: Timestamp, now: Timestamp) -> String {
    format!("expired {} ago, on {}", span(end, now), end.date())
}

/// "expires in 12 days, on 2026-12-06"
pub fn expires(end: Timestamp, now: Timestamp) -> String {
    format!("expires in {}, on {}", span(now, end), end.date())
}

/// "is not valid for another 12 days, until 2026-12-06"
pub fn begins(start: Timestamp, now: Timestamp) -> String {
    format!("is not valid for another {}, until {}", span(now, start), start.date())
}

fn span(from: Timestamp, to: Timestamp) -> String {
    match from.days_until(to) {
        0 => "less than a day".to_owned(),
        days => span_in_words(days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::DAY;

    #[test]
    fn a_span_below_a_day_has_words_too() {
        let now = Timestamp(10 * DAY);
        assert_eq!(expired(Timestamp(10 * DAY - 60), now), "expired less than a day ago, on 1970-01-10");
        assert_eq!(expired(Timestamp(8 * DAY), now), "expired 2 days ago, on 1970-01-09");
        assert_eq!(expires(Timestamp(11 * DAY), now), "expires in 1 day, on 1970-01-12");
        assert_eq!(begins(Timestamp(17 * DAY), now), "is not valid for another 7 days, until 1970-01-18");
    }
}
