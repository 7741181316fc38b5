//! The commands of a shell that show what is selected, and do by hand what this program would.

use std::path::Path;

use crate::base::text::shell_word;
use crate::finding::{Change, Finding};
use crate::model::{File, Role};
use crate::pki::{Format, Item, Rewrite};
use crate::tui::copy::{is_under_root, push_line, selected_file};
use crate::tui::entry::certificates_of;
use crate::tui::state::State;
use crate::tui::tree::Row;
use crate::tui::view::findings_of_selection;

/// The openssl command that shows the file that is selected.
///
/// # Errors
/// Where openssl has none for it.
pub fn openssl(state: &State) -> Result<String, &'static str> {
    let (Some(file), Some(path)) = (selected_file(state), state.path()) else {
        return Err("choose a file for openssl to look at");
    };
    let path = shell_word(path);
    let parsed = file.parsed().ok_or("nothing in this file that openssl could show")?;
    let is_der = parsed.format == Format::Der;
    let form = if is_der { " -inform DER" } else { "" };
    let item =
        parsed.blocks.iter().map(|block| &block.item).find(|item| !matches!(item, Item::Broken | Item::Parameters));
    Ok(match item.ok_or("nothing in this file that openssl could show")? {
        Item::Certificate(_) if !is_der && certificates_of(file).nth(1).is_some() => {
            format!("openssl storeutl -noout -text -certs {path}")
        }
        Item::Certificate(_) => format!("openssl x509{form} -in {path} -noout -text"),
        Item::PrivateKey(_) => format!("openssl pkey{form} -in {path} -noout -text_pub"),
        Item::PublicKey { .. } => format!("openssl pkey -pubin{form} -in {path} -noout -text"),
        Item::Request(_) => format!("openssl req{form} -in {path} -noout -text -verify"),
        Item::RevocationList => format!("openssl crl{form} -in {path} -noout -text"),
        Item::Pkcs7(_) => format!("openssl pkcs7{form} -in {path} -noout -text -print_certs"),
        Item::Pkcs12 => format!("openssl pkcs12 -in {path} -info -nodes -nokeys"),
        Item::Parameters | Item::Broken => return Err("nothing in this file that openssl could show"),
    })
}

/// The commands that do what the first fix of what is wrong does; where nothing is wrong, those that put the same files
/// into a directory of the same name.
///
/// # Errors
/// Where neither can be said.
pub fn commands(state: &State) -> Result<String, &'static str> {
    let findings = findings_of_selection(state);
    let fixed = findings.iter().find_map(|finding| Some((*finding, finding.fixes.first()?)));
    if let Some((finding, fix)) = fixed {
        let mut text = String::new();
        push_line(&mut text, format_args!("# {}: {}", finding.code.number, one_line(&fix.title)));
        if let Some(how) = &fix.by_hand {
            push_line(&mut text, format_args!("{}", one_line(how)));
        }
        for change in &fix.changes {
            push_line(&mut text, format_args!("{}", command(state, change, finding)));
        }
        return Ok(text);
    }
    installation(state)
}

/// What puts the file that is selected, or all files that engines read in the directory, where they are.
fn installation(state: &State) -> Result<String, &'static str> {
    let host = state.cursor.host().ok_or("choose a host directory or a file")?;
    let read = state.tree.read(host).ok_or("this directory is still being read")?;
    if !is_under_root(state) {
        return Err("this directory does not stand under certs.d");
    }
    let wanted = |file: &&File| match state.cursor {
        Row::Host(_) => file.role() != Role::Unused,
        _ => selected_file(state).is_some_and(|selected| selected.name == file.name),
    };
    let directory = shell_word(&read.host.path);
    let mut text = format!("mkdir -p {directory}\n");
    for file in read.host.files.iter().filter(wanted) {
        let (name, target) = (shell_word(&file.name), shell_word(read.host.path.join(&file.name)));
        let key = if file.role() == Role::ClientKey { format!(" && chmod 600 {target}") } else { String::new() };
        push_line(&mut text, format_args!("cp {name} {target}{key}"));
    }
    Ok(text)
}

/// The command of a change; where no common one does the same, this program's own.
fn command(state: &State, change: &Change, finding: &Finding) -> String {
    let word = |path: &Path| shell_word(path);
    match change {
        Change::CreateDirectory { path, mode } => format!("mkdir -m {mode:04o} {}", word(path)),
        Change::Rename { from, to } | Change::SetAside { from, to } => format!("mv -n {} {}", word(from), word(to)),
        Change::SetMode { path, mode } => format!("chmod {mode:04o} {}", word(path)),
        Change::SetOwner { path, uid, gid } => format!("chown {uid}:{gid} {}", word(path)),
        Change::Write { path, source, rewrite: Rewrite::Copy, mode } => {
            let mode = mode.map(|mode| format!(" -m {mode:04o}")).unwrap_or_default();
            format!("install{mode} {} {}", word(source), word(path))
        }
        Change::Write { path, source, rewrite, .. } => {
            conversion(state, path, source, rewrite).unwrap_or_else(|| own_command(finding))
        }
        Change::Create { .. } => own_command(finding),
    }
}

/// What this program does about a finding.
fn own_command(finding: &Finding) -> String {
    let directory = shell_word(&*finding.place.directory);
    format!("certwright fix --select {} --apply {directory}", finding.code.number)
}

/// What openssl does about a file in DER or with a passphrase.
fn conversion(state: &State, path: &Path, source: &Path, rewrite: &Rewrite) -> Option<String> {
    let read = state.tree.read(state.cursor.host()?)?;
    let file = read.host.files.iter().find(|file| read.host.path.join(&file.name) == source)?;
    let parsed = file.parsed()?;
    let item = &parsed.blocks.first()?.item;
    let tool = match (rewrite, parsed.format, item) {
        (Rewrite::Normal, Format::Der, Item::Certificate(_)) => "x509 -inform DER",
        (Rewrite::Normal, Format::Der, Item::PrivateKey(key)) if !key.encrypted => "pkey -inform DER",
        (Rewrite::Normal | Rewrite::Certificates, Format::Der, Item::Pkcs7(_)) => "pkcs7 -inform DER -print_certs",
        (Rewrite::Decrypted, Format::Pem, Item::PrivateKey(_)) => "pkey",
        _ => return None,
    };
    let (from, to) = (shell_word(source), shell_word(path));
    if source != path {
        return Some(format!("openssl {tool} -in {from} -out {to}"));
    }
    let beside = shell_word(path.with_added_extension("new"));
    Some(format!("(umask 077 && openssl {tool} -in {from} -out {beside}) && cat {beside} > {to} && rm {beside}"))
}

/// Text that may hold foreign characters as a part of one line.
fn one_line(text: &str) -> String {
    crate::base::text::sanitise(text).into_owned()
}
