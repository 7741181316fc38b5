//! The screen, driven by keys on the real state over real files, drawn into memory.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use certwright::base::clock::Timestamp;
use certwright::engine::installed::Installed;
use certwright::engine::{Engine, Judge};
use certwright::finding::{Selector, Severity};
use certwright::model::{Root, RootKind};
use certwright::rules::Settings;
use certwright::rules::registry::RuleSet;
use certwright::scan::{self, Target};
use certwright::session::{self, Event, Request, Scan};
use certwright::tui::action::{Action, Effect};
use certwright::tui::judgement::Judgement;
use certwright::tui::key::{Decoder, Input};
use certwright::tui::keymap::{self, BINDINGS};
use certwright::tui::state::{Focus, State};
use certwright::tui::theme::{Glyphs, Theme, ThemeChoice};
use certwright::tui::tree::{Identity, Row};
use certwright::tui::update::update;
use certwright::tui::view;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Modifier;
use tempfile::TempDir;

#[path = "tui/copying.rs"]
mod copying;
#[path = "tui/mending.rs"]
mod mending;
#[path = "tui/pointer.rs"]
mod pointer;
#[path = "tui/refresh.rs"]
mod refresh;
#[path = "tui/settings.rs"]
mod settings;
#[path = "support/tree.rs"]
mod tree;

const WIDE: (u16, u16) = (120, 36);
const USUAL: (u16, u16) = (80, 24);
const SMALL: (u16, u16) = (40, 12);

/// The tree of most tests: a healthy host, one with a CA in the wrong file, one with a bundle, one with odds and ends.
const SAMPLE: &str = r#"
[material.root]
common-name = "Acme Root CA"
organization = "Acme"
ca = true
days = [-400, 3000]
[material.issuing]
common-name = "Acme Issuing CA"
organization = "Acme"
ca = true
days = [-100, 900]
issuer = "root"
[material.client]
common-name = "ci-runner"
purposes = ["client"]
days = [-30, 20]
issuer = "issuing"
[material.old]
common-name = "Old CA"
ca = true
days = [-900, -12]

[[host]]
name = "bundle.example:5000"
files."chain.crt" = ["issuing", "root"]
[[host]]
name = "good.example:5000"
files."ca.crt" = "root"
files."ci.cert" = ["client", "issuing"]
files."ci.key" = "client.key"
[[host]]
name = "odd.example"
files."README" = { text = "ask the platform team\n" }
files."gone.crt" = { link = "/nowhere/ca.crt" }
files."old.pem" = "old"
[[host]]
name = "wrong.example:5000"
files."ca.cert" = "root"
files."client.key" = "client.key"
[[host]]
name = "zz-empty.example"
"#;

/// Names and subjects that try to move the cursor, recolour the screen and turn text around.
const HOSTILE: &str = r#"
[material.evil]
common-name = "a\u001b[2J\u001b[31mb\u202egpj\nexe\u0007\u009b5m"
organization = "\u200b\u2066"
ca = true
dns = ["x\u001b]0;title\u0007.example"]
[[host]]
name = "evil\u001b[41m.example"
files."c\u202ea\n.crt" = "evil"
files."\u001b[2Jkey.cert" = "evil"
"#;

/// What engines disagree about: a pair whose key is missing, and a `hosts.toml` with a mirror and files elsewhere.
const SEVERAL: &str = r#"
[material.root]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]
[material.mirror-ca]
common-name = "Mirror CA"
ca = true
days = [-400, 3000]
[material.client]
common-name = "ci-runner"
purposes = ["client"]
issuer = "root"

[[host]]
name = "mirrored.example:5000"
files."ca.crt" = "root"
files."hosts.toml" = { text = """
server = "https://mirrored.example:5000"
[host."https://mirror.example"]
capabilities = ["pull"]
ca = "mirror.pem"
skip_verify = true
""" }
files."mirror.pem" = "mirror-ca"
[[host]]
name = "registry.example:5000"
files."ca.crt" = "root"
files."client.cert" = "client"
[[host]]
name = "split.example:5000"
files."notes.crt" = { text = "to be done\n" }
"#;

/// What docker prints where a pair lacks its key, as people copy it.
const MISSING_KEY: &str = "$ docker login registry.example:5000\r\nError response from daemon: missing key client.key for \
     client certificate client.cert. CA certificates must use the extension .crt\r\n";
/// What docker prints where it does not trust a registry.
const UNKNOWN_AUTHORITY: &str = r#"Error response from daemon: Get "https://nowhere.example:5000/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority"#;

/// Makes all trees, once, in a directory that becomes the current one: paths on the screen are then the same everywhere.
fn world() -> &'static Path {
    static WORLD: OnceLock<TempDir> = OnceLock::new();
    let world = WORLD.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in [("sample", SAMPLE), ("hostile", HOSTILE), ("several", SEVERAL), ("empty", "")] {
            let root = directory.path().join(name).join("certs.d");
            std::fs::create_dir_all(&root).unwrap();
            tree::build_in(text, &root);
        }
        std::env::set_current_dir(directory.path()).unwrap();
        directory
    });
    world.path()
}

/// A screen in memory with a keyboard.
struct Driver {
    state: State,
    theme: Theme,
    decoder: Decoder,
    effects: Vec<Effect>,
    targets: Vec<Target>,
    /// The rules to apply; all, where there is none.
    rules: Vec<&'static str>,
    /// Where the journal is.
    state_directory: Option<PathBuf>,
    /// How long it runs.
    clock: Duration,
}

impl Driver {
    /// A screen that shows nothing yet.
    fn new(targets: Vec<Target>, size: (u16, u16)) -> Self {
        world();
        let settings = Settings { now: tree::NOW, expires_within: 30 };
        Self {
            state: State::new(settings, Glyphs::Unicode, size),
            theme: Theme::new(ThemeChoice::Dark, None),
            decoder: Decoder::default(),
            effects: Vec::new(),
            targets,
            // One rule, so that most tests tell of the screen and not of what is judged.
            rules: vec!["CW101"],
            state_directory: None,
            clock: Duration::ZERO,
        }
    }

    /// A screen that shows one of the trees of [`world`].
    fn over(name: &str, size: (u16, u16)) -> Self {
        world();
        let root = Root { path: PathBuf::from(name).join("certs.d"), kind: RootKind::Given, error: None };
        let mut driver = Self::new(vec![Target::Root(root)], size);
        driver.scan();
        driver
    }

    fn sample(size: (u16, u16)) -> Self {
        Self::over("sample", size)
    }

    fn request(&self) -> Request {
        let selected: Vec<Selector> = self.rules.iter().map(|code| Selector::new(code)).collect();
        let rules = RuleSet::new(&selected, &[]).unwrap().judged_by(self.state.judgement.judges().to_vec());
        Request {
            targets: self.targets.clone(),
            rules: Arc::new(rules),
            settings: self.state.settings,
            installed: Arc::clone(&self.state.installed),
        }
    }

    fn events(&self) -> Vec<Event> {
        Scan::start(self.request()).events().iter().collect()
    }

    /// Does what the program would do outside: judges again, and explains.
    fn carry_out(&mut self) -> &mut Self {
        for effect in std::mem::take(&mut self.effects) {
            let inventory = self.state.tree.inventory();
            match effect {
                Effect::Judge => {
                    for event in Scan::judge(self.request(), inventory).events() {
                        self.act(Action::Scanned(event));
                    }
                }
                Effect::Rescan => self.scan(),
                Effect::Mend(job) => mending::work(self, job),
                Effect::Explain(text) => {
                    self.act(Action::Explained(session::why::explain(&text, &inventory).map(Box::new)));
                }
                other => assert_eq!(other, Effect::Judge, "nothing else is asked for"),
            }
        }
        self
    }

    /// Pastes as a terminal does.
    fn paste(&mut self, text: &str) -> &mut Self {
        self.press(&format!("\x1b[200~{text}\x1b[201~"))
    }

    fn scan(&mut self) {
        for event in self.events() {
            self.act(Action::Scanned(event));
        }
    }

    fn act(&mut self, action: Action) {
        self.effects.extend(update(&mut self.state, action));
        self.state.look();
    }

    /// Types bytes as a terminal would send them; what is left waiting is taken as it is.
    fn press(&mut self, bytes: &str) -> &mut Self {
        let inputs: Vec<_> = self.decoder.feed(bytes.as_bytes()).into_iter().chain(self.decoder.flush()).collect();
        for input in inputs {
            let action = match input {
                Input::Mouse(report) => Some(Action::Mouse(report, self.clock)),
                input => keymap::action(&self.state, input),
            };
            action.into_iter().for_each(|action| self.act(action));
        }
        self
    }

    fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.act(Action::Resize(columns, rows));
        self
    }

    fn terminal(&self) -> Terminal<TestBackend> {
        let (columns, rows) = self.state.size;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| view::draw(&self.state, &self.theme, frame)).unwrap();
        terminal
    }

    /// The screen as text, with what differs from run to run made the same.
    fn screen(&self) -> String {
        let terminal = self.terminal();
        let buffer = terminal.backend().buffer();
        let row = |y: u16| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        (0..buffer.area.height).map(|y| stable(row(y).trim_end()) + "\n").collect()
    }

    /// The row at which the selection bar stands, as text.
    fn selected_line(&self) -> String {
        let terminal = self.terminal();
        let buffer = terminal.backend().buffer();
        let tree = self.state.layout().unwrap().tree;
        let is_selected = |y: &u16| buffer[(tree.x, *y)].modifier.contains(Modifier::REVERSED);
        let selected: Vec<u16> = (tree.y..tree.bottom()).filter(is_selected).collect();
        assert_eq!(selected.len(), 1, "one row is selected");
        (tree.x..tree.right()).map(|x| buffer[(x, selected[0])].symbol()).collect::<String>().trim().to_owned()
    }
}

/// Octets in hexadecimal, owners, sizes and times of change differ from run to run; their places do not.
fn stable(line: &str) -> String {
    let mut text = String::new();
    for word in line.split_inclusive(' ') {
        let octets = word.trim_end().trim_end_matches(':');
        let is_octet = |octet: &str| octet.len() == 2 && octet.bytes().all(|byte| byte.is_ascii_hexdigit());
        if octets.contains(':') && octets.split(':').all(is_octet) {
            text.push_str(&word.replace(|letter: char| letter.is_ascii_hexdigit(), "X"));
        } else {
            text.push_str(word);
        }
    }
    for (name, shape) in [("Changed      ", "YYYY-MM-DDTHH:MM:SSZ"), ("Mode         ", "rw-r--r--  owner N:N")] {
        if let Some((before, _)) = text.split_once(name) {
            text = format!("{before}{name}{shape}");
        }
    }
    match text.strip_suffix(" bytes").and_then(|text| text.rsplit_once(' ')) {
        Some((before, _)) => format!("{before} N bytes"),
        None => text,
    }
}

#[test]
fn the_tree_and_the_overview_of_a_root() {
    for (columns, rows) in [WIDE, USUAL, SMALL] {
        insta::assert_snapshot!(format!("root_{columns}x{rows}"), Driver::sample((columns, rows)).screen());
    }
}

#[test]
fn each_tab_over_a_client_certificate() {
    let mut driver = Driver::sample(WIDE);
    driver.press("jj\rjj");
    assert!(driver.selected_line().starts_with("▸ ci.cert"), "{}", driver.selected_line());
    for (key, name) in [("1", "overview"), ("2", "certificate"), ("3", "chain"), ("4", "engines"), ("5", "findings")] {
        insta::assert_snapshot!(format!("tab_{name}"), driver.press(key).screen());
    }
    let pem = driver.press("6").screen();
    assert!(pem.contains("-----BEGIN CERTIFICATE-----"), "{pem}");
}

#[test]
fn a_misnamed_authority_with_the_words_of_the_engines() {
    let mut driver = Driver::sample(USUAL);
    insta::assert_snapshot!("misnamed_overview", driver.press("n").screen());
    assert!(driver.selected_line().contains("ca.cert"), "{}", driver.selected_line());
    insta::assert_snapshot!("misnamed_findings", driver.press("5").screen());
    let screen = driver.press("4").screen();
    assert!(screen.contains("missing key ca.key"), "{screen}");
}

#[test]
fn a_small_screen_shows_one_pane_at_a_time() {
    let mut driver = Driver::sample(SMALL);
    driver.press("n");
    insta::assert_snapshot!("small_tree", driver.screen());
    insta::assert_snapshot!("small_pane", driver.press("\r").screen());
    driver.press("q");
    assert_eq!((driver.state.focus, driver.effects.len()), (Focus::Tree, 0), "q closes the pane before it quits");
    driver.press("q");
    assert_eq!(driver.effects, [Effect::Quit]);
}

#[test]
fn help_is_the_keymap() {
    let mut driver = Driver::sample(WIDE);
    let screen = driver.press("?").screen();
    insta::assert_snapshot!("help", screen);
    let mut narrow = Driver::sample(USUAL);
    narrow.press("?");
    let mut seen = String::new();
    for _ in 0..80 {
        seen.push_str(&narrow.screen());
        narrow.press("j");
    }
    for binding in BINDINGS.iter().filter(|binding| !binding.keys.is_empty()) {
        // What these keys do is told on the bottom line, where they do it.
        use keymap::Place::{Copy, Help, HelpSearch, History, Mend, Palette, Plan, Rename, Type};
        let is_plain =
            !matches!(binding.place, Copy | Help | HelpSearch | Palette | Mend | Plan | History | Rename | Type);
        assert!(!is_plain || seen.contains(binding.help), "help lacks {}", binding.help);
    }
}

#[test]
fn searching_narrows_as_one_types_and_esc_shows_everything_again() {
    let mut driver = Driver::sample(USUAL);
    driver.press("/RUNNER");
    insta::assert_snapshot!("search", driver.screen());
    driver.press("\r");
    assert!(driver.screen().contains("/RUNNER: 1"), "{}", driver.screen());
    driver.press("/x");
    assert!(driver.screen().contains("no match"), "{}", driver.screen());
    driver.press("\x1b");
    assert!(driver.screen().contains("zz-empty.example"), "{}", driver.screen());
    driver.press("\x1b\x1b\x1b");
    assert!(driver.effects.is_empty(), "Esc never leaves");
}

#[test]
fn an_empty_root_and_nothing_at_all_say_so() {
    insta::assert_snapshot!("empty_root", Driver::over("empty", USUAL).screen());
    let nothing = Driver::new(Vec::new(), USUAL).screen();
    assert!(nothing.contains("Reading"), "{nothing}");
}

#[test]
fn foreign_text_cannot_touch_the_terminal() {
    let mut driver = Driver::over("hostile", WIDE);
    driver.press("jj\x1b[C");
    for keys in ["1", "2", "3", "4", "5", "6", "g", "j", "l", "j", "1", "2", "5", "/evil\r"] {
        let screen = driver.press(keys).screen();
        let unsafe_character = |character: &char| {
            (character.is_control() && *character != '\n')
                || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert_eq!(screen.chars().find(unsafe_character), None, "after {keys}:\n{screen}");
    }
    let mut driver = Driver::over("hostile", WIDE);
    insta::assert_snapshot!("hostile", driver.press("jljj2").screen());
}

#[test]
fn no_private_key_is_ever_shown() {
    let mut driver = Driver::sample((120, 200));
    driver.press("*");
    for _ in 0..20 {
        driver.press("j");
        for tab in ["1", "2", "3", "4", "5", "6"] {
            let screen = driver.press(tab).screen();
            assert!(!screen.contains("PRIVATE KEY-----"), "{screen}");
        }
    }
    assert!(driver.press("/ci.key\r6").screen().contains("never shown"), "{}", driver.screen());
}

#[test]
fn cursor_folds_and_scroll_survive_a_rescan() {
    let mut driver = Driver::sample(SMALL);
    driver.press("*Gkk");
    let (line, scroll) = (driver.selected_line(), driver.state.scroll);
    assert!(scroll > 0);
    driver.scan();
    assert_eq!((driver.selected_line(), driver.state.scroll), (line, scroll));
}

#[test]
fn cursor_stays_on_its_file_while_directories_arrive_in_any_order() {
    let mut driver = Driver::sample(USUAL);
    driver.press("n");
    let line = driver.selected_line();
    let mut events = driver.events();
    let last = events.len() - 1;
    events[1..last].reverse();
    for event in events {
        driver.act(Action::Scanned(event));
        assert_eq!(driver.selected_line(), line);
    }
}

#[test]
fn a_file_named_on_the_command_line_is_selected() {
    world();
    let path = Path::new("sample/certs.d/good.example:5000/ci.cert");
    let mut driver = Driver::new(vec![scan::resolve(path).unwrap()], USUAL);
    driver.state.wanted =
        vec![Identity::Host("sample/certs.d/good.example:5000".into(), Some(("ci.cert".into(), None)))];
    driver.scan();
    assert!(driver.selected_line().contains("ci.cert"), "{}", driver.selected_line());
}

#[test]
fn whoever_moves_is_not_moved_elsewhere_once_what_was_asked_for_arrives() {
    let mut driver = Driver::new(Driver::sample(USUAL).targets, USUAL);
    driver.state.wanted =
        vec![Identity::Host("sample/certs.d/wrong.example:5000".into(), Some(("ca.cert".into(), None)))];
    for event in driver.events() {
        let is_list = matches!(event, Event::Listed { .. });
        driver.act(Action::Scanned(event));
        if is_list {
            driver.press("gj");
        }
    }
    assert!(driver.selected_line().contains("bundle"), "{}", driver.selected_line());
}

#[test]
fn problems_are_found_forwards_and_backwards() {
    let mut driver = Driver::sample(USUAL);
    driver.press("n");
    let problem = driver.state.cursor;
    assert!(driver.press("n").screen().contains("no problem below"));
    assert_eq!(driver.press("GN").state.cursor, problem);
    assert_eq!(driver.press("gn").state.cursor, problem);
}

#[test]
fn orders_change_hosts_and_never_files() {
    let mut driver = Driver::sample(WIDE);
    let first_host = |driver: &mut Driver| driver.press("gj").selected_line();
    assert!(first_host(&mut driver).contains("bundle"));
    driver.press("o");
    assert!(first_host(&mut driver).contains("odd.example"), "what has expired comes first");
    driver.press("o");
    assert!(first_host(&mut driver).contains("wrong.example"), "what is wrong comes first");
    driver.press("o");
    assert!(first_host(&mut driver).contains("bundle"));
}

#[test]
fn ascii_shows_ascii_and_mono_no_colour() {
    let mut driver = Driver::over("hostile", WIDE);
    driver.state.glyphs = Glyphs::Ascii;
    driver.theme = Theme::new(ThemeChoice::Mono, None);
    driver.press("*");
    for tab in ["1", "2", "3", "4", "5", "?"] {
        let screen = driver.press(tab).screen();
        assert!(screen.is_ascii(), "{screen}");
        let terminal = driver.terminal();
        let coloured = terminal
            .backend()
            .buffer()
            .content()
            .iter()
            .find(|cell| cell.fg != ratatui::style::Color::Reset || cell.bg != ratatui::style::Color::Reset);
        assert!(coloured.is_none(), "{coloured:?}");
    }
}

#[test]
fn no_theme_sets_a_background() {
    for choice in [ThemeChoice::Dark, ThemeChoice::Light] {
        let mut driver = Driver::sample(WIDE);
        driver.theme = Theme::new(choice, None);
        driver.press("n4");
        let terminal = driver.terminal();
        assert!(terminal.backend().buffer().content().iter().all(|cell| cell.bg == ratatui::style::Color::Reset));
    }
}

#[test]
fn every_row_can_be_reached_and_told_apart() {
    let mut driver = Driver::sample(USUAL);
    driver.press("*");
    let mut rows: Vec<Row> = vec![driver.state.cursor];
    loop {
        driver.press("lj");
        if rows.last() == Some(&driver.state.cursor) || driver.state.focus == Focus::Pane {
            driver.press("\x1bj");
        }
        if rows.contains(&driver.state.cursor) {
            break;
        }
        rows.push(driver.state.cursor);
    }
    assert!(rows.len() > 10, "{rows:?}");
    assert!(rows.iter().all(|row| driver.state.tree.identity(*row).is_some()));
}

/// The screens of a driver at both ends of the range of sizes.
fn at_each_size(name: &str, driver: &mut Driver) {
    for (columns, rows) in [WIDE, SMALL] {
        driver.resize(columns, rows);
        insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), driver.screen());
    }
}

/// A host on which Docker and Podman are installed.
fn docker_and_podman() -> Arc<Installed> {
    let engines = vec![
        (Engine::DockerClassic, "login always uses this loader".to_owned()),
        (Engine::ContainersImage, "podman, skopeo".to_owned()),
    ];
    Arc::new(Installed { engines, ..Installed::default() })
}

#[test]
fn engines_that_are_here_come_first() {
    let mut driver = Driver::over("several", WIDE);
    driver.state.installed = docker_and_podman();
    driver.press("G4");
    assert!(driver.selected_line().contains("split.example"), "{}", driver.selected_line());
    let lines = driver.state.pane.document.lines().iter();
    let text: String = lines.flat_map(|line| line.iter().map(|(_, text)| text.as_str()).chain([" "])).collect();
    let shown = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("docker login accepts this directory"), "{shown}");
    let places: Vec<usize> =
        ["Found here", "login always uses", "podman, skopeo", "Not found here", "Docker 28 and later"]
            .iter()
            .map(|words| shown.find(words).unwrap_or_else(|| panic!("{words}: {shown}")))
            .collect();
    assert!(places.is_sorted(), "{shown}");
    for engine in Engine::ALL {
        assert!(shown.contains(engine.title().split([',', ':']).next().unwrap()), "{shown}");
    }
    driver.press("\t");
    at_each_size("engines", &mut driver);
}

#[test]
fn every_host_of_hosts_toml_is_told_with_what_it_is_shown() {
    let mut driver = Driver::over("several", (120, 60));
    driver.state.installed = Arc::new(Installed {
        engines: vec![(Engine::Containerd, "config_path is set".into())],
        ..Installed::default()
    });
    driver.press("j4");
    let screen = driver.screen();
    for words in ["https://mirror.example", "its certificate is not checked", "Mirror CA  mirror.pem"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    insta::assert_snapshot!("engines_mirror", screen);
}

#[test]
fn e_has_each_engine_judge_in_turn() {
    let mut driver = Driver::over("several", WIDE);
    driver.rules = vec![];
    driver.scan();
    driver.press("Gkl");
    let line = driver.selected_line();
    let usual = driver.state.tree.totals().tally;
    driver.press("e").carry_out();
    at_each_size("judged", &mut driver);
    driver.resize(WIDE.0, WIDE.1);
    let mut tallies = vec![driver.state.tree.totals().tally];
    for _ in 1..Engine::ALL.len() {
        driver.press("e").carry_out();
        tallies.push(driver.state.tree.totals().tally);
        assert_eq!(driver.selected_line(), line, "the cursor stays");
    }
    assert!(tallies.iter().any(|tally| *tally != usual), "{tallies:?}");
    assert!(driver.press("j").resize(120, 36).screen().contains("judged by containers-image"), "{}", driver.screen());
    driver.press("e").carry_out();
    assert_eq!(driver.state.tree.totals().tally, usual);
    assert!(driver.state.judgement.is_default());
    assert!(!driver.press("j").screen().contains("judged by"), "{}", driver.screen());
}

#[test]
fn judging_again_finds_what_reading_again_finds() {
    let mut judged = Driver::over("several", WIDE);
    judged.rules = vec![];
    judged.press("eeee").carry_out();
    let mut read = Driver::over("several", WIDE);
    read.rules = vec![];
    read.state.judgement = Judgement::new(&Judge::parse("buildkit").unwrap());
    judged.state.judgement = Judgement::new(&Judge::parse("buildkit").unwrap());
    judged.effects.push(Effect::Judge);
    judged.carry_out();
    read.scan();
    let all = |driver: &Driver| {
        let hosts = driver.state.tree.hosts().iter().filter_map(|host| host.read.as_ref());
        let roots = driver.state.tree.roots().iter().flat_map(|root| root.findings.clone());
        hosts.flat_map(|read| read.findings.clone()).chain(roots).collect::<Vec<_>>()
    };
    assert!(!all(&read).is_empty());
    assert_eq!(all(&judged), all(&read));
}

#[test]
fn while_everything_is_read_another_judge_has_it_read_anew() {
    let mut driver = Driver::over("several", WIDE);
    let events = driver.events();
    driver.act(Action::Scanned(events.into_iter().next().unwrap()));
    driver.press("e");
    assert_eq!(driver.effects, [Effect::Rescan]);
}

#[test]
fn a_pasted_error_is_explained_and_leads_to_its_file() {
    let mut driver = Driver::over("several", WIDE);
    driver.rules = vec![];
    driver.scan();
    driver.press("w");
    driver.paste(MISSING_KEY);
    at_each_size("why_box", &mut driver);
    driver.press("\r").carry_out();
    driver.resize(WIDE.0, WIDE.1);
    let screen = driver.screen();
    assert!(screen.contains("docker-classic stops at client.cert with exactly this text"), "{screen}");
    at_each_size("why_answer", &mut driver);
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
    at_each_size("why_unknown", &mut driver);
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

#[test]
fn findings_below_the_least_severity_are_neither_shown_nor_counted() {
    let mut driver = Driver::over("sample", WIDE);
    driver.rules = vec![];
    driver.scan();
    let all = driver.state.tree.totals().tally;
    assert!(all.warnings > 0 && all.infos > 0, "{all:?}");
    driver.state.tree.show_from(Severity::Error);
    driver.scan();
    let tally = driver.state.tree.totals().tally;
    assert_eq!((tally.errors, tally.warnings, tally.infos), (all.errors, 0, 0));
    assert!(!driver.screen().contains("warning"), "{}", driver.screen());
    driver.press("w").paste("x509: certificate has expired or is not yet valid: current time 2026-11-24T12:00:00Z is after 2026-11-12T12:00:00Z");
    driver.press("\r").carry_out();
    assert!(driver.screen().contains("expired"), "{}", driver.screen());
}

#[test]
fn reading_again_takes_the_present_time() {
    let mut driver = Driver::sample(WIDE);
    driver.press("jjljj1");
    let before = driver.screen();
    driver.act(Action::Clock(Timestamp(tree::NOW.0 + 100 * 86_400)));
    assert_ne!(driver.screen(), before);
    assert!(driver.screen().contains("expired"), "{}", driver.screen());
}

/// What a hand on the keyboard may do.
fn deed() -> impl Strategy<Value = Deed> {
    let keys = prop::sample::select(
        "jjjjkklh  \r\t123456gGnNoJK*?q/Rew\x1b"
            .chars()
            .map(String::from)
            .chain(
                [
                    "\x1b[200~x509: certificate signed by unknown authority\x1b[201~\r",
                    "\x1b[6~",
                    "\x1b[5~",
                    "\x1b[A",
                    "\x1b[B",
                    "/ca\r",
                    "/zz",
                    "\x7f",
                ]
                .map(String::from),
            )
            .collect::<Vec<_>>(),
    );
    prop_oneof![
        12 => keys.prop_map(Deed::Press),
        2 => (0u16..200, 0u16..60).prop_map(|(columns, rows)| Deed::Resize(columns, rows)),
        1 => Just(Deed::Rescan),
    ]
}

#[derive(Clone, Debug)]
enum Deed {
    Press(String),
    Resize(u16, u16),
    Rescan,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_keys_and_no_size_make_it_panic(hostile: bool, deeds in prop::collection::vec(deed(), 1..60)) {
        let mut driver = Driver::over(if hostile { "hostile" } else { "sample" }, USUAL);
        for deed in deeds {
            match deed {
                Deed::Press(keys) => {
                    driver.press(&keys);
                    driver.effects.retain(|effect| matches!(effect, Effect::Judge | Effect::Explain(_)));
                    driver.carry_out();
                }
                Deed::Resize(columns, rows) => { driver.resize(columns, rows); }
                Deed::Rescan => driver.scan(),
            }
            driver.screen();
            let state = &driver.state;
            prop_assert!(state.tree.place(state.cursor).is_some() || state.tree.is_empty(), "the cursor is on a row");
            let place = state.place_of_cursor();
            prop_assert!(state.layout().is_none_or(|layout| layout.tree.is_empty())
                || (state.scroll <= place && place < state.scroll + state.tree_rows()), "the cursor is in sight");
        }
    }

    #[test]
    fn any_size_can_be_drawn(columns in 0u16..200, rows in 0u16..60, keys in prop::sample::select(vec!["", "n", "n\t", "?", "/a", "n2", "n4\t"])) {
        let mut driver = Driver::sample(USUAL);
        driver.press(keys).resize(columns, rows);
        driver.screen();
    }
}
