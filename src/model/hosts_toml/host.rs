//! One table of a `hosts.toml`, taken apart: a host's own, or the one that stands for the registry itself.
//!
//! Source: containerd 2.2 `core/remotes/docker/config/hosts.go` (`hostFileConfig`, `parseHostConfig`).

use toml::{Table, Value};

use super::Host;
use super::golang::{is_duration, mismatch, type_name, value_text};
use super::server::parse_server;

pub(super) fn host(server: &str, table: &Table) -> Result<Host, String> {
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
        Some(other) => return Err(format!("invalid type {} for \"ca\"", value_text(other))),
    };
    let clients = clients(table.get("client"))?;
    check_headers(table.get("header"))?;
    if let Some(Value::String(timeout)) = table.get("dial_timeout")
        && !timeout.is_empty()
        && !is_duration(timeout)
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
                    _ => Err(format!("invalid pair {} for \"client\"", value_text(entry))),
                },
                other => Err(format!("invalid type {} for \"client\"", type_name(other))),
            })
            .collect(),
        Some(other) => Err(format!("invalid type {} for \"client\"", value_text(other))),
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
            other => return Err(format!("invalid type {} for header \"{name}\"", value_text(other))),
        }
    }
    Ok(())
}

/// Go decodes these keys into typed fields, so that another type fails the whole file.
pub(super) fn check_types(table: &Table) -> Result<(), String> {
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
