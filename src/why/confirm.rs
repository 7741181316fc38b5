//! Holds a diagnosis against a host directory: which causes its findings confirm, which engine gives exactly this text for
//! it, which certificate the text means.

use std::cmp::Reverse;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::base::text::{display_name, sanitise};
use crate::engine::{Engine, Judge, LoadError, Version};
use crate::finding::{Finding, Place};
use crate::model::host::HostName;
use crate::model::{File, HostDir, HostState};
use crate::pki::Certificate;
use crate::why::{Cause, Diagnosis, Evidence};

/// A diagnosis held against a host directory.
#[derive(Clone, Debug)]
pub struct Verdict<'a> {
    /// What may lie behind it: confirmed first, then open, then what the directory does not bear out; within each in order
    /// of likelihood.
    pub causes: Vec<Candidate<'a>>,
    /// The engines that give exactly this text for the directory.
    pub replays: Vec<Replay>,
    /// Certificates of the directory that the text means, by a name or a date in it.
    pub suspects: Vec<Suspect>,
}

/// A cause with what the directory says about it.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The cause.
    pub cause: &'static Cause,
    /// Whether it is so.
    pub standing: Standing,
    /// The findings that confirm it, those about a suspect first.
    pub findings: Vec<&'a Finding>,
}

/// Whether a cause is borne out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The directory shows it.
    Confirmed,
    /// The directory cannot show it, or was not looked at.
    Open,
    /// The directory would show it, and does not.
    Unseen,
}

/// An engine that stops at a directory with exactly the text that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The engine, and its version where the newest speaks otherwise.
    pub judge: Judge,
    /// Where it stops: the file, or the directory.
    pub path: PathBuf,
}

impl fmt::Display for Replay {
    /// Says it in a sentence that is safe to show.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.path.file_name().map_or_else(|| display_name(&self.path), display_name);
        write!(out, "{} stops at {name} with exactly this text", self.judge)
    }
}

/// A certificate that a text means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Its file.
    pub path: PathBuf,
    /// Its index among the certificates of the file.
    pub certificate: usize,
    /// Why it is meant; safe to show.
    pub reason: String,
}

/// Holds a diagnosis against the directory of its registry and that directory's findings. A directory that is missing is
/// told apart by its state; `None` means that none is known. Without a directory, only findings count that are about one of
/// the same host under another spelling.
pub fn confirm<'a>(diagnosis: &Diagnosis, host: Option<&HostDir>, findings: &'a [Finding]) -> Verdict<'a> {
    let replays = host.map(|host| replays(diagnosis, host)).unwrap_or_default();
    let suspects = host.map(|host| suspects(diagnosis, host)).unwrap_or_default();
    let stems = stems_in_question(diagnosis, host, &replays);
    let concerns = |finding: &&Finding| match host {
        Some(host) if host.state != HostState::Missing => {
            *finding.place.directory == *host.path && is_about(&finding.place, &stems)
        }
        _ => is_alike(diagnosis, &finding.place.directory),
    };
    let own: Vec<&Finding> = findings.iter().filter(concerns).collect();
    let is_suspect = |finding: &Finding| suspects.iter().any(|suspect| suspect.path == finding.place.path());
    let candidate = |cause: &'static Cause| {
        let speaks = |finding: &&Finding| cause.codes.contains(&finding.code.number);
        let mut findings: Vec<&Finding> = own.iter().copied().filter(speaks).collect();
        findings.sort_by_key(|finding| !is_suspect(finding));
        let standing = standing(diagnosis, cause, host, &findings);
        Candidate { cause, standing, findings }
    };
    let mut causes: Vec<Candidate<'a>> = diagnosis.causes().map(candidate).collect();
    causes.sort_by_key(|candidate| {
        let names_suspect = candidate.findings.first().is_some_and(|finding| is_suspect(finding));
        (candidate.standing, Reverse(names_suspect))
    });
    Verdict { causes, replays, suspects }
}

/// The stems of the files that the text is about: those that it names, and those at which engines stop with it. None, where
/// it is about the whole directory.
fn stems_in_question(diagnosis: &Diagnosis, host: Option<&HostDir>, replays: &[Replay]) -> Vec<OsString> {
    let named = diagnosis.path.as_deref().into_iter();
    let paths = named.chain(replays.iter().map(|replay| replay.path.as_path()));
    let names = paths.filter_map(Path::file_name).filter(|name| host.is_none_or(|host| **name != *host.name));
    names.map(stem).collect()
}

/// Tells whether a place is one of these files, or its other half, or stands above them: the directory, or `hosts.toml`.
fn is_about(place: &Place, stems: &[OsString]) -> bool {
    let is_above = |file: &OsString| file == "hosts.toml";
    stems.is_empty() || place.file.as_ref().is_none_or(|file| is_above(file) || stems.contains(&stem(file)))
}

/// A name without `.crt`, `.cert` or `.key`.
fn stem(name: &OsStr) -> OsString {
    let bytes = name.as_bytes();
    let stem = [&b".crt"[..], b".cert", b".key"].into_iter().find_map(|suffix| bytes.strip_suffix(suffix));
    OsStr::from_bytes(stem.unwrap_or(bytes)).to_owned()
}

/// Tells whether a directory is for the registry under another spelling: with another port, or in capitals.
fn is_alike(diagnosis: &Diagnosis, directory: &Path) -> bool {
    let server = |name: &OsStr| HostName::parse(name).server_name().map(str::to_ascii_lowercase);
    let registry = diagnosis.registry.as_deref().and_then(|registry| server(OsStr::new(registry)));
    registry.is_some() && directory.file_name().and_then(server) == registry
}

fn standing(diagnosis: &Diagnosis, cause: &Cause, host: Option<&HostDir>, findings: &[&Finding]) -> Standing {
    let Some(host) = host else {
        return if findings.is_empty() || !cause.evidence.is_in_directory() {
            Standing::Open
        } else {
            Standing::Confirmed
        };
    };
    let is_missing = host.state == HostState::Missing;
    let shown = match cause.evidence {
        Evidence::Host | Evidence::Server => return Standing::Open,
        Evidence::Directory => !findings.is_empty(),
        Evidence::NoDirectory => is_missing || (!findings.is_empty() && !is_spelt_so(diagnosis, host)),
        Evidence::NoAnchor => !is_missing && has_no_anchor(diagnosis, host),
    };
    if shown { Standing::Confirmed } else { Standing::Unseen }
}

/// Tells whether the directory has exactly the name that the reference spells.
fn is_spelt_so(diagnosis: &Diagnosis, host: &HostDir) -> bool {
    diagnosis.registry.as_deref().is_some_and(|registry| *host.name == *registry)
}

/// Tells whether the engine in question, or any where none is known, connects without an anchor out of the directory.
fn has_no_anchor(diagnosis: &Diagnosis, host: &HostDir) -> bool {
    let engine = diagnosis.engine.unwrap_or(Engine::DockerClassic);
    let load = engine.load(host);
    load.is_ok() && load.connections().iter().all(|connection| connection.material.anchors.is_empty())
}

/// The newest version of every engine, then those that speak otherwise.
fn judges() -> impl Iterator<Item = Judge> {
    let newest = Engine::ALL.into_iter().map(Judge::newest);
    let older = [
        (Engine::DockerClassic, Version(20, 10)),
        (Engine::DockerClassic, Version(17, 5)),
        (Engine::DockerClassic, Version(1, 9)),
        (Engine::DockerC8d, Version(28, 0)),
        (Engine::Containerd, Version(2, 0)),
        (Engine::Containerd, Version(1, 7)),
        (Engine::Containerd, Version(1, 6)),
        (Engine::Buildkit, Version(0, 12)),
        (Engine::ContainersImage, Version(5, 22)),
    ];
    newest.chain(older.into_iter().map(|(engine, version)| Judge { engine, version: Some(version) }))
}

/// The engines that stop at the directory with exactly this text: each once, the one that speaks first.
pub(super) fn replays(diagnosis: &Diagnosis, host: &HostDir) -> Vec<Replay> {
    let mut replays: Vec<Replay> = Vec::new();
    for judge in judges() {
        if replays.iter().any(|replay| replay.judge.engine == judge.engine) {
            continue;
        }
        let load = judge.load(host);
        let Some(error) = load.error().filter(|error| is_same(diagnosis, host, error)) else { continue };
        let file = error.file.and_then(|file| host.entry(file));
        let path = file.map_or_else(|| host.path.clone(), |file| host.path_of(&file.name));
        replays.push(Replay { judge, path });
    }
    replays.sort_by_key(|replay| Some(replay.judge.engine) != diagnosis.engine);
    replays
}

/// Compares texts; a copy of the directory under another root counts as the directory itself.
fn is_same(diagnosis: &Diagnosis, host: &HostDir, error: &LoadError) -> bool {
    if error.verbatim.is_empty() {
        return false;
    }
    if error.verbatim == diagnosis.verbatim {
        return true;
    }
    let is_host = |ancestor: &&Path| ancestor.file_name().is_some_and(|name| *name == *host.name);
    let Some(there) = diagnosis.path.as_deref().and_then(|path| path.ancestors().find(is_host)) else { return false };
    let here = host.path.to_string_lossy();
    error.verbatim.replace(&*here, &there.to_string_lossy()) == diagnosis.verbatim
}

/// The certificates of the directory that the text means.
pub(super) fn suspects(diagnosis: &Diagnosis, host: &HostDir) -> Vec<Suspect> {
    let files = (0..).map_while(|index| host.entry(index));
    let certificates = files.flat_map(|file| {
        let found = file.parsed().into_iter().flat_map(|parsed| parsed.certificates()).enumerate();
        found.map(move |(index, certificate)| (file, index, certificate))
    });
    let suspect = |(file, index, certificate): (&File, usize, &std::sync::Arc<Certificate>)| {
        let reason = why_meant(diagnosis, certificate)?;
        Some(Suspect { path: host.path_of(&file.name), certificate: index, reason })
    };
    certificates.filter_map(suspect).collect()
}

/// Why a text means this certificate: it is the authority that the text names, or it ends or begins at the moment that
/// stands there (which a text about dates has instead of a name).
fn why_meant(diagnosis: &Diagnosis, certificate: &Certificate) -> Option<String> {
    let named = |part: &str, value: &str| diagnosis.part(part).is_some_and(|text| text == value);
    if let Some(name) = certificate.subject().common_name()
        && named("authority", &name)
    {
        return Some(format!("it is the authority {} that the text names", sanitise(&name)));
    }
    let end = certificate.not_after().rfc3339();
    if named("end", &end) {
        return Some(format!("it expired at {end}, as the text says"));
    }
    let start = certificate.not_before().rfc3339();
    named("start", &start).then(|| format!("it begins at {start}, as the text says"))
}
