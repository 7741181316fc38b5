//! Who changes something, and where: for the history.

use std::env;
use std::io::Read;

/// Who does something, and on which machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The user; behind `sudo` with the one who called it: "root (alice)". Foreign text.
    pub user: String,
    /// The name of the machine. Foreign text.
    pub machine: String,
}

impl Author {
    /// The user of this process, on this machine.
    pub fn here() -> Self {
        let uid = rustix::process::getuid().as_raw();
        let name = user_name(uid).unwrap_or_else(|| uid.to_string());
        let behind = env::var("SUDO_USER").ok().filter(|behind| uid == 0 && !behind.is_empty());
        let user = behind.map_or_else(|| name.clone(), |behind| format!("{name} ({behind})"));
        let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self { user, machine }
    }
}

/// The name of a user in `/etc/passwd` (passwd(5)).
fn user_name(uid: u32) -> Option<String> {
    let mut text = String::new();
    std::fs::File::open("/etc/passwd").ok()?.take(1 << 20).read_to_string(&mut text).ok()?;
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(uid)).then(|| name.to_owned())
    })
}
