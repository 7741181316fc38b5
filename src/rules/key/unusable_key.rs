//! CW508

use crate::finding::{Applicability, Fix};
use crate::pki::key::KeyEncoding;
use crate::pki::{PrivateKey, PublicKeyKind};
use crate::rules::key::pairing::{Fault, Pair};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// Go cannot read the key of a client certificate.
    ///
    /// It is written in OpenSSH's form, is of a kind that Go's TLS does not know (DSA, Ed448, secp256k1, brainpool), or is
    /// damaged inside, so that its numbers do not fit together. OpenSSL may read it all the same. Encrypted keys are CW504;
    /// keys that are no PEM at all are CW2xx.
    ///
    /// ## Engines
    /// Docker's login stops with `tls: failed to parse private key` (built with Go 1.27 or later, more text follows), or
    /// `tls: found unknown private key type in PKCS#8 wrapping`; its pull with `failed to load X509 key pair: ` and the same.
    ///
    /// ## Example
    /// `client.key` begins with `-----BEGIN OPENSSH PRIVATE KEY-----`.
    ///
    /// ## Fix
    /// Convert an OpenSSH key: `ssh-keygen -p -N '' -m PKCS8 -f client.key`. For a kind that Go does not know, make a new key
    /// (ECDSA P-256, RSA or Ed25519) and have a certificate issued for it.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/tls/tls.go`, `parsePrivateKey`; `src/crypto/x509/pkcs8.go`, `ParsePKCS8PrivateKey`; OpenSSH
    /// `PROTOCOL.key`.
    pub UnusableKey = "CW508" "unusable-key", Error
}

impl Rule for UnusableKey {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for pair in Pair::all(context) {
            let Some(Fault::Unusable(key)) = pair.fault() else { continue };
            let name = pair.key_file.name.to_string_lossy();
            let (why, advice) = key.map_or_else(|| damaged(&name), |key| reason(key, &name));
            report
                .file(pair.key_file, format!("private key {why}"))
                .consequences(context.fatal_at(pair.index))
                .advice(advice)
                .fix(both_aside(context, &pair));
        }
    }
}

/// A certificate without a key that can be used is of no use either.
fn both_aside(context: &HostContext<'_>, pair: &Pair<'_>) -> Fix {
    let (certificate, key) = (&pair.certificate_file.name, &pair.key_file.name);
    let changes = vec![remedy::set_aside(context.host, certificate), remedy::set_aside(context.host, key)];
    let title = format!("set {} and {} aside", certificate.to_string_lossy(), key.to_string_lossy());
    Fix::new(title, Applicability::Unsafe, changes)
}

/// Why Go cannot read a key, and what to do.
fn reason(key: &PrivateKey, name: &str) -> (String, String) {
    use PublicKeyKind::{EcP224, EcP256, EcP384, EcP521, Ed25519, Rsa};
    match (key.encoding, key.kind) {
        (KeyEncoding::OpenSsh, _) => {
            let advice = format!("convert it: ssh-keygen -p -N '' -m PKCS8 -f {name}");
            ("is in the form of OpenSSH, which Go does not read".to_owned(), advice)
        }
        (_, Rsa { .. } | EcP224 | EcP256 | EcP384 | EcP521 | Ed25519) => damaged(name),
        (_, kind) => {
            let advice = "make a new key (ECDSA P-256 or RSA) and have a certificate issued for it".to_owned();
            (format!("is of a kind that Go does not know ({})", kind.describe()), advice)
        }
    }
}

fn damaged(name: &str) -> (String, String) {
    ("is damaged".to_owned(), format!("put an undamaged copy in the place of {name}"))
}
