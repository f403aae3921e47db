//! Between the compiler's places and findings and those of the protocol. The protocol counts lines and UTF-16 units from 0.

use line_index::{LineIndex, WideEncoding, WideLineCol};
use tollgate_compiler::diagnostic::{Diagnostic, Location, Severity};
use tower_lsp::ls_types::{
    self as lsp, DiagnosticRelatedInformation, DiagnosticSeverity, HoverContents, MarkupContent, MarkupKind, NumberOrString, Position, Range, Uri,
};

use crate::hover::Hover;

/// A file of the set as diagnostics need it.
pub struct File {
    /// How the editor calls it.
    pub uri: Uri,
    /// Where its lines begin.
    pub index: LineIndex,
}

/// The position of an offset.
fn position(index: &LineIndex, offset: u32) -> Position {
    let offset = offset.min(index.len().into());
    let wide = index.try_line_col(offset.into()).and_then(|at| index.to_wide(WideEncoding::Utf16, at));
    let WideLineCol { line, col } = wide.unwrap_or(WideLineCol { line: 0, col: 0 });
    Position::new(line, col)
}

fn range(index: &LineIndex, at: Location) -> Range {
    Range::new(position(index, at.span.start), position(index, at.span.end))
}

/// The offset of a position; of one beyond its line, the line's end.
pub fn offset(index: &LineIndex, position: Position) -> Option<u32> {
    let line = index.line(position.line)?;
    let col = position.character.min(line.len().into());
    let at = index.to_utf8(WideEncoding::Utf16, WideLineCol { line: position.line, col })?;
    Some(u32::from(line.start()).saturating_add(at.col).min(line.end().into()))
}

/// What is said about a name as the editor shows it.
pub fn hover(found: Hover, index: &LineIndex) -> lsp::Hover {
    // Comments and conditions are anybody's text, which no editor is to read as links or markup.
    let contents = MarkupContent { kind: MarkupKind::PlainText, value: found.text };
    lsp::Hover { contents: HoverContents::Markup(contents), range: Some(range(index, found.at)) }
}

/// A finding as the editor shows it. `file` gives the files of the set that the editor can open.
pub fn diagnostic<'f>(found: &Diagnostic, home: &File, file: impl Fn(Location) -> Option<&'f File>) -> lsp::Diagnostic {
    let related = found.labels.iter().filter_map(|label| {
        let place = file(label.at)?;
        let location = lsp::Location { uri: place.uri.clone(), range: range(&place.index, label.at) };
        Some(DiagnosticRelatedInformation { location, message: label.text.clone() })
    });
    let related: Vec<_> = related.collect();
    lsp::Diagnostic {
        range: range(&home.index, found.at),
        severity: Some(severity(found.severity)),
        code: Some(NumberOrString::String(found.code.code().to_owned())),
        source: Some("tollgate".to_owned()),
        message: message(found),
        related_information: (!related.is_empty()).then_some(related),
        ..lsp::Diagnostic::default()
    }
}

/// The message with the text that stands under the place and the help, each on its line.
fn message(found: &Diagnostic) -> String {
    let label = (!found.label.is_empty()).then(|| found.label.clone());
    let help = found.help.as_ref().map(|help| format!("help: {help}"));
    let lines: Vec<String> = std::iter::once(found.message.clone()).chain(label).chain(help).collect();
    lines.join("\n")
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Note => DiagnosticSeverity::INFORMATION,
    }
}
