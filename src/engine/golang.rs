//! The parts of Go's standard library that every engine loads certificates with, as they behave and as they speak.
//!
//! Source: Go 1.26 `src/crypto/x509/cert_pool.go` (`AppendCertsFromPEM`), `src/crypto/tls/tls.go` (`X509KeyPair`),
//! `src/os` (`ReadFile`, error texts), `src/strconv/quote.go` (`Quote`).

use std::sync::Arc;

use crate::base::errno::{Errno, FsError, Operation};
use crate::engine::version::GoVersion;
use crate::model::{Content, File, FileKind, HostDir, Unread};
use crate::pki::key::GoKeyVerdict;
use crate::pki::{Block, Certificate, Item, Parsed, PrivateKey, public_key};

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadFailure {
    /// `os.ReadFile` returns this error.
    Error(String),
    /// `os.ReadFile` waits for ever.
    Hang,
    /// It would be read, but was not read here.
    Unknown,
}

/// What `os.ReadFile` gives for an entry of a host directory.
///
/// # Errors
/// Go's error with the path as given, or the reason why there is none.
pub fn read_file<'a>(host: &HostDir, file: &'a File) -> Result<&'a Parsed, ReadFailure> {
    let path = host.path_of(&file.name);
    let path = path.to_string_lossy();
    let refuse = |operation, errno| Err(ReadFailure::Error(FsError { operation, errno }.verbatim(&path)));
    match (&file.content, file.kind) {
        (Content::Parsed(parsed), _) => Ok(parsed),
        (Content::Unread(Unread::Failed(error)), _) => {
            // A link that leads nowhere fails at `stat` here and at `open` there.
            refuse(if error.operation == Operation::Read { Operation::Read } else { Operation::Open }, error.errno)
        }
        (_, FileKind::Fifo) => Err(ReadFailure::Hang),
        (_, FileKind::Directory) => refuse(Operation::Read, Errno::EISDIR),
        (_, FileKind::Socket) => refuse(Operation::Open, Errno::ENXIO),
        (_, FileKind::Dangling) => refuse(Operation::Open, Errno::ENOENT),
        (_, FileKind::LinkLoop) => refuse(Operation::Open, Errno::ELOOP),
        (_, FileKind::Regular | FileKind::Device | FileKind::Unknown) => Err(ReadFailure::Unknown),
    }
}

/// The certificates that `CertPool.AppendCertsFromPEM` adds: blocks labelled CERTIFICATE, without PEM headers, that parse.
pub fn appended_certificates(parsed: &Parsed, go: GoVersion) -> impl Iterator<Item = &Arc<Certificate>> {
    let is_bare = |block: &&Block| block.label == "CERTIFICATE" && !block.has_headers;
    parsed.go_blocks().filter(is_bare).filter_map(move |block| accepted(block, go))
}

/// A certificate chain that `tls.X509KeyPair` takes; what follows the first is not parsed there.
pub type Chain = Vec<Option<Arc<Certificate>>>;

/// What `tls.X509KeyPair` gives for a certificate file and a key file.
///
/// # Errors
/// Go's error text.
pub fn x509_key_pair(certificates: &Parsed, key: &Parsed, go: GoVersion) -> Result<Chain, String> {
    let chain: Vec<&Block> = certificates.go_blocks().filter(|block| block.label == "CERTIFICATE").collect();
    let Some(leaf_block) = chain.first() else {
        return Err(no_certificate(certificates));
    };
    let key_block = key.go_blocks().find(|block| is_key_label(&block.label)).ok_or_else(|| no_key(key))?;
    let leaf = match &leaf_block.item {
        Item::Certificate(certificate) => match certificate.refusal().filter(|refusal| refusal.holds_in(go.0)) {
            Some(refusal) => return Err(refusal.text.clone().into_owned()),
            None => certificate,
        },
        _ => {
            let text = leaf_block.refusal.as_ref().map(|refusal| refusal.text.clone().into_owned());
            return Err(text.unwrap_or_else(|| "x509: malformed certificate".into()));
        }
    };
    match_key(leaf, key_block, go)?;
    Ok(chain.into_iter().map(|block| accepted(block, go).cloned()).collect())
}

/// `strconv.Quote`: double quotes, with escapes for what does not print.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{fffd}' => quoted.push('\u{fffd}'),
            low if low.is_ascii_control() => quoted.push_str(&format!("\\x{:02x}", low as u32)),
            high if is_unprintable(high) && (high as u32) < 0x1_0000 => {
                quoted.push_str(&format!("\\u{:04x}", high as u32))
            }
            high if is_unprintable(high) => quoted.push_str(&format!("\\U{:08x}", high as u32)),
            printable => quoted.push(printable),
        }
    }
    quoted.push('"');
    quoted
}

fn is_unprintable(character: char) -> bool {
    character.is_control()
        || (character.is_whitespace() && character != ' ')
        || crate::base::text::sanitise(character.encode_utf8(&mut [0; 4])).len() > 4
}

/// The certificate of a block, unless Go refuses it.
fn accepted(block: &Block, go: GoVersion) -> Option<&Arc<Certificate>> {
    match &block.item {
        Item::Certificate(certificate) => {
            Some(certificate).filter(|certificate| certificate.refusal().is_none_or(|refusal| !refusal.holds_in(go.0)))
        }
        _ => None,
    }
}

fn is_key_label(label: &str) -> bool {
    label == "PRIVATE KEY" || label.ends_with(" PRIVATE KEY")
}

fn no_certificate(parsed: &Parsed) -> String {
    let labels: Vec<&str> = parsed.go_blocks().map(|block| block.label.as_ref()).collect();
    match labels.as_slice() {
        [] => "tls: failed to find any PEM data in certificate input".into(),
        [one] if one.ends_with("PRIVATE KEY") => {
            "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may \
             have been switched"
                .into()
        }
        skipped => format!(
            "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the \
             following types: [{}]",
            skipped.join(" ")
        ),
    }
}

fn no_key(parsed: &Parsed) -> String {
    let labels: Vec<&str> = parsed.go_blocks().map(|block| block.label.as_ref()).collect();
    match labels.as_slice() {
        [] => "tls: failed to find any PEM data in key input".into(),
        ["CERTIFICATE"] => "tls: found a certificate rather than a key in the PEM for the private key".into(),
        skipped => format!(
            "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks of \
             the following types: [{}]",
            skipped.join(" ")
        ),
    }
}

fn match_key(leaf: &Certificate, block: &Block, go: GoVersion) -> Result<(), String> {
    let key = match &block.item {
        Item::PrivateKey(key) => key,
        _ => return Err("tls: failed to parse private key".into()),
    };
    match key.go.in_go(go.0) {
        GoKeyVerdict::Usable => compare(leaf, key),
        GoKeyVerdict::UnknownType => Err("tls: found unknown private key type in PKCS#8 wrapping".into()),
        _ => Err("tls: failed to parse private key".into()),
    }
}

fn compare(leaf: &Certificate, key: &PrivateKey) -> Result<(), String> {
    let Some(public_type) = leaf.public_key().go_type() else {
        return Err("tls: unknown public key algorithm".into());
    };
    if key.kind.go_type() != Some(public_type) {
        return Err("tls: private key type does not match public key type".into());
    }
    if key.spki().is_none_or(|spki| !public_key::same_key(leaf.spki(), spki)) {
        return Err("tls: private key does not match public key".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_is_go_s() {
        assert_eq!(quote("/etc/a b/ca.crt"), r#""/etc/a b/ca.crt""#);
        assert_eq!(quote("a\"\\\n\u{1b}\u{7f}ü\u{202e}"), r#""a\"\\\n\x1b\x7fü\u202e""#);
    }
}
