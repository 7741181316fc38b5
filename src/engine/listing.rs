//! The loaders that go through the listing once, in byte order, and stop at the first fault: Docker's own, and
//! containers/image, which was written after it.
//!
//! Source: moby 29.7 `daemon/pkg/registry/registry.go` (`loadTLSConfig`); containers/image 5.36
//! `pkg/tlsclientconfig/tlsclientconfig.go` (`SetupCertificates`).

use crate::base::errno::Errno;
use crate::engine::Engine;
use crate::engine::load::{Load, LoadErrorKind, StepOutcome};
use crate::engine::trace::{Outcome, Trace, partner, position};
use crate::model::{File, FileKind, HostDir, HostState, Role};

/// What tells the two loaders apart.
struct Dialect {
    engine: Engine,
    /// What is said of a `.cert` that may be a CA.
    hint: &'static str,
    /// A `.crt` that cannot be opened for lack of a file is passed over.
    skips_dangling: bool,
    /// A directory that may not be listed counts as empty.
    forgives_permission: bool,
}

/// What `docker login` makes of a host directory.
pub fn docker_classic(host: &HostDir) -> Load {
    load(
        host,
        &Dialect {
            engine: Engine::DockerClassic,
            hint: "CA certificates must use the extension .crt",
            skips_dangling: false,
            forgives_permission: false,
        },
    )
}

/// What Podman, Buildah, Skopeo and CRI-O make of a host directory.
pub fn containers_image(host: &HostDir) -> Load {
    load(
        host,
        &Dialect {
            engine: Engine::ContainersImage,
            hint: "Note that CA certificates should use the extension .crt",
            skips_dangling: true,
            forgives_permission: true,
        },
    )
}

fn load(host: &HostDir, dialect: &Dialect) -> Load {
    let mut trace = Trace::new(dialect.engine, host);
    if let Some(error) = trace.listing_error(&host.path.to_string_lossy()) {
        let is_denied = matches!(host.state, HostState::Unreadable(error) if error.errno == Errno::EACCES);
        let outcome = if dialect.forgives_permission && is_denied { Ok(()) } else { Err(error) };
        return trace.end(outcome);
    }
    for (index, file) in host.files.iter().enumerate() {
        let outcome = match file.role() {
            Role::CaBundle => authority(&mut trace, dialect, index, file),
            Role::ClientCertificate => certificate(&mut trace, dialect, index, file),
            Role::ClientKey => key(&mut trace, index, file),
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
        let (key, name) = (key_name.to_string_lossy(), file.name.to_string_lossy());
        let verbatim = format!("missing key {key} for client certificate {name}. {}", dialect.hint);
        return Err(trace.fatal(index, LoadErrorKind::MissingKey, verbatim));
    };
    let certificate = trace.read(index, file, |text| text)?;
    let key = trace.read(key_index, key_file, |text| text)?;
    trace.add_pair((index, certificate), (key_index, key), |text| text)
}

fn key(trace: &mut Trace<'_>, index: usize, file: &File) -> Outcome {
    let certificate = partner(file, ".cert");
    if position(trace.host(), &certificate).is_some() {
        trace.step(index, StepOutcome::Loaded, format!("the key of {}", certificate.to_string_lossy()));
        return Ok(());
    }
    let (certificate, name) = (certificate.to_string_lossy(), file.name.to_string_lossy());
    let verbatim = format!("missing client certificate {certificate} for key {name}");
    Err(trace.fatal(index, LoadErrorKind::MissingCertificate, verbatim))
}
