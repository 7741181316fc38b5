//! Plans that may take a while, since a key is made for them: worked out on a thread of their own, for somebody who goes on
//! looking meanwhile, and who may give them up.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::base::cancel::Cancel;
use crate::create::{Generation, KeyAlgorithm, KeyError, NewKey, RenewError, Trust, Wish, authorities, renew};
use crate::create::{host as create_host, setup::Site};
use crate::finding::{Finding, Severity};
use crate::fix::{Obstacle, Planned};
use crate::model::{Inventory, Root};
use crate::scan;
use crate::session::mending::Workshop;
use crate::session::setting_up::host::{self, Client, Design, DesignError, Proposed, Signature};
use crate::session::setting_up::inspect::{Brings, Unready};
use crate::session::setting_up::renewal::{self, Old};
use crate::session::setting_up::{self, look};

/// How often it is told that a key is still being made.
const STEP: Duration = Duration::from_millis(100);

/// What is wished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// A host set up
    Host(Box<HostOrder>),
    /// What was sent, put in its place
    Import(Box<Brings>),
    /// A new key and a request like a client certificate
    Renew(RenewOrder),
}

/// A host that is to be set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostOrder {
    /// The `certs.d`, there or not.
    pub root: Root,
    /// What was typed for a host.
    pub text: String,
    /// What is wished beside that.
    pub wish: Wish,
    /// A file of CAs, and how strictly it is looked at.
    pub authorities: Option<(PathBuf, Trust)>,
    /// The client.
    pub client: Option<Client>,
}

/// A certificate that is to be renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewOrder {
    /// The `certs.d`.
    pub root: Root,
    /// The name of the host directory.
    pub host: String,
    /// The file.
    pub file: OsString,
}

/// A plan to look through.
#[derive(Debug)]
pub struct Proposal {
    /// What it concerns, as it is.
    pub before: Inventory,
    /// The plan.
    pub planned: Planned,
    /// What to know of it: a sentence each. Foreign text.
    pub notes: Vec<String>,
    /// What would be wrong afterwards that is not now.
    pub findings: Vec<Finding>,
    /// A private key is part of it, so that it is not kept in a file.
    pub is_secret: bool,
}

/// What comes of an order; all but `Making` is its end.
#[derive(Debug)]
pub enum News {
    /// A key is being made, for so many tenths of a second.
    Making(KeyAlgorithm, u32),
    /// A plan to look through
    Proposed(Box<Proposal>),
    /// A passphrase is to be given, or another one; for this input.
    Passphrase {
        /// Its name
        input: String,
        /// One was given
        is_wrong: bool,
    },
    /// It was given up.
    Cancelled,
    /// There is no plan, and why. Foreign text.
    Refused(String),
}

/// An order that is being worked out. Dropping it lets it go on.
pub struct Proposing {
    news: Receiver<News>,
    cancel: Cancel,
}

impl Proposing {
    /// Begins.
    pub fn start(order: Order, workshop: Workshop) -> Self {
        let (sender, news) = unbounded();
        let cancel = Cancel::default();
        let flag = cancel.clone();
        thread::spawn(move || {
            let end = propose(order, &workshop, &flag, &sender).unwrap_or_else(|news| news);
            // Nobody listens any more where this fails, which is no error.
            let _ = sender.send(end);
        });
        Self { news, cancel }
    }

    /// Where its news come from.
    pub fn news(&self) -> &Receiver<News> {
        &self.news
    }

    /// Gives it up.
    pub fn cancel(&self) {
        self.cancel.raise();
    }
}

impl Order {
    /// The key that is made for it; `None` where none is, or which one is not known yet.
    pub fn algorithm(&self) -> Option<KeyAlgorithm> {
        match self {
            Self::Host(order) => order.client.as_ref().map(|client| client.algorithm),
            Self::Import(_) | Self::Renew(_) => None,
        }
    }
}

fn propose(order: Order, workshop: &Workshop, cancel: &Cancel, sender: &Sender<News>) -> Result<News, News> {
    let make_key = |algorithm| make_key(algorithm, cancel, sender);
    let (before, planned, notes, is_secret) = match order {
        Order::Host(order) => of_host(*order, workshop, make_key)?,
        Order::Import(brings) => of_import(&brings, workshop)?,
        Order::Renew(order) => of_renewal(&order, make_key)?,
    };
    let mut findings =
        setting_up::new_findings(&planned, &before, &workshop.rules, workshop.settings, &workshop.installed);
    findings.retain(|finding| finding.severity >= Severity::Warning);
    Ok(News::Proposed(Box::new(Proposal { before, planned, notes, findings, is_secret })))
}

type Worked = (Inventory, Planned, Vec<String>, bool);

fn of_host(
    order: HostOrder,
    workshop: &Workshop,
    make_key: impl FnOnce(KeyAlgorithm) -> Result<NewKey, KeyError>,
) -> Result<Worked, News> {
    let names = create_host::read(&order.text, order.wish).map_err(|error| refused(&error))?;
    let mut notes = names.notes;
    let mut trusted = Vec::new();
    if let Some((path, trust)) = &order.authorities {
        let read = scan::read_input_file(path).map_err(|error| refused(&error))?;
        let read = authorities::read(&read.bytes, *trust).map_err(|error| refused(&error))?;
        notes.extend(read.notes(workshop.now));
        trusted = host::trusted(&read, "ca", false);
    }
    let mut client = order.client;
    // The present moment is that of now, not that of the form.
    if let Some(Client { signature: Signature::OwnKey(terms), .. }) = &mut client {
        terms.now = workshop.now;
    }
    let is_secret = client.is_some();
    let design = Design { site: site(&order.root)?, names: names.names, trusted, client };
    let Proposed { before, planned } = host::plan(&design, make_key).map_err(of_design)?;
    Ok((before, planned, notes, is_secret))
}

fn of_import(brings: &Brings, workshop: &Workshop) -> Result<Worked, News> {
    let (to, imported) = brings.plan(workshop.passphrase.as_ref(), workshop.now).map_err(|unready| match unready {
        Unready::Nothing => News::Refused("nothing is named that could be imported".to_owned()),
        Unready::Passphrase { input, is_wrong } => News::Passphrase { input, is_wrong },
        Unready::Refused(text) => News::Refused(text),
    })?;
    if imported.planned.plan.is_empty() {
        let notes = if imported.notes.is_empty() { String::new() } else { format!(": {}", imported.notes.join("; ")) };
        return Err(News::Refused(format!("everything is here already{notes}")));
    }
    Ok((to.inventory, imported.planned, imported.notes, imported.brings_key))
}

fn of_renewal(
    order: &RenewOrder,
    make_key: impl FnOnce(KeyAlgorithm) -> Result<NewKey, KeyError>,
) -> Result<Worked, News> {
    let site = site(&order.root)?;
    let inventory = look(&site, std::slice::from_ref(&order.host));
    let path = site.root.path.join(&order.host);
    let directory = inventory.hosts.first().ok_or_else(|| refused(&Obstacle::Missing(path)))?;
    let renewal = renew::renewal(directory, &order.file).map_err(|error: RenewError| refused(&error))?;
    let old = Old { site: &site, inventory: &inventory, directory, file: &order.file };
    let wanted = (renewal.algorithm, Signature::Request);
    let planned = renewal::plan(old, &renewal, wanted, make_key).map_err(of_design)?;
    let notes = renewal::notes(&renewal, false, true, "certwright renew --self-signed");
    Ok((inventory, planned, notes, true))
}

fn make_key(algorithm: KeyAlgorithm, cancel: &Cancel, sender: &Sender<News>) -> Result<NewKey, KeyError> {
    let _ = sender.send(News::Making(algorithm, 0));
    Generation::start(algorithm).wait(STEP, cancel, |steps| {
        let _ = sender.send(News::Making(algorithm, steps));
    })
}

fn site(root: &Root) -> Result<Site, News> {
    let superuser = rustix::process::geteuid().is_root();
    setting_up::at(root.clone(), superuser).map_err(|error| refused(&error))
}

fn of_design(error: DesignError) -> News {
    match error {
        DesignError::Key(KeyError::Cancelled) => News::Cancelled,
        other => refused(&other),
    }
}

fn refused(error: &dyn fmt::Display) -> News {
    News::Refused(error.to_string())
}
