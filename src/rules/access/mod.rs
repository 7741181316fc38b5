//! CW6xx: who may read and change the files.

pub mod key_readable_by_others;
pub mod too_large;
pub mod unreadable;
pub mod writable_by_others;

use crate::rules::Rule;

/// The rules of this folder, by code.
pub const RULES: &[&dyn Rule] = &[
    &unreadable::Unreadable,
    &key_readable_by_others::KeyReadableByOthers,
    &too_large::TooLarge,
    &writable_by_others::WritableByOthers,
];
