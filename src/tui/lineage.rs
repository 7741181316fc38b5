//! The ways up from a certificate: every certificate of the tree that may have issued it, and those that may have issued
//! these, each signature checked. A loop ends where it closes, and no way is followed for ever.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::pki::chain::{Check, Verifier};
use crate::pki::{Certificate, Digest};
use crate::tui::issuers::Known;

/// The longest way that is followed.
const LONGEST: usize = 10;
/// The most certificates that are drawn of one tree.
const MOST: usize = 64;

/// A certificate on a way up.
#[derive(Clone, Debug)]
pub struct Step {
    /// The certificate.
    pub certificate: Arc<Certificate>,
    /// Where it lies; `None` for the one that is asked about.
    pub known: Option<Known>,
    /// Whether its key made the signature below it.
    pub check: Check,
    /// Who may have issued it: those that did first, and of these the one that is valid for longest.
    pub issuers: Vec<Step>,
    /// Why the way ends here; `None` where it goes on.
    pub end: Option<End>,
}

/// Why a way ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It names itself as its issuer.
    Itself(Check),
    /// Nothing in the tree has its issuer's name.
    Missing,
    /// It stands further down on the same way.
    Loop,
    /// It was drawn already, with everything above it.
    Told,
    /// It has its issuer's name, but its key did not make the signature.
    OtherKey,
    /// The way is too long, or there are too many.
    TooMuch,
}

/// The ways up from a certificate, among those that are known.
pub fn ways(leaf: &Arc<Certificate>, known: &[Known], verifier: &Verifier) -> Step {
    let mut climb = Climb { known, verifier, told: Vec::new() };
    climb.step(leaf, None, Check::Valid, &mut Vec::new())
}

/// Ways while they are followed.
struct Climb<'a> {
    known: &'a [Known],
    verifier: &'a Verifier,
    told: Vec<Digest>,
}

impl Climb<'_> {
    fn step(
        &mut self,
        certificate: &Arc<Certificate>,
        known: Option<&Known>,
        check: Check,
        way: &mut Vec<Digest>,
    ) -> Step {
        let digest = *certificate.sha256();
        let end = |end| Step {
            certificate: Arc::clone(certificate),
            known: known.cloned(),
            check,
            issuers: Vec::new(),
            end: Some(end),
        };
        if check == Check::Invalid {
            return end(End::OtherKey);
        }
        if way.contains(&digest) {
            return end(End::Loop);
        }
        if self.told.contains(&digest) {
            return end(End::Told);
        }
        if way.len() >= LONGEST || self.told.len() >= MOST {
            return end(End::TooMuch);
        }
        self.told.push(digest);
        // Another certificate of the same name may have issued one that only names itself.
        let own = certificate.is_self_issued().then(|| self.verifier.check(certificate, certificate));
        if own == Some(Check::Valid) {
            return end(End::Itself(Check::Valid));
        }
        let found = self.issuers_of(certificate);
        if found.is_empty() {
            return end(own.map_or(End::Missing, End::Itself));
        }
        way.push(digest);
        let issuers = found.iter().map(|(check, known)| self.step(&known.certificate, Some(known), *check, way));
        let issuers = issuers.collect();
        way.pop();
        Step { certificate: Arc::clone(certificate), known: known.cloned(), check, issuers, end: None }
    }

    /// All that have the issuer's name. Where one of them made the signature, those that did not are left out.
    fn issuers_of(&self, certificate: &Arc<Certificate>) -> Vec<(Check, Known)> {
        let same_name = self.known.iter().filter(|known| {
            known.certificate.subject().der() == certificate.issuer().der()
                && known.certificate.sha256() != certificate.sha256()
        });
        let mut found: Vec<(Check, Known)> =
            same_name.map(|known| (self.verifier.check(certificate, &known.certificate), known.clone())).collect();
        let rank = |check: Check| match check {
            Check::Valid => 0,
            Check::Unsupported => 1,
            Check::Invalid => 2,
        };
        found.sort_by_key(|(check, known)| (rank(*check), Reverse(known.certificate.not_after())));
        if found.iter().any(|(check, _)| *check == Check::Valid) {
            found.retain(|(check, _)| *check == Check::Valid);
        }
        found
    }
}

impl Step {
    /// The certificates of all ways, this one first.
    pub fn certificates(&self) -> Vec<Digest> {
        let above = self.issuers.iter().flat_map(Self::certificates);
        std::iter::once(*self.certificate.sha256()).chain(above).collect()
    }
}
