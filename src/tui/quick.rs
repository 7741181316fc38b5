//! Quick filters: what kind of thing is left of the tree, at one key.

use crate::base::clock::Timestamp;
use crate::finding::Severity;
use crate::model::{File, FileKind, Role};
use crate::pki::{Certificate, Purpose, Validity};
use crate::tui::entry::{ReadHost, certificates_of};

/// A kind of thing to be left alone in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quick {
    /// With an error or a warning
    Problems,
    /// With a certificate that has expired
    Expired,
    /// With a certificate that expires soon
    Expiring,
    /// With or for CA certificates
    Authorities,
    /// With or for client certificates
    Clients,
    /// With or for keys
    Keys,
    /// Read by no engine, or unreadable
    Unread,
}

/// The time, and what counts as soon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// It is so late.
    pub now: Timestamp,
    /// So many days from now are soon.
    pub soon: i64,
}

/// The kinds that a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(u8);

impl Quick {
    /// All of them, in the order of the key that goes through them.
    pub const ALL: [Self; 7] =
        [Self::Problems, Self::Expired, Self::Expiring, Self::Authorities, Self::Clients, Self::Keys, Self::Unread];

    /// What is left, in words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Problems => "problems",
            Self::Expired => "expired",
            Self::Expiring => "expiring",
            Self::Authorities => "CA",
            Self::Clients => "client",
            Self::Keys => "keys",
            Self::Unread => "unread files",
        }
    }

    /// The one after another; none after the last, and the first after none.
    pub fn after(current: Option<Self>) -> Option<Self> {
        match current {
            None => Self::ALL.first().copied(),
            Some(current) => Self::ALL.into_iter().skip_while(|quick| *quick != current).nth(1),
        }
    }

    /// Tells whether a file is of the kind; `kinds` are those that it always is.
    pub fn holds(self, kinds: Kinds, file: &File, moment: Moment) -> bool {
        let any = |test: &dyn Fn(&Certificate) -> bool| certificates_of(file).any(|certificate| test(certificate));
        match self {
            Self::Expired => any(&|certificate| certificate.validity(moment.now) == Validity::Expired),
            Self::Expiring => any(&|certificate| is_expiring(certificate, moment)),
            _ => kinds.0 & self.bit() != 0,
        }
    }

    /// Tells whether a host directory is of the kind by itself, whatever is in it.
    pub fn holds_host(self, read: &ReadHost) -> bool {
        let is_bad = |finding: &crate::finding::Finding| finding.severity > Severity::Info;
        self == Self::Problems && read.findings.iter().any(|finding| finding.place.file.is_none() && is_bad(finding))
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Kinds {
    /// The kinds of a file, as far as time does not matter.
    pub fn of(file: &File, read: &ReadHost) -> Self {
        let is_any = |purpose| certificates_of(file).any(|certificate| certificate.purpose() == purpose);
        let holds_key = file.parsed().is_some_and(|parsed| parsed.private_keys().next().is_some());
        let kinds = [
            (Quick::Problems, read.findings_of(file, None).any(|finding| finding.severity > Severity::Info)),
            (Quick::Authorities, file.role() == Role::CaBundle || is_any(Purpose::Ca)),
            (Quick::Clients, file.role() == Role::ClientCertificate || is_any(Purpose::Client)),
            (Quick::Keys, file.role() == Role::ClientKey || holds_key),
            (Quick::Unread, is_unread(file)),
        ];
        Self(kinds.iter().filter(|(_, holds)| *holds).fold(0, |bits, (quick, _)| bits | quick.bit()))
    }
}

/// Tells whether no engine reads a file, or it cannot be read.
pub fn is_unread(file: &File) -> bool {
    let is_unused = file.role() == Role::Unused && file.kind != FileKind::Directory;
    is_unused || file.unread().is_some()
}

fn is_expiring(certificate: &Certificate, moment: Moment) -> bool {
    let days = moment.now.days_until(certificate.not_after());
    certificate.validity(moment.now) != Validity::Expired && days < moment.soon
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_goes_through_all_and_back_to_none() {
        let mut seen = Vec::new();
        let mut current = None;
        while let Some(next) = Quick::after(current) {
            seen.push(next);
            current = Some(next);
        }
        assert_eq!(seen, Quick::ALL);
    }
}
