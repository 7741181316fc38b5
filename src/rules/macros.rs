//! The declaration of a rule: its doc comment becomes its page.

/// Declares a rule: `rule! { /// page … pub MissingKey = "CW501" "missing-client-key", Error }`.
///
/// Makes a unit struct with the doc comment and a `META` that holds the same text.
macro_rules! rule {
    ($(#[doc = $line:literal])+ pub $name:ident = $number:literal $slug:literal, $severity:ident) => {
        $(#[doc = $line])+
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $name {
            /// What this rule is.
            pub const META: $crate::rules::Meta = $crate::rules::Meta {
                code: $crate::finding::Code { number: $number, name: $slug },
                severity: $crate::finding::Severity::$severity,
                page: concat!($($line, "\n"),+),
            };
        }
    };
}

pub(crate) use rule;
