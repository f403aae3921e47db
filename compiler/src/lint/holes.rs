//! Texts that show a hole in place of its value: the braces are doubled, or the string is raw.

use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, ItemKind};

use super::style::strip;
use super::visit::each_expr;
use super::{Findings, Source, View};

/// What paths of a request begin with.
const ROOTS: [&str; 6] = ["args", "agent", "user", "tool", "session", "context"];

/// Reasons, arguments of obligations and compared texts that have a path of the request in braces.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    for source in view.items() {
        let mut texts: Vec<&Expr> = Vec::new();
        match &source.item.kind {
            ItemKind::Test(_) => continue,
            ItemKind::Rule(rule) => {
                texts.extend(&rule.because);
                texts.extend(rule.require.iter().flat_map(|required| &required.args).map(|(_, value)| value));
            }
            ItemKind::Score { parts, .. } => texts.extend(parts.iter().filter_map(|part| part.because.as_ref())),
            ItemKind::Default { because, .. } => texts.extend(because),
            _ => {}
        }
        each_expr(source.item, &mut |expr| {
            if let ExprKind::Binary { op: BinaryOp::Eq | BinaryOp::Ne, left, right, .. } = &expr.kind {
                texts.extend([&**left, &**right]);
            }
        });
        for text in texts {
            findings_in(view, source, strip(text)).into_iter().for_each(|found| findings.add(found));
        }
    }
}

fn findings_in(view: &View<'_>, source: Source<'_, '_>, text: &Expr) -> Option<Diagnostic> {
    let ExprKind::Template { raw, .. } = &text.kind else { return None };
    let at = source.at(text.span);
    let written = (view.text)(at);
    let (open, close) = if *raw { ("{", "}") } else { ("{{", "}}") };
    let (path, filled) = filled(written, open, close)?;
    let found = Diagnostic::warning(Code::UnfilledHole, at, format!("this shows `{{{path}}}` itself, and no value"));
    if !raw {
        let found = found.with_help(format!("`{{{{` is a brace; for the value write `{{{path}}}`"));
        return Some(found.with_choice(format!("write `{{{path}}}`"), at, filled));
    }
    let found = found.with_help("a raw string has no holes: write it without `r`");
    let plain = written.strip_prefix("r\"").filter(|plain| !plain.contains('\\'));
    Some(match plain {
        Some(plain) => found.with_choice("write it without `r`", at, format!("\"{plain}")),
        None => found,
    })
}

/// The first path between such braces, and the text with holes in their place.
fn filled<'t>(text: &'t str, open: &str, close: &str) -> Option<(&'t str, String)> {
    let (mut first, mut out, mut rest) = (None, String::new(), text);
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        match after.split_once(close).filter(|(path, _)| is_path(path)) {
            Some((path, after)) => {
                first = first.or(Some(path));
                out.extend(["{", path, "}"]);
                rest = after;
            }
            None => {
                out.push_str(open);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Some((first?, out))
}

/// `args.amount`, `agent.id.lower()`
fn is_path(text: &str) -> bool {
    let Some((root, rest)) = text.trim().split_once('.') else { return false };
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '?' | '(' | ')');
    ROOTS.contains(&root.trim_end_matches('?'))
        && rest.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && rest.chars().all(is_plain)
}
