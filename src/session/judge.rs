//! Judges again what was read before, by other engines or rules, without reading it again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crossbeam_channel::{Sender, unbounded};

use crate::base::cancel::Cancel;
use crate::model::Inventory;
use crate::pki::chain::Verifier;
use crate::session::{Event, Request, Scan, worker_count};

impl Scan {
    /// Starts to judge what was read before. Tells the same as a scan of the same directories.
    pub fn judge(request: Request, inventory: Inventory) -> Self {
        let (sender, events) = unbounded();
        let cancel = Cancel::default();
        let flag = cancel.clone();
        thread::spawn(move || coordinate(&request, &inventory, &flag, &sender));
        Self { events, cancel }
    }
}

fn coordinate(request: &Request, inventory: &Inventory, cancel: &Cancel, events: &Sender<Event>) {
    let hosts = inventory.hosts.iter().map(|host| host.path.clone()).collect();
    if events.send(Event::Listed { roots: inventory.roots.clone(), hosts }).is_err() {
        return;
    }
    let verifier = Verifier::default();
    let next = AtomicUsize::new(0);
    let work = || {
        while !cancel.is_raised() {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(host) = inventory.hosts.get(index) else { return };
            let judge = || request.rules.check_host(host, request.settings, &verifier);
            let findings = catch_unwind(AssertUnwindSafe(judge)).unwrap_or_default();
            if events.send(Event::Host { index, host: Arc::clone(host), findings }).is_err() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..worker_count(inventory.hosts.len()) {
            scope.spawn(work);
        }
    });
    if cancel.is_raised() {
        return;
    }
    let judge = || request.rules.check_tree(inventory, &request.installed, request.settings, &verifier);
    let findings = catch_unwind(AssertUnwindSafe(judge)).unwrap_or_default();
    // Nobody listens any more where this fails, which is no error.
    let _ = events.send(Event::Finished { findings });
}
