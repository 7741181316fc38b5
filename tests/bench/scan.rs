//! What a scan with all rules costs, against the least that any program must do: read, PEM, parse and SHA-256 of the same
//! files, in the same process and with as many threads. Both take turns, the median of each counts, and only their ratio
//! means something on another machine.
//!
//! `cargo bench` looks at 10,000 host directories, `cargo bench -- --quick` at 1,000. The trees are kept in `target/tmp`.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use certwright::pki::sha256;
use certwright::session::{Outcome, worker_count};
use x509_parser::pem::Pem;

mod describe;
mod tree;

/// What the project promises: at most so many times the floor.
const MOST_TIMES_FLOOR: f64 = 2.5;
/// And at most so many bytes a certificate above an empty run.
const MOST_BYTES: f64 = 1536.0;
const ROUNDS: usize = 7;

#[expect(clippy::print_stdout, reason = "the answer of a program")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, directory] = arguments.as_slice()
        && flag == "--measure-memory"
    {
        let outcome = tree::check(Path::new(directory));
        println!("{} {}", certificates(&outcome), peak_memory()?);
        return Ok(());
    }
    let hosts = if arguments.iter().any(|argument| argument == "--quick") { 1_000 } else { 10_000 };
    let corpus = tree::made(&format!("corpus-{hosts}"), || describe::describe(hosts, 1))?;
    let (floor, checked) = time(&corpus);
    let times = checked.as_secs_f64() / floor.as_secs_f64();
    println!("{hosts} host directories, {} threads, median of {ROUNDS} rounds", worker_count(usize::MAX));
    println!("  floor: read, PEM, parse, SHA-256   {:8.1} ms", floor.as_secs_f64() * 1e3);
    println!("  check: scan, engines, all rules    {:8.1} ms", checked.as_secs_f64() * 1e3);
    println!("  ratio                              {times:8.2}    (at most {MOST_TIMES_FLOOR})");
    let empty = empty_directory()?;
    let (_, least) = memory(&empty)?;
    let (certificates, most) = memory(&corpus)?;
    let bytes = most.saturating_sub(least) as f64 * 1024.0 / certificates.max(1) as f64;
    println!("  memory: {certificates} certificates, {most} KiB, empty run {least} KiB");
    println!("  bytes a certificate                {bytes:8.0}    (at most {MOST_BYTES})");
    Ok(())
}

/// Runs both in turn and tells the median of each.
fn time(corpus: &Path) -> (Duration, Duration) {
    let (mut floors, mut checks) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        floors.push(timed(|| floor(corpus)));
        checks.push(timed(|| tree::check(corpus)));
    }
    (median(floors), median(checks))
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations.get(durations.len() / 2).copied().unwrap_or_default()
}

fn certificates(outcome: &Outcome) -> usize {
    let parsed = outcome.inventory.files().filter_map(|(_, file)| file.parsed());
    parsed.map(|parsed| parsed.certificates().count()).sum()
}

/// Reads every file, parses every certificate and digests it; tells how many there were.
fn floor(corpus: &Path) -> usize {
    let hosts: Vec<PathBuf> = entries(corpus);
    let (next, found) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..worker_count(hosts.len()) {
            scope.spawn(|| {
                while let Some(host) = hosts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let certificates: usize = entries(host).iter().map(|path| floor_of_file(path)).sum();
                    found.fetch_add(certificates, Ordering::Relaxed);
                }
            });
        }
    });
    found.into_inner()
}

#[expect(clippy::disallowed_methods, reason = "the floor reads as plainly as can be")]
fn floor_of_file(path: &Path) -> usize {
    let Ok(bytes) = fs::read(path) else { return 0 };
    if bytes.starts_with(&[0x30]) {
        return floor_of_certificate(&bytes);
    }
    let blocks = Pem::iter_from_buffer(&bytes).flatten();
    blocks.filter(|block| block.label == "CERTIFICATE").map(|block| floor_of_certificate(&block.contents)).sum()
}

fn floor_of_certificate(der: &[u8]) -> usize {
    black_box(sha256(der));
    usize::from(black_box(x509_parser::parse_x509_certificate(der)).is_ok())
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(directory).into_iter().flatten().flatten();
    listed.map(|entry| entry.path()).collect()
}

fn empty_directory() -> Result<PathBuf, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus-0");
    fs::create_dir_all(&path)?;
    Ok(path)
}

/// Scans in a process of its own, and tells its certificates and its largest size in KiB.
fn memory(directory: &Path) -> Result<(u64, u64), Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?).arg("--measure-memory").arg(directory).output()?;
    let text = String::from_utf8(output.stdout)?;
    let (certificates, kibibytes) = text.trim().split_once(' ').ok_or("no answer from the process that scans")?;
    Ok((certificates.parse()?, kibibytes.parse()?))
}

/// The largest size of this process in KiB (Linux).
#[expect(clippy::disallowed_methods, reason = "no certificate directory")]
fn peak_memory() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits: String = line.ok_or("no VmHWM")?.chars().filter(char::is_ascii_digit).collect();
    Ok(digits.parse()?)
}
