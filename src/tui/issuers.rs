//! Who may have issued a certificate: those of the tree that have its issuer's name, and where they lie.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use crate::pki::{Certificate, Digest};
use crate::tui::entry::certificates_of;
use crate::tui::tree::{Row, Tree};

/// The most certificates of one name that are looked at.
const SAME_NAME: usize = 16;
/// The longest chain that is followed.
const LONGEST: usize = 10;

/// A certificate and where it lies.
#[derive(Clone, Debug)]
pub struct Known {
    /// The certificate.
    pub certificate: Arc<Certificate>,
    /// A file that holds it, by index; the nearest one to where it is asked for.
    pub host: usize,
    /// The index of the file in the host directory.
    pub file: usize,
}

/// Certificates of the tree by subject.
#[derive(Debug, Default)]
pub struct Issuers {
    by_subject: HashMap<Box<[u8]>, Vec<Known>>,
    generation: Option<u64>,
}

impl Issuers {
    /// Learns all certificates of the tree. While it fills, only what is looked at is learnt, since all of it would have to
    /// be learnt again and again.
    pub fn learn(&mut self, tree: &Tree, generation: u64, finished: bool) {
        if self.generation == Some(generation) || !finished {
            return;
        }
        self.generation = Some(generation);
        self.by_subject.clear();
        let mut seen: HashMap<Digest, ()> = HashMap::new();
        for (host, entry) in tree.hosts().iter().enumerate() {
            let Some(read) = &entry.read else { continue };
            for (file, content) in read.host.files.iter().enumerate() {
                for certificate in certificates_of(content) {
                    if let Entry::Vacant(new) = seen.entry(*certificate.sha256()) {
                        new.insert(());
                        let same = self.by_subject.entry(certificate.subject().der().into()).or_default();
                        if same.len() < SAME_NAME {
                            same.push(Known { certificate: Arc::clone(certificate), host, file });
                        }
                    }
                }
            }
        }
    }

    /// Every certificate that the way up from `leaf` may lead over, those of the own host directory first.
    pub fn candidates(&self, tree: &Tree, leaf: &Arc<Certificate>, at: Row) -> Vec<Known> {
        let mut found: Vec<Known> = Vec::new();
        let mut names = vec![leaf.issuer().der().to_vec()];
        let mut asked = 0;
        while let Some(name) = names.get(asked).cloned() {
            asked += 1;
            if asked > LONGEST {
                break;
            }
            let own = own_certificates(tree, at).filter(|known| known.certificate.subject().der() == name);
            let others = self.by_subject.get(name.as_slice()).into_iter().flatten().cloned();
            for known in own.chain(others).collect::<Vec<_>>() {
                if found.iter().any(|other| other.certificate.sha256() == known.certificate.sha256()) {
                    continue;
                }
                let issuer = known.certificate.issuer().der().to_vec();
                if !names.contains(&issuer) {
                    names.push(issuer);
                }
                found.push(known);
            }
        }
        found
    }
}

/// The certificates of a host directory, those of the row's own file first.
fn own_certificates(tree: &Tree, at: Row) -> impl Iterator<Item = Known> {
    let host = at.host().unwrap_or(usize::MAX);
    let files = tree.read(host).map(|read| read.host.files.as_slice()).unwrap_or_default();
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by_key(|file| Some(*file) != at.file());
    order.into_iter().flat_map(move |file| {
        let certificates = files.get(file).into_iter().flat_map(certificates_of);
        certificates.map(move |certificate| Known { certificate: Arc::clone(certificate), host, file })
    })
}
