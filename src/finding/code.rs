//! Codes of rules and how they are selected.

use std::fmt;

/// The identity of a rule: `CW` and three digits, and a name in kebab-case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// "CW101"
    pub number: &'static str,
    /// "ca-named-cert"
    pub name: &'static str,
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.number)
    }
}

/// What `--select` and `--ignore` take: a code (`CW101`), the beginning of one (`CW1`), a name (`ca-named-cert`) or `ALL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(String);

impl Selector {
    /// Reads a selector; says nothing yet about whether any rule fits it.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// Tells whether it means this rule.
    pub fn matches(&self, code: Code) -> bool {
        let is_prefix = self.0.len() > 2 && self.0.is_ascii() && code.number.len() >= self.0.len();
        self.0.eq_ignore_ascii_case("ALL")
            || self.0 == code.name
            || (is_prefix && code.number.get(..self.0.len()).is_some_and(|start| start.eq_ignore_ascii_case(&self.0)))
    }

    /// The text as given.
    pub fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_take_codes_prefixes_and_names() {
        let code = Code { number: "CW101", name: "ca-named-cert" };
        for selector in ["CW101", "cw1", "ca-named-cert", "ALL"] {
            assert!(Selector::new(selector).matches(code), "{selector}");
        }
        for selector in ["CW2", "CW", "C", "", "ca-named", "CW1012"] {
            assert!(!Selector::new(selector).matches(code), "{selector}");
        }
    }
}
