//! The configuration of the host, read as far as this user may. Runs nothing.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::base::errno::{Errno, FsError, Operation};
use crate::model::file::MAX_FILE_SIZE;
use crate::model::host::{HostName, Reach};
use crate::model::host_config::{
    ConfigFile, DIRECTORIES, FILES, HostConfig, NEAR_MISSES, NearMiss, PROGRAMS, REGISTRIES, ROOT_DIRECTORIES,
    ROOT_FILES, USER_CONFIG_DIRECTORIES, USER_DATA_DIRECTORIES, USER_FILES, USER_REGISTRIES, UserPlaces,
};
use crate::scan::roots::{Environment, under};

const PROGRAM_DIRECTORIES: [&str; 6] =
    ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/opt/bin"];

/// Looks for the engines of the system and for those of the user who runs the program. A copy of a server has no such user.
pub fn read_configuration(environment: &Environment) -> HostConfig {
    let mut config = read_host_config(environment.prefix.as_deref());
    config.user = environment.user_places();
    let UserPlaces { home, config: config_home, data, .. } = &config.user;
    let under = |base: &Option<PathBuf>, names: &[&str]| -> Vec<PathBuf> {
        base.iter().flat_map(|base| names.iter().map(|name| base.join(name))).collect()
    };
    let directories = [under(config_home, &USER_CONFIG_DIRECTORIES), under(data, &USER_DATA_DIRECTORIES)].concat();
    let mut files = [under(config_home, &USER_FILES), under(home, &[USER_REGISTRIES])].concat();
    files.extend(home.iter().flat_map(|home| beside(None, &home.join(USER_REGISTRIES))));
    config.directories.extend(directories.into_iter().filter(|path| path.is_dir()));
    // What may not be looked at is not there: a home directory may be somebody else's.
    let is_there = |file: &ConfigFile| !matches!(&file.bytes, Err(error) if error.operation == Operation::Stat);
    config.files.extend(files.iter().filter_map(|path| read_file(None, path)).filter(is_there));
    config
}

/// Looks for the engines of the system and their configuration; `prefix` is a directory to be taken for `/`.
pub fn read_host_config(prefix: Option<&Path>) -> HostConfig {
    let exists = |path: &Path| under(prefix, path).metadata().is_ok();
    let programs = PROGRAM_DIRECTORIES
        .iter()
        .flat_map(|directory| PROGRAMS.iter().map(move |name| Path::new(directory).join(name)))
        .filter(|path| exists(path))
        .collect();
    let directories = DIRECTORIES.iter().map(PathBuf::from).filter(|path| exists(path)).collect();
    let first_bundle = ROOT_FILES.iter().map(PathBuf::from).find(|path| exists(path));
    let root_directories = ROOT_DIRECTORIES.iter().map(PathBuf::from).filter(|path| exists(path));
    let system_roots = first_bundle.into_iter().chain(root_directories).collect();
    let named = FILES.iter().map(PathBuf::from).chain(beside(prefix, Path::new(REGISTRIES)));
    let files = named.filter_map(|path| read_file(prefix, &path)).collect();
    let near_misses = NEAR_MISSES.iter().filter_map(|(path, meant)| near_miss(prefix, path, meant)).collect();
    let prefix = prefix.map(Path::to_path_buf);
    HostConfig { programs, directories, system_roots, files, near_misses, prefix, user: UserPlaces::default() }
}

/// The files that count beside a `registries.conf`, in ascending byte order of their names.
fn beside(prefix: Option<&Path>, path: &Path) -> Vec<PathBuf> {
    let directory = path.with_extension("conf.d");
    let entries = super::list_root(&under(prefix, &directory)).unwrap_or_default();
    let names = entries.iter().filter_map(|entry| entry.path.file_name());
    names.filter(|name| name.as_bytes().ends_with(b".conf")).map(|name| directory.join(name)).collect()
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
