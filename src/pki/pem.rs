//! PEM as Go reads it, and PEM as a person meant it.
//!
//! [`go_blocks`] yields exactly the blocks that Go's `encoding/pem.Decode` yields, which is what every engine sees.
//! [`meant_blocks`] finds the blocks that Go passes over (indented, glued, truncated, behind a byte-order mark) so that
//! they can be shown, explained and mended. Neither looks inside a block.
//!
//! Source: Go 1.26 `src/encoding/pem/pem.go`, `Decode` and `getLine` (rewritten in 1.25.2: the last BEGIN before an END
//! counts); Go 1.19 differs only for blocks that have no END of their own.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem;
use zeroize::Zeroizing;

/// Base64 as Go's `base64.StdEncoding` takes it: padded, trailing bits not checked.
const STANDARD: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const NEWLINE_END: &[u8] = b"\n-----END ";
const DASHES: &[u8] = b"-----";

/// One block of a PEM text. Its bytes may be a secret and are wiped when dropped.
#[derive(Debug)]
pub struct Block<'a> {
    /// What stands between `-----BEGIN ` and `-----`.
    pub label: &'a [u8],
    /// Tells whether header lines (`Proc-Type: 4,ENCRYPTED`) come before the base64 text.
    pub headers: Headers,
    /// The decoded content.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Where the block stands in the text, from its BEGIN to the end of its END line.
    pub span: Range<usize>,
}

/// The header lines of a block, as far as anybody asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// There is at least one.
    pub any: bool,
    /// One says that the content is encrypted (RFC 1421 `Proc-Type`).
    pub encrypted: bool,
}

/// The blocks that Go's `pem.Decode` yields, called until it yields none.
pub fn go_blocks(data: &[u8]) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut start = 0;
    while let Some(block) = go_decode(data, start) {
        start = block.span.end;
        blocks.push(block);
    }
    blocks
}

/// A stretch of text that begins like a block and that Go does not take, with what can be decoded of it.
#[derive(Debug)]
pub struct MeantBlock<'a> {
    /// The block, decoded leniently: blanks and line ends anywhere are passed over.
    pub block: Block<'a>,
    /// It has no END line of its own label.
    pub unterminated: bool,
    /// Its content is no base64 text.
    pub undecodable: bool,
}

/// The blocks that somebody meant in `data[range]`, where Go sees none.
pub fn meant_blocks(data: &[u8], range: Range<usize>) -> Vec<MeantBlock<'_>> {
    let Some(text) = data.get(..range.end) else { return Vec::new() };
    let mut found = Vec::new();
    let mut from = range.start;
    while let Some(begin) = find(text, BEGIN, from) {
        from = begin + BEGIN.len();
        let line_end = find(text, b"\n", from).unwrap_or(text.len());
        let Some(label_end) = find(text, DASHES, from).filter(|end| *end <= line_end) else { continue };
        let Some(label) = text.get(from..label_end).filter(|label| is_label(label)) else { continue };
        let body = label_end + DASHES.len();
        let next_begin = find(text, BEGIN, body).unwrap_or(text.len());
        let end = find(text, END, body).filter(|end| *end < next_begin);
        let body_end = end.unwrap_or(next_begin);
        let (stop, unterminated) = match end {
            Some(end) => end_of_trailer(text, end, label),
            None => (body_end, true),
        };
        let (headers, bytes) = lenient_body(text.get(body..body_end).unwrap_or_default());
        let undecodable = bytes.is_none();
        let bytes = bytes.unwrap_or_default();
        found.push(MeantBlock { block: Block { label, headers, bytes, span: begin..stop }, unterminated, undecodable });
        from = stop;
    }
    found
}

/// The line number, from 1, of a position in the text.
pub fn line_of(data: &[u8], offset: usize) -> u32 {
    let before = data.get(..offset).unwrap_or(data);
    let newlines = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(newlines + 1).unwrap_or(u32::MAX)
}

/// Finds `needle` at or after `from`.
pub fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    memmem::find(haystack.get(from..)?, needle).map(|at| from + at)
}

/// One call of Go's `pem.Decode` on `data[start..]`.
fn go_decode(data: &[u8], start: usize) -> Option<Block<'_>> {
    let mut from = start;
    loop {
        // The first END line, then the last BEGIN before it.
        let end = find(data, NEWLINE_END, from)?;
        let after_end = end + NEWLINE_END.len();
        let window = data.get(from..end)?;
        let Some(begin) = memmem::rfind(window, BEGIN).map(|at| from + at) else {
            from = after_end;
            continue;
        };
        let at_line_start = begin == from || data.get(begin - 1) == Some(&b'\n');
        if !at_line_start {
            from = after_end;
            continue;
        }
        match go_body(data, begin, end)? {
            Some(block) => return Some(block),
            None => from = after_end,
        }
    }
}

/// The block from `begin` to the END line at `end` (the position of its newline). `None`: Go gives up on the whole rest;
/// `Some(None)`: it goes on behind this END.
fn go_body(data: &[u8], begin: usize, end: usize) -> Option<Option<Block<'_>>> {
    let (type_line, mut at) = line(data, begin + BEGIN.len())?;
    let Some(label) = type_line.strip_suffix(DASHES) else { return Some(None) };
    let mut headers = Headers::default();
    loop {
        if at >= data.len() {
            return None;
        }
        let (text, next) = line(data, at)?;
        let Some(colon) = text.iter().position(|byte| *byte == b':') else { break };
        headers.any = true;
        headers.encrypted |= text.get(..colon).is_some_and(|key| key.trim_ascii() == b"Proc-Type")
            && find(text, b"ENCRYPTED", colon).is_some();
        at = next;
    }
    // Without headers the END line may follow at once, its newline being that of the BEGIN line.
    if headers.any && end < at {
        return if end + NEWLINE_END.len() < at { None } else { Some(None) };
    }
    let trailer = data.get(end + NEWLINE_END.len()..)?;
    let Some(behind) = trailer.strip_prefix(label).and_then(|rest| rest.strip_prefix(DASHES)) else {
        return Some(None);
    };
    let behind_at = data.len() - behind.len();
    let (remainder, next) = line(data, behind_at)?;
    if !remainder.is_empty() {
        return Some(None);
    }
    let body = if end > at { data.get(at..end)? } else { &[] };
    let Some(bytes) = decode_base64(body, |byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) else {
        return Some(None);
    };
    Some(Some(Block { label, headers, bytes, span: begin..next }))
}

/// One line from `at` without its line end and trailing blanks, and where the next begins (Go's `getLine`).
fn line(data: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = data.get(at..)?;
    let (text, next) = match rest.iter().position(|byte| *byte == b'\n') {
        None => (rest, data.len()),
        Some(newline) => {
            let text = rest.get(..newline)?;
            (text.strip_suffix(b"\r").unwrap_or(text), at + newline + 1)
        }
    };
    let length = text.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
    Some((text.get(..length)?, next))
}

fn decode_base64(body: &[u8], skip: impl Fn(u8) -> bool) -> Option<Zeroizing<Vec<u8>>> {
    let mut compact = Zeroizing::new(Vec::with_capacity(body.len()));
    compact.extend(body.iter().copied().filter(|byte| !skip(*byte)));
    let mut bytes = Zeroizing::new(vec![0; compact.len() / 4 * 3 + 3]);
    let length = STANDARD.decode_slice(compact.as_slice(), &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

/// Where the END line that begins at `end` stops, and whether it is not the one of `label`.
fn end_of_trailer(text: &[u8], end: usize, label: &[u8]) -> (usize, bool) {
    let after = end + END.len();
    let matches = text.get(after..).is_some_and(|rest| rest.starts_with(label));
    let close = if matches { after + label.len() } else { after };
    let stop = match text.get(close..) {
        Some(rest) if rest.starts_with(DASHES) => close + DASHES.len(),
        _ => close,
    };
    (stop.min(text.len()), !matches)
}

fn lenient_body(body: &[u8]) -> (Headers, Option<Zeroizing<Vec<u8>>>) {
    let mut headers = Headers::default();
    let mut start = 0;
    while let Some((text, next)) = line(body, start) {
        if next <= start {
            break;
        }
        if text.contains(&b':') {
            headers.any = true;
            headers.encrypted |= find(text, b"ENCRYPTED", 0).is_some();
        } else if !text.trim_ascii().is_empty() {
            break;
        }
        start = next;
    }
    let skip = |byte: u8| byte.is_ascii_whitespace() || byte == b'>' || byte == b'\\';
    (headers, decode_base64(body.get(start..).unwrap_or_default(), skip))
}

fn is_label(label: &[u8]) -> bool {
    !label.is_empty() && label.len() <= 64 && label.iter().all(|byte| (0x20..0x7f).contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<String> {
        go_blocks(text.as_bytes()).iter().map(|block| String::from_utf8_lossy(block.label).into_owned()).collect()
    }

    #[test]
    fn go_takes_text_around_blocks() {
        assert_eq!(
            labels(
                "subject=x\n-----BEGIN A-----\nAAAA\n-----END A-----\nmore\n-----BEGIN B-----\nAAAA\n-----END B-----"
            ),
            ["A", "B"]
        );
        assert_eq!(labels("-----BEGIN A-----\r\nAAAA\r\n-----END A-----\r\n"), ["A"]);
        assert_eq!(labels("-----BEGIN A-----\n-----END A-----\n"), ["A"]);
    }

    #[test]
    fn go_needs_begin_at_the_start_of_a_line() {
        assert!(labels("\u{feff}-----BEGIN A-----\nAAAA\n-----END A-----\n").is_empty());
        assert!(labels("  -----BEGIN A-----\n  AAAA\n  -----END A-----\n").is_empty());
        assert_eq!(
            labels("\u{feff}-----BEGIN A-----\nAAAA\n-----END A-----\n-----BEGIN B-----\nAAAA\n-----END B-----\n"),
            ["B"]
        );
    }

    #[test]
    fn glued_blocks_are_both_lost() {
        let glued = "-----BEGIN A-----\nAAAA\n-----END A----------BEGIN B-----\nAAAA\n-----END B-----\n";
        assert!(labels(glued).is_empty());
        let meant = meant_blocks(glued.as_bytes(), 0..glued.len());
        let labels: Vec<_> =
            meant.iter().map(|found| (found.block.label, found.unterminated, found.undecodable)).collect();
        assert_eq!(labels, [(&b"A"[..], false, false), (&b"B"[..], false, false)]);
    }

    #[test]
    fn a_truncated_block_does_not_hide_the_next() {
        let text = "-----BEGIN A-----\nAAAA\n-----BEGIN B-----\nAAAA\n-----END B-----\n";
        assert_eq!(labels(text), ["B"]);
        let meant = meant_blocks(text.as_bytes(), 0..23);
        assert_eq!(meant.len(), 1);
        assert!(meant.iter().all(|found| found.unterminated));
    }

    #[test]
    fn headers_are_seen() {
        let text = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        let blocks = go_blocks(text.as_bytes());
        assert_eq!(blocks.first().map(|block| block.headers), Some(Headers { any: true, encrypted: true }));
    }

    #[test]
    fn lines_count_from_one() {
        assert_eq!(line_of(b"a\nb\nc", 0), 1);
        assert_eq!(line_of(b"a\nb\nc", 4), 3);
    }
}
