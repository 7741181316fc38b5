//! A tree to be mended, its plans, and what is on the disk of it: every name with bytes, mode, owner and times.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test makes files and fails by panicking")]

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use certwright::base::cancel::Cancel;
use certwright::finding::{Applicability, Change, Fix};
use certwright::fix::{Author, Plan, Reason, Run};
use certwright::model::{Inventory, Root, RootKind};
use certwright::rules::Settings;
use certwright::rules::registry::RuleSet;
use certwright::scan::Target;
use certwright::session::sources::DiskSources;
use certwright::session::{Outcome, Request, Scan};
use tempfile::TempDir;

use super::tree;

/// A tree with a state directory beside it.
pub struct Mending {
    directory: TempDir,
}

/// What is on the disk: a line a name.
pub type Snapshot = BTreeMap<String, String>;

impl Mending {
    /// A tree of this description, in memory where the machine has a place for that. All times are the same.
    pub fn new(text: &str) -> Self {
        let memory = Path::new("/dev/shm");
        let directory = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        std::fs::create_dir(directory.path().join("certs.d")).unwrap();
        tree::build_in(text, &directory.path().join("certs.d"));
        let mending = Self { directory };
        let moment = SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_789);
        for entry in walkdir::WalkDir::new(mending.root()) {
            let entry = entry.unwrap();
            if !entry.file_type().is_symlink() {
                // Not every file system has attributes.
                let name = entry.file_name().to_string_lossy().into_owned();
                let _ =
                    rustix::fs::setxattr(entry.path(), "user.note", name.as_bytes(), rustix::fs::XattrFlags::empty());
                File::open(entry.path()).unwrap().set_modified(moment).unwrap();
            }
        }
        mending
    }

    /// The `certs.d`.
    pub fn root(&self) -> PathBuf {
        self.directory.path().join("certs.d")
    }

    /// A path below it.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// The directory that holds everything.
    pub fn base(&self) -> &Path {
        self.directory.path()
    }

    /// The state directory.
    pub fn state(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    /// What there is, and what is wrong.
    pub fn outcome(&self) -> Outcome {
        outcome(&self.root())
    }

    /// What there is.
    pub fn inventory(&self) -> Inventory {
        self.outcome().inventory
    }

    /// A plan of changes, a fix each.
    pub fn plan(&self, changes: impl IntoIterator<Item = Change>) -> Plan {
        plan(&self.inventory(), changes)
    }

    /// What is on the disk below the `certs.d`. Times of directories are left out: they change with every name in them.
    pub fn snapshot(&self) -> Snapshot {
        snapshot(&self.root())
    }
}

/// What there is in a `certs.d`, and what is wrong.
pub fn outcome(path: &Path) -> Outcome {
    let root = Root { path: path.to_path_buf(), kind: RootKind::Given, error: None };
    let settings = Settings { now: tree::NOW, expires_within: 30 };
    let (rules, installed) = (RuleSet::default().into(), std::sync::Arc::default());
    Scan::start(Request { targets: vec![Target::Root(root)], rules, settings, installed }).collect()
}

/// A plan of changes, as one fix.
pub fn plan(inventory: &Inventory, changes: impl IntoIterator<Item = Change>) -> Plan {
    let fix = Fix::new("mend it", Applicability::Unsafe, changes.into_iter().collect());
    Plan::of_fix(inventory, Reason::Manual, &fix, &DiskSources::default()).unwrap().plan
}

/// What is on the disk below a directory, and the directory itself.
pub fn snapshot(root: &Path) -> Snapshot {
    let mut snapshot = Snapshot::new();
    for entry in walkdir::WalkDir::new(root) {
        let entry = entry.unwrap();
        let metadata = entry.path().symlink_metadata().unwrap();
        let rights = format!("{:o} {}:{}", metadata.permissions().mode(), metadata.uid(), metadata.gid());
        let rest = if metadata.is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            let digest = certwright::pki::sha256(&bytes);
            let times = format!("{}.{:09}", metadata.mtime(), metadata.mtime_nsec());
            format!("{} {times} {} {}", digest[0], digest[1], note(entry.path()))
        } else if metadata.is_symlink() {
            format!("-> {}", entry.path().read_link().unwrap().display())
        } else {
            String::new()
        };
        let name = entry.path().strip_prefix(root).unwrap().display().to_string();
        snapshot.insert(name, format!("{rights} {rest}"));
    }
    snapshot
}

/// The extended attribute that [`Mending::new`] gives files; empty where the file system has none.
fn note(path: &Path) -> String {
    let mut value = [0_u8; 64];
    let length = rustix::fs::getxattr(path, "user.note", &mut value).unwrap_or_default();
    String::from_utf8_lossy(value.get(..length).unwrap_or_default()).into_owned()
}

/// Carries something out as nobody in particular, with nothing that stops it.
pub fn with_run<T>(work: impl FnOnce(&Run<'_>) -> T) -> T {
    let author = Author { user: "tester".to_owned(), machine: "machine".to_owned() };
    let cancel = Cancel::default();
    work(&Run { cancel: &cancel, progress: &|_, _| {}, passphrase: &|_| None, now: tree::NOW, author })
}
