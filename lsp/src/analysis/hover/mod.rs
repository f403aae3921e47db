//! What there is to say about a place.

mod attribute;
mod declaration;
mod literal;
mod symbol;
mod words;

use tollgate_compiler::diagnostic::Location;
use tollgate_compiler::lower::IndexReport;
use tollgate_compiler::syntax::ast::Span;
use tollgate_compiler::syntax::lexer::{self, Token, TokenKind};
use tollgate_compiler::{Inspection, PolicySet, SymbolKind};

use super::markdown::{code, fenced};
use super::{Cursor, item_at, text_of};

pub use declaration::{Declaration, declaration};
pub use symbol::about;

/// What is said about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub at: Location,
    /// What is said, as Markdown without links.
    pub text: String,
}

/// Says what stands at a place. `filed` tells under what rules are filed, where that is known.
pub fn hover(set: &PolicySet, filed: Option<&IndexReport>, at: Cursor) -> Option<Hover> {
    let (token, text) = token_at(set, at)?;
    if let Some(told) = attribute::at(set, at) {
        return Some(told);
    }
    let inspection = set.inspect(at.file, at.span());
    let used = inspection.uses_at(at.offset).min_by_key(|used| used.at.span.end - used.at.span.start);
    if let Some(used) = used {
        let named = inspection.uses.iter().filter(|other| other.at == used.at && matches!(other.symbol.kind, SymbolKind::Tool));
        let told = symbol::tools(named.map(|used| &*used.symbol.name)).or_else(|| symbol::about(set, filed, &used.symbol))?;
        return Some(Hover {
            at: used.at,
            text: [Some(told), symbol::narrowed(&inspection, used)].into_iter().flatten().collect::<Vec<_>>().join("\n\n"),
        });
    }
    let ty = value_at(&inspection, at.offset).filter(|(span, _)| token.kind != TokenKind::Word || words::is_operator(text) || *span == token.span);
    let typed = ty.as_ref().map(|(_, ty)| fenced(ty));
    let parts = [literal::in_words(token.kind, text, ty.as_ref().map(|(_, ty)| ty.as_str())), words::about(text, token.kind)];
    let told: Vec<String> = typed.into_iter().chain(parts.into_iter().flatten()).collect();
    let span = if words::about(text, token.kind).is_some() { token.span } else { ty.map_or(token.span, |(span, _)| span) };
    (!told.is_empty()).then(|| Hover { at: Location { file: at.file, span }, text: told.join("\n\n") })
}

/// The innermost expression around a place, with its type.
fn value_at(inspection: &Inspection, offset: u32) -> Option<(Span, String)> {
    let around = inspection.values.iter().filter(|(at, ty)| (at.span.start..=at.span.end).contains(&offset) && !ty.is_error());
    let (at, ty) = around.min_by_key(|(at, _)| at.span.end - at.span.start)?;
    Some((at.span, ty.to_string()))
}

/// The token at a place, with its text; a word is also at the place after its last letter. Nothing in comments.
fn token_at(set: &PolicySet, at: Cursor) -> Option<(Token, &str)> {
    let item = item_at(set, at)?;
    let text = item.span.of(text_of(set, at.file));
    let here = at.offset.checked_sub(item.span.start)?;
    let touches = |token: &Token| (token.span.start..=token.span.end).contains(&here) && !token.kind.is_trivia();
    let found: Vec<Token> = lexer::lex(text).into_iter().filter(touches).collect();
    let token = found.iter().rev().find(|token| token.span.end > here || token.kind == TokenKind::Word)?;
    let span = Span { start: token.span.start + item.span.start, end: token.span.end + item.span.start };
    Some((Token { span, ..*token }, token.span.of(text)))
}

/// A line about a thing of the language.
fn line(text: &str, chapter: &str) -> String {
    format!("{text} ({} in the guide)", code(chapter))
}

#[cfg(test)]
mod tests;
