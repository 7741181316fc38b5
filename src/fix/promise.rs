//! Whether a fix keeps what *safe* promises: the engines are replayed before and after it.

use std::collections::HashSet;

use crate::engine::{ClientPair, Engine, Judge, Load};
use crate::fix::preview::{Attempt, Preview};
use crate::model::HostDir;
use crate::pki::Digest;

/// Tells whether every engine that accepted a directory accepts it still, neither a trust anchor nor a client certificate is
/// lost, and the client certificate that came first, which is the one that is sent, still does. An anchor may become a client certificate, since a client certificate named `.crt` was no anchor
/// that anybody meant.
pub fn holds(attempt: &Attempt, preview: &Preview<'_>) -> bool {
    attempt
        .before()
        .all(|(index, before)| preview.inventory().hosts.get(index).is_some_and(|after| is_no_worse(before, after)))
}

/// [`holds`] for one directory.
pub fn is_no_worse(before: &HostDir, after: &HostDir) -> bool {
    Engine::ALL.into_iter().all(|engine| {
        let before = Judge::newest(engine).load(before);
        if before.error().is_some() {
            return true;
        }
        let after = Judge::newest(engine).load(after);
        if after.error().is_some() {
            return false;
        }
        let (anchors, clients) = (anchors(&after), clients(&after));
        let is_first = |(before, after): (Option<Digest>, Option<Digest>)| before.is_none() || before == after;
        firsts(&before).into_iter().zip(firsts(&after)).all(is_first)
            && self::clients(&before).is_subset(&clients)
            && self::anchors(&before).iter().all(|anchor| anchors.contains(anchor) || clients.contains(anchor))
    })
}

fn anchors(load: &Load) -> HashSet<Digest> {
    let anchors = load.connections().iter().flat_map(|connection| &connection.material.anchors);
    anchors.map(|anchor| *anchor.certificate.sha256()).collect()
}

fn clients(load: &Load) -> HashSet<Digest> {
    let pairs = load.connections().iter().flat_map(|connection| &connection.material.pairs);
    pairs.filter_map(|pair| pair.leaf()).map(|leaf| *leaf.sha256()).collect()
}

/// The client certificate that comes first at each place that the engine connects to.
fn firsts(load: &Load) -> Vec<Option<Digest>> {
    let first = |pairs: &[ClientPair]| pairs.iter().find_map(|pair| pair.leaf()).map(|leaf| *leaf.sha256());
    load.connections().iter().map(|connection| first(&connection.material.pairs)).collect()
}
