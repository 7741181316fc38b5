//! Holds the house together: which room may use which, and what the README promises of the rules.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its own sources and fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may use, from the ground up. A room uses only rooms above it in this table.
const ROOMS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("pki", &["base"]),
    ("model", &["base", "pki"]),
    ("engine", &["base", "pki", "model"]),
    ("scan", &["base", "pki", "model"]),
    ("finding", &["base", "pki", "model", "engine"]),
    ("rules", &["base", "pki", "model", "engine", "finding"]),
    ("fix", &["base", "pki", "model", "engine", "finding"]),
    ("why", &["base", "pki", "model", "engine", "finding", "rules"]),
    ("create", &["base", "pki", "model", "engine", "finding", "rules", "fix"]),
    ("config", &["base", "pki", "model", "engine", "scan", "finding", "rules"]),
    ("report", &["base", "pki", "model", "engine", "scan", "finding", "rules", "why", "fix", "create"]),
    ("sample", &["base", "pki", "model", "engine", "scan", "finding", "rules"]),
    (
        "session",
        &[
            "base", "pki", "model", "engine", "scan", "finding", "rules", "why", "fix", "create", "config", "report",
            "sample",
        ],
    ),
    (
        "tui",
        &[
            "base", "pki", "model", "engine", "scan", "finding", "rules", "config", "report", "sample", "session",
            "why", "fix", "create",
        ],
    ),
    (
        "cli",
        &[
            "base", "pki", "model", "engine", "scan", "finding", "rules", "config", "report", "sample", "session",
            "tui", "why", "fix", "create",
        ],
    ),
];

/// One use of a room by another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    from: String,
    to: String,
    /// File and line.
    place: String,
}

#[test]
fn no_room_uses_one_that_the_table_lacks() {
    let edges: Vec<Edge> = sources().iter().flat_map(|(path, text)| edges(path, text)).collect();
    assert!(edges.len() > 100, "only {} uses were found: is the collection broken?", edges.len());
    let wrong: Vec<String> = edges.iter().filter(|edge| !is_allowed(edge)).map(describe).collect();
    assert!(wrong.is_empty(), "uses that go up or sideways:\n{}", wrong.join("\n"));
}

#[test]
fn every_room_is_in_the_table_and_the_table_goes_one_way() {
    let rooms: BTreeSet<String> = sources().iter().filter_map(|(path, _)| room(path)).collect();
    let known: BTreeSet<String> = ROOMS.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(rooms.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "rooms that the table lacks");
    for (index, (room, uses)) in ROOMS.iter().enumerate() {
        for used in *uses {
            assert!(ROOMS[..index].iter().any(|(below, _)| below == used), "{room} stands below {used}");
        }
    }
}

#[test]
fn an_edge_upward_or_sideways_is_caught() {
    let wrong = |path: &str, text: &str| {
        edges(Path::new(path), text).iter().filter(|edge| !is_allowed(edge)).map(describe).collect::<Vec<_>>()
    };
    assert_eq!(wrong("pki/name.rs", "use crate::model::File;\n"), ["pki uses model at pki/name.rs:1"]);
    assert_eq!(wrong("pki/mod.rs", "\nuse super::engine;\n"), ["pki uses engine at pki/mod.rs:2"]);
    assert_eq!(wrong("pki/a/b.rs", "fn f() { super::super::super::scan::go() }"), ["pki uses scan at pki/a/b.rs:1"]);
    assert_eq!(
        wrong("engine/x.rs", "use crate::{\n    base::{text},\n    scan::Entry,\n};"),
        ["engine uses scan at engine/x.rs:1"]
    );
    assert_eq!(wrong("tui/x.rs", "use crate::cli::Failure;"), ["tui uses cli at tui/x.rs:1"]);
    let fine = "//! See [`crate::cli`].\nuse crate::base::text;\nuse super::name;\n#[cfg(test)]\nmod tests { use crate::cli; }";
    assert_eq!(wrong("pki/key.rs", fine), Vec::<String>::new());
}

#[test]
fn the_readme_shows_every_rule() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let metas: Vec<_> = certwright::rules::registry::all().map(|rule| rule.meta()).collect();
    let table = certwright::report::rules::markdown(&metas);
    let missing: Vec<&str> = table.lines().filter(|row| !readme.contains(row)).collect();
    assert!(
        missing.is_empty(),
        "README.md lacks these rows; `cargo run -- rules --format markdown` prints the table:\n{}",
        missing.join("\n")
    );
    let rows = readme.lines().filter(|line| line.starts_with("| CW")).count();
    assert_eq!(rows, metas.len(), "README.md shows a rule that is no more");
}

/// All source files by their path under `src`.
fn sources() -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let entries = walkdir::WalkDir::new(&src).sort_by_file_name().into_iter().map(Result::unwrap);
    entries
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"))
        .map(|entry| {
            let path = entry.path().strip_prefix(&src).unwrap().to_path_buf();
            (path, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

/// The room of a file; `None` for the crate's own two files.
fn room(path: &Path) -> Option<String> {
    let mut parts = path.components();
    let first = parts.next()?.as_os_str().to_str()?;
    match parts.next() {
        Some(_) => Some(first.to_owned()),
        None => first.strip_suffix(".rs").filter(|stem| !matches!(*stem, "lib" | "main")).map(str::to_owned),
    }
}

/// The uses of other rooms in a file, its unit tests left out: those may use whatever serves them.
fn edges(path: &Path, text: &str) -> Vec<Edge> {
    let Some(from) = room(path) else { return Vec::new() };
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let depth = path.components().count() - usize::from(path.ends_with("mod.rs"));
    let to_root = "super::".repeat(depth);
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap()).collect();
    let code = code.join("\n");
    let mut edges = Vec::new();
    for (at, to) in ["crate::", to_root.as_str()].iter().flat_map(|prefix| rooms_behind(&code, prefix)) {
        if to != from {
            let line = code[..at].matches('\n').count() + 1;
            edges.push(Edge { from: from.clone(), to, place: format!("{}:{line}", path.display()) });
        }
    }
    edges
}

/// The rooms that are named behind `prefix`, each with where: `prefix` room, or `prefix{` room, room `}`.
fn rooms_behind(code: &str, prefix: &str) -> Vec<(usize, String)> {
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let before = &code[..at];
        let is_longer = before.ends_with("super::") || before.ends_with(|before: char| before.is_alphanumeric());
        let rest = &code[at + prefix.len()..];
        if is_longer || rest.starts_with("super::") {
            continue;
        }
        match rest.strip_prefix('{') {
            None => rooms.push((at, word(rest))),
            Some(group) => rooms.extend(split_group(group).iter().map(|path| (at, word(path.trim())))),
        }
    }
    rooms.retain(|(_, name)| ROOMS.iter().any(|(room, _)| room == name));
    rooms
}

/// The paths of `a::b, c::{d, e}}`, up to the brace that closes them.
fn split_group(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut paths) = (0, 0, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' | ',' if depth == 0 => {
                paths.push(&group[start..at]);
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    paths
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

fn is_allowed(edge: &Edge) -> bool {
    ROOMS.iter().any(|(room, uses)| *room == edge.from && uses.contains(&edge.to.as_str()))
}

fn describe(edge: &Edge) -> String {
    format!("{} uses {} at {}", edge.from, edge.to, edge.place)
}
