//! A load in progress: what every loader does to files, recorded step by step.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::base::errno::{Errno, FsError, Operation};
use crate::engine::golang::{self, ReadFailure};
use crate::engine::load::{
    Anchor, ClientPair, Connection, Load, LoadError, LoadErrorKind, Roots, Step, StepOutcome, TlsMaterial,
};
use crate::engine::version::{GoVersion, Judge};
use crate::model::{File, HostDir, HostState};
use crate::pki::Parsed;

/// How a step of a loader ends.
pub(crate) type Outcome = Result<(), LoadError>;

/// A load in progress.
pub(crate) struct Trace<'a> {
    judge: Judge,
    host: &'a HostDir,
    steps: Vec<Step>,
    material: TlsMaterial,
    connections: Vec<Connection>,
    log: Vec<String>,
}

impl<'a> Trace<'a> {
    pub(crate) fn new(judge: Judge, host: &'a HostDir) -> Self {
        Self {
            judge,
            host,
            steps: Vec::new(),
            material: TlsMaterial::system(),
            connections: Vec::new(),
            log: Vec::new(),
        }
    }

    pub(crate) fn go(&self) -> GoVersion {
        self.judge.go()
    }

    pub(crate) fn host(&self) -> &'a HostDir {
        self.host
    }

    /// The path of an entry as Go prints it.
    pub(crate) fn path(&self, file: &File) -> String {
        self.host.path_of(&file.name).to_string_lossy().into_owned()
    }

    /// Why the directory itself cannot be listed (`os.ReadDir`).
    pub(crate) fn listing_error(&self) -> Option<LoadError> {
        let path = self.host.path.to_string_lossy();
        if self.go() < GoVersion(23) && matches!(self.host.state, HostState::NotDirectory(_)) {
            let verbatim = format!("readdirent {path}: not a directory");
            return Some(LoadError { kind: LoadErrorKind::Directory, file: None, verbatim });
        }
        self.open_error(&path)
    }

    /// Why something in the directory cannot be opened because of the directory.
    pub(crate) fn open_error(&self, opened: &str) -> Option<LoadError> {
        let errno = match self.host.state {
            HostState::Listed | HostState::Missing => return None,
            HostState::NotDirectory(_) => Errno::ENOTDIR,
            HostState::Unreadable(error) => error.errno,
        };
        let verbatim = FsError { operation: Operation::Open, errno }.verbatim(opened);
        Some(LoadError { kind: LoadErrorKind::Directory, file: None, verbatim })
    }

    /// Reads an entry as `os.ReadFile` does; `wrap` puts the loader's words around Go's.
    pub(crate) fn read(
        &mut self,
        index: usize,
        file: &'a File,
        wrap: impl Fn(String) -> String,
    ) -> Result<&'a Parsed, LoadError> {
        match golang::read_file(self.host, file) {
            Ok(parsed) => Ok(parsed),
            Err(ReadFailure::Error(text)) => Err(self.fatal(index, LoadErrorKind::Read, wrap(text))),
            Err(ReadFailure::Hang) => {
                self.step(index, StepOutcome::Hang, "opening a FIFO waits for ever");
                Err(LoadError { kind: LoadErrorKind::Hang, file: Some(index), verbatim: String::new() })
            }
            Err(ReadFailure::Unknown) => {
                self.step(index, StepOutcome::Unknown, "not read here, so nothing can be said");
                Err(LoadError { kind: LoadErrorKind::Unknown, file: Some(index), verbatim: String::new() })
            }
        }
    }

    /// Makes a pool of its own: the system's roots and what is added to them.
    pub(crate) fn own_pool(&mut self) {
        self.material.roots = Roots::SystemAndDirectory;
    }

    /// Adds what a CA file holds to the pool, each certificate once. Tells how many Go takes.
    pub(crate) fn add_anchors(&mut self, index: usize, parsed: &Parsed) -> usize {
        let known: HashSet<_> = self.material.anchors.iter().map(|anchor| *anchor.certificate.sha256()).collect();
        let mut known = known;
        let mut count = 0;
        for certificate in golang::appended_certificates(parsed, self.judge.go()) {
            count += 1;
            if known.insert(*certificate.sha256()) {
                self.material.anchors.push(Anchor { file: index, certificate: certificate.clone() });
            }
        }
        match count {
            0 => self.step(index, StepOutcome::Useless, "no certificate in it that Go takes"),
            1 => self.step(index, StepOutcome::Loaded, "1 trust anchor"),
            many => self.step(index, StepOutcome::Loaded, format!("{many} trust anchors")),
        }
        count
    }

    /// Adds a client certificate with its key; `wrap` puts the loader's words around Go's.
    pub(crate) fn add_pair(
        &mut self,
        (certificate_file, certificate): (usize, &Parsed),
        (key_file, key): (usize, &Parsed),
        wrap: impl Fn(String) -> String,
    ) -> Outcome {
        match golang::x509_key_pair(certificate, key, self.judge.go()) {
            Ok(chain) => {
                let text = match chain.len() {
                    1 => "client certificate".to_owned(),
                    many => format!("client certificate, sent with {} more", many - 1),
                };
                self.step(certificate_file, StepOutcome::Loaded, text);
                self.material.pairs.push(ClientPair { certificate_file, key_file, chain });
                Ok(())
            }
            Err(text) => Err(self.fatal(certificate_file, LoadErrorKind::KeyPair, wrap(text))),
        }
    }

    pub(crate) fn ignored(&mut self, index: usize, why: impl Into<String>) {
        self.step(index, StepOutcome::Ignored, why);
    }

    pub(crate) fn step(&mut self, index: usize, outcome: StepOutcome, text: impl Into<String>) {
        self.steps.push(Step { file: Some(index), outcome, text: text.into() });
    }

    pub(crate) fn fatal(&mut self, index: usize, kind: LoadErrorKind, verbatim: String) -> LoadError {
        self.step(index, StepOutcome::Fatal, verbatim.clone());
        LoadError { kind, file: Some(index), verbatim }
    }

    pub(crate) fn log(&mut self, line: String) {
        self.log.push(line);
    }

    /// Ends one connection of several; the next begins with the system's roots.
    pub(crate) fn connect(&mut self, url: Option<String>, verify: Option<bool>, http_fallback: bool) {
        let material = std::mem::replace(&mut self.material, TlsMaterial::system());
        self.connections.push(Connection { url, verify, http_fallback, material });
    }

    /// Ends a load that makes a single connection, to the registry itself.
    pub(crate) fn end(mut self, result: Outcome) -> Load {
        self.connect(None, None, false);
        self.end_connected(result)
    }

    /// Ends a load whose connections are made. Files that were never reached get a step that says so.
    pub(crate) fn end_connected(mut self, result: Outcome) -> Load {
        if let Err(error) = &result
            && error.file.is_none()
        {
            self.steps.push(Step { file: None, outcome: StepOutcome::Fatal, text: error.verbatim.clone() });
        }
        let reached: HashSet<usize> = self.steps.iter().filter_map(|step| step.file).collect();
        let missed = (0..self.host.files.len()).filter(|index| !reached.contains(index));
        self.steps.extend(missed.map(|index| Step {
            file: Some(index),
            outcome: StepOutcome::NotReached,
            text: "the engine has stopped before".to_owned(),
        }));
        Load { engine: self.judge.engine, steps: self.steps, result: result.map(|()| self.connections), log: self.log }
    }
}

impl TlsMaterial {
    /// Nothing but the system's roots.
    fn system() -> Self {
        Self { roots: Roots::System, anchors: Vec::new(), pairs: Vec::new() }
    }
}

/// The name of the other half of a pair: the stem of `file` with `suffix`.
pub(crate) fn partner(file: &File, suffix: &str) -> OsString {
    let mut name = file.stem().as_bytes().to_vec();
    name.extend(suffix.as_bytes());
    OsString::from_vec(name)
}

/// The index of the entry of this name in the listing.
pub(crate) fn position(host: &HostDir, name: &OsStr) -> Option<usize> {
    host.files.binary_search_by(|file| file.name.as_os_str().cmp(name)).ok()
}
