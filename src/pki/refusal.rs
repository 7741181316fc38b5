//! Go's reasons for refusing a certificate, in its own words.

use std::borrow::Cow;

/// Why Go's `x509.ParseCertificate` refuses a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Go's text ("x509: negative serial number").
    pub text: Cow<'static, str>,
    /// The first Go minor version that refuses it (23 for Go 1.23); 0 where all do.
    pub since_go: u8,
}

impl Refusal {
    pub(crate) fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), since_go: 0 }
    }

    /// A refusal of newer versions of Go alone.
    pub(crate) fn since(text: impl Into<Cow<'static, str>>, since_go: u8) -> Self {
        Self { text: text.into(), since_go }
    }

    /// Tells whether a minor version of Go (26 for Go 1.26) refuses it.
    pub fn holds_in(&self, go: u8) -> bool {
        go >= self.since_go
    }
}
