//! The tree: one line a row, in columns. Only the rows in sight are looked at.

use ratatui::layout::Rect;

use crate::base::clock::Timestamp;
use crate::base::text::{display_name, width};
use crate::config::Column;
use crate::model::{File, FileKind, HostState, Role};
use crate::pki::Certificate;
use crate::tui::entry::{ReadHost, Sort, certificates_of};
use crate::tui::state::{Focus, State};
use crate::tui::theme::{Label, Sign};
use crate::tui::tree::Row;
use crate::tui::view::hits::{self, Hits};
use crate::tui::view::paint::{Fit, Painter};
use crate::tui::view::state_cell::{StateCell, tally_state, verdict};
use crate::tui::view::title::count;

/// Where the columns of the tree begin and how wide they are.
#[derive(Clone, Copy, Debug)]
struct Columns {
    name: (u16, u16),
    role: (u16, u16),
    differs: (u16, u16),
    content: (u16, u16),
    state: (u16, u16),
    days: (u16, u16),
}

impl Columns {
    /// The columns for a tree of so many columns: what is not wanted, and then what is least needed, goes first.
    fn new(width: u16, wanted: &[Column]) -> Self {
        let if_wanted = |column: Column, columns: u16| if wanted.contains(&column) { columns } else { 0 };
        let (role, content) = match width {
            80.. => (6, 16),
            60.. => (6, 11),
            50.. => (6, 9),
            _ => (0, 0),
        };
        let (role, content) = (if_wanted(Column::Named, role), if_wanted(Column::Is, content));
        let state = match width {
            80.. => 22,
            60.. => 15,
            44.. => 11,
            26.. => 9,
            _ => 1,
        };
        let state = if_wanted(Column::State, state);
        let days = if_wanted(Column::Left, if width >= 32 { 6 } else { 0 });
        let gap = |columns: u16| if columns > 0 { columns + 1 } else { 0 };
        // Between role and content stands a sign with a blank on each side; without them, the sign alone.
        let signed = |columns: u16| match (columns, width) {
            (1.., _) => columns + 3,
            (0, 30..) => 2,
            (0, _) => 0,
        };
        // A column at the right edge stays empty.
        let right = signed(role) + gap(content) + gap(state) + gap(days);
        let name = width.saturating_sub(right + 1);
        let at_role = name + 1;
        let at_content = at_role + signed(role);
        let at_state = at_content + gap(content);
        let at_days = at_state + gap(state);
        Self {
            name: (0, name),
            role: (at_role, role),
            differs: (at_content.saturating_sub(2), u16::from(signed(role) > 0)),
            content: (at_content, content),
            state: (at_state, state),
            days: (at_days, days),
        }
    }
}

/// What a row says.
struct Cells {
    indent: u16,
    sign: Sign,
    name: (Label, String),
    role: &'static str,
    differs: bool,
    content: String,
    state: StateCell,
    days: Option<(Label, i64)>,
}

/// Draws the names of the columns.
pub fn headings(state: &State, area: Rect, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    let columns = Columns::new(area.width, &state.columns);
    let name = match (hits::active(state), state.tree.order()) {
        (Some(what), _) => format!(" {what}: {}", state.tree.filtered().count()),
        (None, Sort::Name) => " Name".to_owned(),
        (None, order) => format!(" Name, by {}", order.word()),
    };
    painter.cell(area, columns.name, Fit::Left, (Label::Field, &name));
    painter.cell(area, columns.role, Fit::Left, (Label::Field, "Named"));
    painter.cell(area, columns.content, Fit::Left, (Label::Field, "Is"));
    painter.cell(area, columns.state, Fit::Left, (Label::Field, if columns.state.1 > 4 { "State" } else { "" }));
    painter.cell(area, columns.days, Fit::Right, (Label::Field, "Left"));
}

/// The order that the heading at a column stands for, in a tree of so many columns.
pub fn sort_at(state: &State, width: u16, column: u16) -> Option<Sort> {
    let columns = Columns::new(width, &state.columns);
    let holds = |(start, room): (u16, u16)| room > 0 && (start..start + room).contains(&column);
    match column {
        _ if holds(columns.name) => Some(Sort::Name),
        _ if holds(columns.state) => Some(Sort::Severity),
        _ if holds(columns.days) => Some(Sort::Expiry),
        _ => None,
    }
}

/// Draws the rows in sight.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    if state.tree.is_empty() {
        let text = if state.progress.finished { " Nothing to show." } else { " Reading …" };
        painter.line(area, &[(Label::Dim, text.to_owned())]);
        return;
    }
    let columns = Columns::new(area.width, &state.columns);
    let mut hits = Hits::new(state);
    let rows = state.tree.rows_from(state.scroll).take(usize::from(area.height));
    for (line, row) in rows.enumerate() {
        let Ok(line) = u16::try_from(line) else { return };
        let at = Rect { y: area.y + line, height: 1, ..area };
        let mut cells = cells(state, row);
        if let Some(rename) = state.mending.rename.as_ref().filter(|_| row == state.cursor) {
            cells.name.1 = rename.line.text();
        }
        draw_row(&cells, at, &columns, painter);
        if is_marked(state, row) {
            painter.cell(at, (0, 1), Fit::Left, (Label::Strong, state.glyphs.sign(Sign::Marked)));
        } else if is_changed(state, row) {
            painter.cell(at, (0, 1), Fit::Left, (Label::Info, state.glyphs.sign(Sign::Changed)));
        }
        if row == state.cursor && state.focus == Focus::Tree {
            painter.select(at);
        } else if row == state.cursor {
            painter.cell(at, (0, 1), Fit::Left, (Label::Key, state.glyphs.sign(Sign::Marker)));
        }
        if let Some(hits) = &mut hits {
            mark(&cells, row, at, &columns, (&mut *hits, &mut *painter));
        }
    }
}

fn is_marked(state: &State, row: Row) -> bool {
    !state.mending.marks.is_empty()
        && !matches!(row, Row::Certificate { .. })
        && state.tree.identity(row).is_some_and(|identity| state.mending.marks.contains(&identity))
}

/// Tells whether somebody else changed what a row shows, a moment ago.
fn is_changed(state: &State, row: Row) -> bool {
    !state.changed.is_empty() && state.tree.identity(row).is_some_and(|identity| state.changed.contains(&identity))
}

/// Marks what a search found in a row. Where that is in nothing which the row shows, says what it is in, behind the name
/// and over what the row is by name and by content.
fn mark(cells: &Cells, row: Row, area: Rect, columns: &Columns, (hits, painter): (&mut Hits<'_>, &mut Painter<'_>)) {
    let (start, room) = name_room(cells, columns);
    let (name, word) = (&cells.name.1, cells.state.word(columns.state.1));
    painter.mark(area, (start, room), (Fit::Middle, name), &hits.find(name));
    let state_at = (columns.state.0 + 2, columns.state.1.saturating_sub(2));
    painter.mark(area, state_at, (Fit::Left, word), &hits.find(word));
    let used = start + u16::try_from(width(name)).unwrap_or(room).min(room) + 2;
    let rest = Rect { x: area.x + used, width: columns.state.0.saturating_sub(used + 1), ..area };
    hits.tell(row, &[name, cells.state.code], rest, painter);
}

fn draw_row(cells: &Cells, area: Rect, columns: &Columns, painter: &mut Painter<'_>) {
    let glyphs = painter.glyphs;
    let sign_at = columns.name.0 + 1 + cells.indent;
    painter.cell(area, (sign_at, 1), Fit::Left, (Label::Dim, glyphs.sign(cells.sign)));
    painter.cell(area, name_room(cells, columns), Fit::Middle, (cells.name.0, &cells.name.1));
    let (role, content) = if cells.differs { (Label::Warning, Label::Error) } else { (Label::Dim, Label::Plain) };
    painter.cell(area, columns.role, Fit::Left, (role, cells.role));
    if cells.differs {
        painter.cell(area, columns.differs, Fit::Left, (Label::Error, glyphs.sign(Sign::Differs)));
    }
    painter.cell(area, columns.content, Fit::Left, (content, &cells.content));
    let StateCell { label, sign, .. } = cells.state;
    let word = cells.state.word(columns.state.1);
    painter.cell(area, columns.state, Fit::Left, (label, format!("{} {word}", glyphs.sign(sign)).trim_end()));
    if let Some((label, days)) = cells.days {
        painter.cell(area, columns.days, Fit::Right, (label, &days_text(days)));
    }
}

/// Where the name begins, and its room: columns that say nothing in this row are the name's.
fn name_room(cells: &Cells, columns: &Columns) -> (u16, u16) {
    let (start, width) = columns.name;
    let name_at = start + cells.indent + 3;
    let end = match (cells.differs, cells.role.is_empty(), columns.content.1) {
        (false, _, 0) => columns.state.0.saturating_sub(1),
        (false, true, _) => columns.content.0.saturating_sub(1),
        _ => start + width,
    };
    (name_at, end.saturating_sub(name_at))
}

/// Days in at most six columns.
pub fn days_text(days: i64) -> String {
    match days {
        -9_999..=99_999 => format!("{days}d"),
        _ => format!("{}y", days / 365),
    }
}

fn cells(state: &State, row: Row) -> Cells {
    match row {
        Row::Root(root) => root_cells(state, root),
        Row::Host(host) => host_cells(state, host),
        Row::File { host, file } => {
            match state.tree.read(host).and_then(|read| Some((read, read.host.files.get(file)?))) {
                Some((read, content)) => file_cells(state, row, read, content),
                None => pending(1, String::new()),
            }
        }
        Row::Certificate { host, file, certificate } => {
            let read = state.tree.read(host);
            let content = read.and_then(|read| read.host.files.get(file));
            let found = content.and_then(|content| certificates_of(content).nth(certificate));
            match (read, content, found) {
                (Some(read), Some(content), Some(found)) => {
                    certificate_cells(state, read, content, (certificate, found))
                }
                _ => pending(3, String::new()),
            }
        }
    }
}

fn root_cells(state: &State, root: usize) -> Cells {
    let Some(entry) = state.tree.root(root) else { return pending(0, String::new()) };
    let name = if entry.root.path.as_os_str().is_empty() { ".".to_owned() } else { display_name(&entry.root.path) };
    let state_cell = match entry.root.error {
        Some(error) => StateCell::new(Label::Error, Sign::Error, error.errno.to_string()),
        None => tally_state(state.tree.tally_of_root(root), state.progress.finished),
    };
    Cells {
        indent: 0,
        sign: if entry.open { Sign::Open } else { Sign::Closed },
        name: (Label::Strong, name),
        role: "",
        differs: false,
        content: count(entry.hosts.len(), "host"),
        state: state_cell,
        days: None,
    }
}

fn host_cells(state: &State, host: usize) -> Cells {
    let Some(entry) = state.tree.host(host) else { return pending(1, String::new()) };
    let name = entry.path.file_name().map_or_else(|| display_name(&entry.path), display_name);
    let Some(read) = &entry.read else { return pending(1, name) };
    let sign = match state.tree.is_open(Row::Host(host)) {
        Some(true) => Sign::Open,
        Some(false) => Sign::Closed,
        None => Sign::Nothing,
    };
    let content = match read.host.state {
        HostState::Listed => count(read.host.files.len(), "file"),
        HostState::Missing => "missing".to_owned(),
        HostState::NotDirectory(kind) => kind.word().to_owned(),
        HostState::Unreadable(error) => error.errno.to_string(),
    };
    let days = read.first_expiry.map(|expiry| days_left(state, expiry));
    Cells {
        indent: 1,
        sign,
        name: (Label::Directory, name),
        role: "",
        differs: false,
        content,
        state: tally_state(read.tally, true),
        days,
    }
}

fn file_cells(state: &State, row: Row, read: &ReadHost, file: &File) -> Cells {
    let certificates = || certificates_of(file);
    let first = certificates().min_by_key(|certificate| certificate.not_after());
    let worst = read.findings_of(file, None).max_by_key(|finding| finding.severity);
    let sign = match state.tree.is_open(row) {
        Some(true) => Sign::Open,
        Some(false) => Sign::Closed,
        None => Sign::Agrees,
    };
    let name = display_name(&file.name);
    let name = match &file.link {
        Some(link) => format!("{name} {} {}", state.glyphs.sign(Sign::Arrow), display_name(&link.target)),
        None => name,
    };
    Cells {
        indent: 3,
        sign,
        name: (Label::Plain, name),
        role: role_word(file),
        differs: !file.is_as_named(),
        content: file.content_word(),
        state: verdict(state, worst, first.map(|first| &**first), file),
        days: first.map(|first| days_left(state, first.not_after())),
    }
}

fn role_word(file: &File) -> &'static str {
    match file.role() {
        Role::Unused if file.kind == FileKind::Directory => "",
        // The name itself says as much.
        Role::HostsToml => "hosts",
        role => role.word(),
    }
}

fn certificate_cells(
    state: &State,
    read: &ReadHost,
    file: &File,
    (number, certificate): (usize, &Certificate),
) -> Cells {
    let own = read.findings_of(file, Some(number)).filter(|finding| finding.place.certificate.is_some());
    Cells {
        indent: 5,
        sign: Sign::Agrees,
        name: (Label::Plain, certificate.display_name()),
        role: "",
        differs: false,
        content: certificate.purpose().word().to_owned(),
        state: verdict(state, own.max_by_key(|finding| finding.severity), Some(certificate), file),
        days: Some(days_left(state, certificate.not_after())),
    }
}

fn pending(indent: u16, name: String) -> Cells {
    Cells {
        indent,
        sign: Sign::Nothing,
        name: (Label::Dim, name),
        role: "",
        differs: false,
        content: String::new(),
        state: StateCell::new(Label::Dim, Sign::Pending, "reading"),
        days: None,
    }
}

fn days_left(state: &State, expiry: Timestamp) -> (Label, i64) {
    let days = state.settings.now.days_until(expiry);
    let label = match days {
        ..0 => Label::Late,
        days if days < state.settings.expires_within => Label::Warning,
        _ => Label::Dim,
    };
    (label, days)
}
