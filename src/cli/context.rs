//! What every subcommand works with: command line, environment and configuration made one.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::cli::args::{Color, Common};
use crate::cli::error::Failure;
use crate::cli::{output, settings};
use crate::config::{ColorSetting, Config, GlyphSetting, Loaded};
use crate::engine::Judge;
use crate::finding::{Selector, Severity};
use crate::report::Appearance;
use crate::rules::Settings;
use crate::rules::registry::RuleSet;
use crate::scan::Environment;
use crate::tui::{Keymap, ThemeChoice};

/// The settled settings of a run.
pub struct Context {
    /// What the rules are told.
    pub settings: Settings,
    /// The rules to apply.
    pub rules: Arc<RuleSet>,
    /// The engines that were chosen; none where the default holds.
    pub judges: Vec<Judge>,
    /// Findings below it are not shown.
    pub min_severity: Severity,
    /// How text is drawn.
    pub appearance: Appearance,
    /// Where engines look.
    pub environment: Environment,
    /// Look at a sample tree.
    pub demo: bool,
    /// Change nothing.
    pub read_only: bool,
    /// Where the journal of changes is; `None` where there is no place for it.
    pub state_directory: Option<PathBuf>,
    /// The configuration, and what is wrong with it.
    pub config: Loaded,
    /// Which colours the screen has.
    pub theme: ThemeChoice,
    /// Which key means what on the screen.
    pub keymap: Keymap,
}

impl Context {
    /// Settles the settings: the command line before the configuration, that before the environment.
    ///
    /// # Errors
    /// Where the configuration that is named cannot be read, or the clock, an engine or a rule's code is wrong. What is wrong
    /// *in* a configuration is told by [`Context::config`], and the rest of it holds.
    pub fn new(common: &Common) -> Result<Self, Failure> {
        let environment = Environment {
            home: path("HOME"),
            config_home: path("XDG_CONFIG_HOME"),
            data_home: path("XDG_DATA_HOME"),
            superuser: rustix::process::geteuid().is_root(),
            rootless: variable("ROOTLESSKIT_STATE_DIR").is_some(),
            prefix: common.root_prefix.clone(),
        };
        let mut loaded = Loaded::read(common.config.as_deref(), &environment)?;
        let theme = settings::theme(&mut loaded, &environment);
        let keymap = settings::keymap(&mut loaded);
        loaded.problems.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
        let config = &loaded.config;
        let color = match (common.color, config.color) {
            (Some(color), _) => color,
            (None, ColorSetting::Auto) => Color::Auto,
            (None, ColorSetting::Always) => Color::Always,
            (None, ColorSetting::Never) => Color::Never,
        };
        let appearance = Appearance {
            color: is_coloured(color),
            ascii: common.ascii || is_ascii(config),
            width: output::terminal_width(),
        };
        let min_severity = common.min_severity.map(Severity::from).unwrap_or(config.min_severity);
        let expires_within = common.expires_within.unwrap_or(config.expires_within);
        let mut judges = Vec::new();
        for name in if common.engine.is_empty() { &config.engine } else { &common.engine } {
            judges.extend(Judge::parse(name).map_err(Failure::Engine)?);
        }
        Ok(Self {
            settings: Settings { now: now()?, expires_within: i64::from(expires_within) },
            rules: Arc::new(rules(common, config)?.judged_by(judges.clone())),
            judges,
            min_severity,
            appearance,
            environment,
            demo: common.demo,
            read_only: common.read_only,
            state_directory: state_directory(common),
            theme,
            keymap,
            config: loaded,
        })
    }
}

/// Where the journal of changes is.
fn state_directory(common: &Common) -> Option<PathBuf> {
    let named = common.state_dir.clone().or_else(|| path("CERTWRIGHT_STATE_DIR"));
    named.and_then(|named| std::path::absolute(named).ok()).or_else(|| {
        if rustix::process::geteuid().is_root() {
            return Some(PathBuf::from("/var/lib/certwright"));
        }
        // A relative path there means nothing (XDG Base Directory Specification 0.8).
        let state = path("XDG_STATE_HOME").filter(|state| state.is_absolute());
        let state =
            state.or_else(|| path("HOME").filter(|home| home.is_absolute()).map(|home| home.join(".local/state")));
        state.map(|state| state.join("certwright"))
    })
}

fn rules(common: &Common, config: &Config) -> Result<RuleSet, Failure> {
    let selectors = |given: &[String], configured: &[String]| -> Vec<Selector> {
        let texts = if given.is_empty() { configured } else { given };
        texts.iter().map(|text| Selector::new(text)).collect()
    };
    let (select, ignore) = (selectors(&common.select, &config.select), selectors(&common.ignore, &config.ignore));
    RuleSet::new(&select, &ignore).map_err(|unknown| Failure::UnknownRule(unknown.text().to_owned()))
}

/// The present moment; `CERTWRIGHT_NOW` overrides the machine's clock.
///
/// # Errors
/// Where that is no moment.
pub fn now() -> Result<Timestamp, Failure> {
    let Some(text) = variable("CERTWRIGHT_NOW") else { return Ok(Timestamp::now()) };
    let text = text.to_string_lossy();
    Timestamp::parse_rfc3339(&text).ok_or_else(|| Failure::Clock(text.into_owned()))
}

/// What people asked for by flag or file comes first, then <https://no-color.org>, then CLICOLOR_FORCE, then the terminal.
fn is_coloured(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if variable("NO_COLOR").is_some() => false,
        Color::Auto if variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        Color::Auto => output::is_terminal(),
    }
}

/// Tells whether a configuration wants ASCII alone, or leaves it to a terminal that shows no more.
fn is_ascii(config: &Config) -> bool {
    match config.glyphs {
        GlyphSetting::Ascii => true,
        GlyphSetting::Unicode => config.ascii,
        GlyphSetting::Auto => config.ascii || !shows_unicode(),
    }
}

/// Tells whether the terminal can be expected to show more than ASCII: the locale names no other encoding than UTF-8, and
/// it is not the Linux console, whose font lacks most signs.
fn shows_unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable);
    let is_utf8 = |locale: OsString| {
        let locale = locale.to_string_lossy().to_ascii_lowercase();
        locale.ends_with("utf-8") || locale.ends_with("utf8")
    };
    locale.is_none_or(is_utf8) && variable("TERM").is_none_or(|term| term != "linux")
}

fn path(name: &str) -> Option<PathBuf> {
    variable(name).map(PathBuf::from)
}

/// An environment variable that is set and not empty.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
