//! What somebody was sent, put where engines look for it: each part recognised by its content, the certificate matched to
//! its key, the chain in order, all of it under names of its own.

mod brought;
mod place;
mod sort;

use thiserror::Error;

use crate::base::text::sanitise;
use crate::pki::RewriteError;
use crate::pki::pkcs12::Pkcs12Error;

pub use brought::{Brought, Input, Key, Passphrase};
pub use place::{Placed, Where, new_files, place};
pub use sort::{KeySource, Pair, Sorted, sort};

/// Why nothing is imported.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ImportError {
    /// An input is empty.
    #[error("{}: it is empty", sanitise(.0))]
    Empty(String),
    /// There is neither a certificate nor a key in an input.
    #[error("{}: there is neither a certificate nor a key in it ({})", sanitise(.input), sanitise(.what))]
    Nothing {
        /// The input
        input: String,
        /// What it is instead
        what: String,
    },
    /// Something in an input is damaged.
    #[error("{}: {why}", sanitise(.input))]
    Unreadable {
        /// The input
        input: String,
        /// What
        why: RewriteError,
    },
    /// PKCS#12 that cannot be opened.
    #[error("{}: {why}", sanitise(.input))]
    Pkcs12 {
        /// The input
        input: String,
        /// Why
        why: Pkcs12Error,
    },
    /// It is something else than PKCS#12.
    #[error("{}: it is no PKCS#12", sanitise(.0))]
    NoPkcs12(String),
    /// A passphrase is needed, and nobody was there to ask.
    #[error("{}: a passphrase is needed", sanitise(.0))]
    NoPassphrase(String),
    /// The passphrase is wrong.
    #[error("{}: the passphrase does not open it", sanitise(.0))]
    WrongPassphrase(String),
    /// Go refuses a certificate.
    #[error("{}: engines refuse {}: {}", sanitise(.input), sanitise(.name), sanitise(.why))]
    Refused {
        /// The input
        input: String,
        /// The certificate
        name: String,
        /// Go's words
        why: String,
    },
    /// A key that Go cannot use.
    #[error("{}: engines cannot use its private key ({})", sanitise(.input), sanitise(.what))]
    UnusableKey {
        /// The input
        input: String,
        /// What it is
        what: String,
    },
    /// A certificate of which the key is not there.
    #[error("no key here is that of {} ({key}): {}", sanitise(.name), keys(.here))]
    NoKey {
        /// The certificate
        name: String,
        /// Its public key
        key: String,
        /// The keys that are here, those that wait first
        here: Vec<String>,
    },
    /// A key of which the certificate is not there.
    #[error("{}: its private key ({key}) belongs to no certificate that was brought or is here", sanitise(.input))]
    NoCertificate {
        /// The input
        input: String,
        /// Its public half
        key: String,
    },
    /// Everything is of no use on a client.
    #[error("nothing of it belongs on a client: {}", sanitise(.0))]
    OfNoUse(String),
}

fn keys(keys: &[String]) -> String {
    if keys.is_empty() {
        return "none was brought, and none waits there".to_owned();
    }
    sanitise(&keys.join(", ")).into_owned()
}
