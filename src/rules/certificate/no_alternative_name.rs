//! CW308

use crate::finding::Severity;
use crate::model::HostName;
use crate::pki::{Certificate, Purpose};
use crate::rules::certificate::anchor_kind::AnchorKind;
use crate::rules::certificate::anchors::anchors;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// A server certificate in a `.crt` has no subject alternative name.
    ///
    /// Go looks for the host in the subject alternative names alone. The common name, which older guides tell to set to the
    /// host, has meant nothing since Go 1.17 (Docker 20.10.8), and no setting brings it back. So the file is trusted, and the
    /// connection fails all the same.
    ///
    /// A CA whose common name is this directory's host is information: as a CA it is in order; as the server's own
    /// certificate, which such a name suggests, it is not. Client certificates need no alternative names.
    ///
    /// ## Engines
    /// Docker's login and pull both say `x509: certificate relies on legacy Common Name field, use SANs instead`; where the
    /// common name is not the host, `x509: certificate is not valid for any names, but wanted to match H`; for an IP address
    /// `x509: cannot validate certificate for ADDRESS because it doesn't contain any IP SANs`.
    ///
    /// ## Example
    /// `registry.example.com:5000/domain.crt`, made by `openssl req -x509 -subj /CN=registry.example.com` alone.
    ///
    /// ## Fix
    /// Have it issued again with `subjectAltName = DNS:registry.example.com` (`IP:` for an address), on the server and here.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/verify.go`, `VerifyHostname` and `HostnameError`; RFC 6125 section 6.4.4; RFC 9525 section
    /// 2; harbor#16971, docker/docs#16652, distribution#948.
    pub NoAlternativeName = "CW308" "no-alternative-name", Error
}

impl Rule for NoAlternativeName {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let name = context.host_name();
        let host = name.as_ref().and_then(HostName::server_name);
        for anchor in anchors(context) {
            let certificate = anchor.certificate;
            if certificate.has_alternative_names() {
                continue;
            }
            if certificate.purpose() == Purpose::Ca {
                if certificate.is_self_issued() && host.is_some_and(|host| has_common_name(certificate, host)) {
                    let message = format!("{} has the name of this host, and no alternative name", anchor.title());
                    report
                        .certificate(anchor.file, anchor.index, message)
                        .severity(Severity::Info)
                        .everywhere("trusts it as a CA, and refuses it as the server's own certificate");
                }
            } else if AnchorKind::of(context, &anchor) == AnchorKind::Server {
                let draft = report
                    .certificate(
                        anchor.file,
                        anchor.index,
                        format!("{} has no subject alternative name", anchor.title()),
                    )
                    .everywhere(&refusal(certificate, host));
                let alternative = host.map_or("the host as subject alternative name".to_owned(), alternative_name);
                draft.advice(format!("have it issued again with {alternative}, on the server and here"));
            }
        }
    }
}

fn has_common_name(certificate: &Certificate, host: &str) -> bool {
    certificate.subject().common_name().is_some_and(|name| name.eq_ignore_ascii_case(host))
}

fn alternative_name(host: &str) -> String {
    let kind = if host.parse::<std::net::IpAddr>().is_ok() { "IP" } else { "DNS" };
    format!("subjectAltName {kind}:{host}")
}

/// What Go says of such a server certificate.
fn refusal(certificate: &Certificate, host: Option<&str>) -> String {
    match host {
        Some(host) if host.parse::<std::net::IpAddr>().is_ok() => {
            format!("x509: cannot validate certificate for {host} because it doesn't contain any IP SANs")
        }
        Some(host) if !has_common_name(certificate, host) => {
            format!("x509: certificate is not valid for any names, but wanted to match {host}")
        }
        _ => "x509: certificate relies on legacy Common Name field, use SANs instead".to_owned(),
    }
}
