//! What engines do for a registry, as text: the directory, each file in the engine's order, and what it connects with.

use std::io;

use crate::base::text::{display_name, width};
use crate::engine::explanation::{Attempt, Contact, Explanation};
use crate::engine::installed::Installed;
use crate::engine::{Engine, Roots, StepOutcome};
use crate::report::label::Label;
use crate::report::notes::notes;
use crate::report::text::{Line, Paper};

/// Prints what each engine does, and what is worth knowing of all of them.
///
/// # Errors
/// Where the output cannot be written.
pub fn print(
    target: &str,
    explanations: &[Explanation],
    installed: &Installed,
    paper: &mut Paper<'_>,
) -> io::Result<()> {
    paper.row(&Line::new(Label::Path, target))?;
    for problem in &installed.problems {
        let text = format!("{}: {}", display_name(&problem.path), problem.reason);
        paper.paragraph(&Line::new(Label::Warning, "not understood  ").with(Label::Plain, text), 2)?;
    }
    for explanation in explanations {
        paper.blank()?;
        print_engine(explanation, paper)?;
    }
    print_notes(&notes(explanations, installed), paper)
}

fn print_engine(explanation: &Explanation, paper: &mut Paper<'_>) -> io::Result<()> {
    let engine = explanation.judge.engine;
    let heading = Line::new(Label::Heading, explanation.judge.to_string());
    paper.row(&heading.with(Label::Faint, format!("  {}", engine.title())))?;
    match &explanation.evidence {
        Some(evidence) => fact(paper, "found", Label::Plain, evidence)?,
        None => paper.row(&Line::plain("  ").with(Label::Faint, "not found here"))?,
    }
    for attempt in explanation.readings() {
        print_reads(attempt, paper)?;
        print_steps(attempt, paper)?;
    }
    match explanation.outcome() {
        "ok" => print_contacts(explanation, paper),
        "hang" => fact(paper, "outcome", Label::Error, "waits for ever"),
        "unknown" => fact(paper, "outcome", Label::Warning, "cannot be told: a file was not read"),
        _ => fact(paper, "error", Label::Error, explanation.error().unwrap_or_default()),
    }
}

fn print_reads(attempt: &Attempt, paper: &mut Paper<'_>) -> io::Result<()> {
    match (&attempt.directory, attempt.candidates.as_slice()) {
        // BuildKit reads all the directories that it is given.
        (Some(_), all) if attempt.load.engine == Engine::Buildkit => {
            for directory in all {
                fact(paper, "reads", Label::Path, &display_name(directory))?;
            }
        }
        (Some(directory), _) => fact(paper, "reads", Label::Path, &display_name(directory))?,
        (None, []) => fact(paper, "reads", Label::Plain, "no directory for this host")?,
        (None, candidates) => {
            let names: Vec<String> = candidates.iter().map(display_name).collect();
            let none = if names.len() == 1 { "no" } else { "neither" };
            fact(paper, "reads", Label::Plain, &format!("nothing; there is {none} {}", names.join(" nor ")))?;
        }
    }
    for shadowed in &attempt.shadowed {
        fact(paper, "shadows", Label::Warning, &format!("{}, which is not read", display_name(shadowed)))?;
    }
    Ok(())
}

fn print_steps(attempt: &Attempt, paper: &mut Paper<'_>) -> io::Result<()> {
    let named = attempt.load.steps.iter().filter_map(|step| {
        let file = attempt.host.entry(step.file?)?;
        Some((display_name(&file.name), step))
    });
    let named: Vec<_> = named.collect();
    let longest = named.iter().map(|(name, _)| width(name)).max().unwrap_or_default().min(40);
    for (name, step) in named {
        let line = Line::plain("    ").column(Label::Plain, &name, longest);
        let line = line.column(Label::Plain, "", 2);
        let line = line.column(outcome_label(step.outcome), outcome_words(step.outcome), 13);
        let label = if step.outcome == StepOutcome::Fatal { Label::Quote } else { Label::Faint };
        paper.paragraph(&line.with(label, &step.text), longest + 19)?;
    }
    for message in &attempt.load.log {
        fact(paper, "logs", Label::Quote, message)?;
    }
    Ok(())
}

/// The servers, those that are connected to in the same way together.
fn print_contacts(explanation: &Explanation, paper: &mut Paper<'_>) -> io::Result<()> {
    let contacts = explanation.contacts();
    for (index, contact) in contacts.iter().enumerate() {
        let unchecked = !contact.verify || contact.url.starts_with("http:");
        let how = if unchecked { ", the server's certificate unchecked" } else { "" };
        let fallback = if contact.http_fallback { ", then in plain HTTP" } else { "" };
        fact(paper, "connects", Label::Plain, &format!("to {}{how}{fallback}", contact.url))?;
        let next = contacts.get(index + 1);
        if next.is_none_or(|next| !is_same_material(contact, next)) {
            print_material(contact, paper)?;
        }
    }
    Ok(())
}

fn is_same_material(one: &Contact<'_>, other: &Contact<'_>) -> bool {
    let anchors = |contact: &Contact<'_>| {
        contact.material.anchors.iter().map(|anchor| (anchor.file, *anchor.certificate.sha256())).collect::<Vec<_>>()
    };
    let pairs = |contact: &Contact<'_>| {
        contact.material.pairs.iter().map(|pair| (pair.certificate_file, pair.key_file)).collect::<Vec<_>>()
    };
    one.attempt.directory == other.attempt.directory
        && one.material.roots == other.material.roots
        && anchors(one) == anchors(other)
        && pairs(one) == pairs(other)
}

fn print_material(contact: &Contact<'_>, paper: &mut Paper<'_>) -> io::Result<()> {
    let material = contact.material;
    let file =
        |index: usize| contact.attempt.host.entry(index).map(|file| display_name(&file.name)).unwrap_or_default();
    match material.roots {
        _ if material.anchors.is_empty() => fact(paper, "trusts", Label::Plain, "the system's roots alone")?,
        Roots::System => fact(paper, "trusts", Label::Plain, "the system's roots alone")?,
        Roots::SystemAndDirectory => fact(paper, "trusts", Label::Plain, "the system's roots, and")?,
    }
    for anchor in &material.anchors {
        let line = Line::new(Label::Good, "            ")
            .with(Label::Plain, anchor.certificate.display_name())
            .with(Label::Faint, format!("  {}", file(anchor.file)));
        paper.paragraph(&line, 12)?;
    }
    if material.pairs.is_empty() {
        return fact(paper, "presents", Label::Plain, "no client certificate");
    }
    for pair in &material.pairs {
        let name = pair.leaf().map(|leaf| leaf.display_name()).unwrap_or_default();
        let files = format!("{} with {}", file(pair.certificate_file), file(pair.key_file));
        fact(paper, "presents", Label::Plain, &format!("{name}  ({files})"))?;
    }
    Ok(())
}

fn print_notes(notes: &[String], paper: &mut Paper<'_>) -> io::Result<()> {
    for note in notes {
        paper.blank()?;
        paper.paragraph(&Line::new(Label::Heading, "note  ").with(Label::Plain, note), 6)?;
    }
    Ok(())
}

fn fact(paper: &mut Paper<'_>, name: &str, label: Label, text: &str) -> io::Result<()> {
    let line = Line::plain("  ").column(Label::Faint, name, 10).with(label, text);
    paper.paragraph(&line, 12)
}

fn outcome_words(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::NotReached => "not reached",
        other => other.word(),
    }
}

fn outcome_label(outcome: StepOutcome) -> Label {
    match outcome {
        StepOutcome::Loaded => Label::Good,
        StepOutcome::Useless | StepOutcome::Unknown => Label::Warning,
        StepOutcome::Fatal | StepOutcome::Hang => Label::Error,
        StepOutcome::Ignored | StepOutcome::NotReached => Label::Faint,
    }
}
