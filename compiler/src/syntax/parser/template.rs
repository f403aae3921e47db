//! Strings: escapes, braces, and the holes of templates.

use super::{Node, Parser, TokenTable};
use crate::diagnostic::Code;
use crate::syntax::ast::{Expr, ExprKind, Span, TemplatePart};
use crate::syntax::lexer;

/// What a hole is where only constant text may stand.
#[derive(Clone, Copy)]
enum Holes<'s> {
    Allowed,
    /// Refused, in what.
    Refused(&'s str),
}

impl Parser<'_> {
    /// A string as an expression, with its holes.
    pub(super) fn template(&mut self, pair: Node<'_>) -> Expr {
        self.string(pair, Holes::Allowed)
    }

    /// A string as an expression that holds a pattern.
    pub(super) fn pattern(&mut self, pair: Node<'_>) -> Expr {
        self.string(pair, Holes::Refused("a pattern"))
    }

    /// The text of a string that may have no holes.
    pub(super) fn constant_text(&mut self, pair: Node<'_>, what: &str) -> String {
        match self.string(pair, Holes::Refused(what)).kind {
            ExprKind::Template { parts, .. } => parts
                .into_iter()
                .filter_map(|part| match part {
                    TemplatePart::Text(text) => Some(text),
                    TemplatePart::Hole { .. } => None,
                })
                .collect(),
            _ => String::new(),
        }
    }

    fn string(&mut self, pair: Node<'_>, holes: Holes<'_>) -> Expr {
        let span = self.span(&pair);
        let text = span.of(self.text);
        if let Some(raw) = text.strip_prefix('r') {
            let inner = raw.trim_start_matches('#').trim_end_matches('#');
            let inner = inner.get(1..inner.len().saturating_sub(1)).unwrap_or_default();
            return Expr { kind: ExprKind::Template { parts: text_parts(inner.to_owned()), raw: true }, span };
        }
        let inner = Span { start: span.start + 1, end: span.end.saturating_sub(1).max(span.start + 1) };
        let known = self.diagnostics.len();
        let parts = self.parts(inner, holes);
        self.diagnostics.truncate(known + 1);
        Expr { kind: ExprKind::Template { parts, raw: false }, span }
    }

    fn parts(&mut self, inner: Span, holes: Holes<'_>) -> Vec<TemplatePart> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut at = inner.start;
        loop {
            let rest = Span { start: at, end: inner.end }.of(self.text);
            let plain = rest.find(['\\', '{', '}']).unwrap_or(rest.len());
            let (before, rest) = rest.split_at(plain);
            text.push_str(before);
            at += before.len() as u32;
            let Some(character) = rest.chars().next() else { break };
            let length = match character {
                '\\' => self.escape(rest, at, &mut text),
                '{' | '}' if rest.starts_with("{{") || rest.starts_with("}}") => {
                    text.push(character);
                    2
                }
                '{' => {
                    if !text.is_empty() {
                        parts.push(TemplatePart::Text(std::mem::take(&mut text)));
                    }
                    let span = Span { start: at, end: at + hole_length(rest) };
                    parts.extend(self.hole(span, holes));
                    span.end - span.start
                }
                '}' => {
                    let span = Span { start: at, end: at + 1 };
                    let diagnostic = self
                        .error(Code::Hole, span, "`}` without a `{` before it")
                        .with_help("write `}}` for a brace in the text")
                        .with_fix("write `}}`", self.location(span), "}}");
                    self.report(diagnostic);
                    1
                }
                // Nothing else is looked for.
                other => other.len_utf8() as u32,
            };
            at += length;
        }
        if !text.is_empty() {
            parts.push(TemplatePart::Text(text));
        }
        // Most have one part, for which the list would keep room for four.
        parts.shrink_to_fit();
        parts
    }

    /// The escape that `rest` begins with: adds its character and gives its length.
    fn escape(&mut self, rest: &str, at: u32, text: &mut String) -> u32 {
        let mut characters = rest.chars();
        characters.next();
        let character = characters.next().unwrap_or('\\');
        let plain = match character {
            '"' | '\\' => Some(character),
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            'u' => return self.unicode_escape(rest, at, text),
            _ => None,
        };
        let length = 1 + character.len_utf8() as u32;
        match plain {
            Some(plain) => text.push(plain),
            None => {
                let span = Span { start: at, end: at + length };
                let backslash = Span { start: at, end: at + 1 };
                let diagnostic = self
                    .error(Code::Escape, span, format!("unknown escape `\\{character}`"))
                    .with_help(r#"escapes are `\"`, `\\`, `\n`, `\t`, `\r` and `\u{…}`; a raw string `r"…"` has none"#);
                let (title, at, twice) = ("write the backslash twice", self.location(backslash), "\\\\");
                // Where others are read as escapes, as in `C:\Windows\notes`, one backslash more leaves those as they are.
                self.report(match self.has_escapes(span) {
                    true => diagnostic.with_choice(title, at, twice),
                    false => diagnostic.with_fix(title, at, twice),
                });
            }
        }
        length
    }

    /// Whether the line of a place has what reads as an escape of a character that is not seen.
    fn has_escapes(&self, span: Span) -> bool {
        let (before, after) = self.text.split_at_checked(span.start as usize).unwrap_or_default();
        let line = [before.rsplit('\n').next(), after.split('\n').next()];
        line.into_iter().flatten().any(|part| ["\\n", "\\t", "\\r", "\\u"].iter().any(|escape| part.contains(escape)))
    }

    fn unicode_escape(&mut self, rest: &str, at: u32, text: &mut String) -> u32 {
        let digits = rest.strip_prefix("\\u{").and_then(|after| after.split_once('}')).map(|(digits, _)| digits);
        let plain = |digits: &&str| (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let value = digits.filter(plain).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        let length = digits.map_or(2, |digits| digits.len() as u32 + 4);
        match value {
            Some(value) => text.push(value),
            None => {
                let span = Span { start: at, end: at + length };
                let written = span.of(self.text);
                if digits.filter(plain).is_some() {
                    self.report(self.error(Code::Escape, span, format!("no character has the number of `{written}`")));
                } else {
                    let help = "write the hexadecimal number of a character in braces, such as `\\u{e9}`";
                    self.report(self.error(Code::Escape, span, format!("malformed escape `{written}`")).with_help(help));
                }
            }
        }
        length
    }

    /// The hole that a span, braces included, covers.
    fn hole(&mut self, span: Span, holes: Holes<'_>) -> Option<TemplatePart> {
        if let Holes::Refused(what) = holes {
            let message = format!("{what} takes no holes");
            let whole = span.of(self.text);
            let inner = whole.trim_start_matches('{').trim_end_matches('}');
            let diagnostic =
                self.error(Code::HoleNotAllowed, span, message).with_help(r#"for braces in the text, write them twice or take a raw string: `r"…"`"#);
            // What repeats in a pattern is no value; a name may be meant for one.
            let repeats = inner.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b' '));
            let (title, at, twice) = ("write the braces twice", self.location(span), format!("{{{{{inner}}}}}"));
            self.report(if repeats { diagnostic.with_fix(title, at, twice) } else { diagnostic.with_choice(title, at, twice) });
            return None;
        }
        let inner = Span { start: span.start + 1, end: span.end.saturating_sub(1) };
        let text = inner.of(self.text);
        if !span.of(self.text).ends_with('}') || span.end - span.start < 2 {
            self.report_open_hole(span);
        } else if text.contains('\\') {
            let help = "a hole holds no string; name the value with `let`";
            self.report(self.error(Code::Hole, inner, "a hole with a backslash in it").with_help(help));
        } else if text.trim().is_empty() {
            let help = "write an expression between the braces, or `{{}}` for the braces themselves";
            self.report(self.error(Code::Hole, span, "an empty hole").with_help(help));
        } else {
            return Some(TemplatePart::Hole { expr: self.hole_expression(inner), span });
        }
        Some(TemplatePart::Hole { expr: Expr { kind: ExprKind::Error, span: inner }, span })
    }

    /// Reports a hole without its `}`, and offers to close it after the name that it begins with.
    fn report_open_hole(&mut self, span: Span) {
        let start = Span { start: span.start, end: span.start + 1 };
        let mut diagnostic = self
            .error(Code::Hole, start, "a hole that is not closed")
            .with_help("close it with `}`, or write `{{` for a brace in the text; a hole holds no `\"`, `{` or `}`");
        let inner = Span { start: start.end, end: span.end }.of(self.text);
        let path = inner.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.')).next().unwrap_or_default().trim_end_matches('.');
        let is_whole = !inner.get(path.len()..).is_some_and(|after| after.starts_with(['(', '[', '?']));
        if is_whole && path.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let end = start.end + path.len() as u32;
            diagnostic = diagnostic.with_choice(format!("write `{{{path}}}`"), self.location(Span { start: end, end }), "}");
        }
        self.report(diagnostic.with_choice("write `{{`", self.location(start), "{{"));
    }

    fn hole_expression(&mut self, inner: Span) -> Expr {
        let mut tokens = lexer::lex(inner.of(self.text));
        tokens.retain(|token| !token.kind.is_trivia());
        for token in &mut tokens {
            token.span.start += inner.start;
            token.span.end += inner.start;
        }
        let parser = Parser {
            text: self.text,
            table: TokenTable { tokens: &tokens, docs: &[], begins_line: self.table.begins_line },
            file: self.file,
            limits: self.limits,
            diagnostics: &mut *self.diagnostics,
            base: inner.start,
            hole: true,
            depth: self.depth,
            sound: None,
        };
        let expr = parser.lone_expression();
        let whole = expr.span.end > expr.span.start;
        Expr { span: if whole { expr.span } else { inner }, ..expr }
    }
}

fn text_parts(text: String) -> Vec<TemplatePart> {
    if text.is_empty() { Vec::new() } else { vec![TemplatePart::Text(text)] }
}

/// How far the hole reaches that a text begins with: to its `}`, or to where another `{` stands or the text ends.
fn hole_length(rest: &str) -> u32 {
    let inner = rest.get(1..).unwrap_or_default();
    match inner.find(['{', '}']) {
        Some(at) if inner.get(at..).is_some_and(|tail| tail.starts_with('}')) => at as u32 + 2,
        Some(at) => at as u32 + 1,
        None => rest.len() as u32,
    }
}
