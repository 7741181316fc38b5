//! Where something is before and after steps, by its path: renaming takes along what is inside. Pure.

use std::path::{Path, PathBuf};

use crate::fix::aside::Aside;
use crate::fix::deed::{Begun, Deed};

/// The path that something had before these steps, by the one that it has after them; `None` of what they have made.
pub(crate) fn origin(steps: &[Begun], path: &Path) -> Option<PathBuf> {
    steps.iter().rev().try_fold(path.to_path_buf(), |path, step| match &step.deed {
        Deed::Rename { from, to, .. } => Some(within(&path, to, from).unwrap_or(path)),
        Deed::MakeDirectory { path: made, .. } | Deed::CreateFile { path: made, .. } if path.starts_with(made) => None,
        Deed::ReplaceFile { path: made, .. } if path == *made => None,
        _ => Some(path),
    })
}

/// The path that something has after these steps, by the one that it has before them.
pub(crate) fn destination(steps: &[Begun], path: &Path) -> PathBuf {
    steps.iter().fold(path.to_path_buf(), |path, step| match &step.deed {
        Deed::Rename { from, to, .. } => within(&path, from, to).unwrap_or(path),
        _ => path,
    })
}

/// [`destination`] after the steps from this number on of what waits aside: it goes along as well with a directory that is
/// put aside.
pub(crate) fn whereabouts(nonce: &str, steps: &[Begun], from: usize, path: PathBuf) -> PathBuf {
    steps.iter().enumerate().skip(from).fold(path, |path, (number, step)| {
        let moved = match &step.deed {
            Deed::Rename { from, to, .. } => within(&path, from, to),
            Deed::RemoveDirectory { path: gone, .. } => within(&path, gone, &Aside { nonce, number }.beside(gone)),
            _ => None,
        };
        moved.unwrap_or(path)
    })
}

/// A path that is `from` or in it, with `to` in the place of that.
pub(crate) fn within(path: &Path, from: &Path, to: &Path) -> Option<PathBuf> {
    let rest = path.strip_prefix(from).ok()?;
    Some(if rest.as_os_str().is_empty() { to.to_path_buf() } else { to.join(rest) })
}
