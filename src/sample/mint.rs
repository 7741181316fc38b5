//! Certificates, keys and requests made of materials, each once and only when something uses it.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData, RsaKeySize, SanType, SerialNumber,
};

use super::SampleError;
use super::language::{Constraints, ExtendedUsage, KeyKind, Material, Signature, Usage};
use crate::base::clock::Timestamp;
use crate::pki::sha256;

/// sha256WithRSAEncryption and sha1WithRSAEncryption, which are written down in as many bytes.
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const SHA1_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05];

/// The mint of one sample tree.
pub(super) struct Mint<'a> {
    materials: &'a BTreeMap<String, Material>,
    now: Timestamp,
    keys: HashMap<String, Rc<KeyPair>>,
    certificates: HashMap<String, Rc<[u8]>>,
}

impl<'a> Mint<'a> {
    /// A mint that has made nothing yet.
    pub fn new(materials: &'a BTreeMap<String, Material>, now: Timestamp) -> Self {
        Self { materials, now, keys: HashMap::new(), certificates: HashMap::new() }
    }

    /// The certificate of a material as DER.
    pub fn certificate(&mut self, name: &str) -> Result<Rc<[u8]>, SampleError> {
        if let Some(made) = self.certificates.get(name) {
            return Ok(Rc::clone(made));
        }
        let material = self.material(name)?;
        let mut params = self.params(name, material)?;
        params.serial_number = Some(serial(name, self.now));
        let key = self.key(name)?;
        let made = match &material.issuer {
            None => params.self_signed(&*key),
            Some(issuer) => {
                let issuer_params = self.params(issuer, self.material(issuer)?)?;
                let issuer_key = self.key(issuer)?;
                params.use_authority_key_identifier_extension = true;
                params.signed_by(&*key, &Issuer::from_params(&issuer_params, &*issuer_key))
            }
        };
        let mut der = made.map_err(|error| wrong(name, &error))?.der().to_vec();
        if material.signature == Signature::Sha1 {
            replace_all(&mut der, SHA256_WITH_RSA, SHA1_WITH_RSA);
        }
        let der: Rc<[u8]> = der.into();
        self.certificates.insert(name.to_owned(), Rc::clone(&der));
        Ok(der)
    }

    /// The private key of a material as PKCS#8.
    pub fn private_key(&mut self, name: &str) -> Result<Vec<u8>, SampleError> {
        let key = self.key(name)?;
        let der = key.serialized_der();
        // Version 2 of RFC 5958 with the public half behind it, which few other programs write.
        Ok(match der.get(16..48) {
            Some(seed) if *key.algorithm() == rcgen::PKCS_ED25519 => {
                let version_1 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
                [&version_1, seed].concat()
            }
            _ => der.to_vec(),
        })
    }

    /// The public key of a material as SubjectPublicKeyInfo.
    pub fn public_key(&mut self, name: &str) -> Result<Vec<u8>, SampleError> {
        Ok(self.key(name)?.subject_public_key_info())
    }

    /// A signing request for a material as DER.
    pub fn request(&mut self, name: &str) -> Result<Vec<u8>, SampleError> {
        let params = self.params(name, self.material(name)?)?;
        let key = self.key(name)?;
        let request = params.serialize_request(&*key).map_err(|error| wrong(name, &error))?;
        Ok(request.der().to_vec())
    }

    fn material(&self, name: &str) -> Result<&'a Material, SampleError> {
        let missing = || SampleError::Material { name: name.to_owned(), reason: "there is none of this name".into() };
        self.materials.get(name).ok_or_else(missing)
    }

    fn key(&mut self, name: &str) -> Result<Rc<KeyPair>, SampleError> {
        if let Some(made) = self.keys.get(name) {
            return Ok(Rc::clone(made));
        }
        let material = self.material(name)?;
        let key = match &material.key_of {
            Some(other) => self.key(other)?,
            None => Rc::new(new_key(material.key).map_err(|error| wrong(name, &error))?),
        };
        self.keys.insert(name.to_owned(), Rc::clone(&key));
        Ok(key)
    }

    fn params(&self, name: &str, material: &Material) -> Result<CertificateParams, SampleError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        if let Some(organization) = &material.organization {
            params.distinguished_name.push(DnType::OrganizationName, organization.as_str());
        }
        let common_name = material.common_name.as_deref().unwrap_or(name);
        if !common_name.is_empty() {
            params.distinguished_name.push(DnType::CommonName, common_name);
        }
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        let date = |days: i64| {
            let moment = self.now.plus_days(days).0;
            let distance = Duration::from_secs(moment.unsigned_abs());
            if moment < 0 { epoch - distance } else { epoch + distance }
        };
        [params.not_before, params.not_after] = material.days.map(date);
        params.is_ca = constraints(material);
        params.key_usages = key_usages(material);
        params.extended_key_usages = material.purposes.iter().copied().map(purpose).collect();
        for dns in &material.dns {
            let dns = dns.as_str().try_into().map_err(|error| wrong(name, &error))?;
            params.subject_alt_names.push(SanType::DnsName(dns));
        }
        params.subject_alt_names.extend(material.ip.iter().copied().map(SanType::IpAddress));
        Ok(params)
    }
}

fn wrong(name: &str, error: &rcgen::Error) -> SampleError {
    SampleError::Material { name: name.to_owned(), reason: error.to_string() }
}

fn new_key(kind: KeyKind) -> Result<KeyPair, rcgen::Error> {
    match kind {
        KeyKind::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
        KeyKind::P384 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
        KeyKind::P521 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512),
        KeyKind::Ed25519 => KeyPair::generate_for(&rcgen::PKCS_ED25519),
        KeyKind::Rsa2048 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048),
        KeyKind::Rsa3072 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_3072),
        KeyKind::Rsa4096 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_4096),
    }
}

/// A positive serial number of 16 bytes that differs from material to material.
fn serial(name: &str, now: Timestamp) -> SerialNumber {
    let digest = sha256(format!("{name} {}", now.0).as_bytes());
    let mut bytes: Vec<u8> = digest.iter().copied().take(16).collect();
    if let Some(first) = bytes.first_mut() {
        *first = *first & 0x7f | 0x40;
    }
    SerialNumber::from(bytes)
}

fn constraints(material: &Material) -> IsCa {
    let usual = if material.ca { Constraints::Ca } else { Constraints::NotCa };
    match material.basic_constraints.unwrap_or(usual) {
        Constraints::Ca => IsCa::Ca(BasicConstraints::Unconstrained),
        Constraints::NotCa => IsCa::ExplicitNoCa,
        Constraints::None => IsCa::NoCa,
    }
}

fn key_usages(material: &Material) -> Vec<KeyUsagePurpose> {
    let usual: &[Usage] = if material.ca { &[Usage::CertSign, Usage::CrlSign] } else { &[Usage::DigitalSignature] };
    let usages = material.key_usage.as_deref().unwrap_or(usual);
    let purpose = |usage: &Usage| match usage {
        Usage::DigitalSignature => KeyUsagePurpose::DigitalSignature,
        Usage::KeyEncipherment => KeyUsagePurpose::KeyEncipherment,
        Usage::CertSign => KeyUsagePurpose::KeyCertSign,
        Usage::CrlSign => KeyUsagePurpose::CrlSign,
    };
    usages.iter().map(purpose).collect()
}

fn purpose(usage: ExtendedUsage) -> ExtendedKeyUsagePurpose {
    match usage {
        ExtendedUsage::Client => ExtendedKeyUsagePurpose::ClientAuth,
        ExtendedUsage::Server => ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedUsage::Any => ExtendedKeyUsagePurpose::Any,
        ExtendedUsage::CodeSigning => ExtendedKeyUsagePurpose::CodeSigning,
    }
}

fn replace_all(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    let found: Vec<usize> = memchr::memmem::find_iter(bytes, old).collect();
    for at in found {
        if let Some(place) = bytes.get_mut(at..at + new.len()) {
            place.copy_from_slice(new);
        }
    }
}
