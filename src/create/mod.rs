//! A host set up, and taken to another engine: what is to be written is worked out here; `fix` writes it.

pub mod export;
pub mod import;
mod quote;
