//! One table of a `hosts.toml`, taken apart: a host's own, or the one that stands for the registry itself.
//!
//! Source: containerd 2.2 `core/remotes/docker/config/hosts.go` (`hostFileConfig`, `parseHostConfig`).

use toml::{Table, Value};

use super::golang::{mismatch, type_name, value_text, wrong_in_duration};
use super::server::parse_server;
use super::{Age, Host};

/// What a table says of a server; the empty name means the registry itself.
pub(super) fn host(server: &str, table: &Table, age: Age) -> Result<Host, String> {
    let field = |name| field(table, name, age);
    let override_path = age > Age::V1_5 && matches!(field("override_path"), Some(Value::Boolean(true)));
    let url = if server.is_empty() { None } else { Some(parse_server(server, override_path)?) };
    let capabilities = strings(field("capabilities"));
    for capability in &capabilities {
        let is_known = match capability.to_lowercase().as_str() {
            "pull" | "resolve" | "push" => true,
            "referrers" => age == Age::Newest,
            _ => false,
        };
        if !is_known {
            return Err(format!("unknown capability {capability}"));
        }
    }
    let ca = match field("ca") {
        None => Vec::new(),
        Some(Value::String(file)) => vec![file.clone()],
        Some(Value::Array(files)) if !is_array_of_tables(files, age) => string_list(files)?,
        Some(other) => return Err(format!("invalid type {} for \"ca\"", value_text(other))),
    };
    let clients = clients(field("client"), age)?;
    check_headers(field("header"), age)?;
    if age >= Age::V2_1
        && let Some(Value::String(timeout)) = field("dial_timeout")
        && !timeout.is_empty()
        && let Some(why) = wrong_in_duration(timeout)
    {
        return Err(why);
    }
    let skip_verify = field("skip_verify").and_then(Value::as_bool);
    Ok(Host { url, ca, has_ca: field("ca").is_some(), clients, skip_verify, capabilities })
}

/// The value that Go decodes into a field: the key as written, else in other letters. go-toml 1 knows only capitals beside.
pub(super) fn field<'a>(table: &'a Table, name: &str, age: Age) -> Option<&'a Value> {
    let is_meant = |key: &str| key == if age.is_first() { name.to_uppercase() } else { name.to_owned() };
    let in_letters = |key: &str| if age.is_first() { is_meant(key) } else { is_meant(&key.to_lowercase()) };
    table.get(name).or_else(|| table.iter().find(|(key, _)| in_letters(key)).map(|(_, value)| value))
}

/// go-toml 1 gives a list of inline tables a type of its own.
fn is_array_of_tables(values: &[Value], age: Age) -> bool {
    age.is_first() && !values.is_empty() && values.iter().all(Value::is_table)
}

fn clients(value: Option<&Value>, age: Age) -> Result<Vec<(String, Option<String>)>, String> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::String(file)) => Ok(vec![(file.clone(), None)]),
        Some(Value::Array(entries)) if !is_array_of_tables(entries, age) => entries
            .iter()
            .map(|entry| match entry {
                Value::String(file) => Ok((file.clone(), None)),
                Value::Array(pair) => match string_list(pair)?.as_slice() {
                    [certificate, key] => Ok((certificate.clone(), Some(key.clone()))),
                    _ => Err(format!("invalid pair {} for \"client\"", value_text(entry))),
                },
                other => Err(format!("invalid type {} for \"client\"", type_name(other))),
            })
            .collect(),
        Some(other) => Err(format!("invalid type {} for \"client\"", value_text(other))),
    }
}

fn check_headers(value: Option<&Value>, age: Age) -> Result<(), String> {
    let Some(Value::Table(headers)) = value else { return Ok(()) };
    for (name, value) in headers {
        match value {
            Value::String(_) => {}
            Value::Array(values) if !is_array_of_tables(values, age) => {
                string_list(values)?;
            }
            other => return Err(format!("invalid type {} for header \"{name}\"", value_text(other))),
        }
    }
    Ok(())
}

/// Go decodes these keys into typed fields, so that another type fails the whole file.
pub(super) fn check_types(table: &Table, age: Age) -> Result<(), String> {
    let wanted = |name: &'static str| match (name, field(table, name, age)?) {
        ("capabilities", Value::Array(items)) => items.iter().find(|item| !item.is_str()).map(|item| (item, "string")),
        ("capabilities", other) => Some((other, "[]string")),
        ("skip_verify" | "override_path", value) if !value.is_bool() => Some((value, "bool")),
        ("dial_timeout", value) if !value.is_str() => Some((value, "string")),
        ("header", value) if !value.is_table() => Some((value, "map[string]interface {}")),
        _ => None,
    };
    let mut known = vec!["capabilities", "header", "skip_verify"];
    known.extend((age >= Age::V1_6).then_some("override_path"));
    known.extend((age >= Age::V2_1).then_some("dial_timeout"));
    match known.into_iter().find_map(wanted) {
        Some((value, wanted)) => Err(mismatch(value, wanted)),
        None => Ok(()),
    }
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn string_list(values: &[Value]) -> Result<Vec<String>, String> {
    let cast = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        other => Err(format!("unable to cast {} to string", value_text(other))),
    };
    values.iter().map(cast).collect()
}
