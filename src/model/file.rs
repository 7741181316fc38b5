//! One entry of a host directory: what its name promises and what it holds. Their disagreement is what operators trip
//! over.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::base::errno::FsError;
use crate::base::stamp::Stamp;
use crate::pki::{Format, Item, Parsed, Purpose};

/// The largest file that is read, in bytes.
pub const MAX_FILE_SIZE: u64 = 4 << 20;

/// The suffix under which a file is set aside: no engine reads it.
pub const ASIDE_SUFFIX: &str = ".certwright-aside";

/// One entry of a host directory.
#[derive(Clone, Debug)]
pub struct File {
    /// Its name, any bytes.
    pub name: OsString,
    /// What it is, links followed.
    pub kind: FileKind,
    /// Where it leads, if it is a symbolic link.
    pub link: Option<Link>,
    /// Its identity, links followed; `None` where `stat` failed.
    pub stamp: Option<Stamp>,
    /// What it holds.
    pub content: Content,
}

/// The type of a directory entry, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A regular file
    Regular,
    /// A directory
    Directory,
    /// A named pipe: an engine that opens it waits for ever
    Fifo,
    /// A socket
    Socket,
    /// A device
    Device,
    /// A symbolic link that leads to nothing
    Dangling,
    /// A symbolic link that leads to itself
    LinkLoop,
    /// `stat` failed in another way
    Unknown,
}

impl FileKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Regular => "file",
            Self::Directory => "directory",
            Self::Fifo => "FIFO",
            Self::Socket => "socket",
            Self::Device => "device",
            Self::Dangling => "dangling link",
            Self::LinkLoop => "link loop",
            Self::Unknown => "unreadable entry",
        }
    }
}

/// A symbolic link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What the link says, as written.
    pub target: PathBuf,
}

/// What a file holds, or why that is not known.
#[derive(Clone, Debug)]
pub enum Content {
    /// It was read.
    Parsed(Parsed),
    /// It was not.
    Unread(Unread),
}

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is no regular file; see [`FileKind`].
    NotRegular,
    /// It is a directory, and files lie in it that have the names of certificates or keys.
    Nested,
    /// It has more than [`MAX_FILE_SIZE`] bytes.
    TooLarge,
    /// The kernel refused.
    Failed(FsError),
    /// The parser panicked; that is a defect of this program, and the rest of the scan goes on.
    Panicked,
}

/// What the *name* of a file makes it for an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// `*.crt`: CA certificates
    CaBundle,
    /// `*.cert`: a client certificate
    ClientCertificate,
    /// `*.key`: the key of the client certificate of the same stem
    ClientKey,
    /// `hosts.toml`
    HostsToml,
    /// Any other: no engine reads it
    Unused,
}

impl Role {
    /// The role of a file name: its final extension, case-sensitive, as every engine takes it.
    pub fn of_name(name: &OsStr) -> Self {
        let bytes = name.as_bytes();
        if bytes == b"hosts.toml" {
            Self::HostsToml
        } else if bytes.ends_with(b".crt") {
            Self::CaBundle
        } else if bytes.ends_with(b".cert") {
            Self::ClientCertificate
        } else if bytes.ends_with(b".key") {
            Self::ClientKey
        } else {
            Self::Unused
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::CaBundle => "CA",
            Self::ClientCertificate => "client",
            Self::ClientKey => "key",
            Self::HostsToml => "hosts.toml",
            Self::Unused => "unused",
        }
    }
}

impl File {
    /// What its name makes it.
    pub fn role(&self) -> Role {
        Role::of_name(&self.name)
    }

    /// Its name without `.crt`, `.cert` or `.key`; the whole name where it has none of them.
    pub fn stem(&self) -> &OsStr {
        Self::stem_of(&self.name)
    }

    /// A name without `.crt`, `.cert` or `.key`.
    pub fn stem_of(name: &OsStr) -> &OsStr {
        let bytes = name.as_bytes();
        let stem = [&b".crt"[..], b".cert", b".key"].into_iter().find_map(|suffix| bytes.strip_suffix(suffix));
        OsStr::from_bytes(stem.unwrap_or(bytes))
    }

    /// Tells whether its name is that of a copy which an editor, a package manager or a careful person left behind, or
    /// of a file set aside: it is there on purpose, and not meant to be read.
    pub fn is_leftover(&self) -> bool {
        const SUFFIXES: [&str; 19] = [
            "~",
            ".bak",
            ".backup",
            ".old",
            ".orig",
            ".save",
            ".swp",
            ".swo",
            ".tmp",
            ".disabled",
            ".orphan",
            ".unused",
            ".expired",
            ".rpmsave",
            ".rpmnew",
            ".rpmorig",
            ".dpkg-old",
            ".dpkg-dist",
            ASIDE_SUFFIX,
        ];
        let name = self.name.to_string_lossy().to_ascii_lowercase();
        let ends_in_one = SUFFIXES.iter().any(|suffix| name.ends_with(suffix));
        ends_in_one || name.starts_with('.') || name.contains(".bak.") || name.contains(".old.")
    }

    /// What was read of it.
    pub fn parsed(&self) -> Option<&Parsed> {
        match &self.content {
            Content::Parsed(parsed) => Some(parsed),
            Content::Unread(_) => None,
        }
    }

    /// Why it was not read.
    pub fn unread(&self) -> Option<Unread> {
        match self.content {
            Content::Parsed(_) => None,
            Content::Unread(reason) => Some(reason),
        }
    }

    /// Tells whether it holds what its name promises to an engine; what no engine reads should hold nothing that one could.
    pub fn is_as_named(&self) -> bool {
        let Some(parsed) = self.parsed() else { return self.role() == Role::Unused };
        let first = parsed.certificates().next().map(|certificate| certificate.purpose());
        let has_key = parsed.private_keys().next().is_some();
        match self.role() {
            Role::CaBundle => !has_key && matches!(first, Some(Purpose::Ca | Purpose::Server | Purpose::EndEntity)),
            Role::ClientCertificate => first.is_some_and(|purpose| purpose != Purpose::Ca),
            Role::ClientKey => has_key && first.is_none(),
            Role::HostsToml => first.is_none() && !has_key,
            Role::Unused => first.is_none() && (!has_key || self.is_waiting()),
        }
    }

    /// What it is by *content*, in a word or two: "CA", "2 CAs", "client", "key", "CSR", "empty", "dangling link".
    pub fn content_word(&self) -> String {
        let parsed = match &self.content {
            Content::Parsed(parsed) => parsed,
            Content::Unread(Unread::NotRegular | Unread::Nested) => return self.kind.word().to_owned(),
            Content::Unread(Unread::TooLarge) => return "over 4 MiB".to_owned(),
            Content::Unread(Unread::Failed(error)) => return error.errno.to_string(),
            Content::Unread(Unread::Panicked) => return "not understood".to_owned(),
        };
        if self.is_waiting() { "waiting key".to_owned() } else { content_word(parsed) }
    }
}

/// What bytes are by content, in a word or two.
pub fn content_word(parsed: &Parsed) -> String {
    let certificates: Vec<_> = parsed.certificates().collect();
    let has_key = parsed.private_keys().next().is_some();
    let word = match certificates.as_slice() {
        [] if has_key => "key".to_owned(),
        [] => other_word(parsed).to_owned(),
        [one] => one.purpose().word().to_owned(),
        many => {
            let cas = many.iter().filter(|certificate| certificate.purpose() == Purpose::Ca).count();
            match many.first().map(|first| first.purpose()) {
                _ if cas == many.len() => format!("{cas} CAs"),
                Some(first) if first != Purpose::Ca => format!("{} + {}", first.word(), many.len() - 1),
                _ => format!("{} certificates", many.len()),
            }
        }
    };
    if has_key && !certificates.is_empty() { format!("{word} + key") } else { word }
}

fn other_word(parsed: &Parsed) -> &'static str {
    let item = parsed.blocks.iter().map(|block| &block.item).find(|item| !matches!(item, Item::Broken));
    match (item, parsed.format) {
        (Some(Item::Request(_)), _) => "CSR",
        (Some(Item::RevocationList), _) => "CRL",
        (Some(Item::Pkcs7(_)), _) => "PKCS#7",
        (Some(Item::Pkcs12), _) => "PKCS#12",
        (Some(Item::PublicKey { .. }), _) | (None, Format::SshPublicKey) => "public key",
        (Some(Item::Parameters), _) => "parameters",
        (Some(_), _) => "PEM",
        (None, Format::Empty) => "empty",
        (None, Format::Html) => "HTML",
        (None, Format::Text) => "text",
        (None, Format::Pem | Format::Utf16) => "damaged PEM",
        (None, Format::Der | Format::Binary) => "junk",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_known_by_name() {
        let is_leftover = |name: &str| {
            let content = Content::Unread(Unread::NotRegular);
            File { name: name.into(), kind: FileKind::Regular, link: None, stamp: None, content }.is_leftover()
        };
        for name in ["ca.crt.bak", "ca.crt~", ".ca.crt.swp", "ca.crt.certwright-aside", "CA.PEM.OLD", "ca.bak.2024"] {
            assert!(is_leftover(name), "{name}");
        }
        for name in ["ca.pem", "old.pem", "backup.crt", "ca.cer", "bak"] {
            assert!(!is_leftover(name), "{name}");
        }
    }

    #[test]
    fn the_final_extension_decides_and_case_matters() {
        let role = |name: &str| Role::of_name(OsStr::new(name));
        assert_eq!(role("my.ca.crt"), Role::CaBundle);
        assert_eq!(role(".crt"), Role::CaBundle);
        assert_eq!(role("client.cert"), Role::ClientCertificate);
        assert_eq!(role("client.key"), Role::ClientKey);
        assert_eq!(role("hosts.toml"), Role::HostsToml);
        for unused in ["ca.CRT", "ca.pem", "ca.crt.bak", "ca.crt~", "ca.crt ", "crt", "ca.crt.certwright-aside"] {
            assert_eq!(role(unused), Role::Unused, "{unused}");
        }
    }
}
