//! The help screen, made from the keymap in force; a search leaves what it finds.

use ratatui::layout::{Position, Rect};

use crate::base::text::width;
use crate::tui::action::Command;
use crate::tui::document::{Document, Piece};
use crate::tui::fuzzy::{Held, Matcher, Pattern};
use crate::tui::keymap::{Binding, Place};
use crate::tui::palette::keys_text;
use crate::tui::state::{Mode, State};
use crate::tui::theme::{Label, Sign};
use crate::tui::view::paint::{Fit, Painter};

/// Columns that the keys take.
const KEY_COLUMNS: usize = 21;
/// The narrowest area with two columns.
const TWO_COLUMNS: u16 = 96;

/// Draws the help screen. Yields where the cursor stands, where something is typed.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) -> Option<Position> {
    let is_searched = state.mode == Mode::HelpSearch || !state.help_filter.text().is_empty();
    if is_searched {
        return search(state, area, painter);
    }
    // The keys of what the help was opened over come first.
    let first: Vec<Place> = of_mode(state.beneath).into_iter().collect();
    let and = |places: &[Place]| -> Vec<Place> {
        let others = places.iter().copied().filter(|place| !first.contains(place));
        first.iter().copied().chain(others).collect()
    };
    let columns = if area.width >= TWO_COLUMNS {
        let half = area.width / 2;
        let left = and(&[
            Place::Tree,
            Place::Pane,
            Place::Found,
            Place::Filter,
            Place::Ask,
            Place::Rename,
            Place::Form,
            Place::Choice,
        ]);
        let mut left = lines(state, &left, half);
        left.push(Vec::new());
        left.extend(signs(state, half));
        let right = lines(
            state,
            &[Place::Everywhere, Place::Survey, Place::Timeline, Place::Answer, Place::Mend, Place::History],
            half,
        );
        vec![left, right]
    } else {
        let places = [
            Place::Tree,
            Place::Pane,
            Place::Everywhere,
            Place::Survey,
            Place::Timeline,
            Place::Found,
            Place::Filter,
            Place::Ask,
            Place::Answer,
            Place::Mend,
            Place::History,
            Place::Rename,
            Place::Form,
            Place::Choice,
        ];
        let mut all = lines(state, &and(&places), area.width);
        all.extend(lines(state, &[Place::Help], area.width));
        all.push(Vec::new());
        all.extend(signs(state, area.width));
        vec![all]
    };
    let longest = columns.iter().map(Vec::len).max().unwrap_or_default();
    let scroll = state.help_scroll.min(longest.saturating_sub(usize::from(area.height)));
    let width = if columns.len() > 1 { area.width / 2 } else { area.width };
    for (column, x) in columns.iter().zip([area.x, area.x + width]) {
        for (row, line) in column.iter().skip(scroll).take(usize::from(area.height)).enumerate() {
            let Ok(row) = u16::try_from(row) else { return None };
            painter.line(Rect { x, y: area.y + row, width, height: 1 }, line);
        }
    }
    None
}

/// The place of what covers the tree and the pane, where something does.
fn of_mode(mode: Mode) -> Option<Place> {
    match mode {
        Mode::Compare => Some(Place::Compare),
        Mode::Survey => Some(Place::Survey),
        Mode::Timeline => Some(Place::Timeline),
        _ => None,
    }
}

/// Draws the line of the search, and below it the keys that it finds, each with its place.
fn search(state: &State, area: Rect, painter: &mut Painter<'_>) -> Option<Position> {
    let mut pattern = Pattern::new(&state.help_filter.text());
    let mut matcher = Matcher::default();
    let told = state.keymap.bindings().iter().filter(|binding| is_told(binding));
    let mut found: Vec<(&Binding, Held)> =
        told.map(|binding| (binding, pattern.held_by(&haystack(binding), "", &mut matcher))).collect();
    pattern.settle(found.iter().map(|(_, held)| *held));
    found.retain(|(_, held)| pattern.found(*held) == pattern.all());
    let count = match found.len() {
        0 => "  no key does that".to_owned(),
        count => format!("  {count}"),
    };
    let line = Rect { height: 1, ..area };
    let pieces = [(Label::Key, "/".to_owned()), (Label::Plain, state.help_filter.text()), (Label::Dim, count)];
    painter.line(line, &pieces);
    let rows = usize::from(area.height.saturating_sub(2));
    let scroll = state.help_scroll.min(found.len().saturating_sub(rows));
    let keys = u16::try_from(KEY_COLUMNS).unwrap_or_default().min(area.width / 3);
    let room = area.width.saturating_sub(keys + 1);
    for (row, (binding, _)) in found.iter().skip(scroll).take(rows).enumerate() {
        let Ok(row) = u16::try_from(row) else { break };
        let at = Rect { y: area.y + 2 + row, height: 1, ..area };
        let place = binding.place.title();
        let texts = [
            (0, keys, Label::Key, keys_text(binding)),
            (keys + 1, room, Label::Plain, binding.help.to_owned()),
            (place_at(keys, binding, room), room, Label::Dim, place.to_owned()),
        ];
        for (start, columns, label, text) in texts {
            painter.cell(at, (start, columns), Fit::Left, (label, &text));
            painter.mark(at, (start, columns), (Fit::Left, &text), &pattern.hits(&text, &mut matcher));
        }
    }
    let x = line.x + 1 + u16::try_from(state.help_filter.cursor_column()).unwrap_or(u16::MAX);
    let cursor = Position::new(x.min(line.right().saturating_sub(1)), line.y);
    (state.mode == Mode::HelpSearch).then_some(cursor)
}

/// What a search looks at: what is shown, and what the bottom line and a configuration file call it.
fn haystack(binding: &Binding) -> String {
    let Binding { place, command, help, hint, .. } = binding;
    let hint = hint.unwrap_or_default();
    format!("{}  {help}  {}  {hint}  {}", keys_text(binding), place.title(), command.name()).to_lowercase()
}

/// Where the place of a binding is told: behind what it does.
fn place_at(keys: u16, binding: &Binding, room: u16) -> u16 {
    let help = u16::try_from(width(binding.help)).unwrap_or(room).min(room);
    keys + 1 + help + 2
}

fn lines(state: &State, places: &[Place], width: u16) -> Vec<Vec<Piece>> {
    let mut document = Document::new(usize::from(width));
    for place in places {
        document.heading(place.title());
        for binding in state.keymap.bindings().iter().filter(|binding| binding.place == *place && is_told(binding)) {
            let keys = keys_text(binding);
            let padding = " ".repeat(KEY_COLUMNS.saturating_sub(keys.len()).max(1));
            document.hanging(&[(Label::Key, &format!("{keys}{padding}"))], &[(Label::Plain, binding.help)]);
        }
    }
    document.lines().to_vec()
}

/// Leaves out what has no key, and what the keys of other places say already.
fn is_told(binding: &Binding) -> bool {
    let is_new = match binding.place {
        Place::Filter
        | Place::Ask
        | Place::Palette
        | Place::Mend
        | Place::Plan
        | Place::History
        | Place::Survey
        | Place::Compare
        | Place::Timeline
        | Place::Rename
        | Place::Type => binding.hint.is_some(),
        Place::Answer => matches!(binding.command, Command::Follow | Command::Why),
        Place::Help | Place::HelpSearch => binding.command == Command::SearchHelp,
        _ => true,
    };
    is_new && !binding.keys.is_empty()
}

fn signs(state: &State, width: u16) -> Vec<Vec<Piece>> {
    let mut document = Document::new(usize::from(width));
    document.heading("Signs");
    let signs = [
        (Label::Error, Sign::Error, "an engine refuses it, or what was meant does not happen"),
        (Label::Warning, Sign::Warning, "something will fail, or a secret lies open"),
        (Label::Info, Sign::Info, "worth knowing"),
        (Label::Good, Sign::Good, "nothing to complain about"),
        (Label::Strong, Sign::Marked, "marked, for F"),
        (Label::Error, Sign::Differs, "named as one thing, holds another"),
    ];
    for (label, sign, text) in signs {
        document.hanging(&[(label, &format!("{:<4}", state.glyphs.sign(sign)))], &[(Label::Plain, text)]);
    }
    document.lines().to_vec()
}
