//! BuildKit's loader of a `tlsconfigdir`: first all CA files, then all pairs.
//!
//! Source: buildkit 0.32 `util/resolver/resolver.go` (`loadTLSConfig`).

use crate::base::errno::{Errno, FsError, Operation};
use crate::engine::load::{Load, LoadError, LoadErrorKind, StepOutcome};
use crate::engine::trace::{Outcome, Trace, partner, position};
use crate::engine::version::Judge;
use crate::model::{File, HostDir, HostState, Role};

/// What BuildKit makes of a directory that its configuration names as `tlsconfigdir`.
pub fn load(judge: Judge, host: &HostDir) -> Load {
    let mut trace = Trace::new(judge, host);
    if let Some(error) = trace.listing_error() {
        let is_denied = matches!(host.state, HostState::Unreadable(error) if error.errno == Errno::EACCES);
        return trace.end(if is_denied { Ok(()) } else { Err(error) });
    }
    let outcome = files(&mut trace);
    trace.end(outcome)
}

fn files(trace: &mut Trace<'_>) -> Outcome {
    let host = trace.host();
    let of_role = |role| host.files.iter().enumerate().filter(move |(_, file)| file.role() == role);
    for (index, _) in of_role(Role::Unused).chain(of_role(Role::HostsToml)) {
        trace.ignored(index, "its name ends neither in .crt nor .cert");
    }
    for (index, file) in of_role(Role::CaBundle) {
        let path = trace.path(file);
        trace.own_pool();
        let parsed = trace.read(index, file, |text| format!("failed to read {path}: {text}"))?;
        trace.add_anchors(index, parsed);
    }
    let mut keys = Vec::new();
    for (index, file) in of_role(Role::ClientCertificate) {
        keys.extend(pair(trace, index, file)?);
    }
    for (index, _) in of_role(Role::ClientKey) {
        if !keys.contains(&index) {
            trace.ignored(index, "no .cert file of its stem");
        }
    }
    Ok(())
}

/// Loads a pair and tells which file is its key.
fn pair<'a>(trace: &mut Trace<'a>, index: usize, file: &'a File) -> Result<Option<usize>, LoadError> {
    let path = trace.path(file);
    let wrap = |text: String| format!("failed to load keypair for {path}: {text}");
    let certificate = trace.read(index, file, wrap)?;
    let host = trace.host();
    let key_name = partner(file, ".key");
    let Some((key_index, key_file)) = position(host, &key_name).and_then(|at| Some((at, host.files.get(at)?))) else {
        let key_path = host.path_of(&key_name);
        let error = FsError { operation: Operation::Open, errno: Errno::ENOENT };
        let verbatim = wrap(error.verbatim(&key_path.to_string_lossy()));
        return Err(trace.fatal(index, LoadErrorKind::MissingKey, verbatim));
    };
    let key = trace.read(key_index, key_file, wrap)?;
    trace.add_pair((index, certificate), (key_index, key), wrap)?;
    trace.step(key_index, StepOutcome::Loaded, format!("the key of {}", file.name.to_string_lossy()));
    Ok(Some(key_index))
}
