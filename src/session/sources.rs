//! The bytes of files for plans, out of the disk.

use std::path::Path;

use zeroize::Zeroizing;

use crate::base::stamp::Stamp;
use crate::fix::Sources;
use crate::model::{HostDir, HostState, Placement};
use crate::pki::Interner;
use crate::scan::{self, Entry};

/// Gives the passphrase of the keys in a file, if somebody knows it.
pub type Passphrase<'a> = &'a dyn Fn(&Path) -> Option<Zeroizing<String>>;

/// Reads files anew, and asks for passphrases.
#[derive(Default)]
pub struct DiskSources<'a> {
    passphrase: Option<Passphrase<'a>>,
}

impl<'a> DiskSources<'a> {
    /// Sources that ask for the passphrase of the keys in a file.
    pub fn asking(passphrase: Passphrase<'a>) -> Self {
        Self { passphrase: Some(passphrase) }
    }
}

impl Sources for DiskSources<'_> {
    fn read(&self, path: &Path, seen: &Stamp) -> Option<Zeroizing<Vec<u8>>> {
        scan::read_again(path, seen)
    }

    fn directory(&self, path: &Path) -> Option<HostDir> {
        let host = scan::read_host(&Entry::new(path.to_path_buf(), Placement::UnderRoot), &Interner::default());
        (host.state == HostState::Listed && host.link.is_none()).then_some(host)
    }

    fn passphrase(&self, path: &Path) -> Option<Zeroizing<String>> {
        self.passphrase.and_then(|passphrase| passphrase(path))
    }
}
