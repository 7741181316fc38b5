//! A ConfigMap for OpenShift's `additionalTrustedCA`, which takes CAs and nothing else.
//!
//! Source: OpenShift documentation "Configuring additional trust stores for image registry access": a key a registry,
//! `host..port` where there is a port; Kubernetes `pkg/apis/core/validation` (keys of a ConfigMap).

use crate::base::text::display_name;
use crate::create::export::{Document, Export, ExportError, LeftOut, Source, pem};
use crate::create::quote::yaml;
use crate::model::host::split_port;

const FORM: &str = "a ConfigMap";
/// The name of the ConfigMap.
const NAME: &str = "registry-cas";

pub(super) fn export(source: &Source) -> Result<Export, ExportError> {
    let registry = &source.registry;
    let key = key(registry).ok_or_else(|| ExportError::Name { form: FORM, registry: registry.clone() })?;
    let left_out = source.pairs.iter().map(|pair| LeftOut {
        what: display_name(pair.certificate.file_name().unwrap_or_default()),
        why: "additionalTrustedCA takes CAs alone; OpenShift's nodes present no client certificate from it".to_owned(),
    });
    let left_out: Vec<LeftOut> = left_out.collect();
    if source.authorities.is_empty() {
        let why = "there are client certificates alone".to_owned();
        return Err(ExportError::Unfit { directory: source.directory.clone(), form: FORM, why });
    }
    let patch = format!("{{\"spec\":{{\"additionalTrustedCA\":{{\"name\":\"{NAME}\"}}}}}}");
    let notes = vec![
        format!("oc apply -f FILE; then: oc patch image.config.openshift.io/cluster --type=merge --patch '{patch}'"),
        "where additionalTrustedCA names a ConfigMap already, add the key to that one".to_owned(),
    ];
    let documents = vec![Document { name: "configmap.yaml", text: text(&key, source) }];
    Ok(Export { documents, copies: Vec::new(), left_out, notes })
}

/// The key of a registry, if a ConfigMap takes it: letters, digits, `-`, `_` and `.`, at most 253 of them.
fn key(registry: &str) -> Option<String> {
    let key = match split_port(registry) {
        Some((host, port)) => format!("{host}..{port}"),
        None => registry.to_owned(),
    };
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (!key.is_empty() && key.len() <= 253 && key.bytes().all(is_taken)).then_some(key)
}

fn text(key: &str, source: &Source) -> String {
    let mut text = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {NAME}\n  namespace: openshift-config\ndata:\n  {}: |\n",
        yaml(key)
    );
    for certificate in source.authorities.iter().flat_map(|authority| &authority.certificates) {
        for line in pem(certificate).lines() {
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}
