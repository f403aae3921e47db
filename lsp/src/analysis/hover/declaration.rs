//! The declaration of a name, as its author wrote it.

use tollgate_compiler::diagnostic::Location;
use tollgate_compiler::format::expr_to_text;
use tollgate_compiler::syntax::ast::{Annotation, FieldDecl, Item, ItemKind, Name, Param, Rule, Span, TypeExpr, TypeKind};
use tollgate_compiler::syntax::lexer::{TokenKind, lex};
use tollgate_compiler::{ItemAt, PolicySet};

use crate::analysis::text_of;

/// The longest text of a declaration that is shown, in bytes.
const LONGEST: usize = 1_500;
/// The longest value that is shown on the line of its name, in bytes.
const LONGEST_VALUE: usize = 120;

/// An item that declares something.
#[derive(Clone, Copy, Debug)]
pub struct Declaration<'s> {
    /// The item with its place.
    pub place: ItemAt<'s>,
    /// The item.
    pub item: &'s Item,
    /// Its text, of which its spans count.
    pub text: &'s str,
    /// The name, in its text.
    pub name: Span,
}

/// The item in which a name is declared.
pub fn declaration(set: &PolicySet, name: Location) -> Option<Declaration<'_>> {
    let place = set.items(name.file).find(|item| item.span.start <= name.span.start && name.span.end <= item.span.end)?;
    let text = place.span.of(text_of(set, name.file));
    let within = |offset: u32| offset.checked_sub(place.start);
    Some(Declaration { place, item: place.item?, text, name: Span { start: within(name.span.start)?, end: within(name.span.end)? } })
}

impl<'s> Declaration<'s> {
    /// The item up to where its body begins, or all of it where that says what it is.
    pub fn head(&self, inferred: Option<&str>) -> String {
        match &self.item.kind {
            ItemKind::Rule(rule) => self.rule(rule),
            ItemKind::Fn { name, params, result, .. } => {
                let params: Vec<String> = params.iter().map(|param| self.param(param)).collect();
                let result = result.as_ref().map(|ty| self.of(ty.span)).or(inferred);
                format!("fn {}({}){}", name.text, params.join(", "), result.map(|ty| format!(" -> {ty}")).unwrap_or_default())
            }
            ItemKind::Let { name, ty, value } => {
                let ty = ty.as_ref().map(|ty| self.of(ty.span)).or(inferred);
                format!("let {}{} = {}", name.text, ty.map(|ty| format!(": {ty}")).unwrap_or_default(), cut(&expr_to_text(value), LONGEST_VALUE))
            }
            ItemKind::Score { high, .. } => self.keyword_to(high.span.end),
            _ => self.keyword_to(self.item.span.end),
        }
    }

    /// The annotations and the rule up to its `on`.
    fn rule(&self, rule: &Rule) -> String {
        let annotations = self.item.annotations.iter().map(|annotation: &Annotation| format!("{}\n", self.of(annotation.span)));
        let end = rule.on.last().map_or(rule.name.span.end, |on| on.span.end);
        cut(&format!("{}{}", annotations.collect::<String>(), self.keyword_to(end)), LONGEST)
    }

    /// The item from its keyword on.
    fn keyword_to(&self, end: u32) -> String {
        let after = self.item.annotations.last().map_or(self.item.span.start, |annotation| annotation.span.end);
        let rest = Span { start: after, end }.of(self.text);
        let first = lex(rest).into_iter().find(|token| !token.kind.is_trivia() && token.kind != TokenKind::Comment);
        cut(rest.get(first.map_or(0, |token| token.span.start as usize)..).unwrap_or_default(), LONGEST)
    }

    /// A parameter as it is written.
    fn param(&self, param: &Param) -> String {
        let default = param.default.as_ref().map(|default| format!(" = {}", expr_to_text(default))).unwrap_or_default();
        format!("{}: {}{default}", param.name.text, self.of(param.ty.span))
    }

    /// The field whose name it is.
    pub fn field(&self) -> Option<&'s FieldDecl> {
        let mut types: Vec<&TypeExpr> = Vec::new();
        let mut fields: Vec<&FieldDecl> = Vec::new();
        match &self.item.kind {
            ItemKind::Type { ty, .. } | ItemKind::Data { ty, .. } | ItemKind::Let { ty: Some(ty), .. } => types.push(ty),
            ItemKind::Input { fields: own, .. } => fields.extend(own),
            ItemKind::Tool(tool) => fields.extend(tool.args.iter().flat_map(|args| &args.fields)),
            ItemKind::Obligation { params, .. } => types.extend(params.iter().map(|param| &param.ty)),
            ItemKind::Fn { params, result, .. } => types.extend(params.iter().map(|param| &param.ty).chain(result)),
            _ => {}
        }
        loop {
            if let Some(field) = fields.pop() {
                if field.name.span == self.name {
                    return Some(field);
                }
                types.push(&field.ty);
            } else {
                let ty = types.pop()?;
                inside(ty, &mut types, &mut fields);
            }
        }
    }

    /// The parameter of an obligation or a function whose name it is.
    pub fn parameter(&self) -> Option<String> {
        let (ItemKind::Obligation { params, .. } | ItemKind::Fn { params, .. }) = &self.item.kind else { return None };
        params.iter().find(|param| param.name.span == self.name).map(|param| self.param(param))
    }

    /// What a variable that is declared in the item is.
    pub fn variable(&self) -> &'static str {
        let is_own = |name: &Name| name.span == self.name;
        match &self.item.kind {
            ItemKind::Fn { params, .. } if params.iter().any(|param| is_own(&param.name)) => "a parameter of the function",
            ItemKind::Rule(rule) if rule.choices.iter().any(|choice| is_own(&choice.name)) => "each in turn, until one makes the rule match",
            ItemKind::Test(test) if test.rows.as_ref().is_some_and(|rows| is_own(&rows.name)) => "a row of the test",
            // It is declared by what expects something of it.
            ItemKind::Test(_) | ItemKind::Property { .. } if !self.of(self.name).chars().all(|letter| letter.is_alphanumeric() || letter == '_') => {
                "what the policies decide"
            }
            _ if self.field().is_some() => "the field of the same record",
            _ => "the parameter of the lambda",
        }
    }

    /// The text of a part of the item.
    pub fn of(&self, span: Span) -> &'s str {
        span.of(self.text)
    }

    /// The text of a field's declaration.
    pub fn of_field(&self, field: &FieldDecl) -> String {
        cut(self.of(field.span), LONGEST)
    }
}

fn inside<'s>(ty: &'s TypeExpr, types: &mut Vec<&'s TypeExpr>, fields: &mut Vec<&'s FieldDecl>) {
    match &ty.kind {
        TypeKind::Named(_) | TypeKind::Enum(_) => {}
        TypeKind::Generic { arg: inner, .. } | TypeKind::Optional(inner) => types.push(inner),
        TypeKind::Record { fields: own, .. } => fields.extend(own),
        TypeKind::With { base, fields: own, .. } => {
            types.push(base);
            fields.extend(own);
        }
    }
}

/// A text, cut where it is longer than that.
pub fn cut(text: &str, longest: usize) -> String {
    match text.len() > longest {
        true => format!("{}…", text.get(..text.floor_char_boundary(longest)).unwrap_or_default()),
        false => text.to_owned(),
    }
}
