//! The dialogs in which something is mended, as text: what can be done, what it comes to, what was done.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::Path;

use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr as _;

use crate::base::text::display_name;
use crate::engine::{Engine, Load};
use crate::finding::{Applicability, Change};
use crate::fix::outlook::{Difference, HostOutlook, Verdict, form, summary};
use crate::fix::{HeldBack, Obstacle, Planned, PlannedFix, Reason};
use crate::model::{File, Inventory};
use crate::pki::RewriteError;
use crate::session::mending::Offer;
use crate::tui::document::Document;
use crate::tui::mending::{All, Dialog, Offers, Typed};
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::view::paint::Painter;
use crate::tui::view::{history, pane, rename, setting_up};

/// So many host directories of a plan are told one by one; a person looks through no more.
const SHOWN_HOSTS: usize = 200;

/// Draws the dialog.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let sheet = &state.mending.sheet;
    pane::draw_text(sheet.document.lines(), sheet.scroll, area, painter);
}

/// Draws the line in which something is typed. Yields where the cursor stands, and how many columns are used.
pub fn draw_line(state: &State, area: Rect, painter: &mut Painter<'_>) -> Option<(Position, u16)> {
    let (question, text, column) = match (&state.mending.typed, &state.mending.rename) {
        (Typed::Passphrase(secret, _), _) => {
            let dots = state.glyphs.sign(Sign::Info).repeat(secret.length().min(40));
            (" passphrase: ".to_owned(), dots, secret.length().min(40))
        }
        (Typed::Path(line, _), _) => (" keep the plan in: ".to_owned(), line.text(), line.cursor_column()),
        (Typed::Nothing, Some(rename)) => (" name: ".to_owned(), rename.line.text(), rename.line.cursor_column()),
        (Typed::Nothing, None) => return None,
    };
    let start = question.chars().count();
    let room = usize::from(area.width).saturating_sub(start + 1).max(1);
    let hidden = column.saturating_sub(room);
    let shown: String = text.chars().skip(hidden).take(room).collect();
    let mut used = painter.line(area, &[(Label::Key, question), (Label::Plain, shown)]);
    let problem = state.mending.rename.as_ref().and_then(|rename| rename.problem.clone());
    if let Some(problem) = problem.filter(|_| matches!(state.mending.typed, Typed::Nothing)) {
        let rest = Rect { x: area.x + used, width: area.width.saturating_sub(used), ..area };
        used += painter.line(rest, &[(Label::Error, format!("   {problem}"))]);
    }
    let x = area.x + u16::try_from(start + column - hidden).unwrap_or(area.width);
    Some((Position::new(x.min(area.right().saturating_sub(1)), area.y), used))
}

/// The text of the dialog, and the lines of it that are to be seen.
pub fn document(state: &State, columns: usize) -> (Document, Range<usize>) {
    let mut document = Document::new(columns);
    let mut seen = 0..0;
    if let Some(rename) = &state.mending.rename {
        rename::write(state, rename, &mut document);
        return (document, seen);
    }
    match &state.mending.dialog {
        Dialog::Closed => {}
        Dialog::Reading => drop(document.text(Label::Dim, "Reading everything first …")),
        Dialog::Waiting => drop(document.text(Label::Dim, "Working it out …")),
        Dialog::Offers(offers) => write_offers(state, offers, &mut document),
        Dialog::Proposing => drop(document.text(Label::Dim, "Working it out …")),
        Dialog::Proposal(proposed) => setting_up::write_proposal(state, proposed, &mut document),
        Dialog::All(all) => write_all(state, all, &mut document),
        Dialog::History(history) => seen = history::write(state, history, &mut document),
        Dialog::Denied(denied) => {
            document.text(Label::Heading, "Nothing was changed").text(Label::Error, &denied.text);
            write_denied(true, &mut document);
        }
    }
    (document, seen)
}

fn write_offers(state: &State, offers: &Offers, document: &mut Document) {
    let staged = match offers.staged.len() {
        0 => String::new(),
        count => format!("   {count} staged"),
    };
    document.pieces(0, &[(Label::Heading, "What can be done"), (Label::Info, &staged)]);
    write_denied(offers.denied, document);
    // Of many, those around the chosen one, so that what that comes to is seen as well.
    let count = offers.offers.len();
    let shown = (state.body().1 / 4).max(2).min(count);
    let first = offers.chosen.saturating_sub(shown / 2).min(count - shown);
    let more = |count: usize, sign: Sign, document: &mut Document| {
        if count > 0 {
            document.text(Label::Dim, &format!("  {} {count} more", state.glyphs.sign(sign)));
        }
    };
    more(first, Sign::Up, document);
    for (index, offer) in offers.offers.iter().enumerate().skip(first).take(shown) {
        write_choice(state, offers, (index, offer), document);
    }
    more(count - shown - first, Sign::Down, document);
    if let Some(offer) = offers.offers.get(offers.chosen) {
        document.gap();
        write_offer(state, offer, &offers.inventory, document);
    }
}

fn write_choice(state: &State, offers: &Offers, (index, offer): (usize, &Offer), document: &mut Document) {
    let is_chosen = index == offers.chosen;
    let marker = if is_chosen { state.glyphs.sign(Sign::Closed) } else { " " };
    let tick = if offers.staged.contains(&index) { "[x]" } else { "[ ]" };
    let (label, word) = promise(offer);
    let title = if is_chosen { Label::Strong } else { Label::Plain };
    let first = format!("{marker} {tick} ");
    let code = format!("  {}", offer.finding.code.number);
    let rest = [(title, offer.fix.title.as_str()), (Label::Dim, &code), (Label::Plain, "  "), (label, word)];
    document.hanging(&[(Label::Key, &first)], &rest);
}

fn write_offer(state: &State, offer: &Offer, inventory: &Inventory, document: &mut Document) {
    document.field("Finding", &offer.finding.message);
    if let Some(command) = &offer.fix.by_hand {
        document.field("By hand", command);
        return;
    }
    match &offer.planned {
        Ok(planned) => planned.outlook(inventory).iter().for_each(|host| {
            document.heading(&display_name(&host.place().name));
            write_host(state, host, document);
        }),
        Err(Obstacle::Rewrite(_, RewriteError::NoPassphrase)) => {
            document.text(Label::Plain, "The passphrase is asked for, and what engines say then is seen then.");
        }
        Err(obstacle) => drop(document.field_of("In the way", &[(Label::Error, &obstacle.to_string())])),
    }
}

fn promise(offer: &Offer) -> (Label, &'static str) {
    let of_plan = offer.planned.as_ref().ok().and_then(|planned| planned.plan.fixes.first());
    match of_plan.map_or(offer.fix.promise, |fix| fix.promise) {
        Applicability::Safe => (Label::Good, "safe"),
        Applicability::Unsafe => (Label::Warning, "unsafe: may change trust or access"),
        Applicability::DisplayOnly => (Label::Dim, "by hand"),
    }
}

/// One host directory: what differs in it, and what engines say.
pub fn write_host(state: &State, host: &HostOutlook<'_>, document: &mut Document) {
    if host.is_renamed() {
        document.pieces(2, &[(Label::Good, "  + "), (Label::Directory, &display_name(&host.after.name))]);
    }
    let mut entries: Vec<(Label, &File, &str)> = Vec::new();
    for difference in host.differences() {
        match difference {
            Difference::Same(_) => {}
            Difference::Gone(file) => entries.push((Label::Error, file, "")),
            Difference::New(file) => entries.push((Label::Good, file, "")),
            // Of what stays under its name the form tells the difference.
            Difference::Changed(before, after) => {
                entries.extend([(Label::Error, before, form(before)), (Label::Good, after, form(after))]);
            }
        }
    }
    write_entries(&entries, document);
    write_verdicts(state, &host.verdicts(&Verdict::judges()), document);
}

/// What goes and what comes, in columns.
fn write_entries(entries: &[(Label, &File, &str)], document: &mut Document) {
    let longest = |of: &dyn Fn(&File) -> usize| entries.iter().map(|(_, file, _)| of(file)).max().unwrap_or_default();
    let names = longest(&|file| display_name(&file.name).width()).min(document.width() / 3);
    let contents = longest(&|file| file.content_word().width());
    for (label, file, form) in entries {
        let (sign, name) = (if *label == Label::Good { "  + " } else { "  - " }, display_name(&file.name));
        let blank = " ".repeat(names.saturating_sub(name.width()));
        let permissions = file.stamp.map(|stamp| stamp.permissions()).unwrap_or_default();
        let rest = format!("{blank}  {:contents$}  {permissions}  {form}", file.content_word());
        document.hanging(&[(*label, sign)], &[(*label, &name), (Label::Dim, rest.trim_end())]);
    }
}

/// What each engine says, and behind an arrow what it will say: on a line of its own where both do not fit on one.
fn write_verdicts(state: &State, verdicts: &[Verdict], document: &mut Document) {
    for verdict in verdicts {
        let name = format!("  {:<13} ", engine_name(verdict.judge.engine));
        let after = (outcome(&verdict.after), summary(&verdict.after));
        let Some(before) = verdict.before.as_ref().filter(|_| verdict.differs()) else {
            document.hanging(&[(Label::Field, &name)], &[(after.0, &after.1)]);
            continue;
        };
        let before = (outcome(before), summary(before));
        let arrow = format!("{} ", state.glyphs.sign(Sign::Arrow));
        let width = name.width() + before.1.width() + 1 + arrow.width() + after.1.width();
        if width <= document.width() {
            let arrow = format!(" {arrow}");
            document
                .hanging(&[(Label::Field, &name)], &[(before.0, &before.1), (Label::Dim, &arrow), (after.0, &after.1)]);
        } else {
            let blank = " ".repeat(name.width());
            document.hanging(&[(Label::Field, &name)], &[(before.0, &before.1)]);
            document.hanging(&[(Label::Field, &blank), (Label::Dim, &arrow)], &[(after.0, &after.1)]);
        }
    }
}

/// The label of what an engine says.
pub fn outcome(load: &Load) -> Label {
    if load.error().is_some() { Label::Error } else { Label::Good }
}

/// The engine as people know it.
pub fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::DockerClassic => "Docker login",
        Engine::DockerC8d => "Docker pull",
        Engine::Containerd => "containerd",
        Engine::Buildkit => "BuildKit",
        Engine::ContainersImage => "Podman",
    }
}

fn write_all(state: &State, all: &All, document: &mut Document) {
    let count = all.planned.plan.fixes.len();
    let fixes = match count {
        0 => "Nothing that is safe to mend in ".to_owned(),
        1 => "1 safe fix for ".to_owned(),
        many => format!("{many} safe fixes for "),
    };
    document.pieces(0, &[(Label::Heading, &fixes), (Label::Heading, &all.about)]);
    write_denied(all.denied, document);
    write_held_back(all.planned.held_back, document);
    let outlook = all.planned.outlook(&all.inventory);
    let fixes = by_directory(&all.planned);
    for host in outlook.iter().take(SHOWN_HOSTS) {
        document.heading(&display_name(&host.place().name));
        let mut told: Vec<&PlannedFix> = Vec::new();
        for path in [&host.place().path, &host.after.path] {
            for fix in fixes.get(path.as_path()).into_iter().flatten() {
                if !told.iter().any(|other| std::ptr::eq(*other, *fix)) {
                    told.push(fix);
                }
            }
        }
        told.iter().for_each(|fix| write_fix(state, fix, document));
        write_host(state, host, document);
    }
    if outlook.len() > SHOWN_HOSTS {
        document.gap().text(Label::Dim, &format!("and {} more host directories", outlook.len() - SHOWN_HOSTS));
    }
}

/// One fix, and why.
pub fn write_fix(state: &State, fix: &PlannedFix, document: &mut Document) {
    let code = match &fix.reason {
        Reason::Rule(code) => format!("  {code}"),
        Reason::Manual => String::new(),
    };
    let first = format!("  {} ", state.glyphs.sign(Sign::Good));
    document.hanging(&[(Label::Good, &first)], &[(Label::Plain, &fix.title), (Label::Dim, &code)]);
}

/// The fixes by the directories that they do something in or to.
fn by_directory(planned: &Planned) -> HashMap<&Path, Vec<&PlannedFix>> {
    let mut fixes: HashMap<&Path, Vec<&PlannedFix>> = HashMap::new();
    for fix in &planned.plan.fixes {
        let ends = fix.changes.iter().flat_map(|change| {
            let from = change.source().filter(|_| matches!(change, Change::Rename { .. } | Change::SetAside { .. }));
            from.into_iter().chain([change.target()])
        });
        let places: BTreeSet<&Path> = ends.flat_map(|path| [Some(path), path.parent()]).flatten().collect();
        for place in places {
            fixes.entry(place).or_default().push(fix);
        }
    }
    fixes
}

fn write_held_back(held_back: HeldBack, document: &mut Document) {
    let told = [
        (held_back.unsafe_fixes, "unsafe: f offers it", "unsafe: f offers them"),
        (held_back.choices, "needs a choice: f offers it", "need a choice: f offers them"),
        (held_back.passphrases, "needs a passphrase: f offers it", "need a passphrase: f offers them"),
        (held_back.by_hand, "is to be mended by hand", "are to be mended by hand"),
        (held_back.blocked, "has something in its way: f tells what", "have something in their way: f tells what"),
    ];
    for (count, one, many) in told {
        match count {
            0 => {}
            1 => drop(document.text(Label::Warning, &format!("held back: 1 {one}"))),
            count => drop(document.text(Label::Warning, &format!("held back: {count} {many}"))),
        }
    }
}

fn write_denied(denied: bool, document: &mut Document) {
    if denied {
        document.text(Label::Warning, "This user may not change it: s keeps the plan in a file for root.");
    }
}
