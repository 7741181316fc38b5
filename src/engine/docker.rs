//! Docker's two loaders.
//!
//! Source: moby 29.7 `daemon/pkg/registry/registry.go` (`loadTLSConfig`); containerd 2.x
//! `core/remotes/docker/config/hosts.go` (`loadCertFiles`, `ConfigureHosts`), which moby 28.0 and later call for pulls.

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt;

use crate::base::errno::{Errno, FsError, Operation};
use crate::engine::Engine;
use crate::engine::golang::{self, ReadFailure};
use crate::engine::load::{Anchor, ClientPair, Load, LoadError, LoadErrorKind, Roots, Step, StepOutcome, TlsMaterial};
use crate::model::{File, FileKind, HostDir, HostState, Role};
use crate::pki::Parsed;

/// What `docker login` makes of a host directory: the entries in byte order, the first fault is final.
pub fn classic(host: &HostDir) -> Load {
    let mut trace = Trace::new(Engine::DockerClassic, host);
    if let Some(outcome) = listing(host, &host.path.to_string_lossy()) {
        return trace.end(outcome);
    }
    for (index, file) in host.files.iter().enumerate() {
        let step = match file.role() {
            Role::CaBundle => trace.classic_ca(index, file),
            Role::ClientCertificate => trace.classic_pair(index, file),
            Role::ClientKey => trace.classic_key(index, file),
            Role::HostsToml | Role::Unused => {
                trace.ignored(index, "its name ends neither in .crt, .cert nor .key");
                Ok(())
            }
        };
        if let Err(error) = step {
            return trace.end(Err(error));
        }
    }
    trace.end(Ok(()))
}

/// What `docker pull` with the containerd image store makes of a host directory without a `hosts.toml`: first all CA
/// files, then all pairs.
pub fn c8d(host: &HostDir) -> Load {
    let mut trace = Trace::new(Engine::DockerC8d, host);
    let probe = host.path.join("hosts.toml");
    if let Some(outcome) = listing(host, &probe.to_string_lossy()) {
        return trace.end(outcome);
    }
    let result = trace.c8d();
    trace.end(result)
}

/// The end of a load whose directory cannot be listed; `None` where it can. `opened` is what the engine opens first.
fn listing(host: &HostDir, opened: &str) -> Option<Result<(), LoadError>> {
    let errno = match host.state {
        HostState::Listed => return None,
        HostState::Missing => return Some(Ok(())),
        HostState::NotDirectory(_) => Errno::ENOTDIR,
        HostState::Unreadable(error) => error.errno,
    };
    let verbatim = FsError { operation: Operation::Open, errno }.verbatim(opened);
    Some(Err(LoadError { kind: LoadErrorKind::Directory, file: None, verbatim }))
}

/// A load in progress.
struct Trace<'a> {
    engine: Engine,
    host: &'a HostDir,
    steps: Vec<Step>,
    material: TlsMaterial,
}

type Outcome = Result<(), LoadError>;

impl<'a> Trace<'a> {
    fn new(engine: Engine, host: &'a HostDir) -> Self {
        let material = TlsMaterial { roots: Roots::System, anchors: Vec::new(), pairs: Vec::new() };
        Self { engine, host, steps: Vec::new(), material }
    }

    fn classic_ca(&mut self, index: usize, file: &File) -> Outcome {
        let parsed = self.read(index, file, |text| text)?;
        self.material.roots = Roots::SystemAndDirectory;
        self.anchors(index, parsed);
        Ok(())
    }

    fn classic_pair(&mut self, index: usize, file: &File) -> Outcome {
        let name = file.name.to_string_lossy().into_owned();
        let key_name = partner(file, ".key");
        let Some(key_index) = self.position(&key_name) else {
            let key = key_name.to_string_lossy();
            let verbatim =
                format!("missing key {key} for client certificate {name}. CA certificates must use the extension .crt");
            return Err(self.fatal(index, LoadErrorKind::MissingKey, verbatim));
        };
        let certificate = self.read(index, file, |text| text)?;
        let key = match self.host.files.get(key_index) {
            Some(key_file) => self.read(key_index, key_file, |text| text)?,
            None => return Ok(()),
        };
        self.pair(index, key_index, certificate, key, |text| text)
    }

    fn classic_key(&mut self, index: usize, file: &File) -> Outcome {
        let certificate = partner(file, ".cert");
        if self.position(&certificate).is_some() {
            self.step(index, StepOutcome::Loaded, format!("the key of {}", certificate.to_string_lossy()));
            return Ok(());
        }
        let (certificate, name) = (certificate.to_string_lossy(), file.name.to_string_lossy());
        let verbatim = format!("missing client certificate {certificate} for key {name}");
        Err(self.fatal(index, LoadErrorKind::MissingCertificate, verbatim))
    }

    fn c8d(&mut self) -> Outcome {
        let host = self.host;
        let mut authorities = Vec::new();
        let mut pairs = Vec::new();
        for (index, file) in host.files.iter().enumerate() {
            let is_plain_directory = file.kind == FileKind::Directory && file.link.is_none();
            match file.role() {
                Role::CaBundle | Role::ClientCertificate if is_plain_directory => {
                    self.ignored(index, "directories are passed over");
                }
                Role::CaBundle => authorities.push((index, file)),
                Role::ClientCertificate => pairs.push((index, file, self.key_of(index, file)?)),
                Role::ClientKey => {}
                Role::HostsToml => self.ignored(index, "it is empty"),
                Role::Unused => self.ignored(index, "its name ends neither in .crt nor .cert"),
            }
        }
        for (index, file) in authorities {
            self.c8d_ca(index, file)?;
        }
        for (index, file, key) in &pairs {
            self.c8d_pair(*index, file, *key)?;
        }
        for (index, file) in host.files.iter().enumerate() {
            if file.role() == Role::ClientKey && !pairs.iter().any(|(_, _, key)| *key == index) {
                self.ignored(index, "no .cert file of its stem");
            }
        }
        Ok(())
    }

    /// The key that goes with a `.cert`: `STEM.key` where `stat` finds it, else the `.cert` itself.
    fn key_of(&mut self, index: usize, file: &File) -> Result<usize, LoadError> {
        let Some(key_index) = self.position(&partner(file, ".key")) else { return Ok(index) };
        let Some(key) = self.host.files.get(key_index) else { return Ok(index) };
        match key.kind {
            FileKind::Dangling => Ok(index),
            FileKind::LinkLoop => {
                let path = self.host.path_of(&key.name);
                let error = FsError { operation: Operation::Stat, errno: Errno::ELOOP };
                Err(self.fatal(key_index, LoadErrorKind::Read, error.verbatim(&path.to_string_lossy())))
            }
            _ => Ok(key_index),
        }
    }

    fn c8d_ca(&mut self, index: usize, file: &File) -> Outcome {
        let path = golang::quote(&self.host.path_of(&file.name).to_string_lossy());
        let parsed = self.read(index, file, |text| format!("unable to read CA cert {path}: {text}"))?;
        self.material.roots = Roots::SystemAndDirectory;
        if golang::appended_certificates(parsed).next().is_none() {
            let verbatim = format!("unable to load CA cert {path}");
            return Err(self.fatal(index, LoadErrorKind::NoCertificate, verbatim));
        }
        self.anchors(index, parsed);
        Ok(())
    }

    fn c8d_pair(&mut self, index: usize, file: &File, key_index: usize) -> Outcome {
        let wrap = |file: &File, text: String| {
            let path = golang::quote(&self.host.path_of(&file.name).to_string_lossy());
            format!("unable to read CERT file {path}: {text}")
        };
        let host = self.host;
        let key_file = host.files.get(key_index).unwrap_or(file);
        let certificate =
            golang::read_file(host, file).map_err(|failure| wrap_failure(failure, |text| wrap(file, text)));
        let certificate = certificate.map_err(|failure| self.failed(index, failure))?;
        let key =
            golang::read_file(host, key_file).map_err(|failure| wrap_failure(failure, |text| wrap(key_file, text)));
        let key = key.map_err(|failure| self.failed(key_index, failure))?;
        self.pair(index, key_index, certificate, key, |text| format!("failed to load X509 key pair: {text}"))?;
        if key_index != index {
            self.step(key_index, StepOutcome::Loaded, format!("the key of {}", file.name.to_string_lossy()));
        }
        Ok(())
    }

    fn read<'f>(
        &mut self,
        index: usize,
        file: &'f File,
        wrap: impl Fn(String) -> String,
    ) -> Result<&'f Parsed, LoadError> {
        golang::read_file(self.host, file).map_err(|failure| self.failed(index, wrap_failure(failure, wrap)))
    }

    fn failed(&mut self, index: usize, failure: ReadFailure) -> LoadError {
        match failure {
            ReadFailure::Error(verbatim) => self.fatal(index, LoadErrorKind::Read, verbatim),
            ReadFailure::Hang => {
                self.step(index, StepOutcome::Hang, "opening a FIFO waits for ever".into());
                LoadError { kind: LoadErrorKind::Hang, file: Some(index), verbatim: String::new() }
            }
            ReadFailure::Unknown => {
                self.step(index, StepOutcome::Unknown, "not read here, so nothing can be said".into());
                LoadError { kind: LoadErrorKind::Unknown, file: Some(index), verbatim: String::new() }
            }
        }
    }

    /// Adds what a CA file holds to the pool, each certificate once.
    fn anchors(&mut self, index: usize, parsed: &Parsed) {
        let mut count = 0;
        for certificate in golang::appended_certificates(parsed) {
            count += 1;
            let known = self.material.anchors.iter().any(|anchor| anchor.certificate.sha256() == certificate.sha256());
            if !known {
                self.material.anchors.push(Anchor { file: index, certificate: certificate.clone() });
            }
        }
        match count {
            0 => self.step(index, StepOutcome::Useless, "no certificate in it that Go takes".into()),
            1 => self.step(index, StepOutcome::Loaded, "1 trust anchor".into()),
            many => self.step(index, StepOutcome::Loaded, format!("{many} trust anchors")),
        }
    }

    fn pair(
        &mut self,
        index: usize,
        key_index: usize,
        certificate: &Parsed,
        key: &Parsed,
        wrap: impl Fn(String) -> String,
    ) -> Outcome {
        match golang::x509_key_pair(certificate, key) {
            Ok(chain) => {
                let text = match chain.len() {
                    1 => "client certificate".to_owned(),
                    many => format!("client certificate, sent with {} more", many - 1),
                };
                self.step(index, StepOutcome::Loaded, text);
                self.material.pairs.push(ClientPair { certificate_file: index, key_file: key_index, chain });
                Ok(())
            }
            Err(text) => Err(self.fatal(index, LoadErrorKind::KeyPair, wrap(text))),
        }
    }

    fn position(&self, name: &std::ffi::OsStr) -> Option<usize> {
        self.host.files.binary_search_by(|file| file.name.as_os_str().cmp(name)).ok()
    }

    fn ignored(&mut self, index: usize, why: &str) {
        self.step(index, StepOutcome::Ignored, why.to_owned());
    }

    fn fatal(&mut self, index: usize, kind: LoadErrorKind, verbatim: String) -> LoadError {
        self.step(index, StepOutcome::Fatal, verbatim.clone());
        LoadError { kind, file: Some(index), verbatim }
    }

    fn step(&mut self, index: usize, outcome: StepOutcome, text: String) {
        self.steps.push(Step { file: Some(index), outcome, text });
    }

    /// Closes the trace; files that were never reached get a step that says so.
    fn end(mut self, result: Outcome) -> Load {
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
        let result = result.map(|()| self.material);
        Load { engine: self.engine, steps: self.steps, result, log: Vec::new() }
    }
}

fn wrap_failure(failure: ReadFailure, wrap: impl Fn(String) -> String) -> ReadFailure {
    match failure {
        ReadFailure::Error(text) => ReadFailure::Error(wrap(text)),
        other => other,
    }
}

/// The name of the other half of a pair.
fn partner(file: &File, suffix: &str) -> std::ffi::OsString {
    let mut name = file.stem().as_bytes().to_vec();
    name.extend(suffix.as_bytes());
    std::os::unix::ffi::OsStringExt::from_vec(name)
}
