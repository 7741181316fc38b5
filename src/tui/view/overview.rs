//! What is selected, and how it stands, in short.

use crate::base::clock::Timestamp;
use crate::base::text::display_name;
use crate::finding::Finding;
use crate::model::{File, HostDir, HostState, NameForm, Placement, Reach, Role, RootKind};
use crate::pki::{Certificate, Item, Parsed, Purpose};
use crate::tui::document::Document;
use crate::tui::entry::{ReadHost, RootEntry, certificates_of};
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::tree::Row;
use crate::tui::view::certificate::write_validity;
use crate::tui::view::title::{count, count_findings};
use crate::tui::view::{engines, findings};

/// The most findings that are told in short.
const FINDINGS: usize = 6;
/// The most certificates that are told in short.
const CERTIFICATES: usize = 8;

/// Writes the tab.
pub fn write(state: &State, document: &mut Document) {
    match state.cursor {
        Row::Root(root) => match state.tree.root(root) {
            Some(entry) => write_root(state, root, entry, document),
            None => {
                document.text(Label::Dim, if state.progress.finished { "There is nothing here." } else { "Reading …" });
            }
        },
        Row::Host(host) => match state.tree.read(host) {
            Some(read) => write_host(state, read, document),
            None => {
                document.text(Label::Dim, "This directory is still being read.");
            }
        },
        Row::File { host, file } => {
            let read = state.tree.read(host);
            if let Some((read, content)) = read.and_then(|read| Some((read, read.host.files.get(file)?))) {
                write_file(state, read, (file, content), document);
            }
        }
        Row::Certificate { host, file, certificate } => {
            let content = state.tree.file(host, file);
            if let Some((content, found)) =
                content.and_then(|content| Some((content, certificates_of(content).nth(certificate)?)))
            {
                write_one(state, (content, certificate, found), document);
            }
        }
    }
}

fn write_root(state: &State, root: usize, entry: &RootEntry, document: &mut Document) {
    document.text(Label::Strong, &display_name(&entry.root.path));
    document.text(Label::Dim, root_kind(entry.root.kind));
    if let Some(error) = entry.root.error {
        document
            .gap()
            .text(Label::Error, &format!("{} cannot list it: {}", state.glyphs.sign(Sign::Error), error.errno));
    }
    document.gap();
    let reads: Vec<&ReadHost> = entry.hosts.iter().filter_map(|host| state.tree.read(*host)).collect();
    let files: usize = reads.iter().map(|read| read.host.files.len()).sum();
    let certificates: usize = reads.iter().map(|read| read.certificates).sum();
    document.field(
        "Holds",
        &format!(
            "{}, {}, {}",
            count(entry.hosts.len(), "host"),
            count(files, "file"),
            count(certificates, "certificate")
        ),
    );
    let tally = state.tree.tally_of_root(root);
    let mut name = "Findings";
    for (severity, number) in tally.all().into_iter().filter(|(_, number)| *number > 0) {
        let text = format!("{} {}", state.glyphs.severity(severity), count_findings(number, severity));
        document.field_of(std::mem::take(&mut name), &[(Label::of(severity), &text)]);
    }
    if tally.worst().is_none() {
        document.field_of(name, &[(Label::Dim, if state.progress.finished { "none" } else { "none so far" })]);
    }
    write_expiring(state, &reads, document);
    if tally.worst().is_some() {
        document.heading("What is wrong");
        findings::write_summary(state, root, document);
        document.text(Label::Dim, "n goes to the next problem.");
    }
}

/// Writes which certificates expire next.
fn write_expiring(state: &State, reads: &[&ReadHost], document: &mut Document) {
    let now = state.settings.now;
    let soon = |read: &&&ReadHost| {
        read.first_expiry.is_some_and(|expiry| now <= expiry && now.days_until(expiry) < state.settings.expires_within)
    };
    let past = |read: &&&ReadHost| read.first_expiry.is_some_and(|expiry: Timestamp| expiry < now);
    let (soon, past) = (reads.iter().filter(soon).count(), reads.iter().filter(past).count());
    if past > 0 {
        document.field_of("Expired", &[(Label::Error, &format!("in {}", count(past, "host")))]);
    }
    if soon > 0 {
        let within = format!("in {}, within {} days", count(soon, "host"), state.settings.expires_within);
        document.field_of("Expiring", &[(Label::Warning, &within)]);
    }
}

fn write_host(state: &State, read: &ReadHost, document: &mut Document) {
    let host = &*read.host;
    document.text(Label::Strong, &display_name(&host.name));
    write_meaning(host, document);
    document.gap();
    document.field("Path", &display_name(&host.path));
    if let Some(link) = &host.link {
        document.field("Link to", &display_name(&link.target));
    }
    let holds = match host.state {
        HostState::Listed => {
            format!("{}, {}", count(host.files.len(), "file"), count(read.certificates, "certificate"))
        }
        HostState::Missing => "nothing is there".to_owned(),
        HostState::NotDirectory(kind) => format!("it is no directory but a {}", kind.word()),
        HostState::Unreadable(error) => format!("it cannot be read: {}", error.errno),
    };
    document.field("Holds", &holds);
    if let Some(stamp) = &host.stamp {
        document.field("Mode", &format!("{}  owner {}:{}", stamp.permissions(), stamp.uid, stamp.gid));
    }
    document.heading("Engines");
    for judge in state.judgement.judges() {
        let load = judge.load(host);
        document.text(Label::Plain, &engines::title(*judge));
        engines::write_outcome(&load, state.glyphs, document);
    }
    write_findings(state, &read.findings.iter().collect::<Vec<_>>(), document);
    let all = host.files.iter().flat_map(|file| certificates_of(file).map(move |certificate| (file, &**certificate)));
    let all: Vec<_> = all.collect();
    if !all.is_empty() {
        document.heading("Certificates");
        write_certificates(state, &all, document);
    }
}

/// Writes what the name of a host directory means.
fn write_meaning(host: &HostDir, document: &mut Document) {
    if host.placement == Placement::Flat {
        document.text(Label::Dim, "not under a certs.d: its name means nothing");
        return;
    }
    let Some(name) = host.host_name() else { return };
    let (label, text) = match (name.form(), name.reach()) {
        (NameForm::Malformed(_), _) => {
            (Label::Error, "no registry has such a name: no engine ever looks here".to_owned())
        }
        (NameForm::Default, _) => (Label::Dim, "for every host without a directory of its own (containerd)".to_owned()),
        (_, Reach::LoginOnly) => (Label::Warning, "no image reference leads here, only docker login".to_owned()),
        (NameForm::Underscored { .. }, _) => {
            (Label::Dim, format!("for {} (containerd; Docker from 28)", name.registry().unwrap_or_default()))
        }
        (NameForm::Host { .. }, _) => {
            (Label::Dim, format!("for images named {}/…", name.registry().unwrap_or_default()))
        }
    };
    document.text(label, &text);
}

fn write_findings(state: &State, found: &[&Finding], document: &mut Document) {
    if found.is_empty() {
        return;
    }
    document.heading("Findings");
    let mut sorted = found.to_vec();
    sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    for finding in sorted.iter().take(FINDINGS) {
        let sign = state.glyphs.severity(finding.severity);
        let file = match (state.cursor, &finding.place.file) {
            (Row::Host(_), Some(file)) => format!("{}: ", display_name(file)),
            _ => String::new(),
        };
        let label = Label::of(finding.severity);
        document.hanging(&[(label, &format!("{sign} "))], &[(Label::Dim, &file), (Label::Plain, &finding.message)]);
    }
    if found.len() > FINDINGS {
        document.text(Label::Dim, &format!("and {} more, in tab 5", found.len() - FINDINGS));
    }
}

/// Writes certificates, a line each.
fn write_certificates(state: &State, all: &[(&File, &Certificate)], document: &mut Document) {
    for (file, certificate) in all.iter().take(CERTIFICATES) {
        let days = state.settings.now.days_until(certificate.not_after());
        let label = match days {
            ..0 => Label::Late,
            days if days < state.settings.expires_within => Label::Warning,
            _ => Label::Dim,
        };
        let start = format!("{:>6}d  ", days.clamp(-99_999, 999_999));
        let from = match state.cursor {
            Row::Host(_) => format!("  {}, {}", certificate.purpose().word(), display_name(&file.name)),
            _ => format!("  {}", certificate.purpose().word()),
        };
        document.hanging(&[(label, &start)], &[(Label::Plain, &certificate.display_name()), (Label::Dim, &from)]);
    }
    if all.len() > CERTIFICATES {
        document.text(Label::Dim, &format!("and {} more", all.len() - CERTIFICATES));
    }
}

fn write_file(state: &State, read: &ReadHost, (index, file): (usize, &File), document: &mut Document) {
    document.text(Label::Strong, &display_name(&file.name));
    let role = role_text(file.role());
    let content = file.content_word();
    if file.is_as_named() {
        document.pieces(0, &[(Label::Dim, role)]);
    } else {
        let differs = state.glyphs.sign(Sign::Differs);
        document.hanging(
            &[(Label::Error, &format!("{differs} "))],
            &[
                (Label::Plain, "its name says "),
                (Label::Strong, role),
                (Label::Plain, ", its content is "),
                (Label::Error, &content),
            ],
        );
    }
    document.gap();
    document.field("Path", &display_name(read.host.path_of(&file.name)));
    document.field("Is", &content);
    if let Some(link) = &file.link {
        document.field("Link to", &display_name(&link.target));
    }
    if let Some(stamp) = &file.stamp {
        let mode = format!("{}  owner {}:{}  {} bytes", stamp.permissions(), stamp.uid, stamp.gid, stamp.size);
        document.field("Mode", &mode);
        document.field("Changed", &stamp.modified.rfc3339());
    }
    if let Some(parsed) = file.parsed() {
        write_content(state, read, (file, parsed), document);
    }
    document.heading("Engines");
    for judge in state.judgement.judges() {
        let load = judge.load(&read.host);
        let Some(step) = load.step(index) else { continue };
        let (label, sign, word) = engines::outcome(step.outcome);
        let start = format!("{} {word}  ", state.glyphs.sign(sign));
        document.hanging(&[(label, &start)], &[(Label::Plain, &judge.to_string())]);
        if step.outcome == crate::engine::StepOutcome::Fatal {
            document.verbatim(2, state.glyphs.sign(Sign::Rule), &step.text);
        } else {
            document.indented(2, Label::Dim, &step.text);
        }
    }
    write_findings(state, &findings::of_selection(state), document);
}

/// Writes what is in a file.
fn write_content(state: &State, read: &ReadHost, (file, parsed): (&File, &Parsed), document: &mut Document) {
    let certificates: Vec<(&File, &Certificate)> =
        parsed.certificates().map(|certificate| (file, &**certificate)).collect();
    match certificates.as_slice() {
        [] => {}
        [(_, one)] => write_summary(state, one, document.gap()),
        // A certificate with those that are sent after it.
        [(_, first), rest @ ..] if first.purpose() != Purpose::Ca => {
            write_summary(state, first, document.gap());
            document.heading("Sent after it");
            write_certificates(state, rest, document);
        }
        all => {
            document.heading("Certificates");
            write_certificates(state, all, document);
        }
    }
    for key in parsed.private_keys() {
        document.field("Private key", &key.describe());
        let same = key.spki_sha256().map(|own| {
            let files = read
                .host
                .files
                .iter()
                .filter(|file| certificates_of(file).any(|certificate| *certificate.spki_sha256() == own));
            files.map(|file| display_name(&file.name)).collect::<Vec<_>>().join(", ")
        });
        let request = key.spki_sha256().and_then(|own| read.host.request_of(&own));
        let asked = request.map(|(file, request)| {
            format!("the certificate of {}, asked for in {}", request.subject, display_name(&file.name))
        });
        match same {
            Some(files) if !files.is_empty() => document.field("Fits", &files),
            Some(_) if asked.is_some() => document.field("Waits for", asked.as_deref().unwrap_or_default()),
            Some(_) => document.field_of("Fits", &[(Label::Warning, "no certificate in this directory")]),
            None => document,
        };
    }
    for block in &parsed.blocks {
        match &block.item {
            Item::Request(request) => document.field("Request for", &request.subject),
            Item::PublicKey { kind, .. } => document.field("Public key", &kind.describe()),
            _ => document,
        };
    }
    for defect in &parsed.defects {
        let label = if defect.value.is_harmless() { Label::Dim } else { Label::Warning };
        document.field_of("Encoding", &[(label, &format!("line {}: {}", defect.line, defect.value.describe()))]);
    }
}

fn write_one(state: &State, (file, number, certificate): (&File, usize, &Certificate), document: &mut Document) {
    document.text(Label::Strong, &certificate.display_name());
    let all = certificates_of(file).count();
    document.text(Label::Dim, &format!("certificate {} of {all} in {}", number + 1, display_name(&file.name)));
    document.gap();
    write_summary(state, certificate, document);
    write_findings(state, &findings::of_selection(state), document);
}

/// Writes what is asked first about a certificate.
fn write_summary(state: &State, certificate: &Certificate, document: &mut Document) {
    document.field("Subject", &certificate.subject().to_string());
    if certificate.is_self_issued() {
        document.field("Issuer", "itself");
    } else {
        document.field("Issuer", &certificate.issuer().to_string());
    }
    if !write_validity(state, certificate, document) {
        let (from, until) = (certificate.not_before().date(), certificate.not_after().date());
        document.field("", &format!("{from} to {until}"));
    }
    document.field("Made for", certificate.purpose().word());
    let names: Vec<String> =
        certificate.alternative_names().map(|name| format!("{}:{}", name.kind(), name.value())).collect();
    if !names.is_empty() {
        document.field("Names", &names.join(", "));
    }
    document.field("Public key", &certificate.public_key().describe());
    if let Some(refusal) = certificate.refusal() {
        document.field_of("Go refuses", &[(Label::Verbatim, &refusal.text)]);
    }
}

fn role_text(role: Role) -> &'static str {
    match role {
        Role::CaBundle => "CA certificates",
        Role::ClientCertificate => "a client certificate",
        Role::ClientKey => "the key of a client certificate",
        Role::HostsToml => "containerd's configuration of this host",
        Role::Unused => "nothing that an engine reads",
    }
}

fn root_kind(kind: RootKind) -> &'static str {
    match kind {
        RootKind::Docker => "Docker",
        RootKind::DockerRootless => "rootless Docker",
        RootKind::DockerSnap => "Docker, as a snap",
        RootKind::PodmanUser => "Podman, of this user",
        RootKind::PodmanSystem => "Podman, of the system",
        RootKind::Containerd => "containerd",
        RootKind::ContainerdRootless => "rootless containerd",
        RootKind::Given => "a certs.d directory",
        RootKind::Partial => "only what was asked for in it",
    }
}
