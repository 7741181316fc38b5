//! An axis of time across some columns: where a moment stands, which columns a span takes, and where the calendar's marks
//! are. Knows nothing of what is drawn.

use crate::base::clock::{DAY, Timestamp};

/// A stretch of time, drawn over some columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The moment at the left edge.
    pub start: Timestamp,
    /// Seconds from edge to edge.
    pub span: i64,
    /// Columns from edge to edge.
    pub columns: u16,
}

/// Where a moment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before the left edge
    Before,
    /// In this column
    At(u16),
    /// After the right edge
    After,
}

/// The columns of a span that is in sight at least in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first column.
    pub first: u16,
    /// The last one.
    pub last: u16,
    /// It begins before the left edge.
    pub begins_before: bool,
    /// It ends after the right edge.
    pub ends_after: bool,
}

/// The distance of two marks of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The 1st, 8th, 15th and 22nd of each month
    Weeks,
    /// So many months
    Months(u32),
    /// So many years
    Years(i32),
}

impl Axis {
    /// Where a moment stands.
    pub fn place(&self, moment: Timestamp) -> Place {
        let span = i128::from(self.span.max(1));
        let from_start = i128::from(moment.0) - i128::from(self.start.0);
        match from_start {
            ..0 => Place::Before,
            seconds if seconds >= span => Place::After,
            seconds => {
                let column = u16::try_from(seconds * i128::from(self.columns) / span).ok();
                column.filter(|column| *column < self.columns).map_or(Place::After, Place::At)
            }
        }
    }

    /// The columns between two moments; where none of them is in sight, the side on which they are.
    pub fn stretch(&self, from: Timestamp, until: Timestamp) -> Result<Stretch, Place> {
        let edge = self.columns.saturating_sub(1);
        let (from, until) = (self.place(from), self.place(until));
        let (first, begins_before) = match from {
            Place::Before => (0, true),
            Place::At(column) => (column, false),
            Place::After => return Err(Place::After),
        };
        match until {
            Place::Before => Err(Place::Before),
            Place::At(last) => Ok(Stretch { first, last: last.max(first), begins_before, ends_after: false }),
            Place::After => Ok(Stretch { first, last: edge, begins_before, ends_after: true }),
        }
    }

    /// The marks of the calendar, each with its column, so far apart that their texts have room.
    pub fn marks(&self) -> Vec<(u16, String)> {
        let steps = [
            Step::Weeks,
            Step::Months(1),
            Step::Months(3),
            Step::Months(6),
            Step::Years(1),
            Step::Years(2),
            Step::Years(5),
            Step::Years(10),
            Step::Years(20),
            Step::Years(50),
        ];
        let days = (self.span / DAY).max(1);
        let has_room = |step: &&Step| step.days() * i64::from(self.columns) / days > step.label_columns();
        let step = steps.iter().find(has_room).copied().unwrap_or(Step::Years(100));
        let mut marks: Vec<(u16, String)> = Vec::new();
        let Some(mut next) = step.floor(self.start) else { return marks };
        while let Some((moment, label)) = next.moment() {
            match self.place(moment) {
                Place::Before => {}
                Place::At(column) => marks.push((column, label)),
                Place::After => break,
            }
            next = next.next();
        }
        marks
    }
}

/// A mark of the calendar.
#[derive(Clone, Copy, Debug)]
struct Mark {
    step: Step,
    year: i32,
    /// From 0
    month: u32,
    day: u32,
}

impl Step {
    /// About how many days it takes, no more.
    fn days(self) -> i64 {
        match self {
            Self::Weeks => 6,
            Self::Months(months) => i64::from(months) * 28,
            Self::Years(years) => i64::from(years) * 365,
        }
    }

    /// Columns that a text and a blank take: `11-24`, `2026-11` or `2026`.
    fn label_columns(self) -> i64 {
        match self {
            Self::Weeks => 6,
            Self::Months(_) => 8,
            Self::Years(_) => 5,
        }
    }

    /// A mark that is not after a moment, with less than a step and a month between them.
    fn floor(self, moment: Timestamp) -> Option<Mark> {
        let (year, month) = moment.year_month()?;
        let month = month.saturating_sub(1);
        let (year, month) = match self {
            Self::Weeks => (year, month),
            Self::Months(months) => (year, month - month % months.max(1)),
            Self::Years(years) => (year - year.rem_euclid(years.max(1)), 0),
        };
        Some(Mark { step: self, year, month, day: 1 })
    }
}

impl Mark {
    fn next(self) -> Self {
        match self.step {
            Step::Weeks if self.day < 22 => Self { day: self.day + 7, ..self },
            Step::Weeks => Self { day: 1, ..self }.after_months(1),
            Step::Months(months) => self.after_months(months),
            Step::Years(years) => Self { year: self.year.saturating_add(years), ..self },
        }
    }

    fn after_months(self, months: u32) -> Self {
        let month = self.month + months;
        let years = i32::try_from(month / 12).unwrap_or_default();
        Self { year: self.year.saturating_add(years), month: month % 12, ..self }
    }

    /// When it is, and its text; `None` behind the end of the calendar.
    fn moment(self) -> Option<(Timestamp, String)> {
        let moment = Timestamp::from_civil((self.year, self.month + 1, self.day), (0, 0, 0))?;
        let label = match self.step {
            Step::Weeks => format!("{:02}-{:02}", self.month + 1, self.day),
            Step::Months(_) => format!("{:04}-{:02}", self.year, self.month + 1),
            Step::Years(_) => format!("{:04}", self.year),
        };
        Some((moment, label))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn axis(start: (i32, u32, u32), days: i64, columns: u16) -> Axis {
        Axis { start: Timestamp::from_civil(start, (0, 0, 0)).unwrap(), span: days * DAY, columns }
    }

    #[test]
    fn a_span_is_clipped_at_both_edges() {
        let axis = axis((2026, 1, 1), 100, 50);
        let day = |days: i64| axis.start.plus_days(days);
        let stretch = |first, last, begins_before, ends_after| Ok(Stretch { first, last, begins_before, ends_after });
        assert_eq!(axis.stretch(day(10), day(20)), stretch(5, 10, false, false));
        assert_eq!(axis.stretch(day(-10), day(20)), stretch(0, 10, true, false));
        assert_eq!(axis.stretch(day(10), day(100)), stretch(5, 49, false, true));
        assert_eq!(axis.stretch(day(10), day(10)), stretch(5, 5, false, false));
        assert_eq!(axis.stretch(day(20), day(10)), stretch(10, 10, false, false), "ends before it begins");
        assert_eq!(axis.stretch(day(-20), day(-10)), Err(Place::Before));
        assert_eq!(axis.stretch(day(100), day(200)), Err(Place::After));
        assert_eq!(Axis { columns: 0, ..axis }.stretch(day(10), day(20)), Err(Place::After), "no column at all");
    }

    #[test]
    fn marks_are_as_fine_as_there_is_room() {
        let labels = |axis: Axis| axis.marks().into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(" ");
        assert_eq!(labels(axis((2026, 11, 9), 30, 44)), "11-15 11-22 12-01 12-08");
        assert_eq!(labels(axis((2026, 11, 9), 90, 44)), "2026-12 2027-01 2027-02");
        assert_eq!(labels(axis((2026, 5, 24), 730, 44)), "2026-07 2027-01 2027-07 2028-01");
        assert_eq!(labels(axis((2020, 1, 1), 7305, 44)), "2020 2025 2030 2035");
    }

    proptest! {
        #[test]
        fn marks_never_overlap_and_end(start in -10_000_000_000i64..250_000_000_000, days in 1i64..40_000, columns in 0u16..300) {
            let axis = Axis { start: Timestamp(start), span: days * DAY, columns };
            let marks = axis.marks();
            for pair in marks.windows(2) {
                prop_assert!(usize::from(pair[0].0) + pair[0].1.len() < usize::from(pair[1].0), "{:?}", marks);
            }
            prop_assert!(marks.iter().all(|(column, _)| *column < columns));
        }

        #[test]
        fn places_keep_their_order(start: i64, span: i64, columns: u16, one: i64, other: i64) {
            let axis = Axis { start: Timestamp(start), span, columns };
            let rank = |moment: i64| match axis.place(Timestamp(moment)) {
                Place::Before => -1,
                Place::At(column) => i32::from(column),
                Place::After => i32::from(u16::MAX) + 1,
            };
            prop_assert!(rank(one.min(other)) <= rank(one.max(other)));
        }
    }
}
