//! Where the files of an export will lie, as text that a configuration file can hold.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::base::text::display_name;
use crate::create::export::{Copy, LeftOut, Source};

/// Permission bits of a file with a private key.
pub(super) const KEY_MODE: u32 = 0o600;

/// Permission bits of a file with certificates.
pub(super) fn mode(holds_key: bool) -> u32 {
    if holds_key { KEY_MODE } else { 0o644 }
}

/// The files of an export by where they will lie.
#[derive(Debug, Default)]
pub(super) struct Placed {
    /// CA files: index in [`Source::authorities`], path
    pub authorities: Vec<(usize, String)>,
    /// Certificate and key of each pair
    pub pairs: Vec<(String, String)>,
    pub copies: Vec<Copy>,
    pub left_out: Vec<LeftOut>,
}

/// Places the files in `prefix`, or leaves them where they are.
pub(super) fn place(source: &Source, prefix: Option<&Path>) -> Placed {
    let mut placed = Placed::default();
    let mut taken = BTreeSet::new();
    let mut known = BTreeMap::new();
    let mut text_of = |file: &Path, mode: u32, placed: &mut Placed| -> Option<String> {
        if let Some(text) = known.get(file) {
            return Option::clone(text);
        }
        let to = match prefix {
            None => source.on_machine(file),
            Some(prefix) => in_directory(prefix, &free_name(file, &mut taken)),
        };
        let text = to.to_str().map(str::to_owned);
        match &text {
            Some(_) => placed.copies.push(Copy { from: file.to_path_buf(), to, mode }),
            None => {
                let (what, why) = (display_name(file), "its name is no UTF-8".to_owned());
                placed.left_out.push(LeftOut { what, why });
            }
        }
        known.insert(file.to_path_buf(), text.clone());
        text
    };
    for (index, authority) in source.authorities.iter().enumerate() {
        let text = text_of(&authority.file, mode(authority.holds_key), &mut placed);
        placed.authorities.extend(text.map(|text| (index, text)));
    }
    for pair in &source.pairs {
        let certificate = text_of(&pair.certificate, mode(pair.holds_key), &mut placed);
        let key = text_of(&pair.key, KEY_MODE, &mut placed);
        placed.pairs.extend(certificate.zip(key));
    }
    placed
}

/// A path in a directory; `.` adds nothing to a name.
fn in_directory(directory: &Path, name: &OsStr) -> PathBuf {
    if directory == Path::new(".") { PathBuf::from(name) } else { directory.join(name) }
}

/// The name of a file, with a number in front of it where files of several directories are called the same.
fn free_name(file: &Path, taken: &mut BTreeSet<PathBuf>) -> std::ffi::OsString {
    let name = file.file_name().unwrap_or_default();
    let numbered = (2..).map(|number| {
        let mut numbered = std::ffi::OsString::from(format!("{number}-"));
        numbered.push(name);
        numbered
    });
    let mut names = std::iter::once(name.to_os_string()).chain(numbered);
    names.find(|name| taken.insert(PathBuf::from(name))).unwrap_or_default()
}
