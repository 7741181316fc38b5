//! What somebody names while it is being typed: what is in a file of CAs, what was sent and where each part of it would go.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::thread;

use crossbeam_channel::{Receiver, bounded};
use zeroize::Zeroizing;

use crate::base::clock::Timestamp;
use crate::create::import::{Brought, ImportError, Input};
use crate::create::{Trust, authorities};
use crate::model::Root;
use crate::pki::{Certificate, Purpose, Validity};
use crate::scan;
use crate::session::setting_up::import::{self, Destination, Imported, ImportingError};
use crate::session::setting_up::{self};

/// What is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// A file of CAs
    Authority(PathBuf),
    /// What was sent
    Import(Box<Brings>),
}

/// What was sent, and where it is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brings {
    /// The `certs.d`.
    pub root: Root,
    /// The name of the host directory.
    pub host: String,
    /// Files, and directories of them.
    pub paths: Vec<PathBuf>,
    /// What was pasted.
    pub pasted: Pasted,
    /// A new pair takes the place of one of the same subject.
    pub replace: bool,
}

/// A text that may hold a private key: shown to nobody, and wiped when dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Pasted(pub Zeroizing<String>);

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspected {
    /// In a file of CAs
    Authority(PathBuf, Result<Candidates, String>),
    /// In what was sent
    Import(Box<Brings>, Result<Parts, Unready>),
}

/// The certificates of a file of CAs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// A sentence each, and whether engines would trust something by it. Foreign text.
    pub certificates: Vec<(bool, String)>,
    /// One of them is no CA: which, and what it is. Foreign text.
    pub no_authority: Option<String>,
}

/// Where the parts of what was sent would go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// What is done with them: a sentence each. Foreign text.
    pub done: Vec<String>,
    /// What else there is to know. Foreign text.
    pub notes: Vec<String>,
}

/// Why that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unready {
    /// Nothing is named.
    Nothing,
    /// An input does not open without a passphrase, or not with the one that is given.
    Passphrase {
        /// Its name
        input: String,
        /// One was given
        is_wrong: bool,
    },
    /// It is of no use there, and why. Foreign text.
    Refused(String),
}

/// Looks, on a thread of its own.
pub fn start(inspection: Inspection, now: Timestamp) -> Receiver<Inspected> {
    let (sender, found) = bounded(1);
    // Nobody may listen any more, since somebody types on.
    thread::spawn(move || sender.send(inspect(inspection, now)));
    found
}

/// Looks.
pub fn inspect(inspection: Inspection, now: Timestamp) -> Inspected {
    match inspection {
        Inspection::Authority(path) => {
            let found = candidates(&path, now);
            Inspected::Authority(path, found)
        }
        Inspection::Import(brings) => {
            let found = brings.plan(None, now).map(|(_, imported)| imported.parts());
            Inspected::Import(brings, found)
        }
    }
}

/// A path as somebody types it: `~/` is their home.
pub fn typed_path(text: &str) -> PathBuf {
    let home = || env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    match text.strip_prefix("~/").and_then(|rest| Some(home()?.join(rest))) {
        Some(path) => path,
        None => PathBuf::from(text),
    }
}

fn candidates(path: &Path, now: Timestamp) -> Result<Candidates, String> {
    let read = scan::read_input_file(path).map_err(|error| error.to_string())?;
    let all = authorities::read(&read.bytes, Trust::Pinned).map_err(|error| error.to_string())?;
    let no_authority = authorities::read(&read.bytes, Trust::Authorities).err().map(|error| error.to_string());
    Ok(Candidates { certificates: all.certificates.iter().map(|one| sentence(one, now)).collect(), no_authority })
}

fn sentence(certificate: &Certificate, now: Timestamp) -> (bool, String) {
    let what = match certificate.purpose() {
        _ if certificate.may_sign_certificates() => "CA",
        Purpose::Ca => "CA that may sign nothing",
        Purpose::Server => "server's certificate, no CA",
        Purpose::Client => "client's certificate, no CA",
        Purpose::EndEntity => "leaf, no CA",
    };
    let (name, end) = (certificate.display_name(), certificate.not_after().date());
    match certificate.validity(now) {
        Validity::Valid => (true, format!("{name}: {what}, expires on {end}")),
        Validity::Expired => (false, format!("{name}: {what}, expired on {end}")),
        Validity::NotYet => (false, format!("{name}: {what}, not valid before {}", certificate.not_before().rfc3339())),
    }
}

impl Brings {
    /// Reads everything, and plans where it goes.
    ///
    /// # Errors
    /// Where it cannot be opened, or is of no use there.
    pub fn plan(
        &self,
        passphrase: Option<&Zeroizing<String>>,
        now: Timestamp,
    ) -> Result<(Destination, Imported), Unready> {
        let refused = |error: &dyn fmt::Display| Unready::Refused(error.to_string());
        let brought = self.read(passphrase)?;
        let superuser = rustix::process::geteuid().is_root();
        let site = setting_up::at(self.root.clone(), superuser).map_err(|error| refused(&error))?;
        let to = Destination::read(site, &self.host);
        let imported = import::plan(&to, &brought, self.replace, now).map_err(|error| match error {
            ImportingError::Obstacle(obstacle) => refused(&obstacle),
            ImportingError::Import(error) => refused(&error),
        })?;
        Ok((to, imported))
    }

    fn read(&self, passphrase: Option<&Zeroizing<String>>) -> Result<Brought, Unready> {
        let mut inputs = Vec::new();
        for path in &self.paths {
            let files = scan::read_input(path).map_err(|error| Unready::Refused(error.to_string()))?;
            inputs.extend(
                files
                    .into_iter()
                    .map(|file| Input { name: file.path.to_string_lossy().into_owned(), bytes: file.bytes }),
            );
        }
        if !self.pasted.is_empty() {
            let bytes = Zeroizing::new(self.pasted.0.as_bytes().to_vec());
            inputs.push(Input { name: "what was pasted".to_owned(), bytes });
        }
        if inputs.is_empty() {
            return Err(Unready::Nothing);
        }
        Brought::read(&inputs, &|_| passphrase.cloned()).map_err(|error| match error {
            ImportError::NoPassphrase(input) => Unready::Passphrase { input, is_wrong: false },
            ImportError::WrongPassphrase(input) => Unready::Passphrase { input, is_wrong: passphrase.is_some() },
            other => Unready::Refused(other.to_string()),
        })
    }
}

impl Imported {
    /// Where the parts go.
    pub fn parts(&self) -> Parts {
        let done = self.planned.plan.fixes.iter().map(|fix| fix.title.clone()).collect();
        Parts { done, notes: self.notes.clone() }
    }
}

impl Pasted {
    /// The longest text that is taken, in bytes.
    pub const LIMIT: usize = 1 << 20;

    /// Puts a text behind what is there, as far as there is room.
    pub fn push(&mut self, text: &str) {
        // Made anew once, so that no copy is left behind.
        let mut whole = Zeroizing::new(String::with_capacity(self.0.len() + text.len() + 1));
        whole.push_str(&self.0);
        for letter in text.chars() {
            if whole.len() + letter.len_utf8() <= Self::LIMIT {
                // Terminals spell the end of a line as the key Enter does.
                whole.push(if letter == '\r' { '\n' } else { letter });
            }
        }
        self.0 = whole;
    }

    /// Tells whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl fmt::Debug for Pasted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Pasted({} bytes)", self.0.len())
    }
}
