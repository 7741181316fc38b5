//! CW102

use crate::engine::StepOutcome;
use crate::finding::{Applicability, Change, Consequence, Fix, Severity};
use crate::model::{File, Role};
use crate::pki::{Purpose, Rewrite};
use crate::rules::certificate::anchor_kind::AnchorKind;
use crate::rules::certificate::anchors::Placed;
use crate::rules::key::pairing::{self, is_servers};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A client certificate has a name that ends in `.crt`.
    ///
    /// Engines take `*.crt` for CA certificates and `*.cert` for client certificates, and look at the name alone. A
    /// client certificate saved as `.crt` is never sent: the registry answers `certificate required` or 400 or 403. It
    /// becomes a trusted CA instead, and its key is left without a certificate, which some engines refuse.
    ///
    /// A file counts as a client certificate where it is made for clients alone (clientAuth), or where its private key
    /// lies in the directory. The registry server's own certificate is CW506 with its key, and CW305 without.
    ///
    /// ## Engines
    /// With `client.crt` and `client.key` Docker's login stops: `missing client certificate client.cert for key
    /// client.key`. Its pull (28 and later) trusts the certificate as a CA, passes over the key and sends no client
    /// certificate.
    ///
    /// ## Example
    /// `registry.example.com:5000/client.crt` and `client.key`; or `tls.crt` and `tls.key`, copied out of a Kubernetes
    /// secret.
    ///
    /// ## Fix
    /// Rename it: `mv client.crt client.cert`; the key is `client.key`.
    ///
    /// ## Sources
    /// moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containerd 2.x
    /// `core/remotes/docker/config/hosts.go`, `loadCertFiles`; moby#19511, containers/image#291, notary#1267,
    /// distribution#1371, harbor#13870.
    pub ClientCertificateNamedCrt = "CW102" "client-certificate-named-crt", Error
}

impl Rule for ClientCertificateNamedCrt {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, file) in context.files().filter(|(_, file)| file.role() == Role::CaBundle) {
            let Some(leaf) = client_certificate(context, file).map(|first| first.certificate) else { continue };
            let key = context.key_of(leaf).or_else(|| hidden_key(context, file));
            let what = if leaf.purpose() == Purpose::Client { "client certificate" } else { "end-entity certificate" };
            let with_key = key.map(|(_, key)| format!(", its key in {},", key.name.to_string_lossy()));
            let with_key = with_key.unwrap_or_default();
            let message = format!("{what} {}{with_key} is named as a CA certificate", leaf.display_name());
            let draft = report.file(file, message);
            if context.is_presented(leaf) {
                draft
                    .severity(Severity::Info)
                    .everywhere("sends it from another file, and trusts this copy as a CA")
                    .advice(format!(
                        "remove {}: the certificate is sent from another file",
                        file.name.to_string_lossy()
                    ))
                    .fix(remedy::aside_fix(context.host, file, Applicability::Unsafe));
            } else {
                draft
                    .consequences(consequences(context, index, key))
                    .advice(advice(context, file, key))
                    .fixes(fixes(context, file, key).unwrap_or_default());
            }
        }
    }
}

/// The certificate with which a `.crt` begins, where it is a client's.
fn client_certificate<'a>(context: &HostContext<'a>, file: &'a File) -> Option<Placed<'a>> {
    let (index, certificate) = context.certificates(file).next()?;
    let first = Placed { file, index, certificate };
    let is_clients = match AnchorKind::of(context, &first) {
        AnchorKind::Client => true,
        AnchorKind::WithKey => !is_servers(context, certificate),
        // The key beside it may be encrypted.
        AnchorKind::Server => hidden_key(context, file).is_some() && !is_servers(context, certificate),
        AnchorKind::Authority | AnchorKind::Crippled(_) => false,
    };
    is_clients.then_some(first)
}

/// The key of the same stem, where nothing shows whether it fits.
fn hidden_key<'a>(context: &HostContext<'a>, file: &File) -> Option<(usize, &'a File)> {
    let is_hidden = |key: &File| {
        let mut keys = key.parsed().into_iter().flat_map(|parsed| parsed.private_keys());
        keys.next().is_none_or(|key| key.spki().is_none())
    };
    context.partner_of(file).filter(|(_, key)| is_hidden(key))
}

/// Where the key is an orphan for it, an engine stops; else the certificate is trusted and not sent.
fn consequences(context: &HostContext<'_>, index: usize, key: Option<(usize, &File)>) -> Vec<Consequence> {
    let mut consequences = key.map(|(key, _)| context.fatal_at(key)).unwrap_or_default();
    for load in context.loads {
        let is_trusted = load.step(index).is_some_and(|step| step.outcome == StepOutcome::Loaded);
        if is_trusted && !consequences.iter().any(|known| known.engine == load.engine) {
            let text = "trusts it as a CA and sends no client certificate".to_owned();
            consequences.push(Consequence { engine: load.engine, text, verbatim: false });
        }
    }
    consequences.sort_by_key(|consequence| consequence.engine);
    consequences
}

fn advice(context: &HostContext<'_>, file: &File, key: Option<(usize, &File)>) -> String {
    let (name, stem) = (file.name.to_string_lossy(), file.stem().to_string_lossy());
    let key = key.map(|(_, key)| key).filter(|key| key.name != file.name);
    match key {
        Some(key) if key.role() == Role::ClientKey && key.stem() == file.stem() => {
            let is_taken = context.host.file(format!("{stem}.cert").as_ref()).is_some();
            if is_taken { format!("exchange {stem}.cert for {name}") } else { format!("rename {name} to {stem}.cert") }
        }
        Some(key) => {
            let target = context.host.free_stem(&stem, &[".cert", ".key"]);
            format!("rename {name} to {target}.cert and {} to {target}.key", key.name.to_string_lossy())
        }
        None => {
            let target = context.host.free_stem(&stem, &[".cert", ".key"]);
            format!("rename {name} to {target}.cert and put its key beside it as {target}.key")
        }
    }
}

/// The name of a client certificate, and that of its key beside it.
fn fixes(context: &HostContext<'_>, file: &File, key: Option<(usize, &File)>) -> Option<Vec<Fix>> {
    let (host, name, stem) = (context.host, file.name.to_string_lossy(), file.stem().to_str()?);
    let key = key.map(|(_, key)| key).filter(|key| key.name != file.name);
    let holds_key = file.parsed()?.private_keys().next().is_some();
    let certificate = |target: &str| format!("rename {name} to {target}.cert{}", remedy::as_pem(file));
    let fix = match key {
        Some(key) if key.role() == Role::ClientKey && key.stem() == file.stem() => {
            let target = format!("{stem}.cert");
            let mut changes = Vec::new();
            if let Some(taken) = host.file(target.as_ref()) {
                changes.push(remedy::set_aside(host, &taken.name));
                changes.extend(remedy::rename(host, file, &target));
                Fix::new(format!("exchange {target} for {name}"), Applicability::Unsafe, changes)
            } else {
                let changes = remedy::rename(host, file, &target);
                pairing::with_open_key(context, key, Fix::new(certificate(stem), Applicability::Safe, changes))?
            }
        }
        Some(key) => {
            let target = host.free_stem(stem, &[".cert", ".key"]);
            let mut changes = remedy::rename(host, file, &format!("{target}.cert"));
            let (key_title, key_changes) = pairing::bring_key(context, key, &format!("{target}.key"))?;
            changes.extend(key_changes);
            Fix::new(format!("{}, and {key_title}", certificate(&target)), Applicability::Safe, changes)
        }
        None if holds_key => {
            let target = host.free_stem(stem, &[".cert", ".key"]);
            let path = host.path.join(format!("{target}.cert"));
            let mut changes =
                vec![remedy::copy_keys(host.path.join(&file.name), host.path.join(format!("{target}.key")))];
            changes.push(Change::Rename { from: host.path.join(&file.name), to: path.clone() });
            changes.push(remedy::anew(path, Rewrite::Certificates));
            let title = format!("part {name} into {target}.cert and {target}.key");
            return Some(if file.link.is_none() {
                vec![Fix::new(title, Applicability::Safe, changes)]
            } else {
                Vec::new()
            });
        }
        None => return Some(vec![remedy::aside_fix(host, file, Applicability::Unsafe)]),
    };
    Some(vec![fix])
}
