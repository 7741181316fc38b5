//! What every room stands on: time, text for a terminal, the identity of a file, cancellation.
//! Knows nothing of certificates or engines.

pub mod cancel;
pub mod clock;
pub mod encoded_path;
pub mod errno;
pub mod stamp;
pub mod text;
