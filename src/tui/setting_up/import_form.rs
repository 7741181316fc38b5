//! The form in which it is named what was sent: files, folders, a paste; and what is said of that while it is filled in.

use std::path::PathBuf;

use crate::model::Root;
use crate::session::setting_up::inspect::{Brings, Inspected, Inspection, Pasted, Unready, typed_path};
use crate::tui::mending::Secret;
use crate::tui::setting_up::field::{Content, Field, Name};
use crate::tui::setting_up::{Form, Kind};
use crate::tui::theme::Label;

/// So many files or folders are named at most.
const MOST: usize = 8;

/// An empty form for a host directory.
pub fn new(root: Root, host: String, path: PathBuf) -> Form {
    let files = (0..MOST).map(|number| {
        let label = if number == 0 { "File" } else { "another" };
        Field::line(Name::Path(number), label, "")
    });
    let words = ["no, what is new comes beside it", "yes, the old pair is set aside"].map(str::to_owned).to_vec();
    let rest = [
        Field::new(Name::Pasted, "Pasted", Content::Pasted(Pasted::default())),
        Field::new(Name::Passphrase, "Passphrase", Content::Hidden(Secret::default())),
        Field::choice(Name::Replace, "Replace", words),
    ];
    let mut form = Form::new(Kind::Import { root, host, path }, files.chain(rest).collect());
    form.set(Name::Passphrase, |field| field.is_shown = false);
    form
}

/// Judges what is filled in.
pub fn check(form: &mut Form) {
    form.fields.iter_mut().for_each(Field::hush);
    // There is one more than are filled in.
    let filled = (0..MOST).rev().find(|number| !line(form, *number).is_empty()).map_or(0, |last| last + 1);
    for number in 0..MOST {
        form.set(Name::Path(number), |field| field.is_shown = number <= filled);
    }
    let brings = brings(form);
    let is_known = |looked_at: &Brings| brings.as_ref() == Some(looked_at);
    let found = match &form.found {
        Some(Inspected::Import(looked_at, found)) if is_known(looked_at) => Some(found.clone()),
        _ => None,
    };
    form.asked = brings.clone().filter(|_| found.is_none()).map(|brings| Inspection::Import(Box::new(brings)));
    if brings.is_none() {
        let hint = "a certificate, a chain, .p12, .p7b, DER or PEM; or a folder of them";
        form.set(Name::Path(0), |field| field.tell(Label::Dim, hint));
    }
    tell_pasted(form);
    let is_locked = matches!(found, Some(Err(Unready::Passphrase { .. })));
    form.set(Name::Passphrase, |field| field.is_shown = is_locked);
    let at = if is_locked { Name::Passphrase } else { last_filled(form, filled) };
    form.set(at, |field| match found {
        None | Some(Err(Unready::Nothing)) => {}
        Some(Err(Unready::Passphrase { input, .. })) => {
            field.tell(Label::Info, format!("{input} is opened by a passphrase, which is not shown"));
        }
        Some(Err(Unready::Refused(why))) => field.tell(Label::Error, why),
        Some(Ok(parts)) => {
            parts.done.into_iter().for_each(|part| field.tell(Label::Good, part));
            parts.notes.into_iter().for_each(|note| field.tell(Label::Info, note));
        }
    });
}

/// Where it is said what was recognised: behind all that was named.
fn last_filled(form: &Form, filled: usize) -> Name {
    match filled {
        _ if !pasted(form).is_empty() => Name::Pasted,
        0 => Name::Path(0),
        filled => Name::Path(filled - 1),
    }
}

fn tell_pasted(form: &mut Form) {
    let (bytes, lines) = (pasted(form).0.len(), pasted(form).0.lines().count());
    let text = match bytes {
        0 => "paste PEM text anywhere in this form: it lands here, unseen".to_owned(),
        _ => format!("{lines} lines, {bytes} bytes; Backspace drops them"),
    };
    form.set(Name::Pasted, |field| field.tell(Label::Dim, text));
}

fn pasted(form: &Form) -> Pasted {
    match form.field(Name::Pasted).map(|field| &field.content) {
        Some(Content::Pasted(pasted)) => pasted.clone(),
        _ => Pasted::default(),
    }
}

fn line(form: &Form, number: usize) -> String {
    form.field(Name::Path(number)).map(Field::text).unwrap_or_default()
}

/// What was sent; `None` where nothing is named.
pub fn brings(form: &Form) -> Option<Brings> {
    let Kind::Import { root, host, .. } = &form.kind else { return None };
    let paths = (0..MOST).map(|number| line(form, number)).filter(|text| !text.is_empty());
    let paths: Vec<PathBuf> = paths.map(|text| typed_path(&text)).collect();
    let pasted = pasted(form);
    let is_something = !paths.is_empty() || !pasted.is_empty();
    let replace = form.choice(Name::Replace) == 1;
    is_something.then(|| Brings { root: root.clone(), host: host.clone(), paths, pasted, replace })
}

/// The passphrase.
pub fn passphrase(form: &Form) -> Secret {
    match form.field(Name::Passphrase).map(|field| &field.content) {
        Some(Content::Hidden(secret)) => secret.clone(),
        _ => Secret::default(),
    }
}

/// A passphrase is to be typed, or another one.
pub fn ask_passphrase(form: &mut Form, input: String, is_wrong: bool) {
    let Some(brings) = brings(form) else { return };
    form.found = Some(Inspected::Import(Box::new(brings), Err(Unready::Passphrase { input: input.clone(), is_wrong })));
    check(form);
    form.set(Name::Passphrase, |field| {
        field.content = Content::Hidden(Secret::default());
        if is_wrong {
            field.tell(Label::Warning, format!("the passphrase does not open {input}"));
        }
    });
    form.focus = form.fields.iter().position(|field| field.name == Name::Passphrase).unwrap_or(form.focus);
}
