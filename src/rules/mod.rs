//! The rules: one a file, named after the fault, its doc comment its page. A rule reads the engines' traces and the parsed
//! content; it never re-implements an engine.

pub mod access;
pub mod certificate;
pub mod chain;
mod context;
pub mod encoding;
pub mod engines;
pub mod fault;
pub mod key;
pub mod layout;
mod macros;
pub mod registry;
pub mod remedy;

pub use context::{Draft, HostContext, Report, Settings, TreeContext};

use crate::finding::{Code, Severity};

/// What a rule is, apart from what it does.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// Its code.
    pub code: Code,
    /// The worst severity that it gives.
    pub severity: Severity,
    /// Its page: one sentence, then what, why, how engines react, example, fix and sources, in Markdown.
    pub page: &'static str,
}

impl Meta {
    /// The first sentence of the page.
    pub fn summary(&self) -> &'static str {
        self.page.split("\n\n").next().unwrap_or_default().trim()
    }
}

/// A rule. It implements the narrowest level that it needs; the others do nothing.
pub trait Rule: Sync {
    /// What it is.
    fn meta(&self) -> &'static Meta;

    /// Looks at one host directory.
    fn host(&self, _context: &HostContext<'_>, _report: &mut Report<'_>) {}

    /// Looks at everything, once all of it is read.
    fn tree(&self, _context: &TreeContext<'_>, _report: &mut Report<'_>) {}
}

/// A number with its noun: "1 certificate", "3 certificates".
pub(crate) fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
