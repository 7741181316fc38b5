//! The URL of a server as containerd takes it apart.
//!
//! Source: Go 1.26 `src/net/url/url.go` (`Parse`, `parseHost`); containerd 2.2 `core/remotes/docker/config/hosts.go`
//! (`parseHostConfig`).

use super::Url;

/// `url.Parse` of a server, "https://" being put before what does not begin with "http".
pub(super) fn parse_server(server: &str, override_path: bool) -> Result<Url, String> {
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
    let Some(path) = unescaped(path) else {
        let starts = path.match_indices('%').filter_map(|(at, _)| path.get(at..));
        let mut escapes = starts.map(|rest| rest.chars().take(3).collect::<String>());
        let wrong = escapes.find(|escape| unescaped(escape).is_none()).unwrap_or_default();
        return fail(format!("invalid URL escape \"{wrong}\""));
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(why) = wrong_in_host(host) {
        return fail(why);
    }
    let behind_bracket = host.rfind(']').map_or(host, |at| host.get(at + 1..).unwrap_or_default());
    if let Some((_, port)) = behind_bracket.split_once(':')
        && !port.bytes().all(|byte| byte.is_ascii_digit())
    {
        return fail(format!("invalid port \":{port}\" after host"));
    }
    Ok(Url { scheme, host: host.to_owned(), path: endpoint_path(&path, override_path) })
}

/// A path with its escapes resolved; `None` where one is none.
fn unescaped(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        bytes.push(match first {
            b'%' => {
                let (digits, behind) = rest.split_at_checked(2)?;
                rest = behind;
                let digits = std::str::from_utf8(digits).ok().filter(|text| !text.starts_with('+'))?;
                u8::from_str_radix(digits, 16).ok()?
            }
            other => *other,
        });
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// What `url.Parse` says of the first character that no host name has; `%` begins an escape, of which only those of bytes
/// beyond ASCII are allowed.
fn wrong_in_host(host: &str) -> Option<String> {
    host.char_indices().find_map(|(at, character)| match character {
        '%' => {
            let rest = host.get(at..).unwrap_or_default();
            let escape: String = rest.chars().take(3).collect();
            let byte = escape.get(1..).filter(|digits| digits.len() == 2);
            let byte = byte.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            let is_allowed = escape == "%25" || byte.is_some_and(|byte| !byte.is_ascii());
            (!is_allowed).then(|| format!("invalid URL escape \"{escape}\""))
        }
        bad if " <>\"\\^`{|}".contains(bad) => Some(format!("invalid character \"{bad}\" in host name")),
        _ => None,
    })
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
