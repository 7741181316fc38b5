//! CW203

use crate::base::text::shell_word;
use crate::finding::{Applicability, Fix};
use crate::model::{File, Role};
use crate::pki::{Block, Format, Item, Parsed};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, counted, remedy};

rule! {
    /// A file holds something else than its name promises.
    ///
    /// A signing request, a revocation list, PKCS#7, PKCS#12, a public key, a web page, plain text or another file's
    /// key lies where a certificate or a private key belongs: the wrong file was downloaded, exported or copied. (A
    /// certificate and a key with their names exchanged are CW505.)
    ///
    /// Engines name no file in most of their errors, so that this is hard to see from outside.
    ///
    /// ## Engines
    /// Of such a `.crt` Docker's login takes nothing and says nothing; its pull (28 and later) stops with `unable to
    /// load CA cert "PATH"`. In a `.cert` or `.key` both stop, as in `tls: failed to find "CERTIFICATE" PEM block in
    /// certificate input after skipping PEM blocks of the following types: [CERTIFICATE REQUEST]`.
    ///
    /// ## Example
    /// `ca.crt` holds `-----BEGIN CERTIFICATE REQUEST-----`, or the login page of a proxy.
    ///
    /// ## Fix
    /// Put the right file there. PKCS#7 can be converted: `openssl pkcs7 -print_certs -in ca.p7b -out ca.crt`.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/cert_pool.go`, `AppendCertsFromPEM`; `src/crypto/tls/tls.go`, `X509KeyPair`; containerd
    /// 2.x `core/remotes/docker/config/hosts.go`, `ConfigureHosts`; openssl/openssl#17089, moby#48385.
    pub WrongContent = "CW203" "wrong-content", Error
}

impl Rule for WrongContent {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, file) in context.files() {
            let meant = match file.role() {
                Role::CaBundle => "a CA certificate",
                Role::ClientCertificate => "a client certificate",
                Role::ClientKey => "a private key",
                Role::HostsToml | Role::Unused => continue,
            };
            let Some(parsed) = file.parsed() else { continue };
            if parsed.format == Format::Empty || holds_what_is_meant(file.role(), parsed) || is_swapped(context, file) {
                continue;
            }
            let content = Content::of(parsed);
            report
                .file(file, format!("{} instead of {meant}", content.words()))
                .consequences(context.unused_at(index))
                .advice(content.advice(&file.name.to_string_lossy(), meant))
                .fixes(content.fix(context, file));
        }
    }
}

/// Tells whether a file holds, in whatever state, something of the kind that its role is for.
fn holds_what_is_meant(role: Role, parsed: &Parsed) -> bool {
    let label = if role == Role::ClientKey { "PRIVATE KEY" } else { "CERTIFICATE" };
    parsed.blocks.iter().any(|block| match block.item {
        Item::Certificate(_) => role != Role::ClientKey,
        Item::PrivateKey(_) => role == Role::ClientKey,
        Item::Broken => block.label.ends_with(label),
        _ => false,
    })
}

/// Tells whether a certificate and a key have exchanged their names, of which CW505 speaks.
fn is_swapped(context: &HostContext<'_>, file: &File) -> bool {
    let partner = context.partner_of(file).and_then(|(_, partner)| partner.parsed());
    let is_key = |parsed: &Parsed| parsed.private_keys().next().is_some() && parsed.certificates().next().is_none();
    let is_certificate =
        |parsed: &Parsed| parsed.private_keys().next().is_none() && parsed.certificates().next().is_some();
    let (Some(parsed), Some(partner)) = (file.parsed(), partner) else { return false };
    match file.role() {
        Role::ClientCertificate => is_key(parsed) && is_certificate(partner),
        Role::ClientKey => is_certificate(parsed) && is_key(partner),
        _ => false,
    }
}

/// What a file holds instead.
enum Content<'a> {
    Block(&'a Block, Format),
    Other(Format),
}

impl<'a> Content<'a> {
    /// The block that says most about where the file comes from.
    fn of(parsed: &'a Parsed) -> Self {
        let says_little = |block: &&Block| matches!(block.item, Item::Broken | Item::Parameters);
        let telling = parsed.blocks.iter().find(|block| !says_little(block)).or(parsed.blocks.first());
        telling.map_or(Self::Other(parsed.format), |block| Self::Block(block, parsed.format))
    }

    fn words(&self) -> String {
        match self {
            Self::Block(block, _) => match &block.item {
                Item::Certificate(certificate) => format!("certificate {}", certificate.display_name()),
                Item::PrivateKey(key) => format!("a private key ({})", key.describe()),
                Item::Request(request) => format!("a signing request for {}", request.subject),
                Item::RevocationList => "a revocation list".to_owned(),
                Item::Pkcs7(certificates) => format!("PKCS#7 with {}", counted(certificates.len(), "certificate")),
                Item::Pkcs12 => "PKCS#12".to_owned(),
                Item::PublicKey { kind, .. } => format!("a public key ({})", kind.describe()),
                Item::Parameters => "parameters of a key".to_owned(),
                Item::Broken => format!("a PEM block labelled {}", block.label),
            },
            Self::Other(Format::Html) => "a web page".to_owned(),
            Self::Other(Format::SshPublicKey) => "an SSH public key".to_owned(),
            Self::Other(Format::Text) => "text without a PEM block".to_owned(),
            Self::Other(_) => "bytes of no known form".to_owned(),
        }
    }

    /// PKCS#7 of a CA file becomes what was meant; anything else is set aside, the other half of a pair with it.
    fn fix(&self, context: &HostContext<'_>, file: &File) -> Option<Fix> {
        let title = format!("convert {} to PEM", file.name.to_string_lossy());
        let is_pkcs7 = matches!(self, Self::Block(block, _) if matches!(block.item, Item::Pkcs7(_)));
        let converted = is_pkcs7.then(|| remedy::normalise(context.host, file, &title)).flatten();
        let aside = Fix { promise: Applicability::Unsafe, ..remedy::aside_with_partner(context, file) };
        Some(converted.unwrap_or(aside))
    }

    fn advice(&self, name: &str, meant: &str) -> String {
        let Self::Block(block, format) = self else { return format!("put {meant} in the place of {name}") };
        match &block.item {
            Item::Pkcs7(certificates) if !certificates.is_empty() => {
                let form = if *format == Format::Der { " -inform der" } else { "" };
                format!("convert it: openssl pkcs7 -print_certs{form} -in {0} -out {0}", shell_word(name))
            }
            Item::Pkcs12 => format!("take {meant} out of it with openssl pkcs12 -in {}", shell_word(name)),
            Item::Request(_) => format!("put the certificate that was issued for it in the place of {name}"),
            Item::PrivateKey(_) => format!("move the key away and put {meant} in the place of {name}"),
            _ => format!("put {meant} in the place of {name}"),
        }
    }
}
