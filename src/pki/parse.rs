//! The reader of files: PEM as Go sees it and as it was meant, DER, UTF-16, other bytes.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::pki::certificate::Certificate;
use crate::pki::container::{self, Container};
use crate::pki::digest::sha256;
use crate::pki::intern::Interner;
use crate::pki::{Block, Defect, Format, Item, Located, Parsed, PublicKeyKind, der, key, pem, public_key};

/// Reads a file. Certificates met before are shared through `interner`.
pub fn parse(bytes: &[u8], interner: &Interner) -> Parsed {
    if bytes.trim_ascii().is_empty() {
        return Parsed::nothing(Format::Empty);
    }
    let parsed = parse_pem(bytes, interner);
    if parsed.go_blocks().next().is_some() {
        return parsed;
    }
    if let Some(text) = utf16_text(bytes) {
        return parse_utf16(&text, interner);
    }
    if !parsed.blocks.is_empty() {
        return parsed;
    }
    if bytes.first() == Some(&der::SEQUENCE)
        && let Some(parsed) = parse_der(bytes, interner)
    {
        return parsed;
    }
    Parsed::nothing(other_format(bytes))
}

fn parse_pem(bytes: &[u8], interner: &Interner) -> Parsed {
    let mut reader = PemReader { bytes, interner, line: LineCounter::new(bytes), parsed: Parsed::nothing(Format::Pem) };
    let mut gap = 0;
    for block in pem::go_blocks(bytes) {
        reader.lost(gap..block.span.start);
        gap = block.span.end;
        reader.seen(&block);
    }
    reader.lost(gap..bytes.len());
    let mut parsed = reader.parsed;
    // Most files hold one block, and a vector makes room for four.
    parsed.blocks.shrink_to_fit();
    if !parsed.blocks.is_empty() && memchr::memmem::find(bytes, b"\r\n").is_some() {
        parsed.defects.insert(0, Located { line: 1, value: Defect::CrLf });
    }
    parsed
}

/// Collects the blocks of a PEM text.
struct PemReader<'a> {
    bytes: &'a [u8],
    interner: &'a Interner,
    line: LineCounter<'a>,
    parsed: Parsed,
}

impl PemReader<'_> {
    fn seen(&mut self, block: &pem::Block<'_>) {
        let line = self.line.of(block.span.start);
        self.push(block, line, true);
    }

    /// Adds what was meant in a stretch in which Go sees no block.
    fn lost(&mut self, range: std::ops::Range<usize>) {
        for found in pem::meant_blocks(self.bytes, range) {
            let line = self.line.of(found.block.span.start);
            let defect = self.reason(&found);
            self.parsed.defects.push(Located { line, value: defect });
            self.push(&found.block, line, false);
        }
    }

    fn push(&mut self, block: &pem::Block<'_>, line: u32, seen_by_go: bool) {
        let label = known_label(block.label);
        let item = item(&label, block, self.interner);
        let is_certificate = matches!(item, Item::Certificate(_));
        if block.headers.any && !block.headers.encrypted {
            self.parsed.defects.push(Located { line, value: Defect::Headers });
        }
        if is_certificate && label != "CERTIFICATE" {
            self.parsed.defects.push(Located { line, value: Defect::ForeignLabel(label.clone()) });
        }
        let refusal = (label == "CERTIFICATE" && !is_certificate)
            .then(|| Certificate::parse(&block.bytes).err().map(Box::new))
            .flatten();
        self.parsed.blocks.push(Block { line, label, has_headers: block.headers.any, seen_by_go, item, refusal });
    }

    /// Why Go passes over a block.
    fn reason(&self, found: &pem::MeantBlock<'_>) -> Defect {
        let span = &found.block.span;
        let before = self.bytes.get(..span.start).unwrap_or_default();
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        let before_begin = before.get(line_start..).unwrap_or_default();
        let inside = self.bytes.get(span.clone()).unwrap_or_default();
        let behind = self.bytes.get(span.end..).unwrap_or_default();
        let behind_end = behind.get(..memchr::memchr(b'\n', behind).unwrap_or(behind.len())).unwrap_or_default();
        let is_one_line = !self.bytes.get(span.clone()).unwrap_or_default().contains(&b'\n');
        if before_begin == b"\xef\xbb\xbf" {
            Defect::ByteOrderMark
        } else if before_begin.ends_with(b"-----") || behind_end.starts_with(b"-----BEGIN ") {
            Defect::Glued
        } else if before_begin.ends_with(b"\r") || (inside.contains(&b'\r') && !inside.contains(&b'\n')) {
            Defect::CrOnly
        } else if !before_begin.is_empty() && before_begin.trim_ascii().is_empty() {
            Defect::Indented
        } else if !before_begin.is_empty() {
            Defect::TextBeforeBegin
        } else if is_one_line && !found.unterminated {
            Defect::OneLine
        } else if found.unterminated {
            Defect::Truncated
        } else if found.undecodable {
            Defect::NotBase64
        } else {
            Defect::BadEndLine
        }
    }
}

/// Counts lines, going forward only.
struct LineCounter<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl<'a> LineCounter<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1 }
    }

    fn of(&mut self, offset: usize) -> u32 {
        let passed = self.bytes.get(self.at..offset).unwrap_or_default();
        let newlines = memchr::memchr_iter(b'\n', passed).count();
        self.line = self.line.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
        self.at = self.at.max(offset);
        self.line
    }
}

fn item(label: &str, block: &pem::Block<'_>, interner: &Interner) -> Item {
    let bytes = block.bytes.as_slice();
    if label.ends_with("PRIVATE KEY") {
        return key::parse(bytes, block.headers.encrypted).map_or(Item::Broken, Item::PrivateKey);
    }
    if label.ends_with("PARAMETERS") {
        return Item::Parameters;
    }
    if label == "RSA PUBLIC KEY" {
        return rsa_public_key(bytes).unwrap_or(Item::Broken);
    }
    let bytes = if label == "TRUSTED CERTIFICATE" { first_element(bytes) } else { bytes };
    structure(bytes, interner).unwrap_or(Item::Broken)
}

/// The structure that a piece of DER is.
fn structure(bytes: &[u8], interner: &Interner) -> Option<Item> {
    if let Ok(certificate) = interner.certificate(bytes) {
        return Some(Item::Certificate(certificate));
    }
    if let Some(key) = key::parse(bytes, false) {
        return Some(Item::PrivateKey(key));
    }
    if let Some(key) = rsa_public_key(bytes) {
        return Some(key);
    }
    Some(match container::recognise(bytes)? {
        Container::Request(request) => Item::Request(Box::new(request)),
        Container::RevocationList => Item::RevocationList,
        Container::Pkcs7(certificates) => {
            Item::Pkcs7(certificates.into_iter().map(|certificate| interner.share(certificate)).collect())
        }
        Container::Pkcs12 => Item::Pkcs12,
        Container::PublicKey { kind, spki_sha256 } => Item::PublicKey { kind, spki_sha256: Box::new(spki_sha256) },
    })
}

fn parse_der(bytes: &[u8], interner: &Interner) -> Option<Parsed> {
    let whole = first_element(bytes);
    let item = structure(whole, interner)?;
    let mut parsed = Parsed::nothing(Format::Der);
    parsed.blocks.push(Block {
        line: 1,
        label: Cow::Borrowed(""),
        has_headers: false,
        seen_by_go: false,
        item,
        refusal: None,
    });
    if whole.len() < bytes.len() {
        parsed.defects.push(Located { line: 1, value: Defect::TrailingBytes });
    }
    Some(parsed)
}

fn parse_utf16(text: &str, interner: &Interner) -> Parsed {
    let mut parsed = parse_pem(text.as_bytes(), interner);
    for block in &mut parsed.blocks {
        block.seen_by_go = false;
    }
    parsed.format = if parsed.blocks.is_empty() { Format::Text } else { Format::Utf16 };
    parsed.defects.insert(0, Located { line: 1, value: Defect::Utf16 });
    parsed
}

/// The text of UTF-16 bytes: by their byte-order mark, or by a NUL beside each of the first letters.
pub(super) fn utf16_text(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let (body, little) = match bytes {
        [0xff, 0xfe, body @ ..] => (body, true),
        [0xfe, 0xff, body @ ..] => (body, false),
        [b'-', 0, b'-', 0, ..] => (bytes, true),
        [0, b'-', 0, b'-', ..] => (bytes, false),
        _ => return None,
    };
    let (pairs, _) = body.as_chunks::<2>();
    let mut text = Zeroizing::new(String::with_capacity(body.len() * 2));
    let units = pairs.iter().map(|pair| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) });
    text.extend(char::decode_utf16(units).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)));
    Some(text)
}

/// PKCS#1 RSAPublicKey: modulus and exponent, without an algorithm, and nothing else (RFC 8017 appendix A.1.1).
fn rsa_public_key(bytes: &[u8]) -> Option<Item> {
    let mut outer = der::Reader::new(bytes);
    let mut fields = outer.read_sequence()?;
    let (modulus, exponent) = (fields.read_integer()?, fields.read_integer()?);
    if !fields.is_empty() || !outer.is_empty() || modulus.len() < 64 {
        return None;
    }
    let spki = public_key::rsa_spki(modulus, exponent);
    let kind = PublicKeyKind::Rsa { bits: public_key::bit_length(modulus) };
    Some(Item::PublicKey { kind, spki_sha256: Box::new(sha256(&spki)) })
}

fn first_element(bytes: &[u8]) -> &[u8] {
    der::Reader::new(bytes).read_any().map_or(bytes, |element| element.full)
}

fn other_format(bytes: &[u8]) -> Format {
    let start = bytes.trim_ascii_start();
    let head = start.get(..start.len().min(512)).unwrap_or_default().to_ascii_lowercase();
    let is_html = head.starts_with(b"<!doctype html") || head.starts_with(b"<html") || head.starts_with(b"<?xml");
    let is_text = std::str::from_utf8(bytes)
        .is_ok_and(|text| text.chars().all(|character| !character.is_control() || character.is_whitespace()));
    if is_html {
        Format::Html
    } else if head.starts_with(b"ssh-") || head.starts_with(b"ecdsa-sha2-") {
        Format::SshPublicKey
    } else if is_text {
        Format::Text
    } else {
        Format::Binary
    }
}

fn known_label(label: &[u8]) -> Cow<'static, str> {
    const KNOWN: [&str; 14] = [
        "CERTIFICATE",
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "TRUSTED CERTIFICATE",
        "X509 CERTIFICATE",
        "CERTIFICATE REQUEST",
        "EC PARAMETERS",
        "PKCS7",
        "X509 CRL",
        "PUBLIC KEY",
        "RSA PUBLIC KEY",
    ];
    match KNOWN.into_iter().find(|known| known.as_bytes() == label) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(String::from_utf8_lossy(label).into_owned()),
    }
}
