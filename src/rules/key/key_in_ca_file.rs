//! CW509

use crate::model::Role;
use crate::pki::Purpose;
use crate::rules::key::pairing::belongs;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A CA file holds a private key beside its certificates.
    ///
    /// Files of CA certificates are made to be read by all and copied about, and the key goes with them. It is of no use in
    /// this place: engines pass over it. An end-entity certificate and its key together in a `.crt` are CW102 or CW506.
    ///
    /// ## Engines
    /// Docker's login and pull both take the certificates and pass over the key, without a word.
    ///
    /// ## Example
    /// `ca.crt`, made by `cat ca.pem ca-key.pem > ca.crt`.
    ///
    /// ## Fix
    /// Remove the key from the file, and from wherever the file was copied to. Where others could read it, make a new one.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/cert_pool.go`, `AppendCertsFromPEM` (blocks of other types are passed over).
    pub KeyInCaFile = "CW509" "key-in-ca-file", Warning
}

impl Rule for KeyInCaFile {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (_, file) in context.files().filter(|(_, file)| file.role() == Role::CaBundle) {
            let Some(parsed) = file.parsed() else { continue };
            let mut certificates = parsed.certificates().peekable();
            let Some(key) = parsed.private_keys().next().filter(|_| certificates.peek().is_some()) else { continue };
            let owner = certificates.find(|certificate| belongs(key, certificate));
            let message = match owner.map(|owner| (owner.purpose(), owner.display_name())) {
                Some((Purpose::Ca, name)) => format!("private key of CA {name} lies in a CA file"),
                Some(_) => continue,
                None => format!("private key ({}) lies in a CA file", key.describe()),
            };
            report
                .file(file, message)
                .everywhere("passes over the key")
                .advice(format!("remove the key from {}", file.name.to_string_lossy()));
        }
    }
}
