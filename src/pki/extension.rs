//! The extensions of a certificate, checked as Go checks them and kept as far as a verdict needs them.
//!
//! Source: Go 1.26 `src/crypto/x509/parser.go`, `processExtensions` and the parsers that it calls; RFC 5280 section 4.2.

use std::collections::HashSet;

use crate::pki::der::{self, Reader, Span, span};
use crate::pki::name::AltName;
use crate::pki::refusal::Refusal;

/// What the extensions say, as far as a verdict needs it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extensions {
    pub(crate) basic_constraints: Option<BasicConstraints>,
    pub(crate) key_usage: Option<KeyUsage>,
    pub(crate) extended_key_usage: Option<ExtendedKeyUsage>,
    pub(crate) alternative_names: Option<Span>,
    pub(crate) subject_key_id: Option<Span>,
    pub(crate) authority_key_id: Option<Span>,
    pub(crate) has_name_constraints: bool,
    pub(crate) unhandled_critical: bool,
}

/// basicConstraints (RFC 5280 section 4.2.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// It may issue certificates.
    pub ca: bool,
    /// How many intermediate certificates may follow.
    pub path_length: Option<u32>,
}

/// keyUsage (RFC 5280 section 4.2.1.3), bit 0 of the encoding being bit 0 here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage(pub u16);

impl KeyUsage {
    /// keyCertSign
    pub const CERT_SIGN: Self = Self(1 << 5);

    /// digitalSignature
    const DIGITAL_SIGNATURE: Self = Self(1);
    /// keyAgreement
    const KEY_AGREEMENT: Self = Self(1 << 4);

    /// Tells whether whoever has the key may show it in a TLS handshake (OpenSSL's purpose `sslclient` asks for this).
    pub fn allows_handshake(self) -> bool {
        self.contains(Self::DIGITAL_SIGNATURE) || self.contains(Self::KEY_AGREEMENT)
    }

    /// Tells whether all bits of `other` are set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of the set bits, in the order of the encoding.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        const NAMES: [&str; 9] = [
            "digitalSignature",
            "contentCommitment",
            "keyEncipherment",
            "dataEncipherment",
            "keyAgreement",
            "keyCertSign",
            "cRLSign",
            "encipherOnly",
            "decipherOnly",
        ];
        NAMES.into_iter().enumerate().filter(move |(bit, _)| self.0 & (1 << bit) != 0).map(|(_, name)| name)
    }
}

/// extendedKeyUsage (RFC 5280 section 4.2.1.12): the purposes that registries and engines ask about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtendedKeyUsage {
    /// anyExtendedKeyUsage
    pub any: bool,
    /// serverAuth
    pub server_auth: bool,
    /// clientAuth
    pub client_auth: bool,
    /// any other purpose
    pub other: bool,
}

impl ExtendedKeyUsage {
    /// A TLS client may use it.
    pub fn allows_client(self) -> bool {
        self.any || self.client_auth
    }

    /// A TLS server may use it.
    pub fn allows_server(self) -> bool {
        self.any || self.server_auth
    }
}

/// Reads the content of the `[3]` field of a certificate, `base` being its DER.
///
/// # Errors
/// Go's first refusal. What was read before it stays in `out`, and what follows is read as far as it can be.
pub(crate) fn parse_all(base: &[u8], field: &[u8], out: &mut Extensions) -> Result<(), Refusal> {
    let mut list = Reader::new(field).read_sequence().ok_or_else(|| Refusal::new("x509: malformed extensions"))?;
    let mut found = Vec::with_capacity(10);
    let mut first_refusal = None;
    let mut seen = HashSet::with_capacity(10);
    while !list.is_empty() {
        match next(&mut list) {
            Ok(extension) if seen.insert(extension.oid) => found.push(extension),
            Ok(extension) => {
                let oid = der::oid_text(extension.oid);
                let text = format!("x509: certificate contains duplicate extension with OID \"{oid}\"");
                first_refusal.get_or_insert(Refusal::new(text));
            }
            Err(refusal) => {
                first_refusal.get_or_insert(refusal);
                break;
            }
        }
    }
    for extension in found {
        if let Err(refusal) = process(base, extension, out) {
            first_refusal.get_or_insert(refusal);
        }
    }
    first_refusal.map_or(Ok(()), Err)
}

/// One extension of a certificate.
#[derive(Clone, Copy)]
struct Extension<'a> {
    oid: &'a [u8],
    critical: bool,
    value: &'a [u8],
}

fn next<'a>(list: &mut Reader<'a>) -> Result<Extension<'a>, Refusal> {
    let mut fields = list.read_sequence().ok_or_else(|| Refusal::new("x509: malformed extension"))?;
    let oid = fields.read_oid().ok_or_else(|| Refusal::new("x509: malformed extension OID field"))?;
    let critical = if fields.peek(der::BOOLEAN) {
        fields.read_boolean().ok_or_else(|| Refusal::new("x509: malformed extension critical field"))?
    } else {
        false
    };
    let value = fields.read(der::OCTET_STRING).ok_or_else(|| Refusal::new("x509: malformed extension value field"))?;
    Ok(Extension { oid, critical, value })
}

fn process(base: &[u8], extension: Extension<'_>, out: &mut Extensions) -> Result<(), Refusal> {
    let value = extension.value;
    let unhandled = match extension.oid {
        [0x55, 0x1d, number] => match number {
            14 => subject_key_id(base, extension, out)?,
            15 => key_usage(value, out)?,
            17 => {
                out.alternative_names = Some(span(base, value));
                check_alternative_names(value)?
            }
            19 => basic_constraints(value, out)?,
            30 => {
                out.has_name_constraints = true;
                name_constraints(value)?
            }
            31 => distribution_points(value)?,
            32 => policies(value)?,
            33 => policy_mappings(value)?,
            35 => authority_key_id(base, extension, out)?,
            36 => policy_constraints(value)?,
            37 => extended_key_usage(value, out)?,
            54 => {
                let number = Reader::new(value).read_i64();
                number.ok_or_else(|| Refusal::new("x509: invalid inhibit any policy extension"))?;
                false
            }
            _ => true,
        },
        // id-pe-authorityInfoAccess, 1.3.6.1.5.5.7.1.1
        [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01] => authority_information(extension)?,
        _ => true,
    };
    out.unhandled_critical |= unhandled && extension.critical;
    Ok(())
}

fn subject_key_id(base: &[u8], extension: Extension<'_>, out: &mut Extensions) -> Result<bool, Refusal> {
    let id = Reader::new(extension.value).read(der::OCTET_STRING);
    out.subject_key_id = id.map(|id| span(base, id));
    if extension.critical {
        return Err(Refusal::since("x509: subject key identifier incorrectly marked critical", 24));
    }
    id.map(|_| false).ok_or_else(|| Refusal::new("x509: invalid subject key identifier"))
}

fn authority_key_id(base: &[u8], extension: Extension<'_>, out: &mut Extensions) -> Result<bool, Refusal> {
    let invalid = || Refusal::new("x509: invalid authority key identifier");
    if extension.critical {
        return Err(Refusal::since("x509: authority key identifier incorrectly marked critical", 24));
    }
    let mut fields = Reader::new(extension.value).read_sequence().ok_or_else(invalid)?;
    let id = fields.read_optional(der::context(0)).ok_or_else(invalid)?;
    out.authority_key_id = id.map(|id| span(base, id));
    Ok(false)
}

fn key_usage(value: &[u8], out: &mut Extensions) -> Result<bool, Refusal> {
    let bits = Reader::new(value).read_bit_string().ok_or_else(|| Refusal::new("x509: invalid key usage"))?;
    let usage = (0..9).filter(|bit| bits.bit(*bit)).fold(0, |usage, bit| usage | 1 << bit);
    out.key_usage = Some(KeyUsage(usage));
    Ok(false)
}

fn basic_constraints(value: &[u8], out: &mut Extensions) -> Result<bool, Refusal> {
    let invalid = || Refusal::new("x509: invalid basic constraints");
    let mut fields = Reader::new(value).read_sequence().ok_or_else(invalid)?;
    let ca = if fields.peek(der::BOOLEAN) { fields.read_boolean().ok_or_else(invalid)? } else { false };
    let path_length = if fields.peek(der::INTEGER) {
        let length = fields.read_i64().filter(|length| *length >= 0).ok_or_else(invalid)?;
        Some(u32::try_from(length).unwrap_or(u32::MAX))
    } else {
        None
    };
    out.basic_constraints = Some(BasicConstraints { ca, path_length });
    Ok(false)
}

fn extended_key_usage(value: &[u8], out: &mut Extensions) -> Result<bool, Refusal> {
    let invalid = || Refusal::new("x509: invalid extended key usages");
    let mut list = Reader::new(value).read_sequence().ok_or_else(invalid)?;
    let mut usage = ExtendedKeyUsage::default();
    while !list.is_empty() {
        match list.read_oid().ok_or_else(invalid)? {
            [0x55, 0x1d, 0x25, 0x00] => usage.any = true,
            [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01] => usage.server_auth = true,
            [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02] => usage.client_auth = true,
            _ => usage.other = true,
        }
    }
    out.extended_key_usage = Some(usage);
    Ok(false)
}

/// The names in a subjectAltName value, as far as they can be read.
pub(crate) fn alternative_names(value: &[u8]) -> impl Iterator<Item = AltName<'_>> {
    let mut list = Reader::new(value).read_sequence();
    std::iter::from_fn(move || {
        let element = list.as_mut()?.read_any()?;
        let content = element.content;
        Some(match element.tag ^ 0x80 {
            1 => AltName::Email(content),
            2 => AltName::Dns(content),
            6 => AltName::Uri(content),
            7 => AltName::Ip(content),
            other => AltName::Other(other & 0x1f),
        })
    })
}

fn check_alternative_names(value: &[u8]) -> Result<bool, Refusal> {
    let mut list =
        Reader::new(value).read_sequence().ok_or_else(|| Refusal::new("x509: invalid subject alternative names"))?;
    let mut none = true;
    while !list.is_empty() {
        let element = list.read_any().ok_or_else(|| Refusal::new("x509: invalid subject alternative name"))?;
        let content = element.content;
        let is_ascii = content.is_ascii();
        match element.tag ^ 0x80 {
            1 if !is_ascii => return Err(Refusal::new("x509: SAN rfc822Name is malformed")),
            2 if !is_ascii => return Err(Refusal::new("x509: SAN dNSName is malformed")),
            6 if !is_ascii => return Err(Refusal::new("x509: SAN uniformResourceIdentifier is malformed")),
            7 if !matches!(content.len(), 4 | 16) => {
                return Err(Refusal::new(format!("x509: cannot parse IP address of length {}", content.len())));
            }
            1 | 2 | 6 | 7 => none = false,
            _ => {}
        }
    }
    Ok(none)
}

fn name_constraints(value: &[u8]) -> Result<bool, Refusal> {
    let invalid = || Refusal::new("x509: invalid NameConstraints extension");
    let mut outer = Reader::new(value);
    let mut fields = outer.read_sequence().ok_or_else(invalid)?;
    let permitted = fields.read_optional(der::constructed(0)).ok_or_else(invalid)?;
    let excluded = fields.read_optional(der::constructed(1)).ok_or_else(invalid)?;
    if !outer.is_empty() || !fields.is_empty() {
        return Err(invalid());
    }
    let (permitted, excluded) = (permitted.unwrap_or_default(), excluded.unwrap_or_default());
    if permitted.is_empty() && excluded.is_empty() {
        return Err(Refusal::new("x509: empty name constraints extension"));
    }
    let unhandled = subtrees(permitted)?;
    Ok(subtrees(excluded)? || unhandled)
}

/// Checks the subtrees of a name constraint; tells whether one is of a kind that Go does not know.
fn subtrees(list: &[u8]) -> Result<bool, Refusal> {
    let invalid = || Refusal::new("x509: invalid NameConstraints extension");
    let mut list = Reader::new(list);
    let mut unhandled = false;
    while !list.is_empty() {
        let base = list.read_sequence().and_then(|mut subtree| subtree.read_any()).ok_or_else(invalid)?;
        let content = base.content;
        let text = String::from_utf8_lossy(content);
        let is_text = matches!(base.tag ^ 0x80, 1 | 2 | 6);
        if is_text && !content.is_ascii() {
            return Err(Refusal::new(format!(
                "x509: invalid constraint value: x509: {text:?} cannot be encoded as an IA5String"
            )));
        }
        match base.tag ^ 0x80 {
            1 if !text.contains('@') && !is_domain(&text) => {
                return Err(Refusal::new(format!("x509: failed to parse rfc822Name constraint {text:?}")));
            }
            2 if !is_domain(&text) => {
                return Err(Refusal::new(format!("x509: failed to parse dnsName constraint {text:?}")));
            }
            6 if text.parse::<std::net::IpAddr>().is_ok() => {
                let text = format!("x509: failed to parse URI constraint {text:?}: cannot be IP address");
                return Err(Refusal::new(text));
            }
            6 if !is_domain(&text) => {
                return Err(Refusal::new(format!("x509: failed to parse URI constraint {text:?}")));
            }
            7 => ip_constraint(content)?,
            1 | 2 | 6 => {}
            _ => unhandled = true,
        }
    }
    Ok(unhandled)
}

fn ip_constraint(content: &[u8]) -> Result<(), Refusal> {
    if !matches!(content.len(), 8 | 32) {
        return Err(Refusal::new(format!("x509: IP constraint contained value of length {}", content.len())));
    }
    let mask = content.get(content.len() / 2..).unwrap_or_default();
    let ones = mask.iter().map(|byte| byte.leading_ones()).take_while(|ones| *ones == 8).count();
    let tail = mask.get(ones..).unwrap_or_default();
    let first_is_run = tail.first().is_none_or(|byte| byte.count_ones() == byte.leading_ones());
    let rest_is_zero = tail.iter().skip(1).all(|byte| *byte == 0);
    if first_is_run && rest_is_zero {
        return Ok(());
    }
    let hex: String = mask.iter().map(|byte| format!("{byte:02x}")).collect();
    Err(Refusal::new(format!("x509: IP constraint contained invalid mask {hex}")))
}

/// Go 1.26 `domainNameValid(name, constraint = true)`: no trailing period, labels not empty behind the first, printable.
fn is_domain(name: &str) -> bool {
    let name = name.strip_prefix('.').unwrap_or(name);
    name.is_empty()
        || (!name.ends_with('.') && name.split('.').skip(1).all(|label| !label.is_empty()))
            && name.bytes().all(|byte| (33..=126).contains(&byte))
}

fn distribution_points(value: &[u8]) -> Result<bool, Refusal> {
    let invalid = || Refusal::new("x509: invalid CRL distribution point");
    let mut list =
        Reader::new(value).read_sequence().ok_or_else(|| Refusal::new("x509: invalid CRL distribution points"))?;
    while !list.is_empty() {
        let mut point = list.read_sequence().ok_or_else(invalid)?;
        let Some(name) = point.read_optional(der::constructed(0)).ok_or_else(invalid)? else { continue };
        let mut names = Reader::new(Reader::new(name).read(der::constructed(0)).ok_or_else(invalid)?);
        while names.peek(der::context(6)) {
            names.read(der::context(6)).ok_or_else(invalid)?;
        }
    }
    Ok(false)
}

fn policies(value: &[u8]) -> Result<bool, Refusal> {
    let invalid = || Refusal::new("x509: invalid certificate policies");
    let mut list = Reader::new(value).read_sequence().ok_or_else(invalid)?;
    let mut seen = HashSet::new();
    while !list.is_empty() {
        let policy = list.read_sequence().and_then(|mut fields| fields.read(der::OID)).ok_or_else(invalid)?;
        let is_complete = policy.last().is_some_and(|last| last & 0x80 == 0);
        if !is_complete || !seen.insert(policy) {
            return Err(invalid());
        }
    }
    Ok(false)
}

fn policy_mappings(value: &[u8]) -> Result<bool, Refusal> {
    let invalid = || Refusal::new("x509: invalid policy mappings extension");
    let mut list = Reader::new(value).read_sequence().ok_or_else(invalid)?;
    while !list.is_empty() {
        let mut pair = list.read_sequence().ok_or_else(invalid)?;
        pair.read(der::OID).ok_or_else(invalid)?;
        pair.read(der::OID).ok_or_else(invalid)?;
    }
    Ok(false)
}

fn policy_constraints(value: &[u8]) -> Result<bool, Refusal> {
    let invalid = || Refusal::new("x509: invalid policy constraints extension");
    let mut fields = Reader::new(value).read_sequence().ok_or_else(invalid)?;
    for number in [0, 1] {
        if let Some(content) = fields.read_optional(der::context(number)).ok_or_else(invalid)? {
            der::signed(content).ok_or_else(invalid)?;
        }
    }
    Ok(false)
}

fn authority_information(extension: Extension<'_>) -> Result<bool, Refusal> {
    let invalid = || Refusal::new("x509: invalid authority info access");
    if extension.critical {
        return Err(Refusal::since("x509: authority info access incorrectly marked critical", 24));
    }
    let mut list = Reader::new(extension.value).read_sequence().ok_or_else(invalid)?;
    while !list.is_empty() {
        let mut access = list.read_sequence().ok_or_else(invalid)?;
        access.read_oid().ok_or_else(invalid)?;
        if access.peek(der::context(6)) {
            access.read(der::context(6)).ok_or_else(invalid)?;
        }
    }
    Ok(false)
}
