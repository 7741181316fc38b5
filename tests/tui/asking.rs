//! Why a pull fails: a text is pasted and explained, driven by keys.

use super::*;

/// What docker prints where a pair lacks its key, as people copy it.
const MISSING_KEY: &str = "$ docker login registry.example:5000\r\nError response from daemon: missing key client.key for \
     client certificate client.cert. CA certificates must use the extension .crt\r\n";
/// What docker prints where it does not trust a registry.
const UNKNOWN_AUTHORITY: &str = r#"Error response from daemon: Get "https://nowhere.example:5000/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority"#;

#[test]
fn a_pasted_error_is_explained_and_leads_to_its_file() {
    let mut driver = Driver::over("several", WIDE);
    driver.rules = vec![];
    driver.scan();
    driver.press("w");
    driver.paste(MISSING_KEY);
    looks::in_each_look("why_box", &mut driver);
    driver.press("\r").carry_out();
    driver.resize(WIDE.0, WIDE.1);
    let screen = driver.screen();
    assert!(screen.contains("docker-classic stops at client.cert with exactly this text"), "{screen}");
    looks::in_each_look("why_answer", &mut driver);
    driver.press("\r");
    assert!(driver.selected_line().contains("client.cert"), "{}", driver.screen());
    assert!(driver.effects.is_empty());
}

#[test]
fn a_registry_without_a_directory_is_said_to_have_none() {
    let mut driver = Driver::over("several", WIDE);
    driver.press("w").paste(UNKNOWN_AUTHORITY).press("\r").carry_out();
    let screen = driver.screen();
    assert!(screen.contains("there is no several/certs.d/nowhere.example:5000"), "{screen}");
    insta::assert_snapshot!("why_missing", screen);
    assert!(driver.press("\r").screen().contains("nothing here to go to"), "{}", driver.screen());
}

#[test]
fn an_unknown_text_is_not_guessed_at_and_esc_leads_back() {
    let mut driver = Driver::over("several", WIDE);
    driver.press("w").press("no space left on devic").press("\x7f\x17device\r").carry_out();
    let screen = driver.screen();
    assert!(screen.contains("This text is not known") && screen.contains("no space left on device"), "{screen}");
    looks::in_each_look("why_unknown", &mut driver);
    driver.paste(UNKNOWN_AUTHORITY);
    assert!(driver.screen().contains("Why does it fail?"), "the next paste is the next question");
    assert!(driver.press("\x1b").resize(120, 36).screen().contains("mirrored.example"), "{}", driver.screen());
    driver.press("w\r");
    assert!(driver.screen().contains("paste an error text first"), "{}", driver.screen());
    assert!(driver.effects.is_empty());
}

#[test]
fn an_answer_nobody_waits_for_any_more_is_dropped() {
    let mut driver = Driver::over("several", WIDE);
    driver.press("w").paste(UNKNOWN_AUTHORITY).press("\r\x1b").carry_out();
    assert!(driver.screen().contains("mirrored.example"), "{}", driver.screen());
}

#[test]
fn a_pasted_text_cannot_touch_the_terminal() {
    let mut driver = Driver::over("several", SMALL);
    driver.press("w").paste("\u{9b}31m\u{202e}x509: certificate signed by unknown\u{7} authority\tend");
    let screen = driver.screen();
    assert!(screen.chars().all(|letter| letter == '\n' || !letter.is_control()), "{screen}");
    assert!(!screen.contains('\u{202e}'), "{screen}");
}
