//! What engines do for a registry, as text: the directory, each file in the engine's order, and what it connects with.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::text::{display_name, width};
use crate::engine::select::Endpoint;
use crate::engine::{Engine, Load, Roots, StepOutcome, TlsMaterial};
use crate::model::HostDir;
use crate::report::label::Label;
use crate::report::text::{Line, Paper};

/// What one engine does for a registry.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The engine.
    pub engine: Engine,
    /// What it connects to, in order.
    pub endpoints: Vec<Endpoint>,
    /// The directory that it reads; `None` where it reads none.
    pub directory: Option<PathBuf>,
    /// Where it would have read, had there been something.
    pub candidates: Vec<PathBuf>,
    /// What lies in the directory.
    pub host: Arc<HostDir>,
    /// What it does with that.
    pub load: Load,
}

/// Prints what each engine does.
///
/// # Errors
/// Where the output cannot be written.
pub fn print(target: &str, explanations: &[Explanation], paper: &mut Paper<'_>) -> io::Result<()> {
    paper.row(&Line::new(Label::Path, target))?;
    for explanation in explanations {
        paper.blank()?;
        print_engine(explanation, paper)?;
    }
    Ok(())
}

fn print_engine(explanation: &Explanation, paper: &mut Paper<'_>) -> io::Result<()> {
    let Explanation { engine, load, .. } = explanation;
    let heading = Line::new(Label::Heading, engine.name()).with(Label::Faint, format!("  {}", engine.title()));
    paper.row(&heading)?;
    print_reads(explanation, paper)?;
    print_steps(explanation, paper)?;
    match (&load.result, load.outcome()) {
        (Ok(material), _) => print_material(explanation, material, paper),
        (Err(_), "hang") => fact(paper, "outcome", Label::Error, "waits for ever"),
        (Err(_), "unknown") => fact(paper, "outcome", Label::Warning, "cannot be told: a file was not read"),
        (Err(error), _) => fact(paper, "error", Label::Error, &error.verbatim),
    }
}

fn print_reads(explanation: &Explanation, paper: &mut Paper<'_>) -> io::Result<()> {
    match (&explanation.directory, explanation.candidates.as_slice()) {
        (Some(directory), _) => fact(paper, "reads", Label::Path, &display_name(directory)),
        (None, []) => fact(paper, "reads", Label::Plain, "no directory for this host"),
        (None, candidates) => {
            let names: Vec<String> = candidates.iter().map(display_name).collect();
            fact(paper, "reads", Label::Plain, &format!("nothing: there is no {}", names.join(", no ")))
        }
    }
}

fn print_steps(explanation: &Explanation, paper: &mut Paper<'_>) -> io::Result<()> {
    let named = explanation.load.steps.iter().filter_map(|step| {
        let file = explanation.host.files.get(step.file?)?;
        Some((display_name(&file.name), step))
    });
    let named: Vec<_> = named.collect();
    let longest = named.iter().map(|(name, _)| width(name)).max().unwrap_or_default().min(40);
    for (name, step) in named {
        let line = Line::plain("    ").column(Label::Plain, name, longest + 2);
        let line = line.column(outcome_label(step.outcome), outcome_words(step.outcome), 13);
        let label = if step.outcome == StepOutcome::Fatal { Label::Quote } else { Label::Faint };
        paper.paragraph(&line.with(label, &step.text), longest + 19)?;
    }
    for message in &explanation.load.log {
        fact(paper, "logs", Label::Quote, message)?;
    }
    Ok(())
}

fn print_material(explanation: &Explanation, material: &TlsMaterial, paper: &mut Paper<'_>) -> io::Result<()> {
    let file =
        |index: usize| explanation.host.files.get(index).map(|file| display_name(&file.name)).unwrap_or_default();
    for endpoint in &explanation.endpoints {
        let checked = if !endpoint.verify || endpoint.url.starts_with("http:") {
            " without checking the server's certificate"
        } else {
            ""
        };
        fact(paper, "connects", Label::Plain, &format!("to {}{checked}", endpoint.url))?;
    }
    match material.roots {
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
