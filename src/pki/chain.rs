//! Who issued whom: by name *and* by verified signature. Each signature is verified once and remembered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::pki::certificate::{Certificate, Digest};
use crate::pki::signature::{self, Check};

/// Remembers which key made which signature, by (certificate, issuer's key).
#[derive(Debug, Default)]
pub struct Verifier {
    memo: Mutex<HashMap<(Digest, Digest), Check>>,
}

impl Verifier {
    /// Checks whether the key of `issuer` signed `child`.
    pub fn check(&self, child: &Certificate, issuer: &Certificate) -> Check {
        let pair = (*child.sha256(), *issuer.spki_sha256());
        if let Some(known) = self.memo.lock().unwrap_or_else(PoisonError::into_inner).get(&pair) {
            return *known;
        }
        let check = signature::check(child, issuer);
        self.memo.lock().unwrap_or_else(PoisonError::into_inner).insert(pair, check);
        check
    }

    /// Tells whether `child` names `issuer` as its issuer and carries its signature.
    pub fn issued(&self, issuer: &Certificate, child: &Certificate) -> bool {
        child.issuer().der() == issuer.subject().der() && self.check(child, issuer) == Check::Valid
    }

    /// Tells whether a certificate is signed by its own key.
    pub fn is_self_signed(&self, certificate: &Certificate) -> bool {
        certificate.is_self_issued() && self.check(certificate, certificate) == Check::Valid
    }

    /// The way from `leaf` up to a self-issued certificate, among `known`: the leaf first. Where several certificates
    /// could be the issuer, one whose signature verifies and that is valid for longest is taken.
    pub fn path(&self, leaf: &Arc<Certificate>, known: &[Arc<Certificate>]) -> Vec<Arc<Certificate>> {
        let mut path = vec![Arc::clone(leaf)];
        let mut current = Arc::clone(leaf);
        while !current.is_self_issued() {
            let issuer = known
                .iter()
                .filter(|candidate| !path.iter().any(|taken| taken.sha256() == candidate.sha256()))
                .filter(|candidate| self.issued(candidate, &current))
                .max_by_key(|candidate| candidate.not_after());
            let Some(issuer) = issuer else { break };
            current = Arc::clone(issuer);
            path.push(Arc::clone(issuer));
        }
        path
    }
}
