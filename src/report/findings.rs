//! Findings as text: by place, each with what the engines do and what would mend it.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::base::text::display_name;
use crate::finding::{Finding, Severity};
use crate::model::HostDir;
use crate::report::label::Label;
use crate::report::scene::Scene;
use crate::report::text::{Line, Paper};

/// Prints the findings and a line of counts.
///
/// # Errors
/// Where the output cannot be written.
pub fn print(scene: &Scene<'_>, paper: &mut Paper<'_>) -> io::Result<()> {
    let hosts: HashMap<&Path, &HostDir> =
        scene.inventory.hosts.iter().map(|host| (host.path.as_path(), host.as_ref())).collect();
    let mut place: Option<PathBuf> = None;
    for finding in scene.findings {
        let path = finding.place.path();
        if place.as_ref() != Some(&path) {
            if place.is_some() {
                paper.blank()?;
            }
            paper.row(&Line::new(Label::Path, display_name(&path)))?;
            place = Some(path);
        }
        let host = hosts.get(&*finding.place.directory).copied();
        print_finding(finding, host, paper)?;
    }
    if place.is_some() {
        paper.blank()?;
    }
    paper.paragraph(&summary(scene), 0)
}

/// Prints one finding under the path of its place; `host` is the directory of that.
///
/// # Errors
/// Where the output cannot be written.
pub fn print_finding(finding: &Finding, host: Option<&HostDir>, paper: &mut Paper<'_>) -> io::Result<()> {
    let is_one_of_many = host.is_none_or(|host| certificates(finding, host) > 1);
    let nth = finding.place.certificate.filter(|_| is_one_of_many).map(|index| format!("certificate {}: ", index + 1));
    let line = Line::plain("  ")
        .with(finding.severity.into(), finding.severity.word())
        .with(Label::Plain, "[")
        .with(Label::Code, finding.code.number)
        .with(Label::Plain, "] ")
        .with(Label::Faint, nth.unwrap_or_default())
        .with(Label::Plain, &finding.message)
        .with(Label::Faint, format!(" ({})", finding.code.name));
    paper.paragraph(&line, 4)?;
    for consequence in &finding.consequences {
        let label = if consequence.verbatim { Label::Quote } else { Label::Plain };
        let line =
            Line::new(Label::Faint, format!("    {}: ", consequence.engine.name())).with(label, &consequence.text);
        paper.paragraph(&line, 6)?;
    }
    if finding.advice.is_empty() {
        return Ok(());
    }
    paper.paragraph(&Line::new(Label::Advice, "    fix: ").with(Label::Plain, &finding.advice), 6)
}

/// How many certificates are in the file of a finding.
fn certificates(finding: &Finding, host: &HostDir) -> usize {
    let file = finding.place.file.as_ref().and_then(|name| host.file(name));
    file.and_then(|file| file.parsed()).map_or(0, |parsed| parsed.certificates().count())
}

/// The line of counts.
pub fn summary(scene: &Scene<'_>) -> Line {
    let files = scene.all_files().count();
    let certificates: usize =
        scene.all_files().filter_map(|(_, file)| file.parsed()).map(|parsed| parsed.certificates().count()).sum();
    let mut line = Line::default();
    for severity in Severity::ALL {
        let count = scene.count(severity);
        let label = if count == 0 { Label::Faint } else { severity.into() };
        line = line.with(label, counted(count, severity_noun(severity))).with(Label::Faint, ", ");
    }
    let hosts = counted(scene.inventory.hosts.len(), ("host directory", "host directories"));
    let files = counted(files, ("file", "files"));
    let certificates = counted(certificates, ("certificate", "certificates"));
    line.with(Label::Faint, format!("in {hosts}, {files}, {certificates}"))
}

fn severity_noun(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Error => ("error", "errors"),
        Severity::Warning => ("warning", "warnings"),
        Severity::Info => ("info", "infos"),
    }
}

fn counted(count: usize, (one, many): (&str, &str)) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
