//! CW310

use crate::finding::Severity;
use crate::pki::{Purpose, Validity};
use crate::rules::certificate::anchors::{Placed, Standing, anchors};
use crate::rules::certificate::dates;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A CA certificate has expired.
    ///
    /// Every server certificate under it fails, with the words for an expired server certificate and without a name: people
    /// look at the server, whose certificate is in order, and not at this file.
    ///
    /// It is an error where nothing else in the directory is valid, a warning beside a few valid anchors, and information in
    /// a bundle of public roots (more than five other valid anchors), where expired ones are common and harm nobody; so it
    /// is where a renewed certificate of the same CA, with the same name and key, is there too.
    ///
    /// ## Engines
    /// Docker's login and pull load it without a word; then both say `x509: certificate has expired or is not yet valid:
    /// current time … is after …` about whatever the CA issued.
    ///
    /// ## Example
    /// `registry.example.com:5000/ca.crt`, valid until 2025-12-31, and no other CA.
    ///
    /// ## Fix
    /// Get the present certificate of the CA and put it in the place of the old one; no restart is needed.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/verify.go`, `isValid`, which checks the dates of the root too; RFC 5280 section 6.1.3;
    /// moby#37591, desktop-linux#207.
    pub ExpiredCa = "CW310" "expired-ca", Error
}

impl Rule for ExpiredCa {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let now = context.settings.now;
        let anchors = anchors(context);
        for anchor in anchors.iter().filter(|anchor| anchor.certificate.purpose() == Purpose::Ca) {
            if anchor.certificate.validity(now) != Validity::Expired {
                continue;
            }
            let renewed = anchors
                .iter()
                .find(|other| other.certificate.validity(now) == Validity::Valid && is_same_authority(anchor, other));
            let standing = Standing::of(anchor, &anchors, now);
            let severity = if renewed.is_some() { Severity::Info } else { standing.severity() };
            let message = format!("{} {}", anchor.title(), dates::expired(anchor.certificate.not_after(), now));
            let draft = report.certificate(anchor.file, anchor.index, message).severity(severity);
            let name = anchor.file.name.to_string_lossy();
            if let Some(renewed) = renewed {
                let renewed = renewed.file.name.to_string_lossy();
                draft.advice(format!("remove it from {name}: its renewed certificate is in {renewed}"));
                continue;
            }
            let draft = draft.everywhere("trusts it still, and refuses every server certificate under it for its date");
            if standing != Standing::InBundle {
                draft.advice(format!("put the present certificate of this CA in {name}"));
            }
        }
    }
}

fn is_same_authority(one: &Placed<'_>, other: &Placed<'_>) -> bool {
    let same_name = one.certificate.subject().der() == other.certificate.subject().der();
    same_name && one.certificate.spki_sha256() == other.certificate.spki_sha256()
}
