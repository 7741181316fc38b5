//! What is at a path held against what is expected there.

use crate::base::stamp::Stamp;
use crate::base::text::display_name;
use crate::fix::disk::{DiskError, moved};
use crate::fix::place::Found;
use crate::fix::plan::{Expectation, Expected};

/// What is at a path, to be expected there from now on.
pub(crate) fn expectation(found: Found) -> Expectation {
    match found {
        Found::Nothing => Expectation::Absent,
        Found::File(stamp) | Found::Other(stamp) => Expectation::File(stamp),
        Found::Directory(stamp) => Expectation::Directory(stamp),
        Found::Link { target, .. } => Expectation::Link { target },
    }
}

/// Tells in words how what is there differs from what is expected.
pub(crate) fn check(found: &Found, expected: &Expected) -> Result<(), DiskError> {
    let was = match (&expected.is, found) {
        (Expectation::Absent, Found::Nothing) => return Ok(()),
        (Expectation::Absent, _) => "has come to be meanwhile".to_owned(),
        (_, Found::Nothing) => "is not there any more".to_owned(),
        (Expectation::File(seen), Found::File(now) | Found::Other(now)) => match difference(seen, now) {
            None => return Ok(()),
            Some(words) => words,
        },
        (Expectation::Directory(seen), Found::Directory(now)) => {
            if (seen.device, seen.inode) == (now.device, now.inode) {
                return Ok(());
            }
            "is another directory by now".to_owned()
        }
        (Expectation::Link { target: seen }, Found::Link { target: now, .. }) => {
            if seen == now {
                return Ok(());
            }
            format!("leads to {} by now", display_name(now))
        }
        (_, Found::Link { target, .. }) => format!("is a symbolic link to {} by now", display_name(target)),
        (_, Found::Directory(_)) => "is a directory by now".to_owned(),
        (_, Found::File(_)) => "is a file by now".to_owned(),
        (_, Found::Other(_)) => "is something else by now".to_owned(),
    };
    Err(moved(&expected.path, was))
}

fn difference(seen: &Stamp, now: &Stamp) -> Option<String> {
    let content = |stamp: &Stamp| (stamp.size, stamp.modified, stamp.modified_nanos);
    if (seen.device, seen.inode) != (now.device, now.inode) {
        Some("is another file by now".to_owned())
    } else if content(seen) != content(now) {
        Some(format!("was changed by someone else at {}", now.modified.rfc3339()))
    } else if (seen.mode, seen.uid, seen.gid) != (now.mode, now.uid, now.gid) {
        Some("has another mode or owner by now".to_owned())
    } else {
        None
    }
}
