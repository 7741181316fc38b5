//! CW401

use crate::finding::Severity;
use crate::model::Role;
use crate::rules::certificate::anchors::{Placed, chain};
use crate::rules::key::pairing::{Fault, Pair};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule};

rule! {
    /// The certificates of a `.cert` stand in the wrong order.
    ///
    /// The first one must be the client certificate, which belongs to the key; its issuer follows, then the issuer's issuer.
    /// With another one in front nothing works. Where only those behind it are out of order, most registries put up with it:
    /// that is information. In a `.crt` the order means nothing.
    ///
    /// ## Engines
    /// With the CA first, Docker's login stops with `tls: private key does not match public key` (or `private key type does
    /// not match public key type`), its pull with `failed to load X509 key pair: ` and the same. Neither names the file.
    /// Behind the first both send what is there, as it is there.
    ///
    /// ## Example
    /// `cat ca.crt client.crt > client.cert`.
    ///
    /// ## Fix
    /// Put the client certificate first: `cat client.crt intermediate.crt > client.cert`. The root can be left out.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/tls/tls.go`, `X509KeyPair`; RFC 5246 section 7.4.2 (each certificate certifies the one before
    /// it), RFC 8446 section 4.4.2 (registries should take any order behind the first).
    pub ChainOrder = "CW401" "chain-order", Error
}

impl Rule for ChainOrder {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (index, file) in context.files().filter(|(_, file)| file.role() == Role::ClientCertificate) {
            let chain = chain(context, file);
            if chain.len() < 2 {
                continue;
            }
            let name = file.name.to_string_lossy();
            match Pair::of(context, index, file).and_then(|pair| pair.fault()) {
                Some(Fault::Order(leaf)) => {
                    let first = chain.first().map(|first| first.certificate.display_name()).unwrap_or_default();
                    let leaf = leaf.display_name();
                    report
                        .file(file, format!("{name} begins with {first}, but its key belongs to {leaf} further down"))
                        .consequences(context.fatal_at(index))
                        .advice(format!("move {leaf} to the beginning of {name}"));
                }
                Some(_) => {}
                None => {
                    if let Some((one, next)) = first_break(&chain) {
                        let (one, next) = (one.certificate.display_name(), next.certificate.display_name());
                        report
                            .file(file, format!("{one} is followed by {next}, which did not issue it"))
                            .severity(Severity::Info)
                            .everywhere("sends the certificates as they stand; not every registry can follow")
                            .advice(format!("let each certificate in {name} be followed by its issuer"));
                    }
                }
            }
        }
    }
}

/// The first two neighbours of which the second is not the issuer of the first, by name.
fn first_break<'a>(chain: &[Placed<'a>]) -> Option<(Placed<'a>, Placed<'a>)> {
    let neighbours = chain.iter().zip(chain.iter().skip(1));
    let mut breaks =
        neighbours.filter(|(one, next)| one.certificate.issuer().der() != next.certificate.subject().der());
    breaks.next().map(|(one, next)| (*one, *next))
}
