//! The dictionary: every text that engines print about certificates, with what it means. One table a family; within the
//! whole an earlier entry goes before a later one of the same text.

mod distrust;
mod handshake;
mod loading;
mod reading;
mod surroundings;
mod verification;

use std::sync::LazyLock;

use crate::why::pattern::Pattern;
use crate::why::symptom::Symptom;

/// An entry with its patterns taken apart.
pub(super) struct Entry {
    pub(super) symptom: &'static Symptom,
    pub(super) patterns: Vec<Pattern>,
}

/// All symptoms.
pub fn all() -> impl Iterator<Item = &'static Symptom> {
    [
        distrust::SYMPTOMS,
        verification::SYMPTOMS,
        handshake::SYMPTOMS,
        loading::SYMPTOMS,
        reading::SYMPTOMS,
        surroundings::SYMPTOMS,
    ]
    .into_iter()
    .flatten()
}

/// All symptoms, ready to be looked for.
pub(super) static DICTIONARY: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entry = |symptom: &'static Symptom| {
        let patterns = symptom.patterns.iter().map(|pattern| Pattern::new(pattern)).collect();
        Entry { symptom, patterns }
    };
    all().map(entry).collect()
});

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::rules::registry;
    use crate::why::Evidence;

    #[test]
    fn entries_are_complete_and_have_one_identity_each() {
        let mut seen = HashSet::new();
        for symptom in all() {
            let id = symptom.id;
            assert!(seen.insert(id), "{id} is there twice");
            assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{id}");
            assert!(!symptom.patterns.is_empty() && !symptom.causes.is_empty() && !symptom.sources.is_empty(), "{id}");
            assert!(!symptom.title.ends_with('.') && symptom.meaning.ends_with('.'), "{id}");
            for pattern in symptom.patterns {
                assert!(!pattern.starts_with('{') && !pattern.contains("}{"), "{pattern}");
            }
            for cause in symptom.causes {
                let found_by_rules = cause.evidence == Evidence::Directory;
                assert!(!found_by_rules || !cause.codes.is_empty(), "{id}: {}", cause.title);
                let first = |text: &str| text.chars().next().is_some_and(char::is_uppercase);
                assert!(!cause.title.ends_with('.') && !cause.fix.ends_with('.'), "{id}: {}", cause.title);
                assert!(!first(cause.fix) && !cause.fix.is_empty(), "{id}: {}", cause.fix);
            }
        }
    }

    #[test]
    fn codes_are_those_of_rules() {
        for code in all().flat_map(Symptom::look) {
            assert!(registry::all().any(|rule| rule.meta().code.number == code), "{code}");
        }
    }
}
