//! Certificates and keys of every kind, minted afresh, and the ways in which people damage them on the way to a host.

use std::collections::HashMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SignatureAlgorithm, date_time_ymd,
};

/// Contents by name: `acme` is a certificate, `acme.key` its key.
pub struct Materials(HashMap<String, Vec<u8>>);

/// What tells a certificate from the common case: two years around today, P-256, for clients.
struct Minted<'a> {
    name: &'a str,
    common_name: &'a str,
    algorithm: &'static SignatureAlgorithm,
    is_ca: bool,
    dns: &'a [&'a str],
    years: (i32, i32),
}

impl<'a> Minted<'a> {
    fn client(name: &'a str) -> Self {
        let algorithm = &rcgen::PKCS_ECDSA_P256_SHA256;
        Self { name, common_name: name, algorithm, is_ca: false, dns: &[], years: (2020, 2090) }
    }

    fn authority(name: &'a str, common_name: &'a str) -> Self {
        Self { common_name, is_ca: true, ..Self::client(name) }
    }

    fn params(&self) -> CertificateParams {
        let mut params =
            CertificateParams::new(self.dns.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        params.distinguished_name.push(DnType::CommonName, self.common_name);
        params.not_before = date_time_ymd(self.years.0, 1, 1);
        params.not_after = date_time_ymd(self.years.1, 1, 1);
        if self.is_ca {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        } else if self.dns.is_empty() {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        } else {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        }
        params
    }
}

impl Materials {
    /// Mints all of them. What rcgen cannot make is made by openssl.
    pub fn mint() -> Self {
        let mut all = Self(HashMap::new());
        let acme = all.certificate(&Minted::authority("acme", "Acme Root CA"), None);
        let other = all.certificate(&Minted::authority("other", "Other Root CA"), None);
        all.certificate(&Minted::authority("imposter", "Acme Root CA"), None);
        all.certificate(&Minted { years: (2001, 2002), ..Minted::authority("old-ca", "Expired Root CA") }, None);
        let intermediate = all.certificate(&Minted::authority("intermediate", "Acme Issuing CA"), Some(&acme));
        all.certificate(&Minted { dns: &["*.registry.test"], ..Minted::client("server") }, Some(&acme));
        all.certificate(&Minted::client("client"), Some(&acme));
        all.certificate(&Minted::client("second"), Some(&acme));
        all.certificate(&Minted::client("foreign"), Some(&other));
        all.certificate(&Minted::client("branch"), Some(&intermediate));
        all.certificate(&Minted { years: (2001, 2002), ..Minted::client("expired") }, Some(&acme));
        let algorithms: [(_, &SignatureAlgorithm); 4] = [
            ("p384", &rcgen::PKCS_ECDSA_P384_SHA384),
            ("p521", &rcgen::PKCS_ECDSA_P521_SHA512),
            ("ed25519", &rcgen::PKCS_ED25519),
            ("rsa", &rcgen::PKCS_RSA_SHA256),
        ];
        for (name, algorithm) in algorithms {
            all.certificate(&Minted { algorithm, ..Minted::client(name) }, Some(&acme));
        }
        all.add_openssl();
        all.add_junk();
        all
    }

    /// The bytes that an expression means: contents joined by `+`, each a name with forms behind colons.
    pub fn content(&self, expression: &str) -> Vec<u8> {
        let part = |part: &str| {
            let mut words = part.trim().split(':');
            let name = words.next().unwrap();
            let bytes = self.0.get(name).unwrap_or_else(|| panic!("no material {name}")).clone();
            words.fold(bytes, |bytes, form| apply(form, &bytes))
        };
        expression.split('+').flat_map(part).collect()
    }

    /// All names, in order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    fn certificate(&mut self, minted: &Minted<'_>, issuer: Option<&Issuer<'_, KeyPair>>) -> Issuer<'static, KeyPair> {
        let key = KeyPair::generate_for(minted.algorithm).unwrap();
        let params = minted.params();
        let certificate = match issuer {
            Some(issuer) => params.signed_by(&key, issuer),
            None => params.self_signed(&key),
        };
        self.put(minted.name, certificate.unwrap().pem());
        self.put(&format!("{}.key", minted.name), key.serialize_pem());
        Issuer::new(params, key)
    }

    fn put(&mut self, name: &str, content: impl Into<Vec<u8>>) {
        self.0.insert(name.to_owned(), content.into());
    }

    fn add_openssl(&mut self) {
        let request = "req -x509 -new -key /dev/stdin -days 3650 -subj";
        let keys = [
            ("secp256k1", "ecparam -genkey -noout -name secp256k1", true),
            ("p224", "ecparam -genkey -noout -name secp224r1", true),
            ("brainpool", "ecparam -genkey -noout -name brainpoolP256r1", true),
            ("explicit", "ecparam -genkey -noout -name prime256v1 -param_enc explicit", true),
            ("ed448", "genpkey -algorithm ed448", true),
            ("x25519", "genpkey -algorithm x25519", false),
            ("x448", "genpkey -algorithm x448", false),
            ("rsa-pss", "genpkey -algorithm rsa-pss -pkeyopt rsa_keygen_bits:2048", true),
            ("rsa1024", "genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:1024", true),
        ];
        for (name, generate, has_certificate) in keys {
            let key = openssl(generate, b"");
            if has_certificate {
                self.put(name, openssl(&format!("{request} /CN={name}"), &key));
            }
            self.put(&format!("{name}.key"), key);
        }
        let rsa = self.content("rsa1024.key");
        self.put("sha1", openssl("req -x509 -new -key /dev/stdin -sha1 -days 3650 -subj /CN=sha1", &rsa));
        self.put("md5", openssl("req -x509 -new -key /dev/stdin -md5 -days 3650 -subj /CN=md5", &rsa));
        let key = self.content("client.key");
        let acme = self.content("acme");
        let made = [
            ("client.csr", "req -new -key /dev/stdin -subj /CN=client", &key),
            ("client.pub", "pkey -pubout", &key),
            ("client.sec1", "ec", &key),
            ("client.encrypted", "pkcs8 -topk8 -v2 aes-256-cbc -passout pass:secret", &key),
            ("client.pbe", "pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout pass:secret", &key),
            ("client.traditional", "ec -aes128 -passout pass:secret", &key),
            ("rsa.pkcs1", "rsa -traditional", &self.content("rsa.key")),
            ("rsa.traditional", "rsa -traditional -aes128 -passout pass:secret", &self.content("rsa.key")),
            ("params", "ecparam -name prime256v1", &key),
            ("acme.text", "x509 -text", &acme),
            ("acme.trusted", "x509 -trustout -addtrust clientAuth", &acme),
            ("acme.p7b", "crl2pkcs7 -nocrl -certfile /dev/stdin", &acme),
        ];
        let made = made.map(|(name, arguments, input)| (name, openssl(arguments, input)));
        for (name, bytes) in made {
            self.put(name, bytes);
        }
    }

    fn add_junk(&mut self) {
        self.put("empty", "");
        self.put("blank", "\n\n");
        self.put("prose", "Ask the platform team for the current file.\n");
        self.put("html", "<!DOCTYPE html><html><body>404 Not Found</body></html>\n");
        self.put("binary", (0..=255).collect::<Vec<u8>>());
        self.put("hollow", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
        self.put("hollow.key", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n");
        self.put("openssh.key", armour("OPENSSH PRIVATE KEY", b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none"));
        self.put("crl", armour("X509 CRL", &[0x30, 0x00]));
        self.put("begin", "-----BEGIN CERTIFICATE-----\n");
        self.put("end", "-----END CERTIFICATE-----\n");
    }
}

/// Runs openssl on an input.
fn openssl(arguments: &str, input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments.split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The DER of the first block.
pub fn der(pem: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(pem).unwrap();
    let body = text.lines().skip_while(|line| !line.starts_with("-----BEGIN")).skip(1);
    let body: String = body.take_while(|line| !line.starts_with("-----END")).collect();
    BASE64.decode(body).unwrap()
}

fn label(pem: &str) -> &str {
    pem.split("-----BEGIN ").nth(1).unwrap().split("-----").next().unwrap()
}

fn armour(label: &str, der: &[u8]) -> Vec<u8> {
    let body = BASE64.encode(der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n")).into_bytes()
}

/// The ways to write a file down, or to spoil it.
fn apply(form: &str, bytes: &[u8]) -> Vec<u8> {
    if form == "der" {
        return der(bytes);
    }
    let text = std::str::from_utf8(bytes).unwrap();
    let each_line = |change: &dyn Fn(&str) -> String| text.lines().map(change).collect::<String>();
    let changed = match form {
        "bom" => format!("\u{feff}{text}"),
        "utf16" => return text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "crlf" => text.replace('\n', "\r\n"),
        "cr" => text.replace('\n', "\r"),
        "indented" => each_line(&|line| format!("    {line}\n")),
        "padded" => each_line(&|line| format!("{line}  \n")),
        "spaced" => each_line(&|line| format!("{line}\n\n")),
        "quoted" => each_line(&|line| format!("> {line}\n")),
        "oneline" => text.replace('\n', " "),
        "escaped" => text.replace('\n', "\\n"),
        "long" => {
            let body = BASE64.encode(der(bytes));
            format!("-----BEGIN {0}-----\n{body}\n-----END {0}-----\n", label(text))
        }
        "no-newline" => text.trim_end().to_owned(),
        "nul" => format!("\0{text}"),
        "tail" => format!("{} # the end\n", text.trim_end()),
        "headers" => text.replacen("-----\n", "-----\nComment: made by hand\n\n", 1),
        "truncated" => text[..text.len() / 2].to_owned(),
        "endless" => text.split("-----END").next().unwrap().to_owned(),
        "mistyped" => text.replacen("M", "!", 1),
        "short-dash" => text.replacen("-----BEGIN", "----BEGIN", 1),
        "long-dash" => text.replacen("-----BEGIN", "------BEGIN", 1),
        "lower" => text.replace(label(text), &label(text).to_lowercase()),
        "unlike-end" => text.replace("-----END ", "-----END X509 "),
        "prose" => format!("Issued on Tuesday.\n{text}Keep it safe.\n"),
        "trailing" => return armour(label(text), &[&der(bytes)[..], &[0]].concat()),
        "bent" => {
            let mut der = der(bytes);
            der[5] ^= 0x55;
            return armour(label(text), &der);
        }
        relabel => match relabel.strip_prefix("as-") {
            Some(label) => return armour(&label.to_uppercase().replace('-', " "), &der(bytes)),
            None => panic!("no form {relabel}"),
        },
    };
    changed.into_bytes()
}
