//! The journal itself: who may use it, what is damage in it, and what it keeps.

use super::*;

#[test]
fn one_process_at_a_time_and_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Mending::new(TREE);
    let journal = Journal::open(&tree.state()).unwrap();
    let locked = Journal::open(&tree.state()).unwrap_err();
    assert_eq!(locked, JournalError::Locked { process: Some(std::process::id()) });
    drop(journal);
    std::fs::set_permissions(tree.state(), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(Journal::open(&tree.state()).unwrap_err(), JournalError::Open(tree.state()));
    let link = tree.base().join("link");
    symlink(tree.state(), &link).unwrap();
    assert_eq!(Journal::open(&link).unwrap_err(), JournalError::NoDirectory(link));
    let file = tree.path("r.example.com/ca.cert");
    assert_eq!(Journal::open(&file).unwrap_err(), JournalError::NoDirectory(file));
}

#[test]
fn a_damaged_journal_is_told_and_a_torn_line_is_not() {
    let tree = Mending::new(TREE);
    let mut journal = Journal::open(&tree.state()).unwrap();
    for (from, to) in [("ca.cert", "ca.crt"), ("left.key", "left.old")] {
        let plan = tree.plan([rename(&tree, &format!("r.example.com/{from}"), &format!("r.example.com/{to}"))]);
        with_run(|run| apply::apply(&mut journal, &plan, run)).unwrap();
    }
    drop(journal);
    let path = tree.state().join("journal.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}{{\"sum\":\"0123")).unwrap();
    assert_eq!(Journal::open(&tree.state()).unwrap().history().len(), 2);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "the torn line is cut off");
    // What a file system leaves that had no time to write it.
    std::fs::write(&path, format!("{text}{{\"sum\":\"\0\0\0\0\n")).unwrap();
    assert_eq!(Journal::open(&tree.state()).unwrap().history().len(), 2);
    let damaged = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let (opened, looked) = (Journal::open(&tree.state()), certwright::fix::journal::history(&tree.state()));
        match (opened.unwrap_err(), looked.unwrap_err()) {
            (JournalError::Damaged { line, .. }, JournalError::Damaged { line: same, .. }) if line == same => line,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(damaged(text.replacen("ca.crt", "ca.key", 1).as_bytes()), 2);
    let lines = text.lines().count();
    // A flipped bit in what was durable, the end included, and a byte that is no text.
    for (place, value) in [(text.len() - 30, 1), (text.len() / 2, 0x80)] {
        let mut bytes = text.clone().into_bytes();
        bytes[place] ^= value;
        let line = 1 + text[..place].matches('\n').count();
        assert_eq!(damaged(&bytes), line, "of {lines}");
    }
    assert_eq!(1 + text[..text.len() - 30].matches('\n').count(), lines);
}

#[test]
fn keys_are_for_their_owner_alone_wherever_they_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Mending::new(TREE);
    let plan = tree.plan(everything(&tree));
    let mut journal = Journal::open(&tree.state()).unwrap();
    with_run(|run| apply::apply(&mut journal, &plan, run)).unwrap();
    let mut files = 0;
    for entry in walkdir::WalkDir::new(tree.state()) {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if entry.file_type().is_dir() { 0o700 } else { 0o600 }, "{}", entry.path().display());
        files += 1;
        if entry.file_name() == "journal.jsonl" {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            assert!(!text.contains("PRIVATE KEY"), "the journal holds a key");
        }
    }
    assert!(files > 5, "blobs were kept");
}
