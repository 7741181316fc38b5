//! CW510

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::text::display_name;
use crate::finding::{Applicability, Change, Fix, Place};
use crate::model::{File, HostDir, Inventory, Role};
use crate::pki::{Certificate, Digest, PrivateKey, Purpose};
use crate::rules::certificate::anchors::chain;
use crate::rules::key::pairing::{certificates_of, is_orphan};
use crate::rules::layout::unread_certificate::target_stem;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, TreeContext, remedy};

rule! {
    /// The other half of a client certificate or key is in another host directory.
    ///
    /// A certificate here lacks its key, or a key its certificate, and the two were found together by their public key
    /// somewhere else in the tree: in the directory of another spelling of the same registry, or where it was put by mistake.
    ///
    /// ## Engines
    /// Docker's login and pull both look in one directory alone. What they say of the half that is here is with CW501, CW502
    /// or CW503.
    ///
    /// ## Example
    /// `registry.example.com/client.cert` without its key, which is in `registry.example.com:5000/client.key`.
    ///
    /// ## Fix
    /// Put both halves into the directory of the registry that they are for. A key that no certificate needs where it is is set
    /// aside there.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containerd 2.x
    /// `core/remotes/docker/config/hosts.go`, `loadCertFiles`; moby#14317.
    pub KeyElsewhere = "CW510" "key-elsewhere", Info
}

/// A half whose other half is not in its directory.
struct Half<'a> {
    host: &'a HostDir,
    file: &'a File,
    /// What it looks for
    other: Other,
    /// The SHA-256 of the public key of both
    digest: Digest,
    /// The beginning of the message
    subject: String,
}

/// The half that is not there.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Other {
    Key,
    Certificate,
}

/// A file in which a half was found.
#[derive(Clone, Copy)]
struct Found<'a> {
    host: &'a HostDir,
    file: &'a File,
}

/// Where the other half belongs, and what has to be done there first.
struct Target {
    path: PathBuf,
    first: Vec<Change>,
    /// That in words: "set client.key aside, and "
    words: String,
    promise: Applicability,
}

impl Rule for KeyElsewhere {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        let mut halves = Vec::new();
        for host in &context.inventory.hosts {
            let (settings, verifier) = (context.settings, context.verifier);
            halves.extend(halves_of(&HostContext { host, loads: &[], settings, verifier }));
        }
        if halves.is_empty() {
            return;
        }
        let found = whereabouts(&halves, context.inventory);
        for (half, found) in halves.iter().zip(&found) {
            let Some(found) = found else { continue };
            report
                .at(half.place(), format!("{} is in {}", half.subject, found.path().display()))
                .advice(format!("put {} of that file where it is needed", half.other.words()))
                .fixes(fixes(half, *found, &halves));
        }
    }
}

impl Half<'_> {
    fn path(&self) -> PathBuf {
        self.host.path_of(&self.file.name)
    }

    fn place(&self) -> Place {
        let (directory, file) = (Arc::from(self.host.path.as_path()), Some(self.file.name.clone()));
        Place { directory, file, certificate: None }
    }

    /// Where the other half belongs. A certificate that engines do not read as a client's gets such a name with that.
    fn target(&self) -> Option<Target> {
        let (host, file) = (self.host, self.file);
        let suffix = if self.other == Other::Key { ".key" } else { ".cert" };
        if self.other == Other::Key && file.role() != Role::ClientCertificate {
            let stem = host.free_stem(&target_stem(file.name.to_str()?, "client"), &[".cert", ".key"]);
            let first = remedy::rename(host, file, &format!("{stem}.cert"));
            let words = format!("rename {} to {stem}.cert{}, and ", file.name.to_string_lossy(), remedy::as_pem(file));
            let path = host.path.join(format!("{stem}{suffix}"));
            return Some(Target { path, first, words, promise: Applicability::Safe });
        }
        let mut name = file.stem().to_os_string();
        name.push(suffix);
        let path = host.path.join(&name);
        if host.file(&name).is_none() {
            return Some(Target { path, first: Vec::new(), words: String::new(), promise: Applicability::Safe });
        }
        // One cannot tell which of the two halves is the wrong one.
        let words = format!("set {} aside, and ", name.to_string_lossy());
        let first = vec![remedy::set_aside(host, &name)];
        Some(Target { path, first, words, promise: Applicability::Unsafe })
    }
}

impl Target {
    fn name(&self) -> String {
        display_name(self.path.file_name().unwrap_or_default())
    }
}

impl Other {
    fn words(self) -> &'static str {
        match self {
            Self::Key => "the key",
            Self::Certificate => "the certificate",
        }
    }
}

impl Found<'_> {
    fn path(&self) -> PathBuf {
        self.host.path_of(&self.file.name)
    }
}

/// The client certificates of a directory whose key is not in it, and the keys whose certificate is not.
fn halves_of<'a>(context: &HostContext<'a>) -> Vec<Half<'a>> {
    let mut halves = Vec::new();
    for (_, file) in context.files() {
        if let Some(leaf) = client_leaf(context, file).filter(|leaf| context.key_of(leaf).is_none()) {
            let subject = format!("the key of client certificate {}", leaf.display_name());
            let digest = *leaf.spki_sha256();
            halves.push(Half { host: context.host, file, other: Other::Key, digest, subject });
        }
        let key = file.parsed().and_then(|parsed| parsed.private_keys().next());
        if let Some(key) = key.filter(|_| file.role() == Role::ClientKey)
            && let Some(digest) = key.spki_sha256()
            && certificates_of(context, key).next().is_none()
        {
            let subject = format!("the certificate of key {}", file.name.to_string_lossy());
            halves.push(Half { host: context.host, file, other: Other::Certificate, digest, subject });
        }
    }
    halves
}

/// The client certificate that a file is there for: by its name, or, under a name by which engines do not send it, by what it
/// was made for.
fn client_leaf<'a>(context: &HostContext<'a>, file: &'a File) -> Option<&'a Certificate> {
    let leaf = match file.role() {
        Role::ClientCertificate => chain(context, file).first().map(|leaf| leaf.certificate)?,
        Role::CaBundle | Role::Unused if !file.is_leftover() && !context.host.is_set_aside() => context
            .certificates(file)
            .map(|(_, first)| first)
            .next()
            .filter(|leaf| leaf.purpose() == Purpose::Client)?,
        _ => return None,
    };
    (leaf.purpose() != Purpose::Ca).then_some(leaf)
}

/// The files in which the other halves are: no link, where there is a choice, since nothing is copied through links.
fn whereabouts<'a>(halves: &[Half<'a>], inventory: &'a Inventory) -> Vec<Option<Found<'a>>> {
    let mut wanted: HashMap<(Other, Digest), Vec<usize>> = HashMap::new();
    for (index, half) in halves.iter().enumerate() {
        wanted.entry((half.other, half.digest)).or_default().push(index);
    }
    let mut found: Vec<Option<Found<'_>>> = vec![None; halves.len()];
    for (host, file) in inventory.files() {
        let Some(parsed) = file.parsed() else { continue };
        let keys = parsed.private_keys().filter_map(PrivateKey::spki_sha256).map(|digest| (Other::Key, digest));
        let certificates = parsed.certificates().map(|certificate| (Other::Certificate, *certificate.spki_sha256()));
        for index in keys.chain(certificates).filter_map(|sought| wanted.get(&sought)).flatten() {
            if let Some(slot) = found.get_mut(*index)
                && slot.is_none_or(|known| known.file.link.is_some() && file.link.is_none())
            {
                *slot = Some(Found { host, file });
            }
        }
    }
    found
}

/// What brings the halves together. Where a key and its certificate both lack the other, either can go to the other.
fn fixes(half: &Half<'_>, found: Found<'_>, halves: &[Half<'_>]) -> Vec<Fix> {
    let at_found = |other: Other| move |half: &&Half<'_>| half.other == other && half.path() == found.path();
    if half.other == Other::Key {
        let is_lonely =
            halves.iter().any(|other| at_found(Other::Certificate)(&other)) && is_orphan(found.host, found.file);
        return bring_key(half, found, is_lonely, |target| target.name()).into_iter().collect();
    }
    let partner = halves.iter().find(at_found(Other::Key)).filter(|_| is_orphan(half.host, half.file));
    let here = Found { host: half.host, file: half.file };
    let sent = partner.and_then(|partner| bring_key(partner, here, true, |target| display_name(&target.path)));
    sent.into_iter().chain(copy_certificate(half, found)).collect()
}

/// The key in its place beside a certificate. One at which engines stop where it is, for lack of a certificate, is set aside
/// there.
fn bring_key(half: &Half<'_>, found: Found<'_>, is_lonely: bool, called: impl Fn(&Target) -> String) -> Option<Fix> {
    let target = half.target().filter(|_| found.file.link.is_none())?;
    let (words, source) = (&target.words, display_name(found.path()));
    let end = if is_lonely { ", and set it aside there" } else { "" };
    let title = format!("{words}copy the key out of {source} into {}{end}", called(&target));
    let aside = is_lonely.then(|| remedy::set_aside(found.host, &found.file.name));
    let copy = remedy::copy_keys(found.path(), target.path);
    Some(Fix::new(title, target.promise, target.first.into_iter().chain([copy]).chain(aside).collect()))
}

/// The certificate beside its key as well: it may be needed where it is.
fn copy_certificate(half: &Half<'_>, found: Found<'_>) -> Option<Fix> {
    let target = half.target().filter(|_| found.file.link.is_none())?;
    let (words, source, name) = (&target.words, display_name(found.path()), target.name());
    let title = format!("{words}copy the certificate out of {source} into {name}");
    let change = remedy::copy_certificates(found.path(), target.path);
    Some(Fix::new(title, target.promise, target.first.into_iter().chain([change]).collect()))
}
