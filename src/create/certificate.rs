//! Requests for certificates (RFC 2986) and certificates that sign themselves (RFC 5280), for clients.

use crate::base::clock::Timestamp;
use crate::create::encode::{self, bits, element, integer, octets, oid, sequence, set, time};
use crate::create::keys::{KeyError, NewKey};
use crate::pki::public_key;
use crate::pki::rewrite::pem_block;

/// The most days that a certificate may be valid: a hundred years.
pub const MOST_DAYS: u32 = 36_500;

/// subjectKeyIdentifier, keyUsage, subjectAltName, basicConstraints, authorityKeyIdentifier, extKeyUsage
const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 17];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
/// id-kp-clientAuth
const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
/// extensionRequest (RFC 2985 section 5.4.2)
const EXTENSION_REQUEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 14];

/// Whom a certificate is about, in DER.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The Name
    pub subject: Vec<u8>,
    /// The GeneralNames of its alternative names
    pub alternative_names: Option<Vec<u8>>,
}

/// How long a certificate is valid, and whether it says that it may sign others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The present moment: the validity starts a minute before, since clocks differ.
    pub now: Timestamp,
    /// So many days it is valid from now on.
    pub days: u32,
    /// It says CA:TRUE, as `openssl req -x509` has it.
    pub ca: bool,
}

/// A request for a client certificate as PEM.
///
/// # Errors
/// Where the key does not sign.
pub fn request(key: &NewKey, holder: &Holder) -> Result<Vec<u8>, KeyError> {
    let extensions = sequence(&slices(&usages(holder, false)));
    let attribute = sequence(&[&oid(EXTENSION_REQUEST), &set(&extensions)]);
    let info = sequence(&[&integer(&[0]), &holder.subject, key.spki(), &element(0xa0, &[&attribute])]);
    Ok(pem_block("CERTIFICATE REQUEST", &signed(&info, key)?).to_vec())
}

/// A client certificate that signs itself, as PEM.
///
/// # Errors
/// Where the key does not sign, or the system has no random number to give.
pub fn self_signed(key: &NewKey, holder: &Holder, terms: Terms) -> Result<Vec<u8>, KeyError> {
    let not_before = Timestamp(terms.now.0.saturating_sub(60));
    let validity = sequence(&[&time(not_before), &time(terms.now.plus_days(i64::from(terms.days)))]);
    let identifier = key_identifier(key);
    let mut extensions = vec![
        extension(SUBJECT_KEY_ID, false, &octets(&identifier)),
        extension(AUTHORITY_KEY_ID, false, &sequence(&[&element(0x80, &[&identifier])])),
        extension(BASIC_CONSTRAINTS, true, &sequence(&[if terms.ca { encode::TRUE } else { &[] }])),
    ];
    extensions.extend(usages(holder, terms.ca));
    let extensions = element(0xa3, &[&sequence(&slices(&extensions))]);
    let tbs = sequence(&[
        &element(0xa0, &[&integer(&[2])]),
        &integer(&serial(key)?),
        &key.signature_algorithm(),
        &holder.subject,
        &validity,
        &holder.subject,
        key.spki(),
        &extensions,
    ]);
    Ok(pem_block("CERTIFICATE", &signed(&tbs, key)?).to_vec())
}

/// What the key is for, and the alternative names.
fn usages(holder: &Holder, ca: bool) -> Vec<Vec<u8>> {
    // digitalSignature is bit 0, keyCertSign bit 5.
    let usage: &[u8] = if ca { &[3, 2, 2, 0x84] } else { &[3, 2, 7, 0x80] };
    let mut extensions =
        vec![extension(KEY_USAGE, true, usage), extension(EXTENDED_KEY_USAGE, false, &sequence(&[&oid(CLIENT_AUTH)]))];
    // Without a subject the names are all there is to go by (RFC 5280 section 4.2.1.6).
    let is_critical = holder.subject == sequence(&[]);
    extensions.extend(holder.alternative_names.iter().map(|names| extension(ALTERNATIVE_NAMES, is_critical, names)));
    extensions
}

fn extension(kind: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    sequence(&[&oid(kind), if critical { encode::TRUE } else { &[] }, &octets(value)])
}

/// What is signed, the algorithm and the signature.
fn signed(content: &[u8], key: &NewKey) -> Result<Vec<u8>, KeyError> {
    Ok(sequence(&[content, &key.signature_algorithm(), &bits(&key.sign(content)?)]))
}

/// SHA-1 of the public key (RFC 5280 section 4.2.1.2, method 1): a name for it, which keeps nothing safe.
fn key_identifier(key: &NewKey) -> Vec<u8> {
    let bytes = public_key::key_bytes(key.spki()).unwrap_or_default();
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec()
}

/// A random number of 127 bits.
fn serial(key: &NewKey) -> Result<[u8; 16], KeyError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| KeyError::Refused(key.algorithm()))?;
    if let Some(first) = bytes.first_mut() {
        *first = *first & 0x7f | 0x40;
    }
    Ok(bytes)
}

fn slices(parts: &[Vec<u8>]) -> Vec<&[u8]> {
    parts.iter().map(Vec::as_slice).collect()
}
