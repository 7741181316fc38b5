//! CW603

use crate::finding::Severity;
use crate::model::file::MAX_FILE_SIZE;
use crate::model::{Role, Unread};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A file is too large to be read here.
    ///
    /// certwright reads files of up to 4 MiB, some twenty times the size of a system's whole CA bundle. What is larger
    /// is hardly a certificate: an image, an archive or a log under the wrong name.
    ///
    /// ## Engines
    /// Docker's login and its pull (28 and later) know no limit and read all of it, at every request. What they make of
    /// it is not known here.
    ///
    /// ## Example
    /// `ca.crt` with 12 MiB.
    ///
    /// ## Fix
    /// Look at what it is, and move it away.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; Go 1.26 `src/os/file.go`, `ReadFile`.
    pub TooLarge = "CW603" "too-large", Warning
}

impl Rule for TooLarge {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (_, file) in context.files().filter(|(_, file)| file.unread() == Some(Unread::TooLarge)) {
            let size = file.stamp.map(|stamp| stamp.size).unwrap_or_default().next_multiple_of(1 << 20);
            let message = format!("{} MiB, more than the {} MiB that are read here", size >> 20, MAX_FILE_SIZE >> 20);
            if file.role() == Role::Unused {
                report.file(file, message).severity(Severity::Info);
            } else {
                report
                    .file(file, message)
                    .everywhere("reads all of it at every request")
                    .advice(format!("look at what {} is, and move it away", file.name.to_string_lossy()));
            }
        }
    }
}
