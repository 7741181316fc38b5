//! One file for each view: what it shows at three sizes, in ASCII, and how it looks in colour and without.

use certwright::tui::theme::Label;
use ratatui::buffer::Cell;
use ratatui::style::Style;

use super::*;

/// All themes that have colours of their own.
const COLOURED: [ThemeChoice; 3] = [ThemeChoice::Dark, ThemeChoice::Light, ThemeChoice::HighContrast];

/// Compares what a driver shows with `snapshots/tui__looks__NAME.snap`: at each size, the same in every theme; at the usual
/// size in ASCII, and below that a letter for each cell that is not plain, first in colours (by what it means, as the
/// theme has it), then without (by how it is set off).
pub(crate) fn in_each_look(name: &str, driver: &mut Driver) {
    let (size, glyphs, theme) = (driver.state.size, driver.state.glyphs, driver.theme);
    let mut sheet = String::new();
    for (columns, rows) in [WIDE, USUAL, SMALL] {
        driver.resize(columns, rows);
        let shown = look(driver, ThemeChoice::Mono, Glyphs::Unicode);
        for theme in COLOURED {
            assert_eq!(shown, look(driver, theme, Glyphs::Unicode), "{theme:?} says something else");
        }
        let ascii = look(driver, ThemeChoice::Mono, Glyphs::Ascii);
        assert!(ascii.is_ascii(), "{ascii}");
        section(&mut sheet, &format!("{columns}x{rows}"), &shown);
        if (columns, rows) == USUAL {
            section(&mut sheet, "the same in ASCII", &ascii);
            look(driver, ThemeChoice::Dark, Glyphs::Unicode);
            section(&mut sheet, "its labels in colour", &letters(driver, &|cell| label(cell, &driver.theme)));
            look(driver, ThemeChoice::Mono, Glyphs::Unicode);
            section(&mut sheet, "its marks without colour", &letters(driver, &attribute));
        }
    }
    insta::assert_snapshot!(name, sheet);
    driver.state.glyphs = glyphs;
    driver.theme = theme;
    again(driver);
    driver.resize(size.0, size.1);
}

fn section(sheet: &mut String, title: &str, text: &str) {
    sheet.push_str(&format!("──── {title}\n{}", folded(text)));
}

/// A picture in short: of several lines that are the same the first stands for all.
pub(crate) fn folded(text: &str) -> String {
    let mut sheet = String::new();
    let lines: Vec<&str> = text.lines().collect();
    for same in lines.chunk_by(|one, other| one == other) {
        match same {
            [first, _, _, ..] => sheet.push_str(&format!("{first}\n⋮ {} more\n", same.len() - 1)),
            _ => same.iter().for_each(|line| sheet.push_str(&format!("{line}\n"))),
        }
    }
    sheet
}

/// Draws a driver anew in a theme and with signs.
fn look(driver: &mut Driver, theme: ThemeChoice, glyphs: Glyphs) -> String {
    driver.theme = Theme::new(theme, None);
    driver.state.glyphs = glyphs;
    again(driver);
    without_base64(&driver.screen())
}

/// Has all texts made anew.
fn again(driver: &mut Driver) {
    driver.state.generation += 1;
    driver.state.mending.changed();
    driver.state.look();
}

/// What stands between the lines of a PEM block differs from run to run.
fn without_base64(screen: &str) -> String {
    let last = screen.lines().count().saturating_sub(1);
    let mut is_inside = false;
    let line = |(number, line): (usize, &str)| {
        let is_edge = line.contains("-----");
        if is_edge {
            is_inside = line.contains("-----BEGIN");
        }
        if is_inside && !is_edge && number < last {
            let tree = line.rfind(['│', '|']).and_then(|rule| line.get(..rule)).unwrap_or_default();
            format!("{tree} (base64)\n")
        } else {
            format!("{line}\n")
        }
    };
    screen.lines().enumerate().map(line).collect()
}

/// A letter for each cell, those without one at the end of a line left out.
fn letters(driver: &Driver, letter: &dyn Fn(&Cell) -> char) -> String {
    let terminal = driver.terminal();
    let buffer = terminal.backend().buffer();
    let row = |y: u16| (0..buffer.area.width).map(|x| letter(&buffer[(x, y)])).collect::<String>();
    (0..buffer.area.height).map(|y| row(y).trim_end().to_owned() + "\n").collect()
}

/// What a cell is, by its style: a small letter for a label, `R` for what is selected, `U` for what is underlined.
fn label(cell: &Cell, theme: &Theme) -> char {
    let style = Style::new().fg(cell.fg).add_modifier(cell.modifier);
    if cell.modifier.contains(Modifier::REVERSED) {
        return 'R';
    }
    if cell.modifier.contains(Modifier::UNDERLINED) {
        return 'U';
    }
    let is_label = |label: &Label| {
        let own = theme.style(*label);
        own.fg.unwrap_or_default() == cell.fg && own.add_modifier == style.add_modifier
    };
    let letter = |label: Label| match label {
        Label::Plain => ' ',
        Label::Dim | Label::Field => '.',
        Label::Strong => 's',
        Label::Heading | Label::Key => 'h',
        Label::Directory | Label::Info => 'i',
        Label::Good => 'g',
        Label::Warning => 'w',
        Label::Error => 'e',
        Label::Verbatim | Label::Late => 'l',
    };
    Label::ALL.into_iter().find(is_label).map_or('?', letter)
}

/// How a cell is set off without colour.
fn attribute(cell: &Cell) -> char {
    match cell.modifier {
        Modifier::REVERSED => 'R',
        modifier if modifier.contains(Modifier::UNDERLINED) => 'U',
        Modifier::BOLD => 'b',
        Modifier::DIM => '.',
        modifier if modifier.is_empty() => ' ',
        _ => '?',
    }
}
