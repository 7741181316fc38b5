//! A host set up: names, keys, requests and certificates, and the plan that makes them. Writes nothing: what comes of it is
//! a [`crate::fix::Plan`], previewed, carried out and taken back like any other.
//!
//! ```text
//! what was typed ─▶ host::Names ┐
//! a file of CAs ─▶ Authorities ─┼─▶ setup::NewFile … ─▶ setup::plan ─▶ fix::Planned
//! keys::NewKey ─▶ certificate ──┘        ▲
//! what was sent ─▶ import::Brought ─▶ sort ─▶ place
//!
//! a Load of an engine ─▶ export::Source ─▶ a configuration file, or a copy
//! ```
//!
//! Keys and serial numbers come from the system's generator; everything else is pure.

pub mod authorities;
pub mod certificate;
mod encode;
pub mod export;
pub mod host;
pub mod import;
pub mod keys;
mod quote;
pub mod renew;
pub mod setup;
pub mod subject;

pub use authorities::{Authorities, AuthorityError, Trust};
pub use certificate::{Holder, Terms};
pub use host::{HostError, Names, Wish};
pub use keys::{Generation, KeyAlgorithm, KeyError, NewKey};
pub use renew::{Arrival, ArrivedKey, RenewError, Renewal};
pub use setup::{NewFile, Site};
pub use subject::SubjectError;
