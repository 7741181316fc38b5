//! CW505

use std::ffi::OsStr;

use crate::finding::{Applicability, Change, Fix};
use crate::rules::key::pairing::{Fault, Pair};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A client certificate and its key have each other's name.
    ///
    /// The `.cert` holds the private key and the `.key` the certificate. Everything that concerns this registry fails, and
    /// the key may be readable by all, as certificates are.
    ///
    /// ## Engines
    /// Docker's login stops with `tls: failed to find certificate PEM data in certificate input, but did find a private key;
    /// PEM inputs may have been switched`; its pull with `failed to load X509 key pair: ` and the same.
    ///
    /// ## Example
    /// `client.cert` begins with `-----BEGIN PRIVATE KEY-----`, `client.key` with `-----BEGIN CERTIFICATE-----`.
    ///
    /// ## Fix
    /// Exchange the names, and let root alone read the key: `mv client.key x && mv client.cert client.key && mv x
    /// client.cert && chmod 600 client.key`.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/tls/tls.go`, `X509KeyPair`; Portus#790.
    pub SwappedPair = "CW505" "swapped-pair", Error
}

impl Rule for SwappedPair {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for pair in Pair::all(context) {
            let Some(Fault::Swapped) = pair.fault() else { continue };
            let (certificate, key) =
                (pair.certificate_file.name.to_string_lossy(), pair.key_file.name.to_string_lossy());
            report
                .file(pair.certificate_file, format!("{certificate} holds the private key and {key} the certificate"))
                .consequences(context.fatal_at(pair.index))
                .advice(format!("exchange the names of {certificate} and {key}"))
                .fix(fix(context, &pair));
        }
    }
}

/// Three renames, by way of a name that no engine reads.
fn fix(context: &HostContext<'_>, pair: &Pair<'_>) -> Fix {
    let (certificate, key) = (&pair.certificate_file.name, &pair.key_file.name);
    let path = |name: &OsStr| context.host.path.join(name);
    let away = remedy::set_aside(context.host, certificate);
    let between = away.target().to_path_buf();
    let changes = vec![
        Change::Rename { from: path(certificate), to: between.clone() },
        Change::Rename { from: path(key), to: path(certificate) },
        Change::Rename { from: between, to: path(key) },
    ];
    let title = format!("exchange the names of {} and {}", certificate.to_string_lossy(), key.to_string_lossy());
    Fix::new(title, Applicability::Safe, changes)
}
