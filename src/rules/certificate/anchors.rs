//! The certificates that matter in a host directory: trust anchors and client chains, and how much hangs on one anchor.
//! Taken from the content, so that they are there too where an engine stops before it gets to them. Judges nothing.

use std::collections::HashSet;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::engine::{GoVersion, golang};
use crate::finding::Severity;
use crate::model::{File, Role};
use crate::pki::{Certificate, Item, Purpose, Validity};
use crate::rules::HostContext;

/// So many other valid anchors make a directory a bundle of public roots, of which nobody chose the single one.
const HANDFUL: usize = 5;

/// A certificate and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// Its file.
    pub file: &'a File,
    /// Its index among the certificates of the file.
    pub index: usize,
    /// The certificate.
    pub certificate: &'a Arc<Certificate>,
}

impl Placed<'_> {
    /// What it is in its place, as a message calls it: "CA certificate Acme Root CA", "client certificate puller".
    pub fn title(&self) -> String {
        let kind = match (self.certificate.purpose(), self.file.role()) {
            (Purpose::Ca, _) => "CA certificate",
            (Purpose::Client, _) | (Purpose::EndEntity, Role::ClientCertificate) => "client certificate",
            (Purpose::Server, _) => "server certificate",
            (Purpose::EndEntity, _) => "pinned certificate",
        };
        format!("{kind} {}", self.certificate.display_name())
    }
}

/// Every certificate that Go takes out of the `.crt` files, wherever it stands.
pub fn places<'a>(context: &HostContext<'a>) -> Vec<Placed<'a>> {
    let mut places = Vec::new();
    for (_, file) in context.files().filter(|(_, file)| file.role() == Role::CaBundle) {
        let Some(parsed) = file.parsed() else { continue };
        let mut taken = golang::appended_certificates(parsed, GoVersion::NEWEST).peekable();
        for (index, certificate) in context.certificates(file) {
            if taken.next_if(|next| Arc::ptr_eq(next, certificate)).is_some() {
                places.push(Placed { file, index, certificate });
            }
        }
    }
    places
}

/// The trust anchors of a directory, each once, where it stands first.
pub fn anchors<'a>(context: &HostContext<'a>) -> Vec<Placed<'a>> {
    let mut seen = HashSet::new();
    let mut places = places(context);
    places.retain(|place| seen.insert(place.certificate.sha256()));
    places
}

/// What Go takes out of a client certificate's file, in order: the certificate itself, then what is sent along.
pub fn chain<'a>(context: &HostContext<'a>, file: &'a File) -> Vec<Placed<'a>> {
    let Some(parsed) = file.parsed() else { return Vec::new() };
    let blocks = parsed.go_blocks().filter(|block| block.label == "CERTIFICATE");
    let mut sent = blocks
        .filter_map(|block| match &block.item {
            Item::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .peekable();
    let certificates = context.certificates(file);
    certificates
        .filter(|(_, certificate)| sent.next_if(|next| Arc::ptr_eq(next, certificate)).is_some())
        .map(|(index, certificate)| Placed { file, index, certificate })
        .collect()
}

/// The chains of all files that are client certificates by name and do not begin with a CA, which CW101 is about.
pub fn client_chains<'a>(context: &HostContext<'a>) -> Vec<Vec<Placed<'a>>> {
    let files = context.files().filter(|(_, file)| file.role() == Role::ClientCertificate);
    let chains = files.map(|(_, file)| chain(context, file));
    chains.filter(|chain| chain.first().is_some_and(|leaf| leaf.certificate.purpose() != Purpose::Ca)).collect()
}

/// How much hangs on one anchor of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No other anchor of the directory is valid now.
    Alone,
    /// A few others are.
    InCompany,
    /// So many others are that this is a bundle of public roots.
    InBundle,
}

impl Standing {
    /// How much hangs on `anchor` among `anchors`.
    pub fn of(anchor: &Placed<'_>, anchors: &[Placed<'_>], now: Timestamp) -> Self {
        let is_other = |other: &&Placed<'_>| other.certificate.sha256() != anchor.certificate.sha256();
        let valid = anchors.iter().filter(is_other).filter(|other| other.certificate.validity(now) == Validity::Valid);
        match valid.take(HANDFUL + 1).count() {
            0 => Self::Alone,
            count if count <= HANDFUL => Self::InCompany,
            _ => Self::InBundle,
        }
    }

    /// How bad it is to lose the anchor.
    pub fn severity(self) -> Severity {
        match self {
            Self::Alone => Severity::Error,
            Self::InCompany => Severity::Warning,
            Self::InBundle => Severity::Info,
        }
    }
}
