//! The configuration file: works without one, and says exactly what is wrong with one.
//!
//! It is `certwright/config.toml` under `$XDG_CONFIG_HOME` or `~/.config`. The command line comes before it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::Unexpected;
use thiserror::Error;

use crate::base::errno::Errno;
use crate::base::text::{display_name, sanitise};
use crate::finding::Severity;
use crate::scan::Environment;

/// What the configuration file may say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// A certificate that expires within so many days is worth a warning.
    #[serde(deserialize_with = "days")]
    pub expires_within: Option<u32>,
    /// The rules to apply; all where empty.
    pub select: Vec<String>,
    /// The rules to leave out.
    pub ignore: Vec<String>,
    /// The engines whose judgement decides how bad a finding is, as `NAME[@VERSION]`.
    pub engine: Vec<String>,
    /// Findings below it are not shown.
    #[serde(deserialize_with = "severity")]
    pub min_severity: Option<Severity>,
    /// When to colour.
    pub color: ColorSetting,
    /// Draw with ASCII alone.
    pub ascii: bool,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColorSetting {
    /// As the terminal and the environment say
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A configuration file that cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("{}: {}", display_name(path), reason(error))]
    Read {
        /// The file
        path: PathBuf,
        /// Why not
        error: io::Error,
    },
    /// It says something that is not understood.
    #[error("{}:{line}: {}", display_name(path), sanitise(message))]
    Content {
        /// The file
        path: PathBuf,
        /// The line, from 1
        line: usize,
        /// What is wrong there, and what is allowed
        message: String,
    },
}

impl Config {
    /// Reads `given`, or else the user's own file where there is one.
    ///
    /// # Errors
    /// Where the file cannot be read, or holds an unknown key or a wrong value.
    pub fn load(given: Option<&Path>, environment: &Environment) -> Result<Self, ConfigError> {
        let path = match (given, Self::default_path(environment)) {
            (Some(given), _) => given.to_path_buf(),
            (None, Some(path)) => path,
            (None, None) => return Ok(Self::default()),
        };
        match read(&path) {
            Ok(text) => Self::parse(&path, &text),
            Err(error) if given.is_none() && is_absent(&error) => Ok(Self::default()),
            Err(error) => Err(ConfigError::Read { path, error }),
        }
    }

    /// Where the user's own file lies.
    pub fn default_path(environment: &Environment) -> Option<PathBuf> {
        let absolute = |path: &Option<PathBuf>| path.clone().filter(|path| path.is_absolute());
        let base = absolute(&environment.config_home).or_else(|| Some(absolute(&environment.home)?.join(".config")));
        base.map(|base| base.join("certwright/config.toml"))
    }

    /// Reads the text of a configuration file; `path` is for the error.
    ///
    /// # Errors
    /// Where it holds an unknown key or a wrong value.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            ConfigError::Content {
                path: path.to_path_buf(),
                line: before.matches('\n').count() + 1,
                message: error.message().trim().replace('\n', ", "),
            }
        })
    }
}

/// The longest time that can be looked ahead, in days.
pub const MAX_DAYS: u32 = 36_500;

/// The largest configuration file that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_SIZE).read_to_string(&mut text)?;
    Ok(text)
}

/// Tells whether there is no such file, or it is somebody else's: `sudo -u` leaves `$HOME` behind.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied)
}

fn reason(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => Errno(number).to_string(),
        None => error.to_string(),
    }
}

fn days<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<u32>, D::Error> {
    let days = i64::deserialize(input)?;
    match u32::try_from(days) {
        Ok(days) if days <= MAX_DAYS => Ok(Some(days)),
        _ => Err(serde::de::Error::invalid_value(Unexpected::Signed(days), &"days from 0 to 36500")),
    }
}

fn severity<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<Severity>, D::Error> {
    let text = String::deserialize(input)?;
    match Severity::ALL.into_iter().find(|severity| severity.word() == text) {
        Some(severity) => Ok(Some(severity)),
        None => Err(serde::de::Error::unknown_variant(&text, &["info", "warning", "error"])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(Path::new("config.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn every_key_is_optional() {
        assert_eq!(parse(""), Ok(Config::default()));
        let all = "expires-within = 14\nselect = [\"CW1\"]\nignore = [\"CW101\"]\nmin-severity = \"warning\"\n\
                   color = \"never\"\nascii = true\n";
        let config = parse(all).unwrap();
        assert_eq!(config.expires_within, Some(14));
        assert_eq!(config.min_severity, Some(Severity::Warning));
        assert_eq!(config.color, ColorSetting::Never);
        assert!(config.ascii);
    }

    #[test]
    fn errors_name_the_line_and_what_is_allowed() {
        insta::assert_snapshot!(parse("ascii = true\nmin-severity = \"bad\"\n").unwrap_err(), @"config.toml:2: unknown variant `bad`, expected one of `info`, `warning`, `error`");
        insta::assert_snapshot!(parse("\n\nexpire = 1\n").unwrap_err(), @"config.toml:3: unknown field `expire`, expected one of `expires-within`, `select`, `ignore`, `engine`, `min-severity`, `color`, `ascii`");
        insta::assert_snapshot!(parse("color = \"blue\"\n").unwrap_err(), @"config.toml:1: unknown variant `blue`, expected one of `auto`, `always`, `never`");
        insta::assert_snapshot!(parse("expires-within = -1\n").unwrap_err(), @"config.toml:1: invalid value: integer `-1`, expected days from 0 to 36500");
        insta::assert_snapshot!(parse("select = [\n").unwrap_err(), @"config.toml:1: unclosed array, expected `]`");
    }
}
