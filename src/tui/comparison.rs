//! Two marked certificates or keys side by side: what is compared, and where they differ. [`crate::tui::view`] draws it.

use crate::base::clock::span_in_words;
use crate::base::text::display_name;
use crate::model::File;
use crate::pki::{Certificate, PrivateKey, details};
use crate::tui::action::Command;
use crate::tui::document::Document;
use crate::tui::entry::certificates_of;
use crate::tui::state::{Mode, State};
use crate::tui::tree::{Identity, Row};
use crate::tui::update::say;

/// What the field of alternative names is called.
const NAMES: &str = "Names";

/// The comparison as text.
#[derive(Debug, Default)]
pub struct Comparison {
    /// The text.
    pub document: Document,
    /// Lines above the first that is shown.
    pub scroll: usize,
    made: Option<(u64, usize)>,
}

/// One of the two.
#[derive(Clone, Debug)]
pub struct Side<'a> {
    /// Where it is, from its host directory on.
    pub place: String,
    /// What is compared of a file that holds more than one thing.
    pub note: String,
    /// What it is.
    pub thing: Thing<'a>,
}

/// A thing that can be compared.
#[derive(Clone, Copy, Debug)]
pub enum Thing<'a> {
    /// A certificate
    Certificate(&'a Certificate),
    /// A private key, of which only the public half is known
    Key(&'a PrivateKey),
}

/// Something that both have or one has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it is.
    pub name: String,
    /// Its values on each side.
    pub values: [Vec<String>; 2],
}

impl Field {
    fn new(name: &str, values: [Vec<String>; 2]) -> Self {
        Self { name: name.to_owned(), values }
    }

    fn one(name: &str, values: [String; 2]) -> Self {
        Self::new(name, values.map(|value| vec![value]))
    }

    /// Tells whether both sides have the same.
    pub fn is_same(&self) -> bool {
        let [one, other] = &self.values;
        one == other
    }

    /// Tells whether it is a list, of which each side may have other parts.
    pub fn is_list(&self) -> bool {
        self.values.iter().any(|values| values.len() != 1)
    }

    /// What both sides have, and what only one has.
    pub fn parts(&self) -> Vec<(&str, Part)> {
        let [one, other] = &self.values;
        let old =
            one.iter().map(|value| (value.as_str(), if other.contains(value) { Part::Both } else { Part::Removed }));
        let new = other.iter().filter(|value| !one.contains(value)).map(|value| (value.as_str(), Part::Added));
        old.chain(new).collect()
    }
}

/// Which side has a part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Both
    Both,
    /// The first alone
    Removed,
    /// The second alone
    Added,
}

/// Opens the comparison, or says what to mark for it.
pub fn open(state: &mut State) {
    match sides(state) {
        Ok(_) => {
            state.mode = Mode::Compare;
            state.comparison = Comparison::default();
        }
        Err(text) => say(state, false, text),
    }
}

/// The two that are marked: of certificates the older first, else in the order of the tree.
///
/// # Errors
/// What to mark.
pub fn sides(state: &State) -> Result<[Side<'_>; 2], String> {
    let key = state.keymap.key_of(Command::Mark).map(|key| format!(" with {key}")).unwrap_or_default();
    let is_there = |row: &Row, mark: &Identity| state.tree.identity(*row).as_ref() == Some(mark);
    let marks = state.mending.marks.iter();
    let rows = marks.map(|mark| state.tree.find(mark).filter(|row| is_there(row, mark)));
    let Some(mut rows) = rows.collect::<Option<Vec<Row>>>() else { return Err("what was marked is gone".to_owned()) };
    rows.sort_by_key(|row| (row.host(), row.file()));
    let [one, other] = rows.as_slice() else {
        return Err(match rows.len() {
            0 => format!("mark two files{key}, old and new"),
            1 => format!("one is marked: mark another{key}"),
            many => format!("{many} are marked: leave two of them"),
        });
    };
    let (one, other) = (side(state, *one)?, side(state, *other)?);
    let is_later = match (one.thing, other.thing) {
        (Thing::Certificate(one), Thing::Certificate(other)) => one.not_before() > other.not_before(),
        _ => false,
    };
    Ok(if is_later { [other, one] } else { [one, other] })
}

fn side(state: &State, row: Row) -> Result<Side<'_>, String> {
    let host = row.host().and_then(|host| state.tree.host(host));
    let host = host.and_then(|entry| entry.path.file_name()).map(display_name).unwrap_or_default();
    let file = row.host().zip(row.file()).and_then(|(host, file)| state.tree.file(host, file));
    let Some(file) = file else { return Err(format!("mark files, not a directory: {host}")) };
    let place = format!("{host}/{}", display_name(&file.name));
    let Some((thing, note)) = thing(file) else {
        return Err(format!("no certificate and no key in {place}"));
    };
    Ok(Side { place, note, thing })
}

/// What stands for a file: its first certificate, else its first key.
fn thing(file: &File) -> Option<(Thing<'_>, String)> {
    let count = certificates_of(file).count();
    let note = if count > 1 { format!("the first of {count} certificates") } else { String::new() };
    let certificate = certificates_of(file).next().map(|certificate| (Thing::Certificate(certificate), note));
    certificate.or_else(|| {
        let key = file.parsed()?.private_keys().next()?;
        Some((Thing::Key(key), String::new()))
    })
}

/// What is compared, in order.
pub fn fields(sides: &[Side<'_>; 2]) -> Vec<Field> {
    match [sides[0].thing, sides[1].thing] {
        [Thing::Certificate(one), Thing::Certificate(other)] => of_certificates([one, other]),
        things => vec![
            Field::one("Is", things.map(|thing| thing.word().to_owned())),
            Field::one("Public key", things.map(Thing::key_kind)),
            Field::one("Key SHA-256", things.map(Thing::key_digest)),
        ],
    }
}

fn of_certificates(pair: [&Certificate; 2]) -> Vec<Field> {
    let mut fields = vec![
        Field::one("Subject", pair.map(|one| one.subject().to_string())),
        Field::one("Issuer", pair.map(|one| one.issuer().to_string())),
        Field::one("Valid from", pair.map(|one| one.not_before().rfc3339())),
        Field::one("Valid until", pair.map(|one| one.not_after().rfc3339())),
        Field::one("Made for", pair.map(|one| one.purpose().word().to_owned())),
        Field::one("Public key", pair.map(|one| Thing::Certificate(one).key_kind())),
        Field::one("Key SHA-256", pair.map(|one| Thing::Certificate(one).key_digest())),
        Field::one("Serial", pair.map(|one| octets(one.serial()))),
        Field::one("Signature", pair.map(|one| one.signature_algorithm().name().to_owned())),
    ];
    fields.extend(extensions(pair));
    fields.push(Field::one("SHA-256", pair.map(|one| octets(one.sha256()))));
    fields.push(Field::one("SHA-1", pair.map(|one| octets(&one.sha1()))));
    fields
}

/// All extensions that one of them has, names and purposes first.
fn extensions(pair: [&Certificate; 2]) -> Vec<Field> {
    let all = pair.map(|one| details::extensions(one).unwrap_or_default());
    let mut names: Vec<&str> = vec!["Subject Alternative Name", "Extended Key Usage", "Key Usage", "Basic Constraints"];
    for extension in all.iter().flatten() {
        if !names.contains(&extension.name.as_str()) {
            names.push(&extension.name);
        }
    }
    let lines = |name: &str| {
        [&all[0], &all[1]].map(|extensions| {
            let own = extensions.iter().filter(|extension| extension.name == name);
            own.flat_map(|extension| extension.lines.clone()).collect::<Vec<_>>()
        })
    };
    let fields = names.into_iter().map(|name| Field::new(short(name), lines(name)));
    fields.filter(|field| field.values.iter().any(|values| !values.is_empty())).collect()
}

/// The name of an extension where there is little room.
fn short(name: &str) -> &str {
    match name {
        "Subject Alternative Name" => NAMES,
        "Extended Key Usage" => "Purposes",
        "Basic Constraints" => "Constraints",
        "Subject Key Identifier" => "Key id",
        "Authority Key Identifier" => "Issuer's id",
        name => name,
    }
}

/// What the comparison comes to, in words: each with whether that is a difference.
pub fn summary(sides: &[Side<'_>; 2]) -> Vec<(bool, String)> {
    let things = [sides[0].thing, sides[1].thing];
    let digests = things.map(Thing::key_digest);
    let is_known = !digests.iter().any(String::is_empty);
    let same_key = is_known && digests[0] == digests[1];
    let [Thing::Certificate(one), Thing::Certificate(other)] = things else {
        let belong = matches!(things, [Thing::Certificate(_), _] | [_, Thing::Certificate(_)]);
        return vec![match (is_known, same_key, belong) {
            (false, ..) => {
                (true, "the public half of a key is not known: it is encrypted or cannot be read".to_owned())
            }
            (_, true, true) => (false, "one public key: certificate and key belong together".to_owned()),
            (_, false, true) => (true, "two public keys: certificate and key do not belong together".to_owned()),
            (_, true, false) => (false, "the same key".to_owned()),
            (_, false, false) => (true, "two different keys".to_owned()),
        }];
    };
    if one.sha256() == other.sha256() {
        return vec![(false, "the same certificate, byte for byte".to_owned())];
    }
    let same_subject = one.subject().der() == other.subject().der();
    let same_issuer = one.issuer().der() == other.issuer().der();
    let is_one = |is: bool, what: &str| (!is, format!("{} {what}", if is { "the same" } else { "another" }));
    let days = one.not_after().days_until(other.not_after());
    let until = match days {
        0 => (false, "valid until the same day".to_owned()),
        1.. => (true, format!("valid {} longer", span_in_words(days))),
        _ => (true, format!("valid {} less", span_in_words(days))),
    };
    let mut all = vec![is_one(same_subject, "subject"), is_one(same_issuer, "issuer"), is_one(same_key, "key"), until];
    let names = extensions([one, other]).into_iter().find(|field| field.name == NAMES && !field.is_same());
    all.extend(names.map(|names| (true, changed_names(&names))));
    all
}

/// How many names one has that the other has not.
fn changed_names(names: &Field) -> String {
    let count = |part: Part| names.parts().iter().filter(|(_, other)| *other == part).count();
    match (count(Part::Added), count(Part::Removed)) {
        (0, 0) => "the same names in another order".to_owned(),
        (added, removed) => format!("names: {added} added, {removed} removed"),
    }
}

impl Thing<'_> {
    /// What it is.
    fn word(self) -> &'static str {
        match self {
            Self::Certificate(_) => "certificate",
            Self::Key(_) => "private key",
        }
    }

    fn key_kind(self) -> String {
        match self {
            Self::Certificate(certificate) => certificate.public_key().describe(),
            Self::Key(key) => key.describe(),
        }
    }

    /// The SHA-256 of its public key; empty where that is not known.
    fn key_digest(self) -> String {
        match self {
            Self::Certificate(certificate) => octets(certificate.spki_sha256()),
            Self::Key(key) => key.spki_sha256().map(|digest| octets(&digest)).unwrap_or_default(),
        }
    }
}

fn octets(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(":")
}

/// Scrolls.
pub fn scroll(state: &mut State, lines: isize) {
    let last = state.comparison.document.lines().len().saturating_sub(state.body().1);
    state.comparison.scroll = state.comparison.scroll.saturating_add_signed(lines).min(last);
}

/// Makes the text anew where it no longer fits.
pub fn look(state: &mut State) {
    let made = Some((state.generation, state.body().0));
    if state.comparison.made != made {
        state.comparison.document = crate::tui::view::comparison(state, state.body().0);
        state.comparison.made = made;
    }
    scroll(state, 0);
}
