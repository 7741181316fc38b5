//! CW307

use crate::finding::Severity;
use crate::pki::PublicKeyKind;
use crate::rules::certificate::anchors::{Standing, anchors, client_chains};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A certificate has a short RSA key.
    ///
    /// With fewer than 1024 bits Go signs and verifies nothing from 1.24. From 1024 to 2047 bits it does; OpenSSL at the
    /// usual security level 2 does not, so that nginx and others refuse a client certificate with such a key. On a trust
    /// anchor that is information.
    ///
    /// ## Engines
    /// Docker's login and pull both load it. Built with Go 1.24 or later they fail below 1024 bits: `crypto/rsa: 512-bit
    /// keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)`.
    ///
    /// ## Example
    /// `registry.example.com:5000/client.cert` with RSA 1024.
    ///
    /// ## Fix
    /// Make a new key (ECDSA P-256, or RSA with 3072 bits) and have a certificate issued for it.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/rsa/rsa.go`, `checkKeySize`; OpenSSL `SSL_CTX_set_security_level`; NIST SP 800-131A.
    pub WeakKey = "CW307" "weak-key", Error
}

/// Below this, Go computes nothing.
const GO_MINIMUM: u16 = 1024;
/// Below this, OpenSSL's usual security level refuses.
const USUAL_MINIMUM: u16 = 2048;

impl Rule for WeakKey {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let anchors = anchors(context);
        let trusted = anchors.iter().map(|place| (*place, false));
        let leaves = client_chains(context).into_iter().filter_map(|chain| chain.first().copied());
        for (place, is_sent) in trusted.chain(leaves.map(|place| (place, true))) {
            let PublicKeyKind::Rsa { bits } = place.certificate.public_key() else { continue };
            if bits >= USUAL_MINIMUM {
                continue;
            }
            let severity = match (is_sent, bits < GO_MINIMUM) {
                (true, true) => Severity::Error,
                (true, false) => Severity::Warning,
                (false, true) => Standing::of(&place, &anchors, context.settings.now).severity(),
                (false, false) => Severity::Info,
            };
            let draft = report
                .certificate(place.file, place.index, format!("{} has an RSA key of {bits} bits", place.title()))
                .severity(severity)
                .advice("make a new key of 2048 bits or more");
            if bits < GO_MINIMUM {
                draft.everywhere("fails where it is built with Go 1.24 or later");
            } else if is_sent {
                draft.everywhere("sends it; registries with OpenSSL refuse it as too small");
            }
        }
    }
}
