//! A plan as text: the fixes of each host directory, its listing before and after, and what the engines say of both.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::Path;

use crate::base::text::{display_name, width};
use crate::engine::Judge;
use crate::finding::{Applicability, Change, Finding};
use crate::fix::outlook::{Difference, form, summary};
use crate::fix::{HeldBack, HostOutlook, Planned, PlannedFix, Reason};
use crate::model::{File, Inventory, Role};
use crate::report::findings::print_finding;
use crate::report::label::Label;
use crate::report::text::{Line, Paper};

/// How much of a plan is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The fixes, and what the engines say
    Fixes,
    /// The listings before and after as well
    Differences,
}

/// Prints a plan and a line of counts.
///
/// # Errors
/// Where the output cannot be written.
pub fn print(
    planned: &Planned,
    inventory: &Inventory,
    judges: &[Judge],
    detail: Detail,
    paper: &mut Paper<'_>,
) -> io::Result<()> {
    let outlook = planned.outlook(inventory);
    let places = places(&planned.plan.fixes);
    for host in &outlook {
        paper.row(&Line::new(Label::Path, display_name(&host.place().path)))?;
        let here = [&host.place().path, &host.after.path].map(|path| places.get(path.as_path()));
        let here: BTreeSet<usize> = here.into_iter().flatten().flatten().copied().collect();
        for fix in here.into_iter().filter_map(|index| planned.plan.fixes.get(index)) {
            print_fix(fix, paper)?;
        }
        if detail == Detail::Differences {
            print_differences(host, paper)?;
        }
        print_verdicts(host, judges, paper)?;
        paper.blank()?;
    }
    paper.paragraph(&counts(planned, outlook.len()), 0)?;
    for line in held_back(&planned.held_back) {
        paper.paragraph(&line, 2)?;
    }
    Ok(())
}

/// The fixes, by their place in the plan, that do something in or to each directory. What reaches into several is told with
/// each.
fn places(fixes: &[PlannedFix]) -> HashMap<&Path, Vec<usize>> {
    let mut places: HashMap<&Path, Vec<usize>> = HashMap::new();
    for (index, fix) in fixes.iter().enumerate() {
        for change in &fix.changes {
            for path in change.source().filter(|_| moves(change)).into_iter().chain([change.target()]) {
                for place in [Some(path), path.parent()].into_iter().flatten() {
                    places.entry(place).or_default().push(index);
                }
            }
        }
    }
    places
}

fn moves(change: &Change) -> bool {
    matches!(change, Change::Rename { .. } | Change::SetAside { .. })
}

fn print_fix(fix: &PlannedFix, paper: &mut Paper<'_>) -> io::Result<()> {
    let (label, word) = match (fix.promise, &fix.reason) {
        // What somebody wants is told by what it comes to, unless something is lost by it.
        (Applicability::Safe, Reason::Manual) => {
            return paper.paragraph(&Line::plain("  ").with(Label::Plain, &fix.title), 4);
        }
        (Applicability::Safe, _) => (Label::Good, "safe"),
        (Applicability::Unsafe | Applicability::DisplayOnly, _) => (Label::Warning, "unsafe"),
    };
    let mut line = Line::plain("  ").with(label, word);
    if let Reason::Rule(code) = &fix.reason {
        line = line.with(Label::Plain, "[").with(Label::Code, code).with(Label::Plain, "]");
    }
    paper.paragraph(&line.with(Label::Plain, format!(" {}", fix.title)), 4)
}

fn print_differences(host: &HostOutlook<'_>, paper: &mut Paper<'_>) -> io::Result<()> {
    if host.is_renamed() {
        let line = Line::new(Label::Error, "    - ").with(Label::Path, display_name(&host.place().path));
        paper.row(&line)?;
        paper.row(&Line::new(Label::Good, "    + ").with(Label::Path, display_name(&host.after.path)))?;
    }
    let differences = host.differences();
    let names = differences.iter().map(|difference| width(&display_name(difference.name())));
    let names = names.max().unwrap_or_default().min(40) + 2;
    let roles = differences.iter().map(|difference| width(Role::of_name(difference.name()).word()) + 2);
    let columns = (names, roles.max().unwrap_or_default().max(8));
    for difference in &differences {
        match difference {
            Difference::Same(file) => entry("    ", Label::Faint, file, columns, paper)?,
            Difference::Gone(file) => entry("  - ", Label::Error, file, columns, paper)?,
            Difference::New(file) => entry("  + ", Label::Good, file, columns, paper)?,
            Difference::Changed(before, after) => {
                entry("  - ", Label::Error, before, columns, paper)?;
                entry("  + ", Label::Good, after, columns, paper)?;
            }
        }
    }
    Ok(())
}

fn entry(
    sign: &str,
    label: Label,
    file: &File,
    (names, roles): (usize, usize),
    paper: &mut Paper<'_>,
) -> io::Result<()> {
    let permissions = file.stamp.map(|stamp| stamp.permissions()).unwrap_or_default();
    let line = Line::new(label, format!("  {sign}"))
        .column(label, display_name(&file.name), names)
        .column(Label::Faint, file.role().word(), roles)
        .column(Label::Plain, file.content_word(), 16)
        .column(Label::Faint, permissions, 11)
        .with(Label::Faint, form(file));
    paper.row(&line)
}

fn print_verdicts(host: &HostOutlook<'_>, judges: &[Judge], paper: &mut Paper<'_>) -> io::Result<()> {
    for verdict in host.verdicts(judges).iter().filter(|verdict| verdict.differs()) {
        let mut line = Line::new(Label::Faint, format!("    {}: ", verdict.judge));
        if let Some(before) = &verdict.before {
            let label = if before.error().is_some() { Label::Quote } else { Label::Plain };
            line = line.with(label, summary(before)).with(Label::Faint, paper.glyph(" → ", " -> "));
        }
        let label = if verdict.after.error().is_some() { Label::Quote } else { Label::Good };
        paper.paragraph(&line.with(label, summary(&verdict.after)), 6)?;
    }
    Ok(())
}

fn counts(planned: &Planned, hosts: usize) -> Line {
    let count = planned.plan.fixes.len();
    if count == 0 {
        return Line::plain("nothing to mend");
    }
    let is_wanted = planned.plan.fixes.iter().all(|fix| fix.reason == Reason::Manual);
    let fixes = match (is_wanted, count) {
        (true, 1) => "change",
        (true, _) => "changes",
        (false, 1) => "fix",
        (false, _) => "fixes",
    };
    let directories = if hosts == 1 { "host directory" } else { "host directories" };
    Line::plain(format!("{count} {fixes} in {hosts} {directories}"))
}

/// Prints what to know of a plan, and what would be wrong after it.
///
/// # Errors
/// Where the output cannot be written.
pub fn notes(notes: &[String], findings: &[Finding], paper: &mut Paper<'_>) -> io::Result<()> {
    for note in notes {
        paper.paragraph(&Line::new(Label::Faint, "  note: ").with(Label::Plain, note), 4)?;
    }
    for finding in findings {
        print_finding(finding, None, paper)?;
    }
    Ok(())
}

/// What a plan leaves, a line each, with what would take it in.
pub fn held_back(held_back: &HeldBack) -> Vec<Line> {
    let is = |count: usize| if count == 1 { "1 finding has" } else { "findings have" };
    let line = |count: usize, what: &str, how: &str| {
        let number = if count == 1 { String::new() } else { format!("{count} ") };
        let text = format!("held back: {number}{} {what}", is(count));
        (count > 0).then(|| Line::new(Label::Warning, text).with(Label::Faint, format!("; {how}")))
    };
    let HeldBack { unsafe_fixes, choices, passphrases, by_hand, blocked } = *held_back;
    [
        line(unsafe_fixes, "a fix that may change trust or access", "--unsafe takes it in"),
        line(choices, "several fixes that are equally likely", "f on the screen lets you choose"),
        line(passphrases, "a key that its passphrase opens", "--apply asks for it on a terminal"),
        line(by_hand, "to be mended by hand", "check tells how"),
        line(blocked, "a fix that something stands in the way of", "f on the screen tells what"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
