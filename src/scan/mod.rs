//! The only reader of certificate directories: from paths to values. Judges nothing, changes nothing.

pub mod host_config;
pub mod input;
pub mod read;
pub mod roots;
pub mod watch;

pub use host_config::{read_configuration, read_host_config};
pub use input::{InputError, InputFile, read_input, read_input_file, read_stream};
pub use read::{Entry, is_as_seen, list_root, read_again, read_host, read_named};
pub use roots::{Environment, Target, TargetError, default_roots, resolve};
