//! One record for one certificate, however many files hold it: the same company CA lies in every host directory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::pki::certificate::Certificate;
use crate::pki::digest::{Digest, sha256};
use crate::pki::refusal::Refusal;

const SHARDS: usize = 32;

/// Certificates met so far. Shared by all threads of a scan.
#[derive(Debug)]
pub struct Interner {
    shards: [Mutex<Shard>; SHARDS],
}

/// Certificates by the first octets of their SHA-256, which is all the spreading that a table needs. Where two certificates
/// share those, which somebody would have to bring about on purpose, the second is not kept.
type Shard = HashMap<u64, Arc<Certificate>>;

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
        let known = self.shard(&digest).get(&key(&digest)).map(Arc::clone);
        match known.filter(|known| *known.sha256() == digest) {
            Some(known) => Ok(known),
            None => Certificate::parse_hashed(der, digest).map(|certificate| self.share(certificate)),
        }
    }

    /// The record that is kept for this certificate.
    pub fn share(&self, certificate: Certificate) -> Arc<Certificate> {
        let digest = *certificate.sha256();
        let mut shard = self.shard(&digest);
        let certificate = Arc::new(certificate);
        let kept = shard.entry(key(&digest)).or_insert_with(|| Arc::clone(&certificate));
        if *kept.sha256() == digest { Arc::clone(kept) } else { certificate }
    }

    fn shard(&self, digest: &Digest) -> MutexGuard<'_, Shard> {
        let [.., last] = digest;
        let [fallback, ..] = &self.shards;
        let shard = self.shards.get(usize::from(*last) % SHARDS).unwrap_or(fallback);
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(digest: &Digest) -> u64 {
    digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}
