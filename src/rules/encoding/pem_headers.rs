//! CW207

use crate::finding::{Applicability, Fix};
use crate::pki::Rewrite;
use crate::rules::encoding::reading::{Fate, Reading, name_certificates};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A CA certificate has PEM headers, for which engines pass over it.
    ///
    /// Headers are lines such as `friendlyName: Acme` between BEGIN and the base64, after which comes an empty line
    /// (RFC 1421). Go takes no CA certificate that has any, without a word. (Lines *before* BEGIN, as `openssl pkcs12`
    /// writes its bag attributes, do no harm; nor do headers in a `.cert`.)
    ///
    /// ## Engines
    /// Of a `.crt` in which nothing else is Docker's login takes nothing and says nothing; its pull (28 and later)
    /// stops with `unable to load CA cert "PATH"`.
    ///
    /// ## Example
    /// `-----BEGIN CERTIFICATE-----`, `subject: CN=Acme Root CA`, an empty line, base64.
    ///
    /// ## Fix
    /// Remove the headers and the empty line behind them: `openssl x509 -in ca.crt -out ca.crt`.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/cert_pool.go`, `AppendCertsFromPEM` (`len(block.Headers) != 0`);
    /// `src/encoding/pem/pem.go`, `Decode`.
    pub PemHeaders = "CW207" "pem-headers", Error
}

impl Rule for PemHeaders {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, reading) in Reading::all(context) {
            let lost: Vec<_> = reading.of_fate(Fate::Headers).collect();
            if lost.is_empty() {
                continue;
            }
            let message = format!("{} with PEM headers, for which engines pass over it", name_certificates(&lost));
            let name = reading.file.name.to_string_lossy();
            report
                .file(reading.file, message)
                .severity(reading.severity(context, Fate::Headers))
                .consequences(context.unused_at(index))
                .advice(format!("remove the lines between BEGIN and the base64 in {name}"))
                .fixes(headers_removed(context, &reading));
        }
    }
}

/// The file made anew. Headers are no damage to a file that is otherwise as it should be.
fn headers_removed(context: &HostContext<'_>, reading: &Reading<'_>) -> Option<Fix> {
    let path = context.host.path.join(&reading.file.name);
    let changes = vec![remedy::anew(path, Rewrite::Normal)];
    remedy::can_be_normal(reading.file).then(|| Fix::new(reading.title(), Applicability::Safe, changes))
}
