//! `like` and `matches`.

use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, TemplatePart};

use super::foreign::is_foreign;
use super::style::{operand, quoted, strip};
use super::visit::each_expr;
use super::{Findings, Source, View};

/// Patterns that are plain strings.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    for source in view.items() {
        each_expr(source.item, &mut |expr| {
            let ExprKind::Binary { op, left, right, .. } = &expr.kind else { return };
            let Some(pattern) = literal(right) else { return };
            let found = match op {
                BinaryOp::Like => plain_like(view, source, left, pattern),
                BinaryOp::Matches => plain_matches(view, source, left, pattern),
                _ => None,
            };
            if let Some((code, message, text)) = found {
                let at = source.at(expr.span);
                findings.add(Diagnostic::warning(code, at, message).with_help(format!("write `{text}`")).with_fix(
                    format!("write `{text}`"),
                    at,
                    text,
                ));
            }
        });
    }
}

type Rewritten = (Code, &'static str, String);

fn plain_like(view: &View<'_>, source: Source<'_, '_>, left: &Expr, pattern: &str) -> Option<Rewritten> {
    let text = plain_glob(pattern).filter(|_| !is_foreign(pattern))?;
    Some((Code::PlainLike, "this pattern is a plain string", format!("{} == {}", operand(view, source, left), quoted(&text))))
}

fn plain_matches(view: &View<'_>, source: Source<'_, '_>, left: &Expr, pattern: &str) -> Option<Rewritten> {
    let plain = plain_regex(pattern)?;
    let (left, text) = (operand(view, source, left), quoted(&plain.text));
    let (message, written) = match (plain.at_start, plain.at_end) {
        (true, true) => ("this pattern is a plain string", format!("{left} == {text}")),
        (true, false) => ("this pattern is a plain prefix", format!("{left}.starts_with({text})")),
        (false, true) => ("this pattern is a plain suffix", format!("{left}.ends_with({text})")),
        (false, false) => ("this pattern is a plain string", format!("{left}.contains({text})")),
    };
    Some((Code::PlainMatches, message, written))
}

/// The text of a string without holes.
pub fn literal(expr: &Expr) -> Option<&str> {
    match &strip(expr).kind {
        ExprKind::Template { parts, .. } => match parts.as_slice() {
            [] => Some(""),
            [TemplatePart::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// The one text that a glob holds, where it holds no other.
pub fn plain_glob(pattern: &str) -> Option<String> {
    let mut text = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '*' | '?' => return None,
            '\\' => text.push(letters.next()?),
            other => text.push(other),
        }
    }
    Some(text)
}

/// A regular expression that says one text, and where it stands.
struct PlainRegex {
    text: String,
    at_start: bool,
    at_end: bool,
}

/// The text that a regular expression says, where it says one alone.
pub fn is_plain_regex(pattern: &str) -> bool {
    plain_regex(pattern).is_some()
}

fn plain_regex(pattern: &str) -> Option<PlainRegex> {
    let (at_start, rest) = match pattern.strip_prefix('^').or_else(|| pattern.strip_prefix(r"\A")) {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let mut text = String::with_capacity(rest.len());
    let mut letters = rest.chars().peekable();
    let mut at_end = false;
    while let Some(letter) = letters.next() {
        match letter {
            '$' if letters.peek().is_none() => at_end = true,
            '\\' => match letters.next()? {
                'z' if letters.peek().is_none() => at_end = true,
                other if other.is_ascii_punctuation() && !matches!(other, '<' | '>') => text.push(other),
                _ => return None,
            },
            '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' => return None,
            other => text.push(other),
        }
    }
    (!text.is_empty()).then_some(PlainRegex { text, at_start, at_end })
}
