//! `like` and `matches`.

use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{BinaryOp, Effect, Expr, ExprKind, ItemKind, TemplatePart};

use super::style::{operand, quoted, strip};
use super::visit::each_expr;
use super::{Findings, Source, View};

/// Patterns that are plain strings, and patterns of allow rules that hold a part of the text alone.
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
        if let ItemKind::Rule(rule) = &source.item.kind
            && rule.effect == Effect::Allow
        {
            rule.when.iter().for_each(|when| unanchored(view, source, when, findings));
        }
    }
}

type Rewritten = (Code, &'static str, String);

fn plain_like(view: &View<'_>, source: Source<'_, '_>, left: &Expr, pattern: &str) -> Option<Rewritten> {
    let text = plain_glob(pattern)?;
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

/// Patterns that an allow rule needs to hold, and that leave open how the text begins or ends.
fn unanchored(view: &View<'_>, source: Source<'_, '_>, condition: &Expr, findings: &mut Findings) {
    match &condition.kind {
        ExprKind::Paren(inner) => unanchored(view, source, inner, findings),
        ExprKind::Logic { operands, .. } => operands.iter().for_each(|operand| unanchored(view, source, operand, findings)),
        ExprKind::Binary { op: BinaryOp::Matches, right, .. } => {
            let Some(pattern) = literal(right).filter(|pattern| plain_regex(pattern).is_none()) else { return };
            let open = match ends(pattern) {
                (true, true) => return,
                (true, false) => "how the text ends",
                (false, true) => "how the text begins",
                (false, false) => "how the text begins and ends",
            };
            let message = format!("this pattern leaves open {open}, and the rule allows");
            let help = "write `^(…)$` for the whole text; `.*` at an end says that anything may stand there";
            let found = Diagnostic::warning(Code::UnanchoredPattern, source.at(right.span), message).with_help(help);
            findings.add(match anchored(pattern, (view.text)(source.at(strip(right).span))) {
                Some(text) => found.with_choice("match the whole text", source.at(strip(right).span), text),
                None => found,
            });
        }
        _ => {}
    }
}

/// The literal of a pattern, made to hold the whole text.
fn anchored(pattern: &str, literal: &str) -> Option<String> {
    let (open, close) = (literal.find('"')? + 1, literal.rfind('"')?);
    let (before, inner, after) = (literal.get(..open)?, literal.get(open..close)?, literal.get(close..)?);
    let flags = pattern.strip_prefix("(?").and_then(|rest| rest.split(')').next()).unwrap_or_default();
    // In patterns with comments a bracket may be a part of one.
    if flags.contains('x') {
        return None;
    }
    let (at_start, at_end) = ends(pattern);
    Some(match has_outer_alternatives(pattern) {
        true => format!("{before}^({inner})${after}"),
        false => format!("{before}{}{inner}{}{after}", if at_start { "" } else { "^" }, if at_end { "" } else { "$" }),
    })
}

/// Whether a regular expression says how the text begins, and how it ends.
fn ends(pattern: &str) -> (bool, bool) {
    let body = match pattern.strip_prefix("(?").and_then(|rest| rest.split_once(')')) {
        Some((flags, rest)) if flags.chars().all(|flag| flag.is_ascii_alphabetic()) => rest,
        _ => pattern,
    };
    if has_outer_alternatives(body) {
        return (false, false);
    }
    let is_escaped =
        |end: &str| body.strip_suffix(end).is_some_and(|before| before.chars().rev().take_while(|letter| *letter == '\\').count() % 2 == 1);
    let begins = ["^", r"\A", ".*"].iter().any(|start| body.starts_with(start));
    let finishes = body.ends_with(r"\z") || ["$", ".*"].iter().any(|end| body.ends_with(end) && !is_escaped(end));
    (begins, finishes)
}

/// Whether a `|` stands outside of all groups and classes.
fn has_outer_alternatives(pattern: &str) -> bool {
    let (mut depth, mut in_class) = (0_usize, false);
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '[' => in_class = true,
            ']' => in_class = false,
            _ if in_class => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

/// The text of a string without holes.
fn literal(expr: &Expr) -> Option<&str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_say_how_a_text_begins_and_ends() {
        for (pattern, found) in [
            ("^a+$", (true, true)),
            ("(?i)^a+$", (true, true)),
            ("^a+", (true, false)),
            (r"a+\$", (false, false)),
            ("^a|b$", (false, false)),
            ("^(a|b)$", (true, true)),
            ("^[|]$", (true, true)),
            ("a+.*", (false, true)),
            (r"\Aa+\z", (true, true)),
        ] {
            assert_eq!(ends(pattern), found, "{pattern}");
        }
    }
}
