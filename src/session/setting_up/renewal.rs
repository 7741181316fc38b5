//! A client certificate renewed: the plan of a new key with a request, or with a certificate that it signs itself.

use std::ffi::OsStr;

use crate::create::renew::swap;
use crate::create::{
    Arrival, ArrivedKey, KeyAlgorithm, KeyError, NewFile, NewKey, Renewal, Site, Terms, certificate, setup,
};
use crate::finding::{Applicability, Fix, NewContent};
use crate::fix::Planned;
use crate::model::{HostDir, Inventory};
use crate::session::setting_up::host::{DesignError, Signature};
use crate::session::sources::DiskSources;

/// The certificate that is to be renewed.
#[derive(Clone, Copy, Debug)]
pub struct Old<'a> {
    /// The `certs.d` that it is in.
    pub site: &'a Site,
    /// Its host directory, and no other.
    pub inventory: &'a Inventory,
    /// That.
    pub directory: &'a HostDir,
    /// The file.
    pub file: &'a OsStr,
}

/// Makes the key, and plans what becomes of it.
///
/// # Errors
/// Where something is in the way, or there is no key.
pub fn plan(
    old: Old<'_>,
    renewal: &Renewal,
    (algorithm, signature): (KeyAlgorithm, Signature),
    make_key: impl FnOnce(KeyAlgorithm) -> Result<NewKey, KeyError>,
) -> Result<Planned, DesignError> {
    let Old { site, inventory, directory, file } = old;
    let sources = DiskSources::default();
    let key = make_key(algorithm)?;
    let Signature::OwnKey(terms) = signature else {
        let files = NewFile::waiting(&renewal.stem, certificate::request(&key, &renewal.holder)?, &key);
        let name = directory.name.to_string_lossy().into_owned();
        return Ok(setup::plan(inventory, site, &[name], &files, &sources)?);
    };
    let terms = Terms { ca: renewal.is_ca, ..terms };
    let arrival = Arrival {
        stem: renewal.stem.clone(),
        certificate: NewContent::public(certificate::self_signed(&key, &renewal.holder, terms)?),
        key: ArrivedKey::New(NewContent::secret(key.pem())),
    };
    let title = format!("renew {}", file.to_string_lossy());
    let fix = Fix::new(title, Applicability::Safe, swap(site, directory, &arrival));
    Ok(setup::whole(inventory, site, vec![fix], &sources)?)
}

/// What to know of a renewal: a sentence each.
pub fn notes(renewal: &Renewal, is_other_key: bool, is_request: bool, way: &str) -> Vec<String> {
    let mut notes: Vec<String> = renewal.note.clone().filter(|_| !is_other_key).into_iter().collect();
    if renewal.is_self_issued && is_request {
        notes.push(format!("the old certificate was signed by its own key; {way} makes such a one at once"));
    }
    notes
}
