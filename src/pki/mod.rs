//! Bytes in, a description out: certificates, keys, requests and what else a file may hold, with every defect of its
//! encoding located. Total: any bytes give a value, none a panic.
//!
//! Two readings stand side by side. Each [`Block`] says whether Go's PEM reader yields it ([`Block::seen_by_go`]), which
//! is all that an engine knows; the others are what somebody meant and an engine passes over.

pub mod certificate;
pub mod chain;
pub mod container;
pub mod der;
pub mod details;
mod digest;
pub mod extension;
pub mod intern;
pub mod key;
pub mod name;
mod natural;
mod parse;
pub mod pem;
pub mod pkcs12;
pub mod public_key;
mod refusal;
pub mod rewrite;
pub mod signature;

use std::borrow::Cow;
use std::sync::Arc;

pub use certificate::{Certificate, Purpose, Validity};
pub use container::{Container, Request};
pub use digest::{Digest, sha256};
pub use intern::Interner;
pub use key::PrivateKey;
pub use parse::parse;
pub use public_key::PublicKeyKind;
pub use refusal::Refusal;
pub use rewrite::{Rewrite, RewriteError};

/// What a file holds.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What kind of bytes they are.
    pub format: Format,
    /// What is in it, in order.
    pub blocks: Vec<Block>,
    /// What is wrong with the encoding, in order, forgiven or not.
    pub defects: Vec<Located<Defect>>,
}

/// The kind of bytes in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Nothing, or only blanks
    Empty,
    /// Text with PEM blocks
    Pem,
    /// Text with PEM blocks, encoded as UTF-16
    Utf16,
    /// A DER structure that is recognised
    Der,
    /// A web page
    Html,
    /// A public key line of OpenSSH
    SshPublicKey,
    /// Other text
    Text,
    /// Other bytes
    Binary,
}

/// One PEM block, or the one structure of a DER file.
#[derive(Clone, Debug)]
pub struct Block {
    /// Line of its BEGIN, from 1; 1 in a DER file.
    pub line: u32,
    /// The PEM label ("CERTIFICATE"); empty in a DER file. Foreign text.
    pub label: Cow<'static, str>,
    /// It has PEM headers, because of which Go passes over it in a CA file but not in a client certificate.
    pub has_headers: bool,
    /// Go's `pem.Decode` yields it.
    pub seen_by_go: bool,
    /// What it is by content.
    pub item: Item,
    /// What `x509.ParseCertificate` says of it where it is labelled CERTIFICATE and is none.
    pub refusal: Option<Box<Refusal>>,
}

/// What a block holds, by content.
#[derive(Clone, Debug)]
pub enum Item {
    /// A certificate, which Go may still refuse ([`Certificate::refusal`])
    Certificate(Arc<Certificate>),
    /// A private key
    PrivateKey(PrivateKey),
    /// A certificate signing request
    Request(Box<Request>),
    /// A certificate revocation list
    RevocationList,
    /// PKCS#7 with its certificates
    Pkcs7(Vec<Arc<Certificate>>),
    /// PKCS#12, unopened
    Pkcs12,
    /// A public key
    PublicKey {
        /// Kind and size
        kind: PublicKeyKind,
        /// SHA-256 of its SubjectPublicKeyInfo
        spki_sha256: Box<Digest>,
    },
    /// Parameters of a key algorithm (`EC PARAMETERS`, `DH PARAMETERS`)
    Parameters,
    /// Nothing that can be read
    Broken,
}

/// A value with the line at which it was found, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// Line in the file, from 1
    pub line: u32,
    /// What was found there
    pub value: T,
}

/// A defect of the encoding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Defect {
    /// A UTF-8 byte-order mark; Go loses the block that follows at once.
    ByteOrderMark,
    /// UTF-16 text; Go finds nothing in it.
    Utf16,
    /// Lines end in CR LF, which Go forgives.
    CrLf,
    /// Lines end in CR alone; Go finds nothing.
    CrOnly,
    /// `-----END X----------BEGIN Y-----` on one line; Go loses both blocks.
    Glued,
    /// Blanks before BEGIN; Go loses the block.
    Indented,
    /// Other text before BEGIN on its line; Go loses the block.
    TextBeforeBegin,
    /// PEM headers on a block that is no key; Go loses it in a CA file.
    Headers,
    /// No END line; Go loses the block.
    Truncated,
    /// The whole block stands on one line, its line breaks lost; Go loses it.
    OneLine,
    /// The text between BEGIN and END is no base64; Go loses the block.
    NotBase64,
    /// The END line is damaged, has text behind it, or another label; Go loses the block.
    BadEndLine,
    /// A certificate under another label (`TRUSTED CERTIFICATE`, `X509 CERTIFICATE`); Go passes over it.
    ForeignLabel(Cow<'static, str>),
    /// Bytes behind the end of the structure.
    TrailingBytes,
}

impl Defect {
    /// What it is, in a few words.
    pub fn describe(&self) -> String {
        match self {
            Self::ByteOrderMark => "byte-order mark".into(),
            Self::Utf16 => "UTF-16 text".into(),
            Self::CrLf => "CR LF line ends".into(),
            Self::CrOnly => "CR line ends".into(),
            Self::Glued => "two blocks glued on one line".into(),
            Self::Indented => "indented block".into(),
            Self::TextBeforeBegin => "text before BEGIN on its line".into(),
            Self::Headers => "PEM headers".into(),
            Self::Truncated => "block without END line".into(),
            Self::OneLine => "block on a single line".into(),
            Self::NotBase64 => "block whose text is no base64".into(),
            Self::BadEndLine => "damaged END line".into(),
            Self::ForeignLabel(label) => format!("certificate labelled {label}"),
            Self::TrailingBytes => "bytes behind the end".into(),
        }
    }

    /// Tells whether every engine reads the file as if the defect were not there.
    pub fn is_harmless(&self) -> bool {
        matches!(self, Self::CrLf)
    }
}

impl Parsed {
    /// All certificates, those inside PKCS#7 too, in order.
    pub fn certificates(&self) -> impl Iterator<Item = &Arc<Certificate>> {
        self.blocks.iter().flat_map(|block| match &block.item {
            Item::Certificate(certificate) => std::slice::from_ref(certificate),
            Item::Pkcs7(certificates) => certificates.as_slice(),
            _ => &[],
        })
    }

    /// All private keys, in order.
    pub fn private_keys(&self) -> impl Iterator<Item = &PrivateKey> {
        self.blocks.iter().filter_map(|block| match &block.item {
            Item::PrivateKey(key) => Some(key),
            _ => None,
        })
    }

    /// The blocks that Go's PEM reader yields, in order.
    pub fn go_blocks(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(|block| block.seen_by_go)
    }

    fn nothing(format: Format) -> Self {
        Self { format, blocks: Vec::new(), defects: Vec::new() }
    }
}
