//! CW1xx: where files lie and how files and directories are named.

pub mod ca_named_cert;

use crate::rules::Rule;

/// The rules of this folder, by code.
pub const RULES: &[&dyn Rule] = &[&ca_named_cert::CaNamedCert];
