//! Diagnostics for programs: one JSON shape for the command, editors and continuous integration.

use serde::Serialize;
use serde_json::Value;

use super::{Diagnostic, Location, Severity, Sources};
use crate::diagnostic::position::{LineIndex, Position};

/// How many diagnostics are written; the rest is counted.
const SHOWN: usize = 1000;

/// Diagnostics as `{"diagnostics": […]}`; beyond a thousand, `omitted` says how many more there are.
pub fn to_json(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    let writer = Writer { sources, indexes: sources.texts().map(LineIndex::new).collect() };
    let omitted = diagnostics.len().saturating_sub(SHOWN);
    let list = JsonList { omitted, diagnostics: diagnostics.iter().take(SHOWN).map(|diagnostic| writer.diagnostic(diagnostic)).collect() };
    serde_json::to_value(list).unwrap_or_default()
}

#[derive(Serialize)]
struct JsonList<'a> {
    diagnostics: Vec<JsonDiagnostic<'a>>,
    #[serde(skip_serializing_if = "is_none")]
    omitted: usize,
}

#[derive(Serialize)]
struct JsonDiagnostic<'a> {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    message: &'a str,
    file: &'a str,
    span: JsonSpan,
    labels: Vec<JsonLabel<'a>>,
    help: Option<&'a str>,
    fixes: Vec<JsonFix<'a>>,
}

#[derive(Serialize)]
struct JsonSpan {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct JsonLabel<'a> {
    file: &'a str,
    span: JsonSpan,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    file: &'a str,
    span: JsonSpan,
    text: &'a str,
}

struct Writer<'a> {
    sources: &'a Sources,
    indexes: Vec<LineIndex<'a>>,
}

impl<'a> Writer<'a> {
    fn diagnostic(&self, diagnostic: &'a Diagnostic) -> JsonDiagnostic<'a> {
        let primary = (!diagnostic.label.is_empty()).then(|| self.label(diagnostic.at, &diagnostic.label));
        let others = diagnostic.labels.iter().map(|label| self.label(label.at, &label.text));
        JsonDiagnostic {
            code: diagnostic.code.code(),
            name: diagnostic.code.name(),
            severity: severity(diagnostic.severity),
            message: &diagnostic.message,
            file: self.sources.path(diagnostic.at.file),
            span: self.span(diagnostic.at),
            labels: primary.into_iter().chain(others).collect(),
            help: diagnostic.help.as_deref(),
            fixes: diagnostic.fixes.iter().map(|fix| self.fix(fix)).collect(),
        }
    }

    fn label(&self, at: Location, text: &'a str) -> JsonLabel<'a> {
        JsonLabel { file: self.sources.path(at.file), span: self.span(at), text }
    }

    fn fix(&self, fix: &'a super::Fix) -> JsonFix<'a> {
        let edits = fix.edits.iter().map(|edit| JsonEdit { file: self.sources.path(edit.at.file), span: self.span(edit.at), text: &edit.text });
        JsonFix { title: &fix.title, edits: edits.collect() }
    }

    fn span(&self, at: Location) -> JsonSpan {
        let position = |offset| match self.indexes.get(at.file.0 as usize) {
            Some(index) => index.position(offset),
            None => Position { line: 1, column: 1, offset },
        };
        JsonSpan { start: position(at.span.start), end: position(at.span.end) }
    }
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// The word for a severity.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, FileId};
    use crate::syntax::ast::Span;

    #[test]
    fn the_shape_is_stable() {
        let at = |start, end| Location { file: FileId(0), span: Span { start, end } };
        let sources = Sources::of("a.toll", "let é = x\nlet y = 1\n");
        let diagnostic = Diagnostic::error(Code::Syntax, at(9, 10), "message")
            .with_label("primary")
            .with_secondary(at(15, 16), "second")
            .with_help("help")
            .with_fix("fix", at(9, 9), "text");
        insta::assert_snapshot!(serde_json::to_string_pretty(&to_json(&[diagnostic], &sources)).unwrap_or_default());
    }

    #[test]
    fn only_so_many_are_written() {
        let diagnostics = vec![Diagnostic::error(Code::Syntax, Location::default(), "x".repeat(5000)); SHOWN + 7];
        let json = to_json(&diagnostics, &Sources::of("a.toll", "x"));
        let written = json.get("diagnostics").and_then(Value::as_array).map(Vec::len);
        assert_eq!(written, Some(SHOWN));
        assert_eq!(json.get("omitted"), Some(&Value::from(7)));
        assert!(json.to_string().len() < SHOWN * 2000);
    }
}
