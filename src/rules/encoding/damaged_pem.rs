//! CW204

use crate::finding::{Applicability, Fix};
use crate::rules::encoding::reading::{Fate, Reading};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// Nothing in a file can be read, because its PEM is damaged.
    ///
    /// The file holds certificates or keys, and a byte-order mark, UTF-16, blanks before BEGIN, lines that end in CR
    /// alone, a missing line break between two blocks, a cut end or damaged base64 keeps Go from seeing any of them.
    /// OpenSSL and editors forgive most of that, so that the file looks right. (CR LF and text around the blocks do no
    /// harm.)
    ///
    /// ## Engines
    /// Of such a `.crt` Docker's login takes nothing and says nothing; its pull (28 and later) stops with `unable to
    /// load CA cert "PATH"`. In a `.cert` or `.key` both stop: `tls: failed to find any PEM data in certificate input`,
    /// or `in key input`.
    ///
    /// ## Example
    /// `ca.crt` was saved by Windows PowerShell, which writes UTF-16; or it begins with EF BB BF.
    ///
    /// ## Fix
    /// As the finding says: `-----BEGIN` at the start of a line, in ASCII or UTF-8 without byte-order mark.
    ///
    /// ## Sources
    /// Go 1.26 `src/encoding/pem/pem.go`, `Decode`; `src/crypto/x509/cert_pool.go`, `AppendCertsFromPEM`; containerd
    /// 2.x `core/remotes/docker/config/hosts.go`, `ConfigureHosts`; 1Password/connect#38, ejabberd#2850,
    /// flatcar/scripts#2667.
    pub DamagedPem = "CW204" "damaged-pem", Error
}

impl Rule for DamagedPem {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, reading) in Reading::all(context).filter(|(_, reading)| !reading.is_usable()) {
            let Some(first) = reading.of_fate(Fate::Damaged).next() else { continue };
            let mut reasons: Vec<String> = Vec::new();
            for block in reading.of_fate(Fate::Damaged) {
                let reason = reading.reason(block);
                if !reasons.iter().any(|known| known.starts_with(&reason)) {
                    reasons.push(format!("{reason} (line {})", block.line));
                }
            }
            report
                .file(reading.file, format!("nothing in it can be read: {}", reasons.join(", ")))
                .consequences(context.unused_at(index))
                .advice(reading.remedy(first))
                .fix(fix(context, &reading));
        }
    }
}

/// What is damaged in its form alone is written anew; what is lost is set aside, the other half of a pair with it.
fn fix(context: &HostContext<'_>, reading: &Reading<'_>) -> Fix {
    let aside = || Fix { promise: Applicability::Unsafe, ..remedy::aside_with_partner(context, reading.file) };
    remedy::normalise(context.host, reading.file, &reading.title()).unwrap_or_else(aside)
}
