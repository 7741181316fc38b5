//! Where `certwright new` runs: as whom, on which disk, on a terminal that asks and on which a key can be given up.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::support::world::World;
use crate::{ROOT, disk, done};

#[test]
fn the_root_of_the_engine_is_chosen() {
    let world = crate::world();
    let machine = world.root().join("machine");
    std::fs::create_dir_all(machine.join("etc")).unwrap();
    let planned =
        |more: &str| crate::run(&world, &format!("new r.example.com:5000 --root-prefix $ROOT/machine {more}"));
    assert!(planned("").contains("$ROOT/machine/etc/docker/certs.d/r.example.com:5000\n"), "{}", planned(""));
    assert!(planned("--for podman").contains("$ROOT/machine/etc/containers/certs.d/r.example.com:5000\n"));
    assert!(planned("--for containerd").contains("$ROOT/machine/etc/containerd/certs.d/r.example.com:5000\n"));
    std::fs::create_dir_all(machine.join("etc/containerd")).unwrap();
    std::fs::write(
        machine.join("etc/containerd/config.toml"),
        "version = 3\n[plugins.\"io.containerd.cri.v1.images\".registry]\nconfig_path = \"/srv/certs.d\"\n",
    )
    .unwrap();
    assert!(
        planned("--for containerd").contains("$ROOT/machine/srv/certs.d/r.example.com:5000\n"),
        "{}",
        planned("--for containerd")
    );
    std::fs::create_dir_all(machine.join("etc/containers/certs.d")).unwrap();
    let told = planned("");
    assert!(told.contains("$ROOT/machine/etc/containers/certs.d/r.example.com:5000\n"), "{told}");
    assert!(told.contains("the one certs.d that is here; --for or --root names another"), "{told}");
    std::fs::create_dir_all(machine.join("etc/docker/certs.d")).unwrap();
    assert!(planned("").contains("$ROOT/machine/etc/docker/certs.d/r.example.com:5000\n"));
}

#[test]
fn who_may_not_write_is_told_what_root_would_run() {
    let world = crate::world();
    if !rustix::process::geteuid().is_root() {
        let _ =
            writeln!(std::io::stderr(), "new: who_may_not_write: skipped, since only root can become somebody else");
        return;
    }
    let program = world.root().join("certwright");
    assert!(Command::new("cp").arg(env!("CARGO_BIN_EXE_certwright")).arg(&program).status().unwrap().success());
    std::fs::set_permissions(world.root(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let state = world.root().join("state");
    std::fs::create_dir(&state).unwrap();
    std::os::unix::fs::chown(&state, Some(65534), Some(65534)).unwrap();
    let before = disk(&world);
    let root = ROOT.replace("$ROOT", world.root().to_str().unwrap());
    let mut command = Command::new(&program);
    command.args(["new", "r.example.com:5000", "--client", "--csr", "--key", "ed25519", "--root", &root, "--apply"]);
    command.env_clear().env("CERTWRIGHT_STATE_DIR", state.join("own")).uid(65534).gid(65534);
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).replace(world.root().to_str().unwrap(), "$ROOT");
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("mkdirat: permission denied"), "{told}");
    let hint = format!(
        "hint: let root do it: sudo certwright new r.example.com:5000 --client --csr --key ed25519 --root {ROOT} --apply\n"
    );
    assert!(told.ends_with(&hint), "{told}");
    assert_eq!(disk(&world), before);
    let journal = std::fs::read_to_string(state.join("own/journal.jsonl")).unwrap();
    assert!(journal.contains("rolled-back") && journal.contains("permission denied"), "the journal tells");
}

#[test]
fn what_root_makes_for_a_user_is_that_user_s() {
    let world = crate::world();
    if !rustix::process::geteuid().is_root() {
        let _ = writeln!(std::io::stderr(), "new: what_root_makes: skipped, since only root gives files away");
        return;
    }
    let user = world.root().join("user");
    std::fs::create_dir(&user).unwrap();
    std::os::unix::fs::chown(&user, Some(1234), Some(1235)).unwrap();
    let before = disk(&world);
    done(
        &world,
        "new r.example.com --root $ROOT/user/.config/docker/certs.d --ca STOCK/ca.pem --client --csr --key ed25519 --apply",
    );
    let made: Vec<_> = walkdir::WalkDir::new(&user).into_iter().map(Result::unwrap).collect();
    assert_eq!(made.len(), 8);
    for entry in made {
        let metadata = entry.metadata().unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (1234, 1235), "{}", entry.path().display());
    }
    done(&world, "undo");
    assert_eq!(disk(&world), before);
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing() {
    let world = crate::world();
    let full = world.root().join("full");
    std::fs::create_dir(&full).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=4k,nr_inodes=6 tmpfs {0} && {1} new r.example.com --root {0}/certs.d --ca {2} --client \
         --self-signed --key ed25519 --apply; echo status $?; find {0} | wc -l",
        full.display(),
        env!("CARGO_BIN_EXE_certwright"),
        world.root().join("certs.d/stock/ca.pem").display(),
    );
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "--propagation", "private", "sh", "-c", &script]);
    command.env("CERTWRIGHT_STATE_DIR", world.root().join("state"));
    let output = command.output();
    let told = output.map(|output| String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned());
    let Some(told) = told.ok().filter(|told| told.contains("status")).filter(|told| !told.contains("mount:")) else {
        let _ = writeln!(std::io::stderr(), "new: a_full_disk: skipped, since nothing can be mounted here");
        return;
    };
    assert!(told.contains("status 3\n1\n"), "{told}");
    assert!(told.contains("no space left on device"), "{told}");
    let journal = std::fs::read_to_string(world.root().join("state/journal.jsonl")).unwrap();
    assert!(journal.contains("rolled-back"), "the journal tells");
}

/// Runs a command line on a terminal, answers it, and gives what was shown and whether it ended well.
fn on_terminal(world: &World, words: &[&str], until: &str, answer: &str) -> (String, u32) {
    let pair = native_pty_system().openpty(PtySize { rows: 40, cols: 120, ..PtySize::default() }).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_certwright"));
    command.cwd(world.root());
    command.env_clear();
    command.env("HOME", world.root().join("home"));
    command.env("CERTWRIGHT_STATE_DIR", world.root().join("state"));
    command.env("TERM", "xterm");
    command.args(words.iter().map(|word| word.replace("$ROOT", world.root().to_str().unwrap())));
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut writer = pair.master.take_writer().unwrap();
    let (mut shown, mut byte, mut is_answered) = (Vec::new(), [0], false);
    while let Ok(1) = reader.read(&mut byte) {
        shown.push(byte[0]);
        if !is_answered && shown.ends_with(until.as_bytes()) {
            writer.write_all(answer.as_bytes()).unwrap();
            is_answered = true;
        }
    }
    (String::from_utf8_lossy(&shown).into_owned(), child.wait().unwrap().exit_code())
}

#[test]
fn on_a_terminal_it_is_asked_for() {
    let world = crate::world();
    let before = disk(&world);
    let words = ["new", "r.example.com:5000", "--root", ROOT, "--client", "--self-signed"];
    for (answer, is_done) in [("n\n", false), ("\n", false), ("\u{4}", false), ("\u{3}", false), ("y\n", true)] {
        let (shown, code) = on_terminal(&world, &words, "carry it out? [y/N] ", answer);
        assert!(shown.contains("set r.example.com:5000 up with client.cert and client.key"), "{shown}");
        assert_eq!(code, u32::from(!is_done), "{answer:?}: {shown}");
        assert_eq!(disk(&world) != before, is_done, "{answer:?}");
    }
    let world = crate::world();
    let before = disk(&world);
    let (shown, code) = on_terminal(&world, &[&words[..], &["--read-only"]].concat(), "never asked", "");
    assert!(!shown.contains("carry it out?"), "{shown}");
    assert_eq!((code, disk(&world) == before), (1, true));
}

#[test]
fn a_key_that_takes_long_can_be_given_up() {
    let world = crate::world();
    let before = disk(&world);
    // Some keys are there before anybody can give them up.
    for _ in 0..20 {
        let words = ["new", "r.example.com:5000", "--root", ROOT, "--client", "--self-signed", "--apply"];
        let mut command = world.command();
        command.args(words.map(|word| word.replace("$ROOT", world.root().to_str().unwrap())));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let pid = rustix::process::Pid::from_child(&child);
        while !is_catching(child.id()) && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        if told.contains("cancelled before anything was changed") {
            assert_eq!(output.status.code(), Some(3));
            assert_eq!(disk(&world), before);
            return;
        }
        done(&world, "undo");
    }
    unreachable!("no key took long enough");
}

/// Tells whether a process has a handler for SIGINT.
fn is_catching(process: u32) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"));
    let line = status.unwrap_or_default().lines().find_map(|line| line.strip_prefix("SigCgt:").map(str::to_owned));
    line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 2 != 0)
}
