//! CW301

use crate::finding::Severity;
use crate::pki::{Purpose, Validity};
use crate::rules::certificate::anchors::{Standing, anchors, client_chains};
use crate::rules::certificate::dates;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A client certificate, or a server certificate trusted as such, has expired.
    ///
    /// No engine looks at the dates of what it loads. A client certificate that has expired is still sent, and the registry
    /// refuses it. A server certificate in a `.crt` is trusted for itself alone: once it has expired, so has all that this
    /// file was for. Expired CAs are CW310.
    ///
    /// ## Engines
    /// Docker's login and pull load the file without a word. A registry that wants a client certificate then answers
    /// `remote error: tls: expired certificate` or, behind nginx, HTTP 400. For a server certificate that has expired both
    /// say `x509: certificate has expired or is not yet valid`, without a file name.
    ///
    /// ## Example
    /// `registry.example.com:5000/client.cert`, valid until 2026-11-11.
    ///
    /// ## Fix
    /// Renew it: a new certificate for the same key can be put in the place of the old one; no restart is needed. For a
    /// server certificate, trust the CA that issued it instead, which outlives it.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/tls/handshake_client.go`, `getClientCertificate` (no look at the dates);
    /// `src/crypto/x509/verify.go`, `isValid`; RFC 5280 section 4.1.2.5; moby#37591, caprover#2059.
    pub ExpiredCertificate = "CW301" "expired-certificate", Error
}

impl Rule for ExpiredCertificate {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let now = context.settings.now;
        for chain in client_chains(context) {
            for (position, sent) in chain.iter().enumerate() {
                if sent.certificate.validity(now) != Validity::Expired {
                    continue;
                }
                let severity = if position == 0 { Severity::Error } else { Severity::Warning };
                let along = if position == 0 { "" } else { ", sent along," };
                let message = format!("{}{along} {}", sent.title(), dates::expired(sent.certificate.not_after(), now));
                report
                    .certificate(sent.file, sent.index, message)
                    .severity(severity)
                    .everywhere("sends it all the same; the registry refuses it")
                    .advice(format!("renew it and put the new one in {}", sent.file.name.to_string_lossy()));
            }
        }
        let anchors = anchors(context);
        for anchor in anchors.iter().filter(|anchor| anchor.certificate.purpose() != Purpose::Ca) {
            if anchor.certificate.validity(now) != Validity::Expired {
                continue;
            }
            let message = format!("{} {}", anchor.title(), dates::expired(anchor.certificate.not_after(), now));
            let name = anchor.file.name.to_string_lossy();
            report
                .certificate(anchor.file, anchor.index, message)
                .severity(Standing::of(anchor, &anchors, now).severity())
                .everywhere("trusts it still, and refuses it for its date when the registry presents it")
                .advice(if anchor.certificate.is_self_issued() {
                    format!("renew it on the server and put the new one in {name}")
                } else {
                    format!("put the CA that issues for this registry in {name}")
                });
        }
    }
}
