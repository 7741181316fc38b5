//! Makes the pictures of the README anew: `cargo run --example pictures`.
//!
//! The program runs in a terminal of its own over the sample tree, keys are typed, and what the terminal shows then is
//! written to `assets/NAME.svg`: text that a browser draws, with the colours of a dark terminal.

#![expect(clippy::disallowed_methods, reason = "writes pictures, and no certificate directory")]

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use certwright::base::clock::Timestamp;
use certwright::sample;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use vt100::{Cell, Color, Parser, Screen};

/// Each picture: its name, and the keys that lead to it.
const PICTURES: [(&str, &str); 5] = [
    ("screen", "nnn"),
    ("mending", "/gitlab\r\x1b[Bf"),
    ("engines", "/staging\r4"),
    ("overview", "0"),
    ("timeline", "t"),
];
const COLUMNS: u16 = 110;
const ROWS: u16 = 30;
/// Pixels of a cell.
const CELL: (usize, usize) = (9, 19);
/// The moment at which the pictures are made.
const NOW: &str = "2026-11-24T12:00:00Z";
/// What a terminal shows has settled when nothing more comes for so long.
const QUIET: Duration = Duration::from_millis(700);
const PATIENCE: Duration = Duration::from_secs(20);

const BACKGROUND: &str = "#14161b";
const FOREGROUND: &str = "#d3d7de";
/// The terminal's 16 colours.
const PALETTE: [&str; 16] = [
    "#14161b", "#f0616d", "#7ac379", "#e0b350", "#5fa8f5", "#c582e8", "#4fc1cf", "#d3d7de", "#6c7380", "#ff8088",
    "#99d998", "#f2cd7a", "#8cc4ff", "#daa6f5", "#7ddbe6", "#ffffff",
];

/// Set where this program is to be certwright itself, in the terminal that it makes.
const IS_PROGRAM: &str = "CERTWRIGHT_PICTURE";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    if std::env::var_os(IS_PROGRAM).is_some() {
        let exit = certwright::cli::parse(std::env::args_os()).and_then(certwright::cli::run);
        return Ok(exit.map_or_else(|failure| ExitCode::from(failure.code()), |exit| ExitCode::from(exit.code())));
    }
    let directory = tempfile::tempdir()?;
    let root = directory.path().join("etc/docker/certs.d");
    fs::create_dir_all(&root)?;
    sample::demo()?.build(Timestamp::parse_rfc3339(NOW).ok_or("no moment")?, &root)?;
    for (name, keys) in PICTURES {
        let picture = svg(&shown(directory.path(), keys)?);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(format!("{name}.svg"));
        fs::write(path, picture)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Types keys into the program over `etc/docker/certs.d`, and gives what it shows then.
fn shown(directory: &Path, keys: &str) -> Result<Screen, Box<dyn Error>> {
    let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size)?;
    let mut command = CommandBuilder::new(std::env::current_exe()?);
    command.cwd(directory);
    for (name, value) in [(IS_PROGRAM, "1"), ("TERM", "xterm-256color"), ("CERTWRIGHT_NOW", NOW), ("LANG", "C.UTF-8")] {
        command.env(name, value);
    }
    command.env_remove("NO_COLOR");
    command.env("XDG_CONFIG_HOME", directory);
    command.args(["--read-only", "etc/docker/certs.d"]);
    let mut child = pair.slave.spawn_command(command)?;
    drop(pair.slave);
    let parser = Arc::new(Mutex::new((Parser::new(ROWS, COLUMNS, 0), Instant::now())));
    let (mut reader, told) = (pair.master.try_clone_reader()?, Arc::clone(&parser));
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut bytes) {
            if let (Ok(mut told), Some(new)) = (told.lock(), bytes.get(..count)) {
                told.0.process(new);
                told.1 = Instant::now();
            }
        }
    });
    let mut writer = pair.master.take_writer()?;
    settle(&parser)?;
    // A dark background.
    writer.write_all(b"\x1b]11;rgb:1414/1616/1b1b\x07")?;
    for key in keys.split_inclusive(|_| true) {
        writer.write_all(key.as_bytes())?;
    }
    settle(&parser)?;
    let screen = parser.lock().map_err(|_| "the reader has failed")?.0.screen().clone();
    writer.write_all(b"\x03")?;
    child.wait()?;
    Ok(screen)
}

/// Waits until nothing more comes.
fn settle(parser: &Mutex<(Parser, Instant)>) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    loop {
        thread::sleep(Duration::from_millis(50));
        let (told, last) =
            parser.lock().map(|told| (!told.0.screen().contents().is_empty(), told.1)).map_err(|_| "lost")?;
        if told && last.elapsed() > QUIET {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err("the program shows nothing".into());
        }
    }
}

/// How a run of cells looks.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Look {
    text: String,
    ground: Option<String>,
    bold: bool,
    dim: bool,
    underline: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let (mut text, mut ground) = (color(cell.fgcolor()), color(cell.bgcolor()));
        if cell.inverse() {
            let text_color = text.take().unwrap_or_else(|| FOREGROUND.to_owned());
            text = Some(ground.take().unwrap_or_else(|| BACKGROUND.to_owned()));
            ground = Some(text_color);
        }
        let text = text.unwrap_or_else(|| FOREGROUND.to_owned());
        Self { text, ground, bold: cell.bold(), dim: cell.dim(), underline: cell.underline() }
    }
}

fn color(color: Color) -> Option<String> {
    match color {
        Color::Default => None,
        Color::Idx(index) => PALETTE.get(usize::from(index)).map(|color| (*color).to_owned()),
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
    }
}

/// The screen as a picture.
fn svg(screen: &Screen) -> String {
    let (width, height) = (usize::from(COLUMNS) * CELL.0 + 24, usize::from(ROWS) * CELL.1 + 24);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"'DejaVu Sans Mono', \
         Menlo, Consolas, monospace\" font-size=\"15\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..ROWS {
        for (column, count, look, text) in runs(screen, row) {
            write_run(&mut svg, (usize::from(row), column, count), &look, &text);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// The runs of cells that look alike in a row: first column, number of columns, look, text.
fn runs(screen: &Screen, row: u16) -> Vec<(usize, usize, Look, String)> {
    let mut runs: Vec<(usize, usize, Look, String)> = Vec::new();
    for (column, cell) in (0..COLUMNS).filter_map(|column| Some((column, screen.cell(row, column)?))) {
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let look = Look::of(cell);
        match runs.last_mut().filter(|run| run.2 == look) {
            Some(run) => {
                run.1 += 1;
                run.3.push_str(text);
            }
            None => runs.push((usize::from(column), 1, look, text.to_owned())),
        }
    }
    runs
}

fn write_run(svg: &mut String, (row, column, count): (usize, usize, usize), look: &Look, text: &str) {
    let (x, y, width) = (column * CELL.0 + 12, row * CELL.1 + 12, count * CELL.0);
    if let Some(ground) = &look.ground {
        let _ = writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{ground}\"/>", CELL.1);
    }
    if text.trim().is_empty() {
        return;
    }
    let mut style = String::new();
    if look.bold {
        style.push_str(" font-weight=\"bold\"");
    }
    if look.dim {
        style.push_str(" opacity=\"0.65\"");
    }
    if look.underline {
        style.push_str(" text-decoration=\"underline\"");
    }
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{}\" textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\" fill=\"{}\"{style}>{text}</text>",
        y + 14,
        look.text
    );
}
