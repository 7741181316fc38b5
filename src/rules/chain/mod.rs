//! CW4xx: how certificates stand to each other in one directory.

pub mod chain_order;
pub mod duplicate_ca;
pub mod same_name_different_key;

use crate::rules::Rule;

/// The rules of this folder, by code.
pub const RULES: &[&dyn Rule] =
    &[&chain_order::ChainOrder, &same_name_different_key::SameNameDifferentKey, &duplicate_ca::DuplicateCa];
