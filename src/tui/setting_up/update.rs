//! What keys change where something is set up. Pure, as [`crate::tui::update`] is, to which it belongs.

use crate::create::renew;
use crate::model::{Role, Root};
use crate::session::setting_up::inspect::Inspection;
use crate::session::setting_up::proposal::{Order, RenewOrder};
use crate::tui::action::{Command, Edit, Effect};
use crate::tui::mending::Dialog;
use crate::tui::mending::update::{is_busy, say};
use crate::tui::setting_up::field::{Content, Name};
use crate::tui::setting_up::{Form, Kind, Surroundings, Working, host_form, import_form, news};
use crate::tui::state::{Mode, State};
use crate::tui::tree::{Identity, Row};

/// How PEM begins.
const PEM: &str = "-----BEGIN ";

/// Runs a command that is about setting up.
pub fn run(state: &mut State, command: Command) -> Vec<Effect> {
    match command {
        Command::SetUp => return set_up(state),
        Command::Import => return import(state),
        Command::Renew => return renew(state),
        Command::Preview => return preview(state),
        Command::Confirm => return confirm(state),
        _ => {}
    }
    let Some(form) = &mut state.setting_up.form else { return Vec::new() };
    match command {
        Command::NextField => drop(form.go(true)),
        Command::PreviousField => drop(form.go(false)),
        Command::NextChoice | Command::PreviousChoice => {
            let focus = form.focus;
            form.fields.iter_mut().skip(focus).take(1).for_each(|field| field.turn(command == Command::NextChoice));
            form.problem = None;
            return judge(state);
        }
        _ => {}
    }
    Vec::new()
}

/// Types.
pub fn edited(state: &mut State, edit: &Edit) -> Vec<Effect> {
    state.said = None;
    let Some(form) = &mut state.setting_up.form else { return Vec::new() };
    form.problem = None;
    let is_pem = matches!(edit, Edit::Insert(text) if text.contains(PEM));
    let takes = |content: &Content| matches!(content, Content::Pasted(_));
    let paste = form.fields.iter().position(|field| takes(&field.content)).filter(|_| is_pem);
    form.focus = paste.unwrap_or(form.focus);
    let focus = form.focus;
    let may_type = |content: &Content| is_pem || !takes(content) || !matches!(edit, Edit::Insert(_));
    form.fields.iter_mut().skip(focus).take(1).filter(|field| may_type(&field.content)).for_each(|f| f.apply(edit));
    if form.focused().is_some_and(|field| field.name == Name::Passphrase) {
        return Vec::new();
    }
    judge(state)
}

/// Judges what is filled in, and has it looked at what that names.
pub fn judge(state: &mut State) -> Vec<Effect> {
    let State { setting_up, tree, .. } = state;
    let Some(form) = &mut setting_up.form else { return Vec::new() };
    let before: Option<Inspection> = form.asked.clone();
    form.check(Surroundings { tree, machine: &setting_up.machine });
    let asked = form.asked.clone().filter(|asked| before.as_ref() != Some(asked));
    asked.map(|asked| Effect::Inspect(Box::new(asked))).into_iter().collect()
}

/// Opens the form for a host, as it was left; or shows the plan that is ready.
fn set_up(state: &mut State) -> Vec<Effect> {
    if is_busy(state) || news::show_ready(state) || is_working(state) {
        return Vec::new();
    }
    let mut roots: Vec<Root> = state.tree.roots().iter().map(|entry| entry.root.clone()).collect();
    roots.retain(|root| root.kind != crate::model::RootKind::Partial);
    for root in &state.setting_up.roots {
        if !roots.iter().any(|known| known.path == root.path) {
            roots.push(root.clone());
        }
    }
    if roots.is_empty() {
        say(state, true, "no certs.d is looked at that a host could be set up in".to_owned());
        return Vec::new();
    }
    let is_same = |form: &Form| form.kind == Kind::Host(roots.clone());
    let draft = state.setting_up.draft.take().filter(is_same);
    let form = draft.unwrap_or_else(|| {
        let mut form = host_form::new(roots.clone());
        if let Some(root) = root_here(state) {
            host_form::choose_root(&mut form, &root);
        }
        form
    });
    open(state, form)
}

fn open(state: &mut State, form: Form) -> Vec<Effect> {
    state.setting_up.form = Some(form);
    state.mode = Mode::Form;
    judge(state)
}

/// The root under the cursor, or around it.
fn root_here(state: &State) -> Option<Root> {
    let root = match state.cursor {
        Row::Root(root) => root,
        row => state.tree.host(row.host()?)?.root,
    };
    state.tree.root(root).map(|entry| entry.root.clone())
}

fn import(state: &mut State) -> Vec<Effect> {
    if is_busy(state) || is_working(state) {
        return Vec::new();
    }
    let host = state.cursor.host().and_then(|host| state.tree.host(host)).map(|entry| entry.path.clone());
    let name = host.as_ref().and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
    let (Some(root), Some(path), Some(name)) = (root_here(state), host, name) else {
        let text = "choose the host directory that it is for; N sets one up";
        say(state, false, text.to_owned());
        return Vec::new();
    };
    open(state, import_form::new(root, name, path))
}

/// Plans a new key and a request like the client certificate under the cursor, or the only one of the host directory.
fn renew(state: &mut State) -> Vec<Effect> {
    if is_busy(state) || is_working(state) {
        return Vec::new();
    }
    let read = state.cursor.host().and_then(|host| state.tree.read(host)).map(|read| read.host.clone());
    let (Some(root), Some(host)) = (root_here(state), read) else {
        say(state, false, "choose the client certificate that is to be renewed".to_owned());
        return Vec::new();
    };
    let mut clients = host.files.iter().filter(|file| file.role() == Role::ClientCertificate);
    let selected = state.cursor.file().and_then(|file| host.files.get(file));
    let file = selected.or_else(|| clients.next().filter(|_| clients.next().is_none()));
    let (Some(file), Some(name)) = (file, host.name.to_str()) else {
        say(state, false, "choose the client certificate that is to be renewed".to_owned());
        return Vec::new();
    };
    let renewal = match renew::renewal(&host, &file.name) {
        Ok(renewal) => renewal,
        Err(error) => {
            say(state, true, error.to_string());
            return Vec::new();
        }
    };
    let title = format!("Renew {} of {name}", file.name.to_string_lossy());
    let order = Order::Renew(RenewOrder { root, host: name.to_owned(), file: file.name.clone() });
    let then = Some("its .csr is to be signed; I imports what comes back".to_owned());
    let is_slow = renewal.algorithm.name().starts_with("rsa");
    begin(state, Working { then, ..Working::new(Mode::Browse, title) }, order, is_slow)
}

/// Enter: the next field, or the plan behind the last.
fn confirm(state: &mut State) -> Vec<Effect> {
    let is_last = state.setting_up.form.as_mut().is_some_and(|form| !form.go(true));
    if is_last { preview(state) } else { Vec::new() }
}

/// Has the plan worked out.
fn preview(state: &mut State) -> Vec<Effect> {
    if is_busy(state) || is_working(state) {
        return Vec::new();
    }
    let Some(form) = &mut state.setting_up.form else { return Vec::new() };
    if let Some(fault) = form.go_to_fault() {
        say(state, true, fault);
        return Vec::new();
    }
    let Some(order) = form.order(&state.setting_up.machine) else {
        say(state, true, "name what was sent first, or paste it".to_owned());
        return Vec::new();
    };
    let mut working = match &form.kind {
        Kind::Import { host, .. } => Working::new(Mode::Form, format!("Import into {host}")),
        Kind::Host(_) => Working::new(Mode::Form, "Set a host up".to_owned()),
    };
    match &order {
        Order::Host(order) if order.text.is_empty() => {
            form.focus = 0;
            say(state, true, "type a registry host first".to_owned());
            return Vec::new();
        }
        Order::Host(order) => {
            let goal = host_form::goal(form);
            if let Some(name) = goal.as_ref().and_then(|path| path.file_name()) {
                working.title = format!("Set {} up", name.to_string_lossy());
            }
            working.goal = goal.map(|path| Identity::Host(path, None));
            let is_request =
                order.client.as_ref().is_some_and(|client| client.names().any(|name| name.ends_with(".csr")));
            working.then = is_request.then(|| "client.csr is to be signed; I imports what comes back".to_owned());
        }
        Order::Import(_) => state.setting_up.passphrase = import_form::passphrase(form),
        Order::Renew(_) => {}
    }
    let is_slow = order.algorithm().is_some_and(|algorithm| algorithm.name().starts_with("rsa"));
    begin(state, working, order, is_slow)
}

/// Begins to work something out. While a key takes seconds, everything can be looked at.
fn begin(state: &mut State, working: Working, order: Order, is_slow: bool) -> Vec<Effect> {
    state.mending.close();
    if is_slow {
        state.mode = Mode::Browse;
    } else {
        state.mode = Mode::Mend;
        state.mending.dialog = Dialog::Proposing;
    }
    state.mending.changed();
    state.setting_up.working = Some(working);
    vec![Effect::Propose(Box::new(order))]
}

/// Gives up what is being worked out, and goes back to where it was asked for.
pub fn stop(state: &mut State) -> Vec<Effect> {
    news::back_to_origin(state);
    say(state, false, "given up; nothing was changed".to_owned());
    vec![Effect::StopProposing]
}

/// Leaves the form. What was filled in for a host is kept.
pub fn leave(state: &mut State) {
    let form = state.setting_up.form.take();
    state.setting_up.draft = form.filter(|form| matches!(form.kind, Kind::Host(_)));
    state.mode = Mode::Browse;
}

fn is_working(state: &mut State) -> bool {
    let is_working = state.setting_up.working.is_some();
    if is_working {
        say(state, true, "something is being worked out already: Esc gives it up".to_owned());
    }
    is_working
}

impl Working {
    /// Something for which there is nothing to tell yet.
    fn new(origin: Mode, title: String) -> Self {
        Self { origin, title, goal: None, then: None, making: None, ready: None }
    }
}
