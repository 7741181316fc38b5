//! What an error text means, as text: the meaning, the file at fault, the causes that the directory bears out first.

use std::io;
use std::path::Path;

use crate::base::text::display_name;
use crate::report::label::Label;
use crate::report::text::{Line, Paper};
use crate::why::{Diagnosis, Standing, Verdict};

/// So many findings are shown for one cause.
const SHOWN: usize = 5;

/// Prints a diagnosis held against the directory at `place`.
///
/// # Errors
/// Where the output cannot be written.
pub fn print(
    diagnosis: &Diagnosis,
    verdict: &Verdict<'_>,
    place: Option<&Path>,
    paper: &mut Paper<'_>,
) -> io::Result<()> {
    paper.paragraph(&Line::new(Label::Heading, diagnosis.symptom.title), 2)?;
    paper.paragraph(&Line::plain("  ").with(Label::Quote, &diagnosis.verbatim), 2)?;
    paper.paragraph(&Line::plain("  ").with(Label::Plain, diagnosis.symptom.meaning), 2)?;
    paper.blank()?;
    if let Some(registry) = &diagnosis.registry {
        fact(paper, "registry", Label::Plain, registry)?;
    }
    if let Some(server) = diagnosis.server.as_ref().filter(|server| Some(*server) != diagnosis.registry.as_ref()) {
        fact(paper, "server", Label::Plain, server)?;
    }
    match place {
        Some(place) => fact(paper, "directory", Label::Path, &display_name(place))?,
        None => {
            fact(paper, "directory", Label::Faint, "not looked at: the text names no registry, or there is no root")?
        }
    }
    for replay in &verdict.replays {
        fact(paper, "found", Label::Error, &replay.to_string())?;
        fact(paper, "file", Label::Path, &display_name(&replay.path))?;
    }
    for suspect in &verdict.suspects {
        fact(paper, "meant", Label::Warning, &format!("{}: {}", display_name(&suspect.path), suspect.reason))?;
    }
    print_causes(verdict, paper)
}

fn print_causes(verdict: &Verdict<'_>, paper: &mut Paper<'_>) -> io::Result<()> {
    for standing in [Standing::Confirmed, Standing::Open, Standing::Unseen] {
        let causes: Vec<_> = verdict.causes.iter().filter(|candidate| candidate.standing == standing).collect();
        if causes.is_empty() {
            continue;
        }
        paper.blank()?;
        paper.row(&Line::new(Label::Heading, heading(standing)))?;
        for candidate in causes {
            let label = if standing == Standing::Confirmed { Label::Error } else { Label::Plain };
            paper.paragraph(&Line::plain("  ").with(label, candidate.cause.title), 4)?;
            for finding in candidate.findings.iter().take(SHOWN) {
                let place = display_name(finding.place.path());
                let line = Line::plain("    ").with(Label::Path, place).with(Label::Plain, ": ");
                let line =
                    line.with(Label::Code, finding.code.number).with(Label::Plain, format!(" {}", finding.message));
                paper.paragraph(&line, 6)?;
                if !finding.advice.is_empty() {
                    let line = Line::plain("      ").with(Label::Faint, "fix: ").with(Label::Advice, &finding.advice);
                    paper.paragraph(&line, 11)?;
                }
            }
            if candidate.findings.is_empty() && standing != Standing::Unseen {
                if standing == Standing::Open {
                    paper.paragraph(&Line::plain("    ").with(Label::Faint, candidate.cause.evidence.words()), 4)?;
                }
                let line = Line::plain("    ").with(Label::Faint, "fix: ").with(Label::Advice, candidate.cause.fix);
                paper.paragraph(&line, 9)?;
            }
        }
    }
    Ok(())
}

fn heading(standing: Standing) -> &'static str {
    match standing {
        Standing::Confirmed => "what it is",
        Standing::Open => "what it may be",
        Standing::Unseen => "what the directory does not show",
    }
}

fn fact(paper: &mut Paper<'_>, name: &str, label: Label, text: &str) -> io::Result<()> {
    paper.paragraph(&Line::plain("  ").column(Label::Faint, name, 11).with(label, text), 13)
}
