//! What can be said more simply.

use std::collections::HashSet;

use crate::check::symbols::STD;
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::lower::walk::each_operand;
use crate::program::{self, Program};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, ItemKind, UnaryOp};

use super::visit::each_expr;
use super::{Findings, Source, View};
use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

/// Expressions of longer texts are not rewritten.
const MAX_TEXT: usize = 4096;

/// What expressions say in a roundabout way.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    for source in view.items().filter(|source| !matches!(source.item.kind, ItemKind::Test(_))) {
        each_expr(source.item, &mut |expr| {
            let found = match &expr.kind {
                ExprKind::Unary { op: UnaryOp::Not, operand } => double_negation(view, source, operand),
                ExprKind::If { condition, then, otherwise } => bool_if(view, source, condition, then, otherwise),
                ExprKind::Binary { op, left, right, .. } => single_element(view, source, *op, left, right),
                ExprKind::Set(elements) => return repeated(view, source, elements, findings),
                _ => None,
            };
            if let Some((code, message, text)) = found {
                findings.add(rewritten(code, source.at(expr.span), message, text));
            }
        });
    }
    for expr in roots(view.program) {
        comparisons(view, expr, findings);
    }
}

type Rewritten = (Code, &'static str, String);

fn rewritten(code: Code, at: Location, message: &str, text: String) -> Diagnostic {
    let found = Diagnostic::warning(code, at, message);
    if text.len() > MAX_TEXT {
        return found;
    }
    let one_line: Vec<&str> = text.split_whitespace().collect();
    let title = format!("write `{}`", one_line.join(" "));
    found.with_help(title.clone()).with_fix(title, at, text)
}

/// `not not a`, `not (a == b)`
fn double_negation(view: &View<'_>, source: Source<'_, '_>, operand: &Expr) -> Option<Rewritten> {
    let inner = strip(operand);
    match &inner.kind {
        ExprKind::Unary { op: UnaryOp::Not, operand: twice } => {
            let text = in_brackets(view, source, twice);
            Some((Code::DoubleNegation, "this negates a negation", text))
        }
        ExprKind::Binary { op, op_span, left, right } => {
            let opposite = match op {
                BinaryOp::Eq => "!=",
                BinaryOp::Ne => "==",
                BinaryOp::NotIn => "in",
                BinaryOp::In => "not in",
                _ => return None,
            };
            // What stands between the operands and the sign stays, comments too.
            let before = (view.text)(source.at(crate::syntax::ast::Span { start: inner.span.start, end: op_span.start }));
            let after = (view.text)(source.at(crate::syntax::ast::Span { start: op_span.end, end: inner.span.end }));
            let is_plain = !is_comparison(strip(left)) && !is_comparison(strip(right));
            let message = "this negates a comparison that has an opposite";
            is_plain.then(|| (Code::DoubleNegation, message, format!("{}{opposite}{}", before, after)))
        }
        _ => None,
    }
}

fn is_comparison(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Logic { .. } | ExprKind::Unary { op: UnaryOp::Not, .. })
}

/// `if c then true else false`
fn bool_if(view: &View<'_>, source: Source<'_, '_>, condition: &Expr, then: &Expr, otherwise: &Expr) -> Option<Rewritten> {
    let message = "this `if` gives its own condition";
    match (&strip(then).kind, &strip(otherwise).kind) {
        (ExprKind::Bool(true), ExprKind::Bool(false)) => Some((Code::BoolIf, message, in_brackets(view, source, condition))),
        (ExprKind::Bool(false), ExprKind::Bool(true)) => {
            Some((Code::BoolIf, "this `if` gives the opposite of its condition", format!("not {}", operand(view, source, condition))))
        }
        _ => None,
    }
}

/// `a in {b}`
fn single_element(view: &View<'_>, source: Source<'_, '_>, op: BinaryOp, left: &Expr, right: &Expr) -> Option<Rewritten> {
    let sign = match op {
        BinaryOp::In => "==",
        BinaryOp::NotIn => "!=",
        _ => return None,
    };
    let (ExprKind::List(elements) | ExprKind::Set(elements)) = &strip(right).kind else { return None };
    let [element] = elements.as_slice() else { return None };
    // What may be absent is compared otherwise than it is looked for.
    if !matches!(strip(element).kind, ExprKind::Template { .. } | ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Decimal(_) | ExprKind::Duration(_))
    {
        return None;
    }
    let text = format!("{} {sign} {}", operand(view, source, left), operand(view, source, element));
    Some((Code::SingleElement, "there is one element to be in", text))
}

/// `{a, a}`, of elements that are written alike.
fn repeated(view: &View<'_>, source: Source<'_, '_>, elements: &[Expr], findings: &mut Findings) {
    let mut seen = HashSet::new();
    for (place, element) in elements.iter().enumerate() {
        let text = (view.text)(source.at(element.span));
        if text.len() > MAX_TEXT || seen.insert(text) {
            continue;
        }
        let found = Diagnostic::warning(Code::RepeatedElement, source.at(element.span), format!("`{text}` stands in this set already"));
        let before = place.checked_sub(1).and_then(|place| elements.get(place));
        let between = before.map(|before| crate::syntax::ast::Span { start: before.span.end, end: element.span.end });
        findings.add(match between.map(|span| source.at(span)) {
            // A bracket or a comment that stands between is not for us to move.
            Some(at) if (view.text)(at).strip_suffix(text).is_some_and(|sign| sign.trim() == ",") => found.with_fix("remove it", at, ""),
            _ => found.with_help("remove it"),
        });
    }
}

/// Comparisons with `true`, `false`, and with what is empty.
fn comparisons(view: &View<'_>, expr: &program::Expr, findings: &mut Findings) {
    use program::ExprKind as Typed;
    let (equal, negated) = match &expr.kind {
        // `!=` stands where its equality does; `not (a == b)` begins before it.
        Typed::Not(inner) if inner.at == expr.at => (&**inner, true),
        _ => (expr, false),
    };
    if let Typed::Equal(a, b) = &equal.kind {
        let sides = [(a, b), (b, a)].into_iter().find_map(|(side, other)| Some((side, other.constant()?)));
        if let Some((side, constant)) = sides.filter(|(side, _)| side.constant().is_none()) {
            compared(view, expr.at, side, constant, negated, findings);
        }
    }
    each_operand(equal, &mut |operand, _| comparisons(view, operand, findings));
}

fn compared(view: &View<'_>, at: Location, side: &program::Expr, constant: &Kept, negated: bool, findings: &mut Findings) {
    let text = (view.text)(side.at);
    let atom = if is_atom(side) { text.to_owned() } else { format!("({text})") };
    let of_bool = |value: &bool| if *value == negated { format!("not {atom}") } else { atom.clone() };
    let found = match (constant, &side.ty) {
        (Kept::Bool(value), Type::Bool) => (Code::BoolComparison, "this compares a condition with `true` or `false`", of_bool(value)),
        (Kept::List(_) | Kept::Set(_) | Kept::Map(_), Type::List(_) | Type::Set(_) | Type::Map(_)) if is_empty(constant) => {
            let method = format!("{atom}.is_empty()");
            (Code::EmptyComparison, "this asks whether there is any element", if negated { format!("not {method}") } else { method })
        }
        _ => return,
    };
    findings.add(rewritten(found.0, at, found.1, found.2));
}

fn is_empty(constant: &Kept) -> bool {
    match constant {
        Kept::List(items) => items.is_empty(),
        Kept::Set(items) => items.items().is_empty(),
        Kept::Map(map) => map.entries().is_empty(),
        _ => false,
    }
}

fn is_atom(expr: &program::Expr) -> bool {
    use program::ExprKind as Typed;
    let is_path = matches!(
        expr.kind,
        Typed::Input(_) | Typed::Args | Typed::Data(_) | Typed::Definition(_) | Typed::Fact(_) | Typed::Local(_) | Typed::Invoke { .. }
    );
    is_path || matches!(expr.kind, Typed::Field { .. } | Typed::Member { .. } | Typed::Index { .. } | Typed::Call { .. })
}

/// The outermost expressions of definitions, scores and rules.
pub fn roots(program: &Program) -> impl Iterator<Item = &program::Expr> {
    let standard = |name: &str| name.strip_prefix(STD).is_some_and(|rest| rest.starts_with('.'));
    let definitions = program.definitions.iter().filter(move |definition| !standard(&definition.name)).map(|definition| &definition.body);
    let parts = program.scores.iter().flat_map(|score| &score.parts);
    let scores = parts.flat_map(|part| [Some(&part.amount), Some(&part.condition), part.because.as_ref()]).flatten();
    let rules = program.rules.iter().flat_map(|rule| {
        let sources = rule.choices.iter().map(|choice| &choice.source);
        let conditions = rule.when.iter().chain(&rule.unless).map(|condition| &condition.expr);
        sources.chain(conditions).chain(&rule.because)
    });
    definitions.chain(scores).chain(rules)
}

/// The expression without the brackets around it.
pub fn strip(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Paren(inner) => strip(inner),
        _ => expr,
    }
}

/// The text of an expression as an operand of anything: in brackets where it is no name, path, call or literal.
pub fn operand(view: &View<'_>, source: Source<'_, '_>, expr: &Expr) -> String {
    let text = (view.text)(source.at(expr.span));
    match &expr.kind {
        ExprKind::Logic { .. }
        | ExprKind::Unary { .. }
        | ExprKind::Binary { .. }
        | ExprKind::Has { .. }
        | ExprKind::If { .. }
        | ExprKind::With { .. } => {
            format!("({text})")
        }
        _ => text.to_owned(),
    }
}

/// The text of a condition where an `if` or a `not` stood, which bind no tighter than comparisons do.
fn in_brackets(view: &View<'_>, source: Source<'_, '_>, expr: &Expr) -> String {
    let text = (view.text)(source.at(expr.span));
    match &expr.kind {
        ExprKind::Logic { .. } | ExprKind::If { .. } => format!("({text})"),
        _ => text.to_owned(),
    }
}

/// A text as a string of the language.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '{' | '}' => out.extend([letter, letter]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            letter if letter.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}
