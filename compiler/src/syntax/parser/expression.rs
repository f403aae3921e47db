//! Expressions, chains of operators aside.

use super::{Children, Node, Parser, Rule};
use crate::diagnostic::Code;
use crate::syntax::ast::{Expr, ExprKind, Key, Name, Span};

impl Parser<'_> {
    /// An expression.
    pub(super) fn expression(&mut self, pair: Node<'_>) -> Expr {
        let span = self.span(&pair);
        self.depth += 1;
        let built = match pair.into_inner().next() {
            Some(inner) if inner.as_rule() == Rule::if_expression => self.if_expression(inner),
            Some(inner) => self.chain(inner),
            None => None,
        };
        self.depth -= 1;
        built.unwrap_or_else(|| {
            self.report(self.error(Code::Syntax, span, "this expression cannot be read"));
            Expr { kind: ExprKind::Error, span }
        })
    }

    fn if_expression(&mut self, pair: Node<'_>) -> Option<Expr> {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        let mut next = || children.find(Rule::expression);
        let (condition, then, otherwise) = (next()?, next()?, next()?);
        let kind = ExprKind::If {
            condition: Box::new(self.expression(condition)),
            then: Box::new(self.expression(then)),
            otherwise: Box::new(self.expression(otherwise)),
        };
        Some(Expr { kind, span })
    }

    /// A primary with its postfixes; prefixes are the chain's affair. In a pattern a string has no holes.
    pub(super) fn operand(&mut self, pair: Node<'_>, pattern: bool) -> Option<Expr> {
        let mut expr: Option<Expr> = None;
        for part in pair.into_inner() {
            expr = match (part.as_rule(), expr) {
                (Rule::prefix, expr) => expr,
                (Rule::field_access, Some(base)) => Some(self.field_access(base, part)?),
                (Rule::index, Some(base)) => {
                    let span = base.span.to(self.span(&part));
                    let index = self.expression(Children::of(part).find(Rule::expression)?);
                    Some(Expr { kind: ExprKind::Index { base: Box::new(base), index: Box::new(index) }, span })
                }
                (Rule::with, Some(base)) => {
                    let span = base.span.to(self.span(&part));
                    let changes = self.entries(part, Rule::change)?;
                    Some(Expr { kind: ExprKind::With { base: Box::new(base), changes }, span })
                }
                (Rule::string, None) if pattern => Some(self.pattern(part)),
                (_, None) => Some(self.primary(part)?),
                (_, some) => some,
            };
        }
        expr
    }

    fn primary(&mut self, pair: Node<'_>) -> Option<Expr> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::string => return Some(self.template(pair)),
            Rule::number => self.number(span.of(self.text), span),
            Rule::constant => match span.of(self.text) {
                "true" => ExprKind::Bool(true),
                "false" => ExprKind::Bool(false),
                _ => ExprKind::None,
            },
            Rule::reference => self.reference(pair)?,
            Rule::parenthesis => {
                let inner = Children::of(pair).find(Rule::expression)?;
                ExprKind::Paren(Box::new(self.expression(inner)))
            }
            Rule::list => ExprKind::List(self.expressions(pair)),
            Rule::set => ExprKind::Set(self.expressions(pair)),
            Rule::record => ExprKind::Record(self.entries(pair, Rule::entry)?),
            _ => return None,
        };
        Some(Expr { kind, span })
    }

    fn expressions(&mut self, pair: Node<'_>) -> Vec<Expr> {
        Children::of(pair).all(Rule::expression).map(|expr| self.expression(expr)).collect()
    }

    fn reference(&mut self, pair: Node<'_>) -> Option<ExprKind> {
        let mut children = Children::of(pair);
        let name = self.word(&children.find(Rule::name)?);
        match children.find(Rule::call_arguments) {
            Some(arguments) => Some(ExprKind::Call { name, args: self.call_arguments(arguments)? }),
            None => Some(ExprKind::Name(name.text)),
        }
    }

    fn call_arguments(&mut self, pair: Node<'_>) -> Option<Vec<Expr>> {
        let mut args = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::lambda => {
                    let span = self.span(&part);
                    let mut children = Children::of(part);
                    let param = self.value_name(&children.find(Rule::name)?);
                    let body = Box::new(self.expression(children.find(Rule::expression)?));
                    args.push(Expr { kind: ExprKind::Lambda { param, body }, span });
                }
                Rule::expression => args.push(self.expression(part)),
                _ => {}
            }
        }
        Some(args)
    }

    fn field_access(&mut self, base: Expr, pair: Node<'_>) -> Option<Expr> {
        let span = base.span.to(self.span(&pair));
        let base = Box::new(base);
        let mut parts = Children::of(pair).0;
        let optional = parts.next()?.as_rule() == Rule::question_dot;
        let name = parts.next()?;
        let name: Name = match name.as_rule() {
            Rule::string => self.text(name, "the name of a field"),
            _ => self.word(&name),
        };
        let kind = match parts.next() {
            Some(arguments) => ExprKind::Method { base, name, args: self.call_arguments(arguments)?, optional },
            None => ExprKind::Field { base, name, optional },
        };
        Some(Expr { kind, span })
    }

    /// The entries of a record or of a `with`.
    fn entries(&mut self, pair: Node<'_>, rule: Rule) -> Option<Vec<(Key, Expr)>> {
        let mut entries = Vec::new();
        let mut spans = Vec::new();
        for entry in Children::of(pair).all(rule) {
            spans.push(self.span(&entry));
            entries.push(self.entry(entry)?);
        }
        self.check_separators(&spans, "fields");
        Some(entries)
    }

    fn entry(&mut self, pair: Node<'_>) -> Option<(Key, Expr)> {
        let mut parts = Vec::new();
        let mut first_quoted = None;
        let mut value = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::field_name => {
                    let (name, quoted) = self.field_name(part)?;
                    first_quoted.get_or_insert(quoted);
                    parts.push(name);
                }
                Rule::expression => value = Some(self.expression(part)),
                _ => {}
            }
        }
        let span = parts.first()?.span.to(parts.last()?.span);
        Some((Key { parts, quoted: first_quoted?, span }, value?))
    }

    fn number(&mut self, text: &str, span: Span) -> ExprKind {
        let digits: String = text.chars().filter(|c| *c != '_').collect();
        if digits.ends_with(|c: char| c.is_ascii_alphabetic()) {
            ExprKind::Duration(self.duration(&digits, span))
        } else if digits.contains('.') {
            ExprKind::Decimal(digits.into())
        } else {
            ExprKind::Int(digits.parse().ok())
        }
    }

    /// A duration in nanoseconds.
    fn duration(&mut self, text: &str, span: Span) -> Option<i64> {
        const UNITS: [(&str, i64); 5] =
            [("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000)];
        let mut rest = text;
        let mut total: Option<i64> = Some(0);
        let mut units = UNITS.as_slice();
        while !rest.is_empty() {
            let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
            let (unit, after) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
            rest = after;
            let Some(place) = units.iter().position(|(name, _)| *name == unit) else {
                let message = format!("`{unit}` stands after a unit that is no larger");
                let help = "the units of a duration go from large to small, each once: `1d2h3m4s5ms`";
                self.report(self.error(Code::Number, span, message).with_help(help));
                return None;
            };
            let size = units.get(place).map_or(0, |(_, size)| *size);
            units = units.get(place + 1..).unwrap_or_default();
            let part = number.parse::<i64>().ok().and_then(|number| number.checked_mul(size));
            total = total.zip(part).and_then(|(total, part)| total.checked_add(part));
        }
        if total.is_none() {
            let help = "a duration is at most about 292 years";
            self.report(self.error(Code::Number, span, "the duration is out of range").with_help(help));
        }
        total
    }
}
