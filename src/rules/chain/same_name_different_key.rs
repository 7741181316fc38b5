//! CW402

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Severity;
use crate::pki::{Certificate, Purpose, Validity};
use crate::rules::certificate::anchors::{Placed, Standing, anchors};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// Two CA certificates have one name and different keys.
    ///
    /// Usually a CA was made anew under its old name, and its old certificate was left behind. Whatever else lies here,
    /// server certificates of the key that is missing fail, with a message about the one that is there; and whoever has the
    /// old key is still trusted.
    ///
    /// Expired ones are CW310. In a bundle of public roots (more than five other valid anchors) it is information: their
    /// owners renew keys under one name on purpose, and both are needed.
    ///
    /// ## Engines
    /// Docker's login and pull both trust all of them and try each. Where none fits they say `x509: certificate signed by
    /// unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority
    /// certificate "Acme Root CA")`.
    ///
    /// ## Example
    /// `old.crt` and `ca.crt`, both of CN=Acme Root CA, with different fingerprints.
    ///
    /// ## Fix
    /// Compare the fingerprints with the CA's own (`openssl x509 -noout -fingerprint -sha256 -in ca.crt`) and remove the
    /// stale one.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/cert_pool.go`, `findPotentialParents`, and `verify.go`, `buildChains`; RFC 5280 section
    /// 4.1.2.6; docker_auth#128, hub-feedback#1724.
    pub SameNameDifferentKey = "CW402" "same-name-different-key", Warning
}

impl Rule for SameNameDifferentKey {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let anchors = anchors(context);
        for same in namesakes(&anchors, context) {
            let Some(oldest) = same.iter().min_by_key(|anchor| anchor.certificate.not_before()) else { continue };
            let others: Vec<Placed<'_>> =
                anchors.iter().filter(|anchor| !is_namesake(anchor, oldest)).copied().collect();
            let in_bundle = Standing::of(oldest, &others, context.settings.now) == Standing::InBundle;
            let name = oldest.certificate.display_name();
            let each: Vec<String> = same.iter().map(|anchor| describe(anchor)).collect();
            let message = format!("{} CAs are named {name} and have different keys: {}", same.len(), each.join(", "));
            report
                .certificate(oldest.file, oldest.index, message)
                .severity(if in_bundle { Severity::Info } else { Severity::Warning })
                .everywhere("trusts all of them")
                .advice("compare the fingerprints with the CA's own and remove the stale one");
        }
    }
}

/// Valid CAs that share a name, in groups of more than one key.
fn namesakes<'a>(anchors: &[Placed<'a>], context: &HostContext<'_>) -> Vec<Vec<Placed<'a>>> {
    let mut by_name: BTreeMap<&[u8], Vec<Placed<'_>>> = BTreeMap::new();
    for anchor in anchors {
        let certificate: &Certificate = anchor.certificate;
        let is_valid = certificate.validity(context.settings.now) != Validity::Expired;
        if is_valid && certificate.purpose() == Purpose::Ca {
            by_name.entry(certificate.subject().der()).or_default().push(*anchor);
        }
    }
    let mut groups: Vec<_> = by_name.into_values().filter(|group| has_several_keys(group)).collect();
    groups.sort_by_key(|group| group.first().map(|first| (&first.file.name, first.index)));
    groups
}

fn has_several_keys(group: &[Placed<'_>]) -> bool {
    let keys: BTreeSet<_> = group.iter().map(|anchor| anchor.certificate.spki_sha256()).collect();
    keys.len() > 1
}

fn is_namesake(one: &Placed<'_>, other: &Placed<'_>) -> bool {
    one.certificate.subject().der() == other.certificate.subject().der()
}

/// "AB:12:CD:34… in ca.crt, from 2026-01-01"
fn describe(anchor: &Placed<'_>) -> String {
    let octets: Vec<String> = anchor.certificate.sha256().iter().take(4).map(|octet| format!("{octet:02X}")).collect();
    let (file, from) = (anchor.file.name.to_string_lossy(), anchor.certificate.not_before().date());
    format!("{}... in {file}, from {from}", octets.join(":"))
}
