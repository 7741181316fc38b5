//! containerd's loader, which Docker from 28.0 uses for pulls and builds as well: `hosts.toml` where there is one, else
//! the files of the directory, first all CA files, then all pairs.
//!
//! Source: containerd 2.2 `core/remotes/docker/config/hosts.go` (`loadHostDir`, `loadCertFiles`, `tlsConfigFromHost`);
//! moby 29.7 `daemon/hosts.go` (`RegistryHosts`).

use std::ffi::{OsStr, OsString};

use crate::base::errno::{Errno, FsError, Operation};
use crate::engine::Engine;
use crate::engine::golang::{self, ReadFailure};
use crate::engine::load::{Load, LoadError, LoadErrorKind, StepOutcome};
use crate::engine::trace::{Outcome, Trace, partner, position};
use crate::engine::version::{Judge, Version};
use crate::model::host::split_port;
use crate::model::hosts_toml::{self, Age, Host, HostsToml, Url};
use crate::model::{File, FileKind, HostDir, HostState, Role};

/// What containerd, or Docker's containerd-style loader, makes of a host directory.
pub fn load(judge: Judge, host: &HostDir) -> Load {
    let mut trace = Trace::new(judge, host);
    let toml_path = host.path.join("hosts.toml");
    // `HostDirFromRoot` looks at the directory before anything in it.
    if let HostState::Unreadable(error) = host.state
        && error.operation == Operation::Stat
    {
        let verbatim = error.verbatim(&host.path.to_string_lossy());
        return trace.end(Err(LoadError { kind: LoadErrorKind::Directory, file: None, verbatim }));
    }
    if let Some(error) = trace.open_error(&toml_path.to_string_lossy()) {
        return trace.end(Err(error));
    }
    if let Some(error) = unreadable_hosts_toml(&mut trace) {
        return trace.end(Err(error));
    }
    let age = age(judge);
    match host.hosts_toml.as_ref().map(|file| file.of(age)) {
        Some(Ok(toml)) => {
            let outcome = configured(&mut trace, toml, age);
            trace.end_connected(outcome)
        }
        Some(Err(why)) => {
            let file = if age.is_first() { "hosts.toml".into() } else { toml_path.to_string_lossy() };
            trace.log(format!("failed to decode {file}: {why}"));
            if let Some(index) = position(host, OsStr::new("hosts.toml")) {
                trace.step(index, StepOutcome::Useless, format!("refused, and logged: {why}"));
            }
            let outcome = certificate_files(&mut trace);
            trace.end(outcome)
        }
        None => {
            let outcome = certificate_files(&mut trace);
            trace.end(outcome)
        }
    }
}

/// How a version reads `hosts.toml`. Docker 28 and later is taken for the newest containerd.
fn age(judge: Judge) -> Age {
    if judge.engine != Engine::Containerd {
        return Age::Newest;
    }
    let ages = [
        (Version(1, 6), Age::V1_5),
        (Version(2, 0), Age::V1_6),
        (Version(2, 1), Age::V2_0),
        (Version(2, 2), Age::V2_1),
    ];
    ages.into_iter().find(|(until, _)| judge.is_before(*until)).map_or(Age::Newest, |(_, age)| age)
}

/// A `hosts.toml` that cannot be read is fatal, unless there is none.
fn unreadable_hosts_toml(trace: &mut Trace<'_>) -> Option<LoadError> {
    let host = trace.host();
    let index = position(host, OsStr::new("hosts.toml"))?;
    let file = host.files.get(index)?;
    if file.kind == FileKind::Dangling {
        return None;
    }
    let Err(failure) = golang::read_file(host, file) else { return None };
    Some(match failure {
        ReadFailure::Error(verbatim) => trace.fatal(index, LoadErrorKind::Read, verbatim),
        ReadFailure::Hang => {
            trace.step(index, StepOutcome::Hang, "opening a FIFO waits for ever");
            LoadError { kind: LoadErrorKind::Hang, file: Some(index), verbatim: String::new() }
        }
        ReadFailure::Unknown => {
            trace.step(index, StepOutcome::Unknown, "not read here, so nothing can be said");
            LoadError { kind: LoadErrorKind::Unknown, file: Some(index), verbatim: String::new() }
        }
    })
}

/// The hosts of a `hosts.toml`, each with its own certificates; the files of the directory count only where it names them.
fn configured(trace: &mut Trace<'_>, toml: &HostsToml, age: Age) -> Outcome {
    let host = trace.host();
    let toml_index = position(host, OsStr::new("hosts.toml"));
    if let Some(index) = toml_index {
        trace.step(index, StepOutcome::Loaded, "it decides: files that it does not name are not read");
    }
    let named: Vec<OsString> = toml.files().map(|file| hosts_toml::relative(file).into_os_string()).collect();
    for (index, file) in host.files.iter().enumerate() {
        if Some(index) != toml_index && !named.contains(&file.name) {
            trace.ignored(index, "hosts.toml does not name it");
        }
    }
    for (index, entry) in toml.hosts.iter().enumerate() {
        configured_host(trace, entry)?;
        // Only the last stands for the registry itself, where it has no host; any other leads nowhere.
        let is_itself = index + 1 == toml.hosts.len() && entry.url.as_ref().is_none_or(|url| url.host.is_empty());
        let nowhere = Url::default();
        let url = entry.url.as_ref().or(Some(&nowhere)).filter(|_| !is_itself);
        let tries_https = url.is_some_and(|url| !age.is_first() && tries_https_first(url, entry));
        let url = url.map(|url| {
            let scheme = if tries_https { "https" } else { &url.scheme };
            format!("{scheme}://{}{}", url.host, url.path)
        });
        trace.connect(url, entry.skip_verify.map(|skip| !skip), tries_https);
    }
    Ok(())
}

/// An address of plain HTTP for which certificates are configured, on a port that does not say which protocol it speaks.
fn tries_https_first(url: &Url, entry: &Host) -> bool {
    let is_configured = entry.has_ca || !entry.clients.is_empty() || entry.skip_verify.is_some();
    let port = split_port(&url.host).map(|(_, port)| port);
    url.scheme == "http" && is_configured && port != Some("80")
}

fn configured_host(trace: &mut Trace<'_>, entry: &Host) -> Outcome {
    let host = trace.host();
    if entry.has_ca {
        trace.own_pool();
    }
    for name in &entry.ca {
        let (index, file) = named_file(trace, name, "CA cert")?;
        authority(trace, index, file)?;
    }
    for (certificate, key) in &entry.clients {
        let (index, file) = named_file(trace, certificate, "CERT file")?;
        // The certificate is read before anything is said of the key.
        trace.read(index, file, |text| unreadable_half(host, file, &text))?;
        let key = match key {
            Some(key) => named_file(trace, key, "CERT file")?,
            None => (index, file),
        };
        pair(trace, (index, file), key)?;
    }
    Ok(())
}

/// The file that `hosts.toml` names. An empty name means the directory itself, which cannot be read.
fn named_file<'a>(trace: &mut Trace<'a>, name: &str, what: &str) -> Result<(usize, &'a File), LoadError> {
    let host = trace.host();
    let relative = hosts_toml::relative(name);
    let found = host.index_of(relative.as_os_str()).and_then(|index| Some((index, host.entry(index)?)));
    found.filter(|_| !relative.as_os_str().is_empty()).ok_or_else(|| {
        let path = if relative.as_os_str().is_empty() { host.path.clone() } else { host.path.join(&relative) };
        let path = path.to_string_lossy();
        let error = FsError { operation: Operation::Read, errno: Errno::EISDIR }.verbatim(&path);
        let verbatim = format!("unable to read {what} {}: {error}", golang::quote(&path));
        LoadError { kind: LoadErrorKind::Read, file: None, verbatim }
    })
}

/// The files of the directory, as `loadCertFiles` sorts them.
fn certificate_files(trace: &mut Trace<'_>) -> Outcome {
    let host = trace.host();
    let mut authorities = Vec::new();
    let mut pairs = Vec::new();
    for (index, file) in host.files.iter().enumerate() {
        let is_plain_directory = file.kind == FileKind::Directory && file.link.is_none();
        match file.role() {
            Role::CaBundle | Role::ClientCertificate if is_plain_directory => {
                trace.ignored(index, "directories are passed over");
            }
            Role::CaBundle => authorities.push((index, file)),
            Role::ClientCertificate => pairs.push((index, file, key_of(trace, index, file)?)),
            Role::ClientKey => {}
            Role::HostsToml if host.hosts_toml.is_some() => {}
            Role::HostsToml if file.kind == FileKind::Dangling => trace.ignored(index, "a link that leads to nothing"),
            Role::HostsToml => trace.ignored(index, "it is empty"),
            Role::Unused => trace.ignored(index, "its name ends neither in .crt nor .cert"),
        }
    }
    if !authorities.is_empty() {
        trace.own_pool();
    }
    for (index, file) in authorities {
        authority(trace, index, file)?;
    }
    for (index, file, (key_index, key_file)) in &pairs {
        pair(trace, (*index, file), (*key_index, key_file))?;
    }
    for (index, file) in host.files.iter().enumerate() {
        if file.role() == Role::ClientKey && !pairs.iter().any(|(_, _, (key, _))| *key == index) {
            trace.ignored(index, "no .cert file of its stem");
        }
    }
    Ok(())
}

/// The key that goes with a `.cert`: `STEM.key` where `stat` finds it, else the `.cert` itself.
fn key_of<'a>(trace: &mut Trace<'a>, index: usize, file: &'a File) -> Result<(usize, &'a File), LoadError> {
    let host = trace.host();
    let found = position(host, &partner(file, ".key")).and_then(|at| Some((at, host.files.get(at)?)));
    let Some((key_index, key)) = found else { return Ok((index, file)) };
    match key.kind {
        FileKind::Dangling => Ok((index, file)),
        FileKind::LinkLoop => {
            let error = FsError { operation: Operation::Stat, errno: Errno::ELOOP };
            let verbatim = error.verbatim(&trace.path(key));
            Err(trace.fatal(key_index, LoadErrorKind::Read, verbatim))
        }
        _ => Ok((key_index, key)),
    }
}

fn authority<'a>(trace: &mut Trace<'a>, index: usize, file: &'a File) -> Outcome {
    let host = trace.host();
    let parsed = trace.read(index, file, |text| format!("unable to read CA cert {}: {text}", quoted(host, file)))?;
    if golang::appended_certificates(parsed, trace.go()).next().is_none() {
        let verbatim = format!("unable to load CA cert {}", quoted(host, file));
        return Err(trace.fatal(index, LoadErrorKind::NoCertificate, verbatim));
    }
    trace.add_anchors(index, parsed);
    Ok(())
}

/// The path of an entry in Go's quotes.
fn quoted(host: &HostDir, file: &File) -> String {
    golang::quote(&host.path_of(&file.name).to_string_lossy())
}

fn pair<'a>(
    trace: &mut Trace<'a>,
    (index, file): (usize, &'a File),
    (key_index, key_file): (usize, &'a File),
) -> Outcome {
    let host = trace.host();
    let certificate = trace.read(index, file, |text| unreadable_half(host, file, &text))?;
    let key = trace.read(key_index, key_file, |text| unreadable_half(host, key_file, &text))?;
    let wrap = |text| format!("failed to load X509 key pair: {text}");
    trace.add_pair((index, certificate), (key_index, key), wrap)?;
    if key_index != index {
        trace.step(key_index, StepOutcome::Loaded, format!("the key of {}", file.name.to_string_lossy()));
    }
    Ok(())
}

/// What is said of a certificate, or of a key, that cannot be read.
fn unreadable_half(host: &HostDir, file: &File, text: &str) -> String {
    format!("unable to read CERT file {}: {text}", quoted(host, file))
}
