//! How Go prints, types and refuses values of a `hosts.toml`.
//!
//! Source: Go 1.26 `src/fmt` (`%v`, `%T`), `src/time/format.go` (`ParseDuration`); go-toml 2 `unmarshaler.go`, `unstable/parser.go`.

use toml::Value;

/// `time.ParseDuration`: a sign, then numbers each with a unit; or "0".
pub(super) fn is_duration(text: &str) -> bool {
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

pub(super) fn mismatch(value: &Value, wanted: &str) -> String {
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
pub(super) fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(value_text).collect::<Vec<_>>().join(" ")),
        Value::Table(table) => {
            let mut entries: Vec<_> = table.iter().map(|(key, value)| format!("{key}:{}", value_text(value))).collect();
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
pub(super) fn type_name(value: &Value) -> &'static str {
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

/// go-toml's words for the mistakes that are common; else those of our own parser.
pub(super) fn refusal_of_toml(text: &str, error: &toml::de::Error) -> String {
    let own = || error.message().to_owned();
    let Some((before, behind)) = error.span().and_then(|span| text.split_at_checked(span.start)) else { return own() };
    if error.message() == "duplicate key" {
        let length = error.span().map(|span| span.len()).unwrap_or_default();
        let key = behind.get(..length).unwrap_or_default().trim_matches(['"', '\'']);
        let line = before.rsplit('\n').next().unwrap_or_default();
        return match line.trim_start().starts_with('[') {
            true => format!("table {key} already exists"),
            false => format!("key {key} is already defined"),
        };
    }
    if !before.trim_end_matches([' ', '\t']).ends_with('=') {
        return own();
    }
    match behind.trim_start_matches([' ', '\t']).chars().next() {
        Some('t') => "expected keyword \"true\"".to_owned(),
        Some('f') => "expected keyword \"false\"".to_owned(),
        Some('i') => "expected keyword \"inf\"".to_owned(),
        Some('n') => "expected keyword \"nan\"".to_owned(),
        Some(next) if next.is_ascii_digit() || "+-\"'[{\r\n".contains(next) => own(),
        Some(next) => format!("unexpected character U+{:04X} '{next}' at start of value", next as u32),
        None => own(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_go_s() {
        for good in ["0", "3s", "1.5h", "1h30m", "-2ms", "100us"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["", "soon", "3", "s", "1.2.3s", "3 s"] {
            assert!(!is_duration(bad), "{bad}");
        }
    }
}
