//! CW302

use crate::finding::Severity;
use crate::pki::Validity;
use crate::rules::certificate::anchors::{Placed, Standing, anchors, client_chains};
use crate::rules::certificate::dates;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A certificate is not valid yet.
    ///
    /// Its first day lies ahead, or the clock of this host is behind. Until then it is as good as expired: engines load it
    /// and connections fail. A virtual machine that has slept, and a CA whose clock is ahead, are the usual causes.
    ///
    /// ## Engines
    /// Docker's login and pull load the file without a word. For a CA or server certificate both then say `x509: certificate
    /// has expired or is not yet valid: current time … is before …`; a client certificate is sent, and the registry refuses
    /// it.
    ///
    /// ## Example
    /// `registry.example.com:5000/ca.crt`, valid from tomorrow.
    ///
    /// ## Fix
    /// Compare the clock of this host with the time (`timedatectl`). If it is right, wait, or use the certificate before it.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/verify.go`, `isValid`; RFC 5280 section 4.1.2.5; moby#11534, moby#18632.
    pub NotYetValid = "CW302" "not-yet-valid", Error
}

impl Rule for NotYetValid {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let now = context.settings.now;
        let mut say = |place: &Placed<'_>, severity: Severity| {
            let message = format!("{} {}", place.title(), dates::begins(place.certificate.not_before(), now));
            report
                .certificate(place.file, place.index, message)
                .severity(severity)
                .everywhere("loads it; connections that need it fail until then")
                .advice("compare the clock of this host with the time");
        };
        let is_early = |place: &Placed<'_>| place.certificate.validity(now) == Validity::NotYet;
        for place in client_chains(context).iter().flatten().filter(|place| is_early(place)) {
            say(place, Severity::Error);
        }
        let anchors = anchors(context);
        for anchor in anchors.iter().filter(|anchor| is_early(anchor)) {
            say(anchor, Standing::of(anchor, &anchors, now).severity());
        }
    }
}
