//! CW305

use crate::finding::Severity;
use crate::model::HostName;
use crate::pki::{Certificate, Validity};
use crate::rules::certificate::anchor_kind::AnchorKind;
use crate::rules::certificate::anchors::{Placed, anchors};
use crate::rules::certificate::dates;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A `.crt` holds the server's own certificate instead of the CA that issued it.
    ///
    /// Go trusts a certificate that is itself among the roots, CA or not, so this works, for exactly this certificate. On the
    /// day when the server gets its next one everything fails with `signed by unknown authority`, and nobody remembers the
    /// file. `openssl s_client -showcerts … > ca.crt` makes such files.
    ///
    /// It is a warning where the certificate was issued by a CA that could be trusted instead, or names other hosts than
    /// this directory's. It is information where it is self-signed, for then there is nothing else to trust, and where its
    /// issuer is trusted too, for then it is superfluous. Expired ones are CW301, those without alternative names CW308.
    ///
    /// ## Engines
    /// Docker's login and pull both trust it, within its dates and for its alternative names: for another host they say
    /// `x509: certificate is valid for A, not B`.
    ///
    /// ## Example
    /// `registry.example.com:5000/ca.crt` holds the end-entity certificate of registry.example.com.
    ///
    /// ## Fix
    /// Put the certificate of its issuer in the file: the last one of the chain, or what the CA's owner publishes.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/verify.go`, `Verify` (`opts.Roots.contains(c)`); moby#37591, moby#40203,
    /// diego-release#254.
    pub PinnedLeaf = "CW305" "pinned-leaf", Warning
}

impl Rule for PinnedLeaf {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let anchors = anchors(context);
        for anchor in &anchors {
            let certificate = anchor.certificate;
            let is_usable =
                certificate.has_alternative_names() && certificate.validity(context.settings.now) == Validity::Valid;
            if !is_usable || AnchorKind::of(context, anchor) != AnchorKind::Server {
                continue;
            }
            let (severity, says) = verdict(context, anchor, &anchors);
            let file = anchor.file.name.to_string_lossy();
            let draft = report
                .certificate(anchor.file, anchor.index, format!("{} {says}", anchor.title()))
                .severity(severity)
                .everywhere("trusts this one certificate; the next one of the server fails");
            if !certificate.is_self_issued() && severity != Severity::Info {
                draft.advice(format!("put the certificate of its issuer, {}, in {file}", issuer_name(certificate)));
            }
        }
    }
}

fn verdict(context: &HostContext<'_>, anchor: &Placed<'_>, anchors: &[Placed<'_>]) -> (Severity, String) {
    let certificate = anchor.certificate;
    if let Some(issuer) = anchors.iter().find(|other| context.verifier.issued(other.certificate, certificate))
        && !certificate.is_self_issued()
    {
        return (Severity::Info, format!("is trusted beside its issuer {}", issuer.certificate.display_name()));
    }
    let name = context.host_name();
    if let Some(host) = name.as_ref().and_then(HostName::server_name)
        && !certificate.names_host(host)
    {
        let names: Vec<String> = certificate.alternative_names().map(|name| name.value()).collect();
        let says = format!("is trusted for itself alone, and is for {}, not for {host}", names.join(", "));
        return (Severity::Warning, says);
    }
    let severity = if certificate.is_self_issued() { Severity::Info } else { Severity::Warning };
    let limit = context.settings.now.plus_days(context.settings.expires_within);
    let end = if certificate.not_after() <= limit {
        // CW303 tells when.
        String::new()
    } else {
        format!(", and {}", dates::expires(certificate.not_after(), context.settings.now))
    };
    (severity, format!("is trusted for itself alone{end}"))
}

fn issuer_name(certificate: &Certificate) -> String {
    let issuer = certificate.issuer();
    issuer.common_name().map_or_else(|| issuer.to_string(), |name| name.into_owned())
}
