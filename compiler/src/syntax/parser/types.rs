//! Types and the fields of records.

use super::{Children, Node, Parser, Rule};
use crate::diagnostic::Code;
use crate::syntax::ast::{FieldDecl, Param, Span, Text, TypeExpr, TypeKind, Variants};

/// The fields of a record type and whether `..` ends them.
pub(super) struct Fields {
    pub(super) fields: Vec<FieldDecl>,
    pub(super) open: bool,
}

impl Parser<'_> {
    /// A type, with what stands after it.
    pub(super) fn type_expression(&mut self, pair: Node<'_>) -> Option<TypeExpr> {
        let mut children = Children::of(pair).0;
        let first = children.next()?;
        let span = self.span(&first);
        let mut ty = TypeExpr { kind: self.type_kind(first)?, span };
        for postfix in children {
            let span = ty.span.to(self.span(&postfix));
            let base = Box::new(ty);
            let kind = match postfix.as_rule() {
                Rule::type_with => {
                    let record = Children::of(postfix).find(Rule::record_type)?;
                    let Fields { fields, open } = self.fields(record)?;
                    TypeKind::With { base, fields, open }
                }
                _ => TypeKind::Optional(base),
            };
            ty = TypeExpr { kind, span };
        }
        Some(ty)
    }

    fn type_kind(&mut self, pair: Node<'_>) -> Option<TypeKind> {
        match pair.as_rule() {
            Rule::generic_type => {
                let mut children = Children::of(pair);
                let name = self.word(&children.find(Rule::word)?);
                let arg = Box::new(self.type_expression(children.find(Rule::type_expression)?)?);
                Some(TypeKind::Generic { name, arg })
            }
            Rule::record_type => {
                let Fields { fields, open } = self.fields(pair)?;
                Some(TypeKind::Record { fields, open })
            }
            Rule::enum_type => Some(TypeKind::Enum(self.inline_enum(pair))),
            _ => Some(TypeKind::Named(self.path(pair)?)),
        }
    }

    fn inline_enum(&mut self, pair: Node<'_>) -> Variants {
        let span = self.span(&pair);
        let mut list = VariantList::default();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::string => list.names.push(self.text(part, "a variant")),
                Rule::less => list.less.push(self.span(&part)),
                _ => list.other.push(self.span(&part)),
            }
        }
        self.variants(list, span, "`|`")
    }

    /// The variants between the braces of an `enum` item.
    pub(super) fn enum_variants(&mut self, pair: Node<'_>, span: Span) -> Option<Variants> {
        let mut list = VariantList::default();
        let mut gap_starts = Vec::new();
        for part in pair.into_inner() {
            let at = self.span(&part);
            match part.as_rule() {
                Rule::variant => {
                    list.names.push(self.variant(part)?);
                    gap_starts.push(at);
                }
                Rule::less => {
                    list.less.push(at);
                    if let Some(gap) = gap_starts.last_mut() {
                        gap.end = at.start;
                    }
                }
                Rule::comma => list.other.push(at),
                _ => {}
            }
        }
        if list.less.is_empty() {
            self.check_separators(&gap_starts, "variants");
        } else if list.other.is_empty() && list.less.len() + 1 < list.names.len() {
            list.other.extend(gap_starts.last());
        }
        // A comma after the last variant separates nothing.
        let trailing = |comma: &Span| list.names.last().is_some_and(|name| comma.start >= name.span.end);
        list.other.retain(|comma| !trailing(comma));
        Some(self.variants(list, span, "`,`"))
    }

    fn variants(&mut self, list: VariantList, span: Span, separator: &str) -> Variants {
        if let (Some(less), Some(other)) = (list.less.first(), list.other.first()) {
            let message = format!("variants are separated by `<`, which orders them, or by {separator}, not by both");
            let diagnostic = self.error(Code::Syntax, *other, message).with_secondary(self.location(*less), "the order begins here");
            self.report(diagnostic);
        }
        Variants { names: list.names, ordered: !list.less.is_empty(), span }
    }

    /// The fields between the braces of a record type.
    pub(super) fn fields(&mut self, pair: Node<'_>) -> Option<Fields> {
        let mut fields = Vec::new();
        let mut spans = Vec::new();
        let mut open = false;
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::field => fields.push(self.field(part)?),
                Rule::rest => open = true,
                _ => continue,
            }
            spans.push(span);
        }
        self.check_separators(&spans, "fields");
        Some(Fields { fields, open })
    }

    fn field(&mut self, pair: Node<'_>) -> Option<FieldDecl> {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        let (name, _) = self.field_name(children.find(Rule::field_name)?)?;
        let optional = children.take(Rule::question).is_some();
        let ty = self.type_expression(children.find(Rule::type_expression)?)?;
        let refinement = match children.take(Rule::kw_where) {
            Some(_) => Some(self.expression(children.find(Rule::expression)?)),
            None => None,
        };
        let default = children.find(Rule::expression).map(|expr| self.expression(expr));
        Some(FieldDecl { doc: self.doc_before(span.start), name, optional, ty, refinement, default, span })
    }

    /// The parameters of a function, which are names in its body, or of an obligation, which are written before `:`
    /// alone, so that any word will do.
    pub(super) fn parameters(&mut self, pair: Node<'_>, in_scope: bool) -> Option<Vec<Param>> {
        Children::of(pair).all(Rule::parameter).map(|parameter| self.parameter(parameter, in_scope)).collect()
    }

    fn parameter(&mut self, pair: Node<'_>, in_scope: bool) -> Option<Param> {
        let mut children = Children::of(pair);
        let word = children.find(Rule::word)?;
        let name = if in_scope { self.value_name(&word) } else { self.word(&word) };
        let ty = self.type_expression(children.find(Rule::type_expression)?)?;
        let default = children.find(Rule::expression).map(|expr| self.expression(expr));
        Some(Param { name, ty, default })
    }
}

/// Variants with the places of what separates them.
#[derive(Default)]
struct VariantList {
    names: Vec<Text>,
    less: Vec<Span>,
    other: Vec<Span>,
}
