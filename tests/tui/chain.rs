//! The chain of a certificate as a drawn tree.

use super::*;

/// Two roots that both signed one issuing CA, a loop, a CA of the same name with another key, and an issuer that is missing.
pub(crate) const CROSSED: &str = r#"
[material.old-root]
common-name = "Old Root"
ca = true
days = [-2000, 400]
[material.new-root]
common-name = "New Root"
ca = true
days = [-100, 3000]
[material.issuing-old]
common-name = "Issuing CA"
ca = true
days = [-900, 300]
issuer = "old-root"
[material.issuing-new]
common-name = "Issuing CA"
ca = true
key-of = "issuing-old"
days = [-90, 2000]
issuer = "new-root"
[material.new-root-crossed]
common-name = "New Root"
ca = true
key-of = "new-root"
days = [-100, 390]
issuer = "old-root"
[material.robot]
common-name = "robot"
issuer = "issuing-old"
purposes = ["client"]
days = [-30, 200]

[material.east]
common-name = "East"
ca = true
[material.west-by-east]
common-name = "West"
ca = true
issuer = "east"
[material.east-by-west]
common-name = "East"
ca = true
key-of = "east"
issuer = "west-by-east"
[material.traveller]
common-name = "traveller"
purposes = ["client"]
issuer = "east"

[material.twin]
common-name = "Twin"
ca = true
[material.other-twin]
common-name = "Twin"
ca = true
[material.child]
common-name = "child"
purposes = ["client"]
issuer = "twin"

[material.gone]
common-name = "Gone CA"
ca = true
[material.orphan]
common-name = "orphan"
purposes = ["client"]
issuer = "gone"

[[host]]
name = "a-crossed.example"
files."issuing.crt" = ["issuing-old", "issuing-new"]
files."new.crt" = ["new-root", "new-root-crossed"]
files."old.crt" = "old-root"
files."robot.cert" = "robot"
files."robot.key" = "robot.key"
[[host]]
name = "b-loop.example"
files."loop.crt" = ["west-by-east", "east-by-west"]
files."traveller.cert" = "traveller"
files."traveller.key" = "traveller.key"
[[host]]
name = "c-twin.example"
files."child.cert" = "child"
files."child.key" = "child.key"
files."twin.crt" = "other-twin"
[[host]]
name = "d-orphan.example"
files."orphan.cert" = "orphan"
files."orphan.key" = "orphan.key"
"#;

impl Driver {
    /// The chain of a certificate as text.
    fn chain(&mut self, host: &str, file: &str) -> String {
        self.press("\x1b3").on(host, file);
        let lines = self.state.pane.document.lines().iter();
        let text = lines.map(|line| line.iter().map(|(_, text)| text.as_str()).collect::<String>() + "\n");
        text.collect::<String>()
    }
}

#[test]
fn several_issuers_are_drawn_each_with_its_signature_and_the_engines_that_trust_it() {
    let mut driver = Driver::mending("chain-crossed", CROSSED, (160, 60));
    insta::assert_snapshot!("crossed", driver.chain("a-crossed.example", "robot.cert"));
}

#[test]
fn a_loop_ends_where_it_closes() {
    let mut driver = Driver::mending("chain-loop", CROSSED, (160, 60));
    insta::assert_snapshot!("loop", driver.chain("b-loop.example", "traveller.cert"));
}

#[test]
fn another_key_of_the_same_name_and_a_missing_issuer_are_told() {
    let mut driver = Driver::mending("chain-twin", CROSSED, (160, 60));
    insta::assert_snapshot!("twin", driver.chain("c-twin.example", "child.cert"));
    insta::assert_snapshot!("orphan", driver.chain("d-orphan.example", "orphan.cert"));
}
