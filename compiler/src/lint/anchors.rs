//! Regular expressions that let calls through where they hold, and that leave open how the text begins or ends.

use std::collections::{HashMap, HashSet};

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Dot, Hir, HirKind, Look, Repetition};
use tollgate_evaluator::Effect;
use tollgate_stdlib::Kept;

use crate::diagnostic::{Code, Diagnostic, Location};
use crate::program::{Argument, Expr, ExprKind, Program, Rule};
use crate::syntax::ast::{self, BinaryOp};

use super::patterns::is_plain_regex;
use super::style::strip;
use super::visit::each_expr;
use super::{Findings, View};

/// How deep the evaluator's patterns nest.
const MAX_NESTING: u32 = 64;

/// Patterns that allow rules need to hold, and that make exceptions of deny and review rules: in their conditions, and in what these read.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    let mut needed = Needed { program: view.program, literals: literals(view), seen: HashSet::new(), found: Vec::new() };
    let (allowing, others): (Vec<_>, Vec<_>) = view.program.rules.iter().partition(|rule| rule.effect == Effect::Allow);
    for rule in allowing.into_iter().chain(others) {
        let lets_through = rule.effect == Effect::Allow;
        rule.when.iter().for_each(|when| needed.collect(rule, &when.expr, lets_through));
        rule.unless.iter().for_each(|unless| needed.collect(rule, &unless.expr, !lets_through));
    }
    for Pattern { rule, text, at } in needed.found {
        let (what, by) = match rule.effect {
            Effect::Allow => ("the rule allows", "this rule allows by it"),
            Effect::Review => ("the rule excepts it from review", "this rule excepts by it"),
            Effect::Deny => ("the rule excepts it from denial", "this rule excepts by it"),
        };
        if let Some(found) = unanchored(view, text, at, what) {
            let is_elsewhere = at.file != rule.at.file;
            findings.add(if is_elsewhere { found.with_secondary(rule.at, by) } else { found });
        }
    }
}

/// Where the literals of patterns stand, by the places of the conditions that they are in.
fn literals(view: &View<'_>) -> HashMap<Location, Location> {
    let mut literals = HashMap::new();
    for source in view.items() {
        each_expr(source.item, &mut |expr| {
            if let ast::ExprKind::Binary { op: BinaryOp::Matches, right, .. } = &expr.kind {
                literals.insert(source.at(expr.span), source.at(strip(right).span));
            }
        });
    }
    literals
}

/// Patterns that need to hold for rules to let calls through.
struct Needed<'p> {
    program: &'p Program,
    literals: HashMap<Location, Location>,
    /// Places of patterns, and definitions that were looked into.
    seen: HashSet<Seen>,
    found: Vec<Pattern<'p>>,
}

#[derive(PartialEq, Eq, Hash)]
enum Seen {
    Pattern(Location),
    /// Whether it needs to hold, or not to.
    Definition(usize, bool),
}

/// A pattern with the first rule that needs it.
struct Pattern<'p> {
    rule: &'p Rule,
    text: &'p str,
    at: Location,
}

impl<'p> Needed<'p> {
    /// Adds the patterns that hold where a condition has that outcome. Expressions nest no deeper than the parser allows, and definitions refer to earlier ones.
    fn collect(&mut self, rule: &'p Rule, condition: &'p Expr, outcome: bool) {
        match &condition.kind {
            ExprKind::Matches(_, text) if outcome => self.add(rule, text, condition.at),
            ExprKind::Not(inner) => self.collect(rule, inner, !outcome),
            ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().for_each(|part| self.collect(rule, part, outcome)),
            ExprKind::If { condition, then, otherwise } => {
                // The condition is needed where the other branch has the other outcome.
                let is_other = |branch: &Expr| matches!(branch.constant(), Some(Kept::Bool(value)) if *value != outcome);
                [(otherwise, true), (then, false)].into_iter().filter(|(branch, _)| is_other(branch)).for_each(|(_, needed)| {
                    self.collect(rule, condition, needed);
                });
                [then, otherwise].into_iter().for_each(|branch| self.collect(rule, branch, outcome));
            }
            ExprKind::Coalesce(inner, _) | ExprKind::WithPresent { body: inner, .. } => self.collect(rule, inner, outcome),
            ExprKind::Call { function, args } if matches!(function.key, "collection.any" | "collection.all") => {
                let bodies = args.iter().filter_map(|arg| if let Argument::Lambda { body, .. } = arg { Some(body) } else { None });
                bodies.for_each(|body| self.collect(rule, body, outcome));
            }
            ExprKind::Definition(place) | ExprKind::Invoke { definition: place, .. } if self.seen.insert(Seen::Definition(*place, outcome)) => {
                if let Some(definition) = self.program.definitions.get(*place) {
                    self.collect(rule, &definition.body, outcome);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, rule: &'p Rule, text: &'p str, at: Location) {
        if let Some(literal) = self.literals.get(&at).copied().filter(|at| self.seen.insert(Seen::Pattern(*at))) {
            self.found.push(Pattern { rule, text, at: literal });
        }
    }
}

fn unanchored(view: &View<'_>, pattern: &str, at: Location, what: &str) -> Option<Diagnostic> {
    if is_plain_regex(pattern) {
        return None;
    }
    let ends = Ends::of(pattern)?;
    let open = match (ends.begins, ends.finishes) {
        (true, true) => return None,
        (true, false) => "how the text ends",
        (false, true) => "how the text begins",
        (false, false) => "how the text begins and ends",
    };
    let found = Diagnostic::warning(Code::UnanchoredPattern, at, format!("this pattern leaves open {open}, and {what}"));
    if ends.of_lines {
        return Some(found.with_help(r"with `(?m)`, `^` and `$` stand at the ends of each line: leave out the `m`, or write `\A` and `\z`"));
    }
    let found = found.with_help("write `^(…)$` for the whole text; `.*` at an end says that anything may stand there");
    Some(match anchored(pattern, &ends, (view.text)(at)) {
        Some(text) => found.with_choice("match the whole text", at, text),
        None => found,
    })
}

/// The literal of a pattern, made to hold the whole text.
fn anchored(pattern: &str, ends: &Ends, literal: &str) -> Option<String> {
    let (open, close) = (literal.find('"')? + 1, literal.rfind('"')?);
    let (before, inner, after) = (literal.get(..open)?, literal.get(open..close)?, literal.get(close..)?);
    let flags = pattern.strip_prefix("(?").and_then(|rest| rest.split(')').next()).unwrap_or_default();
    // In patterns with comments a bracket may be a part of one.
    if flags.contains('x') {
        return None;
    }
    Some(match ends.has_alternatives {
        true => format!("{before}^({inner})${after}"),
        false => format!("{before}{}{inner}{}{after}", if ends.begins { "" } else { "^" }, if ends.finishes { "" } else { "$" }),
    })
}

/// What a regular expression says of the ends of a text.
struct Ends {
    /// Whether it says how the text begins, and how it ends.
    begins: bool,
    finishes: bool,
    /// Whether it asks for the ends of lines.
    of_lines: bool,
    /// Whether it is several that stand beside each other.
    has_alternatives: bool,
}

impl Ends {
    fn of(pattern: &str) -> Option<Ends> {
        let parsed = ParserBuilder::new().nest_limit(MAX_NESTING).build().parse(pattern).ok()?;
        let lines = [Look::StartLF, Look::EndLF, Look::StartCRLF, Look::EndCRLF];
        Some(Ends {
            begins: says_end(&parsed, Look::Start),
            finishes: says_end(&parsed, Look::End),
            of_lines: lines.into_iter().any(|look| parsed.properties().look_set().contains(look)),
            // A flag before them keeps alternatives beside each other.
            has_alternatives: pattern.contains('|'),
        })
    }
}

/// Whether every text that an expression holds has that end of the whole text at its own, or anything there: `.*`.
fn says_end(expression: &Hir, end: Look) -> bool {
    match expression.kind() {
        HirKind::Look(look) => *look == end,
        HirKind::Capture(group) => says_end(&group.sub, end),
        HirKind::Alternation(branches) => branches.iter().all(|branch| says_end(branch, end)),
        HirKind::Concat(parts) => match end {
            Look::Start => outermost_says(parts.iter(), end),
            _ => outermost_says(parts.iter().rev(), end),
        },
        HirKind::Repetition(repeated) => is_anything(repeated) || repeated.min > 0 && says_end(&repeated.sub, end),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => false,
    }
}

/// The same of parts from the outermost on; behind one that takes no letter the next one stands at the end too.
fn outermost_says<'h>(parts: impl Iterator<Item = &'h Hir>, end: Look) -> bool {
    for part in parts {
        if says_end(part, end) {
            return true;
        }
        if part.properties().maximum_len() != Some(0) {
            return false;
        }
    }
    false
}

/// `.*` or `.+`
fn is_anything(repeated: &Repetition) -> bool {
    let dots = [Dot::AnyChar, Dot::AnyCharExceptLF, Dot::AnyCharExceptCRLF];
    repeated.max.is_none() && dots.into_iter().any(|dot| *repeated.sub == Hir::dot(dot))
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
            ("^a+|b+$", (false, false)),
            ("^a+$|^b+$", (true, true)),
            ("(^a+$)", (true, true)),
            ("^(a+|b)$", (true, true)),
            ("^(a+$|b+$)", (true, true)),
            ("^(a+$|b+)", (true, false)),
            ("^[|]+$", (true, true)),
            ("a+.*", (false, true)),
            (r"\Aa+\z", (true, true)),
            (r"^\ba+\b$", (true, true)),
            (r"\b^a+$", (true, true)),
            ("^?a+$", (false, true)),
            ("^*a+$", (false, true)),
            ("(?m)^a+$", (false, false)),
            ("(?m:^a+)$", (false, true)),
            ("(?:^|x)a+$", (false, true)),
            ("^a+(?:$|x)", (true, false)),
        ] {
            let ends = Ends::of(pattern).unwrap();
            assert_eq!((ends.begins, ends.finishes), found, "{pattern}");
        }
    }
}
