//! Patterns of `like` with the signs of another language: `%` of SQL, `^…$` of regular expressions.

use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind};

use super::patterns::literal;
use super::style::strip;
use super::visit::each_expr;
use super::{Findings, Source, View};

/// `like` with patterns that mean something elsewhere, and their own text here.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    for source in view.items() {
        each_expr(source.item, &mut |expr| {
            let ExprKind::Binary { op: BinaryOp::Like, right, .. } = &expr.kind else { return };
            let Some((pattern, sign)) = literal(right).and_then(|pattern| Some((pattern, sign(pattern)?))) else { return };
            findings.add(match sign {
                Sign::Sql => of_sql(view, source, right),
                Sign::Regex(sign) => of_regex(source, right, pattern, sign),
            });
        });
    }
}

/// What tells the language of a pattern.
enum Sign {
    Sql,
    /// The sign of a regular expression.
    Regex(&'static str),
}

/// Whether a pattern is of another language.
pub fn is_foreign(pattern: &str) -> bool {
    sign(pattern).is_some()
}

fn sign(pattern: &str) -> Option<Sign> {
    let is_regex =
        [("^", pattern.starts_with('^')), ("(…|…)", has_alternatives(pattern)), ("[…]", has_class(pattern)), (".+", pattern.contains(".+"))];
    let regex = is_regex.into_iter().find(|(_, is_there)| *is_there).map(|(sign, _)| Sign::Regex(sign));
    regex.or_else(|| is_sql(pattern).then_some(Sign::Sql))
}

/// Whether `%` stands for any run of characters, and for no byte of an address as in `%20`.
fn is_sql(pattern: &str) -> bool {
    let encodes = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    let within = || pattern.split('%').skip(1).any(|rest| !encodes(rest));
    !pattern.contains(['*', '?']) && pattern.contains('%') && (pattern.starts_with('%') || within())
}

/// `(a|b)`
fn has_alternatives(pattern: &str) -> bool {
    let within = pattern.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
    within.is_some_and(|(within, _)| within.contains('|'))
}

/// `[a-z]` or `[^…]`: other brackets are those of a text such as `[internal]`.
fn has_class(pattern: &str) -> bool {
    pattern.split('[').skip(1).filter_map(|rest| Some(rest.split_once(']')?.0)).any(|class| {
        let letters: Vec<char> = class.chars().collect();
        let is_range = |range: &[char]| matches!(range, [from, '-', to] if from.is_ascii_alphanumeric() && to.is_ascii_alphanumeric() && from < to);
        letters.first() == Some(&'^') || letters.get(..3).is_some_and(is_range)
    })
}

fn of_sql(view: &View<'_>, source: Source<'_, '_>, right: &Expr) -> Diagnostic {
    let at = source.at(strip(right).span);
    let written = (view.text)(at).replace('%', "*");
    Diagnostic::warning(Code::ForeignPattern, source.at(right.span), "`%` stands for itself in `like`")
        .with_help("`*` stands for any run of characters, and `?` for one")
        .with_choice(format!("write {written}"), at, written)
}

fn of_regex(source: Source<'_, '_>, right: &Expr, pattern: &str, sign: &str) -> Diagnostic {
    let found = Diagnostic::warning(Code::ForeignPattern, source.at(right.span), format!("`{sign}` stands for itself in `like`"));
    match pattern.contains('"') {
        true => found.with_help("a regular expression is matched with `matches`"),
        false => found.with_help(format!("a regular expression is matched with `matches`: write `matches r\"{pattern}\"`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_other_languages_are_told() {
        for pattern in ["%@evil.test", "100%", "a%b", "^adm*", "^adm$", "(a|b)*", "*[a-z]*", "[^x]", "a.+b"] {
            assert!(is_foreign(pattern), "{pattern}");
        }
        for pattern in ["*@evil.test", "*100%", "a%20b", "*.*", "logs.*", "[internal]*", "*(x)*", "a|b", "x$", "a-[b]"] {
            assert!(!is_foreign(pattern), "{pattern}");
        }
    }
}
