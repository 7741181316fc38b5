//! CW401

use std::collections::HashSet;

use crate::finding::Severity;
use crate::finding::{Applicability, Fix};
use crate::model::File;
use crate::model::Role;
use crate::pki::{Certificate, Rewrite};
use crate::rules::certificate::anchors::{Placed, chain};
use crate::rules::key::pairing::{Fault, Pair};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

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
                    let fix = leaf_first(context, file, leaf);
                    let leaf = leaf.display_name();
                    report
                        .file(file, format!("{name} begins with {first}, but its key belongs to {leaf} further down"))
                        .consequences(context.fatal_at(index))
                        .advice(format!("move {leaf} to the beginning of {name}"))
                        .fixes(fix);
                }
                Some(_) => {}
                None => {
                    if let Some((one, next)) = first_break(&chain) {
                        let (one, next) = (one.certificate.display_name(), next.certificate.display_name());
                        report
                            .file(file, format!("{one} is followed by {next}, which did not issue it"))
                            .severity(Severity::Info)
                            .everywhere("sends the certificates as they stand; not every registry can follow")
                            .advice(format!("let each certificate in {name} be followed by its issuer"))
                            .fixes(in_order(context, file, &chain));
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

/// The client certificate first, and each behind the one that it issued.
fn leaf_first(context: &HostContext<'_>, file: &File, leaf: &Certificate) -> Option<Fix> {
    let change = remedy::anew(context.host.path.join(&file.name), Rewrite::LeafFirst(*leaf.sha256()));
    let title = format!("put {} first in {}", leaf.display_name(), file.name.to_string_lossy());
    remedy::can_be_normal(file).then(|| Fix::new(title, Applicability::Safe, vec![change]))
}

/// The same with the first one staying where it is, if the others are issuers of one another, and merely in disorder.
fn in_order(context: &HostContext<'_>, file: &File, chain: &[Placed<'_>]) -> Option<Fix> {
    let leaf = chain.first()?.certificate;
    let known: Vec<_> = chain.iter().map(|place| place.certificate.clone()).collect();
    let distinct: HashSet<_> = known.iter().map(|certificate| *certificate.sha256()).collect();
    let is_mere_disorder = context.verifier.path(leaf, &known).len() == distinct.len() && distinct.len() == known.len();
    let fix = leaf_first(context, file, leaf).filter(|_| is_mere_disorder)?;
    Some(Fix { title: format!("put the chain in {} in order", file.name.to_string_lossy()), ..fix })
}
