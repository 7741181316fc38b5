//! A host set up as somebody wishes: what is to be trusted, a client's pair or a request, and the plan of all that.

use std::ffi::OsStr;

use thiserror::Error;

use crate::create::{Authorities, Holder, KeyAlgorithm, KeyError, NewFile, NewKey, Site, Terms, certificate, setup};
use crate::fix::{Obstacle, Planned};
use crate::model::Inventory;
use crate::session::setting_up::look;
use crate::session::sources::DiskSources;

/// What a host directory is to be, and what is to be in it.
#[derive(Clone, Debug)]
pub struct Design {
    /// The `certs.d` that it is in.
    pub site: Site,
    /// Its names.
    pub names: Vec<String>,
    /// The files of CAs.
    pub trusted: Vec<NewFile>,
    /// The client that presents itself.
    pub client: Option<Client>,
}

/// A client's pair that is wished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// "client" of `client.cert`
    pub stem: String,
    /// The kind of its key.
    pub algorithm: KeyAlgorithm,
    /// Whom the certificate is about.
    pub holder: Holder,
    /// Who signs it.
    pub signature: Signature,
}

/// Who signs a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// Its own key does, at once
    OwnKey(Terms),
    /// Somebody else does, who is sent a request
    Request,
}

/// A plan, and what is there of what it concerns.
#[derive(Debug)]
pub struct Proposed {
    /// It as it is
    pub before: Inventory,
    /// The plan
    pub planned: Planned,
}

/// Why there is no plan.
#[derive(Debug, Error)]
pub enum DesignError {
    /// Something is in the way.
    #[error(transparent)]
    Obstacle(#[from] Obstacle),
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Makes the key, where one is wished, and plans everything.
///
/// # Errors
/// Where something is in the way, which is told before a key is made, or there is no key.
pub fn plan(
    design: &Design,
    make_key: impl FnOnce(KeyAlgorithm) -> Result<NewKey, KeyError>,
) -> Result<Proposed, DesignError> {
    let Design { site, names, .. } = design;
    let before = look(site, names);
    let sources = DiskSources::default();
    let mut files = design.trusted.clone();
    if let Some(client) = &design.client {
        let mut wanted = files.clone();
        wanted.extend(client.names().map(|name| NewFile::public(name, "")));
        setup::plan(&before, site, names, &wanted, &sources)?;
        files.extend(client.files(&make_key(client.algorithm)?)?);
    }
    let planned = setup::plan(&before, site, names, &files, &sources)?;
    Ok(Proposed { before, planned })
}

/// The files of CAs: one, or one each.
pub fn trusted(authorities: &Authorities, stem: &str, split: bool) -> Vec<NewFile> {
    if !split {
        return vec![NewFile::public(format!("{stem}.crt"), authorities.bundle())];
    }
    let numbered = |(index, bytes): (usize, Vec<u8>)| {
        let number = if index == 0 { String::new() } else { format!("-{}", index + 1) };
        NewFile::public(format!("{stem}{number}.crt"), bytes)
    };
    authorities.files().into_iter().enumerate().map(numbered).collect()
}

impl Client {
    /// The names of the files that are made.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let suffixes = match self.signature {
            Signature::OwnKey(_) => [".cert", ".key"],
            Signature::Request => [".csr", ".key.waiting"],
        };
        suffixes.into_iter().map(|suffix| format!("{}{suffix}", self.stem))
    }

    fn files(&self, key: &NewKey) -> Result<Vec<NewFile>, KeyError> {
        Ok(match self.signature {
            Signature::Request => {
                NewFile::waiting(OsStr::new(&self.stem), certificate::request(key, &self.holder)?, key)
            }
            Signature::OwnKey(terms) => {
                NewFile::pair(&self.stem, certificate::self_signed(key, &self.holder, terms)?, key)
            }
        })
    }
}
