//! A large tree with every kind of fault, described in the language of `certwright::sample`.
//!
//! The same seed gives the same names, sizes, dates and faults. Keys and signatures are new each time: the library that
//! makes them takes its randomness from the system alone.

use std::fmt::Write;

use certwright::base::clock::Timestamp;

/// The moment around which validity is laid out: 2026-11-24T12:00:00Z.
pub const NOW: Timestamp = Timestamp(1_795_521_600);

/// Certificates in the largest bundles, as in a distribution's `ca-certificates.crt`.
const BUNDLE: u64 = 140;
/// Authorities that many hosts share.
const COMPANY_CAS: u64 = 16;
/// RSA keys, made once and used by many certificates, since they take long to make.
const RSA_KEYS: u64 = 8;

/// Shares in a thousand.
const FAULT: u64 = 20;
const HUGE_BUNDLE: u64 = 2;
const RSA_CA: u64 = 250;
const RSA_CLIENT: u64 = 150;
const COMPANY_CA: u64 = 250;
const CHAIN: u64 = 350;
const SEC1: u64 = 400;

/// Describes so many host directories.
pub fn describe(hosts: u64, seed: u64) -> String {
    let mut text = String::new();
    for key in 0..RSA_KEYS {
        material(&mut text, &format!("rsa-{key}"), "key = \"rsa2048\"");
    }
    for ca in 0..COMPANY_CAS {
        let key = if ca % 4 == 0 { format!("\nkey-of = \"rsa-{}\"", ca / 4) } else { String::new() };
        material(&mut text, &format!("company-{ca}"), &format!("ca = true\ndays = [-900, 2800]{key}"));
    }
    for root in 0..BUNDLE {
        material(&mut text, &format!("public-root-{root}"), "ca = true\ndays = [-3000, 5000]");
    }
    for index in 0..hosts {
        let mut host = Host { random: Random::new(seed, index), index, text: &mut text, files: String::new() };
        host.describe();
    }
    text
}

/// One host directory: its own materials go to `text` at once, its files once all are known.
struct Host<'a> {
    random: Random,
    index: u64,
    text: &'a mut String,
    files: String,
}

impl Host<'_> {
    fn describe(&mut self) {
        let expired = self.random.share(FAULT);
        let expired_ca = expired && self.random.share(500);
        let ca = self.ca_file(expired_ca);
        for number in 2..2 + self.random.below(3) {
            let extra = self.ca(&format!("additional-{number}"), "");
            self.file(&format!("ca-{number}.crt"), &format!("\"{extra}\""));
        }
        if self.random.share(CHAIN) {
            self.chain();
        }
        self.client(&ca, expired && !expired_ca);
        self.strays(&ca);
        let Self { index, files, text, .. } = self;
        let _ = write!(text, "[[host]]\nname = \"registry-{index:05}.example.com:5000\"\n{files}");
    }

    /// The CA of this host: one of the company's, or its own.
    fn ca_file(&mut self, expired: bool) -> String {
        let ca = if !expired && self.random.share(COMPANY_CA) {
            format!("company-{}", self.random.below(COMPANY_CAS))
        } else {
            self.ca("ca", if expired { "days = [-1200, -500]" } else { "" })
        };
        let form = match (self.random.share(FAULT), self.random.share(FAULT)) {
            (true, _) => ":der",
            (_, true) => ":crlf",
            _ => "",
        };
        self.file("ca.crt", &format!("\"{ca}{form}\""));
        ca
    }

    fn chain(&mut self) {
        let root = self.ca("root", "");
        let intermediate = self.ca("intermediate", &format!("issuer = \"{root}\""));
        let issuing = self.ca("issuing", &format!("issuer = \"{intermediate}\""));
        self.file("chain.crt", &format!("[\"{issuing}\", \"{intermediate}\", \"{root}\"]"));
    }

    /// The client pair, with what may be wrong with it.
    fn client(&mut self, ca: &str, expired: bool) {
        let days = match (self.random.share(FAULT), expired) {
            (true, _) => [7300, 7665],
            (_, true) => [-1200, -500],
            _ => [-300, 2500],
        };
        let rsa = if self.random.share(RSA_CLIENT) { self.rsa_key() } else { String::new() };
        let more = format!("issuer = \"{ca}\"\npurposes = [\"client\"]\ndays = {days:?}\n{rsa}");
        let client = self.material("client", &more);
        self.file("client.cert", &format!("\"{client}\""));
        if self.random.share(FAULT) {
            return;
        }
        let key = if self.random.share(FAULT) { self.material("other", "") } else { client };
        let form = match (self.random.share(FAULT), self.random.share(SEC1) && rsa.is_empty()) {
            (true, _) => ":encrypted",
            (_, true) => ":sec1",
            _ => "",
        };
        let mode = if self.random.share(FAULT) { "0644" } else { "0600" };
        self.file("client.key", &format!("{{ content = \"{key}.key{form}\", mode = \"{mode}\" }}"));
    }

    /// What lies about beside the rest.
    fn strays(&mut self, ca: &str) {
        if self.random.share(FAULT) {
            let company = self.random.below(COMPANY_CAS);
            self.file("company-ca.cert", &format!("\"company-{company}\""));
        }
        if self.random.share(FAULT) {
            let leaf = self.material("leaf", &format!("issuer = \"{ca}\"\npurposes = [\"client\"]"));
            self.file("client.crt", &format!("\"{leaf}\""));
        }
        if self.random.share(FAULT) {
            let old = self.material("old", "");
            self.file("old.key", &format!("\"{old}.key\""));
        }
        if self.random.share(FAULT) {
            self.file("empty.crt", "{ text = \"\" }");
        }
        if self.random.share(HUGE_BUNDLE) {
            let roots: Vec<String> = (0..BUNDLE).map(|root| format!("\"public-root-{root}\"")).collect();
            self.file("ca-certificates.crt", &format!("[{}]", roots.join(", ")));
        }
        if self.random.share(FAULT) {
            self.file("site-ca.crt", "{ link = \"/nonexistent/site-ca.crt\" }");
        }
        for (name, file) in [("pem", "ca.pem"), ("upper", "CA.CRT")] {
            if self.random.share(FAULT) {
                let extra = self.ca(name, "");
                self.file(file, &format!("\"{extra}\""));
            }
        }
    }

    fn ca(&mut self, what: &str, more: &str) -> String {
        let rsa = if self.random.share(RSA_CA) { self.rsa_key() } else { String::new() };
        let days = if more.contains("days") { "" } else { "days = [-600, 3000]" };
        self.material(what, &format!("ca = true\n{days}\n{rsa}{more}"))
    }

    fn rsa_key(&mut self) -> String {
        format!("key-of = \"rsa-{}\"\n", self.random.below(RSA_KEYS))
    }

    fn material(&mut self, what: &str, more: &str) -> String {
        let name = format!("registry-{:05} {what}", self.index);
        let organization = "organization = \"Example Registry Operations\"";
        material(self.text, &name, &format!("{organization}\n{more}"));
        name
    }

    fn file(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.files, "files.\"{name}\" = {value}");
    }
}

fn material(text: &mut String, name: &str, more: &str) {
    let _ = writeln!(text, "[material.\"{name}\"]\n{more}");
}

/// SplitMix64: small, and the same on every machine.
struct Random(u64);

impl Random {
    fn new(seed: u64, index: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ index);
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// True in so many of a thousand cases.
    fn share(&mut self, of_a_thousand: u64) -> bool {
        self.below(1000) < of_a_thousand
    }
}
