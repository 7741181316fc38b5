//! certwright: what container engines make of their certificate directories, and why.
//!
//! This page is the map of the house. Data flows one way:
//!
//! ```text
//! disk ──scan──▶ Inventory ──engine──▶ Load traces ──rules──▶ Findings ──fix──▶ Plan ──fix──▶ Operation ──▶ disk
//!                  ▲ bytes ──pki──▶ blocks
//! report and tui: views over Inventory, Load traces, Findings, Plan and Operations; they decide nothing
//! ```
//!
//! `pki`, `model`, `engine`, `finding` and `rules` are pure: values in, values out; no clock, no environment, no disk. Only
//! `scan` reads certificate directories. `session` puts the parts together on threads; `cli` and `tui` show its outcome.
//! `tests/architecture.rs` holds the layers below and fails on any edge that goes up.
//!
//! | layer | module | what it is |
//! |---|---|---|
//! | 0 | [`base`] | time, text for a terminal, file stamps, cancellation |
//! | 1 | [`pki`] | bytes → certificates, keys, defects; total, as Go reads them |
//! | 2 | [`model`] | host directories, files, roles, the inventory |
//! | 3 | [`engine`] | what each engine would load, skip or refuse, in its own words |
//! | 3 | [`scan`] | roots, one directory → a value, what changes; the only reader |
//! | 4 | [`finding`] | finding, severity, code, place; fix, change |
//! | 5 | [`rules`] | one rule a file; the doc comment is the rule's page |
//! | 6 | [`fix`] | a plan out of findings, its preview, carrying it out, taking it back; the only writer |
//! | 6 | [`why`] | why a pull fails: an error text as it was copied → its meaning, causes, the file at fault |
//! | 7 | [`create`] | a host set up: names, keys, requests, certificates, what was sent, as a plan; and its export |
//! | 7 | [`config`] | the settings file |
//! | 7 | [`report`] | text, tree and JSON of what was found |
//! | 7 | [`sample`] | a tree described in TOML, made with real certificates: demo, fixtures |
//! | 8 | [`session`] | a scan on threads, one event channel back |
//! | 9 | [`cli`] | one subcommand a file |
//! | 9 | [`tui`] | the terminal program: a tree, and panes beside it |
//!
//! Each certificate is kept once, as its DER and where the parts stand in it ([`pki::Certificate`]); everything else is
//! read from there when somebody looks.

pub mod base;
pub mod cli;
pub mod config;
pub mod create;
pub mod engine;
pub mod finding;
pub mod fix;
pub mod model;
pub mod pki;
pub mod report;
pub mod rules;
pub mod sample;
pub mod scan;
pub mod session;
pub mod tui;
pub mod why;
