//! CW503

use crate::finding::{Applicability, Fix};
use crate::pki::Certificate;
use crate::rules::key::pairing::{Fault, Pair, bring_key};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A client certificate and the key beside it do not belong together.
    ///
    /// One of the two was renewed and the other was not, or they were mixed up. Everything that concerns this registry
    /// fails, and the message names no file.
    ///
    /// ## Engines
    /// Docker's login stops with `tls: private key does not match public key`, or `tls: private key type does not match
    /// public key type`; its pull with `failed to load X509 key pair: ` and the same.
    ///
    /// ## Example
    /// A renewed `client.cert` beside the `client.key` of the old one.
    ///
    /// ## Fix
    /// Put the key in place that the certificate was issued for; where it lies in this directory, the advice names it.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/tls/tls.go`, `X509KeyPair`; moby#14317.
    pub KeyMismatch = "CW503" "key-mismatch", Error
}

impl Rule for KeyMismatch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for pair in Pair::all(context) {
            let (Some(Fault::Mismatch), Some(leaf)) = (pair.fault(), pair.leaf()) else { continue };
            let key = pair.key_file.name.to_string_lossy();
            let (found, advice) = match context.key_of(leaf) {
                Some((_, file)) => {
                    let right = file.name.to_string_lossy();
                    (format!("; that is in {right}"), format!("put the key of {right} in the place of {key}"))
                }
                None => (String::new(), format!("put the key of {} in the place of {key}", leaf.display_name())),
            };
            let message = format!("{key} is not the key of client certificate {}{found}", leaf.display_name());
            report
                .file(pair.certificate_file, message)
                .consequences(context.fatal_at(pair.index))
                .advice(advice)
                .fixes(fix(context, &pair, leaf));
        }
    }
}

/// The right key in the place of the wrong one, which is set aside; where there is none, both halves are.
fn fix(context: &HostContext<'_>, pair: &Pair<'_>, leaf: &Certificate) -> Option<Fix> {
    let (host, wrong) = (context.host, pair.key_file);
    let mut changes = vec![remedy::set_aside(host, &wrong.name)];
    let name = wrong.name.to_string_lossy();
    match context.key_of(leaf) {
        Some((_, right)) if right.name != wrong.name => {
            let (title, key_changes) = bring_key(context, right, wrong.name.to_str()?)?;
            changes.extend(key_changes);
            Some(Fix::new(format!("set {name} aside, and {title}"), Applicability::Safe, changes))
        }
        _ => {
            let certificate = pair.certificate_file;
            changes.push(remedy::set_aside(host, &certificate.name));
            let title = format!("set {} and {name} aside", certificate.name.to_string_lossy());
            Some(Fix::new(title, Applicability::Unsafe, changes))
        }
    }
}
