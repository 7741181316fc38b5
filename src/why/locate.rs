//! Finds the directories that an error text is about. Docker's own loader names neither registry nor directory; then the
//! directories that make an engine say exactly this are the ones.

use std::path::Path;

use crate::model::HostDir;
use crate::why::Diagnosis;
use crate::why::confirm::{replays, suspects};

/// The directories that a diagnosis is about: those of the registry or path that the text names; where it names neither,
/// those for which an engine gives exactly this text, or which hold a certificate that the text means.
pub fn locate<'h>(diagnosis: &Diagnosis, hosts: impl IntoIterator<Item = &'h HostDir>) -> Vec<&'h HostDir> {
    let hosts: Vec<&HostDir> = hosts.into_iter().collect();
    let those = |fits: &dyn Fn(&HostDir) -> bool| -> Vec<&'h HostDir> {
        hosts.iter().copied().filter(|host| fits(host)).collect()
    };
    if let Some(registry) = &diagnosis.registry {
        return those(&|host| serves(host, registry));
    }
    if let Some(path) = diagnosis.path.as_deref().filter(|path| path.is_absolute()) {
        return those(&|host| path.ancestors().any(|ancestor| is_same_name(ancestor, host)));
    }
    let stopped = those(&|host| !replays(diagnosis, host).is_empty());
    if stopped.is_empty() { those(&|host| !suspects(diagnosis, host).is_empty()) } else { stopped }
}

fn serves(host: &HostDir, registry: &str) -> bool {
    *host.name == *registry || host.host_name().and_then(|name| name.registry()).is_some_and(|own| own == registry)
}

/// Compares the last name alone, so that a copy under another root is found.
fn is_same_name(path: &Path, host: &HostDir) -> bool {
    path.file_name().is_some_and(|name| *name == *host.name)
}
