//! `hosts.toml`, read with containerd's own laxness: what it names, in the order in which containerd would try it.
//!
//! Source: containerd 2.2 `core/remotes/docker/config/hosts.go` (`parseHostsFile`, `parseHostConfig`, `getSortedHosts`).
//! The validation errors are containerd's own texts; those of TOML itself are go-toml's where they are common, else ours.

mod golang;
mod host;
mod server;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use thiserror::Error;
use toml::{Table, Value};
use toml_parser::parser::{Event, EventKind, parse_document};
use toml_parser::{ParseError, Source};

use golang::{mismatch, refusal_of_toml};
use host::{check_types, field, host};

/// What a `hosts.toml` says to each age of containerd. The newest is what rules judge by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostsFile {
    newest: Reading,
    /// The ages that read it otherwise than the newest.
    older: Vec<(Age, Reading)>,
}

/// What one age of containerd makes of a `hosts.toml`.
pub type Reading = Result<HostsToml, Refused>;

/// The ages of containerd that read a `hosts.toml` in ways of their own, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Age {
    /// 1.5: by go-toml 1, which wants a `host` table and skips a byte-order mark.
    V1_5,
    /// 1.6 and 1.7: they know `override_path`.
    V1_6,
    /// 2.0: by go-toml 2.
    V2_0,
    /// 2.1: it knows `dial_timeout`.
    V2_1,
    /// 2.2 and later: they know the capability `referrers`.
    Newest,
}

impl Age {
    const OLDER: [Self; 4] = [Self::V1_5, Self::V1_6, Self::V2_0, Self::V2_1];

    /// containerd 1.x, which reads TOML with the first version of its library.
    pub fn is_first(self) -> bool {
        self < Self::V2_0
    }
}

/// What a `hosts.toml` says: the hosts to try, in order. The last is the registry itself, or `server`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostsToml {
    /// At least one.
    pub hosts: Vec<Host>,
    /// It has a `host` table, without which containerd 1.5 to 1.7 refuse it.
    pub has_host_table: bool,
}

/// Why containerd refuses a `hosts.toml`: what it logs.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Refused(pub String);

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// "https" or "http"
    pub scheme: String,
    /// Host with port
    pub host: String,
    /// Path, with `/v2` added unless `override_path` is set
    pub path: String,
}

/// Reads a `hosts.toml` that is not empty. Where it is refused, containerd logs why and falls back to the files of the
/// directory.
pub fn parse(bytes: &[u8]) -> HostsFile {
    let behind_mark = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let document = document(behind_mark);
    let read = |age: Age| match &document {
        _ if behind_mark.len() < bytes.len() && !age.is_first() => {
            Err(Refused("toml: invalid character at start of key: U+00EF".to_owned()))
        }
        Ok((text, table)) => decode(text, table, age).map_err(Refused),
        Err(why) if age.is_first() => Err(Refused(format!("failed to parse TOML: {why}"))),
        Err(why) => Err(Refused(format!("toml: {why}"))),
    };
    let newest = read(Age::Newest);
    let older = Age::OLDER.into_iter().map(|age| (age, read(age))).filter(|(_, reading)| *reading != newest);
    HostsFile { older: older.collect(), newest }
}

const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

fn document(bytes: &[u8]) -> Result<(&str, Table), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "invalid UTF-8".to_owned())?;
    let table = text.parse().map_err(|error| refusal_of_toml(text, &error))?;
    Ok((text, table))
}

/// The hosts of a document. Keys of a host's table count in any case of letters, the header `[host."…"]` only as written.
fn decode(text: &str, document: &Table, age: Age) -> Result<HostsToml, String> {
    let host_tables = match document.get("host") {
        None if age.is_first() => return Err(NO_HOST_TABLE.to_owned()),
        None => &Table::new(),
        Some(Value::Table(tables)) => tables,
        Some(_) if age.is_first() => return Err(NO_HOST_TABLE.to_owned()),
        Some(other) => return Err(mismatch(other, "map[string]config.hostFileConfig")),
    };
    for value in host_tables.values() {
        let table = value.as_table().ok_or_else(|| mismatch(value, "config.hostFileConfig"))?;
        check_types(table, age)?;
    }
    check_types(document, age)?;
    let server = match field(document, "server", age) {
        None => "",
        Some(Value::String(server)) => server,
        Some(other) => return Err(mismatch(other, "string")),
    };
    let empty = Table::new();
    let mut names = host_order(text);
    if age.is_first() {
        // Each once, and those without a header of their own (`host = { "…" = { … } }`, `host."…".ca = …`) as well.
        let mut known = BTreeSet::new();
        names.extend(host_tables.keys().cloned());
        names.retain(|name| known.insert(name.clone()));
    }
    let mut hosts = Vec::new();
    for name in &names {
        let table = host_tables.get(name).and_then(|value| value.as_table()).unwrap_or(&empty);
        hosts.push(host(name, table, age)?);
    }
    hosts.push(host(server, document, age)?);
    Ok(HostsToml { hosts, has_host_table: document.contains_key("host") })
}

const NO_HOST_TABLE: &str = "invalid `host` tree";

impl HostsFile {
    /// What the newest containerd makes of it.
    pub fn newest(&self) -> &Reading {
        &self.newest
    }

    /// What an age of containerd makes of it.
    pub fn of(&self, age: Age) -> &Reading {
        self.older.iter().find(|(older, _)| *older == age).map_or(&self.newest, |(_, reading)| reading)
    }

    /// What it says, unless the newest containerd refuses it.
    pub fn accepted(&self) -> Option<&HostsToml> {
        self.newest.as_ref().ok()
    }

    /// The names of the files that it names to any age, relative to its directory or absolute, each once.
    pub fn files(&self) -> BTreeSet<OsString> {
        let readings = std::iter::once(&self.newest).chain(self.older.iter().map(|(_, reading)| reading));
        let named = readings.flatten().flat_map(HostsToml::files);
        named.map(|path| relative(path).into_os_string()).collect()
    }
}

impl HostsToml {
    /// The names of the files that it names, as written.
    pub fn files(&self) -> impl Iterator<Item = &String> {
        self.hosts.iter().flat_map(|host| {
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
        let file = parse(text.as_bytes());
        let parsed = file.accepted().unwrap();
        let show = |host: &Host| {
            host.url.as_ref().map_or_else(|| "-".into(), |url| format!("{}://{}{}", url.scheme, url.host, url.path))
        };
        parsed.hosts.iter().map(show).collect()
    }

    fn error(text: &str) -> String {
        parse(text.as_bytes()).newest().clone().unwrap_err().0
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

    #[test]
    fn each_age_reads_in_its_own_way() {
        let of = |age: Age, text: &str| match parse(text.as_bytes()).of(age) {
            Ok(toml) => format!("{} hosts", toml.hosts.len()),
            Err(why) => why.to_string(),
        };
        let referrers = "[host.\"https://a.test\"]\ncapabilities = [\"pull\", \"referrers\"]\n";
        assert_eq!(of(Age::V2_1, referrers), "unknown capability referrers");
        assert_eq!(of(Age::Newest, referrers), "2 hosts");
        let timeout = "dial_timeout = \"soon\"\n[host.\"https://a.test\"]\n";
        assert_eq!(of(Age::V2_0, timeout), "2 hosts");
        assert_eq!(of(Age::V2_1, timeout), "time: invalid duration \"soon\"");
        let marked = "\u{feff}[host.\"https://a.test\"]\n";
        assert_eq!(of(Age::V1_6, marked), "2 hosts");
        assert_eq!(of(Age::V2_0, marked), "toml: invalid character at start of key: U+00EF");
        let again = "[host.\"https://a.test\"]\n[host.\"https://b.test\"]\n[host.\"https://a.test\".header]\n";
        assert_eq!((of(Age::V1_6, again), of(Age::Newest, again)), ("3 hosts".into(), "4 hosts".into()));
        assert_eq!(of(Age::V1_5, "client = [{ a = 1 }]"), "invalid `host` tree");
        let tables = "client = [{ a = 1 }]\n[host.\"https://a.test\"]\n";
        assert_eq!(of(Age::V1_6, tables), "invalid type [map[a:1]] for \"client\"");
        assert_eq!(of(Age::Newest, tables), "invalid type map[string]interface {} for \"client\"");
    }

    #[test]
    fn keys_count_in_any_letters_and_headers_as_written() {
        assert_eq!(urls("Server = \"a.test\"\n"), ["https://a.test/v2"]);
        assert_eq!(urls("[HOST.\"https://a.test\"]\n"), ["-"]);
        assert_eq!(error("Skip_Verify = \"yes\""), "toml: cannot decode TOML string into a Go value of type bool");
        let file = parse(b"CA = \"ca.crt\"\nServer = \"a.test\"\n[host.\"https://b.test\"]\n");
        let last = |age| file.of(age).as_ref().unwrap().hosts.last().unwrap();
        assert_eq!((last(Age::Newest).ca.len(), last(Age::V1_6).ca.len()), (1, 1));
        assert!(last(Age::Newest).url.is_some() && last(Age::V1_6).url.is_none());
    }

    #[test]
    fn common_mistakes_are_told_in_the_words_of_go_toml() {
        assert_eq!(error("ca = \"a\"\nca = \"b\""), "toml: key ca is already defined");
        assert_eq!(error("[host.\"a\"]\n[host.\"a\"]"), "toml: table a already exists");
        assert_eq!(error("skip_verify = TRUE"), "toml: unexpected character U+0054 'T' at start of value");
        assert_eq!(error("skip_verify = yes\n"), "toml: unexpected character U+0079 'y' at start of value");
        assert_eq!(urls("server = \"https://s.test/%41\""), ["https://s.test/A/v2"]);
        assert!(error("server = \"https://s.test/%zz\"").ends_with("invalid URL escape \"%zz\""));
        let escape = "unable to parse server https://%zz: parse \"https://%zz\": invalid URL escape \"%zz\"";
        assert_eq!(error("server = \"https://%zz\""), escape);
    }
}
