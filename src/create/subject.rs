//! What a certificate is asked for: the subject and the alternative names, from text as people write it, in DER.

use std::net::IpAddr;

use thiserror::Error;

use crate::create::encode;

/// Why a subject or a name is none.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SubjectError {
    /// A part has no value.
    #[error("{0:?} is no part of a subject: write it as CN=robot,O=Example or /O=Example/CN=robot")]
    Part(String),
    /// A kind of attribute that is not known.
    #[error(
        "{0:?} is no attribute of a subject: CN, O, OU, C, ST, L, STREET, DC, UID, SN, GN, serialNumber, title, emailAddress"
    )]
    Attribute(String),
    /// A value that its attribute does not take.
    #[error("{attribute} cannot be {value:?}: {why}")]
    Value {
        /// The attribute as it was written
        attribute: String,
        /// Its value
        value: String,
        /// Why
        why: &'static str,
    },
    /// Nothing at all
    #[error("the subject is empty")]
    Empty,
    /// A text that is no alternative name.
    #[error("{0:?} is no alternative name: DNS:NAME, IP:ADDRESS, email:ADDRESS or URI:URI")]
    AlternativeName(String),
}

/// A kind of attribute.
struct Kind {
    names: &'static [&'static str],
    oid: &'static [u8],
    form: Form,
    /// The most characters that it may have (RFC 5280 appendix A.1)
    most: usize,
}

/// How a value is written down.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Utf8,
    Printable,
    Ia5,
}

const KINDS: [Kind; 14] = [
    Kind { names: &["CN", "commonName"], oid: &[0x55, 4, 3], form: Form::Utf8, most: 64 },
    Kind { names: &["O", "organizationName"], oid: &[0x55, 4, 10], form: Form::Utf8, most: 64 },
    Kind { names: &["OU", "organizationalUnitName"], oid: &[0x55, 4, 11], form: Form::Utf8, most: 64 },
    Kind { names: &["C", "countryName"], oid: &[0x55, 4, 6], form: Form::Printable, most: 2 },
    Kind { names: &["ST", "S", "stateOrProvinceName"], oid: &[0x55, 4, 8], form: Form::Utf8, most: 128 },
    Kind { names: &["L", "localityName"], oid: &[0x55, 4, 7], form: Form::Utf8, most: 128 },
    Kind { names: &["STREET", "streetAddress"], oid: &[0x55, 4, 9], form: Form::Utf8, most: 128 },
    Kind {
        names: &["DC", "domainComponent"],
        oid: &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25],
        form: Form::Ia5,
        most: 63,
    },
    Kind {
        names: &["UID", "userId"],
        oid: &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1],
        form: Form::Utf8,
        most: 256,
    },
    Kind { names: &["SN", "surname"], oid: &[0x55, 4, 4], form: Form::Utf8, most: 64 },
    Kind { names: &["GN", "givenName"], oid: &[0x55, 4, 42], form: Form::Utf8, most: 64 },
    Kind { names: &["serialNumber"], oid: &[0x55, 4, 5], form: Form::Printable, most: 64 },
    Kind { names: &["title"], oid: &[0x55, 4, 12], form: Form::Utf8, most: 64 },
    Kind {
        names: &["emailAddress", "E"],
        oid: &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1],
        form: Form::Ia5,
        most: 255,
    },
];

/// The Name in DER of a text: `CN=robot,O=Example` (RFC 4514, the most specific part first), `/O=Example/CN=robot` (as
/// OpenSSL has it, the most specific last), or a word, which is the common name.
///
/// # Errors
/// Where it is none.
pub fn name(text: &str) -> Result<Vec<u8>, SubjectError> {
    let text = text.trim();
    let mut parts = match text.strip_prefix('/') {
        Some(rest) => split(rest, '/'),
        None if text.is_empty() => return Err(SubjectError::Empty),
        None if !text.contains('=') => return common_name(text),
        None => {
            let mut parts = split(text, ',');
            parts.reverse();
            parts
        }
    };
    parts.retain(|part| !part.trim().is_empty());
    if parts.is_empty() {
        return Err(SubjectError::Empty);
    }
    let sets: Vec<Vec<u8>> = parts.iter().map(|part| attribute(part)).collect::<Result<_, _>>()?;
    Ok(encode::sequence(&sets.iter().map(Vec::as_slice).collect::<Vec<_>>()))
}

/// The Name in DER that is a common name alone.
///
/// # Errors
/// Where a text cannot be one.
pub fn common_name(text: &str) -> Result<Vec<u8>, SubjectError> {
    name(&format!("/CN={}", text.replace('\\', "\\\\").replace('/', "\\/").replace('+', "\\+")))
}

/// The GeneralNames in DER of texts; `None` of no texts.
///
/// # Errors
/// Where one of them is no name.
pub fn alternative_names(texts: &[String]) -> Result<Option<Vec<u8>>, SubjectError> {
    let names: Vec<Vec<u8>> = texts.iter().map(|text| general_name(text)).collect::<Result<_, _>>()?;
    let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    Ok((!names.is_empty()).then(|| encode::sequence(&names)))
}

/// The parts between separators that no backslash stands before.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut is_escaped = false;
    for letter in text.chars() {
        if letter == separator && !is_escaped {
            parts.push(String::new());
            continue;
        }
        is_escaped = letter == '\\' && !is_escaped;
        parts.iter_mut().last().into_iter().for_each(|part| part.push(letter));
    }
    parts
}

fn attribute(part: &str) -> Result<Vec<u8>, SubjectError> {
    let (key, value) = part.split_once('=').ok_or_else(|| SubjectError::Part(part.to_owned()))?;
    let key = key.trim();
    // "CN=a+UID=b": what belongs to the common name, and what does not?
    if split(value, '+').iter().skip(1).any(|more| more.contains('=')) {
        let why = "it joins two attributes in one part: give each a part of its own, or write \\+";
        return Err(SubjectError::Value { attribute: key.to_owned(), value: value.trim().to_owned(), why });
    }
    let value = unescape(value.trim());
    let is_it = |kind: &&Kind| kind.names.iter().any(|name| name.eq_ignore_ascii_case(key));
    let kind = KINDS.iter().find(is_it).ok_or_else(|| SubjectError::Attribute(key.to_owned()))?;
    let wrong = |why| SubjectError::Value { attribute: key.to_owned(), value: value.clone(), why };
    let is_printable = |letter: char| letter.is_ascii_alphanumeric() || " '()+,-./:=?".contains(letter);
    if value.is_empty() {
        return Err(wrong("it is empty"));
    }
    if value.chars().any(char::is_control) {
        return Err(wrong("it holds control characters"));
    }
    if value.chars().count() > kind.most {
        return Err(wrong("it is too long"));
    }
    let tag = match kind.form {
        Form::Utf8 => 0x0c,
        Form::Printable
            if kind.most == 2 && (value.len() != 2 || !value.chars().all(|one| one.is_ascii_alphabetic())) =>
        {
            return Err(wrong("a country has two letters"));
        }
        Form::Printable if value.chars().all(is_printable) => 0x13,
        Form::Ia5 if value.is_ascii() => 0x16,
        Form::Printable | Form::Ia5 => return Err(wrong("it holds characters that it may not")),
    };
    let value = if kind.most == 2 { value.to_ascii_uppercase() } else { value };
    Ok(encode::set(&encode::sequence(&[&encode::oid(kind.oid), &encode::element(tag, &[value.as_bytes()])])))
}

fn unescape(text: &str) -> String {
    let mut is_escaped = false;
    let mut plain = String::new();
    for letter in text.chars() {
        is_escaped = letter == '\\' && !is_escaped;
        if !is_escaped {
            plain.push(letter);
        }
    }
    plain
}

/// One alternative name: with its kind before a colon, or as it is.
fn general_name(text: &str) -> Result<Vec<u8>, SubjectError> {
    let wrong = || SubjectError::AlternativeName(text.to_owned());
    let text = text.trim();
    let (kind, value) = match text.split_once(':') {
        Some((kind, value)) if ["dns", "ip", "email", "uri"].contains(&kind.to_ascii_lowercase().as_str()) => {
            (kind.to_ascii_lowercase(), value)
        }
        _ if text.parse::<IpAddr>().is_ok() => ("ip".to_owned(), text),
        _ if text.contains("://") => ("uri".to_owned(), text),
        _ if text.contains('@') => ("email".to_owned(), text),
        _ => ("dns".to_owned(), text),
    };
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong());
    }
    Ok(match kind.as_str() {
        "ip" => match value.parse().map_err(|_| wrong())? {
            IpAddr::V4(address) => encode::element(0x87, &[&address.octets()]),
            IpAddr::V6(address) => encode::element(0x87, &[&address.octets()]),
        },
        "email" if value.contains('@') => encode::element(0x81, &[value.as_bytes()]),
        "uri" if value.contains(':') => encode::element(0x86, &[value.as_bytes()]),
        "dns" if is_dns_name(value) => encode::element(0x82, &[value.as_bytes()]),
        _ => return Err(wrong()),
    })
}

/// Letters, digits, hyphens and underscores between dots; a star may stand for the first label.
fn is_dns_name(name: &str) -> bool {
    let labels = name.strip_prefix("*.").unwrap_or(name).split('.');
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.len() <= 253 && labels.into_iter().all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::name::Name;

    fn shown(text: &str) -> String {
        Name::new(&name(text).unwrap()).to_string()
    }

    #[test]
    fn a_subject_may_be_written_in_three_ways() {
        assert_eq!(shown("CN=robot,O=Example,C=de"), "CN=robot,O=Example,C=DE");
        assert_eq!(shown("/C=DE/O=Example/CN=robot"), "CN=robot,O=Example,C=DE");
        assert_eq!(shown("build-7.example.com"), "CN=build-7.example.com");
        assert_eq!(shown(r"CN=Doe\, Jane,O=a\=b"), r"CN=Doe\, Jane,O=a=b");
        assert_eq!(shown(r"/O=a\/b/CN=Zoë"), "CN=Zoë,O=a/b");
        assert_eq!(shown("CN=robot,DC=example,DC=com"), "CN=robot,DC=example,DC=com");
        assert_eq!(shown("CN=c++"), r"CN=c\+\+");
        assert_eq!(shown(r"CN=a\+UID=b"), r"CN=a\+UID=b");
        let refused = name("CN=a+UID=b").unwrap_err().to_string();
        assert!(refused.starts_with(r#"CN cannot be "a+UID=b": it joins two attributes"#), "{refused}");
    }

    proptest::proptest! {
        #[test]
        fn a_common_name_comes_out_as_it_went_in(text in "[^\\p{Cc}]{1,64}") {
            let der = common_name(&text);
            let trimmed = text.trim();
            match der {
                Ok(der) => assert_eq!(Name::new(&der).common_name().as_deref(), Some(trimmed)),
                Err(_) => assert!(trimmed.is_empty(), "{text:?}"),
            }
        }

        #[test]
        fn any_text_is_a_name_that_can_be_read_or_refused(text: String) {
            if let Ok(der) = name(&text) {
                assert_eq!(Name::new(&der).check(), Ok(()), "{text:?}");
            }
            let _ = alternative_names(&[text]);
        }
    }

    #[test]
    fn a_wrong_subject_says_why() {
        let why = |text: &str| name(text).unwrap_err().to_string();
        assert_eq!(why(""), "the subject is empty");
        assert_eq!(why("/"), "the subject is empty");
        assert_eq!(
            why("CN=robot,Example"),
            "\"Example\" is no part of a subject: write it as CN=robot,O=Example or /O=Example/CN=robot"
        );
        assert!(why("XY=robot").starts_with("\"XY\" is no attribute of a subject: CN, O"));
        assert_eq!(why("C=DEU"), "C cannot be \"DEU\": it is too long");
        assert_eq!(why("C=D1"), "C cannot be \"D1\": a country has two letters");
        assert_eq!(why("CN="), "CN cannot be \"\": it is empty");
        assert_eq!(
            why(&format!("CN={}", "x".repeat(65))),
            format!("CN cannot be {:?}: it is too long", "x".repeat(65))
        );
        assert_eq!(why("DC=straße"), "DC cannot be \"straße\": it holds characters that it may not");
        assert_eq!(why("CN=a\u{1b}b"), "CN cannot be \"a\\u{1b}b\": it holds control characters");
    }

    #[test]
    fn alternative_names_are_known_by_their_form() {
        let told = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            let der = alternative_names(&texts).unwrap().unwrap();
            crate::pki::extension::alternative_names(&der)
                .map(|name| format!("{}:{}", name.kind(), name.value()))
                .collect::<Vec<_>>()
        };
        let bare = told(&[
            "build.example.com",
            "10.0.0.7",
            "2001:db8::7",
            "a@example.com",
            "spiffe://example/robot",
            "*.x.test",
        ]);
        let named = told(&[
            "DNS:build.example.com",
            "ip:10.0.0.7",
            "IP:2001:db8::7",
            "email:a@example.com",
            "URI:spiffe://example/robot",
            "dns:*.x.test",
        ]);
        assert_eq!(bare, named);
        assert_eq!(alternative_names(&[]).unwrap(), None);
        for wrong in ["", "DNS:", "DNS:a..b", "IP:10.0.0", "email:nobody", "ünicode.test", "a b", "DNS:-\u{7f}"] {
            assert!(alternative_names(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
