//! An export in JSON.

use std::path::PathBuf;

use serde::Serialize;

use crate::create::export::{Export, Source, Target};
use crate::report::json::{Schema, path_text};

/// What `export` tells.
#[derive(Debug, Serialize)]
pub struct ExportJson {
    schema: Schema,
    /// The registry host
    pub registry: String,
    /// The engine that loads what is exported
    pub engine: &'static str,
    /// The directory that it is loaded from
    pub directory: String,
    /// Whom it is exported to
    pub to: &'static str,
    /// The files that it comes to, the main one first
    pub documents: Vec<DocumentJson>,
    /// The files that the documents name
    pub copies: Vec<CopyJson>,
    /// What is left out
    pub left_out: Vec<LeftOutJson>,
    /// What else is to be known
    pub notes: Vec<String>,
    /// The files that were written
    pub written: Vec<String>,
}

/// One file of an export.
#[derive(Debug, Serialize)]
pub struct DocumentJson {
    /// Its usual name
    pub name: &'static str,
    /// What it holds
    pub text: String,
}

/// A file that a document names.
#[derive(Debug, Serialize)]
pub struct CopyJson {
    /// Where it lies here
    pub from: String,
    /// Where the document says that it lies
    pub to: String,
    /// Permission bits: "0600"
    pub mode: String,
}

/// Something that is left out.
#[derive(Debug, Serialize)]
pub struct LeftOutJson {
    /// What
    pub what: String,
    /// Why
    pub why: String,
}

/// What `export` tells.
pub fn export(source: &Source, target: Target, export: &Export, written: &[PathBuf]) -> ExportJson {
    let document = |name: &'static str, text: &String| DocumentJson { name, text: text.clone() };
    let copies = export.copies.iter().map(|copy| CopyJson {
        from: path_text(&source.on_machine(&copy.from)),
        to: path_text(&copy.to),
        mode: format!("{:04o}", copy.mode),
    });
    let left_out = export.left_out.iter().map(|left| LeftOutJson { what: left.what.clone(), why: left.why.clone() });
    ExportJson {
        schema: Schema,
        registry: source.registry.clone(),
        engine: source.judge.engine.name(),
        directory: path_text(&source.on_machine(&source.directory)),
        to: target.name(),
        documents: export.documents.iter().map(|part| document(part.name, &part.text)).collect(),
        copies: copies.collect(),
        left_out: left_out.collect(),
        notes: export.notes.clone(),
        written: written.iter().map(|path| path_text(path)).collect(),
    }
}
