//! A section of BuildKit's `buildkitd.toml`.
//!
//! Source: buildkit 0.32 `cmd/buildkitd/config/config.go` (`RegistryConfig`), `util/resolver/resolver.go`; buildx
//! `util/confutil/container.go`, which copies the files of `ca` and `keypair` into a builder, but no `tlsconfigdir`.

use std::path::Path;

use crate::create::export::placed::{self, Placed};
use crate::create::export::{Document, Export, ExportError, Source, check_placed};
use crate::create::quote::toml;

const FORM: &str = "buildkitd.toml";

pub(super) fn export(source: &Source, prefix: Option<&Path>) -> Result<Export, ExportError> {
    absolute(prefix, FORM)?;
    let placed = placed::place(source, prefix);
    check_placed(source, &placed, FORM)?;
    let notes = vec![
        "for /etc/buildkit/buildkitd.toml; read when buildkitd starts".to_owned(),
        "docker buildx create --buildkitd-config takes these files along into a builder; it does not take along what a \
         tlsconfigdir names"
            .to_owned(),
    ];
    let documents = vec![Document { name: FORM, text: text(&source.registry, &placed) }];
    Ok(Export { documents, copies: placed.copies, left_out: placed.left_out, notes })
}

/// Fails where a prefix is relative: to what, nobody could tell.
pub(super) fn absolute(prefix: Option<&Path>, form: &'static str) -> Result<(), ExportError> {
    match prefix.filter(|prefix| !prefix.is_absolute()) {
        Some(prefix) => Err(ExportError::RelativePrefix { prefix: prefix.to_path_buf(), form }),
        None => Ok(()),
    }
}

fn text(registry: &str, placed: &Placed) -> String {
    let registry = toml(registry);
    let mut text = format!("[registry.{registry}]\n");
    if !placed.authorities.is_empty() {
        let files: Vec<String> = placed.authorities.iter().map(|(_, path)| toml(path)).collect();
        text.push_str(&format!("ca = [{}]\n", files.join(", ")));
    }
    for (certificate, key) in &placed.pairs {
        let (certificate, key) = (toml(certificate), toml(key));
        text.push_str(&format!("\n[[registry.{registry}.keypair]]\nkey = {key}\ncert = {certificate}\n"));
    }
    text
}
