//! `hosts.toml`, read with containerd's own laxness: what it names, in the order in which containerd would try it.
//!
//! Source: containerd 2.2 `core/remotes/docker/config/hosts.go` (`parseHostsFile`, `parseHostConfig`, `getSortedHosts`).
//! The validation errors are containerd's own texts; those of TOML itself are go-toml's where they are common, else ours.

mod golang;
mod host;
mod server;

use std::collections::BTreeMap;
use std::path::PathBuf;

use thiserror::Error;
use toml::{Table, Value};
use toml_parser::parser::{Event, EventKind, parse_document};
use toml_parser::{ParseError, Source};

use golang::{mismatch, refusal_of_toml};
use host::{check_types, host};

/// What a `hosts.toml` says: the hosts to try, in order. The last is the registry itself, or `server`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostsToml {
    /// At least one.
    pub hosts: Vec<Host>,
    /// Hosts without a header of their own (`host = { "…" = { … } }`, `host."…".ca = …`), which containerd 1.5 to 1.7 alone
    /// takes, after those with one.
    pub headless: Vec<Host>,
    /// It has a `host` table, without which containerd 1.5 to 1.7 refuse it.
    pub has_host_table: bool,
}

/// Why containerd refuses a `hosts.toml`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{why}")]
pub struct Refused {
    /// What it logs.
    pub why: String,
    /// It is TOML, but has no `host` table, which is all that containerd 1.5 to 1.7 say then.
    pub lacks_host_table: bool,
}

/// One host to try.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Scheme, host and path of its URL; `None`: the registry itself.
    pub url: Option<Url>,
    /// CA files as written.
    pub ca: Vec<String>,
    /// There is a `ca` key, so that a pool of its own is made.
    pub has_ca: bool,
    /// Client certificates as written: certificate, and key unless it is in the same file.
    pub clients: Vec<(String, Option<String>)>,
    /// Whether the server's certificate is left unchecked, where the file says so.
    pub skip_verify: Option<bool>,
    /// What it may be used for, as written ("pull"); empty: everything.
    pub capabilities: Vec<String>,
}

/// A URL as far as containerd takes it apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// "https" or "http"
    pub scheme: String,
    /// Host with port
    pub host: String,
    /// Path, with `/v2` added unless `override_path` is set
    pub path: String,
}

/// Reads a `hosts.toml` that is not empty.
///
/// # Errors
/// What containerd logs before it falls back to the files of the directory.
pub fn parse(bytes: &[u8]) -> Result<HostsToml, Refused> {
    let no_toml = |why: String| Refused { why, lacks_host_table: false };
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        return Err(no_toml("toml: invalid character at start of key: U+00EF".into()));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| no_toml("toml: invalid UTF-8".into()))?;
    let document: Table = text.parse().map_err(|error| no_toml(refusal_of_toml(text, &error)))?;
    let lacks_host_table = !matches!(document.get("host"), Some(Value::Table(_)));
    decode(text, &document).map_err(|why| Refused { why, lacks_host_table })
}

fn decode(text: &str, document: &Table) -> Result<HostsToml, String> {
    let mut host_tables = match document.get("host") {
        None => BTreeMap::new(),
        Some(Value::Table(tables)) => tables.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Some(other) => return Err(mismatch(other, "map[string]config.hostFileConfig")),
    };
    for value in host_tables.values() {
        let table = value.as_table().ok_or_else(|| mismatch(value, "config.hostFileConfig"))?;
        check_types(table)?;
    }
    check_types(document)?;
    let server = match document.get("server") {
        None => "",
        Some(Value::String(server)) => server,
        Some(other) => return Err(mismatch(other, "string")),
    };
    let mut hosts = Vec::new();
    let empty = Table::new();
    let order = host_order(text);
    for name in &order {
        let table = host_tables.get(name).and_then(|value| value.as_table()).unwrap_or(&empty);
        hosts.push(host(name, table)?);
    }
    hosts.push(host(server, document)?);
    host_tables.retain(|name, _| !order.contains(name));
    let headless = host_tables.iter().filter_map(|(name, value)| host(name, value.as_table()?).ok());
    Ok(HostsToml { hosts, headless: headless.collect(), has_host_table: document.contains_key("host") })
}

impl HostsToml {
    /// The names of the files that it names, as written.
    pub fn files(&self) -> impl Iterator<Item = &String> {
        self.hosts.iter().chain(&self.headless).flat_map(|host| {
            let clients = host.clients.iter().flat_map(|(certificate, key)| std::iter::once(certificate).chain(key));
            host.ca.iter().chain(clients)
        })
    }
}

/// A file name out of a `hosts.toml` as containerd resolves it: absolute as written, else `.` and `..` resolved, relative
/// to the directory of the file.
pub fn relative(path: &str) -> PathBuf {
    if path.starts_with('/') {
        return PathBuf::from(path);
    }
    let mut clean = PathBuf::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if clean.file_name().is_some() => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}

/// The second parts of the `[host."…"]` headers, in the order of the file; only neighbours are told apart.
fn host_order(text: &str) -> Vec<String> {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut header: Option<Vec<String>> = None;
    let mut order: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut receive = |event: Event| match (event.kind(), &mut header) {
        (EventKind::StdTableOpen, header) => *header = Some(Vec::new()),
        (EventKind::SimpleKey, Some(parts)) => {
            let mut key = std::borrow::Cow::Borrowed("");
            let raw = source.get(event.span());
            if let Some(raw) = raw {
                let raw = toml_parser::Raw::new_unchecked(raw.as_str(), event.encoding(), event.span());
                raw.decode_key(&mut key, &mut ());
            }
            parts.push(key.into_owned());
        }
        (EventKind::StdTableClose, header) => {
            if let Some([first, second, ..]) = header.take().as_deref()
                && first == "host"
                && *second != current
            {
                current.clone_from(second);
                order.push(second.clone());
            }
        }
        _ => {}
    };
    let mut errors: Vec<ParseError> = Vec::new();
    parse_document(&tokens, &mut receive, &mut errors);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(text: &str) -> Vec<String> {
        let parsed = parse(text.as_bytes()).unwrap();
        let show = |host: &Host| {
            host.url.as_ref().map_or_else(|| "-".into(), |url| format!("{}://{}{}", url.scheme, url.host, url.path))
        };
        parsed.hosts.iter().map(show).collect()
    }

    fn error(text: &str) -> String {
        parse(text.as_bytes()).unwrap_err().why
    }

    #[test]
    fn hosts_come_in_the_order_of_the_file_and_the_server_last() {
        let text = "server = \"https://r.test\"\n[host.\"https://b.test\"]\n[host.\"a.test/x\"]\n[host.\"a.test/x\".header]\nx = \"y\"\n";
        assert_eq!(urls(text), ["https://b.test/v2", "https://a.test/x/v2", "https://r.test/v2"]);
    }

    #[test]
    fn only_table_headers_count() {
        assert_eq!(urls("host.\"https://a.test\".ca = \"x\"\n"), ["-"]);
        assert_eq!(urls("[hosts.\"https://a.test\"]\n"), ["-"]);
        assert_eq!(urls("# nothing\n"), ["-"]);
    }

    #[test]
    fn a_server_behind_a_host_header_is_swallowed() {
        assert_eq!(urls("[host.\"https://a.test\"]\nserver = \"https://b.test\"\n"), ["https://a.test/v2", "-"]);
    }

    #[test]
    fn refusals_are_in_containerd_words() {
        assert_eq!(error("ca = 5"), "invalid type 5 for \"ca\"");
        assert_eq!(error("ca = [5]"), "unable to cast 5 to string");
        assert_eq!(error("client = [[\"a\", \"b\", \"c\"]]"), "invalid pair [a b c] for \"client\"");
        assert_eq!(error("capabilities = [\"fly\"]"), "unknown capability fly");
        assert_eq!(error("dial_timeout = \"soon\""), "time: invalid duration \"soon\"");
        assert_eq!(error("server = https://x"), "toml: unexpected character U+0068 'h' at start of value");
        assert_eq!(error("\u{feff}server = \"x\""), "toml: invalid character at start of key: U+00EF");
    }

    #[test]
    fn paths_get_v2_unless_overridden() {
        assert_eq!(urls("server = \"r.test/a/../b/\"\n"), ["https://r.test/b/v2"]);
        assert_eq!(urls("server = \"http://r.test:80/x\"\noverride_path = true\n"), ["http://r.test:80/x"]);
        assert_eq!(urls("server = \"https://r.test/v2\"\n"), ["https://r.test/v2"]);
    }
}
