//! A text cut into pieces, each an item with what stands before it. What a piece means is told by its text alone, so that an edit costs the pieces
//! that it touches.

use std::ops::Range;

use super::ast::{Item, Name, Span};
use super::lexer::{self, Token, TokenKind};
use super::nesting::SyntaxLimits;
use super::parser::{Parser, TokenTable};
use super::{BrokenItem, items, span_of};
use crate::diagnostic::{Diagnostic, FileId};

/// More say nothing new, and a hostile item could hold one for every few bytes.
const DIAGNOSTICS_PER_ITEM: usize = 20;

/// A text with its tokens.
pub struct Cut<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    docs: Vec<Token>,
    begins_line: bool,
}

/// An item's text, from the end of the item before to its own end.
#[derive(Clone, Copy)]
pub struct Piece<'c> {
    /// Its text.
    pub text: &'c str,
    /// Where it begins in the whole.
    pub start: u32,
    /// Whether a line begins with it.
    pub begins_line: bool,
    tokens: &'c [Token],
    docs: &'c [Token],
}

/// What a piece was read as. Spans count from the piece's start.
#[derive(Clone, Debug, Default)]
pub struct ParsedPiece {
    /// The item, where it could be read.
    pub item: Option<Item>,
    /// What of it could not be read.
    pub broken: Option<BrokenItem>,
    /// Why.
    pub diagnostics: Vec<Diagnostic>,
    /// Its first token.
    pub first_token: Span,
}

impl<'t> Cut<'t> {
    /// Cuts a text, which must be shorter than 4 GiB.
    pub fn new(text: &'t str) -> Cut<'t> {
        Cut::part(text, true)
    }

    /// Cuts a part of a text that begins where a piece of it ends, or with the text itself, and so with a line.
    pub fn part(text: &'t str, begins_line: bool) -> Cut<'t> {
        let mut tokens = lexer::lex(text);
        let is_own = |token: &Token| token.kind == TokenKind::Doc && has_own_line(text, *token, begins_line);
        let docs = tokens.iter().copied().filter(is_own).collect();
        tokens.retain(|token| !token.kind.is_trivia());
        Cut { text, tokens, docs, begins_line }
    }

    /// Where the first token stands.
    pub fn first_token(&self) -> Option<Span> {
        self.tokens.first().map(|token| token.span)
    }

    /// The tokens of the whole.
    pub(super) fn table(&self) -> TokenTable<'_> {
        TokenTable { tokens: &self.tokens, docs: &self.docs, begins_line: self.begins_line }
    }

    /// The pieces in order; together they have all tokens.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let mut start = 0;
        let mut docs = self.docs.as_slice();
        items::split(self.text, &self.tokens).into_iter().map(move |range: Range<usize>| {
            let tokens = self.tokens.get(range).unwrap_or_default();
            let whole = Span { start, end: span_of(tokens).end };
            let (own, rest) = docs.split_at(docs.partition_point(|doc| doc.span.start < whole.end));
            docs = rest;
            start = whole.end;
            Piece { text: whole.of(self.text), start: whole.start, tokens, docs: own, begins_line: self.begins_line && whole.start == 0 }
        })
    }
}

impl Piece<'_> {
    /// Whether every bracket in it is closed in it.
    pub fn is_balanced(&self) -> bool {
        let is_bracket = |token: &Token| token.kind.opens() || token.kind.opener().is_some();
        items::match_brackets(self.tokens).iter().zip(self.tokens).all(|(partner, token)| partner.is_some() || !is_bracket(token))
    }

    /// Reads the piece; its diagnostics are of `file`.
    pub fn parse(&self, file: FileId, limits: &SyntaxLimits) -> ParsedPiece {
        let (tokens, docs) = (self.moved(self.tokens), self.moved(self.docs));
        parse(self.text, TokenTable { tokens: &tokens, docs: &docs, begins_line: self.begins_line }, file, limits)
    }

    /// Reads the piece where it stands in the whole text, whose spans the result has.
    pub(super) fn parse_in_place(&self, whole: &str, file: FileId, limits: &SyntaxLimits) -> ParsedPiece {
        let end = (self.start as usize).saturating_add(self.text.len());
        let text = whole.get(..end).unwrap_or(whole);
        parse(text, TokenTable { tokens: self.tokens, docs: self.docs, begins_line: true }, file, limits)
    }

    /// Tokens with spans that count from the piece's start.
    fn moved(&self, tokens: &[Token]) -> Vec<Token> {
        let moved = |offset: u32| offset.saturating_sub(self.start);
        tokens.iter().map(|token| Token { span: Span { start: moved(token.span.start), end: moved(token.span.end) }, ..*token }).collect()
    }
}

fn parse(text: &str, table: TokenTable<'_>, file: FileId, limits: &SyntaxLimits) -> ParsedPiece {
    let mut diagnostics = Vec::new();
    let tokens = table.tokens;
    let (item, unread) = Parser::new(text, table, file, limits, &mut diagnostics).item();
    let unread = if item.is_none() { tokens.len() } else { unread };
    let rest = tokens.get(tokens.len().saturating_sub(unread)..).filter(|rest| !rest.is_empty());
    diagnostics.truncate(DIAGNOSTICS_PER_ITEM);
    let first_token = tokens.first().map(|token| token.span).unwrap_or_default();
    ParsedPiece { item, broken: rest.map(|rest| broken_item(text, rest)), diagnostics, first_token }
}

/// Whether nothing but white space stands before a comment on its line.
fn has_own_line(text: &str, comment: Token, begins_line: bool) -> bool {
    let before = text.get(..comment.span.start as usize).unwrap_or_default();
    let indent = before.trim_end_matches([' ', '\t']);
    if indent.is_empty() { begins_line } else { items::at_line_start(text, indent.len() as u32) }
}

fn broken_item(text: &str, tokens: &[Token]) -> BrokenItem {
    let name = |token: &Token| Name { text: token.span.of(text).into(), span: token.span };
    let is_comment = items::begins_comment(text, tokens, 0);
    let keyword_at = tokens.iter().enumerate().filter(|_| !is_comment).position(|(index, token)| {
        let annotated = index.checked_sub(1).and_then(|at| tokens.get(at)).is_some_and(|t| t.kind == TokenKind::At);
        token.kind == TokenKind::Word && !annotated && lexer::ITEM_KEYWORDS.contains(&token.span.of(text))
    });
    let at = |index: usize| tokens.get(index);
    let is_name = |token: &&Token| match token.kind {
        TokenKind::Word => true,
        kind => kind == TokenKind::String && keyword_at.and_then(at).is_some_and(|keyword| keyword.span.of(text) == "tool"),
    };
    // What other languages begin a `let` with has its name too, so that its uses are no further mistakes.
    let foreign = || tokens.first().filter(|first| matches!(first.span.of(text), "const" | "var" | "val")).map(|_| 0);
    BrokenItem {
        keyword: keyword_at.and_then(at).map(name),
        name: keyword_at.or_else(foreign).and_then(|index| at(index + 1)).filter(is_name).map(name),
        span: span_of(tokens),
    }
}
