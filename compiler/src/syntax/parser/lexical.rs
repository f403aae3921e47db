//! Tokens that no program can hold: what is wrong with them.

use super::Parser;
use super::advice::unit;
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::Span;
use crate::syntax::lexer::{Token, TokenKind};

impl Parser<'_> {
    /// Reports a token that [`TokenKind::is_error`].
    pub(super) fn report_token(&mut self, token: Token) {
        let text = token.span.of(self.text);
        let diagnostic = match token.kind {
            TokenKind::OpenString => self.open_string(token.span),
            TokenKind::SingleQuoted => self.single_quoted(token.span, text),
            TokenKind::BadNumber => self.bad_number(token.span, text),
            TokenKind::AndAnd => self.wrong_operator(token.span, text, "and"),
            TokenKind::OrOr => self.wrong_operator(token.span, text, "or"),
            TokenKind::Bang => self.wrong_operator(token.span, text, "not"),
            _ => self.unknown(token.span, text),
        };
        self.report(diagnostic);
    }

    fn open_string(&self, span: Span) -> Diagnostic {
        let end = Span { start: span.end, end: span.end };
        self.error(Code::UnterminatedString, span, "a string that is not closed on its line")
            .with_help("a string ends on its line; write `\\n` for a line end in it")
            .with_fix("close the string", self.location(end), "\"")
    }

    fn single_quoted(&self, span: Span, text: &str) -> Diagnostic {
        let inner = text.trim_matches('\'');
        let diagnostic = self.error(Code::Character, span, "strings are written in double quotes").with_help("write `\"` in place of `'`");
        match inner.contains(['"', '\\', '{', '}']) {
            true => diagnostic,
            false => diagnostic.with_fix("write double quotes", self.location(span), format!("\"{inner}\"")),
        }
    }

    fn bad_number(&self, span: Span, text: &str) -> Diagnostic {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if let Some(unit) = text.get(digits.len()..).and_then(unit).filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit())) {
            let duration = format!("{digits}{unit}");
            return self
                .error(Code::Number, span, format!("malformed number `{text}`"))
                .with_help(format!("the duration is written `{duration}`"))
                .with_fix(format!("write `{duration}`"), self.location(span), duration);
        }
        let help = match text {
            _ if text.ends_with('_') || text.contains("__") || text.contains("_.") => "`_` stands between two digits of a number",
            _ if text.starts_with("0x") || text.starts_with("0b") || text.starts_with("0o") => "numbers are written in decimal digits",
            _ if text.ends_with(['k', 'K', 'M', 'G']) => "write all digits of a number, such as `10_000`",
            _ if text.contains(['e', 'E']) => "numbers have no exponent; write their digits",
            _ if text.ends_with(|c: char| c.is_ascii_alphabetic()) => {
                "the units of durations are `ms`, `s`, `m`, `h` and `d`, after whole numbers; a name does not begin with a digit"
            }
            _ => "a letter does not directly follow a number",
        };
        self.error(Code::Number, span, format!("malformed number `{text}`")).with_help(help)
    }

    fn wrong_operator(&self, span: Span, text: &str, word: &str) -> Diagnostic {
        let before = self.text.get(..span.start as usize).unwrap_or_default();
        let after = self.text.get(span.end as usize..).unwrap_or_default();
        let touches = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let left = if before.ends_with(touches) { " " } else { "" };
        let right = if after.starts_with(|c: char| touches(c) || c == '(') { " " } else { "" };
        self.error(Code::Character, span, format!("`{text}` is no operator")).with_help(format!("write `{word}`")).with_fix(
            format!("write `{word}`"),
            self.location(span),
            format!("{left}{word}{right}"),
        )
    }

    fn unknown(&self, span: Span, text: &str) -> Diagnostic {
        let character = text.chars().next().unwrap_or(' ');
        let shown = match character.is_control() || character.is_whitespace() || is_invisible(character) {
            true => format!("the invisible character U+{:04X}", u32::from(character)),
            false => format!("`{character}`"),
        };
        let diagnostic = self.error(Code::Character, span, format!("{shown} is no part of the language"));
        let remove = |diagnostic: Diagnostic, title: &str| diagnostic.with_fix(title, self.location(span), "");
        match character {
            ';' => remove(diagnostic.with_help("nothing separates clauses or items"), "remove `;`"),
            '#' => diagnostic.with_help("comments begin with `//`").with_fix("write `//`", self.location(span), "//"),
            '&' => diagnostic.with_help("write `and`").with_fix("write `and`", self.location(span), "and"),
            '“' | '”' | '„' | '«' | '»' => diagnostic.with_help("strings are written in straight double quotes"),
            '\'' | '`' => diagnostic.with_help("strings are written in double quotes"),
            _ if character.is_control() || is_invisible(character) => remove(diagnostic, "remove it"),
            _ if character.is_whitespace() => diagnostic.with_fix("write a plain space", self.location(span), " "),
            _ if character.is_alphabetic() => diagnostic.with_help("names are made of ASCII letters, digits and `_`"),
            _ => diagnostic,
        }
    }
}

/// Format characters that an editor does not show.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
