//! The only reader of certificate directories: from paths to values. Judges nothing, changes nothing.

pub mod read;
pub mod roots;

pub use read::{Entry, list_root, read_host};
pub use roots::{Environment, Target, TargetError, default_roots, resolve};
