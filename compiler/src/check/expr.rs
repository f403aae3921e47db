//! Expressions: inference upwards, checking downwards, narrowing by flow.

use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Location};
use crate::program::{Condition, Expr, ExprKind};
use crate::syntax::ast::{self, BinaryOp, Span, UnaryOp};

use super::Checker;
use super::presence::{key, proved, strip};

impl<'a> Checker<'a> {
    /// The typed expression; what conditions around it proved present is no optional.
    pub(super) fn infer(&mut self, expr: &'a ast::Expr) -> Expr {
        let typed = self.typed(expr);
        let typed = self.narrowed(expr, typed);
        self.note_value(expr.span, &typed.ty);
        typed
    }

    /// The typed expression with the type that is declared, whatever was proved.
    pub(super) fn infer_as_declared(&mut self, expr: &'a ast::Expr) -> Expr {
        let typed = self.typed(expr);
        self.note_value(expr.span, &typed.ty);
        typed
    }

    fn typed(&mut self, expr: &'a ast::Expr) -> Expr {
        use ast::ExprKind as Form;
        self.note_sight(expr.span);
        match &expr.kind {
            Form::Error => self.error_expr(expr.span),
            Form::Paren(inner) => self.infer(inner),
            Form::Bool(value) => self.constant_expr(Kept::Bool(*value), Type::Bool, expr.span),
            Form::None => self.constant_expr(Kept::None, Type::None, expr.span),
            Form::Int(magnitude) => self.int_literal(*magnitude, false, expr.span),
            Form::Decimal(text) => self.decimal_literal(text, false, expr.span),
            Form::Duration(nanos) => self.duration_literal(*nanos, expr.span),
            Form::Template { parts, .. } => self.template(parts, expr.span),
            Form::Name(name) => self.infer_name(name, expr.span),
            Form::List(items) => self.list_literal(items, None, expr.span),
            Form::Set(items) => self.set_literal(items, None, expr.span),
            Form::Record(entries) => self.infer_record(entries, expr.span),
            Form::Field { base, name, optional } => self.field_access(base, name, *optional, expr.span),
            Form::Index { base, index } => self.index_access(base, index, expr.span),
            Form::Method { base, name, args, optional } => self.method_call(base, name, args, *optional, expr.span),
            Form::Call { name, args } => self.function_call(name, args, expr.span),
            Form::Lambda { .. } => {
                let help = "lambdas are arguments of methods such as `any`, `all`, `filter` and `map`";
                self.error_with_help(Code::MisplacedLambda, expr.span, "a lambda may not stand here", help);
                self.error_expr(expr.span)
            }
            Form::With { base, changes } => self.with(base, changes, expr.span),
            Form::Unary { op: UnaryOp::Not, operand } => self.negation(operand, expr.span),
            Form::Unary { op: UnaryOp::Neg, operand } => self.minus(operand, expr.span),
            Form::Logic { and, operands } => self.logic(*and, operands, expr.span),
            Form::Binary { op, op_span, left, right } => self.binary(*op, *op_span, left, right, expr.span),
            Form::Has { base, field } => self.has(base, field, expr.span),
            Form::If { condition, then, otherwise } => self.choice(condition, then, otherwise, None, expr.span),
        }
    }

    /// The typed expression where a type is expected: literals take it, other values are coerced to it or refused.
    pub(super) fn check(&mut self, expr: &'a ast::Expr, expected: &Type) -> Expr {
        use ast::ExprKind as Form;
        self.note_sight(expr.span);
        self.note_expected(expr.span, expected);
        match (&expr.kind, expected) {
            (Form::Paren(inner), _) => self.check(inner, expected),
            (Form::List(_) | Form::Set(_) | Form::Record(_), Type::Error) => self.error_expr(expr.span),
            (_, Type::Json) => self.json_literal(expr),
            (Form::None, Type::Optional(_)) => self.constant_expr(Kept::None, expected.clone(), expr.span),
            (Form::Template { .. } | Form::List(_) | Form::Set(_) | Form::Record(_), Type::Optional(inner)) => self.check(expr, inner),
            (Form::Template { parts, .. }, Type::Enum(ty)) => self.variant(parts, ty, expr.span),
            (Form::Name(name), Type::Enum(ty)) => match self.bare_variant(name, ty, expr.span) {
                Some(diagnostic) => {
                    self.report(diagnostic);
                    self.error_expr(expr.span)
                }
                None => self.inferred(expr, expected),
            },
            (Form::List(items), Type::List(element)) => self.list_literal(items, Some(element), expr.span),
            (Form::Set(items), Type::Set(element)) => self.set_literal(items, Some(element), expr.span),
            (Form::List(_), Type::Set(_)) => self.other_brackets("a list", expected, ('{', '}'), expr.span),
            (Form::Set(_), Type::List(_)) => self.other_brackets("a set", expected, ('[', ']'), expr.span),
            (Form::Record(entries), Type::Set(_)) if entries.is_empty() => {
                self.constant_expr(Kept::Set(Default::default()), expected.clone(), expr.span)
            }
            (Form::Record(entries), Type::Map(element)) => self.map_literal(entries, element, expr.span),
            (Form::Record(entries), Type::Record(record)) => self.record_literal(entries, record, expr.span),
            (Form::If { condition, then, otherwise }, _) => self.choice(condition, then, otherwise, Some(expected), expr.span),
            (Form::Binary { op: BinaryOp::Coalesce, left, right, .. }, _) => self.coalesce(left, right, Some(expected), expr.span),
            _ => self.inferred(expr, expected),
        }
    }

    fn inferred(&mut self, expr: &'a ast::Expr, expected: &Type) -> Expr {
        let typed = self.infer(expr);
        self.coerce(typed, expected)
    }

    /// A condition: a bool, with its parts for explanations.
    pub(super) fn condition(&mut self, expr: &'a ast::Expr) -> Expr {
        let typed = self.infer(expr);
        if matches!(&typed.ty, Type::Optional(inner) if !matches!(**inner, Type::Bool)) {
            // What is taken for a condition is told of once: from here on it counts as asked. It is no `bool` then either, so that each look at it tells.
            self.scope.present.extend(key(expr));
        }
        self.require_bool(typed)
    }

    fn require_bool(&mut self, typed: Expr) -> Expr {
        match &typed.ty {
            Type::Bool | Type::Error => typed,
            other => {
                let help = match other {
                    Type::Optional(inner) if matches!(**inner, Type::Bool) => "give a value for absence: `?? false`".to_owned(),
                    Type::Optional(inner) if matches!(**inner, Type::Json) => "convert it: `.as_bool() ?? false`".to_owned(),
                    Type::Optional(_) => "ask whether it is present: `!= none`".to_owned(),
                    Type::Json => "convert it: `.as_bool() ?? false`".to_owned(),
                    Type::List(element) if matches!(**element, Type::Bool) => "join conditions with `and`, without brackets".to_owned(),
                    Type::Set(element) if matches!(**element, Type::Bool) => "a condition has no braces: leave them out".to_owned(),
                    Type::Str if self.expected_effect(&typed).is_some() => "an effect is written without quotes".to_owned(),
                    Type::Str if typed.constant().is_some() => "a condition stands without quotes".to_owned(),
                    Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Str => "ask what you mean, as in `not ….is_empty()`".to_owned(),
                    _ => "compare it with something: nothing but a `bool` is true or false".to_owned(),
                };
                let message = format!("a condition must be `bool`, and this is `{other}`");
                let diagnostic = Diagnostic::error(Code::NotBool, typed.at, message).with_help(help);
                self.report(match self.expected_effect(&typed) {
                    Some(effect) => diagnostic.with_fix(format!("write `{effect}`"), typed.at, effect),
                    None if has_elements(&typed) => asked_for_elements(diagnostic),
                    None => diagnostic,
                });
                Expr { kind: ExprKind::Error, ty: Type::Error, ..typed }
            }
        }
    }

    /// The effect that a text names where a test expects something.
    fn expected_effect(&self, typed: &Expr) -> Option<&'static str> {
        let Some(Kept::Str(text)) = typed.constant().filter(|_| self.scope.local("decision").is_some()) else { return None };
        ["allow", "review", "deny"].into_iter().find(|effect| **text == **effect)
    }

    /// The conjuncts of a condition, each with its source and what is worth showing of it.
    pub(super) fn conjuncts(&mut self, expr: &'a ast::Expr) -> Vec<Condition> {
        match &strip(expr).kind {
            ast::ExprKind::Logic { and: true, operands } => {
                let mut found = Vec::new();
                for operand in operands {
                    found.extend(self.conjuncts(operand));
                    self.assume(operand, true);
                }
                found
            }
            _ => vec![self.shown_condition(expr)],
        }
    }

    /// A condition with its source.
    pub(super) fn shown_condition(&mut self, expr: &'a ast::Expr) -> Condition {
        let typed = self.condition(expr);
        let parts = super::access::shown_parts(strip(expr), &typed);
        Condition { expr: typed, text: crate::format::expr_to_text(expr), parts }
    }

    /// Takes for granted, from here on, what an outcome of a condition proves present.
    pub(super) fn assume(&mut self, condition: &ast::Expr, outcome: bool) {
        self.scope.present.extend(proved(condition, outcome));
    }

    fn narrowed(&self, expr: &ast::Expr, typed: Expr) -> Expr {
        if self.scope.present.is_empty() {
            return typed;
        }
        let Type::Optional(inner) = &typed.ty else { return typed };
        match key(expr) {
            Some(key) if self.scope.present.contains(&key) => Expr { ty: (**inner).clone(), ..typed },
            _ => typed,
        }
    }

    fn negation(&mut self, operand: &'a ast::Expr, span: Span) -> Expr {
        let operand = self.condition(operand);
        let (errs, free, ty) = (operand.errs, operand.free, operand.ty.clone());
        Expr { kind: ExprKind::Not(Box::new(operand)), ty, at: self.at(span), errs, free }
    }

    fn logic(&mut self, and: bool, operands: &'a [ast::Expr], span: Span) -> Expr {
        let foreign = operands.windows(2).find_map(|pair| match pair {
            [before, operand] => self.foreign_operand(and, before, operand),
            _ => None,
        });
        if let Some(diagnostic) = foreign {
            self.report(diagnostic);
            return self.error_expr(span);
        }
        let typed: Vec<Expr> = self.in_block(|checker| {
            operands
                .iter()
                .map(|operand| {
                    let typed = checker.condition(operand);
                    checker.assume(operand, and);
                    typed
                })
                .collect()
        });
        let errs = typed.iter().any(|operand| operand.errs);
        let free = typed.iter().all(|operand| operand.free);
        let kind = if and { ExprKind::And(typed) } else { ExprKind::Or(typed) };
        Expr { kind, ty: Type::Bool, at: self.at(span), errs, free }
    }

    fn choice(&mut self, condition: &'a ast::Expr, then: &'a ast::Expr, otherwise: &'a ast::Expr, expected: Option<&Type>, span: Span) -> Expr {
        let test = self.condition(condition);
        let branch = |checker: &mut Self, outcome: bool, branch: &'a ast::Expr, expected: Option<&Type>| {
            checker.in_block(|checker| {
                checker.assume(condition, outcome);
                match expected {
                    Some(expected) => checker.check(branch, expected),
                    None => checker.infer(branch),
                }
            })
        };
        let (then, otherwise) = match expected {
            Some(_) => (branch(self, true, then, expected), branch(self, false, otherwise, expected)),
            None if super::literal::takes_its_type(then) && !super::literal::takes_its_type(otherwise) => {
                let typed = branch(self, false, otherwise, None);
                (branch(self, true, then, Some(&typed.ty.clone())), typed)
            }
            None if super::literal::takes_its_type(otherwise) => {
                let typed = branch(self, true, then, None);
                let other = branch(self, false, otherwise, Some(&typed.ty.clone()));
                (typed, other)
            }
            None => (branch(self, true, then, None), branch(self, false, otherwise, None)),
        };
        let ty = match expected {
            Some(expected) => expected.clone(),
            None => self.common_type(&then, &otherwise),
        };
        let (then, otherwise) = (self.coerce(then, &ty), self.coerce(otherwise, &ty));
        let errs = test.errs || then.errs || otherwise.errs;
        let free = test.free && then.free && otherwise.free;
        let kind = ExprKind::If { condition: Box::new(test), then: Box::new(then), otherwise: Box::new(otherwise) };
        Expr { kind, ty, at: self.at(span), errs, free }
    }

    /// A constant as an expression.
    pub(super) fn constant_expr(&self, value: Kept, ty: Type, span: Span) -> Expr {
        Expr { kind: ExprKind::Const(value), ty, at: self.at(span), errs: false, free: true }
    }
}

/// Whether an expression has elements, and a method may be called of it as it is written.
fn has_elements(typed: &Expr) -> bool {
    let is_path =
        matches!(typed.kind, ExprKind::Input(_) | ExprKind::Data(_) | ExprKind::Definition(_) | ExprKind::Local(_) | ExprKind::Field { .. });
    is_path && matches!(typed.ty, Type::List(_) | Type::Set(_) | Type::Map(_))
}

/// Offers to ask whether there is any element.
fn asked_for_elements(mut diagnostic: Diagnostic) -> Diagnostic {
    let at = diagnostic.at;
    let edit = |offset: u32, text: &str| Edit { at: Location { span: Span { start: offset, end: offset }, ..at }, text: text.to_owned() };
    let edits = vec![edit(at.span.start, "not "), edit(at.span.end, ".is_empty()")];
    diagnostic.fixes.push(Fix::new("ask whether there is any", edits));
    diagnostic
}
