//! Private keys: recognised, measured and tied to their public half. The secret never leaves this file.
//!
//! Source of what Go takes: Go 1.26 `src/crypto/tls/tls.go`, `parsePrivateKey`; `src/crypto/x509/{pkcs1,pkcs8,sec1}.go`;
//! `src/crypto/internal/fips140/rsa/rsa.go`, `checkPrivateKey`. Formats: RFC 8017, RFC 5958, RFC 5915, RFC 8410, OpenSSH
//! `PROTOCOL.key`.

use std::cmp::Ordering;

use aws_lc_rs::agreement;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};

use crate::pki::der::{self, BitString, Reader};
use crate::pki::digest::{Digest, sha256};
use crate::pki::natural::Natural;
use crate::pki::public_key::{self, PublicKeyKind};

/// How a private key is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyEncoding {
    /// RSAPrivateKey (RFC 8017)
    Pkcs1,
    /// PrivateKeyInfo (RFC 5958)
    Pkcs8,
    /// ECPrivateKey (RFC 5915)
    Sec1,
    /// EncryptedPrivateKeyInfo (RFC 5958)
    EncryptedPkcs8,
    /// A PEM block with `Proc-Type: 4,ENCRYPTED` (RFC 1421)
    EncryptedPem,
    /// OpenSSH's own
    OpenSsh,
    /// None that is known
    Unknown,
}

impl KeyEncoding {
    /// The name that people use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pkcs1 => "PKCS#1",
            Self::Pkcs8 => "PKCS#8",
            Self::Sec1 => "SEC1",
            Self::EncryptedPkcs8 => "encrypted PKCS#8",
            Self::EncryptedPem => "encrypted PEM (traditional)",
            Self::OpenSsh => "OpenSSH",
            Self::Unknown => "unknown encoding",
        }
    }
}

/// What Go's `tls.parsePrivateKey` makes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GoKeyVerdict {
    /// It is taken.
    Usable,
    /// "tls: failed to parse private key"
    Unparsable,
    /// "tls: found unknown private key type in PKCS#8 wrapping"
    UnknownType,
    /// An RSA key whose private exponent does not go with its CRT values: Go before 1.24 looks at the one alone, 1.24 and
    /// 1.25 at the others alone, and 1.26 refuses it.
    Contradictory {
        /// The private exponent fits the modulus.
        exponent_fits: bool,
        /// The CRT values do.
        crt_fits: bool,
    },
}

impl GoKeyVerdict {
    /// What a minor version of Go (26 for Go 1.26) makes of the key.
    pub fn in_go(self, go: u8) -> Self {
        match self {
            Self::Contradictory { exponent_fits, .. } if go < 24 && exponent_fits => Self::Usable,
            Self::Contradictory { crt_fits, .. } if (24..26).contains(&go) && crt_fits => Self::Usable,
            Self::Contradictory { .. } => Self::Unparsable,
            // X25519 is known from 1.20 on (`crypto/ecdh`), only to be refused as a key of no use for signing.
            Self::UnknownType if go < 20 => Self::Unparsable,
            other => other,
        }
    }
}

/// A private key without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateKey {
    /// How it is written down.
    pub encoding: KeyEncoding,
    /// Kind and size; [`PublicKeyKind::Unknown`] where encryption hides it.
    pub kind: PublicKeyKind,
    /// A passphrase is needed.
    pub encrypted: bool,
    /// What Go makes of it.
    pub go: GoKeyVerdict,
    /// SubjectPublicKeyInfo of its public half in DER, where it could be worked out.
    public: Option<Box<[u8]>>,
}

impl PrivateKey {
    /// SubjectPublicKeyInfo of its public half in DER.
    pub fn spki(&self) -> Option<&[u8]> {
        self.public.as_deref()
    }

    /// SHA-256 of the SubjectPublicKeyInfo: equal to that of the certificates of this key.
    pub fn spki_sha256(&self) -> Option<Digest> {
        self.spki().map(sha256)
    }

    /// Kind, size, encoding: "RSA 4096, PKCS#8".
    pub fn describe(&self) -> String {
        match (self.kind, self.encrypted) {
            (PublicKeyKind::Unknown, _) => self.encoding.name().to_owned(),
            (kind, true) => format!("{}, {} (encrypted)", kind.describe(), self.encoding.name()),
            (kind, false) => format!("{}, {}", kind.describe(), self.encoding.name()),
        }
    }

    fn encrypted(encoding: KeyEncoding) -> Self {
        Self { encoding, kind: PublicKeyKind::Unknown, encrypted: true, go: GoKeyVerdict::Unparsable, public: None }
    }

    fn plain(encoding: KeyEncoding, kind: PublicKeyKind, go: GoKeyVerdict, public: Option<Vec<u8>>) -> Self {
        Self { encoding, kind, encrypted: false, go, public: public.map(Vec::into_boxed_slice) }
    }
}

/// Reads the bytes of a block whose label says "PRIVATE KEY", or bytes that may be a key in DER.
///
/// `encrypted_header` tells whether the block had a `Proc-Type` header that says ENCRYPTED. Yields `None` where the bytes
/// are no private key of any known form.
pub fn parse(bytes: &[u8], encrypted_header: bool) -> Option<PrivateKey> {
    if encrypted_header {
        return Some(PrivateKey::encrypted(KeyEncoding::EncryptedPem));
    }
    pkcs1(bytes)
        .or_else(|| pkcs8(bytes))
        .or_else(|| sec1(None, bytes).map(|key| key.into_key(KeyEncoding::Sec1)))
        .or_else(|| encrypted_pkcs8(bytes))
        .or_else(|| openssh(bytes))
}

/// The unnamed outcome of reading the algorithm's own structure.
struct Inner {
    kind: PublicKeyKind,
    go: GoKeyVerdict,
    public: Option<Vec<u8>>,
}

impl Inner {
    fn into_key(self, encoding: KeyEncoding) -> PrivateKey {
        PrivateKey::plain(encoding, self.kind, self.go, self.public)
    }
}

fn pkcs1(bytes: &[u8]) -> Option<PrivateKey> {
    rsa(bytes).map(|key| key.into_key(KeyEncoding::Pkcs1))
}

fn rsa(bytes: &[u8]) -> Option<Inner> {
    let mut outer = Reader::new(bytes);
    let mut fields = outer.read_sequence()?;
    let version = fields.read_i64()?;
    let modulus = fields.read_integer()?;
    let exponent = fields.read_integer()?;
    let [d, p, q] = [fields.read_integer()?, fields.read_integer()?, fields.read_integer()?];
    let go = match rsa_optional_fields(&mut fields) {
        Some((crt, has_more_primes)) => {
            let numbers = [modulus, exponent, d, p, q].into_iter().chain(crt.iter().flatten().copied());
            match numbers.into_iter().all(is_positive) && outer.is_empty() && (0..=1).contains(&version) {
                false => GoKeyVerdict::Unparsable,
                true if has_more_primes => GoKeyVerdict::Usable,
                true => rsa_verdict(&[modulus, exponent, p, q], d, crt),
            }
        }
        None => GoKeyVerdict::Unparsable,
    };
    let kind = PublicKeyKind::Rsa { bits: public_key::bit_length(modulus) };
    Some(Inner { kind, go, public: Some(public_key::rsa_spki(modulus, exponent)) })
}

/// The CRT values, where all three are there, and whether more primes follow, as Go's `encoding/asn1` reads optional fields:
/// something else in the place of one means that it is absent, and what follows the last is left alone. `None` where it
/// refuses them.
fn rsa_optional_fields<'a>(fields: &mut Reader<'a>) -> Option<(Option<[&'a [u8]; 3]>, bool)> {
    let mut value = || match fields.is_empty() {
        false if fields.peek(der::INTEGER) => fields.read_integer().map(Some),
        false => { *fields }.read_any().map(|_| None),
        true => Some(None),
    };
    let [dp, dq, q_inverse] = [value()?, value()?, value()?];
    let crt = dp.zip(dq).zip(q_inverse).map(|((dp, dq), q_inverse)| [dp, dq, q_inverse]);
    let has_more_primes = fields.peek(der::SEQUENCE);
    if has_more_primes {
        let mut primes = fields.read_sequence()?;
        while !primes.is_empty() {
            let mut prime = primes.read_sequence()?;
            prime.read_integer().filter(|prime| is_positive(prime))?;
            prime.read_integer().and_then(|_| prime.read_integer())?;
        }
    }
    Some((crt, has_more_primes))
}

fn is_positive(number: &[u8]) -> bool {
    number.first().is_some_and(|first| first & 0x80 == 0) && number != [0]
}

/// Go's `checkPrivateKey`: pq = N, de ≡ 1 modulo p-1 and q-1, q·qInv ≡ 1 modulo p, and that the CRT values go with d.
fn rsa_verdict([modulus, exponent, p, q]: &[&[u8]; 4], d: &[u8], crt: Option<[&[u8]; 3]>) -> GoKeyVerdict {
    let [n, e, p, q, d] = [modulus, exponent, p, q, &d].map(|number| Natural::from_be_bytes(number));
    let small_exponent = exponent.len() <= 4;
    let plausible = small_exponent && n.is_odd() && e.is_odd() && !e.is_one() && p.is_odd() && q.is_odd();
    if !plausible || d.compare(&n) != Ordering::Less || p.times(&q).compare(&n) != Ordering::Equal {
        return GoKeyVerdict::Unparsable;
    }
    let inverse =
        |d: &Natural, prime: &Natural| d.times(&e).modulo(&prime.minus_one()).is_some_and(|rest| rest.is_one());
    let exponent_fits = inverse(&d, &p) && inverse(&d, &q);
    let Some(values) = crt else {
        return if exponent_fits { GoKeyVerdict::Usable } else { GoKeyVerdict::Unparsable };
    };
    let [dp, dq, q_inverse] = values.map(Natural::from_be_bytes);
    let reduced = dp.compare(&p) == Ordering::Less && dq.compare(&q) == Ordering::Less;
    let crt_fits = reduced
        && q_inverse.compare(&p) == Ordering::Less
        && inverse(&dp, &p)
        && inverse(&dq, &q)
        && q_inverse.times(&q).modulo(&p).is_some_and(|rest| rest.is_one());
    // An inverse is the only one of its kind, so that both fit only where they are equal.
    match exponent_fits && crt_fits {
        true => GoKeyVerdict::Usable,
        false => GoKeyVerdict::Contradictory { exponent_fits, crt_fits },
    }
}

fn pkcs8(bytes: &[u8]) -> Option<PrivateKey> {
    let mut fields = Reader::new(bytes).read_sequence()?;
    fields.read_i64()?;
    let mut algorithm = fields.read_sequence()?;
    let oid = algorithm.read_oid()?;
    let parameters = algorithm.rest();
    let secret = fields.read(der::OCTET_STRING)?;
    let refused = |kind| Inner { kind, go: GoKeyVerdict::Unparsable, public: None };
    let inner = match oid {
        public_key::OID_RSA => rsa(secret).unwrap_or_else(|| refused(PublicKeyKind::Unknown)),
        public_key::OID_RSA_PSS => {
            let kind = rsa(secret).map_or(PublicKeyKind::Unknown, |key| key.kind);
            refused(kind)
        }
        public_key::OID_EC => {
            let curve = Reader::new(parameters).read_oid();
            sec1(curve, secret).unwrap_or_else(|| refused(PublicKeyKind::EcOther))
        }
        public_key::OID_ED25519 => ed25519(secret, parameters).unwrap_or_else(|| refused(PublicKeyKind::Ed25519)),
        public_key::OID_ED448 => refused(PublicKeyKind::Ed448),
        public_key::OID_DSA => refused(PublicKeyKind::Dsa),
        [0x2b, 0x65, 0x6e] => x25519(secret, parameters),
        _ => refused(PublicKeyKind::Unknown),
    };
    Some(inner.into_key(KeyEncoding::Pkcs8))
}

fn ed25519(secret: &[u8], parameters: &[u8]) -> Option<Inner> {
    let seed = Reader::new(secret).read(der::OCTET_STRING).filter(|seed| seed.len() == 32)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
    let go = if parameters.is_empty() { GoKeyVerdict::Usable } else { GoKeyVerdict::Unparsable };
    let public = public_key::ed25519_spki(pair.public_key().as_ref());
    Some(Inner { kind: PublicKeyKind::Ed25519, go, public: Some(public) })
}

fn x25519(secret: &[u8], parameters: &[u8]) -> Inner {
    let seed = Reader::new(secret).read(der::OCTET_STRING).filter(|seed| seed.len() == 32);
    let go = match seed {
        Some(_) if parameters.is_empty() => GoKeyVerdict::UnknownType,
        _ => GoKeyVerdict::Unparsable,
    };
    Inner { kind: PublicKeyKind::X25519, go, public: None }
}

/// Reads an ECPrivateKey; `curve` is the one that a PKCS#8 wrapping names, and counts before the one inside.
fn sec1(curve: Option<&[u8]>, bytes: &[u8]) -> Option<Inner> {
    let mut fields = Reader::new(bytes).read_sequence()?;
    let version = fields.read_i64()?;
    let scalar = fields.read(der::OCTET_STRING)?;
    // An optional field that is there must be sound, though what it says may be passed over.
    let named = fields.read_explicit(0, der::OID)?;
    let embedded = match fields.read_explicit(1, der::BIT_STRING)? {
        Some(content) => Some(BitString::of_content(content)?.bytes),
        None => None,
    };
    let kind = PublicKeyKind::of_curve(curve.or(named).unwrap_or_default());
    let refused = Inner { kind, go: GoKeyVerdict::Unparsable, public: None };
    let (Some(oid), Some(octets), 1) = (kind.curve_oid(), kind.coordinate_octets(), version) else {
        return Some(refused);
    };
    let point = match kind {
        // The library lacks P-224: the point that the key names itself is taken on trust.
        PublicKeyKind::EcP224 => embedded.map(<[u8]>::to_vec),
        _ => public_point(kind, scalar, octets),
    };
    let Some(point) = point else { return Some(refused) };
    Some(Inner { kind, go: GoKeyVerdict::Usable, public: Some(public_key::ec_spki(oid, &point)) })
}

/// The uncompressed public point of a scalar. Leading zeros may be missing or too many, as Go allows.
fn public_point(kind: PublicKeyKind, scalar: &[u8], octets: usize) -> Option<Vec<u8>> {
    let algorithm = match kind {
        PublicKeyKind::EcP256 => &agreement::ECDH_P256,
        PublicKeyKind::EcP384 => &agreement::ECDH_P384,
        PublicKeyKind::EcP521 => &agreement::ECDH_P521,
        _ => return None,
    };
    let surplus = scalar.len().saturating_sub(octets);
    let (padding, scalar) = scalar.split_at_checked(surplus)?;
    if padding.iter().any(|byte| *byte != 0) {
        return None;
    }
    let mut padded = zeroize::Zeroizing::new(vec![0; octets - scalar.len()]);
    padded.reserve_exact(scalar.len());
    padded.extend_from_slice(scalar);
    let key = agreement::PrivateKey::from_private_key(algorithm, &padded).ok()?;
    key.compute_public_key().ok().map(|point| point.as_ref().to_vec())
}

/// EncryptedPrivateKeyInfo ::= SEQUENCE { encryptionAlgorithm, encryptedData OCTET STRING } (RFC 5958 section 3).
fn encrypted_pkcs8(bytes: &[u8]) -> Option<PrivateKey> {
    let mut fields = Reader::new(bytes).read_sequence()?;
    let mut algorithm = fields.read_sequence()?;
    let oid = algorithm.read_oid()?;
    fields.read(der::OCTET_STRING)?;
    // PKCS#5 and PKCS#12 password-based encryption.
    let is_pbe = oid.starts_with(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05])
        || oid.starts_with(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c]);
    (fields.is_empty() && is_pbe).then(|| PrivateKey::encrypted(KeyEncoding::EncryptedPkcs8))
}

/// OpenSSH's `openssh-key-v1`: cipher, kdf, options, number of keys, public key, secret.
fn openssh(bytes: &[u8]) -> Option<PrivateKey> {
    let mut fields = SshReader(bytes.strip_prefix(b"openssh-key-v1\0")?);
    let cipher = fields.string()?;
    let (_kdf, _options, _count) = (fields.string()?, fields.string()?, fields.u32()?);
    let (kind, public) = ssh_public_key(fields.string()?).unwrap_or((PublicKeyKind::Unknown, Vec::new()));
    let mut key = PrivateKey::plain(KeyEncoding::OpenSsh, kind, GoKeyVerdict::Unparsable, Some(public));
    key.public = key.public.filter(|public| !public.is_empty());
    key.encrypted = cipher != b"none";
    Some(key)
}

fn ssh_public_key(blob: &[u8]) -> Option<(PublicKeyKind, Vec<u8>)> {
    let mut fields = SshReader(blob);
    let ec = |kind: PublicKeyKind, mut fields: SshReader<'_>| {
        fields.string()?;
        Some((kind, public_key::ec_spki(kind.curve_oid()?, fields.string()?)))
    };
    match fields.string()? {
        b"ssh-rsa" => {
            let (exponent, modulus) = (fields.string()?, fields.string()?);
            let kind = PublicKeyKind::Rsa { bits: public_key::bit_length(modulus) };
            Some((kind, public_key::rsa_spki(modulus, exponent)))
        }
        b"ssh-ed25519" => Some((PublicKeyKind::Ed25519, public_key::ed25519_spki(fields.string()?))),
        b"ecdsa-sha2-nistp256" => ec(PublicKeyKind::EcP256, fields),
        b"ecdsa-sha2-nistp384" => ec(PublicKeyKind::EcP384, fields),
        b"ecdsa-sha2-nistp521" => ec(PublicKeyKind::EcP521, fields),
        _ => None,
    }
}

/// A reader of SSH's wire format (RFC 4251 section 5).
struct SshReader<'a>(&'a [u8]);

impl<'a> SshReader<'a> {
    fn u32(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*head))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    const EC: &str = "30770201010420effc9c87c5f959dd689fdfe60fbdc45baea58703b29962d052f355e0e2f2c369a00a06082a8648ce3d030107\
        a14403420004712be1d2b6681e5883b535b1fcdd3fb5ba75072a247ee4a9f56d9ff9967d5c8f3792e0c08e01aabe3aba683f2fb1668ba131de1815bb4162870db9202b5dfde2";

    fn verdict(hex: &str) -> Option<GoKeyVerdict> {
        parse(&bytes(hex), false).map(|key| key.go)
    }

    #[test]
    fn an_unknown_field_behind_an_ec_key_is_passed_over() {
        assert_eq!(verdict(EC), Some(GoKeyVerdict::Usable));
        assert_eq!(verdict(&EC.replace("a14403420004", "494403420004")), Some(GoKeyVerdict::Usable));
    }

    #[test]
    fn the_length_of_an_explicit_field_is_not_looked_at() {
        assert_eq!(verdict(&EC.replace("a14403420004", "a14944034204")), Some(GoKeyVerdict::Usable));
    }

    #[test]
    fn a_damaged_public_half_refuses_an_ec_key() {
        assert_eq!(verdict(&EC.replace("a14403420004", "a1440342a904")), None);
    }
}
