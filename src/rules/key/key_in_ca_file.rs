//! CW509

use crate::base::text::display_name;
use crate::finding::{Applicability, Fix};
use crate::model::File;
use crate::model::Role;
use crate::pki::Purpose;
use crate::pki::Rewrite;
use crate::rules::key::pairing::belongs;
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// A CA file holds a private key beside its certificates.
    ///
    /// Files of CA certificates are made to be read by all and copied about, and the key goes with them. It is of no use in
    /// this place: engines pass over it. An end-entity certificate and its key together in a `.crt` are CW102 or CW506.
    ///
    /// ## Engines
    /// Docker's login and pull both take the certificates and pass over the key, without a word.
    ///
    /// ## Example
    /// `ca.crt`, made by `cat ca.pem ca-key.pem > ca.crt`.
    ///
    /// ## Fix
    /// Remove the key from the file, and from wherever the file was copied to. Where others could read it, make a new one.
    ///
    /// ## Sources
    /// Go 1.26 `src/crypto/x509/cert_pool.go`, `AppendCertsFromPEM` (blocks of other types are passed over).
    pub KeyInCaFile = "CW509" "key-in-ca-file", Warning
}

impl Rule for KeyInCaFile {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        for (_, file) in context.files().filter(|(_, file)| file.role() == Role::CaBundle) {
            let Some(parsed) = file.parsed() else { continue };
            let mut certificates = parsed.certificates().peekable();
            let Some(key) = parsed.private_keys().next().filter(|_| certificates.peek().is_some()) else { continue };
            let owner = certificates.find(|certificate| belongs(key, certificate));
            let message = match owner.map(|owner| (owner.purpose(), owner.display_name())) {
                Some((Purpose::Ca, name)) => format!("private key of CA {name} lies in a CA file"),
                Some(_) => continue,
                None => format!("private key ({}) lies in a CA file", key.describe()),
            };
            report
                .file(file, message)
                .everywhere("passes over the key")
                .advice(format!("remove the key from {}", file.name.to_string_lossy()))
                .fixes(fix(context, file));
        }
    }
}

/// The key into a file of its own that no engine reads.
fn fix(context: &HostContext<'_>, file: &File) -> Option<Fix> {
    let (host, path) = (context.host, context.host.path.join(&file.name));
    let key = format!("{}.key", file.stem().to_str()?);
    let aside = remedy::set_aside(host, key.as_ref()).target().to_path_buf();
    let title =
        format!("move the key out of {} into {}", file.name.to_string_lossy(), display_name(aside.file_name()?));
    let changes = vec![remedy::copy_keys(path.clone(), aside), remedy::anew(path, Rewrite::Certificates)];
    remedy::can_be_normal(file).then(|| Fix::new(title, Applicability::Unsafe, changes))
}
