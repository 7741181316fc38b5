//! A screen in memory with a keyboard, over trees that are made once.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use certwright::finding::Selector;
use certwright::model::{Root, RootKind};
use certwright::rules::Settings;
use certwright::rules::registry::RuleSet;
use certwright::scan::Target;
use certwright::session::{self, Event, Request, Scan};
use certwright::tui::action::{Action, Effect};
use certwright::tui::key::{Decoder, Input};
use certwright::tui::keymap;
use certwright::tui::state::State;
use certwright::tui::theme::{Glyphs, Theme, ThemeChoice};
use certwright::tui::update::update;
use certwright::tui::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Modifier;
use tempfile::TempDir;

use crate::{mending, setting_up, tree};

pub(crate) const WIDE: (u16, u16) = (120, 36);
pub(crate) const USUAL: (u16, u16) = (80, 24);
pub(crate) const SMALL: (u16, u16) = (40, 12);

/// The tree of most tests: a healthy host, one with a CA in the wrong file, one with a bundle, one with odds and ends.
pub(crate) const SAMPLE: &str = r#"
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
pub(crate) const HOSTILE: &str = r#"
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
pub(crate) const SEVERAL: &str = r#"
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

/// Makes all trees, once, in a directory that becomes the current one: paths on the screen are then the same everywhere.
pub(crate) fn world() -> &'static Path {
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
pub(crate) struct Driver {
    pub(crate) state: State,
    pub(crate) theme: Theme,
    pub(crate) decoder: Decoder,
    pub(crate) effects: Vec<Effect>,
    pub(crate) targets: Vec<Target>,
    /// The rules to apply; all, where there is none.
    pub(crate) rules: Vec<&'static str>,
    /// Where the journal is.
    pub(crate) state_directory: Option<PathBuf>,
    /// How long it runs.
    pub(crate) clock: Duration,
}

impl Driver {
    /// A screen that shows nothing yet.
    pub(crate) fn new(targets: Vec<Target>, size: (u16, u16)) -> Self {
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
    pub(crate) fn over(name: &str, size: (u16, u16)) -> Self {
        world();
        let root = Root { path: PathBuf::from(name).join("certs.d"), kind: RootKind::Given, error: None };
        let mut driver = Self::new(vec![Target::Root(root)], size);
        driver.scan();
        driver
    }

    pub(crate) fn sample(size: (u16, u16)) -> Self {
        Self::over("sample", size)
    }

    pub(crate) fn request(&self) -> Request {
        let selected: Vec<Selector> = self.rules.iter().map(|code| Selector::new(code)).collect();
        let rules = RuleSet::new(&selected, &[]).unwrap().judged_by(self.state.judgement.judges().to_vec());
        Request {
            targets: self.targets.clone(),
            rules: Arc::new(rules),
            settings: self.state.settings,
            installed: Arc::clone(&self.state.installed),
        }
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        Scan::start(self.request()).events().iter().collect()
    }

    /// Does what the program would do outside: judges again, and explains.
    pub(crate) fn carry_out(&mut self) -> &mut Self {
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
                Effect::Propose(order) => setting_up::propose(self, *order),
                Effect::Inspect(inspection) => setting_up::look(self, *inspection),
                Effect::Explain(text) => {
                    self.act(Action::Explained(session::why::explain(&text, &inventory).map(Box::new)));
                }
                other => assert_eq!(other, Effect::Judge, "nothing else is asked for"),
            }
        }
        self
    }

    /// Pastes as a terminal does.
    pub(crate) fn paste(&mut self, text: &str) -> &mut Self {
        self.press(&format!("\x1b[200~{text}\x1b[201~"))
    }

    pub(crate) fn scan(&mut self) {
        for event in self.events() {
            self.act(Action::Scanned(event));
        }
    }

    pub(crate) fn act(&mut self, action: Action) {
        self.effects.extend(update(&mut self.state, action));
        self.state.look();
    }

    /// Types bytes as a terminal would send them; what is left waiting is taken as it is.
    pub(crate) fn press(&mut self, bytes: &str) -> &mut Self {
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

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.act(Action::Resize(columns, rows));
        self
    }

    pub(crate) fn terminal(&self) -> Terminal<TestBackend> {
        let (columns, rows) = self.state.size;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| view::draw(&self.state, &self.theme, frame)).unwrap();
        terminal
    }

    /// The screen as text, with what differs from run to run made the same.
    pub(crate) fn screen(&self) -> String {
        let terminal = self.terminal();
        let buffer = terminal.backend().buffer();
        let row = |y: u16| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        (0..buffer.area.height).map(|y| stable(row(y).trim_end()) + "\n").collect()
    }

    /// The row at which the selection bar stands, as text.
    pub(crate) fn selected_line(&self) -> String {
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
pub(crate) fn stable(line: &str) -> String {
    let mut text = String::new();
    for word in line.split_inclusive(' ') {
        let octets = word.trim_end().trim_end_matches([':', '↓', 'v']);
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
