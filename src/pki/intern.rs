//! One record for one certificate, however many files hold it: the same company CA lies in every host directory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::pki::certificate::{Certificate, Digest, Refusal, sha256};

const SHARDS: usize = 32;

/// Certificates met so far, by SHA-256. Shared by all threads of a scan.
#[derive(Debug)]
pub struct Interner {
    shards: [Mutex<HashMap<Digest, Arc<Certificate>>>; SHARDS],
}

impl Default for Interner {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl Interner {
    /// The record of the certificate in `der`, parsed unless it was met before.
    ///
    /// # Errors
    /// As [`Certificate::parse`].
    pub fn certificate(&self, der: &[u8]) -> Result<Arc<Certificate>, Refusal> {
        let digest = sha256(der);
        if let Some(known) = self.shard(&digest).lock().unwrap_or_else(PoisonError::into_inner).get(&digest) {
            return Ok(Arc::clone(known));
        }
        Certificate::parse(der).map(|certificate| self.share(certificate))
    }

    /// The record that is kept for this certificate.
    pub fn share(&self, certificate: Certificate) -> Arc<Certificate> {
        let digest = *certificate.sha256();
        let mut shard = self.shard(&digest).lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(shard.entry(digest).or_insert_with(|| Arc::new(certificate)))
    }

    fn shard(&self, digest: &Digest) -> &Mutex<HashMap<Digest, Arc<Certificate>>> {
        let [first, ..] = digest;
        let [fallback, ..] = &self.shards;
        self.shards.get(usize::from(*first) % SHARDS).unwrap_or(fallback)
    }
}
