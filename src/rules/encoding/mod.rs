//! CW2xx: how files are written down. Each block of a file that an engine reads meets one fate ([`reading`]), and one
//! rule speaks of each fate, so that one cause gives one finding.

pub mod damaged_pem;
pub mod der_encoded;
pub mod empty_file;
pub mod foreign_label;
pub mod lost_blocks;
pub mod pem_headers;
pub mod reading;
pub mod refused_certificate;
pub mod wrong_content;

use crate::rules::Rule;

/// The rules of this folder, by code.
pub const RULES: &[&dyn Rule] = &[
    &der_encoded::DerEncoded,
    &empty_file::EmptyFile,
    &wrong_content::WrongContent,
    &damaged_pem::DamagedPem,
    &lost_blocks::LostBlocks,
    &foreign_label::ForeignLabel,
    &pem_headers::PemHeaders,
    &refused_certificate::RefusedCertificate,
];
