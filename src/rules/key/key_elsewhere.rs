//! CW510

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::text::display_name;
use crate::finding::{Applicability, Change, Fix, Place};
use crate::model::{File, HostDir, Role};
use crate::pki::Digest;
use crate::pki::PrivateKey;
use crate::rules::certificate::anchors::client_chains;
use crate::rules::key::pairing::certificates_of;
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
    /// Put both halves into the directory of the registry that they are for.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containerd 2.x
    /// `core/remotes/docker/config/hosts.go`, `loadCertFiles`; moby#14317.
    pub KeyElsewhere = "CW510" "key-elsewhere", Info
}

/// A half whose other half is not in its directory.
struct Half {
    place: Place,
    /// The beginning of the message.
    subject: String,
    /// How the advice calls the other half.
    other: &'static str,
    /// Where the other half belongs; nothing where this half has no name that engines read.
    target: Option<Target>,
}

/// Where a half belongs.
struct Target {
    path: PathBuf,
    /// What takes away what is there instead.
    aside: Option<Change>,
}

/// Halves that look for something, by the public key.
#[derive(Default)]
struct Wanted {
    keys: HashMap<Digest, Vec<Half>>,
    certificates: HashMap<Digest, Vec<Half>>,
}

impl Rule for KeyElsewhere {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        let mut wanted = Wanted::default();
        for host in &context.inventory.hosts {
            wanted.collect(&HostContext { host, loads: &[], settings: context.settings, verifier: context.verifier });
        }
        if wanted.keys.is_empty() && wanted.certificates.is_empty() {
            return;
        }
        for (host, file) in context.inventory.files() {
            for (half, path) in wanted.answered_by(host, file) {
                // Nothing is copied through links.
                let target = half.target.filter(|_| file.link.is_none());
                let fix = target.map(|target| copy(&path, target, half.other));
                report
                    .at(half.place, format!("{} is in {}", half.subject, path.display()))
                    .advice(format!("put {} of that file where it is needed", half.other))
                    .fixes(fix);
            }
        }
    }
}

impl Wanted {
    fn collect(&mut self, context: &HostContext<'_>) {
        let target = |file: &File, suffix: &str| {
            let mut name = file.stem().to_os_string();
            name.push(suffix);
            let aside = context.host.file(&name).map(|_| remedy::set_aside(context.host, &name));
            Target { path: context.host.path.join(name), aside }
        };
        let place = |file: &File| Place {
            directory: Arc::from(context.host.path.as_path()),
            file: Some(file.name.clone()),
            certificate: None,
        };
        for leaf in client_chains(context).iter().filter_map(|chain| chain.first()) {
            if context.key_of(leaf.certificate).is_none() {
                let subject = format!("the key of client certificate {}", leaf.certificate.display_name());
                let target = (leaf.file.role() == Role::ClientCertificate).then(|| target(leaf.file, ".key"));
                let half = Half { place: place(leaf.file), subject, other: "the key", target };
                self.keys.entry(*leaf.certificate.spki_sha256()).or_default().push(half);
            }
        }
        for (_, file) in context.files().filter(|(_, file)| file.role() == Role::ClientKey) {
            let Some(key) = file.parsed().and_then(|parsed| parsed.private_keys().next()) else { continue };
            if certificates_of(context, key).next().is_none()
                && let Some(digest) = key.spki_sha256()
            {
                let subject = format!("the certificate of key {}", file.name.to_string_lossy());
                let target = Some(target(file, ".cert"));
                let half = Half { place: place(file), subject, other: "the certificate", target };
                self.certificates.entry(digest).or_default().push(half);
            }
        }
    }

    /// Takes out the halves whose other half a file holds, each with the path of that file.
    fn answered_by(&mut self, host: &HostDir, file: &File) -> Vec<(Half, PathBuf)> {
        let Some(parsed) = file.parsed() else { return Vec::new() };
        let mut halves = Vec::new();
        if !self.keys.is_empty() {
            let digests = parsed.private_keys().filter_map(PrivateKey::spki_sha256);
            halves.extend(digests.filter_map(|digest| self.keys.remove(&digest)).flatten());
        }
        if !self.certificates.is_empty() {
            let digests = parsed.certificates().map(|certificate| certificate.spki_sha256());
            halves.extend(digests.filter_map(|digest| self.certificates.remove(digest)).flatten());
        }
        halves.into_iter().map(|half| (half, host.path_of(&file.name))).collect()
    }
}

/// A copy of the other half where it belongs: it may be needed where it is as well. Where something else stands in its
/// place, one cannot tell which of the two halves is the wrong one.
fn copy(source: &Path, target: Target, other: &str) -> Fix {
    let name = target.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let change = match other {
        "the key" => remedy::copy_keys(source.to_path_buf(), target.path),
        _ => remedy::copy_certificates(source.to_path_buf(), target.path),
    };
    let title = format!("copy {other} out of {} into {name}", display_name(source));
    match target.aside {
        None => Fix::new(title, Applicability::Safe, vec![change]),
        Some(aside) => Fix::new(format!("set {name} aside, and {title}"), Applicability::Unsafe, vec![aside, change]),
    }
}
