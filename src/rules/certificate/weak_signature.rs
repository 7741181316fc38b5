//! CW306

use crate::finding::Severity;
use crate::rules::certificate::anchors::{anchors, client_chains};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A certificate is signed with SHA-1 or MD5.
    ///
    /// Go verifies no such signature (SHA-1 since Go 1.18), and no setting of today's engines brings it back. It matters
    /// where the signature is looked at: on a client certificate and what is sent with it, by the registry. A trust anchor's
    /// own signature is never looked at, so a self-signed root, however old, is not reported, and any other anchor is mere
    /// information: its issuer may sign server certificates in the same way, and those fail.
    ///
    /// ## Engines
    /// Docker's login and pull both load such files. For a server certificate they say `x509: certificate signed by unknown
    /// authority (possibly because of "x509: cannot verify signature: insecure algorithm SHA1-RSA" …)`; registries written in
    /// Go, and those with OpenSSL 3, refuse the client certificate.
    ///
    /// ## Example
    /// `registry.example.com:5000/client.cert`, signed with sha1WithRSAEncryption.
    ///
    /// ## Fix
    /// Have it issued again with SHA-256; the key can stay.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/x509.go`, `checkSignature`, and `verify.go`, `Verify`; RFC 9155; portieris#374,
    /// kubernetes/website#48037.
    pub WeakSignature = "CW306" "weak-signature", Warning
}

impl Rule for WeakSignature {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let sent = client_chains(context).into_iter().flatten().map(|place| (place, true));
        let trusted = anchors(context).into_iter().map(|place| (place, false));
        for (place, is_sent) in sent.chain(trusted) {
            let algorithm = place.certificate.signature_algorithm();
            if !algorithm.is_insecure() || place.certificate.is_self_issued() {
                continue;
            }
            let message = format!("{} is signed with {}", place.title(), algorithm.name());
            let draft = report.certificate(place.file, place.index, message);
            if is_sent {
                draft.everywhere("sends it; the registry refuses it").advice("have it issued again with SHA-256");
            } else {
                draft
                    .severity(Severity::Info)
                    .everywhere("trusts it, and refuses a server certificate that is signed in this way")
                    .advice("have the server certificates of its issuer issued again with SHA-256");
            }
        }
    }
}
