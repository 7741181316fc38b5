//! CW205

use crate::pki::Block;
use crate::rules::encoding::reading::{Fate, Reading, certificate};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, counted};

rule! {
    /// Some certificates of a file are lost, because the PEM is damaged around them; others load.
    ///
    /// The usual cause is `cat a.crt b.crt > ca.crt` where `a.crt` does not end in a line break: `-----END
    /// CERTIFICATE----------BEGIN CERTIFICATE-----` on one line loses *both* neighbours. A byte-order mark loses the
    /// first block; blanks before BEGIN, damaged base64 and a cut end lose their own.
    ///
    /// No engine says a word. What loads works, what was lost is "signed by unknown authority"; in a client certificate
    /// the chain is sent with a gap, or the certificate itself is missing and its key matches none.
    ///
    /// ## Engines
    /// Docker's login and its pull (28 and later) take the readable blocks and pass over the others in silence.
    ///
    /// ## Example
    /// `ca.crt` has three certificates, and line 21 reads `-----END CERTIFICATE----------BEGIN CERTIFICATE-----`.
    ///
    /// ## Fix
    /// As the finding says; for glued blocks break the line in the middle.
    ///
    /// ## Sources
    /// Go 1.26 `src/encoding/pem/pem.go`, `Decode`; `src/crypto/x509/cert_pool.go`, `AppendCertsFromPEM`;
    /// flatcar/scripts#2667, simp_le#149, pomerium#5645.
    pub LostBlocks = "CW205" "lost-blocks", Error
}

impl Rule for LostBlocks {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, reading) in Reading::all(context).filter(|(_, reading)| reading.is_usable()) {
            let lost: Vec<_> = reading.of_fate(Fate::Damaged).collect();
            let Some(first) = lost.first() else { continue };
            let name = |block: &&Block| {
                let name = certificate(block).map(|certificate| format!("{}, ", certificate.display_name()));
                format!("{}line {}, {}", name.unwrap_or_default(), block.line, reading.reason(block))
            };
            let shown: Vec<_> = lost.iter().take(3).map(name).collect();
            let more = if lost.len() > 3 { format!("; and {} more", lost.len() - 3) } else { String::new() };
            report
                .file(
                    reading.file,
                    format!("{} of {} lost: {}{more}", lost.len(), counted(reading.meant(), "block"), shown.join("; ")),
                )
                .severity(reading.severity(context, Fate::Damaged))
                .consequences(context.fatal_at(index))
                .advice(reading.remedy(first))
                .fixes(reading.fix(context, Fate::Damaged));
        }
    }
}
