//! CW504

use crate::base::text::shell_word;
use crate::finding::{Applicability, Fix};
use crate::model::File;
use crate::rules::key::pairing::{Fault, Pair, opened};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// The key of a client certificate is encrypted.
    ///
    /// No engine asks for a passphrase, and none says that this is what is wrong. Everything that concerns this registry
    /// fails.
    ///
    /// ## Engines
    /// Docker's login stops with `tls: failed to parse private key` (built with Go 1.27 or later, more text follows); its
    /// pull with `failed to load X509 key pair: tls: failed to parse private key`.
    ///
    /// ## Example
    /// `client.key` begins with `-----BEGIN ENCRYPTED PRIVATE KEY-----`, or has a line `Proc-Type: 4,ENCRYPTED`.
    ///
    /// ## Fix
    /// Store it without a passphrase, readable by root alone: `(umask 077; openssl pkey -in client.key -out client.plain)
    /// && mv client.plain client.key`.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/tls/tls.go`, `parsePrivateKey`; RFC 5958 section 3, RFC 1421 section 4.6.1.1; moby#30935,
    /// distribution#1279, docker_auth#353.
    pub EncryptedKey = "CW504" "encrypted-key", Error
}

impl Rule for EncryptedKey {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for pair in Pair::all(context) {
            let Some(Fault::Encrypted(key)) = pair.fault() else { continue };
            let name = shell_word(&pair.key_file.name);
            let plain = shell_word(format!("{}.plain", pair.key_file.stem().to_string_lossy()));
            report
                .file(pair.key_file, format!("private key needs a passphrase ({})", key.describe()))
                .consequences(context.fatal_at(pair.index))
                .advice(format!(
                    "store it without one: openssl pkey -in {name} -out {plain}, then rename {plain} to {name}"
                ))
                .fixes(fix(context, pair.key_file));
        }
    }
}

/// Asks for the passphrase. The secret then lies open, for its owner alone.
fn fix(context: &HostContext<'_>, file: &File) -> Option<Fix> {
    let title = format!("take the passphrase off {}", file.name.to_string_lossy());
    opened(context.host, file).map(|change| Fix::new(title, Applicability::Unsafe, vec![change]))
}
