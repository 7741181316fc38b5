//! The texts that are searched, each kept once: names of host directories and files, what certificates say, and codes of
//! findings. The same CA lies in many directories, and is looked at once.

use std::collections::HashMap;
use std::ffi::OsString;

use crate::base::text::display_name;
use crate::pki::Certificate;
use crate::tui::entry::{ReadHost, certificates_of};
use crate::tui::fuzzy::{Matcher, Pattern};
use crate::tui::quick::Kinds;

/// All texts.
#[derive(Debug, Default)]
pub struct Haystacks {
    texts: Vec<Text>,
    words: HashMap<Box<str>, u32>,
    /// By SHA-256 fingerprint.
    certificates: HashMap<[u8; 32], u32>,
}

/// A text, in lower case.
#[derive(Debug)]
struct Text {
    /// Its lines are apart from each other.
    lines: Box<str>,
    /// Octets in hexadecimal, in which gaps mean nothing.
    octets: Box<str>,
}

/// The texts of a host directory, by number.
#[derive(Debug, Default)]
pub struct HostText {
    own: Vec<u32>,
    files: Vec<FileText>,
}

/// The texts of a file, and what kinds of thing it is.
#[derive(Debug, Default)]
struct FileText {
    texts: Vec<u32>,
    kinds: Kinds,
}

impl HostText {
    /// The words of a pattern that the directory itself holds.
    pub fn own_mask(&self, masks: &[u8]) -> u8 {
        mask(&self.own, masks)
    }

    /// The words of a pattern that a file in it holds.
    pub fn file_mask(&self, file: usize, masks: &[u8]) -> u8 {
        self.files.get(file).map_or(0, |file| mask(&file.texts, masks))
    }

    /// The kinds that a file in it is.
    pub fn kinds(&self, file: usize) -> Kinds {
        self.files.get(file).map(|file| file.kinds).unwrap_or_default()
    }

    fn texts(&self) -> impl Iterator<Item = &u32> {
        self.own.iter().chain(self.files.iter().flat_map(|file| &file.texts))
    }

    fn texts_mut(&mut self) -> impl Iterator<Item = &mut u32> {
        self.own.iter_mut().chain(self.files.iter_mut().flat_map(|file| &mut file.texts))
    }
}

/// The codes and names of what is wrong with a file, or with the directory itself.
fn codes<'a>(read: &'a ReadHost, file: Option<&'a OsString>) -> impl Iterator<Item = String> + 'a {
    let findings = read.findings.iter().filter(move |finding| finding.place.file.as_ref() == file);
    findings.map(|finding| format!("{} {}", finding.code.number, finding.code.name))
}

fn mask(texts: &[u32], masks: &[u8]) -> u8 {
    texts.iter().filter_map(|text| masks.get(*text as usize)).fold(0, |all, mask| all | mask)
}

impl Haystacks {
    /// Takes in what can be searched of a host directory.
    pub fn gather(&mut self, read: &ReadHost) -> HostText {
        let host = &read.host;
        let mut own = vec![self.word(&display_name(&host.name))];
        own.extend(codes(read, None).map(|code| self.word(&code)));
        let mut files = Vec::with_capacity(host.files.len());
        for file in &host.files {
            let mut texts = vec![self.word(&display_name(&file.name))];
            texts.extend(codes(read, Some(&file.name)).map(|code| self.word(&code)));
            texts.extend(certificates_of(file).map(|certificate| self.certificate(certificate)));
            files.push(FileText { texts, kinds: Kinds::of(file, read) });
        }
        HostText { own, files }
    }

    /// Goes on with `masks`, for at most so many texts: for each the words of a pattern that it holds. Tells whether all
    /// texts are done.
    pub fn search(&self, pattern: &Pattern, masks: &mut Vec<u8>, most: usize, matcher: &mut Matcher) -> bool {
        let unseen = self.texts.iter().skip(masks.len()).take(most);
        masks.extend(unseen.map(|text| pattern.held_by(&text.lines, &text.octets, matcher)));
        masks.len() == self.texts.len()
    }

    /// Drops the texts that no host directory refers to any more, where these are most of them. Tells whether it did.
    pub fn compact<'a>(&mut self, hosts: impl Iterator<Item = &'a mut HostText>) -> bool {
        let mut hosts: Vec<&mut HostText> = hosts.collect();
        let mut numbers: Vec<Option<u32>> = vec![None; self.texts.len()];
        let mut kept = 0;
        for text in hosts.iter().flat_map(|host| host.texts()) {
            if let Some(number @ None) = numbers.get_mut(*text as usize) {
                *number = Some(kept);
                kept += 1;
            }
        }
        if kept as usize * 2 >= self.texts.len() {
            return false;
        }
        let renumber = |number: &mut u32| {
            let new = numbers.get(*number as usize).copied().flatten();
            *number = new.unwrap_or_default();
            new.is_some()
        };
        for text in hosts.iter_mut().flat_map(|host| host.texts_mut()) {
            renumber(text);
        }
        self.words.retain(|_, number| renumber(number));
        self.certificates.retain(|_, number| renumber(number));
        let texts = std::mem::take(&mut self.texts).into_iter().zip(&numbers);
        let mut texts: Vec<(u32, Text)> = texts.filter_map(|(text, number)| Some(((*number)?, text))).collect();
        texts.sort_by_key(|(number, _)| *number);
        self.texts = texts.into_iter().map(|(_, text)| text).collect();
        true
    }

    fn word(&mut self, text: &str) -> u32 {
        if let Some(number) = self.words.get(text) {
            return *number;
        }
        let number = self.push(text.to_lowercase(), String::new());
        self.words.insert(text.into(), number);
        number
    }

    fn certificate(&mut self, certificate: &Certificate) -> u32 {
        if let Some(number) = self.certificates.get(certificate.sha256()) {
            return *number;
        }
        let (mut lines, mut octets) = (String::new(), String::new());
        for (_, value, is_octets) in fields(certificate) {
            let lower = value.to_lowercase();
            if is_octets {
                octets.extend(lower.chars().filter(|letter| *letter != ':'));
                octets.push('\n');
            } else {
                lines.push_str(&lower.replace('\n', " "));
                lines.push('\n');
            }
        }
        let number = self.push(lines, octets);
        self.certificates.insert(*certificate.sha256(), number);
        number
    }

    fn push(&mut self, lines: String, octets: String) -> u32 {
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(Text { lines: lines.into(), octets: octets.into() });
        number
    }
}

/// What can be searched of a certificate: the name of a field, its value, and whether it is octets.
pub fn fields(certificate: &Certificate) -> Vec<(&'static str, String, bool)> {
    let octets = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(":");
    let names: Vec<String> = certificate.alternative_names().map(|name| name.value()).collect();
    vec![
        ("subject", certificate.subject().to_string(), false),
        ("issuer", certificate.issuer().to_string(), false),
        ("SAN", names.join(" "), false),
        ("serial", octets(certificate.serial()), true),
        ("SHA-256", octets(certificate.sha256()), true),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_nothing_refers_to_are_dropped_and_the_others_stay() {
        let mut haystacks = Haystacks::default();
        let numbers: Vec<u32> = (0..10).map(|number| haystacks.word(&format!("text {number}"))).collect();
        let file = |text: u32| FileText { texts: vec![text], kinds: Kinds::default() };
        let mut host = HostText { own: vec![numbers[7]], files: vec![file(numbers[2]), file(numbers[7])] };
        assert!(haystacks.compact([&mut host].into_iter()));
        assert_eq!(haystacks.texts.len(), 2);
        let text = |number: u32| &*haystacks.texts[number as usize].lines;
        assert_eq!(host.texts().map(|number| text(*number)).collect::<Vec<_>>(), ["text 7", "text 2", "text 7"]);
        assert_eq!((haystacks.word("text 2"), haystacks.word("text 3")), (1, 2));
        assert!(!haystacks.compact([&mut host].into_iter()), "few are left over");
    }
}
