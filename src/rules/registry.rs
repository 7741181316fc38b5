//! All rules, by code, and how they are run.

use std::path::Path;
use std::sync::Arc;

use crate::engine::installed::Installed;
use crate::engine::{Engine, Judge, Load};
use crate::finding::{Finding, Selector};
use crate::model::{HostDir, Inventory};
use crate::pki::chain::Verifier;
use crate::rules::{HostContext, Report, Rule, Settings, TreeContext};

/// All rules in the order of their codes.
pub fn all() -> impl Iterator<Item = &'static dyn Rule> {
    [
        super::layout::RULES,
        super::encoding::RULES,
        super::certificate::RULES,
        super::chain::RULES,
        super::key::RULES,
        super::access::RULES,
        super::engines::RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The rules that a run applies.
#[derive(Clone)]
pub struct RuleSet {
    rules: Vec<&'static dyn Rule>,
    judges: Vec<Judge>,
}

impl RuleSet {
    /// The rules that `select` means (all, where it is empty) without those that `ignore` means.
    ///
    /// # Errors
    /// The first selector that means no rule.
    pub fn new(select: &[Selector], ignore: &[Selector]) -> Result<Self, Selector> {
        let means_any = |selector: &&Selector| !all().any(|rule| selector.matches(rule.meta().code));
        if let Some(unknown) = select.iter().chain(ignore).find(means_any) {
            return Err(unknown.clone());
        }
        let chosen = |rule: &&'static dyn Rule| {
            let code = rule.meta().code;
            (select.is_empty() || select.iter().any(|selector| selector.matches(code)))
                && !ignore.iter().any(|selector| selector.matches(code))
        };
        Ok(Self { rules: all().filter(chosen).collect(), ..Self::default() })
    }

    /// The same rules with other engines to judge by; none mean the default.
    #[must_use]
    pub fn judged_by(self, judges: Vec<Judge>) -> Self {
        if judges.is_empty() { self } else { Self { judges, ..self } }
    }

    /// The engines whose judgement decides how bad a finding is.
    pub fn judges(&self) -> &[Judge] {
        &self.judges
    }

    /// What the rules find in one host directory, in the order of the tree.
    pub fn check_host(&self, host: &HostDir, settings: Settings, verifier: &Verifier) -> Vec<Finding> {
        let loads: Vec<Load> = self.judges.iter().map(|judge| judge.load(host)).collect();
        self.check_loads(host, &loads, settings, verifier)
    }

    /// [`RuleSet::check_host`] with traces that are there already.
    pub fn check_loads(&self, host: &HostDir, loads: &[Load], settings: Settings, verifier: &Verifier) -> Vec<Finding> {
        let mut findings = Vec::new();
        // It was set aside on purpose.
        if host.is_set_aside() {
            return findings;
        }
        let directory: Arc<Path> = host.path.as_path().into();
        let context = HostContext { host, loads, settings, verifier };
        for rule in &self.rules {
            rule.host(&context, &mut Report::new(rule.meta(), Arc::clone(&directory), &mut findings));
        }
        sort(&mut findings);
        findings
    }

    /// What the rules find that takes more than one host directory.
    pub fn check_tree(
        &self,
        inventory: &Inventory,
        installed: &Installed,
        settings: Settings,
        verifier: &Verifier,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let context = TreeContext { inventory, installed, settings, verifier };
        for rule in &self.rules {
            rule.tree(&context, &mut Report::new(rule.meta(), Path::new("").into(), &mut findings));
        }
        sort(&mut findings);
        findings
    }
}

impl Default for RuleSet {
    fn default() -> Self {
        Self { rules: all().collect(), judges: Engine::JUDGES.map(Judge::newest).to_vec() }
    }
}

/// Orders findings as the tree is shown; at one place the worst first.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|one, other| {
        let by_place = one.place.cmp(&other.place);
        by_place.then(other.severity.cmp(&one.severity)).then(one.code.cmp(&other.code))
    });
}
