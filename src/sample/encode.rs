//! What a material gives, written down: as PEM that everybody reads, or in one of the forms that people really find in
//! their trees. Mints nothing itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::SampleError;
use super::language::{Aspect, Content, Form, Part};
use super::mint::Mint;
use crate::pki::der::{self, Reader, Tag};

/// Columns of base64 in a line of PEM.
const COLUMNS: usize = 64;

/// A key that only its passphrase opens, as PKCS#8. Nothing else uses it.
const ENCRYPTED_KEY: &str = "\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi/9UWFa+v8oAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEFEdowqGcp1fDYBylsSAM+4EQJw8
V94Coe8Y6hi7fG3199FQkHBg/0qjJx7tZLT7WX3fNc35HbIeMarLgTm4rsuh15RQ
nNdhb+CkZv2IveBbdEM=
-----END ENCRYPTED PRIVATE KEY-----
";

/// A key that only its passphrase opens, as older OpenSSL wrote it. Nothing else uses it.
const ENCRYPTED_PEM_KEY: &str = "\
-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,968F05BE7F46EB2757816AA174392253

lIj6Ar4SpW11WY+10QtAy7NubVoT0lZEyxCBeOnOc/LjzKdoO9LMAC0DqUuMpXBq
bazqRVoduTS1TU0oVl5D4vQNbt9sokB5f7iO0VYp5c4N7HrrF4tXEDuEtUA1Gbrb
aAiWmITmD2DjX5vMD9/93xSY8gY4ob3TYeO9paNdbK0=
-----END EC PRIVATE KEY-----
";

/// A key in the format of OpenSSH. Nothing else uses it.
const OPENSSH_KEY: &str = "\
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUx
OQAAACBW7HbydU/A/oNeB2pOekN9RzKelDY66dftYusZLuptcAAAAIjjRA/t40QP7QAAAAtzc2gt
ZWQyNTUxOQAAACBW7HbydU/A/oNeB2pOekN9RzKelDY66dftYusZLuptcAAAAEBMvz3JMSJmbiF3
nKCFww+m1jv/6aD5uW5w6lTOtA+gy1bsdvJ1T8D+g14Hak56Q31HMp6UNjrp1+1i6xku6m1wAAAA
AAECAwQF
-----END OPENSSH PRIVATE KEY-----
";

/// The bytes of a file.
pub(super) fn contents(parts: &[Part], mint: &mut Mint<'_>) -> Result<Vec<u8>, SampleError> {
    let mut bytes = Vec::new();
    for part in parts {
        match part {
            Part::One(content) => bytes.extend(one(content, mint)?),
            Part::Glued(contents) => {
                for (index, content) in contents.iter().enumerate() {
                    if index > 0 && bytes.ends_with(b"\n") {
                        bytes.pop();
                    }
                    bytes.extend(one(content, mint)?);
                }
            }
        }
    }
    Ok(bytes)
}

/// A PEM block before it becomes text.
struct Armoured {
    label: &'static str,
    headers: &'static str,
    der: Vec<u8>,
    comment: String,
}

fn one(content: &Content, mint: &mut Mint<'_>) -> Result<Vec<u8>, SampleError> {
    let name = content.material.as_str();
    let (label, der) = match content.aspect {
        Aspect::Certificate => ("CERTIFICATE", mint.certificate(name)?.to_vec()),
        Aspect::Key => ("PRIVATE KEY", mint.private_key(name)?),
        Aspect::Request => ("CERTIFICATE REQUEST", mint.request(name)?),
        Aspect::PublicKey => ("PUBLIC KEY", mint.public_key(name)?),
        Aspect::Pkcs7 => ("PKCS7", pkcs7(&mint.certificate(name)?)),
    };
    let mut block = Armoured { label, headers: "", der, comment: String::new() };
    let has = |form: Form| content.forms.contains(&form);
    let wrong = |reason: &str| SampleError::Material { name: name.to_owned(), reason: reason.to_owned() };
    for form in &content.forms {
        match form {
            Form::Trusted => block.label = "TRUSTED CERTIFICATE",
            Form::Headers => block.headers = "X-Note: exported by hand\n\n",
            Form::Text => block.comment = openssl_text(name),
            Form::Sec1 => {
                block.label = "EC PRIVATE KEY";
                block.der = sec1(&block.der).ok_or_else(|| wrong("only an EC key has the form sec1"))?;
            }
            Form::Pkcs1 => {
                block.label = "RSA PRIVATE KEY";
                block.der = pkcs1(&block.der).ok_or_else(|| wrong("only an RSA key has the form pkcs1"))?;
            }
            _ => {}
        }
    }
    let mut bytes = if has(Form::Der) { block.der } else { block.pem().into_bytes() };
    for form in &content.forms {
        bytes = written(bytes, *form);
    }
    Ok(bytes)
}

impl Armoured {
    fn pem(&self) -> String {
        let base64 = STANDARD.encode(&self.der);
        let Self { label, headers, comment, .. } = self;
        let mut text = format!("{comment}-----BEGIN {label}-----\n{headers}");
        let mut rest = base64.as_str();
        while !rest.is_empty() {
            let (line, behind) = rest.split_at_checked(COLUMNS).unwrap_or((rest, ""));
            text.push_str(line);
            text.push('\n');
            rest = behind;
        }
        text.push_str(&format!("-----END {label}-----\n"));
        text
    }
}

/// Applies a form that concerns the text and not the structure.
fn written(bytes: Vec<u8>, form: Form) -> Vec<u8> {
    let text = || String::from_utf8_lossy(&bytes).into_owned();
    match form {
        Form::Bom => [b"\xef\xbb\xbf", bytes.as_slice()].concat(),
        Form::Utf16 => text().encode_utf16().fold(vec![0xff, 0xfe], |mut all, unit| {
            all.extend(unit.to_le_bytes());
            all
        }),
        Form::CrLf => text().replace('\n', "\r\n").into_bytes(),
        Form::Cr => text().replace('\n', "\r").into_bytes(),
        Form::Indented => text().lines().map(|line| format!("  {line}\n")).collect::<String>().into_bytes(),
        Form::OneLine => one_line(&text()).into_bytes(),
        Form::Truncated => truncated(&text()).into_bytes(),
        Form::BrokenBase64 => text().replacen("-----\nM", "-----\n*", 1).into_bytes(),
        Form::NoNewline => bytes.strip_suffix(b"\n").unwrap_or(&bytes).to_vec(),
        Form::Encrypted => ENCRYPTED_KEY.into(),
        Form::EncryptedPem => ENCRYPTED_PEM_KEY.into(),
        Form::OpenSsh => OPENSSH_KEY.into(),
        Form::Der | Form::Trusted | Form::Headers | Form::Sec1 | Form::Pkcs1 | Form::Text => bytes,
    }
}

/// The base64 text without line ends, as some programs export it.
fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    match lines.as_slice() {
        [begin, body @ .., end] => format!("{begin}\n{}\n{end}\n", body.concat()),
        _ => text.to_owned(),
    }
}

/// Everything but the last two lines, as a copy from a screen leaves it.
fn truncated(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let kept = lines.get(..lines.len().saturating_sub(2)).unwrap_or_default();
    kept.iter().map(|line| format!("{line}\n")).collect()
}

/// The beginning of what `openssl x509 -text` prints before a certificate.
fn openssl_text(name: &str) -> String {
    format!("Certificate:\n    Data:\n        Version: 3 (0x2)\n        Subject: CN={name}\n")
}

/// PKCS#7 SignedData without signatures, which holds one certificate (RFC 2315).
fn pkcs7(certificate: &[u8]) -> Vec<u8> {
    const DATA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    const SIGNED_DATA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
    let none = element(der::SET, &[]);
    let signed_data = element(
        der::SEQUENCE,
        &[
            &element(der::INTEGER, &[&[1]]),
            &none,
            &element(der::SEQUENCE, &[DATA]),
            &element(der::constructed(0), &[certificate]),
            &none,
        ],
    );
    element(der::SEQUENCE, &[SIGNED_DATA, &element(der::constructed(0), &[&signed_data])])
}

/// The algorithm identifier's content and the private key's octets of PKCS#8.
fn pkcs8_parts(pkcs8: &[u8]) -> Option<(Reader<'_>, &[u8])> {
    let mut info = Reader::new(pkcs8).read_sequence()?;
    info.read(der::INTEGER)?;
    Some((info.read_sequence()?, info.read(der::OCTET_STRING)?))
}

/// ECPrivateKey with its curve (RFC 5915), from PKCS#8, where the curve stands outside.
fn sec1(pkcs8: &[u8]) -> Option<Vec<u8>> {
    let (mut algorithm, key) = pkcs8_parts(pkcs8)?;
    algorithm.read_oid()?;
    let curve = element(der::OID, &[algorithm.read_oid()?]);
    let mut fields = Reader::new(key).read_sequence()?;
    let version = element(der::INTEGER, &[fields.read(der::INTEGER)?]);
    let secret = element(der::OCTET_STRING, &[fields.read(der::OCTET_STRING)?]);
    fields.read_optional(der::constructed(0))?;
    let parameters = element(der::constructed(0), &[&curve]);
    Some(element(der::SEQUENCE, &[&version, &secret, &parameters, fields.rest()]))
}

/// RSAPrivateKey (RFC 8017), which PKCS#8 wraps.
fn pkcs1(pkcs8: &[u8]) -> Option<Vec<u8>> {
    const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    let (mut algorithm, key) = pkcs8_parts(pkcs8)?;
    (algorithm.read_oid()? == RSA_ENCRYPTION).then(|| key.to_vec())
}

/// One DER element of these pieces.
fn element(tag: Tag, pieces: &[&[u8]]) -> Vec<u8> {
    let body = pieces.concat();
    let mut bytes = vec![tag];
    let length = body.len().to_be_bytes();
    let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    match significant.as_slice() {
        [] => bytes.push(0),
        [short] if *short < 0x80 => bytes.push(*short),
        long => {
            bytes.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            bytes.extend(long);
        }
    }
    bytes.extend(body);
    bytes
}
