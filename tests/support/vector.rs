//! The observed host directories of `tests/vectors`, built on the disk.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test makes its own files and fails by panicking"
)]

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde_json::Value;

/// The vectors of a file.
pub fn vectors(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file);
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// A field of text.
pub fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// Builds the directory of a vector under `root` and gives its path.
pub fn build(vector: &Value, root: &Path) -> PathBuf {
    let directory = root.join(text(vector, "host_dir").unwrap());
    match text(vector, "dir_kind").unwrap_or("dir") {
        "dir" => fs::create_dir(&directory).unwrap(),
        "file" => fs::write(&directory, "a file").unwrap(),
        "dangling-symlink" => symlink("/nonexistent-target", &directory).unwrap(),
        "missing" => {}
        other => panic!("unknown dir_kind {other}"),
    }
    for file in vector["files"].as_array().unwrap() {
        build_file(file, &directory);
    }
    if let Some(mode) = text(vector, "dir_mode") {
        set_mode(&directory, mode);
    }
    directory
}

fn build_file(file: &Value, directory: &Path) {
    let name = match text(file, "name_hex") {
        Some(hex) => OsString::from_vec(
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect(),
        ),
        None => OsString::from(text(file, "name").unwrap()),
    };
    let path = directory.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    match text(file, "kind").unwrap() {
        "file" => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text(file, "base64").unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
        }
        "dir" => fs::create_dir(&path).unwrap(),
        "symlink" => symlink(text(file, "target").unwrap(), &path).unwrap(),
        "fifo" => rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::from_raw_mode(0o644)).unwrap(),
        other => panic!("unknown kind {other}"),
    }
    if let Some(mode) = text(file, "mode") {
        set_mode(&path, mode);
    }
}

/// Gives a path a mode in octal digits.
pub fn set_mode(path: &Path, mode: &str) {
    let mode = u32::from_str_radix(mode, 8).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
