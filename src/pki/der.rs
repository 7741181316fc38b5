//! A reader of DER as strict and as lax as Go's `cryptobyte`, since that is what decides whether an engine accepts a
//! certificate. Zero-copy; never panics.
//!
//! Source: `golang.org/x/crypto/cryptobyte/asn1.go` (`readASN1`, `ReadASN1Integer`, `ReadASN1BitString`,
//! `ReadASN1ObjectIdentifier`), the same from Go 1.17 to 1.27.

use std::ops::Range;

use crate::base::clock::Timestamp;

/// A tag octet: class, constructed bit and a number below 31.
pub type Tag = u8;

/// BOOLEAN
pub const BOOLEAN: Tag = 0x01;
/// INTEGER
pub const INTEGER: Tag = 0x02;
/// BIT STRING
pub const BIT_STRING: Tag = 0x03;
/// OCTET STRING
pub const OCTET_STRING: Tag = 0x04;
/// NULL
pub const NULL: Tag = 0x05;
/// OBJECT IDENTIFIER
pub const OID: Tag = 0x06;
/// UTF8String
pub const UTF8_STRING: Tag = 0x0c;
/// NumericString
pub const NUMERIC_STRING: Tag = 0x12;
/// PrintableString
pub const PRINTABLE_STRING: Tag = 0x13;
/// T61String
pub const T61_STRING: Tag = 0x14;
/// IA5String
pub const IA5_STRING: Tag = 0x16;
/// UTCTime
pub const UTC_TIME: Tag = 0x17;
/// GeneralizedTime
pub const GENERALIZED_TIME: Tag = 0x18;
/// BMPString
pub const BMP_STRING: Tag = 0x1e;
/// SEQUENCE
pub const SEQUENCE: Tag = 0x30;
/// SET
pub const SET: Tag = 0x31;

/// The context-specific primitive tag `[number]`.
pub const fn context(number: u8) -> Tag {
    0x80 | number
}

/// The context-specific constructed tag `[number]`.
pub const fn constructed(number: u8) -> Tag {
    0xa0 | number
}

/// Where a part stands in a piece of DER.
pub(crate) type Span = Range<u32>;

/// Where `part`, a slice of `base`, stands in it.
pub(crate) fn span(base: &[u8], part: &[u8]) -> Span {
    let start = (part.as_ptr() as usize).saturating_sub(base.as_ptr() as usize);
    let start = u32::try_from(start).unwrap_or_default();
    start..start.saturating_add(u32::try_from(part.len()).unwrap_or_default())
}

/// Bytes yet to be read. Each `read_…` returns `None` and leaves an unspecified rest where the bytes do not fit.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

/// One element: its tag, its content, and all of it with the header.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// The identifier octet.
    pub tag: Tag,
    /// What the header announces.
    pub content: &'a [u8],
    /// Header and content.
    pub full: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader over `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Tells whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Tells whether the next element has this tag.
    pub fn peek(&self, tag: Tag) -> bool {
        self.rest.first() == Some(&tag)
    }

    /// Reads one element of any tag. Lengths must be minimal; tag numbers of 31 and above are refused.
    pub fn read_any(&mut self) -> Option<Element<'a>> {
        let (tag, header, length) = self.header()?;
        let end = header.checked_add(length)?;
        let full = self.rest.get(..end)?;
        let content = full.get(header..)?;
        self.rest = self.rest.get(end..)?;
        Some(Element { tag, content, full })
    }

    /// Reads the content of an element that must have this tag.
    pub fn read(&mut self, tag: Tag) -> Option<&'a [u8]> {
        self.read_element(tag).map(|element| element.content)
    }

    /// Reads an element that must have this tag, header included.
    pub fn read_element(&mut self, tag: Tag) -> Option<Element<'a>> {
        self.read_any().filter(|element| element.tag == tag)
    }

    /// Reads the content of an element where it has this tag, and nothing where it has another.
    pub fn read_optional(&mut self, tag: Tag) -> Option<Option<&'a [u8]>> {
        if self.peek(tag) { self.read(tag).map(Some) } else { Some(None) }
    }

    /// Reads the content of an optional element in an explicit `[number]`, as Go's `encoding/asn1` does: the length that
    /// the outer header announces is not looked at, and another element inside counts as none.
    pub fn read_explicit(&mut self, number: u8, tag: Tag) -> Option<Option<&'a [u8]>> {
        if !self.peek(constructed(number)) {
            return Some(None);
        }
        let (_, header, length) = self.header()?;
        let mut inner = Self { rest: self.rest.get(header..)? };
        if length == 0 {
            return None;
        }
        if !inner.peek(tag) {
            return Some(None);
        }
        let content = inner.read(tag)?;
        self.rest = inner.rest;
        Some(Some(content))
    }

    /// The next header: tag, octets of the header, octets that it announces.
    fn header(&self) -> Option<(Tag, usize, usize)> {
        let (&[tag, first], after) = self.rest.split_first_chunk::<2>()?;
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (header, length) = if first & 0x80 == 0 { (2, usize::from(first)) } else { long_length(first, after)? };
        Some((tag, header, length))
    }

    /// Reads the content of a SEQUENCE as a reader of its own.
    pub fn read_sequence(&mut self) -> Option<Reader<'a>> {
        self.read(SEQUENCE).map(Reader::new)
    }

    /// Reads a minimally encoded INTEGER: its content octets, two's complement, big-endian.
    pub fn read_integer(&mut self) -> Option<&'a [u8]> {
        self.read(INTEGER).filter(|bytes| is_minimal_integer(bytes))
    }

    /// Reads an INTEGER that fits 64 bits.
    pub fn read_i64(&mut self) -> Option<i64> {
        self.read_integer().and_then(signed)
    }

    /// Reads a BOOLEAN, which DER encodes as 0x00 or 0xff.
    pub fn read_boolean(&mut self) -> Option<bool> {
        match self.read(BOOLEAN)? {
            [0x00] => Some(false),
            [0xff] => Some(true),
            _ => None,
        }
    }

    /// Reads an OBJECT IDENTIFIER: its content octets, each component below 2³¹.
    pub fn read_oid(&mut self) -> Option<&'a [u8]> {
        self.read(OID).filter(|bytes| is_valid_oid(bytes))
    }

    /// Reads a BIT STRING whose unused bits are zero.
    pub fn read_bit_string(&mut self) -> Option<BitString<'a>> {
        self.read(BIT_STRING).and_then(BitString::of_content)
    }
}

/// A BIT STRING.
#[derive(Clone, Copy, Debug)]
pub struct BitString<'a> {
    /// Unused bits in the last octet, 0 to 7.
    pub unused: u8,
    /// The octets.
    pub bytes: &'a [u8],
}

impl<'a> BitString<'a> {
    /// Reads the content octets of a BIT STRING whose unused bits are zero.
    pub fn of_content(content: &'a [u8]) -> Option<Self> {
        let (&unused, bytes) = content.split_first()?;
        let padding_is_zero = match bytes.last() {
            None => unused == 0,
            Some(last) => unused <= 7 && last & ((1u8 << unused) - 1) == 0,
        };
        padding_is_zero.then_some(Self { unused, bytes })
    }

    /// Bit `index`, counted from the most significant bit of the first octet; bits that are absent are zero.
    pub fn bit(&self, index: usize) -> bool {
        self.bytes.get(index / 8).is_some_and(|octet| octet & (0x80 >> (index % 8)) != 0)
    }
}

/// The value of INTEGER content octets that fit 64 bits.
pub fn signed(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 8 {
        return None;
    }
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let start = if negative { -1i64 } else { 0 };
    Some(bytes.iter().fold(start, |value, byte| (value << 8) | i64::from(*byte)))
}

/// INTEGER content octets without the leading zero octet of a positive number.
pub fn magnitude(integer: &[u8]) -> &[u8] {
    match integer {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    }
}

/// The dotted text of an OBJECT IDENTIFIER ("2.5.29.17").
pub fn oid_text(content: &[u8]) -> String {
    let mut components = Vec::new();
    let mut value = 0u64;
    for byte in content {
        value = (value << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            components.push(value);
            value = 0;
        }
    }
    let mut text = String::new();
    for (index, component) in components.iter().enumerate() {
        if index == 0 {
            let first = (component / 40).min(2);
            text.push_str(&format!("{first}.{}", component - first * 40));
        } else {
            text.push_str(&format!(".{component}"));
        }
    }
    text
}

/// Reads UTCTime content as Go does: with or without seconds, `Z` or an offset, 50 to 99 meaning 1950 to 1999.
pub fn utc_time(content: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(content).ok()?;
    let (year, rest) = split_number(text, 2)?;
    let year = if year >= 50 { 1900 + year } else { 2000 + year };
    time_of_year(year, rest, true)
}

/// Reads GeneralizedTime content as Go does: seconds required, no fraction, `Z` or an offset.
pub fn generalized_time(content: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(content).ok()?;
    let (year, rest) = split_number(text, 4)?;
    time_of_year(year, rest, false)
}

fn time_of_year(year: u32, rest: &str, seconds_optional: bool) -> Option<Timestamp> {
    let (month, rest) = split_number(rest, 2)?;
    let (day, rest) = split_number(rest, 2)?;
    let (hour, rest) = split_number(rest, 2)?;
    let (minute, rest) = split_number(rest, 2)?;
    let (second, rest) = match split_number(rest, 2) {
        Some(found) => found,
        None if seconds_optional => (0, rest),
        None => return None,
    };
    if second > 59 {
        return None;
    }
    let offset = zone_offset(rest)?;
    let local = Timestamp::from_civil((i32::try_from(year).ok()?, month, day), (hour, minute, second))?;
    Some(Timestamp(local.0 - offset))
}

/// Seconds east of UTC of "Z", "+hhmm" or "-hhmm". Go writes the parsed time back and compares, so that "+0000" fails.
fn zone_offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, rest) = split_number(digits, 2)?;
    let (minutes, rest) = split_number(rest, 2)?;
    let seconds = i64::from(hours * 3600 + minutes * 60);
    (rest.is_empty() && hours <= 24 && minutes < 60 && seconds != 0).then_some(sign * seconds)
}

fn split_number(text: &str, digits: usize) -> Option<(u32, &str)> {
    let (head, rest) = text.split_at_checked(digits)?;
    if !head.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((head.parse().ok()?, rest))
}

/// Reads the long form of a length: (octets of the whole header, length of the content).
fn long_length(first: u8, after: &[u8]) -> Option<(usize, usize)> {
    let octets = usize::from(first & 0x7f);
    if octets == 0 || octets > 4 {
        return None;
    }
    let length = after.get(..octets)?.iter().fold(0u64, |value, byte| (value << 8) | u64::from(*byte));
    if length < 128 || length >> ((octets - 1) * 8) == 0 {
        return None;
    }
    Some((2 + octets, usize::try_from(length).ok()?))
}

fn is_minimal_integer(bytes: &[u8]) -> bool {
    match bytes {
        [] => false,
        [0x00, second, ..] => second & 0x80 != 0,
        [0xff, second, ..] => second & 0x80 == 0,
        _ => true,
    }
}

fn is_valid_oid(bytes: &[u8]) -> bool {
    let mut value = 0u64;
    let mut complete = false;
    for byte in bytes {
        if value >= 1 << 24 {
            return false;
        }
        value = (value << 7) | u64::from(byte & 0x7f);
        complete = byte & 0x80 == 0;
        if complete {
            value = 0;
        }
    }
    complete
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_must_be_minimal() {
        assert!(Reader::new(&[0x04, 0x01, 0xaa]).read_any().is_some());
        assert!(Reader::new(&[0x04, 0x81, 0x01, 0xaa]).read_any().is_none(), "long form below 128");
        assert!(Reader::new(&[0x04, 0x80]).read_any().is_none(), "indefinite");
        assert!(Reader::new(&[0x04, 0x84, 0xff, 0xff, 0xff, 0xff]).read_any().is_none(), "longer than the input");
        assert!(Reader::new(&[0x1f, 0x01, 0x00]).read_any().is_none(), "high tag number");
        assert!(Reader::new(&[0x04]).read_any().is_none());
    }

    #[test]
    fn integers_are_minimal_and_signed() {
        assert_eq!(Reader::new(&[0x02, 0x01, 0x80]).read_i64(), Some(-128));
        assert_eq!(Reader::new(&[0x02, 0x02, 0x00, 0x80]).read_i64(), Some(128));
        assert!(Reader::new(&[0x02, 0x02, 0x00, 0x7f]).read_integer().is_none());
        assert!(Reader::new(&[0x02, 0x00]).read_integer().is_none());
    }

    #[test]
    fn object_identifiers_have_text() {
        assert_eq!(oid_text(&[0x55, 0x1d, 0x11]), "2.5.29.17");
        assert_eq!(oid_text(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]), "1.2.840.113549.1.1.11");
        assert!(Reader::new(&[0x06, 0x02, 0x55, 0x80]).read_oid().is_none(), "truncated component");
        assert!(Reader::new(&[0x06, 0x00]).read_oid().is_none());
    }

    #[test]
    fn times_follow_go() {
        assert_eq!(utc_time(b"491231235959Z").map(|t| t.date()).as_deref(), Some("2049-12-31"));
        assert_eq!(utc_time(b"500101000000Z").map(|t| t.date()).as_deref(), Some("1950-01-01"));
        assert_eq!(utc_time(b"2601010000Z").map(|t| t.date()).as_deref(), Some("2026-01-01"));
        assert_eq!(utc_time(b"260101000000+0100").map(|t| t.rfc3339()).as_deref(), Some("2025-12-31T23:00:00Z"));
        assert_eq!(utc_time(b"260101000000+0000"), None);
        assert_eq!(utc_time(b"260230000000Z"), None);
        assert_eq!(generalized_time(b"20500101000000Z").map(|t| t.date()).as_deref(), Some("2050-01-01"));
        assert_eq!(generalized_time(b"205001010000Z"), None);
        assert_eq!(generalized_time(b"20500101000000.5Z"), None);
    }

    #[test]
    fn bit_string_padding_must_be_zero() {
        assert!(Reader::new(&[0x03, 0x02, 0x01, 0x03]).read_bit_string().is_none());
        let bits = Reader::new(&[0x03, 0x02, 0x01, 0x06])
            .read_bit_string()
            .map(|bits| (bits.bit(5), bits.bit(6), bits.bit(99)));
        assert_eq!(bits, Some((true, true, false)));
    }
}
