//! What can be copied of what is selected: each thing with its letter, and as the text that it comes to. Pure; giving
//! it to a clipboard is left to the program.

mod by_hand;
pub mod update;

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::base::stamp::Stamp;
use crate::model::{File, Placement};
use crate::pki::Certificate;
use crate::report::findings::print_finding;
use crate::report::text::{Appearance, Paper};
use crate::tui::entry::certificates_of;
use crate::tui::line_edit::LineEdit;
use crate::tui::state::State;
use crate::tui::tree::Row;
use crate::tui::view::findings_of_selection;

/// Something that can be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// The path
    Path,
    /// The name of the file or directory
    Name,
    /// The subject of the certificate
    Subject,
    /// The SHA-256 fingerprint of the certificate
    Fingerprint,
    /// The SHA-256 of its public key, as curl and HPKP pin it
    Pin,
    /// The certificates as PEM
    Pem,
    /// What is wrong with it, as text
    Findings,
    /// The openssl command that shows it
    Openssl,
    /// The commands that do by hand what would mend it, or else put it there
    ByHand,
    /// The private key as PEM
    PrivateKey,
}

impl Item {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 10] = [
        Self::Path,
        Self::Name,
        Self::Subject,
        Self::Fingerprint,
        Self::Pin,
        Self::Pem,
        Self::Findings,
        Self::Openssl,
        Self::ByHand,
        Self::PrivateKey,
    ];

    /// What it is, in words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Name => "name",
            Self::Subject => "subject",
            Self::Fingerprint => "SHA-256 fingerprint",
            Self::Pin => "pin of the public key",
            Self::Pem => "PEM",
            Self::Findings => "what is wrong",
            Self::Openssl => "openssl command",
            Self::ByHand => "commands by hand",
            Self::PrivateKey => "private key",
        }
    }

    /// How a file is called that it is kept in.
    fn file_name(self) -> &'static str {
        match self {
            Self::Pem => "certificate.pem",
            Self::PrivateKey => "private-key.pem",
            Self::Openssl | Self::ByHand => "commands.sh",
            _ => "certwright.txt",
        }
    }
}

/// The menu while it is open.
#[derive(Debug, Default)]
pub struct Menu {
    /// What is chosen goes to a file instead of the clipboard.
    pub to_file: bool,
    /// The private key was asked for once.
    pub armed: bool,
    /// The path of that file while it is typed.
    pub typed: Option<(LineEdit, Item)>,
}

/// The text of something, or why there is none. That of a private key is not known here.
///
/// # Errors
/// Where nothing of the kind is selected.
pub fn text(state: &State, item: Item) -> Result<String, &'static str> {
    match item {
        Item::Path => state.path().map(|path| path.to_string_lossy().into_owned()).ok_or("nothing is selected"),
        Item::Name => {
            let path = state.path().ok_or("nothing is selected")?;
            Ok(path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned())
        }
        Item::Subject => Ok(first(state, "no certificate here to copy the subject of")?.subject().to_string()),
        Item::Fingerprint => Ok(fingerprint(first(state, "no certificate here to copy the fingerprint of")?)),
        Item::Pin => {
            let pin = |digest: &[u8]| format!("sha256//{}", STANDARD.encode(digest));
            match (first(state, "no certificate and no key here to pin"), key(state)) {
                (Ok(certificate), _) => Ok(pin(certificate.spki_sha256())),
                (Err(_), Some(digest)) => Ok(pin(&digest)),
                (Err(reason), None) => Err(reason),
            }
        }
        Item::Pem => {
            let all: String = certificates(state).into_iter().map(pem).collect();
            if all.is_empty() { Err("no certificate here to copy") } else { Ok(all) }
        }
        Item::Findings => findings(state),
        Item::Openssl => by_hand::openssl(state),
        Item::ByHand => by_hand::commands(state),
        Item::PrivateKey => match private_key(state) {
            Some(_) => Ok("asked for twice".to_owned()),
            None => Err("no private key in this file"),
        },
    }
}

/// The SHA-256 fingerprint as openssl prints it.
pub fn fingerprint(certificate: &Certificate) -> String {
    certificate.sha256().map(|byte| format!("{byte:02X}")).join(":")
}

/// The file with a private key that is selected, as it was seen.
fn private_key(state: &State) -> Option<(std::path::PathBuf, Stamp)> {
    let file = selected_file(state)?;
    file.parsed()?.private_keys().next()?;
    Some((state.path()?, file.stamp?))
}

fn selected_file(state: &State) -> Option<&File> {
    state.tree.file(state.cursor.host()?, state.cursor.file()?)
}

/// The SHA-256 of the public half of the key in the file that is selected.
fn key(state: &State) -> Option<[u8; 32]> {
    selected_file(state)?.parsed()?.private_keys().find_map(|key| key.spki_sha256())
}

/// The certificates of what is selected: one, or those of a file; none of a whole directory.
fn certificates(state: &State) -> Vec<&Certificate> {
    let Some(file) = selected_file(state) else { return Vec::new() };
    let wanted = match state.cursor {
        Row::Certificate { certificate, .. } => Some(certificate),
        _ => None,
    };
    let numbered = certificates_of(file).enumerate();
    numbered.filter(|(number, _)| wanted.is_none_or(|wanted| wanted == *number)).map(|(_, one)| &**one).collect()
}

fn first<'a>(state: &'a State, reason: &'static str) -> Result<&'a Certificate, &'static str> {
    certificates(state).first().copied().ok_or(reason)
}

fn pem(certificate: &Certificate) -> String {
    let body = STANDARD.encode(certificate.der());
    let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
    for line in body.as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text + "-----END CERTIFICATE-----\n"
}

/// The findings about what is selected, as `certwright check` prints them.
fn findings(state: &State) -> Result<String, &'static str> {
    let mut text = Vec::new();
    let host = state.cursor.host().and_then(|host| state.tree.read(host)).map(|read| &*read.host);
    for finding in findings_of_selection(state) {
        let mut paper = Paper::new(&mut text, Appearance::default());
        let place = crate::report::text::Line::plain(finding.place.path().to_string_lossy());
        // Writing into memory never fails.
        let _ = paper.row(&place).and_then(|()| print_finding(finding, host, &mut paper));
    }
    if text.is_empty() { Err("nothing is wrong here") } else { Ok(String::from_utf8_lossy(&text).into_owned()) }
}

/// Where the directory of what is selected lies for an engine that is to read it.
fn is_under_root(state: &State) -> bool {
    let read = state.cursor.host().and_then(|host| state.tree.read(host));
    read.is_some_and(|read| read.host.placement == Placement::UnderRoot)
}

/// Adds a line.
fn push_line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing into memory never fails.
    let _ = writeln!(text, "{line}");
}
