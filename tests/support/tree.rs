//! Trees of certificate directories, made in a temporary directory for one test.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use certwright::base::clock::Timestamp;
use certwright::sample::Sample;

/// The moment at which every test takes place: 2026-11-24T12:00:00Z.
pub const NOW: Timestamp = Timestamp(1_795_521_600);

/// Makes the tree that `text` describes, in the language of `certwright::sample`, in a directory that exists.
pub fn build_in(text: &str, directory: &Path) {
    let built = Sample::parse(text).and_then(|sample| sample.build(NOW, directory));
    if let Err(error) = built {
        panic!("{error}");
    }
}
