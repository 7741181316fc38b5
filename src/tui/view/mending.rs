//! The dialogs in which something is mended, as text: what can be done, what it comes to, what was done.

use ratatui::layout::{Position, Rect};

use crate::base::text::display_name;
use crate::engine::{Engine, Load};
use crate::finding::Applicability;
use crate::fix::outlook::{Difference, HostOutlook, Verdict, form, summary};
use crate::fix::{HeldBack, Obstacle, OperationKind, Planned, PlannedFix, Reason};
use crate::model::{File, HostName, Inventory};
use crate::pki::RewriteError;
use crate::report::operation;
use crate::session::mending::Offer;
use crate::tui::document::Document;
use crate::tui::mending::{All, Dialog, History, Offers, Typed};
use crate::tui::state::State;
use crate::tui::theme::{Label, Sign};
use crate::tui::view::paint::Painter;
use crate::tui::view::pane;

/// So many host directories of a plan are told one by one; a person looks through no more.
const SHOWN_HOSTS: usize = 200;

/// Draws the dialog.
pub fn draw(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let sheet = &state.mending.sheet;
    pane::draw_text(sheet.document.lines(), sheet.scroll, area, painter);
}

/// Draws the line in which something is typed. Yields where the cursor stands.
pub fn draw_line(state: &State, area: Rect, painter: &mut Painter<'_>) -> Option<Position> {
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
    let used = painter.line(area, &[(Label::Key, question), (Label::Plain, shown)]);
    let problem = state.mending.rename.as_ref().and_then(|rename| rename.problem.clone());
    if let Some(problem) = problem.filter(|_| matches!(state.mending.typed, Typed::Nothing)) {
        let rest = Rect { x: area.x + used, width: area.width.saturating_sub(used), ..area };
        painter.line(rest, &[(Label::Error, format!("   {problem}"))]);
    }
    let x = area.x + u16::try_from(start + column - hidden).unwrap_or(area.width);
    Some(Position::new(x.min(area.right().saturating_sub(1)), area.y))
}

/// The text of the dialog.
pub fn document(state: &State, columns: usize) -> Document {
    let mut document = Document::new(columns);
    if state.mending.rename.is_some() {
        write_rename(state, &mut document);
        return document;
    }
    match &state.mending.dialog {
        Dialog::Closed => {}
        Dialog::Waiting => drop(document.text(Label::Dim, "Working it out …")),
        Dialog::Offers(offers) => write_offers(state, offers, &mut document),
        Dialog::All(all) => write_all(state, all, &mut document),
        Dialog::History(history) => write_history(state, history, &mut document),
    }
    document
}

fn write_offers(state: &State, offers: &Offers, document: &mut Document) {
    let staged = match offers.staged.len() {
        0 => String::new(),
        count => format!("   {count} staged"),
    };
    document.pieces(0, &[(Label::Heading, "What can be done"), (Label::Info, &staged)]);
    for (index, offer) in offers.offers.iter().enumerate() {
        let is_chosen = index == offers.chosen;
        let marker = if is_chosen { state.glyphs.sign(Sign::Closed) } else { " " };
        let tick = if offers.staged.contains(&index) { "[x]" } else { "[ ]" };
        let (label, word) = promise(offer);
        let title = if is_chosen { Label::Strong } else { Label::Plain };
        let first = format!("{marker} {tick} ");
        let code = format!("  {}", offer.finding.code.number);
        document.hanging(
            &[(Label::Key, &first)],
            &[(title, &offer.fix.title), (Label::Dim, &code), (Label::Plain, "  "), (label, word)],
        );
    }
    if let Some(offer) = offers.offers.get(offers.chosen) {
        document.gap();
        write_offer(state, offer, &offers.inventory, document);
    }
    write_denied(offers.denied, document);
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
fn write_host(state: &State, host: &HostOutlook<'_>, document: &mut Document) {
    if host.is_renamed() {
        document.pieces(2, &[(Label::Good, "  + "), (Label::Directory, &display_name(&host.after.name))]);
    }
    for difference in host.differences() {
        match difference {
            Difference::Same(_) => {}
            Difference::Gone(file) => write_file("  - ", Label::Error, file, document),
            Difference::New(file) => write_file("  + ", Label::Good, file, document),
            Difference::Changed(before, after) => {
                write_change("  - ", Label::Error, before, document);
                write_change("  + ", Label::Good, after, document);
            }
        }
    }
    write_verdicts(state, &host.verdicts(&Verdict::judges()), document);
}

fn write_file(sign: &str, label: Label, file: &File, document: &mut Document) {
    let permissions = file.stamp.map(|stamp| stamp.permissions()).unwrap_or_default();
    let rest = format!("  {}  {permissions}", file.content_word());
    document.hanging(&[(label, sign)], &[(label, &display_name(&file.name)), (Label::Dim, &rest)]);
}

/// A file that stays under its name: its form tells the difference.
fn write_change(sign: &str, label: Label, file: &File, document: &mut Document) {
    let permissions = file.stamp.map(|stamp| stamp.permissions()).unwrap_or_default();
    let rest = format!("  {}  {permissions}  {}", file.content_word(), form(file));
    document.hanging(&[(label, sign)], &[(label, &display_name(&file.name)), (Label::Dim, &rest)]);
}

fn write_verdicts(state: &State, verdicts: &[Verdict], document: &mut Document) {
    for verdict in verdicts {
        let name = format!("  {:<13} ", engine_name(verdict.judge.engine));
        let arrow = format!(" {} ", state.glyphs.sign(Sign::Arrow));
        let after = (outcome(&verdict.after), summary(&verdict.after));
        match verdict.before.as_ref().filter(|_| verdict.differs()) {
            Some(before) => {
                let before = (outcome(before), summary(before));
                document.hanging(
                    &[(Label::Field, &name)],
                    &[(before.0, &before.1), (Label::Dim, &arrow), (after.0, &after.1)],
                );
            }
            None => drop(document.hanging(&[(Label::Field, &name)], &[(after.0, &after.1)])),
        }
    }
}

fn outcome(load: &Load) -> Label {
    if load.error().is_some() { Label::Error } else { Label::Good }
}

fn engine_name(engine: Engine) -> &'static str {
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
    write_held_back(all.planned.held_back, document);
    let outlook = all.planned.outlook(&all.inventory);
    for host in outlook.iter().take(SHOWN_HOSTS) {
        document.heading(&display_name(&host.place().name));
        for fix in fixes_of(&all.planned, host) {
            let code = match &fix.reason {
                Reason::Rule(code) => format!("  {code}"),
                Reason::Manual => String::new(),
            };
            let first = format!("  {} ", state.glyphs.sign(Sign::Good));
            document.hanging(&[(Label::Good, &first)], &[(Label::Plain, &fix.title), (Label::Dim, &code)]);
        }
        write_host(state, host, document);
    }
    if outlook.len() > SHOWN_HOSTS {
        document.gap().text(Label::Dim, &format!("and {} more host directories", outlook.len() - SHOWN_HOSTS));
    }
    write_denied(all.denied, document);
}

fn fixes_of<'a>(planned: &'a Planned, host: &HostOutlook<'a>) -> impl Iterator<Item = &'a PlannedFix> + use<'a> {
    let path = host.place().path.clone();
    planned.plan.fixes.iter().filter(move |fix| {
        let is_here = |target: &std::path::Path| target == path || target.parent() == Some(&path);
        fix.changes.iter().any(|change| is_here(change.source().unwrap_or(change.target())) || is_here(change.target()))
    })
}

fn write_held_back(held_back: HeldBack, document: &mut Document) {
    let told = [
        (held_back.unsafe_fixes, "unsafe: f offers it", "unsafe: f offers them"),
        (held_back.choices, "needs a choice: f offers it", "need a choice: f offers them"),
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
        document.gap().text(Label::Warning, "This user may not change it: s keeps the plan in a file for root.");
    }
}

fn write_rename(state: &State, document: &mut Document) {
    let Some(rename) = &state.mending.rename else { return };
    document.pieces(0, &[(Label::Heading, "Rename "), (Label::Heading, &display_name(&rename.name))]);
    if let Some(problem) = &rename.problem {
        document.text(Label::Error, problem);
        return;
    }
    if rename.is_directory() {
        let name = HostName::parse(rename.line.text().as_ref());
        match name.registry() {
            Some(registry) => drop(document.text(Label::Plain, &format!("read for references to {registry}"))),
            None => drop(document.text(Label::Warning, "no image reference leads to this name")),
        }
    }
    document.gap();
    write_verdicts(state, &rename.verdicts, document);
}

fn write_history(state: &State, history: &History, document: &mut Document) {
    document.text(Label::Heading, "What was changed here");
    if history.operations.is_empty() {
        document.text(Label::Dim, "Nothing yet.");
        return;
    }
    for (index, one) in history.operations.iter().rev().enumerate() {
        let marker = if index == history.chosen { state.glyphs.sign(Sign::Closed) } else { " " };
        let first = format!("{marker} {:>3}  ", one.id.0);
        let label = if index == history.chosen { Label::Strong } else { Label::Plain };
        let who = format!("{}  {}  ", one.at.rfc3339(), one.user);
        let fate = match (one.undone_by, one.kind) {
            (Some(by), OperationKind::Undo(_)) => format!("  (done again by {by})"),
            (Some(by), _) => format!("  (taken back by {by})"),
            (None, _) => String::new(),
        };
        document.hanging(
            &[(Label::Key, &first)],
            &[(Label::Dim, &who), (label, &operation::done(one)), (Label::Warning, &fate)],
        );
        if index == history.chosen {
            for fix in &one.fixes {
                document.hanging(&[(Label::Plain, "         ")], &[(Label::Plain, &fix.title)]);
            }
        }
    }
}
