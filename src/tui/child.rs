//! Other programs that have the terminal for a while: an editor on a file, a pager on a text. Whoever calls this has given
//! the terminal back before, and takes it again afterwards.

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use crate::base::text::sanitise;
use crate::tui::signals;

/// What a shell exits with where it finds no such command.
const NOT_FOUND: i32 = 127;
/// The pager where none is asked for: less, or what every system has.
const PAGER: &str = "if command -v less >/dev/null 2>&1; then exec less; else exec more; fi";

/// Has a file edited. Yields what went wrong, in words; nothing where all went well.
pub fn edit(path: &Path) -> Option<String> {
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    // What stands there may have arguments: "code -w".
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{editor} \"$@\"")).arg(&editor).arg(path);
    said(&editor, command.spawn().and_then(|child| wait(&child)))
}

/// Shows a text. Yields what went wrong, in words; nothing where all went well.
pub fn page(text: String) -> Option<String> {
    let pager = set("PAGER");
    let mut command = Command::new("sh");
    command.arg("-c").arg(pager.as_deref().unwrap_or(PAGER)).stdin(Stdio::piped());
    let run = command.spawn().and_then(|mut child| {
        if let Some(mut stdin) = child.stdin.take() {
            // A pager that is left early does not read to the end.
            thread::spawn(move || stdin.write_all(text.as_bytes()));
        }
        wait(&child)
    });
    said(pager.as_deref().unwrap_or("less"), run)
}

/// A variable of the environment that says something.
fn set(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Waits for the end. Where the other program stops, as Ctrl-Z makes it, this one stops with it, and goes on with it.
fn wait(child: &Child) -> io::Result<i32> {
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::InvalidInput)?;
    loop {
        match waitpid(Some(id), WaitOptions::UNTRACED) {
            Ok(Some((_, status))) if status.stopped() && signals::can_suspend() => signals::suspend()?,
            // No shell could have it go on.
            Ok(Some((_, status))) if status.stopped() => kill_process(id, Signal::CONT)?,
            Ok(Some((_, status))) => return Ok(status.exit_status().unwrap_or_default()),
            Ok(None) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn said(program: &str, ended: io::Result<i32>) -> Option<String> {
    let program = sanitise(program);
    match ended {
        Ok(0) => None,
        Ok(NOT_FOUND) => Some(format!("{program} is not found: set $VISUAL, $EDITOR or $PAGER to what is here")),
        Ok(status) => Some(format!("{program} ended with status {status}")),
        Err(error) => Some(format!("{program} cannot be run: {error}")),
    }
}
