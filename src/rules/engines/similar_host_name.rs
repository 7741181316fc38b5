//! CW708

use std::collections::HashMap;

use crate::finding::{Applicability, Change, Fix, Place, Severity};
use crate::model::{File, FileKind, HostDir, HostState, NameForm};
use crate::rules::macros::rule;
use crate::rules::{Draft, Meta, Report, Rule, TreeContext, remedy};

rule! {
    /// Two directories differ only in the port or in a single letter.
    ///
    /// Directories are looked up by the text of the image reference. Where one of two such directories is empty or has no
    /// CA and the other has one, the name of one of them is probably a slip: a port that was left out, or a typing error.
    ///
    /// ## Engines
    /// Every engine reads the directory of exactly the name in the reference, and says `x509: certificate signed by unknown
    /// authority` where that has no CA.
    ///
    /// ## Example
    /// `registry.exmaple.com/` beside `registry.example.com/`; `registry.example.com/` empty beside
    /// `registry.example.com:5000/ca.crt`.
    ///
    /// ## Fix
    /// Compare both with the references in use, and rename the wrong one or copy the files.
    ///
    /// ## Sources
    /// docker/cli#3981, minikube#311, goharbor/harbor#13870, docker/docs#826.
    pub SimilarHostName = "CW708" "similar-host-name", Info
}

/// More directories than this are not compared letter by letter, which takes time in the square of their number.
const COMPARED_BY_LETTER: usize = 500;

impl Rule for SimilarHostName {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn tree(&self, context: &TreeContext<'_>, report: &mut Report<'_>) {
        let named: Vec<_> = context.inventory.hosts.iter().filter_map(|host| Some((host, split(host)?))).collect();
        let mut by_host: HashMap<&str, Vec<_>> = HashMap::new();
        for (host, (name, _)) in &named {
            by_host.entry(name).or_default().push(host.as_ref());
        }
        for (host, (name, _)) in &named {
            let siblings = by_host.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
            let other = siblings.iter().find(|other| other.path != host.path && is_filled(other));
            if let Some(other) = other.filter(|_| !is_filled(host)) {
                warn(host, other, "has files, this directory has none: is the port right", report)
                    .fixes(filled_from(host, other))
                    .fixes(in_its_place(host, other));
            }
            if let Some(other) = missing_port(host, siblings) {
                let spelling = other.name.to_string_lossy();
                warn(host, other, "is the name under another root: is the port missing here", report)
                    .fixes(remedy::rename_directory(host, &spelling, Applicability::Unsafe, Some(context.inventory)));
            }
        }
        if named.len() > COMPARED_BY_LETTER {
            return;
        }
        for (index, (host, (name, port))) in named.iter().enumerate() {
            for (other, (other_name, other_port)) in named.iter().skip(index + 1) {
                let is_typo = port == other_port && name.len() > 6 && differ_by_a_slip(name, other_name);
                if is_typo && host.path.parent() == other.path.parent() {
                    warn(host, other, "differs by a single slip of the keyboard: is one of them wrong", report);
                }
            }
        }
    }
}

fn warn<'r>(host: &HostDir, other: &HostDir, what: &str, report: &'r mut Report<'_>) -> Draft<'r> {
    let (name, other) = (host.name.to_string_lossy(), other.name.to_string_lossy());
    report
        .at(Place::directory(&host.path), format!("{other} {what}"))
        .severity(Severity::Info)
        .advice(format!("compare {name} and {other} with the image references in use"))
}

/// The files of the one directory in the other as well, where both spellings are used.
fn filled_from(host: &HostDir, other: &HostDir) -> Option<Fix> {
    let can_be_copied = |file: &&File| file.kind == FileKind::Regular && file.link.is_none() && file.parsed().is_some();
    let files: Vec<&File> = other.files.iter().filter(|file| !file.is_leftover()).collect();
    let is_possible = host.state == HostState::Listed && host.files.is_empty() && files.iter().all(can_be_copied);
    let title = format!("copy the files of {} here", other.name.to_string_lossy());
    let changes = remedy::copies(other, &files, &host.path);
    (is_possible && !files.is_empty()).then(|| Fix::new(title, Applicability::Unsafe, changes))
}

/// The other directory under this name, in the place of an empty one.
fn in_its_place(host: &HostDir, other: &HostDir) -> Option<Fix> {
    let is_beside = host.path.parent() == other.path.parent() && host.link.is_none() && other.link.is_none();
    if !is_beside || host.state != HostState::Listed || !host.files.is_empty() {
        return None;
    }
    let aside = remedy::directory_aside(host, None, Applicability::Unsafe);
    let rename = Change::Rename { from: other.path.clone(), to: host.path.clone() };
    let title = format!("{}, and rename {} to it", aside.title, other.name.to_string_lossy());
    Some(Fix::new(title, Applicability::Unsafe, aside.changes.into_iter().chain([rename]).collect()))
}

/// The directory under another root that has a port, where this one has none: each root knows one of the names alone.
fn missing_port<'a>(host: &HostDir, siblings: &[&'a HostDir]) -> Option<&'a HostDir> {
    let port = |host: &HostDir| split(host).and_then(|(_, port)| port);
    let is_alone = |host: &HostDir| {
        let beside = |other: &&&HostDir| other.path.parent() == host.path.parent() && other.path != host.path;
        siblings.iter().find(beside).is_none()
    };
    if !is_filled(host) || port(host).is_some() || !is_alone(host) {
        return None;
    }
    let mut others = siblings.iter().filter(|other| port(other).is_some() && is_filled(other) && is_alone(other));
    others.next().copied()
}

fn split(host: &HostDir) -> Option<(String, Option<String>)> {
    match host.host_name()?.form() {
        NameForm::Host { host, port } => Some((host.clone(), port.clone())),
        _ => None,
    }
}

fn is_filled(host: &HostDir) -> bool {
    host.state == HostState::Listed && !host.files.is_empty()
}

/// Tells whether one letter is replaced, missing or swapped with its neighbour. Digits do not count: `node1`, `node2`.
fn differ_by_a_slip(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let prefix = short.iter().zip(long).take_while(|(left, right)| left == right).count();
    let suffix = short.iter().rev().zip(long.iter().rev()).take_while(|(left, right)| left == right).count();
    let (Some(short_rest), Some(long_rest)) = (
        short.get(prefix..short.len().saturating_sub(suffix).max(prefix)),
        long.get(prefix..long.len().saturating_sub(suffix).max(prefix)),
    ) else {
        return false;
    };
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic();
    match (short_rest, long_rest) {
        ([], [one]) => is_letter(one),
        ([left], [right]) => is_letter(left) && is_letter(right) && left != right && short.len() > 10,
        ([a, b], [c, d]) => a == d && b == c && is_letter(a) && is_letter(b),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_names() {
        assert!(differ_by_a_slip("registry.example.com", "registry.exmaple.com"));
        assert!(differ_by_a_slip("registry.example.com", "regisry.example.com"));
        assert!(differ_by_a_slip("registry.internal", "registry.intarnal"));
        assert!(!differ_by_a_slip("node1.example.com", "node2.example.com"));
        assert!(!differ_by_a_slip("node.example.com", "node1.example.com"));
        assert!(!differ_by_a_slip("registry.example.com", "registry.example.com"));
        assert!(!differ_by_a_slip("registry.example.com", "mirror.example.com"));
    }
}
