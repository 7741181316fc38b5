//! How certificates are signed.
//!
//! Source of the identifiers: RFC 5758, RFC 4055, RFC 8410; of what Go takes: Go 1.26 `src/crypto/x509/x509.go`,
//! `getSignatureAlgorithmFromAI`.

/// A signature algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// RSA PKCS#1 v1.5 with MD5 or MD2
    Md5Rsa,
    /// RSA PKCS#1 v1.5 with SHA-1
    Sha1Rsa,
    /// RSA PKCS#1 v1.5 with SHA-256
    Sha256Rsa,
    /// RSA PKCS#1 v1.5 with SHA-384
    Sha384Rsa,
    /// RSA PKCS#1 v1.5 with SHA-512
    Sha512Rsa,
    /// RSA PSS with SHA-256
    Sha256RsaPss,
    /// RSA PSS with SHA-384
    Sha384RsaPss,
    /// RSA PSS with SHA-512
    Sha512RsaPss,
    /// DSA, any digest
    Dsa,
    /// ECDSA with SHA-1
    EcdsaSha1,
    /// ECDSA with SHA-256
    EcdsaSha256,
    /// ECDSA with SHA-384
    EcdsaSha384,
    /// ECDSA with SHA-512
    EcdsaSha512,
    /// Ed25519
    Ed25519,
    /// Any other
    Unknown,
}

impl SignatureAlgorithm {
    /// The algorithm of an AlgorithmIdentifier: `oid` its content octets, `parameters` the DER that follows.
    pub fn from_identifier(oid: &[u8], parameters: &[u8]) -> Self {
        const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
        const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];
        if let Some(rest) = oid.strip_prefix(RSA) {
            return match rest {
                [2] | [4] => Self::Md5Rsa,
                [5] => Self::Sha1Rsa,
                [10] => Self::pss(parameters),
                [11] => Self::Sha256Rsa,
                [12] => Self::Sha384Rsa,
                [13] => Self::Sha512Rsa,
                _ => Self::Unknown,
            };
        }
        if let Some(rest) = oid.strip_prefix(ECDSA) {
            return match rest {
                [1] => Self::EcdsaSha1,
                [3, 2] => Self::EcdsaSha256,
                [3, 3] => Self::EcdsaSha384,
                [3, 4] => Self::EcdsaSha512,
                _ => Self::Unknown,
            };
        }
        match oid {
            [0x2b, 0x65, 0x70] => Self::Ed25519,
            [0x2b, 0x0e, 0x03, 0x02, 0x1d] => Self::Sha1Rsa,
            [0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03] | [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x02] => {
                Self::Dsa
            }
            _ => Self::Unknown,
        }
    }

    /// The name that Go prints for it ("SHA256-RSA").
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5Rsa => "MD5-RSA",
            Self::Sha1Rsa => "SHA1-RSA",
            Self::Sha256Rsa => "SHA256-RSA",
            Self::Sha384Rsa => "SHA384-RSA",
            Self::Sha512Rsa => "SHA512-RSA",
            Self::Sha256RsaPss => "SHA256-RSAPSS",
            Self::Sha384RsaPss => "SHA384-RSAPSS",
            Self::Sha512RsaPss => "SHA512-RSAPSS",
            Self::Dsa => "DSA",
            Self::EcdsaSha1 => "ECDSA-SHA1",
            Self::EcdsaSha256 => "ECDSA-SHA256",
            Self::EcdsaSha384 => "ECDSA-SHA384",
            Self::EcdsaSha512 => "ECDSA-SHA512",
            Self::Ed25519 => "Ed25519",
            Self::Unknown => "unknown",
        }
    }

    /// Tells whether Go refuses to verify it because of its digest (SHA-1 since Go 1.18, MD5 always).
    pub fn is_insecure(self) -> bool {
        matches!(self, Self::Md5Rsa | Self::Sha1Rsa | Self::EcdsaSha1)
    }

    /// RSASSA-PSS names its digest in the parameters (RFC 4055 section 3.1); the digest's last octet tells it.
    fn pss(parameters: &[u8]) -> Self {
        const SHA2: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
        let after = memchr::memmem::find(parameters, SHA2).and_then(|at| parameters.get(at + SHA2.len()));
        match after {
            Some(1) => Self::Sha256RsaPss,
            Some(2) => Self::Sha384RsaPss,
            Some(3) => Self::Sha512RsaPss,
            _ => Self::Unknown,
        }
    }
}
