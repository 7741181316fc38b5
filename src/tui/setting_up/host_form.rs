//! The form in which a host is set up: its fields, and what is said of each while it is filled in.

use std::ffi::OsStr;
use std::path::PathBuf;

use crate::base::clock::Timestamp;
use crate::base::text::display_name;
use crate::create::certificate::MOST_DAYS;
use crate::create::{Holder, HostError, KeyAlgorithm, SubjectError, Terms, Trust, Wish, host, subject};
use crate::model::{HostDir, Root, RootKind};
use crate::session::setting_up::host::{Client, Signature};
use crate::session::setting_up::inspect::{Inspected, Inspection, typed_path};
use crate::session::setting_up::proposal::HostOrder;
use crate::tui::setting_up::field::{Content, Field, Name};
use crate::tui::setting_up::{Form, Kind, Surroundings};
use crate::tui::theme::Label;
use crate::tui::tree::{Identity, Tree};

/// The choices for a client.
const NONE: usize = 0;
const REQUEST: usize = 2;
/// What files of CAs and of clients are called.
const AUTHORITY: &str = "ca.crt";
const STEM: &str = "client";

/// An empty form, for one of these.
pub fn new(roots: Vec<Root>) -> Form {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let fields = vec![
        Field::line(Name::Host, "Host", ""),
        Field::choice(Name::Root, "For", roots.iter().map(root_words).collect()),
        Field::choice(Name::Spellings, "Spelling", words(&["as it is typed", "both, with :443 and without"])),
        Field::line(Name::Authority, "CA file", ""),
        Field::choice(Name::Pin, "Pin", words(&["no", "yes, trust it for itself alone"])),
        Field::choice(
            Name::Client,
            "Client",
            words(&["none", "new key, self-signed certificate", "new key and a request to be signed"]),
        ),
        Field::line(Name::Days, "Days", "365"),
        Field::choice(Name::Key, "Key", KeyAlgorithm::ALL.iter().map(|algorithm| algorithm.words()).collect()),
        Field::line(Name::Subject, "Subject", ""),
        Field::line(Name::Names, "Alt. names", ""),
    ];
    Form::new(Kind::Host(roots), fields)
}

/// An engine's name, and where its `certs.d` is.
fn root_words(root: &Root) -> String {
    let engine = match root.kind {
        RootKind::Docker => "Docker: ",
        RootKind::DockerRootless => "Docker, rootless: ",
        RootKind::DockerSnap => "Docker, snap: ",
        RootKind::PodmanUser => "Podman, this user: ",
        RootKind::PodmanSystem => "Podman: ",
        RootKind::Containerd => "containerd: ",
        RootKind::ContainerdRootless => "containerd, rootless: ",
        RootKind::Given | RootKind::Partial => "",
    };
    format!("{engine}{}", display_name(&root.path))
}

/// Judges what is filled in.
pub fn check(form: &mut Form, around: Surroundings<'_>) {
    form.fields.iter_mut().for_each(Field::hush);
    let client = form.choice(Name::Client);
    for (name, is_shown) in [
        (Name::Days, client != NONE && client != REQUEST),
        (Name::Key, client != NONE),
        (Name::Subject, client != NONE),
        (Name::Names, client != NONE),
    ] {
        form.set(name, |field| field.is_shown = is_shown);
    }
    check_host(form, around.tree);
    check_authority(form);
    if client != NONE {
        check_client(form, around.machine);
    }
    check_files(form, around.tree);
}

fn check_host(form: &mut Form, tree: &Tree) {
    let text = form.text(Name::Host);
    if text.is_empty() {
        let hint = "a registry host with its port, an image reference or a URL";
        form.set(Name::Host, |field| field.tell(Label::Dim, hint));
    }
    let root = root(form).cloned();
    if let Some(root) = root.as_ref().filter(|root| tree.find(&Identity::Root(root.path.clone())).is_none()) {
        let text = format!("{} is not there yet: it is made, too", display_name(&root.path));
        form.set(Name::Root, |field| field.tell(Label::Info, text));
    }
    let names = match (text.is_empty(), host::read(&text, Wish::default())) {
        (true, _) => return,
        (false, Err(error)) => return form.set(Name::Host, |field| field.tell(Label::Error, error.to_string())),
        (false, Ok(names)) => names,
    };
    form.set(Name::Host, |field| {
        names.names.iter().for_each(|name| field.tell(Label::Good, format!("engines look for it in {name}")));
        let is_said = |note: &String| names.names.iter().any(|name| *note == format!("the directory is called {name}"));
        names.notes.iter().filter(|note| !is_said(note)).for_each(|note| field.tell(Label::Info, note.clone()));
    });
    if let Some(Err(error)) = (form.choice(Name::Spellings) == 1).then(|| host::read(&text, BOTH)) {
        let label = if matches!(error, HostError::OneSpelling(_)) { Label::Error } else { Label::Dim };
        form.set(Name::Spellings, |field| field.tell(label, error.to_string()));
    }
    let there = directories(form, tree).iter().map(|host| display_name(&host.name)).collect::<Vec<_>>();
    if !there.is_empty() {
        let text = format!("{} is there already: what is made is put beside what is in it", there.join(", "));
        form.set(Name::Host, |field| field.tell(Label::Warning, text));
    }
}

const BOTH: Wish = Wish { both: true, anyway: false };

/// The `certs.d` that is chosen.
pub fn root(form: &Form) -> Option<&Root> {
    let Kind::Host(roots) = &form.kind else { return None };
    roots.get(form.choice(Name::Root))
}

/// The names of the host directories; none where what is typed is no host.
fn names(form: &Form) -> Vec<String> {
    let wish = Wish { both: form.choice(Name::Spellings) == 1, anyway: false };
    host::read(&form.text(Name::Host), wish).map(|names| names.names).unwrap_or_default()
}

/// The path of the first host directory.
pub fn goal(form: &Form) -> Option<PathBuf> {
    Some(root(form)?.path.join(names(form).first()?))
}

/// Those host directories that are there.
fn directories<'a>(form: &Form, tree: &'a Tree) -> Vec<&'a HostDir> {
    let Some(root) = root(form) else { return Vec::new() };
    let host = |name: String| {
        let row = tree.find(&Identity::Host(root.path.join(name), None))?;
        tree.read(row.host()?).map(|read| &*read.host)
    };
    names(form).into_iter().filter_map(host).collect()
}

fn check_authority(form: &mut Form) {
    let path = authority(form);
    let found = match (&form.found, &path) {
        (Some(Inspected::Authority(looked_at, found)), Some(path)) if looked_at == path => Some(found.clone()),
        _ => None,
    };
    let leaf = found.as_ref().and_then(|found| found.as_ref().ok()?.no_authority.clone());
    form.set(Name::Pin, |field| field.is_shown = leaf.is_some());
    let pins = form.choice(Name::Pin) == 1;
    form.asked = path.clone().filter(|_| found.is_none()).map(Inspection::Authority);
    form.set(Name::Authority, |field| match (path, found) {
        (None, _) => field.tell(Label::Dim, "PEM, DER or PKCS#7, for ca.crt; nothing where none is to be trusted"),
        (Some(_), None) => field.tell(Label::Dim, "looking at it"),
        (Some(_), Some(Err(error))) => field.tell(Label::Error, error),
        (Some(_), Some(Ok(found))) => {
            for (is_good, text) in found.certificates {
                field.tell(if is_good { Label::Good } else { Label::Warning }, text);
            }
            if let Some(why) = found.no_authority.filter(|_| !pins) {
                field.tell(Label::Error, why);
            }
        }
    });
    if pins {
        let text = "once the registry renews its certificate, it is no longer trusted";
        form.set(Name::Pin, |field| field.tell(Label::Warning, text));
    }
}

/// The file of CAs.
fn authority(form: &Form) -> Option<PathBuf> {
    let text = form.text(Name::Authority);
    (!text.is_empty()).then(|| typed_path(&text))
}

fn check_client(form: &mut Form, machine: &str) {
    let is_request = form.choice(Name::Client) == REQUEST;
    let files = if is_request {
        "client.csr to be signed; the key waits as client.key.waiting, which no engine reads"
    } else {
        "client.cert and client.key; registries have to trust that certificate itself"
    };
    form.set(Name::Client, |field| field.tell(Label::Info, files));
    if days(form).is_none() && !is_request {
        let text = format!("from 1 to {MOST_DAYS}");
        form.set(Name::Days, |field| field.tell(Label::Error, text));
    }
    if algorithm(form).name().starts_with("rsa") {
        form.set(Name::Key, |field| field.tell(Label::Info, "it takes seconds to make one; ECDSA takes none"));
    }
    let told = match (form.text(Name::Subject).is_empty(), subject_of(form, machine)) {
        (_, Err(error)) => (Label::Error, error.to_string()),
        (true, Ok(_)) => (Label::Dim, format!("CN={machine}, the name of this machine, where nothing is typed")),
        (false, Ok(_)) => return check_names(form),
    };
    form.set(Name::Subject, |field| field.told.push(told));
    check_names(form);
}

fn check_names(form: &mut Form) {
    let told = match alternative_names(form) {
        Err(error) => (Label::Error, error.to_string()),
        Ok(None) => (Label::Dim, "DNS:, IP:, email: or URI: and a name; several with commas; needs none".to_owned()),
        Ok(Some(_)) => return,
    };
    form.set(Name::Names, |field| field.told.push(told));
}

fn days(form: &Form) -> Option<u32> {
    form.text(Name::Days).parse().ok().filter(|days| (1..=MOST_DAYS).contains(days))
}

fn algorithm(form: &Form) -> KeyAlgorithm {
    KeyAlgorithm::ALL.get(form.choice(Name::Key)).copied().unwrap_or_default()
}

fn subject_of(form: &Form, machine: &str) -> Result<Vec<u8>, SubjectError> {
    let text = form.text(Name::Subject);
    if text.is_empty() { subject::common_name(machine) } else { subject::name(&text) }
}

fn alternative_names(form: &Form) -> Result<Option<Vec<u8>>, SubjectError> {
    let text = form.text(Name::Names);
    let names: Vec<String> =
        text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    subject::alternative_names(&names)
}

/// Nothing is overwritten, which is told before anything is worked out.
fn check_files(form: &mut Form, tree: &Tree) {
    let hosts = directories(form, tree);
    let taken = |name: &str| hosts.iter().any(|host| host.file(OsStr::new(name)).is_some());
    let suffixes: &[&str] = match form.choice(Name::Client) {
        NONE => &[],
        REQUEST => &[".csr", ".key.waiting"],
        _ => &[".cert", ".key"],
    };
    let of_client = suffixes.iter().map(|suffix| format!("{STEM}{suffix}")).find(|name| taken(name));
    let of_authority = authority(form).is_some() && taken(AUTHORITY);
    let way = "is there already: import, rename or set it aside first";
    if let Some(name) = of_client {
        form.set(Name::Client, |field| field.tell(Label::Error, format!("{name} {way}")));
    }
    if of_authority {
        form.set(Name::Authority, |field| field.tell(Label::Error, format!("{AUTHORITY} {way}")));
    }
}

/// What is wished; `None` where it cannot be.
pub fn order(form: &Form, machine: &str) -> Option<HostOrder> {
    let trust = if form.choice(Name::Pin) == 1 { Trust::Pinned } else { Trust::Authorities };
    let client = match form.choice(Name::Client) {
        NONE => None,
        choice => {
            let holder =
                Holder { subject: subject_of(form, machine).ok()?, alternative_names: alternative_names(form).ok()? };
            let signature = if choice == REQUEST {
                Signature::Request
            } else {
                // Whoever works it out knows what time it is.
                Signature::OwnKey(Terms { now: Timestamp(0), days: days(form)?, ca: false })
            };
            Some(Client { stem: STEM.to_owned(), algorithm: algorithm(form), holder, signature })
        }
    };
    Some(HostOrder {
        root: root(form)?.clone(),
        text: form.text(Name::Host),
        wish: Wish { both: form.choice(Name::Spellings) == 1, anyway: false },
        authorities: authority(form).map(|path| (path, trust)),
        client,
    })
}

/// Chooses a `certs.d`.
pub fn choose_root(form: &mut Form, wanted: &Root) {
    let Kind::Host(roots) = &form.kind else { return };
    let place = roots.iter().position(|root| root.path == wanted.path).unwrap_or_default();
    form.set(Name::Root, |field| {
        if let Content::Choice { chosen, .. } = &mut field.content {
            *chosen = place;
        }
    });
}
