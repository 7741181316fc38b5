//! From what people type to the names of host directories: a host, an image reference or a URL. Engines look for the name
//! that images spell, letter by letter, so what nobody's reference leads to is refused with the reason.

use std::ffi::OsStr;

use thiserror::Error;

use crate::model::host::{Malformed, is_loopback, registry_of_reference, split_port};
use crate::model::{HostName, NameForm, Reach};

/// What is wished beside the name itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The name with the default port as well as the one without it
    pub both: bool,
    /// A name all the same to which no image reference leads
    pub anyway: bool,
}

/// The names of host directories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// They, each once.
    pub names: Vec<String>,
    /// What to know of them: a sentence each.
    pub notes: Vec<String>,
}

/// Why something names no host directory. Texts may hold foreign text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HostError {
    /// It is no host.
    #[error("{0:?} is no registry host: {1}")]
    NoHost(String, &'static str),
    /// Its scheme has no certificates.
    #[error("{0:?} is spoken without TLS, where there are no certificates")]
    Plain(String),
    /// It is an image of Docker Hub.
    #[error(
        "{0:?} is an image on Docker Hub, since its first part has neither a dot nor a port: the host is docker.io"
    )]
    Hub(String),
    /// No image reference leads there.
    #[error("no image reference leads to {0:?}: without a dot or a port it is taken for a repository on Docker Hub")]
    Unreachable(String),
    /// No image reference leads there, since it is spelled otherwise.
    #[error("no image reference leads to {0:?}: images of Docker Hub are looked for in docker.io")]
    OtherHub(String),
    /// It has one spelling alone.
    #[error("{0} has one spelling alone: only port 443 may be left out")]
    OneSpelling(String),
}

/// Reads what somebody typed.
///
/// # Errors
/// Where it is no registry host, or no image reference leads to one of that name.
pub fn read(text: &str, wish: Wish) -> Result<Names, HostError> {
    let (typed, is_url) = without_scheme(text.trim())?;
    let host = typed.split(['/', '?', '#']).next().unwrap_or_default();
    let host = if is_url { host.rsplit('@').next().unwrap_or_default() } else { host };
    let is_reference = !is_url && typed.split_once('/').is_some_and(|(_, rest)| !rest.is_empty());
    if is_reference && registry_of_reference(typed) == "docker.io" && host != "docker.io" {
        return Err(if host == "index.docker.io" {
            HostError::OtherHub(host.to_owned())
        } else {
            HostError::Hub(text.trim().to_owned())
        });
    }
    let mut notes = Vec::new();
    let lower = host.to_ascii_lowercase();
    let host = if wish.anyway || lower == host { host.to_owned() } else { lower };
    if host != typed.trim_end_matches('/') {
        notes.push(format!("the directory is called {host}"));
    }
    let name = HostName::parse(OsStr::new(&host));
    check(&name, &host, wish, &mut notes)?;
    let names = spellings(name.form(), host, wish, &mut notes)?;
    Ok(Names { names, notes })
}

/// What is typed behind a scheme, and whether there was one.
fn without_scheme(text: &str) -> Result<(&str, bool), HostError> {
    let Some((scheme, rest)) = text.split_once("://") else { return Ok((text, false)) };
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok((rest, true)),
        // How skopeo and Helm write references.
        "docker" | "oci" => Ok((rest, false)),
        "http" => Err(HostError::Plain(text.to_owned())),
        _ => Err(HostError::NoHost(text.to_owned(), "registries are spoken to by https")),
    }
}

/// Looks whether an image reference leads there.
fn check(name: &HostName, host: &str, wish: Wish, notes: &mut Vec<String>) -> Result<(), HostError> {
    let no_host = |why| Err(HostError::NoHost(host.to_owned(), why));
    match name.form() {
        NameForm::Malformed(Malformed::Scheme) => return no_host("it begins with a scheme"),
        NameForm::Malformed(Malformed::Port) => return no_host("its port is no number"),
        NameForm::Malformed(Malformed::TrailingDot) => return no_host("it ends in a full stop"),
        NameForm::Malformed(Malformed::Character) if host.parse::<std::net::Ipv6Addr>().is_ok() => {
            return no_host("an IPv6 address stands in brackets");
        }
        NameForm::Malformed(Malformed::Character) if host.is_empty() => return no_host("it is empty"),
        NameForm::Malformed(Malformed::Character) => return no_host("it holds a character that no host name has"),
        NameForm::Default => {
            notes.push("_default is read by containerd alone, for hosts that have no directory".to_owned())
        }
        NameForm::Underscored { host, port } => notes.push(format!(
            "{host}_{port}_ is read by containerd, and by Docker's pull from 28 on; every engine reads {host}:{port}"
        )),
        NameForm::Host { host: server, port } => {
            let port = port.as_deref().unwrap_or("1").parse::<u32>().unwrap_or(u32::MAX);
            if !(1..=65_535).contains(&port) {
                return no_host("its port is none");
            }
            if server.len() > 253 {
                return no_host("it is longer than host names may be");
            }
            let is_hub =
                matches!(server.as_str(), "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com");
            if is_hub && !wish.anyway {
                return Err(HostError::OtherHub(host.to_owned()));
            }
            if server == "docker.io" {
                notes.push(format!("docker login does not read {host}: it has no directory for Docker Hub"));
            }
            if is_loopback(host) {
                notes.push(format!("docker login does not read {host}, and Docker verifies no loopback host"));
            }
        }
    }
    match name.reach() {
        Reach::LoginOnly if wish.anyway => {
            notes.push(format!("docker login {host} reads {host}; no pull does"));
            Ok(())
        }
        Reach::LoginOnly => Err(HostError::Unreachable(host.to_owned())),
        Reach::Image | Reach::Never => Ok(()),
    }
}

/// The name, or both names, with the rule of the port.
fn spellings(form: &NameForm, host: String, wish: Wish, notes: &mut Vec<String>) -> Result<Vec<String>, HostError> {
    let NameForm::Host { port, .. } = form else {
        return if wish.both { Err(HostError::OneSpelling(host)) } else { Ok(vec![host]) };
    };
    let (without, with) = match port.as_deref() {
        None => (host.clone(), format!("{host}:443")),
        Some("443") => (split_port(&host).map_or(host.as_str(), |(server, _)| server).to_owned(), host.clone()),
        Some(_) if wish.both => return Err(HostError::OneSpelling(host)),
        Some(_) => return Ok(vec![host]),
    };
    if wish.both {
        return Ok(vec![without, with]);
    }
    let other = if host == with { without } else { with };
    notes.push(format!("it is for images like {host}/app; for {other}/app engines look for {other} instead"));
    Ok(vec![host])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        read(text, Wish::default()).unwrap().names
    }

    fn refused(text: &str) -> String {
        read(text, Wish::default()).unwrap_err().to_string()
    }

    #[test]
    fn hosts_references_and_urls_are_understood() {
        for text in [
            "registry.test:5000",
            "registry.test:5000/",
            "registry.test:5000/team/app:1.2",
            "registry.test:5000/app@sha256:00",
            "https://registry.test:5000",
            "HTTPS://Registry.test:5000/v2/_catalog?n=1",
            "https://user:secret@registry.test:5000/",
            "docker://registry.test:5000/app",
            "Registry.Test:5000",
            "  registry.test:5000 ",
        ] {
            assert_eq!(names(text), ["registry.test:5000"], "{text}");
        }
        assert_eq!(names("localhost/app"), ["localhost"]);
        assert_eq!(names("[2001:db8::1]:5000/app"), ["[2001:db8::1]:5000"]);
        assert_eq!(names("docker.io/library/alpine"), ["docker.io"]);
        assert_eq!(names("registry.test_5000_"), ["registry.test_5000_"]);
    }

    proptest::proptest! {
        #[test]
        fn images_lead_to_every_name_that_is_given(text in "(https://|docker://)?[a-zA-Z0-9.:_\\[\\]/@-]{0,24}", both: bool) {
            let read = read(&text, Wish { both, anyway: false });
            for name in read.iter().flat_map(|read| &read.names) {
                let form = HostName::parse(OsStr::new(name)).form().clone();
                match form {
                    NameForm::Host { .. } => assert_eq!(&registry_of_reference(&format!("{name}/app")), name),
                    NameForm::Underscored { .. } | NameForm::Default => {}
                    NameForm::Malformed(_) => panic!("{name}"),
                }
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = read(&text, Wish::default());
            let _ = read(&text, Wish { both: true, anyway: true });
        }
    }

    #[test]
    fn the_rule_of_the_port_is_told() {
        let told = |text: &str, both| read(text, Wish { both, ..Wish::default() }).map(|read| (read.names, read.notes));
        let (names, notes) = told("registry.test", false).unwrap();
        assert_eq!(names, ["registry.test"]);
        assert_eq!(
            notes,
            [
                "it is for images like registry.test/app; for registry.test:443/app engines look for registry.test:443 instead"
            ]
        );
        let (names, notes) = told("registry.test:443", false).unwrap();
        assert_eq!(names, ["registry.test:443"]);
        assert!(notes[0].contains("for registry.test/app engines look"), "{notes:?}");
        for text in ["registry.test", "registry.test:443", "https://registry.test"] {
            assert_eq!(told(text, true).unwrap().0, ["registry.test", "registry.test:443"], "{text}");
        }
        assert_eq!(told("[::1]:443", true).unwrap().0, ["[::1]", "[::1]:443"]);
        assert_eq!(told("registry.test:5000", false).unwrap().1, Vec::<String>::new());
        assert_eq!(told("registry.test:5000", true), Err(HostError::OneSpelling("registry.test:5000".to_owned())));
    }

    #[test]
    fn what_no_image_reference_leads_to_is_refused() {
        assert_eq!(
            refused("myregistry"),
            "no image reference leads to \"myregistry\": without a dot or a port it is taken for a repository on Docker Hub"
        );
        assert_eq!(
            refused("library/alpine:3"),
            "\"library/alpine:3\" is an image on Docker Hub, since its first part has neither a dot nor a port: the host is docker.io"
        );
        assert!(refused("index.docker.io/library/alpine").contains("looked for in docker.io"));
        assert!(refused("registry-1.docker.io").contains("looked for in docker.io"));
        let anyway = read("MyRegistry", Wish { anyway: true, ..Wish::default() }).unwrap();
        assert_eq!(anyway.names, ["MyRegistry"]);
        let anyway = read("myregistry", Wish { anyway: true, ..Wish::default() }).unwrap();
        assert_eq!(anyway.notes[0], "docker login myregistry reads myregistry; no pull does");
    }

    #[test]
    fn what_docker_does_not_read_is_told() {
        let told = |text: &str| read(text, Wish::default()).unwrap().notes;
        assert_eq!(told("docker.io")[0], "docker login does not read docker.io: it has no directory for Docker Hub");
        for host in ["localhost:5000", "127.0.0.1:5000", "[::1]:5000"] {
            let note = format!("docker login does not read {host}, and Docker verifies no loopback host");
            assert_eq!(told(host), [note]);
        }
        assert_eq!(told("localhost.test:5000"), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_host_says_why() {
        assert!(refused("http://registry.test").contains("spoken without TLS"));
        assert!(refused("ftp://registry.test").contains("spoken to by https"));
        for (text, why) in [
            ("", "it is empty"),
            ("https://", "it is empty"),
            ("/", "it is empty"),
            ("registry.test.", "full stop"),
            ("registry.test:", "port"),
            ("registry.test:0", "port"),
            ("registry.test:70000", "port"),
            ("registry.test:http", "port"),
            ("2001:db8::1", "brackets"),
            ("regi_stry.test", "character"),
            ("..", "full stop"),
            ("a b.test", "character"),
            (&format!("{}.test", "a".repeat(249)), "longer"),
            ("evil\u{1b}[31m.test", "character"),
        ] {
            let refused = refused(text);
            assert!(refused.contains(why), "{text:?}: {refused}");
            assert!(!refused.contains('\u{1b}'), "{refused}");
        }
    }
}
