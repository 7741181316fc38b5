//! CW313

use crate::engine::Load;
use crate::finding::Severity;
use crate::pki::Validity;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A directory has several client certificates, of which one is sent.
    ///
    /// The registry names the CAs that it accepts, and engines send the first pair, in the byte order of the names, that one
    /// of them issued; the first of all, where the registry names none. So a later one of the same issuer is never sent, and
    /// one of another issuer only to a registry that names that issuer and not the first. There is no second try after a
    /// refusal, whatever the documentation says.
    ///
    /// Where the first has expired and a later one has not, CW311 speaks of it.
    ///
    /// ## Engines
    /// Docker's login and pull both load every pair and send one of them, once for each connection.
    ///
    /// ## Example
    /// `old.cert` and `new.cert`, both from the company's CA: `new.cert` is sent.
    ///
    /// ## Fix
    /// Keep the one that is meant, and set the others aside.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/tls/handshake_client.go`, `getClientCertificate`; moby 1.4.0 commit a368e064a9 ("don't iterate
    /// through certs"); RFC 8446 section 4.3.2.
    pub SeveralClientCertificates = "CW313" "several-client-certificates", Warning
}

impl Rule for SeveralClientCertificates {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let now = context.settings.now;
        let Some(material) = context.loads.iter().find_map(Load::material) else { return };
        let Some((first, later)) = material.pairs.split_first() else { return };
        let (Some(first_leaf), Some(first_file)) = (first.leaf(), context.host.files.get(first.certificate_file))
        else {
            return;
        };
        let first_name = first_file.name.to_string_lossy();
        for pair in later {
            let (Some(leaf), Some(file)) = (pair.leaf(), context.host.files.get(pair.certificate_file)) else {
                continue;
            };
            let is_spoken_of = first_leaf.validity(now) == Validity::Expired && leaf.validity(now) == Validity::Valid;
            if is_spoken_of || leaf.sha256() == first_leaf.sha256() {
                continue;
            }
            let name = leaf.display_name();
            let (severity, message) = if leaf.issuer().der() == first_leaf.issuer().der() {
                (
                    Severity::Warning,
                    format!("{first_name} comes first and has the same issuer, so {name} is never sent"),
                )
            } else {
                let issuer = leaf.issuer().to_string();
                let message =
                    format!("{first_name} comes first, so {name} is sent only where the registry names {issuer}");
                (Severity::Info, message)
            };
            report
                .file(file, message)
                .severity(severity)
                .everywhere("sends the first pair whose issuer the registry accepts, and tries no other")
                .advice("keep the client certificate that is meant, and set the others aside");
        }
    }
}
