//! The configuration file from outside: what it changes, what a wrong one does, and `certwright config`.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test makes its files and fails by panicking")]

mod support;

use std::path::PathBuf;

use insta::assert_snapshot;
use support::world::World;

const TREE: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]
[[host]]
name = "registry.example.com:5000"
files."ca.crt" = "acme"
"#;

/// Writes the user's own configuration, or a file beside it.
fn write(world: &World, name: &str, text: &str) -> PathBuf {
    let path = world.root().join("home/.config/certwright").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_wrong_configuration_is_told_by_line_and_the_rest_holds() {
    let world = World::new(TREE);
    write(&world, "config.toml", "ascii = true\nexpires = 3\ncolor = \"blue\"\n[keys]\nsrot = [\"x\"]\n");
    assert_snapshot!(world.run(&["tree", "certs.d"]), @r##"
    status: 0
    ----- stdout -----
    certs.d
    `--   registry.example.com:5000
        `--   ca.crt        CA      CA       valid, 3000 days  Acme Root CA

    0 errors, 0 warnings, 0 infos, in 1 host directory, 1 file, 1 certificate
    ----- stderr -----
    certwright: $ROOT/home/.config/certwright/config.toml:2: unknown key expires: did you mean expires-within? there are theme, columns, glyphs, ascii, mouse, color, expires-within, engine, select, ignore, min-severity, keys
    certwright: $ROOT/home/.config/certwright/config.toml:3: unknown color blue: there are auto, always, never
    certwright: $ROOT/home/.config/certwright/config.toml:5: unknown command srot: did you mean sort? `certwright config --print-default` lists them
    "##);
}

#[test]
fn a_named_configuration_that_cannot_be_read_ends_the_run_and_a_wrong_one_does_not() {
    let world = World::new(TREE);
    assert_snapshot!(world.run(&["--config", "absent.toml", "check", "certs.d"]), @r##"
    status: 2
    ----- stderr -----
    certwright: absent.toml: no such file or directory
    "##);
    std::fs::write(world.root().join("wrong.toml"), "ascii = 1\n").unwrap();
    assert_snapshot!(world.run(&["--config", "wrong.toml", "check", "certs.d"]), @r##"
    status: 0
    ----- stdout -----
    0 errors, 0 warnings, 0 infos, in 1 host directory, 1 file, 1 certificate
    ----- stderr -----
    certwright: wrong.toml:1: ascii cannot be 1: it is true or false
    "##);
}

#[test]
fn a_file_that_is_none_is_told_and_the_defaults_hold() {
    let world = World::new(TREE);
    std::fs::create_dir_all(world.root().join("home/.config/certwright/config.toml")).unwrap();
    assert_snapshot!(world.run(&["check", "certs.d"]), @r##"
    status: 0
    ----- stdout -----
    0 errors, 0 warnings, 0 infos, in 1 host directory, 1 file, 1 certificate
    ----- stderr -----
    certwright: $ROOT/home/.config/certwright/config.toml: is a directory
    "##);
}

#[test]
fn path_tells_where_the_file_lies() {
    let world = World::new(TREE);
    assert_snapshot!(world.run(&["config", "--path"]), @r##"
    status: 0
    ----- stdout -----
    $ROOT/home/.config/certwright/config.toml
    "##);
    assert_snapshot!(world.run(&["config", "--path", "--config", "x.toml"]), @r##"
    status: 2
    ----- stderr -----
    certwright: x.toml: no such file or directory
    "##);
    let mut command = world.command();
    let output = command.env("XDG_CONFIG_HOME", "/etc/xdg-of-ada").args(["config", "--path"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "/etc/xdg-of-ada/certwright/config.toml\n");
    let output = world.command().env_remove("HOME").args(["config", "--path"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn check_tells_everything_that_is_wrong_and_nothing_else() {
    let world = World::new(TREE);
    assert_snapshot!(world.run(&["config", "--check"]), @r##"
    status: 0
    ----- stdout -----
    $ROOT/home/.config/certwright/config.toml: no such file; the defaults hold
    "##);
    write(&world, "themes/mine.toml", "error = \"bold bright-red\"\nwarn = \"yelow\"\n");
    write(
        &world,
        "config.toml",
        "theme = \"mine\"\nselect = [\"CW1\", \"CW0\"]\n[keys]\nsort = [\"y\"]\nwhy = [\"ctrl-i\"]\n",
    );
    assert_snapshot!(world.run(&["config", "--check"]), @r##"
    status: 1
    ----- stdout -----
    $ROOT/home/.config/certwright/config.toml:2: select names no rule: "CW0"; `certwright rules` lists them
    $ROOT/home/.config/certwright/config.toml:4: y means sort and copy-menu (everywhere): it is sort now, copy-menu lost it
    $ROOT/home/.config/certwright/config.toml:5: ctrl-i reaches a program as tab does: name that
    $ROOT/home/.config/certwright/themes/mine.toml:2: unknown kind of text warn: did you mean warning? there are plain, dim, strong, heading, field, directory, good, info, warning, error, verbatim, late, key, selected, hit, inherits
    "##);
    write(&world, "config.toml", "theme = \"hihg-contrast\"\n");
    assert_snapshot!(world.run(&["config", "--check"]), @r##"
    status: 1
    ----- stdout -----
    $ROOT/home/.config/certwright/config.toml:1: unknown theme hihg-contrast: did you mean high-contrast? there are dark, light, mono, high-contrast, auto; there is no $ROOT/home/.config/certwright/themes/hihg-contrast.toml either
    "##);
    write(&world, "config.toml", "theme = \"high-contrast\"\ncolumns = []\nmouse = false\nglyphs = \"ascii\"\n");
    assert_snapshot!(world.run(&["config", "--check"]), @r##"
    status: 0
    ----- stdout -----
    $ROOT/home/.config/certwright/config.toml: nothing is wrong
    "##);
    assert!(world.run(&["config"]).starts_with("status: 2"));
}

#[test]
fn the_default_file_is_right_and_changes_nothing() {
    let world = World::new(TREE);
    let without = world.run(&["check", "certs.d"]);
    let told = world.run(&["config", "--print-default"]);
    let (_, text) = told.split_once("----- stdout -----\n").unwrap();
    write(&world, "config.toml", text);
    assert!(world.run(&["config", "--check"]).contains("nothing is wrong"), "{}", world.run(&["config", "--check"]));
    assert_eq!(world.run(&["check", "certs.d"]), without);
    let (settings, keys) = text.split_once("[keys]\n").unwrap();
    assert!(keys.contains("# quit at once\nquit = [\"ctrl-c\"]\n"), "{keys}");
    assert_snapshot!(settings, @r##"
    # The configuration of certwright: every key, with its default. All of them are optional.

    # dark, light, mono, high-contrast, auto (as the terminal's background is), or your own themes/NAME.toml
    theme = "auto"

    # the columns of the tree beside the name
    columns = ["named", "is", "state", "left"]

    # unicode, ascii (as --ascii), or auto: as locale and terminal allow
    glyphs = "auto"

    # as --ascii; the same as glyphs = "ascii"
    ascii = false

    # whether the screen heeds the mouse
    mouse = true

    # as --color: auto, always, never
    color = "auto"

    # as --expires-within: days from 0 to 36500
    expires-within = 30

    # as --engine: whose judgement makes a finding an error; empty for all
    engine = []

    # as --select: the rules to apply
    select = ["ALL"]

    # as --ignore: the rules to leave out
    ignore = []

    # as --min-severity: info, warning, error
    min-severity = "info"

    # The keys of commands on the screen: "x", "G", "ctrl-y", "page-down"; [] for none. They hold wherever the
    # command has keys; where text is typed, characters remain text. Ctrl-C always quits, Esc always goes back.
    "##);
}

#[test]
fn foreign_text_in_a_configuration_cannot_touch_the_terminal() {
    let world = World::new(TREE);
    write(
        &world,
        "config.toml",
        "theme = \"\\u001b[31m\\u202e\"\n\"\\u001b[2J\" = 1\n[keys]\n\"\\u009b\" = [\"\\u0007\"]\n",
    );
    let told = world.run(&["config", "--check"]);
    let foreign = |letter: &char| (letter.is_control() && *letter != '\n') || *letter == '\u{202e}';
    assert_eq!(told.chars().find(foreign), None, "{told:?}");
}

#[test]
fn the_man_page_and_the_help_name_every_key() {
    let world = World::new(TREE);
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (man, help) = (world.run(&["generate", "man"]), world.run(&["--help"]));
    for setting in certwright::config::settings::SETTINGS {
        assert!(man.contains(&format!("\\fB{} =", setting.name.replace('-', "\\-"))), "{}", setting.name);
        assert!(help.contains(&format!("  {} = {}", setting.name, setting.default)), "{}", setting.name);
        assert!(readme.contains(&format!("\n{} = ", setting.name)), "{}", setting.name);
    }
    assert!(help.contains("[keys]") && readme.contains("\n[keys] "));
}
