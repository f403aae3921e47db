//! The layout of expressions.

use super::builder::{Builder, PADDED, SINGLE, TIGHT};
use super::doc::Doc;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Key, UnaryOp};

impl Builder<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Error => self.tokens_until(expr.span.end),
            ExprKind::Bool(_)
            | ExprKind::None
            | ExprKind::Int(_)
            | ExprKind::Decimal(_)
            | ExprKind::Duration(_)
            | ExprKind::Template { .. }
            | ExprKind::Name(_) => self.token(),
            ExprKind::List(elements) | ExprKind::Set(elements) => self.nested(|builder| {
                builder.brackets(TIGHT, elements, |builder, element| builder.expr(element));
            }),
            ExprKind::Record(entries) => self.entries(entries),
            ExprKind::Field { base, .. } => {
                self.expr(base);
                self.tokens(2);
            }
            ExprKind::Index { base, index } => {
                self.expr(base);
                self.bracketed(index);
            }
            ExprKind::Method { base, args, .. } => {
                self.expr(base);
                self.tokens(2);
                self.arguments(args);
            }
            ExprKind::Call { args, .. } => {
                self.token();
                self.arguments(args);
            }
            ExprKind::Lambda { body, .. } => {
                self.token();
                self.space();
                self.token();
                self.space();
                self.expr(body);
            }
            ExprKind::With { base, changes } => {
                self.expr(base);
                self.space();
                self.token();
                self.space();
                self.entries(changes);
            }
            ExprKind::Unary { op, operand } => {
                self.token();
                if *op == UnaryOp::Not {
                    self.space();
                }
                self.expr(operand);
            }
            ExprKind::Logic { operands, .. } => self.logic(operands),
            ExprKind::Binary { .. } => self.group(|builder| builder.binary(expr)),
            ExprKind::Has { base, .. } => {
                self.expr(base);
                self.space();
                self.token();
                self.space();
                self.token();
            }
            ExprKind::If { .. } => self.group(|builder| builder.conditional(expr)),
            ExprKind::Paren(inner) => self.bracketed(inner),
        }
    }

    /// An expression after `=`: beside it if it begins with a bracket, else on a line of its own where it is long.
    pub(super) fn value(&mut self, expr: &Expr) {
        self.space();
        self.token();
        if hugs(expr) {
            self.space();
            self.expr(expr);
        } else {
            self.group(|builder| {
                builder.indent(|builder| {
                    builder.push(Doc::Line);
                    builder.expr(expr);
                });
            });
        }
    }

    pub(super) fn arguments(&mut self, args: &[Expr]) {
        let style = if args.len() == 1 { SINGLE } else { TIGHT };
        self.nested(|builder| builder.brackets(style, args, |builder, arg| builder.expr(arg)));
    }

    fn nested(&mut self, build: impl FnOnce(&mut Self)) {
        self.depth += 1;
        build(self);
        self.depth -= 1;
    }

    fn bracketed(&mut self, inner: &Expr) {
        self.nested(|builder| {
            builder.group(|builder| {
                builder.token();
                builder.indent(|builder| {
                    builder.push(Doc::SoftLine);
                    builder.expr(inner);
                });
                builder.push(Doc::SoftLine);
                builder.token();
            });
        });
    }

    /// The entries of a record or of a `with`; a record inside of another bracket has no spaces at its edges.
    fn entries(&mut self, entries: &[(Key, Expr)]) {
        let style = if self.depth == 0 { PADDED } else { TIGHT };
        self.nested(|builder| {
            builder.brackets(style, entries, |builder, (key, value)| {
                builder.tokens(key.parts.len() * 2);
                builder.space();
                builder.expr(value);
            });
        });
    }

    fn logic(&mut self, operands: &[Expr]) {
        self.group(|builder| {
            for (index, operand) in operands.iter().enumerate() {
                if index == 0 {
                    builder.expr(operand);
                    continue;
                }
                builder.indent(|builder| {
                    builder.push(Doc::Line);
                    builder.token();
                    builder.space();
                    builder.expr(operand);
                });
            }
        });
    }

    /// An operator with two operands; a chain of one precedence is one group.
    fn binary(&mut self, expr: &Expr) {
        let ExprKind::Binary { op, left, right, .. } = &expr.kind else {
            return self.expr(expr);
        };
        match &left.kind {
            ExprKind::Binary { op: inner, .. } if precedence(*inner) == precedence(*op) => self.binary(left),
            _ => self.expr(left),
        }
        let operator = |builder: &mut Self| {
            builder.token();
            if *op == BinaryOp::NotIn {
                builder.space();
                builder.token();
            }
            builder.space();
            match &right.kind {
                ExprKind::Binary { op: inner, .. } if precedence(*inner) == precedence(*op) => builder.binary(right),
                _ => builder.expr(right),
            }
        };
        if precedence(*op) == 0 && hugs(right) {
            self.space();
            operator(self);
        } else {
            self.indent(|builder| {
                builder.push(Doc::Line);
                operator(builder);
            });
        }
    }

    /// Branches of `if`, one a line where they do not fit on one.
    fn conditional(&mut self, expr: &Expr) {
        let ExprKind::If { condition, then, otherwise } = &expr.kind else {
            return self.expr(expr);
        };
        self.group(|builder| {
            builder.token();
            builder.space();
            builder.expr(condition);
            builder.indent(|builder| {
                builder.push(Doc::Line);
                builder.token();
                builder.space();
                builder.expr(then);
            });
        });
        self.push(Doc::Line);
        self.token();
        self.space();
        self.conditional(otherwise);
    }
}

/// Whether an expression is a bracketed list, which can break without a line of its own.
fn hugs(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::List(_) | ExprKind::Set(_) | ExprKind::Record(_))
}

fn precedence(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Coalesce => 1,
        BinaryOp::Add | BinaryOp::Sub => 2,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => 3,
        _ => 0,
    }
}
