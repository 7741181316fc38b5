//! What text means and how that looks: labels, the one table that turns them into styles, and the signs that are drawn.
//! Only the terminal's own 16 colours are used, and never a background.

use ratatui::style::{Color, Modifier, Style};

use crate::finding::Severity;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    /// Ordinary text
    Plain,
    /// What may be overlooked
    Dim,
    /// What should not be overlooked
    Strong,
    /// A heading
    Heading,
    /// The name of a field or column
    Field,
    /// A directory, or another thing that can be opened
    Directory,
    /// Something good
    Good,
    /// Something worth knowing
    Info,
    /// Something that will fail or lies open
    Warning,
    /// Something that fails
    Error,
    /// Text of an engine, byte for byte
    Verbatim,
    /// A time that has passed
    Late,
    /// A key to press
    Key,
}

impl Label {
    /// The label of a severity.
    pub fn of(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
        }
    }
}

/// Which colours fit the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// As the terminal answers, or `$COLORFGBG` says; dark as long as nothing is known.
    #[default]
    Auto,
    /// For a dark background
    Dark,
    /// For a light background
    Light,
    /// No colour, only bold, underlined and reversed
    Mono,
}

/// Turns labels into styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Dark,
    Light,
    Mono,
}

impl Theme {
    /// The theme of a choice. `foreground_background` is `$COLORFGBG`, whose last field is the background's number.
    pub fn new(choice: ThemeChoice, foreground_background: Option<&str>) -> Self {
        let kind = match choice {
            ThemeChoice::Dark => Kind::Dark,
            ThemeChoice::Light => Kind::Light,
            ThemeChoice::Mono => Kind::Mono,
            ThemeChoice::Auto => match foreground_background.and_then(|value| value.rsplit(';').next()) {
                Some("7" | "9" | "10" | "11" | "12" | "13" | "14" | "15") => Kind::Light,
                _ => Kind::Dark,
            },
        };
        Self { kind }
    }

    /// How text of this label looks.
    pub fn style(&self, label: Label) -> Style {
        let plain = Style::new();
        let weight = match label {
            Label::Strong | Label::Heading | Label::Error | Label::Key => plain.add_modifier(Modifier::BOLD),
            Label::Dim | Label::Field => plain.add_modifier(Modifier::DIM),
            _ => plain,
        };
        match self.colour(label) {
            Some(colour) => weight.fg(colour),
            None => weight,
        }
    }

    /// The selected row, and whatever else is chosen.
    pub fn selected(&self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    fn colour(&self, label: Label) -> Option<Color> {
        // Yellow and cyan cannot be read on white.
        let (blue, warning) = match self.kind {
            Kind::Dark => (Color::Cyan, Color::Yellow),
            Kind::Light => (Color::Blue, Color::Magenta),
            Kind::Mono => return None,
        };
        Some(match label {
            Label::Plain | Label::Dim | Label::Field | Label::Strong => return None,
            Label::Heading | Label::Directory | Label::Info | Label::Key => blue,
            Label::Good => Color::Green,
            Label::Warning => warning,
            Label::Error | Label::Verbatim | Label::Late => Color::Red,
        })
    }
}

/// The signs to draw with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Glyphs {
    /// Unicode that every monospaced font has
    #[default]
    Unicode,
    /// ASCII alone
    Ascii,
}

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Something fails
    Error,
    /// Something will fail
    Warning,
    /// Something is worth knowing
    Info,
    /// All is well
    Good,
    /// Nothing to say
    Nothing,
    /// Not there yet
    Pending,
    /// An open branch
    Open,
    /// A closed branch
    Closed,
    /// Two things that should agree do not
    Differs,
    /// Two things agree
    Agrees,
    /// A vertical line
    Rule,
    /// A horizontal line
    Line,
    /// Marks the selected row where another pane has the focus
    Marker,
    /// The done part of a bar
    Full,
    /// The other part of a bar
    Blank,
    /// Leads to
    Arrow,
    /// Up
    Up,
}

impl Glyphs {
    /// The text of a sign, one column each.
    pub fn sign(self, sign: Sign) -> &'static str {
        let (unicode, ascii) = match sign {
            Sign::Error => ("✗", "x"),
            Sign::Warning => ("!", "!"),
            Sign::Info => ("•", "i"),
            Sign::Good => ("✓", "+"),
            Sign::Nothing => ("–", "-"),
            Sign::Pending => ("…", "."),
            Sign::Open => ("▾", "v"),
            Sign::Closed => ("▸", ">"),
            Sign::Differs => ("≠", "#"),
            Sign::Agrees => (" ", " "),
            Sign::Rule => ("│", "|"),
            Sign::Line => ("─", "-"),
            Sign::Marker => ("▌", "*"),
            Sign::Full => ("━", "="),
            Sign::Blank => ("╌", "."),
            Sign::Arrow => ("→", ">"),
            Sign::Up => ("↑", "^"),
        };
        match self {
            Self::Unicode => unicode,
            Self::Ascii => ascii,
        }
    }

    /// The sign of a severity.
    pub fn severity(self, severity: Severity) -> &'static str {
        self.sign(match severity {
            Severity::Info => Sign::Info,
            Severity::Warning => Sign::Warning,
            Severity::Error => Sign::Error,
        })
    }

    /// Text as this set can show it: where only ASCII can be shown, every other character becomes one of it.
    pub fn text(self, text: &str) -> std::borrow::Cow<'_, str> {
        if self == Self::Unicode || text.is_ascii() {
            return text.into();
        }
        let plain = |character: char| match character {
            '…' => '~',
            '–' | '─' => '-',
            '→' => '>',
            '•' | '·' => '*',
            '✓' => '+',
            '✗' => 'x',
            '↑' => '^',
            '↓' => 'v',
            character if character.is_ascii() => character,
            _ => '?',
        };
        text.chars().map(plain).collect::<String>().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_light_background_is_known_by_its_number() {
        let light = Theme::new(ThemeChoice::Light, None);
        assert_eq!(Theme::new(ThemeChoice::Auto, Some("0;15")), light);
        assert_ne!(Theme::new(ThemeChoice::Auto, Some("15;0")), light);
        assert_ne!(Theme::new(ThemeChoice::Auto, None), light);
    }

    #[test]
    fn mono_has_no_colour() {
        let mono = Theme::new(ThemeChoice::Mono, None);
        for label in [Label::Error, Label::Warning, Label::Good, Label::Key, Label::Verbatim] {
            assert_eq!(mono.style(label).fg, None, "{label:?}");
        }
    }

    #[test]
    fn ascii_shows_ascii_only() {
        assert_eq!(Glyphs::Ascii.text("Größe … →"), "Gr??e ~ >");
        assert_eq!(Glyphs::Unicode.text("Größe …"), "Größe …");
    }
}
