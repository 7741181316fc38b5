//! The loaders that go through the listing once, in byte order, and stop at the first fault: Docker's own, and
//! containers/image, which was written after it.
//!
//! Source: moby 29.7 `daemon/pkg/registry/registry.go` (`loadTLSConfig`); containers/image 5.36
//! `pkg/tlsclientconfig/tlsclientconfig.go` (`SetupCertificates`). The texts of older versions: engine changelogs from 1.3 on.

use crate::base::errno::Errno;
use crate::engine::load::{Load, LoadErrorKind, StepOutcome};
use crate::engine::trace::{Outcome, Trace, partner, position};
use crate::engine::version::{Judge, Version};
use crate::model::{File, FileKind, HostDir, HostState, Role};

/// What tells the two loaders, and their versions, apart.
struct Dialect {
    judge: Judge,
    /// What is said of a `.cert` without its key, from the key's and the certificate's names.
    missing_key: fn(&str, &str) -> String,
    /// What is said of a `.key` without its certificate, from the certificate's and the key's names.
    missing_certificate: fn(&str, &str) -> String,
    /// A `.crt` that cannot be opened for lack of a file is passed over.
    skips_dangling: bool,
    /// A directory that may not be listed counts as empty.
    forgives_permission: bool,
}

/// What `docker login` makes of a host directory.
pub fn docker_classic(judge: Judge, host: &HostDir) -> Load {
    let missing_key: fn(&str, &str) -> String = if judge.is_before(Version(1, 10)) {
        |key, certificate| format!("Missing key {key} for certificate {certificate}")
    } else if judge.is_before(Version(17, 9)) {
        |key, certificate| {
            format!(
                "Missing key {key} for client certificate {certificate}. Note that CA certificates should use the \
                 extension .crt."
            )
        }
    } else if judge.is_before(Version(22, 6)) {
        note_missing_key
    } else {
        |key, certificate| {
            format!(
                "missing key {key} for client certificate {certificate}. CA certificates must use the extension .crt"
            )
        }
    };
    let missing_certificate: fn(&str, &str) -> String = if judge.is_before(Version(22, 6)) {
        |certificate, key| format!("Missing client certificate {certificate} for key {key}")
    } else {
        plain_missing_certificate
    };
    load(host, &Dialect { judge, missing_key, missing_certificate, skips_dangling: false, forgives_permission: false })
}

/// What Podman, Buildah, Skopeo and CRI-O make of a host directory.
pub fn containers_image(judge: Judge, host: &HostDir) -> Load {
    load(
        host,
        &Dialect {
            judge,
            missing_key: note_missing_key,
            missing_certificate: plain_missing_certificate,
            skips_dangling: true,
            forgives_permission: true,
        },
    )
}

fn note_missing_key(key: &str, certificate: &str) -> String {
    format!(
        "missing key {key} for client certificate {certificate}. Note that CA certificates should use the extension .crt"
    )
}

fn plain_missing_certificate(certificate: &str, key: &str) -> String {
    format!("missing client certificate {certificate} for key {key}")
}

fn load(host: &HostDir, dialect: &Dialect) -> Load {
    let mut trace = Trace::new(dialect.judge, host);
    if let Some(error) = trace.listing_error() {
        let is_denied = matches!(host.state, HostState::Unreadable(error) if error.errno == Errno::EACCES);
        let outcome = if dialect.forgives_permission && is_denied { Ok(()) } else { Err(error) };
        return trace.end(outcome);
    }
    for (index, file) in host.files.iter().enumerate() {
        let outcome = match file.role() {
            Role::CaBundle => authority(&mut trace, dialect, index, file),
            Role::ClientCertificate => certificate(&mut trace, dialect, index, file),
            Role::ClientKey => key(&mut trace, dialect, index, file),
            Role::HostsToml | Role::Unused => {
                trace.ignored(index, "its name ends neither in .crt, .cert nor .key");
                Ok(())
            }
        };
        if let Err(error) = outcome {
            return trace.end(Err(error));
        }
    }
    trace.end(Ok(()))
}

fn authority<'a>(trace: &mut Trace<'a>, dialect: &Dialect, index: usize, file: &'a File) -> Outcome {
    if dialect.skips_dangling && file.kind == FileKind::Dangling {
        trace.ignored(index, "a link that leads to nothing is passed over");
        return Ok(());
    }
    let parsed = trace.read(index, file, |text| text)?;
    trace.own_pool();
    trace.add_anchors(index, parsed);
    Ok(())
}

fn certificate<'a>(trace: &mut Trace<'a>, dialect: &Dialect, index: usize, file: &'a File) -> Outcome {
    let key_name = partner(file, ".key");
    let found = position(trace.host(), &key_name).and_then(|at| Some((at, trace.host().files.get(at)?)));
    let Some((key_index, key_file)) = found else {
        let verbatim = (dialect.missing_key)(&key_name.to_string_lossy(), &file.name.to_string_lossy());
        return Err(trace.fatal(index, LoadErrorKind::MissingKey, verbatim));
    };
    let certificate = trace.read(index, file, |text| text)?;
    let key = trace.read(key_index, key_file, |text| text)?;
    trace.add_pair((index, certificate), (key_index, key), |text| text)
}

fn key(trace: &mut Trace<'_>, dialect: &Dialect, index: usize, file: &File) -> Outcome {
    let certificate = partner(file, ".cert");
    if position(trace.host(), &certificate).is_some() {
        trace.step(index, StepOutcome::Loaded, format!("the key of {}", certificate.to_string_lossy()));
        return Ok(());
    }
    let verbatim = (dialect.missing_certificate)(&certificate.to_string_lossy(), &file.name.to_string_lossy());
    Err(trace.fatal(index, LoadErrorKind::MissingCertificate, verbatim))
}
