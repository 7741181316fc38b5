//! Files in full, as text: every certificate with everything that it says, keys, requests, and what is wrong.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::base::text::display_name;
use crate::model::{File, HostDir};
use crate::pki::chain::Verifier;
use crate::pki::{Block, Certificate, Item, Parsed, PrivateKey, Validity, details};
use crate::report::findings::print_finding;
use crate::report::label::Label;
use crate::report::scene::Scene;
use crate::report::state::{State, distance};
use crate::report::text::{Line, Paper};

/// Prints every file of a scene.
///
/// # Errors
/// Where the output cannot be written.
pub fn print(scene: &Scene<'_>, paper: &mut Paper<'_>) -> io::Result<()> {
    for (index, (host, file)) in scene.all_files().enumerate() {
        if index > 0 {
            paper.blank()?;
        }
        print_file(scene, host, file, paper)?;
    }
    Ok(())
}

fn print_file(scene: &Scene<'_>, host: &HostDir, file: &File, paper: &mut Paper<'_>) -> io::Result<()> {
    paper.row(&Line::new(Label::Path, display_name(host.path_of(&file.name))))?;
    if let Some(link) = &file.link {
        fact(paper, "link to", &display_name(&link.target))?;
    }
    fact(paper, "by name", role_words(file))?;
    fact(paper, "by content", &file.content_word())?;
    if let Some(stamp) = &file.stamp {
        let owner = format!("{} {}:{}", stamp.permissions(), stamp.uid, stamp.gid);
        fact(paper, "file", &format!("{owner}, {} bytes, changed {}", stamp.size, stamp.modified.rfc3339()))?;
    }
    if let Some(parsed) = file.parsed() {
        for defect in parsed.defects.iter().filter(|defect| !defect.value.is_harmless()) {
            fact(paper, "defect", &format!("line {}: {}", defect.line, defect.value.describe()))?;
        }
        print_content(scene, host, parsed, paper)?;
    }
    let mut findings = scene.findings_at(host, file).peekable();
    if findings.peek().is_some() {
        paper.blank()?;
        paper.row(&Line::new(Label::Heading, "  What is wrong"))?;
    }
    findings.try_for_each(|finding| print_finding(finding, Some(host), paper))
}

fn role_words(file: &File) -> &'static str {
    match file.role() {
        crate::model::Role::CaBundle => "CA certificates (.crt)",
        crate::model::Role::ClientCertificate => "client certificate (.cert)",
        crate::model::Role::ClientKey => "key of a client certificate (.key)",
        crate::model::Role::HostsToml => "hosts.toml of containerd",
        crate::model::Role::Unused => "nothing: no engine reads a file of this name",
    }
}

fn print_content(scene: &Scene<'_>, host: &HostDir, parsed: &Parsed, paper: &mut Paper<'_>) -> io::Result<()> {
    let total = parsed.certificates().count();
    let mut number = 0;
    for block in &parsed.blocks {
        let certificates = match &block.item {
            Item::Certificate(certificate) => std::slice::from_ref(certificate),
            Item::Pkcs7(certificates) => certificates.as_slice(),
            _ => &[],
        };
        for certificate in certificates {
            number += 1;
            paper.blank()?;
            let heading = match total {
                1 => format!("  Certificate, line {}", block.line),
                _ => format!("  Certificate {number} of {total}, line {}", block.line),
            };
            paper.row(&Line::new(Label::Heading, heading))?;
            print_certificate(scene, certificate, paper)?;
        }
        print_other(host, block, paper)?;
    }
    Ok(())
}

/// Prints everything that a certificate says.
///
/// # Errors
/// Where the output cannot be written.
pub fn print_certificate(scene: &Scene<'_>, certificate: &Certificate, paper: &mut Paper<'_>) -> io::Result<()> {
    fact(paper, "subject", &certificate.subject().to_string())?;
    fact(paper, "issuer", &certificate.issuer().to_string())?;
    fact(paper, "signed", signed_words(certificate))?;
    fact(paper, "purpose", certificate.purpose().word())?;
    let validity = format!("{} to {}", certificate.not_before().rfc3339(), certificate.not_after().rfc3339());
    fact(paper, "valid", &validity)?;
    let state = State::of(certificate, scene.now, scene.expires_within);
    labelled(paper, "state", state.label(), &state_words(scene, certificate))?;
    for name in certificate.alternative_names() {
        fact(paper, "name", &format!("{}:{}", name.kind(), name.value()))?;
    }
    fact(paper, "key", &certificate.public_key().describe())?;
    fact(paper, "signature", certificate.signature_algorithm().name())?;
    fact(paper, "serial", &colons(certificate.serial()))?;
    fact(paper, "version", &certificate.version().to_string())?;
    fact(paper, "SHA-256", &colons(certificate.sha256()))?;
    fact(paper, "SHA-1", &colons(&certificate.sha1()))?;
    fact(paper, "SPKI", &lower_hex(certificate.spki_sha256()))?;
    fact(paper, "SPKI pin", &format!("sha256/{}", BASE64.encode(certificate.spki_sha256())))?;
    if let Some(refusal) = certificate.refusal() {
        let since =
            if refusal.since_go == 0 { String::new() } else { format!(" (Go 1.{} and later)", refusal.since_go) };
        labelled(paper, "refused", Label::Error, &format!("{}{since}", refusal.text))?;
    }
    print_extensions(certificate, paper)
}

fn state_words(scene: &Scene<'_>, certificate: &Certificate) -> String {
    match certificate.validity(scene.now) {
        Validity::NotYet => format!("not yet valid, begins {}", distance(scene.now, certificate.not_before())),
        Validity::Valid => format!("valid, expires {}", distance(scene.now, certificate.not_after())),
        Validity::Expired => format!("expired {}", distance(scene.now, certificate.not_after())),
    }
}

fn signed_words(certificate: &Certificate) -> &'static str {
    if !certificate.is_self_issued() {
        "by its issuer"
    } else if Verifier::default().is_self_signed(certificate) {
        "by itself (verified)"
    } else {
        "names itself as issuer, but the signature does not verify"
    }
}

fn print_extensions(certificate: &Certificate, paper: &mut Paper<'_>) -> io::Result<()> {
    let extensions = match details::extensions(certificate) {
        Ok(extensions) => extensions,
        Err(error) => return labelled(paper, "extensions", Label::Warning, &format!("cannot be read: {error}")),
    };
    for extension in extensions {
        let critical = if extension.critical { ", critical" } else { "" };
        let name = format!("    {}{critical}: ", extension.name);
        paper.paragraph(&Line::new(Label::Faint, name).with(Label::Plain, extension.lines.join(", ")), 6)?;
    }
    Ok(())
}

fn print_other(host: &HostDir, block: &Block, paper: &mut Paper<'_>) -> io::Result<()> {
    let heading = match &block.item {
        Item::Certificate(_) | Item::Pkcs7(_) => return Ok(()),
        Item::PrivateKey(_) => "Private key",
        Item::Request(_) => "Certificate signing request",
        Item::RevocationList => "Certificate revocation list",
        Item::Pkcs12 => "PKCS#12, which needs a passphrase to look into",
        Item::PublicKey { .. } => "Public key",
        Item::Parameters => "Parameters of a key",
        Item::Broken => "Something that cannot be read",
    };
    paper.blank()?;
    paper.row(&Line::new(Label::Heading, format!("  {heading}, line {}", block.line)))?;
    if !block.label.is_empty() {
        fact(paper, "label", &block.label)?;
    }
    if let Some(refusal) = &block.refusal {
        labelled(paper, "refused", Label::Error, &refusal.text)?;
    }
    match &block.item {
        Item::PrivateKey(key) => print_key(host, key, paper),
        Item::Request(request) => {
            fact(paper, "subject", &request.subject)?;
            fact(paper, "key", &request.key.describe())?;
            fact(paper, "SPKI", &lower_hex(&request.spki_sha256))
        }
        Item::PublicKey { kind, spki_sha256 } => {
            fact(paper, "key", &kind.describe())?;
            fact(paper, "SPKI", &lower_hex(spki_sha256.as_slice()))
        }
        _ => Ok(()),
    }
}

fn print_key(host: &HostDir, key: &PrivateKey, paper: &mut Paper<'_>) -> io::Result<()> {
    fact(paper, "key", &key.describe())?;
    fact(paper, "encrypted", if key.encrypted { "yes: no engine can use it" } else { "no" })?;
    let Some(digest) = key.spki_sha256() else { return Ok(()) };
    fact(paper, "SPKI", &lower_hex(&digest))?;
    let files = super::json::files_with_key(host, &digest);
    if let Some((file, request)) = host.request_of(&digest).filter(|_| files.is_empty()) {
        let words = format!("the certificate of {}, asked for in {}", request.subject, display_name(&file.name));
        return fact(paper, "waits for", &words);
    }
    let files = if files.is_empty() { "no certificate in this directory".to_owned() } else { files.join(", ") };
    fact(paper, "belongs to", &files)
}

fn fact(paper: &mut Paper<'_>, name: &str, text: &str) -> io::Result<()> {
    labelled(paper, name, Label::Plain, text)
}

fn labelled(paper: &mut Paper<'_>, name: &str, label: Label, text: &str) -> io::Result<()> {
    paper.paragraph(&Line::plain("    ").column(Label::Faint, name, 12).with(label, text), 16)
}

fn colons(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

fn lower_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
