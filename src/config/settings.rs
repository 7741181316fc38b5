//! The keys of the configuration file: the one table behind reading it, the default file and the man page.

use toml::Spanned;
use toml::de::DeValue;

use crate::config::problem::{Source, unknown};
use crate::config::{ColorSetting, Column, Config, GlyphSetting, MAX_DAYS};
use crate::engine::Judge;
use crate::finding::{Selector, Severity};
use crate::rules::registry::RuleSet;

/// A key of the configuration file.
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// Its default, in TOML.
    pub default: &'static str,
    /// What it is, and what is allowed.
    pub about: &'static str,
    /// Puts a value into the configuration, or tells the source what is wrong with it.
    pub(super) take: fn(&mut Config, &mut Source<'_>, &Spanned<DeValue<'_>>),
}

/// All keys but the table `[keys]`, in the order of the default file.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "theme",
        default: "\"auto\"",
        about: "dark, light, mono, high-contrast, auto (as the terminal's background is), or your own themes/NAME.toml",
        take: |config, source, value| {
            if let Some(name) = source.text_of("theme", value, "the name of a theme") {
                config.theme = name;
            }
        },
    },
    Setting {
        name: "columns",
        default: "[\"named\", \"is\", \"state\", \"left\"]",
        about: "the columns of the tree beside the name",
        take: take_columns,
    },
    Setting {
        name: "glyphs",
        default: "\"auto\"",
        about: "unicode, ascii (as --ascii), or auto: as locale and terminal allow",
        take: |config, source, value| choose(&mut config.glyphs, "glyphs", source, value, GlyphSetting::NAMES),
    },
    Setting {
        name: "ascii",
        default: "false",
        about: "as --ascii; the same as glyphs = \"ascii\"",
        take: |config, source, value| switch(&mut config.ascii, "ascii", source, value),
    },
    Setting {
        name: "mouse",
        default: "true",
        about: "whether the screen heeds the mouse",
        take: |config, source, value| switch(&mut config.mouse, "mouse", source, value),
    },
    Setting { name: "color", default: "\"auto\"", about: "as --color: auto, always, never", take: take_color },
    Setting {
        name: "expires-within",
        default: "30",
        about: "as --expires-within: days from 0 to 36500",
        take: take_days,
    },
    Setting {
        name: "engine",
        default: "[]",
        about: "as --engine: whose judgement makes a finding an error; empty for all",
        take: take_engines,
    },
    Setting {
        name: "select",
        default: "[\"ALL\"]",
        about: "as --select: the rules to apply",
        take: |config, source, value| {
            config.select = selectors("select", source, value).unwrap_or(config.select.clone())
        },
    },
    Setting {
        name: "ignore",
        default: "[]",
        about: "as --ignore: the rules to leave out",
        take: |config, source, value| config.ignore = selectors("ignore", source, value).unwrap_or_default(),
    },
    Setting {
        name: "min-severity",
        default: "\"info\"",
        about: "as --min-severity: info, warning, error",
        take: |config, source, value| {
            let names = Severity::ALL.map(|severity| (severity.word(), severity));
            choose(&mut config.min_severity, "min-severity", source, value, &names);
        },
    },
];

impl GlyphSetting {
    const NAMES: &[(&str, Self)] = &[("unicode", Self::Unicode), ("ascii", Self::Ascii), ("auto", Self::Auto)];
}

fn take_color(config: &mut Config, source: &mut Source<'_>, value: &Spanned<DeValue<'_>>) {
    let names = [("auto", ColorSetting::Auto), ("always", ColorSetting::Always), ("never", ColorSetting::Never)];
    choose(&mut config.color, "color", source, value, &names);
}

fn take_days(config: &mut Config, source: &mut Source<'_>, value: &Spanned<DeValue<'_>>) {
    let number = value.get_ref().as_integer().filter(|number| number.radix() == 10);
    match number.and_then(|number| number.as_str().parse().ok()).filter(|days| *days <= MAX_DAYS) {
        Some(days) => config.expires_within = days,
        None => source.reject("expires-within", value, "days from 0 to 36500"),
    }
}

fn take_columns(config: &mut Config, source: &mut Source<'_>, value: &Spanned<DeValue<'_>>) {
    let names = Column::ALL.map(Column::name);
    let Some(words) = source.texts_of("columns", value, &format!("a list of {}", names.join(", "))) else { return };
    config.columns.clear();
    for (start, word) in words {
        match Column::ALL.into_iter().find(|column| column.name() == word) {
            Some(column) => config.columns.push(column),
            None => source.report(start, unknown("column", &word, &names)),
        }
    }
}

fn take_engines(config: &mut Config, source: &mut Source<'_>, value: &Spanned<DeValue<'_>>) {
    let Some(names) = source.texts_of("engine", value, "a list of NAME or NAME@VERSION") else { return };
    config.engine.clear();
    for (start, name) in names {
        match Judge::parse(&name) {
            Ok(_) => config.engine.push(name),
            Err(error) => source.report(start, error.to_string()),
        }
    }
}

/// Reads codes and names of rules; what names none is reported and left out.
fn selectors(name: &str, source: &mut Source<'_>, value: &Spanned<DeValue<'_>>) -> Option<Vec<String>> {
    let texts = source.texts_of(name, value, "a list of codes or names of rules, or ALL")?;
    let mut known = Vec::new();
    for (start, text) in texts {
        match RuleSet::new(&[Selector::new(&text)], &[]) {
            Ok(_) => known.push(text),
            Err(_) => {
                let hint = "`certwright rules` lists them";
                source.report(start, format!("{name} names no rule: {text:?}; {hint}"));
            }
        }
    }
    Some(known)
}

fn switch(slot: &mut bool, name: &str, source: &mut Source<'_>, value: &Spanned<DeValue<'_>>) {
    match value.get_ref().as_bool() {
        Some(value) => *slot = value,
        None => source.reject(name, value, "true or false"),
    }
}

fn choose<T: Copy>(
    slot: &mut T,
    name: &str,
    source: &mut Source<'_>,
    value: &Spanned<DeValue<'_>>,
    allowed: &[(&str, T)],
) {
    let names: Vec<&str> = allowed.iter().map(|(name, _)| *name).collect();
    let Some(word) = source.text_of(name, value, &format!("one of {}", names.join(", "))) else { return };
    match allowed.iter().find(|(name, _)| *name == word) {
        Some((_, value)) => *slot = *value,
        None => source.report(value.span().start, unknown(name, &word, &names)),
    }
}
