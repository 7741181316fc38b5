//! CW309

use crate::pki::Certificate;
use crate::rules::certificate::anchors::client_chains;
use crate::rules::key::pairing;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A client certificate is not made for clients.
    ///
    /// It has an extended key usage, and clientAuth is not in it. No engine looks; the registry does, and refuses it. Where
    /// it is the registry's own server certificate with its key, CW506 speaks of it instead.
    ///
    /// ## Engines
    /// Docker's login and pull both load the pair and send it. The registry answers `remote error: tls: bad certificate`
    /// (nginx: HTTP 400, `unsupported certificate purpose`).
    ///
    /// ## Example
    /// `registry.example.com:5000/client.cert` with extended key usage serverAuth alone.
    ///
    /// ## Fix
    /// Have it issued again with `extendedKeyUsage = clientAuth`.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/tls/handshake_server.go`, `processCertsFromClient` (`ExtKeyUsageClientAuth`); RFC 5280 section
    /// 4.2.1.12; docker-py#2871.
    pub NoClientAuth = "CW309" "no-client-auth", Warning
}

impl Rule for NoClientAuth {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for chain in client_chains(context) {
            let Some(leaf) = chain.first() else { continue };
            let Some(usage) = leaf.certificate.extended_key_usage() else { continue };
            let is_servers_pair =
                pairing::is_servers(context, leaf.certificate) && context.key_of(leaf.certificate).is_some();
            if usage.allows_client() || is_servers_pair {
                continue;
            }
            let name = leaf.certificate.display_name();
            report
                .certificate(
                    leaf.file,
                    leaf.index,
                    format!("client certificate {name} is made for {}, not for clients", purposes(leaf.certificate)),
                )
                .everywhere("sends it; the registry refuses it")
                .advice("have it issued again with extended key usage clientAuth");
        }
    }
}

fn purposes(certificate: &Certificate) -> &'static str {
    if certificate.extended_key_usage().is_some_and(|usage| usage.allows_server()) {
        "servers"
    } else {
        "other purposes"
    }
}
