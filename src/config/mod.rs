//! The configuration file: works without one, and says exactly what is wrong with one while the rest of it holds.
//!
//! It is `certwright/config.toml` under `$XDG_CONFIG_HOME` or `~/.config`; themes lie in `themes` beside it. The command
//! line comes before it. What commands and labels there are is the screen's to say: keys are handed on as they stand.

pub mod problem;
pub mod settings;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::base::errno::Errno;
use crate::base::text::display_name;
use crate::config::problem::{Problem, Source, unknown};
use crate::config::settings::SETTINGS;
use crate::finding::Severity;
use crate::scan::Environment;

/// What the configuration file may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The name of a theme.
    pub theme: String,
    /// The columns of the tree beside the name.
    pub columns: Vec<Column>,
    /// The signs to draw with.
    pub glyphs: GlyphSetting,
    /// Draw with ASCII alone.
    pub ascii: bool,
    /// Whether the screen heeds the mouse.
    pub mouse: bool,
    /// When to colour.
    pub color: ColorSetting,
    /// A certificate that expires within so many days is worth a warning.
    pub expires_within: u32,
    /// The engines whose judgement decides how bad a finding is, as `NAME[@VERSION]`.
    pub engine: Vec<String>,
    /// The rules to apply.
    pub select: Vec<String>,
    /// The rules to leave out.
    pub ignore: Vec<String>,
    /// Findings below it are not shown.
    pub min_severity: Severity,
    /// The keys of commands, by the names of both, as they stand in the file.
    pub keys: BTreeMap<String, KeySetting>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            theme: "auto".to_owned(),
            columns: Column::ALL.to_vec(),
            glyphs: GlyphSetting::default(),
            ascii: false,
            mouse: true,
            color: ColorSetting::default(),
            expires_within: 30,
            engine: Vec::new(),
            select: vec!["ALL".to_owned()],
            ignore: Vec::new(),
            min_severity: Severity::Info,
            keys: BTreeMap::new(),
        }
    }
}

/// The keys that a command is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySetting {
    /// The line that says so.
    pub line: usize,
    /// The keys, as they stand there.
    pub keys: Vec<String>,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorSetting {
    /// As the terminal and the environment say
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The signs to draw with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GlyphSetting {
    /// As locale and terminal allow
    #[default]
    Auto,
    /// More than ASCII
    Unicode,
    /// ASCII alone
    Ascii,
}

/// A column of the tree beside the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// What its name makes a file
    Named,
    /// What its content is
    Is,
    /// How it stands
    State,
    /// The days that are left
    Left,
}

impl Column {
    /// All columns, from left to right.
    pub const ALL: [Self; 4] = [Self::Named, Self::Is, Self::State, Self::Left];

    /// Its name in the configuration file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Is => "is",
            Self::State => "state",
            Self::Left => "left",
        }
    }
}

/// A configuration file that was asked for and cannot be read.
#[derive(Debug, Error)]
#[error("{}: {}", display_name(path), reason(error))]
pub struct ConfigError {
    /// The file
    pub path: PathBuf,
    /// Why not
    pub error: io::Error,
}

/// A configuration, and what was wrong with its file.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What holds: the defaults, and whatever of the file is right.
    pub config: Config,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// The file, whether it is there or not.
    pub path: Option<PathBuf>,
    /// The file is there.
    pub exists: bool,
    /// The line that names the theme.
    pub theme_line: Option<usize>,
}

impl Loaded {
    /// Reads `given`, or else the user's own file where there is one. What is wrong in it is told and passed over.
    ///
    /// # Errors
    /// Where the file `given` cannot be read.
    pub fn read(given: Option<&Path>, environment: &Environment) -> Result<Self, ConfigError> {
        let path = match (given, default_path(environment)) {
            (Some(given), _) => given.to_path_buf(),
            (None, Some(path)) => path,
            (None, None) => return Ok(Self::default()),
        };
        match read(&path) {
            Ok(text) => Ok(Self { exists: true, ..Self::parse(&path, &text) }),
            Err(error) if given.is_some() => Err(ConfigError { path, error }),
            Err(error) if is_absent(&error) => Ok(Self { path: Some(path), ..Self::default() }),
            Err(error) => {
                let problem = Problem { path: path.clone(), line: None, message: reason(&error) };
                Ok(Self { problems: vec![problem], path: Some(path), exists: true, ..Self::default() })
            }
        }
    }

    /// Reads the text of a configuration file.
    pub fn parse(path: &Path, text: &str) -> Self {
        let mut loaded = Self { path: Some(path.to_path_buf()), ..Self::default() };
        let mut source = Source::new(path, text);
        for (key, value) in source.table() {
            let (start, name) = (key.span().start, key.into_inner());
            if name == "keys" {
                take_keys(&mut loaded.config, &mut source, &value);
                continue;
            }
            let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
                let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).chain(["keys"]).collect();
                source.report(start, unknown("key", &name, &names));
                continue;
            };
            if name == "theme" {
                loaded.theme_line = Some(source.line(start));
            }
            (setting.take)(&mut loaded.config, &mut source, &value);
        }
        loaded.problems = source.into_problems();
        loaded
    }
}

/// Where the user's own file lies.
pub fn default_path(environment: &Environment) -> Option<PathBuf> {
    let absolute = |path: &Option<PathBuf>| path.clone().filter(|path| path.is_absolute());
    let base = absolute(&environment.config_home).or_else(|| Some(absolute(&environment.home)?.join(".config")));
    base.map(|base| base.join("certwright/config.toml"))
}

/// Where the user's own theme of a name lies; `None` where the name cannot be that of a file.
pub fn theme_path(environment: &Environment, name: &str) -> Option<PathBuf> {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    let directory = default_path(environment)?.parent()?.join("themes");
    (!name.is_empty() && name.chars().all(is_plain)).then(|| directory.join(format!("{name}.toml")))
}

/// Reads a settings file.
///
/// # Errors
/// Where it cannot be read, is no UTF-8 or larger than a mebibyte.
pub fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_SIZE).read_to_string(&mut text)?;
    Ok(text)
}

/// Says why a file cannot be read.
pub fn reason(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => Errno(number).to_string(),
        None => error.to_string(),
    }
}

/// The longest time that can be looked ahead, in days.
pub const MAX_DAYS: u32 = 36_500;

/// The largest configuration file that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// Takes the table `[keys]`; which commands and keys there are is not known here.
fn take_keys(config: &mut Config, source: &mut Source<'_>, value: &toml::Spanned<toml::de::DeValue<'_>>) {
    let Some(table) = value.get_ref().as_table() else {
        source.reject("keys", value, "a table: [keys], and below it COMMAND = [\"KEY\", …]");
        return;
    };
    for (command, keys) in table {
        let name = command.get_ref().as_ref();
        let Some(texts) = source.texts_of(name, keys, "a list of keys, as [\"x\", \"ctrl-y\"]") else { continue };
        let line = source.line(command.span().start);
        let keys = texts.into_iter().map(|(_, text)| text).collect();
        config.keys.insert(name.to_owned(), KeySetting { line, keys });
    }
}

/// Tells whether there is no such file, or it is somebody else's: `sudo -u` leaves `$HOME` behind.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a text, line by line.
    fn problems(text: &str) -> String {
        let loaded = Loaded::parse(Path::new("config.toml"), text);
        loaded.problems.iter().map(|problem| format!("{problem}\n")).collect()
    }

    #[test]
    fn every_key_is_optional() {
        assert_eq!(Loaded::parse(Path::new("config.toml"), "").config, Config::default());
        let all = "expires-within = 14\nselect = [\"CW1\"]\nignore = [\"CW101\"]\nmin-severity = \"warning\"\n\
                   color = \"never\"\nascii = true\ntheme = \"mine\"\nmouse = false\ncolumns = [\"state\"]\n\
                   glyphs = \"ascii\"\nengine = [\"docker@29\"]\n[keys]\nsort = [\"s\", \"ctrl-o\"]\n";
        let loaded = Loaded::parse(Path::new("config.toml"), all);
        assert_eq!(loaded.problems, []);
        let config = Config {
            theme: "mine".to_owned(),
            columns: vec![Column::State],
            glyphs: GlyphSetting::Ascii,
            ascii: true,
            mouse: false,
            color: ColorSetting::Never,
            expires_within: 14,
            engine: vec!["docker@29".to_owned()],
            select: vec!["CW1".to_owned()],
            ignore: vec!["CW101".to_owned()],
            min_severity: Severity::Warning,
            keys: [("sort".to_owned(), KeySetting { line: 13, keys: vec!["s".to_owned(), "ctrl-o".to_owned()] })]
                .into(),
        };
        assert_eq!(loaded.config, config);
    }

    #[test]
    fn what_is_wrong_is_told_by_line_and_the_rest_holds() {
        let wrong = r#"asci = true
min-severity = "bad"
color = "alway"
expires-within = -1
mouse = "yes"
columns = ["state", "stat"]
ignore = ["CW101", "CW9999"]
engine = "docker"
glyphs = 3
theme = ["dark"]
select = [
"#;
        insta::assert_snapshot!(problems(wrong), @r##"
        config.toml:1: unknown key asci: did you mean ascii? there are theme, columns, glyphs, ascii, mouse, color, expires-within, engine, select, ignore, min-severity, keys
        config.toml:2: unknown min-severity bad: there are error, warning, info
        config.toml:3: unknown color alway: did you mean always? there are auto, always, never
        config.toml:4: expires-within cannot be -1: it is days from 0 to 36500
        config.toml:5: mouse cannot be "yes": it is true or false
        config.toml:6: unknown column stat: did you mean state? there are named, is, state, left
        config.toml:7: ignore names no rule: "CW9999"; `certwright rules` lists them
        config.toml:8: engine cannot be "docker": it is a list of NAME or NAME@VERSION
        config.toml:9: glyphs cannot be 3: it is one of unicode, ascii, auto
        config.toml:10: theme cannot be a list: it is the name of a theme
        config.toml:11: unclosed array, expected `]`
        "##);
        let loaded = Loaded::parse(Path::new("config.toml"), &wrong.replace("color = \"alway\"", "color = \"always\""));
        assert_eq!((loaded.config.color, loaded.config.ignore), (ColorSetting::Always, vec!["CW101".to_owned()]));
        assert_eq!(loaded.config.columns, [Column::State]);
        insta::assert_snapshot!(problems("expires-within = 3 4\nascii = true\nkeys = 3\n[keys2]\n"), @r##"
        config.toml:1: string values must be quoted, expected literal string
        config.toml:3: keys cannot be 3: it is a table: [keys], and below it COMMAND = ["KEY", …]
        config.toml:4: unknown key keys2: did you mean keys? there are theme, columns, glyphs, ascii, mouse, color, expires-within, engine, select, ignore, min-severity, keys
        "##);
    }

    #[test]
    fn the_defaults_of_the_table_are_the_defaults() {
        for setting in SETTINGS {
            let loaded = Loaded::parse(Path::new("config.toml"), &format!("{} = {}\n", setting.name, setting.default));
            assert_eq!(loaded.problems, [], "{}", setting.name);
            assert_eq!(loaded.config, Config::default(), "{}", setting.name);
        }
    }

    #[test]
    fn a_theme_is_a_file_of_the_user_and_no_other() {
        let environment = Environment { home: Some("/home/ada".into()), ..Environment::default() };
        let path = |name: &str| theme_path(&environment, name);
        assert_eq!(path("mine"), Some("/home/ada/.config/certwright/themes/mine.toml".into()));
        assert_eq!(path("../../etc/shadow"), None);
        assert_eq!(path(""), None);
    }
}
