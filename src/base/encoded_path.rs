//! A path in JSON: text where it is UTF-8, else `{"hex": "…"}`, so that every name that a file can have survives.
//!
//! For `#[serde(with = "crate::base::encoded_path")]`.

use std::ffi::OsString;
use std::fmt::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Encoded {
    Text(String),
    Bytes { hex: String },
}

/// Writes a path.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    let encoded = match path.to_str() {
        Some(text) => Encoded::Text(text.to_owned()),
        None => Encoded::Bytes {
            hex: path.as_os_str().as_bytes().iter().fold(String::new(), |mut hex, byte| {
                // Writing into a string never fails.
                let _ = write!(hex, "{byte:02x}");
                hex
            }),
        },
    };
    encoded.serialize(serializer)
}

/// Reads a path.
///
/// # Errors
/// Where it is neither text nor an even number of hexadecimal digits.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    match Encoded::deserialize(deserializer)? {
        Encoded::Text(text) => Ok(PathBuf::from(text)),
        Encoded::Bytes { hex } => {
            let bytes = hex.as_bytes().chunks(2).map(|pair| {
                let digits = std::str::from_utf8(pair).ok().filter(|digits| digits.len() == 2)?;
                u8::from_str_radix(digits, 16).ok()
            });
            let bytes: Option<Vec<u8>> = bytes.collect();
            Ok(OsString::from_vec(bytes.ok_or_else(|| D::Error::custom("no hexadecimal path"))?).into())
        }
    }
}

/// The same of a path that may be missing.
///
/// For `#[serde(with = "crate::base::encoded_path::option", default, skip_serializing_if = "Option::is_none")]`.
pub mod option {
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Present(#[serde(with = "super")] PathBuf);

    /// Writes a path, or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
        path.clone().map(Present).serialize(serializer)
    }

    /// Reads a path, or null.
    ///
    /// # Errors
    /// Where it is neither null, nor text, nor an even number of hexadecimal digits.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<Present>::deserialize(deserializer)?.map(|present| present.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Holder(#[serde(with = "super")] PathBuf);

    #[test]
    fn every_path_survives() {
        for bytes in [&b"/etc/docker/certs.d/r:5000/ca.crt"[..], b"/a/\xff\xfe\n", b""] {
            let holder = Holder(OsString::from_vec(bytes.to_vec()).into());
            let text = serde_json::to_string(&holder).unwrap();
            assert_eq!(serde_json::from_str::<Holder>(&text).unwrap(), holder, "{text}");
        }
        for wrong in [r#"{"hex": "f"}"#, r#"{"hex": "zz"}"#, "1", r#"{"hex": "é1"}"#] {
            assert!(serde_json::from_str::<Holder>(wrong).is_err(), "{wrong}");
        }
    }
}
