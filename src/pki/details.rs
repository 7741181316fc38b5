//! Everything that a certificate says, worked out when somebody looks at it: all extensions by name, in words.
//!
//! Read by `x509-parser`. Where it refuses what Go accepts, the compact record still tells the rest, and the refusal is
//! reported.

use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::pki::certificate::Certificate;
use crate::pki::name::ip_text;

/// One extension in words. All text is foreign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionDetail {
    /// Its name ("Subject Alternative Name"), or its dotted OID
    pub name: String,
    /// Whoever does not know it must refuse the certificate.
    pub critical: bool,
    /// What it says, a line each
    pub lines: Vec<String>,
}

/// Describes all extensions of a certificate, in order.
///
/// # Errors
/// What `x509-parser` says where it cannot read the certificate.
pub fn extensions(certificate: &Certificate) -> Result<Vec<ExtensionDetail>, String> {
    let (_, parsed) = X509Certificate::from_der(certificate.der()).map_err(|error| error.to_string())?;
    let describe = |extension: &x509_parser::extensions::X509Extension<'_>| ExtensionDetail {
        name: extension_name(&extension.oid.to_id_string()),
        critical: extension.critical,
        lines: lines(extension.parsed_extension(), extension.value),
    };
    Ok(parsed.extensions().iter().map(describe).collect())
}

fn lines(extension: &ParsedExtension<'_>, value: &[u8]) -> Vec<String> {
    match extension {
        ParsedExtension::BasicConstraints(constraints) => {
            let ca = if constraints.ca { "CA:TRUE" } else { "CA:FALSE" };
            let length = constraints.path_len_constraint.map(|length| format!(", path length {length}"));
            vec![format!("{ca}{}", length.unwrap_or_default())]
        }
        ParsedExtension::KeyUsage(usage) => vec![usage.to_string()],
        ParsedExtension::ExtendedKeyUsage(usage) => extended_key_usage(usage),
        ParsedExtension::SubjectAlternativeName(names) => names.general_names.iter().map(general_name).collect(),
        ParsedExtension::IssuerAlternativeName(names) => names.general_names.iter().map(general_name).collect(),
        ParsedExtension::SubjectKeyIdentifier(id) => vec![hex(id.0)],
        ParsedExtension::AuthorityKeyIdentifier(id) => {
            let key = id.key_identifier.as_ref().map(|key| hex(key.0));
            let serial = id.authority_cert_serial.map(|serial| format!("serial {}", hex(serial)));
            let issuers = id.authority_cert_issuer.iter().flatten().map(general_name);
            key.into_iter().chain(issuers).chain(serial).collect()
        }
        ParsedExtension::NameConstraints(constraints) => {
            let permitted = constraints.permitted_subtrees.iter().flatten();
            let excluded = constraints.excluded_subtrees.iter().flatten();
            permitted
                .map(|subtree| format!("permitted {}", general_name(&subtree.base)))
                .chain(excluded.map(|subtree| format!("excluded {}", general_name(&subtree.base))))
                .collect()
        }
        ParsedExtension::CRLDistributionPoints(points) => points
            .iter()
            .filter_map(|point| point.distribution_point.as_ref())
            .flat_map(|name| match name {
                x509_parser::extensions::DistributionPointName::FullName(names) => {
                    names.iter().map(general_name).collect()
                }
                x509_parser::extensions::DistributionPointName::NameRelativeToCRLIssuer(_) => {
                    vec!["relative to the issuer".to_owned()]
                }
            })
            .collect(),
        ParsedExtension::AuthorityInfoAccess(access) => access
            .accessdescs
            .iter()
            .map(|access| {
                let method = match access.access_method.to_id_string().as_str() {
                    "1.3.6.1.5.5.7.48.1" => "OCSP".to_owned(),
                    "1.3.6.1.5.5.7.48.2" => "CA issuers".to_owned(),
                    other => other.to_owned(),
                };
                format!("{method} {}", general_name(&access.access_location))
            })
            .collect(),
        ParsedExtension::CertificatePolicies(policies) => {
            policies.iter().map(|policy| policy.policy_id.to_id_string()).collect()
        }
        _ => vec![hex(value)],
    }
}

fn extended_key_usage(usage: &x509_parser::extensions::ExtendedKeyUsage<'_>) -> Vec<String> {
    let named = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let named = named.into_iter().filter(|(set, _)| *set).map(|(_, name)| name.to_owned());
    named.chain(usage.other.iter().map(x509_parser::der_parser::oid::Oid::to_id_string)).collect()
}

fn general_name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(name) => format!("DNS:{name}"),
        GeneralName::RFC822Name(name) => format!("email:{name}"),
        GeneralName::URI(uri) => format!("URI:{uri}"),
        GeneralName::IPAddress(address) if matches!(address.len(), 8 | 32) => {
            let (network, mask) = address.split_at(address.len() / 2);
            format!("IP:{}/{}", ip_text(network), ip_text(mask))
        }
        GeneralName::IPAddress(address) => format!("IP:{}", ip_text(address)),
        GeneralName::DirectoryName(name) => format!("directory name:{name}"),
        GeneralName::RegisteredID(oid) => format!("registered ID:{}", oid.to_id_string()),
        other => format!("{other:?}").split('(').next().unwrap_or_default().to_owned(),
    }
}

fn extension_name(oid: &str) -> String {
    let name = match oid {
        "2.5.29.9" => "Subject Directory Attributes",
        "2.5.29.14" => "Subject Key Identifier",
        "2.5.29.15" => "Key Usage",
        "2.5.29.16" => "Private Key Usage Period",
        "2.5.29.17" => "Subject Alternative Name",
        "2.5.29.18" => "Issuer Alternative Name",
        "2.5.29.19" => "Basic Constraints",
        "2.5.29.30" => "Name Constraints",
        "2.5.29.31" => "CRL Distribution Points",
        "2.5.29.32" => "Certificate Policies",
        "2.5.29.33" => "Policy Mappings",
        "2.5.29.35" => "Authority Key Identifier",
        "2.5.29.36" => "Policy Constraints",
        "2.5.29.37" => "Extended Key Usage",
        "2.5.29.46" => "Freshest CRL",
        "2.5.29.54" => "Inhibit anyPolicy",
        "1.3.6.1.5.5.7.1.1" => "Authority Information Access",
        "1.3.6.1.5.5.7.1.11" => "Subject Information Access",
        "1.3.6.1.5.5.7.1.24" => "TLS Feature",
        "1.3.6.1.4.1.11129.2.4.2" => "Signed Certificate Timestamps",
        "1.3.6.1.4.1.311.20.2" => "Microsoft Certificate Template Name",
        "1.3.6.1.4.1.311.21.1" => "Microsoft CA Version",
        "1.3.6.1.4.1.311.21.7" => "Microsoft Certificate Template",
        "2.16.840.1.113730.1.1" => "Netscape Certificate Type",
        "2.16.840.1.113730.1.13" => "Netscape Comment",
        other => other,
    };
    name.to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}
