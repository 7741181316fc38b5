//! How Go prints, types and refuses values of a `hosts.toml`.
//!
//! Source: Go 1.26 `src/fmt` (`%v`, `%T`), `src/time/format.go` (`ParseDuration`); go-toml 2 `unmarshaler.go`, `unstable/parser.go`.

use toml::Value;

/// What `time.ParseDuration` says of a text that is none: a sign, then numbers each with a unit; or "0".
pub(super) fn wrong_in_duration(text: &str) -> Option<String> {
    const UNITS: [&str; 8] = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"];
    let is_number = |character: char| character.is_ascii_digit() || character == '.';
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return None;
    }
    let invalid = || Some(format!("time: invalid duration \"{text}\""));
    if rest.is_empty() {
        return invalid();
    }
    while !rest.is_empty() {
        let digits = rest.find(|character| !is_number(character)).unwrap_or(rest.len());
        // A number ends before its second point, which then begins the next one.
        let digits = rest.get(..digits).unwrap_or_default().match_indices('.').nth(1).map_or(digits, |(at, _)| at);
        let (number, tail) = rest.split_at(digits);
        if !number.bytes().any(|byte| byte.is_ascii_digit()) {
            return invalid();
        }
        let (unit, behind) = tail.split_at(tail.find(is_number).unwrap_or(tail.len()));
        if unit.is_empty() {
            return Some(format!("time: missing unit in duration \"{text}\""));
        }
        if !UNITS.contains(&unit) {
            return Some(format!("time: unknown unit \"{unit}\" in duration \"{text}\""));
        }
        rest = behind;
    }
    None
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
            assert_eq!(wrong_in_duration(good), None, "{good}");
        }
        let wrong = |text: &str| wrong_in_duration(text).unwrap().replacen("time: ", "", 1);
        for bad in ["", "soon", "s", ".s"] {
            assert_eq!(wrong(bad), format!("invalid duration \"{bad}\""));
        }
        assert_eq!(wrong("3"), "missing unit in duration \"3\"");
        assert_eq!(wrong("1.2.3s"), "missing unit in duration \"1.2.3s\"");
        assert_eq!(wrong("3 s"), "unknown unit \" s\" in duration \"3 s\"");
    }
}
