//! CW312

use crate::pki::Purpose;
use crate::rules::certificate::anchors::{Standing, anchors};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A CA certificate restricts what it issues to other purposes than servers.
    ///
    /// An extended key usage in a CA certificate holds for all that it issues: where serverAuth is not in it, Go accepts no
    /// server certificate of that CA, though the file is there and loads. Often it is the CA that issues client certificates,
    /// put into the directory by mistake.
    ///
    /// ## Engines
    /// Docker's login and pull both load it. Then: `x509: certificate specifies an incompatible key usage`.
    ///
    /// ## Example
    /// `registry.example.com:5000/ca.crt` with CA:TRUE and extended key usage clientAuth alone.
    ///
    /// ## Fix
    /// Put the CA that issued the registry's certificate in its place, or make the CA's certificate anew without extended
    /// key usage.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/verify.go`, `checkChainForKeyUsage`; RFC 5280 section 4.2.1.12.
    pub CaNotForServers = "CW312" "ca-not-for-servers", Error
}

impl Rule for CaNotForServers {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let anchors = anchors(context);
        for anchor in anchors.iter().filter(|anchor| anchor.certificate.purpose() == Purpose::Ca) {
            let Some(usage) = anchor.certificate.extended_key_usage().filter(|usage| !usage.allows_server()) else {
                continue;
            };
            let whom = if usage.allows_client() { "clients" } else { "other purposes" };
            let name = anchor.certificate.display_name();
            report
                .certificate(
                    anchor.file,
                    anchor.index,
                    format!("CA {name} issues certificates for {whom}, not for servers"),
                )
                .severity(Standing::of(anchor, &anchors, context.settings.now).severity())
                .everywhere("loads it, and takes no server certificate that it issued: incompatible key usage")
                .advice("put the CA that issued the registry's certificate in its place");
        }
    }
}
