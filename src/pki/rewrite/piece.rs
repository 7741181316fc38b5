//! The pieces of a file, each with its bytes: read as they were meant, written as everybody reads them.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::pki::container::{self, Container};
use crate::pki::key::KeyEncoding;
use crate::pki::rewrite::RewriteError;
use crate::pki::{Certificate, der, key, parse, pem};

/// Columns of base64 in a line of PEM (RFC 7468 section 2).
const COLUMNS: usize = 64;

/// A certificate, a key or something else, with what it takes to write it down.
pub(super) struct Piece {
    /// The label that it gets.
    pub label: String,
    /// Header lines of an encrypted key; empty of everything else.
    pub headers: String,
    pub der: Zeroizing<Vec<u8>>,
}

impl Piece {
    pub fn is_certificate(&self) -> bool {
        self.label == "CERTIFICATE"
    }

    pub fn is_key(&self) -> bool {
        self.label.ends_with("PRIVATE KEY")
    }
}

/// Reads all pieces in order, as [`crate::pki::parse()`] does.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Piece>, RewriteError> {
    let sees_any = !pem::go_blocks(bytes).is_empty();
    let text = if sees_any { None } else { parse::utf16_text(bytes) };
    let text = text.as_ref().map_or(bytes, |text| text.as_bytes());
    let mut pieces = Vec::new();
    for (block, is_whole) in blocks(text) {
        let line = pem::line_of(text, block.span.start);
        if !is_whole {
            return Err(RewriteError::Unreadable(line));
        }
        from_block(text, &block, line, &mut pieces)?;
    }
    if pieces.is_empty() && bytes.first() == Some(&der::SEQUENCE) {
        structure(first_element(bytes), "", 1, &mut pieces)?;
    }
    if pieces.is_empty() { Err(RewriteError::Nothing) } else { Ok(pieces) }
}

/// Writes pieces as PEM that Go reads.
pub(super) fn write(pieces: &[Piece]) -> Zeroizing<Vec<u8>> {
    let length = pieces.iter().map(|piece| length(&piece.der)).sum();
    // Never grown, so that no copy of a key is left behind.
    let mut text = Zeroizing::new(String::with_capacity(length));
    for piece in pieces {
        block(&mut text, &piece.label, &piece.headers, &piece.der);
    }
    Zeroizing::new(text.as_bytes().to_vec())
}

/// One block of PEM as everybody reads it (RFC 7468).
pub(crate) fn pem_block(label: &str, der: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(String::with_capacity(length(der)));
    block(&mut text, label, "", der);
    Zeroizing::new(text.as_bytes().to_vec())
}

fn block(text: &mut String, label: &str, headers: &str, der: &[u8]) {
    let base64 = Zeroizing::new(STANDARD.encode(der));
    // Writing into a string never fails.
    let _ = writeln!(text, "-----BEGIN {label}-----");
    if !headers.is_empty() {
        let _ = writeln!(text, "{headers}");
    }
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, behind) = rest.split_at_checked(COLUMNS).unwrap_or((rest, ""));
        let _ = writeln!(text, "{line}");
        rest = behind;
    }
    let _ = writeln!(text, "-----END {label}-----");
}

/// More than a block of so many bytes takes, so that the text is never grown.
fn length(der: &[u8]) -> usize {
    der.len() / 3 * 4 + der.len() / 32 + 200
}

/// What Go sees and what was meant between, in order; whether all of it is there.
fn blocks(text: &[u8]) -> Vec<(pem::Block<'_>, bool)> {
    let mut blocks = Vec::new();
    let mut gap = 0;
    let meant = |range| {
        let found = pem::meant_blocks(text, range).into_iter();
        found.map(|found| {
            // An END line that is merely damaged ends the block all the same.
            let is_whole = !found.undecodable && !found.block.bytes.is_empty();
            (found.block, is_whole)
        })
    };
    for block in pem::go_blocks(text) {
        blocks.extend(meant(gap..block.span.start));
        gap = block.span.end;
        blocks.push((block, true));
    }
    blocks.extend(meant(gap..text.len()));
    blocks
}

fn from_block(text: &[u8], block: &pem::Block<'_>, line: u32, pieces: &mut Vec<Piece>) -> Result<(), RewriteError> {
    let label = String::from_utf8_lossy(block.label).into_owned();
    let piece = |label: &str, headers: String, der: &[u8]| Piece {
        label: label.to_owned(),
        headers,
        der: Zeroizing::new(der.to_vec()),
    };
    let der = block.bytes.as_slice();
    if label.ends_with("PRIVATE KEY") {
        let known = key::parse(der, block.headers.encrypted).ok_or(RewriteError::Unreadable(line))?;
        let headers = if known.encoding == KeyEncoding::EncryptedPem { headers(text, block) } else { String::new() };
        pieces.push(piece(&label, headers, der));
        return Ok(());
    }
    if label.ends_with("PARAMETERS") || label == "RSA PUBLIC KEY" {
        pieces.push(piece(&label, String::new(), der));
        return Ok(());
    }
    let der = if label == "TRUSTED CERTIFICATE" { first_element(der) } else { der };
    structure(der, &label, line, pieces)
}

/// Adds what a piece of DER is, under the label that everybody knows it by.
fn structure(der: &[u8], label: &str, line: u32, pieces: &mut Vec<Piece>) -> Result<(), RewriteError> {
    let mut push = |label: &str, der: &[u8]| {
        pieces.push(Piece { label: label.to_owned(), headers: String::new(), der: Zeroizing::new(der.to_vec()) });
    };
    if let Ok(certificate) = Certificate::parse(der) {
        push("CERTIFICATE", certificate.der());
        return Ok(());
    }
    if let Some(key) = key::parse(der, false) {
        push(key_label(key.encoding), der);
        return Ok(());
    }
    match container::recognise(der) {
        Some(Container::Pkcs7(certificates)) if !certificates.is_empty() => {
            certificates.iter().for_each(|certificate| push("CERTIFICATE", certificate.der()));
        }
        Some(Container::Request(_)) => push("CERTIFICATE REQUEST", der),
        Some(Container::RevocationList) => push("X509 CRL", der),
        Some(Container::PublicKey { .. }) => push("PUBLIC KEY", der),
        // What nobody here knows stays under its own label.
        None if !label.is_empty() && !label.ends_with("CERTIFICATE") => push(label, der),
        Some(Container::Pkcs7(_) | Container::Pkcs12) | None => return Err(RewriteError::Unreadable(line)),
    }
    Ok(())
}

fn key_label(encoding: KeyEncoding) -> &'static str {
    match encoding {
        KeyEncoding::Pkcs1 => "RSA PRIVATE KEY",
        KeyEncoding::Sec1 => "EC PRIVATE KEY",
        KeyEncoding::EncryptedPkcs8 => "ENCRYPTED PRIVATE KEY",
        KeyEncoding::OpenSsh => "OPENSSH PRIVATE KEY",
        KeyEncoding::Pkcs8 | KeyEncoding::EncryptedPem | KeyEncoding::Unknown => "PRIVATE KEY",
    }
}

/// The header lines of a block (RFC 1421 section 4.4), a line each.
fn headers(text: &[u8], block: &pem::Block<'_>) -> String {
    let body = text.get(block.span.clone()).unwrap_or_default();
    let lines = body.split(|byte| matches!(byte, b'\n' | b'\r')).skip(1);
    let lines = lines.map(|line| String::from_utf8_lossy(line.trim_ascii()).into_owned());
    let headers = lines.skip_while(String::is_empty).take_while(|line| line.contains(':'));
    headers.fold(String::new(), |all, line| all + &line + "\n")
}

fn first_element(bytes: &[u8]) -> &[u8] {
    der::Reader::new(bytes).read_any().map_or(bytes, |element| element.full)
}
