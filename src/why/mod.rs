//! Why a pull fails: reads an error text as people copy it, and tells what it means and what may lie behind it. Which
//! directory it is about, [`locate()`] tells; which of the causes it is, [`confirm()`] tells from that directory. Nothing here
//! reads a disk.
//!
//! ```
//! let copied = r#"Error response from daemon: Get "https://registry.test:5000/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority"#;
//! let diagnosis = certwright::why::explain(copied).unwrap();
//! assert_eq!(diagnosis.registry.as_deref(), Some("registry.test:5000"));
//! assert_eq!(diagnosis.symptom.id, "unknown-authority");
//! assert_eq!(diagnosis.verbatim, "x509: certificate signed by unknown authority");
//! assert!(certwright::why::explain("no space left on device").is_none());
//! ```

mod confirm;
mod locate;
mod pattern;
mod symptom;
mod table;
mod wrapper;

use std::path::PathBuf;
use std::sync::LazyLock;

pub use confirm::{Candidate, Replay, Standing, Suspect, Verdict, confirm};
pub use locate::locate;
pub use symptom::{Cause, Evidence, Symptom};
pub use table::all as symptoms;

use crate::engine::Engine;
use crate::model::host::registry_of_reference;
use pattern::{Match, Pattern};
use table::DICTIONARY;
use wrapper::Surroundings;

/// What an error text says. All text but the symptom's is foreign and *not* sanitised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The registry as an image reference spells it, where the text names it.
    pub registry: Option<String>,
    /// The server that was talked to, where the text has its URL: the registry, its token server, its storage, a mirror.
    pub server: Option<String>,
    /// The engine that speaks so, where its words tell.
    pub engine: Option<Engine>,
    /// The file or directory that the text names; a bare name where it names no path.
    pub path: Option<PathBuf>,
    /// The innermost error as a loader or Go gives it, without the words of daemons and clients around it.
    pub verbatim: String,
    /// What varies in the text, by name: `key`, `file`, `authority`, `end`, `host`, `names` and others.
    pub parts: Vec<(&'static str, String)>,
    /// What the text means.
    pub symptom: &'static Symptom,
}

impl Diagnosis {
    /// A part of the text that varies.
    pub fn part(&self, name: &str) -> Option<&str> {
        self.parts.iter().find(|(part, _)| *part == name).map(|(_, value)| value.as_str())
    }

    /// What may lie behind it with this engine, the likeliest first.
    pub fn causes(&self) -> impl Iterator<Item = &'static Cause> {
        let concerns = |cause: &&Cause| {
            cause.engines.is_empty() || self.engine.is_none_or(|engine| cause.engines.contains(&engine))
        };
        self.symptom.causes.iter().filter(concerns)
    }
}

/// Reads an error text as it was copied from docker, podman, skopeo, ctr, nerdctl, crictl, kubectl or a log, with all that
/// stands around it. Of several errors the first counts. `None` where the text is not known: there is no guessing.
pub fn explain(message: &str) -> Option<Diagnosis> {
    let readings = wrapper::readings(message);
    let found = readings.iter().filter_map(|text| Some((text, first(text)?)));
    // Of readings that say equally much, the first is the text as it is.
    let (text, found) = found.rev().max_by_key(|(_, found)| found.weight)?;
    Some(found.diagnose(text))
}

/// As much of a line is looked at before and behind an error, in bytes.
const NEARBY: usize = 8 << 10;

/// So many occurrences of one text are looked at for the place where it means this.
const OCCURRENCES: usize = 64;

/// A symptom found in a text.
struct Found<'a> {
    symptom: &'static Symptom,
    weight: usize,
    place: Match<'a>,
}

/// The first error in a text; of those at one place, the one that says most.
fn first(text: &str) -> Option<Found<'_>> {
    let mut all: Vec<Found<'_>> = Vec::new();
    for entry in DICTIONARY.iter() {
        for pattern in &entry.patterns {
            let fits = |place: &Match<'_>| {
                let line = nearby(text, place.start, place.end).line;
                entry.symptom.within.is_empty() || entry.symptom.within.iter().any(|words| line.contains(words))
            };
            let place = pattern.find_all(text).take(OCCURRENCES).find(fits);
            all.extend(place.map(|place| Found { symptom: entry.symptom, weight: pattern.weight, place }));
        }
    }
    all.sort_by_key(|found| found.place.start);
    all.into_iter().reduce(|best, other| {
        let overlaps = other.place.start < best.place.end;
        let says_more =
            (other.weight, !other.symptom.within.is_empty()) > (best.weight, !best.symptom.within.is_empty());
        if overlaps && says_more { other } else { best }
    })
}

impl Found<'_> {
    /// Puts together what the text says.
    fn diagnose(&self, text: &str) -> Diagnosis {
        let mut start = self.place.start;
        let mut captures = self.place.captures.clone();
        let near = nearby(text, self.place.start, self.place.end);
        if let Some(words) = LOADER_WORDS.iter().find_map(|words| words.find_at_end(near.before)) {
            start -= near.before.len() - words.start;
            captures.extend(words.captures);
        }
        let part = |name: &str| captures.iter().find(|(part, _)| *part == name).map(|(_, value)| (*value).to_owned());
        let elsewhere = Surroundings { before: head(text), line: head(text) };
        let server = near.server();
        let registry = near
            .named_registry()
            .or_else(|| {
                near.first_server().filter(|first| !self.symptom.is_elsewhere || Some(first) != server.as_ref())
            })
            .or_else(|| elsewhere.named_registry())
            .or_else(|| part("repository").map(|reference| registry_of_reference(&reference)))
            .or_else(|| part("host").filter(|_| server.is_none()));
        Diagnosis {
            registry,
            server,
            engine: near.engine().or_else(|| elsewhere.engine()),
            path: part("path").or_else(|| part("file")).map(PathBuf::from),
            verbatim: text.get(start..self.place.end).unwrap_or_default().to_owned(),
            parts: captures.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
            symptom: self.symptom,
        }
    }
}

/// What loaders say before an error of Go's, as part of their own text.
static LOADER_WORDS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let words = [
        "failed to load X509 key pair: ",
        "unable to read CA cert \"{path}\": ",
        "unable to read CERT file \"{path}\": ",
        "failed to load keypair for {path}: ",
        "failed to read {path}: ",
    ];
    words.into_iter().map(Pattern::new).collect()
});

/// The line of a place, as far as it is near.
fn nearby(text: &str, start: usize, end: usize) -> Surroundings<'_> {
    let from = floor(text, start.saturating_sub(NEARBY));
    let to = floor(text, end.saturating_add(NEARBY));
    let before = text.get(from..start).unwrap_or_default();
    let before = before.rsplit('\n').next().unwrap_or_default();
    let behind = text.get(end..to).unwrap_or_default().split('\n').next().unwrap_or_default();
    let line = text.get(start - before.len()..end + behind.len()).unwrap_or_default();
    Surroundings { before, line }
}

/// The beginning of a text.
fn head(text: &str) -> &str {
    text.get(..floor(text, 2 * NEARBY)).unwrap_or_default()
}

/// The last boundary of a character up to `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
