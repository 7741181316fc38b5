//! What a key costs on a tree of 100,000 rows: from the key to the frame, ready to be written, how many bytes that is, and
//! how much time of a processor.
//!
//! The promises: at most 5 ms for 99 of 100 keys; at 120x36 at most 300 bytes a step of the cursor in the median with the
//! details hidden and 1,200 with them following. No disk is touched, and the terminal is a buffer.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use certwright::base::clock::Timestamp;
use certwright::model::{Content, File, FileKind, HostDir, HostState, Placement, Root, RootKind};
use certwright::pki::{self, Interner};
use certwright::rules::Settings;
use certwright::rules::registry::RuleSet;
use certwright::sample::Sample;
use certwright::session::Event;
use certwright::session::mending::{Job, Mending, Workshop};
use certwright::tui::action::{Action, Effect};
use certwright::tui::key::{Decoder, Input};
use certwright::tui::keymap;
use certwright::tui::state::State;
use certwright::tui::theme::{Glyphs, Theme, ThemeChoice};
use certwright::tui::update::update;
use certwright::tui::view;
use certwright::tui::wire::Wire;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

const HOSTS: usize = 20_000;
const SIZE: (u16, u16) = (120, 36);
/// The promise.
const MOST: Duration = Duration::from_millis(5);
const NOW: Timestamp = Timestamp(1_795_521_600);

/// What is pressed, and how often.
const SCRIPT: &[(&str, &str, usize)] = &[
    ("down", "j", 1000),
    ("up", "k", 1000),
    ("page down", "\x1b[6~", 1000),
    ("page up", "\x1b[5~", 1000),
    ("hide the details", "d", 1),
    ("down, details hidden", "j", 1000),
    ("up, details hidden", "k", 1000),
    ("page down, hidden", "\x1b[6~", 1000),
    ("show, hide, show", "ddd", 333),
    ("last, first", "Gg", 500),
    ("close and open a host", "jh\r", 333),
    ("wheel", "\x1b[<65;10;10M", 1000),
    ("click", "\x1b[<0;10;12M\x1b[<0;10;20M", 500),
    ("menu to copy", "y\x1b", 500),
    ("overview of the root", "g1", 50),
    ("certificate", "jjj2jjjj", 50),
    ("chain", "3jjjj", 50),
    ("engines", "4jjjj", 50),
    ("findings", "5jjjj", 50),
    ("PEM", "6jjjj1", 50),
    ("next problem", "n", 1000),
    ("search", "/registry-19\x7f\x7f77\r", 20),
    ("clear the search", "\x1b", 20),
    ("search with gaps", "/rgstry19\x7f\x7fexmpl\r\x1b", 20),
    ("quick filters", "||||||||", 10),
    ("overview of everything", "0jjjjjjJJ\x1b", 5),
    ("timeline: open, close", "t\x1b", 20),
    ("timeline: move", "tjjjjjjjj\x1b[6~\x1b[6~kkkkGg\x1b", 20),
    ("timeline: zoom, shift", "t++--hhllt\x1b", 20),
    ("palette", ":next\x1b[B\x1b", 20),
    ("order", "o", 6),
    ("close, open all", "*", 6),
    ("mark", "gjjj    ", 50),
    ("take marks away", "gjjj    ", 50),
    ("rename", "gjjjr\t\t\tx\x7f\x1b", 20),
    ("choices of a fix", "gnfjk\x1b", 20),
    ("a plan of everything", "gFjjjj\x1b", 5),
];

struct Screen {
    state: State,
    terminal: Terminal<Wire>,
    theme: Theme,
    decoder: Decoder,
    started: Instant,
}

impl Screen {
    fn new() -> io::Result<Self> {
        let (columns, rows) = SIZE;
        let viewport = Viewport::Fixed(Rect::new(0, 0, columns, rows));
        let terminal = Terminal::with_options(Wire::new(SIZE), TerminalOptions { viewport })?;
        let settings = Settings { now: NOW, expires_within: 30 };
        let state = State::new(settings, Glyphs::Unicode, SIZE);
        let theme = Theme::new(ThemeChoice::Dark, None);
        Ok(Self { state, terminal, theme, decoder: Decoder::default(), started: Instant::now() })
    }

    /// Presses the keys one by one. Yields time and bytes of each, and of each slice in which a search goes on.
    fn press(&mut self, keys: &str) -> io::Result<Vec<(Duration, usize)>> {
        let inputs: Vec<_> = self.decoder.feed(keys.as_bytes()).into_iter().chain(self.decoder.flush()).collect();
        let mut costs = Vec::new();
        for input in inputs {
            let begun = Instant::now();
            let action = match input {
                // Each click by itself.
                Input::Mouse(report) => Some(Action::Mouse(report, self.started.elapsed() * 1000)),
                input => keymap::action(&self.state, input),
            };
            let effects = action.map(|action| update(&mut self.state, action)).unwrap_or_default();
            self.draw()?;
            costs.push((begun.elapsed(), self.sent()));
            for effect in effects {
                if let Effect::Mend(job @ (Job::Offer(_) | Job::PlanAll(_))) = effect {
                    costs.extend(self.work_out(job)?);
                }
            }
            while self.state.is_pending() {
                let begun = Instant::now();
                update(&mut self.state, Action::Search);
                self.draw()?;
                costs.push((begun.elapsed(), self.sent()));
            }
        }
        Ok(costs)
    }

    /// Has something worked out, which is done on another thread, and shows it. Yields what showing it costs.
    fn work_out(&mut self, job: Job) -> io::Result<Vec<(Duration, usize)>> {
        let workshop = Workshop {
            inventory: self.state.tree.inventory(),
            rules: Arc::new(RuleSet::default()),
            settings: self.state.settings,
            installed: Arc::default(),
            state_directory: None,
            now: NOW,
            passphrase: None,
        };
        let mut costs = Vec::new();
        for news in Mending::start(job, workshop).news() {
            let begun = Instant::now();
            update(&mut self.state, Action::Mended(Some(news)));
            self.draw()?;
            costs.push((begun.elapsed(), self.sent()));
        }
        Ok(costs)
    }

    /// How many bytes a frame took, with what encloses it.
    fn sent(&mut self) -> usize {
        match self.terminal.backend_mut().take().len() {
            0 => 0,
            bytes => bytes + 16,
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        self.state.look();
        let (state, theme) = (&self.state, &self.theme);
        self.terminal.draw(|frame| view::draw(state, theme, frame)).map(|_| ())
    }
}

#[expect(clippy::print_stdout, reason = "the answer of a program")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut screen = Screen::new()?;
    let begun = Instant::now();
    let events = events()?;
    println!("made {HOSTS} host directories in {:.1} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let count = events.len();
    for event in events {
        update(&mut screen.state, Action::Scanned(event));
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / count as f64;
    screen.press("*")?;
    println!("{} rows; taking in a host directory {each:.1} µs", screen.state.tree.len());
    println!(
        "{:<24} {:>7} {:>8} {:>8} {:>8} {:>10} {:>10}",
        "key", "presses", "p50 ms", "p99 ms", "max ms", "bytes p50", "CPU µs"
    );
    let mut all = Vec::new();
    for (name, keys, times) in SCRIPT {
        let mut costs = Vec::new();
        let before = processor_time();
        for _ in 0..*times {
            costs.extend(screen.press(keys)?);
        }
        report(name, &costs, processor_time().saturating_sub(before));
        all.extend(costs);
    }
    report("all", &all, Duration::ZERO);
    let p99 = quantile(&all, 99);
    println!("key to frame, p99: {:.2} ms (at most {:.0})", p99.as_secs_f64() * 1e3, MOST.as_secs_f64() * 1e3);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of a program")]
fn report(name: &str, costs: &[(Duration, usize)], processor: Duration) {
    let milliseconds = |quantile: Duration| quantile.as_secs_f64() * 1e3;
    let mut bytes: Vec<usize> = costs.iter().map(|(_, bytes)| *bytes).collect();
    bytes.sort_unstable();
    let [p50, p99, most] = [50, 99, 100].map(|percent| milliseconds(quantile(costs, percent)));
    let bytes = bytes.get(bytes.len() / 2).copied().unwrap_or_default();
    let presses = costs.len();
    let each = processor.as_secs_f64() * 1e6 / presses.max(1) as f64;
    println!("{name:<24} {presses:>7} {p50:>8.3} {p99:>8.3} {most:>8.3} {bytes:>10} {each:>10.1}");
}

/// How long this thread has run on a processor, as Linux tells it.
#[expect(clippy::disallowed_methods, reason = "a benchmark asks the kernel")]
fn processor_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}

fn quantile(costs: &[(Duration, usize)], percent: usize) -> Duration {
    let mut times: Vec<Duration> = costs.iter().map(|(time, _)| *time).collect();
    times.sort_unstable();
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// A scan of many host directories with four files each, some of them with faults.
fn events() -> Result<Vec<Event>, Box<dyn Error>> {
    let contents = contents()?;
    let content = |name: &str| contents.iter().find(|(other, _)| other == name).map(|(_, bytes)| bytes.as_slice());
    let interner = Interner::default();
    let rules = RuleSet::default();
    let verifier = pki::chain::Verifier::default();
    let settings = Settings { now: NOW, expires_within: 30 };
    let root = PathBuf::from("/etc/docker/certs.d");
    let paths: Vec<PathBuf> =
        (0..HOSTS).map(|host| root.join(format!("registry-{host:05}.example.com:5000"))).collect();
    let listed = Root { path: root, kind: RootKind::Docker, error: None };
    let mut events = vec![Event::Listed { roots: vec![listed], hosts: paths.clone() }];
    for (index, path) in paths.into_iter().enumerate() {
        let authority = if index % 20 == 7 { "ca.cert" } else { "ca.crt" };
        let files = [
            (authority, "ca.crt"),
            ("chain.crt", "chain.crt"),
            ("client.cert", "client.cert"),
            ("client.key", "client.key"),
        ];
        let file = |(name, source): (&str, &str)| File {
            name: name.into(),
            kind: FileKind::Regular,
            link: None,
            stamp: None,
            content: Content::Parsed(pki::parse(content(source).unwrap_or_default(), &interner)),
        };
        let host = HostDir {
            name: path.file_name().unwrap_or_default().to_os_string(),
            path,
            state: HostState::Listed,
            placement: Placement::UnderRoot,
            link: None,
            stamp: None,
            files: files.into_iter().map(file).collect(),
            hosts_toml: None,
            referenced: Vec::new(),
        };
        let findings = rules.check_host(&host, settings, &verifier);
        events.push(Event::Host { index, host: Arc::new(host), findings });
    }
    events.push(Event::Finished { findings: Vec::new() });
    Ok(events)
}

/// The bytes of the files that every host directory holds.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads what it made")]
fn contents() -> io::Result<Vec<(String, Vec<u8>)>> {
    let directory = tempfile::tempdir()?;
    Sample::parse(SAMPLE).and_then(|sample| sample.build(NOW, directory.path())).map_err(io::Error::other)?;
    let names = ["ca.crt", "chain.crt", "client.cert", "client.key"];
    let read = |name: &str| Ok((name.to_owned(), std::fs::read(directory.path().join("host.example").join(name))?));
    names.into_iter().map(read).collect()
}

const SAMPLE: &str = r#"
[material.root]
common-name = "Example Root CA"
ca = true
days = [-400, 3000]
[material.issuing]
common-name = "Example Issuing CA"
ca = true
issuer = "root"
[material.client]
common-name = "ci-runner"
purposes = ["client"]
issuer = "issuing"
[[host]]
name = "host.example"
files."ca.crt" = "root"
files."chain.crt" = ["issuing", "root"]
files."client.cert" = ["client", "issuing"]
files."client.key" = "client.key"
"#;
