//! CW208

use crate::rules::encoding::reading::{Fate, Reading, certificate};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// Go refuses a certificate for what it says, though it is written correctly.
    ///
    /// Go's parser is stricter than OpenSSL's: a negative serial number (from Go 1.23), an unknown elliptic curve, a
    /// repeated extension, a malformed name. Proxies that inspect TLS and old, hand-made CAs produce such certificates.
    ///
    /// OpenSSL shows the certificate and curl trusts it; the engines pass over it, and the registry is "signed by
    /// unknown authority".
    ///
    /// ## Engines
    /// Of a `.crt` with nothing else Docker's login takes nothing and says nothing; its pull (28 and later) stops with
    /// `unable to load CA cert "PATH"`. A refused client certificate stops both with Go's words, as in `x509: negative
    /// serial number`. A registry that shows such a certificate fails with `tls: failed to parse certificate from
    /// server: …`.
    ///
    /// ## Example
    /// The serial number of the CA is -5.
    ///
    /// ## Fix
    /// Have it issued anew. For negative serial numbers the daemon can be started with `GODEBUG=x509negativeserial=1`.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/parser.go`, `parseCertificate`; for-win#14803, distribution#1299.
    pub RefusedCertificate = "CW208" "refused-certificate", Error
}

impl Rule for RefusedCertificate {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, reading) in Reading::all(context) {
            let severity = reading.severity(context, Fate::Refused);
            for refused in reading.of_fate(Fate::Refused).filter_map(certificate) {
                let Some(refusal) = refused.refusal() else { continue };
                let mut all = reading.parsed.certificates();
                let position = all.position(|other| other.sha256() == refused.sha256()).unwrap_or_default();
                let since = match refusal.since_go {
                    0 => String::new(),
                    version => format!(" (from Go 1.{version})"),
                };
                let message = format!("Go refuses certificate {}{since}: {}", refused.display_name(), refusal.text);
                report
                    .certificate(reading.file, position, message)
                    .severity(severity)
                    .consequences(context.unused_at(index))
                    .advice("have the certificate issued anew");
            }
        }
    }
}
