//! The tree as text: root ▸ host ▸ file ▸ certificates of a bundle, each file with what its name makes it and what it is.

use std::io;
use std::path::Path;

use crate::base::text::{display_name, width};
use crate::finding::{Finding, Severity};
use crate::model::{File, FileKind, HostDir, HostState, Role, Root, RootKind};
use crate::pki::{Certificate, PrivateKey, Purpose};
use crate::report::label::Label;
use crate::report::scene::Scene;
use crate::report::state::State;
use crate::report::text::{Line, Paper};

/// Prints the tree and a line of counts.
///
/// # Errors
/// Where the output cannot be written.
pub fn print(scene: &Scene<'_>, paper: &mut Paper<'_>) -> io::Result<()> {
    let columns = Columns::of(scene);
    for root in &scene.inventory.roots {
        paper.row(&root_line(root))?;
        let hosts: Vec<_> = scene.hosts(root).collect();
        for (index, host) in hosts.iter().enumerate() {
            let is_last = index + 1 == hosts.len();
            print_host(scene, paper, host, &columns, is_last)?;
        }
    }
    paper.blank()?;
    paper.row(&super::findings::summary(scene))
}

/// Widths of the columns.
struct Columns {
    name: usize,
    role: usize,
    content: usize,
    state: usize,
}

impl Columns {
    /// As wide as what stands in them, up to a limit beyond which a row bulges.
    fn of(scene: &Scene<'_>) -> Self {
        let mut columns = Self { name: 12, role: 4, content: 7, state: 5 };
        for (host, file) in scene.all_files() {
            let facts = Facts::of(scene, host, file);
            columns.name = columns.name.max(width(&display_name(&file.name))).min(32);
            columns.role = columns.role.max(facts.role.len());
            columns.content = columns.content.max(width(&facts.content)).min(24);
            columns.state = columns.state.max(width(&facts.state)).min(24);
        }
        columns
    }
}

/// What a row says of a file.
struct Facts {
    role: &'static str,
    content: String,
    agrees: bool,
    state: String,
    state_label: Label,
    subject: String,
}

impl Facts {
    fn of(scene: &Scene<'_>, host: &HostDir, file: &File) -> Self {
        let certificates: Vec<_> = file.parsed().into_iter().flat_map(|parsed| parsed.certificates()).collect();
        let key = file.parsed().and_then(|parsed| parsed.private_keys().next());
        // Of several certificates the one that ends first tells how the file stands.
        let first = certificates.iter().min_by_key(|certificate| certificate.not_after());
        let (state, state_label) = first.map_or((String::new(), Label::Plain), |first| state_of(scene, first));
        let subject = match (certificates.as_slice(), key, &file.link) {
            ([one], _, _) => one.display_name(),
            ([], Some(key), _) if file.is_waiting() => waits_for(host, key).unwrap_or_else(|| key.describe()),
            ([], Some(key), _) => key.describe(),
            ([], None, Some(link)) => format!("-> {}", display_name(&link.target)),
            _ => String::new(),
        };
        let (role, content) = (file.role().word(), file.content_word());
        Self { role, content, agrees: agrees(file), state, state_label, subject }
    }
}

/// The certificate that a key waits for, where a request tells which.
fn waits_for(host: &HostDir, key: &PrivateKey) -> Option<String> {
    let (_, request) = host.request_of(&key.spki_sha256()?)?;
    Some(format!("waits for the certificate of {}", request.subject))
}

/// Tells whether a file holds what its name promises.
fn agrees(file: &File) -> bool {
    let first = file.parsed().and_then(|parsed| parsed.certificates().next());
    let has_key = file.parsed().is_some_and(|parsed| parsed.private_keys().next().is_some());
    match file.role() {
        Role::CaBundle => first.is_some_and(|first| first.purpose() == Purpose::Ca),
        Role::ClientCertificate => {
            first.is_some_and(|first| matches!(first.purpose(), Purpose::Client | Purpose::EndEntity))
        }
        Role::ClientKey => has_key,
        Role::HostsToml => true,
        Role::Unused => first.is_none() && (!has_key || file.is_waiting()),
    }
}

fn state_of(scene: &Scene<'_>, certificate: &Certificate) -> (String, Label) {
    let state = State::of(certificate, scene.now, scene.expires_within);
    let moment = if state == State::NotYet { certificate.not_before() } else { certificate.not_after() };
    let days = scene.now.days_until(moment);
    let count = if days.abs() == 1 { "1 day".to_owned() } else { format!("{} days", days.abs()) };
    let distance = if days < 0 { format!("{count} ago") } else { count };
    (format!("{}, {distance}", state.word()), state.label())
}

fn root_line(root: &Root) -> Line {
    let path = if root.path == Path::new("") { ".".to_owned() } else { display_name(&root.path) };
    let line = Line::new(Label::Path, path);
    let line = match root.kind {
        RootKind::Docker => line.with(Label::Faint, "  Docker"),
        RootKind::DockerRootless => line.with(Label::Faint, "  rootless Docker"),
        RootKind::DockerSnap => line.with(Label::Faint, "  Docker, as a snap"),
        RootKind::PodmanUser => line.with(Label::Faint, "  Podman, this user"),
        RootKind::PodmanSystem => line.with(Label::Faint, "  Podman"),
        RootKind::Containerd => line.with(Label::Faint, "  containerd"),
        RootKind::ContainerdRootless => line.with(Label::Faint, "  rootless containerd"),
        RootKind::Given | RootKind::Partial => line,
    };
    match root.error {
        Some(error) => line.with(Label::Error, format!("  {}", error.errno)),
        None => line,
    }
}

fn print_host(
    scene: &Scene<'_>,
    paper: &mut Paper<'_>,
    host: &HostDir,
    columns: &Columns,
    is_last: bool,
) -> io::Result<()> {
    let findings = scene.findings_of(host);
    let about_directory = findings.iter().filter(|finding| finding.place.file.is_none());
    let branch = if is_last { paper.glyph("└── ", "`-- ") } else { paper.glyph("├── ", "|-- ") };
    let mut line = Line::new(Label::Faint, branch);
    line = mark(paper, line, worst(about_directory)).with(Label::Path, display_name(&host.name));
    line = match host.state {
        HostState::Listed if host.files.is_empty() => line.with(Label::Faint, "  empty"),
        HostState::Listed => line,
        HostState::Missing => line.with(Label::Error, "  leads to nothing"),
        HostState::NotDirectory(kind) => line.with(Label::Faint, format!("  {}", kind.word())),
        HostState::Unreadable(error) => line.with(Label::Error, format!("  {}", error.errno)),
    };
    let about_directory = findings.iter().filter(|finding| finding.place.file.is_none());
    paper.row(&codes(line, about_directory))?;
    let stem = if is_last { "    " } else { paper.glyph("│   ", "|   ") };
    let files: Vec<_> = scene.files(host).collect();
    for (index, file) in files.iter().enumerate() {
        print_file(scene, paper, (host, file), columns, (stem, index + 1 == files.len()))?;
    }
    Ok(())
}

fn print_file(
    scene: &Scene<'_>,
    paper: &mut Paper<'_>,
    (host, file): (&HostDir, &File),
    columns: &Columns,
    (stem, is_last): (&str, bool),
) -> io::Result<()> {
    let facts = Facts::of(scene, host, file);
    let branch = if is_last { paper.glyph("└── ", "`-- ") } else { paper.glyph("├── ", "|-- ") };
    let line = Line::new(Label::Faint, format!("{stem}{branch}"));
    let line = mark(paper, line, worst(scene.findings_at(host, file)));
    let differs = if facts.agrees { paper.glyph("  ", "   ") } else { paper.glyph("≠ ", "!= ") };
    let is_gone = matches!(file.kind, FileKind::Dangling | FileKind::LinkLoop);
    let content_label = if facts.agrees {
        Label::Plain
    } else if is_gone {
        Label::Error
    } else {
        Label::Warning
    };
    let line = line
        .column(Label::Plain, display_name(&file.name), columns.name + 2)
        .column(Label::Plain, facts.role, columns.role + 1)
        .with(Label::Warning, differs)
        .column(content_label, &facts.content, columns.content + 2)
        .column(facts.state_label, &facts.state, columns.state + 2)
        .with(Label::Plain, &facts.subject);
    paper.row(&codes(line, scene.findings_at(host, file)))?;
    let certificates: Vec<_> = file.parsed().into_iter().flat_map(|parsed| parsed.certificates()).collect();
    if certificates.len() < 2 {
        return Ok(());
    }
    let inner = format!("{stem}{}", if is_last { "    " } else { paper.glyph("│   ", "|   ") });
    for (index, certificate) in certificates.iter().enumerate() {
        let is_last = index + 1 == certificates.len();
        let branch = if is_last { paper.glyph("└── ", "`-- ") } else { paper.glyph("├── ", "|-- ") };
        let about = scene.findings_at(host, file).filter(|finding| finding.place.certificate == Some(index));
        let (state, label) = state_of(scene, certificate);
        let line = mark(paper, Line::new(Label::Faint, format!("{inner}{branch}")), worst(about))
            .column(Label::Plain, format!("{}.", index + 1), columns.name.saturating_sub(4) + 2)
            .with(Label::Plain, " ".repeat(columns.role + 1 + paper.glyph("≠ ", "!= ").chars().count()))
            .column(Label::Plain, certificate.purpose().word(), columns.content + 2)
            .column(label, state, columns.state + 2)
            .with(Label::Plain, certificate.display_name());
        paper.row(&line)?;
    }
    Ok(())
}

fn worst<'f>(findings: impl Iterator<Item = &'f Finding>) -> Option<Severity> {
    findings.map(|finding| finding.severity).max()
}

/// Adds the codes of findings, each once.
fn codes<'f>(line: Line, findings: impl Iterator<Item = &'f Finding>) -> Line {
    let mut codes: Vec<&str> = findings.map(|finding| finding.code.number).collect();
    codes.sort_unstable();
    codes.dedup();
    if codes.is_empty() { line } else { line.with(Label::Code, format!("  {}", codes.join(" "))) }
}

/// Adds the sign of a severity, or as many blanks.
fn mark(paper: &Paper<'_>, line: Line, severity: Option<Severity>) -> Line {
    match severity {
        Some(Severity::Error) => line.with(Label::Error, paper.glyph("✗ ", "x ")),
        Some(Severity::Warning) => line.with(Label::Warning, "! "),
        Some(Severity::Info) => line.with(Label::Info, "i "),
        None => line.with(Label::Plain, "  "),
    }
}
