//! CW710

use std::collections::HashMap;

use crate::finding::{Place, Severity};
use crate::model::Role;
use crate::pki::Purpose;
use crate::rules::macros::rule;
use crate::rules::{Meta, Report, Rule, TreeContext};

rule! {
    /// A CA of one name has different keys in different host directories.
    ///
    /// After a company CA is made anew under its old name, directories that were forgotten keep the old one. Servers with
    /// certificates of the new CA fail there, with a message that names the CA and looks as if it were trusted.
    ///
    /// ## Engines
    /// Every engine says `x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification
    /// error" while trying to verify candidate authority certificate "NAME")`.
    ///
    /// ## Example
    /// `a.example.com/ca.crt` and `b.example.com/ca.crt` are both "Acme Root CA" with different fingerprints.
    ///
    /// ## Fix
    /// Compare the fingerprints with the CA that is in force, and replace the stale files.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/verify.go`, `buildChains`; docker_auth#128, hub-feedback#1724.
    pub DifferentCa = "CW710" "different-ca", Info
}

/// A name that has more keys than this is a name that everybody uses ("Root CA"), not one CA made anew.
const MOST_KEYS: usize = 3;

impl Rule for DifferentCa {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        let mut by_name: HashMap<&[u8], Vec<_>> = HashMap::new();
        for (host, file) in context.inventory.files().filter(|(_, file)| file.role() == Role::CaBundle) {
            let certificates = file.parsed().into_iter().flat_map(|parsed| parsed.certificates());
            // Public bundles hold roots of one name and two keys by design; a company's CA comes in small files.
            let certificates: Vec<_> = certificates.take(6).collect();
            if certificates.len() > 5 {
                continue;
            }
            for certificate in certificates.into_iter().filter(|certificate| certificate.purpose() == Purpose::Ca) {
                by_name.entry(certificate.subject().der()).or_default().push((host, file, certificate));
            }
        }
        for places in by_name.values() {
            let mut keys: Vec<_> = places.iter().map(|(_, _, certificate)| *certificate.spki_sha256()).collect();
            keys.sort_unstable();
            keys.dedup();
            let Some((_, _, newest)) = places.iter().max_by_key(|(_, _, certificate)| certificate.not_before()) else {
                continue;
            };
            if !(2..=MOST_KEYS).contains(&keys.len()) {
                continue;
            }
            for (host, file, certificate) in places {
                let in_newest_host = places
                    .iter()
                    .any(|(other, _, found)| other.path == host.path && found.spki_sha256() == newest.spki_sha256());
                if certificate.spki_sha256() == newest.spki_sha256() || in_newest_host {
                    continue;
                }
                let place = Place { file: Some(file.name.clone()), ..Place::directory(&host.path) };
                let name = certificate.display_name();
                let newest = newest.not_before().date();
                report
                    .at(
                        place,
                        format!("CA {name} has another key here than in a host directory whose copy is from {newest}"),
                    )
                    .severity(Severity::Info)
                    .advice(format!("compare the fingerprints of {name} and replace the stale one"));
            }
        }
    }
}
