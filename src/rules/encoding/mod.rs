//! TODO
use crate::rules::Rule;
/// The rules of this folder.
pub const RULES: &[&dyn Rule] = &[];
