//! CW304

use crate::rules::certificate::anchor_kind::AnchorKind;
use crate::rules::certificate::anchors::{Standing, anchors};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A certificate in a `.crt` is meant as a CA and may sign nothing.
    ///
    /// It lacks CA:TRUE in its basic constraints, or has a key usage without keyCertSign. Go then takes no signature of it,
    /// and everything that it issued is signed by an unknown authority, although the file is there and loads. OpenSSL and
    /// browsers may be content with it.
    ///
    /// A certificate counts as meant for a CA where its key usage has keyCertSign, where another certificate of the
    /// directory is issued by it, or where it is self-signed with neither alternative names nor purposes and its common name
    /// has a blank, as no host name does. X.509 version 1, which has no extensions, is left alone: Go takes it.
    ///
    /// ## Engines
    /// Docker's login and pull both load it. Then: `x509: certificate signed by unknown authority (possibly because of
    /// "x509: invalid signature: parent certificate cannot sign this kind of certificate" while trying to verify candidate
    /// authority certificate "Acme Root CA")`.
    ///
    /// ## Example
    /// `registry.example.com:5000/ca.crt`, made by `openssl x509 -req -signkey` without an extension file.
    ///
    /// ## Fix
    /// Make the CA's certificate anew with the same key and name, with `basicConstraints = critical, CA:TRUE` and
    /// `keyUsage = critical, keyCertSign, cRLSign`; what it issued stays good.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/x509.go`, `CheckSignatureFrom`; RFC 5280 sections 4.2.1.3 and 4.2.1.9; distribution#954,
    /// quay/mirror-registry#8, istio#25872.
    pub NotACa = "CW304" "not-a-ca", Error
}

impl Rule for NotACa {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let anchors = anchors(context);
        for anchor in &anchors {
            let AnchorKind::Crippled(lack) = AnchorKind::of(context, anchor) else { continue };
            let name = anchor.certificate.display_name();
            report
                .certificate(anchor.file, anchor.index, format!("CA {name} may sign no certificates: {lack}"))
                .severity(Standing::of(anchor, &anchors, context.settings.now).severity())
                .everywhere(
                    "loads it, and takes no certificate that it issued: parent certificate cannot sign this kind of \
                     certificate",
                )
                .advice("make it anew with the same key and name, CA:TRUE and keyCertSign");
        }
    }
}
