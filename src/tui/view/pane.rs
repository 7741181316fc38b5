//! The pane beside the tree: its tabs and the part of its text that is in sight.

use ratatui::layout::Rect;

use crate::base::text::width;
use crate::tui::document::TextLine;
use crate::tui::entry::Tally;
use crate::tui::state::{Focus, State, Tab};
use crate::tui::theme::Label;
use crate::tui::tree::Row;
use crate::tui::view::paint::{Fit, Painter};

/// Draws the tabs; where room is scarce, only the one that is shown has its title.
pub fn tabs(state: &State, area: Rect, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    let findings = findings_here(state).worst();
    let mut used = 0;
    for (tab, text) in titles(state, area.width) {
        let columns = u16::try_from(width(&text)).unwrap_or(area.width);
        let label = match (tab == state.tab, tab, findings) {
            (true, ..) => Label::Heading,
            (_, Tab::Findings, Some((severity, _))) => Label::of(severity),
            _ => Label::Dim,
        };
        painter.cell(area, (used, columns), Fit::Left, (label, &text));
        let columns = columns.min(area.width.saturating_sub(used));
        // The blank before a title parts it from the one before.
        let cell = Rect { x: area.x + used + columns.min(1), width: columns.saturating_sub(1), height: 1, ..area };
        if tab == state.tab && state.focus == Focus::Pane {
            painter.select(cell);
        } else if tab == state.tab {
            painter.underline(cell);
        }
        used += columns;
    }
}

/// The tab at a column of an area that is as wide as this.
pub fn tab_at(state: &State, columns: u16, column: u16) -> Option<Tab> {
    let mut end = 0;
    let at = |(_, text): &(Tab, String)| {
        end += width(text);
        usize::from(column) < end
    };
    titles(state, columns).into_iter().find(at).map(|(tab, _)| tab)
}

/// The tabs with their titles, each with the blanks around it.
fn titles(state: &State, columns: u16) -> Vec<(Tab, String)> {
    let findings = findings_here(state).worst();
    let counted = findings.map(|(severity, number)| format!(" {}{number}", state.glyphs.severity(severity)));
    let long = |tab: Tab, number: usize| match (tab, &counted) {
        (Tab::Findings, Some(counted)) => format!(" {number} {}{counted} ", tab.title()),
        _ => format!(" {number} {} ", tab.title()),
    };
    // Where there is no room for the number of findings, their sign stays: a colour alone would not say it.
    let sign = findings.map(|(severity, _)| state.glyphs.severity(severity)).unwrap_or_default();
    let sign = |tab: Tab| if tab == Tab::Findings { sign } else { "" };
    let or_blank = |sign: &'static str| if sign.is_empty() { " " } else { sign };
    let short = |tab: Tab, number: usize| format!(" {number}{}{}", or_blank(sign(tab)), tab.short_title());
    let number_alone =
        |tab: Tab, number: usize| if tab == state.tab { long(tab, number) } else { format!(" {number}{} ", sign(tab)) };
    let titles = |title: &dyn Fn(Tab, usize) -> String| -> Vec<(Tab, String)> {
        Tab::ALL.iter().enumerate().map(|(index, tab)| (*tab, title(*tab, index + 1))).collect()
    };
    let fits =
        |titles: &Vec<(Tab, String)>| titles.iter().map(|(_, text)| width(text)).sum::<usize>() <= usize::from(columns);
    let shown = Some(titles(&long)).filter(fits).or_else(|| Some(titles(&short)).filter(fits));
    shown.unwrap_or_else(|| titles(&number_alone))
}

/// Draws the text in sight, and how much there is of it.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) {
    draw_text(state.pane.document.lines(), state.pane.scroll, area, painter);
}

/// Draws the lines that are in sight, and how many follow them.
pub fn draw_text(lines: &[TextLine], scroll: usize, area: Rect, painter: &mut Painter<'_>) {
    let shown = lines.iter().skip(scroll).take(usize::from(area.height));
    for (row, line) in shown.enumerate() {
        let Ok(row) = u16::try_from(row) else { return };
        painter.line(Rect { y: area.y + row, height: 1, ..area }, line);
    }
    let below = lines.len().saturating_sub(scroll + usize::from(area.height));
    if below > 0 && area.height > 1 {
        let last_line = lines.get(scroll + usize::from(area.height) - 1);
        let taken: usize = last_line.into_iter().flatten().map(|(_, text)| width(text)).sum();
        let long = format!(" {below} more ↓");
        // The text goes before the number of lines that follow it.
        let text = if taken + width(&long) <= usize::from(area.width) { long } else { "↓".to_owned() };
        let columns = u16::try_from(width(&text)).unwrap_or(area.width).min(area.width);
        let last = Rect { y: area.bottom() - 1, height: 1, ..area };
        let at = area.width - columns;
        painter.clear(Rect { x: last.x + at, width: columns, ..last });
        painter.cell(last, (at, columns), Fit::Right, (Label::Dim, &text));
    }
}

/// The findings about what is selected.
fn findings_here(state: &State) -> Tally {
    match state.cursor {
        Row::Root(root) => state.tree.tally_of_root(root),
        Row::Host(host) => state.tree.read(host).map(|read| read.tally).unwrap_or_default(),
        Row::File { .. } | Row::Certificate { .. } => Tally::of(super::findings::of_selection(state)),
    }
}
