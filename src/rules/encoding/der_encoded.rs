//! CW201

use crate::base::text::shell_word;
use crate::model::{File, Role};
use crate::pki::{Format, Item};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A certificate or key is written in DER, where engines read PEM alone.
    ///
    /// DER is the binary form; Windows exports it by default ("DER encoded binary X.509"), and many CAs offer it for
    /// download. Engines look for `-----BEGIN CERTIFICATE-----` and nothing else.
    ///
    /// The registry's certificate is then "signed by unknown authority", although the right CA lies in the right place
    /// under the right name.
    ///
    /// ## Engines
    /// Of a `.crt` in DER Docker's login takes nothing and says nothing; its pull (28 and later) stops with `unable to
    /// load CA cert "PATH"`. In a `.cert` or `.key` both stop: `tls: failed to find any PEM data in certificate input`,
    /// or `in key input`.
    ///
    /// ## Example
    /// `ca.crt` begins with the bytes 30 82.
    ///
    /// ## Fix
    /// Convert it: `openssl x509 -inform der -in ca.crt -out ca.crt`, for a key `openssl pkey -inform der -in
    /// client.key -out client.key`.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/cert_pool.go`, `AppendCertsFromPEM`; `src/crypto/tls/tls.go`, `X509KeyPair`; moby 29.7
    /// `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containerd 2.x `core/remotes/docker/config/hosts.go`,
    /// `ConfigureHosts`; docker/docs#7243, docker/docs#15357, openSUSE/docker-containers#27.
    pub DerEncoded = "CW201" "der-encoded", Error
}

impl Rule for DerEncoded {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, file) in context.files() {
            let Some((what, command)) = in_der(file) else { continue };
            let name = shell_word(&file.name);
            report
                .file(file, format!("{what} is written in DER, which no engine reads"))
                .consequences(context.unused_at(index))
                .advice(format!("convert it to PEM: openssl {command} -inform der -in {name} -out {name}"))
                .fixes(remedy::normalise(
                    context.host,
                    file,
                    &format!("convert {} to PEM", file.name.to_string_lossy()),
                ));
        }
    }
}

/// What a file holds in DER that is right for its role, and openssl's command for it.
fn in_der(file: &File) -> Option<(String, &'static str)> {
    let parsed = file.parsed().filter(|parsed| parsed.format == Format::Der)?;
    match (&parsed.blocks.first()?.item, file.role()) {
        (Item::Certificate(certificate), Role::CaBundle | Role::ClientCertificate) => {
            Some((format!("certificate {}", certificate.display_name()), "x509"))
        }
        (Item::PrivateKey(key), Role::ClientKey) => Some((format!("private key ({})", key.describe()), "pkey")),
        _ => None,
    }
}
