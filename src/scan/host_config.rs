//! The configuration of the host, read as far as this user may. Runs nothing.

use std::path::{Path, PathBuf};

use crate::base::errno::{Errno, FsError, Operation};
use crate::model::file::MAX_FILE_SIZE;
use crate::model::host::{HostName, Reach};
use crate::model::host_config::{ConfigFile, DIRECTORIES, FILES, HostConfig, NEAR_MISSES, NearMiss, PROGRAMS};
use crate::scan::roots::under;

const PROGRAM_DIRECTORIES: [&str; 6] =
    ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/opt/bin"];

/// Looks for engines and their configuration; `prefix` is a directory to be taken for `/`.
pub fn read_host_config(prefix: Option<&Path>) -> HostConfig {
    let exists = |path: &Path| under(prefix, path).metadata().is_ok();
    let programs = PROGRAM_DIRECTORIES
        .iter()
        .flat_map(|directory| PROGRAMS.iter().map(move |name| Path::new(directory).join(name)))
        .filter(|path| exists(path))
        .collect();
    let directories = DIRECTORIES.iter().map(PathBuf::from).filter(|path| exists(path)).collect();
    let files = FILES.iter().filter_map(|path| read_file(prefix, Path::new(path))).collect();
    let near_misses = NEAR_MISSES.iter().filter_map(|(path, meant)| near_miss(prefix, path, meant)).collect();
    HostConfig { programs, directories, files, near_misses, prefix: prefix.map(Path::to_path_buf) }
}

/// A directory that is taken for a `certs.d`. What holds no host directory is something else: `/etc/docker/certs` is where
/// many keep the certificates of the daemon itself.
fn near_miss(prefix: Option<&Path>, path: &str, meant: &str) -> Option<NearMiss> {
    let (path, meant) = (PathBuf::from(path), PathBuf::from(meant));
    let real = under(prefix, &path).canonicalize().ok().filter(|real| real.is_dir())?;
    if under(prefix, &meant).canonicalize().is_ok_and(|meant| meant == real) {
        return None;
    }
    let entries = super::list_root(&real).ok()?;
    let is_host = |entry: &&super::Entry| {
        let name = entry.path.file_name().map(HostName::parse);
        name.is_some_and(|name| name.reach() == Reach::Image) && entry.path.is_dir()
    };
    let hosts = entries.iter().filter(is_host).count();
    (hosts > 0).then_some(NearMiss { path, meant, hosts })
}

/// A configuration file, if it is there. One that is too large for a configuration counts as unreadable.
fn read_file(prefix: Option<&Path>, path: &Path) -> Option<ConfigFile> {
    let real = under(prefix, path);
    let metadata = match real.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return Some(failed(path, Operation::Stat, Errno::from(&error))),
    };
    if !metadata.is_file() {
        return Some(failed(path, Operation::Read, Errno::EISDIR));
    }
    if metadata.len() > MAX_FILE_SIZE {
        return Some(failed(path, Operation::Read, Errno(27)));
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "this is a part of scan, and the file is a regular one of known size"
    )]
    let read = std::fs::read(&real);
    match read {
        Ok(bytes) => Some(ConfigFile { path: path.to_path_buf(), bytes: Ok(bytes) }),
        Err(error) => Some(failed(path, Operation::Open, Errno::from(&error))),
    }
}

fn failed(path: &Path, operation: Operation, errno: Errno) -> ConfigFile {
    ConfigFile { path: path.to_path_buf(), bytes: Err(FsError { operation, errno }) }
}
