//! The page of a rule: light Markdown put on paper.

use std::io;

use crate::report::label::Label;
use crate::report::text::{Line, Paper};
use crate::rules::Meta;

/// The first sentence of a rule's page, on one line.
pub fn summary(meta: &Meta) -> String {
    text(meta.summary()).replace('\n', " ")
}

/// The page as it was written: without the blank that a doc comment puts before each line.
pub fn text(page: &str) -> String {
    let lines: Vec<&str> = page.trim_end().lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

/// Prints the page of a rule.
///
/// # Errors
/// Where the output cannot be written.
pub fn print(meta: &Meta, paper: &mut Paper<'_>) -> io::Result<()> {
    let title = Line::new(Label::Code, meta.code.number)
        .with(Label::Heading, format!(" {}", meta.code.name))
        .with(Label::Plain, "  ")
        .with(meta.severity.into(), meta.severity.word());
    paper.row(&title)?;
    paper.blank()?;
    for (index, block) in text(meta.page).split("\n\n").enumerate() {
        if index > 0 {
            paper.blank()?;
        }
        print_block(block, paper)?;
    }
    Ok(())
}

/// Prints a heading, a list, a piece of code or a paragraph; a paragraph's lines become one, to be wrapped anew.
fn print_block(block: &str, paper: &mut Paper<'_>) -> io::Result<()> {
    let mut is_code = false;
    let mut pending = String::new();
    for line in block.lines() {
        if line.trim_start().starts_with("```") {
            flush(&mut pending, paper)?;
            is_code = !is_code;
        } else if is_code {
            paper.row(&Line::new(Label::Quote, format!("    {line}")))?;
        } else if let Some(heading) = line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')) {
            flush(&mut pending, paper)?;
            paper.row(&Line::new(Label::Heading, heading))?;
        } else {
            if line.starts_with("- ") || line.starts_with("* ") || line.starts_with('|') {
                flush(&mut pending, paper)?;
            }
            let blank = if pending.is_empty() { "" } else { " " };
            pending = format!("{pending}{blank}{}", line.trim());
        }
    }
    flush(&mut pending, paper)
}

fn flush(pending: &mut String, paper: &mut Paper<'_>) -> io::Result<()> {
    let text = std::mem::take(pending);
    if text.is_empty() {
        return Ok(());
    }
    let indent = if text.starts_with("- ") || text.starts_with("* ") { 2 } else { 0 };
    let line = spans(&text.replace("**", ""), paper.appearance().color);
    paper.paragraph(&line, indent)
}

/// Text between backticks is somebody's own words; without colour the backticks stay, to tell it apart.
fn spans(text: &str, is_coloured: bool) -> Line {
    if !is_coloured {
        return Line::plain(text);
    }
    text.split('`').enumerate().fold(Line::default(), |line, (index, piece)| {
        let label = if index % 2 == 1 { Label::Quote } else { Label::Plain };
        line.with(label, piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::text::Appearance;

    #[test]
    fn every_page_can_be_printed() {
        for rule in crate::rules::registry::all() {
            let mut out = Vec::new();
            print(rule.meta(), &mut Paper::new(&mut out, Appearance::default())).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.contains("\nFix\n"), "{} has no section on its fix:\n{text}", rule.meta().code);
            assert!(!text.contains("```") && !text.contains("\n#"), "{text}");
        }
    }
}
