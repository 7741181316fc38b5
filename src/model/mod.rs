//! What lies on the disk, as values: roots, host directories, files and what they hold. Reads nothing itself.

pub mod file;
pub mod host;
pub mod host_config;
pub mod hosts_toml;
pub mod inventory;
pub mod waiting;

pub use file::{Content, File, FileKind, Link, Role, Unread};
pub use host::{HostName, NameForm, Reach};
pub use inventory::{FileId, HostDir, HostId, HostState, Inventory, Placement, Root, RootKind};
