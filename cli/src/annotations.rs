//! Annotations of a workflow on GitHub: commands among its output, which it shows beside the lines of a change.

use tollgate_compiler::Sources;
use tollgate_compiler::diagnostic::position::{LineIndex, Position};
use tollgate_compiler::diagnostic::{Diagnostic, Severity};

use crate::output::tame;

/// How grave what is annotated is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// It fails a check.
    Error,
    /// It does not.
    Warning,
    /// It is good to know.
    Notice,
}

/// An annotation of a place in a file, in one line.
pub fn annotation(kind: Kind, title: &str, file: &str, [start, end]: [Position; 2], message: &str) -> String {
    let kind = match kind {
        Kind::Error => "error",
        Kind::Warning => "warning",
        Kind::Notice => "notice",
    };
    // Columns are of one line only.
    let columns = if start.line == end.line { format!(",col={},endColumn={}", start.column, end.column) } else { format!(",col={}", start.column) };
    let (file, title, message) = (property(file), property(title), data(message));
    format!("::{kind} file={file},line={},endLine={}{columns},title={title}::{message}\n", start.line, end.line)
}

/// An annotation for each diagnostic, with its help.
pub fn of_diagnostics(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let indexes: Vec<LineIndex<'_>> = sources.texts().map(LineIndex::new).collect();
    let place = |file: usize, offset| indexes.get(file).map_or(Position { line: 1, column: 1, offset }, |index| index.position(offset));
    let of_one = |found: &Diagnostic| {
        let kind = match found.severity {
            Severity::Error => Kind::Error,
            Severity::Warning => Kind::Warning,
            Severity::Note => Kind::Notice,
        };
        let file = found.at.file.0 as usize;
        let places = [found.at.span.start, found.at.span.end].map(|offset| place(file, offset));
        let title = format!("{} {}", found.code.code(), found.code.name());
        let message = [Some(found.message.as_str()), found.help.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("\nHelp: ");
        annotation(kind, &title, sources.path(found.at.file), places, &message)
    };
    diagnostics.iter().map(of_one).collect()
}

/// Text in which nothing ends the line of a command.
fn data(text: &str) -> String {
    tame(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}

/// Text in which nothing ends a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
