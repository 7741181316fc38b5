//! Copying, driven by keys: what each letter gives, and that a secret is given to nobody who did not ask twice.

use certwright::tui::copy::Item;
use certwright::tui::state::Mode;

use super::*;

/// What a key copies: what it is, and the text.
fn copied(driver: &mut Driver, keys: &str) -> (&'static str, String) {
    driver.effects.clear();
    driver.press(keys);
    assert_eq!(driver.state.mode, Mode::Browse, "{}", driver.screen());
    let effects = std::mem::take(&mut driver.effects);
    assert_eq!(effects.len(), 1, "{effects:?}");
    let copied = effects.into_iter().find_map(|effect| match effect {
        Effect::Copy { what, text } => Some((what, text)),
        _ => None,
    });
    copied.unwrap()
}

/// Goes to a file of a tree.
fn on(driver: &mut Driver, host: &str, file: &str) {
    let path = PathBuf::from("sample/certs.d").join(host);
    let row = driver.state.tree.find(&Identity::Host(path, Some((file.into(), None)))).unwrap();
    driver.state.change_tree(|tree| tree.reveal(row));
    driver.state.select(row);
    driver.state.look();
}

#[test]
fn each_letter_gives_its_text() {
    let mut driver = Driver::sample(WIDE);
    on(&mut driver, "wrong.example:5000", "ca.cert");
    assert_eq!(copied(&mut driver, "yp"), ("path", "sample/certs.d/wrong.example:5000/ca.cert".to_owned()));
    assert_eq!(copied(&mut driver, "yn"), ("name", "ca.cert".to_owned()));
    assert_eq!(copied(&mut driver, "ys"), ("subject", "CN=Acme Root CA,O=Acme".to_owned()));
    let fingerprint = copied(&mut driver, "yf");
    assert_eq!((fingerprint.0, fingerprint.1.len()), ("SHA-256 fingerprint", 32 * 3 - 1));
    assert_eq!(copied(&mut driver, "Y"), fingerprint, "the shortcut gives the same");
    let (_, pin) = copied(&mut driver, "yk");
    assert_eq!((&pin[..8], pin.len()), ("sha256//", 8 + 44));
    let (_, pem) = copied(&mut driver, "yc");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----\n") && pem.ends_with("-----END CERTIFICATE-----\n"), "{pem}");
    assert!(pem.lines().all(|line| line.len() <= 64), "{pem}");
    insta::assert_snapshot!(copied(&mut driver, "yw").1);
    insta::assert_snapshot!(copied(&mut driver, "yo").1, @"openssl x509 -in sample/certs.d/wrong.example:5000/ca.cert -noout -text");
    insta::assert_snapshot!(copied(&mut driver, "yh").1, @r"
    # CW101: rename ca.cert to ca.crt
    mv -n sample/certs.d/wrong.example:5000/ca.cert sample/certs.d/wrong.example:5000/ca.crt
    ");
}

#[test]
fn a_key_has_the_pin_of_its_certificate() {
    let mut driver = Driver::sample(WIDE);
    on(&mut driver, "good.example:5000", "ci.cert");
    let of_certificate = copied(&mut driver, "yk");
    on(&mut driver, "good.example:5000", "ci.key");
    assert_eq!(copied(&mut driver, "yk"), of_certificate);
    insta::assert_snapshot!(copied(&mut driver, "yo").1, @"openssl pkey -in sample/certs.d/good.example:5000/ci.key -noout -text_pub");
    insta::assert_snapshot!(copied(&mut driver, "yh").1, @r"
    mkdir -p sample/certs.d/good.example:5000
    cp ci.key sample/certs.d/good.example:5000/ci.key && chmod 600 sample/certs.d/good.example:5000/ci.key
    ");
}

#[test]
fn a_bundle_gives_all_its_certificates_and_a_row_of_it_one() {
    let mut driver = Driver::sample(WIDE);
    on(&mut driver, "bundle.example:5000", "chain.crt");
    let count = |pem: &str| pem.matches("-----BEGIN CERTIFICATE-----").count();
    assert_eq!(count(&copied(&mut driver, "yc").1), 2);
    insta::assert_snapshot!(copied(&mut driver, "yo").1, @"openssl storeutl -noout -text -certs sample/certs.d/bundle.example:5000/chain.crt");
    driver.press("\rjj");
    assert_eq!(count(&copied(&mut driver, "yc").1), 1);
    assert_eq!(copied(&mut driver, "ys").1, "CN=Acme Root CA,O=Acme");
}

#[test]
fn a_private_key_is_given_to_nobody_who_did_not_ask_twice() {
    let mut driver = Driver::sample(WIDE);
    on(&mut driver, "good.example:5000", "ci.key");
    driver.press("yx");
    assert_eq!(driver.effects, []);
    assert!(driver.screen().contains("this is a secret: once more puts the private key into the clipboard"));
    // Whatever else is pressed between takes it back.
    driver.press("\x1byx");
    assert_eq!(driver.effects, []);
    driver.press(">x");
    assert_eq!(driver.effects, [], "where it goes has changed");
    driver.press(">x");
    assert_eq!(driver.effects, []);
    driver.press("x");
    let [Effect::CopyKey { path, to: None, .. }] = driver.effects.as_slice() else { panic!("{:?}", driver.effects) };
    assert_eq!(path, Path::new("sample/certs.d/good.example:5000/ci.key"));
    // From the palette, too, it is asked for twice.
    driver.effects.clear();
    driver.press(":copy-private\r");
    assert_eq!((driver.effects.as_slice(), driver.state.mode), (&[][..], Mode::Copy));
    driver.press("\x1b");
    on(&mut driver, "good.example:5000", "ca.crt");
    assert!(driver.press("yx").screen().contains("no private key in this file"));
    assert_eq!(driver.effects, []);
}

#[test]
fn everything_can_be_kept_in_a_file() {
    let mut driver = Driver::sample(WIDE);
    on(&mut driver, "good.example:5000", "ca.crt");
    driver.press("y>");
    assert!(driver.screen().contains("Keep in a file"));
    driver.press("f");
    assert!(driver.screen().contains("SHA-256 fingerprint into the file: certwright.txt"), "{}", driver.screen());
    driver.press("\x15out.txt\r");
    let [Effect::Keep { what: "SHA-256 fingerprint", text, path }] = driver.effects.as_slice() else {
        panic!("{:?}", driver.effects)
    };
    assert_eq!((text.len(), path.as_path()), (32 * 3, Path::new("out.txt")));
    driver.press("y>f\x1b");
    assert_eq!(driver.state.mode, Mode::Copy, "Esc goes back one step");
    driver.press("\x1b");
    assert_eq!(driver.state.mode, Mode::Browse);
}

#[test]
fn what_is_not_there_is_told() {
    let mut driver = Driver::sample(WIDE);
    for (key, reason) in [
        ("s", "no certificate here to copy the subject of"),
        ("f", "no certificate here to copy the fingerprint of"),
        ("k", "no certificate and no key here to pin"),
        ("c", "no certificate here to copy"),
        ("w", "nothing is wrong here"),
        ("o", "choose a file for openssl to look at"),
        ("h", "choose a host directory or a file"),
        ("x", "no private key in this file"),
    ] {
        let screen = driver.press(&format!("\x1bgy{key}")).screen();
        assert!(screen.contains(reason), "{key}: {screen}");
    }
    assert_eq!(driver.effects, []);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads the README")]
fn the_readme_tells_these_keys_as_they_are() {
    use certwright::tui::action::Command::{Copy, CopyMenu, Details, Editor, Mouse, Pager, Rescan};
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let heading = "### Over SSH, and beside other programs";
    let told: Vec<&str> = readme.lines().skip_while(|line| *line != heading).skip(4).collect();
    let told: Vec<&str> = told.into_iter().take_while(|line| line.starts_with('|')).collect();
    let row = |command| {
        let binding = BINDINGS.iter().find(|binding| binding.command == command).unwrap();
        format!("| `{}` | {} |", binding.keys[0], binding.help)
    };
    assert_eq!(told, [CopyMenu, Copy(Item::Fingerprint), Details, Mouse, Editor, Pager, Rescan].map(row));
}

#[test]
fn the_menu_is_drawn_at_every_size() {
    let mut driver = Driver::sample(WIDE);
    on(&mut driver, "wrong.example:5000", "ca.cert");
    driver.press("y");
    for (columns, rows) in [WIDE, USUAL, SMALL] {
        driver.resize(columns, rows);
        let screen = driver.screen();
        let shown = Item::ALL.into_iter().filter(|item| screen.contains(item.word())).count();
        assert_eq!(shown, Item::ALL.len().min(usize::from(rows) - 3), "{screen}");
    }
    driver.resize(WIDE.0, WIDE.1);
    // Digests differ from run to run.
    let screen = driver.screen();
    let menu = screen.lines().skip(24).map(|line| line.get(..27).unwrap_or(line).trim_end().to_owned());
    insta::assert_snapshot!(menu.collect::<Vec<_>>().join("\n"));
}

#[test]
fn letters_without_room_are_told() {
    let mut driver = Driver::sample(WIDE);
    driver.press("*jjy");
    assert!(!driver.screen().contains(" also "), "{}", driver.screen());
    driver.resize(40, 12);
    assert!(driver.screen().contains("─ also x\n"), "{}", driver.screen());
    driver.resize(30, 8);
    assert!(driver.screen().contains("─ also c w o h x\n"), "{}", driver.screen());
}
