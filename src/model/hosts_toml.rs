//! `hosts.toml`, read with containerd's own laxness: what it names, in the order in which containerd would try it.
//!
//! Source: containerd 2.2 `core/remotes/docker/config/hosts.go` (`parseHostsFile`, `parseHostConfig`, `getSortedHosts`).
//! The validation errors are containerd's own texts; those of TOML itself are go-toml's where they are common, else ours.

use std::collections::BTreeMap;
use std::path::PathBuf;

use thiserror::Error;
use toml::{Table, Value};
use toml_parser::parser::{Event, EventKind, parse_document};
use toml_parser::{ParseError, Source};

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
    let document: Table = text.parse().map_err(|error| no_toml(toml_error(text, &error)))?;
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

fn host(server: &str, table: &Table) -> Result<Host, String> {
    let override_path = matches!(table.get("override_path"), Some(Value::Boolean(true)));
    let url = if server.is_empty() { None } else { Some(parse_server(server, override_path)?) };
    let capabilities = strings(table.get("capabilities"));
    for capability in &capabilities {
        if !matches!(capability.to_lowercase().as_str(), "pull" | "resolve" | "push" | "referrers") {
            return Err(format!("unknown capability {capability}"));
        }
    }
    let ca = match table.get("ca") {
        None => Vec::new(),
        Some(Value::String(file)) => vec![file.clone()],
        Some(Value::Array(files)) => string_list(files)?,
        Some(other) => return Err(format!("invalid type {} for \"ca\"", go_value(other))),
    };
    let clients = clients(table.get("client"))?;
    check_headers(table.get("header"))?;
    if let Some(Value::String(timeout)) = table.get("dial_timeout")
        && !timeout.is_empty()
        && !is_go_duration(timeout)
    {
        return Err(format!("time: invalid duration \"{timeout}\""));
    }
    let skip_verify = table.get("skip_verify").and_then(Value::as_bool);
    Ok(Host { url, ca, has_ca: table.contains_key("ca"), clients, skip_verify, capabilities })
}

fn clients(value: Option<&Value>) -> Result<Vec<(String, Option<String>)>, String> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::String(file)) => Ok(vec![(file.clone(), None)]),
        Some(Value::Array(entries)) => entries
            .iter()
            .map(|entry| match entry {
                Value::String(file) => Ok((file.clone(), None)),
                Value::Array(pair) => match string_list(pair)?.as_slice() {
                    [certificate, key] => Ok((certificate.clone(), Some(key.clone()))),
                    _ => Err(format!("invalid pair {} for \"client\"", go_value(entry))),
                },
                other => Err(format!("invalid type {} for \"client\"", go_type(other))),
            })
            .collect(),
        Some(other) => Err(format!("invalid type {} for \"client\"", go_value(other))),
    }
}

fn check_headers(value: Option<&Value>) -> Result<(), String> {
    let Some(Value::Table(headers)) = value else { return Ok(()) };
    for (name, value) in headers {
        match value {
            Value::String(_) => {}
            Value::Array(values) => {
                string_list(values)?;
            }
            other => return Err(format!("invalid type {} for header \"{name}\"", go_value(other))),
        }
    }
    Ok(())
}

/// Go decodes these keys into typed fields, so that another type fails the whole file.
fn check_types(table: &Table) -> Result<(), String> {
    for (key, value) in table {
        let wanted = match (key.as_str(), value) {
            ("capabilities", Value::Array(items)) => match items.iter().find(|item| !item.is_str()) {
                Some(item) => return Err(mismatch(item, "string")),
                None => continue,
            },
            ("capabilities", _) => "[]string",
            ("skip_verify" | "override_path", value) if !value.is_bool() => "bool",
            ("dial_timeout", value) if !value.is_str() => "string",
            ("header", value) if !value.is_table() => "map[string]interface {}",
            _ => continue,
        };
        return Err(mismatch(value, wanted));
    }
    Ok(())
}

/// `url.Parse` of a server, "https://" being put before what does not begin with "http".
fn parse_server(server: &str, override_path: bool) -> Result<Url, String> {
    let server = if server.starts_with("http") { server.to_owned() } else { format!("https://{server}") };
    let fail = |why: String| Err(format!("unable to parse server {server}: parse \"{server}\": {why}"));
    if server.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return fail("net/url: invalid control character in URL".into());
    }
    let without_fragment = server.split('#').next().unwrap_or_default();
    let without_query = without_fragment.split('?').next().unwrap_or_default();
    let (scheme, rest) = match without_query.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
        Some((before, _)) if !before.contains('/') => {
            return fail("first path segment in URL cannot contain colon".into());
        }
        _ => (String::new(), without_query),
    };
    let Some(authority_and_path) = rest.strip_prefix("//") else {
        // No host: containerd takes the registry itself, or an endpoint that cannot work.
        return Ok(Url { scheme, host: String::new(), path: String::new() });
    };
    let split = authority_and_path.find('/').unwrap_or(authority_and_path.len());
    let (authority, path) = authority_and_path.split_at(split);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(bad) = host.chars().find(|character| " <>\"\\^`{|}%".contains(*character)) {
        return fail(format!("invalid character \"{bad}\" in host name"));
    }
    let behind_bracket = host.rfind(']').map_or(host, |at| host.get(at + 1..).unwrap_or_default());
    if let Some((_, port)) = behind_bracket.split_once(':')
        && !port.bytes().all(|byte| byte.is_ascii_digit())
    {
        return fail(format!("invalid port \":{port}\" after host"));
    }
    Ok(Url { scheme, host: host.to_owned(), path: endpoint_path(path, override_path) })
}

fn endpoint_path(path: &str, override_path: bool) -> String {
    if path.is_empty() {
        return if override_path { String::new() } else { "/v2".to_owned() };
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let clean = format!("/{}", parts.join("/"));
    if clean.ends_with("/v2") || override_path { clean } else { format!("{clean}/v2") }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character))
}

/// `time.ParseDuration`: a sign, then numbers each with a unit; or "0".
fn is_go_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut any = false;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let is_number = number.bytes().any(|byte| byte.is_ascii_digit()) && number.matches('.').count() <= 1;
        let unit = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"].into_iter().find(|unit| {
            tail.strip_prefix(unit).is_some_and(|after| {
                after.is_empty() || after.starts_with(|next: char| next.is_ascii_digit() || next == '.')
            })
        });
        let (true, Some(unit)) = (is_number, unit) else { return false };
        rest = tail.get(unit.len()..).unwrap_or_default();
        any = true;
    }
    any
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn string_list(values: &[Value]) -> Result<Vec<String>, String> {
    let cast = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        other => Err(format!("unable to cast {} to string", go_value(other))),
    };
    values.iter().map(cast).collect()
}

fn mismatch(value: &Value, wanted: &str) -> String {
    let kind = match value {
        Value::String(_) => "string",
        Value::Integer(_) => "integer",
        Value::Float(_) => "float",
        Value::Boolean(_) => "boolean",
        Value::Datetime(_) => "datetime",
        Value::Array(_) => "array",
        Value::Table(_) => "table",
    };
    format!("toml: cannot decode TOML {kind} into a Go value of type {wanted}")
}

/// What Go's `%v` prints for a decoded value.
fn go_value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(go_value).collect::<Vec<_>>().join(" ")),
        Value::Table(table) => {
            let mut entries: Vec<_> = table.iter().map(|(key, value)| format!("{key}:{}", go_value(value))).collect();
            entries.sort();
            format!("map[{}]", entries.join(" "))
        }
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Datetime(moment) => moment.to_string(),
    }
}

/// What Go's `%T` prints for a decoded value.
fn go_type(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "string",
        Value::Integer(_) => "int64",
        Value::Float(_) => "float64",
        Value::Boolean(_) => "bool",
        Value::Datetime(_) => "time.Time",
        Value::Array(_) => "[]interface {}",
        Value::Table(_) => "map[string]interface {}",
    }
}

/// go-toml's words where a value begins with what no value begins with; else those of our own parser.
fn toml_error(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map(|span| span.start);
    let before = at.and_then(|at| text.get(..at)).map(str::trim_end);
    let next = at.and_then(|at| text.get(at..)).and_then(|rest| rest.chars().next());
    match (before, next) {
        (Some(before), Some(next)) if before.ends_with('=') && next != '\n' => {
            format!("toml: unexpected character U+{:04X} '{next}' at start of value", next as u32)
        }
        _ => format!("toml: {}", error.message()),
    }
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

    #[test]
    fn durations_are_go_s() {
        for good in ["0", "3s", "1.5h", "1h30m", "-2ms", "100us"] {
            assert!(is_go_duration(good), "{good}");
        }
        for bad in ["", "soon", "3", "s", "1.2.3s", "3 s"] {
            assert!(!is_go_duration(bad), "{bad}");
        }
    }
}
