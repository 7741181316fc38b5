//! CW403

use std::collections::{HashMap, HashSet};

use crate::finding::{Applicability, Fix};
use crate::pki::Digest;
use crate::rules::certificate::anchors::{Placed, places};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A directory holds the same CA certificate more than once.
    ///
    /// Engines take it once, so nothing fails. But whoever replaces it later replaces one copy, and the other stays trusted;
    /// whoever looks for what is trusted here has more to read than there is. Links to one and the same file do not count.
    ///
    /// There is one finding for the directory, whatever the number of copies.
    ///
    /// ## Engines
    /// Docker's login and pull both load all copies and keep one.
    ///
    /// ## Example
    /// `ca.crt` and `acme-root.crt` with the same certificate; a bundle beside the single files that it was made of.
    ///
    /// ## Fix
    /// Remove all copies but one.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/cert_pool.go`, `addCertFunc` (`haveSum`).
    pub DuplicateCa = "CW403" "duplicate-ca", Info
}

impl Rule for DuplicateCa {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let places = places(context);
        let duplicates = duplicates(&places);
        let Some((first, again)) = duplicates.first() else { return };
        let name = first.certificate.display_name();
        let message = match duplicates.len() {
            1 => format!("certificate {name} {}", stands(first, again)),
            many => format!("{many} certificates are here more than once: {name} {}, and so on", stands(first, again)),
        };
        report
            .directory(message)
            .everywhere("takes each once")
            .advice(match duplicates.len() {
                1 => format!("remove the copy in {}", again.file.name.to_string_lossy()),
                _ => "keep each certificate in one file".to_owned(),
            })
            .fixes(fix(context, first, again));
    }
}

/// The certificates that stand in more than one place, each with its first place and the next.
fn duplicates<'a>(places: &[Placed<'a>]) -> Vec<(Placed<'a>, Placed<'a>)> {
    let mut first_places: HashMap<&Digest, (Placed<'_>, bool)> = HashMap::new();
    let mut duplicates = Vec::new();
    for place in places {
        let (first, reported) = first_places.entry(place.certificate.sha256()).or_insert((*place, false));
        let is_itself = std::ptr::eq(first.file, place.file) && first.index == place.index;
        if !is_itself && !*reported && !is_same_file(first, place) {
            *reported = true;
            duplicates.push((*first, *place));
        }
    }
    duplicates
}

/// Tells whether two names lead to one file.
fn is_same_file(one: &Placed<'_>, other: &Placed<'_>) -> bool {
    match (&one.file.stamp, &other.file.stamp) {
        _ if std::ptr::eq(one.file, other.file) => false,
        (Some(one), Some(other)) => (one.device, one.inode) == (other.device, other.inode),
        _ => false,
    }
}

fn stands(first: &Placed<'_>, again: &Placed<'_>) -> String {
    let (one, other) = (first.file.name.to_string_lossy(), again.file.name.to_string_lossy());
    if one == other { format!("stands twice in {one}") } else { format!("stands in {one} and in {other}") }
}

/// The second file aside, where the first holds all that is in it.
fn fix(context: &HostContext<'_>, first: &Placed<'_>, again: &Placed<'_>) -> Option<Fix> {
    let of = |file| context.certificates(file).map(|(_, certificate)| *certificate.sha256());
    let kept: HashSet<Digest> = of(first.file).collect();
    let is_copy = first.file.name != again.file.name && of(again.file).all(|digest| kept.contains(&digest));
    let holds_key = again.file.parsed().is_some_and(|parsed| parsed.private_keys().next().is_some());
    (is_copy && !holds_key).then(|| remedy::aside_fix(context.host, again.file, Applicability::Unsafe))
}
