//! Names in certificates: distinguished names as RFC 4514 text and in parts, alternative names.

use std::borrow::Cow;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::pki::der::{self, Reader};
use crate::pki::refusal::Refusal;

/// A distinguished name: a view of its DER. Two names are the same name where their DER is the same, as in Go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Name<'a> {
    der: &'a [u8],
}

/// One attribute of a distinguished name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Content octets of the type's OID.
    pub oid: &'a [u8],
    /// Index of the relative distinguished name that holds it.
    pub rdn: usize,
    /// The value, decoded; where that fails, `#` and the hexadecimal DER (RFC 4514 section 2.4).
    pub value: Cow<'a, str>,
}

impl Attribute<'_> {
    /// The short name of the type ("CN"), or its dotted OID.
    pub fn label(&self) -> Cow<'static, str> {
        match short_name(self.oid) {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(der::oid_text(self.oid)),
        }
    }
}

impl<'a> Name<'a> {
    /// The name whose whole SEQUENCE is `der`.
    pub fn new(der: &'a [u8]) -> Self {
        Self { der }
    }

    /// The whole SEQUENCE.
    pub fn der(&self) -> &'a [u8] {
        self.der
    }

    /// Tells whether the name has no attribute.
    pub fn is_empty(&self) -> bool {
        self.attributes().is_empty()
    }

    /// The attributes in the order of the encoding, as far as they can be read.
    pub fn attributes(&self) -> Vec<Attribute<'a>> {
        let mut attributes = Vec::new();
        let Some(mut sets) = Reader::new(self.der).read_sequence() else { return attributes };
        let mut rdn = 0;
        while let Some(set) = sets.read(der::SET) {
            let mut set = Reader::new(set);
            while let Some(mut pair) = set.read_sequence() {
                let (Some(oid), Some(value)) = (pair.read_oid(), pair.read_any()) else { break };
                attributes.push(Attribute { oid, rdn, value: text_or_hex(value) });
            }
            rdn += 1;
        }
        attributes
    }

    /// The common name: the last one, as Go's `pkix.Name.FillFromRDNSequence` takes it.
    pub fn common_name(&self) -> Option<Cow<'a, str>> {
        const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
        self.attributes().into_iter().rev().find(|attribute| attribute.oid == COMMON_NAME).map(|found| found.value)
    }

    /// Checks the name as Go's `parseName` does.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let invalid = || Refusal::new("x509: invalid RDNSequence");
        let mut sets = Reader::new(self.der).read_sequence().ok_or_else(invalid)?;
        while !sets.is_empty() {
            let mut set = Reader::new(sets.read(der::SET).ok_or_else(invalid)?);
            while !set.is_empty() {
                let mut pair =
                    set.read_sequence().ok_or_else(|| Refusal::new("x509: invalid RDNSequence: invalid attribute"))?;
                pair.read_oid().ok_or_else(|| Refusal::new("x509: invalid RDNSequence: invalid attribute type"))?;
                let value = pair
                    .read_any()
                    .ok_or_else(|| Refusal::new("x509: invalid RDNSequence: invalid attribute value"))?;
                decode_string(value.tag, value.content).map_err(|problem| {
                    Refusal::new(format!("x509: invalid RDNSequence: invalid attribute value: {problem}"))
                })?;
            }
        }
        Ok(())
    }
}

/// RFC 4514 text: the most specific part first, special characters escaped ("CN=Test CA,O=Example").
///
/// The text is foreign: pass it through [`crate::base::text::sanitise`] before a person sees it.
impl fmt::Display for Name<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes = self.attributes();
        let mut previous: Option<usize> = None;
        let last = attributes.last().map_or(0, |attribute| attribute.rdn);
        for rdn in (0..=last).rev() {
            for attribute in attributes.iter().filter(|attribute| attribute.rdn == rdn) {
                if let Some(previous) = previous {
                    out.write_str(if previous == rdn { "+" } else { "," })?;
                }
                previous = Some(rdn);
                write!(out, "{}={}", attribute.label(), escape(&attribute.value))?;
            }
        }
        Ok(())
    }
}

/// A subject alternative name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AltName<'a> {
    /// dNSName
    Dns(&'a [u8]),
    /// iPAddress, 4 or 16 octets
    Ip(&'a [u8]),
    /// rfc822Name
    Email(&'a [u8]),
    /// uniformResourceIdentifier
    Uri(&'a [u8]),
    /// Another kind, with its context tag number
    Other(u8),
}

impl AltName<'_> {
    /// The kind, as openssl prints it ("DNS").
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Dns(_) => "DNS",
            Self::Ip(_) => "IP",
            Self::Email(_) => "email",
            Self::Uri(_) => "URI",
            Self::Other(4) => "directory name",
            Self::Other(8) => "registered ID",
            Self::Other(_) => "other name",
        }
    }

    /// The value as text (foreign).
    pub fn value(&self) -> String {
        match self {
            Self::Dns(bytes) | Self::Email(bytes) | Self::Uri(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Self::Ip(bytes) => ip_text(bytes),
            Self::Other(number) => format!("[{number}]"),
        }
    }
}

/// An address of 4 or 16 octets as text.
pub(crate) fn ip_text(bytes: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Ipv4Addr::from(four).to_string();
    }
    match <[u8; 16]>::try_from(bytes) {
        Ok(sixteen) => Ipv6Addr::from(sixteen).to_string(),
        Err(_) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// Decodes an ASN.1 string as Go does (`parseASN1String`).
///
/// # Errors
/// Go's words for what is wrong with it.
pub(crate) fn decode_string(tag: u8, content: &[u8]) -> Result<Cow<'_, str>, String> {
    let ascii = |is_allowed: fn(u8) -> bool, problem: &str| match std::str::from_utf8(content) {
        Ok(text) if content.iter().copied().all(is_allowed) => Ok(Cow::Borrowed(text)),
        _ => Err(problem.to_owned()),
    };
    match tag {
        der::T61_STRING => Ok(content.iter().map(|byte| char::from(*byte)).collect()),
        der::PRINTABLE_STRING => ascii(is_printable, "invalid PrintableString"),
        der::UTF8_STRING => {
            std::str::from_utf8(content).map(Cow::Borrowed).map_err(|_| "invalid UTF-8 string".to_owned())
        }
        der::BMP_STRING => bmp_string(content).map(Cow::Owned).ok_or_else(|| "invalid BMPString".to_owned()),
        der::IA5_STRING => ascii(|byte| byte.is_ascii(), "invalid IA5String"),
        der::NUMERIC_STRING => ascii(|byte| byte.is_ascii_digit() || byte == b' ', "invalid NumericString"),
        other => Err(format!("unsupported string type: {other}")),
    }
}

fn is_printable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" '()+,-./:=?*&".contains(&byte)
}

fn bmp_string(content: &[u8]) -> Option<String> {
    let content = content.strip_suffix(&[0, 0]).unwrap_or(content);
    let (pairs, []) = content.as_chunks::<2>() else { return None };
    pairs
        .iter()
        .map(|pair| {
            let point = u32::from(u16::from_be_bytes(*pair));
            let reserved = matches!(point, 0xfffe | 0xffff | 0xfdd0..=0xfdef);
            char::from_u32(point).filter(|_| !reserved)
        })
        .collect()
}

fn text_or_hex(value: der::Element<'_>) -> Cow<'_, str> {
    decode_string(value.tag, value.content).unwrap_or_else(|_| {
        let hex: String = value.full.iter().map(|byte| format!("{byte:02x}")).collect();
        Cow::Owned(format!("#{hex}"))
    })
}

/// Escapes a value for RFC 4514 text (section 2.4).
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (index, character) in value.chars().enumerate() {
        let special = matches!(character, '"' | '+' | ',' | ';' | '<' | '>' | '\\');
        let at_start =
            index == 0 && matches!(character, ' ' | '#') && !(character == '#' && value.len() > 1 && is_hex(value));
        let at_end = index == last && character == ' ';
        if special || at_start || at_end {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn is_hex(value: &str) -> bool {
    value.strip_prefix('#').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn short_name(oid: &[u8]) -> Option<&'static str> {
    Some(match oid {
        [0x55, 0x04, 0x03] => "CN",
        [0x55, 0x04, 0x04] => "SN",
        [0x55, 0x04, 0x05] => "serialNumber",
        [0x55, 0x04, 0x06] => "C",
        [0x55, 0x04, 0x07] => "L",
        [0x55, 0x04, 0x08] => "ST",
        [0x55, 0x04, 0x09] => "street",
        [0x55, 0x04, 0x0a] => "O",
        [0x55, 0x04, 0x0b] => "OU",
        [0x55, 0x04, 0x0c] => "title",
        [0x55, 0x04, 0x0d] => "description",
        [0x55, 0x04, 0x11] => "postalCode",
        [0x55, 0x04, 0x2a] => "GN",
        [0x55, 0x04, 0x61] => "organizationIdentifier",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01] => "emailAddress",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01] => "UID",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19] => "DC",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(oid: u8, tag: u8, value: &[u8]) -> Vec<u8> {
        let mut pair = vec![0x06, 0x03, 0x55, 0x04, oid, tag, value.len() as u8];
        pair.extend(value);
        let mut set = vec![der::SET, pair.len() as u8 + 2, der::SEQUENCE, pair.len() as u8];
        set.extend(pair);
        set
    }

    fn name(attributes: &[Vec<u8>]) -> Vec<u8> {
        let content = attributes.concat();
        let mut bytes = vec![der::SEQUENCE, content.len() as u8];
        bytes.extend(content);
        bytes
    }

    #[test]
    fn text_follows_rfc_4514() {
        let bytes = name(&[attribute(6, 0x13, b"DE"), attribute(10, 0x0c, b"A, B+C"), attribute(3, 0x0c, b" x ")]);
        let name = Name::new(&bytes);
        assert_eq!(name.to_string(), r"CN=\ x\ ,O=A\, B\+C,C=DE");
        assert_eq!(name.common_name().as_deref(), Some(" x "));
        assert!(name.check().is_ok());
    }

    #[test]
    fn bad_strings_are_refused_in_go_words_and_still_shown() {
        let bytes = name(&[attribute(3, 0x13, b"a_b")]);
        let refusal = Name::new(&bytes).check().unwrap_err();
        assert_eq!(refusal.text, "x509: invalid RDNSequence: invalid attribute value: invalid PrintableString");
        assert_eq!(Name::new(&bytes).to_string(), "CN=#1303615f62");
    }

    #[test]
    fn the_last_common_name_counts() {
        let bytes = name(&[attribute(3, 0x0c, b"one"), attribute(3, 0x0c, b"two")]);
        assert_eq!(Name::new(&bytes).common_name().as_deref(), Some("two"));
        assert_eq!(Name::new(&[]).common_name(), None);
        assert_eq!(Name::new(&[0x30, 0x00]).to_string(), "");
    }
}
