//! From text to syntax tree: tokens, items, parser.
//!
//! ```
//! use tollgate_compiler::diagnostic::FileId;
//! use tollgate_compiler::syntax::{SyntaxLimits, parse};
//!
//! let (file, diagnostics) = parse("package a\nallow all", FileId(0), &SyntaxLimits::default());
//! assert!(diagnostics.is_empty());
//! assert_eq!(file.items.len(), 2);
//! ```

pub mod ast;
mod items;
pub mod lexer;
mod nesting;
mod parser;
mod pieces;
#[cfg(test)]
mod tests;
mod walk;

use std::sync::Arc;

use ast::{Expr, Item, ItemKind, Name, Path, Span};
pub use nesting::SyntaxLimits;
use parser::Parser;
pub use pieces::{Cut, ParsedPiece, Piece};
pub use walk::walk;

use crate::diagnostic::{Code, Diagnostic, FileId, Location};

/// A parsed source file.
#[derive(Clone, Debug)]
pub struct File {
    /// Its text.
    pub text: Arc<str>,
    /// Every item that could be read, `package` and `import` included, in order.
    pub items: Vec<Item>,
    /// Every item that could not be read; each has its diagnostic.
    pub broken: Vec<BrokenItem>,
}

/// An item with a syntax error: what is known of it, so that uses of its name are no further errors.
#[derive(Clone, Debug)]
pub struct BrokenItem {
    /// Its keyword, where it begins with one.
    pub keyword: Option<Name>,
    /// The name after the keyword; that of a tool has its quotes.
    pub name: Option<Name>,
    /// The whole item.
    pub span: Span,
}

/// Parses a file. Every input gives a tree, and a diagnostic for each item that could not be read.
pub fn parse(text: &str, file: FileId, limits: &SyntaxLimits) -> (File, Vec<Diagnostic>) {
    let mut parsed = File { text: text.into(), items: Vec::new(), broken: Vec::new() };
    if let Some(diagnostic) = too_large(text, file, limits) {
        return (parsed, vec![diagnostic]);
    }
    let cut = Cut::new(text);
    let mut diagnostics = Vec::new();
    for piece in cut.pieces() {
        let ParsedPiece { item, broken, diagnostics: found, .. } = piece.parse_in_place(text, file, limits);
        parsed.items.extend(item);
        parsed.broken.extend(broken);
        diagnostics.extend(found);
    }
    let items = parsed.items.iter().map(|item| (file, item));
    let first = cut.first_token().map(|span| Location { file, span });
    find_package(items, parsed.broken.iter().map(|item| (file, item)), first, file, &mut diagnostics);
    diagnostics.sort_by_key(|diagnostic| diagnostic.at.span);
    (parsed, diagnostics)
}

/// Parses one expression.
pub fn parse_expr(text: &str, file: FileId, limits: &SyntaxLimits) -> (Expr, Vec<Diagnostic>) {
    if let Some(diagnostic) = too_large(text, file, limits) {
        return (Expr { kind: ast::ExprKind::Error, span: Span::default() }, vec![diagnostic]);
    }
    let cut = Cut::new(text);
    let mut diagnostics = Vec::new();
    let expr = Parser::new(text, cut.table(), file, limits, &mut diagnostics).lone_expression();
    (expr, diagnostics)
}

pub(crate) fn too_large(text: &str, file: FileId, limits: &SyntaxLimits) -> Option<Diagnostic> {
    let limit = limits.file_bytes.min(u32::MAX as usize);
    (text.len() > limit).then(|| {
        let at = Location { file, span: Span::default() };
        let message = format!("the file has more than {limit} bytes");
        Diagnostic::error(Code::FileSize, at, message).with_help("split the file in several of the same package")
    })
}

fn span_of(tokens: &[lexer::Token]) -> Span {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => Span::default(),
    }
}

/// A file's package and where it is named; says so where it has none, a second one, or one that does not come first. `items` are the file's, each with what its spans are
/// of, `first` is the file's first token.
pub(crate) fn find_package<'i>(
    items: impl IntoIterator<Item = (FileId, &'i Item)>,
    broken: impl IntoIterator<Item = (FileId, &'i BrokenItem)>,
    first: Option<Location>,
    file: FileId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Location, String)> {
    let broken: Vec<(FileId, &BrokenItem)> = broken.into_iter().collect();
    let begins_file = |of: FileId, span: Span| first.is_some_and(|first| (first.file, first.span.start) == (of, span.start));
    // What begins the file and is no item at all, such as a comment of another language, is told of by itself.
    let is_noise = broken.iter().any(|(of, item)| item.keyword.is_none() && begins_file(*of, item.span));
    let mut package: Option<(Location, &Path)> = None;
    for (index, (of, item)) in items.into_iter().enumerate() {
        let ItemKind::Package(path) = &item.kind else { continue };
        let at = Location { file: of, span: item.span };
        if let Some((first, _)) = package {
            let message = "a second `package` in one file";
            let diagnostic = Diagnostic::error(Code::MisplacedItem, at, message)
                .with_secondary(first, "the file's package")
                .with_help("move what belongs to another package to a file of its own");
            diagnostics.push(diagnostic);
            continue;
        }
        package = Some((at, path));
        if !(begins_file(of, item.span) || is_noise && index == 0) {
            let message = "`package` is not the first item of its file";
            diagnostics.push(Diagnostic::error(Code::MisplacedItem, at, message).with_help("move it to the beginning of the file"));
        }
    }
    // What begins the file and cannot be read may be meant for the package.
    let is_meant = |(of, item): &(FileId, &BrokenItem)| match &item.keyword {
        Some(keyword) if keyword.text == "package" => true,
        Some(keyword) if keyword.span.start == item.span.start => false,
        _ => begins_file(*of, item.span),
    };
    if package.is_none() && !broken.iter().any(is_meant) {
        let at = first.unwrap_or(Location { file, span: Span::default() });
        let start = Location { span: Span { start: at.span.start, end: at.span.start }, ..at };
        diagnostics.push(
            Diagnostic::error(Code::MissingPackage, at, "the file does not begin with its package")
                .with_help("begin the file with `package` and a name such as `support.exports`")
                .with_fix("add `package policy`", start, "package policy\n\n"),
        );
    }
    package.map(|(at, path)| (Location { span: path.span, ..at }, path_text(path)))
}

/// A path as written.
pub fn path_text(path: &Path) -> String {
    path.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".")
}
