//! CW311

use crate::engine::Load;
use crate::finding::Severity;
use crate::finding::{Applicability, Fix};
use crate::model::{File, HostDir};
use crate::pki::Validity;
use crate::rules::certificate::dates;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// An expired client certificate is sent, and a valid one behind it never is.
    ///
    /// Engines take the first pair, in the byte order of the names, whose issuer is among those that the registry names
    /// (simply the first, where it names none), and look at no date. There is no second try: neither a refusal nor an HTTP
    /// status makes an engine go on to the next pair, whatever the documentation says. So a renewed certificate under a later
    /// name changes nothing.
    ///
    /// Where the two have different issuers it is a warning: a registry that names its CAs gets the right one.
    ///
    /// ## Engines
    /// Docker's login and pull both load every pair and send the first: `remote error: tls: expired certificate`, or HTTP
    /// 400 from nginx.
    ///
    /// ## Example
    /// `a.cert` (expired) and `a.key` beside `b.cert` (valid) and `b.key`.
    ///
    /// ## Fix
    /// Remove the expired pair, or put the renewed one in its place.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/tls/handshake_client.go`, `getClientCertificate`; moby 1.4.0 commit a368e064a9 ("don't iterate
    /// through certs"); RFC 8446 section 4.3.2.
    pub ExpiredFirstPair = "CW311" "expired-first-pair", Error
}

impl Rule for ExpiredFirstPair {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let now = context.settings.now;
        let Some(material) = context.loads.iter().find_map(Load::material) else { return };
        let Some((first, later)) = material.pairs.split_first() else { return };
        let Some(expired) = first.leaf().filter(|leaf| leaf.validity(now) == Validity::Expired) else { return };
        let valid = later.iter().find_map(|pair| {
            let leaf = pair.leaf().filter(|leaf| leaf.validity(now) == Validity::Valid)?;
            Some((context.host.files.get(pair.certificate_file)?, leaf))
        });
        let Some((file, leaf)) = valid else { return };
        let Some(first_file) = context.host.files.get(first.certificate_file) else { return };
        let (name, first_name) = (file.name.to_string_lossy(), first_file.name.to_string_lossy());
        let same_issuer = leaf.issuer().der() == expired.issuer().der();
        let message = format!(
            "{first_name} comes before {name} and {}, so valid client certificate {} is not sent",
            dates::expired(expired.not_after(), now),
            leaf.display_name()
        );
        report
            .file(file, message)
            .severity(if same_issuer { Severity::Error } else { Severity::Warning })
            .everywhere("sends the first pair whose issuer the registry accepts, expired or not, and tries no other")
            .advice(format!("remove {first_name} and its key"))
            .fixes(context.host.files.get(first.key_file).map(|key| pair_aside(context.host, first_file, key)));
    }
}

fn pair_aside(host: &HostDir, certificate: &File, key: &File) -> Fix {
    let mut changes = vec![remedy::set_aside(host, &certificate.name)];
    let mut title = format!("set {} aside", certificate.name.to_string_lossy());
    if key.name != certificate.name {
        changes.push(remedy::set_aside(host, &key.name));
        title = format!("set {} and {} aside", certificate.name.to_string_lossy(), key.name.to_string_lossy());
    }
    Fix::new(title, Applicability::Unsafe, changes)
}
