//! Rules in JSON.

use serde::Serialize;

use crate::report::json::Schema;
use crate::rules::Meta;

/// What `rules` tells.
#[derive(Clone, Debug, Serialize)]
pub struct RulesJson {
    schema: Schema,
    /// The rules, by code
    pub rules: Vec<RuleJson>,
}

/// A rule.
#[derive(Clone, Debug, Serialize)]
pub struct RuleJson {
    /// "CW101"
    pub code: &'static str,
    /// "ca-named-cert"
    pub name: &'static str,
    /// The worst severity that it gives
    pub severity: &'static str,
    /// One sentence
    pub summary: String,
    /// The whole page, in Markdown
    pub page: String,
}

/// What `rules` tells.
pub fn rules(metas: &[&'static Meta]) -> RulesJson {
    let rule = |meta: &&'static Meta| RuleJson {
        code: meta.code.number,
        name: meta.code.name,
        severity: meta.severity.word(),
        summary: super::super::page::summary(meta),
        page: super::super::page::text(meta.page),
    };
    RulesJson { schema: Schema, rules: metas.iter().map(rule).collect() }
}
