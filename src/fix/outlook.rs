//! What a plan comes to: each host directory that it changes, before and after, and what the engines say of both.

use std::ffi::OsStr;

use crate::engine::{Engine, Judge, Load};
use crate::fix::plan::Planned;
use crate::model::{File, HostDir, HostState, Inventory};
use crate::pki::Format;

/// A host directory before and after a plan.
#[derive(Clone, Copy, Debug)]
pub struct HostOutlook<'a> {
    /// As it is; `None` where the plan makes it.
    pub before: Option<&'a HostDir>,
    /// As it would be.
    pub after: &'a HostDir,
}

/// What an engine says of a host directory before and after a plan.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The engine.
    pub judge: Judge,
    /// What it makes of the directory as it is; `None` where there is none.
    pub before: Option<Load>,
    /// What it would make of it.
    pub after: Load,
}

/// One line of the difference between two listings.
#[derive(Clone, Copy, Debug)]
pub enum Difference<'a> {
    /// The entry is there no more.
    Gone(&'a File),
    /// The entry is new.
    New(&'a File),
    /// The entry has other content or another mode.
    Changed(&'a File, &'a File),
    /// The entry stays as it is.
    Same(&'a File),
}

impl Planned {
    /// The host directories that the plan changes, in the order of the tree.
    pub fn outlook<'a>(&'a self, inventory: &'a Inventory) -> Vec<HostOutlook<'a>> {
        let host = |index: &usize| {
            let after = self.after.hosts.get(*index)?;
            Some(HostOutlook { before: inventory.hosts.get(*index).map(AsRef::as_ref), after })
        };
        let mut hosts: Vec<_> = self.changed.iter().filter_map(host).collect();
        hosts.sort_by(|one, other| one.place().path.cmp(&other.place().path));
        hosts
    }
}

impl<'a> HostOutlook<'a> {
    /// The directory as it is called before.
    pub fn place(&self) -> &'a HostDir {
        self.before.unwrap_or(self.after)
    }

    /// The directory gets another name.
    pub fn is_renamed(&self) -> bool {
        self.before.is_some_and(|before| before.path != self.after.path)
    }

    /// What engines say, before and after. Where there is more than one directory of the name, each is judged by itself.
    pub fn verdicts(&self, judges: &[Judge]) -> Vec<Verdict> {
        let verdict = |judge: &Judge| {
            let before = self.before.filter(|before| before.state != HostState::Missing);
            Verdict { judge: *judge, before: before.map(|host| judge.load(host)), after: judge.load(self.after) }
        };
        judges.iter().map(verdict).collect()
    }

    /// The entries of both listings, in byte order of their names.
    pub fn differences(&self) -> Vec<Difference<'a>> {
        let before = self.before.map(|host| host.files.as_slice()).unwrap_or_default();
        let gone = before.iter().filter(|file| self.after.file(&file.name).is_none()).map(Difference::Gone);
        let there = self.after.files.iter().map(|file| match before.iter().find(|old| old.name == file.name) {
            None => Difference::New(file),
            Some(old) if is_same(old, file) => Difference::Same(file),
            Some(old) => Difference::Changed(old, file),
        });
        let mut all: Vec<_> = gone.chain(there).collect();
        all.sort_by(|one, other| one.name().cmp(other.name()));
        all
    }
}

impl Difference<'_> {
    /// The name of the entry.
    pub fn name(&self) -> &OsStr {
        match self {
            Self::Gone(file) | Self::New(file) | Self::Changed(_, file) | Self::Same(file) => &file.name,
        }
    }
}

/// The form of what a file holds, where that is certificates or keys: "PEM", "damaged PEM", "DER", "UTF-16".
pub fn form(file: &File) -> &'static str {
    let Some(parsed) = file.parsed().filter(|parsed| !parsed.blocks.is_empty()) else { return "" };
    let is_damaged = parsed.defects.iter().any(|defect| !defect.value.is_harmless());
    match parsed.format {
        Format::Der => "DER",
        Format::Utf16 => "UTF-16",
        Format::Pem if is_damaged => "damaged PEM",
        Format::Pem => "PEM",
        _ => "",
    }
}

impl Verdict {
    /// The engines whose judgement is told of a plan: what people run.
    pub fn judges() -> Vec<Judge> {
        [Engine::DockerClassic, Engine::DockerC8d, Engine::ContainersImage, Engine::Containerd]
            .map(Judge::newest)
            .to_vec()
    }

    /// Tells whether the engine says something else afterwards.
    pub fn differs(&self) -> bool {
        self.before.as_ref().is_none_or(|before| summary(before) != summary(&self.after))
    }
}

/// What an engine makes of a directory, in a line: its own error, or what it trusts and presents. Foreign text.
pub fn summary(load: &Load) -> String {
    match load.outcome() {
        "hang" => return "waits for ever".to_owned(),
        "unknown" => return "cannot be told: a file was not read".to_owned(),
        _ => {}
    }
    if let Some(error) = load.error() {
        return error.verbatim.clone();
    }
    let Some(material) = load.material() else { return "ok".to_owned() };
    let mut words = vec![match material.anchors.len() {
        0 => "ok: the system's roots alone".to_owned(),
        1 => "ok: 1 trust anchor".to_owned(),
        many => format!("ok: {many} trust anchors"),
    }];
    match material.pairs.len() {
        0 => {}
        1 => words.push("1 client certificate".to_owned()),
        many => words.push(format!("{many} client certificates")),
    }
    words.join(", ")
}

fn is_same(one: &File, other: &File) -> bool {
    one.stamp == other.stamp && one.link == other.link && one.kind == other.kind
}
