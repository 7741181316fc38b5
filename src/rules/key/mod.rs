//! CW5xx: private keys: which certificate they belong to, whether Go can read them, and whether they should be here.

pub mod ca_private_key;
pub mod encrypted_key;
pub mod key_elsewhere;
pub mod key_in_ca_file;
pub mod key_mismatch;
pub mod missing_key;
pub mod orphan_key;
pub mod pairing;
pub mod server_key_pair;
pub mod swapped_pair;
pub mod unusable_key;

use crate::rules::Rule;

/// The rules of this folder, by code.
pub const RULES: &[&dyn Rule] = &[
    &missing_key::MissingKey,
    &orphan_key::OrphanKey,
    &key_mismatch::KeyMismatch,
    &encrypted_key::EncryptedKey,
    &swapped_pair::SwappedPair,
    &server_key_pair::ServerKeyPair,
    &ca_private_key::CaPrivateKey,
    &unusable_key::UnusableKey,
    &key_in_ca_file::KeyInCaFile,
    &key_elsewhere::KeyElsewhere,
];
