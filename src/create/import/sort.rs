//! What belongs together, and where: which certificate is the client's, which key is its own, what is sent after it, which
//! CAs are to be trusted, and what has no business on a client.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::Arc;

use crate::create::authorities::Authorities;
use crate::create::import::{Brought, ImportError};
use crate::model::{File, HostDir, Role};
use crate::pki::chain::Verifier;
use crate::pki::extension::KeyUsage;
use crate::pki::key::GoKeyVerdict;
use crate::pki::{Certificate, Digest, Item, Purpose};

/// What is brought, sorted.
#[derive(Default)]
pub struct Sorted {
    /// The client certificates with their keys.
    pub pairs: Vec<Pair>,
    /// The CAs that are to be trusted and are not yet.
    pub authorities: Authorities,
    /// What is left out, and why: a sentence each. Foreign text.
    pub left_out: Vec<String>,
}

/// A client certificate with its key.
pub struct Pair {
    /// The certificate, then what is sent after it.
    pub chain: Vec<Arc<Certificate>>,
    /// Where the key is.
    pub key: KeySource,
}

/// Where the key of a client certificate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// It is brought as well: index in [`Brought::keys`]
    Brought(usize),
    /// It is in the host directory already: index in [`HostDir::files`]
    Here(usize),
}

/// Sorts what is brought for a host directory; `server` is the host without its port, as certificates name it.
///
/// # Errors
/// Where a certificate has no key, a key has no certificate, or nothing is of use.
pub fn sort(brought: &Brought, host: &HostDir, server: Option<&str>) -> Result<Sorted, ImportError> {
    let sorter = Sorter { brought, host, server, verifier: Verifier::default() };
    let mut sorted = Sorted::default();
    let mut leaves: Vec<&Arc<Certificate>> = Vec::new();
    for certificate in &brought.certificates {
        if certificate.purpose() != Purpose::Ca || sorter.is_a_client_that_says_ca(certificate) {
            sorter.client(certificate, &mut sorted)?;
            leaves.push(certificate);
        }
    }
    sorter.authorities(&leaves, &mut sorted);
    sorter.keys(&leaves, &mut sorted)?;
    for (input, what) in &brought.others {
        sorted.left_out.push(format!("{input}: {what}"));
    }
    if sorted.pairs.is_empty() && sorted.authorities.certificates.is_empty() && !sorter.has_anything_here() {
        return Err(ImportError::OfNoUse(sorted.left_out.join("; ")));
    }
    Ok(sorted)
}

struct Sorter<'a> {
    brought: &'a Brought,
    host: &'a HostDir,
    server: Option<&'a str>,
    verifier: Verifier,
}

impl Sorter<'_> {
    /// Takes in a certificate that is no CA for others.
    fn client(&self, certificate: &Arc<Certificate>, sorted: &mut Sorted) -> Result<(), ImportError> {
        let spki = *certificate.spki_sha256();
        let name = certificate.display_name();
        if certificate.purpose() == Purpose::Server {
            let is_own = self.server.is_some_and(|server| certificate.names_host(server));
            let why = if is_own {
                "the registry's own server certificate; it and its key belong on the registry alone"
            } else {
                "a certificate for servers alone (extended key usage)"
            };
            sorted.left_out.push(format!("{name}: {why}"));
            return Ok(());
        }
        if let Some(file) = self.presented(certificate) {
            sorted.left_out.push(format!("{name}: it is here already, as {}", file.name.to_string_lossy()));
            return Ok(());
        }
        let brought = self.brought.keys.iter().position(|key| key.spki == spki).map(KeySource::Brought);
        let key = self.key_here(&spki).or(brought).ok_or_else(|| self.no_key(&name, &spki))?;
        sorted.pairs.push(Pair { chain: self.chain(certificate), key });
        Ok(())
    }

    /// The certificate, then the CAs above it up to below the root, which everybody has who trusts it.
    fn chain(&self, certificate: &Arc<Certificate>) -> Vec<Arc<Certificate>> {
        let mut chain = self.verifier.path(certificate, &self.brought.certificates);
        if chain.len() > 1 {
            chain.pop_if(|last| last.is_self_issued());
        }
        chain
    }

    /// The CAs that are to be trusted. What stands between a certificate and its root is for sending along; it is trusted
    /// where nothing else is, neither here nor of what is brought.
    fn authorities(&self, leaves: &[&Arc<Certificate>], sorted: &mut Sorted) {
        let is_leaf = |certificate: &Certificate| leaves.iter().any(|leaf| leaf.sha256() == certificate.sha256());
        let chains: Vec<_> = leaves.iter().map(|leaf| self.chain(leaf)).collect();
        let is_link = |certificate: &Certificate| {
            let mut links = chains.iter().flat_map(|chain| chain.iter().skip(1));
            links.any(|link| link.sha256() == certificate.sha256())
        };
        let all = self.brought.certificates.iter();
        let all = all.filter(|certificate| certificate.purpose() == Purpose::Ca && !is_leaf(certificate));
        let (mut links, mut authorities): (Vec<_>, Vec<_>) = all.partition(|certificate| is_link(certificate));
        if authorities.is_empty() && !self.trusts_anything() {
            // The one nearest to the root.
            let highest = links.iter().position(|link| self.is_highest(link));
            authorities.extend(highest.map(|highest| links.remove(highest)));
        }
        let is_open = authorities.is_empty();
        for link in links.iter().filter(|link| is_open && self.trusted(link).is_none()) {
            let why = "it is sent along with the client certificate, and not trusted by itself";
            sorted.left_out.push(format!("{}: {why}", link.display_name()));
        }
        let (known, new): (Vec<_>, Vec<_>) = authorities.into_iter().partition(|ca| self.trusted(ca).is_some());
        let known = known.iter().filter_map(|ca| Some((ca.display_name(), self.trusted(ca)?)));
        let known =
            known.map(|(name, file)| format!("{name}: it is trusted already, by {}", file.name.to_string_lossy()));
        let known: Vec<String> = known.collect();
        sorted.authorities.certificates = new.into_iter().cloned().collect();
        sorted.left_out.extend(known);
    }

    /// Every key that is brought has to do with a certificate.
    fn keys(&self, leaves: &[&Arc<Certificate>], sorted: &mut Sorted) -> Result<(), ImportError> {
        for key in &self.brought.keys {
            if leaves.iter().any(|leaf| *leaf.spki_sha256() == key.spki) {
                continue;
            }
            match self.brought.certificates.iter().find(|certificate| *certificate.spki_sha256() == key.spki) {
                Some(ca) => {
                    let why = "the private key of a CA belongs on no client";
                    sorted.left_out.push(format!("{}: {why}", ca.display_name()));
                }
                None => {
                    let (input, key) = (key.input.clone(), short(&key.spki));
                    return Err(ImportError::NoCertificate { input, key });
                }
            }
        }
        Ok(())
    }

    /// Tells whether a certificate that says CA:TRUE is a client's all the same: its key is brought or waits here, it has
    /// issued none of the others, no other certificate has a key, and its key usage lets it speak TLS. The document of
    /// Docker has such ones made, without a key usage.
    fn is_a_client_that_says_ca(&self, certificate: &Arc<Certificate>) -> bool {
        let mut others = self.brought.certificates.iter().filter(|other| other.sha256() != certificate.sha256());
        certificate.key_usage().is_none_or(KeyUsage::allows_handshake)
            && self.has_key(certificate)
            && !others.any(|other| self.has_key(other) || self.verifier.issued(certificate, other))
    }

    fn has_key(&self, certificate: &Certificate) -> bool {
        let spki = certificate.spki_sha256();
        self.brought.keys.iter().any(|key| key.spki == *spki) || self.waiting_here(spki)
    }

    /// Tells whether a key lies here that no engine pairs with a certificate.
    fn waiting_here(&self, spki: &Digest) -> bool {
        self.keys_here().any(|(_, file, digest)| {
            digest == *spki && (file.role() != Role::ClientKey || self.host.file(&partner(file, ".cert")).is_none())
        })
    }

    /// The key of this public half in the host directory: one that waits before one that is in use.
    fn key_here(&self, spki: &Digest) -> Option<KeySource> {
        let mut keys: Vec<(usize, &File)> =
            self.keys_here().filter(|(_, _, digest)| digest == spki).map(|(index, file, _)| (index, file)).collect();
        keys.sort_by_key(|(_, file)| (!file.is_waiting(), file.role() != Role::ClientKey));
        keys.first().map(|(index, _)| KeySource::Here(*index))
    }

    /// The files of the host directory with a single key that engines could use: index, file, public half.
    fn keys_here(&self) -> impl Iterator<Item = (usize, &File, Digest)> {
        self.host.files.iter().enumerate().filter(|(_, file)| file.link.is_none()).flat_map(|(index, file)| {
            let mut keys = file.parsed().into_iter().flat_map(|parsed| parsed.private_keys());
            // Of several, an engine takes the first, whichever is meant.
            let only = keys.next().filter(|key| key.go == GoKeyVerdict::Usable && keys.next().is_none());
            only.and_then(|key| Some((index, file, key.spki_sha256()?)))
        })
    }

    /// The file by which engines present a certificate.
    fn presented(&self, certificate: &Certificate) -> Option<&File> {
        self.host.files.iter().filter(|file| file.role() == Role::ClientCertificate).find(|file| {
            let first = file.parsed().and_then(|parsed| parsed.certificates().next());
            let key = partner(file, ".key");
            let has_key =
                self.keys_here().any(|(_, file, digest)| file.name == key && digest == *certificate.spki_sha256());
            has_key && first.is_some_and(|first| first.sha256() == certificate.sha256())
        })
    }

    /// The file by which engines trust a CA.
    fn trusted(&self, ca: &Certificate) -> Option<&File> {
        self.anchors().find(|(_, known)| known.sha256() == ca.sha256()).map(|(file, _)| file)
    }

    /// Tells whether engines trust any CA here.
    fn trusts_anything(&self) -> bool {
        self.anchors().next().is_some()
    }

    /// The certificates that engines trust here, each with its file.
    fn anchors(&self) -> impl Iterator<Item = (&File, &Arc<Certificate>)> {
        self.host.files.iter().filter(|file| file.role() == Role::CaBundle).flat_map(|file| {
            let blocks = file.parsed().into_iter().flat_map(|parsed| parsed.go_blocks());
            blocks.filter(|block| !block.has_headers).filter_map(move |block| match &block.item {
                Item::Certificate(certificate) if block.label == "CERTIFICATE" => Some((file, certificate)),
                _ => None,
            })
        })
    }

    /// Tells whether nobody who was brought along has issued a CA.
    fn is_highest(&self, ca: &Certificate) -> bool {
        !self.brought.certificates.iter().any(|other| self.verifier.issued(other, ca))
    }

    /// Tells whether something of what is brought is in place already.
    fn has_anything_here(&self) -> bool {
        let mut certificates = self.brought.certificates.iter();
        certificates.any(|certificate| self.presented(certificate).is_some() || self.trusted(certificate).is_some())
    }

    /// The keys that are here, those that wait first.
    fn no_key(&self, name: &str, spki: &Digest) -> ImportError {
        let waiting = self.host.waiting().filter_map(|waiting| {
            let digest = short(&waiting.key.spki_sha256()?);
            let subject = waiting.request.map(|(_, request)| format!(" for a certificate of {}", request.subject));
            let name = waiting.file.name.to_string_lossy();
            Some(format!("{name} waits{} ({digest})", subject.unwrap_or_default()))
        });
        let others = self.keys_here().filter(|(_, file, _)| !file.is_waiting());
        let others =
            others.map(|(_, file, digest)| format!("{} holds {}", file.name.to_string_lossy(), short(&digest)));
        let brought = self.brought.keys.iter().map(|key| format!("{} holds {}", key.input, short(&key.spki)));
        let here = waiting.chain(brought).chain(others).collect();
        ImportError::NoKey { name: name.to_owned(), key: short(spki), here }
    }
}

/// The name of the other half of a pair.
fn partner(file: &File, suffix: &str) -> OsString {
    OsString::from_vec([file.stem().as_bytes(), suffix.as_bytes()].concat())
}

/// The beginning of the SHA-256 of a public key, enough to tell keys apart.
fn short(digest: &Digest) -> String {
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("public key {hex}…")
}
