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
#[cfg(test)]
mod tests;
mod walk;

use std::sync::Arc;

use ast::{Expr, Item, ItemKind, Name, Path, Span};
use lexer::{Token, TokenKind};
pub use nesting::SyntaxLimits;
use parser::{Parser, TokenTable};
pub use walk::walk;

use crate::diagnostic::{Code, Diagnostic, FileId, Location};

/// A parsed source file.
#[derive(Clone, Debug)]
pub struct File {
    /// Its text.
    pub text: Arc<str>,
    /// Its package, where it has one that could be read.
    pub package: Option<Path>,
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
    /// The name after the keyword.
    pub name: Option<Name>,
    /// The whole item.
    pub span: Span,
}

/// More say nothing new, and a hostile item could hold one for every few bytes.
const DIAGNOSTICS_PER_ITEM: usize = 20;

/// Parses a file. Every input gives a tree, and a diagnostic for each item that could not be read.
pub fn parse(text: &str, file: FileId, limits: &SyntaxLimits) -> (File, Vec<Diagnostic>) {
    let mut parsed = File { text: text.into(), package: None, items: Vec::new(), broken: Vec::new() };
    if let Some(diagnostic) = too_large(text, file, limits) {
        return (parsed, vec![diagnostic]);
    }
    let table = TokenTable::new(text, lexer::lex(text));
    let mut diagnostics = Vec::new();
    for range in items::split(text, &table.tokens) {
        let tokens = table.tokens.get(range).unwrap_or_default();
        let known = diagnostics.len();
        let (item, unread) = Parser::new(text, &table, file, limits, &mut diagnostics).item(tokens);
        let unread = if item.is_none() { tokens.len() } else { unread };
        parsed.items.extend(item);
        if let Some(rest) = tokens.get(tokens.len().saturating_sub(unread)..).filter(|rest| !rest.is_empty()) {
            parsed.broken.push(broken_item(text, rest));
        }
        diagnostics.truncate(known + DIAGNOSTICS_PER_ITEM);
    }
    parsed.package = find_package(&parsed, &table, file, &mut diagnostics);
    diagnostics.sort_by_key(|diagnostic| diagnostic.at.span);
    (parsed, diagnostics)
}

/// Parses one expression.
pub fn parse_expr(text: &str, file: FileId, limits: &SyntaxLimits) -> (Expr, Vec<Diagnostic>) {
    if let Some(diagnostic) = too_large(text, file, limits) {
        return (Expr { kind: ast::ExprKind::Error, span: Span::default() }, vec![diagnostic]);
    }
    let table = TokenTable::new(text, lexer::lex(text));
    let mut diagnostics = Vec::new();
    let expr = Parser::new(text, &table, file, limits, &mut diagnostics).lone_expression();
    (expr, diagnostics)
}

fn too_large(text: &str, file: FileId, limits: &SyntaxLimits) -> Option<Diagnostic> {
    let limit = limits.file_bytes.min(u32::MAX as usize);
    (text.len() > limit).then(|| {
        let at = Location { file, span: Span::default() };
        let message = format!("the file has more than {limit} bytes");
        Diagnostic::error(Code::FileSize, at, message).with_help("split the file in several of the same package")
    })
}

fn broken_item(text: &str, tokens: &[Token]) -> BrokenItem {
    let name = |token: &Token| Name { text: token.span.of(text).into(), span: token.span };
    let keyword_at = tokens.iter().enumerate().position(|(index, token)| {
        let annotated = index.checked_sub(1).and_then(|at| tokens.get(at)).is_some_and(|t| t.kind == TokenKind::At);
        token.kind == TokenKind::Word && !annotated && lexer::ITEM_KEYWORDS.contains(&token.span.of(text))
    });
    let at = |index: usize| tokens.get(index);
    BrokenItem {
        keyword: keyword_at.and_then(at).map(name),
        name: keyword_at.and_then(|index| at(index + 1)).filter(|token| token.kind == TokenKind::Word).map(name),
        span: span_of(tokens),
    }
}

fn span_of(tokens: &[Token]) -> Span {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => Span::default(),
    }
}

/// The file's package; says so where it has none, a second one, or one that does not come first.
fn find_package(file: &File, table: &TokenTable, id: FileId, diagnostics: &mut Vec<Diagnostic>) -> Option<Path> {
    let at = |span| Location { file: id, span };
    let mut package: Option<&Path> = None;
    for item in &file.items {
        let ItemKind::Package(path) = &item.kind else { continue };
        if let Some(first) = package {
            let message = "a second `package` in one file";
            let diagnostic = Diagnostic::error(Code::MisplacedItem, at(item.span), message)
                .with_secondary(at(first.span), "the file's package")
                .with_help("move what belongs to another package to a file of its own");
            diagnostics.push(diagnostic);
            continue;
        }
        package = Some(path);
        if table.tokens.first().is_some_and(|token| token.span.start < item.span.start) {
            let message = "`package` is not the first item of its file";
            diagnostics.push(Diagnostic::error(Code::MisplacedItem, at(item.span), message).with_help("move it to the beginning of the file"));
        }
    }
    let broken = file.broken.iter().any(|item| item.keyword.as_ref().is_some_and(|word| word.text == "package"));
    if package.is_none() && !broken {
        let first = table.tokens.first().map(|token| token.span).unwrap_or_default();
        let start = Span { start: first.start, end: first.start };
        diagnostics.push(
            Diagnostic::error(Code::MissingPackage, at(first), "the file does not begin with its package")
                .with_help("begin the file with `package` and a name such as `support.exports`")
                .with_fix("add `package policy`", at(start), "package policy\n\n"),
        );
    }
    package.cloned()
}
