//! Public keys: their kind and size, and whether Go takes them.
//!
//! Source: Go 1.26 `src/crypto/x509/parser.go`, `parsePublicKey`; RFC 3279, RFC 5480, RFC 8410.

use aws_lc_rs::signature::{self, ParsedPublicKey};

use crate::pki::der::{self, Reader};
use crate::pki::refusal::Refusal;

/// rsaEncryption, 1.2.840.113549.1.1.1
pub(crate) const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// id-RSASSA-PSS, 1.2.840.113549.1.1.10
pub(crate) const OID_RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
/// id-ecPublicKey, 1.2.840.10045.2.1
pub(crate) const OID_EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// id-Ed25519, 1.3.101.112
pub(crate) const OID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// id-Ed448, 1.3.101.113
pub(crate) const OID_ED448: &[u8] = &[0x2b, 0x65, 0x71];
const OID_X25519: &[u8] = &[0x2b, 0x65, 0x6e];
/// id-dsa, 1.2.840.10040.4.1
pub(crate) const OID_DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];

/// The kind and size of a key, public or private.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PublicKeyKind {
    /// RSA with a modulus of so many bits
    Rsa {
        /// Bits of the modulus
        bits: u16,
    },
    /// NIST P-224
    EcP224,
    /// NIST P-256
    EcP256,
    /// NIST P-384
    EcP384,
    /// NIST P-521
    EcP521,
    /// An elliptic curve that Go does not know (secp256k1, brainpool …)
    EcOther,
    /// Ed25519
    Ed25519,
    /// Ed448, which Go does not know
    Ed448,
    /// X25519: for key agreement, signs nothing
    X25519,
    /// DSA
    Dsa,
    /// Any other
    Unknown,
}

impl PublicKeyKind {
    /// Kind and size in words: "RSA 4096", "ECDSA P-256".
    pub fn describe(self) -> String {
        match self {
            Self::Rsa { bits } => format!("RSA {bits}"),
            Self::EcP224 => "ECDSA P-224".into(),
            Self::EcP256 => "ECDSA P-256".into(),
            Self::EcP384 => "ECDSA P-384".into(),
            Self::EcP521 => "ECDSA P-521".into(),
            Self::EcOther => "EC, a curve Go does not know".into(),
            Self::Ed25519 => "Ed25519".into(),
            Self::Ed448 => "Ed448".into(),
            Self::X25519 => "X25519".into(),
            Self::Dsa => "DSA".into(),
            Self::Unknown => "unknown".into(),
        }
    }

    /// Go's type for it, as far as `tls.X509KeyPair` tells keys apart; `None` where it answers "unknown public key
    /// algorithm".
    pub fn go_type(self) -> Option<GoKeyType> {
        match self {
            Self::Rsa { .. } => Some(GoKeyType::Rsa),
            Self::EcP224 | Self::EcP256 | Self::EcP384 | Self::EcP521 => Some(GoKeyType::Ecdsa),
            Self::Ed25519 => Some(GoKeyType::Ed25519),
            Self::EcOther | Self::Ed448 | Self::X25519 | Self::Dsa | Self::Unknown => None,
        }
    }

    /// The curve of a named-curve OID (content octets).
    pub(crate) fn of_curve(oid: &[u8]) -> Self {
        match oid {
            [0x2b, 0x81, 0x04, 0x00, 0x21] => Self::EcP224,
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] => Self::EcP256,
            [0x2b, 0x81, 0x04, 0x00, 0x22] => Self::EcP384,
            [0x2b, 0x81, 0x04, 0x00, 0x23] => Self::EcP521,
            _ => Self::EcOther,
        }
    }

    /// The named-curve OID (content octets) of a NIST curve.
    pub(crate) fn curve_oid(self) -> Option<&'static [u8]> {
        match self {
            Self::EcP224 => Some(&[0x2b, 0x81, 0x04, 0x00, 0x21]),
            Self::EcP256 => Some(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
            Self::EcP384 => Some(&[0x2b, 0x81, 0x04, 0x00, 0x22]),
            Self::EcP521 => Some(&[0x2b, 0x81, 0x04, 0x00, 0x23]),
            _ => None,
        }
    }

    /// Octets of one coordinate of a NIST curve.
    pub(crate) fn coordinate_octets(self) -> Option<usize> {
        match self {
            Self::EcP224 => Some(28),
            Self::EcP256 => Some(32),
            Self::EcP384 => Some(48),
            Self::EcP521 => Some(66),
            _ => None,
        }
    }
}

/// The Go type of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GoKeyType {
    /// `*rsa.PublicKey`
    Rsa,
    /// `*ecdsa.PublicKey`
    Ecdsa,
    /// `ed25519.PublicKey`
    Ed25519,
}

/// A SubjectPublicKeyInfo taken apart.
struct Spki<'a> {
    algorithm: &'a [u8],
    /// The whole parameters element, empty where absent.
    parameters: &'a [u8],
    key: &'a [u8],
}

/// Reads the content of a SubjectPublicKeyInfo as Go does.
///
/// # Errors
/// Go's refusal.
pub fn parse_spki(content: &[u8]) -> Result<PublicKeyKind, Refusal> {
    let spki = split(content)?;
    match spki.algorithm {
        OID_RSA => rsa(&spki),
        OID_EC => ec(&spki),
        OID_ED25519 => {
            if !spki.parameters.is_empty() {
                return Err(Refusal::new("x509: Ed25519 key encoded with illegal parameters"));
            }
            if spki.key.len() != 32 {
                return Err(Refusal::new("x509: wrong Ed25519 public key size"));
            }
            Ok(PublicKeyKind::Ed25519)
        }
        OID_X25519 => {
            if !spki.parameters.is_empty() {
                return Err(Refusal::new("x509: X25519 key encoded with illegal parameters"));
            }
            Ok(PublicKeyKind::X25519)
        }
        OID_DSA => dsa(&spki),
        OID_ED448 => Ok(PublicKeyKind::Ed448),
        _ => Ok(PublicKeyKind::Unknown),
    }
}

/// The key of a whole SubjectPublicKeyInfo as `aws-lc-rs` takes it: the content of the BIT STRING.
pub fn key_bytes(spki: &[u8]) -> Option<&[u8]> {
    split(Reader::new(spki).read(der::SEQUENCE)?).ok().map(|spki| spki.key)
}

/// The modulus of a whole SubjectPublicKeyInfo of kind RSA, without leading zeros.
pub fn rsa_modulus(spki: &[u8]) -> Option<&[u8]> {
    let mut fields = Reader::new(key_bytes(spki)?).read_sequence()?;
    fields.read_integer().map(der::magnitude)
}

/// Tells whether two whole SubjectPublicKeyInfos hold the same key as `tls.X509KeyPair` compares them: the modulus of
/// RSA keys, the point of elliptic-curve keys, the bytes of Ed25519 keys.
pub fn same_key(one: &[u8], other: &[u8]) -> bool {
    match (rsa_modulus(one), rsa_modulus(other)) {
        (Some(one), Some(other)) => one == other,
        _ => key_bytes(one).is_some() && key_bytes(one) == key_bytes(other),
    }
}

fn split(content: &[u8]) -> Result<Spki<'_>, Refusal> {
    let mut fields = Reader::new(content);
    let mut identifier =
        fields.read_sequence().ok_or_else(|| Refusal::new("x509: malformed public key algorithm identifier"))?;
    let algorithm = identifier.read_oid().ok_or_else(|| Refusal::new("x509: malformed OID"))?;
    let parameters = if identifier.is_empty() {
        &[]
    } else {
        identifier.read_any().ok_or_else(|| Refusal::new("x509: malformed parameters"))?.full
    };
    let bits = fields.read_bit_string().ok_or_else(|| Refusal::new("x509: malformed subjectPublicKey"))?;
    Ok(Spki { algorithm, parameters, key: bits.bytes })
}

fn rsa(spki: &Spki<'_>) -> Result<PublicKeyKind, Refusal> {
    if spki.parameters != [der::NULL, 0] {
        return Err(Refusal::new("x509: RSA key missing NULL parameters"));
    }
    let mut fields =
        Reader::new(spki.key).read_sequence().ok_or_else(|| Refusal::new("x509: invalid RSA public key"))?;
    let modulus = fields.read_integer().ok_or_else(|| Refusal::new("x509: invalid RSA modulus"))?;
    let exponent = fields.read_i64().ok_or_else(|| Refusal::new("x509: invalid RSA public exponent"))?;
    if modulus.first().is_none_or(|first| first & 0x80 != 0) || modulus == [0] {
        return Err(Refusal::new("x509: RSA modulus is not a positive number"));
    }
    if exponent <= 0 {
        return Err(Refusal::new("x509: RSA public exponent is not a positive number"));
    }
    Ok(PublicKeyKind::Rsa { bits: bit_length(modulus) })
}

/// Bits of a non-negative big-endian number.
pub(crate) fn bit_length(number: &[u8]) -> u16 {
    let number = der::magnitude(number);
    let leading = number.first().map_or(0, |first| first.leading_zeros());
    let bits = (number.len() * 8).saturating_sub(leading as usize);
    u16::try_from(bits).unwrap_or(u16::MAX)
}

fn ec(spki: &Spki<'_>) -> Result<PublicKeyKind, Refusal> {
    let curve = Reader::new(spki.parameters)
        .read_oid()
        .ok_or_else(|| Refusal::new("x509: invalid ECDSA parameters"))
        .map(PublicKeyKind::of_curve)?;
    let Some(octets) = curve.coordinate_octets() else {
        return Err(Refusal::new("x509: unsupported elliptic curve"));
    };
    let uncompressed = spki.key.len() == 1 + 2 * octets && spki.key.first() == Some(&4);
    if !uncompressed || !is_on_curve(curve, spki.key) {
        return Err(Refusal::new("x509: failed to unmarshal elliptic curve point"));
    }
    Ok(curve)
}

/// Tells whether an uncompressed point lies on the curve. P-224, which the library lacks, is taken on trust.
fn is_on_curve(curve: PublicKeyKind, point: &[u8]) -> bool {
    let parsed = match curve {
        PublicKeyKind::EcP256 => ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, point),
        PublicKeyKind::EcP384 => ParsedPublicKey::new(&signature::ECDSA_P384_SHA384_ASN1, point),
        PublicKeyKind::EcP521 => ParsedPublicKey::new(&signature::ECDSA_P521_SHA512_ASN1, point),
        _ => return true,
    };
    parsed.is_ok()
}

fn dsa(spki: &Spki<'_>) -> Result<PublicKeyKind, Refusal> {
    let is_positive = |number: &[u8]| number.first().is_some_and(|first| first & 0x80 == 0) && number != [0];
    let y = Reader::new(spki.key).read_integer().ok_or_else(|| Refusal::new("x509: invalid DSA public key"))?;
    let parameters = || -> Option<[&[u8]; 3]> {
        let mut fields = Reader::new(spki.parameters).read_sequence()?;
        Some([fields.read_integer()?, fields.read_integer()?, fields.read_integer()?])
    };
    let parameters = parameters().ok_or_else(|| Refusal::new("x509: invalid DSA parameters"))?;
    if !is_positive(y) || !parameters.into_iter().all(is_positive) {
        return Err(Refusal::new("x509: zero or negative DSA parameter"));
    }
    Ok(PublicKeyKind::Dsa)
}

/// Builds a SubjectPublicKeyInfo of an RSA key from the content octets of its integers.
pub(crate) fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let key = element(der::SEQUENCE, &[&element(der::INTEGER, &[modulus]), &element(der::INTEGER, &[exponent])]);
    spki(&[&element(der::OID, &[OID_RSA]), &[der::NULL, 0]], &key)
}

/// Builds a SubjectPublicKeyInfo of an elliptic-curve key from its uncompressed point.
pub(crate) fn ec_spki(curve_oid: &[u8], point: &[u8]) -> Vec<u8> {
    spki(&[&element(der::OID, &[OID_EC]), &element(der::OID, &[curve_oid])], point)
}

/// Builds a SubjectPublicKeyInfo of an Ed25519 key from its 32 octets.
pub(crate) fn ed25519_spki(key: &[u8]) -> Vec<u8> {
    spki(&[&element(der::OID, &[OID_ED25519])], key)
}

fn spki(algorithm: &[&[u8]], key: &[u8]) -> Vec<u8> {
    element(der::SEQUENCE, &[&element(der::SEQUENCE, algorithm), &element(der::BIT_STRING, &[&[0], key])])
}

/// Encodes one element.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            let length = (content.len() as u64).to_be_bytes();
            let significant: Vec<u8> = length.into_iter().skip_while(|octet| *octet == 0).collect();
            bytes.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
            bytes.extend(significant);
        }
    }
    bytes.extend(content);
    bytes
}
