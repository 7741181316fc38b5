//! containerd's `hosts.toml`, as 1.5 and later take it.
//!
//! Source: containerd 2.2 `core/remotes/docker/config/hosts.go` (`parseHostsFile`, `parseHostConfig`); 1.7
//! `remotes/docker/config/hosts.go`, which refuses a file without a `[host."…"]` table. `client` is given as pairs: in
//! `client = ["a.cert", "a.key"]` each would be taken for a file with both.

use std::path::Path;

use crate::create::export::placed::{self, Placed};
use crate::create::export::{Document, Export, ExportError, Source, Target, check_placed};
use crate::create::quote::{comment, toml};
use crate::engine::Engine;
use crate::engine::select::Endpoint;

const FORM: &str = "hosts.toml";

pub(super) fn export(source: &Source, prefix: Option<&Path>) -> Result<Export, ExportError> {
    let placed = placed::place(source, prefix);
    check_placed(source, &placed, FORM)?;
    let notes = vec![
        format!("for {}/{}/{FORM}", Target::Containerd.usual_root(), source.registry),
        "beside it containerd reads no .crt, .cert and .key but those that are named here".to_owned(),
    ];
    let text = text(&server(&source.registry), &placed);
    let documents = vec![Document { name: FORM, text }];
    Ok(Export { documents, copies: placed.copies, left_out: placed.left_out, notes })
}

/// The server of a registry, without the path that containerd adds by itself.
pub(super) fn server(registry: &str) -> String {
    let url = Endpoint::of(Engine::Containerd, registry).url;
    url.strip_suffix("/v2").unwrap_or(&url).to_owned()
}

fn text(server: &str, placed: &Placed) -> String {
    let files = keys(placed);
    let why = "The same twice: [host] takes nothing over from the top, and containerd 1.5 to 1.7 need a [host].";
    format!(
        "server = {server}\n{files}\n{why}[host.{server}]\ncapabilities = [\"pull\", \"resolve\", \"push\"]\n{files}",
        server = toml(server),
        why = comment(why),
    )
}

/// `ca` and `client`, as far as there is something to name.
fn keys(placed: &Placed) -> String {
    let list = |items: Vec<String>| format!("[{}]", items.join(", "));
    let mut text = String::new();
    if !placed.authorities.is_empty() {
        let files = placed.authorities.iter().map(|(_, path)| toml(path)).collect();
        text.push_str(&format!("ca = {}\n", list(files)));
    }
    if !placed.pairs.is_empty() {
        let pairs = placed.pairs.iter().map(|(certificate, key)| list(vec![toml(certificate), toml(key)])).collect();
        text.push_str(&format!("client = {}\n", list(pairs)));
    }
    text
}
