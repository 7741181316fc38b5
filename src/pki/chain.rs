//! Who issued whom: by name *and* by verified signature. Each signature is verified once and remembered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use crate::pki::certificate::Certificate;
use crate::pki::digest::Digest;
use crate::pki::public_key::{self, PublicKeyKind};
use crate::pki::signature::SignatureAlgorithm;

/// What checking a signature showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    /// The key made this signature.
    Valid,
    /// It did not.
    Invalid,
    /// The algorithm, curve or key size is not one that can be checked here.
    Unsupported,
}

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
        let check = check(child, issuer);
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

/// Checks whether the key of `issuer` signed `child`, by arithmetic alone: names, dates and constraints are not looked at.
pub fn check(child: &Certificate, issuer: &Certificate) -> Check {
    let Some(algorithm) = verification(child.signature_algorithm(), issuer.public_key()) else {
        return Check::Unsupported;
    };
    let Some(key) = public_key::key_bytes(issuer.spki()) else { return Check::Unsupported };
    match UnparsedPublicKey::new(algorithm, key).verify(child.tbs(), child.signature()) {
        Ok(()) => Check::Valid,
        Err(_) => Check::Invalid,
    }
}

fn verification(algorithm: SignatureAlgorithm, key: PublicKeyKind) -> Option<&'static dyn VerificationAlgorithm> {
    use PublicKeyKind::{EcP256, EcP384, EcP521, Ed25519, Rsa};
    use SignatureAlgorithm as A;
    let algorithm: &'static dyn VerificationAlgorithm = match (algorithm, key) {
        (A::Sha1Rsa, Rsa { bits: 1024..=8192 }) => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (A::Sha256Rsa, Rsa { bits: 1024..=8192 }) => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (A::Sha384Rsa, Rsa { bits: 2048..=8192 }) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (A::Sha512Rsa, Rsa { bits: 1024..=8192 }) => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        (A::Sha256RsaPss, Rsa { bits: 2048..=8192 }) => &signature::RSA_PSS_2048_8192_SHA256,
        (A::Sha384RsaPss, Rsa { bits: 2048..=8192 }) => &signature::RSA_PSS_2048_8192_SHA384,
        (A::Sha512RsaPss, Rsa { bits: 2048..=8192 }) => &signature::RSA_PSS_2048_8192_SHA512,
        (A::EcdsaSha256, EcP256) => &signature::ECDSA_P256_SHA256_ASN1,
        (A::EcdsaSha384, EcP256) => &signature::ECDSA_P256_SHA384_ASN1,
        (A::EcdsaSha512, EcP256) => &signature::ECDSA_P256_SHA512_ASN1,
        (A::EcdsaSha256, EcP384) => &signature::ECDSA_P384_SHA256_ASN1,
        (A::EcdsaSha384, EcP384) => &signature::ECDSA_P384_SHA384_ASN1,
        (A::EcdsaSha512, EcP384) => &signature::ECDSA_P384_SHA512_ASN1,
        (A::EcdsaSha1, EcP521) => &signature::ECDSA_P521_SHA1_ASN1,
        (A::EcdsaSha256, EcP521) => &signature::ECDSA_P521_SHA256_ASN1,
        (A::EcdsaSha384, EcP521) => &signature::ECDSA_P521_SHA384_ASN1,
        (A::EcdsaSha512, EcP521) => &signature::ECDSA_P521_SHA512_ASN1,
        (A::Ed25519, Ed25519) => &signature::ED25519,
        _ => return None,
    };
    Some(algorithm)
}
