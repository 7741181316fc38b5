//! Themes as TOML files: those that are part of the program, and the user's own of the same format.

use std::path::Path;

use ratatui::style::{Color, Modifier, Style};
use toml::Spanned;
use toml::de::DeValue;

use crate::config::problem::{Problem, Source, unknown};
use crate::tui::theme::{Label, Theme, ThemeChoice};

/// For a dark background.
pub const DARK: &str = include_str!("../../assets/themes/dark.toml");
/// For a light background.
pub const LIGHT: &str = include_str!("../../assets/themes/light.toml");
/// Without colour.
pub const MONO: &str = include_str!("../../assets/themes/mono.toml");
/// Nothing dim, no colour alone.
pub const HIGH_CONTRAST: &str = include_str!("../../assets/themes/high-contrast.toml");

/// A theme that is part of the program.
pub fn built_in(text: &str) -> Theme {
    read(Path::new(""), text, Theme::default()).0
}

/// Reads a theme of the user's own, and tells what is wrong with it; `path` is for the problems.
pub fn parse(path: &Path, text: &str) -> (Theme, Vec<Problem>) {
    let base = ThemeChoice::named(&inherited(text).unwrap_or_default()).unwrap_or(ThemeChoice::Dark);
    read(path, text, Theme::new(base, None))
}

/// What a theme names besides labels.
const SELECTED: &str = "selected";
const HIT: &str = "hit";
const INHERITS: &str = "inherits";

const MODIFIERS: &[(&str, Modifier)] = &[
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];

const COLOURS: &[(&str, Color)] = &[
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

fn inherited(text: &str) -> Option<String> {
    let (table, _) = toml::de::DeTable::parse_recoverable(text);
    Some(table.get_ref().get(INHERITS)?.get_ref().as_str()?.to_owned())
}

fn read(path: &Path, text: &str, mut theme: Theme) -> (Theme, Vec<Problem>) {
    let mut source = Source::new(path, text);
    for (key, value) in source.table() {
        let (start, name) = (key.span().start, key.into_inner());
        if name == INHERITS {
            check_inherited(&mut source, &value);
            continue;
        }
        let label = Label::ALL.into_iter().find(|label| label.name() == name);
        let slot = match (label, name.as_ref()) {
            (Some(label), _) => theme.styles.get_mut(label as usize),
            (None, SELECTED) => Some(&mut theme.selected),
            (None, HIT) => Some(&mut theme.hit),
            _ => None,
        };
        let Some(slot) = slot else {
            let names: Vec<&str> = Label::ALL.map(Label::name).into_iter().chain([SELECTED, HIT, INHERITS]).collect();
            source.report(start, unknown("kind of text", &name, &names));
            continue;
        };
        if let Some(style) = style(&mut source, &name, &value) {
            *slot = style;
        }
    }
    (theme, source.into_problems())
}

fn check_inherited(source: &mut Source<'_>, value: &Spanned<DeValue<'_>>) {
    let names = ThemeChoice::NAMED.map(|(name, _)| name);
    let Some(name) = source.text_of(INHERITS, value, &format!("one of {}", names.join(", "))) else { return };
    if ThemeChoice::named(&name).is_none() {
        source.report(value.span().start, unknown("theme", &name, &names));
    }
}

/// Reads a style: what is wrong in it is told and passed over.
fn style(source: &mut Source<'_>, name: &str, value: &Spanned<DeValue<'_>>) -> Option<Style> {
    let text = source.text_of(name, value, "words as in \"bold red\"")?;
    let mut style = Style::new();
    for word in text.split_whitespace() {
        let modifier = MODIFIERS.iter().find(|(other, _)| *other == word).map(|(_, modifier)| *modifier);
        let colour = COLOURS.iter().find(|(other, _)| *other == word).map(|(_, colour)| *colour);
        match (modifier, colour) {
            (Some(modifier), _) => style = style.add_modifier(modifier),
            (None, Some(colour)) => style = style.fg(colour),
            (None, None) => {
                let names = MODIFIERS.iter().map(|(name, _)| *name).chain(COLOURS.iter().map(|(name, _)| *name));
                let message = unknown("style", word, &names.collect::<Vec<_>>());
                source.report(value.span().start, message);
            }
        }
    }
    Some(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT_IN: [(&str, &str); 4] =
        [("dark", DARK), ("light", LIGHT), ("mono", MONO), ("high-contrast", HIGH_CONTRAST)];

    #[test]
    fn every_built_in_theme_is_complete_and_without_fault() {
        for (name, text) in BUILT_IN {
            let (theme, problems) = read(Path::new(name), text, Theme::default());
            assert_eq!(problems, [], "{name}");
            let table: toml::Table = text.parse().unwrap();
            for key in Label::ALL.map(Label::name).into_iter().chain([SELECTED, HIT]) {
                assert!(table.contains_key(key), "{name} lacks {key}");
            }
            assert!(theme.styles.iter().all(|style| style.bg.is_none()), "{name}");
            assert!(ThemeChoice::named(name).is_some(), "{name}");
        }
    }

    #[test]
    fn labels_stand_in_their_own_order() {
        for (index, label) in Label::ALL.into_iter().enumerate() {
            assert_eq!(label as usize, index);
        }
    }

    #[test]
    fn without_colour_what_stands_out_still_does() {
        let mono = built_in(MONO);
        for label in [Label::Strong, Label::Heading, Label::Warning, Label::Error, Label::Late, Label::Key, Label::Dim]
        {
            assert_ne!(mono.style(label), mono.style(Label::Plain), "{label:?}");
        }
        assert_ne!(mono.hit(), Style::new());
        assert_ne!(mono.selected(), mono.hit());
    }

    #[test]
    fn a_theme_of_the_users_own_changes_what_it_names() {
        let text =
            "inherits = \"light\"\nerror = \"bold bright-red\"\nwarnign = \"red\"\ngood = \"bold gren\"\nkey = 3\n";
        let (theme, problems) = parse(Path::new("mine.toml"), text);
        let light = built_in(LIGHT);
        assert_eq!(theme.style(Label::Error), Style::new().fg(Color::LightRed).add_modifier(Modifier::BOLD));
        assert_eq!(theme.style(Label::Key), light.style(Label::Key));
        let told: String = problems.iter().map(|problem| format!("{problem}\n")).collect();
        insta::assert_snapshot!(told, @r##"
        mine.toml:3: unknown kind of text warnign: did you mean warning? there are plain, dim, strong, heading, field, directory, good, info, warning, error, verbatim, late, key, selected, hit, inherits
        mine.toml:4: unknown style gren: did you mean green? there are bold, dim, italic, underlined, reversed, black, red, green, yellow, blue, magenta, cyan, white, bright-black, bright-red, bright-green, bright-yellow, bright-blue, bright-magenta, bright-cyan, bright-white
        mine.toml:5: key cannot be 3: it is words as in "bold red"
        "##);
    }
}
