//! What stands around an error: which registry it is about, which server was talked to, which engine speaks. The error
//! itself is the dictionary's matter.

use std::borrow::Cow;
use std::ffi::OsStr;

use crate::engine::Engine;
use crate::model::host::{HostName, registry_of_reference};

/// Texts up to this length may be one error in broken lines.
const LONGEST_BROKEN: usize = 16 << 10;

/// The ways in which a copied text may be meant: as it is; and with its line breaks taken out, since a terminal breaks long
/// lines, in words too, and copies the breaks.
pub(super) fn readings(message: &str) -> Vec<String> {
    let text = plain(message);
    let lines: Vec<&str> = text.trim().lines().map(str::trim).take(LONGEST_BROKEN).collect();
    let joined = match lines.len() {
        2.. if text.len() <= LONGEST_BROKEN => vec![lines.concat(), lines.join(" ")],
        _ => Vec::new(),
    };
    std::iter::once(text).chain(joined).collect()
}

/// Makes text as it was copied plain: no colours, no typographic quotes, no escapes of JSON or of a log.
fn plain(message: &str) -> String {
    let mut plain = String::with_capacity(message.len());
    let mut characters = message.chars();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => skip_escape_sequence(&mut characters),
            '“' | '”' | '„' => plain.push('"'),
            '‘' | '’' => plain.push('\''),
            '\u{a0}' => plain.push(' '),
            '\n' | '\t' => plain.push(character),
            other if other.is_control() => {}
            other => plain.push(other),
        }
    }
    for _ in 0..4 {
        if memchr::memmem::find(plain.as_bytes(), br#"\""#).is_none() {
            break;
        }
        plain = unescape(&plain);
    }
    plain
}

/// Passes over an escape sequence of a terminal: ESC, `[`, up to its final letter.
fn skip_escape_sequence(characters: &mut std::str::Chars<'_>) {
    let mut ahead = characters.clone();
    if ahead.next() != Some('[') {
        return;
    }
    let is_parameter = |character: &char| character.is_ascii_digit() || ";?:<=>".contains(*character);
    let length = ahead.clone().take(16).take_while(is_parameter).count();
    *characters = ahead;
    characters.by_ref().take(length + 1).for_each(drop);
}

/// Takes away one level of backslashes before quotes and backslashes.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied();
        match (character, next) {
            ('\\', Some(escaped @ ('"' | '\\'))) => {
                plain.push(escaped);
                characters.next();
            }
            (other, _) => plain.push(other),
        }
    }
    plain
}

/// The text around an error, as far as it may matter.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    /// What stands before the error on its line.
    pub(super) before: &'a str,
    /// The line, or the part of it that is near the error.
    pub(super) line: &'a str,
}

/// What stands before the reference that an engine resolves.
const BEFORE_REFERENCE: &[&str] = &[
    "failed to resolve reference \"",
    "failed to resolve image \"",
    "failed to pull and unpack image \"",
    "failed to pull image \"",
    "Failed to pull image \"",
    "failed to resolve source metadata for ",
    "docker://",
    "Trying to pull repository ",
];

/// What stands before the registry's host.
const BEFORE_HOST: &[&str] =
    &["pinging container registry ", "pinging docker registry ", "authenticating creds for \"", "logging into \""];

impl Surroundings<'_> {
    /// The registry, as far as the words of an engine name it and not only a URL.
    pub(super) fn named_registry(&self) -> Option<String> {
        let references = BEFORE_REFERENCE.iter().filter_map(|marker| {
            let reference = reference_behind(self.line, marker)?;
            host(&registry_of_reference(reference))
        });
        let pushed = ["failed to solve: ", "failed to push "].iter().filter_map(|marker| {
            let reference = reference_behind(self.line, marker)?;
            reference.contains('/').then(|| host(&registry_of_reference(reference)))?
        });
        let hosts = BEFORE_HOST.iter().filter_map(|marker| host(reference_behind(self.line, marker)?));
        let namespace = || {
            let (_, behind) = self.before.rsplit_once("?ns=").or_else(|| self.before.rsplit_once("&ns="))?;
            let name = behind.split(['&', '"', ' ']).next()?;
            host(&name.replace("%3A", ":").replace("%5B", "[").replace("%5D", "]"))
        };
        // Podman's mirrors have directories of their own: the host that is asked goes before the reference.
        hosts.chain(references).chain(pushed).next().or_else(namespace).or_else(|| self.directory())
    }

    /// The registry of the first URL before the error.
    pub(super) fn first_server(&self) -> Option<String> {
        urls(self.before).next().map(|server| hub(&server).into_owned())
    }

    /// The server of the last URL before the error: the one that was talked to.
    pub(super) fn server(&self) -> Option<String> {
        urls(self.before).last()
    }

    /// The registry whose directory a path names.
    fn directory(&self) -> Option<String> {
        let (_, behind) = self.line.rsplit_once("certs.d/")?;
        let name = behind.split(['/', ' ', '"', '\'', '\n']).next()?;
        host(name.trim_end_matches(':'))
    }

    /// The engine that speaks so, as far as its words tell.
    pub(super) fn engine(&self) -> Option<Engine> {
        let is_daemon = self.line.contains("Error response from daemon") || self.line.contains("Handler for POST");
        if is_daemon && CONTAINERD_WORDS.iter().any(|words| self.line.contains(words)) {
            return Some(Engine::DockerC8d);
        }
        let speaks = |(_, words): &&(Engine, &[&str])| words.iter().any(|words| self.line.contains(words));
        SPEAKERS.iter().find(speaks).map(|(engine, _)| *engine)
    }
}

/// Words of containerd's resolver, which Docker uses too.
const CONTAINERD_WORDS: &[&str] = &[
    "failed to resolve reference",
    "failed to do request",
    "failed to load X509 key pair",
    "unable to load CA cert",
    "unable to read CA cert",
    "unable to read CERT file",
];

/// What engines and the tools around them put before an error; the more telling first.
const SPEAKERS: &[(Engine, &[&str])] = &[
    (
        Engine::ContainersImage,
        &[
            "pinging container registry",
            "pinging docker registry",
            "Error parsing image name \"docker://",
            "initializing source docker://",
            "initializing destination docker://",
            "trying to reuse blob",
            "unable to retrieve auth token",
        ],
    ),
    (
        Engine::Buildkit,
        &[
            "failed to solve",
            "failed to resolve source metadata",
            "failed to load keypair for",
            "failed to load cache key",
        ],
    ),
    (
        Engine::DockerClassic,
        &[
            "Error response from daemon",
            "Handler for POST",
            "CA certificates must use the extension",
            "error pulling image configuration",
        ],
    ),
    (
        Engine::Containerd,
        &["failed to pull and unpack image", "failed to decode hosts.toml", "ctr:", "rpc error: code"],
    ),
    (Engine::Containerd, CONTAINERD_WORDS),
];

/// A host name of Docker Hub's stands for Docker Hub.
fn hub(server: &str) -> Cow<'_, str> {
    let is_hub = server == "docker.io" || server.ends_with(".docker.io") || server.ends_with(".docker.com");
    if is_hub { "docker.io".into() } else { server.into() }
}

/// The hosts of the URLs in a text, from left to right.
fn urls(text: &str) -> impl Iterator<Item = String> {
    let starts = memchr::memmem::find_iter(text.as_bytes(), "://");
    starts.filter_map(|at| {
        let scheme = text.get(..at)?;
        let behind = text.get(at + 3..)?;
        if !scheme.ends_with("http") && !scheme.ends_with("https") {
            return None;
        }
        let authority = behind.split(['/', '?', '#', '"', '\'', ' ', '\n', ',', ')']).next()?;
        host(authority.rsplit('@').next()?.trim_end_matches(':'))
    })
}

/// What stands behind `marker`, as far as it can be an image reference.
fn reference_behind<'a>(text: &'a str, marker: &str) -> Option<&'a str> {
    let (_, behind) = text.split_once(marker)?;
    let is_part = |character: char| character.is_ascii_alphanumeric() || "._-:/@[]".contains(character);
    let length = behind.find(|character| !is_part(character)).unwrap_or(behind.len());
    behind
        .get(..length)
        .map(|reference| reference.trim_end_matches([':', '.']))
        .filter(|reference| !reference.is_empty())
}

/// The text, if it is a registry host.
fn host(text: &str) -> Option<String> {
    (text.len() <= 300).then(|| HostName::parse(OsStr::new(text)).registry())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(line: &str) -> Surroundings<'_> {
        Surroundings { before: line, line }
    }

    #[test]
    fn registries_are_found_in_every_wrapping() {
        let named = |line: &str| around(line).named_registry();
        assert_eq!(named("ctr: failed to resolve reference \"r.test:5000/a:1\": x").as_deref(), Some("r.test:5000"));
        assert_eq!(named("Error parsing image name \"docker://r.test/a/b:1\": x").as_deref(), Some("r.test"));
        assert_eq!(named("pinging container registry 10.0.0.1:443: Get").as_deref(), Some("10.0.0.1:443"));
        assert_eq!(named("failed to solve: failed to fetch").as_deref(), None);
        assert_eq!(named("open /etc/docker/certs.d/r.test_5000_: permission denied").as_deref(), Some("r.test:5000"));
        assert_eq!(
            named("Head \"https://mirror:5000/v2/x/manifests/1?ns=docker.io\": x").as_deref(),
            Some("docker.io")
        );
        let login = around("Get \"https://user@r.test:5000/v2/\": Get \"https://auth.test/token?a=b\": x");
        assert_eq!(login.first_server().as_deref(), Some("r.test:5000"));
        assert_eq!(login.server().as_deref(), Some("auth.test"));
        assert_eq!(around("Get https://registry-1.docker.io/v2/: x").first_server().as_deref(), Some("docker.io"));
    }

    #[test]
    fn copied_text_is_made_plain() {
        assert_eq!(plain("\u{1b}[31mGet “https://r.test”\u{1b}[0m doesn’t\r\n"), "Get \"https://r.test\" doesn't\n");
        assert_eq!(plain(r#"msg="Get \\\"https://r.test\\\": x""#), r#"msg="Get "https://r.test": x""#);
        assert_eq!(plain(r"C:\certs.d"), r"C:\certs.d");
    }
}
