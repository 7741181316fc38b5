//! DER written down (ITU-T X.690): as much of it as requests and certificates take.
//!
//! rcgen makes both as well, but keeps one value of each kind in a name, in an encoding of its own choice: the subject of a
//! certificate that is to be renewed (`DC=example,DC=com`) would come out as another one.

use crate::base::clock::Timestamp;

/// BOOLEAN TRUE
pub(super) const TRUE: &[u8] = &[1, 1, 0xff];

/// An element: tag, length, content.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            let digits = length.to_be_bytes();
            let digits: Vec<u8> = digits.into_iter().skip_while(|digit| *digit == 0).collect();
            bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or_default());
            bytes.extend(digits);
        }
    }
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes
}

/// SEQUENCE
pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(0x30, parts)
}

/// SET of one
pub(super) fn set(part: &[u8]) -> Vec<u8> {
    element(0x31, &[part])
}

/// INTEGER of a magnitude, which is not negative
pub(super) fn integer(magnitude: &[u8]) -> Vec<u8> {
    let zeros = magnitude.iter().take_while(|byte| **byte == 0).count();
    let digits = magnitude.get(zeros..).unwrap_or_default();
    let needs_zero = digits.first().is_none_or(|first| first & 0x80 != 0);
    element(2, &[if needs_zero { &[0] } else { &[] }, digits])
}

/// OBJECT IDENTIFIER of its content octets
pub(super) fn oid(content: &[u8]) -> Vec<u8> {
    element(6, &[content])
}

/// OCTET STRING
pub(super) fn octets(content: &[u8]) -> Vec<u8> {
    element(4, &[content])
}

/// BIT STRING without unused bits
pub(super) fn bits(content: &[u8]) -> Vec<u8> {
    element(3, &[&[0], content])
}

/// Time of a validity: UTCTime up to 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5).
pub(super) fn time(moment: Timestamp) -> Vec<u8> {
    let digits: String = moment.rfc3339().chars().filter(char::is_ascii_digit).collect();
    let is_long = moment.rfc3339().as_str() >= "2050" || moment.rfc3339().as_str() < "1950";
    let text = if is_long { digits.as_str() } else { digits.get(2..).unwrap_or_default() };
    element(if is_long { 0x18 } else { 0x17 }, &[text.as_bytes(), b"Z"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::der;

    #[test]
    fn what_is_written_is_read_again() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let written = octets(&content);
            let read = der::Reader::new(&written).read(der::OCTET_STRING).unwrap();
            assert_eq!(read, content, "{length}");
        }
        assert_eq!(integer(&[0, 0]), [2, 1, 0]);
        assert_eq!(integer(&[0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[0x7f]), [2, 1, 0x7f]);
    }

    #[test]
    fn times_change_their_form_in_2050() {
        let moment = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        assert_eq!(time(moment("2049-12-31T23:59:59Z")), b"\x17\x0d491231235959Z");
        assert_eq!(time(moment("2050-01-01T00:00:00Z")), b"\x18\x0f20500101000000Z");
    }
}
