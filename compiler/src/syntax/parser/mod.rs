//! From one item's tokens to its tree, by way of the grammar.
//!
//! What pest gives has the grammar's shape, so the functions here take the parts they know to be there;
//! `None` would mean that grammar and parser disagree, and is reported as a syntax error.

mod advice;
mod chain;
mod declaration;
mod error;
mod expression;
mod habits;
mod lexical;
mod names;
mod rule;
mod shapes;
mod slips;
mod template;
mod testing;
#[cfg(test)]
mod tests;
mod types;

use pest::Parser as _;
use pest::iterators::{Pair, Pairs};

use super::ast::{Expr, ExprKind, Item, Span};
use super::lexer::Token;
use super::nesting::{self, Excess, SyntaxLimits};
use super::{items, span_of};
use crate::diagnostic::{Code, Diagnostic, FileId, Location};

#[derive(pest_derive::Parser)]
#[grammar = "../../grammar/tollgate.pest"]
struct Grammar;

/// The tokens of a text that the parser looks at.
#[derive(Clone, Copy)]
pub(super) struct TokenTable<'t> {
    /// All but trivia.
    pub(super) tokens: &'t [Token],
    /// The `///` comments that have a line of their own.
    pub(super) docs: &'t [Token],
    /// Whether the text begins a line.
    pub(super) begins_line: bool,
}

impl TokenTable<'_> {
    /// The last token that begins before an offset.
    fn last_before(&self, offset: u32) -> Option<Token> {
        let after = self.tokens.partition_point(|token| token.span.start < offset);
        self.tokens.get(after.checked_sub(1)?).copied()
    }

    /// The first token that ends after an offset.
    fn at_or_after(&self, offset: u32) -> Option<Token> {
        self.tokens.get(self.tokens.partition_point(|token| token.span.end <= offset)).copied()
    }
}

/// Parses one item, or one expression, of a text.
pub(super) struct Parser<'a> {
    text: &'a str,
    table: TokenTable<'a>,
    file: FileId,
    limits: &'a SyntaxLimits,
    diagnostics: &'a mut Vec<Diagnostic>,
    /// Where the slice that pest sees begins in the text.
    base: u32,
    /// Whether it is the hole of a template.
    hole: bool,
    /// How many expressions are around the one that is being built.
    depth: usize,
    /// How many of the item's tokens are an item of their own, where the error begins a line after it.
    sound: Option<usize>,
}

type Node<'t> = Pair<'t, Rule>;

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, table: TokenTable<'a>, file: FileId, limits: &'a SyntaxLimits, diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        Parser { text, table, file, limits, diagnostics, base: 0, hole: false, depth: 0, sound: None }
    }

    /// The item that the tokens are, or that they begin with, and how many tokens could not be read.
    pub(super) fn item(mut self) -> (Option<Item>, usize) {
        let tokens = self.table.tokens;
        let all = tokens.len();
        if let Some(pairs) = self.pairs(Rule::one_item, tokens) {
            return (self.first_item(pairs, tokens), 0);
        }
        let sound = tokens.get(..self.sound.take().unwrap_or_default()).filter(|sound| !sound.is_empty());
        match sound.and_then(|sound| Some((sound, self.pairs(Rule::one_item, sound)?))) {
            Some((sound, pairs)) => (self.first_item(pairs, sound), all - sound.len()),
            None => (None, all),
        }
    }

    fn first_item(&mut self, mut pairs: Pairs<'_, Rule>, tokens: &[Token]) -> Option<Item> {
        let item = pairs.next().and_then(|pair| self.build_item(pair));
        if item.is_none() {
            self.report(self.error(Code::Syntax, span_of(tokens), "this item cannot be read"));
        }
        item
    }

    /// The expression that the text is, or an error node for which a diagnostic was given.
    pub(super) fn lone_expression(mut self) -> Expr {
        let tokens = self.table.tokens;
        let expr = match self.pairs(Rule::one_expression, tokens) {
            Some(mut pairs) => pairs.next().map(|pair| self.expression(pair)),
            None => None,
        };
        expr.unwrap_or(Expr { kind: ExprKind::Error, span: span_of(tokens) })
    }

    /// What the grammar makes of some tokens of the text, once they are known to be sound and not too deep.
    fn pairs(&mut self, rule: Rule, tokens: &[Token]) -> Option<Pairs<'a, Rule>> {
        if let Some(index) = tokens.iter().position(|token| token.kind.is_error()) {
            self.report_token(tokens, index);
            return None;
        }
        let nesting = self.limits.nesting.saturating_sub(self.depth);
        if let Some(excess) = nesting::check(self.text, tokens, &SyntaxLimits { nesting, ..*self.limits }) {
            self.report_excess(excess);
            return None;
        }
        let span = span_of(tokens);
        self.base = span.start;
        match Grammar::parse(rule, span.of(self.text)) {
            Ok(pairs) => Some(pairs),
            Err(error) => {
                self.report_grammar(&error, tokens);
                None
            }
        }
    }

    fn report_excess(&mut self, excess: Excess) {
        let (message, help) = if excess.operators {
            let message = format!("more than {} operators in one expression", self.limits.operators);
            (message, "name parts of it with `let`, or add up a list with `.sum`")
        } else {
            let message = format!("nested more than {} levels deep", self.limits.nesting);
            (message, "name an inner part with `let` or `fn`")
        };
        self.report(self.error(Code::Nesting, excess.span, message).with_help(help));
    }

    /// An error at a place of the text, to be refined and reported.
    fn error(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.location(span), message)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Whether an offset is the first of a line.
    fn at_line_start(&self, offset: u32) -> bool {
        if offset == 0 { self.table.begins_line } else { items::at_line_start(self.text, offset) }
    }

    fn location(&self, span: Span) -> Location {
        Location { file: self.file, span }
    }

    /// Where a node stands. pest counts the white space after a node in, so its end is that of its last token.
    fn span(&self, pair: &Node<'_>) -> Span {
        let inner = pair.as_span();
        let start = self.base + inner.start() as u32;
        let end = self.base + inner.end() as u32;
        let last = self.table.last_before(end).map_or(end, |token| token.span.end);
        Span { start, end: last.clamp(start, end) }
    }

    /// The `///` text between the token before an offset and the offset.
    fn doc_before(&self, offset: u32) -> String {
        let docs = self.table.docs;
        let from = self.table.last_before(offset).map_or(0, |token| token.span.end);
        let first = docs.partition_point(|doc| doc.span.start < from);
        let past = docs.partition_point(|doc| doc.span.start < offset);
        let lines = docs.get(first..past).unwrap_or_default().iter().map(|doc| {
            let line = doc.span.of(self.text).trim_start_matches('/').trim_end();
            line.strip_prefix(' ').unwrap_or(line)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Complains where two neighbours of a list, in which line ends separate, have neither comma nor line end between.
    fn check_separators(&mut self, spans: &[Span], what: &str) {
        for pair in spans.windows(2) {
            let [left, right] = pair else { continue };
            let between = Span { start: left.end, end: right.start };
            if !between.of(self.text).contains([',', '\n']) {
                let insert = self.location(Span { start: left.end, end: left.end });
                let diagnostic = self
                    .error(Code::Syntax, *right, format!("expected `,` between {what}"))
                    .with_help("a comma may be left out at the end of a line only")
                    .with_fix("insert `,`", insert, ",");
                self.report(diagnostic);
            }
        }
    }
}

/// The children of a node, taken in order.
struct Children<'t>(Pairs<'t, Rule>);

impl<'t> Children<'t> {
    fn of(pair: Node<'t>) -> Self {
        Children(pair.into_inner())
    }

    /// The next child of that rule, passing over others; where there is none, nothing is passed over.
    fn find(&mut self, rule: Rule) -> Option<Node<'t>> {
        let mut rest = self.0.clone();
        let found = rest.find(|pair| pair.as_rule() == rule)?;
        self.0 = rest;
        Some(found)
    }

    /// Whether the very next child is of that rule, which is taken then.
    fn take(&mut self, rule: Rule) -> Option<Node<'t>> {
        self.0.peek().filter(|pair| pair.as_rule() == rule)?;
        self.0.next()
    }

    /// All further children of that rule.
    fn all(self, rule: Rule) -> impl Iterator<Item = Node<'t>> {
        self.0.filter(move |pair| pair.as_rule() == rule)
    }
}
