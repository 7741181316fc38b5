//! The trace of one engine over one host directory.

use std::sync::Arc;

use crate::engine::Engine;
use crate::pki::Certificate;

/// What one engine makes of one host directory.
#[derive(Clone, Debug)]
pub struct Load {
    /// The engine.
    pub engine: Engine,
    /// One step a file, in the engine's own order.
    pub steps: Vec<Step>,
    /// What it connects with, in the order in which it tries; or the error at which it stops. At least one: the registry
    /// itself comes last, mirrors out of a `hosts.toml` before it.
    pub result: Result<Vec<Connection>, LoadError>,
    /// What it writes to its log meanwhile, byte for byte.
    pub log: Vec<String>,
}

/// What an engine does with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Index as of [`crate::model::HostDir::entry`]; `None` for the directory itself.
    pub file: Option<usize>,
    /// What becomes of it.
    pub outcome: StepOutcome,
    /// What it does and why, in our words; may hold foreign text.
    pub text: String,
}

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepOutcome {
    /// It is used.
    Loaded,
    /// It is read, and nothing in it is used.
    Useless,
    /// It is not looked at.
    Ignored,
    /// It stops the engine.
    Fatal,
    /// It stops the engine for ever.
    Hang,
    /// The engine has stopped before.
    NotReached,
    /// It was not read here, so nothing can be said.
    Unknown,
}

impl StepOutcome {
    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Useless => "useless",
            Self::Ignored => "ignored",
            Self::Fatal => "fatal",
            Self::Hang => "hang",
            Self::NotReached => "not-reached",
            Self::Unknown => "unknown",
        }
    }
}

/// A server and what an engine connects to it with.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its URL, where `hosts.toml` names one; else it is the registry itself ([`crate::engine::select::Endpoint::url`]).
    pub url: Option<String>,
    /// Whether the server's certificate is checked, where `hosts.toml` says so.
    pub verify: Option<bool>,
    /// Plain HTTP is tried where HTTPS fails, since `hosts.toml` has certificates for an address that says `http://`.
    pub http_fallback: bool,
    /// The certificates.
    pub material: TlsMaterial,
}

/// Which certificates an engine trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Roots {
    /// The system's alone
    System,
    /// The system's and those of the directory
    SystemAndDirectory,
}

/// What an engine connects with.
#[derive(Clone, Debug)]
pub struct TlsMaterial {
    /// Which certificates it trusts.
    pub roots: Roots,
    /// The trust anchors out of the directory, in the order of the pool, each once.
    pub anchors: Vec<Anchor>,
    /// The client certificates, in the order in which Go considers them.
    pub pairs: Vec<ClientPair>,
}

/// A trust anchor.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// Index of its file.
    pub file: usize,
    /// The certificate.
    pub certificate: Arc<Certificate>,
}

/// A client certificate with its key.
#[derive(Clone, Debug)]
pub struct ClientPair {
    /// Index of the certificate's file.
    pub certificate_file: usize,
    /// Index of the key's file (the same one for a combined file).
    pub key_file: usize,
    /// The certificate and what is sent after it; a certificate that Go cannot read is `None`.
    pub chain: Vec<Option<Arc<Certificate>>>,
}

impl ClientPair {
    /// The certificate of the pair.
    pub fn leaf(&self) -> Option<&Arc<Certificate>> {
        self.chain.first().and_then(Option::as_ref)
    }
}

/// Why an engine stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// What kind of error.
    pub kind: LoadErrorKind,
    /// Index of the file at which it stops; `None` for the directory itself.
    pub file: Option<usize>,
    /// The engine's text, byte for byte, without the wrappers that a daemon or client puts around it; paths as given.
    pub verbatim: String,
}

/// Kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoadErrorKind {
    /// The directory cannot be listed.
    Directory,
    /// A file cannot be read.
    Read,
    /// A `.crt` holds no certificate that Go takes.
    NoCertificate,
    /// A `.cert` has no `.key`.
    MissingKey,
    /// A `.key` has no `.cert`.
    MissingCertificate,
    /// `tls.X509KeyPair` refuses a pair.
    KeyPair,
    /// Opening a FIFO waits for ever.
    Hang,
    /// A file was not read here, so nothing can be said.
    Unknown,
}

impl Load {
    /// Tells whether the engine connects.
    pub fn is_ok(&self) -> bool {
        self.result.is_ok()
    }

    /// The step of a file.
    pub fn step(&self, file: usize) -> Option<&Step> {
        self.steps.iter().find(|step| step.file == Some(file))
    }

    /// What the registry itself is connected to with; `None` where the engine stops.
    pub fn material(&self) -> Option<&TlsMaterial> {
        self.connections().last().map(|connection| &connection.material)
    }

    /// All that is connected to, in order; none where the engine stops.
    pub fn connections(&self) -> &[Connection] {
        self.result.as_deref().unwrap_or_default()
    }

    /// Where and why the engine stops.
    pub fn error(&self) -> Option<&LoadError> {
        self.result.as_ref().err()
    }

    /// "ok", "error", "hang" or "unknown", as in JSON.
    pub fn outcome(&self) -> &'static str {
        match &self.result {
            Ok(_) => "ok",
            Err(LoadError { kind: LoadErrorKind::Hang, .. }) => "hang",
            Err(LoadError { kind: LoadErrorKind::Unknown, .. }) => "unknown",
            Err(_) => "error",
        }
    }
}
