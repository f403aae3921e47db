//! Slips of the pen where the parser cannot go on: misspelt words, commas and brackets too many or too few.

use super::advice::unit;
use super::error::{Found, words_of};
use super::{Parser, Rule};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, nearest};
use crate::syntax::ast::Span;
use crate::syntax::items::match_brackets;
use crate::syntax::lexer::{self, Token, TokenKind};

/// Shorter words are too many others' neighbours.
const SHORTEST: usize = 3;

/// The words that begin what follows an expression, and no expression.
const AFTER_EXPRESSIONS: [&str; 8] = ["on", "for", "when", "unless", "because", "require", "expect", "then"];

impl Parser<'_> {
    /// The slip at a token that is not what the grammar takes, if it is one.
    pub(super) fn slip(&self, rules: &[Rule], found: &Found<'_>, tokens: &[Token]) -> Option<Diagnostic> {
        let token = found.token.filter(|_| found.last.is_none())?;
        let before = self.table.last_before(token.span.start).filter(|before| tokens.contains(before));
        self.braces_of_condition(found, tokens)
            .or_else(|| self.stray_bracket(rules, found, token, tokens))
            .or_else(|| self.left_open(rules, found, token, tokens))
            .or_else(|| self.stray_comma(token, before?, tokens))
            .or_else(|| self.missing_comma(rules, token, before?))
            .or_else(|| self.missing_expression(rules, token, before?))
            .or_else(|| self.misspelt(rules, found))
            .or_else(|| self.missing_operator(rules, token, before?))
    }

    /// Conditions in braces, as other languages have them.
    fn braces_of_condition(&self, found: &Found<'_>, tokens: &[Token]) -> Option<Diagnostic> {
        let (opener, _) = self.open_bracket(found, tokens)?;
        let before = self.table.last_before(opener.span.start)?.span.of(self.text);
        let is_condition = opener.kind == TokenKind::LeftBrace && matches!(before, "when" | "unless");
        is_condition.then(|| {
            self.error(Code::Syntax, opener.span, "a condition has no braces")
                .with_help("join conditions with `and`; what has a name stands in a `let` before the rule")
        })
    }

    /// A bracket that closes nothing, or another bracket than the one that is open.
    fn stray_bracket(&self, rules: &[Rule], found: &Found<'_>, token: Token, tokens: &[Token]) -> Option<Diagnostic> {
        token.kind.opener()?;
        let at = self.location(token.span);
        let Some((opener, (rule, closer))) = self.open_bracket(found, tokens) else {
            let message = format!("this `{}` closes nothing", found.text);
            let diagnostic = self.error(Code::Syntax, token.span, message).with_help("leave it out, or write the bracket that it closes");
            return Some(diagnostic.with_choice(format!("remove `{}`", found.text), at, ""));
        };
        if !rules.contains(&rule) || token.kind.opener() == Some(opener.kind) {
            return None;
        }
        let message = format!("`{}` is closed with `{closer}`", opener.span.of(self.text));
        let diagnostic = self.error(Code::Syntax, token.span, message).with_secondary(self.location(opener.span), "opened here");
        Some(diagnostic.with_help(format!("write `{closer}`")).with_fix(format!("write `{closer}`"), at, closer.to_string()))
    }

    /// A bracket that is still open where the next clause begins.
    fn left_open(&self, rules: &[Rule], found: &Found<'_>, token: Token, tokens: &[Token]) -> Option<Diagnostic> {
        let (_, (rule, _)) = self.open_bracket(found, tokens)?;
        let ends = AFTER_EXPRESSIONS.contains(&token.span.of(self.text)) && rules.contains(&rule);
        let last = self.table.last_before(token.span.start)?;
        ends.then(|| self.unclosed(rules, &Found { last: Some(last), ..*found }, tokens))?
    }

    fn stray_comma(&self, token: Token, before: Token, tokens: &[Token]) -> Option<Diagnostic> {
        if token.kind != TokenKind::Comma {
            return None;
        }
        if before.kind == TokenKind::Comma {
            let diagnostic = self.error(Code::Syntax, token.span, "a comma too many").with_help("leave it out");
            return Some(diagnostic.with_fix("remove `,`", self.location(token.span), ""));
        }
        self.parenthesized_list(token, tokens)
    }

    /// `("a", "b")`, which is a list elsewhere.
    fn parenthesized_list(&self, comma: Token, tokens: &[Token]) -> Option<Diagnostic> {
        let partners = match_brackets(tokens);
        let at = tokens.iter().position(|token| token.span == comma.span)?;
        let mut enclosing = (0..at).rev().filter(|index| partners.get(*index).copied().flatten().is_none_or(|partner| partner > at));
        let opener = enclosing.find(|index| tokens.get(*index).is_some_and(|token| token.kind.opens()))?;
        let (open, close) = (tokens.get(opener)?, tokens.get(partners.get(opener).copied().flatten()?)?);
        if open.kind != TokenKind::LeftParen {
            return None;
        }
        let edit = |token: &Token, text: &str| Edit { at: self.location(token.span), text: text.to_owned() };
        let mut diagnostic =
            self.error(Code::Syntax, open.span.to(close.span), "parentheses hold one value").with_help("a list is written `[a, b]`, a set `{a, b}`");
        diagnostic.fixes.push(Fix::new("write `{` and `}`", vec![edit(open, "{"), edit(close, "}")]));
        Some(diagnostic)
    }

    /// Two neighbours with nothing between, where a comma may stand.
    fn missing_comma(&self, rules: &[Rule], token: Token, before: Token) -> Option<Diagnostic> {
        let is_value = |kind| matches!(kind, TokenKind::String | TokenKind::RawString | TokenKind::Int | TokenKind::Decimal | TokenKind::Duration);
        let is_call = token.kind == TokenKind::Word
            && !lexer::is_reserved(token.span.of(self.text))
            && before.kind == TokenKind::RightParen
            && self.text.get(token.span.end as usize..).is_some_and(|after| after.starts_with('('));
        let ends = is_value(before.kind) || before.kind == TokenKind::Word || before.kind.opener().is_some();
        if !rules.contains(&Rule::comma) || !ends || !(is_value(token.kind) || is_call) {
            return None;
        }
        let (left, right) = (self.shown(Some(before)), self.shown(Some(token)));
        let end = Span { start: before.span.end, end: before.span.end };
        let message = format!("a comma is missing between {left} and {right}");
        Some(self.error(Code::Syntax, token.span, message).with_help(format!("write `,` after {left}")).with_fix(
            "insert `,`",
            self.location(end),
            ",",
        ))
    }

    /// A value right after a value.
    fn missing_operator(&self, rules: &[Rule], token: Token, before: Token) -> Option<Diagnostic> {
        let is_value = |kind| matches!(kind, TokenKind::String | TokenKind::Int | TokenKind::Decimal | TokenKind::Duration);
        let ends = before.kind == TokenKind::Word && !lexer::is_reserved(before.span.of(self.text)) || before.kind.opener().is_some();
        if !rules.contains(&Rule::operator) || !is_value(token.kind) || !ends {
            return None;
        }
        let (left, right) = (self.shown(Some(before)), self.shown(Some(token)));
        let diagnostic = self.error(Code::Syntax, token.span, format!("an operator is missing between {left} and {right}"));
        Some(diagnostic.with_help("compare with `==`, `!=`, `<`, `>`, `in` or `like`"))
    }

    /// A word or an operator after which the next clause begins, in place of an expression.
    fn missing_expression(&self, rules: &[Rule], token: Token, before: Token) -> Option<Diagnostic> {
        let wants = rules.iter().any(|rule| matches!(rule, Rule::expression | Rule::name | Rule::operand));
        if !wants || !AFTER_EXPRESSIONS.contains(&token.span.of(self.text)) {
            return None;
        }
        let word = before.span.of(self.text);
        let diagnostic = self.error(Code::Syntax, before.span, format!("`{word}` is followed by nothing"));
        Some(diagnostic.with_help(format!("write an expression after `{word}`, or leave `{word}` out")))
    }

    /// A word that is nearly one of those that may stand here.
    fn misspelt(&self, rules: &[Rule], found: &Found<'_>) -> Option<Diagnostic> {
        let is_word = found.token.is_some_and(|token| token.kind == TokenKind::Word) && found.text.len() >= SHORTEST;
        let text = found.text;
        let follows_number = || self.table.last_before(found.at.start).is_some_and(|before| before.kind == TokenKind::Int);
        if !is_word || lexer::is_reserved(&text.to_ascii_lowercase()) || (unit(text).is_some() && follows_number()) {
            return None;
        }
        let word = nearest(text, words_of(rules))?;
        let diagnostic = self.error(Code::Syntax, found.at, format!("`{text}` means nothing here")).with_help(format!("write `{word}`"));
        Some(diagnostic.with_fix(format!("write `{word}`"), self.location(found.at), word))
    }
}
