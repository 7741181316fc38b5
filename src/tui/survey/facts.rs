//! What is counted over everything that was read: certificates, expiry, hosts, engines, and what is most urgent. Taken in
//! host by host, so that it can be spread over many frames.

use crate::engine::{Judge, Load, LoadErrorKind, StepOutcome};
use crate::finding::Severity;
use crate::model::File;
use crate::rules::Settings;
use crate::tui::entry::{ReadHost, Tally, certificates_of};
use crate::tui::quick::is_unread;
use crate::tui::standing::Standing;
use crate::tui::tree::Row;

/// The most things that are called urgent.
pub const URGENT: usize = 10;
/// The most host directories that are named.
pub const WORST: usize = 5;

/// Spans of time in which certificates expire: so many days at most, and the words for it.
pub const BANDS: [(i64, &str); 8] = [
    (0, "expired"),
    (7, "in 7 days"),
    (30, "in 30 days"),
    (90, "in 90 days"),
    (365, "in a year"),
    (730, "in 2 years"),
    (1_826, "in 5 years"),
    (i64::MAX, "later"),
];

/// Everything that is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Certificates by how they stand, in the order of [`Standing::ALL`].
    pub certificates: [usize; 4],
    /// Certificates by when they expire, in the order of [`BANDS`].
    pub bands: [usize; BANDS.len()],
    /// Private keys.
    pub keys: usize,
    /// Files.
    pub files: usize,
    /// Files that no engine reads, or that cannot be read.
    pub unread: usize,
    /// Host directories with an error; with warnings alone; with neither.
    pub hosts: [usize; 3],
    /// Those with the most errors and warnings, the worst first.
    pub worst: Vec<(Tally, usize)>,
    /// What each engine makes of the host directories.
    pub engines: Vec<EngineFacts>,
    /// What is most urgent, the most urgent first.
    pub urgent: Vec<Urgent>,
}

/// What an engine makes of all host directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineFacts {
    /// The engine.
    pub judge: Judge,
    /// Its judgement is in force.
    pub judges: bool,
    /// So many it accepts.
    pub accepts: usize,
    /// So many it refuses, or waits for for ever.
    pub refuses: usize,
    /// So many of which that cannot be told.
    pub unknown: usize,
}

/// Something that somebody should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Urgent {
    /// The file or host directory.
    pub row: Row,
    /// The worst that is wrong with it.
    pub severity: Severity,
    /// Index of that finding among those of its host directory; `None` where only time is against it.
    pub finding: Option<usize>,
    /// Days until it expires, where it has or will soon.
    pub days: Option<i64>,
    /// An engine whose judgement is in force refuses the host directory for it.
    pub refused: bool,
}

impl Urgent {
    /// The smaller, the more urgent: what fails, then what expires or did, nearest to now, then what else is bad.
    fn rank(&self) -> (u8, u64, std::cmp::Reverse<Severity>) {
        let (kind, distance) = match (self.refused, self.days) {
            (true, _) => (0, 0),
            (false, Some(days)) => (1, days.unsigned_abs()),
            (false, None) => (2, 0),
        };
        (kind, distance, std::cmp::Reverse(self.severity))
    }
}

impl Facts {
    /// Nothing counted yet, for these engines, each with whether its judgement is in force.
    pub fn new(judges: impl IntoIterator<Item = (Judge, bool)>) -> Self {
        let engine = |(judge, judges)| EngineFacts { judge, judges, accepts: 0, refuses: 0, unknown: 0 };
        Self { engines: judges.into_iter().map(engine).collect(), ..Self::default() }
    }

    /// Counts a host directory.
    pub fn add(&mut self, index: usize, read: &ReadHost, settings: Settings) {
        let tally = read.tally;
        let which = if tally.errors > 0 { 0 } else { usize::from(tally.warnings == 0) + 1 };
        if let Some(count) = self.hosts.get_mut(which) {
            *count += 1;
        }
        if tally.errors + tally.warnings > 0 {
            keep(&mut self.worst, (tally, index), WORST, |(tally, _)| std::cmp::Reverse(*tally));
        }
        let mut stops: Vec<Option<usize>> = Vec::new();
        for engine in &mut self.engines {
            let load = engine.judge.load(&read.host);
            engine.add(&load);
            if engine.judges && !load.is_ok() {
                stops.extend(load.steps.iter().filter(|step| is_stop(step.outcome)).map(|step| step.file));
            }
        }
        for file in &read.host.files {
            self.add_file(file, settings);
        }
        for mut one in urgent(index, read, settings) {
            one.refused = one.severity == Severity::Error && stops.contains(&one.row.file());
            keep(&mut self.urgent, one, URGENT, Urgent::rank);
        }
    }

    fn add_file(&mut self, file: &File, settings: Settings) {
        self.files += 1;
        self.keys += file.parsed().map_or(0, |parsed| parsed.private_keys().count());
        self.unread += usize::from(is_unread(file));
        for certificate in certificates_of(file) {
            let standing = Standing::of(certificate, settings);
            let place = Standing::ALL.iter().position(|other| *other == standing);
            if let Some(count) = place.and_then(|place| self.certificates.get_mut(place)) {
                *count += 1;
            }
            let days = settings.now.days_until(certificate.not_after());
            let band = BANDS.iter().position(|(most, _)| days < *most);
            if let Some(count) = self.bands.get_mut(band.unwrap_or(BANDS.len() - 1)) {
                *count += 1;
            }
        }
    }

    /// How many certificates there are.
    pub fn all_certificates(&self) -> usize {
        self.certificates.iter().sum()
    }
}

impl EngineFacts {
    fn add(&mut self, load: &Load) {
        match load.error().map(|error| error.kind) {
            None => self.accepts += 1,
            Some(LoadErrorKind::Unknown) => self.unknown += 1,
            Some(_) => self.refuses += 1,
        }
    }
}

/// Tells whether an engine goes no further than a step.
fn is_stop(outcome: StepOutcome) -> bool {
    matches!(outcome, StepOutcome::Fatal | StepOutcome::Hang)
}

/// What is urgent in a host directory: at most one thing a file, and one of the directory itself.
fn urgent(host: usize, read: &ReadHost, settings: Settings) -> impl Iterator<Item = Urgent> {
    let bad = read.findings.iter().enumerate().filter(|(_, finding)| finding.severity > Severity::Info);
    let bad: Vec<_> = bad.collect();
    let worst = |name: Option<&std::ffi::OsString>| {
        let own = bad.iter().filter(|(_, finding)| finding.place.file.as_ref() == name);
        // The first of those that are equally bad.
        own.rev().max_by_key(|(_, finding)| finding.severity).map(|(index, finding)| (*index, finding.severity))
    };
    let own = worst(None).map(|(finding, severity)| Urgent {
        row: Row::Host(host),
        severity,
        finding: Some(finding),
        days: None,
        refused: false,
    });
    let files = read.host.files.iter().enumerate().filter_map(|(file, content)| {
        let found = worst(Some(&content.name));
        let expiry = certificates_of(content).map(|certificate| certificate.not_after()).min();
        let days = expiry.map(|expiry| settings.now.days_until(expiry)).filter(|days| *days < settings.expires_within);
        if found.is_none() && days.is_none() {
            return None;
        }
        let severity = found.map_or(Severity::Warning, |(_, severity)| severity);
        let finding = found.map(|(finding, _)| finding);
        Some(Urgent { row: Row::File { host, file }, severity, finding, days, refused: false })
    });
    own.into_iter().chain(files.collect::<Vec<_>>())
}

/// Keeps the first few by a rank; of those of equal rank the ones that came first.
fn keep<T, R: Ord>(kept: &mut Vec<T>, one: T, most: usize, rank: impl Fn(&T) -> R) {
    let place = kept.partition_point(|other| rank(other) <= rank(&one));
    if place < most {
        kept.insert(place, one);
        kept.truncate(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_few_are_kept_in_order() {
        let mut kept = Vec::new();
        for (number, rank) in [5, 3, 9, 3, 1, 7].into_iter().enumerate() {
            keep(&mut kept, (rank, number), 3, |(rank, _)| *rank);
        }
        assert_eq!(kept, [(1, 4), (3, 1), (3, 3)]);
    }

    #[test]
    fn what_fails_comes_before_what_will_and_that_before_the_rest() {
        let one = |severity, days, refused| Urgent { row: Row::Host(0), severity, finding: None, days, refused };
        let (error, warning) = (Severity::Error, Severity::Warning);
        let all = [
            one(error, Some(-400), true),
            one(warning, Some(2), false),
            one(error, Some(-3), false),
            one(warning, Some(29), false),
            one(error, None, false),
            one(warning, None, false),
        ];
        let mut sorted = all;
        sorted.reverse();
        sorted.sort_by_key(Urgent::rank);
        assert_eq!(sorted, all);
    }
}
