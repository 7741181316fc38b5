//! What text means and how that looks: labels, the themes that turn them into styles, and the signs that are drawn.
//! Only the terminal's own 16 colours are used, and never a background. [`crate::tui::theme_file`] reads themes.

use ratatui::style::Style;

use crate::finding::Severity;
use crate::tui::theme_file;

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
    /// All labels.
    pub const ALL: [Self; 13] = [
        Self::Plain,
        Self::Dim,
        Self::Strong,
        Self::Heading,
        Self::Field,
        Self::Directory,
        Self::Good,
        Self::Info,
        Self::Warning,
        Self::Error,
        Self::Verbatim,
        Self::Late,
        Self::Key,
    ];

    /// Its name in a theme.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Dim => "dim",
            Self::Strong => "strong",
            Self::Heading => "heading",
            Self::Field => "field",
            Self::Directory => "directory",
            Self::Good => "good",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Verbatim => "verbatim",
            Self::Late => "late",
            Self::Key => "key",
        }
    }

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
#[expect(clippy::large_enum_variant, reason = "there is one of it, and it is passed once")]
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
    /// Nothing dim, no colour alone
    HighContrast,
    /// One of the user's own
    Own(Theme),
}

impl ThemeChoice {
    /// Those that have a name, with it.
    pub const NAMED: [(&str, Self); 5] = [
        ("dark", Self::Dark),
        ("light", Self::Light),
        ("mono", Self::Mono),
        ("high-contrast", Self::HighContrast),
        ("auto", Self::Auto),
    ];

    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|(other, _)| *other == name).map(|(_, choice)| choice)
    }
}

/// Turns labels into styles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    /// In the order of [`Label::ALL`].
    pub(super) styles: [Style; Label::ALL.len()],
    pub(super) selected: Style,
    pub(super) hit: Style,
}

impl Theme {
    /// The theme of a choice. `foreground_background` is `$COLORFGBG`, whose last field is the background's number.
    pub fn new(choice: ThemeChoice, foreground_background: Option<&str>) -> Self {
        match choice {
            ThemeChoice::Dark => theme_file::built_in(theme_file::DARK),
            ThemeChoice::Light => theme_file::built_in(theme_file::LIGHT),
            ThemeChoice::Mono => theme_file::built_in(theme_file::MONO),
            ThemeChoice::HighContrast => theme_file::built_in(theme_file::HIGH_CONTRAST),
            ThemeChoice::Own(theme) => theme,
            ThemeChoice::Auto => match foreground_background.and_then(|value| value.rsplit(';').next()) {
                Some("7" | "9" | "10" | "11" | "12" | "13" | "14" | "15") => Self::new(ThemeChoice::Light, None),
                _ => Self::new(ThemeChoice::Dark, None),
            },
        }
    }

    /// How text of this label looks.
    pub fn style(&self, label: Label) -> Style {
        self.styles.get(label as usize).copied().unwrap_or_default()
    }

    /// The selected row, and whatever else is chosen.
    pub fn selected(&self) -> Style {
        self.selected
    }

    /// Letters that a search found, over the style that they have.
    pub fn hit(&self) -> Style {
        self.hit
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
    /// A row that somebody marked
    Marked,
    /// A row that somebody else changed a moment ago
    Changed,
    /// The done part of a bar
    Full,
    /// The other part of a bar
    Blank,
    /// Leads to
    Arrow,
    /// Up
    Up,
    /// Down
    Down,
    /// Goes on to the left of what is shown
    Before,
    /// Goes on to the right of what is shown
    Beyond,
    /// The left end of a bar
    BarBegin,
    /// The right end of a bar
    BarEnd,
    /// Today, in a bar
    TodayInBar,
    /// A part of a bar that counts
    Block,
    /// A branch of a drawn tree that others follow
    Branch,
    /// The last branch of a drawn tree
    LastBranch,
    /// What somebody trusts without asking further
    Anchor,
    /// Two things are the same
    Same,
    /// Only the new one has it
    Added,
    /// Only the old one has it
    Removed,
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
            Sign::Marked => ("◆", "*"),
            Sign::Changed => ("~", "~"),
            Sign::Full => ("━", "="),
            Sign::Blank => ("╌", "."),
            Sign::Arrow => ("→", ">"),
            Sign::Up => ("↑", "^"),
            Sign::Down => ("↓", "v"),
            Sign::Before => ("◂", "<"),
            Sign::Beyond => ("▸", ">"),
            Sign::BarBegin => ("┣", "["),
            Sign::BarEnd => ("┫", "]"),
            Sign::TodayInBar => ("╋", "|"),
            Sign::Block => ("█", "#"),
            Sign::Branch => ("├", "|"),
            Sign::LastBranch => ("└", "`"),
            Sign::Anchor => ("◉", "@"),
            Sign::Same => ("=", "="),
            Sign::Added => ("+", "+"),
            Sign::Removed => ("−", "-"),
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
        for label in Label::ALL {
            assert_eq!(mono.style(label).fg, None, "{label:?}");
        }
    }

    #[test]
    fn ascii_shows_ascii_only() {
        assert_eq!(Glyphs::Ascii.text("Größe … →"), "Gr??e ~ >");
        assert_eq!(Glyphs::Unicode.text("Größe …"), "Größe …");
    }
}
