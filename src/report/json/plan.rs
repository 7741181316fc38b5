//! A plan in JSON: what would be done, what it comes to for the engines, and what it leaves.

use serde::Serialize;

use crate::engine::{Judge, Load};
use crate::finding::Finding;
use crate::fix::outlook::summary;
use crate::fix::{HeldBack, HostOutlook, Plan, Planned};
use crate::model::Inventory;
use crate::report::json::{FindingJson, Schema, path_text};

/// What `fix` tells.
#[derive(Debug, Serialize)]
pub struct PlanJson<'a> {
    schema: Schema,
    /// What is done, and what must be true of the files before; as `--save-plan` writes it
    pub plan: &'a Plan,
    /// The host directories that change
    pub hosts: Vec<HostOutlookJson>,
    /// Findings that the plan leaves though something would mend them
    pub held_back: HeldBackJson,
}

/// What `new` and `renew` tell before anything is changed.
#[derive(Debug, Serialize)]
pub struct ProposalJson<'a> {
    #[serde(flatten)]
    plan: PlanJson<'a>,
    /// What to know of it: a sentence each
    pub notes: Vec<String>,
    /// What would be wrong afterwards
    pub findings: Vec<FindingJson>,
}

/// What `new` and `renew` tell before anything is changed.
pub fn proposal<'a>(plan: PlanJson<'a>, notes: Vec<String>, findings: &[Finding]) -> ProposalJson<'a> {
    ProposalJson { plan, notes, findings: findings.iter().map(FindingJson::new).collect() }
}

/// A host directory before and after.
#[derive(Debug, Serialize)]
pub struct HostOutlookJson {
    /// Its path before; null where the plan makes it
    pub before: Option<String>,
    /// Its path after
    pub after: String,
    /// What engines say
    pub engines: Vec<VerdictJson>,
}

/// What an engine says of a host directory.
#[derive(Debug, Serialize)]
pub struct VerdictJson {
    /// The engine
    pub engine: &'static str,
    /// What it says before; null where there is no directory
    pub before: Option<OutcomeJson>,
    /// What it says after
    pub after: OutcomeJson,
}

/// How a load ends.
#[derive(Debug, Serialize)]
pub struct OutcomeJson {
    /// "ok", "error", "hang" or "unknown"
    pub outcome: &'static str,
    /// The engine's own error, or what it trusts and presents, in a line
    pub text: String,
}

/// Findings that a plan leaves though something would mend them, counted by why.
#[derive(Debug, Serialize)]
pub struct HeldBackJson {
    /// The fix may change trust or access
    pub r#unsafe: usize,
    /// There are several that are equally likely
    pub choices: usize,
    /// It is to be done by hand
    pub by_hand: usize,
    /// A key has to be opened first
    pub passphrases: usize,
    /// Something stands in the way
    pub blocked: usize,
}

impl From<HeldBack> for HeldBackJson {
    fn from(held_back: HeldBack) -> Self {
        Self {
            r#unsafe: held_back.unsafe_fixes,
            choices: held_back.choices,
            by_hand: held_back.by_hand,
            passphrases: held_back.passphrases,
            blocked: held_back.blocked,
        }
    }
}

/// What `fix` tells.
pub fn plan<'a>(planned: &'a Planned, inventory: &Inventory, judges: &[Judge]) -> PlanJson<'a> {
    let hosts = planned.outlook(inventory);
    PlanJson {
        schema: Schema,
        plan: &planned.plan,
        hosts: hosts.iter().map(|host| host_outlook(host, judges)).collect(),
        held_back: planned.held_back.into(),
    }
}

fn host_outlook(host: &HostOutlook<'_>, judges: &[Judge]) -> HostOutlookJson {
    let verdicts = host.verdicts(judges).into_iter().map(|verdict| VerdictJson {
        engine: verdict.judge.engine.name(),
        before: verdict.before.as_ref().map(outcome),
        after: outcome(&verdict.after),
    });
    HostOutlookJson {
        before: host.before.map(|before| path_text(&before.path)),
        after: path_text(&host.after.path),
        engines: verdicts.collect(),
    }
}

fn outcome(load: &Load) -> OutcomeJson {
    OutcomeJson { outcome: load.outcome(), text: summary(load) }
}
