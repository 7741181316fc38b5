//! CW206

use crate::base::text::shell_word;
use crate::model::Role;
use crate::rules::encoding::reading::{Fate, Reading, name_certificates};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A certificate has another PEM label than CERTIFICATE.
    ///
    /// OpenSSL writes `TRUSTED CERTIFICATE` with `-trustout` and in the `ca-trust/extracted/openssl` folder of Red Hat
    /// systems, and `X509 CERTIFICATE` in its early days; it reads them all. Go reads `CERTIFICATE` alone, and passes
    /// over the others without a word.
    ///
    /// ## Engines
    /// Of a `.crt` in which nothing else is Docker's login takes nothing and says nothing; its pull (28 and later)
    /// stops with `unable to load CA cert "PATH"`. In a `.cert` both stop: `tls: failed to find "CERTIFICATE" PEM block
    /// in certificate input after skipping PEM blocks of the following types: [TRUSTED CERTIFICATE]`.
    ///
    /// ## Example
    /// `ca.crt` begins with `-----BEGIN TRUSTED CERTIFICATE-----`.
    ///
    /// ## Fix
    /// Write it anew: `openssl x509 -in ca.crt -out ca.crt`, which drops the trust settings. Changing the label by hand
    /// is not enough for a `TRUSTED CERTIFICATE`, which has data behind the certificate.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/cert_pool.go`, `AppendCertsFromPEM`; OpenSSL `include/openssl/pem.h`,
    /// `PEM_STRING_X509`; rustls#2079.
    pub ForeignLabel = "CW206" "foreign-label", Error
}

impl Rule for ForeignLabel {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, reading) in Reading::all(context).filter(|(_, reading)| reading.file.role() != Role::ClientKey) {
            let lost: Vec<_> = reading.of_fate(Fate::ForeignLabel).collect();
            let Some(first) = lost.first() else { continue };
            let name = reading.file.name.to_string_lossy();
            let message = format!("{} labelled {}, which no engine reads", name_certificates(&lost), first.label);
            report
                .file(reading.file, message)
                .severity(reading.severity(context, Fate::ForeignLabel))
                .consequences(context.unused_at(index))
                .advice(match reading.meant() {
                    1 => format!("write it anew: openssl x509 -in {0} -out {0}", shell_word(&reading.file.name)),
                    // The command would keep the first certificate alone.
                    _ => format!("write each such certificate in {name} anew with openssl x509"),
                })
                .fixes(reading.fix(context, Fate::ForeignLabel));
        }
    }
}
