//! CW601

use crate::base::errno::Errno;
use crate::base::text::shell_word;
use crate::finding::Severity;
use crate::finding::{Applicability, Change, Fix};
use crate::model::{File, FileKind, HostState, Role, Unread};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A file or directory cannot be read by the user who looks.
    ///
    /// The finding is about the user who runs certwright. Docker's daemon runs as root in most set-ups and may read
    /// what that user may not; `docker manifest`, rootless Docker and Podman run as the user, and fail in the same way.
    ///
    /// A private key that its owner alone may read is as it should be, and merely mentioned. What is in an unreadable
    /// file is not judged; run certwright as root to see it.
    ///
    /// ## Engines
    /// As this user Docker's login stops with `open PATH: permission denied`, its pull (28 and later) with `unable to
    /// read CA cert "PATH": open PATH: permission denied`, or for the directory with `open PATH/hosts.toml: permission
    /// denied`.
    ///
    /// ## Example
    /// `drwx------ root root /etc/docker/certs.d/registry.example.com`.
    ///
    /// ## Fix
    /// Directories 0755, `.crt` and `.cert` 0644, `.key` 0600.
    ///
    /// ## Sources
    /// Go 1.26 `src/os/file.go`, `ReadFile`; moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`;
    /// docker/cli#1358, for-linux#396, moby#41386, moby#40236, containers/image#297.
    pub Unreadable = "CW601" "unreadable", Error
}

impl Rule for Unreadable {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        directory(context, report);
        for (index, file) in context.files() {
            let Some(Unread::Failed(error)) = file.unread() else { continue };
            // A directory in the place of a file is CW110, readable or not.
            if file.kind == FileKind::Directory {
                continue;
            }
            let draft = report
                .file(file, refusal("file", error.errno))
                .severity(severity(file, error.errno))
                .consequences(context.unused_at(index));
            if error.errno == Errno::EACCES && file.role() != Role::ClientKey {
                draft.advice(format!("let everybody read it: chmod a+r {}", shell_word(&file.name)));
            }
        }
    }
}

fn directory(context: &HostContext<'_>, report: &mut Report<'_>) {
    let HostState::Unreadable(error) = context.host.state else { return };
    // A link that leads in a circle is CW112.
    if context.host.is_link_loop() {
        return;
    }
    let is_permission = error.errno == Errno::EACCES;
    let draft = report
        .directory(refusal("directory", error.errno))
        .severity(if is_permission { Severity::Warning } else { Severity::Error })
        .consequences(context.fatal_for_directory());
    if is_permission {
        let change = Change::SetMode { path: context.host.path.clone(), mode: 0o755 };
        let title = format!("let everybody list {}", context.host.name.to_string_lossy());
        draft.advice(format!("let everybody list it: chmod a+rx {}", shell_word(&context.host.path))).fix(Fix::new(
            title,
            Applicability::Unsafe,
            vec![change],
        ));
    }
}

fn refusal(what: &str, errno: Errno) -> String {
    let who = if errno == Errno::EACCES { "this user may not read" } else { "nobody can read" };
    format!("{who} the {what}: {errno}")
}

/// What permissions keep from this user the daemon may still read; any other error meets the daemon as well.
fn severity(file: &File, errno: Errno) -> Severity {
    let is_permission = errno == Errno::EACCES;
    match file.role() {
        Role::Unused => Severity::Info,
        Role::ClientKey if is_permission => Severity::Info,
        _ if is_permission => Severity::Warning,
        _ => Severity::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::errno::{FsError, Operation};
    use crate::model::Content;

    #[test]
    fn what_the_daemon_may_read_is_no_error() {
        let severity = |name: &str, errno: Errno| {
            let content = Content::Unread(Unread::Failed(FsError { operation: Operation::Open, errno }));
            severity(&File { name: name.into(), kind: FileKind::Regular, link: None, stamp: None, content }, errno)
        };
        assert_eq!(severity("client.key", Errno::EACCES), Severity::Info);
        assert_eq!(severity("ca.crt", Errno::EACCES), Severity::Warning);
        assert_eq!(severity("ca.pem", Errno::EACCES), Severity::Info);
        assert_eq!(severity("client.key", Errno(5)), Severity::Error);
    }

    #[test]
    fn a_refusal_says_whom_it_meets() {
        assert_eq!(refusal("file", Errno::EACCES), "this user may not read the file: permission denied");
        assert_eq!(refusal("directory", Errno(5)), "nobody can read the directory: input/output error");
    }
}
