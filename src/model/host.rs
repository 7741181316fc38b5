//! What the name of a directory under `certs.d` means: a registry host, and which image references lead to it.
//!
//! Source: distribution/reference `regexp.go` (domain), `normalize.go` (`splitDockerDomain`); containerd 2.x
//! `core/remotes/docker/config/hosts.go` (`hostPaths`).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::base::text::sanitise_bytes;

/// A directory name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName {
    text: String,
    form: NameForm,
}

/// The form of a directory name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameForm {
    /// `host` or `host:port`, which every engine looks for
    Host {
        /// The host, IPv6 addresses in brackets
        host: String,
        /// The port, digits as written
        port: Option<String>,
    },
    /// `host_port_`, which containerd looks for, and Docker from 28.0 for pulls
    Underscored {
        /// The host
        host: String,
        /// The port
        port: String,
    },
    /// `_default`, containerd's directory for all other hosts
    Default,
    /// No registry host
    Malformed(Malformed),
}

/// Why a name is no registry host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It begins with `https://` or `http://` (as far as a file name can)
    Scheme,
    /// Its port is empty or no number
    Port,
    /// It ends in a full stop
    TrailingDot,
    /// It holds a character that no host name has
    Character,
}

/// Whether an image reference can name a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// An image reference can.
    Image,
    /// Only `docker login HOST` can: without a dot, a port or an upper-case letter, the first part of a reference is taken
    /// for a repository on Docker Hub.
    LoginOnly,
    /// Nothing can.
    Never,
}

impl HostName {
    /// Takes a directory name apart.
    pub fn parse(name: &OsStr) -> Self {
        let text = sanitise_bytes(name.as_bytes());
        let form = match std::str::from_utf8(name.as_bytes()) {
            Ok(name) => form(name),
            Err(_) => NameForm::Malformed(Malformed::Character),
        };
        Self { text, form }
    }

    /// The name as it may be shown.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its form.
    pub fn form(&self) -> &NameForm {
        &self.form
    }

    /// The registry host that it serves, as an image reference spells it: `host` or `host:port`.
    pub fn registry(&self) -> Option<String> {
        match &self.form {
            NameForm::Host { host, port: None } => Some(host.clone()),
            NameForm::Host { host, port: Some(port) } | NameForm::Underscored { host, port } => {
                Some(format!("{host}:{port}"))
            }
            NameForm::Default | NameForm::Malformed(_) => None,
        }
    }

    /// The host without its port and without brackets, as a certificate names it.
    pub fn server_name(&self) -> Option<&str> {
        match &self.form {
            NameForm::Host { host, .. } | NameForm::Underscored { host, .. } => {
                Some(host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host))
            }
            NameForm::Default | NameForm::Malformed(_) => None,
        }
    }

    /// Whether an image reference can lead here.
    pub fn reach(&self) -> Reach {
        match &self.form {
            NameForm::Malformed(_) => Reach::Never,
            NameForm::Default | NameForm::Underscored { .. } => Reach::Image,
            NameForm::Host { host, port } => {
                if port.is_some() || is_registry_component(host) {
                    Reach::Image
                } else {
                    Reach::LoginOnly
                }
            }
        }
    }
}

/// Tells whether the first part of an image reference is taken for a registry (`splitDockerDomain`).
fn is_registry_component(component: &str) -> bool {
    component.contains(['.', ':']) || component == "localhost" || component.chars().any(|letter| letter.is_uppercase())
}

/// The registry host of an image reference, as every engine but `ctr` finds it: "registry.test:5000/app:1" gives
/// "registry.test:5000", "alpine" gives "docker.io".
pub fn registry_of_reference(reference: &str) -> String {
    let first = reference.split('/').next().unwrap_or_default();
    let has_path = reference.contains('/');
    let host = if has_path && is_registry_component(first) { first } else { "docker.io" };
    if host == "index.docker.io" { "docker.io".to_owned() } else { host.to_owned() }
}

/// Tells whether a host (with or without port) is the loopback name or a loopback address, spelt out.
pub fn is_loopback(registry: &str) -> bool {
    let host = split_port(registry).map_or(registry, |(host, _)| host);
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Splits `host:port` at the last colon outside brackets.
pub fn split_port(registry: &str) -> Option<(&str, &str)> {
    let (host, port) = registry.rsplit_once(':')?;
    (!port.contains(']') && (!host.contains(':') || host.ends_with(']'))).then_some((host, port))
}

fn form(name: &str) -> NameForm {
    if name == "_default" {
        return NameForm::Default;
    }
    if let Some(inner) = name.strip_suffix('_')
        && let Some((host, port)) = inner.rsplit_once('_')
        && is_port(port)
        && is_host(host)
    {
        return NameForm::Underscored { host: host.to_owned(), port: port.to_owned() };
    }
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("https:") || lower.starts_with("http:") {
        return NameForm::Malformed(Malformed::Scheme);
    }
    let (host, port) = match split_port(name) {
        Some((_, port)) if !is_port(port) => return NameForm::Malformed(Malformed::Port),
        Some((host, port)) => (host, Some(port)),
        None => (name, None),
    };
    if host.ends_with('.') {
        return NameForm::Malformed(Malformed::TrailingDot);
    }
    if !is_host(host) {
        return NameForm::Malformed(Malformed::Character);
    }
    NameForm::Host { host: host.to_owned(), port: port.map(str::to_owned) }
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_host(text: &str) -> bool {
    if let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    text.split('.').all(|label| {
        let ends_are_alphanumeric = label.starts_with(|first: char| first.is_ascii_alphanumeric())
            && label.ends_with(|last: char| last.is_ascii_alphanumeric());
        ends_are_alphanumeric && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str) -> HostName {
        HostName::parse(OsStr::new(name))
    }

    #[test]
    fn names_are_hosts_with_or_without_port() {
        assert_eq!(parse("registry.test:5000").registry().as_deref(), Some("registry.test:5000"));
        assert_eq!(parse("registry.test_5000_").registry().as_deref(), Some("registry.test:5000"));
        assert_eq!(parse("[2001:db8::1]:5000").server_name(), Some("2001:db8::1"));
        assert_eq!(parse("_default").form(), &NameForm::Default);
    }

    #[test]
    fn what_is_no_host_says_why() {
        let why = |name: &str| match parse(name).form() {
            NameForm::Malformed(why) => Some(*why),
            _ => None,
        };
        assert_eq!(why("https:registry.test"), Some(Malformed::Scheme));
        assert_eq!(why("registry.test:"), Some(Malformed::Port));
        assert_eq!(why("registry.test."), Some(Malformed::TrailingDot));
        assert_eq!(why("regi_stry.test"), Some(Malformed::Character));
        assert_eq!(why("-registry.test"), Some(Malformed::Character));
        assert_eq!(why("registry.test"), None);
    }

    #[test]
    fn a_bare_word_is_reached_by_login_alone() {
        assert_eq!(parse("myregistry").reach(), Reach::LoginOnly);
        assert_eq!(parse("myregistry:5000").reach(), Reach::Image);
        assert_eq!(parse("localhost").reach(), Reach::Image);
        assert_eq!(parse("MyRegistry").reach(), Reach::Image);
    }

    #[test]
    fn references_name_their_registry() {
        assert_eq!(registry_of_reference("registry.test:5000/a/b:1"), "registry.test:5000");
        assert_eq!(registry_of_reference("localhost/a"), "localhost");
        assert_eq!(registry_of_reference("library/alpine"), "docker.io");
        assert_eq!(registry_of_reference("alpine"), "docker.io");
        assert_eq!(registry_of_reference("index.docker.io/library/alpine"), "docker.io");
        assert!(is_loopback("localhost:5000") && is_loopback("127.0.0.5") && is_loopback("[::1]:5000"));
        assert!(!is_loopback("localhost.example"));
    }
}
