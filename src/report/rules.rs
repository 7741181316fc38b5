//! The rules as a table.

use std::io;

use crate::report::Label;
use crate::report::page;
use crate::report::text::{Line, Paper};
use crate::rules::Meta;

/// Prints a row for each rule.
///
/// # Errors
/// Where the output cannot be written.
pub fn print(metas: &[&'static Meta], paper: &mut Paper<'_>) -> io::Result<()> {
    let longest = metas.iter().map(|meta| meta.code.name.len()).max().unwrap_or_default();
    for meta in metas {
        let line = Line::default()
            .column(Label::Code, meta.code.number, 7)
            .column(Label::Plain, meta.code.name, longest + 2)
            .column(meta.severity.into(), meta.severity.word(), 9)
            .with(Label::Plain, page::summary(meta));
        paper.paragraph(&line, longest + 18)?;
    }
    Ok(())
}

/// The table in Markdown, as the README shows it.
pub fn markdown(metas: &[&'static Meta]) -> String {
    let row = |meta: &&'static Meta| {
        let (code, name, severity) = (meta.code.number, meta.code.name, meta.severity.word());
        format!("| {code} | `{name}` | {severity} | {} |\n", page::summary(meta).replace('|', "\\|"))
    };
    let rows: String = metas.iter().map(row).collect();
    format!("| code | name | severity | what is wrong |\n|---|---|---|---|\n{rows}")
}
