//! What is said where this program itself fails on a directory: a panic in a parser or a rule is a defect of certwright, told
//! as a finding, and everything else goes on. No rule: it has no page and cannot be ignored.

use std::ffi::OsString;
use std::sync::Arc;

use crate::finding::{Code, Finding, Place, Severity};
use crate::model::{HostDir, Unread};

/// The code of an internal fault.
pub const INTERNAL_FAULT: Code = Code { number: "CW000", name: "internal-fault" };

/// The finding of a rule that panicked over a host directory.
pub fn of_rules(host: &HostDir) -> Finding {
    fault(host, None, "certwright failed while it judged this directory, which is a defect of certwright")
}

/// The findings of files over which the parser panicked.
pub fn of_parser(host: &HostDir) -> impl Iterator<Item = Finding> {
    host.files.iter().filter(|file| file.unread() == Some(Unread::Panicked)).map(|file| {
        let message = "certwright failed while it read this file, which is a defect of certwright";
        fault(host, Some(file.name.clone()), message)
    })
}

fn fault(host: &HostDir, file: Option<OsString>, message: &str) -> Finding {
    Finding {
        code: INTERNAL_FAULT,
        severity: Severity::Error,
        place: Place { directory: Arc::from(host.path.as_path()), file, certificate: None },
        message: message.to_owned(),
        consequences: Vec::new(),
        advice: "report it together with the file, without its key".to_owned(),
        fixes: Vec::new(),
    }
}
