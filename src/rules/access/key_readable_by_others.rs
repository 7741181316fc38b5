//! CW602

use crate::base::stamp::Stamp;
use crate::base::text::shell_word;
use crate::finding::Severity;
use crate::finding::{Applicability, Change, Fix};
use crate::model::Role;
use crate::model::{File, FileKind};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A private key can be read by others than its owner.
    ///
    /// Whoever reads the key can come to the registry as this client, or, with a CA's key, as anybody. Keys get such
    /// modes by `chmod -R` over the whole of `certs.d`, or by being copied without `-p`.
    ///
    /// A key that is encrypted, or that its group alone can read where that is root's, is worth knowing at most. Where
    /// the host directory itself keeps others out, nothing is said.
    ///
    /// ## Engines
    /// Docker's login and its pull (28 and later) load the key without a word: no engine looks at modes.
    ///
    /// ## Example
    /// `-rw-r--r-- client.key`.
    ///
    /// ## Fix
    /// `chmod 600 client.key`.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; distribution#2295, for-mac#1757.
    pub KeyReadableByOthers = "CW602" "key-readable-by-others", Warning
}

impl Rule for KeyReadableByOthers {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (_, file) in context.files().filter(|(_, file)| file.kind == FileKind::Regular) {
            let (Some(parsed), Some(stamp)) = (file.parsed(), file.stamp) else { continue };
            let Some(key) = parsed.private_keys().next() else { continue };
            let Some(audience) = Audience::of(file, stamp, context.host.stamp) else { continue };
            let who = match audience {
                Audience::Everybody => "everybody".to_owned(),
                Audience::Group => format!("group {}", stamp.gid),
            };
            let is_minor = key.encrypted || (audience == Audience::Group && stamp.gid == 0);
            let mode = stamp.mode & 0o777;
            let message = format!("private key ({}) open to {who}: mode {mode:04o}", key.describe());
            report
                .file(file, message)
                .severity(if is_minor { Severity::Info } else { Severity::Warning })
                .advice(format!("chmod 600 {}", shell_word(&file.name)))
                .fixes(owner_alone(context, file));
        }
    }
}

/// To whom a file is open beside its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    Everybody,
    Group,
}

impl Audience {
    /// Counts who can reach the file: to the target of a link other ways may lead than through the host directory.
    fn of(file: &File, stamp: Stamp, directory: Option<Stamp>) -> Option<Self> {
        let passage = match directory {
            Some(directory) if file.link.is_none() => directory.mode,
            _ => 0o777,
        };
        if stamp.mode & 0o007 != 0 && passage & 0o001 != 0 {
            Some(Self::Everybody)
        } else if stamp.mode & 0o070 != 0 && passage & 0o011 != 0 {
            Some(Self::Group)
        } else {
            None
        }
    }
}

/// The key for its owner alone. The target of a link may serve others.
fn owner_alone(context: &HostContext<'_>, file: &File) -> Option<Fix> {
    let change = Change::SetMode { path: context.host.path.join(&file.name), mode: remedy::KEY_MODE };
    let title = format!("let nobody but its owner read {}", file.name.to_string_lossy());
    let is_key_alone = file.link.is_none() && file.role() != Role::CaBundle;
    is_key_alone.then(|| Fix::new(title, Applicability::Safe, vec![change]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Content, Link, Unread};

    fn audience(mode: u32, directory: u32, is_link: bool) -> Option<Audience> {
        let link = is_link.then(|| Link { target: "/etc/pki/client.key".into() });
        let content = Content::Unread(Unread::NotRegular);
        let file = File { name: "client.key".into(), kind: FileKind::Regular, link, stamp: None, content };
        let stamp = |mode| Stamp { mode, ..Stamp::default() };
        Audience::of(&file, stamp(mode), Some(stamp(directory)))
    }

    #[test]
    fn who_can_pass_the_directory_counts() {
        assert_eq!(audience(0o600, 0o755, false), None);
        assert_eq!(audience(0o644, 0o755, false), Some(Audience::Everybody));
        assert_eq!(audience(0o640, 0o755, false), Some(Audience::Group));
        assert_eq!(audience(0o644, 0o700, false), None);
        assert_eq!(audience(0o644, 0o750, false), Some(Audience::Group));
        assert_eq!(audience(0o644, 0o700, true), Some(Audience::Everybody));
    }
}
