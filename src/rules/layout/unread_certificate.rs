//! CW103

use std::collections::HashSet;
use std::sync::Arc;

use crate::base::text::shell_word;
use crate::finding::{Applicability, Fix, Severity};
use crate::model::{File, Role};
use crate::pki::{Certificate, Format, Item, Purpose, Validity};
use crate::rules::key::pairing::{bring_key, is_orphan};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A certificate lies in a file that no engine reads.
    ///
    /// Engines read names that end in `.crt`, `.cert` and `.key`, in lower case, and nothing else: no `.pem`, `.cer`,
    /// `.der`, `.CRT`, `.p12`. They say nothing of the others. A CA in such a file is not trusted, and a client
    /// certificate is never sent.
    ///
    /// A copy of what engines read from another file is no finding; what an editor or a careful person left behind
    /// (`ca.crt.bak`, `ca.crt~`) is worth knowing at most.
    ///
    /// ## Engines
    /// Docker's login and its pull (28 and later) pass over the file. The connection then fails with `x509: certificate
    /// signed by unknown authority`, or `remote error: tls: certificate required` where a client certificate was meant.
    ///
    /// ## Example
    /// `registry.example.com:5000/ca.pem`; or `client-cert.pem` and `client-key.pem`.
    ///
    /// ## Fix
    /// Rename it: `mv ca.pem ca.crt`, `mv client-cert.pem client.cert`, `mv client-key.pem client.key`. What is no PEM
    /// has to be converted: `openssl x509 -inform der -in ca.cer -out ca.crt`.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containerd 2.x
    /// `core/remotes/docker/config/hosts.go`, `loadCertFiles`; buildah#2507, skopeo#250, harbor#16971, moby#19306.
    pub UnreadCertificate = "CW103" "unread-certificate", Error
}

impl Rule for UnreadCertificate {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let mut unread: Vec<&File> =
            context.files().map(|(_, file)| file).filter(|file| file.role() == Role::Unused).collect();
        // Of several copies the one that somebody would rename is spoken of.
        unread.sort_by_key(|file| (file.is_leftover(), file.link.is_some()));
        let mut told = HashSet::new();
        for file in unread {
            if is_unopened_container(file) {
                container(context, file, report);
            }
            let untold = |certificate: &&Arc<Certificate>| told.insert(*certificate.sha256());
            let unused = |certificate: &&Arc<Certificate>| {
                certificate.refusal().is_none()
                    && !context.is_anchor(certificate)
                    && !context.is_presented(certificate)
                    && !is_in_read_file(context, certificate)
            };
            let certificates: Vec<_> =
                context.certificates(file).map(|(_, certificate)| certificate).filter(unused).filter(untold).collect();
            let Some(first) = certificates.first() else { continue };
            let unread = Unread { context, file, first, certificates: &certificates };
            if !unread.is_told_with_its_key() {
                unread.tell(report);
            }
        }
    }
}

/// Certificates in a file that no engine reads, and in no other.
struct Unread<'a> {
    context: &'a HostContext<'a>,
    file: &'a File,
    first: &'a Arc<Certificate>,
    certificates: &'a [&'a Arc<Certificate>],
}

/// What the file was evidently meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meant {
    /// CA certificates, or the registry's own certificate to be trusted
    Anchor,
    /// A client certificate
    Client,
    /// That is not evident
    Unclear,
}

impl Unread<'_> {
    fn tell(&self, report: &mut Report<'_>) {
        let meant = self.meant();
        let what = match (self.first.purpose(), meant) {
            (Purpose::Ca, _) => "CA certificate",
            (_, Meant::Client) => "client certificate",
            (Purpose::Server, _) => "server certificate",
            _ => "certificate",
        };
        let more = match self.certificates.len() {
            0 | 1 => String::new(),
            many => format!(" and {} more", many - 1),
        };
        let name = self.file.name.to_string_lossy();
        let expired = if self.is_over() { "expired " } else { "" };
        let message = format!("{expired}{what} {}{more} in {name}, which no engine reads", self.first.display_name());
        let draft = report.file(self.file, message).severity(self.severity(meant)).advice(self.advice(meant));
        let draft = draft.fixes(self.fixes(meant).unwrap_or_default());
        match meant {
            Meant::Anchor => draft.everywhere("does not trust it"),
            Meant::Client => draft.everywhere("never sends it"),
            Meant::Unclear => draft.everywhere("passes over it"),
        };
    }

    /// At a `.key` without its `.cert` an engine stops: CW502 speaks of that key, and of the certificate to rename.
    fn is_told_with_its_key(&self) -> bool {
        let is_pem = self.file.parsed().is_some_and(|parsed| parsed.format == Format::Pem);
        let orphan = self.context.key_of(self.first).filter(|(_, key)| is_orphan(self.context.host, key));
        is_pem && self.meant() == Meant::Client && orphan.is_some()
    }

    fn meant(&self) -> Meant {
        let is_of_this_host = self.context.is_of_this_host(self.first);
        match self.first.purpose() {
            Purpose::Ca => Meant::Anchor,
            Purpose::Client => Meant::Client,
            Purpose::EndEntity if !is_of_this_host && self.context.key_of(self.first).is_some() => Meant::Client,
            Purpose::EndEntity | Purpose::Server if is_of_this_host && self.context.key_of(self.first).is_none() => {
                Meant::Anchor
            }
            Purpose::EndEntity | Purpose::Server => Meant::Unclear,
        }
    }

    /// An error where nothing else in the directory does what the file was meant for.
    fn severity(&self, meant: Meant) -> Severity {
        if self.file.is_leftover() || self.is_over() || meant == Meant::Unclear {
            return Severity::Info;
        }
        let role = if meant == Meant::Client { Role::ClientCertificate } else { Role::CaBundle };
        let has_other = self.context.files().any(|(_, file)| {
            file.role() == role && file.parsed().is_some_and(|parsed| parsed.certificates().next().is_some())
        });
        if has_other { Severity::Warning } else { Severity::Error }
    }

    fn is_over(&self) -> bool {
        let now = self.context.settings.now;
        self.certificates.iter().all(|certificate| certificate.validity(now) == Validity::Expired)
    }

    fn advice(&self, meant: Meant) -> String {
        let name = self.file.name.to_string_lossy();
        let host = self.context.host;
        match meant {
            _ if self.file.is_leftover() || self.is_over() => String::new(),
            Meant::Unclear => String::new(),
            Meant::Anchor => {
                let target = format!("{}.crt", host.free_stem(&target_stem(&name, "ca"), &[".crt"]));
                self.move_certificate(&target)
            }
            Meant::Client => {
                let stem = target_stem(&name, "client");
                match self.context.key_of(self.first).map(|(_, key)| key) {
                    Some(key) if key.role() == Role::ClientKey => {
                        self.move_certificate(&format!("{}.cert", key.stem().to_string_lossy()))
                    }
                    Some(key) if key.name == self.file.name => {
                        let stem = host.free_stem(&stem, &[".cert", ".key"]);
                        format!("save the certificate of {name} as {stem}.cert and its key as {stem}.key")
                    }
                    Some(key) => {
                        let stem = host.free_stem(&stem, &[".cert", ".key"]);
                        let certificate = self.move_certificate(&format!("{stem}.cert"));
                        format!("{certificate}, and {} to {stem}.key", key.name.to_string_lossy())
                    }
                    None => {
                        let stem = host.free_stem(&stem, &[".cert", ".key"]);
                        let certificate = self.move_certificate(&format!("{stem}.cert"));
                        format!("{certificate}, and put its key beside it as {stem}.key")
                    }
                }
            }
        }
    }

    /// The name that engines read, with the form that they read.
    fn fixes(&self, meant: Meant) -> Option<Vec<Fix>> {
        let (host, file) = (self.context.host, self.file);
        let name = file.name.to_str()?;
        if file.is_leftover() || self.is_over() || !(remedy::is_normal(file) || remedy::can_be_normal(file)) {
            return None;
        }
        match meant {
            Meant::Anchor => {
                let target = format!("{}.crt", host.free_stem(&target_stem(name, "ca"), &[".crt"]));
                let title = format!("rename {name} to {target}{}", remedy::as_pem(file));
                Some(vec![Fix::new(title, Applicability::Safe, remedy::rename(host, file, &target))])
            }
            Meant::Client => self.client_fixes(name),
            Meant::Unclear => None,
        }
    }

    /// A client certificate beside its key; without that it would stop every engine.
    fn client_fixes(&self, name: &str) -> Option<Vec<Fix>> {
        let (host, file) = (self.context.host, self.file);
        let Some((_, key)) = self.context.key_of(self.first) else { return Some(Vec::new()) };
        let free = host.free_stem(&target_stem(name, "client"), &[".cert", ".key"]);
        if key.name == file.name {
            if file.link.is_some() {
                return Some(Vec::new());
            }
            let path = |suffix: &str| host.path.join(format!("{free}{suffix}"));
            let source = host.path.join(&file.name);
            let changes = vec![
                remedy::copy_keys(source.clone(), path(".key")),
                remedy::copy_certificates(source, path(".cert")),
                remedy::set_aside(host, &file.name),
            ];
            let title = format!("part {name} into {free}.cert and {free}.key");
            return Some(vec![Fix::new(title, Applicability::Safe, changes)]);
        }
        let own_stem = key.stem().to_str().filter(|_| key.role() == Role::ClientKey);
        let own_stem = own_stem.filter(|stem| host.file(format!("{stem}.cert").as_ref()).is_none());
        let stem = own_stem.unwrap_or(&free);
        let mut title = format!("rename {name} to {stem}.cert{}", remedy::as_pem(file));
        let mut changes = remedy::rename(host, file, &format!("{stem}.cert"));
        if own_stem.is_none() {
            let (key_title, key_changes) = bring_key(self.context, key, &format!("{free}.key"))?;
            title = format!("{title}, and {key_title}");
            changes.extend(key_changes);
        }
        Some(vec![Fix::new(title, Applicability::Safe, changes)])
    }

    /// "rename ca.pem to ca.crt", or the command that converts what is no PEM.
    fn move_certificate(&self, target: &str) -> String {
        let name = self.file.name.to_string_lossy();
        let parsed = self.file.parsed();
        let is_der = parsed.is_some_and(|parsed| parsed.format == Format::Der);
        let form = if is_der { " -inform der" } else { "" };
        let is_pkcs7 =
            |parsed: &crate::pki::Parsed| parsed.blocks.iter().any(|block| matches!(block.item, Item::Pkcs7(_)));
        let (from, to) = (shell_word(&self.file.name), shell_word(target));
        if parsed.is_some_and(is_pkcs7) {
            format!("convert it: openssl pkcs7 -print_certs{form} -in {from} -out {to}")
        } else if is_der {
            format!("convert it: openssl x509{form} -in {from} -out {to}")
        } else {
            format!("rename {name} to {target}")
        }
    }
}

/// "ca" of `ca.pem`, `ca.crt.pem` and `ca.CRT`, "client" of `client-cert.pem`; `default` where nothing is left.
pub fn target_stem(name: &str, default: &str) -> String {
    const WORDS: [&str; 3] = ["certificate", "cert", "crt"];
    const EXTENSIONS: [&str; 12] =
        [".pem", ".cer", ".der", ".crt", ".cert", ".p7b", ".p7c", ".p12", ".pfx", ".txt", ".ca-bundle", ".bundle"];
    let mut stem = name;
    loop {
        let lower = stem.to_ascii_lowercase();
        let word = |word: &&&str| lower.strip_suffix(**word).is_some_and(|rest| rest.ends_with(['-', '_', '.']));
        let length = EXTENSIONS.iter().find(|extension| lower.ends_with(**extension)).map(|extension| extension.len());
        let length = length.or_else(|| WORDS.iter().find(word).map(|word| word.len() + 1));
        let shorter = length.and_then(|length| stem.get(..stem.len().checked_sub(length)?));
        match shorter {
            Some(shorter) => stem = shorter,
            None => break,
        }
    }
    if stem.is_empty() || WORDS.contains(&stem.to_ascii_lowercase().as_str()) {
        default.to_owned()
    } else {
        stem.to_owned()
    }
}

/// Tells whether a file that engines read holds the certificate: what is wrong there, another rule says. Of a `.cert`
/// only the first counts, since the others are merely sent.
fn is_in_read_file(context: &HostContext<'_>, certificate: &Certificate) -> bool {
    let is_same = |other: &Arc<Certificate>| other.sha256() == certificate.sha256();
    context.files().any(|(_, file)| {
        let mut certificates = context.certificates(file).map(|(_, other)| other);
        match file.role() {
            Role::CaBundle => certificates.any(is_same),
            Role::ClientCertificate => certificates.next().is_some_and(is_same),
            _ => false,
        }
    })
}

fn is_unopened_container(file: &File) -> bool {
    file.parsed().is_some_and(|parsed| parsed.blocks.iter().any(|block| matches!(block.item, Item::Pkcs12)))
}

/// PKCS#12 hides what is in it; what it was meant for shows where nothing else is there.
fn container(context: &HostContext<'_>, file: &File, report: &mut Report<'_>) {
    let has_other = context.files().any(|(_, file)| {
        file.role() != Role::Unused && file.parsed().is_some_and(|parsed| parsed.certificates().next().is_some())
    });
    let severity = if has_other || file.is_leftover() { Severity::Info } else { Severity::Warning };
    let name = file.name.to_string_lossy();
    let stem = context.host.free_stem(&target_stem(&name, "client"), &[".cert", ".key"]);
    report
        .file(file, format!("PKCS#12 in {name}, which no engine reads"))
        .severity(severity)
        .everywhere("passes over it")
        .advice(format!(
            "take certificate and key out of it as {stem}.cert and {stem}.key with openssl pkcs12 -in {}",
            shell_word(&file.name)
        ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stem_is_what_remains_without_extensions_and_words() {
        let stem = |name| target_stem(name, "ca");
        assert_eq!(stem("ca.pem"), "ca");
        assert_eq!(stem("ca.crt.pem"), "ca");
        assert_eq!(stem("Acme.CRT"), "Acme");
        assert_eq!(stem("client-cert.pem"), "client");
        assert_eq!(stem("registry.example.com.cer"), "registry.example.com");
        assert_eq!(stem("cert.pem"), "ca");
        assert_eq!(stem(".pem"), "ca");
        assert_eq!(stem("README"), "README");
    }
}
