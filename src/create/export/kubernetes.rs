//! `registries.yaml` of K3s and RKE2, which takes one CA file and one client certificate a registry.
//!
//! Source: k3s documentation "Private Registry Configuration"; wharfie `pkg/registries/types.go` (`TLSConfig`): `configs`
//! goes by the host that is talked to, `mirrors` by the one that an image names.

use std::path::{Path, PathBuf};

use crate::base::text::display_name;
use crate::create::export::containerd::server;
use crate::create::export::placed::{self, Placed};
use crate::create::export::{Document, Export, ExportError, LeftOut, Source, buildkit, check_placed, pem};
use crate::create::quote::yaml;
use crate::engine::select::url_host;

const FORM: &str = "registries.yaml";
/// The one CA file, where there are several that are needed.
const BUNDLE: &str = "ca-bundle.crt";

pub(super) fn export(source: &Source, prefix: Option<&Path>, beside: Option<&Path>) -> Result<Export, ExportError> {
    buildkit::absolute(prefix, FORM)?;
    let placed = placed::place(source, prefix);
    check_placed(source, &placed, FORM)?;
    let mut export = Export {
        notes: vec![
            "for /etc/rancher/k3s/registries.yaml or /etc/rancher/rke2/registries.yaml; read at start".to_owned(),
        ],
        left_out: placed.left_out.clone(),
        ..Export::default()
    };
    let authority = authority(source, prefix.or(beside), &placed, &mut export);
    let pair = placed.pairs.first();
    for (certificate, _) in placed.pairs.iter().skip(1) {
        let why = "registries.yaml takes one client certificate a registry".to_owned();
        let name = Path::new(certificate).file_name().unwrap_or_default();
        export.left_out.push(LeftOut { what: display_name(name), why });
    }
    let is_named = |to: &Path| {
        let named = authority.iter().chain(pair.iter().flat_map(|(certificate, key)| [certificate, key]));
        named.into_iter().any(|named| Path::new(named) == to)
    };
    export.copies = placed.copies.iter().filter(|copy| is_named(&copy.to)).cloned().collect();
    export.documents.insert(0, Document { name: FORM, text: text(&source.registry, authority.as_deref(), pair) });
    Ok(export)
}

/// The path of the one CA file. Where there are several, they are joined in a file of its own.
fn authority(source: &Source, directory: Option<&Path>, placed: &Placed, export: &mut Export) -> Option<String> {
    if let [] | [_] = placed.authorities.as_slice() {
        return placed.authorities.first().map(|(_, path)| path.clone());
    }
    let directory = directory.map_or_else(|| source.on_machine(&source.directory), PathBuf::from);
    let path = directory.join(BUNDLE).to_str()?.to_owned();
    let authorities = placed.authorities.iter().filter_map(|(index, _)| source.authorities.get(*index));
    let certificates = authorities.flat_map(|authority| &authority.certificates);
    let text = certificates.map(|certificate| pem(certificate));
    export.documents.push(Document { name: BUNDLE, text: text.collect() });
    let files: Vec<String> = placed.authorities.iter().map(|(_, path)| path.clone()).collect();
    let files = files.join(", ");
    export.notes.push(format!("registries.yaml takes one CA file a registry: {path} is to hold what is in {files}"));
    Some(path)
}

fn text(registry: &str, authority: Option<&str>, pair: Option<&(String, String)>) -> String {
    let server = server(registry);
    let host = url_host(&server);
    let mut text = format!(
        "mirrors:\n  {}:\n    endpoint:\n      - {}\nconfigs:\n  {}:\n    tls:\n",
        yaml(registry),
        yaml(&server),
        yaml(&host)
    );
    let mut key = |name: &str, path: &str| text.push_str(&format!("      {name}: {}\n", yaml(path)));
    authority.into_iter().for_each(|path| key("ca_file", path));
    if let Some((certificate, private_key)) = pair {
        key("cert_file", certificate);
        key("key_file", private_key);
    }
    text
}
