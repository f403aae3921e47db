//! Chains of operators: finds out which binds what.
//!
//! The grammar gives a flat chain. From loosest to tightest: `or`, `and`, `not`, comparisons (which do not chain),
//! `??` (to the right), `+ -`, `* / %`, unary `-`.

use super::{Children, Node, Parser, Rule};
use crate::diagnostic::Code;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Name, Span, UnaryOp};

/// An operator between operands, or `has` with its field.
#[derive(Clone, Debug)]
enum Infix {
    And,
    Or,
    Binary(BinaryOp),
    Has(Name),
}

enum Piece<'t> {
    Operand(Node<'t>),
    Infix(Infix, Span),
}

impl Piece<'_> {
    /// Whether it begins as prefixes do.
    fn may_have_prefix(&self) -> bool {
        matches!(self, Piece::Operand(operand) if operand.as_str().starts_with(['n', '-']))
    }
}

/// The pieces of a chain that are not yet taken.
struct Rest<'t> {
    pieces: std::iter::Peekable<std::vec::IntoIter<Piece<'t>>>,
    /// Prefixes of the next operand that were taken already.
    prefixes: usize,
    /// Whether the next operand is a pattern.
    pattern: bool,
}

impl<'t> Rest<'t> {
    /// The operator that comes next, if it is one of these.
    fn infix(&mut self, wanted: impl Fn(&Infix) -> bool) -> Option<(Infix, Span)> {
        match self.pieces.next_if(|piece| matches!(piece, Piece::Infix(infix, _) if wanted(infix)))? {
            Piece::Infix(infix, span) => Some((infix, span)),
            Piece::Operand(_) => None,
        }
    }

    fn binary(&mut self, wanted: impl Fn(BinaryOp) -> bool) -> Option<(BinaryOp, Span)> {
        match self.infix(|infix| matches!(infix, Infix::Binary(op) if wanted(*op)))? {
            (Infix::Binary(op), span) => Some((op, span)),
            _ => None,
        }
    }

    /// The next operand's prefixes that are not yet taken, with whether each is `not`.
    fn prefixes(&mut self, parser: &Parser<'_>) -> Vec<(bool, Span)> {
        let Some(Piece::Operand(operand)) = self.pieces.peek().filter(|piece| piece.may_have_prefix()) else { return Vec::new() };
        let prefixes = Children::of(operand.clone()).all(Rule::prefix).skip(self.prefixes);
        prefixes.map(|prefix| (prefix.as_str().starts_with("not"), parser.span(&prefix))).collect()
    }
}

impl Parser<'_> {
    /// A chain of operands and operators.
    pub(super) fn chain(&mut self, pair: Node<'_>) -> Option<Expr> {
        let mut pieces = Vec::new();
        for part in pair.into_inner() {
            let span = self.span(&part);
            pieces.push(match part.as_rule() {
                Rule::operand => Piece::Operand(part),
                Rule::has_field => {
                    let name = Children::of(part).find(Rule::field_name)?;
                    Piece::Infix(Infix::Has(self.field_name(name)?.0), span)
                }
                _ => Piece::Infix(infix(&part)?, span),
            });
        }
        let mut rest = Rest { pieces: pieces.into_iter().peekable(), prefixes: 0, pattern: false };
        self.logic(&mut rest, false)
    }

    /// A chain of `or` (then of `and`), which is flat.
    fn logic(&mut self, rest: &mut Rest<'_>, and: bool) -> Option<Expr> {
        let mut operands = Vec::new();
        loop {
            operands.push(if and { self.negation(rest)? } else { self.logic(rest, true)? });
            let wanted = |infix: &Infix| matches!((infix, and), (Infix::And, true) | (Infix::Or, false));
            if rest.infix(wanted).is_none() {
                break;
            }
        }
        if operands.len() == 1 {
            return operands.pop();
        }
        let span = operands.first()?.span.to(operands.last()?.span);
        Some(Expr { kind: ExprKind::Logic { and, operands }, span })
    }

    fn negation(&mut self, rest: &mut Rest<'_>) -> Option<Expr> {
        let nots: Vec<Span> = rest.prefixes(self).iter().take_while(|(not, _)| *not).map(|(_, span)| *span).collect();
        rest.prefixes = nots.len();
        let inner = self.comparison(rest)?;
        Some(prefixed(inner, UnaryOp::Not, &nots))
    }

    fn comparison(&mut self, rest: &mut Rest<'_>) -> Option<Expr> {
        let mut left = self.coalesce(rest)?;
        let mut first: Option<(Span, Span)> = None;
        while let Some((infix, op_span)) = rest.infix(is_comparison) {
            let chained = first.is_some();
            if let Some((first_op, middle)) = first.filter(|_| chained) {
                self.report_chained(first_op, middle, op_span);
            }
            let (kind, span, right) = match infix {
                Infix::Has(field) => {
                    let span = left.span.to(field.span);
                    (ExprKind::Has { base: Box::new(left), field }, span, op_span)
                }
                Infix::Binary(op) => {
                    rest.pattern = matches!(op, BinaryOp::Like | BinaryOp::Matches);
                    let right = self.coalesce(rest)?;
                    let (span, right_span) = (left.span.to(right.span), right.span);
                    (binary(op, op_span, left, right), span, right_span)
                }
                Infix::And | Infix::Or => return None,
            };
            let kind = if chained { ExprKind::Error } else { kind };
            left = Expr { kind, span };
            first = Some((op_span, right));
        }
        Some(left)
    }

    /// Two comparisons share an operand. A second one is reported, further ones of the same chain are not.
    fn report_chained(&mut self, first: Span, middle: Span, second: Span) {
        let reported = self
            .diagnostics
            .last()
            .is_some_and(|diagnostic| diagnostic.code == Code::ChainedComparison && diagnostic.at.span.end > first.start.saturating_sub(1));
        if reported {
            return;
        }
        let shared = middle.of(self.text);
        let is_order = |span: Span| matches!(span.of(self.text), "<" | "<=" | ">" | ">=");
        let mut diagnostic =
            self.error(Code::ChainedComparison, second, "comparisons do not chain").with_secondary(self.location(first), "the first comparison");
        let before = Span { start: second.start, end: second.start };
        // `a == b == true` asks something else of the first comparison than that it holds.
        let next = self.text.get(second.end as usize..).unwrap_or_default().trim_start();
        let with_bool = |text: &str| ["true", "false"].iter().any(|value| text.starts_with(value));
        if is_order(first) && is_order(second) && !shared.contains('\n') && !with_bool(shared) && !with_bool(next) {
            let joined = format!("… {} {shared} and {shared} {} …", first.of(self.text), second.of(self.text));
            diagnostic = diagnostic.with_help(format!("join two comparisons with `and`: `{joined}`")).with_choice(
                "split in two comparisons",
                self.location(before),
                format!("and {shared} "),
            );
        } else {
            diagnostic = diagnostic.with_help("put one of them in parentheses, or join two with `and`");
        }
        self.report(diagnostic);
    }

    fn coalesce(&mut self, rest: &mut Rest<'_>) -> Option<Expr> {
        let mut operands = vec![self.sum(rest)?];
        let mut operators = Vec::new();
        while let Some((_, op_span)) = rest.binary(|op| op == BinaryOp::Coalesce) {
            operators.push(op_span);
            operands.push(self.sum(rest)?);
        }
        let mut expr = operands.pop()?;
        while let (Some(op_span), Some(left)) = (operators.pop(), operands.pop()) {
            let span = left.span.to(expr.span);
            expr = Expr { kind: binary(BinaryOp::Coalesce, op_span, left, expr), span };
        }
        Some(expr)
    }

    fn sum(&mut self, rest: &mut Rest<'_>) -> Option<Expr> {
        let mut left = self.product(rest)?;
        while let Some((op, op_span)) = rest.binary(|op| matches!(op, BinaryOp::Add | BinaryOp::Sub)) {
            left = join(op, op_span, left, self.product(rest)?);
        }
        Some(left)
    }

    fn product(&mut self, rest: &mut Rest<'_>) -> Option<Expr> {
        let mut left = self.factor(rest)?;
        while let Some((op, op_span)) = rest.binary(|op| matches!(op, BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem)) {
            left = join(op, op_span, left, self.factor(rest)?);
        }
        Some(left)
    }

    fn factor(&mut self, rest: &mut Rest<'_>) -> Option<Expr> {
        let prefixes = rest.prefixes(self);
        let pattern = std::mem::take(&mut rest.pattern) && prefixes.is_empty();
        rest.prefixes = 0;
        let Piece::Operand(operand) = rest.pieces.next()? else { return None };
        if let Some((_, span)) = prefixes.iter().find(|(not, _)| *not) {
            let diagnostic = self.error(Code::Syntax, *span, "`not` binds looser than the operator before it");
            let before = self.table.last_before(span.start).filter(|before| before.span.of(self.text) == "in");
            let diagnostic = match before {
                Some(word) => diagnostic.with_help("write `not in`").with_fix("write `not in`", self.location(word.span.to(*span)), "not in"),
                None => diagnostic.with_help("put it in parentheses: `(not …)`"),
            };
            self.report(diagnostic);
        }
        let minuses: Vec<Span> = prefixes.iter().filter(|(not, _)| !not).map(|(_, span)| *span).collect();
        let expr = self.operand(operand, pattern)?;
        Some(prefixed(expr, UnaryOp::Neg, &minuses))
    }
}

fn prefixed(inner: Expr, op: UnaryOp, prefixes: &[Span]) -> Expr {
    prefixes.iter().rev().fold(inner, |operand, prefix| {
        let span = prefix.to(operand.span);
        Expr { kind: ExprKind::Unary { op, operand: Box::new(operand) }, span }
    })
}

fn join(op: BinaryOp, op_span: Span, left: Expr, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    Expr { kind: binary(op, op_span, left, right), span }
}

fn binary(op: BinaryOp, op_span: Span, left: Expr, right: Expr) -> ExprKind {
    ExprKind::Binary { op, op_span, left: Box::new(left), right: Box::new(right) }
}

fn is_comparison(infix: &Infix) -> bool {
    use BinaryOp::*;
    match infix {
        Infix::Has(_) => true,
        Infix::Binary(op) => matches!(op, Eq | Ne | Lt | Le | Gt | Ge | In | NotIn | Like | Matches),
        Infix::And | Infix::Or => false,
    }
}

fn infix(pair: &Node<'_>) -> Option<Infix> {
    let op = match pair.clone().into_inner().next()?.as_rule() {
        Rule::kw_and => return Some(Infix::And),
        Rule::kw_or => return Some(Infix::Or),
        Rule::equal => BinaryOp::Eq,
        Rule::not_equal => BinaryOp::Ne,
        Rule::less => BinaryOp::Lt,
        Rule::less_equal => BinaryOp::Le,
        Rule::greater => BinaryOp::Gt,
        Rule::greater_equal => BinaryOp::Ge,
        Rule::kw_in => BinaryOp::In,
        Rule::kw_not => BinaryOp::NotIn,
        Rule::kw_like => BinaryOp::Like,
        Rule::kw_matches => BinaryOp::Matches,
        Rule::coalesce => BinaryOp::Coalesce,
        Rule::plus => BinaryOp::Add,
        Rule::minus => BinaryOp::Sub,
        Rule::star => BinaryOp::Mul,
        Rule::slash => BinaryOp::Div,
        Rule::percent => BinaryOp::Rem,
        _ => return None,
    };
    Some(Infix::Binary(op))
}
