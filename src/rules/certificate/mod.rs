//! CW3xx: what single certificates say: their dates, what they may be used for, how strong they are.

pub mod anchor_kind;
pub mod anchors;
pub mod ca_not_for_servers;
pub mod dates;
pub mod expired_ca;
pub mod expired_certificate;
pub mod expired_first_pair;
pub mod expiring_soon;
pub mod no_alternative_name;
pub mod no_client_auth;
pub mod not_a_ca;
pub mod not_yet_valid;
pub mod pinned_leaf;
pub mod several_client_certificates;
pub mod weak_key;
pub mod weak_signature;

use crate::rules::Rule;

/// The rules of this folder, by code.
pub const RULES: &[&dyn Rule] = &[
    &expired_certificate::ExpiredCertificate,
    &not_yet_valid::NotYetValid,
    &expiring_soon::ExpiringSoon,
    &not_a_ca::NotACa,
    &pinned_leaf::PinnedLeaf,
    &weak_signature::WeakSignature,
    &weak_key::WeakKey,
    &no_alternative_name::NoAlternativeName,
    &no_client_auth::NoClientAuth,
    &expired_ca::ExpiredCa,
    &expired_first_pair::ExpiredFirstPair,
    &ca_not_for_servers::CaNotForServers,
    &several_client_certificates::SeveralClientCertificates,
];
