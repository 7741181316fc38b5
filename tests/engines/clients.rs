//! The programs that are asked: how each is started, and what its words come to without their wrappers.

use std::time::Duration;

use certwright::engine::{Engine, Judge};

use crate::directories::Directory;
use crate::laboratory::{Ended, Laboratory, Server};

/// A program, and the version of the engine in it.
pub struct Client {
    /// Its name in reports.
    pub name: &'static str,
    /// Whose judgement it must bear out.
    pub judge: Judge,
    program: Program,
}

#[derive(Clone, Copy)]
enum Program {
    DockerPull,
    DockerLogin,
    Skopeo,
    Ctr,
}

/// What a program does about a host directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It stops before it talks to anybody, with these words.
    Refuses(String),
    /// It waits for ever.
    Waits,
    /// It connects, and the connection fails with these words.
    Fails(String),
    /// It asks the registry, authenticated by the client certificate of this SHA-1, or by none: "-"; "?" where the registry
    /// keeps no record.
    Asks(String),
}

/// An answer and what was logged meanwhile.
pub struct Reply {
    /// What it does.
    pub answer: Answer,
    /// Refusals of `hosts.toml` in its log.
    pub log: Vec<String>,
}

impl Client {
    /// Those that are installed in a version whose engine is known.
    pub fn installed(laboratory: &Laboratory) -> Vec<Self> {
        let version = |command: &[&str], before: &str| {
            let line = laboratory.first_line(command);
            let rest = line.split(before).nth(1).unwrap_or_else(|| panic!("no version in {line:?}"));
            rest.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '.').collect::<String>()
        };
        let judge = |text: String| Judge::parse(&text).unwrap()[0];
        let docker = judge(format!("docker-classic@{}", version(&["dockerd", "--version"], "version ")));
        let containerd = judge(format!("containerd@{}", version(&["ctr", "--version"], "containerd/containerd ")));
        let mut clients = vec![
            Self { name: "docker pull", judge: docker, program: Program::DockerPull },
            Self { name: "docker login", judge: docker, program: Program::DockerLogin },
            Self { name: "ctr", judge: containerd, program: Program::Ctr },
        ];
        // Skopeo's own version says nothing of containers/image; these are those of its go.mod.
        let skopeo = version(&["skopeo", "--version"], "version ");
        let image = [("1.9.", "5.22"), ("1.18.", "5.34")].into_iter().find(|(own, _)| skopeo.starts_with(own));
        if let Some((_, image)) = image {
            let judge = judge(format!("skopeo@{image}"));
            clients.push(Self { name: "skopeo", judge, program: Program::Skopeo });
        }
        clients
    }

    /// Asks it for an image of a registry.
    pub fn ask(&self, laboratory: &Laboratory, directory: &Directory, limit: Duration) -> Reply {
        let registry = directory.registry();
        let reference = format!("{registry}/none/none:none");
        let docker = format!("unix://{}", laboratory.path("run/docker.sock"));
        let config = laboratory.path(&format!("home/{registry}"));
        let containerd = laboratory.path("run/containerd.sock");
        let url = format!("docker://{reference}");
        let start = laboratory.record_end();
        let command = match self.program {
            Program::DockerPull => vec!["docker", "--host", &docker, "pull", &reference],
            Program::DockerLogin => {
                let account = ["--username", "me", "--password", "none"];
                [&["docker", "--host", &docker, "--config", &config, "login"], &account[..], &[&registry]].concat()
            }
            Program::Skopeo => vec!["skopeo", "inspect", &url],
            Program::Ctr => {
                vec!["ctr", "--address", &containerd, "images", "pull", "--hosts-dir", crate::ROOT, &reference]
            }
        };
        let ended = laboratory.run(limit, &command);
        let record = || match directory.server {
            Server::Mutual => Some("?".to_owned()),
            Server::Asking | Server::Naming => laboratory.request(start, &directory.host(), self.agent()),
        };
        Reply { answer: self.understand(&ended, record), log: refusals_of_hosts_toml(&ended.said) }
    }

    /// How it calls itself in requests.
    fn agent(&self) -> &'static str {
        match self.judge.engine {
            Engine::ContainersImage => "skopeo/",
            Engine::Containerd => "containerd/",
            _ => "docker/",
        }
    }

    fn understand(&self, ended: &Ended, record: impl Fn() -> Option<String>) -> Answer {
        if ended.waited {
            return Answer::Waits;
        }
        let text = self.without_wrapper(&ended.said);
        /// What is said after the registry has answered: that it has no such image, or wants another certificate.
        const ANSWERED: &[&str] = &[
            "manifest unknown",
            ": not found",
            "HTTP 400",
            "status code from registry 400",
            "status code [",
            "status: 400",
        ];
        /// What ctr logs where one of several servers has answered, whatever becomes of the last.
        const ONE_ANSWERED: &str = "trying next host - response was";
        let has_answered =
            ended.success || ended.said.contains(ONE_ANSWERED) || ANSWERED.iter().any(|words| text.contains(words));
        if has_answered && let Some(certificate) = record() {
            return Answer::Asks(certificate);
        }
        // Both `Get "URL": why` and `Head "URL": why`; a URL holds no such sequence.
        match text.split_once("\"https://").and_then(|(_, rest)| rest.split_once("\": ")) {
            Some((_, why)) => Answer::Fails(why.to_owned()),
            None => Answer::Refuses(text),
        }
    }

    /// The engine's own words.
    fn without_wrapper(&self, said: &str) -> String {
        let said = said.trim_end_matches('\n');
        let behind = |words: &str| said.split_once(words).map_or(said, |(_, rest)| rest).to_owned();
        match self.program {
            Program::DockerPull | Program::DockerLogin => behind("Error response from daemon: "),
            Program::Ctr => behind("ctr: failed to resolve reference ")
                .split_once(": ")
                .map_or_else(|| said.to_owned(), |(_, rest)| rest.to_owned()),
            Program::Skopeo => {
                let message = field(&behind("level=fatal "), "msg").unwrap_or_default();
                let inner =
                    message.strip_prefix("Error parsing image name \"").and_then(|rest| rest.split_once("\": "));
                inner.map(|(_, rest)| rest.to_owned()).unwrap_or(message)
            }
        }
    }
}

/// "failed to decode hosts.toml" with its cause, as `ctr` writes it to its log.
fn refusals_of_hosts_toml(said: &str) -> Vec<String> {
    let lines = said.lines().filter(|line| line.contains("msg=\"failed to decode"));
    let text = |line: &str| Some(format!("{}: {}", field(line, "msg")?, field(line, "error")?));
    lines.filter_map(text).collect()
}

/// A field of a line that logrus has written, without its quoting.
fn field(line: &str, name: &str) -> Option<String> {
    let (_, value) = line.split_once(&format!("{name}="))?;
    let Some(quoted) = value.strip_prefix('"') else {
        return value.split(' ').next().map(str::to_owned);
    };
    let mut text = Vec::new();
    let mut letters = quoted.bytes();
    while let Some(letter) = letters.next() {
        match letter {
            b'"' => break,
            b'\\' => match letters.next()? {
                b'n' => text.push(b'\n'),
                b't' => text.push(b'\t'),
                b'r' => text.push(b'\r'),
                b'x' => {
                    let digits = [letters.next()?, letters.next()?];
                    text.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
                }
                other => text.push(other),
            },
            letter => text.push(letter),
        }
    }
    Some(String::from_utf8_lossy(&text).into_owned())
}
