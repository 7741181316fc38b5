//! CW501

use crate::base::text::shell_word;
use crate::finding::{Applicability, Fix};
use crate::model::{File, Role};
use crate::pki::{Certificate, Purpose, Rewrite};
use crate::rules::certificate::anchors::chain;
use crate::rules::key::pairing::{belongs, bring_key, key_name};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A client certificate has no key beside it.
    ///
    /// Engines look for the key of `NAME.cert` in `NAME.key`, byte for byte, in the same directory; no other name will do,
    /// and a key of another name stays unread or makes things worse. Without it everything that concerns this registry
    /// fails, pulls from a server with a public certificate too. A CA that is merely named `.cert` is CW101.
    ///
    /// ## Engines
    /// Docker's login stops with `missing key client.key for client certificate client.cert. CA certificates must use the
    /// extension .crt`. Its pull (28 and later) takes the `.cert` for its own key file: that works where the key is in it
    /// too, and is else `failed to load X509 key pair: tls: found a certificate rather than a key in the PEM for the private
    /// key`.
    ///
    /// ## Example
    /// `client.cert` and `client-key.pem`; or `client.cert` and `client.cert.key`.
    ///
    /// ## Fix
    /// Give the key the name of the certificate: `mv client-key.pem client.key`. Where the key is lost, `certwright renew
    /// HOST/client.cert` makes a new one, and a request like the old certificate.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containerd 2.x
    /// `core/remotes/docker/config/hosts.go`, `loadCertFiles`; shiftstack/dev-install#30, SUSE/doc-caasp#275.
    pub MissingKey = "CW501" "missing-key", Error
}

impl Rule for MissingKey {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, file) in context.files().filter(|(_, file)| file.role() == Role::ClientCertificate) {
            let key = key_name(file);
            if context.host.file(&key).is_some() {
                continue;
            }
            let Some(leaf) = chain(context, file).first().map(|leaf| leaf.certificate) else { continue };
            if leaf.purpose() == Purpose::Ca {
                continue;
            }
            let key = key.to_string_lossy();
            let (found, advice) = whereabouts(context, file, leaf, &key);
            report
                .file(file, format!("client certificate {} has no key {key}{found}", leaf.display_name()))
                .consequences(context.fatal_at(index))
                .advice(advice)
                .fixes(fixes(context, file, leaf));
        }
    }
}

/// Where the key is instead, as the end of the message, and what to do.
fn whereabouts(context: &HostContext<'_>, file: &File, leaf: &Certificate, key: &str) -> (String, String) {
    let name = file.name.to_string_lossy();
    let holds_it = file.parsed().is_some_and(|parsed| parsed.private_keys().any(|key| belongs(key, leaf)));
    if holds_it {
        return (format!("; its key is in {name} itself"), format!("copy the key out of {name} into {key}"));
    }
    let Some((_, found)) = context.key_of(leaf) else {
        return (String::new(), format!("put its key beside it as {key}"));
    };
    let found_name = found.name.to_string_lossy();
    let is_needed_there =
        context.certificates(found).next().is_some() || (found.role() == Role::ClientKey && is_paired(context, found));
    let verb = if is_needed_there { "copy the key out of" } else { "rename" };
    let into = if is_needed_there { "into" } else { "to" };
    (format!("; its key is in {found_name}"), format!("{verb} {found_name} {into} {key}"))
}

/// The key from where it is; else the certificate is of no use, and a new one takes a new key.
fn fixes(context: &HostContext<'_>, file: &File, leaf: &Certificate) -> Vec<Fix> {
    let (host, name) = (context.host, file.name.to_string_lossy());
    let Some(key) = key_name(file).to_str().map(str::to_owned) else { return Vec::new() };
    let path = host.path.join(&file.name);
    if file.parsed().is_some_and(|parsed| parsed.private_keys().any(|key| belongs(key, leaf))) {
        let changes =
            vec![remedy::copy_keys(path.clone(), host.path.join(&key)), remedy::anew(path, Rewrite::Certificates)];
        let title = format!("move the key out of {name} into {key}");
        return if remedy::can_be_normal(file) {
            vec![Fix::new(title, Applicability::Safe, changes)]
        } else {
            Vec::new()
        };
    }
    if let Some((_, found)) = context.key_of(leaf) {
        let brought = bring_key(context, found, &key);
        return brought.map(|(title, changes)| Fix::new(title, Applicability::Safe, changes)).into_iter().collect();
    }
    // A rule makes no keys.
    let renew = format!("certwright renew {}", shell_word(&path));
    vec![
        remedy::aside_fix(host, file, Applicability::Unsafe),
        Fix::by_hand("make a new key and a request for a new certificate", renew),
    ]
}

fn is_paired(context: &HostContext<'_>, key: &File) -> bool {
    context.partner_of(key).is_some()
}
