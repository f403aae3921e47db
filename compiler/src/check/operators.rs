//! Operators with two operands, and unary minus.

use std::sync::Arc;

use tollgate_evaluator::plan::Pattern;
use tollgate_stdlib::types::Type;

use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::program::{Arithmetic, Expr, ExprKind, Order};
use crate::syntax::ast::{self, BinaryOp, Span};

use super::Checker;
use super::coerce::{field_of_type, join, json_use, literal, optional_use, with_conversion};
use super::literal::takes_its_type;
use super::presence::{self, strip};

impl<'a> Checker<'a> {
    /// A binary operator other than `and` and `or`.
    pub(super) fn binary(&mut self, op: BinaryOp, op_span: Span, left: &'a ast::Expr, right: &'a ast::Expr, span: Span) -> Expr {
        match op {
            BinaryOp::Eq => self.equality(left, right, ("in", op_span), span),
            BinaryOp::Ne => {
                let equal = self.equality(left, right, ("not in", op_span), span);
                self.negated(equal)
            }
            BinaryOp::Lt => self.ordering(Order::Less, op_span, left, right, span),
            BinaryOp::Le => self.ordering(Order::LessOrEqual, op_span, left, right, span),
            BinaryOp::Gt => self.ordering(Order::Greater, op_span, left, right, span),
            BinaryOp::Ge => self.ordering(Order::GreaterOrEqual, op_span, left, right, span),
            BinaryOp::In => self.membership(left, right, span),
            BinaryOp::NotIn => {
                let within = self.membership(left, right, span);
                self.negated(within)
            }
            BinaryOp::Like => self.pattern(left, right, span, false),
            BinaryOp::Matches => self.pattern(left, right, span, true),
            BinaryOp::Coalesce => self.coalesce(left, right, None, span),
            BinaryOp::Add => self.arithmetic(Arithmetic::Add, op_span, left, right, span),
            BinaryOp::Sub => self.arithmetic(Arithmetic::Subtract, op_span, left, right, span),
            BinaryOp::Mul => self.arithmetic(Arithmetic::Multiply, op_span, left, right, span),
            BinaryOp::Div => self.arithmetic(Arithmetic::Divide, op_span, left, right, span),
            BinaryOp::Rem => self.arithmetic(Arithmetic::Remainder, op_span, left, right, span),
        }
    }

    fn negated(&self, typed: Expr) -> Expr {
        if typed.ty.is_error() {
            return typed;
        }
        let (at, errs, free) = (typed.at, typed.errs, typed.free);
        Expr { kind: ExprKind::Not(Box::new(typed)), ty: Type::Bool, at, errs, free }
    }

    fn two(&self, kind: impl FnOnce(Box<Expr>, Box<Expr>) -> ExprKind, ty: Type, left: Expr, right: Expr, span: Span) -> Expr {
        let (errs, free) = (left.errs || right.errs, left.free && right.free);
        Expr { kind: kind(Box::new(left), Box::new(right)), ty, at: self.at(span), errs, free }
    }

    /// Both operands, a literal taking the type of the other.
    fn operands(&mut self, left: &'a ast::Expr, right: &'a ast::Expr) -> (Expr, Expr) {
        if takes_its_type(left) && !takes_its_type(right) {
            let right = self.infer(right);
            let left = self.beside(left, &right.ty.clone());
            return (left, right);
        }
        if takes_its_type(left) && has_decimals(right) {
            let right = self.infer(right);
            let left = self.beside(left, &right.ty.clone());
            return (left, right);
        }
        let left = self.infer(left);
        let right = if takes_its_type(right) { self.beside(right, &left.ty.clone()) } else { self.infer(right) };
        (left, right)
    }

    /// A literal beside an operand of that type.
    fn beside(&mut self, literal: &'a ast::Expr, other: &Type) -> Expr {
        let wanted = other.present();
        let fits = match (&strip(literal).kind, wanted) {
            (ast::ExprKind::Template { .. }, Type::Enum(_)) => true,
            (ast::ExprKind::List(_), Type::List(_)) | (ast::ExprKind::Set(_), Type::Set(_)) => true,
            (ast::ExprKind::Record(_), Type::Record(_) | Type::Map(_)) => true,
            (ast::ExprKind::Record(entries), Type::Set(_)) => entries.is_empty(),
            (ast::ExprKind::Record(_) | ast::ExprKind::List(_) | ast::ExprKind::Set(_), Type::Json) => true,
            (ast::ExprKind::If { .. }, Type::Enum(_)) => true,
            _ => other.is_error(),
        };
        match fits {
            true if other.is_error() => self.error_expr(literal.span),
            true => self.check(literal, wanted),
            false => self.infer(literal),
        }
    }

    /// `a == b`; `within`: what asks instead whether something is an element, and where it would stand.
    fn equality(&mut self, left: &'a ast::Expr, right: &'a ast::Expr, within: (&str, Span), span: Span) -> Expr {
        let is_none = |expr: &ast::Expr| matches!(strip(expr).kind, ast::ExprKind::None);
        match (is_none(left), is_none(right)) {
            (false, true) => return self.presence_test(left, right, span),
            (true, false) => return self.presence_test(right, left, span),
            _ => {}
        }
        match (self.is_foreign_none(left), self.is_foreign_none(right)) {
            (false, true) => return self.misnamed_presence_test(left, right, span),
            (true, false) => return self.misnamed_presence_test(right, left, span),
            _ => {}
        }
        let (left, right) = self.operands(left, right);
        if left.ty.is_error() || right.ty.is_error() {
            return self.two(ExprKind::Equal, Type::Error, left, right, span);
        }
        let is_json = |ty: &Type| matches!(ty.present(), Type::Json);
        if is_json(&left.ty) || is_json(&right.ty) {
            let (left, right) = (json_side(left), json_side(right));
            return self.two(ExprKind::Equal, Type::Bool, left, right, span);
        }
        match (left.ty.is_optional(), right.ty.is_optional()) {
            (true, false) => self.optional_beside_present(&left, &right),
            (false, true) => self.optional_beside_present(&right, &left),
            _ => {}
        }
        match join(&left.ty, &right.ty) {
            Some(ty) if left.ty.is_optional() == right.ty.is_optional() => {
                let (left, right) = (self.coerce(left, &ty), self.coerce(right, &ty));
                self.two(ExprKind::Equal, Type::Bool, left, right, span)
            }
            Some(_) => self.error_expr(span),
            None => {
                if left.ty.is_optional() == right.ty.is_optional() {
                    let diagnostic = comparison(&left, &right, "can never be equal");
                    self.report(match &right.ty {
                        Type::List(element) | Type::Set(element) if element.same(&left.ty) => {
                            let (word, op_span) = within;
                            let diagnostic = diagnostic.with_help(format!("write `{word}` to ask whether something is an element"));
                            diagnostic.with_fix(format!("write `{word}`"), self.at(op_span), word)
                        }
                        _ => diagnostic,
                    });
                }
                self.error_expr(span)
            }
        }
    }

    fn optional_beside_present(&mut self, optional: &Expr, present: &Expr) {
        let diagnostic = if join(optional.ty.present(), &present.ty).is_some() {
            optional_use(optional).with_secondary(present.at, format!("this is `{}`", present.ty))
        } else {
            comparison(optional, present, "can never be equal")
        };
        self.report(diagnostic);
    }

    /// `x == none`; asks the declared type, whatever was proved before.
    fn presence_test(&mut self, operand: &'a ast::Expr, none: &'a ast::Expr, span: Span) -> Expr {
        let typed = self.infer_as_declared(strip(operand));
        if !matches!(typed.ty, Type::Optional(_) | Type::Json | Type::Error | Type::None) {
            let message = format!("this is never `none`: it is `{}`", typed.ty);
            self.report(Diagnostic::error(Code::NotComparable, typed.at, message).with_help(match typed.ty {
                Type::Str | Type::List(_) | Type::Set(_) | Type::Map(_) => "it is always there; ask whether it is empty with `.is_empty()`",
                _ => "it is always there: leave out the comparison",
            }));
            return self.error_expr(span);
        }
        let none = self.constant_expr(tollgate_stdlib::Kept::None, Type::None, none.span);
        self.two(ExprKind::Equal, Type::Bool, typed, none, span)
    }

    /// `x == null`: what is wrong is told once, and from here on `x` counts as asked.
    fn misnamed_presence_test(&mut self, operand: &'a ast::Expr, null: &'a ast::Expr, span: Span) -> Expr {
        self.infer(null);
        self.infer_as_declared(strip(operand));
        self.scope.present.extend(presence::key(operand));
        self.error_expr(span)
    }

    fn ordering(&mut self, order: Order, op_span: Span, left: &'a ast::Expr, right: &'a ast::Expr, span: Span) -> Expr {
        let (left, right) = self.operands(left, right);
        let Some((left, right)) = self.present_operands(left, right) else { return self.error_expr(span) };
        match join(&left.ty, &right.ty) {
            Some(ty) if ty.is_ordered() => {
                let (left, right) = (self.coerce(left, &ty), self.coerce(right, &ty));
                self.two(|left, right| ExprKind::Order(order, left, right), Type::Bool, left, right, span)
            }
            Some(ty) => {
                let message = format!("`{ty}` has no order");
                let diagnostic = Diagnostic::error(Code::NotOrdered, self.at(op_span), message);
                self.report(match &ty {
                    Type::Enum(_) => diagnostic.with_help("declare the order of its variants with `<`, as in `enum Risk { low < high }`"),
                    _ => diagnostic.with_help("`int`, `decimal`, `string`, `duration`, `timestamp` and ordered enums have one"),
                });
                self.error_expr(span)
            }
            None => {
                self.report(comparison(&left, &right, "cannot be compared"));
                self.error_expr(span)
            }
        }
    }

    /// Operands that must be present and typed; diagnoses those that are not.
    fn present_operands(&mut self, left: Expr, right: Expr) -> Option<(Expr, Expr)> {
        let mut fine = true;
        for (operand, other) in [(&left, &right), (&right, &left)] {
            match &operand.ty {
                Type::Error => fine = false,
                ty if matches!(ty.present(), Type::Json) => {
                    // A number in `json` may have a fraction, whatever it is compared with.
                    let wanted = if matches!(other.ty.present(), Type::Int) { &Type::Decimal } else { other.ty.present() };
                    self.report(json_use(operand, wanted));
                    fine = false;
                }
                ty if ty.is_optional() => {
                    self.report(optional_use(operand));
                    fine = false;
                }
                _ => {}
            }
        }
        fine.then_some((left, right))
    }

    fn membership(&mut self, left: &'a ast::Expr, right: &'a ast::Expr, span: Span) -> Expr {
        let literal = matches!(strip(right).kind, ast::ExprKind::List(_) | ast::ExprKind::Set(_));
        let (item, container) = if literal && !takes_its_type(left) {
            let item = self.infer(left);
            let container = self.literal_container(right, &item.ty);
            (Some(item), container)
        } else {
            (None, self.infer(right))
        };
        let element = match container.ty.clone() {
            Type::List(element) | Type::Set(element) => (*element).clone(),
            Type::Map(_) => Type::Str,
            Type::Cidr => Type::Ip,
            Type::Error => Type::Error,
            other => {
                let is_literal = matches!(strip(left).kind, ast::ExprKind::Template { .. });
                self.report(not_a_container(&container, &other, is_literal));
                Type::Error
            }
        };
        let item = match item {
            Some(item) => self.present_item(item, &element),
            None if element.is_error() => self.infer(left),
            None => self.check_item(left, &element),
        };
        let ty = if item.ty.is_error() || element.is_error() { Type::Error } else { Type::Bool };
        self.two(ExprKind::In, ty, item, container, span)
    }

    /// A list or set literal whose elements are compared with an operand of that type.
    fn literal_container(&mut self, literal: &'a ast::Expr, item: &Type) -> Expr {
        match (&strip(literal).kind, item.present()) {
            (_, Type::Error | Type::Json) => self.infer(literal),
            (_, Type::Int) if has_decimals(literal) => self.infer(literal),
            (ast::ExprKind::List(_), element) => self.check(literal, &element.clone().list()),
            (_, element) if element.is_scalar() => self.check(literal, &element.clone().set()),
            _ => self.infer(literal),
        }
    }

    fn check_item(&mut self, item: &'a ast::Expr, element: &Type) -> Expr {
        let typed = if takes_its_type(item) { self.check(item, element) } else { self.infer(item) };
        self.present_item(typed, element)
    }

    fn present_item(&mut self, typed: Expr, element: &Type) -> Expr {
        let is_json = |ty: &Type| matches!(ty.present(), Type::Json);
        let diagnostic = match &typed.ty {
            Type::Error => return typed,
            ty if is_json(ty) && is_json(element) => return Expr { ty: Type::Json, ..typed },
            ty if is_json(ty) => json_use(&typed, element),
            ty if ty.is_optional() && !element.is_optional() => optional_use(&typed),
            _ => return self.coerce(typed, element),
        };
        self.report(diagnostic);
        Expr { ty: Type::Error, ..typed }
    }

    fn pattern(&mut self, left: &'a ast::Expr, right: &'a ast::Expr, span: Span, regex: bool) -> Expr {
        let text = self.check_item(left, &Type::Str);
        let (what, help) = match regex {
            true => ("a regular expression", "write the pattern here, or a `let` that is one"),
            false => ("a `like` pattern", "a pattern that is no constant is matched with `.glob(…)`"),
        };
        let instead = if regex { None } else { self.as_glob(left, right) };
        let Some(pattern) = self.constant_text(right, what, help, instead) else { return self.error_expr(span) };
        let written = if regex { Pattern::Regex(pattern.as_str().into()) } else { Pattern::Like(pattern.as_str().into()) };
        if let Err(problem) = self.check_pattern(written) {
            let diagnostic = Diagnostic::error(Code::Pattern, self.at(right.span), format!("this pattern cannot be used: {problem}"));
            self.report(match pattern.contains("(?!") || pattern.contains("(?=") || pattern.contains("(?<") {
                true => diagnostic.with_help("write a pattern for what must be there, and `not … matches …` for what must not"),
                false if regex && pattern.starts_with(['*', '?']) => {
                    diagnostic.with_help("`matches` takes a regular expression: a pattern with `*` for any run of characters is asked with `like`")
                }
                false => diagnostic,
            });
            return self.error_expr(span);
        }
        let (errs, free, failed) = (text.errs, text.free, text.ty.is_error());
        let pattern: Arc<str> = pattern.into();
        let kind = if regex { ExprKind::Matches(Box::new(text), pattern) } else { ExprKind::Like(Box::new(text), pattern) };
        Expr { kind, ty: if failed { Type::Error } else { Type::Bool }, at: self.at(span), errs, free }
    }

    /// `a.glob(b)` in the place of `a like b`.
    fn as_glob(&self, left: &ast::Expr, right: &ast::Expr) -> Option<Fix> {
        let is_path = matches!(left.kind, ast::ExprKind::Name(_) | ast::ExprKind::Field { optional: false, .. });
        let edit = |start: u32, end: u32, text: &str| Edit { at: self.at(Span { start, end }), text: text.to_owned() };
        let edits = vec![edit(left.span.end, right.span.start, ".glob("), edit(right.span.end, right.span.end, ")")];
        is_path.then(|| Fix::new("write `.glob(…)`", edits))
    }

    /// What is wrong with a pattern, or with all patterns of the set taken together; equal ones are looked at once.
    fn check_pattern(&mut self, written: Pattern) -> Result<(), String> {
        if self.known.patterns.contains(&written) {
            return Ok(());
        }
        if self.known.pattern_bytes > Pattern::MAX_TOTAL {
            return Err(format!("the set's patterns take more than {} MiB", Pattern::MAX_TOTAL >> 20));
        }
        self.known.pattern_bytes += written.check()?;
        self.known.patterns.insert(written);
        Ok(())
    }

    /// `a ?? b`
    pub(super) fn coalesce(&mut self, left: &'a ast::Expr, right: &'a ast::Expr, expected: Option<&Type>, span: Span) -> Expr {
        let value = self.infer_as_declared(strip(left));
        let inner = match &value.ty {
            Type::Error => {
                if !takes_its_type(right) {
                    self.infer(right);
                }
                return self.error_expr(span);
            }
            Type::Optional(inner) => (**inner).clone(),
            Type::Json => Type::Json,
            Type::None => return self.infer(right),
            other => {
                let message = format!("this is never absent: it is `{other}`");
                self.report(Diagnostic::error(Code::TypeMismatch, value.at, message).with_help("leave out the `??`"));
                return self.error_expr(span);
            }
        };
        let fallback = match &inner {
            Type::Json => self.json_fallback(right),
            _ if takes_its_type(right) => self.check(right, &inner),
            _ => self.infer(right),
        };
        let ty = match join(&inner, &fallback.ty) {
            Some(ty) => ty,
            None => {
                let diagnostic = Diagnostic::error(Code::TypeMismatch, fallback.at, format!("`{inner}` is needed, and this is `{}`", fallback.ty));
                self.report(diagnostic.with_secondary(value.at, format!("this is `{}`", value.ty)));
                return self.error_expr(span);
            }
        };
        let absent = if ty.is_optional() { ty.clone() } else { ty.clone().optional() };
        let value = if matches!(ty.present(), Type::Json) { json_side(value) } else { self.coerce(value, &absent) };
        let fallback = self.coerce(fallback, &ty);
        let typed = self.two(ExprKind::Coalesce, ty, value, fallback, span);
        match expected {
            Some(expected) => self.coerce(typed, expected),
            None => typed,
        }
    }

    /// What stands for an absent `json`: `json`, or `json?` where it may be absent itself.
    fn json_fallback(&mut self, right: &'a ast::Expr) -> Expr {
        if takes_its_type(right) {
            return self.json_literal(right);
        }
        let typed = self.infer(right);
        if matches!(&typed.ty, Type::Optional(inner) if matches!(**inner, Type::Json)) { typed } else { self.coerce(typed, &Type::Json) }
    }

    fn arithmetic(&mut self, op: Arithmetic, op_span: Span, left: &'a ast::Expr, right: &'a ast::Expr, span: Span) -> Expr {
        let (left, right) = (self.infer(left), self.infer(right));
        let Some((left, right)) = self.present_operands(left, right) else { return self.error_expr(span) };
        let Some(ty) = result_type(op, &left.ty, &right.ty) else {
            let message = format!("`{}` {} `{}` has no meaning", left.ty, symbol(op), right.ty);
            let diagnostic = Diagnostic::error(Code::TypeMismatch, self.at(op_span), message);
            self.report(match (&left.ty, &right.ty) {
                (Type::Str, _) | (_, Type::Str) => diagnostic.with_help("put values into text with a template: `\"… {value} …\"`"),
                (Type::Set(_) | Type::List(_), Type::Set(_) | Type::List(_)) => {
                    diagnostic.with_help("sets and lists have `.union(…)`, `.intersect(…)` and `.minus(…)`")
                }
                (Type::Timestamp, Type::Int) => diagnostic.with_help("a duration has a unit: `90s`, `15m`, `1h`, `7d`"),
                (Type::Duration, _) | (_, Type::Duration) => match duration_help(op, &left.ty, &right.ty) {
                    Some(help) => diagnostic.with_help(help),
                    None => diagnostic,
                },
                _ => diagnostic,
            });
            return self.error_expr(span);
        };
        let (left, right) = match ty {
            Type::Decimal => (self.coerce(left, &Type::Decimal), self.coerce(right, &Type::Decimal)),
            _ => (left, right),
        };
        let text = matches!(ty, Type::Str);
        let typed = self.two(|left, right| ExprKind::Arithmetic(op, left, right), ty, left, right, span);
        Expr { errs: typed.errs || !text, free: typed.free && !text, ..typed }
    }

    /// Unary minus; on a literal a constant.
    pub(super) fn minus(&mut self, operand: &'a ast::Expr, span: Span) -> Expr {
        match &operand.kind {
            ast::ExprKind::Int(magnitude) => return self.int_literal(*magnitude, true, span),
            ast::ExprKind::Decimal(text) => return self.decimal_literal(text, true, span),
            ast::ExprKind::Duration(Some(nanos)) => return self.duration_literal(nanos.checked_neg(), span),
            _ => {}
        }
        let typed = self.infer(operand);
        match &typed.ty {
            Type::Error => typed,
            Type::Int | Type::Decimal | Type::Duration => {
                let (ty, free) = (typed.ty.clone(), typed.free);
                Expr { kind: ExprKind::Negate(Box::new(typed)), ty, at: self.at(span), errs: true, free }
            }
            ty => {
                let diagnostic = match ty.present() {
                    Type::Json => json_use(&typed, &Type::Int),
                    _ if ty.is_optional() => optional_use(&typed),
                    Type::Str => {
                        Diagnostic::error(Code::TypeMismatch, typed.at, "`-` of `string` has no meaning").with_help(match typed.constant() {
                            // A list of YAML has a space after the `-`.
                            Some(_) if operand.span.start > span.start + 1 => "elements are separated by `,`, and nothing stands before them",
                            _ => "`-` stands before numbers and durations: leave it out",
                        })
                    }
                    _ => Diagnostic::error(Code::TypeMismatch, typed.at, format!("`-` of `{ty}` has no meaning")),
                };
                self.report(diagnostic);
                self.error_expr(span)
            }
        }
    }
}

fn json_side(typed: Expr) -> Expr {
    if matches!(typed.ty.present(), Type::Json) || matches!(typed.ty, Type::None) { typed } else { super::coerce::to_json(typed) }
}

/// What to say where a number that a function gives is compared with a duration.
const WITHOUT_UNIT: &str = "write the number without its unit: an hour, a count or a length has none";

/// Two values that do not go together; `verdict`: what they can or cannot be.
fn comparison(left: &Expr, right: &Expr, verdict: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::NotComparable, left.at, format!("`{}` and `{}` {verdict}", left.ty, right.ty))
        .with_label(format!("this is `{}`", left.ty))
        .with_secondary(right.at, format!("this is `{}`", right.ty));
    match (left.ty.present(), right.ty.present()) {
        (Type::List(element) | Type::Set(element), other) | (other, Type::List(element) | Type::Set(element)) if join(element, other).is_some() => {
            diagnostic.with_help("ask with `in` whether something is an element")
        }
        (Type::Timestamp, Type::Int) | (Type::Int, Type::Timestamp) => {
            diagnostic.with_help("an instant is written `timestamp(\"2026-01-31T09:00:00Z\")`; its parts are `.year()`, `.hour()` and the like")
        }
        // `t.hour() > 22h`
        (Type::Duration, Type::Int) if matches!(right.kind, ExprKind::Call { .. }) => diagnostic.with_help(WITHOUT_UNIT),
        (Type::Int, Type::Duration) if matches!(left.kind, ExprKind::Call { .. }) => diagnostic.with_help(WITHOUT_UNIT),
        (Type::Duration, Type::Int) | (Type::Int, Type::Duration) => diagnostic.with_help("a duration has a unit: `90s`, `15m`, `1h`, `7d`"),
        (Type::Enum(_), Type::Str) | (Type::Str, Type::Enum(_)) => diagnostic.with_help("an enum is no string: convert it with `.to_string()`"),
        (Type::Record(record), Type::Str) | (Type::Str, Type::Record(record))
            if record.field("effect").is_some() && record.field("reasons").is_some() =>
        {
            diagnostic.with_help("an effect is expected by its name alone, as in `expect deny`; in a condition it is `decision.effect`")
        }
        (Type::Record(record), other) | (other, Type::Record(record)) => match field_of_type(record, other) {
            Some(field) => diagnostic.with_help(format!("compare one field of the record, such as `.{field}`")),
            None => diagnostic,
        },
        (other, Type::Str) => with_conversion(diagnostic, right, other),
        (Type::Str, other) => with_conversion(diagnostic, left, other),
        _ => diagnostic,
    }
}

/// What to say of something after `in` that holds nothing; whether a literal text is looked for in it tells what is meant by a text there.
fn not_a_container(container: &Expr, ty: &Type, is_literal: bool) -> Diagnostic {
    if let Some(network) = literal(container, &Type::Cidr) {
        return Diagnostic::error(Code::TypeMismatch, container.at, "`in` asks lists, sets, maps and networks, and this is `string`")
            .with_help(format!("write the network `{network}`"))
            .with_fix(format!("write `{network}`"), container.at, network);
    }
    match ty.present() {
        Type::Json => json_use(container, &Type::Error.list()),
        Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Cidr => optional_use(container),
        Type::Str => Diagnostic::error(Code::TypeMismatch, container.at, "`in` asks lists, sets, maps and networks, and this is `string`").with_help(
            match container.constant() {
                _ if is_literal => "ask a string with `.contains(…)`".to_owned(),
                // `.contains(…)` the other way round would hold for an empty text and every part of this one.
                Some(text) => {
                    format!("to be that text is `== {0}`, to be one of several `in {{{0}, …}}`", crate::format::quoted(&text.view().to_string()))
                }
                None => "to be that text is `==`; whether it has a part asks `.contains(…)`".to_owned(),
            },
        ),
        other => {
            let message = format!("`in` asks lists, sets, maps and networks, and this is `{other}`");
            let diagnostic = Diagnostic::error(Code::TypeMismatch, container.at, message);
            match other {
                Type::Record(_) if is_literal => {
                    diagnostic.with_help("a field that may be absent is asked with `has`, as in `agent.attributes has region`")
                }
                _ => diagnostic,
            }
        }
    }
}

fn result_type(op: Arithmetic, left: &Type, right: &Type) -> Option<Type> {
    use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
    match (op, left, right) {
        (_, Type::Int, Type::Int) => Some(Type::Int),
        (_, Type::Int | Type::Decimal, Type::Int | Type::Decimal) => Some(Type::Decimal),
        (Add, Type::Str, Type::Str) => Some(Type::Str),
        (Add | Subtract, Type::Duration, Type::Duration) => Some(Type::Duration),
        (Add | Subtract, Type::Timestamp, Type::Duration) | (Add, Type::Duration, Type::Timestamp) => Some(Type::Timestamp),
        (Subtract, Type::Timestamp, Type::Timestamp) => Some(Type::Duration),
        (Multiply, Type::Duration, Type::Int) | (Multiply, Type::Int, Type::Duration) => Some(Type::Duration),
        (Divide | Remainder, _, _) | (Add | Subtract | Multiply, _, _) => None,
    }
}

/// How a duration is reckoned with, where it is done so that it has no meaning.
fn duration_help(op: Arithmetic, left: &Type, right: &Type) -> Option<&'static str> {
    use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
    match (op, left, right) {
        (Add | Subtract, Type::Duration, Type::Int) | (Add | Subtract, Type::Int, Type::Duration) => {
            Some("a duration has a unit: `90s`, `15m`, `1h`, `7d`")
        }
        (Multiply, Type::Duration, Type::Decimal) | (Multiply, Type::Decimal, Type::Duration) => {
            Some("a duration is multiplied by whole numbers: write it in a smaller unit, such as `90m`")
        }
        (Divide, Type::Duration, Type::Int | Type::Decimal) => Some("a duration is not divided: write it in a smaller unit, such as `30m`"),
        (Divide | Remainder, Type::Duration, Type::Duration) => {
            Some("numbers are divided: `.hours()`, `.minutes()` and `.seconds()` of a duration are such")
        }
        _ => None,
    }
}

fn symbol(op: Arithmetic) -> &'static str {
    match op {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
        Arithmetic::Remainder => "%",
    }
}

/// Whether a list or set literal says by its elements that it holds decimals.
fn has_decimals(literal: &ast::Expr) -> bool {
    let is_decimal = |item: &ast::Expr| match &strip(item).kind {
        ast::ExprKind::Unary { operand, .. } => matches!(strip(operand).kind, ast::ExprKind::Decimal(_)),
        kind => matches!(kind, ast::ExprKind::Decimal(_)),
    };
    match &strip(literal).kind {
        ast::ExprKind::List(items) | ast::ExprKind::Set(items) => items.iter().any(is_decimal),
        _ => false,
    }
}
