//! CW303

use crate::finding::Severity;
use crate::pki::Validity;
use crate::rules::certificate::anchors::{Placed, Standing, anchors, client_chains};
use crate::rules::certificate::dates;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A certificate expires within the next days.
    ///
    /// How many days that are is for `--expires-within` to say; 30 where nothing is said. After that a client certificate is
    /// refused by the registry, and nothing that a CA issued is trusted any longer. In a bundle of public roots it is mere
    /// information, since nobody on this host renews those.
    ///
    /// ## Engines
    /// Docker's login and pull say nothing until the day. Then both fail with `x509: certificate has expired or is not yet
    /// valid` for a CA, which they do not name, and with the registry's refusal for a client certificate.
    ///
    /// ## Example
    /// `registry.example.com:5000/client.cert`, valid for another 12 days.
    ///
    /// ## Fix
    /// Renew it. A new CA can be put beside the old one until all servers have certificates of the new one.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/verify.go`, `isValid`; RFC 5280 section 4.1.2.5; moby#37591.
    pub ExpiringSoon = "CW303" "expiring-soon", Warning
}

impl Rule for ExpiringSoon {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let now = context.settings.now;
        let limit = now.plus_days(context.settings.expires_within);
        let is_due = |place: &Placed<'_>| {
            place.certificate.validity(now) == Validity::Valid && place.certificate.not_after() <= limit
        };
        let mut say = |place: &Placed<'_>, standing: Standing| {
            let message = format!("{} {}", place.title(), dates::expires(place.certificate.not_after(), now));
            let draft = report.certificate(place.file, place.index, message);
            if standing == Standing::InBundle {
                draft.severity(Severity::Info);
            } else {
                draft.advice(format!("renew it and put the new one in {}", place.file.name.to_string_lossy()));
            }
        };
        for place in client_chains(context).iter().flatten().filter(|place| is_due(place)) {
            say(place, Standing::Alone);
        }
        let anchors = anchors(context);
        for anchor in anchors.iter().filter(|anchor| is_due(anchor)) {
            say(anchor, Standing::of(anchor, &anchors, now));
        }
    }
}
